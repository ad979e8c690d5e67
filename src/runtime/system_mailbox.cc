// The part of System that offers messages to inboxes, waits for room in them, and says what
// mailboxes and the memory of messages hold.
#include <algorithm>

#include "runtime/system.h"

namespace actorcore::runtime {
ac_status System::offer_copy(const ac_message& message) noexcept {
  Envelope* envelope = external_lane()->envelope();
  if (envelope == nullptr) return AC_E_NO_MEMORY;
  static_cast<ac_message&>(*envelope) = message;
  if (schedule_ != nullptr && schedule_->defer(envelope, false)) return AC_OK;
  ac_status status = AC_E_INVALID_ARGUMENT;
  if (external_lane()->is_well_formed(*envelope)) {
    status = offer(envelope, UINT64_MAX);
    if (status != AC_OK && envelope->has_buffer()) budget_.give(envelope->length);
  }
  if (status != AC_OK) external_lane()->recycle(envelope);  // the payload stays the caller's
  return status;
}

ac_status System::offer(Envelope* envelope, std::uint64_t deadline_ns) noexcept {
  const Id to_whom{envelope->to.bits};
  Id to = to_whom;
  bool has_waited = false;
  for (;;) {
    Actor* actor = directory_.find(to);
    if (actor == nullptr && to.bits != to_whom.bits) {  // a routee that has ended since
      to = to_whom;
      continue;
    }
    if (actor == nullptr) return is_closed() ? AC_E_STOPPED : AC_E_STALE;
    if (is_closed() && !in_handler()) return AC_E_STOPPED;
    if (Router* const router = actor->router()) {
      ac_status status;
      if (route_outside(*router, envelope, to, status)) return status;
      continue;
    }
    Inbox* const inbox = actor->inbox();
    if (inbox == nullptr) return is_closed() ? AC_E_STOPPED : AC_E_STALE;
    std::uint64_t wait_ns = 0;
    Pushed::Verdict verdict;
    {
      const auto lane = external_lane();
      verdict = lane->offer(*actor, to, envelope, wait_ns);
    }
    if (verdict == Pushed::queued) return AC_OK;
    if (verdict == Pushed::no_memory) return AC_E_NO_MEMORY;
    if (verdict == Pushed::closed) return is_closed() ? AC_E_STOPPED : AC_E_STALE;
    if (verdict == Pushed::full || in_handler()) return AC_E_FULL;
    const std::uint64_t now = clock_.now();
    if (!has_waited) deadline_ns = std::min(deadline_ns, deadline_after(now, wait_ns));
    if (now >= deadline_ns) return AC_E_FULL;
    wait_for_room(*inbox, to, deadline_ns, !has_waited);
    has_waited = true;
  }
}

// Has a message of a thread outside gone, or is it refused? Else it is for `to`, a routee that may
// have no room for it.
bool System::route_outside(Router& router, Envelope* envelope, Id& to, ac_status& status) noexcept {
  status = AC_OK;
  if (is_control(envelope->type)) {
    external_lane()->post(envelope);
    return true;
  }
  Choice choice;
  router.choose(to, *envelope, choice);
  if (choice.routees.empty()) {
    status = choice.reason == AC_DEAD_UNROUTED    ? AC_E_NOT_FOUND
             : choice.reason == AC_DEAD_NO_MEMORY ? AC_E_NO_MEMORY
             : is_closed()                        ? AC_E_STOPPED
                                                  : AC_E_STALE;
    return true;
  }
  const Actor* const only = choice.is_many ? nullptr : directory_.find(choice.routees.front());
  if (only != nullptr && only->inbox() != nullptr) {
    to = choice.routees.front();
    return false;
  }
  external_lane()->route_to(choice, envelope);
  return true;
}

void System::wait_for_room(Inbox& inbox, Id actor, std::uint64_t deadline_ns, bool is_first) {
  struct Room {
    System& system;
    Inbox& inbox;
    Id actor;
  } const room{*this, inbox, actor};
  inbox.begin_wait(is_first);
  // One reference, so that the function needs no memory.
  (void)wait_until(
      [&room] { return room.system.is_closed() || room.inbox.is_wait_over(room.actor); },
      deadline_ns, true);
  inbox.end_wait();
}

// Messages of a seeded system are counted one by one, so that the same is refused whatever its
// threads keep in stock.
bool System::is_overloaded(std::uint64_t more) noexcept {
  if (!budget_.has_limit()) return false;
  if (budget_.counts_each()) {
    const std::uint64_t done = count_done();
    more += (sum(&Counters::accepted) - done) * sizeof(Envelope);
  }
  return budget_.is_short_of(more);
}

ac_status System::mailbox_stats(ac_actor id, ac_mailbox_stats& stats) noexcept {
  std::uint32_t life = 0;
  if (const ac_status status = check(id, life); status != AC_OK) return status;
  const Id actor{id.bits};
  stats = {};
  const Actor& record = *directory_.at(actor.slot());
  if ((life & Actor::boxed) != 0) {
    if (record.router() != nullptr) return AC_OK;  // nothing ever waits for it
    Inbox* const inbox = record.inbox();
    return inbox != nullptr && inbox->stats(actor, stats) ? AC_OK : AC_E_STALE;
  }
  stats.is_estimate = 1;
  stats.length = inspection_.length_of(record);
  return AC_OK;
}

}  // namespace actorcore::runtime
