// RunQueue: the actors that one worker is to run; others may steal.
//
// Threads:    push(), pop() only the worker; steal() any other.
// Invariants: entries are in [head_, tail_), at most `slots`; an entry is taken by the one thread
//             whose compare-and-swap moves head_ over it.
// Cost:       push one release store; pop one compare-and-swap; steal takes half with one.
//
// Memory orders:
//   Q1  push -> steal     a stolen entry's actor is visible
//   Q2  take -> push      a slot is free before it is written again
//
// After the bounded queue of tokio's and Go's schedulers.
#ifndef ACTORCORE_RUNTIME_RUN_QUEUE_H_
#define ACTORCORE_RUNTIME_RUN_QUEUE_H_

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "base/sync.h"

namespace actorcore::runtime {

template <class Entry, std::uint32_t slots = 256, class Sync = RealSync>
class RunQueue {
 public:
  static_assert(std::has_single_bit(slots));  // the index is a mask

  // False when full.
  [[nodiscard]] bool push(Entry* entry) noexcept {
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);         // ours alone
    if (tail - head_.load(std::memory_order_acquire) == slots) return false;  // Q2
    entries_[tail % slots].store(entry, std::memory_order_relaxed);  // published by tail_, Q1
    tail_.store(tail + 1, std::memory_order_release);                // Q1
    return true;
  }

  Entry* pop() noexcept {
    std::uint32_t head = head_.load(std::memory_order_acquire);  // Q2
    for (;;) {
      if (head == tail_.load(std::memory_order_relaxed)) return nullptr;  // ours alone
      Entry* entry =
          entries_[head % slots].load(std::memory_order_relaxed);  // ours, or the swap fails
      if (head_.compare_exchange_weak(head, head + 1, std::memory_order_acq_rel,  // Q2
                                      std::memory_order_acquire)) {               // Q2
        return entry;
      }
    }
  }

  // Takes half of the entries, at most `most`, into `out`; 0 when there is nothing.
  std::uint32_t steal(Entry** out, std::uint32_t most) noexcept {
    std::uint32_t head = head_.load(std::memory_order_acquire);  // Q2
    for (;;) {
      const std::uint32_t queued = tail_.load(std::memory_order_acquire) - head;  // Q1
      if (queued == 0) return 0;
      if (queued > slots) {                            // head moved on between the two loads
        head = head_.load(std::memory_order_acquire);  // Q2
        continue;
      }
      std::uint32_t count = queued - queued / 2;
      if (count > most) count = most;
      for (std::uint32_t i = 0; i < count; ++i) {
        out[i] = entries_[(head + i) % slots].load(std::memory_order_relaxed);  // or the swap fails
      }
      if (head_.compare_exchange_weak(head, head + count, std::memory_order_acq_rel,  // Q1, Q2
                                      std::memory_order_acquire)) {                   // Q2
        return count;
      }
    }
  }

  std::uint32_t size() const noexcept {
    const std::uint32_t head = head_.load(std::memory_order_acquire);
    const std::uint32_t queued = tail_.load(std::memory_order_acquire) - head;  // a hint
    return queued > slots ? 0 : queued;
  }

 private:
  alignas(64) typename Sync::template Atomic<std::uint32_t> head_{0};
  alignas(64) typename Sync::template Atomic<std::uint32_t> tail_{0};
  std::array<typename Sync::template Atomic<Entry*>, slots> entries_{};
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_RUN_QUEUE_H_
