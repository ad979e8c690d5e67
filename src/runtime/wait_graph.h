// WaitGraph: who waits for whose reply, and the cycles in that.
//
// Threads:    one at a time.
// Invariants: each cycle given is simple, and no ask is in two of them.
// Cost:       linear in asks, but for the sorting.
#ifndef ACTORCORE_RUNTIME_WAIT_GRAPH_H_
#define ACTORCORE_RUNTIME_WAIT_GRAPH_H_

#include <cstdint>
#include <vector>

#include "runtime/id.h"

namespace actorcore::runtime {

// An ask under way: `asker` waits for `holder`.
struct Wait {
  Id asker;
  Id holder;
  std::uint64_t correlation;
};

using Cycle = std::vector<Wait>;

// Each cycle starts with the ask of its lowest correlation. May throw bad_alloc.
std::vector<Cycle> find_cycles(std::vector<Wait> waits);

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_WAIT_GRAPH_H_
