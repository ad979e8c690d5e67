// Table: a snapshot in columns, for people.
//
// Threads:    pure function.
// Invariants: numbers are in shortest round-trip form, as in JSON; columns align by characters.
// Cost:       one pass for widths, one for text.
#ifndef ACTORCORE_TOOL_TABLE_H_
#define ACTORCORE_TOOL_TABLE_H_

#include <string>

#include "snapshot/names.h"
#include "snapshot/snapshot.h"

namespace actorcore::tool {

std::string table_of(const snapshot::Snapshot& snapshot, const snapshot::Names& names);

}  // namespace actorcore::tool

#endif  // ACTORCORE_TOOL_TABLE_H_
