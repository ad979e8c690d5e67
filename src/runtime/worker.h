// Worker: runs the actors of one dispatcher, a turn at a time, whoever's thread it is.
//
// Threads:    its one driver, but for what steal() reads of a victim, and wake().
// Invariants: an actor that this worker runs is owned by it from begin() to end(). Of each turn's
//             activations exactly one worker handles each: see Claim.
// Cost:       a turn of one message is three read-modify-writes of its actor's mailbox, none of
//             them contended when sender and receiver share the worker.
//
// Memory order:
//   W3  in_turn_ -> in_hand  who looks from outside sees the activation that runs
#ifndef ACTORCORE_RUNTIME_WORKER_H_
#define ACTORCORE_RUNTIME_WORKER_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cpu.h"
#include "base/random.h"
#include "memory/scratch.h"
#include "runtime/cell.h"
#include "runtime/cpu_share.h"
#include "runtime/dispatcher.h"
#include "runtime/lane.h"
#include "runtime/run_queue.h"
#include "runtime/worker_usage.h"

namespace actorcore::runtime {

class Worker {
 public:
  explicit Worker(Dispatcher& dispatcher);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  Dispatcher* dispatcher() const noexcept { return &dispatcher_; }
  Lane& lane() noexcept { return lane_; }
  SlotCache* slots() noexcept { return is_seeded_ ? nullptr : &slots_; }

  // The library's own thread: runs until the system stops.
  void run();
  // ATTACHED: ends the last turn and fills the next one.
  ac_status turn(std::uint64_t timeout_ns, ac_turn** out) noexcept;
  // CALLER: runs up to `most` activations (0: all there are).
  ac_status run_some(std::uint64_t timeout_ns, std::uint64_t most, std::uint64_t& ran) noexcept;
  // Inside a turn.
  ac_status flush() noexcept;
  ac_status fail(std::uint32_t activation, std::uint32_t message, ac_status status,
                 std::string_view text) noexcept;
  ac_status stash(std::uint32_t activation, std::uint32_t message) noexcept;
  ac_status ask_unstash(std::uint32_t activation, std::uint64_t most) noexcept;
  ac_status become(std::uint32_t activation, const Behavior& behavior, bool replaces) noexcept;
  ac_status unbecome(std::uint32_t activation) noexcept;
  // Scratch memory for the length of the turn; null when memory is exhausted.
  void* alloc(std::uint64_t bytes) noexcept { return scratch_.take(bytes); }
  memory::PoolStats scratch_stats() const noexcept { return scratch_.stats(); }
  void wake() noexcept;
  // Puts one message into the outbox, behind what is there.
  void send(Envelope* envelope) noexcept;
  // Ends the actors of a dispatcher that nobody serves, without telling them.
  void run_orphans() noexcept;
  // Leaves its dispatcher: what it has not begun goes to others.
  void leave() noexcept;

  // Runs one actor inline; false when there was nothing to hand over.
  bool run_one(Actor& actor) noexcept;
  // Prepares the actor's activation at index `at` of the turn; false when it had nothing for its
  // handler.
  bool begin(Actor& actor, std::uint32_t at) noexcept;
  // Makes the actor runnable here. Only this worker's driver.
  void enqueue(Actor& actor) noexcept {
    Actor* queued = may_keep_ ? std::exchange(lifo_, &actor) : &actor;
    if (queued != nullptr) queue_up(*queued);
  }

  static Worker* current() noexcept;  // whose handler runs on this thread, or null
  static void set_current(Worker* worker) noexcept;
  // This thread drives it from now on.
  void be_here() noexcept;
  void set_pinned(bool pinned) noexcept;
  // The NUMA node that it is kept to, or none: others steal from it after those of their own.
  void set_node(std::optional<std::uint32_t> node) noexcept {
    node_.store(node ? *node + 1 : 0, std::memory_order_relaxed);  // a hint
  }
  WorkerUsage& usage() noexcept { return usage_; }
  // A lent thread that was moved is put back, by that thread, when the worker goes.
  void lend(const Scheduling& scheduling) noexcept;
  void give_thread_back() noexcept;
  // Is it the library's, rather than a lent thread's?
  bool is_own() const noexcept { return dispatcher_.mode() == AC_DISPATCHER_INLINE; }
  bool is_in_turn() const noexcept { return in_turn_.load(std::memory_order_relaxed); }  // its own

