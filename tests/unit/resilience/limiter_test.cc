#include "resilience/limiter.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace actorcore::resilience {
namespace {

constexpr std::uint64_t one_second = 1'000'000'000;

Limiter::Rate rate(std::uint64_t tokens, std::uint64_t burst,
                   std::uint64_t period_ns = one_second) {
  return Limiter::rate_of(tokens, period_ns, burst).value();
}

struct Limited {
  Limited(Limiter::Rate given, std::uint32_t keys = 0) : limiter(clock, given, keys) {}

  bool take(std::uint64_t key = 0, std::uint64_t tokens = 1) {
    return limiter.take(key, tokens, wait_ns) == AC_OK;
  }
  void pass(std::uint64_t ns) { clock.advance(clock.now() + ns); }

  Clock clock{true};
  Limiter limiter;
  std::uint64_t wait_ns = 0;
};

TEST(Limiter, GivesItsBurstAtOnceAndThenItsRate) {
  Limited limited(rate(10, 3));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limited.take());
  EXPECT_FALSE(limited.take());
  EXPECT_EQ(one_second / 10, limited.wait_ns);
  limited.pass(one_second / 10 - 1);
  EXPECT_FALSE(limited.take());
  EXPECT_EQ(1, limited.wait_ns);
  limited.pass(1);
  EXPECT_TRUE(limited.take());
  EXPECT_EQ(0, limited.wait_ns);
  EXPECT_FALSE(limited.take());
  limited.pass(one_second);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limited.take());  // what is not used is not saved up
  EXPECT_FALSE(limited.take());
}

TEST(Limiter, TakesAllOrNothingAndNeverMoreThanTheBurst) {
  Limited limited(rate(10, 5));
  EXPECT_TRUE(limited.take(0, 3));
  EXPECT_FALSE(limited.take(0, 3));
  EXPECT_EQ(one_second / 10, limited.wait_ns);
  EXPECT_TRUE(limited.take(0, 2));
  std::uint64_t wait_ns;
  EXPECT_EQ(AC_E_LIMIT, limited.limiter.take(0, 6, wait_ns));
  EXPECT_EQ(AC_E_LIMIT, limited.limiter.take(0, UINT64_MAX, wait_ns));
  EXPECT_EQ(AC_E_INVALID_ARGUMENT, limited.limiter.take(1, 1, wait_ns));
  EXPECT_EQ(5, limited.limiter.stats().taken);
  EXPECT_EQ(3, limited.limiter.stats().refused);
}

