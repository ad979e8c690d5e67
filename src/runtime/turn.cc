// The part of Worker that finds work, waits for it, and hands it over.
#include <algorithm>
#include <cstring>

#include "base/clock.h"
#include "runtime/claim.h"
#include "runtime/schedule.h"
#include "runtime/system.h"
#include "runtime/worker.h"

namespace actorcore::runtime {
namespace {

// 0 polls, and for ever is for ever: neither is worth a look at the clock, which costs a third of
// a message.
std::uint64_t end_of_wait(std::uint64_t timeout_ns) noexcept {
  if (timeout_ns == 0 || timeout_ns == AC_TIMEOUT_NEVER) return timeout_ns;
  return deadline_after(Clock::monotonic(), timeout_ns);
}

}  // namespace

// -- finding work -------------------------------------------------------------------------------

Actor* Worker::next() noexcept {
  const std::uint64_t activations = lane_.counters.activations.get();
  if (activations >= look_at_) {
    // A turn begins that many at once without another look.
    look_at_ = activations + dispatcher_.options().fairness - (gathered_at_once - 1);
    if (Actor* actor = take_injected()) return actor;
  }
  if (Actor* actor = take_local()) return actor;
  return take_injected();
}

Actor* Worker::take_local() noexcept {
  // What was woken last is still warm, but it must not keep the others waiting for ever.
  if (lifo_ != nullptr && lifo_streak_ < lifo_streak_max) {
    ++lifo_streak_;
    return std::exchange(lifo_, nullptr);
  }
  lifo_streak_ = 0;
  if (Actor* actor = queue_.pop()) return actor;
  return std::exchange(lifo_, nullptr);
}

Actor* Worker::take_injected() noexcept {
  if (!dispatcher_.has_injected()) return nullptr;
  // A fair share, so that the others find something too.
  Actor* taken[32];
  const std::uint32_t count = dispatcher_.take_injected(taken, dispatcher_.count() > 1 ? 8 : 32);
  if (count == 0) return nullptr;
  for (std::uint32_t i = 1; i < count; ++i) {
    if (!queue_.push(taken[i])) dispatcher_.inject(*taken[i]);
  }
  if (count > 1 && dispatcher_.count() > 1) dispatcher_.notify();
  return taken[0];
}

// What is found with another worker of the dispatcher: from a random one on, those of this node
// first, for what they have is in memory that is near.
template <class Take>
auto Worker::try_others(Take&& take) noexcept {
  decltype(take(*this)) found{};
  const std::uint32_t places = dispatcher_.places();
  if (places < 2) return found;
  const std::uint32_t node = node_.load(std::memory_order_relaxed);  // a hint
  const auto start = static_cast<std::uint32_t>(random_.below(places));
  for (const bool is_near : {true, false}) {
    for (std::uint32_t i = 0; i < places; ++i) {
      Worker* victim = dispatcher_.worker((start + i) % places);
      if (victim == nullptr || victim == this) continue;
      if ((victim->node_.load(std::memory_order_relaxed) == node) != is_near) continue;  // a hint
      found = take(*victim);
      if (found) return found;
    }
  }
  return found;
}

Actor* Worker::steal() noexcept {
  return try_others([this](Worker& victim) { return steal_from(victim); });
}

Actor* Worker::steal_from(Worker& victim) noexcept {
  Actor* taken[run_queue_slots / 2];
  const std::uint32_t count = victim.queue_.steal(taken, run_queue_slots / 2);
  if (count == 0) return nullptr;
  lane_.counters.stolen.add(count);
  for (std::uint32_t k = 1; k < count; ++k) {
    if (!queue_.push(taken[k])) dispatcher_.inject(*taken[k]);
  }
  return taken[0];
}

// Takes an activation that a busy worker was handed and has not begun.
bool Worker::steal_activation() noexcept {
  return try_others([this](Worker& victim) { return steal_activation_from(victim); });
}

bool Worker::steal_activation_from(Worker& victim) noexcept {
  // From the end that their worker comes to last.
  for (std::uint32_t i = victim.stealable_.load(std::memory_order_acquire); i > 0; --i) {
    ac_activation& theirs = victim.activations_[i];
    if (!claim_of(theirs).steal()) continue;
    ac_activation& ours = activations_[0];
    ours.actor = theirs.actor;
    ours.user = theirs.user;
    ours.count = theirs.count;
    ours.handled = 0;
    ours.flags = theirs.flags;
    ours.reserved[0] = theirs.reserved[0];
    ours.status = AC_OK;
    ours.messages = messages_.data();
    std::copy(theirs.messages, theirs.messages + theirs.count, ours.messages);
    // Each worker has its own STARTED and the like, which come first.
    if (victim.is_synthetic(ours.messages[0])) {
      ours.messages[0] = &synthetic_[static_cast<std::size_t>(victim.actors_[i]->phase)];
    }
    actors_[0] = victim.actors_[i];
    controls_[0] = victim.controls_[i];
    messages_used_ = ours.count;
    claim_of(theirs).stolen();
    claim_of(ours).keep();
    lane_.counters.stolen.add(1);
    return true;
  }
  return false;
}

Worker::Found Worker::find() noexcept {
  if (Actor* actor = take_local()) return {actor, false};
  if (Actor* actor = take_injected()) return {actor, false};
  if (Actor* actor = steal()) return {actor, false};
  return {};
}

// Also what another worker was handed and has not begun. The last resort: it is warm there, and the
// rest of a turn is worth moving only where a handler takes long.
Worker::Found Worker::find_anything() noexcept {
  if (Found found = find()) return found;
  return {nullptr, dispatcher_.mode() != AC_DISPATCHER_CALLER && steal_activation()};
}

bool Worker::is_interrupted() const noexcept {
  return woken_.load(std::memory_order_acquire) || system_.is_ended();
}

Worker::Found Worker::spin(std::uint64_t deadline_ns) noexcept {
  const std::uint64_t spin_ns = dispatcher_.options().spin_ns;
  if (spin_ns == AC_SPIN_NONE || deadline_ns == 0 || !dispatcher_.begin_search()) return {};
  const std::uint64_t end = std::min(deadline_after(Clock::monotonic(), spin_ns), deadline_ns);
  Found found;
  do {
    for (int i = 0; i < 4 && !found; ++i) {
      for (int k = 0; k < 8; ++k) relax();
      found = find();
    }
  } while (!found && !is_interrupted() && Clock::monotonic() < end);
  // The last one to find something wakes a successor, for there may be more.
  if (dispatcher_.end_search() && found) dispatcher_.notify();
  return found;
}

// Waits for work; neither when woken, ended, or at the deadline (monotonic ns; 0 polls).
Worker::Found Worker::wait(std::uint64_t deadline_ns) noexcept {
  for (;;) {
    if (Found found = find()) return found;
    if (is_interrupted()) return {};
    if (Found found = spin(deadline_ns)) return found;
    const std::uint32_t ticket = dispatcher_.parker().prepare();
    Found found = find_anything();
    if (found || is_interrupted() || deadline_ns == 0 ||
        (deadline_ns != UINT64_MAX && Clock::monotonic() >= deadline_ns)) {
      dispatcher_.parker().cancel();
      if (!found) system_.outside_changed();
      return found;
    }
    lane_.counters.parks.add(1);
    system_.outside_changed();  // perhaps the system is quiet now
    usage_.park();
    dispatcher_.parker().commit(ticket, deadline_ns);
    usage_.unpark();
  }
}

// -- the three ways to run ----------------------------------------------------------------------

void Worker::run() {
  be_here();
  turn_.worker = handle;
  if (system_.share() == nullptr) {
    while (!system_.is_ended()) run_next();
  } else {
    meter_.start();
    while (!system_.is_ended()) {
      run_next();
      rest(UINT64_MAX);
    }
  }
}

inline void Worker::run_next() {
  Found found{next(), false};
  if (!found) found = wait(UINT64_MAX);
  if (found.activation) {
    run_turn(1);
  } else if (found.actor != nullptr) {
    if (const std::uint32_t count = collect(*found.actor)) run_turn(count);
  }
}

// Rests if the system has had its share of the machine; false when a wake, the end or the deadline
// came first.
bool Worker::rest(std::uint64_t deadline_ns) noexcept {
  CpuShare& share = *system_.share();
  const std::uint64_t until = meter_.charge(share);
  if (until == 0) return true;
  system_.outside_changed();  // perhaps the system is quiet now
  usage_.park();
  share.rest(std::min(until, deadline_ns), [this] { return is_interrupted(); });
  usage_.unpark();
  return until <= deadline_ns && !is_interrupted();
}

ac_status Worker::run_some(std::uint64_t timeout_ns, std::uint64_t most,
                           std::uint64_t& ran) noexcept {
  ran = 0;
  if (system_.is_ended()) return AC_E_STOPPED;
  if (most == 0) most = UINT64_MAX;
  if (is_seeded_) {
    ran = system_.schedule()->step(*this, timeout_ns, most);
    return ran == 0 ? AC_E_TIMEOUT : AC_OK;
  }
  const std::uint64_t deadline = end_of_wait(timeout_ns);
  while (ran < most) {
    Actor* actor = next();
    if (actor == nullptr) actor = wait(ran == 0 ? deadline : 0).actor;
    if (actor == nullptr) break;
    if (run_one(*actor)) ++ran;
  }
  if (ran != 0 || woken_.exchange(false, std::memory_order_acq_rel)) return AC_OK;
  return system_.is_ended() ? AC_E_STOPPED : AC_E_TIMEOUT;
}

ac_status Worker::turn(std::uint64_t timeout_ns, ac_turn** out) noexcept {
  end_turn();
  *out = &turn_;
  turn_.worker = handle;
  const std::uint64_t deadline = end_of_wait(timeout_ns);
  bool may_look = true;
  if (is_unusual_) [[unlikely]] {
    messages_used_ = 0;
    if (is_seeded_ && system_.schedule()->advance(*this, deadline)) {
      hand_over(1);
      return AC_OK;
    }
    may_look = !is_seeded_ && rest(deadline);
  }
  while (may_look) {
    Found found{next(), false};
    if (!found) found = wait(deadline);
    if (!found) break;
    if (found.activation) {
      hand_over(1);
      return AC_OK;
    }
    if (const std::uint32_t count = collect(*found.actor)) {
      hand_over(count);
      return AC_OK;
    }
  }
  if (woken_.exchange(false, std::memory_order_acq_rel)) return AC_OK;
  return system_.is_ended() ? AC_E_STOPPED : AC_E_TIMEOUT;
}

// Lets other workers take all activations but the first.
void Worker::offer(std::uint32_t count) noexcept {
  for (std::uint32_t i = 1; i < count; ++i) claim_of(activations_[i]).offer();
  if (dispatcher_.count() == 1) return;
  stealable_.store(count - 1, std::memory_order_release);
  dispatcher_.notify();
}

void Worker::hand_over(std::uint32_t count) noexcept {
  lane_.counters.turns.add(1);
  turn_.activations = activations_.data();
  turn_.count = count;
  turn_.outbox_count = 0;
  running_.store(0, std::memory_order_relaxed);     // published by in_turn_, W3
  in_turn_.store(true, std::memory_order_release);  // W3
  if (count > 1) offer(count);
  if (is_seeded_) system_.schedule()->begin_activation();
  if (is_pinned_) *here_ = this;
}

// The activation's messages from `from` on go back to the front of the actor's, and what was to be
// obeyed behind them.
void Worker::put_back(ac_activation& activation, std::uint32_t from) noexcept {
  const auto at = static_cast<std::size_t>(&activation - activations_.data());
  Actor& actor = *actors_[at];
  std::uint64_t count = 0;
  const auto prepend = [&](Envelope* envelope) {
    envelope->address(actor.generation());
    actor.prepend({envelope, envelope});
    ++count;
  };
  if (controls_[at] != nullptr) prepend(std::exchange(controls_[at], nullptr));
  for (std::uint32_t i = activation.count; i-- > from;) {
    if (!is_synthetic(activation.messages[i])) {
      prepend(static_cast<Envelope*>(activation.messages[i]));
    }
  }
  lane_.counters.pushed.add(count);  // they are queued again
}

void Worker::wake() noexcept {
  woken_.store(true, std::memory_order_release);
  if (is_seeded_) system_.schedule()->wake();
  dispatcher_.parker().notify_all();
  if (CpuShare* share = system_.share()) share->wake();
}

void Worker::run_orphans() noexcept {
  while (Actor* actor = next()) run_one(*actor);
}

void Worker::leave() noexcept {
  end_turn();
  dispatcher_.detach(*this);
  while (Actor* actor = take_local()) dispatcher_.inject(*actor);
  system_.directory().give_back(slots_);
}

}  // namespace actorcore::runtime
