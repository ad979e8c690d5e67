// Utf8: whether bytes are UTF-8.
//
// Threads:    pure function.
// Invariants: overlong forms, surrogates and code points above U+10FFFF are not UTF-8.
// Cost:       one pass; eight bytes at a time while they are ASCII.
#ifndef ACTORCORE_SNAPSHOT_UTF8_H_
#define ACTORCORE_SNAPSHOT_UTF8_H_

#include <cstddef>
#include <string_view>

namespace actorcore::snapshot {

// How many leading bytes of `text` are whole UTF-8 characters; text.size() where all are.
std::size_t valid_utf8_prefix(std::string_view text);

inline bool is_utf8(std::string_view text) { return valid_utf8_prefix(text) == text.size(); }

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_UTF8_H_
