// Families: supervisors, their children, and what the failures of children lead to.
//
// Threads:    any; what is said to take an Actor& only who owns the actor.
// Invariants: see Cell, which holds what is known of a family. At most one family's lock is held at
//             a time.
// Cost:       nothing for an actor without a supervisor and without children.
#ifndef ACTORCORE_RUNTIME_FAMILIES_H_
#define ACTORCORE_RUNTIME_FAMILIES_H_

#include <cstdint>

#include "actorcore/actorcore.h"
#include "runtime/cell.h"
#include "runtime/id.h"
#include "runtime/policy.h"
#include "runtime/timers.h"

namespace actorcore::runtime {

struct Actor;
class System;

class Families {
 public:
  explicit Families(System& system) : system_(system) {}

  // Makes an actor that is about to be published a child.
  ac_status adopt(Id supervisor, Actor& child) noexcept;
  // The child is published. A supervisor that has begun to stop its children meanwhile missed it.
  void recheck(Actor& child, std::uint32_t generation, Actor& supervisor) noexcept;
  // The child has finished, or is not to be. The supervisor is the caller's to wake when it waited
  // for this child as the last one; else null.
  Actor* leave(Actor& child) noexcept;
  // Asks the children to stop, the youngest first; true when there are any, and the last one wakes
  // the supervisor.
  bool stop_children(Actor& supervisor, bool kills) noexcept;
  // Are there any still? The same.
  bool has_children(Actor& supervisor) noexcept;
  // The supervisor has restarted: it takes children again.
  void open(Actor& supervisor) noexcept;

  // What a child's failure leads to; the others of its family have it done already.
  Verdict judge(Actor& child, const ac_failed& failure) noexcept;
  // What comes of the children that wait for a decision when their supervisor's own is made.
  void settle_undecided(Actor& supervisor, Signal outcome) noexcept;
  // The child's failure that is to be the supervisor's.
  ac_failed escalated(Actor& supervisor) noexcept;
  // Signals the actor when it is time to go on with its restart.
  TimerKey wake_at(std::uint64_t time_ns, Actor& actor) noexcept;

  ac_status decide(ac_actor child, std::uint32_t strategy) noexcept;
  // May throw bad_alloc.
  ac_status supervise(ac_actor actor, const ac_supervision& children);
  ac_status children(ac_actor actor, ac_actor* out, std::uint64_t capacity,
                     std::uint64_t& count) noexcept;
  ac_status supervisor(ac_actor actor, ac_actor& supervisor) noexcept;
  ac_status supervision(ac_actor actor, ac_supervision_stats& stats) noexcept;

 private:
  Verdict judge(Cell& family, Actor& supervisor, Actor& child, const ac_failed& failure,
                std::uint32_t asked) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(family.mutex);
  void judge_siblings(Cell& family, Actor& child, const Verdict& verdict) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(family.mutex);
  template <class Body>
  ac_status look_into(ac_actor id, Body body) noexcept;

  System& system_;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_FAMILIES_H_
