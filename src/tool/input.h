// Input: documents that the command line names, and how their errors are told.
//
// Threads:    one.
// Invariants: a source's views live as long as its Input.
// Cost:       one read.
#ifndef ACTORCORE_TOOL_INPUT_H_
#define ACTORCORE_TOOL_INPUT_H_

#include <string>
#include <string_view>

#include "base/status.h"
#include "snapshot/document.h"

namespace actorcore::tool {

class Input {
 public:
  // `-`, `FILE` or `FILE#MEMBER`; a file whose whole name exists is never cut at its `#`.
  static Result<Input> read(const std::string& argument);

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  snapshot::Source source() const { return {.name = name_, .text = text_, .member = member_}; }
  snapshot::Source source(std::string_view member) const {
    return {.name = name_, .text = text_, .member = member};
  }

 private:
  std::string name_;
  std::string member_;
  std::string text_;
};

// Every reason on a line of its own, `FILE:LINE:COLUMN: reason` where there is a place.
void print_error(const Error& error);

// Flushes what was printed; exit_failed and a message where it could not be written.
int flush_output(int code);

}  // namespace actorcore::tool

#endif  // ACTORCORE_TOOL_INPUT_H_
