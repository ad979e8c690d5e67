// Arena: a source of large aligned blocks that all go at once.
//
// Threads:    take() any; the destructor when nobody uses a block any more.
// Invariants: blocks are block_bytes each, zeroed, aligned to their size, and never returned one by
//             one.
// Cost:       a mutex a block. An arena of more than huge_bytes grows by huge pages, of which the
//             last may be unused: who walks all of it would wait for page tables at every step.
//
// jemalloc where it is linked (an arena of its own, so that teardown and accounting are one call),
// the system's allocator under the sanitizers, which see what is taken from it.
#ifndef ACTORCORE_MEMORY_ARENA_H_
#define ACTORCORE_MEMORY_ARENA_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"

namespace actorcore::memory {

class Arena {
 public:
  static constexpr std::size_t block_bytes = 64 * 1024;
  static constexpr std::size_t huge_bytes = 2 * 1024 * 1024;

  Arena();
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // A zeroed block, or null when memory is exhausted.
  void* take() noexcept;

  // Is there a whole item of 64 bytes of the arena's at this address?
  bool holds(const void* item) const noexcept;

  std::uint64_t blocks() const noexcept {
    return blocks_.load(std::memory_order_relaxed);
  }  // a gauge

 private:
  // Zeroed and aligned to its size, or null.
  std::byte* allocate(std::size_t bytes) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  unsigned arena_ = 0;
  std::atomic<std::uint64_t> blocks_{0};
  mutable absl::Mutex mutex_;
  std::byte* at_ ABSL_GUARDED_BY(mutex_) = nullptr;  // the rest of a huge page
  std::byte* end_ ABSL_GUARDED_BY(mutex_) = nullptr;
  absl::flat_hash_set<std::uintptr_t> given_ ABSL_GUARDED_BY(mutex_);  // the blocks
  std::vector<void*> taken_ ABSL_GUARDED_BY(mutex_);                   // unused with jemalloc
};

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_ARENA_H_