  // What the worker has in hand, as another thread sees it: right unless it changes just then.
  struct InHand {
    Id actor;  // none: nothing
    ac_worker worker{0};
    std::uint32_t type = 0;  // of the message, when the activation has only one
    bool has_type = false;
  };
  InHand in_hand() const noexcept;

  void release_handle() noexcept;
  ac_worker handle{0};
  std::uint32_t seat = 0;  // of a lent one: its place in the dispatcher

 private:
  // What a search came to: an actor to run, or an activation taken from another worker, or neither.
  struct Found {
    Actor* actor = nullptr;
    bool activation = false;
    explicit operator bool() const noexcept { return actor != nullptr || activation; }
  };

  struct Hand;
  // What an activation has that most have not, in its reserved[0].
  enum Odd : std::uint64_t { odd_reports = 1, odd_unstash = 2 };
  // The most messages of one activation, with what it is told of its life.
  std::uint32_t room_of_one() const noexcept { return dispatcher_.options().throughput + 1; }

  Actor* next() noexcept;
  Actor* take_local() noexcept;
  Actor* take_injected() noexcept;
  template <class Take>
  auto try_others(Take&& take) noexcept;
  Actor* steal() noexcept;
  Actor* steal_from(Worker& victim) noexcept;
  bool steal_activation() noexcept;
  bool steal_activation_from(Worker& victim) noexcept;
  Found find() noexcept;
  Found find_anything() noexcept;
  Found wait(std::uint64_t deadline_ns) noexcept;
  Found spin(std::uint64_t deadline_ns) noexcept;
  bool is_interrupted() const noexcept;
  bool rest(std::uint64_t deadline_ns) noexcept;
  inline void run_next();
  std::uint32_t activations_to_look() const noexcept {
    const std::uint64_t activations = lane_.counters.activations.get();
    return static_cast<std::uint32_t>(look_at_ - std::min(look_at_, activations));
  }

  // Begins as many actors as make a good turn; how many have something for their handlers.
  std::uint32_t collect(Actor& first) noexcept {
    messages_used_ = 0;
    const bool is_only = lifo_ == nullptr && queue_.size() == 0;
    return is_only ? static_cast<std::uint32_t>(begin(first, 0)) : collect_more(first);
  }
  std::uint32_t collect_more(Actor& first) noexcept;
  void hand_over(std::uint32_t count) noexcept;
  void offer(std::uint32_t count) noexcept;
  std::uint32_t begin_some(std::span<Actor* const> actors, std::uint32_t at) noexcept;
  inline void count_activation(Actor& actor) noexcept;
  inline bool look(Actor& actor, Hand& hand, ac_message** room) noexcept;
  inline void gather(std::span<Hand> hands) noexcept;
  inline bool take_one(Hand& hand) noexcept;
  inline ac_activation& keep(Actor& actor, std::uint32_t at, ac_message** messages,
                             std::uint32_t count) noexcept;
  inline bool keep(const Hand& hand, std::uint32_t at) noexcept;
  void run_turn(std::uint32_t count) noexcept;
  inline void run_activation(std::uint32_t at) noexcept;
  inline void submit() noexcept;
  void end_turn() noexcept;
  inline void end(ac_activation& activation) noexcept;
  void end_oddly(ac_activation& activation, Actor& actor, std::size_t at) noexcept;
  void go_on(Actor& actor, std::size_t at, const Verdict* verdict, bool stops) noexcept;
  void put_back(ac_activation& activation, std::uint32_t from) noexcept;
  inline void settle(std::span<ac_message* const> messages) noexcept;
  void settle_messages(Actor& actor, ac_activation& activation, std::uint32_t count) noexcept;
  void settle_reports(const ac_activation& activation, std::uint32_t count) noexcept;
  void bury_rest(ac_activation& activation, std::uint32_t from) noexcept;
  void obey(Actor& actor, std::size_t at) noexcept;
  void settle_control(std::size_t at) noexcept;
  void yield(Actor& actor) noexcept;
  void requeue(Actor& actor, bool next) noexcept;
  void queue_up(Actor& actor) noexcept;

