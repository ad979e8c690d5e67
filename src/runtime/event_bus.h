// EventBus: publish and subscribe by topic, pattern, and actor that an event is about.
//
// Threads:    any.
// Invariants: every subscription that an event fits gets one message, all of them share one buffer
//             (ac_event, data, topic). They are served in descending priority, then in order of
//             subscription. What one publisher publishes reaches a subscriber in that order; with
//             is_ordered so does what all publish, in the order of the events' ids. Who is found
//             dead loses all subscriptions.
// Cost:       a publish is the match, one pooled buffer, and a message a subscription. Publishers
//             read under locks of their own, one a shard, and meet only a subscribe, which takes
//             all of them; is_ordered makes them take turns.
#ifndef ACTORCORE_RUNTIME_EVENT_BUS_H_
#define ACTORCORE_RUNTIME_EVENT_BUS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/handle_table.h"
#include "base/status.h"
#include "memory/buffer_pool.h"
#include "runtime/topics.h"

namespace actorcore::runtime {

class Lane;
class System;

// What is published; the views are read during the call only.
struct Event {
  std::string_view topic;  // a valid one
  std::uint32_t type = 0;
  std::int32_t priority = 0;
  Id about;
  Id source;
  ac_bytes data{};
};

class EventBus {
 public:
  // As many as one buffer has references for, and as many again for receivers that keep it.
  static constexpr std::uint64_t subscriptions_max = std::uint64_t{1} << 19;

  // With its handle; holds the system.
  static Result<EventBus*> create(System& system, bool is_ordered);
  void release_handle() noexcept { delete this; }
  ac_bus handle{0};

  // The new subscription's id.
  Result<std::uint64_t> subscribe(Subscription subscription);
  bool unsubscribe(std::uint64_t id) noexcept;
  // Its id, from 1, and how many messages it became.
  ac_status publish(const Event& event, std::uint64_t& id, std::uint64_t& delivered);

  System& system() noexcept { return system_; }
  ac_bus_stats stats() const noexcept;

 private:
  struct alignas(64) Shard {
    mutable absl::Mutex mutex;
    std::atomic<std::uint64_t> events{0}, deliveries{0}, unmatched{0};
  };
  static constexpr std::uint32_t shards = 8;

  EventBus(System& system, bool is_ordered);
  ~EventBus();

  Shard& shard() noexcept;
  // Runs the body while no publisher matches.
  template <class Body>
  auto change(Body body);
  // The live ones; those that are not lose their subscriptions.
  void match(const Event& event, Matches& matches);
  ac_status number_and_send(const Event& event, const Matches& matches, Lane* lane,
                            std::uint64_t& id, std::uint64_t& delivered) noexcept;
  std::uint64_t send(Lane& lane, const Event& event, std::uint64_t id,
                     const Matches& matches) noexcept;

  System& system_;
  const bool is_ordered_;
  memory::BufferPool& pool_;
  std::array<Shard, shards> shards_;
  absl::Mutex order_mutex_;
  std::atomic<std::uint64_t> last_event_{0};
  std::atomic<std::uint64_t> removed_dead_{0};
  // Read under any shard's lock, written under all of them.
  Topics topics_;
  std::uint64_t last_subscription_ = 0;
};

using BusTable = HandleTable<EventBus, HandleKind::bus>;
BusTable& buses();

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_EVENT_BUS_H_
