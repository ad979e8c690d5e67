#include "memory/slab_pool.h"

#include <cstdint>
#include <new>

#include "base/check.h"

namespace actorcore::memory {

static_assert(Arena::block_bytes % (item_bytes * batch_items) == 0,
              "a block is whole batches, so that no tail is lost");

namespace {

Batch* batch_of(std::uint64_t number) noexcept { return reinterpret_cast<Batch*>(number << 6); }
Batch::Stack::Link& link_of(std::uint64_t number) noexcept { return batch_of(number)->next; }

void push(Batch::Stack& stack, Batch* batch) noexcept {
  stack.push(reinterpret_cast<std::uintptr_t>(batch) >> 6, link_of);
}
Batch* pop(Batch::Stack& stack) noexcept { return batch_of(stack.pop(link_of)); }

}  // namespace

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
  made_.fetch_add(1, std::memory_order_relaxed);  // a gauge
  return batch;
}

Batch* Depot::fill(Batch* empty) noexcept {
  Batch* full = pop(full_);  // D1
  if (full == nullptr) {
    absl::MutexLock lock(&mutex_);
    full = pop(full_);  // D1
    if (full == nullptr) full = fresh();
    if (full == nullptr) return nullptr;
  }
  push(empty_, empty);
  if (budget_ != nullptr) budget_->take_items(batch_items * item_bytes);
  return full;
}

Batch* Depot::drain(Batch* full) noexcept {
  push(full_, full);  // D1
  if (budget_ != nullptr) budget_->give_items(batch_items * item_bytes);
  Batch* empty = pop(empty_);
  AC_CHECK(empty != nullptr);  // or more was given than was ever taken
  return empty;
}

}  // namespace actorcore::memory
