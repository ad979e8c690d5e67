// Spawn: actors that are being made, all of them or none.
//
// Threads:    one thread, which with a worker is the worker's.
// Invariants: whatever was taken for actors that are not published is given back at the end.
// Cost:       a record an actor; a cell, an inbox or a name only for what asks for one.
#ifndef ACTORCORE_RUNTIME_SPAWN_H_
#define ACTORCORE_RUNTIME_SPAWN_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "actorcore/actorcore.h"
#include "base/status.h"
#include "runtime/id.h"
#include "runtime/inbox.h"
#include "runtime/limits.h"

namespace actorcore::runtime {

struct Actor;
class Behavior;
class Dispatcher;
class Lane;
class Router;
class SlotCache;
class System;
class Worker;

struct SpawnOptions {
  std::uint32_t flags = 0;
  Behavior* behavior = nullptr;
  Dispatcher* dispatcher = nullptr;
  std::uintptr_t user = 0;
  Id supervisor;
  ac_supervision supervision{};
  ac_supervision children{};
  std::uint32_t stash_max = stash_default;
  std::string_view name;
  std::shared_ptr<InboxOptions> inbox;  // null: the mailbox alone
  Router* router = nullptr;             // the actor is its address
  ac_router_make make = nullptr;        // makes each word from `user`, when nothing else can fail

  bool needs_cell() const noexcept {
    return supervisor.bits != 0 || children.strategy != AC_SUPERVISE_DEFAULT ||
           stash_max != stash_default;
  }
};

class Spawn {
 public:
  // `worker` is the one whose handler spawns, or null.
  Spawn(System& system, const SpawnOptions& options, Worker* worker)
      : system_(system), options_(options), worker_(worker) {}
  ~Spawn();
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;

  // `users` is null, or has one for each. Once; may throw bad_alloc.
  Result<void> run(const std::uintptr_t* users, std::uint64_t count, ac_actor* out);

 private:
  bool take(std::uint64_t count) noexcept;
  void give_back(ac_actor id) noexcept;
  ac_status prepare(Actor& actor) noexcept;
  void open_inboxes();
  void publish(Lane& lane, const std::uintptr_t* users) noexcept;
  void publish(Lane& lane, Actor& actor, std::uintptr_t user, std::uintptr_t box) noexcept;
  Actor& actor_at(std::uint64_t index) noexcept;

  System& system_;
  const SpawnOptions& options_;
  Worker* const worker_;
  SlotCache* cache_ = nullptr;
  ac_actor* out_ = nullptr;
  std::uint64_t made_ = 0;
  std::vector<Inbox*> inboxes_;
  bool has_name_ = false;
  bool is_published_ = false;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_SPAWN_H_
