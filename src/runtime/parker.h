// Parker: where the workers of a dispatcher sleep, and how they are woken without polling.
//
// Threads:    any.
// Invariants: a waiter announces itself (prepare), looks for work once more, then commits or
//             cancels. A notify that comes after work was published either sees the waiter or the
//             waiter sees the work.
// Cost:       notify_one without sleepers is one fence and one load.
//
// Memory order:
//   P1  publish work; fence; read waiters  against  announce; fence; look for work: Dekker's
//       pattern, so both sides have a sequentially consistent fence between their store and their
//       load.
//
// After the event count of Vyukov and of Folly.
#ifndef ACTORCORE_RUNTIME_PARKER_H_
#define ACTORCORE_RUNTIME_PARKER_H_

#include <atomic>
#include <cstdint>

#include "base/sync.h"

namespace actorcore::runtime {

template <class Sync = RealSync>
class Parker {
 public:
  // Announces the caller as a waiter; returns the ticket for commit().
  std::uint32_t prepare() noexcept {
    const std::uint32_t ticket = epoch_.load(std::memory_order_acquire);
    waiters_.fetch_add(1, std::memory_order_relaxed);  // ordered by the fence
    Sync::fence();                                     // P1
    return ticket;
  }
  void cancel() noexcept {
    waiters_.fetch_sub(1, std::memory_order_relaxed);  // a hint grows stale
  }
  // Sleeps until a notify after prepare(), or the deadline (monotonic ns); ends the wait either
  // way. The caller looks for work again in any case.
  void commit(std::uint32_t ticket, std::uint64_t deadline_ns) noexcept {
    Sync::sleep(epoch_, ticket, deadline_ns);
    cancel();
  }

  void notify_one() noexcept {
    Sync::fence();                                               // P1
    if (waiters_.load(std::memory_order_relaxed) != 0) wake(1);  // ordered by the fence
  }
  void notify_all() noexcept {
    Sync::fence();                                                       // P1
    if (waiters_.load(std::memory_order_relaxed) != 0) wake(INT32_MAX);  // ordered by the fence
  }
  std::uint32_t waiters() const noexcept {
    return waiters_.load(std::memory_order_relaxed);  // a hint
  }

 private:
  void wake(std::int32_t count) noexcept {
    epoch_.fetch_add(1, std::memory_order_acq_rel);
    Sync::wake(epoch_, count);
  }

  alignas(64) typename Sync::template Atomic<std::uint32_t> epoch_{0};
  typename Sync::template Atomic<std::uint32_t> waiters_{0};
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_PARKER_H_
