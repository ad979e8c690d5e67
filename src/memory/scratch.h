// Scratch: memory for the length of a turn, all of which goes at once.
//
// Threads:    one at a time; counts() any.
// Invariants: what take() gives is good until reset(). At most kept_max bytes stay for the next
//             turn, in one chunk: of a turn that needed several the next one has their size at
//             once.
// Cost:       take is an addition, reset a store; malloc where a turn needs more than the last one.
#ifndef ACTORCORE_MEMORY_SCRATCH_H_
#define ACTORCORE_MEMORY_SCRATCH_H_

#include <cstddef>
#include <cstdint>

#include "memory/poison.h"
#include "memory/pools.h"

namespace actorcore::memory {

class Scratch {
 public:
  static constexpr std::size_t kept_max = 1024 * 1024;

  Scratch() = default;
  ~Scratch() { drop(); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // Aligned to 16, with undefined content; null when memory is exhausted.
  void* take(std::size_t bytes) noexcept {
    const std::size_t whole = (bytes + 15) & ~std::size_t{15};
    if (static_cast<std::size_t>(end_ - at_) < whole && !grow(whole)) return nullptr;
    gets_.add(1);
    void* const taken = at_;
    at_ += whole;
    unpoison(taken, bytes);
    return taken;
  }

  bool is_used() const noexcept { return top_ != nullptr && at_ != first_of(top_); }
  void reset() noexcept;

  PoolStats stats() const noexcept;

 private:
  struct alignas(16) Chunk {
    Chunk* below;
    std::size_t bytes;
  };
  static constexpr std::size_t first_bytes = 64 * 1024;

  static std::byte* first_of(Chunk* chunk) noexcept {
    return reinterpret_cast<std::byte*>(chunk + 1);
  }
  bool grow(std::size_t bytes) noexcept;
  std::size_t drop() noexcept;

  Chunk* top_ = nullptr;
  std::byte* at_ = nullptr;
  std::byte* end_ = nullptr;
  std::size_t next_bytes_ = first_bytes;
  Tally gets_, puts_, misses_;
  std::atomic<std::size_t> bytes_{0};  // a gauge
};

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_SCRATCH_H_
