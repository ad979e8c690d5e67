// Snapshot text: a snapshot as one line of JSON, in the spec's case form.
//
// Threads:    pure functions.
// Invariants: the text is, byte for byte, what Python's json.dumps(..., ensure_ascii=False) prints of
//             the same values: keys in the spec's order, numbers in shortest round-trip form with a
//             fraction or an exponent.
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

// 1.0, -0.0, 1e+16, 1e-05.
void append_number(std::string& text, double value);
// In quotes, escaped.
void append_quoted(std::string& text, std::string_view value);

// The spec's word for an AC_REJECT_* code.
std::string_view reject_word(std::uint32_t code);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_SNAPSHOT_TEXT_H_
