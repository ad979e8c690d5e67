// Limiter: token buckets that say no, and how long it will be no.
//
// Threads:    any.
// Invariants: a bucket never gives more than its burst at once, nor in any span more than burst +
//             rate * span. It is one number, the time at which it would be full again (its
//             "theoretical arrival time"): the generic cell rate algorithm in its virtual
//             scheduling form, ITU-T Recommendation I.371 (2004), annex A. Rounding makes a rate at
//             most one part in 16 * (nanoseconds a token) too fast, and never too slow.
//             At most `keys` keys have a bucket of their own; a key without one has a full one.
// Cost:       a look at the clock, one compare-and-swap and one addition; with a key, a look-up
//             under one of sixteen mutexes instead.
//
// The number is all there is to a bucket, so its operations are relaxed: they order nothing else.
#ifndef ACTORCORE_RESILIENCE_LIMITER_H_
#define ACTORCORE_RESILIENCE_LIMITER_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/sync.h"

namespace actorcore::resilience {

// Time in sixteenths of a nanosecond, so that fast rates are exact enough; 36 years are the end of
// it.
inline constexpr unsigned tick_bits = 4;
inline constexpr std::uint64_t ticks_max = std::uint64_t{1} << 60;

inline std::uint64_t ticks_of(std::uint64_t ns) noexcept {
  return std::min(ns, ticks_max >> tick_bits) << tick_bits;
}

// Would a bucket that is full at `full` give `cost` at `now`? 0, and when it is full again
// afterwards; or how many ticks later it would.
inline std::uint64_t admit(std::uint64_t full, std::uint64_t now, std::uint64_t cost,
                           std::uint64_t tolerance, std::uint64_t& next) noexcept {
  next = std::max(full, now) + cost;
  const std::uint64_t ahead = next - now;
  return ahead > tolerance ? ahead - tolerance : 0;
}

// What it owes, in the tokens of another rate.
inline std::uint64_t rescaled(std::uint64_t full, std::uint64_t now, std::uint64_t from,
                              std::uint64_t to) noexcept {
  if (full <= now) return full;
  __extension__ using Wide = unsigned __int128;  // ISO C++ has no 128-bit integer
  const Wide owed = static_cast<Wide>(full - now) * to / from;
  return now + static_cast<std::uint64_t>(std::min<Wide>(owed, ticks_max));
}

template <class Sync = RealSync>
class TokenBucket {
 public:
  // 0 when taken, else how many ticks it would be.
  std::uint64_t take(std::uint64_t now, std::uint64_t cost, std::uint64_t tolerance) noexcept {
    std::uint64_t full = full_.load(std::memory_order_relaxed);
    std::uint64_t next;
    do {
      const std::uint64_t wait = admit(full, now, cost, tolerance, next);
      if (wait != 0) return wait;
    } while (!full_.compare_exchange_weak(full, next, std::memory_order_relaxed,
                                          std::memory_order_relaxed));
    return 0;
  }
  void rescale(std::uint64_t now, std::uint64_t from, std::uint64_t to) noexcept {
    std::uint64_t full = full_.load(std::memory_order_relaxed);
    while (!full_.compare_exchange_weak(full, rescaled(full, now, from, to),
                                        std::memory_order_relaxed, std::memory_order_relaxed)) {
    }
  }

 private:
  typename Sync::template Atomic<std::uint64_t> full_{0};
};

class Limiter {
 public:
  struct Rate {
    std::uint64_t interval = 0;  // ticks a token
    std::uint64_t burst = 0;     // tokens
  };
  static constexpr std::uint32_t keys_max = 1u << 24;
  static constexpr std::uint64_t period_max_ns = 86'400'000'000'000;  // a day

  // `tokens` a period, of which `burst` at once.
  static Result<Rate> rate_of(std::uint64_t tokens, std::uint64_t period_ns, std::uint64_t burst);

  Limiter(const Clock& clock, Rate rate, std::uint32_t keys);

  // E_OVERLOADED and how long it would be; E_LIMIT for what would never be; E_INVALID_ARGUMENT for
  // a key where there are none.
  ac_status take(std::uint64_t key, std::uint64_t tokens, std::uint64_t& wait_ns);
  // From now on; what each bucket owes, it owes in the new tokens.
  void set(Rate rate);
  std::uint32_t keys() const noexcept { return keys_; }
  ac_limiter_stats stats() const;

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  static constexpr std::uint32_t shards_max = 16;
  static constexpr std::uint32_t full_sought = 16;  // how far from the end a full one is looked for

  // A key's bucket, in the order of use.
  struct Bucket {
    std::uint64_t key;
    std::uint64_t full;
    std::uint32_t newer;
    std::uint32_t older;
  };
  struct alignas(64) Shard {
    mutable absl::Mutex mutex;
    std::uint32_t room = 0;
    absl::flat_hash_map<std::uint64_t, std::uint32_t> places ABSL_GUARDED_BY(mutex);
    std::vector<Bucket> buckets ABSL_GUARDED_BY(mutex);
    std::uint32_t newest ABSL_GUARDED_BY(mutex) = none;
    std::uint32_t oldest ABSL_GUARDED_BY(mutex) = none;
    std::uint64_t taken ABSL_GUARDED_BY(mutex) = 0;
    std::uint64_t refused ABSL_GUARDED_BY(mutex) = 0;
    std::uint64_t evicted ABSL_GUARDED_BY(mutex) = 0;
    std::uint64_t forgotten ABSL_GUARDED_BY(mutex) = 0;

    Bucket& bucket_of(std::uint64_t key, std::uint64_t now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
    std::uint32_t evict(std::uint64_t now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
    void unlink(std::uint32_t place) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
    void link(std::uint32_t place) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  };

  std::uint64_t take_key(std::uint64_t key, std::uint64_t now, std::uint64_t tokens,
                         std::uint64_t cost, std::uint64_t tolerance);

  const Clock& clock_;
  const std::uint32_t keys_;
  const std::uint32_t shards_used_;
  absl::Mutex set_mutex_;  // one change of the rate at a time
  // Read one after the other: whoever comes between sees a change of the rate, then of the burst.
  std::atomic<std::uint64_t> interval_;
  std::atomic<std::uint64_t> burst_;
  alignas(64) TokenBucket<> whole_;
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::array<Shard, shards_max> shards_;
};

}  // namespace actorcore::resilience

#endif  // ACTORCORE_RESILIENCE_LIMITER_H_
