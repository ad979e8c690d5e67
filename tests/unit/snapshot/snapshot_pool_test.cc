#include "snapshot/snapshot_pool.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "unit/snapshot/support.h"

namespace actorcore::snapshot {
namespace {

TEST(SnapshotPool, EveryBlockIsWholeAlignedAndItsOwn) {
  SnapshotPool pool;
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (std::size_t bytes = 1; bytes <= 20'000; bytes += 97) {
    auto* const block = static_cast<unsigned char*>(pool.take(bytes));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 16, 0u);
    std::memset(block, static_cast<int>(blocks.size() % 251), bytes);
    blocks.emplace_back(block, bytes);
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    for (std::size_t at = 0; at < blocks[i].second; ++at) {
      ASSERT_EQ(blocks[i].first[at], i % 251);
    }
    SnapshotPool::give(blocks[i].first);
  }
}

TEST(SnapshotPool, BlocksGivenBackAreUsedAgain) {
  SnapshotPool pool;
  std::vector<void*> blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(pool.take(1000));
  const std::size_t reserved = pool.reserved_bytes();
  const std::set<void*> first(blocks.begin(), blocks.end());
  EXPECT_EQ(first.size(), 1000u);
  for (int round = 0; round < 3; ++round) {
    for (void* block : blocks) SnapshotPool::give(block);
    for (void*& block : blocks) block = pool.take(900);
    EXPECT_EQ(std::set<void*>(blocks.begin(), blocks.end()), first);
  }
  EXPECT_EQ(pool.reserved_bytes(), reserved);
  for (void* block : blocks) SnapshotPool::give(block);
}

TEST(SnapshotPool, TheLargestBlockCanBeHadMoreThanOnce) {
  SnapshotPool pool;
  void* const first = pool.take(SnapshotPool::block_bytes_max);
  void* const second = pool.take(SnapshotPool::block_bytes_max);
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_NE(first, second);
  SnapshotPool::give(first);
  SnapshotPool::give(second);
}

TEST(SnapshotPool, BlocksOutliveIt) {
  auto pool = std::make_unique<SnapshotPool>();
  void* const block = pool->take(500);
  pool.reset();
  std::memset(block, 1, 500);
  SnapshotPool::give(block);
}

// Threads take, mark, hand over and give; a block that two held at once would lose its mark.
TEST(SnapshotPool, ThreadsNeverShareABlock) {
  SnapshotPool pool;
  std::mutex mutex;
  std::vector<std::uint64_t*> handed;  // by mutex
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (std::uint64_t t = 1; t <= 4; ++t) {
    threads.emplace_back([&, t] {
      std::vector<std::uint64_t*> own;
      for (std::uint64_t i = 0; i < 20'000; ++i) {
        auto* const block = static_cast<std::uint64_t*>(pool.take(200 + i % 400));
        block[0] = block[20] = t << 32 | i;
        own.push_back(block);
        if (own.size() < 8) continue;
        const std::lock_guard lock(mutex);
        handed.push_back(own.front());
        own.erase(own.begin());
        if (handed.size() < 64) continue;
        std::uint64_t* const other = handed[i % handed.size()];
        handed.erase(handed.begin() + static_cast<std::ptrdiff_t>(i % handed.size()));
        if (other[0] != other[20]) wrong.fetch_add(1);
        SnapshotPool::give(other);
      }
      for (std::uint64_t* const block : own) {
        if (block[0] != block[20] || block[0] >> 32 != t) wrong.fetch_add(1);
        SnapshotPool::give(block);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::uint64_t* const block : handed) SnapshotPool::give(block);
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace actorcore::snapshot
