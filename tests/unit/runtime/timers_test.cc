#include "runtime/timers.h"

#include <gtest/gtest.h>

#include <vector>

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

  Clock clock_{true};
  Timers timers_{clock_};
  std::vector<std::uint64_t> fired_;
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

TEST_F(TimersTest, AfterAStopNothingIsTaken) {
  timers_.stop();
  EXPECT_EQ(add(10, 1).number, 0u);
}

}  // namespace
}  // namespace actorcore::runtime
