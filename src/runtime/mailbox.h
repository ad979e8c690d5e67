// Mailbox: many senders push, one owner drains in arrival order; its one word is also who owns the
// actor.
//
// Threads:    push(), reclaim() any; everything else only the owner: whoever got Push::wake, and
//             after it whoever it hands the actor to, until release() gives ownership up.
// Invariants: tail_ is `idle` (nobody owns, nothing queued), `owned` (owned, nothing queued),
//             `closed`, or the last node queued (owned). Exactly one push sees idle per idle ->
//             owned edge. The nodes from first_ to tail_ are linked, but for those whose push is
//             between its two steps.
// Cost:       push is one exchange and one store, wait-free: there is nothing to try again. With
//             Swap::compare it is lock-free and tries again at once: backing off was measured and
//             does not pay (24 ns a message from two producers with it and without; two cores).
//             Drain is one exchange a batch; release is one compare-and-swap.
//
// Memory orders:
//   M1  push -> drain     a drained node's content is visible (with the node's own link, E1)
//   M2  close -> push     a refused pusher sees the actor closed, and owns the chain that it
//                         started
//   M3  release -> push   the next owner sees what the last owner did to the actor
//   M4  drain -> push     first_ is free before a push can find the box owned and empty
//   M5  word left, then own()  against  release(), then word read: Dekker's pattern, all four
//       sequentially consistent, so that word left with a running actor is never missed
//
// After Michael and Scott's and Vyukov's queues (1024cores, intrusive MPSC), without their stub
// node: the box that is empty has a mark instead, and the first node is told through first_.
#ifndef ACTORCORE_RUNTIME_MAILBOX_H_
#define ACTORCORE_RUNTIME_MAILBOX_H_

#include <atomic>
#include <cstdint>

#include "base/check.h"
#include "base/sync.h"

namespace actorcore::runtime {

enum class [[nodiscard]] Push : std::uint8_t {
  wake,    // the pusher now owns the actor and must have it run
  queued,  // the owner will find it
  closed,  // refused: the pusher owns the chain from its node on; see reclaim()
};

template <class Node>
struct Chain {
  Node* first = nullptr;
  Node* last = nullptr;
};

// How a push puts its node behind the others: by an exchange where the machine has one, else, or
// where it is asked for, by compare-and-swap.
enum class Swap : std::uint8_t { exchange, compare };

#if !defined(ACTORCORE_MAILBOX_CAS) && (defined(__x86_64__) || defined(__ARM_FEATURE_ATOMICS))
inline constexpr Swap swap_default = Swap::exchange;
#else
inline constexpr Swap swap_default = Swap::compare;
#endif

template <class Node, class Sync = RealSync, Swap how = swap_default>
class Mailbox {
 public:
  // A closed box; open() makes it usable.
  Mailbox() noexcept : tail_(closed), first_(nullptr) {}

  // Queues the nodes first..last, linked already.
  Push push(Node* first, Node* last) noexcept {
    const std::uintptr_t before = swap(word(last));  // M1-M4
    if (before > closed) {
      reinterpret_cast<Node*>(before)->set_next(first);
      return Push::queued;
    }
    if (before == closed) return Push::closed;
    first_.store(first, std::memory_order_release);  // M1
    return before == idle ? Push::wake : Push::queued;
  }

  // After Push::closed: takes the refused chain from `first` on back, with what others added to it
  // meanwhile.
  Chain<Node> reclaim(Node* first) noexcept {
    return {first, reinterpret_cast<Node*>(swap(closed))};  // M2
  }

  // Owned by nobody, and nothing queued? Whoever sees it sees what the last owner did (M3).
  bool is_idle() const noexcept { return tail_.load(std::memory_order_acquire) == idle; }

  // Everything queued now; empty when nothing is.
  Chain<Node> drain() noexcept { return take(owned); }

  // The same, and refuses from now on.
  Chain<Node> close() noexcept { return take(closed); }

  // Gives ownership up if nothing is queued; false: still owned, drain again.
  [[nodiscard]] bool release() noexcept {
    std::uintptr_t expected = owned;
    return tail_.compare_exchange_strong(expected, idle, std::memory_order_seq_cst,  // M3, M5
                                         std::memory_order_relaxed);  // failure decides nothing
  }

  // Takes ownership of an idle box without a message: for who left word elsewhere (M5).
  [[nodiscard]] bool own() noexcept {
    std::uintptr_t expected = idle;
    return tail_.compare_exchange_strong(expected, owned, std::memory_order_seq_cst,  // M3, M5
                                         std::memory_order_seq_cst);                  // M5
  }

  // Gives ownership up, unless something is queued or `has_word` finds what was left elsewhere in
  // the meantime (M5); false: still owned.
  template <class HasWord>
  [[nodiscard]] bool release_unless(HasWord&& has_word) noexcept {
    return release() && !(has_word() && own());
  }

  bool is_empty() const noexcept {
    return tail_.load(std::memory_order_relaxed) <= closed;  // a hint
  }
  // The oldest node that is queued, as long as nobody drains the box, or null.
  Node* oldest() const noexcept { return first_.load(std::memory_order_acquire); }  // M1

  // Opens a closed box, owned by the caller or idle; false while a refused pusher has not cleared
  // away its chain.
  [[nodiscard]] bool open(bool as_owner) noexcept {
    std::uintptr_t expected = closed;
    return tail_.compare_exchange_strong(expected, as_owner ? owned : idle,
                                         std::memory_order_acq_rel,   // M3
                                         std::memory_order_relaxed);  // failure decides nothing
  }

  // The node after `node` in a drained chain that ends with `last`, or null after the last.
  static Node* after(Node* node, Node* last) noexcept {
    if (node == last) return nullptr;
    for (unsigned round = 0;; ++round) {
      if (Node* next = node->next()) return next;
      Sync::wait(round);  // a push is between its exchange and its store
    }
  }

 private:
  static constexpr std::uintptr_t idle = 0;
  static constexpr std::uintptr_t owned = 1;
  static constexpr std::uintptr_t closed = 2;

  static std::uintptr_t word(Node* node) noexcept { return reinterpret_cast<std::uintptr_t>(node); }

  std::uintptr_t swap(std::uintptr_t next) noexcept {
    if constexpr (how == Swap::exchange) {
      return tail_.exchange(next, std::memory_order_acq_rel);
    } else {
      std::uintptr_t before = tail_.load(std::memory_order_relaxed);  // the swap orders
      while (!tail_.compare_exchange_weak(before, next, std::memory_order_acq_rel,
                                          std::memory_order_relaxed)) {
      }
      return before;
    }
  }

  Chain<Node> take(std::uintptr_t leave) noexcept {
    std::uintptr_t seen = tail_.load(std::memory_order_relaxed);  // the exchange below orders
    if (seen == owned && leave == owned) return {};
    if (seen == owned) {
      std::uintptr_t expected = owned;
      if (tail_.compare_exchange_strong(expected, leave, std::memory_order_acq_rel,  // M2
                                        std::memory_order_relaxed)) {  // failure: a node is there
        return {};
      }
    }
    Node* first = nullptr;
    for (unsigned round = 0; (first = first_.load(std::memory_order_acquire)) == nullptr;  // M1
         ++round) {
      Sync::wait(round);  // a push is between its exchange and its store
    }
    first_.store(nullptr, std::memory_order_relaxed);      // ordered by the exchange, M4
    return {first, reinterpret_cast<Node*>(swap(leave))};  // M1, M2, M4
  }

  typename Sync::template Atomic<std::uintptr_t> tail_;
  typename Sync::template Atomic<Node*> first_;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_MAILBOX_H_
