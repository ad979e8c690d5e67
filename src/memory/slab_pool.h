// SlabPool: 64-byte items out of an arena, through a magazine for each owner and a depot between
// them.
//
// Threads:    a Magazine has one owner at a time; the depot is shared.
// Invariants: an item is in one magazine, in one batch of the depot, or with its user. The pool
//             never shrinks: it holds what the busiest moment needed. A magazine lives as long as
//             its depot. Every full batch that leaves the depot is paid for with an empty one and
//             the other way round, so there is always room for what is given back.
// Cost:       take and give are an array access; every batch_items a trade with the depot, of two
//             compare-and-swaps, where nothing is copied and no item is touched. So what a receiver
//             frees goes home in batches of 256: 1/64 of an atomic operation for each message
//             between two workers. A mutex only where the pool grows.
//
// Memory order:
//   D1  drain -> fill   who gets a batch sees it, and what was done with its items (F1)
//
// After Bonwick and Adams, "Magazines and Vmem" (2001).
#ifndef ACTORCORE_MEMORY_SLAB_POOL_H_
#define ACTORCORE_MEMORY_SLAB_POOL_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "base/free_stack.h"
#include "memory/arena.h"
#include "memory/budget.h"

namespace actorcore::memory {

inline constexpr std::size_t item_bytes = 64;
inline constexpr std::size_t batch_items = 256;

struct alignas(64) Batch {
  // The number of a batch is its address / 64.
  using Stack = FreeStack<41>;

  Stack::Link next{0};
  std::array<void*, batch_items> items;
};

class Depot {
 public:
  explicit Depot(Arena& arena, Budget* budget = nullptr) : arena_(arena), budget_(budget) {}

  // Have the items that are out exceeded the budget, or may they have?
  bool may_be_short() const noexcept { return budget_ != nullptr && budget_->may_be_short(); }

  // A full batch for an empty one; null when memory is exhausted.
  Batch* fill(Batch* empty) noexcept;
  // An empty batch for a full one.
  Batch* drain(Batch* full) noexcept;

  // How many batches were ever made.
  std::uint64_t made() const noexcept { return made_.load(std::memory_order_relaxed); }  // a gauge

 private:
  // A part of a block, or null.
  std::byte* carve(std::byte*& at, std::byte*& end, std::size_t bytes) noexcept;
  Batch* fresh() noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Arena& arena_;
  Budget* const budget_;
  Batch::Stack full_;
  Batch::Stack empty_;
  std::atomic<std::uint64_t> made_{0};
  absl::Mutex mutex_;
  std::byte* items_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::byte* items_end_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::byte* batches_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::byte* batches_end_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

class Magazine {
 public:
  explicit Magazine(Depot& depot) : depot_(depot) {}
  Magazine(const Magazine&) = delete;
  Magazine& operator=(const Magazine&) = delete;

  // An item with undefined content, or null when memory is exhausted.
  void* take() noexcept {
    if (count_ == 0 && !load()) return nullptr;
    return loaded_->items[--count_];
  }

  void give(void* item) noexcept {
    if (count_ == batch_items) unload();
    loaded_->items[count_++] = item;
  }

  // What the depot said of the budget when they last met.
  bool may_be_short() const noexcept { return may_be_short_; }
  void look_again() noexcept { may_be_short_ = depot_.may_be_short(); }

 private:
  // The other batch is empty or full, so that who takes and gives at an edge does not go to the
  // depot each time.
  bool load() noexcept {
    if (!other_is_full_) {
      Batch* full = depot_.fill(other_);
      if (full == nullptr) return false;
      other_ = full;
    }
    std::swap(loaded_, other_);
    other_is_full_ = false;
    count_ = batch_items;
    look_again();
    return true;
  }
  void unload() noexcept {
    if (other_is_full_) other_ = depot_.drain(other_);
    std::swap(loaded_, other_);
    other_is_full_ = true;
    count_ = 0;
  }

  Depot& depot_;
  std::size_t count_ = 0;
  bool other_is_full_ = false;
  bool may_be_short_ = false;
  // The first two, which may be anyone's later.
  Batch own_[2];
  Batch* loaded_ = &own_[0];
  Batch* other_ = &own_[1];
};

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_SLAB_POOL_H_
