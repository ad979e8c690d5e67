// TreeBuilder: puts a document together from the events of a parser.
//
// Threads:    one at a time.
// Invariants: the limits on depth and nodes hold; duplicate keys are problems. Once an operation
//             has returned false, the parser must stop.
// Cost:       constant an event; an object's keys are sorted when it ends.
#ifndef ACTORCORE_SNAPSHOT_TREE_BUILDER_H_
#define ACTORCORE_SNAPSHOT_TREE_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "snapshot/document.h"
#include "snapshot/problems.h"

namespace actorcore::snapshot {

class TreeBuilder {
 public:
  TreeBuilder(const Source& source, Problems& problems);

  // Whether the next node is an object's key.
  bool at_key() const;
  bool add(Node node);  // one without children
  bool add_text(std::string text, std::uint32_t line, std::uint32_t column);
  // The number that a literal stands for; a problem where binary64 cannot hold it.
  bool add_number(std::string literal, std::uint32_t line, std::uint32_t column);
  bool open(NodeKind kind, std::uint32_t line, std::uint32_t column);
  void close();

  bool complete() const { return open_.empty() && !document_.nodes_.empty(); }
  Document take() { return std::move(document_); }

 private:
  struct Open {
    std::size_t node;
    std::size_t children = 0;
  };

  void find_duplicates(std::size_t object);

  Document document_;
  Problems& problems_;
  std::vector<Open> open_;
  std::vector<const Node*> keys_;
};

// The parsers. Each reports what is malformed to `problems` and stops.
void parse_json(const Source& source, TreeBuilder& builder, Problems& problems);
void parse_yaml(const Source& source, TreeBuilder& builder, Problems& problems);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_TREE_BUILDER_H_
