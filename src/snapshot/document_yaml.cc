// YAML by yaml-cpp's parser, as events: a tree of its own would lose the keys' places. What it
// throws ends here.
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <cmath>
#include <cstdint>
#include <istream>
#include <limits>
#include <optional>
#include <streambuf>
#include <string>
#include <string_view>

#include "snapshot/number_text.h"
#include "snapshot/tree_builder.h"

namespace actorcore::snapshot {
namespace {

struct Stopped {};  // thrown through the parser once a problem has ended the parse

class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* const begin = const_cast<char*>(text.data());  // streambuf reads only
    setg(begin, begin, begin + text.size());
  }
};

std::optional<double> special_number(std::string_view text) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return std::nan("");
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text != ".inf" && text != ".Inf" && text != ".INF") return std::nullopt;
  return negative ? -infinity : infinity;
}

std::optional<bool> boolean_in(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

class YamlEvents final : public YAML::EventHandler {
 public:
  YamlEvents(const Source& source, TreeBuilder& builder, Problems& problems)
      : builder_(builder), problems_(problems), first_line_(source.first_line) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse_as_key(mark, "null");
    require(builder_.add({.kind = NodeKind::null, .line = line(mark), .column = column(mark)}));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(mark, "aliases are not accepted; repeat what it stands for");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    const bool plain = tag == "?";
    if (!plain && tag != "!" && tag != "tag:yaml.org,2002:str") refuse_tag(mark, tag);
    if (plain && !builder_.at_key()) {
      add_plain(mark, value);
    } else {
      require(builder_.add_text(value, line(mark), column(mark)));
    }
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(NodeKind::array, mark, tag);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(NodeKind::object, mark, tag);
  }
  void OnSequenceEnd() override { builder_.close(); }
  void OnMapEnd() override { builder_.close(); }

  std::uint32_t line(const YAML::Mark& mark) const {
    return first_line_ + static_cast<std::uint32_t>(mark.line);
  }
  static std::uint32_t column(const YAML::Mark& mark) {
    return static_cast<std::uint32_t>(mark.column) + 1;
  }

 private:
  [[noreturn]] void stop(const YAML::Mark& mark, std::string reason) {
    problems_.add(line(mark), column(mark), std::move(reason));
    throw Stopped();
  }
  static void require(bool went_on) {
    if (!went_on) throw Stopped();
  }
  void refuse_as_key(const YAML::Mark& mark, std::string_view what) {
    if (builder_.at_key()) stop(mark, "a key must be text, not " + std::string(what));
  }
  void refuse_tag(const YAML::Mark& mark, std::string_view tag) {
    stop(mark, "tags such as " + quoted(tag) + " are not accepted; leave it out");
  }

  void open(NodeKind kind, const YAML::Mark& mark, const std::string& tag) {
    refuse_as_key(mark, "a collection");
    if (!tag.empty() && tag != "?") refuse_tag(mark, tag);
    require(builder_.open(kind, line(mark), column(mark)));
  }
  void add_plain(const YAML::Mark& mark, const std::string& value) {
    Node node{.line = line(mark), .column = column(mark)};
    if (const std::optional<bool> boolean = boolean_in(value)) {
      node.kind = NodeKind::boolean;
      node.boolean = *boolean;
      require(builder_.add(node));
    } else if (const std::optional<double> special = special_number(value)) {
      node.kind = NodeKind::number;
      node.number = *special;
      require(builder_.add(node));
    } else if (number_size(value) == value.size()) {
      require(builder_.add_number(value, node.line, node.column));
    } else {
      require(builder_.add_text(value, node.line, node.column));
    }
  }

  TreeBuilder& builder_;
  Problems& problems_;
  std::uint32_t first_line_;
};

}  // namespace

void parse_yaml(const Source& source, TreeBuilder& builder, Problems& problems) {
  TextBuffer buffer(source.text);
  std::istream stream(&buffer);
  YamlEvents events(source, builder, problems);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(events) || !builder.complete()) {
      problems.add(source.first_line, 1, "the document is empty");
    } else if (parser) {
      problems.add(source.first_line, 1, "more than one document in one text; split it");
    }
  } catch (const YAML::Exception& error) {
    const bool placed = !error.mark.is_null();
    problems.add(placed ? events.line(error.mark) : source.first_line,
                 placed ? YamlEvents::column(error.mark) : 1, "not YAML: " + error.msg);
  } catch (const Stopped&) {
    // The problem is recorded.
  }
}

}  // namespace actorcore::snapshot
