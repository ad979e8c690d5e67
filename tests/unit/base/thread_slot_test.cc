#include "base/thread_slot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <latch>
#include <thread>
#include <vector>

namespace actorcore {
namespace {

// Slots of `count` threads that live at the same time.
std::vector<std::uint32_t> slots_of(std::size_t count) {
  std::vector<std::uint32_t> slots(count);
  std::latch all(static_cast<std::ptrdiff_t>(count));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      slots[i] = thread_slot();
      all.arrive_and_wait();
      EXPECT_EQ(slots[i], thread_slot());
    });
  }
  for (std::thread& thread : threads) thread.join();
  return slots;
}

TEST(ThreadSlot, LivingThreadsHaveSlotsOfTheirOwn) {
  const std::uint32_t own = thread_slot();
  std::vector<std::uint32_t> slots = slots_of(thread_slots / 2);
  slots.push_back(own);
  std::ranges::sort(slots);
  EXPECT_EQ(std::ranges::adjacent_find(slots), slots.end());
  EXPECT_LT(slots.back(), thread_slots);
}

TEST(ThreadSlot, ThreadsBeyondTheLastSlotShareOne) {
  static_cast<void>(thread_slot());  // this thread has one
  const std::vector<std::uint32_t> slots = slots_of(thread_slots + 9);
  EXPECT_EQ(std::ranges::count(slots, thread_slots), 10);
}

TEST(ThreadSlot, AThreadThatEndsGivesItsSlotBack) {
  ASSERT_LT(thread_slot(), thread_slots);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(std::ranges::count(slots_of(thread_slots - 1), thread_slots), 0);
  }
}

// What is written under a slot without a lock is seen by the slot's next thread; a thread sanitizer
// would tell.
TEST(ThreadSlot, TheNextThreadSeesWhatTheLastOneWrote) {
  static std::uint64_t counters[thread_slots + 1];
  for (int i = 0; i < 100; ++i) {
    std::thread([] { ++counters[thread_slot()]; }).join();
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t counter : counters) sum += counter;
  EXPECT_EQ(sum, 100u);
}

}  // namespace
}  // namespace actorcore
