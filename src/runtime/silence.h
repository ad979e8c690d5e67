// Silence: since when an actor has had nothing to handle.
//
// Threads:    begin() the actor's owner; end() who just was; since() any.
// Invariants: whoever sees the actor idle and then a time, sees one at which its last activation
//             had ended; none while that is under way, or just over. The time never goes back.
// Cost:       a store to begin, a compare-and-swap to end.
//
// Memory order:
//   T2  begin, then the mailbox's release  ->  the mailbox's is_idle, then since: who sees the
//       release sees no time from before the beginning. The word alone carries nothing else.
#ifndef ACTORCORE_RUNTIME_SILENCE_H_
#define ACTORCORE_RUNTIME_SILENCE_H_

#include <atomic>
#include <cstdint>

#include "base/sync.h"

namespace actorcore::runtime {

template <class Sync = RealSync>
class Silence {
 public:
  static constexpr std::uint64_t none = UINT64_MAX;

  void begin() noexcept { word_.store(0, std::memory_order_relaxed); }  // the release orders, T2

  // After the actor was given up: another may have begun with it, or even ended, since.
  void end(std::uint64_t now_ns) noexcept {
    std::uint64_t seen = word_.load(std::memory_order_relaxed);  // the exchange decides
    while (seen <= now_ns &&
           !word_.compare_exchange_weak(seen, now_ns + 1, std::memory_order_relaxed,
                                        std::memory_order_relaxed)) {  // publishes nothing
    }
  }

  // 0 becomes none.
  std::uint64_t since() const noexcept {
    return word_.load(std::memory_order_relaxed) - 1;  // after is_idle, T2
  }

 private:
  typename Sync::template Atomic<std::uint64_t> word_{0};  // ns + 1
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_SILENCE_H_
