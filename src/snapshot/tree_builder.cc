#include "snapshot/tree_builder.h"

#include <algorithm>
#include <utility>

#include "snapshot/number_text.h"

namespace actorcore::snapshot {

TreeBuilder::TreeBuilder(const Source& source, Problems& problems) : problems_(problems) {
  document_.name_ = source.name;
}

bool TreeBuilder::at_key() const {
  return !open_.empty() && document_.nodes_[open_.back().node].kind == NodeKind::object &&
         open_.back().children % 2 == 0;
}

bool TreeBuilder::add(Node node) {
  if (document_.nodes_.size() == Document::nodes_max) {
    problems_.add(node.line, node.column,
                  "the document has more than " + std::to_string(Document::nodes_max) +
                      " keys and values; split it");
    return false;
  }
  if (!open_.empty()) ++open_.back().children;
  document_.nodes_.push_back(node);
  return true;
}

bool TreeBuilder::add_text(std::string text, std::uint32_t line, std::uint32_t column) {
  const std::string& kept = document_.texts_.emplace_back(std::move(text));
  return add({.kind = NodeKind::text, .line = line, .column = column, .text = kept});
}

bool TreeBuilder::add_number(std::string literal, std::uint32_t line, std::uint32_t column) {
  const std::string& kept = document_.texts_.emplace_back(std::move(literal));
  const std::optional<double> value = number_from(kept);
  if (!value) problems_.add(line, column, "the number is too large for binary64 (limit 1.8e308)");
  return add({.kind = NodeKind::number,
              .line = line,
              .column = column,
              .text = kept,
              .number = value.value_or(0.0)});
}

bool TreeBuilder::open(NodeKind kind, std::uint32_t line, std::uint32_t column) {
  if (open_.size() == Document::depth_max) {
    problems_.add(line, column,
                  "nested more than " + std::to_string(Document::depth_max) + " levels deep");
    return false;
  }
  if (!add({.kind = kind, .line = line, .column = column})) return false;
  open_.push_back({document_.nodes_.size() - 1});
  return true;
}

void TreeBuilder::close() {
  const std::size_t node = open_.back().node;
  open_.pop_back();
  document_.nodes_[node].size = static_cast<std::uint32_t>(document_.nodes_.size() - node);
  if (document_.nodes_[node].kind == NodeKind::object) find_duplicates(node);
}

void TreeBuilder::find_duplicates(std::size_t object) {
  keys_.clear();
  for_each_member(document_.nodes_[object],
                  [&](const Node& key, const Node&) { keys_.push_back(&key); });
  std::sort(keys_.begin(), keys_.end(), [](const Node* a, const Node* b) {
    return a->text != b->text ? a->text < b->text : a < b;
  });
  for (std::size_t i = 1; i < keys_.size(); ++i) {
    if (keys_[i]->text != keys_[i - 1]->text) continue;
    problems_.add(keys_[i]->line, keys_[i]->column,
                  "key " + quoted(keys_[i]->text) + " is given twice; the first is at line " +
                      std::to_string(keys_[i - 1]->line));
  }
}

}  // namespace actorcore::snapshot
