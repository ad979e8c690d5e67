// What is read from and written as text: numbers, outputs, profiles, cases.
#include <bit>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "snapshot/json_text.h"
#include "snapshot/number_text.h"
#include "unit/snapshot/support.h"

namespace actorcore::snapshot {
namespace {

std::string number(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

TEST(NumberText, ItIsPythonsRepr) {
  EXPECT_EQ(number(1.0), "1.0");
  EXPECT_EQ(number(-0.0), "-0.0");
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(123456.789), "123456.789");
  EXPECT_EQ(number(9999999999999998.0), "9999999999999998.0");
  EXPECT_EQ(number(1e16), "1e+16");
  EXPECT_EQ(number(-1.5e16), "-1.5e+16");
  EXPECT_EQ(number(0.0001), "0.0001");
  EXPECT_EQ(number(0.00012), "0.00012");
  EXPECT_EQ(number(1e-5), "1e-05");
  EXPECT_EQ(number(1.25e-5), "1.25e-05");
  EXPECT_EQ(number(1e100), "1e+100");
  EXPECT_EQ(number(5e-324), "5e-324");
  EXPECT_EQ(number(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(number(1152921504606846976.0), "1.152921504606847e+18");
  EXPECT_EQ(number(120.0), "120.0");
  EXPECT_EQ(number(100000.5), "100000.5");
}

TEST(NumberText, EveryValueReadsBackToItsBits) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100'000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!(value - value == 0)) continue;  // not finite
    const std::optional<double> back = number_from(number(value));
    ASSERT_TRUE(back.has_value()) << number(value);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(*back), std::bit_cast<std::uint64_t>(value));
  }
}

TEST(JsonText, TextsAreEscapedAsPythonEscapesThem) {
  std::string text;
  append_quoted(text, std::string_view("a\"\\\n\r\t\b\f\0\x1f\x7f\xc3\xa9/", 14));
  EXPECT_EQ(text, "\"a\\\"\\\\\\n\\r\\t\\b\\f\\u0000\\u001f\x7f\xc3\xa9/\"");
}

std::vector<std::string> wrong_outputs(std::string_view text) {
  Names names;
  const Result<OutputSet> set = OutputSet::parse({.name = "o", .text = text}, names);
  if (set.ok()) return {"accepted"};
  EXPECT_EQ(set.error().code, AC_E_BAD_DOCUMENT);
  return reasons(set.error());
}

using Reasons = std::vector<std::string>;

TEST(OutputText, AnArrayOrAnObjectOfOutputs) {
  Names names;
  const char* const one = R"([{"meta": {"system": "race", "stage": "base", "version": 2},
    "priority": 2.0, "primary": [{"dimension": "a", "bucket": "MULT", "value": 1, "system": "x",
    "priority": -3, "tags": ["t"]}], "caps": [{"system": "race", "dimension": "a",
    "mode": "HARD_MIN", "kind": "min", "value": 0.5, "scope": "REALM", "realm": ""}],
    "context": {"damage": {"multipliers": [2, 3]}}}])";
  const OutputSet set = OutputSet::parse({.name = "o", .text = one}, names).value();
  ASSERT_EQ(set.outputs().size(), 1u);
  const ac_output& output = set.outputs()[0];
  EXPECT_EQ(output.struct_size, sizeof(ac_output));
  EXPECT_EQ(names.text(output.system), "race");
  EXPECT_EQ(output.priority, 2);
  ASSERT_EQ(output.contribution_count, 1u);
  EXPECT_EQ(output.contributions[0].bucket, AC_BUCKET_MULT);
  EXPECT_EQ(output.contributions[0].priority, -3);
  EXPECT_EQ(names.text(output.contributions[0].system), "x");
  ASSERT_EQ(output.cap_count, 1u);
  EXPECT_EQ(output.caps[0].mode, AC_CAP_HARD_MIN);
  EXPECT_EQ(output.caps[0].kind, AC_CAP_KIND_MIN);
  EXPECT_NE(output.caps[0].realm, no_name);
  ASSERT_EQ(output.modifier_count, 1u);
  EXPECT_EQ(output.modifiers[0].multipliers[1], 3.0);
  const std::string wrapped = "{\"outputs\": " + std::string(one) + "}";
  EXPECT_EQ(OutputSet::parse({.name = "o", .text = wrapped}, names).value().outputs().size(), 1u);
}

