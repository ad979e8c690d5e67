#include "memory/buffer_pool.h"

#include <gtest/gtest.h>

#include <cstring>
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
  const BufferPool::Stats stats = pool->stats();
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

}  // namespace
}  // namespace actorcore::memory
