// System: owns actors, dispatchers and workers, and is what most calls of the ABI come to.
//
// Threads:    any.
// Invariants: state moves one way: running, draining, stopping, ended. Memory goes with the last
//             reference: the caller's handle, each attached worker's, each engine's.
// Cost:       calls from outside go through one of a few locked lanes.
//
// Memory order:
//   S1  publish actor; read state  against  state = stopping; look at actors: Dekker's pattern,
//       sequentially consistent, so that no actor is made while the stop looks elsewhere
//   S2  outside_changed -> wait    a thread outside sees what changed before it sleeps
#ifndef ACTORCORE_RUNTIME_SYSTEM_H_
#define ACTORCORE_RUNTIME_SYSTEM_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "memory/budget.h"
#include "memory/slab_pool.h"
#include "runtime/actor_timers.h"
#include "runtime/ask.h"
#include "runtime/behavior.h"
#include "runtime/cpu_plan.h"
#include "runtime/cpu_share.h"
#include "runtime/dead_letter_feed.h"
#include "runtime/directory.h"
#include "runtime/dispatcher.h"
#include "runtime/families.h"
#include "runtime/inspection.h"
#include "runtime/lane_lock.h"
#include "runtime/ledger.h"
#include "runtime/names.h"
#include "runtime/phases.h"
#include "runtime/router.h"
#include "runtime/schedule.h"
#include "runtime/span.h"
#include "runtime/timers.h"
#include "runtime/type_names.h"
#include "runtime/watch.h"
#include "runtime/watchdog.h"
#include "runtime/work_queue.h"
#include "runtime/worker.h"

namespace actorcore::runtime {

struct SystemOptions {
  bool is_seeded = false;
  std::uint64_t seed = 0;  // 0 without is_seeded: from the machine
  std::uint64_t message_bytes_max = 0;
  DispatcherOptions dispatcher;
  CpuOptions cpu;
};

// What the engine's layer wants to know of messages of its own types.
struct Hooks {
  // Dead-lettered, or failed in hand; called without locks, on any thread.
  void (*ended)(const ac_message& message, bool failed_in_hand) noexcept;
  // For the trace, instead of a payload with the process's handles.
  std::uint64_t (*digest)(const ac_message& message) noexcept;
};

class System final : private memory::PoolSource {
 public:
  // With one reference, which belongs to the handle in it.
  static Result<System*> create(const SystemOptions& options);

  void retain() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }  // from one held
  void release() noexcept;
  void release_handle() noexcept;
  ac_system handle{0};

  // -- parts --
  Directory& directory() noexcept { return directory_; }
  memory::Depot& depot() noexcept { return depot_; }
  memory::Budget& budget() noexcept { return budget_; }
  Inboxes& inboxes() noexcept { return inboxes_; }
  Asks& asks() noexcept { return asks_; }
  Spans& spans() noexcept { return spans_; }
  Timers& timers() noexcept { return timers_; }
  WorkQueues& queues() noexcept { return queues_; }
  Routers& routers() noexcept { return routers_; }
  Families& families() noexcept { return families_; }
  Watches& watches() noexcept { return watches_; }
  ActorTimers& actor_timers() noexcept { return actor_timers_; }
  Clock& clock() noexcept { return clock_; }
  Schedule* schedule() noexcept { return schedule_.get(); }
  DeadLetters& dead_letter_ring() noexcept { return dead_letters_; }
  Failures& failures() noexcept { return failures_; }
  Names& names() noexcept { return names_; }
  TypeNames& type_names() noexcept { return type_names_; }
  DeadLetterFeed& dead_letter_feed() noexcept { return dead_letter_feed_; }
  Phases& phases() noexcept { return phases_; }
  Inspection& inspection() noexcept { return inspection_; }
  Watchdog& watchdog() noexcept { return watchdog_; }
  Dispatcher& default_dispatcher() noexcept { return *default_dispatcher_; }
  Worker& seeded_worker() noexcept { return *seeded_worker_; }
  CpuShare* share() noexcept { return share_ ? &*share_ : nullptr; }  // null: the whole machine
  const CpuSet& background_cpus() const noexcept { return plan_.background(); }
  std::uint64_t random() noexcept;

  // -- state --
  bool is_stopping() const noexcept { return state_.load(std::memory_order_acquire) >= stopping; }
  bool is_ended() const noexcept { return state_.load(std::memory_order_acquire) == ended; }
  bool is_closed() const noexcept { return state_.load(std::memory_order_acquire) != running; }
  std::uint32_t reason_for_dead() const noexcept {
    return is_stopping() ? AC_DEAD_SHUTDOWN : AC_DEAD_STALE;
  }
  std::uint32_t reason_for_stop() const noexcept {
    return is_stopping() ? AC_DEAD_SHUTDOWN : AC_DEAD_STOPPED;
  }
  // Is there nobody left to tell the dispatcher's actors anything?
  bool is_orphaned(const Dispatcher& dispatcher) const noexcept {
    return dispatcher.mode() == AC_DISPATCHER_ATTACHED && is_stopping() && dispatcher.count() == 0;
  }

