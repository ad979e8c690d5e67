// What the mailbox promises, in every schedule and memory order that Relacy explores.
#include "runtime/mailbox.h"

#include "model/sync.h"

namespace actorcore::runtime {
namespace {

using model::expect_correct;
using model::expect_found;
using model::ModelSync;

constexpr unsigned schedules = 200'000;
constexpr unsigned senders = 3;
constexpr int messages = 2;  // of each sender

template <unsigned flaws>
struct Node {
  void set_next(Node* next) { next_.store(next, std::memory_order_release); }
  Node* next() { return next_.load(std::memory_order_acquire); }

  rl::var<int> content;
  typename ModelSync<flaws>::template Atomic<Node*> next_{nullptr};
};

// Every sender posts its messages one by one; whoever is told to wake the actor runs it until it
// can be released.
template <unsigned flaws, Swap how = Swap::exchange>
struct Delivery : rl::test_suite<Delivery<flaws, how>, senders> {
  using Box = Mailbox<Node<flaws>, ModelSync<flaws>, how>;

  void before() {
    RL_ASSERT(box.open(false));
    for (auto& count : seen) count($) = 0;
  }
  void thread(unsigned me) {
    for (int i = 0; i < messages; ++i) {
      Node<flaws>& node = nodes[me][i];
      node.content($) = static_cast<int>(me) * messages + i;
      const Push pushed = box.push(&node, &node);
      RL_ASSERT(pushed != Push::closed);
      if (pushed == Push::wake) run();
    }
  }
  void run() {
    do {
      const auto chain = box.drain();
      for (Node<flaws>* node = chain.first; node != nullptr; node = Box::after(node, chain.last)) {
        const int content = node->content($);
        // `seen` is the actor's and no atomic: two owners at once are a race that Relacy reports.
        const int sender = content / messages;
        RL_ASSERT(seen[sender]($) == content % messages);  // in the order sent, once each
        seen[sender]($) = content % messages + 1;
      }
    } while (!box.release());
  }
  void after() {
    for (auto& count : seen) RL_ASSERT(count($) == messages);
    RL_ASSERT(box.is_empty());
  }

  Box box;
  Node<flaws> nodes[senders][messages];
  rl::var<int> seen[senders];
};

// The first thread owns the actor, drains once, and closes; the others post meanwhile. Nothing is
// lost and nothing is
// had twice, whoever ends up with it. Then the box opens again.
template <unsigned flaws, Swap how = Swap::exchange>
struct Closing : rl::test_suite<Closing<flaws, how>, senders> {
  using Box = Mailbox<Node<flaws>, ModelSync<flaws>, how>;

  void before() { RL_ASSERT(box.open(true)); }
  void thread(unsigned me) {
    if (me == 0) {
      take(box.drain());
      take(box.close());
      return;
    }
    for (int i = 0; i < messages; ++i) {
      Node<flaws>& node = nodes[me][i];
      node.content($) = 1;
      const Push pushed = box.push(&node, &node);
      RL_ASSERT(pushed != Push::wake);
      if (pushed == Push::closed) take(box.reclaim(&node));
    }
  }
  void take(Chain<Node<flaws>> chain) {
    for (Node<flaws>* node = chain.first; node != nullptr; node = Box::after(node, chain.last)) {
      RL_ASSERT(node->content($) == 1);  // a node that two take is a race
      node->content($) = 2;
    }
  }
  void after() {
    for (unsigned me = 1; me < senders; ++me) {
      for (auto& node : nodes[me]) RL_ASSERT(node.content($) == 2);
    }
    RL_ASSERT(box.open(true));
    RL_ASSERT(box.drain().first == nullptr);
    RL_ASSERT(box.release());
  }

  Box box;
  Node<flaws> nodes[senders][messages];
};

// Chains of several nodes stay whole and in order.
template <unsigned flaws>
struct Chains : rl::test_suite<Chains<flaws>, 2> {
  using Box = Mailbox<Node<flaws>, ModelSync<flaws>>;

