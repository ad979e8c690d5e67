#include "runtime/lane.h"

#include <bit>

#include "runtime/system.h"
#include "runtime/worker.h"

namespace actorcore::runtime {
namespace {

// How the ask of a request ends that became a dead letter.
ac_status end_of_request(std::uint32_t reason) noexcept {
  switch (reason) {
    case AC_DEAD_STALE:
      return AC_E_STALE;
    case AC_DEAD_FAILED:
      return AC_E_FAILED;
    case AC_DEAD_SHUTDOWN:
      return AC_E_STOPPED;
    case AC_DEAD_OVERFLOW:
    case AC_DEAD_DROPPED:
      return AC_E_FULL;
    case AC_DEAD_LIMITED:
      return AC_E_OVERLOADED;
    case AC_DEAD_UNROUTED:
      return AC_E_NOT_FOUND;
    default:
      return AC_E_NO_REPLY;
  }
}

}  // namespace

Lane::Lane(System& system, Worker* worker)
    : system_(system), worker_(worker), magazine_(system.depot()) {
  system.budget().give_items(2 * memory::batch_items * memory::item_bytes);  // its own stock
}

void Lane::submit(std::span<ac_message*> outbox) noexcept {
  counters.accepted.add(outbox.size());
  if (magazine_.may_be_short()) [[unlikely]]
    outbox = admit(outbox);
  // Several are never batched in a seeded system, whose replay would depend on how its program
  // batches.
  if (outbox.size() == 1 || system_.schedule() != nullptr) {
    for (ac_message* message : outbox) {
      if (Envelope* envelope = well_formed(*message)) send(*envelope, nullptr);
    }
    return;
  }
  std::uint64_t used = 0;
  for (ac_message* message : outbox) {
    if (Envelope* envelope = well_formed(*message)) send(*envelope, &used);
  }
  for (; used != 0; used &= used - 1) {
    push(std::exchange(runs_[static_cast<std::size_t>(std::countr_zero(used))], {}));
  }
}

// The message, if it is that; else it is a dead letter.
inline Envelope* Lane::well_formed(ac_message& message) noexcept {
  auto& envelope = static_cast<Envelope&>(message);
  if (is_well_formed(envelope)) [[likely]]
    return &envelope;
  envelope.length = 0;  // what it claims to own is not to be believed
  dead_letter(&envelope, Id{envelope.to.bits}, AC_DEAD_REFUSED);
  return nullptr;
}

// Chains the message behind the others of this submit for its receiver. Two receivers that meet in
// one place of the table only share less.
void Lane::add(Actor& actor, Id to, Envelope* envelope, std::uint64_t& used) noexcept {
  const std::uint32_t place = actor.slot % runs_max;
  Run& run = runs_[place];
  envelope->address(to.generation());
  if (run.to.bits == to.bits) {
    run.chain.last->set_next(envelope);
    run.chain.last = envelope;
    ++run.count;
    return;
  }
  if (run.actor != nullptr) push(run);
  run = {&actor, to, {envelope, envelope}, 1};
  used |= std::uint64_t{1} << place;
}

void Lane::post(Envelope* envelope) noexcept {
  counters.accepted.add(1);
  send(*envelope, nullptr);
}

void Lane::post_to(Actor& actor, Id to, Envelope* envelope) noexcept {
  counters.accepted.add(1);
  send_to(actor, actor.life.load(std::memory_order_acquire), to, *envelope, nullptr);  // A1
}

void Lane::push_one(Actor& actor, Id to, Envelope* envelope) noexcept {
  envelope->address(to.generation());
  push({&actor, to, {envelope, envelope}, 1});
}

// Does the buffer exist, and has it so many bytes?
bool Lane::take_payload(Envelope& envelope) noexcept {
  auto buffer = memory::buffers().pin(envelope.buffer().bits);
  if (!buffer || envelope.length > buffer->bytes().size()) return false;
  envelope.set_buffer(envelope.buffer(), buffer->bytes().data());
  if (system_.budget().has_limit()) {
    system_.budget().take(envelope.length);
    magazine_.look_again();
  }
  return true;
}

[[gnu::always_inline]] inline void Lane::send(Envelope& envelope, Runs used) noexcept {
  Id to{envelope.to.bits};
  if (envelope.is_reply() && !envelope.is_system()) {  // the library's own ends no ask
    switch (system_.asks().reply(*this, envelope, to)) {
      case Route::forward:
        break;
      case Route::delivered:
        counters.handled.add(1);
        if (envelope.has_buffer()) system_.budget().give(envelope.length);
        recycle(&envelope);  // its payload went to the asker
        return;
      case Route::late:
        dead_letter(&envelope, to, AC_DEAD_LATE_REPLY);
        return;
    }
  }
  std::uint32_t life;
  Actor* actor = system_.directory().find(to, life);
  if (actor == nullptr) {
    dead_letter(&envelope, to, system_.reason_for_dead());
    return;
  }
  if (envelope.correlation != 0 && !envelope.is_reply()) {
    system_.asks().hold(envelope.correlation, to, *actor);
  }
  send_to(*actor, life, to, envelope, used);
}

inline void Lane::push(const Run& run) noexcept {
  counters.pushed.add(run.count);
  const Push pushed = run.actor->mailbox.push(run.chain.first, run.chain.last);
  if (pushed == Push::wake) {
    wake(*run.actor);
  } else if (pushed == Push::closed) [[unlikely]] {
    refuse(run);
  }
}

void Lane::refuse(const Run& run) noexcept {
  dead_letters(run.actor->mailbox.reclaim(run.chain.first), run.actor->slot,
               system_.reason_for_dead());
}

void Lane::dead_letters(Chain<Envelope> chain, std::uint32_t slot, std::uint32_t reason) noexcept {
  std::uint64_t count = 0;
  for (Envelope* envelope = chain.first; envelope != nullptr;) {
    Envelope* next = Mailbox<Envelope>::after(envelope, chain.last);
    const Id to = Id::make(system_.directory().tag(), envelope->generation(), slot);
    dead_letter(envelope, to, reason);
    envelope = next;
    ++count;
  }
  counters.drained.add(count);
}

void Lane::dead_letter(Envelope* envelope, Id to, std::uint32_t reason) noexcept {
  ac_dead_letter letter{};
  letter.time_ns = system_.clock().now();
  letter.to = to.handle();
  letter.sender = envelope->sender;
  letter.type = envelope->type;
  letter.length = envelope->length;
  letter.reason = reason;
  letter.number = system_.dead_letter_ring().push(letter);
  system_.dead_letter_feed().add(*this, letter);
  const std::uint64_t request = envelope->is_reply() ? 0 : envelope->correlation;
  system_.actor_timers().lost(*envelope);
  if (envelope->has_owner()) {
    drop(envelope, false);
  } else {
    free(envelope);
  }
  if (request != 0) system_.asks().lose(*this, request, end_of_request(reason));
  counters.dead[reason].add(1);
  if (worker_ == nullptr) system_.outside_changed();  // no worker that parks will say so
}

void Lane::failed_in_hand(Envelope* envelope) noexcept {
  const std::uint64_t request = envelope->is_reply() ? 0 : envelope->correlation;
  if (envelope->has_owner()) {
    drop(envelope, true);
  } else {
    free(envelope);
  }
  if (request != 0) system_.asks().lose(*this, request, AC_E_FAILED);
}

// The mark of a failure is the sender, which nobody asks for any more.
void Lane::drop(Envelope* envelope, bool failed) noexcept {
  envelope->sender.bits = failed ? 1 : 0;
  envelope->to.bits = reinterpret_cast<std::uintptr_t>(dropped_);
  dropped_ = envelope;
}

void Lane::tell_dropped() noexcept {
  while (Envelope* envelope = dropped_) {
    dropped_ = reinterpret_cast<Envelope*>(envelope->to.bits);
    system_.tell_ended(*envelope, envelope->sender.bits != 0);
    free(envelope);
  }
}

void Lane::wake(Actor& actor) noexcept {
  if (system_.schedule() != nullptr) {
    system_.schedule()->add(actor);
  } else if (worker_ != nullptr && worker_->dispatcher() == actor.dispatcher) {
    worker_->enqueue(actor);
  } else {
    actor.dispatcher->inject(actor);
  }
}

}  // namespace actorcore::runtime
