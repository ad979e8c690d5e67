// WorkQueue: items of work under a name, each delivered to one of a pool of consumers until it is
// acknowledged.
//
// Threads:    any.
// Invariants: put = acked + ready + leased + dead under the mutex. Ready are `fresh` (never
//             delivered, in order of number), `returned` (every one older than every fresh one) and
//             `delayed` (until a time). A leased item has one live tag. A consumer has at most its
//             credit leased and waits in line exactly while it has less and is to get more.
// Cost:       a put, an acknowledgement and what they deliver are a mutex, a pooled buffer and a
//             message; a timer is set once a lease time, not once an item.
//
// A lane is taken before the mutex, so that what the lane's end tells of dead messages finds it
// free. Items come back: refused, late, or with the end of the message or of its consumer.
#ifndef ACTORCORE_RUNTIME_WORK_QUEUE_H_
#define ACTORCORE_RUNTIME_WORK_QUEUE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/handle_table.h"
#include "base/status.h"
#include "memory/buffer_pool.h"
#include "runtime/id.h"
#include "runtime/timers.h"

namespace actorcore::runtime {

class Lane;
class System;

struct QueueOptions {
  std::string name;
  std::uint32_t capacity = 65'536;  // ready and leased
  std::uint32_t deliveries_max = 16;
  std::uint64_t lease_ns = 30'000'000'000;
  std::uint64_t retry_delay_ns = 0;
};

// What names one delivery in its system: generation (31 bits), 1, queue (11), slot (20). With the
// 1 it is no ask's correlation, which counts from below.
struct WorkTag {
  static constexpr unsigned slot_bits = 20;
  static constexpr unsigned queue_bits = 11;
  static constexpr std::uint32_t generation_mask = (std::uint32_t{1} << 31) - 1;

  std::uint64_t bits;

  static WorkTag make(std::uint32_t generation, std::uint32_t queue, std::uint32_t slot) noexcept {
    return {static_cast<std::uint64_t>(generation) << 32 |
            (std::uint32_t{1} << 31 | queue << slot_bits | slot)};
  }
  std::uint32_t generation() const noexcept { return static_cast<std::uint32_t>(bits >> 32); }
  std::uint32_t queue() const noexcept {
    return static_cast<std::uint32_t>(bits) >> slot_bits & ((1u << queue_bits) - 1);
  }
  std::uint32_t slot() const noexcept {
    return static_cast<std::uint32_t>(bits) & ((1u << slot_bits) - 1);
  }
};

class WorkQueue {
 public:
  static constexpr std::uint32_t dead_kept = 1'024;
  static constexpr std::uint32_t capacity_max = (1u << WorkTag::slot_bits) - dead_kept - 1;
  static constexpr std::uint32_t credit_max = 65'536;

  WorkQueue(System& system, QueueOptions options, std::uint32_t number,
            std::uint32_t first_generation);
  ~WorkQueue();
  void release_handle() noexcept;
  ac_queue handle{0};

  const std::string& name() const noexcept { return options_.name; }
  std::uint32_t number() const noexcept { return number_; }
  System& system() noexcept { return system_; }

  ac_status put(Id source, std::uint32_t type, ac_bytes payload, std::uint64_t& number);
  // Takes an actor into the pool, or gives it another credit.
  ac_status join(Id consumer, std::uint32_t credit);
  ac_status leave(Id consumer) noexcept;
  ac_status ack(WorkTag tag) noexcept;
  ac_status nack(WorkTag tag, std::uint64_t delay_ns) noexcept;

  // The dead ones that are kept, oldest first.
  std::uint64_t dead(std::span<ac_dead_work> out) const noexcept;
  // Copies the data of one when there is room for it.
  ac_status dead_data(std::uint64_t number, std::span<std::uint8_t> out,
                      std::uint64_t& size) const noexcept;
  // Makes one ready again, or with 0 all for which there is room.
  ac_status redrive(std::uint64_t number, std::uint64_t& count) noexcept;
  ac_queue_stats stats() const noexcept;

  // The message of a delivery ended without being handled well.
  void ended(WorkTag tag, bool failed_in_hand) noexcept;
  void consumer_ended(Id consumer) noexcept;
  void fire() noexcept;

 private:
  static constexpr std::uint32_t none = UINT32_MAX;

  enum class State : std::uint8_t { unused, ready, delayed, leased, dead };