  void before() {
    RL_ASSERT(box.open(false));
    last($) = -1;
  }
  void thread(unsigned me) {
    if (me == 0) {
      for (int i = 0; i < 3; ++i) nodes[i].content($) = i;
      nodes[0].set_next(&nodes[1]);
      nodes[1].set_next(&nodes[2]);
      if (box.push(&nodes[0], &nodes[2]) == Push::wake) run();
    } else {
      other.content($) = -1;
      if (box.push(&other, &other) == Push::wake) run();
    }
  }
  void run() {
    do {
      const auto chain = box.drain();
      for (Node<flaws>* node = chain.first; node != nullptr; node = Box::after(node, chain.last)) {
        const int content = node->content($);
        if (content < 0) continue;
        RL_ASSERT(content == last($) + 1);
        last($) = content;
      }
    } while (!box.release());
  }
  void after() { RL_ASSERT(last($) == 2); }

  Box box;
  Node<flaws> nodes[3];
  Node<flaws> other;
  rl::var<int> last;
};

// Word is left outside the box, as with an inbox: a count, then own(). Whoever owns takes all, and
// looks again once it has released.
template <unsigned flaws>
struct LeftWord : rl::test_suite<LeftWord<flaws>, senders> {
  using Box = Mailbox<Node<flaws>, ModelSync<flaws>>;

  void before() {
    RL_ASSERT(box.open(false));
    handled($) = 0;
  }
  void thread(unsigned) {
    for (int i = 0; i < messages; ++i) {
      count.fetch_add(1, std::memory_order_seq_cst);
      if (box.own()) run();
    }
  }
  void run() {
    const auto has_word = [&] { return count.load(std::memory_order_seq_cst) != 0; };
    do {
      handled($) = handled($) + count.exchange(0, std::memory_order_seq_cst);
    } while (!box.release_unless(has_word));
  }
  void after() { RL_ASSERT(handled($) == static_cast<int>(senders) * messages); }

  Box box;
  typename ModelSync<flaws>::template Atomic<int> count{0};
  rl::var<int> handled;
};

TEST(MailboxModel, WordThatIsLeftOutsideTheBoxIsNeverMissed) {
  expect_correct<LeftWord<model::none>>(schedules / 2);
}

TEST(MailboxModel, FindsAReleaseThatMissesWordLeftMeanwhile) {
  expect_found<LeftWord<model::relaxed_load>>(schedules);  // M5
}

TEST(MailboxModel, DoesTheSameByCompareAndSwap) {
  expect_correct<Delivery<model::none, Swap::compare>>(schedules / 4);
  expect_correct<Closing<model::none, Swap::compare>>(schedules / 4);
  expect_found<Delivery<model::torn_compare, Swap::compare>>(schedules);
}

TEST(MailboxModel, DeliversEveryMessageOnceInTheOrderSentToOneOwnerAtATime) {
  expect_correct<Delivery<model::none>>(schedules);
}

TEST(MailboxModel, ClosingLosesNothingAndGivesNothingTwice) {
  expect_correct<Closing<model::none>>(schedules);
}

TEST(MailboxModel, AChainStaysWhole) { expect_correct<Chains<model::none>>(schedules); }

TEST(MailboxModel, FindsAPushThatDoesNotPublish) {
  expect_found<Delivery<model::relaxed_store | model::relaxed_exchange>>(schedules);  // M1
}

TEST(MailboxModel, FindsAReleaseThatHidesTheOldOwnersWork) {
  expect_found<Delivery<model::relaxed_compare>>(schedules);  // M3
}

TEST(MailboxModel, FindsAPushThatDoesNotSeeTheOldOwnersWork) {
  expect_found<Delivery<model::relaxed_exchange>>(schedules);  // M3
}

TEST(MailboxModel, FindsAPushInTwoSteps) {
  expect_found<Delivery<model::torn_exchange>>(schedules);
}

TEST(MailboxModel, FindsAReleaseInTwoSteps) {
  expect_found<Delivery<model::torn_compare>>(schedules);
}

TEST(MailboxModel, FindsACloseThatForgetsWhatWasAdded) {
  expect_found<Closing<model::torn_exchange>>(schedules);
}

}  // namespace
}  // namespace actorcore::runtime
