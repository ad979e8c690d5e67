#include "snapshot/document.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "unit/snapshot/support.h"

namespace actorcore::snapshot {
namespace {

std::string reason(std::string_view text, Format format) {
  const Result<Document> parsed = Document::parse({.name = "file", .text = text, .format = format});
  return parsed.ok() ? "accepted" : parsed.error().message;
}

std::string json(std::string_view text) { return reason(text, Format::json); }
std::string yaml(std::string_view text) { return reason(text, Format::yaml); }

Document parsed(std::string_view text, Format format) {
  Result<Document> document = Document::parse({.name = "file", .text = text, .format = format});
  if (!document.ok()) ADD_FAILURE() << document.error().message;
  return std::move(document).value();
}

// `kind@line:column` of every node, in order.
std::string places(const Document& document) {
  constexpr const char* kinds[] = {"null", "boolean", "number", "text", "array", "object"};
  std::string all;
  for (const Node* node = &document.root(); node != &document.root() + document.root().size;
       ++node) {
    if (!all.empty()) all += ' ';
    all += kinds[static_cast<int>(node->kind)];
    all += "@" + std::to_string(node->line) + ":" + std::to_string(node->column);
  }
  return all;
}

TEST(Json, EveryKeyAndValueKnowsItsPlace) {
  const Document document =
      parsed("{\"a\": [1, -2.5e3,\n  true],\n \"b,:\" : {\"c\":null}}", Format::json);
  EXPECT_EQ(places(document),
            "object@1:1 text@1:2 array@1:7 number@1:8 number@1:11 boolean@2:3 "
            "text@3:2 object@3:10 text@3:11 null@3:15");
}

TEST(Json, EscapesAndAByteOrderMarkKeepPlacesRight) {
  EXPECT_EQ(places(parsed("\xEF\xBB\xBF[\"a\\\"\\u00e9,\", 7]", Format::json)),
            "array@1:1 text@1:2 number@1:16");
}

TEST(Yaml, EveryKeyAndValueKnowsItsPlace) {
  const Document document = parsed("a: [1, x]\nb:\n  c: yes\n  d: true\ne:\n", Format::yaml);
  EXPECT_EQ(places(document),
            "object@1:1 text@1:1 array@1:4 number@1:5 text@1:8 text@2:1 object@3:3 text@3:3 "
            "text@3:6 text@4:3 boolean@4:6 text@5:1 null@6:1");
}

TEST(Document, TheFormatIsGuessedFromTheNameOrTheFirstCharacter) {
  EXPECT_TRUE(Document::parse({.name = "x.yaml", .text = "{a: 1}"}).ok());
  EXPECT_FALSE(Document::parse({.name = "x.json", .text = "a: 1"}).ok());
  EXPECT_TRUE(Document::parse({.name = "", .text = " \n[1]"}).ok());
  EXPECT_FALSE(Document::parse({.name = "", .text = "{a: 1}"}).ok());
  EXPECT_TRUE(Document::parse({.name = "", .text = "a: 1"}).ok());
}

TEST(Document, AMemberCanBeTaken) {
  const Source source{.name = "f", .text = "{\"a\": 1, \"warrior\": [2]}", .member = "warrior"};
  const Result<Document> document = Document::parse(source);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document.value().root().kind, NodeKind::array);
  EXPECT_EQ(Document::parse({.name = "f", .text = "{\"warrior\": 1}", .member = "warior"})
                .error()
                .message,
            "f:1:1: the document has no member \"warior\"; did you mean \"warrior\"?");
  EXPECT_FALSE(Document::parse({.name = "f", .text = "[1]", .member = "a"}).ok());
}

TEST(Numbers, AnIntegerLiteralIsAnIntegerFirst) {
  const auto bits = [](std::string_view literal, Format format) {
    return std::bit_cast<std::uint64_t>(parsed(literal, format).root().number);
  };
  for (const Format format : {Format::json, Format::yaml}) {
    EXPECT_EQ(bits("-0", format), std::bit_cast<std::uint64_t>(0.0));
    EXPECT_EQ(bits("-0.0", format), std::bit_cast<std::uint64_t>(-0.0));
    EXPECT_EQ(bits("-0e5", format), std::bit_cast<std::uint64_t>(-0.0));
    EXPECT_EQ(bits("9007199254740993", format), std::bit_cast<std::uint64_t>(9007199254740992.0));
    EXPECT_EQ(bits("123456789012345678901234567890", format),
              std::bit_cast<std::uint64_t>(1.2345678901234568e29));
    EXPECT_EQ(bits("1e-400", format), std::bit_cast<std::uint64_t>(0.0));
    EXPECT_EQ(bits("-1e-400", format), std::bit_cast<std::uint64_t>(-0.0));
    EXPECT_EQ(bits("4.9e-324", format), 1u);
  }
}

TEST(Numbers, OutsideTheRangeTheInputIsInvalid) {
  const std::string huge = "1" + std::string(400, '0');
  const std::string large = "file:1:2: the number is too large for binary64 (limit 1.8e308)";
  EXPECT_EQ(json("[1e400]"), large);
  EXPECT_EQ(json("[-1e309]"), large);
  EXPECT_EQ(json("[" + huge + "]"), large);
  EXPECT_EQ(yaml("[1e400]"), large);
  EXPECT_EQ(yaml("[" + huge + "]"), large);
  EXPECT_EQ(json("[" + huge + "e-100]"), "accepted");
}

TEST(Numbers, JsonHasNoNan) {
  for (const char* text : {"NaN", "Infinity", "-Infinity", ".5", "+1", "01", "1.", "0x10", "1_0"}) {
    EXPECT_NE(json(text), "accepted") << text;
  }
}

TEST(Numbers, YamlHasInfinityAndNan) {
  EXPECT_TRUE(std::isinf(parsed("-.inf", Format::yaml).root().number));
  EXPECT_TRUE(std::isnan(parsed(".NaN", Format::yaml).root().number));
  EXPECT_EQ(parsed("+.5", Format::yaml).root().number, 0.5);
  EXPECT_EQ(parsed("007", Format::yaml).root().number, 7.0);
  EXPECT_EQ(parsed("'7'", Format::yaml).root().kind, NodeKind::text);
  EXPECT_EQ(parsed("1.2.3", Format::yaml).root().kind, NodeKind::text);
  EXPECT_EQ(parsed("0x10", Format::yaml).root().kind, NodeKind::text);
}

TEST(BadDocument, DuplicateKeysNameBothLines) {
  const std::string expected = ":1: key \"a\" is given twice; the first is at line 1";
  EXPECT_EQ(json("{\"a\": 1,\n\"b\": 2,\n\"a\": 3}"), "file:3" + expected);
  EXPECT_EQ(yaml("a: 1\nb: 2\na: 3\n"), "file:3" + expected);
  EXPECT_EQ(json("{\"a\": 1, \"\\u0061\": 3}"),
            "file:1:10: key \"a\" is given twice; the first is at line 1");
}

// A number that the next token follows at once was once read too far, and stopped the process.
TEST(BadDocument, NumbersRunIntoEachOther) {
  for (const char* text : {"[10-5]", "[1.5.2]", "[1e5e5]", "[-]", "[1e]", "[1-", "[0-0]"}) {
    EXPECT_TRUE(json(text).starts_with("file:1:")) << json(text);
    EXPECT_TRUE(yaml(text) == "accepted" || yaml(text).starts_with("file:1:")) << yaml(text);
  }
}

TEST(BadDocument, EveryDuplicateIsNamed) {
  const Result<Document> document =
      Document::parse({.name = "f", .text = "{\"a\":1,\"a\":2,\"b\":{\"c\":1,\"c\":2}}"});
  EXPECT_EQ(document.error().details.size(), 2u);
}

TEST(BadDocument, SyntaxErrorsHaveAPlace) {
  EXPECT_EQ(json("{\"a\": 1,\n \"b\" 2}").substr(0, 20), "file:2:6: not JSON: ");
  EXPECT_EQ(json("{\"a\": ").substr(0, 8), "file:1:7");
  EXPECT_EQ(json("").substr(0, 9), "file:1:1:");
  EXPECT_EQ(json("[1] x").substr(0, 9), "file:1:5:");
  EXPECT_EQ(yaml("a: [1, 2\nb: 3\n").substr(0, 7), "file:2:");
  EXPECT_EQ(yaml("a: \"x").substr(0, 5), "file:");
  EXPECT_EQ(yaml(""), "file:1:1: the document is empty");
  EXPECT_EQ(yaml("# nothing\n"), "file:1:1: the document is empty");
  EXPECT_NE(yaml("a: 1\n---\nb: 2\n"), "accepted");
}

TEST(BadDocument, NotUtf8) {
  const std::string expected = "file:2:2: not UTF-8; save the document in that encoding";
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_EQ(json("[\n\"" + std::string(bad) + "\"]"), expected);
    EXPECT_EQ(yaml("a:\n " + std::string(bad)), expected);
  }
  EXPECT_NE(json("\"\\ud800\""), "accepted");
  EXPECT_EQ(json("\"\xf0\x9f\x98\x80\xed\x9f\xbf\""), "accepted");
}