  struct Item {
    std::uint64_t number = 0;
    std::uint64_t time_ns = 0;  // when the lease or the delay is over, or when it died
    ac_buffer buffer{0};
    const std::uint8_t* bytes = nullptr;
    Id source;
    Id last;  // who had it last
    std::uint32_t length = 0;
    std::uint32_t type = 0;
    std::uint32_t deliveries = 0;
    std::uint32_t generation = 0;
    ac_status status = AC_OK;  // how the last delivery ended
    std::uint32_t before = none, after = none;
    State state = State::unused;
  };
  // Items in a row, linked through their slots.
  struct List {
    std::uint32_t first = none, last = none, count = 0;
  };
  struct Consumer {
    Id id;
    std::uint32_t credit = 0;  // 0 has left
    std::uint32_t leased = 0;
    Consumer* before = nullptr;
    Consumer* after = nullptr;
    bool is_waiting = false;
  };

  void append(List& list, std::uint32_t slot) noexcept;
  void remove(List& list, std::uint32_t slot) noexcept;
  std::uint32_t take_slot();
  void give_slot(std::uint32_t slot) noexcept;
  std::uint32_t live() const noexcept;
  bool is_leased(WorkTag tag) const noexcept;
  std::uint32_t find_dead(std::uint64_t number) const noexcept;

  void wait_in_line(Consumer& consumer) noexcept;
  void leave_line(Consumer& consumer) noexcept;
  Consumer& choose(const Item& item) noexcept;
  // The consumer is gone: what it has comes back.
  void drop(Id consumer) noexcept;

  // A leased item is nobody's any more.
  void end_lease(std::uint32_t slot) noexcept;
  void give_back(std::uint32_t slot, ac_status status, std::uint64_t delay_ns) noexcept;
  void make_ready(std::uint32_t slot) noexcept;
  void delay(std::uint32_t slot, std::uint64_t delay_ns) noexcept;
  void bury(std::uint32_t slot) noexcept;
  void revive(std::uint32_t slot) noexcept;

  bool has_ready() const noexcept { return !returned_.empty() || fresh_.first != none; }
  std::uint32_t oldest_ready() const noexcept {
    return returned_.empty() ? fresh_.first : returned_.front();
  }
  void take_oldest_ready() noexcept;
  bool send(Lane& lane, std::uint32_t slot, Consumer& consumer) noexcept;
  // Delivers what can be delivered, and sees to the timer.
  void settle(Lane& lane) noexcept;
  void arm() noexcept;

  auto by_number() const noexcept {
    return [this](std::uint32_t a, std::uint32_t b) { return items_[a].number > items_[b].number; };
  }
  auto by_time() const noexcept {
    return [this](std::uint32_t a, std::uint32_t b) {
      return items_[a].time_ns != items_[b].time_ns ? items_[a].time_ns > items_[b].time_ns
                                                    : items_[a].number > items_[b].number;
    };
  }

  System& system_;
  const QueueOptions options_;
  const std::uint32_t number_;
  const std::uint32_t first_generation_;
  memory::BufferPool& pool_;

  // Guards all below.
  mutable absl::Mutex mutex_;
  std::deque<Item> items_;
  List unused_, fresh_, leased_, dead_;  // leased: by the end of the lease
  // Heaps with room for every item.
  std::vector<std::uint32_t> returned_;
  std::vector<std::uint32_t> delayed_;
  absl::flat_hash_map<std::uint64_t, std::unique_ptr<Consumer>> consumers_;
  Consumer* first_waiting_ = nullptr;
  Consumer* last_waiting_ = nullptr;
  TimerKey armed_;
  std::uint64_t armed_for_ns_ = 0;
  ac_queue_stats stats_{};  // what is counted rather than looked up
};

using WorkQueueTable = HandleTable<WorkQueue, HandleKind::queue>;
WorkQueueTable& work_queues();

// The queues of one system, by name and by number.
class WorkQueues {
 public:
  explicit WorkQueues(System& system) : system_(system) {}

  Result<WorkQueue*> create(QueueOptions options);
  // With one more reference, which is the caller's; none when there is no such queue.
  ac_queue find(std::string_view name) noexcept;
  void remove(const WorkQueue& queue) noexcept;

  void ended(const ac_message& work, bool failed_in_hand) noexcept;
  // An actor that may be a consumer is gone.
  void consumer_ended(Id consumer) noexcept;
  static void fire(void* context, std::uint64_t queue) noexcept;

 private:
  static constexpr std::uint32_t queues_max = 1u << WorkTag::queue_bits;

  struct Place {
    std::uint64_t queue = 0;  // its handle's bits, or 0
    std::uint32_t first_generation = 0;
  };

  System& system_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::uint64_t> names_ ABSL_GUARDED_BY(mutex_);
  std::vector<Place> places_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_WORK_QUEUE_H_
