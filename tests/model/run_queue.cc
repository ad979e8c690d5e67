// What the run queue promises, in every schedule and memory order that Relacy explores.
#include "runtime/run_queue.h"

#include "model/sync.h"

namespace actorcore::runtime {
namespace {

using model::expect_correct;
using model::expect_found;
using model::ModelSync;

constexpr unsigned schedules = 200'000;
constexpr unsigned slots = 2;  // so that the index wraps and the queue fills
constexpr int entries = 5;

struct Entry {
  rl::var<int> taken;
};

// The worker pushes and pops, two others steal. Every entry is had exactly once, and what the
// worker wrote into it before the push is visible.
template <unsigned flaws>
struct Stealing : rl::test_suite<Stealing<flaws>, 3> {
  void thread(unsigned me) {
    if (me == 0) {
      work();
      return;
    }
    Entry* out[slots];
    for (int i = 0; i < 2; ++i) {
      const std::uint32_t count = queue.steal(out, me == 1 ? slots : 1);
      for (std::uint32_t k = 0; k < count; ++k) take(*out[k]);
    }
  }
  void work() {
    for (auto& entry : all) {
      entry.taken($) = 0;
      while (!queue.push(&entry)) {
        if (Entry* own = queue.pop()) take(*own);
      }
    }
    while (Entry* own = queue.pop()) take(*own);
  }
  void take(Entry& entry) {
    RL_ASSERT(entry.taken($) == 0);
    entry.taken($) = 1;
  }
  void after() {
    for (auto& entry : all) RL_ASSERT(entry.taken($) == 1);
    RL_ASSERT(queue.size() == 0);
  }

  RunQueue<Entry, slots, ModelSync<flaws>> queue;
  Entry all[entries];
};

TEST(RunQueueModel, EveryEntryIsHadExactlyOnce) {
  expect_correct<Stealing<model::none>>(schedules);
}

TEST(RunQueueModel, FindsAPushThatDoesNotPublish) {
  expect_found<Stealing<model::relaxed_store>>(schedules);  // Q1
}

TEST(RunQueueModel, FindsAStealThatDoesNotSee) {
  expect_found<Stealing<model::relaxed_load>>(schedules);  // Q1
}

TEST(RunQueueModel, FindsATakeInTwoSteps) {
  expect_found<Stealing<model::torn_compare>>(schedules);
}

}  // namespace
}  // namespace actorcore::runtime
