#include "memory/buffer_pool.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "memory/poison.h"

namespace actorcore::memory {

BufferPool& BufferPool::shared() noexcept {
  static BufferPool* const pool = new BufferPool(true);  // never unmapped
  return *pool;
}

BufferPool::BufferPool(bool is_shared) : is_shared_(is_shared) { enroll(); }

BufferPool::~BufferPool() {
  leave();
  for (std::uint32_t kind = 0; kind < kinds; ++kind) {
    for (Cache& cache : caches_) {
      unmake_all(Kind{kind}, cache.lists[kind].used.first);
      unmake_all(Kind{kind}, cache.lists[kind].spare.first);
    }
    while (Block* batch = fetch(Kind{kind}).first) unmake_all(Kind{kind}, batch);
  }
}

void BufferPool::release() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;  // P1
}

// The smallest that has room; kinds is none.
BufferPool::Kind BufferPool::kind_of(std::uint64_t size) noexcept {
  if (size > block_bytes[bytes_2m]) return kinds;
  if (size > heap_bytes_max) return bytes_2m;
  std::uint32_t fits = bytes_64;
  while (fits < bytes_2m && block_bytes[fits] < size) ++fits;
  return fits < bytes_2m ? Kind{fits} : kinds;
}

// Runs the body on the calling thread's cache.
template <class Body>
auto BufferPool::with_cache(Body body) noexcept {
  const std::uint32_t slot = thread_slot();
  const absl::MutexLockMaybe lock(slot == thread_slots ? &last_mutex_ : nullptr);
  return body(caches_[slot]);
}

// -- blocks -------------------------------------------------------------------------------------

BufferPool::Block* BufferPool::make(Kind kind) noexcept {
  const bool is_mapped = kind == bytes_2m;
  void* place = std::malloc(sizeof(Buffer) + (is_mapped ? 0 : block_bytes[kind]));
  if (place == nullptr) return nullptr;
  auto* data = static_cast<std::uint8_t*>(place) + sizeof(Buffer);
  if (is_mapped) data = map_pages(block_bytes[kind]);
  if (data == nullptr) {
    std::free(place);
    return nullptr;
  }
  depots_[kind].made.fetch_add(1, std::memory_order_relaxed);  // a gauge
  return new (place) Block{nullptr, nullptr, data, 0, is_mapped};
}

void BufferPool::unmake(Kind kind, Block* block) noexcept {
  depots_[kind].made.fetch_sub(1, std::memory_order_relaxed);  // a gauge
  if (kind == bytes_2m) unmap(block->data, block_bytes[kind]);
  std::free(block);
}

void BufferPool::unmake_all(Kind kind, Block* first) noexcept {
  while (first != nullptr) unmake(kind, std::exchange(first, first->next));
}

BufferPool::List BufferPool::fetch(Kind kind) noexcept {
  Depot& depot = depots_[kind];
  absl::MutexLock lock(&depot.mutex);
  Block* first = depot.batches;
  if (first == nullptr) return {};
  depot.batches = first->next_batch;
  depot.blocks -= first->count;
  return {first, first->count};
}

void BufferPool::deposit(Kind kind, List batch) noexcept {
  Depot& depot = depots_[kind];
  {
    absl::MutexLock lock(&depot.mutex);
    if (depot.blocks + batch.count <= std::max(kept_max[kind], depot.keeps)) {
      batch.first->count = batch.count;
      batch.first->next_batch = std::exchange(depot.batches, batch.first);
      depot.blocks += batch.count;
      return;
    }
  }
  unmake_all(kind, batch.first);
}

void BufferPool::reserve(Kind kind, std::uint32_t blocks) noexcept {
  Depot& depot = depots_[kind];
  std::uint32_t missing;
  {
    absl::MutexLock lock(&depot.mutex);
    depot.keeps = blocks;
    missing = blocks - std::min(blocks, depot.blocks);
  }
  while (missing != 0) {
    List batch;
    while (batch.count < std::min(missing, batch_blocks[kind])) {
      Block* block = make(kind);
      if (block == nullptr) break;
      poison(block->data, block_bytes[kind]);
      block->next = std::exchange(batch.first, block);
      ++batch.count;
    }
    if (batch.count == 0) return;
    missing -= batch.count;
    deposit(kind, batch);
  }
}

BufferPool::Block* BufferPool::take_block(Cache& cache, Kind kind) noexcept {
  auto& [used, spare] = cache.lists[kind];
  if (used.first == nullptr) std::swap(used, spare);
  if (used.first == nullptr) used = fetch(kind);
  if (used.first == nullptr) return nullptr;
  --used.count;
  return std::exchange(used.first, used.first->next);
}

void BufferPool::give_block(Cache& cache, Kind kind, Block* block) noexcept {
  auto& [used, spare] = cache.lists[kind];
  if (used.count == batch_blocks[kind]) {
    if (spare.first != nullptr) deposit(kind, spare);
    spare = std::exchange(used, {});
  }
  block->next = std::exchange(used.first, block);
  ++used.count;
}

// -- buffers of no such size --------------------------------------------------------------------

