// Problems: all that is wrong with one document, each with its place.
//
// Threads:    one at a time.
// Invariants: every problem has a line and a column; only the first 100 are kept, all are counted.
// Cost:       nothing until something is wrong.
#ifndef ACTORCORE_SNAPSHOT_PROBLEMS_H_
#define ACTORCORE_SNAPSHOT_PROBLEMS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace actorcore::snapshot {

class Problems {
 public:
  static constexpr std::size_t kept_max = 100;

  explicit Problems(std::string_view document_name) : document_name_(document_name) {}

  void add(std::uint32_t line, std::uint32_t column, std::string reason);
  bool none() const { return found_ == 0; }

  // Message: the first in order of place, as `name:line:column: reason`, and how many more there
  // are. Details: `name:line:column` and the reason, of each.
  Error error(std::int32_t code) const;

 private:
  struct Problem {
    std::uint32_t line;
    std::uint32_t column;
    std::string reason;
  };

  std::string place(const Problem& problem) const;

  std::string document_name_;
  std::vector<Problem> problems_;
  std::size_t found_ = 0;
};

// `"word"`, shortened where it is long and made printable, for messages.
std::string quoted(std::string_view word);

// `; did you mean "x"?` where one of the known words is near, else nothing.
std::string suggestion(std::string_view word, std::span<const std::string_view> known);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_PROBLEMS_H_
