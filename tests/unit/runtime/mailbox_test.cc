#include "runtime/mailbox.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace actorcore::runtime {
namespace {

constexpr std::uint32_t senders = 3;
constexpr std::uint32_t messages = 5'000;

struct Node {
  void set_next(Node* node) { link.store(node, std::memory_order_release); }
  Node* next() { return link.load(std::memory_order_acquire); }

  std::uint32_t sender = 0;
  std::uint32_t number = 0;
  std::atomic<Node*> link{nullptr};
};

// Threads push, and whoever is told to run the actor does, until it can be released.
template <Swap how>
void deliver_all() {
  using Box = Mailbox<Node, RealSync, how>;
  Box box;
  ASSERT_TRUE(box.open(false));
  std::vector<Node> nodes(senders * messages);
  std::array<std::uint32_t, senders> seen{};  // the owner's
  const auto run = [&] {
    do {
      const Chain<Node> chain = box.drain();
      for (Node* node = chain.first; node != nullptr; node = Box::after(node, chain.last)) {
        EXPECT_EQ(node->number, seen[node->sender]++);
      }
    } while (!box.release());
  };
  std::vector<std::thread> threads;
  for (std::uint32_t sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&, sender] {
      for (std::uint32_t i = 0; i < messages; ++i) {
        Node& node = nodes[sender * messages + i];
        node.sender = sender;
        node.number = i;
        if (box.push(&node, &node) == Push::wake) run();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::uint32_t count : seen) EXPECT_EQ(count, messages);
}

TEST(Mailbox, DeliversInOrderByExchange) { deliver_all<Swap::exchange>(); }

TEST(Mailbox, DeliversInOrderByCompareAndSwap) { deliver_all<Swap::compare>(); }

}  // namespace
}  // namespace actorcore::runtime
