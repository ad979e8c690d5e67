// WorkerUsage: where a worker's thread is, and how much of its time it worked.
//
// Threads:    park(), unpark() the worker's driver; begin(), end(), read() under the system's
//             mutex.
// Invariants: since begin() the worker was parked or busy, and nothing else; neither time falls
//             from one reading to the next.
// Cost:       a look at the clock for each park and each unpark, and nothing else: what is not
//             parked is busy.
#ifndef ACTORCORE_RUNTIME_WORKER_USAGE_H_
#define ACTORCORE_RUNTIME_WORKER_USAGE_H_

#include <time.h>

#include <atomic>
#include <cstdint>
#include <optional>

#include "actorcore/actorcore.h"
#include "runtime/ledger.h"

namespace actorcore::runtime {

class WorkerUsage {
 public:
  // The worker has a thread from now on, this one when it `keeps` to it.
  void begin(std::optional<std::uint32_t> cpu, std::optional<std::uint32_t> node, bool keeps,
             const Counters& counters) noexcept;
  // It has none any more; from its thread, when it kept to one.
  void end() noexcept;
  bool is_live() const noexcept { return is_live_; }
  bool has_lived() const noexcept { return began_ns_ != 0; }

  // W1  park, unpark -> read: one word says both since when it sleeps and how long it did before
  void park() noexcept {
    const Moment moment = look();
    slept_.store(2 * (moment.parked_ns - moment.now_ns) + 1, std::memory_order_release);  // W1
  }
  void unpark() noexcept {
    slept_.store(2 * look().parked_ns, std::memory_order_release);  // W1
  }

  // Fills the figures; which dispatcher and worker these are, its caller knows.
  void read(const Counters& counters, ac_worker_stats& stats) const noexcept;

 private:
  struct Moment {
    std::uint64_t now_ns;
    std::uint64_t parked_ns;  // until now
  };
  Moment look() const noexcept;
  std::uint64_t cpu_ns() const noexcept;

  // Twice the time that it was parked; or, while it is, twice that less the time at which it fell
  // asleep, modulo 2^64, plus one.
  std::atomic<std::uint64_t> slept_{0};
  bool is_live_ = false;
  std::optional<clockid_t> clock_;  // the thread's processor time
  std::uint32_t cpu_ = 0;           // plus one, as in ac_worker_stats
  std::uint32_t node_ = 0;          // plus one
  std::uint64_t began_ns_ = 0;
  std::uint64_t ended_ns_ = 0;  // 0 while it lives
  std::uint64_t used_ns_ = 0;   // of the processor, when it ended
  std::uint64_t turns_ = 0;     // and so on: what its worker had done when it began
  std::uint64_t activations_ = 0;
  std::uint64_t handled_ = 0;
  std::uint64_t stolen_ = 0;
  std::uint64_t parks_ = 0;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_WORKER_USAGE_H_
