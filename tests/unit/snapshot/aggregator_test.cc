#include "snapshot/aggregator.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "snapshot/number_text.h"
#include "unit/snapshot/support.h"

namespace actorcore::snapshot {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

constexpr std::string_view plain = R"(
dimensions:
  a: {use_pipeline: true, clamp_default: {min: -1000, max: 1000}}
  b: {use_pipeline: false, operator: MAX, clamp_default: {min: -1000, max: 1000}}
  c: {use_pipeline: false, operator: MIN, clamp_default: {min: -1000, max: 1000}}
  f:
    use_pipeline: true
    clamp_default: {min: -7, max: 1000}
    formula: {terms: {a: 2}, constant: 1}
)";

// What the snapshot says of one dimension: `value` printed, or `absent`.
std::string value_of(Entity& entity, std::string_view dimension,
                     std::uint32_t list = AC_LIST_PRIMARY) {
  const SnapshotRef snapshot = entity.resolve();
  const double* const value = snapshot->find(list, entity.id(dimension));
  if (value == nullptr) return "absent";
  std::string text;
  append_number(text, *value);
  return text;
}

std::string errors_of(Entity& entity) {
  const std::string text = entity.printed();
  return text.substr(text.find("\"errors\": ") + 10);
}

TEST(Aggregator, AnEmptyEntityHasWhatItsFormulasGive) {
  Entity entity(plain);
  EXPECT_EQ(entity.printed(),
            "{\"actor_id\": \"hero\", \"version\": 1, \"primary\": {}, \"derived\": {\"f\": 1.0}, "
            "\"caps_used\": {\"f\": {\"min\": -7.0, \"max\": 1000.0}}, \"contexts\": {}, "
            "\"errors\": []}");
}

TEST(Aggregator, OfEqualZeroesTheFirstMetIsKept) {
  Entity entity(plain);
  entity.put(Built(entity.id("s"))
                 .add(entity.id("b"), AC_BUCKET_FLAT, 0.0)
                 .add(entity.id("b"), AC_BUCKET_FLAT, -0.0)
                 .add(entity.id("c"), AC_BUCKET_FLAT, 0.0)
                 .add(entity.id("c"), AC_BUCKET_MULT, -0.0)
                 .get());
  EXPECT_EQ(value_of(entity, "b"), "-0.0");  // sorted: -0 comes first
  EXPECT_EQ(value_of(entity, "c"), "0.0");   // FLAT comes before MULT
}

TEST(Aggregator, ASumOfNegativeZeroesIsZeroAndAnOverrideStays) {
  Entity entity(plain);
  entity.put(Built(entity.id("s")).add(entity.id("a"), AC_BUCKET_FLAT, -0.0).get());
  EXPECT_EQ(value_of(entity, "a"), "0.0");
  entity.put(Built(entity.id("t")).add(entity.id("a"), AC_BUCKET_OVERRIDE, -0.0).get());
  EXPECT_EQ(value_of(entity, "a"), "-0.0");
}

TEST(Aggregator, AClampKeepsACandidateThatEqualsTheBound) {
  Entity entity("dimensions: {a: {use_pipeline: true, clamp_default: {min: 0, max: 0}}}");
  entity.put(Built(entity.id("s")).add(entity.id("a"), AC_BUCKET_OVERRIDE, -0.0).get());
  EXPECT_EQ(value_of(entity, "a"), "-0.0");
}

TEST(Aggregator, ANanCandidateBecomesTheMinimumAndIsListedInOrderOfEvaluation) {
  const auto nan_rows = [&](Built& built, NameId dimension, std::uint32_t list) {
    built.add(dimension, AC_BUCKET_FLAT, 1.5e308, list);
    built.add(dimension, AC_BUCKET_FLAT, 1.5e308, list);
    built.add(dimension, AC_BUCKET_MULT, -1.0, list);
  };
  // Interned in an order that is not that of the names.
  Entity other(R"(
dimensions:
  z: {use_pipeline: true, clamp_default: {min: 1, max: 2}}
  y: {use_pipeline: true, clamp_default: {min: 3, max: 4}}
)");
  Built built(other.id("s"));
  nan_rows(built, other.id("z"), AC_LIST_PRIMARY);
  nan_rows(built, other.id("y"), AC_LIST_PRIMARY);
  nan_rows(built, other.id("z"), AC_LIST_DERIVED);
  other.put(built.get());
  EXPECT_EQ(value_of(other, "y"), "3.0");
  EXPECT_EQ(errors_of(other),
            "[{\"dimension\": \"y\", \"list\": \"primary\", \"code\": \"out_of_range\"}, "
            "{\"dimension\": \"z\", \"list\": \"primary\", \"code\": \"out_of_range\"}, "
            "{\"dimension\": \"z\", \"list\": \"derived\", \"code\": \"out_of_range\"}]}");
}

