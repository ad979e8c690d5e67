// Kind: what a document holds, found out from its members.
//
// Threads:    pure function.
// Invariants: whatever parses as one of these is of that kind.
// Cost:       one look at the members of the root.
#ifndef ACTORCORE_TOOL_KIND_H_
#define ACTORCORE_TOOL_KIND_H_

#include <cstdint>

#include "base/status.h"
#include "snapshot/document.h"

namespace actorcore::tool {

enum class Kind : std::uint8_t {
  none,
  registry,
  layers,
  profile,
  outputs,
  named_outputs,  // an object of lists of outputs, each under a name
  whole_case,
};

Kind kind_of(const snapshot::Node& root);

// What to say of a document that is of none.
Error no_kind(const snapshot::Source& source, const snapshot::Node& root);

}  // namespace actorcore::tool

#endif  // ACTORCORE_TOOL_KIND_H_
