// Phases: what a system does in order before it stops.
//
// Threads:    run() the thread that stops the system, once; everything else any.
// Invariants: phases run in their order, each until all who joined have answered or ended, or its
//             time is over. Once the first has begun, no phase and no actor joins.
// Cost:       nothing until the stop; an actor in a phase is marked `listed`.
#ifndef ACTORCORE_RUNTIME_PHASES_H_
#define ACTORCORE_RUNTIME_PHASES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "runtime/id.h"

namespace actorcore::runtime {

class System;

class Phases {
 public:
  explicit Phases(System& system);

  // A phase of this name behind the phase `after`, or before all with an empty one. May throw
  // bad_alloc.
  ac_status add(std::string_view name, std::string_view after, std::uint64_t timeout_ns);
  ac_status set_timeout(std::string_view name, std::uint64_t timeout_ns);
  ac_status join(std::string_view name, Id actor);
  ac_status done(Id actor, std::uint32_t number);
  // The actor ended: nobody waits for it.
  void forget(Id actor) noexcept;

  // Runs all phases that the deadline (of the system's clock) leaves time for.
  void run(std::uint64_t deadline_ns);

  std::uint64_t list(ac_phase_info* out, std::uint64_t capacity) const;
  // Who has not answered in a phase that ran, or is running; `count` is how many there are.
  ac_status unanswered(std::string_view name, ac_actor* out, std::uint64_t capacity,
                       std::uint64_t& count) const;

 private:
  struct Phase {
    std::string name;
    std::uint64_t timeout_ns;
    std::uint32_t number;
    std::uint32_t state = AC_PHASE_WAITING;
    std::uint64_t elapsed_ns = 0;
    std::vector<Id> members;
    std::vector<Id> waited_for;
  };

  Phase* find(std::string_view name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void run_one(std::size_t at, std::uint64_t deadline_ns);

  System& system_;
  mutable absl::Mutex mutex_;
  std::vector<Phase> phases_ ABSL_GUARDED_BY(mutex_);
  std::uint32_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  bool has_begun_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_PHASES_H_
