#include "snapshot/reading.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "snapshot/number_text.h"

namespace actorcore::snapshot {
namespace {

std::string_view kind_word(NodeKind kind) {
  switch (kind) {
    case NodeKind::null:
      return "null";
    case NodeKind::boolean:
      return "true or false";
    case NodeKind::number:
      return "a number";
    case NodeKind::text:
      return "text";
    case NodeKind::array:
      return "an array";
    case NodeKind::object:
      return "an object";
  }
  return "something else";
}

std::string listed(Words words) {
  std::string list;
  for (const std::string_view word : words) {
    if (!list.empty()) list += word == words.back() ? " or " : ", ";
    list += word;
  }
  return list;
}

// A whole number in 64 bits, written as an integer or not (2, 2.0, 2e3).
bool whole_in(const Node& node, std::int64_t& target) {
  std::string_view literal = node.text;
  if (literal.starts_with('+')) literal.remove_prefix(1);
  std::int64_t whole = 0;
  const auto [end, failure] =
      std::from_chars(literal.data(), literal.data() + literal.size(), whole);
  if (is_integer_literal(literal) && !literal.empty()) {
    if (failure == std::errc()) target = whole;
    return failure == std::errc();
  }
  constexpr double limit = 9223372036854775808.0;  // 2^63
  if (!(std::trunc(node.number) == node.number && std::abs(node.number) < limit)) return false;
  target = static_cast<std::int64_t>(node.number);
  return true;
}

}  // namespace

Fields::Fields(const Node& node, std::string_view what, Words known, Problems& problems)
    : what_(what), problems_(problems) {
  if (!expect(node, NodeKind::object, what, problems)) return;
  object_ = &node;
  for_each_member(node, [&](const Node& key, const Node&) {
    if (std::find(known.begin(), known.end(), key.text) != known.end()) return;
    add_problem(problems, key,
                std::string(what) + " has no " + quoted(key.text) + suggestion(key.text, known));
  });
}

const Node* Fields::optional(std::string_view key) const {
  const Node* found = nullptr;
  if (object_ == nullptr) return nullptr;
  for_each_member(*object_, [&](const Node& name, const Node& value) {
    if (found == nullptr && name.text == key) found = &value;
  });
  return found;
}

const Node* Fields::required(std::string_view key) const {
  const Node* const found = optional(key);
  if (found == nullptr && object_ != nullptr) {
    add_problem(problems_, *object_, std::string(what_) + " needs " + quoted(key));
  }
  return found;
}

void add_problem(Problems& problems, const Node& at, std::string reason) {
  problems.add(at.line, at.column, std::move(reason));
}

bool expect(const Node& node, NodeKind kind, std::string_view what, Problems& problems) {
  if (node.kind == kind) return true;
  std::string found(kind_word(node.kind));
  if (!node.text.empty()) found.append(" ").append(quoted(node.text));
  add_problem(problems, node,
              std::string(what) + " must be " + std::string(kind_word(kind)) + ", not " + found);
  return false;
}

bool read_text(const Node* node, std::string& target, Problems& problems) {
  if (node == nullptr || !expect(*node, NodeKind::text, "this", problems)) return false;
  target = node->text;
  return true;
}

bool read_boolean(const Node* node, bool& target, Problems& problems) {
  if (node == nullptr || !expect(*node, NodeKind::boolean, "this", problems)) return false;
  target = node->boolean;
  return true;
}

bool read_number(const Node* node, double& target, Problems& problems) {
  if (node == nullptr || !expect(*node, NodeKind::number, "this", problems)) return false;
  target = node->number;
  return true;
}

bool read_finite(const Node* node, double& target, Problems& problems) {
  double value = 0.0;
  if (!read_number(node, value, problems)) return false;
  if (!std::isfinite(value)) {
    add_problem(problems, *node, "this number must be finite");
    return false;
  }
  target = value;
  return true;
}

bool read_whole(const Node* node, std::int64_t& target, Problems& problems) {
  double value = 0.0;
  if (!read_number(node, value, problems)) return false;
  if (whole_in(*node, target)) return true;
  add_problem(problems, *node, "this must be a whole number of 64 bits");
  return false;
}

bool read_word(const Node* node, Words words, std::uint32_t& index, Problems& problems) {
  if (node == nullptr || !expect(*node, NodeKind::text, "this", problems)) return false;
  const auto found = std::find(words.begin(), words.end(), node->text);
  if (found == words.end()) {
    add_problem(
        problems, *node,
        "must be " + listed(words) + ", not " + quoted(node->text) + suggestion(node->text, words));
    return false;
  }
  index = static_cast<std::uint32_t>(found - words.begin());
  return true;
}

}  // namespace actorcore::snapshot
