// Registry text: registries, read from a document and checked.
//
// Threads:    pure functions.
// Invariants: whatever is wrong is added to the problems, all of it, each with its place; a draft
//             is fit for Registry::make() only where there is none.
// Cost:       one pass, and one over the formulas' graph.
#ifndef ACTORCORE_SNAPSHOT_REGISTRY_TEXT_H_
#define ACTORCORE_SNAPSHOT_REGISTRY_TEXT_H_

#include <optional>
#include <string>
#include <vector>

#include "snapshot/document.h"
#include "snapshot/layers.h"
#include "snapshot/problems.h"
#include "snapshot/registry.h"

namespace actorcore::snapshot {

// Dimensions in bytewise order of their names; formulas in evaluation order, terms in name order.
struct RegistryDraft {
  struct Named {
    std::string name;
    Dimension rule;
  };
  std::vector<Named> dimensions;
  std::vector<Formula> formulas;
  std::vector<FormulaTerm> terms;
  std::optional<Layers> layers;
};

// `{dimensions, layers?}`.
RegistryDraft read_registry(const Node& node, Problems& problems);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_REGISTRY_TEXT_H_
