#include "memory/slab_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>
#include <vector>

namespace actorcore::memory {
namespace {

TEST(SlabPool, ItemsAreDistinctAlignedAndTheCallers) {
  Arena arena;
  Depot depot(arena);
  Magazine magazine(depot);
  std::set<void*> items;
  for (int i = 0; i < 10'000; ++i) {
    void* item = magazine.take();
    ASSERT_NE(item, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(item) % item_bytes, 0u);
    std::memset(item, 0xff, item_bytes);
    EXPECT_TRUE(items.insert(item).second);
  }
}

TEST(SlabPool, WhatOneMagazineGivesAnotherTakes) {
  Arena arena;
  Depot depot(arena);
  Magazine sender(depot);
  Magazine receiver(depot);
  for (int round = 0; round < 50; ++round) {
    std::vector<void*> items;
    for (std::size_t i = 0; i < 4 * batch_items; ++i) items.push_back(sender.take());
    for (void* item : items) receiver.give(item);
  }
  // Four batches on their way, and what the two magazines may hold: no more whatever the number of
  // rounds. One block has the batches themselves.
  const std::uint64_t bytes = (arena.blocks() - 1) * Arena::block_bytes;
  EXPECT_LE(bytes, 9 * batch_items * item_bytes);
}

// The exchange of batches comes out even however far one magazine only gives and another only
// takes.
TEST(SlabPool, AMagazineThatOnlyGivesAlwaysFindsRoom) {
  Arena arena;
  Depot depot(arena);
  Magazine sender(depot);
  Magazine receiver(depot);
  std::vector<void*> items;
  for (std::size_t i = 0; i < 20 * batch_items; ++i) items.push_back(sender.take());
  for (void* item : items) receiver.give(item);
  for (void*& item : items) item = sender.take();
  for (void* item : items) sender.give(item);
  for (void*& item : items) item = receiver.take();
  EXPECT_EQ(std::set<void*>(items.begin(), items.end()).size(), items.size());
}

TEST(SlabPool, TwoThreadsNeverHoldTheSameItem) {
  Arena arena;
  Depot depot(arena);
  Magazine magazines[2] = {Magazine(depot), Magazine(depot)};  // they live as long as the depot
  const auto work = [&magazines](std::uint64_t mark) {
    Magazine& magazine = magazines[mark - 1];
    std::vector<std::uint64_t*> held;
    for (int round = 0; round < 200; ++round) {
      for (int i = 0; i < 700; ++i) {
        auto* item = static_cast<std::uint64_t*>(magazine.take());
        *item = mark;
        held.push_back(item);
      }
      for (std::uint64_t* item : held) {
        ASSERT_EQ(*item, mark);
        magazine.give(item);
      }
      held.clear();
    }
  };
  std::thread other(work, 1);
  work(2);
  other.join();
}

}  // namespace
}  // namespace actorcore::memory
