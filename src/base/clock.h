// Clock: a system's time, real or virtual.
//
// Threads:    now() any; advance() only the thread that drives a seeded system.
// Invariants: never goes back. A virtual clock moves by advance() alone.
// Cost:       real: one vDSO call; virtual: one load.
#ifndef ACTORCORE_BASE_CLOCK_H_
#define ACTORCORE_BASE_CLOCK_H_

#include <time.h>

#include <atomic>
#include <cstdint>

#include "base/check.h"

namespace actorcore {

class Clock {
 public:
  explicit Clock(bool is_virtual) noexcept : is_virtual_(is_virtual) {}

  bool is_virtual() const noexcept { return is_virtual_; }

  std::uint64_t now() const noexcept {
    if (is_virtual_)
      return virtual_ns_.load(std::memory_order_relaxed);  // read under the driver's turn
    return monotonic();
  }

  void advance(std::uint64_t to_ns) noexcept {
    AC_DCHECK(is_virtual_);
    if (to_ns > virtual_ns_.load(std::memory_order_relaxed)) {
      virtual_ns_.store(to_ns, std::memory_order_relaxed);
    }
  }

  static std::uint64_t monotonic() noexcept {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec);
  }

 private:
  const bool is_virtual_;
  std::atomic<std::uint64_t> virtual_ns_{0};
};

// `from + span`, where a span of AC_TIMEOUT_NEVER, or one that overflows, is the end of time.
inline std::uint64_t deadline_after(std::uint64_t from, std::uint64_t span) noexcept {
  return span > UINT64_MAX - from ? UINT64_MAX : from + span;
}

}  // namespace actorcore

#endif  // ACTORCORE_BASE_CLOCK_H_