  // -- from outside, or anywhere --
  LaneLock external_lane() noexcept;

  ac_status check(ac_actor actor) noexcept;
  // Waits for room in a full mailbox, where that is its policy, until the deadline at the latest.
  ac_status tell(ac_actor to, std::uint32_t type, std::uint64_t correlation, ac_bytes payload,
                 std::uint64_t deadline_ns = UINT64_MAX) noexcept;
  ac_status tell_many(const ac_message* messages, std::uint64_t count, ac_status* statuses,
                      std::uint64_t* accepted) noexcept;
  // A message of the library's own from any thread. A reply to nobody ends the ask that it answers.
  ac_status post(ac_actor to, std::uint32_t type, std::uint64_t correlation, const void* payload,
                 std::uint32_t length) noexcept;
  // The same from a lane that is held; without memory or receiver it is not sent.
  void tell_library(Lane& lane, Id to, std::uint32_t type, std::uint64_t correlation,
                    const void* payload, std::uint32_t length) noexcept;
  // A well-formed message, through a lane that is held: now, or when a seeded activation ends.
  void accept(Lane& lane, Envelope* envelope) noexcept;
  ac_status stop_actor(ac_actor actor, std::uint32_t flags) noexcept;
  ac_status restart_actor(ac_actor actor) noexcept;

  // Leaves the actor a signal, or sets a bit of its life, which its owner is to heed: work under
  // way until it has. False when memory is exhausted; who has ended needs none.
  bool signal(Actor& actor, std::uint32_t generation, Signal signal) noexcept;
  void leave_word(Actor& actor, std::uint32_t generation, std::uint32_t bit) noexcept;

  ac_status ask(ac_actor to, std::uint32_t type, ac_bytes payload, std::uint64_t timeout_ns,
                ac_message& reply) noexcept;
  ac_status ask_many(std::span<const ac_actor> actors, const ac_ask_options& asked,
                     ac_message* replies, ac_status* statuses, std::uint64_t& answered);
  ac_status ask_inside(Worker& worker, ac_actor asker, std::span<const ac_actor> actors,
                       const ac_ask_options& asked, std::uint64_t* correlations) noexcept;

  Result<Dispatcher*> add_dispatcher(DispatcherOptions options);
  Result<Behavior*> add_behavior(ac_on_turn on_turn, ac_destroy destroy, std::string name);
  // A worker for a lent thread, with a handle.
  Result<Worker*> attach(Dispatcher& dispatcher, bool pinned);
  void detach(Worker& worker) noexcept;

  // -- waiting and ending --
  bool is_quiet() noexcept;
  ac_status settle(std::uint64_t timeout_ns);
  // Lets a seeded system run for so much virtual time.
  ac_status advance(std::uint64_t duration_ns);
  // Waits until the word is not zero; false when that cannot happen any more. Set it, then call
  // outside_changed().
  bool wait(std::atomic<std::uint32_t>& word);
  // Waits, in real time or by driving a seeded system, until `done`, or the deadline (of the
  // system's clock): E_TIMEOUT.
  ac_status wait_until(const std::function<bool()>& done, std::uint64_t deadline_ns, bool drives);
  ac_status stop(std::uint64_t timeout_ns, ac_stop_report* report);
  void ask_all_to_stop() noexcept;
  // Something that a thread outside may wait for has changed.
  void outside_changed() noexcept;
  // Work that is no message is under way: keeps the system from being quiet.
  void hold() noexcept { holds_.fetch_add(1, std::memory_order_acq_rel); }
  void unhold() noexcept;

  // -- what is known --
  // Has the actor's end call forget(); E_STALE when it has ended.
  ac_status list(Id id) noexcept;
  // The actor has ended: takes it off every list.
  void forget(Lane& lane, Id id) noexcept;
  std::vector<Worker::InHand> in_hand();  // what each worker has; may throw bad_alloc
  std::vector<memory::Arena::Extent> envelope_memory() { return envelopes_.extents(); }
  std::uint64_t activations() noexcept { return sum(&Counters::activations); }
  ac_ledger ledger() noexcept;
  ac_status mailbox_stats(ac_actor actor, ac_mailbox_stats& stats) noexcept;
  // Have messages taken all the memory that they may? Exact in a seeded system.
  bool is_overloaded(std::uint64_t more = 0) noexcept;
  ac_system_stats stats() noexcept;
  ac_usage usage() noexcept;
  // How many there are; `out` gets the first of them.
  std::uint64_t worker_stats(ac_worker_stats* out, std::uint64_t capacity) noexcept;
  void set_hooks(const Hooks& hooks) noexcept { hooks_.store(&hooks, std::memory_order_release); }
  void tell_ended(const ac_message& message, bool failed_in_hand) noexcept;
  std::uint64_t digest(const ac_message& message) noexcept;
  ac_failed record_failure(ac_failed failure, std::string_view text) noexcept;

