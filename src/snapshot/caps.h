// Caps: the effective bounds of one dimension, within its layers and across them.
//
// Threads:    pure functions.
// Invariants: min <= max. Of bounds that compare equal (-0 and +0) the one met first stays.
// Cost:       one pass over the dimension's caps.
#ifndef ACTORCORE_SNAPSHOT_CAPS_H_
#define ACTORCORE_SNAPSHOT_CAPS_H_

#include <span>

#include "snapshot/contribution.h"
#include "snapshot/registry.h"

namespace actorcore::snapshot {

struct Bounds {
  double min;
  double max;
};

// `caps` are the accepted ones of that dimension, at least one, in canonical order.
Bounds effective_caps(std::span<const CapRow> caps, const Dimension& dimension,
                      const Registry& registry);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_CAPS_H_
