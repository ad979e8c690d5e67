// The part of Worker about an actor's life: what it is told first and last, failures, restarts and
// stops.
#include <algorithm>
#include <utility>

#include "runtime/behavior.h"
#include "runtime/cell.h"
#include "runtime/schedule.h"
#include "runtime/system.h"
#include "runtime/worker.h"

namespace actorcore::runtime {
namespace {

Cell* cell(Actor& actor) noexcept { return actor.cell.load(std::memory_order_acquire); }  // A2

}  // namespace

// -- phases -------------------------------------------------------------------------------------

// Every phase but `running` is work under way.
void Worker::enter(Actor& actor, Phase phase) noexcept {
  const bool was_running = std::exchange(actor.phase, phase) == Phase::running;
  if (was_running && phase != Phase::running) lane_.counters.begun.add(1);
  if (!was_running && phase == Phase::running) lane_.counters.ended.add(1);
}

// What the actor's life wants before its mailbox has its turn: `first` comes first, and alone when
// `only` says so. False when the actor has no activation now.
bool Worker::live(Actor& actor, ac_message*& first, bool& only) noexcept {
  if (actor.is_asked() && !heed(actor)) return false;
  if (actor.phase == Phase::waiting) {
    end_wait(actor);
    return false;
  }
  only = actor.phase != Phase::running && actor.phase != Phase::starting &&
         actor.phase != Phase::restarted;
  if (actor.phase != Phase::running) first = &synthetic_[static_cast<std::size_t>(actor.phase)];
  return true;
}

// Does what others asked of the actor; false when it has no activation now.
bool Worker::heed(Actor& actor) noexcept {
  const std::uint32_t word = actor.life.load(std::memory_order_acquire);
  if ((word & Actor::signalled) == 0) return stop(actor, system_.reason_for_stop()), false;
  // The bit first, so that a signal that comes now is heard the next time.
  actor.life.fetch_and(~Actor::signalled, std::memory_order_seq_cst);  // C1
  Cell& its = *cell(actor);
  const std::uint32_t signals = its.take_signals(actor.generation());
  if ((signals & signal_kill) != 0) its.is_killed = true;
  const bool stops = (signals & signal_kill) != 0 || (word & Actor::stop_asked) != 0;
  if (stops) stop(actor, system_.reason_for_stop());
  const bool goes_on = !stops && heed(actor, its, signals);
  lane_.counters.ended.add(1);
  return goes_on;
}

bool Worker::heed(Actor& actor, Cell& its, std::uint32_t signals) noexcept {
  const bool waits = actor.phase == Phase::waiting;
  const bool is_undecided = waits && its.wait == Pause::decision;
  if ((signals & signal_stop) != 0) return apply(actor, {AC_SUPERVISE_STOP, 0});
  if ((signals & (signal_exit | signal_escalated)) != 0 && !waits) {
    return fail_for_another(actor, (signals & signal_escalated) != 0);
  }
  // One that waits for its restart is about to start as it is.
  if ((signals & signal_restart) != 0 && (is_undecided || actor.phase == Phase::running)) {
    return apply(actor, {AC_SUPERVISE_RESTART, its.delay_ns.load(std::memory_order_relaxed)});
  }
  if ((signals & signal_resume) != 0 && is_undecided) {
    return apply(actor, {AC_SUPERVISE_RESUME, 0});
  }
  if ((signals & signal_backoff_over) != 0 && waits && its.wait == Pause::backoff) {
    its.timer = {};
    return start_again(actor), false;
  }
  return true;
}

// The actor sleeps until someone unparks it.
void Worker::wait_for(Actor& actor, Pause what) noexcept {
  enter(actor, Phase::waiting);
  Cell& its = *cell(actor);
  its.wait = what;
  its.parked.store(true, std::memory_order_seq_cst);  // C1
  // What came before it slept woke nobody.
  const bool is_over =
      actor.is_asked() || (what == Pause::children && !system_.families().has_children(actor));
  if (is_over && its.unpark()) requeue(actor, true);
}

// Someone unparked it: goes on, or sleeps again.
void Worker::end_wait(Actor& actor) noexcept {
  Cell& its = *cell(actor);
  if (its.wait != Pause::children || system_.families().has_children(actor)) {
    wait_for(actor, its.wait);
  } else if ((actor.life.load(std::memory_order_relaxed) & Actor::alive) != 0) {  // ours
    wait_for_backoff(actor);
  } else {
    say_farewell(actor);
  }
}

// -- failures -----------------------------------------------------------------------------------

// A handler failed at the message: what that leads to. Whoever hears of it and asks again must not
// find an actor that stops.
Verdict Worker::fail(Actor& actor, const ac_activation& activation, std::uint32_t index) noexcept {
  if (!is_synthetic(activation.messages[index])) lane_.counters.failed.add(1);
  std::string& told = failure_texts_[static_cast<std::size_t>(&activation - activations_.data())];
  std::string_view text = told;
  if (text.empty() && actor.behavior != nullptr) text = actor.behavior->name();
  const ac_failed failure = system_.record_failure(
      {activation.actor, activation.status, activation.messages[index]->type, 0}, text);
  told.clear();
  const bool is_over = actor.phase == Phase::restarting || actor.phase == Phase::stopping ||
                       actor.phase == Phase::ending;
  if (is_over) return {AC_SUPERVISE_RESUME, 0};  // it goes on to its end all the same
  return judge(actor, failure);
}

Verdict Worker::judge(Actor& actor, const ac_failed& failure) noexcept {
  const Verdict verdict = system_.families().judge(actor, failure);
  if (is_stop(verdict.strategy)) {
    actor.life.fetch_and(~Actor::alive, std::memory_order_seq_cst);  // K3, C2
  }
  const bool is_told =
      verdict.strategy == AC_SUPERVISE_DEFAULT || verdict.strategy == AC_SUPERVISE_DECIDE;
  if (is_told && actor.supervisor.bits != 0) {
    system_.tell_library(lane_, actor.supervisor, AC_TYPE_FAILED, 0, &failure, sizeof failure);
  }
  return verdict;
}

// A child's failure that was escalated, or a linked actor's, is the actor's own.
bool Worker::fail_for_another(Actor& actor, bool is_childs) noexcept {
  ac_failed failure{system_.directory().id_of(actor).handle(), AC_E_FAILED, 0, 0};
  if (actor.phase == Phase::starting) cell(actor)->is_new = true;
  if (is_childs) {
    const ac_failed its = system_.families().escalated(actor);
    failure.status = its.status;
    failure.type = its.type;
  }
  failure = system_.record_failure(
      failure, is_childs ? "a child's failure was escalated" : "a linked actor failed");
  return apply(actor, judge(actor, failure));
}

// What a failure leads to for the actor itself; false when it has no activation now, and may be
// anyone's.
bool Worker::apply(Actor& actor, const Verdict& verdict) noexcept {
  if (is_stop(verdict.strategy)) {
    lane_.counters.crashed.add(1);
    actor.has_failed = true;
    stop(actor, AC_DEAD_FAILED);
  } else if (restarts(verdict.strategy)) {
    restart(actor, verdict.delay_ns);
  } else if (verdict.strategy == AC_SUPERVISE_RESUME) {
    enter(actor, take_new(actor) ? Phase::starting : Phase::running);
    system_.families().settle_undecided(actor, signal_resume);
    return true;
  } else {
    wait_for(actor, Pause::decision);
  }
  return false;
}

// -- restarts -----------------------------------------------------------------------------------

void Worker::restart(Actor& actor, std::uint64_t delay_ns) noexcept {
  Cell* its = actor.cell_of();
  if (its == nullptr) return stop(actor, AC_DEAD_NO_MEMORY);
  enter(actor, Phase::restarting);
  its->restart_at_ns = delay_ns == 0 ? 0 : deadline_after(system_.clock().now(), delay_ns);
  if (is_seeded_) {
    system_.schedule()->trace(Step::restarted, system_.directory().id_of(actor).without_tag());
  }
  if ((actor.spawn_flags & AC_SPAWN_RESTARTING) != 0 && !its->is_new) {
    requeue(actor, true);
  } else {
    let_go(actor);
  }
}

// What goes with a restart.
void Worker::let_go(Actor& actor) noexcept {
  if ((actor.life.load(std::memory_order_acquire) & Actor::timed) != 0) {  // T1
    system_.actor_timers().cancel_all(system_.directory().id_of(actor), true);
  }
  unbecome_all(actor);
  unstash(actor, UINT64_MAX);
  const bool keeps = (actor.spawn_flags & AC_SPAWN_KEEP_CHILDREN) != 0;
  if (!keeps && system_.families().stop_children(actor, false)) {
    wait_for(actor, Pause::children);
  } else {
    wait_for_backoff(actor);
  }
}

void Worker::wait_for_backoff(Actor& actor) noexcept {
  Cell& its = *cell(actor);
  if (its.restart_at_ns > system_.clock().now()) {
    its.timer = system_.families().wake_at(its.restart_at_ns, actor);
    if (its.timer.number != 0) return wait_for(actor, Pause::backoff);
  }
  start_again(actor);
}

void Worker::start_again(Actor& actor) noexcept {
  system_.families().open(actor);
  system_.families().settle_undecided(actor, signal_restart);  // of those that were kept
  const bool is_told = (actor.spawn_flags & AC_SPAWN_RESTARTED) != 0;
  enter(actor, take_new(actor) ? Phase::starting : is_told ? Phase::restarted : Phase::running);
  requeue(actor, true);
}

// Has the actor yet to hear that it started? It does, whatever became of it before.
bool Worker::take_new(Actor& actor) noexcept {
  Cell* its = cell(actor);
  return its != nullptr && std::exchange(its->is_new, false);
}

// -- stops --------------------------------------------------------------------------------------

// The actor takes no more messages; what it has left is dead. It ends now, or once it was told and
// its children have ended.
void Worker::stop(Actor& actor, std::uint32_t reason) noexcept {
  const Id id = system_.directory().id_of(actor);
  // Whoever looks the id up from here on finds nobody; who had found it already is refused by the
  // mailbox.
  constexpr std::uint32_t flags =
      Actor::alive | Actor::asked | Actor::requested | Actor::timed | Actor::listed;
  const std::uint32_t was =
      actor.life.fetch_and(~flags, std::memory_order_seq_cst) & flags;  // A3, K3, T1, C2
  if ((was & Actor::listed) != 0) {
    lane_.run_dropped();  // what failed in hand is known to have failed before its consumer is gone
    system_.forget(lane_, id);
  }
  if (is_seeded_) system_.schedule()->trace(Step::stopped, id.without_tag());
  enter(actor, Phase::stopping);
  Cell* its = actor.cell.load(std::memory_order_seq_cst);  // C2
  if (its != nullptr) {
    system_.timers().cancel(std::exchange(its->timer, {}));
    unbecome_all(actor);
    unstash(actor, UINT64_MAX);
  }
  lane_.dead_letters(std::exchange(actor.pending, {}), actor.slot, reason);
  lane_.dead_letters(actor.mailbox.close(), actor.slot, reason);
  lane_.close_inbox(actor, reason);
  if ((was & Actor::requested) != 0) {
    system_.asks().fail_held(lane_, id, system_.is_stopping() ? AC_E_STOPPED : AC_E_NO_REPLY);
  }
  if ((was & Actor::timed) != 0) system_.actor_timers().cancel_all(id);  // T1
  const bool is_told = !system_.is_orphaned(dispatcher_) && !is_killed(actor);
  if (is_told && (actor.spawn_flags & AC_SPAWN_STOPPING) != 0) {
    requeue(actor, true);
  } else {
    stop_children(actor);
  }
  if ((was & Actor::stop_asked) != 0) lane_.counters.ended.add(1);
  if ((was & Actor::signalled) != 0) lane_.counters.ended.add(1);
  lane_.run_dropped();
}

bool Worker::is_killed(Actor& actor) noexcept {
  const Cell* its = cell(actor);
  return its != nullptr && its->is_killed;
}

// Does it get its STOPPED? For want of a destroy, a killed actor of an attached dispatcher does
// too.
bool Worker::is_told_last(Actor& actor) const noexcept {
  return !system_.is_orphaned(dispatcher_) && (actor.behavior == nullptr || !is_killed(actor));
}

void Worker::stop_children(Actor& actor) noexcept {
  Cell* its = cell(actor);
  if (its != nullptr && system_.families().stop_children(actor, its->is_killed)) {
    wait_for(actor, Pause::children);
  } else {
    say_farewell(actor);
  }
}

void Worker::say_farewell(Actor& actor) noexcept {
  if (is_told_last(actor) && (actor.spawn_flags & AC_SPAWN_STOPPED) != 0) {
    enter(actor, Phase::ending);
    requeue(actor, true);
  } else {
    finish(actor);
  }
}

void Worker::finish(Actor& actor) noexcept {
  if (actor.behavior != nullptr) {
    Worker* const outer = current();
    set_current(this);
    actor.behavior->destroy(actor.user);
    set_current(outer);
  }
  Actor* last_of = nullptr;
  if (Cell* its = cell(actor)) {
    if (its->supervisor.load(std::memory_order_relaxed) != nullptr) {  // ours
      last_of = system_.families().leave(actor);
    }
    its->reset();
  }
  system_.watches().tell(lane_, actor,
                         actor.has_failed        ? AC_E_FAILED
                         : system_.is_stopping() ? AC_E_STOPPED
                                                 : AC_OK);
  actor.has_failed = false;
  const Phase was = std::exchange(actor.phase, Phase::running);
  system_.directory().give(slots(), actor);
  lane_.counters.stopped.add(1);
  if (last_of != nullptr) lane_.wake(*last_of);
  if (was != Phase::running) lane_.counters.ended.add(1);
}

// -- behaviors and the stash --------------------------------------------------------------------

void Worker::unbecome_all(Actor& actor) noexcept {
  Cell* its = cell(actor);
  if (its == nullptr || its->below.empty()) return;
  actor.behavior = its->below.front();
  its->below.clear();
}

// Puts the oldest of the stash back in front of the mailbox.
void Worker::unstash(Actor& actor, std::uint64_t most) noexcept {
  Cell* its = cell(actor);
  if (its == nullptr || its->stashed == 0) return;
  const Chain<Envelope> all = its->stash;
  Envelope* last = all.first;
  std::uint32_t count = 1;
  for (; last != all.last && count < most; ++count) last = last->next();
  its->stash = last == all.last ? Chain<Envelope>{} : Chain<Envelope>{last->next(), all.last};
  its->stashed -= count;
  lane_.counters.pushed.add(count);
  last->address(last->generation());  // nothing follows it, but what follows now
  actor.prepend({all.first, last});
  lane_.counters.unstashed.add(count);
}

ac_status Worker::stash(std::uint32_t activation, std::uint32_t message) noexcept {
  if (!in_turn_ || activation >= turn_.count) return AC_E_INVALID_ARGUMENT;
  ac_activation& in = activations_[running_ + activation];
  if (message >= in.count || is_synthetic(in.messages[message])) return AC_E_INVALID_ARGUMENT;
  Actor& actor = *actors_[running_ + activation];
  Cell* its = actor.cell_of();
  if (its == nullptr) return AC_E_NO_MEMORY;
  if (its->stashed == its->stash_max) return AC_E_FULL;
  auto* envelope = static_cast<Envelope*>(std::exchange(in.messages[message], synthetic_.data()));
  envelope->address(actor.generation());
  if (its->stashed++ == 0) {
    its->stash.first = envelope;
  } else {
    its->stash.last->set_next(envelope);
  }
  its->stash.last = envelope;
  lane_.counters.stashed.add(1);
  return AC_OK;
}

ac_status Worker::ask_unstash(std::uint32_t activation, std::uint64_t most) noexcept {
  if (!in_turn_ || activation >= turn_.count) return AC_E_INVALID_ARGUMENT;
  Cell* its = cell(*actors_[running_ + activation]);
  if (its == nullptr || its->stashed == 0) return AC_OK;
  const std::uint64_t room = UINT64_MAX - its->unstash_due;
  its->unstash_due += most == 0 ? room : std::min(most, room);
  activations_[running_ + activation].reserved[0] |= odd_unstash;
  return AC_OK;
}

ac_status Worker::become(std::uint32_t activation, const Behavior& behavior,
                         bool replaces) noexcept {
  if (!in_turn_ || activation >= turn_.count) return AC_E_INVALID_ARGUMENT;
  Actor& actor = *actors_[running_ + activation];
  if (actor.behavior == nullptr) return AC_E_WRONG_MODE;
  Cell* its = actor.cell_of();
  if (its == nullptr) return AC_E_NO_MEMORY;
  // The one that it was spawned with stays below, for its destroy and for a restart.
  if (!replaces || its->below.empty()) {
    if (its->below.size() == behaviors_stacked_max) return AC_E_LIMIT;
    try {
      its->below.push_back(actor.behavior);
    } catch (const std::bad_alloc&) {
      return AC_E_NO_MEMORY;
    }
  }
  actor.behavior = &behavior;
  return AC_OK;
}

ac_status Worker::unbecome(std::uint32_t activation) noexcept {
  if (!in_turn_ || activation >= turn_.count) return AC_E_INVALID_ARGUMENT;
  Actor& actor = *actors_[running_ + activation];
  if (actor.behavior == nullptr) return AC_E_WRONG_MODE;
  Cell* its = cell(actor);
  if (its == nullptr || its->below.empty()) return AC_E_NOT_FOUND;
  actor.behavior = its->below.back();
  its->below.pop_back();
  return AC_OK;
}

}  // namespace actorcore::runtime
