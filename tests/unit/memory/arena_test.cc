#include "memory/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace actorcore::memory {
namespace {

// Over several huge pages.
constexpr std::size_t many = 3 * Arena::huge_bytes / Arena::block_bytes + 5;

TEST(Arena, BlocksAreZeroedAlignedAndApart) {
  Arena arena;
  std::vector<std::uintptr_t> blocks;
  for (std::size_t i = 0; i < many; ++i) {
    auto* block = static_cast<std::byte*>(arena.take());
    ASSERT_NE(block, nullptr);
    ASSERT_TRUE(std::all_of(block, block + Arena::block_bytes,
                            [](std::byte byte) { return byte == std::byte{0}; }));
    std::fill_n(block, Arena::block_bytes, std::byte{0xff});
    blocks.push_back(reinterpret_cast<std::uintptr_t>(block));
  }
  std::ranges::sort(blocks);
  for (std::size_t i = 0; i < many; ++i) {
    EXPECT_EQ(blocks[i] % Arena::block_bytes, 0U);
    if (i != 0) {
      EXPECT_GE(blocks[i] - blocks[i - 1], Arena::block_bytes);
    }
  }
  EXPECT_EQ(arena.blocks(), many);
}

TEST(Arena, AnArenaAfterAnotherStartsZeroedAgain) {
  for (int round = 0; round < 3; ++round) {
    Arena arena;
    for (std::size_t i = 0; i < many; ++i) {
      auto* block = static_cast<std::byte*>(arena.take());
      ASSERT_NE(block, nullptr);
      ASSERT_EQ(block[Arena::block_bytes / 2], std::byte{0});
      std::fill_n(block, Arena::block_bytes, std::byte{0xff});
    }
  }
}

}  // namespace
}  // namespace actorcore::memory
