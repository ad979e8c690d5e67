#include "runtime/worker.h"

#include <algorithm>
#include <cstring>

#include "base/clock.h"
#include "runtime/behavior.h"
#include "runtime/schedule.h"
#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

thread_local Worker* current_worker = nullptr;

}  // namespace

WorkerTable& workers() {
  static WorkerTable* const table = new WorkerTable;  // never unmapped
  return *table;
}

Worker* Worker::current() noexcept { return current_worker; }
void Worker::set_current(Worker* worker) noexcept { current_worker = worker; }

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
  started_.type = AC_TYPE_STARTED;
  stopped_.type = AC_TYPE_STOPPED;
  refill_outbox();
}

// -- one activation -----------------------------------------------------------------------------

bool Worker::run_one(Actor& actor) noexcept {
  lane_.counters.turns.add(1);
  turn_.worker = handle;
  messages_used_ = 0;
  if (!begin(actor, 0)) return false;
  run_activation(0);
  return true;
}

void Worker::run_activation(std::uint32_t at) noexcept {
  ac_activation& activation = activations_[at];
  turn_.activations = &activation;
  turn_.count = 1;
  turn_.outbox_count = 0;
  in_turn_ = true;
  running_ = at;
  Worker* const outer = std::exchange(current_worker, this);
  if (is_seeded_) system_.schedule()->begin_activation();
  const ac_status status = actors_[at]->behavior->run(activation.user, turn_, activation);
  current_worker = outer;
  in_turn_ = false;
  if (status != AC_OK && activation.status == AC_OK) activation.status = status;
  submit();
  end(activation);
}

void Worker::end(ac_activation& activation) noexcept {
  const auto at = static_cast<std::size_t>(&activation - activations_.data());
  Actor& actor = *actors_[at];
  const bool failed = activation.status != AC_OK;
  const bool told = activation.count != 0 && activation.messages[activation.count - 1] == &stopped_;
  const bool was_starting = actor.phase == Phase::starting;
  actor.phase = actor.phase == Phase::starting ? Phase::running : actor.phase;
  // Before the failure is told: who asks again because of it must not find the actor.
  if (failed) actor.life.fetch_and(~Actor::alive, std::memory_order_acq_rel);  // K3
  settle_messages(actor, activation);
  if (was_starting) lane_.counters.ended.add(1);
  if (actor.phase == Phase::ending) {
    finish(actor);
    lane_.counters.ended.add(1);
  } else if (failed) {
    lane_.counters.crashed.add(1);
    stop(actor, AC_DEAD_FAILED);
  } else if (stops_[at] != nullptr && told) {
    actor.spawn_flags &= ~static_cast<std::uint32_t>(AC_SPAWN_STOPPED);  // it has been told
    stop(actor, system_.reason_for_stop());
  } else if (stops_[at] != nullptr || (activation.flags & AC_ACTIVATION_STOP) != 0) {
    stop(actor, system_.reason_for_stop());
  } else {
    yield(actor);
  }
  settle_stop(at);
  lane_.run_dropped();
}

// The message that stopped the actor is handled when the actor has stopped.
void Worker::settle_stop(std::size_t at) noexcept {
  if (stops_[at] == nullptr) return;
  lane_.free(std::exchange(stops_[at], nullptr));
  lane_.counters.handled.add(1);
}

// Frees what was handled, and counts it.
void Worker::settle_messages(Actor& actor, ac_activation& activation) noexcept {
  const std::uint32_t count = activation.count;
  const bool failed = activation.status != AC_OK;
  std::uint32_t handled = count;
  if (failed) {
    const std::uint32_t index = std::min(activation.handled, count - 1);
    report_failure(actor, activation, index);
    handled = index + 1;
  }
  if (is_seeded_) trace_handled(actor, activation, handled);
  std::uint64_t messages = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (is_synthetic(activation.messages[i])) continue;
    auto* envelope = static_cast<Envelope*>(activation.messages[i]);
    if (i >= handled) {
      lane_.dead_letter(envelope, Id{activation.actor.bits}, AC_DEAD_FAILED);
      continue;
    }
    ++messages;
    if (failed && i + 1 == handled) [[unlikely]] {
      lane_.failed_in_hand(envelope);
    } else {
      lane_.free(envelope);
    }
  }
  lane_.counters.handled.add(messages);
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