void* BufferPool::allocate(std::uint64_t size, std::uint32_t& kind, std::uint8_t*& data) noexcept {
  kind = size > block_bytes[bytes_2m] ? mapped : in_heap;
  void* header =
      kind == mapped ? std::malloc(sizeof(Buffer)) : std::calloc(1, sizeof(Buffer) + size);
  if (header == nullptr) return nullptr;
  data = kind == mapped ? map_pages(size) : static_cast<std::uint8_t*>(header) + sizeof(Buffer);
  if (data != nullptr) return header;
  std::free(header);
  return nullptr;
}

void BufferPool::free(void* header, std::uint32_t kind, std::uint8_t* data,
                      std::uint64_t size) noexcept {
  if (kind == mapped) unmap(data, size);
  std::free(header);
}

ac_buffer BufferPool::adopt(std::uint8_t* data, std::uint64_t size) noexcept {
  void* header = std::malloc(sizeof(Buffer));
  if (header == nullptr) {
    unmap(data, size);
    return {0};
  }
  with_cache([](Cache& cache) { cache.counts[kinds].gets.add(1); });
  return publish(header, mapped, data, size);
}

// -- buffers ------------------------------------------------------------------------------------

ac_buffer BufferPool::publish(void* header, std::uint32_t kind, std::uint8_t* data,
                              std::uint64_t size) noexcept {
  auto* buffer = new (header) Buffer(*this, kind, data, size);
  if (!is_shared_) references_.fetch_add(1, std::memory_order_relaxed);        // from the owner's
  if (kind >= kinds) other_bytes_.fetch_add(size, std::memory_order_relaxed);  // a gauge
  const ac_buffer made = buffer->publish();
  if (made.bits == 0) give(*buffer);
  return made;
}

ac_buffer BufferPool::take(std::uint64_t size, std::uint8_t** bytes, bool* is_zero) noexcept {
  const Kind fits = kind_of(size);
  std::uint32_t kind = fits;
  bool zero = true;
  void* header = nullptr;
  Block* block = with_cache([&](Cache& cache) {
    Block* kept = fits == kinds ? nullptr : take_block(cache, fits);
    cache.counts[fits].gets.add(1);
    if (kept != nullptr) cache.counts[fits].hits.add(1);
    return kept;
  });
  if (fits == kinds) {
    header = allocate(size, kind, *bytes);
  } else {
    if (block == nullptr) block = make(fits);
    if (block != nullptr) {
      *bytes = block->data;
      zero = block->is_zero;
      poison(block->data, block_bytes[fits]);
      unpoison(block->data, size);
    }
    header = block;
  }
  if (header == nullptr) {
    with_cache([&](Cache& cache) { cache.counts[fits].puts.add(1); });
    return {0};
  }
  if (is_zero != nullptr) *is_zero = zero;
  return publish(header, kind, *bytes, size);
}

void BufferPool::give(Buffer& buffer) noexcept {
  const std::uint32_t kind = buffer.kind_;
  std::uint8_t* const data = buffer.data_;
  const std::uint64_t size = buffer.size_;
  if (kind < kinds) poison(data, block_bytes[kind]);
  auto* const block =
      kind < kinds ? new (&buffer) Block{nullptr, nullptr, data, 0, false} : nullptr;
  with_cache([&](Cache& cache) {
    cache.counts[std::min<std::uint32_t>(kind, kinds)].puts.add(1);
    if (block != nullptr) give_block(cache, Kind{kind}, block);
  });
  if (block == nullptr) {
    other_bytes_.fetch_sub(size, std::memory_order_relaxed);  // a gauge
    free(&buffer, kind, data, size);
  }
  if (!is_shared_) release();
}

// -- statistics ---------------------------------------------------------------------------------

PoolStats BufferPool::stats_of(std::uint32_t kind) const noexcept {
  PoolStats stats;
  // Puts before gets, so that there are never more of them.
  for (const Cache& cache : caches_) stats.puts += cache.counts[kind].puts.get();
  for (const Cache& cache : caches_) stats.hits += cache.counts[kind].hits.get();
  for (const Cache& cache : caches_) stats.gets += cache.counts[kind].gets.get();
  stats.misses = stats.gets - stats.hits;
  if (kind == kinds) {
    stats.bytes = other_bytes_.load(std::memory_order_relaxed);  // a gauge
    return stats;
  }
  const std::uint64_t made = depots_[kind].made.load(std::memory_order_relaxed);  // a gauge
  stats.free = made - std::min(made, stats.gets - stats.puts);
  stats.bytes = made * (sizeof(Buffer) + block_bytes[kind]);
  return stats;
}

PoolStats BufferPool::stats() const noexcept {
  PoolStats all;
  for (std::uint32_t kind = 0; kind <= kinds; ++kind) all += stats_of(kind);
  return all;
}

void BufferPool::add_to(PoolRows& rows) const noexcept {
  if (!is_shared_) {
    rows[AC_POOL_EVENTS] += stats();
    return;
  }
  for (std::uint32_t kind = 0; kind <= kinds; ++kind) {
    rows[AC_POOL_BUFFERS_64B + kind] += stats_of(kind);
  }
}

}  // namespace actorcore::memory
