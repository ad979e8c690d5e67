#include "memory/scratch.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace actorcore::memory {

bool Scratch::grow(std::size_t bytes) noexcept {
  const std::size_t size = std::max(next_bytes_, bytes);
  void* place = std::malloc(sizeof(Chunk) + size);
  if (place == nullptr) return false;
  top_ = new (place) Chunk{top_, size};
  at_ = first_of(top_);
  end_ = at_ + size;
  poison(at_, size);
  misses_.add(1);
  bytes_.fetch_add(size, std::memory_order_relaxed);  // a gauge
  return true;
}

// Frees every chunk; how much they were.
std::size_t Scratch::drop() noexcept {
  std::size_t bytes = 0;
  while (top_ != nullptr) {
    Chunk* const chunk = std::exchange(top_, top_->below);
    bytes += chunk->bytes;
    std::free(chunk);
  }
  bytes_.store(0, std::memory_order_relaxed);  // a gauge
  at_ = nullptr;
  end_ = nullptr;
  return bytes;
}

void Scratch::reset() noexcept {
  puts_.add(gets_.get() - puts_.get());
  if (top_ == nullptr) return;
  if (top_->below != nullptr || top_->bytes > kept_max) {
    next_bytes_ = std::clamp(drop(), first_bytes, kept_max);
    return;
  }
  at_ = first_of(top_);
  poison(at_, top_->bytes);
}

PoolStats Scratch::stats() const noexcept {
  PoolStats stats;
  stats.puts = puts_.get();
  stats.misses = misses_.get();
  stats.gets = std::max(gets_.get(), stats.puts);
  stats.hits = stats.gets - std::min(stats.gets, stats.misses);
  stats.bytes = bytes_.load(std::memory_order_relaxed);  // a gauge
  return stats;
}

}  // namespace actorcore::memory
