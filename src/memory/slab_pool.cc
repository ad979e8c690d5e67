#include "memory/slab_pool.h"

#include <new>

#include "base/check.h"

namespace actorcore::memory {

static_assert(Arena::block_bytes % (item_bytes * batch_items) == 0,
              "a block is whole batches, so that no tail is lost");

std::byte* Depot::carve(std::byte*& at, std::byte*& end, std::size_t bytes) noexcept {
  if (static_cast<std::size_t>(end - at) < bytes) {
    auto* block = static_cast<std::byte*>(arena_.take());
    if (block == nullptr) return nullptr;
    at = block;
    end = block + Arena::block_bytes;
  }
  return std::exchange(at, at + bytes);
}

Batch* Depot::fresh() noexcept {
  std::byte* place = carve(batches_, batches_end_, sizeof(Batch));
  if (place == nullptr) return nullptr;
  std::byte* items = carve(items_, items_end_, item_bytes * batch_items);
  if (items == nullptr) {
    batches_ -= sizeof(Batch);  // it was the last
    return nullptr;
  }
  Batch* batch = new (place) Batch;
  // Taken from the back, so that the user walks memory upwards.
  for (std::size_t i = batch_items; i-- > 0;) {
    batch->items[i] = items + (batch_items - 1 - i) * item_bytes;
  }
  return batch;
}

Batch* Depot::fill(Batch* empty) noexcept {
  absl::MutexLock lock(&mutex_);
  Batch* full = full_;
  if (full != nullptr) {
    full_ = full->next;
  } else if (full = fresh(); full == nullptr) {
    return nullptr;
  }
  empty->next = std::exchange(empty_, empty);
  if (budget_ != nullptr) budget_->take_items(batch_items * item_bytes);
  return full;
}

Batch* Depot::drain(Batch* full) noexcept {
  absl::MutexLock lock(&mutex_);
  full->next = std::exchange(full_, full);
  if (budget_ != nullptr) budget_->give_items(batch_items * item_bytes);
  AC_CHECK(empty_ != nullptr);  // or more was given than was ever taken
  return std::exchange(empty_, empty_->next);
}

}  // namespace actorcore::memory
