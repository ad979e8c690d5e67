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
// After the event count of Vyukov and of Folly. The system call is futex(2).
#ifndef ACTORCORE_RUNTIME_PARKER_H_
#define ACTORCORE_RUNTIME_PARKER_H_

#include <atomic>
#include <cstdint>

namespace actorcore::runtime {

class Parker {
 public:
  // Announces the caller as a waiter; returns the ticket for commit().
  std::uint32_t prepare() noexcept {
    const std::uint32_t ticket = epoch_.load(std::memory_order_acquire);
    waiters_.fetch_add(1, std::memory_order_relaxed);     // ordered by the fence
    std::atomic_thread_fence(std::memory_order_seq_cst);  // P1
    return ticket;
  }
  void cancel() noexcept {
    waiters_.fetch_sub(1, std::memory_order_relaxed);
  }  // a hint grows stale
  // Sleeps until a notify after prepare(), or the deadline (monotonic ns); ends the wait either
  // way.
  void commit(std::uint32_t ticket, std::uint64_t deadline_ns) noexcept;

  void notify_one() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);         // P1
    if (waiters_.load(std::memory_order_relaxed) != 0) wake(1);  // ordered by the fence
  }
  void notify_all() noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);                 // P1
    if (waiters_.load(std::memory_order_relaxed) != 0) wake(INT32_MAX);  // ordered by the fence
  }
  std::uint32_t waiters() const noexcept {
    return waiters_.load(std::memory_order_relaxed);  // a hint
  }

 private:
  void wake(std::int32_t count) noexcept;

  alignas(64) std::atomic<std::uint32_t> epoch_{0};
  std::atomic<std::uint32_t> waiters_{0};
};

// Sleeps while `word` is `expected`, until a wake or the deadline (monotonic ns).
void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected,
                std::uint64_t deadline_ns) noexcept;
void futex_wake(std::atomic<std::uint32_t>& word, std::int32_t count) noexcept;

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_PARKER_H_
