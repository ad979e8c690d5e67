#include "runtime/timers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "base/random.h"

namespace actorcore::runtime {
namespace {

// On a virtual clock, so that nothing waits.
class TimersTest : public testing::Test {
 protected:
  static void note(void* context, std::uint64_t id) noexcept {
    static_cast<std::vector<std::uint64_t>*>(context)->push_back(id);
  }
  TimerKey add(std::uint64_t deadline, std::uint64_t id) {
    return timers_.add(deadline, &note, &fired_, id);
  }
  void fire_all(std::uint64_t now) {
    while (timers_.fire(now)) {
    }
  }

  std::vector<std::uint64_t> fired_;
  Clock clock_{true};
  Timers timers_{clock_};
};

TEST_F(TimersTest, FireInOrderOfDeadlineThenOfAddition) {
  add(30, 1);
  add(10, 2);
  add(10, 3);
  EXPECT_EQ(timers_.next(), 10u);
  fire_all(9);
  EXPECT_TRUE(fired_.empty());
  fire_all(30);
  EXPECT_EQ(fired_, (std::vector<std::uint64_t>{2, 3, 1}));
  EXPECT_EQ(timers_.next(), UINT64_MAX);
}

TEST_F(TimersTest, ACancelledOneNeverFires) {
  const TimerKey key = add(10, 1);
  EXPECT_TRUE(timers_.cancel(key));
  EXPECT_FALSE(timers_.cancel(key));
  fire_all(100);
  EXPECT_TRUE(fired_.empty());
}

TEST_F(TimersTest, ATimerMayAddAnother) {
  struct Again {
    Timers& timers;
    std::vector<std::uint64_t>& fired;
    static void fire(void* context, std::uint64_t id) noexcept {
      auto& again = *static_cast<Again*>(context);
      again.fired.push_back(id);
      if (id < 3) again.timers.add(id * 10, &fire, context, id + 1);
    }
  } again{timers_, fired_};
  timers_.add(0, &Again::fire, &again, 1);
  fire_all(100);
  EXPECT_EQ(fired_, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(TimersTest, WhatFiresMayFireOnceMoreWithANewKey) {
  struct Again {
    Timers& timers;
    std::uint64_t fired = 0;
    TimerKey key;
    static void fire(void* context, std::uint64_t id) noexcept {
      auto& again = *static_cast<Again*>(context);
      if (++again.fired < 3) again.key = again.timers.again(again.fired * id);
    }
  } again{timers_};
  const TimerKey first = timers_.add(0, &Again::fire, &again, 100);
  fire_all(100);
  EXPECT_EQ(again.fired, 2u);
  EXPECT_EQ(timers_.next(), 200u);
  EXPECT_FALSE(timers_.cancel(first));
  EXPECT_TRUE(timers_.cancel(again.key));
  fire_all(1'000);
  EXPECT_EQ(again.fired, 2u);
}

TEST_F(TimersTest, AStopFiresWhatIsLeftAndTakesNothing) {
  add(UINT64_MAX, 1);
  add(10, 2);
  timers_.stop();
  EXPECT_EQ(fired_, (std::vector<std::uint64_t>{2, 1}));
  EXPECT_EQ(add(10, 1).number, 0u);
}

// What timers are, as plainly as it can be said: the judge of the wheel.
class Tree {
 public:
  using Key = std::pair<std::uint64_t, std::uint64_t>;  // deadline, number

  Key add(std::uint64_t deadline, std::uint64_t id) {
    const Key key{std::max(deadline, passed_), ++last_};
    timers_.emplace(key, id);
    return key;
  }
  bool cancel(Key key) { return timers_.erase(key) != 0; }
  std::uint64_t next() const { return timers_.empty() ? UINT64_MAX : timers_.begin()->first.first; }
  bool fire(std::uint64_t now, std::vector<std::uint64_t>& fired) {
    const bool due = !timers_.empty() && next() <= now;
    passed_ = std::max(passed_, due ? next() : now);
    if (!due) return false;
    fired.push_back(timers_.begin()->second);
    timers_.erase(timers_.begin());
    return true;
  }

 private:
  std::map<Key, std::uint64_t> timers_;
  std::uint64_t last_ = 0;
  std::uint64_t passed_ = 0;
};

class WheelAndTree : public TimersTest, public testing::WithParamInterface<std::uint64_t> {
 protected:
  // As near as the next nanosecond, as far as years, and now and then in the past.
  std::uint64_t deadline() {
    const std::uint64_t span = random_.next() >> (4 + random_.below(60));
    return random_.below(8) == 0 ? now_ - std::min(now_, span) : now_ + span;
  }
  void step(std::uint64_t id) {
    switch (random_.below(4)) {
      case 0:
      case 1: {
        const std::uint64_t at = random_.below(8) == 0 ? tree_.next() : deadline();
        if (at == UINT64_MAX) return;
        keys_.emplace_back(add(at, id), tree_.add(at, id));
        return;
      }
      case 2:
        if (!keys_.empty()) {
          const auto& [key, in_tree] = keys_[random_.below(keys_.size())];
          ASSERT_EQ(timers_.cancel(key), tree_.cancel(in_tree));
        }
        return;
      default:
        now_ = random_.below(2) == 0
                   ? std::max(now_, std::min(tree_.next(), now_ + (std::uint64_t{1} << 60)))
                   : now_ + (random_.next() >> (24 + random_.below(40)));
        for (std::uint64_t most = random_.below(4); most != 0; --most) {
          ASSERT_EQ(timers_.fire(now_), tree_.fire(now_, expected_));
        }
    }
    ASSERT_EQ(timers_.next(), tree_.next());
  }

  Random random_{GetParam()};
  std::uint64_t now_ = 0;
  Tree tree_;
  std::vector<std::uint64_t> expected_;
  std::vector<std::pair<TimerKey, Tree::Key>> keys_;
};

TEST_P(WheelAndTree, FireTheSameInTheSameOrder) {
  for (std::uint64_t id = 1; id <= 20'000; ++id) {
    ASSERT_NO_FATAL_FAILURE(step(id));
  }
  while (tree_.fire(UINT64_MAX, expected_)) {
  }
  fire_all(UINT64_MAX);
  EXPECT_GT(fired_.size(), 2'000u);
  EXPECT_EQ(fired_, expected_);
}
INSTANTIATE_TEST_SUITE_P(Seeds, WheelAndTree, testing::Values(1, 2, 3));

// In real time: whatever several threads do at once, each timer fires once or is cancelled once,
// and none fires early.
TEST(TimersOfManyThreads, EachFiresOnceOrIsCancelledOnce) {
  constexpr unsigned threads = 4;
  constexpr std::uint64_t each = 5'000;
  struct Tally {
    std::atomic<std::uint64_t> fired{0}, cancelled{0}, early{0};
    std::vector<std::atomic<std::uint32_t>> ends;
    std::vector<std::uint64_t> deadlines;
    Tally() : ends(threads * each), deadlines(threads * each) {}
    static void fire(void* context, std::uint64_t id) noexcept {
      auto& tally = *static_cast<Tally*>(context);
      if (Clock::monotonic() < tally.deadlines[id]) ++tally.early;
      ++tally.ends[id];
      if (++tally.fired + tally.cancelled == threads * each) tally.fired.notify_all();
    }
  } tally;
  Clock clock(false);
  Timers timers(clock);
  std::vector<std::thread> adders;
  for (unsigned thread = 0; thread < threads; ++thread) {
    adders.emplace_back([&, thread] {
      Random random(thread + 1);
      for (std::uint64_t i = 0; i < each; ++i) {
        const std::uint64_t id = thread * each + i;
        tally.deadlines[id] = Clock::monotonic() + random.below(100'000);
        const TimerKey key = timers.add(tally.deadlines[id], &Tally::fire, &tally, id);
        if (random.below(2) == 0 && timers.cancel(key)) ++tally.ends[id], ++tally.cancelled;
      }
    });
  }
  for (std::thread& adder : adders) adder.join();
  for (std::uint64_t fired; (fired = tally.fired) + tally.cancelled != threads * each;) {
    tally.fired.wait(fired);
  }
  EXPECT_EQ(tally.early, 0u);
  EXPECT_GT(tally.cancelled, 0u);
  for (const auto& ends : tally.ends) EXPECT_EQ(ends, 1u);
}

}  // namespace
}  // namespace actorcore::runtime
