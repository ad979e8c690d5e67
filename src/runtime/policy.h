// Policy: what a supervisor's policy makes of a child's failure: intensity, period and backoff.
//
// Threads:    one at a time: whoever holds the family's lock.
// Invariants: at most restarts_max of the restarts that it admitted lie within any period.
// Cost:       a few comparisons; set() allocates for the window.
#ifndef ACTORCORE_RUNTIME_POLICY_H_
#define ACTORCORE_RUNTIME_POLICY_H_

#include <cstdint>
#include <vector>

#include "actorcore/actorcore.h"
#include "base/status.h"

namespace actorcore::runtime {

// Is the policy within its limits?
Result<void> check(const ac_supervision& options);

// Does the strategy restart anyone?
constexpr bool restarts(std::uint32_t strategy) noexcept {
  return strategy == AC_SUPERVISE_RESTART || strategy == AC_SUPERVISE_RESTART_ALL ||
         strategy == AC_SUPERVISE_REST_FOR_ONE;
}

constexpr bool is_stop(std::uint32_t strategy) noexcept {
  return strategy == AC_SUPERVISE_DEFAULT || strategy == AC_SUPERVISE_STOP ||
         strategy == AC_SUPERVISE_STOP_ALL;
}

// What a failure leads to.
struct Verdict {
  std::uint32_t strategy = AC_SUPERVISE_STOP;
  std::uint64_t delay_ns = 0;  // before a restart
};

// What one child's restarts have come to.
struct Backoff {
  std::uint64_t last_ns = 0;  // when it failed
  std::uint64_t wait_ns = 0;  // how long the last restart waited
};

class Policy {
 public:
  // Forgets what it has admitted. May throw bad_alloc.
  void set(const ac_supervision& options);

  std::uint32_t strategy() const noexcept { return options_.strategy; }
  // What follows instead of a restart that is not admitted.
  std::uint32_t on_limit() const noexcept {
    return options_.on_limit == AC_SUPERVISE_DEFAULT ? AC_SUPERVISE_STOP : options_.on_limit;
  }
  bool has_jitter() const noexcept { return options_.jitter_percent != 0; }
  // Notes a restart; false when the window is full.
  bool admit(std::uint64_t now_ns) noexcept;
  // How long a restart of this child waits; `random` is 64 uniform bits.
  std::uint64_t wait(Backoff& child, std::uint64_t now_ns, std::uint64_t random) const noexcept;

 private:
  ac_supervision options_{};
  std::vector<std::uint64_t> admitted_ns_;  // of the last restarts_max, a ring
  std::size_t oldest_ = 0;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_POLICY_H_
