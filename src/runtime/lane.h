// Lane: the way into the system for one thread at a time: its free envelopes, its counts, and what
// it does with a message.
//
// Threads:    one owner at a time: a worker, or whoever holds the lock of an external lane.
// Invariants: an envelope is in a magazine, with its sender, in one mailbox, or with its receiver's
//             worker. Every accepted message is counted at exactly one end: handled or dead.
// Cost:       post is a directory look-up and a mailbox push; what one submit has for one receiver
//             shares the push.
#ifndef ACTORCORE_RUNTIME_LANE_H_
#define ACTORCORE_RUNTIME_LANE_H_

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "memory/slab_pool.h"
#include "runtime/actor.h"
#include "runtime/directory.h"
#include "runtime/ledger.h"

namespace actorcore::runtime {

class Router;
class System;
class Worker;
struct Choice;

class Lane {
 public:
  Lane(System& system, Worker* worker);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // An envelope with undefined content, or null when memory is exhausted.
  Envelope* envelope() noexcept { return static_cast<Envelope*>(magazine_.take()); }
  void free(Envelope* envelope) noexcept {
    if (envelope->has_buffer()) release_payload(*envelope);
    magazine_.give(envelope);
  }
  // The same for one whose payload is not its own, or whose content is undefined.
  void recycle(Envelope* envelope) noexcept { magazine_.give(envelope); }
  // With a reference of its own to the payload; null when memory is exhausted.
  Envelope* copy(const Envelope& envelope) noexcept;

  // Accepts what a handler sent, in order; `to` still names the receivers. The envelopes are the
  // lane's afterwards.
  void submit(std::span<ac_message*> outbox) noexcept;
  // Is a message of a caller's right? Its buffer, if any, counts from now on.
  bool is_well_formed(Envelope& envelope) noexcept {
    return is_sendable(envelope.type) && (!envelope.has_buffer() || take_payload(envelope));
  }
  // The same for one message that is known to be well formed.
  void post(Envelope* envelope) noexcept;
  // The same for an actor that was just found, whatever the message's correlation says.
  void post_to(Actor& actor, Id to, Envelope* envelope) noexcept;
  // The same for an actor with an inbox, from outside: accepts the message, or leaves it with the
  // caller.
  Pushed::Verdict offer(Actor& actor, Id to, Envelope* envelope, std::uint64_t& wait_ns) noexcept;
  // Accepts a message that a router got from outside, for those that it chose, of whom there is
  // one at least.
  void route_to(const Choice& choice, Envelope* envelope) noexcept;
  // Up to `most` messages of the inbox of an actor that the caller owns.
  Chain<Envelope> take(Actor& actor, std::uint64_t most) noexcept;
  // Its inbox takes no more; what it has left ends.
  void close_inbox(Actor& actor, std::uint32_t reason) noexcept;
  // The end of a message that was accepted but is not in a mailbox.
  void dead_letter(Envelope* envelope, Id to, std::uint32_t reason) noexcept;
  // The end of a whole chain of a mailbox.
  void dead_letters(Chain<Envelope> chain, std::uint32_t slot, std::uint32_t reason) noexcept;

  // A message of the library's whose handler failed: its owner is told.
  void failed_in_hand(Envelope* envelope) noexcept;
  // Tells the owners of library messages that ended without a handler, and frees them. Without
  // locks held.
  void run_dropped() noexcept {
    if (dropped_ != nullptr) [[unlikely]]
      tell_dropped();
  }
  // Takes them over, for whoever runs them without the lane's lock.
  Envelope* take_dropped() noexcept { return std::exchange(dropped_, nullptr); }

  // Gives the actor to a worker of its dispatcher, or keeps it for this one.
  void wake(Actor& actor) noexcept;

  Counters counters;

 private:
  // What a submit has for one receiver.
  struct Run {
    Actor* actor = nullptr;
    Id to;
    Chain<Envelope> chain;
    std::uint64_t count = 0;
  };
  static constexpr std::uint32_t runs_max = 64;

  // Which runs a submit has begun; null is a message by itself.
  using Runs = std::uint64_t*;

  // Gives the message to its receiver, or ends it here (reply from outside, dead receiver).
  inline void send(Envelope& envelope, Runs used) noexcept;
  void send_to(Actor& actor, std::uint32_t life, Id to, Envelope& envelope, Runs used) noexcept {
    if ((life & Actor::boxed) != 0) [[unlikely]] {
      if (Router* const router = actor.router()) return route(*router, actor, to, envelope, used);
      return put(actor, to, &envelope);
    }
    if (used != nullptr) {
      add(actor, to, &envelope, *used);
    } else {
      push_one(actor, to, &envelope);
    }
  }
  void route(Router& router, Actor& actor, Id to, Envelope& envelope, Runs used) noexcept;
  void spread(const Choice& choice, Envelope& envelope, Runs used) noexcept;
  void give(Id routee, Envelope& envelope, bool is_held, Runs used) noexcept;
  void add(Actor& actor, Id to, Envelope* envelope, std::uint64_t& used) noexcept;
  void push_one(Actor& actor, Id to, Envelope* envelope) noexcept;
  inline void push(const Run& run) noexcept;
  void refuse(const Run& run) noexcept;
  inline Envelope* well_formed(ac_message& message) noexcept;
  std::span<ac_message*> admit(std::span<ac_message*> outbox) noexcept;
  bool take_payload(Envelope& envelope) noexcept;
  void release_payload(Envelope& envelope) noexcept;
  void put(Actor& actor, Id to, Envelope* envelope) noexcept;
  Pushed place(Actor& actor, Id to, Envelope* envelope, Count* accepted) noexcept;
  void tell_pressure(Id whom, Id actor, std::uint32_t level, std::uint64_t length) noexcept;
  void tell_relief(Id actor, const Relief& relief) noexcept;
  void drop(Envelope* envelope, bool failed) noexcept;
  void tell_dropped() noexcept;

  System& system_;
  Worker* const worker_;
  memory::Magazine magazine_;
  Envelope* dropped_ = nullptr;     // chained through `to`
  std::array<Run, runs_max> runs_;  // by slot; empty between submits
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_LANE_H_
