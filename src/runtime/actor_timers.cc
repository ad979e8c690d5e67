#include "runtime/actor_timers.h"

#include <cstring>
#include <utility>

#include "memory/buffer_pool.h"
#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

Error system_stopped() {
  return Error(AC_E_STOPPED, "the system is stopping; its timers are over");
}

}  // namespace

// -- records ------------------------------------------------------------------------------------

std::uint64_t ActorTimers::bits_of(std::uint32_t slot) const noexcept {
  return handle_mark(HandleKind::timer) |
         std::uint64_t{system_.directory().tag()} << (slot_bits + generation_bits) |
         std::uint64_t{at(slot).generation} << slot_bits | slot;
}

ActorTimers::Record* ActorTimers::find(std::uint64_t bits) const noexcept {
  const std::uint32_t slot = slot_of(bits);
  if (slot >= opened_.load(std::memory_order_relaxed)) return nullptr;  // under the mutex
  return at(slot).is_used && bits_of(slot) == bits ? &at(slot) : nullptr;
}

void ActorTimers::grow() {
  const std::uint32_t first = opened_.load(std::memory_order_relaxed);  // written under the mutex
  chunks_[first / chunk_records] = std::make_unique<Record[]>(chunk_records);
  for (std::uint32_t i = chunk_records; i-- > 0;) give(first + i);
  opened_.store(first + chunk_records, std::memory_order_release);  // T3
}

Result<std::uint32_t> ActorTimers::take() {
  if (spare_ == 0) {
    if (opened_.load(std::memory_order_relaxed) == chunk_records * chunks_max) {  // as in grow()
      return Error(AC_E_LIMIT, "a system has at most 4,194,304 timers; cancel some first");
    }
    grow();
  }
  const std::uint32_t slot = spare_ - 1;
  Record& record = at(slot);
  spare_ = record.next;
  record.is_used = true;
  record.sent = record.skipped = 0;
  return slot;
}

void ActorTimers::give(std::uint32_t slot) noexcept {
  Record& record = at(slot);
  record.is_used = false;
  if (++record.generation == 1u << generation_bits) return;  // bits must never come to life again
  record.next = std::exchange(spare_, slot + 1);
}

Result<std::uint64_t> ActorTimers::arm(std::uint32_t slot, Actor& actor) {
  Record& record = at(slot);
  const Id id{record.message.to.bits};
  record.previous = 0;
  record.next = std::exchange(actor.timers, slot + 1);
  if (record.next != 0) at(record.next - 1).previous = slot + 1;
  record.key = {};
  const std::uint32_t was = actor.life.fetch_or(Actor::timed, std::memory_order_acq_rel);  // T1
  if ((was & Actor::alive) == 0 || was >> 8 != id.generation()) {
    end(slot);
    return Error(AC_E_STALE, "the actor has stopped");
  }
  const std::uint64_t bits = bits_of(slot);
  record.key = system_.timers().add(record.deadline_ns, &ActorTimers::on_deadline, this, bits);
  if (record.key.number != 0) return bits;
  end(slot);
  if (system_.is_closed()) return system_stopped();
  return Error(AC_E_NO_MEMORY, "memory or threads are exhausted");
}

void ActorTimers::end(std::uint32_t slot) noexcept {
  Record& record = at(slot);
  Actor& actor = *system_.directory().at(Id{record.message.to.bits}.slot());
  system_.timers().cancel(record.key);
  if (actor.receive_timeout.load(std::memory_order_relaxed) == slot + 1) {  // under the mutex
    actor.receive_timeout.store(0, std::memory_order_relaxed);              // for idle(), a hint
  }
  (record.previous == 0 ? actor.timers : at(record.previous - 1).next) = record.next;
  if (record.next != 0) at(record.next - 1).previous = record.previous;
  if (record.message.has_buffer()) memory::buffers().release(record.message.buffer().bits);
  give(slot);
}

// -- what callers do ----------------------------------------------------------------------------