TEST(BadDocument, YamlAliasesTagsAndOddKeysAreRefused) {
  EXPECT_EQ(yaml("a: &x [1]\nb: *x\n"),
            "file:2:4: aliases are not accepted; repeat what it stands for");
  EXPECT_EQ(yaml("a: !!binary x\n").substr(0, 9), "file:1:4:");
  EXPECT_EQ(yaml("[a]: 1\n"), "file:1:1: a key must be text, not a collection");
  EXPECT_EQ(yaml("~: 1\n"), "file:1:1: a key must be text, not null");
}

TEST(BadDocument, DeepNestingIsAnErrorNotACrash) {
  const std::string expected = "file:1:65: nested more than 64 levels deep";
  EXPECT_EQ(json(std::string(1'000'000, '[')), expected);
  EXPECT_NE(yaml(std::string(1'000'000, '[')), "accepted");
  EXPECT_EQ(json(std::string(64, '[') + std::string(64, ']')), "accepted");
  std::string objects, steps;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":", steps += "- ";
  EXPECT_NE(json(objects), "accepted");
  EXPECT_NE(yaml(objects), "accepted");
  EXPECT_NE(yaml(steps), "accepted");
}

// Whatever is done to a good document, it is read or refused with a place.
TEST(BadDocument, MutationsAreReadOrRefused) {
  const std::string good_json =
      "{\"dimensions\": {\"a\": {\"use_pipeline\": true, \"clamp_default\": "
      "{\"min\": -1.5e3, \"max\": 10}}}, \"x\": [null, false, \"\\u00e9\\n\"]}";
  const std::string good_yaml =
      "dimensions:\n  a: {use_pipeline: true, clamp_default: {min: -1.5e3, max: 10}}\n"
      "x:\n  - null\n  - 'text'\n  - |\n    block\n  - &a ~\n# end\n";
  const std::string alphabet = "{}[]:,\"'\\\n \t-+.0e9&*!|>%@`#?\x01\xff\xc3\xa9~";
  std::mt19937 random(5);
  for (int round = 0; round < 20'000; ++round) {
    const bool as_json = round % 2 == 0;
    std::string text = as_json ? good_json : good_yaml;
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const char c = alphabet[random() % alphabet.size()];
      switch (random() % 4) {
        case 0:
          text[at] = c;
          break;
        case 1:
          text.insert(at, 1 + random() % 3, c);
          break;
        case 2:
          text.erase(at, 1 + random() % 5);
          break;
        default:
          text.resize(at + 1);
          break;
      }
      if (text.empty()) text = "x";
    }
    const std::string outcome = as_json ? json(text) : yaml(text);
    ASSERT_TRUE(outcome == "accepted" || outcome.starts_with("file:")) << text << outcome;
  }
}

}  // namespace
}  // namespace actorcore::snapshot
