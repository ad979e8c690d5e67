#include "runtime/worker.h"

#include <algorithm>
#include <cstring>

#include "base/clock.h"
#include "runtime/behavior.h"
#include "runtime/claim.h"
#include "runtime/schedule.h"
#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

constinit thread_local Worker* current_worker = nullptr;

}  // namespace

WorkerTable& workers() {
  static WorkerTable* const table = new WorkerTable;  // never unmapped
  return *table;
}

Worker* Worker::current() noexcept { return current_worker; }
void Worker::set_current(Worker* worker) noexcept { current_worker = worker; }
void Worker::be_here() noexcept { here_ = &current_worker; }

Worker::Worker(Dispatcher& dispatcher)
    : system_(dispatcher.system()),
      dispatcher_(dispatcher),
      is_seeded_(system_.schedule() != nullptr),
      is_unusual_(is_seeded_),
      lane_(system_, this),
      random_(is_seeded_ ? 0 : system_.random()),  // a seeded system's numbers are its program's
      messages_(messages_per_turn_max + gathered_at_once * room_of_one()) {
  for (ac_activation& activation : activations_) activation.state = AC_ACTIVATION_STOLEN;
  turn_.struct_size = sizeof turn_;
  turn_.activations = activations_.data();
  turn_.outbox = outbox_.data();
  turn_.system = system_.handle;
  system_.budget().give_items(outbox_slots * memory::item_bytes);  // its own stock
  const auto of = [this](Phase phase) -> std::uint32_t& {
    return synthetic_[static_cast<std::size_t>(phase)].type;
  };
  of(Phase::starting) = AC_TYPE_STARTED;
  of(Phase::restarting) = AC_TYPE_RESTARTING;
  of(Phase::restarted) = AC_TYPE_RESTARTED;
  of(Phase::stopping) = AC_TYPE_STOPPING;
  of(Phase::ending) = AC_TYPE_STOPPED;
  refill_outbox();
}

// -- one activation -----------------------------------------------------------------------------

[[gnu::always_inline]] inline void Worker::submit() noexcept {
  const std::uint32_t sent = std::min(turn_.outbox_count, turn_.outbox_capacity);
  turn_.outbox_count = 0;
  if (is_seeded_) [[unlikely]] {
    for (const Deferred& deferred : system_.schedule()->end_activation()) {
      ac_message* message = deferred.envelope;
      if (deferred.is_checked) {
        lane_.post(deferred.envelope);
      } else {
        lane_.submit({&message, 1});
      }
    }
  }
  if (sent != 0) {
    lane_.submit({outbox_.data(), sent});
    for (std::uint32_t i = 0; i < sent; ++i) outbox_[i] = lane_.envelope();
    if (outbox_[sent - 1] == nullptr || turn_.outbox_capacity < outbox_slots) refill_outbox();
  }
  if (std::exchange(notify_due_, false) && dispatcher_.count() > 1) dispatcher_.notify();
  lane_.run_dropped();
}

// Frees messages that were handled, and counts them.
inline void Worker::settle(std::span<ac_message* const> messages) noexcept {
  std::uint64_t handled = 0;
  for (ac_message* message : messages) {
    if (is_synthetic(message)) [[unlikely]]
      continue;
    lane_.free(static_cast<Envelope*>(message));
    ++handled;
  }
  lane_.counters.handled.add(handled);
}

[[gnu::always_inline]] inline void Worker::end(ac_activation& activation) noexcept {
  const auto at = static_cast<std::size_t>(&activation - activations_.data());
  Actor& actor = *actors_[at];
  if (activation.status != AC_OK || activation.flags != 0 || activation.reserved[0] != 0 ||
      actor.phase != Phase::running || controls_[at] != nullptr) [[unlikely]] {
    end_oddly(activation, actor, at);
  } else {
    if (is_seeded_) [[unlikely]]
      trace_handled(actor, activation, activation.count);
    settle({activation.messages, activation.count});
    yield(actor);
  }
  lane_.run_dropped();
}

inline void Worker::run_activation(std::uint32_t at) noexcept {
  ac_activation& activation = activations_[at];
  turn_.activations = &activation;
  turn_.count = 1;
  turn_.outbox_count = 0;
  running_.store(at, std::memory_order_relaxed);    // published by in_turn_, W3
  in_turn_.store(true, std::memory_order_release);  // W3
  Worker* const outer = std::exchange(*here_, this);
  if (is_seeded_) [[unlikely]]
    system_.schedule()->begin_activation();
  const ac_status status = actors_[at]->behavior->run(activation.user, turn_, activation);
  *here_ = outer;
  in_turn_.store(false, std::memory_order_relaxed);  // its driver's own word, and a hint
  if (status != AC_OK && activation.status == AC_OK) activation.status = status;
  if (scratch_.is_used()) [[unlikely]]
    scratch_.reset();
  submit();
  end(activation);
}

bool Worker::run_one(Actor& actor) noexcept {
  be_here();
  lane_.counters.turns.add(1);
  turn_.worker = handle;
  messages_used_ = 0;
  if (!begin(actor, 0)) return false;
  run_activation(0);
  return true;
}