 private:
  enum State : std::uint32_t { running, draining, stopping, ended };

  System(const SystemOptions& options, CpuPlan plan, std::uint32_t tag);
  ~System();

  Result<void> start(const SystemOptions& options);
  struct Muster;
  Result<void> start_threads(Dispatcher& dispatcher) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void run_worker(Dispatcher& dispatcher, std::uint32_t index, Muster& muster);
  Worker& add_worker(Dispatcher& dispatcher) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Result<Worker*> take_place(Dispatcher& dispatcher) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  template <class Visit>
  void each_counters(Visit visit) const noexcept;
  std::uint64_t sum(Count Counters::*count) const noexcept;
  std::uint64_t count_done() const noexcept;
  void add_to(memory::PoolRows& rows) const noexcept override;
  Envelope* make(Lane& lane, ac_actor to, std::uint32_t type, std::uint64_t correlation,
                 ac_bytes payload, ac_status& status) noexcept;
  void rouse(Actor& actor, Lane& lane) noexcept;
  void await_ask(std::uint64_t correlation, std::uint64_t deadline_ns) noexcept;
  static std::uint64_t bytes_of(std::uint64_t length) noexcept;
  ac_status check(ac_actor actor, std::uint32_t& life) noexcept;
  ac_status check(const ac_message& message, std::uint32_t& life) noexcept;
  // Offers a message to an actor with an inbox; refused it is still the caller's.
  ac_status offer(Envelope* envelope, std::uint64_t deadline_ns) noexcept;
  ac_status offer_copy(const ac_message& message) noexcept;
  bool route_outside(Router& router, Envelope* envelope, Id& to, ac_status& status) noexcept;
  void wait_for_room(Inbox& inbox, Id actor, std::uint64_t deadline_ns, bool is_first);
  std::uint64_t spin_ns() const noexcept;
  void run_orphans() noexcept;
  bool all_stopped() noexcept;
  ac_status finish_stop(std::uint64_t deadline_ns);

  const std::uint64_t seed_;
  Clock clock_;
  CpuPlan plan_;  // claimed from under mutex_
  std::optional<CpuShare> share_;
  memory::Arena records_;
  memory::Arena envelopes_;
  memory::Budget budget_;
  memory::Depot depot_;
  Directory directory_;
  Inboxes inboxes_;
  Asks asks_;
  Spans spans_{*this};
  ActorTimers actor_timers_;
  Timers timers_;
  Families families_{*this};
  Watches watches_{*this};
  WorkQueues queues_;
  Routers routers_{*this};
  std::unique_ptr<Schedule> schedule_;
  DeadLetters dead_letters_;
  Failures failures_;
  Names names_{*this};
  TypeNames type_names_;
  DeadLetterFeed dead_letter_feed_{*this};
  Phases phases_{*this};
  Inspection inspection_{*this};
  Watchdog watchdog_{*this};
  std::array<ExternalLane, external_lanes> lanes_;

  std::atomic<std::uint32_t> references_{1};
  std::atomic<std::uint32_t> state_{running};
  std::atomic<std::uint64_t> holds_{0};
  std::atomic<std::uint32_t> outside_epoch_{0};
  std::atomic<std::uint32_t> outside_waiters_{0};
  std::atomic<const Hooks*> hooks_{nullptr};

  absl::Mutex random_mutex_;
  Random random_ ABSL_GUARDED_BY(random_mutex_);

  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<Dispatcher>> dispatchers_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Behavior>> behaviors_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Worker>> workers_ ABSL_GUARDED_BY(mutex_);
  std::vector<Worker*> idle_workers_ ABSL_GUARDED_BY(mutex_);  // detached, for the next to attach
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  Dispatcher* default_dispatcher_ = nullptr;
  Worker* seeded_worker_ = nullptr;

  absl::Mutex stop_mutex_;
  ac_stop_report report_ ABSL_GUARDED_BY(stop_mutex_){};
};

using SystemTable = HandleTable<System, HandleKind::system>;
SystemTable& systems();

// Is this thread inside a handler, of whatever system?
inline bool in_handler() noexcept { return Worker::current() != nullptr; }

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_SYSTEM_H_
