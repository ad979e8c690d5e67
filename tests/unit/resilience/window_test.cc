#include "resilience/window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace actorcore::resilience {
namespace {

TEST(Latencies, EveryTimeIsInAStepLessThanASixteenthWide) {
  std::uint64_t first = 0;
  for (std::uint32_t step = 0; step < Latencies::steps; ++step) {
    const std::uint64_t longest = Latencies::longest_of(step);
    ASSERT_EQ(step, Latencies::step_of(first));
    ASSERT_EQ(step, Latencies::step_of(longest));
    ASSERT_LE((longest - first) * 16, std::max<std::uint64_t>(first, 1)) << step;
    first = longest + 1;
  }
  EXPECT_EQ(std::uint64_t{1} << (Latencies::top_bit + 1), first);
  EXPECT_EQ(Latencies::steps - 1, Latencies::step_of(UINT64_MAX));
}

TEST(Window, CoversItsLengthInTenths) {
  Window window(1'000, false);
  window.advance(50);
  window.add(1, true, false);
  window.advance(950);
  window.add(1, false, true);
  EXPECT_EQ(2, window.totals().calls);
  EXPECT_FALSE(window.advance(999));
  EXPECT_TRUE(window.advance(1'000));
  EXPECT_EQ(1, window.totals().calls);
  EXPECT_EQ(0, window.totals().failures);
  EXPECT_EQ(1, window.totals().slow);
  EXPECT_TRUE(window.advance(1'900));
  EXPECT_EQ(0, window.totals().calls);
  EXPECT_FALSE(window.advance(100)) << "time does not go back";
  window.add(1, false, false);
  EXPECT_TRUE(window.advance(UINT64_MAX));
  EXPECT_EQ(0, window.totals().calls);
}

TEST(Window, AQuantileIsAtLeastTheTrueOneAndLessThanASixteenthAbove) {
  Window window(1'000, true);
  EXPECT_EQ(0, window.quantile(0.5));
  Random random(7);
  std::vector<std::uint64_t> all;
  for (int i = 0; i < 1'000; ++i) {
    all.push_back(random.next() >> (22 + random.below(40)));
    window.add(all.back(), false, false);
  }
  std::sort(all.begin(), all.end());
  for (const double part : {0.001, 0.25, 0.5, 0.9, 0.99, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(part * 1'000));
    const std::uint64_t exact = all[rank - 1];
    const std::uint64_t got = window.quantile(part);
    EXPECT_LE(exact, got);
    EXPECT_LE(got - exact, exact / 16);
  }
}

}  // namespace
}  // namespace actorcore::resilience
