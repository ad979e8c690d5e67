#include "runtime/ask.h"

#include <cstring>
#include <new>

#include "base/sync.h"
#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

constexpr std::uint64_t generation_mask = (std::uint64_t{1} << 28) - 1;  // the rest is kind

std::uint64_t generation_of(std::uint64_t word) { return word >> 32 & generation_mask; }

}  // namespace

Asks::Ask* Asks::find(std::uint64_t correlation) noexcept {
  const auto index = static_cast<std::uint32_t>(correlation) - 1;
  if (correlation >> handle_kind_shift != 0) return nullptr;             // a timer's
  if (index >= opened_.load(std::memory_order_acquire)) return nullptr;  // K1
  return &chunks_[index / chunk_slots][index % chunk_slots];
}

bool Asks::grow() noexcept {
  const std::uint32_t first = opened_.load(std::memory_order_relaxed);  // written under the mutex
  if (first == chunk_slots * chunks_max) return false;
  try {
    free_.reserve(first + chunk_slots);  // so that release() never allocates
    chunks_[first / chunk_slots] = std::make_unique<Ask[]>(chunk_slots);
  } catch (const std::bad_alloc&) {
    return false;
  }
  for (std::uint32_t i = chunk_slots; i-- > 0;) free_.push_back(first + i);
  opened_.store(first + chunk_slots, std::memory_order_release);  // K1
  return true;
}

std::uint64_t Asks::open(State state, Id asker, const Request& request, Ask** opened) noexcept {
  absl::MutexLock lock(&mutex_);
  if (free_.empty() && !grow()) return 0;
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Ask& ask = chunks_[index / chunk_slots][index % chunk_slots];
  ask.asker = asker;
  ask.to = request.to;
  ask.type = request.type;
  ask.span = request.span;
  ask.timer = {};
  ask.holder.store(0, std::memory_order_relaxed);  // published by the word, K1
  ask.signal.store(0, std::memory_order_relaxed);  // published by the word, K1
  ask.copies.store(0, std::memory_order_relaxed);  // likewise
  const std::uint64_t last = generation_of(ask.word.load(std::memory_order_relaxed));  // ours alone
  std::uint64_t generation = (last + 1) & generation_mask;
  generation += generation == 0 ? 1 : 0;
  ask.word.store(generation << 32 | state, std::memory_order_release);  // K1
  *opened = &ask;
  return generation << 32 | (index + 1);
}

std::uint64_t Asks::open_outside(const Request& request) noexcept {
  Ask* ask;
  return open(pending_outside, {}, request, &ask);
}

std::uint64_t Asks::open_inside(Lane& lane, Id asker, const Request& request,
                                std::uint64_t deadline_ns) noexcept {
  Ask* ask;
  const std::uint64_t correlation = open(pending_inside, asker, request, &ask);
  if (correlation == 0) return 0;
  if (deadline_ns != UINT64_MAX) {
    ask->timer = system_.timers().add(deadline_ns, &Asks::expire, this, correlation);
    if (ask->timer.number == 0) {
      release(*ask, correlation);
      return 0;
    }
  }
  lane.counters.begun.add(1);
  return correlation;
}

Asks::State Asks::end(Ask& ask, std::uint64_t correlation) noexcept {
  const std::uint64_t generation = generation_of(correlation);
  std::uint64_t word = ask.word.load(std::memory_order_acquire);  // K1
  for (;;) {
    const auto state = static_cast<State>(static_cast<std::uint32_t>(word));
    if (generation_of(word) != generation ||
        (state != pending_inside && state != pending_outside)) {
      return unused;
    }
    if (ask.word.compare_exchange_weak(word, generation << 32 | ended, std::memory_order_acq_rel,
                                       std::memory_order_acquire)) {  // K1
      return state;
    }
  }
}

void Asks::release(Ask& ask, std::uint64_t correlation) noexcept {
  system_.timers().cancel({ask.limit.exchange(0, std::memory_order_relaxed)});  // only a number
  absl::MutexLock lock(&mutex_);
  ask.word.store(generation_of(correlation) << 32 | unused, std::memory_order_relaxed);
  free_.push_back(static_cast<std::uint32_t>(correlation) - 1);
}

void Asks::finish(Lane& lane, Ask& ask, std::uint64_t correlation) noexcept {
  system_.timers().cancel(ask.timer);
  release(ask, correlation);
  lane.counters.ended.add(1);
}

