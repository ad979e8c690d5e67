// SlabPool: 64-byte items out of an arena, through a magazine for each owner and a depot between
// them.
//
// Threads:    a Magazine has one owner at a time; the depot is shared.
// Invariants: an item is in one magazine, in one batch of the depot, or with its user. The pool
//             never shrinks: it holds what the busiest moment needed.
// Cost:       take and give are an array access; one mutex every batch_items.
#ifndef ACTORCORE_MEMORY_SLAB_POOL_H_
#define ACTORCORE_MEMORY_SLAB_POOL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/synchronization/mutex.h"
#include "memory/arena.h"

namespace actorcore::memory {

inline constexpr std::size_t item_bytes = 64;
inline constexpr std::size_t batch_items = 256;

// Batches of items, chained through their first words: the next item in a batch, and in the batch's
// first item the next batch.
class Depot {
 public:
  explicit Depot(Arena& arena) : arena_(arena) {}

  // Fills `items` with a batch; false when memory is exhausted.
  bool take(void** items) noexcept;
  void give(void* const* items) noexcept;

 private:
  struct Link {
    Link* next_item;
    Link* next_batch;
  };

  Arena& arena_;
  absl::Mutex mutex_;
  Link* batches_ = nullptr;
  std::byte* fresh_ = nullptr;
  std::byte* fresh_end_ = nullptr;
};

class Magazine {
 public:
  explicit Magazine(Depot& depot) : depot_(depot) {}
  ~Magazine() = default;  // what it holds goes with the arena
  Magazine(const Magazine&) = delete;
  Magazine& operator=(const Magazine&) = delete;

  // An item with undefined content, or null when memory is exhausted.
  void* take() noexcept {
    if (count_ == 0) {
      if (!depot_.take(items_.data())) return nullptr;
      count_ = batch_items;
    }
    return items_[--count_];
  }

  void give(void* item) noexcept {
    if (count_ == items_.size()) {
      depot_.give(items_.data());
      count_ -= batch_items;
      std::memmove(items_.data(), items_.data() + batch_items, count_ * sizeof(void*));
    }
    items_[count_++] = item;
  }

 private:
  Depot& depot_;
  std::size_t count_ = 0;
  std::array<void*, 2 * batch_items> items_;
};

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_SLAB_POOL_H_
