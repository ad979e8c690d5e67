// Router: an actor's id whose messages go to other actors, its routees, as they are sent.
//
// Threads:    any.
// Invariants: a message is routed on its sender's thread, and goes straight to the mailbox of its
//             routee with its sender and correlation as they were: no queue and no worker between.
//             Routees are in order of their places; one that comes takes the lowest free place.
//             None is a router. Who has ended is passed over at once, and is taken off by its end.
//             Records are used again and freed with the system, so that a late sender finds one
//             that has another address, or none.
// Cost:       a message is a lock of the sender's own shard and a choice: a counter, a random
//             number, a search among the ring's points, or, for the smallest mailbox and a bounded
//             load, a look at every routee. Changes take every shard's lock.
#ifndef ACTORCORE_RUNTIME_ROUTER_H_
#define ACTORCORE_RUNTIME_ROUTER_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/handle_table.h"
#include "base/random.h"
#include "base/status.h"
#include "runtime/hash_ring.h"
#include "runtime/spawn.h"
#include "runtime/timers.h"

namespace actorcore::runtime {

struct Actor;
struct Envelope;
class System;

struct RouterOptions {
  std::uint32_t logic = AC_ROUTE_ROUND_ROBIN;
  std::uint32_t virtual_nodes = 0;
  std::uint32_t bound_percent = 0;  // 0: loads are not bounded
  std::uint32_t key_offset = 0;
  std::uint32_t key_size = 0;  // 0: to the end
  std::uint64_t timeout_ns = AC_TIMEOUT_NEVER;
  ac_router_key key = nullptr;
  ac_destroy destroy = nullptr;  // of `user`
  std::uintptr_t user = 0;
  // -- of a pool --
  std::optional<SpawnOptions> pool;
  std::uint32_t size = 0;
  std::uint32_t size_min = 0;
  std::uint32_t size_max = 0;
  std::uint64_t grow_above = 0;
  std::uint64_t shrink_below = 0;
  std::uint64_t interval_ns = 0;  // 0: its size changes by hand only
};

// Whom a message goes to.
struct Choice {
  absl::InlinedVector<Id, 4> routees;
  bool is_many = false;                         // copies of it, and one answer is enough
  std::uint64_t timeout_ns = AC_TIMEOUT_NEVER;  // how long that may take
  std::uint32_t reason = AC_DEAD_UNROUTED;      // when there is nobody
};

class Router {
 public:
  static constexpr std::uint32_t routees_max = 4'096;
  static constexpr std::uint32_t virtual_nodes_max = 1'024;

  explicit Router(System& system);
  void release_handle() noexcept;
  ac_router handle{0};
  System& system() noexcept { return system_; }

  // The message is for this address. The options' key runs under the shard's lock.
  void choose(Id address, const Envelope& message, Choice& choice) noexcept;

  // -- of a group --
  Result<void> add(Id routee);
  ac_status remove(Id routee) noexcept;
  // -- of a pool --
  Result<void> resize(std::uint32_t size);

  // How many there are; `out` gets the first of them.
  std::uint64_t routees(std::span<ac_routee> out);
  ac_router_stats stats() noexcept;

 private:
  friend class Routers;
  friend class Spawn;

  struct Routee {
    Id id;
    std::uint32_t place = 0;
    std::atomic<std::uint64_t> routed{0};
    // As the routee was when its load was last looked at: turns << 32 | what had been routed.
    std::atomic<std::uint64_t> seen{0};
  };
  using Routees = std::vector<std::unique_ptr<Routee>>;
  struct alignas(64) Shard {
    mutable absl::Mutex mutex;
    Random random{0};
    std::uint64_t routed = 0, unrouted = 0, spilled = 0;
  };
  static constexpr std::uint32_t shards = 8;
  class All;
  // The options' word, which ends once.
  struct Word {
    ac_destroy destroy = nullptr;
    std::uintptr_t user = 0;
    void end() const {
      if (destroy != nullptr) destroy(user);
    }
  };