Result<std::uint64_t> ActorTimers::start(const TimerOptions& options) {
  if (const ac_status status = system_.check(options.to); status != AC_OK) {
    return Error(status, "the receiver is no live actor of this system");
  }
  if (!is_sendable(options.type)) {
    return Error(AC_E_INVALID_ARGUMENT,
                 "type is the library's; a program may send STOP, KILL and RESTART only");
  }
  if (system_.is_closed()) return system_stopped();
  const ac_bytes payload = options.payload;
  ac_buffer buffer{0};
  std::uint8_t* bytes = nullptr;
  if (payload.size > AC_INLINE_BYTES) {
    buffer = memory::BufferPool::shared().take(payload.size, &bytes);
    if (buffer.bits == 0) return Error(AC_E_NO_MEMORY, "no memory for the payload");
  }
  absl::MutexLock lock(&mutex_);
  Result<std::uint32_t> slot = take();
  if (!slot.ok()) {
    memory::buffers().release(buffer.bits);
    return std::move(slot).error();
  }
  Record& record = at(slot.value());
  record.message.to = options.to;
  record.message.sender = {0};
  record.message.correlation = bits_of(slot.value());
  record.message.type = options.type;
  record.message.length = static_cast<std::uint32_t>(payload.size);
  if (buffer.bits != 0) {
    std::memcpy(bytes, payload.data, payload.size);
    record.message.set_buffer(buffer, bytes);
  } else if (payload.size != 0) {
    std::memcpy(record.message.data, payload.data, payload.size);
  }
  record.deadline_ns = deadline_after(system_.clock().now(), options.delay_ns);
  record.period_ns = options.period_ns;
  record.is_silence = false;
  record.survives_restart = options.survives_restart;
  return arm(slot.value(), *system_.directory().at(Id{options.to.bits}.slot()));
}

ac_status ActorTimers::cancel(ac_timer timer) noexcept {
  if (timer.bits == 0) return AC_E_NO_HANDLE;
  absl::MutexLock lock(&mutex_);
  if (find(timer.bits) == nullptr) return why_none(timer);
  end(slot_of(timer.bits));
  return AC_OK;
}

ac_status ActorTimers::stats(ac_timer timer, ac_timer_stats& out) noexcept {
  if (timer.bits == 0) return AC_E_NO_HANDLE;
  absl::MutexLock lock(&mutex_);
  const Record* record = find(timer.bits);
  if (record == nullptr) return why_none(timer);
  out = {record->sent, record->skipped, record->deadline_ns, record->period_ns};
  return AC_OK;
}

ac_status ActorTimers::why_none(ac_timer timer) const noexcept {
  const auto tag =
      static_cast<std::uint32_t>(timer.bits >> (slot_bits + generation_bits)) & (tags_max - 1);
  return is_timer(timer.bits) && tag != system_.directory().tag() ? AC_E_WRONG_SYSTEM : AC_E_STALE;
}

Result<void> ActorTimers::set_receive_timeout(ac_actor to, std::uint64_t timeout_ns) {
  if (const ac_status status = system_.check(to); status != AC_OK) {
    return Error(status, "this is no live actor of this system");
  }
  if (system_.is_closed()) return system_stopped();
  Actor& actor = *system_.directory().at(Id{to.bits}.slot());
  absl::MutexLock lock(&mutex_);
  const std::uint32_t before =
      actor.receive_timeout.load(std::memory_order_relaxed);                      // under the mutex
  if (before != 0 && at(before - 1).message.to.bits == to.bits) end(before - 1);  // or it is dead
  if (timeout_ns == 0 || timeout_ns == AC_TIMEOUT_NEVER) return {};
  Result<std::uint32_t> slot = take();
  if (!slot.ok()) return std::move(slot).error();
  Record& record = at(slot.value());
  record.message.to = to;
  record.message.sender = {0};
  record.message.correlation = 0;
  record.message.type = AC_TYPE_TIMEOUT;
  record.message.length = 0;
  record.deadline_ns = deadline_after(system_.clock().now(), timeout_ns);
  record.period_ns = timeout_ns;
  record.is_silence = true;
  record.survives_restart = false;
  Result<std::uint64_t> armed = arm(slot.value(), actor);
  if (!armed.ok()) return std::move(armed).error();
  actor.receive_timeout.store(slot.value() + 1, std::memory_order_relaxed);  // for idle(), a hint
  actor.silence.begin();  // perhaps inside its handler
  idle(actor);
  return {};
}

