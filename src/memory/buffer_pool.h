// BufferPool: buffers whose blocks are used again, by size: 64 B, 1 KiB, 4 KiB, 2 MiB.
//
// Threads:    any, but for close(), which is the owner's last call.
// Invariants: a block is with its buffer, in the cache of one thread, or in one depot. A cache has
//             at most two batches of a kind, a depot as many blocks as were reserved or kept_max. A
//             pool that is not shared() goes with its owner and its last buffer, whichever is
//             later: receivers may keep a buffer for as long as they like.
// Cost:       a take and a give are the calling thread's own cache, without a lock, and the
//             buffer's handle. What other threads took goes home in batches of batch_blocks, one
//             mutex a batch. Threads beyond thread_slots share one cache and its lock. A pool that
//             is not shared counts its buffers in one word. Others than of these sizes are
//             allocated and freed: with malloc, above 2 MiB with mmap.
//
// Memory order:
//   P1  give -> last give   whoever deletes the pool sees that everybody else has left it
#ifndef ACTORCORE_MEMORY_BUFFER_POOL_H_
#define ACTORCORE_MEMORY_BUFFER_POOL_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "base/thread_slot.h"
#include "memory/buffer.h"
#include "memory/mapping.h"
#include "memory/pools.h"

namespace actorcore::memory {

class BufferPool final : private PoolSource {
 public:
  // Sizes that blocks are kept of, then those that are not.
  enum Kind : std::uint32_t {
    bytes_64,
    bytes_1k,
    bytes_4k,
    bytes_2m,
    kinds,
    in_heap = kinds,
    mapped
  };
  static constexpr std::array<std::uint64_t, kinds> block_bytes{64, 1024, 4096, huge_page_bytes};
  // One of 2 MiB serves what is more than half of that; less would waste it.
  static constexpr std::uint64_t heap_bytes_max = huge_page_bytes / 2;

  // The process's; never ends.
  static BufferPool& shared() noexcept;
  // An event bus's or a work queue's; with new, ends by close().
  BufferPool() : BufferPool(false) {}
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  void close() noexcept { release(); }

  // A buffer with one reference and where its bytes are, or none when memory or handles are
  // exhausted. Its content is undefined, unless it is said to be zero.
  ac_buffer take(std::uint64_t size, std::uint8_t** bytes, bool* is_zero = nullptr) noexcept;
  // A buffer of bytes that were mapped, which are unmapped if there is none.
  ac_buffer adopt(std::uint8_t* data, std::uint64_t size) noexcept;
  // The block of a buffer whose last reference is gone.
  void give(Buffer& buffer) noexcept;
  // Has as many blocks in its depot, or fewer where memory is exhausted.
  void reserve(Kind kind, std::uint32_t blocks) noexcept;
  PoolStats stats() const noexcept;

 private:
  static constexpr std::array<std::uint32_t, kinds> batch_blocks{64, 32, 16, 1};
  static constexpr std::array<std::uint32_t, kinds> kept_max{16'384, 8'192, 4'096, 16};

  // A block while it is free.
  struct Block {
    Block* next;
    Block* next_batch;
    std::uint8_t* data;
    std::uint32_t count;  // of a batch's first one: blocks from here on
    bool is_zero;
  };
  static_assert(sizeof(Block) <= sizeof(Buffer));

  struct List {
    Block* first = nullptr;
    std::uint32_t count = 0;
  };
  struct Lists {
    List used;
    List spare;  // empty or full
  };
  struct Counts {
    Tally gets, puts, hits;
  };
  struct alignas(64) Cache {
    std::array<Lists, kinds> lists;
    std::array<Counts, kinds + 1> counts;  // the last is of all others
  };
  struct alignas(64) Depot {
    absl::Mutex mutex;
    Block* batches ABSL_GUARDED_BY(mutex) = nullptr;
    std::uint32_t blocks ABSL_GUARDED_BY(mutex) = 0;
    std::uint32_t keeps ABSL_GUARDED_BY(mutex) = 0;  // what was reserved
    std::atomic<std::uint64_t> made{0};              // blocks that there are; a gauge
  };

  explicit BufferPool(bool is_shared);
  ~BufferPool();
  void release() noexcept;

  static Kind kind_of(std::uint64_t size) noexcept;
  template <class Body>
  auto with_cache(Body body) noexcept;
  Block* take_block(Cache& cache, Kind kind) noexcept;
  void give_block(Cache& cache, Kind kind, Block* block) noexcept;
  List fetch(Kind kind) noexcept;
  void deposit(Kind kind, List batch) noexcept;
  Block* make(Kind kind) noexcept;
  void unmake(Kind kind, Block* block) noexcept;
  void unmake_all(Kind kind, Block* first) noexcept;
  ac_buffer publish(void* header, std::uint32_t kind, std::uint8_t* data,
                    std::uint64_t size) noexcept;
  static void* allocate(std::uint64_t size, std::uint32_t& kind, std::uint8_t*& data) noexcept;
  static void free(void* header, std::uint32_t kind, std::uint8_t* data,
                   std::uint64_t size) noexcept;
  PoolStats stats_of(std::uint32_t kind) const noexcept;
  void add_to(PoolRows& rows) const noexcept override;

  const bool is_shared_;
  absl::Mutex last_mutex_;  // of the last cache
  std::array<Cache, thread_slots + 1> caches_;
  std::array<Depot, kinds> depots_;
  std::atomic<std::uint64_t> references_{1};   // the owner, and every buffer that is out
  std::atomic<std::uint64_t> other_bytes_{0};  // in buffers of no such size; a gauge
};

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_BUFFER_POOL_H_
