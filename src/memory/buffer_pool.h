// BufferPool: buffers whose blocks are used again, for what is made and gone at a high rate.
//
// Threads:    any, but for close(), which is the owner's last call.
// Invariants: a block is with its buffer or in one list, that of the shard that it was taken from.
// A
//             list keeps at most kept_max. The pool goes with its owner and its last buffer,
//             whichever is later: receivers may keep a buffer for as long as they like.
// Cost:       a take and a give are one mutex of a shard each, and the buffer's handle; a buffer of
//             more than 4 KiB is allocated and freed.
//
// Memory order:
//   P1  give -> last give   whoever deletes the pool sees that everybody else has left it
#ifndef ACTORCORE_MEMORY_BUFFER_POOL_H_
#define ACTORCORE_MEMORY_BUFFER_POOL_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "absl/synchronization/mutex.h"
#include "memory/buffer.h"

namespace actorcore::memory {

class BufferPool {
 public:
  struct Stats {
    std::uint64_t gets = 0, puts = 0;    // buffers taken, and given back
    std::uint64_t hits = 0, misses = 0;  // takes that a kept block served, and that none did
  };

  BufferPool() = default;  // with new; ends by close()
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  void close() noexcept { release(); }

  // A buffer of undefined content with one reference and where its bytes are, or none when memory
  // or handles are exhausted.
  ac_buffer take(std::uint64_t size, std::uint8_t** bytes) noexcept;
  // The block of a buffer whose last reference is gone.
  void give(Buffer& buffer) noexcept;
  Stats stats() const noexcept;

 private:
  static constexpr std::uint32_t shards = 8;
  static constexpr std::uint32_t kept_max = 256;
  static constexpr std::array<std::uint64_t, 3> block_bytes{256, 1024, 4096};  // with the header

  struct Free {
    Free* next;
  };
  struct List {
    Free* first = nullptr;
    std::uint32_t count = 0;
  };
  struct alignas(64) Shard {
    mutable absl::Mutex mutex;
    std::array<List, block_bytes.size()> lists ABSL_GUARDED_BY(mutex);
    Stats stats ABSL_GUARDED_BY(mutex);
  };

  ~BufferPool();
  void release() noexcept;
  static std::uint32_t class_of(std::uint64_t bytes) noexcept;

  std::array<Shard, shards> shards_;
  std::atomic<std::uint64_t> references_{1};  // the owner, and every buffer that is out
};

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_BUFFER_POOL_H_