TEST(OutputText, WhatIsMalformedHasItsPlaceAndReason) {
  EXPECT_EQ(wrong_outputs(R"([
{"priority": 1.5, "primary": {}, "derived": [
  {"dimension": 3, "buckett": "FLAT", "bucket": "FLATT", "system": "s", "value": "1"}]},
{"meta": {}, "caps": [{"system": "s", "dimension": "a", "mode": "hard_max", "kind": "MAX",
  "value": 1}],
 "context": {"damage": {"multipliers": [1, null]}}}])"),
            (Reasons{
                "o:2:1: an output needs \"meta\"",
                "o:2:14: this must be a whole number of 64 bits",
                "o:2:30: primary must be an array, not an object",
                "o:3:17: this must be text, not a number \"3\"",
                "o:3:20: a contribution has no \"buckett\"; did you mean \"bucket\"?",
                "o:3:49: must be FLAT, MULT, POST_ADD or OVERRIDE, not \"FLATT\"; did you mean "
                "\"FLAT\"?",
                "o:3:82: this must be a number, not text \"1\"",
                "o:4:10: meta needs \"system\"",
                "o:4:65: must be BASELINE, ADDITIVE, HARD_MAX, HARD_MIN or OVERRIDE, not "
                "\"hard_max\"; did you mean \"HARD_MAX\"?",
                "o:4:85: must be max or min, not \"MAX\"; did you mean \"max\"?",
                "o:6:44: this must be a number, not null",
            }));
  EXPECT_EQ(wrong_outputs("3"), Reasons{"o:1:1: outputs must be an array, not a number \"3\""});
  EXPECT_EQ(wrong_outputs("{}").size(), 1u);
}

TEST(OutputText, WhatTheRulesRejectIsNoErrorOfTheDocument) {
  EXPECT_EQ(wrong_outputs("- meta: {system: s}\n  primary: [{dimension: no, bucket: FLAT, value: "
                          ".nan, system: s}]\n"),
            Reasons{"accepted"});
}

TEST(OutputText, APriorityHasSixtyFourBits) {
  const auto priority = [](std::string literal) {
    return wrong_outputs("[{\"meta\": {\"system\": \"s\"}, \"priority\": " + literal + "}]")[0];
  };
  EXPECT_EQ(priority("9223372036854775807"), "accepted");
  EXPECT_EQ(priority("-9223372036854775808"), "accepted");
  EXPECT_NE(priority("9223372036854775808"), "accepted");
  EXPECT_NE(priority("1e19"), "accepted");
  EXPECT_NE(priority("0.5"), "accepted");
}

TEST(ProfileText, ItIsReadAndWrittenWhole) {
  const std::string text =
      "{\"id\": \"h\xc3\xa9ro\", \"name\": \"N\", \"race\": \"elf\", \"lifespan\": 700, "
      "\"age\": 90, \"created_at\": 1, \"updated_at\": 2, \"version\": 3, "
      "\"subsystems\": [\"a\", \"b\"], \"data\": {\"k\": [1, 2.5, null, true, {\"x\": \"\\\"\"}]}}";
  const Result<Profile> profile = Profile::parse({.name = "p", .text = text});
  ASSERT_TRUE(profile.ok()) << profile.error().message;
  EXPECT_EQ(print(profile.value()), text);
  EXPECT_EQ(Profile::parse({.name = "p", .text = "{\"id\": \"x\"}"}).value().version, 1u);
}

TEST(ProfileText, WhatIsMalformedHasItsPlaceAndReason) {
  const auto wrong = [](std::string_view text) {
    return reasons(Profile::parse({.name = "p", .text = text}).error());
  };
  EXPECT_EQ(wrong("{\"version\": -1, \"nmae\": 1}"),
            (Reasons{"p:1:1: a profile needs \"id\"", "p:1:13: a version is not negative",
                     "p:1:17: a profile has no \"nmae\"; did you mean \"name\"?"}));
  EXPECT_EQ(wrong("id: x\nage: 1.5\nsubsystems: [1]\ndata: {a: .inf}\n").size(), 3u);
  Profile profile;
  EXPECT_FALSE(profile.set_data({.name = "d", .text = "[]"}).ok());
  EXPECT_FALSE(profile.set_subsystems({.name = "s", .text = "[1]"}).ok());
  EXPECT_TRUE(profile.set_subsystems({.name = "s", .text = "[\"a\"]"}).ok());
  const Source yaml{.name = "d", .text = "{\"a\": 01.5e2}", .format = Format::yaml};
  EXPECT_TRUE(profile.set_data(yaml).ok());
  EXPECT_EQ(profile.data, "{\"a\": 150.0}");
}

TEST(CaseText, TheRegistrysFaultsAndTheDocumentsAreToldApart) {
  Names names;
  const auto code = [&](std::string_view text) {
    return Case::parse({.name = "c", .text = text, .first_line = 41}, names).error();
  };
  const Error registry = code("{\"registry\": {}, \"profile\": {\"id\": \"x\"}, \"outputs\": []}");
  EXPECT_EQ(registry.code, AC_E_BAD_REGISTRY);
  EXPECT_EQ(registry.message, "c:41:14: a registry needs \"dimensions\"");
  const Error outputs =
      code("{\"registry\": {\"dimensions\": {}}, \"profile\": {\"id\": \"x\"}, \"outputs\": 1}");
  EXPECT_EQ(outputs.code, AC_E_BAD_DOCUMENT);
  EXPECT_EQ(code("{\"registry\": ").code, AC_E_BAD_DOCUMENT);
}

}  // namespace
}  // namespace actorcore::snapshot
