// Breaker: stops calling what fails or has become slow, and finds out when it is well again.
//
// Threads:    any.
// Invariants: closed lets every call pass and watches the window; open lets none; half-open lets a
//             few probes pass, and their outcome decides. Every change of state has a number and is
//             kept in a ring. A permit counts for the state that it was given in; what comes back
//             after a change of state is late and decides nothing. The next state depends on the
//             order of the calls and their times alone, and on the seed where times are jittered.
// Cost:       closed: enter is a load and a look at the clock, leave a mutex, a look at the clock
//             and a few additions. Refusing is a mutex.
//
// Memory order:
//   B1  change -> enter   whoever sees a state's word sees what made it so
#ifndef ACTORCORE_RESILIENCE_BREAKER_H_
#define ACTORCORE_RESILIENCE_BREAKER_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/ring.h"
#include "base/status.h"
#include "resilience/window.h"

namespace actorcore::resilience {

class Breaker {
 public:
  // With every default filled in, and checked.
  static Result<ac_breaker_options> complete(ac_breaker_options options);

  static constexpr std::uint32_t probes_max = 64;
  static constexpr std::uint32_t changes_kept = 256;

  Breaker(const Clock& clock, const ac_breaker_options& complete, std::uint64_t seed);

  ac_status enter(ac_permit& permit) noexcept;
  ac_status leave(const ac_permit& permit, std::uint32_t outcome) noexcept;
  void force(std::uint32_t mode) noexcept;
  ac_breaker_stats stats() const noexcept;
  std::uint64_t changes(std::uint64_t after, ac_breaker_change* out, std::uint64_t capacity) const {
    return changes_.copy(after, out, capacity);
  }

 private:
  struct Probe {
    std::uint64_t began_ns = 0;
    bool is_out = false;
  };

  // The word: epoch << 2 | state. A permit's number: epoch << 8 | probe + 1, or 0 for none.
  static std::uint32_t state_of(std::uint64_t word) noexcept {
    return static_cast<std::uint32_t>(word & 3);
  }

  ac_status enter_slowly(ac_permit& permit) noexcept;
  ac_status give_probe(std::uint64_t now, ac_permit& permit) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void count(std::uint64_t now, std::uint64_t latency_ns, std::uint32_t outcome) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ac_status end_probe(const ac_permit& permit, std::uint64_t now, std::uint64_t latency_ns,
                      std::uint32_t outcome) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void move_on(std::uint64_t now) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void judge(std::uint64_t now) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void open(std::uint64_t now, std::uint32_t reason) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void close(std::uint64_t now, std::uint32_t reason) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void change(std::uint64_t now, std::uint32_t to, std::uint32_t reason) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const ac_breaker_options options_;
  std::atomic<std::uint64_t> word_{AC_BREAKER_CLOSED};

  mutable absl::Mutex mutex_;
  Window window_ ABSL_GUARDED_BY(mutex_);
  Random random_ ABSL_GUARDED_BY(mutex_);
  std::vector<Probe> probes_ ABSL_GUARDED_BY(mutex_);
  std::uint32_t mode_ ABSL_GUARDED_BY(mutex_) = AC_BREAKER_AUTOMATIC;
  std::uint32_t successes_ ABSL_GUARDED_BY(mutex_) = 0;  // in a row, while half-open
  std::uint64_t slow_after_ns_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t next_open_ns_ ABSL_GUARDED_BY(mutex_);  // how long it would be open next time
  std::uint64_t until_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  ac_breaker_stats stats_ ABSL_GUARDED_BY(mutex_){};
  Ring<ac_breaker_change, changes_kept> changes_;
};

}  // namespace actorcore::resilience

#endif  // ACTORCORE_RESILIENCE_BREAKER_H_