void ActorTimers::cancel_all(Id id, bool is_restart) noexcept {
  absl::MutexLock lock(&mutex_);
  std::uint32_t next = system_.directory().at(id.slot())->timers;
  while (next != 0) {
    const std::uint32_t slot = next - 1;
    next = at(slot).next;
    if (!is_restart || !at(slot).survives_restart) end(slot);
  }
}

// -- firing -------------------------------------------------------------------------------------

void ActorTimers::on_deadline(void* context, std::uint64_t bits) noexcept {
  static_cast<ActorTimers*>(context)->fire(bits);
}

void ActorTimers::fire(std::uint64_t bits) noexcept {
  absl::MutexLock lock(&mutex_);
  Record* record = find(bits);
  if (record == nullptr) return;  // cancelled in the last moment
  Actor* actor = system_.directory().find(Id{record->message.to.bits});
  record->key = {};
  if (actor != nullptr && !system_.is_closed()) {
    const std::uint64_t now_ns = system_.clock().now();
    const std::uint64_t next_ns = record->is_silence ? fire_silence(*record, *actor, now_ns)
                                                     : fire_message(*record, *actor, now_ns);
    record->deadline_ns = next_ns;
    if (next_ns != 0) record->key = system_.timers().again(next_ns);
  }
  if (record->key.number == 0) end(slot_of(bits));
}

std::uint64_t ActorTimers::fire_message(Record& record, Actor& actor,
                                        std::uint64_t now_ns) noexcept {
  // What its own receiver has not come to is not doubled.
  const bool is_due = record.queued.load(std::memory_order_relaxed) == 0;  // a late sight skips one
  const bool is_sent = is_due && send(record, actor);
  if (record.period_ns == 0) return is_sent ? 0 : deadline_after(now_ns, retry_ns);
  const std::uint64_t missed = (now_ns - record.deadline_ns) / record.period_ns;
  record.skipped += missed + (is_sent ? 0 : 1);
  return deadline_after(record.deadline_ns + missed * record.period_ns, record.period_ns);
}

std::uint64_t ActorTimers::fire_silence(Record& record, Actor& actor,
                                        std::uint64_t now_ns) noexcept {
  const std::uint64_t in_full = deadline_after(now_ns, record.period_ns);
  if (!actor.mailbox.is_idle()) return in_full;       // T2
  const std::uint64_t since = actor.silence.since();  // T2
  if (since >= Silence<>::unknown) {                  // its activation ends at this moment
    idle(actor);
    return in_full;
  }
  const std::uint64_t until = deadline_after(since, record.period_ns);
  if (until > now_ns) return until;
  return send(record, actor) ? in_full : deadline_after(now_ns, retry_ns);
}

bool ActorTimers::send(Record& record, Actor& actor) noexcept {
  const auto lane = system_.external_lane();
  Envelope* envelope = lane->envelope();
  if (envelope == nullptr) return false;
  static_cast<ac_message&>(*envelope) = record.message;
  if (envelope->has_buffer()) {
    memory::buffers().retain(envelope->buffer().bits);
    system_.budget().take(envelope->length);
  }
  ++record.sent;
  if (record.period_ns != 0 && !record.is_silence) {
    record.queued.store(record.message.correlation, std::memory_order_relaxed);  // before the push
  }
  lane->post_to(actor, Id{record.message.to.bits}, envelope);
  return true;
}

// -- what the receiver does ---------------------------------------------------------------------

void ActorTimers::begin(Actor& actor, std::span<ac_message* const> messages) noexcept {
  actor.silence.begin();
  for (const ac_message* message : messages) {
    if (is_timer(message->correlation)) taken(message->correlation);
  }
}

void ActorTimers::idle(Actor& actor) noexcept {
  // A hint: what is set at this moment counts from now by itself.
  if (actor.receive_timeout.load(std::memory_order_relaxed) == 0) return;
  actor.silence.end(actor.mailbox, [this] { return system_.clock().now(); });
}

void ActorTimers::taken(std::uint64_t bits) noexcept {
  const std::uint32_t slot = slot_of(bits);
  if (slot >= opened_.load(std::memory_order_acquire)) return;  // T3
  std::uint64_t expected = bits;
  at(slot).queued.compare_exchange_strong(expected, 0, std::memory_order_relaxed);  // as above
}

}  // namespace actorcore::runtime