  void enter(Actor& actor, Phase phase) noexcept;
  bool live(Actor& actor, ac_message*& first, bool& only) noexcept;
  bool heed(Actor& actor) noexcept;
  bool heed(Actor& actor, Cell& its, std::uint32_t signals) noexcept;
  void wait_for(Actor& actor, Pause what) noexcept;
  void end_wait(Actor& actor) noexcept;
  Verdict fail(Actor& actor, const ac_activation& activation, std::uint32_t index) noexcept;
  Verdict judge(Actor& actor, const ac_failed& failure) noexcept;
  bool fail_for_another(Actor& actor, bool is_childs) noexcept;
  bool apply(Actor& actor, const Verdict& verdict) noexcept;
  void restart(Actor& actor, std::uint64_t delay_ns) noexcept;
  void let_go(Actor& actor) noexcept;
  void wait_for_backoff(Actor& actor) noexcept;
  void start_again(Actor& actor) noexcept;
  static bool take_new(Actor& actor) noexcept;
  void stop(Actor& actor, std::uint32_t reason) noexcept;
  static bool is_killed(Actor& actor) noexcept;
  bool is_told_last(Actor& actor) const noexcept;
  void stop_children(Actor& actor) noexcept;
  void say_farewell(Actor& actor) noexcept;
  void finish(Actor& actor) noexcept;
  void unbecome_all(Actor& actor) noexcept;
  void unstash(Actor& actor, std::uint64_t most) noexcept;
  // Messages that are told of an actor's life, and counted nowhere; the first one stands where a
  // message was that is stashed now.
  bool is_synthetic(const ac_message* message) const noexcept {
    return reinterpret_cast<std::uintptr_t>(message) -
               reinterpret_cast<std::uintptr_t>(synthetic_.data()) <
           sizeof synthetic_;
  }
  void refill_outbox() noexcept;
  void trace_handled(Actor& actor, const ac_activation& activation, std::uint32_t count) noexcept;

  System& system_;
  Dispatcher& dispatcher_;
  const bool is_seeded_;
  bool is_pinned_ = false;
  Worker** here_ = nullptr;  // where current() is of the thread that drives it, looked up once
  bool is_unusual_;          // seeded, or a lent thread that is held to the system's share
  Lane lane_;
  RunQueue<Actor, run_queue_slots> queue_;
  Actor* lifo_ = nullptr;
  std::uint32_t lifo_streak_ = 0;
  std::uint64_t look_at_ = 0;  // the activation before which what was injected has its turn
  std::atomic<bool> in_turn_{false};
  bool may_keep_ = true;  // may what is woken now stay in the unstealable slot?
  bool notify_due_ = false;
  std::uint32_t messages_used_ = 0;
  // The activation that runs here, of a turn that runs one by one.
  std::atomic<std::uint32_t> running_{0};
  std::atomic<bool> woken_{false};
  std::atomic<std::uint32_t> stealable_{0};  // a hint: the last activation of a turn on offer, or 0
  std::atomic<std::uint32_t> node_{0};       // plus one
  Random random_;
  SlotCache slots_;
  ac_turn turn_{};
  std::array<ac_activation, activations_per_turn_max> activations_{};
  std::array<Actor*, activations_per_turn_max> actors_{};
  std::array<Envelope*, activations_per_turn_max> controls_{};  // what ended the gathering
  std::array<ac_message*, outbox_slots> outbox_{};
  std::vector<ac_message*> messages_;
  std::array<std::string, activations_per_turn_max> failure_texts_;  // as ac_worker_fail told them
  std::array<ac_message, 7> synthetic_{};                            // by Phase
  memory::Scratch scratch_;
  WorkerUsage usage_;
  CpuMeter meter_;
  struct Loan {
    Scheduling before;
    pid_t thread;
  };
  std::optional<Loan> loan_;
};

using WorkerTable = HandleTable<Worker, HandleKind::worker>;
WorkerTable& workers();

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_WORKER_H_
