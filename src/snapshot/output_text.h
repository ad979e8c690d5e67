// Output text: subsystem outputs read from JSON or YAML into the ABI's rows.
//
// Threads:    plain values.
// Invariants: the rows of an OutputSet stay where they are when the set is moved. What is malformed
//             is an error with its place; what the rules reject (spec: Rejection) is kept as it is,
//             for the resolve to reject.
// Cost:       one pass over the text; names are interned.
#ifndef ACTORCORE_SNAPSHOT_OUTPUT_TEXT_H_
#define ACTORCORE_SNAPSHOT_OUTPUT_TEXT_H_

#include <actorcore/actorcore.h>

#include <deque>
#include <span>
#include <vector>

#include "base/status.h"
#include "snapshot/document.h"
#include "snapshot/names.h"
#include "snapshot/problems.h"

namespace actorcore::snapshot {

class OutputSet {
 public:
  OutputSet() = default;
  OutputSet(OutputSet&&) = default;
  OutputSet& operator=(OutputSet&&) = default;

  // An array of outputs, or an object with `outputs`. AC_E_BAD_DOCUMENT with every reason and
  // place.
  static Result<OutputSet> parse(const Source& source, Names& names);

  std::span<const ac_output> outputs() const { return outputs_; }

 private:
  friend class OutputReader;
  std::vector<ac_output> outputs_;
  std::deque<std::vector<ac_contribution>> contributions_;
  std::deque<std::vector<ac_cap>> caps_;
  std::deque<std::vector<ac_modifier>> modifiers_;
  std::deque<std::vector<double>> multipliers_;
};

// Reads the outputs that a larger document holds.
OutputSet read_outputs(const Node& node, Names& names, Problems& problems);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_OUTPUT_TEXT_H_
