// Watchdog: samples the system at intervals and reports who is stuck.
//
// Threads:    start(), stop(), copy() any; samples on a thread of its own, in a seeded system at
//             virtual times by whoever drives it.
// Invariants: no thread until it is started. Each late activation, late message and cycle of asks
//             is reported once. A cycle is reported when two samples in a row saw the same asks.
// Cost:       a sample is a look at every worker and every ask under way and, with a limit on the
//             mailboxes' age, one cache line an actor.
#ifndef ACTORCORE_RUNTIME_WATCHDOG_H_
#define ACTORCORE_RUNTIME_WATCHDOG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "runtime/inspection.h"
#include "runtime/ledger.h"
#include "runtime/timers.h"
#include "runtime/wait_graph.h"

namespace actorcore::runtime {

class System;

struct WatchdogOptions {
  std::uint64_t interval_ns = 0;
  std::uint64_t handler_budget_ns = 0;
  std::uint64_t mailbox_age_ns = 0;
  Id report_to;
};

class Watchdog {
 public:
  explicit Watchdog(System& system) : system_(system) {}
  ~Watchdog() { stop(); }

  // E_EXISTS when it runs. May throw bad_alloc.
  ac_status start(const WatchdogOptions& options);
  // E_NOT_FOUND when it does not run. Samples no more when it returns.
  ac_status stop() noexcept;
  std::uint64_t copy(std::uint64_t after, ac_watchdog_report* out, std::uint64_t capacity);
  // Somebody drives the seeded system again.
  void resume() noexcept;

 private:
  using Reports = Ring<ac_watchdog_report, watchdog_reports_kept>;

  void run() noexcept;
  void sample();
  void report(ac_watchdog_report report, std::string_view what);
  void report_late(std::uint32_t kind, const Inspection::Late& late);
  void report_cycle(const Cycle& cycle, std::uint64_t for_ns);
  std::string name_of(Id id);
  bool arm() noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void fire(void* context, std::uint64_t run) noexcept;

  struct Seen {
    Cycle cycle;
    std::uint64_t since_ns;
    bool is_told;
  };

  System& system_;
  absl::Mutex control_;  // start and stop, one at a time
  absl::Mutex mutex_;
  WatchdogOptions options_;  // constant while it runs
  bool runs_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(control_);
  std::unique_ptr<Reports> reports_ ABSL_GUARDED_BY(mutex_);  // from the first start on
  // Of a seeded system: the run's number, which its timers carry, and since when nothing happens.
  std::uint64_t run_ ABSL_GUARDED_BY(mutex_) = 0;
  bool is_armed_ ABSL_GUARDED_BY(mutex_) = false;
  std::uint64_t activations_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t idle_since_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Mutex sampling_;  // one sample at a time
  std::vector<Seen> cycles_ ABSL_GUARDED_BY(sampling_);
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_WATCHDOG_H_