TEST(Aggregator, ANanFormulaReachesAnOperator) {
  Entity entity(R"(
dimensions:
  big: {use_pipeline: true, clamp_default: {min: -1.7e308, max: 1.7e308}}
  low: {use_pipeline: true, clamp_default: {min: -1.7e308, max: 1.7e308}}
  f:
    use_pipeline: false
    operator: MAX
    clamp_default: {min: 5, max: 6}
    formula: {terms: {big: 10, low: 10}}
)");
  entity.put(Built(entity.id("s"))
                 .add(entity.id("big"), AC_BUCKET_FLAT, 1.7e308)
                 .add(entity.id("low"), AC_BUCKET_FLAT, -1.7e308)
                 .add(entity.id("f"), AC_BUCKET_FLAT, 9, AC_LIST_DERIVED)
                 .get());
  EXPECT_EQ(value_of(entity, "f", AC_LIST_DERIVED), "5.0");
  EXPECT_EQ(errors_of(entity),
            "[{\"dimension\": \"f\", \"list\": \"derived\", \"code\": \"out_of_range\"}]}");
}

TEST(Aggregator, EachReasonToLeaveAnOutputOutIsListedAndTheRestResolve) {
  Entity entity(plain);
  const NameId a = entity.id("a");
  entity.put(Built(entity.id("nan"), 9).add(a, AC_BUCKET_FLAT, std::nan("")).get());
  entity.put(Built(entity.id("inf"), 8).cap(a, AC_CAP_BASELINE, AC_CAP_KIND_MAX, infinity).get());
  const std::vector<double> factors{1.0, infinity};
  entity.put(Built(entity.id("mult"), 7).modify(entity.id("damage"), 0, 0, factors).get());
  entity.put(Built(entity.id("dim"), 6).add(entity.id("nowhere"), AC_BUCKET_FLAT, 1).get());
  entity.put(Built(entity.id("layer"), 5)
                 .cap(a, AC_CAP_BASELINE, AC_CAP_KIND_MAX, 1, entity.id("NOWHERE"))
                 .get());
  entity.put(Built(entity.id("kind"), 4).cap(a, AC_CAP_HARD_MAX, AC_CAP_KIND_MIN, 1).get());
  entity.put(
      Built(entity.id("realm"), 3).cap(a, AC_CAP_BASELINE, AC_CAP_KIND_MAX, 1, realm_layer).get());
  Built failed(entity.id("failed"), 2);
  failed.output.failed = 1;
  entity.put(failed.get());
  entity.put(Built(entity.id("good"), 1).add(a, AC_BUCKET_FLAT, 3).get());
  EXPECT_EQ(errors_of(entity),
            "[{\"system\": \"nan\", \"code\": \"not_finite\"}, "
            "{\"system\": \"inf\", \"code\": \"not_finite\"}, "
            "{\"system\": \"mult\", \"code\": \"not_finite\"}, "
            "{\"system\": \"dim\", \"code\": \"unknown_dimension\"}, "
            "{\"system\": \"layer\", \"code\": \"unknown_layer\"}, "
            "{\"system\": \"kind\", \"code\": \"invalid_cap\"}, "
            "{\"system\": \"realm\", \"code\": \"invalid_cap\"}, "
            "{\"system\": \"failed\", \"code\": \"subsystem_failed\"}]}");
  EXPECT_EQ(value_of(entity, "a"), "3.0");
}

