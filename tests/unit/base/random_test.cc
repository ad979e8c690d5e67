#include "base/random.h"

#include <gtest/gtest.h>

namespace actorcore {
namespace {

TEST(Random, TheSameSeedGivesTheSameSequence) {
  Random a(42);
  Random b(42);
  Random c(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t value = a.next();
    EXPECT_EQ(value, b.next());
    differs |= value != c.next();
  }
  EXPECT_TRUE(differs);
}

// SplitMix64 from seed 0 starts 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, ...; xoshiro256** takes the
// second word of it.
TEST(Random, TheFirstNumberIsTheAlgorithmsOwn) {
  Random random(0);
  const std::uint64_t second = 0x6e789e6aa1b965f4;
  EXPECT_EQ(random.next(), std::rotl(second * 5, 7) * 9);
}

TEST(Random, BelowStaysBelowAndReachesEverything) {
  Random random(7);
  int seen[10] = {};
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t value = random.below(10);
    ASSERT_LT(value, 10u);
    ++seen[value];
  }
  for (const int count : seen) EXPECT_GT(count, 800);
}

}  // namespace
}  // namespace actorcore
