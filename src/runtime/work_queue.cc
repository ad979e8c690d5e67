#include "runtime/work_queue.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

constexpr std::uint64_t room_delay_ns = 1'000'000;  // before what found no room is tried again

// A buffer that goes unless it is taken over.
struct Owned {
  ac_buffer buffer;
  ~Owned() { memory::buffers().release(buffer.bits); }
};

}  // namespace

static_assert(sizeof(ac_work) > AC_INLINE_BYTES, "an item is always in a buffer");

WorkQueue::WorkQueue(System& system, QueueOptions options, std::uint32_t number,
                     std::uint32_t first_generation)
    : system_(system),
      options_(std::move(options)),
      number_(number),
      first_generation_(first_generation),
      pool_(*new memory::BufferPool) {
  system_.retain();
}

WorkQueue::~WorkQueue() {
  for (const Item& item : items_) memory::buffers().release(item.buffer.bits);
  pool_.close();
  system_.release();
}

void WorkQueue::release_handle() noexcept {
  system_.queues().remove(*this);
  system_.timers().cancel(armed_);
  delete this;
}

// -- items and their lists ----------------------------------------------------------------------

void WorkQueue::append(List& list, std::uint32_t slot) noexcept {
  Item& item = items_[slot];
  item.before = std::exchange(list.last, slot);
  item.after = none;
  (item.before == none ? list.first : items_[item.before].after) = slot;
  ++list.count;
}

void WorkQueue::remove(List& list, std::uint32_t slot) noexcept {
  const Item& item = items_[slot];
  (item.before == none ? list.first : items_[item.before].after) = item.after;
  (item.after == none ? list.last : items_[item.after].before) = item.before;
  --list.count;
}

std::uint32_t WorkQueue::take_slot() {
  if (unused_.count == 0) {
    for (std::vector<std::uint32_t>* heap : {&returned_, &delayed_}) {
      if (heap->capacity() <= items_.size()) heap->reserve(2 * items_.size() + 16);
    }
    items_.emplace_back().generation = first_generation_;
    append(unused_, static_cast<std::uint32_t>(items_.size() - 1));
  }
  const std::uint32_t slot = unused_.first;
  remove(unused_, slot);
  return slot;
}

void WorkQueue::give_slot(std::uint32_t slot) noexcept {
  Item& item = items_[slot];
  memory::buffers().release(std::exchange(item.buffer, {0}).bits);
  item.state = State::unused;
  append(unused_, slot);
}

std::uint32_t WorkQueue::live() const noexcept {
  return static_cast<std::uint32_t>(items_.size()) - unused_.count - dead_.count;
}

bool WorkQueue::is_leased(WorkTag tag) const noexcept {
  if (tag.queue() != number_ || tag.slot() >= items_.size()) return false;
  const Item& item = items_[tag.slot()];
  const std::uint64_t live_tag = WorkTag::make(item.generation, number_, tag.slot()).bits;
  return item.state == State::leased && live_tag == tag.bits;
}

// -- putting and acknowledging ------------------------------------------------------------------

ac_status WorkQueue::put(Id source, std::uint32_t type, ac_bytes payload, std::uint64_t& number) {
  if (system_.is_closed() && !in_handler()) return AC_E_STOPPED;
  std::uint8_t* bytes = nullptr;
  Owned owned{pool_.take(sizeof(ac_work) + payload.size, &bytes)};
  if (owned.buffer.bits == 0) return AC_E_NO_MEMORY;
  if (payload.size != 0) std::memcpy(bytes + sizeof(ac_work), payload.data, payload.size);
  const auto lane = system_.external_lane();
  absl::MutexLock lock(&mutex_);
  if (live() >= options_.capacity) {
    ++stats_.refused;
    return AC_E_FULL;
  }
  const std::uint32_t slot = take_slot();
  number = ++stats_.put;
  ac_work head{};
  head.queue = handle;
  head.number = number;
  head.time_ns = system_.clock().now();
  head.source = source.handle();
  head.type = type;
  head.data_size = static_cast<std::uint32_t>(payload.size);
  std::memcpy(bytes, &head, sizeof head);
  Item& item = items_[slot];
  item.number = number;
  item.buffer = std::exchange(owned.buffer, {0});
  item.bytes = bytes;
  item.source = source;
  item.last = {};
  item.length = static_cast<std::uint32_t>(sizeof head + payload.size);
  item.type = type;
  item.deliveries = 0;
  item.status = AC_OK;
  item.state = State::ready;
  append(fresh_, slot);
  settle(*lane);
  return AC_OK;
}

ac_status WorkQueue::ack(WorkTag tag) noexcept {
  const auto lane = system_.external_lane();
  absl::MutexLock lock(&mutex_);
  if (!is_leased(tag)) return AC_E_NOT_FOUND;
  end_lease(tag.slot());
  give_slot(tag.slot());
  ++stats_.acked;
  settle(*lane);
  return AC_OK;
}

