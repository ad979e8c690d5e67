// Sync: the seam through which lock-free code gets its atomics.
//
// Threads:    as std::atomic.
// Invariants: shipping code uses RealSync only; a test explores the same templates with its own.
// Cost:       none; everything inlines.
#ifndef ACTORCORE_BASE_SYNC_H_
#define ACTORCORE_BASE_SYNC_H_

#include <atomic>

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
};

}  // namespace actorcore

#endif  // ACTORCORE_BASE_SYNC_H_
