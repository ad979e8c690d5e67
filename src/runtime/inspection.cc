#include "runtime/inspection.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "runtime/peek.h"
#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

constexpr std::uint64_t counted_max = 65'536;  // messages of one actor, at one look

}  // namespace

void Inspection::sample_workers() {
  now_ns_ = system_.clock().now();
  memory_ = system_.envelope_memory();
  absl::flat_hash_map<std::uint64_t, Running> now;
  for (const Worker::InHand& hand : system_.in_hand()) {
    const Actor* actor = system_.directory().at(hand.actor.slot());
    if (actor == nullptr || actor->generation() != hand.actor.generation()) continue;
    Running running{actor->turns.load(std::memory_order_relaxed),  // a hint
                    hand.type,
                    hand.has_type,
                    false,
                    now_ns_,
                    hand.worker};
    const auto before = running_.find(hand.actor.bits);
    if (before != running_.end() && before->second.turns == running.turns) {
      running.since_ns = before->second.since_ns;
      running.is_told = before->second.is_told;
    }
    now.insert_or_assign(hand.actor.bits, running);
  }
  running_.swap(now);
}

Inspection::Waiting* Inspection::sample_mailbox(Actor& actor, std::uint32_t generation) {
  const Envelope* first = peek(actor.pending.first);
  if (first == nullptr && !actor.mailbox.is_empty()) first = actor.mailbox.oldest();
  if (first == nullptr) {
    waiting_.erase(actor.slot);
    return nullptr;
  }
  const std::uint32_t turns = actor.turns.load(std::memory_order_relaxed);  // a hint
  Waiting& waiting = waiting_[actor.slot];
  if (waiting.generation != generation || waiting.turns != turns || waiting.first != first) {
    waiting = {generation, turns, first, false, now_ns_};
  }
  return &waiting;
}

bool Inspection::is_ours(const Envelope* envelope) const {
  const auto address = reinterpret_cast<std::uintptr_t>(envelope);
  const auto after = std::upper_bound(
      memory_.begin(), memory_.end(), address,
      [](std::uintptr_t at, const memory::Arena::Extent& extent) { return at < extent.begin; });
  if (after == memory_.begin() || address % sizeof(Envelope) != 0) return false;
  return address - std::prev(after)->begin < std::prev(after)->bytes;
}

// Exact for an actor that is in a handler all the time, for then nobody takes from its chains.
std::uint64_t Inspection::count_messages(const Actor& actor) const {
  std::uint64_t count = 0;
  if (Inbox* inbox = actor.inbox()) {
    ac_mailbox_stats stats;
    const Id id = system_.directory().id_of(actor);
    if (inbox->stats(id, stats)) count = stats.length;
  }
  for (const Envelope* at : {static_cast<const Envelope*>(peek(actor.pending.first)),
                             static_cast<const Envelope*>(actor.mailbox.oldest())}) {
    for (; at != nullptr && count < counted_max && is_ours(at); ++count) {
      at = Envelope::following(peek(at->to.bits));
    }
  }
  return count;
}

std::uint64_t Inspection::length_of(const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  memory_ = system_.envelope_memory();
  return count_messages(actor);
}

