// Pools: what the pools of the process hold and did, summed by kind.
//
// Threads:    any; a Tally has one writer at a time.
// Invariants: gets, puts, hits and misses never fall: those of a pool that is gone are kept. What
//             is free and its bytes are those of the pools there are. A get is a hit or a miss.
// Cost:       a tally is a load and a store. Reading asks every pool, under a lock that only the
//             making and the end of pools take too.
#ifndef ACTORCORE_MEMORY_POOLS_H_
#define ACTORCORE_MEMORY_POOLS_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "actorcore/actorcore.h"

namespace actorcore::memory {

class Tally {
 public:
  void add(std::uint64_t n) noexcept {
    // One writer: no read-modify-write is needed. Relaxed: a statistic.
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct PoolStats {
  std::uint64_t gets = 0, puts = 0;    // items taken, and given back
  std::uint64_t hits = 0, misses = 0;  // gets that the pool had, and those that made it grow
  std::uint64_t free = 0;              // items that it has
  std::uint64_t bytes = 0;             // of free items and others

  PoolStats& operator+=(const PoolStats& other) noexcept;
};

inline constexpr std::uint32_t pool_kinds = AC_POOL_SCRATCH + 1;
using PoolRows = std::array<PoolStats, pool_kinds>;  // by AC_POOL constant

class PoolSource {
 public:
  virtual void add_to(PoolRows& rows) const noexcept = 0;

 protected:
  ~PoolSource() = default;
  // For the ends of a constructor and the beginning of a destructor.
  void enroll() noexcept;
  void leave() noexcept;

 private:
  friend PoolRows read_pools() noexcept;
  PoolSource* before_ = nullptr;
  PoolSource* next_ = nullptr;
};

PoolRows read_pools() noexcept;

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_POOLS_H_
