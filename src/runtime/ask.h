// Asks: requests that wait for a reply, each ended exactly once.
//
// Threads:    any.
// Invariants: a correlation is generation << 32 | slot + 1, its top four bits clear; it is pending
//             until one thread moves its word on, and that thread delivers the end. No generation
//             is 0: correlations below 2^32 are the program's own, and end no ask; nor does that
//             of a span. Slots live as long as the system.
// Cost:       a mutex to open and close; one compare-and-swap to end.
//
// Memory orders:
//   K1  open -> end     whoever ends an ask sees who asked
//   K2  end -> wait     the waiter sees the reply
//   K3  hold -> fail_held  whoever ends an actor after a request was sent to it sees the ask (the
//                          actor's life)
#ifndef ACTORCORE_RUNTIME_ASK_H_
#define ACTORCORE_RUNTIME_ASK_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "runtime/envelope.h"
#include "runtime/timers.h"
#include "runtime/wait_graph.h"

namespace actorcore::runtime {

struct Actor;
class Lane;
class System;

enum class Route : std::uint8_t {
  forward,    // to the asking actor, whose id is now the receiver's
  delivered,  // to a thread outside
  late,       // the ask had ended
};

// What is asked, of whom.
struct Request {
  Id to;
  std::uint32_t type;
  std::uint64_t span;  // that it carries, or 0
};

class Asks {
 public:
  explicit Asks(System& system) : system_(system) {}

  // A new ask of a thread outside; 0 when memory is exhausted.
  std::uint64_t open_outside(const Request& request) noexcept;
  // Has it ended?
  bool is_ended(std::uint64_t correlation) noexcept;
  // Sleeps until it may have ended, or the deadline (monotonic ns).
  void wait(std::uint64_t correlation, std::uint64_t deadline_ns) noexcept;
  // Its end: the status and, on AC_OK, the reply, whose payload is the caller's. E_TIMEOUT when it
  // has not ended.
  ac_status close_outside(std::uint64_t correlation, ac_message& reply) noexcept;

  // A new ask of an actor, counted as begun in the lane; 0 when memory is exhausted.
  std::uint64_t open_inside(Lane& lane, Id asker, const Request& request,
                            std::uint64_t deadline_ns) noexcept;

  // The request could not be sent: ends it without a word.
  void abandon(Lane& lane, std::uint64_t correlation) noexcept;
  // A reply came by: ends its ask.
  Route reply(Lane& lane, Envelope& envelope, Id& to) noexcept;
  // The request is on its way to this actor, whose end will be the ask's.
  void hold(std::uint64_t correlation, Id holder, Actor& actor) noexcept;
  // The actor ended: so do the asks whose requests it held.
  void fail_held(Lane& lane, Id holder, ac_status status) noexcept;
  // The request goes to so many, of whom the first to reply answers it, until the deadline.
  void scatter(std::uint64_t correlation, std::uint32_t copies, std::uint64_t deadline_ns) noexcept;
  // The request, or a copy of it, was lost: the last of them ends the ask.
  void lose(Lane& lane, std::uint64_t correlation, ac_status status) noexcept;
  // Its time is over, or nobody can answer it any more.
  void fail(Lane& lane, std::uint64_t correlation, ac_status status) noexcept;
  // The asker wants no answer any more; false when it was no actor's, or has ended.
  bool cancel(std::uint64_t correlation) noexcept;
  bool is_pending(std::uint64_t correlation) noexcept;
  // The span that a request carries, or 0; E_STALE when its ask has ended, E_NOT_FOUND when it is
  // no ask's.
  ac_status span_of(std::uint64_t correlation, std::uint64_t& span) noexcept;
  // The asks of actors that are under way. May throw bad_alloc.
  std::vector<Wait> waits();
  // The system stopped.
  void fail_all(Lane& lane, ac_status status) noexcept;

 private:
  enum State : std::uint32_t { unused, pending_outside, pending_inside, ended };

  struct Ask {
    std::atomic<std::uint64_t> word{0};  // generation << 32 | state
    std::atomic<std::uint32_t> signal{0};
    ac_status status = AC_OK;
    Id asker;
    Id to;
    std::atomic<std::uint64_t> holder{0};  // who had the request last
    std::uint32_t type = 0;
    std::uint64_t span = 0;
    TimerKey timer;
    // Of a request that went to many: generation << 32 | copies that may be answered, and the
    // number of the timer that limits them.
    std::atomic<std::uint64_t> copies{0};
    std::atomic<std::uint64_t> limit{0};
    ac_message reply{};
  };

  Ask* find(std::uint64_t correlation) noexcept;
  std::uint64_t open(State state, Id asker, const Request& request, Ask** opened) noexcept;
  // Moves a pending ask to ended; returns what it was, or `unused` when another was first.
  State end(Ask& ask, std::uint64_t correlation) noexcept;
  void release(Ask& ask, std::uint64_t correlation) noexcept;
  // One from inside is over: its timer and its place are free.
  void finish(Lane& lane, Ask& ask, std::uint64_t correlation) noexcept;
  // The asker outside may read how its ask ended.
  void wake(Ask& ask) noexcept;
  static void expire(void* context, std::uint64_t correlation) noexcept;

  static constexpr std::uint32_t chunk_slots = 256;
  static constexpr std::uint32_t chunks_max = 16'384;  // 4 million asks at once

  bool grow() noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  System& system_;
  std::array<std::unique_ptr<Ask[]>, chunks_max> chunks_;  // below opened_ only
  std::atomic<std::uint32_t> opened_{0};
  absl::Mutex mutex_;
  std::vector<std::uint32_t> free_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_ASK_H_
