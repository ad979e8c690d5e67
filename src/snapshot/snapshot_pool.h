// SnapshotPool: blocks for snapshots, by size class, reused and never given back while it lives.
//
// Threads:    any. take() and give() are lock-free but where the pool grows, which takes a lock.
// Invariants: a block's address is good until the last user of the pool is gone: its owner and
//             every block handed out count as one each, so snapshots may outlive the owner. A free
//             block is in exactly one class's FreeStack.
//   B1  give -> take      what the last user wrote is done before the next one writes (F1)
//   B2  grow -> block     whoever has a block's index sees its chunk
//   B3  leave -> leave    the last one out sees every other gone
// Cost:       two atomic operations a call.
#ifndef ACTORCORE_SNAPSHOT_SNAPSHOT_POOL_H_
#define ACTORCORE_SNAPSHOT_SNAPSHOT_POOL_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "memory/pools.h"

namespace actorcore::snapshot {

class Names;

class SnapshotPool {
 public:
  static constexpr std::size_t block_bytes_max = std::size_t{8} << 20;

  explicit SnapshotPool(std::shared_ptr<const Names> names = nullptr);
  ~SnapshotPool();
  SnapshotPool(const SnapshotPool&) = delete;
  SnapshotPool& operator=(const SnapshotPool&) = delete;

  // At least `bytes` bytes, aligned to 16; null where memory is exhausted.
  void* take(std::size_t bytes) noexcept;
  // Any thread may give back what any pool's take() gave.
  static void give(void* block) noexcept;
  // The names of a block's pool, which has some.
  static const Names& names_of(const void* block) noexcept;

  // Blocks handed out and not given back.
  std::uint64_t blocks_in_use() const noexcept;
  // Bytes taken from the system so far.
  std::size_t reserved_bytes() const noexcept;
  // A miss is a take that made it grow.
  memory::PoolStats stats() const noexcept;

 private:
  struct Core;
  Core* core_;
};

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_SNAPSHOT_POOL_H_
