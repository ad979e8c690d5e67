#include "snapshot/registry.h"

#include <string>
#include <vector>

#include "unit/snapshot/support.h"

namespace actorcore::snapshot {
namespace {

using Reasons = std::vector<std::string>;

Reasons wrong(std::string_view text) {
  Names names;
  const auto parsed = Registry::parse({.name = "r", .text = text}, names);
  if (parsed.ok()) return {"accepted"};
  EXPECT_EQ(parsed.error().code, AC_E_BAD_REGISTRY);
  return reasons(parsed.error());
}

constexpr std::string_view clamp = "clamp_default: {min: 0, max: 9}";

TEST(Registry, DimensionsAreInOrderOfTheirNamesAndFormulasAfterTheirTerms) {
  Names names;
  const auto registry = registry_of(names, R"(
dimensions:
  b:
    use_pipeline: true
    clamp_default: {min: 0, max: 9}
    formula: {terms: {c: 2, a: 1}, constant: 3}
  a: {use_pipeline: false, operator: MAX, clamp_default: {min: -1, max: 9}}
  c: {use_pipeline: true, clamp_default: {min: 0, max: 9}, formula: {terms: {a: 1}}}
)");
  ASSERT_EQ(registry->dimensions().size(), 3u);
  EXPECT_EQ(names.text(registry->dimensions()[0].name), "a");
  EXPECT_EQ(registry->dimensions()[0].fold, Fold::max);
  EXPECT_EQ(registry->index_of(name(names, "b")), 1u);
  EXPECT_EQ(registry->index_of(name(names, "later")), Registry::none);
  ASSERT_EQ(registry->formulas().size(), 2u);
  EXPECT_EQ(registry->formulas()[0].dimension, 2u);
  EXPECT_EQ(registry->formulas()[1].dimension, 1u);
  EXPECT_EQ(registry->terms()[registry->formulas()[1].first_term].dimension, 0u);
}

TEST(Registry, LayersComeFromTheDocumentOrStayAsTheyAre) {
  Names names;
  const std::string plain = "dimensions: {}\n";
  const Layers in_force{.order = {"A", "B"}, .across_policy = AcrossPolicy::unite};
  const auto kept = Registry::parse({.name = "r", .text = plain}, names, in_force).value();
  EXPECT_EQ(kept->layers().order, in_force.order);
  const std::string own = plain + "layers: {order: [B], across_policy: PRIORITIZED_OVERRIDE}\n";
  const auto changed = Registry::parse({.name = "r", .text = own}, names, in_force).value();
  EXPECT_EQ(changed->layers().order, std::vector<std::string>{"B"});
  EXPECT_EQ(changed->layer_of(name(names, "A")), Registry::none);
  const auto again = changed->with_layers(in_force, names).value();
  EXPECT_EQ(again->layer_of(name(names, "B")), 1u);
  EXPECT_NE(kept->version(), changed->version());
  EXPECT_NE(changed->version(), again->version());
}

TEST(Registry, LayersAreReadAloneOrWrapped) {
  EXPECT_EQ(Layers::parse({.name = "l", .text = "order: [X]"}).value().order[0], "X");
  EXPECT_EQ(Layers::parse({.name = "l", .text = "layers: {order: [X]}"}).value().order[0], "X");
  EXPECT_EQ(Layers::parse({.name = "l", .text = "across_policy: UNITE"}).error().message,
            "l:1:16: must be INTERSECT, UNION or PRIORITIZED_OVERRIDE, not \"UNITE\"");
  EXPECT_EQ(Layers::parse({.name = "l", .text = "order: [X, Y, X]"}).error().message,
            "l:1:15: layer \"X\" is listed twice");
  EXPECT_FALSE(Layers::parse({.name = "l", .text = "order: X"}).ok());
  std::string many = "order: [";
  for (int i = 0; i < 65; ++i) many += "L" + std::to_string(i) + ", ";
  EXPECT_EQ(Layers::parse({.name = "l", .text = many + "]"}).error().details.size(), 1u);
}

TEST(BadRegistry, EveryProblemIsNamedWithItsPlace) {
  EXPECT_EQ(wrong(R"(dimensions:
  a: {use_pipeline: true, clamp_defualt: {min: 0, max: 9}}
  b: {use_pipeline: false, operator: SUMM, clamp_default: {min: 9, max: 0}}
  c: {use_pipeline: yes, clamp_default: {min: 0}}
  Bad: {use_pipeline: true, clamp_default: {min: 0, max: 9}}
)"),
            (Reasons{
                "r:2:6: a dimension needs \"clamp_default\"",
                "r:2:27: a dimension has no \"clamp_defualt\"; did you mean \"clamp_default\"?",
                "r:3:38: must be SUM, MAX or MIN, not \"SUMM\"; did you mean \"SUM\"?",
                "r:3:59: clamp_default has min above max; swap them",
                "r:4:21: this must be true or false, not text \"yes\"",
                "r:4:41: clamp_default needs \"max\"",
                "r:5:3: \"Bad\" is no dimension name; it takes a letter a-z, then letters a-z, "
                "digits and _, at most 255",
            }));
}

TEST(BadRegistry, AnOperatorIsNeededWithoutPipeline) {
  EXPECT_EQ(wrong("dimensions:\n  a: {use_pipeline: false, " + std::string(clamp) + "}\n"),
            Reasons{"r:2:6: a dimension needs \"operator\""});
}

TEST(BadRegistry, AFormulaNamesKnownDimensions) {
  EXPECT_EQ(wrong("dimensions:\n  strength: {use_pipeline: true, " + std::string(clamp) +
                  ", formula: {terms: {strenght: 1, x: 2}}}\n"),
            (Reasons{"r:2:85: the formula names \"strenght\", which is no dimension; did you mean "
                     "\"strength\"?",
                     "r:2:98: the formula names \"x\", which is no dimension"}));
}

TEST(BadRegistry, AFormulaIsOfFiniteNumbers) {
  EXPECT_EQ(wrong("dimensions:\n  a: {use_pipeline: true, clamp_default: {min: -.inf, max: 9}}\n"),
            Reasons{"r:2:48: this number must be finite"});
  EXPECT_EQ(wrong("dimensions:\n  a: {use_pipeline: true, " + std::string(clamp) +
                  ", formula: {constant: .nan}}\n"),
            Reasons{"r:2:80: this number must be finite"});
}

TEST(BadRegistry, ACycleIsShown) {
  const std::string rule = ": {use_pipeline: true, " + std::string(clamp) + ", formula: {terms: {";
  EXPECT_EQ(wrong("dimensions:\n  a" + rule + "b: 1}}}\n  b" + rule + "c: 1}}}\n  c" + rule +
                  "b: 1}}}\n"),
            Reasons{"r:3:69: the formulas form a cycle: b -> c -> b"});
  EXPECT_EQ(wrong("dimensions:\n  a" + rule + "a: 1}}}\n"),
            Reasons{"r:2:69: the formulas form a cycle: a -> a"});
}

TEST(BadRegistry, AChainAsLongAsTheRegistryIsNoCycleAndNoOverflow) {
  std::string text =
      "{\"dimensions\": {\"d0\": {\"use_pipeline\": true, \"clamp_default\": "
      "{\"min\": 0, \"max\": 1}}";
  for (int i = 1; i < 60'000; ++i) {
    text += ", \"d" + std::to_string(i) +
            "\": {\"use_pipeline\": true, \"clamp_default\": {\"min\": 0, \"max\": 1}, "
            "\"formula\": {\"terms\": {\"d" +
            std::to_string(i - 1) + "\": 1}}}";
  }
  Names names;
  const auto chain = Registry::parse({.name = "r", .text = text + "}}"}, names);
  ASSERT_TRUE(chain.ok()) << chain.error().message;
  EXPECT_EQ(chain.value()->formulas().size(), 59'999u);
}

TEST(BadRegistry, TheWholeMustBeARegistry) {
  EXPECT_EQ(wrong("[]"), Reasons{"r:1:1: a registry must be an object, not an array"});
  EXPECT_EQ(wrong("{}"), Reasons{"r:1:1: a registry needs \"dimensions\""});
  EXPECT_EQ(wrong("dimension: {}"),
            (Reasons{"r:1:1: a registry has no \"dimension\"; did you mean \"dimensions\"?",
                     "r:1:1: a registry needs \"dimensions\""}));
  EXPECT_EQ(wrong("dimensions: [a]"),
            Reasons{"r:1:13: dimensions must be an object, not an array"});
}

TEST(BadRegistry, ARefusedOneInternsNothing) {
  Names names;
  const std::uint32_t before = names.count();
  EXPECT_FALSE(Registry::parse({.name = "r", .text = "dimensions: {good: {}}"}, names).ok());
  EXPECT_EQ(names.count(), before);
}

}  // namespace
}  // namespace actorcore::snapshot
