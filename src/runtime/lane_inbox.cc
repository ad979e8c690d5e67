// The part of Lane that deals with inboxes.
#include "runtime/lane.h"
#include "runtime/system.h"

namespace actorcore::runtime {

// Pushes into the inbox, wakes the actor, ends what lost its place, and tells of the pressure. A
// message that was not queued is still the caller's.
Pushed Lane::place(Actor& actor, Id to, Envelope* envelope, Count* accepted) noexcept {
  const Id sender{envelope->sender.bits};
  envelope->address(to.generation());
  counters.pushed.add(1);
  Inbox* const inbox = actor.inbox();
  Pushed pushed{.verdict = Pushed::closed};
  if (inbox != nullptr) pushed = inbox->push(envelope, to, accepted);
  if (pushed.verdict != Pushed::queued) counters.drained.add(1);
  if (pushed.verdict == Pushed::queued && pushed.ended != envelope && actor.mailbox.own()) {
    wake(actor);  // M5
  }
  if (pushed.ended != nullptr) {
    counters.drained.add(1);
    dead_letter(pushed.ended, to, pushed.reason);
  }
  if (pushed.tells_sender) tell_pressure(sender, to, AC_PRESSURE_HIGH, pushed.length);
  if (pushed.watcher.bits != 0) tell_pressure(pushed.watcher, to, AC_PRESSURE_HIGH, pushed.length);
  return pushed;
}

void Lane::put(Actor& actor, Id to, Envelope* envelope) noexcept {
  switch (place(actor, to, envelope, nullptr).verdict) {
    case Pushed::queued:
      break;
    case Pushed::full:
    case Pushed::may_wait:
      dead_letter(envelope, to, AC_DEAD_OVERFLOW);
      break;
    case Pushed::closed:
      dead_letter(envelope, to, system_.reason_for_dead());
      break;
    case Pushed::no_memory:
      dead_letter(envelope, to, AC_DEAD_NO_MEMORY);
      break;
  }
}

Pushed::Verdict Lane::offer(Actor& actor, Id to, Envelope* envelope,
                            std::uint64_t& wait_ns) noexcept {
  if (envelope->correlation != 0) system_.asks().hold(envelope->correlation, to, actor);
  const Pushed pushed = place(actor, to, envelope, &counters.accepted);
  wait_ns = pushed.wait_ns;
  return pushed.verdict;
}

// What the outbox has too much when messages may take no more memory ends here; what is left is
// still to be submitted.
std::span<ac_message*> Lane::admit(std::span<ac_message*> outbox) noexcept {
  if (!system_.is_overloaded()) {
    magazine_.look_again();
    return outbox;
  }
  std::size_t kept = 0;
  for (ac_message* message : outbox) {
    auto& envelope = static_cast<Envelope&>(*message);
    if (is_droppable(envelope) && is_well_formed(envelope)) {
      dead_letter(&envelope, Id{envelope.to.bits}, AC_DEAD_LIMITED);
    } else {
      outbox[kept++] = message;
    }
  }
  return outbox.first(kept);
}

// The reference in an envelope is given back, and its bytes count no more.
void Lane::release_payload(Envelope& envelope) noexcept {
  memory::buffers().release(envelope.buffer().bits);
  system_.budget().give(envelope.length);
}

Chain<Envelope> Lane::take(Actor& actor, std::uint64_t most) noexcept {
  Inbox* const inbox = actor.inbox();
  if (inbox == nullptr) return {};  // a router has none
  Relief relief;
  const Chain<Envelope> taken = inbox->take(most, relief);
  tell_relief(system_.directory().id_of(actor), relief);
  return taken;
}

void Lane::close_inbox(Actor& actor, std::uint32_t reason) noexcept {
  Inbox* const inbox = actor.inbox();
  if ((actor.life.load(std::memory_order_relaxed) & Actor::boxed) != 0) {  // the owner's
    actor.box.store(0, std::memory_order_release);                         // A1
  }
  if (inbox == nullptr) return;
  Relief relief;
  dead_letters(inbox->close(relief), actor.slot, reason);
  system_.inboxes().give(inbox);
  tell_relief(system_.directory().id_of(actor), relief);
}

void Lane::tell_pressure(Id whom, Id actor, std::uint32_t level, std::uint64_t length) noexcept {
  const ac_pressure pressure{actor.handle(), level, 0, length};
  system_.tell_library(*this, whom, AC_TYPE_PRESSURE, 0, &pressure, sizeof pressure);
}

void Lane::tell_relief(Id actor, const Relief& relief) noexcept {
  if (relief.has_waiters) system_.outside_changed();
  for (std::uint32_t i = 0; i < relief.count; ++i) {
    tell_pressure(relief.told[i], actor, relief.level, relief.length);
  }
}

}  // namespace actorcore::runtime
