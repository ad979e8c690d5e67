// Sync: the seam through which lock-free code gets its atomics.
//
// Threads:    as std::atomic.
// Invariants: shipping code uses RealSync only; a test explores the same templates with its own.
// Cost:       none; everything inlines.
#ifndef ACTORCORE_BASE_SYNC_H_
#define ACTORCORE_BASE_SYNC_H_

#include <atomic>
#include <cstdint>

namespace actorcore {

// Tells the core that this thread waits for another.
inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Gives the core to whoever this thread waits for.
void yield_thread() noexcept;

// Sleeps while `word` is `expected`, until a wake or the deadline (monotonic ns). futex(2).
void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected,
                std::uint64_t deadline_ns) noexcept;
void futex_wake(std::atomic<std::uint32_t>& word, std::int32_t count) noexcept;

struct RealSync {
  template <class T>
  using Atomic = std::atomic<T>;

  // One step of waiting for another thread's single store; `round` counts from 0.
  static void wait(unsigned round) noexcept {
    if (round < 128) {
      relax();
    } else {
      yield_thread();
    }
  }

  // Before another try of a compare-and-swap that was overtaken; `pauses` begins at 1. Bounded at 8
  // by measuring: see FreeStack.
  static void back_off(unsigned& pauses) noexcept {
    for (unsigned i = 0; i < pauses; ++i) relax();
    if (pauses < 8) pauses *= 2;
  }

  // A sequentially consistent fence. The thread sanitizer knows none, but sees what an exchange
  // orders.
  static void fence() noexcept {
#if defined(__SANITIZE_THREAD__)
    static constinit std::atomic<std::uint32_t> everyones{0};
    everyones.fetch_add(1, std::memory_order_seq_cst);
#else
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
  }

  static void sleep(Atomic<std::uint32_t>& word, std::uint32_t expected,
                    std::uint64_t deadline_ns) noexcept {
    futex_wait(word, expected, deadline_ns);
  }
  static void wake(Atomic<std::uint32_t>& word, std::int32_t count) noexcept {
    futex_wake(word, count);
  }
};

}  // namespace actorcore

#endif  // ACTORCORE_BASE_SYNC_H_
