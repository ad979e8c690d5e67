#include "resilience/batcher.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace actorcore::resilience {
namespace {

constexpr std::uint64_t us = 1'000;
constexpr std::uint64_t lease = batch_lease_min_ns;

struct Batching {
  explicit Batching(const BatchOptions& options = {.size = 4, .capacity = 8}) : batcher(options) {}

  // What has to follow, as the core says.
  Step put(std::uint64_t value) {
    Step step;
    bool looks = false;
    ac_batch_item item{};
    item.correlation = value;
    last = batcher.put(item, now, looks);
    if (looks) batcher.look(now, false, step);
    return step;
  }
  Step look() {
    Step step;
    batcher.look(now, false, step);
    return step;
  }
  ac_status take() {
    Step step;
    return batcher.take(now, items, batch_size_max, count, batch, step);
  }
  Step done(ac_status status = AC_OK) {
    Step step;
    EXPECT_EQ(AC_OK, batcher.done(now, batch, status, nullptr, 0, step));
    return step;
  }

  Batcher batcher;
  std::uint64_t now = 1'000'000;
  std::uint64_t last = 0;
  ac_batch_item items[batch_size_max];
  std::uint64_t count = 0;
  std::uint64_t batch = 0;
};

TEST(Batcher, AFullBatchIsDueAtOnce) {
  Batching batching;
  const Step first = batching.put(1);
  EXPECT_TRUE(first.began);
  EXPECT_FALSE(first.due);
  EXPECT_EQ(batching.now + 150 * us, first.at_ns);
  EXPECT_EQ(AC_E_TIMEOUT, batching.take());
  EXPECT_FALSE(batching.put(2).due);
  EXPECT_FALSE(batching.put(3).due);
  EXPECT_TRUE(batching.put(4).due);
  EXPECT_FALSE(batching.put(5).due) << "one at a time";
  ASSERT_EQ(AC_OK, batching.take());
  ASSERT_EQ(4, batching.count);
  for (std::uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(i + 1, batching.items[i].ticket);
    EXPECT_EQ(i + 1, batching.items[i].correlation);
  }
  EXPECT_EQ(AC_E_TIMEOUT, batching.take()) << "one consumer at a time";
  const Step done = batching.done();
  EXPECT_EQ(4, done.ended);
  EXPECT_FALSE(done.rested);
  EXPECT_EQ(batching.now + 150 * us, done.at_ns) << "the fifth waits since it was put";
  EXPECT_EQ(1, batching.batcher.stats().full);
}

TEST(Batcher, TheFirstItemWaitsForNoLongerThanTheTimeout) {
  Batching batching;
  batching.put(1);
  batching.now += 100 * us;
  batching.put(2);
  batching.now += 50 * us - 1;
  EXPECT_FALSE(batching.look().due);
  EXPECT_EQ(AC_E_TIMEOUT, batching.take());
  batching.now += 1;
  EXPECT_TRUE(batching.look().due);
  EXPECT_FALSE(batching.look().due) << "told once";
  ASSERT_EQ(AC_OK, batching.take());
  EXPECT_EQ(2, batching.count);
  EXPECT_TRUE(batching.done().rested);
  EXPECT_EQ(1, batching.batcher.stats().timed_out);
  EXPECT_EQ(UINT64_MAX, batching.batcher.next_ns());
}

TEST(Batcher, IsFullAtItsCapacityAndTakesAgainAfterABatch) {
  Batching batching;
  for (std::uint64_t i = 0; i < 8; ++i) batching.put(i);
  batching.put(8);
  EXPECT_EQ(0, batching.last);
  EXPECT_EQ(1, batching.batcher.stats().refused);
  ASSERT_EQ(AC_OK, batching.take());
  batching.put(8);
  EXPECT_EQ(9, batching.last);
  EXPECT_TRUE(batching.done().due) << "four more wait";
  for (int i = 0; i < 50; ++i) {  // round the ring some times
    ASSERT_EQ(AC_OK, batching.take());
    EXPECT_EQ(4, batching.count);
    for (std::uint64_t k = 0; k < 4; ++k) batching.put(k);
    batching.done();
  }
}

TEST(Batcher, EachItemHasAResultOfItsOwn) {
  Batching batching;
  for (std::uint64_t i = 1; i <= 4; ++i) batching.put(i);
  ac_batch_result result;
  EXPECT_EQ(AC_E_TIMEOUT, batching.batcher.result(1, result));
  EXPECT_EQ(AC_E_NOT_FOUND, batching.batcher.result(5, result));
  EXPECT_EQ(AC_E_NOT_FOUND, batching.batcher.result(0, result));
  ASSERT_EQ(AC_OK, batching.take());
  const ac_batch_result results[4] = {
      {0, 10, AC_OK, 0}, {0, 20, AC_E_HANDLER, 0}, {0, 30, AC_OK, 0}, {0, 40, AC_OK, 0}};
  Step step;
  EXPECT_EQ(AC_E_INVALID_ARGUMENT,
            batching.batcher.done(batching.now, batching.batch, AC_OK, results, 3, step));
  EXPECT_EQ(AC_OK, batching.batcher.done(batching.now, batching.batch, AC_OK, results, 4, step));
  EXPECT_EQ(AC_E_STALE,
            batching.batcher.done(batching.now, batching.batch, AC_OK, results, 4, step));
  ASSERT_EQ(4, step.ended);
  for (std::uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(i + 1, step.results[i].ticket);
    ASSERT_EQ(AC_OK, batching.batcher.result(i + 1, result));
    EXPECT_EQ(results[i].value, result.value);
    EXPECT_EQ(results[i].status, result.status);
  }
  EXPECT_EQ(1, batching.batcher.stats().failed);
  for (int i = 0; i < 4; ++i) {
    for (std::uint64_t k = 0; k < 4; ++k) batching.put(k);
    ASSERT_EQ(AC_OK, batching.take());
    batching.done();
  }
  EXPECT_EQ(AC_E_NOT_FOUND, batching.batcher.result(4, result)) << "sixteen came after it";
  EXPECT_EQ(AC_OK, batching.batcher.result(5, result));
}

TEST(Batcher, ABatchThatIsNotDoneInItsLeaseIsGivenToTheNext) {
  Batching batching;
  for (std::uint64_t i = 1; i <= 5; ++i) batching.put(i);
  ASSERT_EQ(AC_OK, batching.take());
  const std::uint64_t dead = batching.batch;
  batching.now += lease - 1;
  EXPECT_EQ(AC_E_TIMEOUT, batching.take());
  batching.now += 1;
  EXPECT_TRUE(batching.look().due);
  ASSERT_EQ(AC_OK, batching.take());
  EXPECT_EQ(4, batching.count);
  EXPECT_EQ(1, batching.items[0].ticket);
  Step step;
  EXPECT_EQ(AC_E_STALE, batching.batcher.done(batching.now, dead, AC_OK, nullptr, 0, step));
  EXPECT_EQ(0, step.ended);
  EXPECT_EQ(4, batching.done().ended);
  const ac_batcher_stats stats = batching.batcher.stats();
  EXPECT_EQ(1, stats.lost);
  EXPECT_EQ(1, stats.batches);
  EXPECT_EQ(4, stats.items);
}

TEST(Batcher, AfterTenLeasesTheItemsEndWithATimeout) {
  Batching batching;
  for (std::uint64_t i = 1; i <= 5; ++i) batching.put(i);
  for (std::uint32_t i = 0; i < leases_max; ++i) {
    if (i % 2 == 0) {
      EXPECT_EQ(AC_OK, batching.take());  // and never comes back; else it is not even taken
    }
    batching.now += (lease << i) - 1;
    EXPECT_FALSE(batching.look().due) << i;
    batching.now += 1;
    const Step step = batching.look();
    EXPECT_TRUE(step.due) << i << ": this batch again, or the next one";
    EXPECT_EQ(i + 1 < leases_max ? 0 : 4, step.ended) << i;
  }
  ac_batch_result result;
  ASSERT_EQ(AC_OK, batching.batcher.result(4, result));
  EXPECT_EQ(AC_E_TIMEOUT, result.status);
  EXPECT_EQ(AC_E_TIMEOUT, batching.batcher.result(5, result));
  ASSERT_EQ(AC_OK, batching.take());
  EXPECT_EQ(5, batching.items[0].ticket);
  EXPECT_EQ(batching.now + lease, batching.batcher.next_ns()) << "the next one begins anew";
}

TEST(Batcher, ABatchOverItsBudgetIsCounted) {
  Batching batching;
  for (const std::uint64_t took : {800 * us, 801 * us}) {
    for (std::uint64_t i = 0; i < 4; ++i) batching.put(i);
    ASSERT_EQ(AC_OK, batching.take());
    batching.now += took;
    batching.done();
  }
  EXPECT_EQ(1, batching.batcher.stats().over_budget);
  EXPECT_EQ(801 * us, batching.batcher.stats().longest_ns);
}

TEST(Batcher, EverythingCanBeEnded) {
  Batching batching;
  for (std::uint64_t i = 0; i < 6; ++i) batching.put(i);
  ASSERT_EQ(AC_OK, batching.take());
  Step first, second, third;
  batching.batcher.fail(AC_E_STOPPED, first);
  batching.batcher.fail(AC_E_STOPPED, second);
  batching.batcher.fail(AC_E_STOPPED, third);
  EXPECT_EQ(4, first.ended);
  EXPECT_FALSE(first.rested);
  EXPECT_EQ(2, second.ended);
  EXPECT_EQ(5, second.results[0].ticket);
  EXPECT_EQ(AC_E_STOPPED, second.results[0].status);
  EXPECT_TRUE(second.rested);
  EXPECT_EQ(0, third.ended);
  EXPECT_TRUE(batching.put(7).began);
}

TEST(Batcher, RefusesOptionsThatItCannotKeep) {
  for (const BatchOptions& wrong : std::vector<BatchOptions>{{.size = 65},
                                                             {.capacity = 1'000},
                                                             {.size = 32, .capacity = 16},
                                                             {.capacity = 1u << 21},
                                                             {.timeout_ns = UINT64_MAX},
                                                             {.budget_ns = UINT64_MAX}}) {
    EXPECT_EQ(AC_E_LIMIT, Batcher::check(wrong).error().code);
  }
}

// Producers that go on until they are told that theirs is the batch, and a consumer that is woken
// by nothing else: an item that nobody looks at would leave it waiting for ever.
TEST(Batcher, ManyProducersLoseAndDoubleNothing) {
  constexpr std::uint64_t producers = 3, each = 20'000;
  Batcher batcher({.size = 16, .capacity = 64, .timeout_ns = 0});
  std::atomic<std::uint32_t> due{0};
  const auto tell = [&due](const Step& step) {
    if (!step.due) return;
    due.store(1, std::memory_order_release);
    futex_wake(due, 1);
  };
  std::vector<std::thread> threads;
  for (std::uint64_t p = 0; p < producers; ++p) {
    threads.emplace_back([&, p] {
      for (std::uint64_t i = 0; i < each; ++i) {
        ac_batch_item item{};
        item.correlation = p * each + i;
        bool looks = false;
        while (batcher.put(item, 1, looks) == 0) std::this_thread::yield();
        if (!looks) continue;
        Step step;
        batcher.look(1, false, step);
        tell(step);
      }
    });
  }
  std::vector<std::uint64_t> next(producers);
  for (std::uint64_t left = producers * each; left != 0;) {
    while (due.exchange(0, std::memory_order_acquire) == 0) futex_wait(due, 0, UINT64_MAX);
    ac_batch_item items[16];
    std::uint64_t count, batch;
    Step taken, ended;
    ASSERT_EQ(AC_OK, batcher.take(1, items, 16, count, batch, taken));
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t producer = items[i].correlation / each;
      ASSERT_EQ(next[producer]++, items[i].correlation % each);
    }
    left -= count;
    ASSERT_EQ(AC_OK, batcher.done(1, batch, AC_OK, nullptr, 0, ended));
    tell(ended);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(producers * each, batcher.stats().put);
  EXPECT_EQ(0, batcher.stats().waiting);
}

}  // namespace
}  // namespace actorcore::resilience
