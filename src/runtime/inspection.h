// Inspection: what each actor does now, as samples from outside tell.
//
// Threads:    any; one looks at a time.
// Invariants: nothing here stops or slows an actor. What is told of one that changes while it is
//             looked at may be out of date, and never leads into memory that is not the system's:
//             a message is followed only inside the blocks that the envelopes are made from.
//             A span is a lower bound: from the first sample that saw the same activation in hand,
//             or the same message waiting with no activation in between.
// Cost:       actors pay one add an activation (Actor::turns); a look costs the looker one cache
//             line an actor, and one more a message that it counts.
#ifndef ACTORCORE_RUNTIME_INSPECTION_H_
#define ACTORCORE_RUNTIME_INSPECTION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "memory/arena.h"
#include "runtime/actor.h"

namespace actorcore::runtime {

class System;

class Inspection {
 public:
  explicit Inspection(System& system) : system_(system) {}

  // Rows of live actors from slot `cursor` on; `next` is where to go on, 0 at the end. May throw
  // bad_alloc.
  std::uint64_t list(std::uint64_t cursor, std::byte* rows, std::size_t stride,
                     std::uint64_t capacity, std::uint64_t& next);

  // How many messages wait in its mailbox. May throw bad_alloc.
  std::uint64_t length_of(const Actor& actor);

  // An activation in hand for at least `for_ns`, and a message that waits for so long.
  struct Late {
    Id actor;
    std::uint32_t type;
    std::uint64_t for_ns;
    std::uint64_t mailbox;
  };
  // Samples, and gives the late that were not given before. May throw bad_alloc.
  std::vector<Late> late_handlers(std::uint64_t budget_ns);
  std::vector<Late> late_mailboxes(std::uint64_t age_ns);

 private:
  struct Running {
    std::uint32_t turns;
    std::uint32_t type;
    bool has_type;
    bool is_told;
    std::uint64_t since_ns;
    ac_worker worker;
  };
  struct Waiting {
    std::uint32_t generation;
    std::uint32_t turns;
    const Envelope* first;
    bool is_told;
    std::uint64_t since_ns;
  };

  void sample_workers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The actor's oldest message, since when it waits; null when there is none.
  Waiting* sample_mailbox(Actor& actor, std::uint32_t generation)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::uint64_t count_messages(const Actor& actor) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool is_ours(const Envelope* envelope) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool describe(Actor& actor, ac_actor_info& row) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  System& system_;
  absl::Mutex mutex_;
  std::uint64_t now_ns_ ABSL_GUARDED_BY(mutex_) = 0;  // of the sample under way
  std::vector<memory::Arena::Extent> memory_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::uint64_t, Running> running_ ABSL_GUARDED_BY(mutex_);  // by id
  absl::flat_hash_map<std::uint32_t, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);  // by slot
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_INSPECTION_H_
