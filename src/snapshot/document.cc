#include "snapshot/document.h"

#include <utility>

#include "snapshot/problems.h"
#include "snapshot/tree_builder.h"
#include "snapshot/utf8.h"

namespace actorcore::snapshot {
namespace {

Format format_of(const Source& source) {
  if (source.format != Format::guess) return source.format;
  if (source.name.ends_with(".json") || source.name.ends_with(".jsonl")) return Format::json;
  if (source.name.ends_with(".yaml") || source.name.ends_with(".yml")) return Format::yaml;
  const std::size_t first = source.text.find_first_not_of(" \t\r\n");
  const bool braces =
      first != std::string_view::npos && (source.text[first] == '{' || source.text[first] == '[');
  return braces ? Format::json : Format::yaml;
}

void check_utf8(const Source& source, Problems& problems) {
  const std::size_t valid = valid_utf8_prefix(source.text);
  if (valid == source.text.size()) return;
  std::uint32_t line = source.first_line;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < valid; ++i) {
    if (source.text[i] != '\n') continue;
    ++line;
    line_start = i + 1;
  }
  problems.add(line, static_cast<std::uint32_t>(valid - line_start + 1),
               "not UTF-8; save the document in that encoding");
}

}  // namespace

Result<Document> Document::parse(const Source& source) {
  Problems problems(source.name);
  if (source.text.size() > bytes_max) {
    problems.add(source.first_line, 1,
                 "the document has more than " + std::to_string(bytes_max) + " bytes; split it");
    return problems.error(AC_E_BAD_DOCUMENT);
  }
  check_utf8(source, problems);
  TreeBuilder builder(source, problems);
  if (problems.none()) {
    const auto parse = format_of(source) == Format::json ? parse_json : parse_yaml;
    parse(source, builder, problems);
  }
  if (!problems.none()) return problems.error(AC_E_BAD_DOCUMENT);
  AC_CHECK(builder.complete());
  Document document = builder.take();
  document.select(source, problems);
  if (!problems.none()) return problems.error(AC_E_BAD_DOCUMENT);
  return document;
}

void Document::select(const Source& source, Problems& problems) {
  if (source.member.empty()) return;
  const Node& whole = nodes_.front();
  std::vector<std::string_view> members;
  if (whole.kind == NodeKind::object) {
    for_each_member(whole, [&](const Node& key, const Node& value) {
      members.push_back(key.text);
      if (key.text == source.member) root_ = static_cast<std::size_t>(&value - nodes_.data());
    });
  }
  if (root_ != 0) return;
  problems.add(
      whole.line, whole.column,
      "the document has no member " + quoted(source.member) + suggestion(source.member, members));
}

}  // namespace actorcore::snapshot
