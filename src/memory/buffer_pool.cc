#include "memory/buffer_pool.h"

#include <cstdlib>
#include <new>

#include "base/thread_slot.h"

namespace actorcore::memory {

BufferPool::~BufferPool() {
  for (Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    for (List& list : shard.lists) {
      while (Free* block = list.first) {
        list.first = block->next;
        std::free(block);
      }
    }
  }
}

void BufferPool::release() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;  // P1
}

// The smallest class that has room; block_bytes.size() is none.
std::uint32_t BufferPool::class_of(std::uint64_t bytes) noexcept {
  std::uint32_t fits = 0;
  while (fits < block_bytes.size() && block_bytes[fits] < bytes) ++fits;
  return fits;
}

ac_buffer BufferPool::take(std::uint64_t size, std::uint8_t** bytes) noexcept {
  const std::uint64_t wanted = sizeof(Buffer) + size;
  const std::uint32_t fits = class_of(wanted);
  const std::uint32_t home = thread_slot() % shards;
  Shard& shard = shards_[home];
  void* block = nullptr;
  {
    absl::MutexLock lock(&shard.mutex);
    ++shard.stats.gets;
    if (fits < block_bytes.size() && shard.lists[fits].first != nullptr) {
      List& list = shard.lists[fits];
      block = list.first;
      list.first = list.first->next;
      --list.count;
      ++shard.stats.hits;
    } else {
      ++shard.stats.misses;
    }
  }
  if (block == nullptr) block = std::malloc(fits < block_bytes.size() ? block_bytes[fits] : wanted);
  if (block == nullptr) return {0};
  // A block comes home to the shard of who takes: what one thread publishes others let go of.
  auto* buffer = new (block) Buffer(size, nullptr, home, this);
  const ac_buffer made = buffer->publish();
  if (made.bits == 0) {
    std::free(block);
    return {0};
  }
  references_.fetch_add(1, std::memory_order_relaxed);  // from the owner's
  *bytes = buffer->bytes().data();
  return made;
}

void BufferPool::give(Buffer& buffer) noexcept {
  Shard& shard = shards_[buffer.user_];
  const std::uint32_t fits = class_of(sizeof(Buffer) + buffer.size_);
  void* block = &buffer;
  {
    absl::MutexLock lock(&shard.mutex);
    ++shard.stats.puts;
    if (fits < block_bytes.size() && shard.lists[fits].count < kept_max) {
      List& list = shard.lists[fits];
      list.first = new (block) Free{list.first};
      ++list.count;
      block = nullptr;
    }
  }
  std::free(block);
  release();
}

BufferPool::Stats BufferPool::stats() const noexcept {
  Stats total;
  for (const Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    total.gets += shard.stats.gets;
    total.puts += shard.stats.puts;
    total.hits += shard.stats.hits;
    total.misses += shard.stats.misses;
  }
  return total;
}

}  // namespace actorcore::memory
