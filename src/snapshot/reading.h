// Reading: takes the fields of a document's objects and says what is wrong with them.
//
// Threads:    one at a time.
// Invariants: a field that is missing or wrong leaves its target as it was.
// Cost:       a field is found by scanning its object, which is small.
#ifndef ACTORCORE_SNAPSHOT_READING_H_
#define ACTORCORE_SNAPSHOT_READING_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "snapshot/document.h"
#include "snapshot/problems.h"

namespace actorcore::snapshot {

using Words = std::span<const std::string_view>;

// The members of one object. Says at once that it is not an object, and which of its keys are
// unknown.
class Fields {
 public:
  Fields(const Node& node, std::string_view what, Words known, Problems& problems);

  bool usable() const { return object_ != nullptr; }  // an object at all
  const Node* optional(std::string_view key) const;   // null where it is missing
  const Node* required(std::string_view key) const;   // the same, and a problem

 private:
  const Node* object_ = nullptr;
  std::string_view what_;
  Problems& problems_;
};

void add_problem(Problems& problems, const Node& at, std::string reason);

// A problem unless the node is of that kind.
bool expect(const Node& node, NodeKind kind, std::string_view what, Problems& problems);

// Each sets `target`, or says what is wrong and returns false. A null node is false and no problem,
// so that they chain with Fields.
bool read_text(const Node* node, std::string& target, Problems& problems);
bool read_boolean(const Node* node, bool& target, Problems& problems);
bool read_number(const Node* node, double& target, Problems& problems);  // YAML's .inf and .nan too
bool read_finite(const Node* node, double& target, Problems& problems);
bool read_whole(const Node* node, std::int64_t& target, Problems& problems);
// The index of the word.
bool read_word(const Node* node, Words words, std::uint32_t& index, Problems& problems);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_READING_H_