  // -- choosing: under a shard's lock --
  Shard& shard() noexcept;
  void choose(Shard& mine, const Envelope& message, Choice& choice);
  Routee* choose_one(Shard& mine, const Envelope& message) noexcept;
  Routee* first_alive(std::uint64_t from) noexcept;
  Routee* least_loaded(std::uint64_t from) noexcept;
  Routee* by_key(Shard& mine, const Envelope& message) noexcept;
  std::uint64_t hash_of(const Envelope& message) const noexcept;
  std::uint64_t load_most() noexcept;
  Routee& at_place(std::uint32_t place) noexcept;
  Actor* actor_of(const Routee& routee) const noexcept;
  static std::uint64_t load_of(Routee& routee, const Actor& actor) noexcept;

  // -- its life --
  void open(RouterOptions options);
  // Its actor has this id, and is about to be published. May throw bad_alloc.
  void bind(Id address);
  void start() noexcept;
  void close() noexcept;
  void disown() noexcept;

  // -- changes: under change_ --
  ac_status insert(std::span<const Id> ids) ABSL_EXCLUSIVE_LOCKS_REQUIRED(change_);
  std::uint32_t free_place() const noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(change_);
  std::unique_ptr<Routee> take(std::size_t index) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(change_);
  std::size_t index_of(Id routee) const noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(change_);
  Routees trim() noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(change_);
  void arm(TimerKey& key, std::uint64_t delay_ns, Timers::Fire fire) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(change_);

  std::uint64_t queued(ac_actor routee) noexcept;

  // -- the pool --
  Result<void> fill(std::uint64_t ac_router_stats::*counts);
  std::uint32_t better_size(std::uint32_t size, std::uint64_t waiting) const noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(change_);
  void refill() noexcept;
  void rescale() noexcept;
  void dismiss(const Routees& routees, bool drains) noexcept;
  // A routee has ended; `failed` when that is what its supervisor's policy made of a failure.
  void drop(Id routee, bool failed) noexcept;

  System& system_;
  std::array<Shard, shards> shards_;
  alignas(64) std::atomic<std::uint64_t> cursor_{0};
  // Read under any shard's lock, written under all of them.
  alignas(64) Id address_;
  RouterOptions options_;
  Routees routees_;  // by place
  HashRing ring_;

  absl::Mutex change_;
  bool is_open_ ABSL_GUARDED_BY(change_) = false;
  std::uint32_t wanted_ ABSL_GUARDED_BY(change_) = 0;
  std::uint32_t spawning_ ABSL_GUARDED_BY(change_) = 0;
  Word last_word_ ABSL_GUARDED_BY(change_);  // of a closed one, until nobody spawns any more
  TimerKey refill_ ABSL_GUARDED_BY(change_);
  TimerKey rescale_ ABSL_GUARDED_BY(change_);
  ac_router_stats stats_ ABSL_GUARDED_BY(change_){};  // what is counted rather than looked up
  std::uint32_t uses_ = 0;                            // under the mutex of Routers
};

using RouterTable = HandleTable<Router, HandleKind::router>;
RouterTable& router_table();

// The routers of a system, and who is a routee of which.
class Routers {
 public:
  explicit Routers(System& system) : system_(system) {}

  // With its handle, which holds the system, and its address. May throw bad_alloc.
  Result<Router*> create(RouterOptions options, std::span<const ac_actor> routees,
                         std::string_view name, ac_actor& address);
  // The actor, which is the caller's, has ended: it may have been a routee, or a router's address.
  void ended(Id id, bool failed) noexcept;

 private:
  friend class Router;

  Router* take();
  void release(Router& router) noexcept;
  // With one more use, which is the caller's; or null.
  Router* find(Id address) noexcept;
  void bind(Id address, Router& router);
  void add(Id routee, Router& router);
  void remove(Id routee, const Router& router) noexcept;
  static void on_refill(void* context, std::uint64_t address) noexcept;
  static void on_rescale(void* context, std::uint64_t address) noexcept;

  System& system_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Router>> all_ ABSL_GUARDED_BY(mutex_);
  std::vector<Router*> free_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::uint64_t, Router*> by_address_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::uint64_t, std::vector<Router*>> by_routee_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_ROUTER_H_
