// Document: JSON or YAML text as one flat tree in which every key and value knows its place.
//
// Threads:    immutable once parsed; any thread may read.
// Invariants: nodes are in preorder and carry the size of their subtree, so that a subtree is a
//             contiguous range and walking it needs no recursion. An object's children alternate
//             key, value; keys are text and differ within one object. Numbers are finite unless
//             YAML said .inf or .nan.
// Cost:       one pass; 56 bytes a node, texts apart. Depth, nodes and bytes are limited; YAML's
//             aliases and tags are refused.
#ifndef ACTORCORE_SNAPSHOT_DOCUMENT_H_
#define ACTORCORE_SNAPSHOT_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace actorcore::snapshot {

class Problems;

enum class Format : std::uint8_t {
  guess,  // by the name's ending, else by the first character: { and [ begin JSON
  json,
  yaml,
};

// A text, and what to call it in messages. `first_line` is the number of the text's first line.
struct Source {
  std::string_view name;
  std::string_view text;
  Format format = Format::guess;
  std::uint32_t first_line = 1;
  std::string_view member = {};  // take only this member of the object that the text is
};

enum class NodeKind : std::uint8_t { null, boolean, number, text, array, object };

struct Node {
  NodeKind kind = NodeKind::null;
  bool boolean = false;
  std::uint32_t line = 0;    // from 1
  std::uint32_t column = 0;  // from 1, in bytes
  std::uint32_t size = 1;    // nodes in this subtree, itself included
  std::string_view text;     // of a text; the literal of a number
  double number = 0.0;
};

class Document {
 public:
  static constexpr std::size_t bytes_max = std::size_t{256} << 20;
  static constexpr std::size_t nodes_max = std::size_t{1} << 22;
  static constexpr std::size_t depth_max = 64;

  // AC_E_BAD_DOCUMENT with every reason and its place where the text is malformed.
  static Result<Document> parse(const Source& source);

  const std::string& name() const { return name_; }
  const Node& root() const { return nodes_[root_]; }

 private:
  friend class TreeBuilder;
  Document() = default;
  void select(const Source& source, Problems& problems);

  std::string name_;
  std::size_t root_ = 0;
  std::vector<Node> nodes_;
  std::deque<std::string> texts_;
};

// Visits the children of an array, or the keys and values of an object alternately.
template <class Visit>
void for_each_child(const Node& parent, Visit&& visit) {
  const Node* const end = &parent + parent.size;
  for (const Node* child = &parent + 1; child != end; child += child->size) visit(*child);
}

template <class Visit>
void for_each_member(const Node& object, Visit&& visit) {
  const Node* const end = &object + object.size;
  for (const Node* key = &object + 1; key != end;) {
    const Node* const value = key + 1;
    visit(*key, *value);
    key = value + value->size;
  }
}

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_DOCUMENT_H_
