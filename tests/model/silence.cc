// What a receive timeout goes by, in every schedule and memory order that Relacy explores.
#include "runtime/silence.h"

#include "model/sync.h"

namespace actorcore::runtime {
namespace {

using model::expect_correct;
using model::expect_found;
using model::ModelSync;

constexpr unsigned schedules = 100'000;
constexpr std::uint64_t activations = 3;

// Two workers run an actor by turns: its word is even while nobody owns it, after so many
// activations, of which each ends at a time of its own. A third thread looks as a timer does.
template <unsigned flaws>
struct Looking : rl::test_suite<Looking<flaws>, 3> {
  using Sync = ModelSync<flaws>;

  void thread(unsigned me) {
    if (me == 2) return look();
    for (std::uint64_t turn = me; turn < activations; turn += 2) {
      for (std::uint64_t idle = 2 * turn; !owner.compare_exchange_strong(
               idle, 2 * turn + 1, std::memory_order_acq_rel, std::memory_order_relaxed);
           idle = 2 * turn) {
        rl::yield(1, $);
      }
      silence.begin();
      owner.store(2 * turn + 2, std::memory_order_release);
      silence.end(turn + 1);
    }
  }
  void look() {
    const std::uint64_t word = owner.load(std::memory_order_acquire);
    if (word % 2 != 0) return;
    const std::uint64_t since = silence.since();
    if (since != Silence<Sync>::none) RL_ASSERT(since >= word / 2);
  }
  void after() { RL_ASSERT(silence.since() == activations); }

  typename Sync::template Atomic<std::uint64_t> owner;
  Silence<Sync> silence;
};

TEST(SilenceModel, IsNeverSeenToBeLongerThanItIs) {
  expect_correct<Looking<model::none>>(schedules);
}

TEST(SilenceModel, FindsWeakOrdersAndATimeThatGoesBack) {
  expect_found<Looking<model::relaxed_load>>(schedules);
  expect_found<Looking<model::relaxed_store>>(schedules);
  expect_found<Looking<model::torn_compare>>(schedules);
}

}  // namespace
}  // namespace actorcore::runtime
