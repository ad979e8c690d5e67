#include "runtime/worker.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/spawn.h"
#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

// Three workers of one dispatcher, lent and driven by the test.
class Workers : public testing::Test {
 protected:
  static constexpr std::uint32_t actors_each = 3;

  Workers()
      : system_(*System::create({.dispatcher = {.workers = 1}}).value()),
        dispatcher_(
            *system_.add_dispatcher({.mode = AC_DISPATCHER_ATTACHED, .workers = 3}).value()) {
    for (Worker*& worker : lent_) {
      worker = system_.attach(dispatcher_, false).value();
      worker->handle.bits = workers().insert(worker);
    }
    for (std::uintptr_t user = 0; user < actors_.size(); ++user) {
      const SpawnOptions options{.dispatcher = &dispatcher_, .user = user};
      EXPECT_TRUE(Spawn(system_, options, nullptr).run(nullptr, 1, &actors_[user]).ok());
    }
  }
  ~Workers() override {
    for (Worker* worker : lent_) workers().release(worker->handle.bits);
    systems().release(system_.handle.bits);
  }

  // Each of the first two has `actors_each` to run: those of the first have words below it.
  void give_work() {
    std::array<Actor*, 2 * actors_each> runnable{};
    for (const ac_actor actor : actors_) ASSERT_EQ(AC_OK, system_.tell(actor, 1, 0, {}));
    ASSERT_EQ(runnable.size(), dispatcher_.take_injected(runnable.data(), runnable.size()));
    for (Actor* actor : runnable) lent_[actor->user / actors_each]->enqueue(*actor);
  }

  // Takes turns until there is nothing more; the words of the actors, in order.
  static std::vector<std::uintptr_t> run(Worker& worker) {
    std::vector<std::uintptr_t> users;
    for (ac_turn* turn; worker.turn(0, &turn) == AC_OK;) {
      for (std::uint32_t i = 0; i < turn->count; ++i) users.push_back(turn->activations[i].user);
    }
    return users;
  }

  System& system_;
  Dispatcher& dispatcher_;
  std::array<Worker*, 3> lent_{};
  std::array<ac_actor, std::size_t{2} * actors_each> actors_{};
};

TEST_F(Workers, StealFromThoseOfTheirOwnNodeFirst) {
  for (const std::uint32_t near : {0u, 1u}) {
    lent_[near]->set_node(1);
    lent_[1 - near]->set_node(0);
    lent_[2]->set_node(1);
    for (int round = 0; round < 30; ++round) {
      give_work();
      const std::vector<std::uintptr_t> users = run(*lent_[2]);
      // But for the last one of each, which is in its worker's own slot.
      ASSERT_EQ(2u * (actors_each - 1), users.size());
      for (std::size_t i = 0; i < users.size(); ++i) {
        EXPECT_EQ(i < actors_each - 1 ? near : 1 - near, users[i] / actors_each) << round;
      }
      EXPECT_EQ(1u, run(*lent_[0]).size());
      EXPECT_EQ(1u, run(*lent_[1]).size());
    }
  }
}

TEST_F(Workers, WithoutNodesStealFromAny) {
  std::array<int, 2> first{};
  for (int round = 0; round < 100; ++round) {
    give_work();
    ++first[run(*lent_[2]).front() / actors_each];
    for (Worker* worker : lent_) run(*worker);
  }
  EXPECT_GT(first[0], 10);
  EXPECT_GT(first[1], 10);
}

}  // namespace
}  // namespace actorcore::runtime
