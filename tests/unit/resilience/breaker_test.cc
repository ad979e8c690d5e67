#include "resilience/breaker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

namespace actorcore::resilience {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t second = 1'000 * ms;

ac_breaker_options complete(const ac_breaker_options& options) {
  return Breaker::complete(options).value();
}

struct Guarded {
  explicit Guarded(const ac_breaker_options& options, std::uint64_t seed = 1)
      : breaker(clock, complete(options), seed) {}

  void pass(std::uint64_t ns) { clock.advance(clock.now() + ns); }
  // A call that takes `ns`; false when it was refused.
  bool call(std::uint64_t ns, std::uint32_t outcome = AC_OUTCOME_SUCCESS) {
    ac_permit permit;
    if (breaker.enter(permit) != AC_OK) return false;
    pass(ns);
    EXPECT_EQ(AC_OK, breaker.leave(permit, outcome));
    return true;
  }
  bool fail() { return call(0, AC_OUTCOME_FAILURE); }
  std::uint32_t state() { return breaker.stats().state; }
  std::vector<ac_breaker_change> changes() {
    std::vector<ac_breaker_change> all(Breaker::changes_kept);
    all.resize(breaker.changes(0, all.data(), all.size()));
    return all;
  }
  // Reason and time of each change, in milliseconds.
  std::vector<std::pair<std::uint32_t, std::uint64_t>> story() {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> all;
    for (const ac_breaker_change& change : changes()) {
      all.emplace_back(change.reason, change.time_ns / ms);
    }
    return all;
  }

