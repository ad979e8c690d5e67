// The part of System that takes messages from outside.
#include <algorithm>
#include <cstring>
#include <thread>

#include "memory/buffer_pool.h"
#include "runtime/system.h"

namespace actorcore::runtime {

LaneLock System::external_lane() noexcept {
  // A thread keeps to one lane as long as nobody else is on it.
  static std::atomic<std::uint32_t> threads{0};
  thread_local const std::uint32_t mine = threads.fetch_add(1, std::memory_order_relaxed);
  return LaneLock(*this, lanes_[mine % external_lanes]);
}

LaneLock::~LaneLock() {
  Lane& lane = *external_.lane;
  Envelope* dropped = lane.take_dropped();
  external_.mutex.Unlock();
  while (dropped != nullptr) {
    auto* next = reinterpret_cast<Envelope*>(dropped->to.bits);
    system_.tell_ended(*dropped, dropped->sender.bits != 0);
    absl::MutexLock lock(&external_.mutex);
    lane.free(dropped);
    dropped = next;
  }
}

ac_status System::check(ac_actor actor) noexcept {
  std::uint32_t life;
  return check(actor, life);
}

ac_status System::check(ac_actor actor, std::uint32_t& life) noexcept {
  if (actor.bits == 0) return AC_E_NO_HANDLE;
  const Id id{actor.bits};
  if (directory_.find(id, life) != nullptr) return AC_OK;
  const bool is_actor =
      actor.bits >> handle_kind_shift == static_cast<std::uint64_t>(HandleKind::actor);
  return is_actor && directory_.is_foreign(id) ? AC_E_WRONG_SYSTEM : AC_E_STALE;
}

// An envelope for the payload, which is copied.
Envelope* System::make(Lane& lane, ac_actor to, std::uint32_t type, std::uint64_t correlation,
                       ac_bytes payload, ac_status& status) noexcept {
  status = AC_E_NO_MEMORY;
  ac_buffer buffer{0};
  std::uint8_t* bytes = nullptr;
  if (payload.size > AC_INLINE_BYTES) {
    buffer = memory::BufferPool::shared().take(payload.size, &bytes);
    if (buffer.bits == 0) return nullptr;
  }
  Envelope* envelope = lane.envelope();
  if (envelope == nullptr) {
    memory::buffers().release(buffer.bits);
    return nullptr;
  }
  if (buffer.bits != 0) budget_.take(payload.size);
  envelope->to = to;
  envelope->sender = {0};
  envelope->correlation = correlation;
  envelope->type = type;
  envelope->length = static_cast<std::uint32_t>(payload.size);
  if (buffer.bits != 0) {
    std::memcpy(bytes, payload.data, payload.size);
    envelope->set_buffer(buffer, bytes);
  } else if (payload.size != 0) {
    std::memcpy(envelope->data, payload.data, payload.size);
  }
  status = AC_OK;
  return envelope;
}

// What a message with this payload takes.
std::uint64_t System::bytes_of(std::uint64_t length) noexcept {
  return sizeof(Envelope) + (length > AC_INLINE_BYTES ? length : 0);
}

void System::accept(Lane& lane, Envelope* envelope) noexcept {
  if (schedule_ != nullptr && schedule_->defer(envelope, true)) return;
  lane.post(envelope);
}

ac_status System::tell(ac_actor to, std::uint32_t type, std::uint64_t correlation, ac_bytes payload,
                       std::uint64_t deadline_ns) noexcept {
  if (payload.data == nullptr && payload.size != 0) return AC_E_NULL;
  if (payload.size > AC_PAYLOAD_BYTES_MAX) return AC_E_LIMIT;
  if (!is_sendable(type)) return AC_E_INVALID_ARGUMENT;
  if (is_closed() && !in_handler()) return AC_E_STOPPED;
  std::uint32_t life;
  if (const ac_status status = check(to, life); status != AC_OK) return status;
  if (!is_control(type) && is_overloaded(bytes_of(payload.size))) return AC_E_OVERLOADED;
  const bool is_boxed = (life & Actor::boxed) != 0;
  ac_status status;
  Envelope* envelope;
  {
    const auto lane = external_lane();
    envelope = make(*lane, to, type, correlation, payload, status);
    if (envelope == nullptr) return status;
    if (!is_boxed) {
      accept(*lane, envelope);
      return AC_OK;
    }
  }
  if (schedule_ != nullptr && schedule_->defer(envelope, true)) return AC_OK;
  status = offer(envelope, deadline_ns);
  if (status != AC_OK) external_lane()->free(envelope);
  return status;
}

// May this message of a caller's be taken?
ac_status System::check(const ac_message& message, std::uint32_t& life) noexcept {
  if (is_closed() && !in_handler()) return AC_E_STOPPED;
  if (const ac_status status = check(message.to, life); status != AC_OK) return status;
  if (!is_sendable(message.type)) return AC_E_INVALID_ARGUMENT;
  if (message.length > AC_INLINE_BYTES) {
    ac_buffer buffer;
    std::memcpy(&buffer, message.data, sizeof buffer);
    const auto pin = memory::buffers().pin(buffer.bits);
    if (!pin || pin->bytes().size() < message.length) return AC_E_INVALID_ARGUMENT;
  }
  if ((message.correlation & AC_CORRELATION_REPLY) != 0) {
    life = 0;  // it goes to whoever asked
    return AC_OK;
  }
  if (is_control(message.type) || !is_overloaded(bytes_of(message.length))) return AC_OK;
  return AC_E_OVERLOADED;
}

ac_status System::tell_many(const ac_message* messages, std::uint64_t count, ac_status* statuses,
                            std::uint64_t* accepted) noexcept {
  constexpr std::uint64_t batch = outbox_slots;
  std::uint64_t taken = 0;
  for (std::uint64_t from = 0; from < count; from += batch) {
    const std::uint64_t end = std::min(count, from + batch);
    std::array<ac_message*, batch> ready;
    std::size_t used = 0;
    std::array<std::uint64_t, batch> boxed;  // which are for inboxes
    std::size_t boxes = 0;
    {
      const auto lane = external_lane();
      for (std::uint64_t i = from; i < end; ++i) {
        std::uint32_t life = 0;
        ac_status status = check(messages[i], life);
        if (status == AC_OK && (life & Actor::boxed) != 0) {
          boxed[boxes++] = i;
          continue;
        }
        Envelope* envelope = status == AC_OK ? lane->envelope() : nullptr;
        if (status == AC_OK && envelope == nullptr) status = AC_E_NO_MEMORY;
        if (statuses != nullptr) statuses[i] = status;
        if (status != AC_OK) continue;
        static_cast<ac_message&>(*envelope) = messages[i];
        ++taken;
        if (schedule_ == nullptr || !schedule_->defer(envelope, false)) ready[used++] = envelope;
      }
      lane->submit({ready.data(), used});
    }
    for (std::size_t k = 0; k < boxes; ++k) {  // without the lane, for they may wait
      const ac_status status = offer_copy(messages[boxed[k]]);
      if (statuses != nullptr) statuses[boxed[k]] = status;
      if (status == AC_OK) ++taken;
    }
  }
  if (accepted != nullptr) *accepted = taken;
  return AC_OK;
}

void System::tell_library(Lane& lane, Id to, std::uint32_t type, std::uint64_t correlation,
                          const void* payload, std::uint32_t length) noexcept {
  ac_status status;
  Envelope* envelope = make(lane, to.handle(), type, correlation,
                            {static_cast<const std::uint8_t*>(payload), length}, status);
  if (envelope != nullptr) accept(lane, envelope);
}

ac_status System::post(ac_actor to, std::uint32_t type, std::uint64_t correlation,
                       const void* payload, std::uint32_t length) noexcept {
  if (is_stopping()) return AC_E_STOPPED;
  const bool is_checked = to.bits != 0 || (correlation & AC_CORRELATION_REPLY) == 0;
  const ac_status found = is_checked ? check(to) : AC_OK;
  if (found != AC_OK) return found;
  const auto lane = external_lane();
  ac_status status;
  Envelope* envelope = make(*lane, to, type, correlation,
                            {static_cast<const std::uint8_t*>(payload), length}, status);
  if (envelope != nullptr) accept(*lane, envelope);
  return status;
}

}  // namespace actorcore::runtime
