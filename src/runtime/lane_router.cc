// The part of Lane that deals with routers.
#include "runtime/lane.h"
#include "runtime/system.h"

namespace actorcore::runtime {

// A message for a router's address. The control messages are its own, for the worker that ends it.
void Lane::route(Router& router, Actor& actor, Id to, Envelope& envelope, Runs used) noexcept {
  if (is_control(envelope.type)) return push_one(actor, to, &envelope);
  Choice choice;
  // A report of a failure is for who supervises, and a router has its policy alone for that.
  if (envelope.type != AC_TYPE_FAILED) router.choose(to, envelope, choice);
  if (choice.routees.empty()) return dead_letter(&envelope, to, choice.reason);
  spread(choice, envelope, used);
}

void Lane::route_to(const Choice& choice, Envelope* envelope) noexcept {
  counters.accepted.add(1);
  spread(choice, *envelope, nullptr);
}

// Gives the message to the last of those that were chosen, and copies of it to the others.
void Lane::spread(const Choice& choice, Envelope& envelope, Runs used) noexcept {
  system_.actor_timers().lost(envelope);  // none of its receivers is its timer's
  const bool is_request = envelope.correlation != 0 && !envelope.is_reply();
  const bool is_held = is_request && choice.routees.size() == 1;
  const auto more = static_cast<std::uint32_t>(choice.routees.size() - 1);
  if (is_request && choice.is_many) {
    const std::uint64_t deadline = deadline_after(system_.clock().now(), choice.timeout_ns);
    system_.asks().scatter(envelope.correlation, more + 1, deadline);
  }
  counters.accepted.add(more);
  for (std::uint32_t i = 0; i < more; ++i) {
    if (Envelope* const one = copy(envelope)) {
      give(choice.routees[i], *one, false, used);
      continue;
    }
    if (is_request) system_.asks().lose(*this, envelope.correlation, AC_E_NO_MEMORY);
    counters.dead[AC_DEAD_NO_MEMORY].add(1);
  }
  give(choice.routees[more], envelope, is_held, used);
}

// `is_held`: the routee's end will be that of the ask.
void Lane::give(Id routee, Envelope& envelope, bool is_held, Runs used) noexcept {
  std::uint32_t life;
  Actor* const actor = system_.directory().find(routee, life);
  if (actor == nullptr) return dead_letter(&envelope, routee, system_.reason_for_dead());
  if (is_held) system_.asks().hold(envelope.correlation, routee, *actor);
  send_to(*actor, life, routee, envelope, used);
}

Envelope* Lane::copy(const Envelope& envelope) noexcept {
  Envelope* const made = this->envelope();
  if (made == nullptr) return nullptr;
  static_cast<ac_message&>(*made) = envelope;
  if (!envelope.has_buffer()) return made;
  if (!memory::buffers().retain(envelope.buffer().bits)) {
    recycle(made);
    return nullptr;
  }
  system_.budget().take(envelope.length);
  return made;
}

}  // namespace actorcore::runtime