  Clock clock{true};
  Breaker breaker;
};

using Story = std::vector<std::pair<std::uint32_t, std::uint64_t>>;

TEST(Breaker, OpensAtTheRatioOnceThereAreEnoughCalls) {
  Guarded guarded({.calls_min = 10, .failure_ratio = 0.5});
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(guarded.call(ms));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(guarded.fail());
  EXPECT_EQ(AC_BREAKER_CLOSED, guarded.state()) << "nine calls are too few";
  EXPECT_TRUE(guarded.call(ms));
  EXPECT_EQ(AC_BREAKER_OPEN, guarded.state());
  EXPECT_FALSE(guarded.call(ms));
  const ac_breaker_change change = guarded.changes().at(0);
  EXPECT_EQ(AC_BREAKER_FAILURES, change.reason);
  EXPECT_EQ(10, change.calls);
  EXPECT_EQ(5, change.failures);
  EXPECT_EQ(guarded.clock.now() + second, change.until_ns);
  EXPECT_EQ(1, guarded.breaker.stats().refused);
}

TEST(Breaker, ForgetsFailuresThatLeftTheWindow) {
  Guarded guarded({.calls_min = 10, .window_ns = second});
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(guarded.fail());
  guarded.pass(second);
  EXPECT_TRUE(guarded.fail());
  EXPECT_EQ(AC_BREAKER_CLOSED, guarded.state());
  EXPECT_EQ(1, guarded.breaker.stats().window_calls);
}

// The whole life: a spike of failures, two probes in vain, each wait twice as long up to the cap,
// then recovery, and the first wait again.
TEST(Breaker, ASpikeOpensItForGrowingTimesUntilProbesSucceedInARow) {
  Guarded guarded({.calls_min = 2, .successes = 2, .open_ns = 100 * ms, .open_max_ns = 300 * ms});
  guarded.fail(), guarded.fail();
  for (int i = 0; i < 3; ++i) {
    while (!guarded.fail()) guarded.pass(ms);
  }
  while (!guarded.call(ms)) guarded.pass(ms);
  EXPECT_EQ(AC_BREAKER_HALF_OPEN, guarded.state());
  EXPECT_TRUE(guarded.call(ms));
  EXPECT_EQ(AC_BREAKER_CLOSED, guarded.state());
  guarded.fail(), guarded.fail();
  EXPECT_EQ((Story{{AC_BREAKER_FAILURES, 0},
                   {AC_BREAKER_TIME_OVER, 100},
                   {AC_BREAKER_PROBE_FAILED, 100},
                   {AC_BREAKER_TIME_OVER, 300},
                   {AC_BREAKER_PROBE_FAILED, 300},
                   {AC_BREAKER_TIME_OVER, 600},
                   {AC_BREAKER_PROBE_FAILED, 600},
                   {AC_BREAKER_TIME_OVER, 900},
                   {AC_BREAKER_RECOVERED, 902},
                   {AC_BREAKER_FAILURES, 902}}),
            guarded.story());
  EXPECT_EQ(1'002 * ms, guarded.breaker.stats().until_ns);
}

TEST(Breaker, SlownessOpensItAndASlowProbeDoesSoAgain) {
  Guarded guarded({.calls_min = 4, .successes = 1, .slow_ratio = 0.5, .slow_ns = 10 * ms});
  for (const std::uint64_t took : {1, 10, 11}) EXPECT_TRUE(guarded.call(took * ms));
  EXPECT_EQ(AC_BREAKER_CLOSED, guarded.state());
  EXPECT_TRUE(guarded.call(12 * ms));
  EXPECT_EQ(AC_BREAKER_OPEN, guarded.state());
  guarded.pass(second);
  EXPECT_TRUE(guarded.call(20 * ms));
  EXPECT_EQ(AC_BREAKER_PROBE_SLOW, guarded.changes().back().reason);
  guarded.pass(2 * second);
  EXPECT_TRUE(guarded.call(10 * ms));
  EXPECT_EQ(AC_BREAKER_CLOSED, guarded.state());
}

TEST(Breaker, WhatIsSlowFollowsTheUsualTimeBetweenFloorAndCeiling) {
  const auto after = [](std::uint64_t usual_ns) {
    Guarded guarded({.calls_min = 10,
                     .window_ns = second,
                     .slow_ns = 80 * ms,
                     .slow_floor_ns = 5 * ms,
                     .quantile = 0.9,
                     .factor = 4});
    EXPECT_EQ(80 * ms, guarded.breaker.stats().slow_after_ns) << "nothing is known yet";
    for (int i = 0; i < 10; ++i) guarded.call(usual_ns);
    guarded.pass(second / 10);
    guarded.call(usual_ns);
    return guarded.breaker.stats().slow_after_ns;
  };
  EXPECT_EQ(5 * ms, after(ms / 10));
  EXPECT_EQ(80 * ms, after(30 * ms));
  const std::uint64_t known = Latencies::longest_of(Latencies::step_of(8 * ms));
  EXPECT_EQ(4 * known, after(8 * ms));
  EXPECT_LE(known - 8 * ms, 8 * ms / 16);
}

TEST(Breaker, HalfOpenLetsOnlyItsProbesPassAndALostOneCountsAsFailed) {
  Guarded guarded(
      {.calls_min = 1, .successes = 3, .probes = 2, .open_ns = 100 * ms, .open_max_ns = 500 * ms});
  guarded.fail();
  guarded.pass(100 * ms);
  ac_permit first, second_one, third;
  EXPECT_EQ(AC_OK, guarded.breaker.enter(first));
  EXPECT_EQ(AC_OK, guarded.breaker.enter(second_one));
  EXPECT_EQ(AC_E_OVERLOADED, guarded.breaker.enter(third));
  EXPECT_EQ(AC_OK, guarded.breaker.leave(first, AC_OUTCOME_IGNORED));
  EXPECT_EQ(AC_E_STALE, guarded.breaker.leave(first, AC_OUTCOME_SUCCESS));
  EXPECT_EQ(AC_OK, guarded.breaker.enter(third)) << "an ignored probe makes room";
  EXPECT_EQ(AC_OK, guarded.breaker.leave(third, AC_OUTCOME_SUCCESS));
  guarded.pass(500 * ms);
  EXPECT_TRUE(guarded.call(0));  // the first place is free
  EXPECT_EQ(AC_OK, guarded.breaker.enter(first));
  EXPECT_EQ(AC_E_OVERLOADED, guarded.breaker.enter(third));
  EXPECT_EQ(AC_BREAKER_PROBE_LOST, guarded.changes().back().reason);
  EXPECT_EQ(AC_OK, guarded.breaker.leave(second_one, AC_OUTCOME_SUCCESS));
  EXPECT_EQ(1, guarded.breaker.stats().late);
}

TEST(Breaker, APermitOfAnotherStateDecidesNothing) {
  Guarded guarded({.calls_min = 1});
  ac_permit early;
  EXPECT_EQ(AC_OK, guarded.breaker.enter(early));
  guarded.fail();
  EXPECT_EQ(AC_OK, guarded.breaker.leave(early, AC_OUTCOME_FAILURE));
  EXPECT_EQ(1, guarded.breaker.stats().late);
  EXPECT_EQ(1, guarded.breaker.stats().failed);
  for (const ac_permit made_up : {ac_permit{1, 0}, ac_permit{0, UINT64_MAX}, ac_permit{0, 1 << 8},
                                  ac_permit{UINT64_MAX, 1}}) {
    EXPECT_EQ(AC_E_INVALID_ARGUMENT, guarded.breaker.leave(made_up, AC_OUTCOME_SUCCESS));
  }
}

TEST(Breaker, ForcedItDoesNotDecideAndThenBeginsAnew) {
  Guarded guarded({.calls_min = 1});
  guarded.breaker.force(AC_BREAKER_FORCED_CLOSED);
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(guarded.fail());
  guarded.breaker.force(AC_BREAKER_FORCED_OPEN);
  guarded.pass(1'000 * second);
  EXPECT_FALSE(guarded.call(ms));
  guarded.breaker.force(AC_BREAKER_AUTOMATIC);
  EXPECT_TRUE(guarded.call(ms));
  EXPECT_EQ(1, guarded.breaker.stats().window_calls);
  EXPECT_EQ((Story{{AC_BREAKER_FORCED, 0}, {AC_BREAKER_FORCED, 1'000'000}}), guarded.story());
  EXPECT_EQ(0, guarded.breaker.stats().opened);
}

TEST(Breaker, JitterShortensTheTimeByTheSeed) {
  const auto until = [](std::uint64_t seed) {
    Guarded guarded({.calls_min = 1, .jitter = 0.25}, seed);
    guarded.fail();
    return guarded.breaker.stats().until_ns;
  };
  EXPECT_EQ(until(1), until(1));
  EXPECT_NE(until(1), until(2));
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    EXPECT_LE(until(seed), second);
    EXPECT_GE(until(seed), second * 3 / 4);
  }
}

TEST(Breaker, RefusesOptionsThatMeanNothing) {
  for (const ac_breaker_options& wrong :
       std::vector<ac_breaker_options>{{.failure_ratio = 1.01},
                                       {.slow_ratio = -0.1},
                                       {.failure_ratio = NAN},
                                       {.quantile = 1},
                                       {.quantile = NAN},
                                       {.factor = -1},
                                       {.growth = 0.5},
                                       {.growth = INFINITY},
                                       {.jitter = 1.1},
                                       {.slow_ns = 1, .slow_floor_ns = 2}}) {
    EXPECT_EQ(AC_E_INVALID_ARGUMENT, Breaker::complete(wrong).error().code);
  }
  for (const ac_breaker_options& wrong :
       std::vector<ac_breaker_options>{{.probes = 65},
                                       {.window_ns = 9},
                                       {.open_ns = 2, .open_max_ns = 1},
                                       {.open_max_ns = UINT64_MAX}}) {
    EXPECT_EQ(AC_E_LIMIT, Breaker::complete(wrong).error().code);
  }
}

// The same rules, written down without any thought of speed: it remembers every call.
struct Naive {
  struct Call {
    std::uint64_t slice;
    std::uint64_t latency;
    bool failed;
    bool slow;
  };

  explicit Naive(const ac_breaker_options& given) : options(complete(given)) {
    slow_after = options.slow_ns;
    open_for = options.open_ns;
  }

  std::vector<Call> window(std::uint64_t slice) const {
    std::vector<Call> inside;
    for (const Call& call : calls) {
      if (call.slice + Window::slices > slice) inside.push_back(call);
    }
    return inside;
  }
  bool enter(std::uint64_t now) {
    if (state == AC_BREAKER_OPEN && now >= until) {
      state = AC_BREAKER_HALF_OPEN;
      successes = 0;
    }
    return state != AC_BREAKER_OPEN;
  }
  void open(std::uint64_t now) {
    state = AC_BREAKER_OPEN;
    until = now + open_for;
    open_for = std::min(2 * open_for, options.open_max_ns);
  }
  void leave(std::uint64_t now, std::uint64_t latency, bool failed) {
    if (state == AC_BREAKER_HALF_OPEN) {
      if (failed || latency > slow_after) return open(now);
      if (++successes < options.successes) return;
      state = AC_BREAKER_CLOSED;
      calls.clear();
      slow_after = options.slow_ns;
      open_for = options.open_ns;
      return;
    }
    const std::uint64_t slice = now / (options.window_ns / Window::slices);
    if (slice != last_slice) learn(slice);
    last_slice = slice;
    calls.push_back({slice, latency, failed, latency > slow_after});
    const auto inside = window(slice);
    const auto count = [&](auto which) {
      return static_cast<double>(std::count_if(inside.begin(), inside.end(), which));
    };
    const auto all = static_cast<double>(inside.size());
    if (inside.size() < options.calls_min) return;
    if (count([](const Call& call) { return call.failed; }) >= options.failure_ratio * all ||
        count([](const Call& call) { return call.slow; }) >= options.slow_ratio * all) {
      open(now);
    }
  }
  void learn(std::uint64_t slice) {
    auto inside = window(slice);
    slow_after = options.slow_ns;
    if (inside.size() < options.calls_min) return;
    const auto faster = [](const Call& a, const Call& b) { return a.latency < b.latency; };
    std::sort(inside.begin(), inside.end(), faster);
    const double rank = std::ceil(options.quantile * static_cast<double>(inside.size()));
    const std::uint64_t exact = inside[static_cast<std::size_t>(rank) - 1].latency;
    const auto usual = static_cast<std::uint64_t>(
        options.factor * static_cast<double>(Latencies::longest_of(Latencies::step_of(exact))));
    slow_after = std::min(std::max(usual, options.slow_floor_ns), options.slow_ns);
  }

  ac_breaker_options options;
  std::vector<Call> calls;
  std::uint32_t state = AC_BREAKER_CLOSED;
  std::uint64_t last_slice = 0, slow_after, open_for, until = 0;
  std::uint32_t successes = 0;
};

// Calls that fail and are slow in spells, one after the other.
TEST(Breaker, AgreesWithANaiveOneOverRandomLogs) {
  std::uint64_t opened = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const ac_breaker_options options{.calls_min = 10,
                                     .window_ns = second,
                                     .failure_ratio = 0.4,
                                     .slow_ratio = 0.3,
                                     .slow_ns = 50 * ms,
                                     .slow_floor_ns = 2 * ms,
                                     .quantile = 0.95,
                                     .factor = 3,
                                     .open_ns = 200 * ms,
                                     .open_max_ns = second};
    Guarded guarded(options);
    Naive naive(options);
    Random random(seed);
    std::uint64_t failing = 0, usual = ms;
    for (int i = 0; i < 2'000; ++i) {
      if (random.below(100) == 0) failing = random.below(80);
      if (random.below(100) == 0) usual = ms + random.below(30 * ms);
      guarded.pass(random.below(20 * ms));
      const std::uint64_t latency = usual / 2 + random.below(usual);
      const bool failed = random.below(100) < failing;
      const bool passes = naive.enter(guarded.clock.now());
      ASSERT_EQ(passes, guarded.call(latency, failed ? AC_OUTCOME_FAILURE : AC_OUTCOME_SUCCESS));
      if (passes) naive.leave(guarded.clock.now(), latency, failed);
      const ac_breaker_stats stats = guarded.breaker.stats();
      ASSERT_EQ(naive.state, stats.state) << "seed " << seed << ", call " << i;
      ASSERT_EQ(naive.slow_after, stats.slow_after_ns) << "seed " << seed << ", call " << i;
    }
    opened += guarded.breaker.stats().opened;
  }
  EXPECT_LT(100, opened) << "the logs are worth comparing";
}

TEST(Breaker, CountsEveryCallOfManyThreads) {
  Guarded guarded({.failure_ratio = 1});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&guarded] {
      for (int k = 0; k < 1'000; ++k) {
        ac_permit permit;
        ASSERT_EQ(AC_OK, guarded.breaker.enter(permit));
        guarded.breaker.leave(permit, k % 2 == 0 ? AC_OUTCOME_SUCCESS : AC_OUTCOME_FAILURE);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const ac_breaker_stats stats = guarded.breaker.stats();
  EXPECT_EQ(4'000, stats.succeeded + stats.failed);
  EXPECT_EQ(4'000, stats.window_calls);
}

}  // namespace
}  // namespace actorcore::resilience
