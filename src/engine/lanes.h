// Lanes: what each thread has for itself in an engine: its counts and its working memory.
//
// Threads:    any. A lane belongs to the thread whose slot it has (ThreadSlot); the last one is
//             shared, by atomic additions and a lock, by threads that have no slot.
// Invariants: the sum over the lanes is exact. A workspace is used by one thread at a time and
//             never while code of the caller's runs.
// Cost:       a count is a load and a store, a workspace one look at a version; a lane's workspace
//             is made at its first use.
#ifndef ACTORCORE_ENGINE_LANES_H_
#define ACTORCORE_ENGINE_LANES_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "base/thread_slot.h"
#include "snapshot/aggregator.h"
#include "snapshot/registry.h"
#include "snapshot/updater.h"

namespace actorcore::engine {

enum class Count : std::uint32_t {
  resolved,
  cached,
  missed,
  failed,
  rejected,
  asked,
  late,
  invalidated,
  updated,
};

struct Workspace {
  Workspace(const snapshot::Names& names, snapshot::SnapshotPool& pool)
      : aggregator(names, pool), updater(pool) {}

  snapshot::Aggregator aggregator;
  snapshot::Updater updater;
  std::shared_ptr<const snapshot::Registry> registry;  // the one in force when it was last used
};

class Lanes {
 public:
  Lanes() = default;
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  void count(Count what, std::uint64_t n = 1) noexcept {
    const std::uint32_t slot = thread_slot();
    auto& counter = lanes_[slot].counts[static_cast<std::uint32_t>(what)];
    if (slot != thread_slots) {
      // One writer: no read-modify-write is needed. Relaxed: a statistic.
      counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    } else {
      counter.fetch_add(n, std::memory_order_relaxed);  // a statistic
    }
  }

  std::uint64_t sum(Count what) const noexcept {
    std::uint64_t total = 0;
    for (const Lane& lane : lanes_) {
      total += lane.counts[static_cast<std::uint32_t>(what)].load(std::memory_order_relaxed);
    }
    return total;
  }

  // Runs body(workspace) with the calling thread's workspace, which make() makes.
  template <class Make, class Body>
  auto with_workspace(Make make, Body body) {
    const std::uint32_t slot = thread_slot();
    absl::MutexLockMaybe lock(slot == thread_slots ? &shared_mutex_ : nullptr);
    std::unique_ptr<Workspace>& workspace = lanes_[slot].workspace;
    if (workspace == nullptr) workspace = make();
    return body(*workspace);
  }

 private:
  struct alignas(64) Lane {
    std::array<std::atomic<std::uint64_t>, 9> counts{};  // by Count
    std::unique_ptr<Workspace> workspace;
  };

  std::array<Lane, thread_slots + 1> lanes_;
  absl::Mutex shared_mutex_;
};

}  // namespace actorcore::engine

#endif  // ACTORCORE_ENGINE_LANES_H_
