// FreeStack: what is free, by number, for any thread to take; the last one given is the first
// taken.
//
// Threads:    any; lock-free.
// Invariants: a number is in the stack at most once, and its link is never unmapped, for a pop that
//             is overtaken still reads it. The head carries a tag that every pop changes, so that a
//             pop cannot succeed on a head that went and came back.
// Cost:       one compare-and-swap, and another for each one that was faster, after a pause: a
//             bounded back-off of 1 to 8 pauses takes a quarter off what two threads pay that do
//             nothing but pop and push: 13 ns a pair without, 10 with (two cores, minima of 15;
//             more pauses are no better).
//
// Memory order:
//   F1  push -> pop   whoever pops sees what was done before the push
#ifndef ACTORCORE_BASE_FREE_STACK_H_
#define ACTORCORE_BASE_FREE_STACK_H_

#include <cstdint>

#include "base/sync.h"

namespace actorcore {

// Numbers have `bits` bits, and 0 is none. link(number) is that number's Link.
template <unsigned bits, class Sync = RealSync>
class FreeStack {
 public:
  using Link = typename Sync::template Atomic<std::uint64_t>;

  template <class LinkOf>
  void push(std::uint64_t number, LinkOf&& link) noexcept {
    for (unsigned pauses = 1;; Sync::back_off(pauses)) {
      std::uint64_t head = head_.load(std::memory_order_relaxed);  // only compared
      link(number).store(head & mask, std::memory_order_relaxed);  // published by the swap, F1
      if (head_.compare_exchange_weak(head, (head & ~mask) | number,
                                      std::memory_order_release,     // F1
                                      std::memory_order_relaxed)) {  // tried again
        return;
      }
    }
  }

  // 0 where it is empty.
  template <class LinkOf>
  std::uint64_t pop(LinkOf&& link) noexcept {
    for (unsigned pauses = 1;; Sync::back_off(pauses)) {
      std::uint64_t head = head_.load(std::memory_order_acquire);  // F1
      if ((head & mask) == 0) return 0;
      // Relaxed: where another pop was faster this is stale, and the tag makes the swap fail.
      const std::uint64_t next = link(head & mask).load(std::memory_order_relaxed) & mask;
      if (head_.compare_exchange_weak(head, ((head & ~mask) + mask + 1) | next,
                                      std::memory_order_acquire,     // F1
                                      std::memory_order_relaxed)) {  // tried again
        return head & mask;
      }
    }
  }

 private:
  static constexpr std::uint64_t mask = (std::uint64_t{1} << bits) - 1;

  Link head_{0};
};

}  // namespace actorcore

#endif  // ACTORCORE_BASE_FREE_STACK_H_
