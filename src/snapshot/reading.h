// Reading: takes the fields of a document's objects, and collects all that is wrong with them.
//
// Threads:    one at a time.
// Invariants: every problem has a place. A field that is missing or wrong leaves its target as it was.
// Cost:       fields are found by scanning the object, which is small.
#ifndef ACTORCORE_SNAPSHOT_READING_H_
#define ACTORCORE_SNAPSHOT_READING_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "snapshot/document.h"

namespace actorcore::snapshot {

struct Problem {
  std::uint32_t line;
  std::uint32_t column;
  std::string reason;
};

// What is wrong with one document, in order of place.
class Problems {
 public:
  static constexpr std::size_t reported_max = 100;

  explicit Problems(std::string_view document_name) : document_name_(document_name) {}

  void add(std::uint32_t line, std::uint32_t column, std::string reason);
  void add(const Node& at, std::string reason) { add(at.line, at.column, std::move(reason)); }
  bool none() const { return found_ == 0; }
  // Message: the first as `name:line:column: reason`, and how many more; details: each of them.
  Error error(std::int32_t code) const;

 private:
  std::string_view document_name_;
  std::vector<Problem> problems_;
  std::size_t found_ = 0;
};

// `; did you mean "x"?` where one of the known words is near, else nothing.
std::string suggestion(std::string_view word, std::span<const std::string_view> known);

// The fields of one object. Says at once what is not an object, and which keys are unknown.
class Fields {
 public:
  Fields(const Node& node, std::string_view what, std::span<const std::string_view> known,
         Problems& problems);

  bool usable() const { return object_ != nullptr; }  // an object at all
  const Node* optional(std::string_view key) const;   // null where it is missing
  const Node* required(std::string_view key) const;   // the same, and a problem

 private:
  const Node* object_ = nullptr;
  std::string_view what_;
  Problems& problems_;
};

std::string_view kind_word(NodeKind kind);

// Each says what is wrong and returns false, or sets `target`. A null node is false and no problem, so that
// they chain with Fields.
bool read_text(const Node* node, std::string& target, Problems& problems);
bool read_boolean(const Node* node, bool& target, Problems& problems);
bool read_number(const Node* node, double& target, Problems& problems);  // .inf and .nan too
bool read_finite(const Node* node, double& target, Problems& problems);
bool read_whole(const Node* node, std::int64_t& target, Problems& problems);
bool read_word(const Node* node, std::span<const std::string_view> words, std::uint32_t& index,
               Problems& problems);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_READING_H_
