#include "memory/slab_pool.h"

namespace actorcore::memory {

static_assert(Arena::block_bytes % (item_bytes * batch_items) == 0,
              "a block is whole batches, so that no tail is lost");

bool Depot::take(void** items) noexcept {
  Link* batch = nullptr;
  std::byte* fresh = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    if (batches_ != nullptr) {
      batch = batches_;
      batches_ = batch->next_batch;
    } else {
      if (fresh_ == fresh_end_) {
        fresh_ = static_cast<std::byte*>(arena_.take());
        fresh_end_ = fresh_ == nullptr ? nullptr : fresh_ + Arena::block_bytes;
        if (fresh_ == nullptr) return false;
      }
      fresh = fresh_;
      fresh_ += item_bytes * batch_items;
    }
  }
  // Taken from the back, so that the user walks memory upwards.
  for (std::size_t i = batch_items; i-- > 0;) {
    if (batch != nullptr) {
      items[i] = batch;
      batch = batch->next_item;
    } else {
      items[i] = fresh + (batch_items - 1 - i) * item_bytes;
    }
  }
  return true;
}

void Depot::give(void* const* items) noexcept {
  for (std::size_t i = 0; i + 1 < batch_items; ++i) {
    static_cast<Link*>(items[i])->next_item = static_cast<Link*>(items[i + 1]);
  }
  static_cast<Link*>(items[batch_items - 1])->next_item = nullptr;
  Link* batch = static_cast<Link*>(items[0]);
  absl::MutexLock lock(&mutex_);
  batch->next_batch = batches_;
  batches_ = batch;
}

}  // namespace actorcore::memory
