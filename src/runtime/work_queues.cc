// The part of WorkQueue that is about the dead ones and the figures, and the queues of a system.
#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/system.h"
#include "runtime/work_queue.h"

namespace actorcore::runtime {

WorkQueueTable& work_queues() {
  static WorkQueueTable* const table = new WorkQueueTable;  // never unmapped
  return *table;
}

// -- the dead ones, and the figures -------------------------------------------------------------

std::uint64_t WorkQueue::dead(std::span<ac_dead_work> out) const noexcept {
  absl::MutexLock lock(&mutex_);
  std::uint64_t count = 0;
  for (std::uint32_t slot = dead_.first; slot != none && count < out.size(); ++count) {
    const Item& item = items_[slot];
    ac_dead_work& one = out[count];
    one = {};
    one.number = item.number;
    one.time_ns = item.time_ns;
    one.source = item.source.handle();
    one.consumer = item.last.handle();
    one.type = item.type;
    one.data_size = item.length - static_cast<std::uint32_t>(sizeof(ac_work));
    one.deliveries = item.deliveries;
    one.status = item.status;
    slot = item.after;
  }
  return count;
}

std::uint32_t WorkQueue::find_dead(std::uint64_t number) const noexcept {
  std::uint32_t slot = dead_.first;
  while (slot != none && items_[slot].number != number) slot = items_[slot].after;
  return slot;
}

ac_status WorkQueue::dead_data(std::uint64_t number, std::span<std::uint8_t> out,
                               std::uint64_t& size) const noexcept {
  absl::MutexLock lock(&mutex_);
  const std::uint32_t slot = find_dead(number);
  if (slot == none) return AC_E_NOT_FOUND;
  size = items_[slot].length - sizeof(ac_work);
  if (size > out.size()) return AC_E_BUFFER_TOO_SMALL;
  if (size != 0) std::memcpy(out.data(), items_[slot].bytes + sizeof(ac_work), size);
  return AC_OK;
}

void WorkQueue::revive(std::uint32_t slot) noexcept {
  remove(dead_, slot);
  --stats_.dead;
  items_[slot].deliveries = 0;
  items_[slot].last = {};
  make_ready(slot);
}

ac_status WorkQueue::redrive(std::uint64_t number, std::uint64_t& count) noexcept {
  count = 0;
  const auto lane = system_.external_lane();
  absl::MutexLock lock(&mutex_);
  std::uint32_t slot = number == 0 ? dead_.first : find_dead(number);
  if (slot == none) return number == 0 ? AC_OK : AC_E_NOT_FOUND;
  if (live() >= options_.capacity) return AC_E_FULL;
  do {
    const std::uint32_t after = items_[slot].after;
    revive(slot);
    ++count;
    slot = number == 0 ? after : none;
  } while (slot != none && live() < options_.capacity);
  settle(*lane);
  return AC_OK;
}

ac_queue_stats WorkQueue::stats() const noexcept {
  absl::MutexLock lock(&mutex_);
  ac_queue_stats stats = stats_;
  stats.delayed = delayed_.size();
  stats.ready = fresh_.count + returned_.size() + delayed_.size();
  stats.leased = leased_.count;
  stats.dead_kept = dead_.count;
  for (const auto& [bits, consumer] : consumers_) stats.consumers += consumer->credit != 0;
  return stats;
}

// -- the queues of a system ---------------------------------------------------------------------

Result<WorkQueue*> WorkQueues::create(QueueOptions options) {
  // Given back without the mutex, which the end of a queue takes.
  struct Taken {
    std::uint64_t queue = 0;
    ~Taken() { work_queues().release(queue); }
  } taken;
  absl::MutexLock lock(&mutex_);
  if (system_.is_closed()) {
    return Error(AC_E_STOPPED, "the system is stopping; make queues before");
  }
  const auto named = names_.find(options.name);
  if (named != names_.end() && work_queues().retain(named->second)) {
    taken.queue = named->second;
    return Error(AC_E_EXISTS, "another queue has this name; find it, or choose one that is free")
        .with("name", options.name);
  }
  auto place =
      std::find_if(places_.begin(), places_.end(), [](const Place& one) { return one.queue == 0; });
  if (place == places_.end()) {
    if (places_.size() == queues_max) {
      return Error(AC_E_LIMIT, "a system has at most 2,048 queues; release one first");
    }
    place = places_.emplace(place);
  }
  const auto number = static_cast<std::uint32_t>(place - places_.begin());
  auto owned =
      std::make_unique<WorkQueue>(system_, std::move(options), number, place->first_generation);
  std::uint64_t& name = names_[owned->name()];
  owned->handle.bits = work_queues().insert(owned.get());
  if (owned->handle.bits == 0) {
    return Error(AC_E_LIMIT, "the process has as many queues as it can; release one first");
  }
  name = owned->handle.bits;
  place->queue = owned->handle.bits;
  return owned.release();
}

ac_queue WorkQueues::find(std::string_view name) noexcept {
  absl::MutexLock lock(&mutex_);
  const auto at = names_.find(absl::string_view(name.data(), name.size()));
  if (at == names_.end() || !work_queues().retain(at->second)) return {0};
  return {at->second};
}

void WorkQueues::remove(const WorkQueue& queue) noexcept {
  absl::MutexLock lock(&mutex_);
  Place& place = places_[queue.number()];
  place.queue = 0;
  // Far from where this queue's tags are, for those that are still on their way.
  place.first_generation = (place.first_generation + 0x1e3779b1) & WorkTag::generation_mask;
  const auto at = names_.find(queue.name());
  if (at != names_.end() && at->second == queue.handle.bits) names_.erase(at);
}

void WorkQueues::ended(const ac_message& work, bool failed_in_hand) noexcept {
  const WorkTag tag{work.correlation};
  std::uint64_t bits = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (tag.queue() < places_.size()) bits = places_[tag.queue()].queue;
  }
  if (const auto queue = work_queues().pin(bits)) queue->ended(tag, failed_in_hand);
}

void WorkQueues::consumer_ended(Id consumer) noexcept {
  for (std::uint32_t number = 0;; ++number) {
    std::uint64_t bits = 0;
    {
      absl::MutexLock lock(&mutex_);
      if (number == places_.size()) return;
      bits = places_[number].queue;
    }
    if (const auto queue = work_queues().pin(bits)) queue->consumer_ended(consumer);
  }
}

void WorkQueues::fire(void*, std::uint64_t queue) noexcept {
  if (const auto one = work_queues().pin(queue)) one->fire();
}

}  // namespace actorcore::runtime