// Runs what this worker was handed, but for what others steal of it meanwhile.
void Worker::run_turn(std::uint32_t count) noexcept {
  lane_.counters.turns.add(1);
  if (count > 1) offer(count);
  const bool keep = std::exchange(may_keep_, count == 1);  // nobody could take it meanwhile
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i == 0 || claim_of(activations_[i]).claim()) run_activation(i);
  }
  may_keep_ = keep;
  if (count > 1) stealable_.store(0, std::memory_order_relaxed);  // a hint
}

void Worker::end_turn() noexcept {
  if (is_pinned_) be_here();  // for the turn that follows too
  if (!is_in_turn()) return;
  if (is_pinned_) *here_ = nullptr;
  in_turn_.store(false, std::memory_order_relaxed);  // its driver's own word, and a hint
  if (stealable_.load(std::memory_order_relaxed) != 0) {
    stealable_.store(0, std::memory_order_relaxed);  // a hint
  }
  if (scratch_.is_used()) [[unlikely]]
    scratch_.reset();
  submit();
  const std::uint32_t count = std::exchange(turn_.count, 0);
  for (std::uint32_t i = 0; i < count; ++i) {
    ac_activation& activation = activations_[i];
    switch (claim_of(activation).take_back()) {
      case Outcome::handled:
        end(activation);
        break;
      case Outcome::not_begun:
        put_back(activation, 0);
        yield(*actors_[i]);
        break;
      case Outcome::stolen:
        break;
    }
  }
}

void Worker::end_oddly(ac_activation& activation, Actor& actor, std::size_t at) noexcept {
  lane_.counters.begun.add(1);  // or what is handled would be over before what comes of it begins
  const std::uint64_t oddness = std::exchange(activation.reserved[0], 0);
  const bool failed = activation.status != AC_OK;
  const bool yields = (activation.flags & AC_ACTIVATION_YIELD) != 0;
  std::uint32_t over = activation.count;
  if (failed) over = std::min(activation.handled, activation.count - 1) + 1;
  if (!failed && yields) over = std::min(activation.handled, activation.count);
  // What is told of an actor's life is told once.
  if (over == 0 && is_synthetic(activation.messages[0])) over = 1;
  Verdict verdict;
  if (failed) verdict = fail(actor, activation, over - 1);
  const bool keeps = !failed || !is_stop(verdict.strategy);
  if ((oddness & odd_reports) != 0) settle_reports(activation, over);
  settle_messages(actor, activation, over);
  if (over < activation.count || (failed && keeps)) {
    keeps ? put_back(activation, over) : bury_rest(activation, over);
  }
  if ((oddness & odd_unstash) != 0) unstash(actor, actor.cell_of()->take_due());
  go_on(actor, at, failed ? &verdict : nullptr, (activation.flags & AC_ACTIVATION_STOP) != 0);
  settle_control(at);
  lane_.counters.ended.add(1);
}

// What comes after an activation that was not like most.
void Worker::go_on(Actor& actor, std::size_t at, const Verdict* verdict, bool stops) noexcept {
  switch (actor.phase) {
    case Phase::restarting:
      return let_go(actor);
    case Phase::stopping:
      return stop_children(actor);
    case Phase::ending:
      return finish(actor);
    default:
      break;
  }
  if (verdict != nullptr) {
    if (apply(actor, *verdict)) yield(actor);
    return;
  }
  enter(actor, Phase::running);
  if (stops) {
    stop(actor, system_.reason_for_stop());
  } else if (controls_[at] != nullptr) {
    obey(actor, at);
  } else {
    yield(actor);
  }
}

// Does what the message says that ended the gathering.
void Worker::obey(Actor& actor, std::size_t at) noexcept {
  const std::uint32_t type = controls_[at]->type;
  if (type == AC_TYPE_RESTART) {
    restart(actor, 0);
  } else {
    Cell* its = type == AC_TYPE_KILL ? actor.cell_of() : nullptr;
    if (its != nullptr) its->is_killed = true;  // without memory for that it is told of its stop
    stop(actor, system_.reason_for_stop());
  }
  settle_control(at);
}

// The message that was obeyed is handled when that is done.
void Worker::settle_control(std::size_t at) noexcept {
  if (controls_[at] == nullptr) return;
  lane_.free(std::exchange(controls_[at], nullptr));
  lane_.counters.handled.add(1);
}

// Frees the first messages, of which the last may have failed, and counts them.
void Worker::settle_messages(Actor& actor, ac_activation& activation,
                             std::uint32_t count) noexcept {
  if (is_seeded_) trace_handled(actor, activation, count);
  const bool failed =
      activation.status != AC_OK && count != 0 && !is_synthetic(activation.messages[count - 1]);
  settle({activation.messages, failed ? count - 1 : count});
  if (!failed) return;
  lane_.failed_in_hand(static_cast<Envelope*>(activation.messages[count - 1]));
  lane_.counters.handled.add(1);
}