ac_status WorkQueue::nack(WorkTag tag, std::uint64_t delay_ns) noexcept {
  const auto lane = system_.external_lane();
  absl::MutexLock lock(&mutex_);
  if (!is_leased(tag)) return AC_E_NOT_FOUND;
  ++stats_.nacked;
  give_back(tag.slot(), AC_E_HANDLER, delay_ns == 0 ? options_.retry_delay_ns : delay_ns);
  settle(*lane);
  return AC_OK;
}

void WorkQueue::ended(WorkTag tag, bool failed_in_hand) noexcept {
  const auto lane = system_.external_lane();
  absl::MutexLock lock(&mutex_);
  if (!is_leased(tag)) return;
  Item& item = items_[tag.slot()];
  const Id consumer = item.last;
  std::uint64_t delay_ns = options_.retry_delay_ns;
  if (!failed_in_hand && system_.directory().find(consumer) != nullptr) {
    // Its mailbox had no room for it, which is no delivery.
    --item.deliveries;
    delay_ns = std::max(delay_ns, room_delay_ns);
  }
  give_back(tag.slot(), failed_in_hand ? AC_E_FAILED : AC_E_STALE, delay_ns);
  settle(*lane);
}

// -- leases -------------------------------------------------------------------------------------

void WorkQueue::end_lease(std::uint32_t slot) noexcept {
  Item& item = items_[slot];
  remove(leased_, slot);
  const auto at = consumers_.find(item.last.bits);
  Consumer& consumer = *at->second;
  --consumer.leased;
  if (consumer.credit > consumer.leased) {
    wait_in_line(consumer);
  } else if (consumer.credit == 0 && consumer.leased == 0) {
    consumers_.erase(at);
  }
}

void WorkQueue::give_back(std::uint32_t slot, ac_status status, std::uint64_t delay_ns) noexcept {
  Item& item = items_[slot];
  end_lease(slot);
  item.status = status;
  if (delay_ns == AC_TIMEOUT_NEVER || item.deliveries >= options_.deliveries_max) {
    bury(slot);
  } else if (delay_ns != 0) {
    delay(slot, delay_ns);
  } else {
    make_ready(slot);
  }
}

void WorkQueue::make_ready(std::uint32_t slot) noexcept {
  items_[slot].state = State::ready;
  returned_.push_back(slot);
  std::push_heap(returned_.begin(), returned_.end(), by_number());
}

void WorkQueue::delay(std::uint32_t slot, std::uint64_t delay_ns) noexcept {
  items_[slot].state = State::delayed;
  items_[slot].time_ns = deadline_after(system_.clock().now(), delay_ns);
  delayed_.push_back(slot);
  std::push_heap(delayed_.begin(), delayed_.end(), by_time());
}

void WorkQueue::bury(std::uint32_t slot) noexcept {
  items_[slot].state = State::dead;
  items_[slot].time_ns = system_.clock().now();
  append(dead_, slot);
  ++stats_.dead;
  if (dead_.count <= dead_kept) return;
  const std::uint32_t oldest = dead_.first;
  remove(dead_, oldest);
  give_slot(oldest);
}

void WorkQueue::fire() noexcept {
  if (system_.is_ended()) return;  // which fires what is left, so nothing may be set again
  const auto lane = system_.external_lane();
  absl::MutexLock lock(&mutex_);
  armed_ = {};
  const std::uint64_t now = system_.clock().now();
  while (leased_.first != none && items_[leased_.first].time_ns <= now) {
    const std::uint32_t slot = leased_.first;
    ++stats_.expired;
    give_back(slot, AC_E_TIMEOUT, options_.retry_delay_ns);
  }
  while (!delayed_.empty() && items_[delayed_.front()].time_ns <= now) {
    std::pop_heap(delayed_.begin(), delayed_.end(), by_time());
    const std::uint32_t slot = delayed_.back();
    delayed_.pop_back();
    make_ready(slot);
  }
  settle(*lane);
}

void WorkQueue::arm() noexcept {
  std::uint64_t due = leased_.first == none ? UINT64_MAX : items_[leased_.first].time_ns;
  if (!delayed_.empty()) due = std::min(due, items_[delayed_.front()].time_ns);
  // One that comes too early finds nothing due and is set again, so most leases set none.
  if (due == UINT64_MAX || (armed_.number != 0 && armed_for_ns_ <= due)) return;
  system_.timers().cancel(armed_);
  armed_for_ns_ = due;
  armed_ = system_.timers().add(due, &WorkQueues::fire, &system_.queues(), handle.bits);
}

// -- consumers ----------------------------------------------------------------------------------

void WorkQueue::wait_in_line(Consumer& consumer) noexcept {
  if (std::exchange(consumer.is_waiting, true)) return;
  consumer.before = std::exchange(last_waiting_, &consumer);
  consumer.after = nullptr;
  (consumer.before == nullptr ? first_waiting_ : consumer.before->after) = &consumer;
}

