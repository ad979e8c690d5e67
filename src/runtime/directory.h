// Directory: id -> actor, and the free records.
//
// Threads:    find() any; take() and give() any, through a SlotCache with one owner each or,
//             with none, the shared list.
// Invariants: a record is live, in one cache, in the shared list, or retired (its generations are
//             used up). Slots below used_ have a record.
// Cost:       find is two loads and a compare; take and give are an array access, a mutex every
//             cache_slots.
#ifndef ACTORCORE_RUNTIME_DIRECTORY_H_
#define ACTORCORE_RUNTIME_DIRECTORY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "memory/arena.h"
#include "runtime/actor.h"

namespace actorcore::runtime {

// A worker's own free records.
class SlotCache {
 public:
  static constexpr std::uint32_t slots = 256;

 private:
  friend class Directory;
  std::uint32_t count_ = 0;
  std::uint32_t free_[2 * slots];
};

class Directory {
 public:
  Directory(memory::Arena& arena, std::uint32_t tag);

  std::uint32_t tag() const noexcept { return tag_; }

  // The actor that the id names, or null: dead, foreign or made up.
  Actor* find(Id id) const noexcept {
    std::uint32_t life;
    return find(id, life);
  }
  // The same, with the actor's life.
  Actor* find(Id id, std::uint32_t& life) const noexcept {
    if (id.prefix() != prefix_) return nullptr;
    Actor* actor = at(id.slot());
    if (actor == nullptr) return nullptr;
    life = actor->life.load(std::memory_order_acquire);  // A1
    return (life & Actor::alive) != 0 && life >> 8 == id.generation() ? actor : nullptr;
  }
  Id id_of(const Actor& actor) const noexcept {
    return Id::make(tag_, actor.generation(), actor.slot);
  }
  bool is_foreign(Id id) const noexcept { return id.prefix() != prefix_; }

  // A free record with a closed mailbox and a fresh generation, not alive yet; null when memory or
  // slots are exhausted.
  Actor* take(SlotCache* cache) noexcept;
  void give(SlotCache* cache, Actor& actor) noexcept;
  // What a worker that ends had left.
  void give_back(SlotCache& cache) noexcept;

  std::uint32_t used() const noexcept { return used_.load(std::memory_order_acquire); }
  Actor* at(std::uint32_t slot) const noexcept {
    Actor* chunk = chunks_[slot / chunk_slots].load(std::memory_order_acquire);  // A1
    return chunk == nullptr ? nullptr : chunk + slot % chunk_slots;
  }

 private:
  static constexpr std::uint32_t chunk_slots = memory::Arena::block_bytes / sizeof(Actor);
  static constexpr std::uint32_t chunks_max = slots_max / chunk_slots;

  struct Unmap {
    void operator()(std::atomic<Actor*>* chunks) const noexcept;
  };

  bool refill(std::uint32_t* out, std::uint32_t& count, std::uint32_t want) noexcept;
  bool grow() noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  memory::Arena& arena_;
  const std::uint32_t tag_;
  const std::uint64_t prefix_;
  // Reserved whole, touched as it grows.
  std::unique_ptr<std::atomic<Actor*>[], Unmap> chunks_;
  std::atomic<std::uint32_t> used_{0};
  absl::Mutex mutex_;
  std::vector<std::uint32_t> free_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_DIRECTORY_H_
