// JSON text: texts and document nodes, written as JSON.
//
// Threads:    pure functions.
// Invariants: what is written is one line of valid JSON, UTF-8 kept as it is.
// Cost:       one pass.
#ifndef ACTORCORE_SNAPSHOT_JSON_TEXT_H_
#define ACTORCORE_SNAPSHOT_JSON_TEXT_H_

#include <string>
#include <string_view>

#include "snapshot/document.h"

namespace actorcore::snapshot {

// In quotes, escaped.
void append_quoted(std::string& text, std::string_view value);

// A whole subtree. Numbers in it are finite.
void append_json(std::string& text, const Node& node);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_JSON_TEXT_H_