void WorkQueue::leave_line(Consumer& consumer) noexcept {
  if (!std::exchange(consumer.is_waiting, false)) return;
  (consumer.before == nullptr ? first_waiting_ : consumer.before->after) = consumer.after;
  (consumer.after == nullptr ? last_waiting_ : consumer.after->before) = consumer.before;
}

ac_status WorkQueue::join(Id id, std::uint32_t credit) {
  const auto lane = system_.external_lane();
  absl::MutexLock lock(&mutex_);
  // From here on its end finds it, once it has the lock.
  if (const ac_status status = system_.list(id); status != AC_OK) return status;
  std::unique_ptr<Consumer>& consumer = consumers_[id.bits];
  try {
    if (consumer == nullptr) consumer = std::make_unique<Consumer>(Consumer{.id = id});
  } catch (...) {
    consumers_.erase(id.bits);
    throw;
  }
  consumer->credit = credit;
  if (credit > consumer->leased) {
    wait_in_line(*consumer);
  } else {
    leave_line(*consumer);
  }
  settle(*lane);
  return AC_OK;
}

ac_status WorkQueue::leave(Id id) noexcept {
  absl::MutexLock lock(&mutex_);
  const auto at = consumers_.find(id.bits);
  if (at == consumers_.end() || at->second->credit == 0) return AC_E_NOT_FOUND;
  leave_line(*at->second);
  at->second->credit = 0;
  if (at->second->leased == 0) consumers_.erase(at);
  return AC_OK;
}

void WorkQueue::drop(Id id) noexcept {
  const auto at = consumers_.find(id.bits);
  if (at == consumers_.end()) return;
  leave_line(*at->second);
  at->second->credit = 0;
  if (at->second->leased == 0) consumers_.erase(at);
  // The end of its last lease erases it otherwise.
  for (std::uint32_t slot = leased_.first; slot != none;) {
    const std::uint32_t after = items_[slot].after;
    if (items_[slot].last.bits == id.bits) give_back(slot, AC_E_STALE, options_.retry_delay_ns);
    slot = after;
  }
}

void WorkQueue::consumer_ended(Id consumer) noexcept {
  const auto lane = system_.external_lane();
  absl::MutexLock lock(&mutex_);
  drop(consumer);
  settle(*lane);
}

// The first in line, or the one behind it when the first is who had the item last.
WorkQueue::Consumer& WorkQueue::choose(const Item& item) noexcept {
  Consumer& first = *first_waiting_;
  return first.id.bits == item.last.bits && first.after != nullptr ? *first.after : first;
}

// -- delivering ---------------------------------------------------------------------------------

void WorkQueue::take_oldest_ready() noexcept {
  if (returned_.empty()) return remove(fresh_, fresh_.first);
  std::pop_heap(returned_.begin(), returned_.end(), by_number());
  returned_.pop_back();
}

bool WorkQueue::send(Lane& lane, std::uint32_t slot, Consumer& consumer) noexcept {
  Envelope* envelope = lane.envelope();
  if (envelope == nullptr) return false;
  Item& item = items_[slot];
  if (!memory::buffers().retain(item.buffer.bits)) {
    envelope->length = 0;
    lane.free(envelope);
    return false;
  }
  item.generation = (item.generation + 1) & WorkTag::generation_mask;
  item.last = consumer.id;
  item.time_ns = deadline_after(system_.clock().now(), options_.lease_ns);
  item.state = State::leased;
  append(leased_, slot);
  stats_.redelivered += item.deliveries != 0;
  ++stats_.delivered;
  ++item.deliveries;
  ++consumer.leased;
  leave_line(consumer);  // and to its end, so that all have their turn
  if (consumer.leased < consumer.credit) wait_in_line(consumer);
  envelope->to = consumer.id.handle();
  envelope->sender = item.source.handle();
  envelope->correlation = WorkTag::make(item.generation, number_, slot).bits;
  envelope->type = AC_TYPE_WORK;
  envelope->length = item.length;
  envelope->set_buffer(item.buffer, item.bytes);
  envelope->set_note(item.deliveries);
  system_.budget().take(item.length);
  system_.accept(lane, envelope);
  return true;
}

void WorkQueue::settle(Lane& lane) noexcept {
  while (first_waiting_ != nullptr && has_ready() && !system_.is_stopping()) {
    const std::uint32_t slot = oldest_ready();
    Consumer& consumer = choose(items_[slot]);
    if (system_.directory().find(consumer.id) == nullptr) {
      leave_line(consumer);  // its end is on its way, and says what became of what it has
      continue;
    }
    take_oldest_ready();
    if (send(lane, slot, consumer)) continue;
    delay(slot, room_delay_ns);
    break;
  }
  arm();
}

}  // namespace actorcore::runtime