void Asks::wake(Ask& ask) noexcept {
  ask.signal.store(1, std::memory_order_release);  // K2
  system_.outside_changed();
  futex_wake(ask.signal, 1);
}

Route Asks::reply(Lane& lane, Envelope& envelope, Id& to) noexcept {
  const std::uint64_t correlation = envelope.correlation & ~AC_CORRELATION_REPLY;
  // Of the program's own, or a span's: as addressed.
  if (generation_of(correlation) == 0 || Spans::is_span(correlation)) return Route::forward;
  Ask* ask = find(correlation);
  if (ask == nullptr) return Route::late;
  switch (end(*ask, correlation)) {
    case pending_outside:
      ask->status = AC_OK;
      ask->reply = envelope;
      wake(*ask);
      return Route::delivered;
    case pending_inside:
      to = ask->asker;
      finish(lane, *ask, correlation);
      return Route::forward;
    default:
      return Route::late;
  }
}

void Asks::fail(Lane& lane, std::uint64_t correlation, ac_status status) noexcept {
  Ask* ask = find(correlation);
  if (ask == nullptr) return;
  const State was = end(*ask, correlation);
  if (was == pending_outside) {
    ask->status = status;
    wake(*ask);
    return;
  }
  if (was != pending_inside) return;
  const Id asker = ask->asker;
  const ac_ask_failed payload{status, ask->type, ask->to.handle()};
  system_.timers().cancel(ask->timer);
  release(*ask, correlation);
  system_.tell_library(lane, asker, AC_TYPE_ASK_FAILED, correlation | AC_CORRELATION_REPLY,
                       &payload, sizeof payload);
  lane.counters.ended.add(1);
}

void Asks::hold(std::uint64_t correlation, Id holder, Actor& actor) noexcept {
  Ask* ask = find(correlation);
  if (ask == nullptr || generation_of(ask->word.load(std::memory_order_acquire)) !=  // K1
                            generation_of(correlation)) {
    return;
  }
  ask->holder.store(holder.bits, std::memory_order_relaxed);         // ordered by the life, K3
  actor.life.fetch_or(Actor::requested, std::memory_order_acq_rel);  // K3
}

void Asks::scatter(std::uint64_t correlation, std::uint32_t copies,
                   std::uint64_t deadline_ns) noexcept {
  Ask* ask = find(correlation);
  if (ask == nullptr || !is_pending(correlation)) return;
  // Nobody's end is the ask's any more. The copies are pushed after this, so that whoever loses one
  // sees how many there are.
  ask->holder.store(0, std::memory_order_relaxed);
  ask->copies.store(generation_of(correlation) << 32 | copies, std::memory_order_relaxed);
  if (deadline_ns == UINT64_MAX) return;
  const TimerKey key = system_.timers().add(deadline_ns, &Asks::expire, this, correlation);
  ask->limit.store(key.number, std::memory_order_relaxed);  // only a number
  // It may have ended meanwhile. A timer that is forgotten finds no ask of its generation.
  if (!is_pending(correlation)) system_.timers().cancel(key);
}

void Asks::lose(Lane& lane, std::uint64_t correlation, ac_status status) noexcept {
  Ask* ask = find(correlation);
  if (ask == nullptr) return;
  std::uint64_t copies = ask->copies.load(std::memory_order_relaxed);  // see scatter
  while (copies >> 32 == generation_of(correlation) && static_cast<std::uint32_t>(copies) > 1) {
    if (ask->copies.compare_exchange_weak(copies, copies - 1, std::memory_order_relaxed,
                                          std::memory_order_relaxed)) {  // a count
      return;
    }
  }
  fail(lane, correlation, status);
}

void Asks::fail_held(Lane& lane, Id holder, ac_status status) noexcept {
  const std::uint32_t count = opened_.load(std::memory_order_acquire);  // K1
  for (std::uint32_t index = 0; index < count; ++index) {
    const Ask& ask = chunks_[index / chunk_slots][index % chunk_slots];
    const std::uint64_t word = ask.word.load(std::memory_order_acquire);      // K1
    if (ask.holder.load(std::memory_order_relaxed) != holder.bits) continue;  // K3
    fail(lane, generation_of(word) << 32 | (index + 1), status);
  }
}

void Asks::abandon(Lane& lane, std::uint64_t correlation) noexcept {
  Ask* ask = find(correlation);
  if (ask == nullptr || end(*ask, correlation) != pending_inside) return;
  finish(lane, *ask, correlation);
}

