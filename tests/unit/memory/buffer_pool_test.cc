#include "memory/buffer_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

namespace actorcore::memory {
namespace {

TEST(BufferPoolTest, ABlockIsUsedAgainForABufferOfItsClass) {
  auto* pool = new BufferPool;
  std::uint8_t* first = nullptr;
  std::uint8_t* second = nullptr;
  const ac_buffer one = pool->take(100, &first);
  std::memset(first, 1, 100);
  buffers().release(one.bits);
  const ac_buffer other = pool->take(200, &second);
  EXPECT_EQ(first, second);
  EXPECT_NE(one.bits, other.bits);
  EXPECT_EQ(buffers().pin(other.bits)->bytes().size(), 200u);
  const ac_buffer large = pool->take(10'000, &second);
  buffers().release(other.bits);
  buffers().release(large.bits);
  const PoolStats stats = pool->stats();
  EXPECT_EQ(stats.gets, 3u);
  EXPECT_EQ(stats.puts, 3u);
  EXPECT_EQ(stats.hits, 1u);
  EXPECT_EQ(stats.misses, 2u);
  pool->close();
}

TEST(BufferPoolTest, ABufferOutlivesThePoolsOwner) {
  auto* pool = new BufferPool;
  std::uint8_t* bytes = nullptr;
  const ac_buffer buffer = pool->take(50, &bytes);
  pool->close();
  std::memset(bytes, 7, 50);
  EXPECT_EQ(buffers().pin(buffer.bits)->bytes()[49], 7);
  buffers().release(buffer.bits);  // a leak or a late use is the sanitizer's to find
}

// What one thread takes and another gives goes home in batches, so that the taker finds it again.
TEST(BufferPoolTest, WhatAnotherThreadGivesComesHome) {
  constexpr int rounds = 200, in_flight = 50;
  auto* pool = new BufferPool;
  std::vector<ac_buffer> sent;
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < in_flight; ++i) {
      std::uint8_t* bytes = nullptr;
      sent.push_back(pool->take(500, &bytes));
      std::memset(bytes, 1, 500);
    }
    std::thread([&sent] {
      for (const ac_buffer buffer : sent) buffers().release(buffer.bits);
    }).join();
    sent.clear();
  }
  const PoolStats stats = pool->stats();
  EXPECT_EQ(stats.gets, std::uint64_t{rounds * in_flight});
  EXPECT_EQ(stats.puts, stats.gets);
  EXPECT_GT(stats.hits * 100, stats.gets * 95);
  EXPECT_EQ(stats.free * (1024 + sizeof(Buffer)), stats.bytes);
  pool->close();
}

TEST(BufferPoolTest, ABufferThatCouldNotBeAllocatedIsNoBuffer) {
  auto* pool = new BufferPool;
  std::uint8_t* bytes = nullptr;
  EXPECT_EQ(pool->take(std::uint64_t{1} << 60, &bytes).bits, 0u);
  EXPECT_EQ(pool->stats().gets, pool->stats().puts);
  pool->close();
}

// -- all pools ----------------------------------------------------------------------------------

TEST(Pools, CountsOfAPoolThatIsGoneAreKept) {
  const PoolStats before = read_pools()[AC_POOL_EVENTS];
  auto* pool = new BufferPool;
  std::uint8_t* bytes = nullptr;
  for (int i = 0; i < 3; ++i) buffers().release(pool->take(50, &bytes).bits);
  const PoolStats during = read_pools()[AC_POOL_EVENTS];
  EXPECT_EQ(during.gets, before.gets + 3);
  EXPECT_EQ(during.hits, before.hits + 2);
  EXPECT_EQ(during.free, before.free + 1);
  pool->close();
  const PoolStats after = read_pools()[AC_POOL_EVENTS];
  EXPECT_EQ(after.gets, before.gets + 3);
  EXPECT_EQ(after.puts, before.puts + 3);
  EXPECT_EQ(after.free, before.free);
  EXPECT_EQ(after.bytes, before.bytes);
}

}  // namespace
}  // namespace actorcore::memory