// A child whose failure was told and not decided on stops.
void Worker::settle_reports(const ac_activation& activation, std::uint32_t count) noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    const ac_message* message = activation.messages[i];
    if (message->type != AC_TYPE_FAILED) continue;
    ac_failed failed;
    std::memcpy(&failed, message->data, sizeof failed);
    system_.families().decide(failed.actor,
                              AC_SUPERVISE_STOP);  // none is undecided if it was decided on
  }
}

void Worker::bury_rest(ac_activation& activation, std::uint32_t from) noexcept {
  for (std::uint32_t i = from; i < activation.count; ++i) {
    if (is_synthetic(activation.messages[i])) continue;
    lane_.dead_letter(static_cast<Envelope*>(activation.messages[i]), Id{activation.actor.bits},
                      AC_DEAD_FAILED);
  }
}

void Worker::trace_handled(Actor& actor, const ac_activation& activation,
                           std::uint32_t count) noexcept {
  const std::uint64_t id = system_.directory().id_of(actor).without_tag();
  for (std::uint32_t i = 0; i < count; ++i) {
    if (is_synthetic(activation.messages[i])) continue;
    system_.schedule()->trace(id, *static_cast<const Envelope*>(activation.messages[i]));
  }
  if (activation.status != AC_OK) system_.schedule()->trace(Step::failed, id);
}

// Gives the actor up, or queues it behind the others when it has more to do.
void Worker::yield(Actor& actor) noexcept {
  if (actor.pending.first == nullptr && actor.mailbox.release()) {
    // From here on the actor may be anyone's; what was left with it meanwhile must not be lost
    // (M5).
    const std::uint32_t life = actor.life.load(std::memory_order_seq_cst);  // M5, C1
    if ((life & Actor::owes) == 0) [[likely]]
      return;
    if ((life & Actor::timed) != 0) system_.actor_timers().idle(actor);
    if (!actor.has_word() || !actor.mailbox.own()) return;
  }
  requeue(actor, false);
}

// The actor is to run again, after those that are queued here; `next` is for a seeded system.
void Worker::requeue(Actor& actor, bool next) noexcept {
  if (is_seeded_) {
    system_.schedule()->add(actor, next);
    return;
  }
  const bool keep = std::exchange(may_keep_, false);
  enqueue(actor);
  may_keep_ = keep;
  if (std::exchange(notify_due_, false) && dispatcher_.count() > 1) dispatcher_.notify();
}

void Worker::queue_up(Actor& actor) noexcept {
  if (queue_.push(&actor)) {
    notify_due_ = true;
  } else {
    dispatcher_.inject(actor);
  }
}

// -- what a turn sends --------------------------------------------------------------------------

void Worker::refill_outbox() noexcept {
  std::uint32_t filled = 0;
  for (ac_message*& slot : outbox_) {
    if (slot == nullptr) slot = lane_.envelope();
    if (slot == nullptr) break;  // memory is exhausted: a smaller outbox, perhaps an empty one
    ++filled;
  }
  turn_.outbox_capacity = filled;
}

ac_status Worker::flush() noexcept {
  if (is_seeded_) {
    const std::uint32_t sent = std::min(turn_.outbox_count, turn_.outbox_capacity);
    for (std::uint32_t i = 0; i < sent; ++i) {
      auto* envelope = static_cast<Envelope*>(std::exchange(outbox_[i], nullptr));
      if (!system_.schedule()->defer(envelope, false)) {
        return AC_E_NO_MEMORY;
      }
    }
    turn_.outbox_count = 0;
    refill_outbox();
  } else {
    // In the middle of a handler: what it wakes must not wait for its end.
    const bool keep = std::exchange(may_keep_, false);
    submit();
    may_keep_ = keep;
  }
  return turn_.outbox_capacity == 0 ? AC_E_NO_MEMORY : AC_OK;
}

void Worker::send(Envelope* envelope) noexcept {
  if (turn_.outbox_count >= turn_.outbox_capacity) flush();
  if (turn_.outbox_capacity == 0) {
    lane_.counters.accepted.add(1);
    lane_.dead_letter(envelope, Id{envelope->to.bits}, AC_DEAD_NO_MEMORY);
    return;
  }
  lane_.recycle(static_cast<Envelope*>(std::exchange(outbox_[turn_.outbox_count++], envelope)));
}

ac_status Worker::fail(std::uint32_t activation, std::uint32_t message, ac_status status,
                       std::string_view text) noexcept {
  if (!is_in_turn() || activation >= turn_.count) return AC_E_INVALID_ARGUMENT;
  const std::uint32_t at = running_.load(std::memory_order_relaxed) + activation;  // our own
  ac_activation& failed = activations_[at];
  if (message >= failed.count || status > 0) return AC_E_INVALID_ARGUMENT;
  failed.status = status == AC_OK ? AC_E_HANDLER : status;
  failed.handled = message;
  try {
    failure_texts_[at].assign(text.substr(0, sizeof(ac_failure::text)));
  } catch (const std::bad_alloc&) {
    failure_texts_[at].clear();  // the failure itself is still reported
  }
  return AC_OK;
}

}  // namespace actorcore::runtime