bool Inspection::describe(Actor& actor, ac_actor_info& row) {
  const std::uint32_t life = actor.life.load(std::memory_order_acquire);  // A1
  const Phase phase = peek(actor.phase);
  if ((life & Actor::alive) == 0 && phase != Phase::ending) return false;
  const Id id = Id::make(system_.directory().tag(), life >> 8, actor.slot);
  row = {};
  row.actor = id.handle();
  if (const Dispatcher* dispatcher = peek(actor.dispatcher)) {
    row.dispatcher = dispatcher->handle;
    const std::string& name = dispatcher->options().name;
    row.dispatcher_name = {name.data(), name.size()};
  }
  if (const Behavior* behavior = peek(actor.behavior)) {
    row.behavior_name = {behavior->name().data(), behavior->name().size()};
  }
  if (Cell* cell = actor.cell.load(std::memory_order_acquire)) {  // A2
    absl::MutexLock lock(&cell->mutex);
    row.restarts = static_cast<std::uint32_t>(cell->stats.restarts);
  }
  const std::string name = system_.names().of(id);
  row.name_size = static_cast<std::uint32_t>(name.size());
  std::memcpy(row.name, name.data(), name.size());
  const bool is_idle = actor.mailbox.is_idle();
  if (const Waiting* waiting = sample_mailbox(actor, life >> 8)) {
    row.mailbox = count_messages(actor);
    row.oldest_ns = now_ns_ - waiting->since_ns;
  }
  const auto running = running_.find(id.bits);
  const bool runs = running != running_.end();
  if (runs) {
    row.worker = running->second.worker;
    row.handler_ns = now_ns_ - running->second.since_ns;
    row.type = running->second.has_type ? running->second.type : 0;
  }
  const bool is_ending = (life & Actor::alive) == 0 || (life & Actor::stop_asked) != 0;
  row.state = is_ending                 ? AC_ACTOR_STOPPING
              : runs                    ? AC_ACTOR_RUNNING
              : phase != Phase::running ? AC_ACTOR_STARTING
              : is_idle                 ? AC_ACTOR_IDLE
                                        : AC_ACTOR_QUEUED;
  return true;
}

std::uint64_t Inspection::list(std::uint64_t cursor, std::byte* rows, std::size_t stride,
                               std::uint64_t capacity, std::uint64_t& next) {
  absl::MutexLock lock(&mutex_);
  sample_workers();
  const std::uint32_t used = system_.directory().used();
  std::uint64_t count = 0;
  std::uint64_t slot = cursor;
  for (; slot < used && count < capacity; ++slot) {
    ac_actor_info row;
    if (!describe(*system_.directory().at(static_cast<std::uint32_t>(slot)), row)) continue;
    std::memset(rows + count * stride, 0, stride);
    std::memcpy(rows + count * stride, &row, std::min(stride, sizeof row));
    ++count;
  }
  next = slot < used ? slot : 0;
  return count;
}

std::vector<Inspection::Late> Inspection::late_handlers(std::uint64_t budget_ns) {
  absl::MutexLock lock(&mutex_);
  sample_workers();
  std::vector<Late> late;
  for (auto& [bits, running] : running_) {
    const std::uint64_t for_ns = now_ns_ - running.since_ns;
    if (budget_ns == 0 || for_ns < budget_ns || running.is_told) continue;
    const Actor& actor = *system_.directory().at(Id{bits}.slot());
    late.push_back({Id{bits}, running.has_type ? running.type : 0, for_ns, count_messages(actor)});
    running.is_told = true;
  }
  return late;
}

std::vector<Inspection::Late> Inspection::late_mailboxes(std::uint64_t age_ns) {
  std::vector<Late> late;
  if (age_ns == 0) return late;
  absl::MutexLock lock(&mutex_);
  const std::uint32_t used = system_.directory().used();
  for (std::uint32_t slot = 0; slot < used; ++slot) {
    Actor& actor = *system_.directory().at(slot);
    const std::uint32_t life = actor.life.load(std::memory_order_acquire);  // A1
    if ((life & Actor::alive) == 0 || actor.mailbox.is_idle()) {
      waiting_.erase(slot);
      continue;
    }
    Waiting* waiting = sample_mailbox(actor, life >> 8);
    if (waiting == nullptr || waiting->is_told || now_ns_ - waiting->since_ns < age_ns) continue;
    waiting->is_told = true;
    const Id id = Id::make(system_.directory().tag(), life >> 8, slot);
    late.push_back({id, 0, now_ns_ - waiting->since_ns, count_messages(actor)});
  }
  return late;
}

}  // namespace actorcore::runtime
