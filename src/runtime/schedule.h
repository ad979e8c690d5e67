// Schedule: a seeded system's only scheduler: one activation at a time, chosen by the seed, on
// virtual time.
//
// Threads:    add(), defer() whoever runs the one activation, or a thread outside while none runs;
//             drive() threads outside; advance() the attached worker.
// Invariants: the system moves only while a thread is inside drive(). What an activation sends is
//             set aside until it ends. The trace covers every message handled and every life-cycle
//             step, in order.
// Cost:       not made for speed: a mutex a step.
#ifndef ACTORCORE_RUNTIME_SCHEDULE_H_
#define ACTORCORE_RUNTIME_SCHEDULE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/random.h"
#include "runtime/actor.h"

namespace actorcore::runtime {

class System;
class Worker;

// What a life-cycle step is in the trace.
enum class Step : std::uint32_t { spawned = 1, stopped, failed, restarted };

// A message that waits for the end of the activation that sent it.
struct Deferred {
  Envelope* envelope;
  bool is_checked;  // the library made it; else a handler wrote it, and it may be malformed
};

class Schedule {
 public:
  Schedule(System& system, std::uint64_t seed);
  ~Schedule();

  // The actor is runnable; `next` puts it before all others.
  void add(Actor& actor, bool next = false);
  // Keeps a message for the end of the activation under way; false when none is, and it may go at
  // once.
  bool defer(Envelope* envelope, bool is_checked);
  void begin_activation() noexcept;
  // The messages that were set aside, in order.
  std::vector<Deferred> end_activation() noexcept;

  // Lets the system run until `done`, or until nothing more can happen before the virtual deadline.
  ac_status drive(const std::function<bool()>& done, std::uint64_t deadline_ns);
  // Runs up to `activations` on the caller's thread; how many did. For the first one it moves the
  // clock, at most by the timeout.
  std::uint64_t step(Worker& worker, std::uint64_t timeout_ns, std::uint64_t activations);

  // The attached worker waits here (real time) until it is to hand over an activation: true, or
  // until its wait ends: false.
  bool advance(Worker& worker, std::uint64_t deadline_ns);
  // False when another is attached.
  bool set_attached(Worker* worker);
  void wake();

  void trace(std::uint64_t actor, const Envelope& message) noexcept;
  void trace(Step step, std::uint64_t actor) noexcept;
  std::uint64_t hash() const noexcept;
  std::uint64_t random() noexcept;

 private:
  struct Trace;

  Actor* pick() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void make_waiting_runnable() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool fire_timer(std::uint64_t deadline_ns);

  System& system_;
  Random choice_;
  Random values_;
  std::unique_ptr<Trace> trace_;
  absl::Mutex drivers_;  // one driver at a time
  mutable absl::Mutex mutex_;
  std::vector<Actor*> runnable_ ABSL_GUARDED_BY(mutex_);
  std::vector<Actor*> forced_ ABSL_GUARDED_BY(mutex_);
  std::vector<Actor*> waiting_ ABSL_GUARDED_BY(mutex_);  // of ATTACHED dispatchers without a worker
  std::vector<Deferred> deferred_ ABSL_GUARDED_BY(mutex_);
  bool in_activation_ ABSL_GUARDED_BY(mutex_) = false;
  Worker* attached_ ABSL_GUARDED_BY(mutex_) = nullptr;
  // The driver's order to the attached worker, while it waits.
  const std::function<bool()>* done_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::uint64_t deadline_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  ac_status result_ ABSL_GUARDED_BY(mutex_) = AC_OK;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_SCHEDULE_H_