TEST(Aggregator, OfSeveralReasonsTheFirstRuleIsTold) {
  Entity entity(plain);
  const NameId nowhere = entity.id("nowhere");
  entity.put(Built(entity.id("s"))
                 .cap(entity.id("a"), AC_CAP_HARD_MAX, AC_CAP_KIND_MIN, 1)
                 .cap(entity.id("a"), AC_CAP_BASELINE, AC_CAP_KIND_MAX, 1, nowhere)
                 .cap(nowhere, AC_CAP_BASELINE, AC_CAP_KIND_MAX, 1)
                 .get());
  EXPECT_EQ(errors_of(entity), "[{\"system\": \"s\", \"code\": \"unknown_dimension\"}]}");
}

TEST(Aggregator, TwoOutputsOfOneSystemAreBothLeftOutUntilOneIsPut) {
  Entity entity(plain);
  const NameId a = entity.id("a");
  Built first = Built(entity.id("s"), 1).add(a, AC_BUCKET_FLAT, 1);
  Built second = Built(entity.id("s"), 5).add(a, AC_BUCKET_FLAT, std::nan(""));
  Built other = Built(entity.id("t"), 3).add(a, AC_BUCKET_FLAT, 7);
  ASSERT_TRUE(
      entity.rows.load(std::vector{first.get(), second.get(), other.get()}, entity.names).ok());
  EXPECT_EQ(errors_of(entity), "[{\"system\": \"s\", \"code\": \"duplicate_system\"}]}");
  EXPECT_EQ(value_of(entity, "a"), "7.0");
  entity.put(first.get());
  EXPECT_EQ(errors_of(entity), "[]}");
  EXPECT_EQ(value_of(entity, "a"), "8.0");
  EXPECT_TRUE(entity.rows.remove(entity.id("s")));
  EXPECT_EQ(value_of(entity, "a"), "7.0");
}

TEST(Aggregator, AnAddedTwinRejectsBothAtThePlaceOfTheFirst) {
  Entity entity(plain);
  const NameId a = entity.id("a");
  entity.put(Built(entity.id("s"), 1).add(a, AC_BUCKET_FLAT, 1).get());
  entity.put(Built(entity.id("wrong"), 3).add(entity.id("nowhere"), AC_BUCKET_FLAT, 1).get());
  Built twin = Built(entity.id("s"), 5).add(a, AC_BUCKET_FLAT, 2);
  ASSERT_TRUE(entity.rows.add(twin.get(), entity.names).ok());
  Built third = Built(entity.id("s"), 0).add(a, AC_BUCKET_FLAT, 2);
  ASSERT_TRUE(entity.rows.add(third.get(), entity.names).ok());
  EXPECT_EQ(errors_of(entity),
            "[{\"system\": \"s\", \"code\": \"duplicate_system\"}, "
            "{\"system\": \"wrong\", \"code\": \"unknown_dimension\"}]}");
  EXPECT_EQ(value_of(entity, "a"), "absent");
}

TEST(Aggregator, ANewRegistryMayAcceptWhatTheOldOneRejected) {
  Entity entity(plain);
  entity.put(Built(entity.id("s")).add(entity.id("later"), AC_BUCKET_FLAT, 4).get());
  const SnapshotRef old = entity.resolve();
  EXPECT_EQ(old->errors().size(), 1u);
  entity.registry = registry_of(
      entity.names, "dimensions: {later: {use_pipeline: true, clamp_default: {min: 0, max: 9}}}");
  const SnapshotRef fresh = entity.resolve();
  EXPECT_EQ(fresh->errors().size(), 0u);
  EXPECT_EQ(value_of(entity, "later"), "4.0");
  EXPECT_FALSE(old->stamp() == fresh->stamp());
  EXPECT_EQ(old->find(AC_LIST_PRIMARY, entity.id("later")), nullptr);
}

TEST(Aggregator, TheStampSaysWhatASnapshotWasMadeOf) {
  Entity entity(plain);
  const SnapshotStamp first = entity.resolve()->stamp();
  EXPECT_TRUE(first == entity.resolve()->stamp());
  entity.put(Built(entity.id("s")).get());
  EXPECT_FALSE(first == entity.resolve()->stamp());
}

