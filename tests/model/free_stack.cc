// What the stack of free things promises, in every schedule and memory order that Relacy explores.
#include "base/free_stack.h"

#include "model/sync.h"

namespace actorcore {
namespace {

using model::expect_correct;
using model::expect_found;
using model::ModelSync;

constexpr unsigned schedules = 200'000;
constexpr std::uint64_t things = 2;

// Two threads take what there is and give it back. Nobody has what another one has, and what was
// done with a thing before is visible.
template <unsigned flaws>
struct Trading : rl::test_suite<Trading<flaws>, 2> {
  using Stack = FreeStack<8, ModelSync<flaws>>;

  void before() {
    for (std::uint64_t number = 1; number <= things; ++number) {
      used[number - 1]($) = 0;
      stack.push(number, link());
    }
  }
  void thread(unsigned) {
    for (int round = 0; round < 2; ++round) {
      const std::uint64_t one = stack.pop(link());
      const std::uint64_t other = stack.pop(link());
      use(one);
      use(other);
      if (one != 0) stack.push(one, link());
      if (other != 0) stack.push(other, link());
    }
  }
  void after() {
    std::uint64_t left = 0;
    while (stack.pop(link()) != 0) ++left;
    RL_ASSERT(left == things);
  }

  void use(std::uint64_t number) {
    if (number != 0) used[number - 1]($) = used[number - 1]($) + 1;
  }
  auto link() {
    return [this](std::uint64_t number) -> typename Stack::Link& { return links[number - 1]; };
  }

  Stack stack;
  typename Stack::Link links[things];
  rl::var<int> used[things];
};

TEST(FreeStackModel, EveryThingIsHadByOneAtATime) {
  expect_correct<Trading<model::none>>(schedules);
}

TEST(FreeStackModel, FindsAGiveThatDoesNotPublish) {
  expect_found<Trading<model::relaxed_compare>>(schedules);  // F1
}

TEST(FreeStackModel, FindsATakeInTwoSteps) {
  expect_found<Trading<model::torn_compare>>(schedules);
}

}  // namespace
}  // namespace actorcore
