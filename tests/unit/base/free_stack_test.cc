#include "base/free_stack.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace actorcore {
namespace {

using Stack = FreeStack<32>;

TEST(FreeStack, TheLastOneGivenIsTheFirstTaken) {
  Stack stack;
  std::array<Stack::Link, 4> links{};
  const auto link = [&](std::uint64_t number) -> Stack::Link& { return links[number]; };
  EXPECT_EQ(stack.pop(link), 0u);
  for (std::uint64_t number : {1, 2, 3}) stack.push(number, link);
  for (std::uint64_t number : {3, 2, 1}) EXPECT_EQ(stack.pop(link), number);
  EXPECT_EQ(stack.pop(link), 0u);
}

TEST(FreeStack, ThreadsNeverHaveTheSameNumber) {
  constexpr std::uint64_t numbers = 16;
  Stack stack;
  std::array<Stack::Link, numbers + 1> links{};
  std::array<std::uint64_t, numbers + 1> users{};  // plain: what a number stands for
  const auto link = [&](std::uint64_t number) -> Stack::Link& { return links[number]; };
  for (std::uint64_t number = 1; number <= numbers; ++number) stack.push(number, link);
  const auto work = [&] {
    for (int round = 0; round < 50'000; ++round) {
      const std::uint64_t one = stack.pop(link);
      const std::uint64_t other = stack.pop(link);
      for (const std::uint64_t number : {one, other}) {
        if (number == 0) continue;
        ASSERT_EQ(users[number]++ % 2, 0u);
        ASSERT_EQ(users[number]++ % 2, 1u);
        stack.push(number, link);
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  std::uint64_t left = 0;
  while (stack.pop(link) != 0) ++left;
  EXPECT_EQ(left, numbers);
}

}  // namespace
}  // namespace actorcore
