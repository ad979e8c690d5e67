// Tree: a receipt as lines that branch, for people.
//
// Threads:    pure function.
// Invariants: numbers are in shortest round-trip form, as in JSON; a branch stands above what it
//             was made of.
// Cost:       one pass over the steps, one for text.
#ifndef ACTORCORE_TOOL_TREE_H_
#define ACTORCORE_TOOL_TREE_H_

#include <string>

#include "snapshot/receipt.h"

namespace actorcore::tool {

std::string tree_of(const snapshot::Receipt& receipt);

}  // namespace actorcore::tool

#endif  // ACTORCORE_TOOL_TREE_H_
