// Silence: since when an actor has had nothing to handle.
//
// Threads:    any; begin() by the actor's owner when an activation begins, end() by whoever gave
//             the actor up.
// Invariants: whoever sees the mailbox idle and then a time, sees one at which the last activation
//             had ended. Each beginning has a word of its own, so that an end that comes late takes
//             nothing back; while none has come the time is unknown.
// Cost:       two read-modify-writes an activation, for actors that are timed.
//
// Memory order:
//   T2  begin -> end     who sees a beginning sees its owner in the mailbox, or a later one
//       begin -> since   with the mailbox's release and is_idle: no time from before it is seen
#ifndef ACTORCORE_RUNTIME_SILENCE_H_
#define ACTORCORE_RUNTIME_SILENCE_H_

#include <atomic>
#include <cstdint>

#include "base/sync.h"

namespace actorcore::runtime {

template <class Sync = RealSync>
class Silence {
 public:
  static constexpr std::uint64_t unknown = std::uint64_t{1} << 63;

  // Something is under way, or may be.
  void begin() noexcept {
    const std::uint32_t number = count_.fetch_add(1, std::memory_order_relaxed);  // unique, no more
    word_.store(unknown | number, std::memory_order_release);                     // T2
  }

  // If nothing is, it is silent at the time that is then asked for. Otherwise its owner will say.
  template <class Mailbox, class Now>
  void end(const Mailbox& mailbox, Now now_ns) noexcept {
    std::uint64_t seen = word_.load(std::memory_order_acquire);  // T2
    if (!mailbox.is_idle()) return;
    word_.compare_exchange_strong(seen, now_ns(), std::memory_order_relaxed,
                                  std::memory_order_relaxed);  // the time alone
  }

  // Nanoseconds, or `unknown` and more.
  std::uint64_t since() const noexcept {
    return word_.load(std::memory_order_relaxed);  // after is_idle, T2
  }

 private:
  typename Sync::template Atomic<std::uint64_t> word_{unknown};
  typename Sync::template Atomic<std::uint32_t> count_{1};
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_SILENCE_H_
