#include "snapshot/json_text.h"

#include <charconv>
#include <cstdint>
#include <system_error>

#include "snapshot/number_text.h"

namespace actorcore::snapshot {
namespace {

void append_escaped(std::string& text, char c) {
  constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '"':
      text += "\\\"";
      return;
    case '\\':
      text += "\\\\";
      return;
    case '\n':
      text += "\\n";
      return;
    case '\r':
      text += "\\r";
      return;
    case '\t':
      text += "\\t";
      return;
    case '\f':
      text += "\\f";
      return;
    case '\b':
      text += "\\b";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20) {
    text.append("\\u00").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  } else {
    text += c;
  }
}

// Integers of 64 bits keep every digit; YAML may have written them with a sign or zeros in front.
void append_number_node(std::string& text, const Node& node) {
  std::int64_t whole = 0;
  const char* const end = node.text.data() + node.text.size();
  const auto [stopped, failure] = std::from_chars(node.text.data(), end, whole);
  if (failure == std::errc() && stopped == end) {
    text += std::to_string(whole);
  } else {
    append_number(text, node.number);
  }
}

// Between two members or elements.
void append_comma(std::string& text) {
  if (text.back() != '[' && text.back() != '{') text += ", ";
}

}  // namespace

void append_quoted(std::string& text, std::string_view value) {
  text += '"';
  for (const char c : value) append_escaped(text, c);
  text += '"';
}

// Recursive, no deeper than Document::depth_max.
void append_json(std::string& text, const Node& node) {
  switch (node.kind) {
    case NodeKind::null:
      text += "null";
      return;
    case NodeKind::boolean:
      text += node.boolean ? "true" : "false";
      return;
    case NodeKind::number:
      append_number_node(text, node);
      return;
    case NodeKind::text:
      append_quoted(text, node.text);
      return;
    case NodeKind::array:
      text += '[';
      for_each_child(node, [&](const Node& child) {
        append_comma(text);
        append_json(text, child);
      });
      text += ']';
      return;
    case NodeKind::object:
      text += '{';
      for_each_member(node, [&](const Node& key, const Node& value) {
        append_comma(text);
        append_quoted(text, key.text);
        text += ": ";
        append_json(text, value);
      });
      text += '}';
      return;
  }
}

}  // namespace actorcore::snapshot
