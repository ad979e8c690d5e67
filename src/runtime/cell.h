// Cell: what of an actor is there only once it is used: its family, its stash, the behaviors below
// the present one, and what it waits for.
//
// Threads:    signals and parked any; what is guarded under its mutex; the rest the actor's owner.
// Invariants: a record keeps its cell for good, so that whoever finds an actor may lock its cell. A
//             child is in its supervisor's family from its spawn until it has finished, and a
//             supervisor finishes after its children. Whoever unparks an actor owns it.
// Cost:       nothing until it is used, then one allocation in the life of the record.
//
// Memory orders:
//   C1  parked = true; read life  against  set a bit of life; unpark: Dekker's pattern, all four
//       sequentially consistent, so that a signal to an actor that goes to sleep is never missed
//   C2  make the cell; read life  against  clear `alive`; read the cell: likewise, so that a child
//       is never given to a supervisor that does not look for it any more
#ifndef ACTORCORE_RUNTIME_CELL_H_
#define ACTORCORE_RUNTIME_CELL_H_

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "runtime/envelope.h"
#include "runtime/limits.h"
#include "runtime/mailbox.h"
#include "runtime/policy.h"
#include "runtime/timers.h"

namespace actorcore::runtime {

struct Actor;
class Behavior;

// What others ask of an actor; its owner heeds it before the next activation.
enum Signal : std::uint32_t {
  signal_kill = 1,
  signal_stop = 2,  // because of a failure
  signal_restart = 4,
  signal_resume = 8,
  signal_escalated = 16,    // a child's failure is the actor's own
  signal_exit = 32,         // a linked actor failed
  signal_backoff_over = 64  // the wait before a restart
};

// What an actor in Phase::waiting waits for.
enum class Pause : std::uint8_t { decision, children, backoff };

struct Cell {
  std::atomic<std::uint64_t> signals{0};  // generation << 32 | Signal bits
  std::atomic<bool> parked{false};

  // -- the family, of which this actor is the supervisor --
  absl::Mutex mutex;
  Actor* oldest ABSL_GUARDED_BY(mutex) = nullptr;
  Actor* youngest ABSL_GUARDED_BY(mutex) = nullptr;
  bool is_closed ABSL_GUARDED_BY(mutex) = false;   // takes no new children now
  bool is_awaited ABSL_GUARDED_BY(mutex) = false;  // the supervisor waits for its last child's end
  Policy children_policy ABSL_GUARDED_BY(mutex);
  ac_supervision_stats stats ABSL_GUARDED_BY(mutex){};
  ac_failed escalated ABSL_GUARDED_BY(mutex){};  // the child's failure that is to be the actor's

  // -- as a child: guarded by the supervisor's mutex --
  Actor* older = nullptr;
  Actor* younger = nullptr;
  Policy own_policy;
  Backoff backoff;
  ac_failed failure{};  // what a decision is about
  bool is_undecided = false;
  std::atomic<std::uint64_t> delay_ns{0};  // of the restart that is signalled; the signal orders

  // -- the owner's --
  std::atomic<Actor*> supervisor{nullptr};  // written before the actor is published, A1
  Pause wait = Pause::decision;
  bool is_killed = false;
  bool is_new = false;            // failed for another before its STARTED
  std::uint64_t unstash_due = 0;  // how many of the stash, when the activation ends
  std::uint32_t stashed = 0;
  std::uint32_t stash_max = stash_default;
  Chain<Envelope> stash;
  std::vector<const Behavior*> below;  // the first is the one that it was spawned with
  std::uint64_t restart_at_ns = 0;
  TimerKey timer;

  // Leaves a signal for the actor of this generation, whose life bit is to be set next; false when
  // the record is another's by now.
  bool signal(std::uint32_t generation, Signal signal) noexcept;
  // The signals left for it, once.
  std::uint32_t take_signals(std::uint32_t generation) noexcept;
  // How many of the stash are to be put back now.
  std::uint64_t take_due() noexcept { return std::exchange(unstash_due, 0); }
  // Gives the actor to the caller if it is parked.
  [[nodiscard]] bool unpark() noexcept {
    return parked.load(std::memory_order_seq_cst) &&           // C1
           parked.exchange(false, std::memory_order_seq_cst);  // C1
  }
  // Fit for the record's next actor.
  void reset() noexcept;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_CELL_H_
