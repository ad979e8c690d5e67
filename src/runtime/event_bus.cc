#include "runtime/event_bus.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/thread_slot.h"
#include "runtime/system.h"

namespace actorcore::runtime {

static_assert(sizeof(ac_event) > AC_INLINE_BYTES, "an event is always in a buffer");

BusTable& buses() {
  static BusTable* const table = new BusTable;  // never unmapped
  return *table;
}

EventBus::EventBus(System& system, bool is_ordered)
    : system_(system), is_ordered_(is_ordered), pool_(*new memory::BufferPool) {
  system_.retain();
}

EventBus::~EventBus() {
  pool_.close();
  system_.release();
}

Result<EventBus*> EventBus::create(System& system, bool is_ordered) {
  if (system.is_closed()) return Error(AC_E_STOPPED, "the system is stopping; make buses before");
  auto* bus = new EventBus(system, is_ordered);
  try {
    bus->handle.bits = buses().insert(bus);
  } catch (...) {
    delete bus;
    throw;
  }
  if (bus->handle.bits != 0) return bus;
  delete bus;
  return Error(AC_E_LIMIT, "the process has as many buses as it can; release one first");
}

EventBus::Shard& EventBus::shard() noexcept { return shards_[thread_slot() % shards]; }

template <class Body>
auto EventBus::change(Body body) {
  struct All {
    explicit All(std::array<Shard, shards>& all_in) : all(all_in) {
      for (Shard& one : all) one.mutex.Lock();
    }
    ~All() {
      for (Shard& one : all) one.mutex.Unlock();
    }
    std::array<Shard, shards>& all;
  } const locked(shards_);
  return body();
}

Result<std::uint64_t> EventBus::subscribe(Subscription subscription) {
  return change([&]() -> Result<std::uint64_t> {
    if (topics_.size() >= subscriptions_max) {
      return Error(AC_E_LIMIT, "a bus has at most 524,288 subscriptions; use another bus");
    }
    subscription.id = last_subscription_ + 1;
    topics_.add(std::move(subscription));
    return ++last_subscription_;
  });
}

bool EventBus::unsubscribe(std::uint64_t id) noexcept {
  return change([&] { return topics_.remove(id); });
}

void EventBus::match(const Event& event, Matches& matches) {
  {
    const absl::ReaderMutexLock lock(&shard().mutex);
    topics_.match(event.topic, event.about, event.type, matches);
  }
  const auto is_dead = [this](const Match& match) {
    return system_.directory().find(match.subscriber) == nullptr;
  };
  const auto dead = std::stable_partition(matches.begin(), matches.end(), std::not_fn(is_dead));
  if (dead != matches.end()) {
    removed_dead_.fetch_add(change([&] {
                              std::uint64_t removed = 0;
                              for (auto one = dead; one != matches.end(); ++one) {
                                removed += topics_.remove_subscriber(one->subscriber);
                              }
                              return removed;
                            }),
                            std::memory_order_relaxed);  // a statistic
    matches.erase(dead, matches.end());
  }
  const auto is_once = [](const Match& match) { return (match.flags & AC_SUBSCRIBE_ONCE) != 0; };
  if (std::none_of(matches.begin(), matches.end(), is_once)) return;
  absl::flat_hash_set<std::uint64_t> served;
  const auto is_again = [&](const Match& match) {
    return !served.insert(match.subscriber.bits).second && is_once(match);
  };
  matches.erase(std::remove_if(matches.begin(), matches.end(), is_again), matches.end());
}

ac_status EventBus::publish(const Event& event, std::uint64_t& id, std::uint64_t& delivered) {
  if (system_.is_closed() && !in_handler()) return AC_E_STOPPED;
  Matches matches;
  if (!is_ordered_) {
    match(event, matches);
    return number_and_send(event, matches, nullptr, id, delivered);
  }
  // The lane first, since what its end tells of dead messages may publish in its turn.
  const auto lane = system_.external_lane();
  absl::MutexLock order(&order_mutex_);
  match(event, matches);
  return number_and_send(event, matches, &*lane, id, delivered);
}

ac_status EventBus::number_and_send(const Event& event, const Matches& matches, Lane* lane,
                                    std::uint64_t& id, std::uint64_t& delivered) noexcept {
  id = last_event_.fetch_add(1, std::memory_order_relaxed) + 1;  // only a number
  delivered = 0;
  Shard& counts = shard();
  counts.events.fetch_add(1, std::memory_order_relaxed);  // statistics, these
  if (matches.empty()) {
    counts.unmatched.fetch_add(1, std::memory_order_relaxed);
    return AC_OK;
  }
  delivered = lane != nullptr ? send(*lane, event, id, matches)
                              : send(*system_.external_lane(), event, id, matches);
  counts.deliveries.fetch_add(delivered, std::memory_order_relaxed);
  return delivered == matches.size() ? AC_OK : AC_E_NO_MEMORY;
}

std::uint64_t EventBus::send(Lane& lane, const Event& event, std::uint64_t id,
                             const Matches& matches) noexcept {
  const std::uint64_t size = sizeof(ac_event) + event.data.size + event.topic.size();
  std::uint8_t* bytes = nullptr;
  const ac_buffer buffer = pool_.take(size, &bytes);
  if (buffer.bits == 0) return 0;
  ac_event head{};
  head.id = id;
  head.time_ns = system_.clock().now();
  head.actor = event.about.handle();
  head.source = event.source.handle();
  head.type = event.type;
  head.priority = event.priority;
  head.data_size = static_cast<std::uint32_t>(event.data.size);
  head.topic_size = static_cast<std::uint32_t>(event.topic.size());
  std::memcpy(bytes, &head, sizeof head);
  if (event.data.size != 0) std::memcpy(bytes + sizeof head, event.data.data, event.data.size);
  std::memcpy(bytes + sizeof head + event.data.size, event.topic.data(), event.topic.size());
  std::uint64_t sent = 0;
  for (const Match& match : matches) {
    Envelope* envelope = lane.envelope();
    if (envelope == nullptr) break;
    if (!memory::buffers().retain(buffer.bits)) {
      envelope->length = 0;
      lane.free(envelope);
      break;
    }
    envelope->to = match.subscriber.handle();
    envelope->sender = event.source.handle();
    envelope->correlation = 0;
    envelope->type = AC_TYPE_EVENT;
    envelope->length = static_cast<std::uint32_t>(size);
    envelope->set_buffer(buffer, bytes);
    envelope->set_note(match.id);
    system_.budget().take(size);
    system_.accept(lane, envelope);
    ++sent;
  }
  memory::buffers().release(buffer.bits);
  return sent;
}

ac_bus_stats EventBus::stats() const noexcept {
  ac_bus_stats stats{};
  for (const Shard& one : shards_) {
    stats.events += one.events.load(std::memory_order_relaxed);
    stats.deliveries += one.deliveries.load(std::memory_order_relaxed);
    stats.unmatched += one.unmatched.load(std::memory_order_relaxed);
  }
  {
    const absl::ReaderMutexLock lock(&shards_[0].mutex);
    stats.subscriptions = topics_.size();
  }
  stats.removed_dead = removed_dead_.load(std::memory_order_relaxed);
  const memory::PoolStats pool = pool_.stats();
  stats.pool_gets = pool.gets;
  stats.pool_puts = pool.puts;
  stats.pool_hits = pool.hits;
  stats.pool_misses = pool.misses;
  return stats;
}

}  // namespace actorcore::runtime
