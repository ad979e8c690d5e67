// Case text: one case of the spec's form, {name, registry, layers, profile, outputs}.
//
// Threads:    plain values.
// Invariants: a case holds all that a resolve needs, its registry included. `expect` is not read.
// Cost:       one pass over the text.
#ifndef ACTORCORE_SNAPSHOT_CASE_TEXT_H_
#define ACTORCORE_SNAPSHOT_CASE_TEXT_H_

#include <memory>
#include <string>

#include "base/status.h"
#include "snapshot/document.h"
#include "snapshot/names.h"
#include "snapshot/output_text.h"
#include "snapshot/profile.h"
#include "snapshot/registry.h"

namespace actorcore::snapshot {

struct Case {
  std::string name;
  std::shared_ptr<const Registry> registry;
  Profile profile;
  OutputSet outputs;

  // AC_E_BAD_DOCUMENT, or AC_E_BAD_REGISTRY where the registry or the layers are at fault, with
  // every reason and its place.
  static Result<Case> parse(const Source& source, Names& names);
};

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_CASE_TEXT_H_