void Worker::report_failure(Actor& actor, const ac_activation& activation,
                            std::uint32_t index) noexcept {
  if (!is_synthetic(activation.messages[index])) lane_.counters.failed.add(1);
  std::string& told = failure_texts_[static_cast<std::size_t>(&activation - activations_.data())];
  std::string_view text = told;
  if (text.empty() && actor.behavior != nullptr) text = actor.behavior->name();
  system_.report_failure(lane_, actor, activation.actor, activation.status,
                         activation.messages[index]->type, text);
  told.clear();
}

// The actor takes no more messages; what it has left is dead. It ends now, or once it was told.
void Worker::stop(Actor& actor, std::uint32_t reason) noexcept {
  const Id id = system_.directory().id_of(actor);
  // Whoever looks the id up from here on finds nobody; who had found it already is refused by the
  // mailbox.
  constexpr std::uint32_t flags = Actor::alive | Actor::stop_asked | Actor::requested;
  const std::uint32_t was = actor.life.fetch_and(~flags, std::memory_order_acq_rel) & flags;  // K3
  if (actor.has_name) system_.directory().remove_name(id);
  if (is_seeded_) system_.schedule()->trace(Step::stopped, id.without_tag());
  const bool was_starting = actor.phase == Phase::starting;
  lane_.dead_letters(std::exchange(actor.pending, {}), actor.slot, reason);
  const bool tell =
      (actor.spawn_flags & AC_SPAWN_STOPPED) != 0 && !system_.is_orphaned(dispatcher_);
  if (tell) {
    lane_.counters.begun.add(1);
    actor.phase = Phase::ending;
  }
  lane_.dead_letters(actor.mailbox.close(), actor.slot, reason);
  if ((was & Actor::requested) != 0) {
    system_.asks().fail_held(lane_, id, system_.is_stopping() ? AC_E_STOPPED : AC_E_NO_REPLY);
  }
  if (was_starting) lane_.counters.ended.add(1);
  if (!tell) {
    finish(actor);
  } else if (is_seeded_) {
    system_.schedule()->add(actor, true);
  } else {
    enqueue(actor);
    if (notify_due_) dispatcher_.notify();
  }
  if ((was & Actor::stop_asked) != 0) lane_.counters.ended.add(1);
  lane_.run_dropped();
}

void Worker::finish(Actor& actor) noexcept {
  if (actor.behavior != nullptr) {
    Worker* const outer = std::exchange(current_worker, this);
    actor.behavior->destroy(actor.user);
    current_worker = outer;
  }
  actor.phase = Phase::running;
  system_.directory().give(slots(), actor);
  lane_.counters.stopped.add(1);
}

// Gives the actor up, or queues it behind the others when it has more to do.
void Worker::yield(Actor& actor) noexcept {
  if (actor.pending.first == nullptr && actor.mailbox.release()) {
    // From here on the actor may be anyone's; a stop that was asked for meanwhile must not be lost
    // (M5).
    if (!actor.is_stop_asked() || !actor.mailbox.own()) return;
  }
  if (is_seeded_) {
    system_.schedule()->add(actor);
    return;
  }
  const bool keep = std::exchange(may_keep_, false);
  enqueue(actor);
  may_keep_ = keep;
  if (std::exchange(notify_due_, false) && dispatcher_.count() > 1) dispatcher_.notify();
}

void Worker::enqueue(Actor& actor) noexcept {
  Actor* queued = &actor;
  if (may_keep_) queued = std::exchange(lifo_, queued);
  if (queued == nullptr) return;
  if (queue_.push(queued)) {
    notify_due_ = true;
  } else {
    dispatcher_.inject(*queued);
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

void Worker::submit() noexcept {
  const std::uint32_t sent = std::min(turn_.outbox_count, turn_.outbox_capacity);
  turn_.outbox_count = 0;
  if (is_seeded_) {
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
  lane_.free(static_cast<Envelope*>(std::exchange(outbox_[turn_.outbox_count++], envelope)));
}

ac_status Worker::fail(std::uint32_t activation, std::uint32_t message, ac_status status,
                       std::string_view text) noexcept {
  if (!in_turn_ || activation >= turn_.count) return AC_E_INVALID_ARGUMENT;
  const std::uint32_t at = running_ + activation;
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
