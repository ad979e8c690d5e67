// What a receive timeout goes by, in every schedule and memory order that Relacy explores.
#include "runtime/silence.h"

#include "model/sync.h"

namespace actorcore::runtime {
namespace {

using model::expect_correct;
using model::expect_found;
using model::ModelSync;

constexpr unsigned schedules = 20'000;
constexpr std::uint64_t activations = 3;

// Two workers run an actor by turns: its word is even while nobody owns it, after so many
// activations, each of which takes a unit of time. A third thread looks as a timer does.
template <unsigned flaws>
struct Looking : rl::test_suite<Looking<flaws>, 3> {
  using Sync = ModelSync<flaws>;

  struct Owner {
    bool is_idle() const { return word.load(std::memory_order_acquire) % 2 == 0; }
    typename Sync::template Atomic<std::uint64_t> word{0};
  };

  void thread(unsigned me) {
    if (me == 2) {
      for (unsigned times = 0; times < 8; ++times) look();
      return;
    }
    for (std::uint64_t turn = me; turn < activations; turn += 2) {
      while (owner.word.load(std::memory_order_acquire) != 2 * turn) rl::yield(1, $);
      owner.word.exchange(2 * turn + 1, std::memory_order_acq_rel);
      silence.begin();
      clock.fetch_add(1, std::memory_order_seq_cst);
      owner.word.exchange(2 * turn + 2, std::memory_order_acq_rel);
      silence.end(owner, [this] { return clock.fetch_add(0, std::memory_order_seq_cst); });
    }
  }
  void look() {
    const std::uint64_t word = owner.word.load(std::memory_order_acquire);
    if (word % 2 != 0) return;
    const std::uint64_t since = silence.since();
    if (since < Silence<Sync>::unknown) RL_ASSERT(since >= word / 2);
  }
  void after() { RL_ASSERT(silence.since() == activations); }

  Owner owner;
  typename Sync::template Atomic<std::uint64_t> clock{0};
  Silence<Sync> silence;
};

TEST(SilenceModel, IsNeverSeenToBeLongerThanItIs) {
  expect_correct<Looking<model::none>>(schedules);
}

TEST(SilenceModel, FindsWeakOrdersAndATimeThatGoesBack) {
  expect_found<Looking<model::relaxed_load>>(schedules);
  expect_found<Looking<model::relaxed_exchange>>(schedules);
  expect_found<Looking<model::torn_compare>>(schedules);
}

}  // namespace
}  // namespace actorcore::runtime
