// Layers: the order of the caps' layers, and how their bounds go together.
//
// Threads:    a plain value.
// Invariants: names differ; at most 64.
// Cost:       parse() is one pass over the text.
#ifndef ACTORCORE_SNAPSHOT_LAYERS_H_
#define ACTORCORE_SNAPSHOT_LAYERS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "snapshot/document.h"
#include "snapshot/problems.h"

namespace actorcore::snapshot {

enum class AcrossPolicy : std::uint8_t { intersect, unite, prioritized_override };

struct Layers {
  static constexpr std::size_t count_max = 64;

  std::vector<std::string> order = {"REALM", "WORLD", "EVENT", "TOTAL"};
  AcrossPolicy across_policy = AcrossPolicy::intersect;

  // `{order?, across_policy?}`, or an object with that as its only member, `layers`.
  // AC_E_BAD_REGISTRY with every reason and its place.
  static Result<Layers> parse(const Source& source);
};

// Reads the layers that a larger document holds.
Layers read_layers(const Node& node, Problems& problems);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_LAYERS_H_