TEST(Aggregator, StrictFailsWithTheFirstEntry) {
  Entity entity(plain);
  EXPECT_TRUE(entity.try_resolve(true).ok());
  entity.put(Built(entity.id("s")).add(entity.id("nowhere"), AC_BUCKET_FLAT, 1).get());
  const Result<SnapshotRef> refused = entity.try_resolve(true);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, AC_E_REJECTED);
  EXPECT_EQ(refused.error().message,
            "system \"s\": unknown_dimension; correct it, or resolve without the strict flag");
  EXPECT_TRUE(entity.try_resolve(false).ok());
}

TEST(Aggregator, ContextsMergeInOrderOfTheOutputsAndApplyInTheGivenOrder) {
  Entity entity(plain);
  const NameId damage = entity.id("damage");
  const std::vector<double> first{1.1, 3.3}, second{0.7};
  entity.put(Built(entity.id("t"), 1).modify(damage, 0.1, 1, first).get());
  entity.put(Built(entity.id("s"), 2).modify(damage, 0.2, 2, second).get());
  const SnapshotRef snapshot = entity.resolve();
  ASSERT_EQ(snapshot->contexts().size(), 1u);
  const double percent = 0.2 + 0.1;
  const double multiplier = 0.7 * 1.1 * 3.3;
  EXPECT_EQ(snapshot->contexts()[0].multiplier, multiplier);
  EXPECT_EQ(snapshot->apply(damage, 10.0), 10.0 * (1.0 + percent) * multiplier + 3.0);
  EXPECT_EQ(snapshot->apply(entity.id("healing"), 10.0), 10.0);
}

TEST(Aggregator, AContextOutOfRangeIsLeftOut) {
  Entity entity(plain);
  const std::vector<double> factors{1e200, 1e200};
  entity.put(Built(entity.id("s")).modify(entity.id("damage"), 0, 0, factors).get());
  EXPECT_EQ(errors_of(entity), "[{\"context\": \"damage\", \"code\": \"out_of_range\"}]}");
  EXPECT_EQ(entity.resolve()->contexts().size(), 0u);
}

TEST(Aggregator, ASnapshotOutlivesEverythingItWasMadeOf) {
  SnapshotRef kept;
  {
    Entity entity(plain);
    entity.put(Built(entity.id("s")).add(entity.id("a"), AC_BUCKET_FLAT, 5).get());
    kept = entity.resolve();
  }
  EXPECT_EQ(kept->actor_id(), "hero");
  EXPECT_EQ(kept->primary().values[0], 5.0);
  EXPECT_EQ(kept->derived().values[0], 11.0);
}

TEST(Aggregator, AnIdHasALimit) {
  Names names;
  SnapshotPool pool;
  Aggregator aggregator(names, pool);
  EntityRows rows;
  const auto registry = registry_of(names, plain);
  const std::string id(Aggregator::actor_id_bytes_max + 1, 'x');
  EXPECT_EQ(aggregator.resolve(rows, *registry, {.actor_id = id}).error().code, AC_E_LIMIT);
  const std::string_view longest = std::string_view(id).substr(1);
  const SnapshotRef snapshot = aggregator.resolve(rows, *registry, {.actor_id = longest}).value();
  EXPECT_EQ(snapshot->actor_id(), longest);
}

// The largest entity that the limits allow fits into the largest block.
TEST(Aggregator, ALargeRegistryAndEntityResolve) {
  std::string text = "{\"dimensions\": {";
  constexpr int count = 65'536;
  for (int i = 0; i < count; ++i) {
    text += (i == 0 ? "\"d" : ", \"d") + std::to_string(i) +
            "\": {\"use_pipeline\": true, \"clamp_default\": {\"min\": 0, \"max\": 1e9}}";
  }
  Entity entity(text + "}}");
  Built built(entity.id("s"));
  for (int i = 0; i < count; ++i) {
    built.add(entity.id("d" + std::to_string(i)), AC_BUCKET_FLAT, i, i % 2);
  }
  entity.put(built.get());
  const SnapshotRef snapshot = entity.resolve();
  EXPECT_EQ(snapshot->primary().values.size() + snapshot->derived().values.size(), 65'536u);
  EXPECT_EQ(*snapshot->find(AC_LIST_DERIVED, entity.id("d65535")), 65'535.0);
}

}  // namespace
}  // namespace actorcore::snapshot
