// What the batcher's intake promises, in every schedule and memory order that Relacy explores.
#include "resilience/intake.h"

#include <memory>

#include "model/sync.h"

namespace actorcore::resilience {
namespace {

using model::expect_correct;
using model::expect_found;
using model::ModelSync;

constexpr unsigned schedules = 50'000;
constexpr unsigned producers = 2;
constexpr unsigned each = 2;
constexpr std::uint64_t size = 2;

struct Entry {
  rl::var<int> value;
  rl::var<int> taken;
};

// Two producers put more than the ring holds; the consumer sleeps until it is told, as the batcher
// tells: by whoever looks. An item that nobody looks at leaves it asleep for ever, which Relacy
// tells.
template <unsigned flaws>
struct Intaking : rl::test_suite<Intaking<flaws>, producers + 1> {
  using Sync = ModelSync<flaws>;
  using Right = ModelSync<model::none>;
  using Ring = Intake<Entry*, Sync>;

  // Relacy takes memory back where it gave it.
  void before() { ring = std::make_unique<Ring>(2); }
  void after() { ring.reset(); }
  void thread(unsigned me) {
    Ring& intake = *ring;
    if (me == producers) {
      consume();
      return;
    }
    for (unsigned i = 0; i < each; ++i) {
      Entry& entry = all[me][i];
      entry.value($) = static_cast<int>(i);
      entry.taken($) = 0;
      std::uint64_t position;
      while (!intake.push(&entry, position)) Right::wait(0);
      if (!intake.wants_look(position, size)) continue;
      mutex.lock($);
      if (intake.state() != Work::busy && intake.waiting() != 0) tell();
      mutex.unlock($);
    }
  }
  // Whatever waits is due, so that the state is never armed for long.
  void tell() {
    ring->set(Work::busy);
    due.store(1, std::memory_order_release);
    Right::wake(due, 1);
  }
  void consume() {
    Ring& intake = *ring;
    for (unsigned left = producers * each; left != 0;) {
      while (due.load(std::memory_order_acquire) == 0) Right::sleep(due, 0, UINT64_MAX);
      mutex.lock($);
      due.store(0, std::memory_order_relaxed);
      for (std::uint64_t count = intake.waiting(); count != 0; --count, --left) {
        Entry& entry = *intake.pop();
        RL_ASSERT(entry.taken($) == 0);
        entry.taken($) = 1;
        const unsigned from = &entry < all[1] ? 0 : 1;
        RL_ASSERT(entry.value($) == next[from]++);
      }
      intake.set(Work::idle);
      if (intake.waiting() != 0) tell();
      mutex.unlock($);
    }
  }

  std::unique_ptr<Ring> ring;
  typename Right::template Atomic<std::uint32_t> due{0};
  rl::mutex mutex;
  Entry all[producers][each];
  int next[producers] = {};
};

TEST(IntakeModel, EveryItemComesOutOnceInOrderAndNoneIsLeftBehind) {
  expect_correct<Intaking<model::none>>(schedules);
}

TEST(IntakeModel, FindsAPushThatDoesNotPublish) {
  expect_found<Intaking<model::relaxed_store>>(schedules);  // I1
}

TEST(IntakeModel, FindsAPopThatDoesNotSee) {
  expect_found<Intaking<model::relaxed_load>>(schedules);  // I1, I3
}

TEST(IntakeModel, FindsAPushThatTheConsumerMayMiss) {
  expect_found<Intaking<model::relaxed_compare>>(schedules);  // I3
}

TEST(IntakeModel, FindsAPlaceClaimedInTwoSteps) {
  expect_found<Intaking<model::torn_compare>>(schedules);
}

}  // namespace
}  // namespace actorcore::resilience