bool Asks::cancel(std::uint64_t correlation) noexcept {
  Ask* ask = find(correlation);
  // Those of a thread outside are ended by that thread alone, which waits for their replies.
  if (ask == nullptr || static_cast<State>(static_cast<std::uint32_t>(
                            ask->word.load(std::memory_order_acquire))) != pending_inside) {  // K1
    return false;
  }
  {
    const auto lane = system_.external_lane();
    if (end(*ask, correlation) != pending_inside) return false;
    finish(*lane, *ask, correlation);
  }
  system_.outside_changed();
  return true;
}

bool Asks::is_pending(std::uint64_t correlation) noexcept {
  const Ask* ask = find(correlation);
  if (ask == nullptr) return false;
  const std::uint64_t word = ask->word.load(std::memory_order_acquire);  // K1
  const auto state = static_cast<State>(static_cast<std::uint32_t>(word));
  return generation_of(word) == generation_of(correlation) &&
         (state == pending_inside || state == pending_outside);
}

ac_status Asks::span_of(std::uint64_t correlation, std::uint64_t& span) noexcept {
  const Ask* ask = generation_of(correlation) == 0 ? nullptr : find(correlation);
  if (ask == nullptr) return AC_E_NOT_FOUND;
  absl::MutexLock lock(&mutex_);  // the slot is not used again meanwhile
  const std::uint64_t word = ask->word.load(std::memory_order_relaxed);  // opened under the mutex
  if (generation_of(word) != generation_of(correlation) ||
      static_cast<State>(static_cast<std::uint32_t>(word)) == unused) {
    return AC_E_STALE;
  }
  span = ask->span;
  return AC_OK;
}

std::vector<Wait> Asks::waits() {
  std::vector<Wait> all;
  const std::uint32_t count = opened_.load(std::memory_order_acquire);  // K1
  for (std::uint32_t first = 0; first < count; first += chunk_slots) {
    absl::MutexLock lock(&mutex_);  // no slot is used again meanwhile
    for (std::uint32_t index = first; index < first + chunk_slots; ++index) {
      const Ask& ask = chunks_[index / chunk_slots][index % chunk_slots];
      const std::uint64_t word = ask.word.load(std::memory_order_acquire);  // K1
      if (static_cast<State>(static_cast<std::uint32_t>(word)) != pending_inside) continue;
      const std::uint64_t holder = ask.holder.load(std::memory_order_relaxed);  // a hint
      all.push_back(
          {ask.asker, holder == 0 ? ask.to : Id{holder}, generation_of(word) << 32 | (index + 1)});
    }
  }
  return all;
}

void Asks::fail_all(Lane& lane, ac_status status) noexcept {
  const std::uint32_t count = opened_.load(std::memory_order_acquire);  // K1
  for (std::uint32_t index = 0; index < count; ++index) {
    const Ask& ask = chunks_[index / chunk_slots][index % chunk_slots];
    const std::uint64_t word = ask.word.load(std::memory_order_acquire);  // K1
    fail(lane, generation_of(word) << 32 | (index + 1), status);
  }
}

void Asks::expire(void* context, std::uint64_t correlation) noexcept {
  auto& asks = *static_cast<Asks*>(context);
  {
    const auto lane = asks.system_.external_lane();
    asks.fail(*lane, correlation, AC_E_TIMEOUT);
  }
  asks.system_.outside_changed();  // the asker may be gone, and then no worker wakes
}

bool Asks::is_ended(std::uint64_t correlation) noexcept {
  return find(correlation)->signal.load(std::memory_order_acquire) != 0;  // K2
}

void Asks::wait(std::uint64_t correlation, std::uint64_t deadline_ns) noexcept {
  futex_wait(find(correlation)->signal, 0, deadline_ns);
}

ac_status Asks::close_outside(std::uint64_t correlation, ac_message& reply) noexcept {
  Ask& ask = *find(correlation);
  ac_status status = AC_E_TIMEOUT;
  if (end(ask, correlation) == unused) {
    // Another ended it; its signal may still be on the way.
    for (unsigned round = 0; ask.signal.load(std::memory_order_acquire) == 0; ++round) {  // K2
      RealSync::wait(round);
    }
    status = ask.status;
    reply = ask.reply;
  }
  release(ask, correlation);
  return status;
}

}  // namespace actorcore::runtime
