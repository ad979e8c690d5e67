// Intake: the lock-free way into a batcher: a bounded ring, and who has to look at it.
//
// Threads:    push(), wants_look() any; the others one at a time, under the batcher's mutex.
// Invariants: items come out in the order of their positions, which have no gaps. Whenever items
//             are in the ring, a batch is busy (due, or with a consumer), or the state is armed, or
//             a thread is about to look: nothing is left behind by a consumer that goes idle.
// Cost:       push is one compare-and-swap and a copy, wants_look() one load.
//
// The ring is D. Vyukov's bounded queue (1024cores.net, "Bounded MPMC queue"), with one consumer.
//
// Memory orders:
//   I1  push -> pop            whoever sees a cell's turn sees its item
//   I2  pop -> push            a cell is written again only after it was read
//   I3  push; wants_look  against  rest; pushed: Dekker's pattern, sequentially consistent: either
//       the producer sees that nobody is at work, or the consumer sees its item
#ifndef ACTORCORE_RESILIENCE_INTAKE_H_
#define ACTORCORE_RESILIENCE_INTAKE_H_

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>

#include "base/check.h"
#include "base/sync.h"

namespace actorcore::resilience {

enum class Work : std::uint32_t {
  idle,   // nothing is in the ring that anyone knows of
  armed,  // some is, and a time is set
  busy,   // a batch is due, or with a consumer
};

template <class Item, class Sync = RealSync>
class Intake {
 public:
  explicit Intake(std::uint32_t capacity)
      : mask_(capacity - 1), cells_(std::make_unique<Cell[]>(capacity)) {
    AC_CHECK(std::has_single_bit(capacity));
    for (std::uint32_t i = 0; i < capacity; ++i) {
      cells_[i].turn.store(i, std::memory_order_relaxed);  // nobody else knows of it yet
    }
  }

  // False when the ring is full; else the item's position, from 0.
  bool push(const Item& item, std::uint64_t& position) noexcept {
    std::uint64_t at = pushed_.load(std::memory_order_relaxed);  // the exchange below decides
    for (;;) {
      Cell& cell = cells_[at & mask_];
      const std::uint64_t turn = cell.turn.load(std::memory_order_acquire);  // I2
      if (turn == at) {
        if (!pushed_.compare_exchange_weak(at, at + 1, std::memory_order_seq_cst,  // I3
                                           std::memory_order_relaxed)) {
          continue;
        }
        cell.item = item;
        cell.turn.store(at + 1, std::memory_order_release);  // I1
        position = at;
        return true;
      }
      if (static_cast<std::int64_t>(turn - at) < 0) return false;
      at = pushed_.load(std::memory_order_relaxed);  // another was faster
    }
  }

  // After a push: is it this producer who has to see to it? It begins a batch, or completes one.
  bool wants_look(std::uint64_t position, std::uint64_t size) const noexcept {
    const auto state = static_cast<Work>(state_.load(std::memory_order_seq_cst));  // I3
    if (state == Work::armed) {
      return position + 1 - taken_.load(std::memory_order_relaxed) >= size;  // ordered by the state
    }
    return state == Work::idle;
  }

  // How many items have been pushed and not popped, some perhaps not yet readable.
  std::uint64_t waiting() const noexcept {
    return pushed_.load(std::memory_order_seq_cst) -  // I3
           taken_.load(std::memory_order_relaxed);    // the consumer's own
  }
  std::uint64_t pushed() const noexcept { return pushed_.load(std::memory_order_relaxed); }
  std::uint64_t taken() const noexcept { return taken_.load(std::memory_order_relaxed); }

  // The first one; there must be one. Waits for the producer that is about to write it.
  const Item& front() noexcept {
    const std::uint64_t at = taken_.load(std::memory_order_relaxed);  // the consumer's own
    Cell& cell = cells_[at & mask_];
    for (unsigned round = 0; cell.turn.load(std::memory_order_acquire) != at + 1; ++round) {  // I1
      Sync::wait(round);
    }
    return cell.item;
  }
  Item pop() noexcept {
    const Item item = front();
    const std::uint64_t at = taken_.load(std::memory_order_relaxed);           // the consumer's own
    cells_[at & mask_].turn.store(at + mask_ + 1, std::memory_order_release);  // I2
    taken_.store(at + 1, std::memory_order_relaxed);  // published by the state
    return item;
  }

  Work state() const noexcept {
    return static_cast<Work>(state_.load(std::memory_order_relaxed));  // its writer's own
  }
  void set(Work state) noexcept {
    state_.store(static_cast<std::uint32_t>(state), std::memory_order_seq_cst);  // I3
  }

 private:
  struct Cell {
    typename Sync::template Atomic<std::uint64_t> turn;
    Item item;
  };

  const std::uint64_t mask_;
  const std::unique_ptr<Cell[]> cells_;
  alignas(64) typename Sync::template Atomic<std::uint64_t> pushed_{0};
  alignas(64) typename Sync::template Atomic<std::uint64_t> taken_{0};
  typename Sync::template Atomic<std::uint32_t> state_{static_cast<std::uint32_t>(Work::idle)};
};

}  // namespace actorcore::resilience

#endif  // ACTORCORE_RESILIENCE_INTAKE_H_
