#include "memory/scratch.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

namespace actorcore::memory {
namespace {

TEST(Scratch, WhatItGivesIsAlignedApartAndTheCallers) {
  Scratch scratch;
  std::set<std::byte*> parts;
  for (std::size_t bytes = 1; bytes < 3'000'000; bytes *= 3) {
    auto* part = static_cast<std::byte*>(scratch.take(bytes));
    ASSERT_NE(part, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(part) % 16, 0u);
    std::memset(part, 0xff, bytes);
    EXPECT_TRUE(parts.insert(part).second);
  }
}

TEST(Scratch, AResetGivesTheSameMemoryAgain) {
  Scratch scratch;
  EXPECT_FALSE(scratch.is_used());
  void* const first = scratch.take(100);
  EXPECT_TRUE(scratch.is_used());
  scratch.reset();
  EXPECT_FALSE(scratch.is_used());
  EXPECT_EQ(scratch.take(200), first);
  EXPECT_EQ(scratch.stats().misses, 1u);
  EXPECT_EQ(scratch.stats().gets, 2u);
  EXPECT_EQ(scratch.stats().puts, 1u);
}

TEST(Scratch, ATurnThatNeededSeveralChunksIsFollowedByOneOfTheirSize) {
  Scratch scratch;
  for (int i = 0; i < 8; ++i) ASSERT_NE(scratch.take(50'000), nullptr);
  EXPECT_GT(scratch.stats().misses, 1u);
  scratch.reset();
  EXPECT_EQ(scratch.stats().bytes, 0u);
  const std::uint64_t before = scratch.stats().misses;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 8; ++i) ASSERT_NE(scratch.take(50'000), nullptr);
    scratch.reset();
  }
  EXPECT_EQ(scratch.stats().misses, before + 1);
}

TEST(Scratch, WhatOneTurnNeedsOnceIsNotKept) {
  Scratch scratch;
  ASSERT_NE(scratch.take(4 * Scratch::kept_max), nullptr);
  scratch.reset();
  EXPECT_EQ(scratch.stats().bytes, 0u);
  ASSERT_NE(scratch.take(1), nullptr);
  EXPECT_LE(scratch.stats().bytes, Scratch::kept_max);
}

}  // namespace
}  // namespace actorcore::memory
