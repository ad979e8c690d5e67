// What the claim on an activation promises, in every schedule and memory order that Relacy
// explores.
#include "runtime/claim.h"

#include "model/sync.h"

namespace actorcore::runtime {
namespace {

using model::expect_correct;
using model::expect_found;
using model::ModelSync;

constexpr unsigned schedules = 200'000;
constexpr int turns = 2;
constexpr int places = 2;

// The worker hands over turn after turn in the same places, and two thieves try for them. What they
// leave it begins itself, or only the first of it and takes the rest back.
template <unsigned flaws, bool claims_all>
struct Turns : rl::test_suite<Turns<flaws, claims_all>, 3> {
  using Sync = ModelSync<flaws>;
  using Word = typename Sync::template Atomic<std::uint32_t>;

  Claim<Word&, Sync> at(int place) { return Claim<Word&, Sync>(states[place]); }

  void before() {
    for (Word& state : states) state.store(AC_ACTIVATION_STOLEN, std::memory_order_relaxed);
    for (auto& count : handled) count($) = 0;
  }

  void thread(unsigned me) {
    if (me == 0) {
      for (int turn = 0; turn < turns; ++turn) take_turn(turn);
      return;
    }
    for (int round = 0; round < turns; ++round) {
      for (int place = 0; place < places; ++place) {
        if (!at(place).steal()) continue;
        const int what = content[place]($);
        at(place).stolen();
        handle(what);
      }
    }
  }

  void take_turn(int turn) {
    for (int place = 0; place < places; ++place) {
      at(place).keep();
      content[place]($) = turn * places + place;
    }
    for (int place = 0; place < places; ++place) at(place).offer();
    for (int place = 0; place < places; ++place) {
      if ((claims_all || place == 0) && at(place).claim()) handle(content[place]($));
    }
    for (int place = 0; place < places; ++place) {
      if (at(place).take_back() == Outcome::not_begun) handle(content[place]($));
    }
  }

  void handle(int what) {
    RL_ASSERT(handled[what]($) == 0);
    handled[what]($) = 1;
  }

  void after() {
    for (auto& count : handled) RL_ASSERT(count($) == 1);
  }

  Word states[places];
  rl::var<int> content[places];
  rl::var<int> handled[turns * places];
};

template <unsigned flaws>
using Claimed = Turns<flaws, true>;
template <unsigned flaws>
using TakenBack = Turns<flaws, false>;

TEST(ClaimModel, EveryActivationIsHandledExactlyOnce) {
  expect_correct<Claimed<model::none>>(schedules);
  expect_correct<TakenBack<model::none>>(schedules);
}

TEST(ClaimModel, FindsAnOfferThatDoesNotPublish) {
  expect_found<Claimed<model::relaxed_store>>(schedules);  // W1
}

TEST(ClaimModel, FindsAThiefThatDoesNotSee) {
  expect_found<Claimed<model::relaxed_compare>>(schedules);  // W1
}

TEST(ClaimModel, FindsAWorkerThatDoesNotWaitForTheCopy) {
  expect_found<Claimed<model::relaxed_load>>(schedules);  // W2
  expect_found<TakenBack<model::relaxed_load>>(schedules);
}

TEST(ClaimModel, FindsATakeInTwoSteps) { expect_found<Claimed<model::torn_compare>>(schedules); }

}  // namespace
}  // namespace actorcore::runtime
