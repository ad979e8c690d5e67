// Actor: one actor's record, two cache lines that are never unmapped while the system lives.
//
// Threads:    mailbox and life any; the rest only the mailbox's owner.
// Invariants: life is generation << 8 | flags; an id names the actor exactly while the generation
//             is its own and `alive` is set. pending_ holds what was drained but not yet handed
//             over.
// Cost:       128 bytes, and a Cell for those that need one; a sender touches the first line only.
//
// Memory orders:
//   A1  spawn -> find    whoever finds the actor alive sees the record that spawn wrote
//   A2  cell_of -> cell  whoever sees the cell sees it made
//   A3  mark -> stop     who is listed is forgotten when it ends: the mark is in the word that the
//                        stop exchanges, and is never set on one that has ended
#ifndef ACTORCORE_RUNTIME_ACTOR_H_
#define ACTORCORE_RUNTIME_ACTOR_H_

#include <atomic>
#include <cstdint>

#include "runtime/envelope.h"
#include "runtime/id.h"
#include "runtime/inbox.h"
#include "runtime/mailbox.h"
#include "runtime/silence.h"

namespace actorcore::runtime {

class Behavior;
class Dispatcher;
class Router;
struct Cell;

// What the owner does with the actor next. Every phase but `running` is work under way, begun in
// the ledger and not ended.
enum class Phase : std::uint8_t {
  running,
  starting,    // deliver STARTED first
  restarting,  // deliver RESTARTING, then let go of what goes with a restart
  restarted,   // deliver RESTARTED first
  waiting,     // parked in its cell
  stopping,    // deliver STOPPING, then stop the children
  ending,      // deliver STOPPED, then free
};

struct alignas(64) Actor {
  static constexpr std::uint32_t alive = 1;
  static constexpr std::uint32_t stop_asked = 2;
  static constexpr std::uint32_t requested = 4;    // it may hold requests that want a reply
  static constexpr std::uint32_t boxed = 8;        // it has an inbox, or is a router
  static constexpr std::uint32_t timed = 16;       // it may have timers, or a receive timeout
  static constexpr std::uint32_t known = 32;       // the watches know it
  static constexpr std::uint32_t listed = 64;      // names, subscriptions, phases, work, routers
  static constexpr std::uint32_t signalled = 128;  // its cell has signals
  static constexpr std::uint32_t asked = stop_asked | signalled;  // word for the owner
  static constexpr std::uint32_t owes = asked | timed | boxed;    // more to look at than mail

  Mailbox<Envelope> mailbox;
  std::atomic<std::uint32_t> life{0};
  std::uint32_t slot = 0;
  std::uintptr_t user = 0;
  const Behavior* behavior = nullptr;
  Dispatcher* dispatcher = nullptr;
  Chain<Envelope> pending;

  alignas(64) Id supervisor;
  std::uint32_t spawn_flags = 0;  // of the actor's whole life
  Phase phase = Phase::running;
  bool has_failed = false;
  std::uint32_t timers = 0;                       // the list of ActorTimers, under its lock
  std::atomic<std::uint32_t> receive_timeout{0};  // which of them is that, or 0
  Silence<> silence;                              // while it has one
  std::atomic<std::uint32_t> turns{0};  // activations begun; written by the owner, a hint to others
  std::atomic<Cell*> cell{nullptr};
  // With `boxed`: its Inbox, or the Router that it is with bit 0 set. A late pusher may see
  // another's (A1).
  std::atomic<std::uintptr_t> box{0};

  Inbox* inbox() const noexcept {
    const std::uintptr_t its = box.load(std::memory_order_acquire);  // A1
    return (its & 1) != 0 ? nullptr : reinterpret_cast<Inbox*>(its);
  }
  Router* router() const noexcept {
    const std::uintptr_t its = box.load(std::memory_order_acquire);  // A1
    return (its & 1) == 0 ? nullptr : reinterpret_cast<Router*>(its & ~std::uintptr_t{1});
  }

  std::uint32_t generation() const noexcept {
    return life.load(std::memory_order_relaxed) >> 8;  // the owner's, or a hint
  }
  // Has anyone left word for the owner?
  bool is_asked() const noexcept {
    return (life.load(std::memory_order_seq_cst) & asked) != 0;  // M5, C1
  }
  // Is there anything for the owner that is not in its mailbox: word, or messages in its inbox?
  bool has_word() const noexcept {
    const std::uint32_t seen = life.load(std::memory_order_seq_cst);  // M5
    if ((seen & (asked | boxed)) == 0) [[likely]]
      return false;
    if ((seen & asked) != 0) return true;
    const Inbox* const its = inbox();
    return its != nullptr && !its->is_empty();
  }
  enum class Marked : std::uint8_t { now, before, gone };
  // Sets a bit of the life of the actor of this generation, if it is alive.
  Marked mark(std::uint32_t of_generation, std::uint32_t bit) noexcept {
    std::uint32_t seen = life.load(std::memory_order_relaxed);  // the exchange decides
    do {
      if (seen >> 8 != of_generation || (seen & alive) == 0) return Marked::gone;
      if ((seen & bit) != 0) return Marked::before;
    } while (!life.compare_exchange_weak(seen, seen | bit, std::memory_order_seq_cst,  // A3, M5, C1
                                         std::memory_order_relaxed));
    return Marked::now;
  }

  // Puts messages, linked but for what follows the last one, before those that are pending.
  void prepend(Chain<Envelope> chain) noexcept {
    if (pending.first == nullptr) {
      pending.last = chain.last;
    } else {
      chain.last->set_next(pending.first);
    }
    pending.first = chain.first;
  }

  // The cell, made if need be; null when memory is exhausted.
  Cell* cell_of() noexcept;
};

static_assert(sizeof(Actor) == 128);

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_ACTOR_H_
