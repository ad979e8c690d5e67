// Snapshot text: a snapshot as one line of JSON, in the spec's case form.
//
// Threads:    pure functions.
// Invariants: the text is, byte for byte, what Python's json.dumps(..., ensure_ascii=False) prints
//             of the same values, keys in the spec's order.
// Cost:       one pass.
#ifndef ACTORCORE_SNAPSHOT_SNAPSHOT_TEXT_H_
#define ACTORCORE_SNAPSHOT_SNAPSHOT_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "snapshot/names.h"
#include "snapshot/snapshot.h"

namespace actorcore::snapshot {

// Without created_at, which the case form leaves out.
std::string print(const Snapshot& snapshot, const Names& names);

// The spec's word for an AC_REJECT_*.
std::string_view reject_word(std::uint32_t code);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_SNAPSHOT_TEXT_H_
