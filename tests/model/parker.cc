// What the parker promises, in every schedule and memory order that Relacy explores.
#include "runtime/parker.h"

#include "model/sync.h"

namespace actorcore::runtime {
namespace {

using model::expect_correct;
using model::expect_found;
using model::ModelSync;

constexpr unsigned schedules = 100'000;
constexpr unsigned workers = 2;

// One publishes, two sleep rather than poll; each of them wants one piece of work. A wake-up that
// is lost leaves a worker asleep for ever, which Relacy tells.
template <unsigned flaws, bool at_once>
struct Parking : rl::test_suite<Parking<flaws, at_once>, workers + 1> {
  using Sync = ModelSync<flaws>;

  void thread(unsigned me) {
    if (me < workers) {
      work();
    } else if (at_once) {
      queued.fetch_add(workers, std::memory_order_release);
      parker.notify_all();
    } else {
      for (unsigned i = 0; i < workers; ++i) {
        queued.fetch_add(1, std::memory_order_release);
        parker.notify_one();
      }
    }
  }
  void work() {
    while (!take()) {
      const std::uint32_t ticket = parker.prepare();
      if (queued.load(std::memory_order_relaxed) != 0) {
        parker.cancel();
      } else {
        parker.commit(ticket, UINT64_MAX);
      }
    }
  }
  bool take() {
    unsigned seen = queued.load(std::memory_order_relaxed);
    while (seen != 0) {
      if (queued.compare_exchange_strong(seen, seen - 1, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  void after() {
    RL_ASSERT(queued.load(std::memory_order_relaxed) == 0);
    RL_ASSERT(parker.waiters() == 0);
  }

  Parker<Sync> parker;
  typename Sync::template Atomic<unsigned> queued{0};
};

TEST(ParkerModel, NoWakeUpIsLost) {
  expect_correct<Parking<model::none, false>>(schedules);
  expect_correct<Parking<model::none, true>>(schedules);
}

TEST(ParkerModel, FindsAWakeUpLostWithoutFences) {
  expect_found<Parking<model::no_fence, false>>(schedules);  // P1
}

TEST(ParkerModel, FindsAnAnnouncementInTwoSteps) {
  expect_found<Parking<model::torn_add, false>>(schedules);
}

}  // namespace
}  // namespace actorcore::runtime
