// RowsPool: sets of rows for resolves that collect contributions, whose arrays are used again.
//
// Threads:    any.
// Invariants: a set is with a resolve or here; here are at most kept_max, none of more than
//             kept_bytes_max, so that one large entity's arrays do not stay.
// Cost:       a mutex each way; a set whose arrays have grown takes a copy without an allocation.
#ifndef ACTORCORE_ENGINE_ROWS_POOL_H_
#define ACTORCORE_ENGINE_ROWS_POOL_H_

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "memory/pools.h"
#include "snapshot/entity_rows.h"

namespace actorcore::engine {

class RowsPool {
 public:
  using Rows = std::unique_ptr<snapshot::EntityRows>;

  RowsPool() { free_.reserve(kept_max); }

  // Its content is undefined. May throw bad_alloc.
  Rows take() {
    {
      absl::MutexLock lock(&mutex_);
      ++stats_.gets;
      if (!free_.empty()) {
        ++stats_.hits;
        Rows rows = std::move(free_.back());
        free_.pop_back();
        return rows;
      }
    }
    return std::make_unique<snapshot::EntityRows>();
  }

  void give(Rows rows) noexcept {
    absl::MutexLock lock(&mutex_);
    ++stats_.puts;
    if (free_.size() == kept_max || rows->bytes() > kept_bytes_max) return;
    free_.push_back(std::move(rows));  // there is room
  }

  memory::PoolStats stats() const noexcept {
    absl::MutexLock lock(&mutex_);
    memory::PoolStats stats = stats_;
    stats.misses = stats.gets - stats.hits;
    stats.free = free_.size();
    for (const Rows& rows : free_) stats.bytes += rows->bytes();
    return stats;
  }

 private:
  static constexpr std::size_t kept_max = 256;
  static constexpr std::size_t kept_bytes_max = 64 * 1024;

  mutable absl::Mutex mutex_;
  std::vector<Rows> free_ ABSL_GUARDED_BY(mutex_);
  memory::PoolStats stats_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actorcore::engine

#endif  // ACTORCORE_ENGINE_ROWS_POOL_H_
