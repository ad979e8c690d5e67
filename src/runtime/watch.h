// Watches: who is to be told of whose end, and who is linked to whom.
//
// Threads:    any.
// Invariants: an actor that anyone here knows has the life bit `known`, so that its end comes by.
//             Both ends of each entry are kept: by who is watched, and by who watches.
// Cost:       a hash map under one of a few mutexes; nothing for actors that no one watches.
#ifndef ACTORCORE_RUNTIME_WATCH_H_
#define ACTORCORE_RUNTIME_WATCH_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "runtime/id.h"

namespace actorcore::runtime {

struct Actor;
class Lane;
class System;

enum class Tie : std::uint8_t { watch, link };

class Watches {
 public:
  explicit Watches(System& system) : system_(system) {}

  ac_status watch(ac_actor watcher, ac_actor target) noexcept;
  ac_status link(ac_actor one, ac_actor other) noexcept;
  ac_status untie(ac_actor watcher, ac_actor target, Tie tie) noexcept;
  // The actor, which is the caller's, has ended.
  void tell(Lane& lane, Actor& actor, ac_status status) noexcept;

 private:
  struct Entry {
    std::uint64_t watcher;
    Tie tie;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  static constexpr std::size_t shards = 16;
  struct Shard {
    absl::Mutex mutex;
    absl::flat_hash_map<std::uint64_t, std::vector<Entry>> watchers ABSL_GUARDED_BY(mutex);
    absl::flat_hash_map<std::uint64_t, std::vector<std::uint64_t>> targets ABSL_GUARDED_BY(mutex);
  };

  // False when there is one already. May throw bad_alloc.
  bool add(Id watcher, Id target, Tie tie);
  // False when there is none.
  bool remove(Id watcher, Id target, Tie tie) noexcept;
  // The actor is no more: forgets whom it watched, and gives who is to be told.
  std::vector<Entry> ended(Id actor) noexcept;
  Shard& of(std::uint64_t bits) noexcept { return shards_[Id{bits}.slot() % shards]; }
  bool forget(std::uint64_t watcher, std::uint64_t target, Tie tie) noexcept;

  System& system_;
  std::array<Shard, shards> shards_;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_WATCH_H_
