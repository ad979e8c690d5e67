#include "snapshot/entity_rows.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "unit/snapshot/support.h"

namespace actorcore::snapshot {
namespace {

class EntityRowsTest : public testing::Test {
 protected:
  std::int32_t code_of(const ac_output& output) {
    const Result<void> put = rows.put(output, names);
    return put.ok() ? AC_OK : put.error().code;
  }

  Names names;
  NameId race = name(names, "race");
  NameId items = name(names, "items");
  NameId strength = name(names, "strength");
  NameId agility = name(names, "agility");
  EntityRows rows;
};

TEST_F(EntityRowsTest, APutReplacesWhatItsSystemHadAndNothingElse) {
  EXPECT_EQ(code_of(Built(race).add(strength, AC_BUCKET_FLAT, 1).get()), AC_OK);
  EXPECT_EQ(code_of(Built(items).add(strength, AC_BUCKET_FLAT, 2).get()), AC_OK);
  EXPECT_EQ(code_of(Built(race).add(agility, AC_BUCKET_FLAT, 3).get()), AC_OK);
  ASSERT_EQ(rows.outputs().size(), 2u);
  ASSERT_EQ(rows.contributions().size(), 2u);
  EXPECT_EQ(rows.contributions()[0].value, 2.0);
  EXPECT_EQ(rows.contributions()[1].value, 3.0);
}

TEST_F(EntityRowsTest, EveryChangeHasAVersionOfItsOwn) {
  std::vector<std::uint64_t> versions{rows.version()};
  ASSERT_EQ(code_of(Built(race).get()), AC_OK);
  versions.push_back(rows.version());
  ASSERT_TRUE(rows.load({}, names).ok());
  versions.push_back(rows.version());
  EXPECT_FALSE(rows.remove(race));
  EXPECT_EQ(rows.version(), versions.back());
  ASSERT_EQ(code_of(Built(race).get()), AC_OK);
  versions.push_back(rows.version());
  EXPECT_TRUE(rows.remove(race));
  versions.push_back(rows.version());
  rows.clear();
  versions.push_back(rows.version());
  for (std::size_t i = 1; i < versions.size(); ++i) EXPECT_LT(versions[i - 1], versions[i]);
}

TEST_F(EntityRowsTest, RowsAreKeptInCanonicalOrder) {
  const NameId late = name(names, "late");
  Built built(race);
  built.add(strength, AC_BUCKET_OVERRIDE, 1).add(strength, AC_BUCKET_FLAT, 0.0);
  built.add(strength, AC_BUCKET_FLAT, -0.0).add(strength, AC_BUCKET_FLAT, -1);
  built.add(strength, AC_BUCKET_FLAT, 9).add(strength, AC_BUCKET_FLAT, 5);
  built.contributions[4].priority = 3;   // before all other FLAT rows
  built.contributions[5].system = late;  // "late" is before "race"
  ASSERT_EQ(code_of(built.get()), AC_OK);
  std::vector<double> values;
  for (const ContributionRow& row : rows.contributions()) values.push_back(row.value);
  EXPECT_EQ(values, (std::vector<double>{9, 5, -1, -0.0, 0.0, 1}));
  EXPECT_TRUE(std::signbit(values[3]));
  EXPECT_FALSE(std::signbit(values[4]));
}

TEST_F(EntityRowsTest, WhatNoSubsystemMayHandOverIsRefusedAndChangesNothing) {
  ASSERT_EQ(code_of(Built(race).add(strength, AC_BUCKET_FLAT, 1).get()), AC_OK);
  const std::uint64_t version = rows.version();
  EXPECT_EQ(code_of(Built(no_name).get()), AC_E_INVALID_ARGUMENT);
  EXPECT_EQ(code_of(Built(9999).get()), AC_E_INVALID_ARGUMENT);
  EXPECT_EQ(code_of(Built(race).add(no_name, 0, 1).get()), AC_E_INVALID_ARGUMENT);
  EXPECT_EQ(code_of(Built(race).add(9999, 0, 1).get()), AC_E_INVALID_ARGUMENT);
  EXPECT_EQ(code_of(Built(race).add(strength, 4, 1).get()), AC_E_UNKNOWN_CONSTANT);
  EXPECT_EQ(code_of(Built(race).add(strength, 0, 1, 2).get()), AC_E_UNKNOWN_CONSTANT);
  EXPECT_EQ(code_of(Built(race).cap(strength, 5, 0, 1).get()), AC_E_UNKNOWN_CONSTANT);
  EXPECT_EQ(code_of(Built(race).cap(strength, 0, 2, 1).get()), AC_E_UNKNOWN_CONSTANT);
  EXPECT_EQ(code_of(Built(race).cap(strength, 0, 0, 1, 9999).get()), AC_E_INVALID_ARGUMENT);
  Built reserved = Built(race).add(strength, 0, 1);
  reserved.contributions[0].reserved[2] = 1;
  EXPECT_EQ(code_of(reserved.get()), AC_E_UNSUPPORTED);
  Built twice = Built(race).modify(strength, 0, 0, {}).modify(strength, 0, 0, {});
  EXPECT_EQ(code_of(twice.get()), AC_E_INVALID_ARGUMENT);
  Built failed(race);
  failed.output.failed = 2;
  EXPECT_EQ(code_of(failed.get()), AC_E_INVALID_ARGUMENT);
  EXPECT_EQ(rows.version(), version);
  EXPECT_EQ(rows.contributions().size(), 1u);
}

TEST_F(EntityRowsTest, NullAndHugeCountsAreRefusedBeforeAnythingIsRead) {
  ac_output output = Built(race).get();
  output.contributions = nullptr;
  output.contribution_count = 1;
  EXPECT_EQ(code_of(output), AC_E_NULL);
  const ac_contribution row{};
  output.contributions = &row;
  for (const std::uint64_t count : {std::uint64_t{65'537}, UINT64_MAX, UINT64_MAX / 64}) {
    output.contribution_count = count;
    EXPECT_EQ(code_of(output), AC_E_LIMIT);
  }
  output.contribution_count = 0;
  ac_modifier modifier{};
  modifier.context = strength;
  modifier.multiplier_count = UINT32_MAX;
  output.modifiers = &modifier;
  output.modifier_count = 1;
  EXPECT_EQ(code_of(output), AC_E_NULL);
  const double multiplier = 1.0;
  modifier.multipliers = &multiplier;
  EXPECT_EQ(code_of(output), AC_E_LIMIT);
}

TEST_F(EntityRowsTest, AnErrorSaysWhichRowOfWhichOutput) {
  Built built = Built(race).add(strength, 0, 1).add(strength, 7, 1);
  const Result<void> put = rows.put(built.get(), names);
  EXPECT_EQ(put.error().message, "output of \"race\", contribution 1: no such bucket");
}

TEST_F(EntityRowsTest, AnEntityHasLimitsAndReplacingStaysWithinThem) {
  Built large(race);
  for (int i = 0; i < 40'000; ++i) large.add(strength, AC_BUCKET_FLAT, i);
  ASSERT_EQ(code_of(large.get()), AC_OK);
  ASSERT_EQ(code_of(large.get()), AC_OK);
  large.output.system = items;
  EXPECT_EQ(code_of(large.get()), AC_E_LIMIT);
  EXPECT_EQ(rows.contributions().size(), 40'000u);
  std::vector<ac_output> outputs;
  for (std::size_t i = 0; i <= EntityRows::outputs_max; ++i) {
    outputs.push_back(Built(name(names, "system_" + std::to_string(i))).get());
  }
  EXPECT_EQ(rows.load(outputs, names).error().code, AC_E_LIMIT);
  outputs.pop_back();
  EXPECT_TRUE(rows.load(outputs, names).ok());
  EXPECT_EQ(code_of(Built(race).get()), AC_E_LIMIT);
  EXPECT_EQ(code_of(outputs.front()), AC_OK);
}

TEST_F(EntityRowsTest, MultipliersOfReplacedOutputsAreForgotten) {
  const NameId damage = name(names, "damage");
  const std::vector<double> factors{2, 3};
  for (int i = 0; i < 10; ++i) {
    Built built = Built(race).modify(damage, 0, 0, factors);
    ASSERT_EQ(code_of(built.get()), AC_OK);
  }
  EXPECT_EQ(rows.multipliers().size(), 2u);
  ASSERT_EQ(code_of(Built(race).get()), AC_OK);
  EXPECT_EQ(rows.modifiers().size(), 0u);
  EXPECT_EQ(rows.multipliers().size(), 0u);
}

}  // namespace
}  // namespace actorcore::snapshot
