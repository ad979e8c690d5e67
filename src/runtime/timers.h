// Timers: what is to happen at a time, on the system's clock.
//
// Threads:    add(), cancel() any; fire() the timer thread, or the driver of a seeded system.
// Invariants: timers fire in order of deadline, then of addition; a cancelled one that has not
//             begun never fires.
// Cost:       a tree operation under a mutex; the tree's nodes are used again. Without timers there
//             is no thread.
#ifndef ACTORCORE_RUNTIME_TIMERS_H_
#define ACTORCORE_RUNTIME_TIMERS_H_

#include <cstdint>
#include <map>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/cpu.h"

namespace actorcore::runtime {

struct TimerKey {
  std::uint64_t deadline_ns = 0;
  std::uint64_t number = 0;  // 0 is none

  friend auto operator<=>(const TimerKey&, const TimerKey&) = default;
};

class Timers {
 public:
  using Fire = void (*)(void* context, std::uint64_t id) noexcept;

  // Its thread, if there comes to be one, runs on these processors.
  explicit Timers(Clock& clock, const CpuSet& cpus = {}) : clock_(clock), cpus_(cpus) {}
  ~Timers() { stop(); }

  // Calls what(context, id) at the deadline, without the lock. A key of number 0 says that memory
  // or threads are exhausted.
  TimerKey add(std::uint64_t deadline_ns, Fire what, void* context, std::uint64_t id) noexcept;
  // True when the timer will not fire any more.
  bool cancel(TimerKey key) noexcept;

  // The next deadline, or UINT64_MAX.
  std::uint64_t next() noexcept;
  // Fires the first timer if it is due at `now_ns`.
  bool fire(std::uint64_t now_ns) noexcept;
  // Ends the thread; nothing fires afterwards.
  void stop() noexcept;

 private:
  struct Timer {
    Fire fire;
    void* context;
    std::uint64_t id;
  };

  using Tree = std::map<TimerKey, Timer>;

  void run() noexcept;
  // Takes it out of the tree; false when it is not there.
  bool remove(Tree::const_iterator timer) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  const CpuSet cpus_;
  absl::Mutex mutex_;
  Tree timers_ ABSL_GUARDED_BY(mutex_);
  std::vector<Tree::node_type> spare_
      ABSL_GUARDED_BY(mutex_);  // has room for every node of the tree
  std::uint64_t last_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_TIMERS_H_
