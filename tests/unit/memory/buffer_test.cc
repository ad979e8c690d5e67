#include "memory/buffer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace actorcore::memory {
namespace {

TEST(Buffer, ANewBufferIsZeroedAndOfTheSizeAskedFor) {
  const ac_buffer buffer = Buffer::create(100'000);
  ASSERT_NE(buffer.bits, 0u);
  const auto pin = buffers().pin(buffer.bits);
  const auto bytes = pin->bytes();
  EXPECT_EQ(bytes.size(), 100'000u);
  EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; }));
  buffers().release(buffer.bits);
}

TEST(Buffer, ItLivesAsLongAsAReference) {
  const ac_buffer buffer = Buffer::create(64);
  ASSERT_TRUE(buffers().retain(buffer.bits));
  buffers().release(buffer.bits);
  EXPECT_TRUE(buffers().pin(buffer.bits));
  buffers().release(buffer.bits);
  EXPECT_FALSE(buffers().pin(buffer.bits));
}

}  // namespace
}  // namespace actorcore::memory
