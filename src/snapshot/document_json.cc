// JSON by nlohmann's streaming parser. Its events carry no places, so they are counted here: it
// reads byte by byte, and between two tokens there is nothing but white space, commas and colons.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "snapshot/number_text.h"
#include "snapshot/tree_builder.h"

namespace actorcore::snapshot {
namespace {

// A byte iterator that tells how far it was read.
class CountedBytes {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountedBytes(const char* at, std::size_t* read) : at_(at), read_(read) {}
  reference operator*() const { return *at_; }
  CountedBytes& operator++() {
    ++at_;
    ++*read_;
    return *this;
  }
  CountedBytes operator++(int) {
    CountedBytes old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountedBytes& other) const { return at_ == other.at_; }
  bool operator!=(const CountedBytes& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  std::size_t* read_;
};

struct Place {
  std::uint32_t line;
  std::uint32_t column;
};

class JsonEvents {
 public:
  JsonEvents(const Source& source, TreeBuilder& builder, Problems& problems,
             const std::size_t& read)
      : text_(source.text),
        builder_(builder),
        problems_(problems),
        read_(read),
        line_(source.first_line) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = line_start_ = 3;  // a byte order mark
  }

  bool null() { return literal({.kind = NodeKind::null}, 4); }
  bool boolean(bool value) {
    return literal({.kind = NodeKind::boolean, .boolean = value}, value ? 4 : 5);
  }
  bool number_integer(std::int64_t) { return number(); }
  bool number_unsigned(std::uint64_t) { return number(); }
  bool number_float(double, const std::string&) { return number(); }
  bool string(std::string& value) {
    const Place place = next_token();
    at_ = read_;  // the closing quote was the last byte read
    return builder_.add_text(std::move(value), place.line, place.column);
  }
  bool key(std::string& value) { return string(value); }
  bool binary(nlohmann::json::binary_t&) { return false; }  // JSON text has none
  bool start_object(std::size_t) { return open(NodeKind::object); }
  bool start_array(std::size_t) { return open(NodeKind::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) {
    const std::string_view what = error.what();
    if (what.starts_with("[json.exception.out_of_range")) {
      const Place place = next_token();
      problems_.add(place.line, place.column,
                    "the number is too large for binary64 (limit 1.8e308)");
      return false;
    }
    advance(std::min(position == 0 ? 0 : position - 1, text_.size()));
    problems_.add(line_, column(), "not JSON: " + reason_in(what));
    return false;
  }

 private:
  // The library's own text without its number and its place, which ours replaces.
  static std::string reason_in(std::string_view what) {
    const std::size_t column = what.find("column ");
    const std::size_t colon = what.find(": ", column == std::string_view::npos ? 0 : column);
    return std::string(colon == std::string_view::npos ? what : what.substr(colon + 2));
  }

  std::uint32_t column() const { return static_cast<std::uint32_t>(at_ - line_start_ + 1); }

  void advance(std::size_t to) {
    for (; at_ < to; ++at_) {
      if (text_[at_] != '\n') continue;
      ++line_;
      line_start_ = at_ + 1;
    }
  }

  Place next_token() {
    advance(std::min(text_.find_first_not_of(" \t\r\n,:", at_), text_.size()));
    return {line_, column()};
  }

  bool literal(Node node, std::size_t bytes) {
    const Place place = next_token();
    at_ += bytes;
    node.line = place.line;
    node.column = place.column;
    return builder_.add(node);
  }

  bool number() {
    const Place place = next_token();
    const std::string_view rest = text_.substr(at_);
    std::string literal(rest.substr(0, number_size(rest)));
    at_ += literal.size();
    return builder_.add_number(std::move(literal), place.line, place.column);
  }

  bool open(NodeKind kind) {
    const Place place = next_token();
    ++at_;
    return builder_.open(kind, place.line, place.column);
  }

  bool close() {
    next_token();
    ++at_;
    builder_.close();
    return true;
  }

  std::string_view text_;
  TreeBuilder& builder_;
  Problems& problems_;
  const std::size_t& read_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_;
};

}  // namespace

void parse_json(const Source& source, TreeBuilder& builder, Problems& problems) {
  std::size_t read = 0;
  JsonEvents events(source, builder, problems, read);
  const char* const begin = source.text.data();
  const char* const end = begin + source.text.size();
  nlohmann::json::sax_parse(CountedBytes(begin, &read), CountedBytes(end, &read), &events);
}

}  // namespace actorcore::snapshot
