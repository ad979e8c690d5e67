// Actor: one actor's record, two cache lines that are never unmapped while the system lives.
//
// Threads:    mailbox and life any; the rest only the mailbox's owner.
// Invariants: life is generation << 8 | flags; an id names the actor exactly while the generation
//             is its own and `alive` is set. pending_ holds what was drained but not yet handed
//             over.
// Cost:       128 bytes; a sender touches the first line only.
//
// Memory order:
//   A1  spawn -> find    whoever finds the actor alive sees the record that spawn wrote
#ifndef ACTORCORE_RUNTIME_ACTOR_H_
#define ACTORCORE_RUNTIME_ACTOR_H_

#include <atomic>
#include <cstdint>

#include "runtime/envelope.h"
#include "runtime/id.h"
#include "runtime/inbox.h"
#include "runtime/mailbox.h"

namespace actorcore::runtime {

class Behavior;
class Dispatcher;

// What the owner does with the actor next.
enum class Phase : std::uint8_t {
  starting,  // deliver STARTED first
  running,
  ending,  // deliver STOPPED, then free
};

struct alignas(64) Actor {
  static constexpr std::uint32_t alive = 1;
  static constexpr std::uint32_t stop_asked = 2;
  static constexpr std::uint32_t requested = 4;  // it may hold requests that want a reply
  static constexpr std::uint32_t boxed = 8;      // its messages go through its inbox

  Mailbox<Envelope> mailbox;
  std::atomic<std::uint32_t> life{0};
  std::uint32_t slot = 0;
  std::uintptr_t user = 0;
  const Behavior* behavior = nullptr;
  Dispatcher* dispatcher = nullptr;
  Chain<Envelope> pending;

  alignas(64) Id supervisor;
  std::uint32_t spawn_flags = 0;
  Phase phase = Phase::running;
  bool has_name = false;
  std::atomic<Inbox*> inbox{nullptr};  // with `boxed`; a late pusher may see another's (A1)

  std::uint32_t generation() const noexcept {
    return life.load(std::memory_order_relaxed) >> 8;  // the owner's, or a hint
  }
  // Has word been left with it that is not in its mailbox: a stop, or messages in its inbox?
  bool has_word() const noexcept {
    const std::uint32_t seen = life.load(std::memory_order_seq_cst);  // M5
    if ((seen & (stop_asked | boxed)) == 0) [[likely]]
      return false;
    if ((seen & stop_asked) != 0) return true;
    const Inbox* const its = inbox.load(std::memory_order_acquire);  // A1
    return its != nullptr && !its->is_empty();
  }
  // Leaves word that the actor of this generation is to stop; false when it has ended or was told
  // before. Then own the mailbox, so that it sees it.
  bool ask_stop(std::uint32_t of_generation) noexcept {
    std::uint32_t seen = life.load(std::memory_order_relaxed);  // the exchange decides
    do {
      if (seen >> 8 != of_generation || (seen & (alive | stop_asked)) != alive) return false;
    } while (!life.compare_exchange_weak(seen, seen | stop_asked, std::memory_order_seq_cst,  // M5
                                         std::memory_order_relaxed));
    return true;
  }
};

static_assert(sizeof(Actor) == 128);

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_ACTOR_H_
