#include "snapshot/receipt.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "snapshot/number_text.h"
#include "snapshot/receipt_text.h"
#include "snapshot/replay.h"
#include "unit/snapshot/support.h"

namespace actorcore::snapshot {
namespace {

constexpr std::string_view plain_registry = R"(
dimensions:
  a: {use_pipeline: true, clamp_default: {min: -1000, max: 1000}}
  b: {use_pipeline: false, operator: MAX, clamp_default: {min: -1000, max: 1000}}
  s: {use_pipeline: false, operator: SUM, clamp_default: {min: -1000, max: 1000}}
  f:
    use_pipeline: true
    clamp_default: {min: -7, max: 1000}
    formula: {terms: {a: 2, b: 3, s: 1}, constant: 1}
)";

Result<std::unique_ptr<const Receipt>> try_explain(Entity& entity, std::string_view dimension,
                                                   std::uint32_t list = AC_LIST_PRIMARY) {
  const SnapshotRef snapshot = entity.resolve();
  // The entity outlives the receipt.
  const std::shared_ptr<const Names> names(std::shared_ptr<void>(), &entity.names);
  return Receipt::make({.list = list, .dimension = entity.id(dimension)}, entity.rows,
                       *entity.registry, *snapshot, names);
}

std::unique_ptr<const Receipt> explain(Entity& entity, std::string_view dimension,
                                       std::uint32_t list = AC_LIST_PRIMARY) {
  auto made = try_explain(entity, dimension, list);
  if (!made.ok()) ADD_FAILURE() << made.error().message;
  return std::move(made).value();
}

std::string number(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

// Each step as its word and what came of it.
std::string outline(const Receipt& receipt) {
  std::string text;
  for (const ac_receipt_step& step : receipt.steps()) {
    if (!text.empty()) text += ", ";
    text += std::string(step_word(step.kind)) + " " + number(step.result);
  }
  return text;
}

// The only step of that kind, or the last.
ac_receipt_step last(const Receipt& receipt, std::uint32_t kind) {
  ac_receipt_step found{};
  for (const ac_receipt_step& step : receipt.steps()) {
    if (step.kind == kind) found = step;
  }
  EXPECT_EQ(found.kind, kind) << "no such step";
  return found;
}

TEST(Receipt, APipelineIsItsBucketsInCanonicalOrder) {
  Entity entity(plain_registry);
  entity.put(Built(entity.id("items"))
                 .add(entity.id("a"), AC_BUCKET_POST_ADD, 3)
                 .add(entity.id("a"), AC_BUCKET_MULT, 0.5)
                 .add(entity.id("a"), AC_BUCKET_FLAT, 10)
                 .get());
  entity.put(Built(entity.id("buffs")).add(entity.id("a"), AC_BUCKET_FLAT, 4).get());
  const auto receipt = explain(entity, "a");
  EXPECT_EQ(outline(*receipt),
            "rule 0.0, contribution 4.0, contribution 14.0, bucket 14.0, contribution 1.5, "
            "bucket 1.5, contribution 3.0, bucket 3.0, candidate 24.0, default 1000.0, "
            "default -1000.0, clamp 24.0");
  EXPECT_EQ(receipt->value(), 24.0);
  EXPECT_EQ(receipt->bound(), std::uint32_t{AC_BOUND_NONE});
  const ac_receipt_step candidate = last(*receipt, AC_STEP_CANDIDATE);
  EXPECT_EQ(candidate.value, 14.0);
  EXPECT_EQ(candidate.factor, 1.5);
  EXPECT_EQ(candidate.product, 21.0);
}

TEST(Receipt, AContributionSaysWhoseItIsAndWhatBroughtIt) {
  Entity entity(plain_registry);
  Built items(entity.id("items"));
  items.add(entity.id("a"), AC_BUCKET_FLAT, 10);
  items.contributions.front().system = entity.id("sword");
  items.contributions.front().priority = -4;
  ASSERT_TRUE(entity.rows.put(items.get(), entity.names, AC_ORIGIN_MESSAGE).ok());
  ac_receipt_step step = last(*explain(entity, "a"), AC_STEP_CONTRIBUTION);
  EXPECT_EQ(step.system, entity.id("sword"));
  EXPECT_EQ(step.output, entity.id("items"));
  EXPECT_EQ(step.priority, -4);
  EXPECT_EQ(step.origin, std::uint32_t{AC_ORIGIN_MESSAGE});
  ASSERT_TRUE(entity.rows.load({&items.get(), 1}, entity.names).ok());
  step = last(*explain(entity, "a"), AC_STEP_CONTRIBUTION);
  EXPECT_EQ(step.origin, std::uint32_t{AC_ORIGIN_PUT_ALL});
}

TEST(Receipt, AnOperatorSaysWhoseValueItChose) {
  Entity entity(plain_registry);
  entity.put(Built(entity.id("items")).add(entity.id("b"), AC_BUCKET_FLAT, 10).get());
  entity.put(Built(entity.id("buffs")).add(entity.id("b"), AC_BUCKET_MULT, 30).get());
  entity.put(Built(entity.id("talent")).add(entity.id("b"), AC_BUCKET_POST_ADD, 20).get());
  const auto receipt = explain(entity, "b");
  EXPECT_EQ(outline(*receipt),
            "rule 0.0, contribution 10.0, contribution 30.0, contribution 30.0, candidate 30.0, "
            "default 1000.0, default -1000.0, clamp 30.0");
  EXPECT_EQ(last(*receipt, AC_STEP_CANDIDATE).output, entity.id("buffs"));
}

TEST(Receipt, OverridesAreListedAndTheFirstDecides) {
  Entity entity(plain_registry);
  Built curse(entity.id("curse"));
  curse.add(entity.id("a"), AC_BUCKET_OVERRIDE, 1).contributions.front().priority = 9;
  entity.put(curse.get());
  entity.put(Built(entity.id("items"))
                 .add(entity.id("a"), AC_BUCKET_FLAT, 10)
                 .add(entity.id("a"), AC_BUCKET_OVERRIDE, 50)
                 .get());
  const auto receipt = explain(entity, "a");
  EXPECT_EQ(receipt->value(), 1.0);
  const ac_receipt_step step = last(*receipt, AC_STEP_OVERRIDE);
  EXPECT_EQ(step.output, entity.id("curse"));
  EXPECT_EQ(step.value, 10.0);  // what it replaced
}

TEST(Receipt, AnOperatorWithNothingButOverridesHasNoCandidateBefore) {
  Entity entity(plain_registry);
  entity.put(Built(entity.id("curse")).add(entity.id("s"), AC_BUCKET_OVERRIDE, 5).get());
  EXPECT_EQ(outline(*explain(entity, "s")),
            "rule 0.0, contribution 5.0, override 5.0, default 1000.0, default -1000.0, clamp 5.0");
}

TEST(Receipt, AFormulaHasItsConstantAndEachTermsFinalValue) {
  Entity entity(plain_registry);
  entity.put(Built(entity.id("items"))
                 .add(entity.id("a"), AC_BUCKET_FLAT, 10)
                 .add(entity.id("a"), AC_BUCKET_FLAT, 11, AC_LIST_DERIVED)
                 .add(entity.id("b"), AC_BUCKET_FLAT, 20)
                 .add(entity.id("f"), AC_BUCKET_FLAT, 0.5, AC_LIST_DERIVED)
                 .get());
  const auto receipt = explain(entity, "f", AC_LIST_DERIVED);
  EXPECT_EQ(outline(*receipt),
            "rule 0.0, constant 1.0, term 23.0, term 83.0, absent_term 83.0, formula 83.0, "
            "contribution 83.5, bucket 83.5, bucket 1.0, bucket 0.0, candidate 83.5, "
            "default 1000.0, default -7.0, clamp 83.5");
  const ac_receipt_step& first = receipt->steps()[2];
  EXPECT_EQ(first.name, entity.id("a"));
  EXPECT_EQ(first.list, std::uint32_t{AC_LIST_DERIVED});
  EXPECT_EQ(first.factor, 2.0);
  EXPECT_EQ(first.value, 11.0);
  EXPECT_EQ(first.product, 22.0);
  EXPECT_EQ(receipt->steps()[3].list, std::uint32_t{AC_LIST_PRIMARY});
}

constexpr std::string_view layered = R"(
dimensions:
  a: {use_pipeline: true, clamp_default: {min: 0, max: 1000}}
layers: {order: [WORLD, TOTAL], across_policy: INTERSECT}
)";

Entity& with_caps(Entity& entity) {
  const NameId a = entity.id("a"), world = entity.id("WORLD");
  entity.put(Built(entity.id("items"))
                 .add(a, AC_BUCKET_FLAT, 500)
                 .cap(a, AC_CAP_BASELINE, AC_CAP_KIND_MAX, 100)
                 .cap(a, AC_CAP_ADDITIVE, AC_CAP_KIND_MAX, 34)
                 .cap(a, AC_CAP_HARD_MAX, AC_CAP_KIND_MAX, 200, world)
                 .cap(a, AC_CAP_BASELINE, AC_CAP_KIND_MIN, 7, world)
                 .get());
  return entity;
}

TEST(Receipt, EachLayerHasItsBoundsInTheOrderOfLayers) {
  Entity entity(layered);
  const auto receipt = explain(with_caps(entity), "a");
  EXPECT_EQ(outline(*receipt).substr(outline(*receipt).find("default")),
            "default 1000.0, default 0.0, "
            "cap 200.0, hard 200.0, layer 200.0, cap 7.0, soft 7.0, layer 7.0, "
            "cap 100.0, cap 34.0, soft 134.0, layer 134.0, layer 0.0, "
            "across 134.0, across 7.0, clamp 134.0");
}

TEST(Receipt, TheBoundThatClippedNamesTheLayerThatDecidedIt) {
  Entity entity(layered);
  const auto receipt = explain(with_caps(entity), "a");
  EXPECT_EQ(receipt->value(), 134.0);
  EXPECT_EQ(receipt->bound(), std::uint32_t{AC_BOUND_MAX});
  EXPECT_EQ(last(*receipt, AC_STEP_CLAMP).name, total_layer);
  EXPECT_EQ(last(*receipt, AC_STEP_CLAMP).value, 500.0);
  EXPECT_EQ(last(*receipt, AC_STEP_ACROSS).name, entity.id("WORLD"));  // the minimum
}

TEST(Receipt, ADefaultThatClipsNamesNoLayer) {
  Entity entity(plain_registry);
  entity.put(Built(entity.id("items")).add(entity.id("a"), AC_BUCKET_FLAT, -2000).get());
  const ac_receipt_step step = last(*explain(entity, "a"), AC_STEP_CLAMP);
  EXPECT_EQ(step.bound, std::uint32_t{AC_BOUND_MIN});
  EXPECT_EQ(step.name, no_name);
  EXPECT_EQ(step.result, -1000.0);
}

TEST(Receipt, ANanCandidateIsReplacedInAStepOfItsOwn) {
  Entity entity(plain_registry);
  Built built(entity.id("huge"));
  built.add(entity.id("a"), AC_BUCKET_FLAT, 1.5e308).add(entity.id("a"), AC_BUCKET_FLAT, 1.5e308);
  built.add(entity.id("a"), AC_BUCKET_MULT, -1.0);
  entity.put(built.get());
  const auto receipt = explain(entity, "a");
  const ac_receipt_step step = last(*receipt, AC_STEP_OUT_OF_RANGE);
  EXPECT_NE(step.value, step.value);
  EXPECT_EQ(step.code, std::uint32_t{AC_REJECT_OUT_OF_RANGE});
  EXPECT_EQ(receipt->value(), -1000.0);
  const std::string text = print(*receipt);
  EXPECT_NE(text.find("\"value\": \"inf\", \"factor\": 0.0, \"product\": \"nan\""),
            std::string::npos)
      << text;
}

TEST(Receipt, AnOutputThatWasLeftOutIsNamedAndCountsForNothing) {
  Entity entity(plain_registry);
  entity.put(Built(entity.id("items")).add(entity.id("a"), AC_BUCKET_FLAT, 10).get());
  entity.put(Built(entity.id("wrong"))
                 .add(entity.id("a"), AC_BUCKET_FLAT, 90)
                 .add(entity.id("nowhere"), AC_BUCKET_FLAT, 90)
                 .cap(entity.id("a"), AC_CAP_HARD_MAX, AC_CAP_KIND_MAX, 1)
                 .get());
  const auto receipt = explain(entity, "a");
  EXPECT_EQ(receipt->value(), 10.0);
  const ac_receipt_step step = last(*receipt, AC_STEP_REJECTED);
  EXPECT_EQ(step.output, entity.id("wrong"));
  EXPECT_EQ(step.code, std::uint32_t{AC_REJECT_UNKNOWN_DIMENSION});
  EXPECT_EQ(last(*receipt, AC_STEP_CONTRIBUTION).output, entity.id("items"));
}

TEST(Receipt, TwoOutputsOfOneSystemAreLeftOutInOneStep) {
  Entity entity(plain_registry);
  Built items(entity.id("items")), twin(entity.id("twin"));
  items.add(entity.id("a"), AC_BUCKET_FLAT, 10);
  const std::vector<ac_output> outputs{twin.get(), items.get(), twin.get()};
  ASSERT_TRUE(entity.rows.load(outputs, entity.names).ok());
  const auto receipt = explain(entity, "a");
  EXPECT_EQ(outline(*receipt).substr(0, 41), "rule 0.0, rejected 0.0, contribution 10.0");
}

TEST(Receipt, WhatHasNoValueHasNoReceipt) {
  Entity entity(plain_registry);
  entity.put(Built(entity.id("items")).add(entity.id("a"), AC_BUCKET_FLAT, 10).get());
  for (const char* dimension : {"b", "f", "nowhere"}) {
    const auto made = try_explain(entity, dimension);
    ASSERT_FALSE(made.ok()) << dimension;
    EXPECT_EQ(made.error().code, AC_E_UNKNOWN_DIMENSION);
  }
  EXPECT_EQ(try_explain(entity, "nowhere").error().message,
            "the registry has no dimension \"nowhere\"");
  EXPECT_EQ(try_explain(entity, "a", AC_LIST_DERIVED).error().message,
            "\"a\" has no derived value: no output that counts contributes to it there");
}

TEST(Receipt, TheJsonHasOfEveryStepWhatItsKindHas) {
  Entity entity("dimensions: {a: {use_pipeline: true, clamp_default: {min: 0, max: 10}}}");
  entity.put(Built(entity.id("items"))
                 .add(entity.id("a"), AC_BUCKET_FLAT, 10)
                 .add(entity.id("a"), AC_BUCKET_MULT, 0.5)
                 .get());
  EXPECT_EQ(
      print(*explain(entity, "a")),
      "{\"actor_id\": \"hero\", \"version\": 1, \"list\": \"primary\", \"dimension\": \"a\", "
      "\"value\": 10.0, \"bound\": \"max\", \"steps\": ["
      "{\"step\": \"rule\", \"list\": \"primary\", \"fold\": \"PIPELINE\", \"policy\": "
      "\"INTERSECT\", \"dimension\": \"a\"}, "
      "{\"step\": \"contribution\", \"bucket\": \"FLAT\", \"system\": \"items\", \"output\": "
      "\"items\", \"origin\": \"put\", \"priority\": 0, \"value\": 10.0, \"result\": 10.0}, "
      "{\"step\": \"bucket\", \"bucket\": \"FLAT\", \"result\": 10.0}, "
      "{\"step\": \"contribution\", \"bucket\": \"MULT\", \"system\": \"items\", \"output\": "
      "\"items\", \"origin\": \"put\", \"priority\": 0, \"value\": 0.5, \"factor\": 1.5, "
      "\"result\": 1.5}, "
      "{\"step\": \"bucket\", \"bucket\": \"MULT\", \"result\": 1.5}, "
      "{\"step\": \"bucket\", \"bucket\": \"POST_ADD\", \"result\": 0.0}, "
      "{\"step\": \"candidate\", \"value\": 10.0, \"factor\": 1.5, \"product\": 15.0, \"result\": "
      "15.0}, "
      "{\"step\": \"default\", \"bound\": \"max\", \"result\": 10.0}, "
      "{\"step\": \"default\", \"bound\": \"min\", \"result\": 0.0}, "
      "{\"step\": \"clamp\", \"bound\": \"max\", \"value\": 15.0, \"result\": 10.0}]}");
}

std::vector<ac_receipt_step> steps_of(const Receipt& receipt) {
  return {receipt.steps().begin(), receipt.steps().end()};
}

TEST(Replay, AChangedStepGivesWhatWouldHaveComeOfIt) {
  Entity entity(layered);
  std::vector<ac_receipt_step> steps = steps_of(*explain(with_caps(entity), "a"));
  for (ac_receipt_step& step : steps) {
    if (step.kind == AC_STEP_CAP && step.mode == AC_CAP_ADDITIVE) step.value = 1000;
  }
  EXPECT_EQ(replay(steps).value(), 200.0);  // WORLD's now
  for (ac_receipt_step& step : steps) {
    if (step.kind == AC_STEP_CONTRIBUTION) step.value = 3;
  }
  EXPECT_EQ(replay(steps).value(), 7.0);
}

TEST(Replay, AChangedValueThatIsNanStillBecomesTheMinimum) {
  Entity entity(layered);
  std::vector<ac_receipt_step> steps = steps_of(*explain(with_caps(entity), "a"));
  steps[1].value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(replay(steps).value(), 7.0);
}

TEST(Replay, StepsThatAreNoneOrOutOfPlaceAreRefused) {
  Entity entity(plain_registry);
  entity.put(Built(entity.id("items")).add(entity.id("a"), AC_BUCKET_FLAT, 10).get());
  const std::vector<ac_receipt_step> good = steps_of(*explain(entity, "a"));
  const auto code_of = [](const std::vector<ac_receipt_step>& steps) {
    const Result<double> replayed = replay(steps);
    return replayed.ok() ? AC_OK : replayed.error().code;
  };
  EXPECT_EQ(code_of(good), AC_OK);
  EXPECT_EQ(code_of({}), AC_E_INVALID_ARGUMENT);
  EXPECT_EQ(code_of({good.begin() + 1, good.end()}), AC_E_INVALID_ARGUMENT);
  EXPECT_EQ(code_of({good.begin(), good.end() - 1}), AC_E_INVALID_ARGUMENT);
  EXPECT_EQ(code_of({good.front(), good.back()}), AC_E_INVALID_ARGUMENT);
  std::vector<ac_receipt_step> wrong = good;
  wrong.push_back(good.back());
  EXPECT_EQ(code_of(wrong), AC_E_INVALID_ARGUMENT);
  wrong = good;
  wrong[1].kind = AC_STEP_CLAMP + 1;
  EXPECT_EQ(code_of(wrong), AC_E_UNKNOWN_CONSTANT);
  wrong = good;
  wrong[1].reserved = 1;
  EXPECT_EQ(code_of(wrong), AC_E_UNSUPPORTED);
}

}  // namespace
}  // namespace actorcore::snapshot
