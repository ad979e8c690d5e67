// LaneLock: a lane of a system's own, locked for the length of a statement or a block.
//
// Threads:    any, but not inside another one's length.
// Invariants: what ended in the lane meanwhile is told once the lock is gone.
// Cost:       a lock that threads share only where there are more of them than lanes.
#ifndef ACTORCORE_RUNTIME_LANE_LOCK_H_
#define ACTORCORE_RUNTIME_LANE_LOCK_H_

#include <memory>

#include "absl/synchronization/mutex.h"
#include "runtime/lane.h"

namespace actorcore::runtime {

class System;

// A lane for threads that are no workers.
struct ExternalLane {
  absl::Mutex mutex;
  std::unique_ptr<Lane> lane;
};

class LaneLock {
 public:
  LaneLock(System& system, ExternalLane& external) : system_(system), external_(external) {
    external_.mutex.Lock();
  }
  ~LaneLock();
  LaneLock(const LaneLock&) = delete;
  LaneLock& operator=(const LaneLock&) = delete;
  Lane& operator*() const noexcept { return *external_.lane; }
  Lane* operator->() const noexcept { return external_.lane.get(); }

 private:
  System& system_;
  ExternalLane& external_;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_LANE_LOCK_H_