// Against a bucket of fractions of tokens, which is exact for rates that divide the period.
TEST(Limiter, AgreesWithANaiveBucket) {
  Limited limited(rate(1'000, 50));
  const std::uint64_t interval = one_second / 1'000;
  std::uint64_t level = 50 * interval;  // in the time that it takes to come back
  std::uint64_t state = 1;
  for (int i = 0; i < 100'000; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    const std::uint64_t passed = (state >> 33) % (3 * interval);
    const std::uint64_t tokens = 1 + (state >> 60) % 5;
    limited.pass(passed);
    level = std::min(level + passed, 50 * interval);
    const bool passes = level >= tokens * interval;
    ASSERT_EQ(passes, limited.take(0, tokens)) << i;
    if (passes) {
      level -= tokens * interval;
    } else {
      ASSERT_EQ(tokens * interval - level, limited.wait_ns) << i;
    }
  }
}

TEST(Limiter, ANewRateHoldsAtOnceAndDebtsAreKeptInTokens) {
  Limited limited(rate(1, 10), 4);
  for (std::uint64_t key : {0, 1}) EXPECT_TRUE(limited.take(key, 10));
  EXPECT_FALSE(limited.take());
  EXPECT_EQ(one_second, limited.wait_ns);
  limited.limiter.set(rate(1'000, 10));
  for (std::uint64_t key : {0, 1}) {
    EXPECT_FALSE(limited.take(key));
    EXPECT_EQ(one_second / 1'000, limited.wait_ns);
  }
  limited.pass(one_second / 100);
  for (std::uint64_t key : {0, 1}) EXPECT_TRUE(limited.take(key, 10));
  limited.limiter.set(rate(1, 20));
  EXPECT_TRUE(limited.take(0, 10)) << "a larger burst is there at once";
}

TEST(Limiter, EachKeyHasABucketOfItsOwn) {
  Limited limited(rate(1, 1), 3);
  for (std::uint64_t key = 0; key <= 3; ++key) EXPECT_TRUE(limited.take(key));
  for (std::uint64_t key = 0; key <= 3; ++key) EXPECT_FALSE(limited.take(key));
  EXPECT_EQ(3, limited.limiter.stats().keys);
  EXPECT_EQ(0, limited.limiter.stats().evicted);
}

TEST(Limiter, AFullBucketGivesWayFirstThenTheOneUsedLeastRecently) {
  Limited limited(rate(1, 10), 3);
  EXPECT_TRUE(limited.take(1, 10));
  EXPECT_TRUE(limited.take(2, 1));
  EXPECT_TRUE(limited.take(3, 10));
  limited.pass(one_second);  // 2 is full again, though 1 was used before it
  EXPECT_TRUE(limited.take(4, 10));
  EXPECT_EQ(1, limited.limiter.stats().evicted);
  EXPECT_EQ(0, limited.limiter.stats().forgotten);
  EXPECT_FALSE(limited.take(1, 10)) << "it was not the one";
  EXPECT_TRUE(limited.take(5, 10));  // now 3 is the one used least recently
  EXPECT_EQ(1, limited.limiter.stats().forgotten);
  EXPECT_FALSE(limited.take(1, 10));
  EXPECT_FALSE(limited.take(4, 10));
  EXPECT_TRUE(limited.take(3, 10)) << "what it owed is forgotten";
  EXPECT_EQ(3, limited.limiter.stats().keys);
}

TEST(Limiter, NeverKeepsMoreKeysThanItHasRoomFor) {
  Limited limited(rate(1, 1), 5'000);
  for (std::uint64_t key = 1; key <= 50'000; ++key) EXPECT_TRUE(limited.take(key));
  const ac_limiter_stats stats = limited.limiter.stats();
  EXPECT_EQ(5'000, stats.keys);
  EXPECT_EQ(45'000, stats.evicted);
  EXPECT_EQ(50'000, stats.taken);
}

TEST(Limiter, RefusesRatesThatItCannotKeep) {
  const auto code = [](std::uint64_t tokens, std::uint64_t period_ns, std::uint64_t burst) {
    const auto made = Limiter::rate_of(tokens, period_ns, burst);
    return made.ok() ? AC_OK : made.error().code;
  };
  EXPECT_EQ(AC_E_INVALID_ARGUMENT, code(0, one_second, 1));
  EXPECT_EQ(AC_E_LIMIT, code(one_second + 1, one_second, 1));
  EXPECT_EQ(AC_E_LIMIT, code(1, Limiter::period_max_ns + 1, 1));
  EXPECT_EQ(AC_E_LIMIT, code(1, Limiter::period_max_ns, UINT64_MAX));
  EXPECT_EQ(AC_OK, code(one_second, one_second, one_second));
  EXPECT_EQ(AC_OK, code(1, Limiter::period_max_ns, 365));
}

TEST(Limiter, ThreadsTogetherGetTheBurstAndNoMore) {
  Limited limited(rate(1, 1'000), 16);
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> taken[2] = {};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t k = 0; k < 1'000; ++k) {
        std::uint64_t wait_ns;
        if (limited.limiter.take(k % 2, 1, wait_ns) == AC_OK) taken[k % 2].fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(1'000, taken[0].load());
  EXPECT_EQ(1'000, taken[1].load());
}

}  // namespace
}  // namespace actorcore::resilience
