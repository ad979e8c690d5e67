#include "runtime/directory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace actorcore::runtime {
namespace {

constexpr std::size_t table_bytes(std::size_t chunks) {
  return chunks * sizeof(std::atomic<Actor*>);
}

}  // namespace

void Directory::Unmap::operator()(std::atomic<Actor*>* chunks) const noexcept {
  munmap(static_cast<void*>(chunks), table_bytes(chunks_max));
}

Directory::Directory(memory::Arena& arena, std::uint32_t tag)
    : arena_(arena), tag_(tag), prefix_(Id::prefix(tag)) {
  void* table = mmap(nullptr, table_bytes(chunks_max), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (table == MAP_FAILED) throw std::bad_alloc();
  chunks_.reset(static_cast<std::atomic<Actor*>*>(table));  // zero pages are null pointers
}

Actor* Directory::take(SlotCache* cache) noexcept {
  std::uint32_t slot;
  for (std::uint32_t attempt = 0;; ++attempt) {
    if (cache == nullptr) {
      std::uint32_t count = 0;
      if (!refill(&slot, count, 1)) return nullptr;
    } else {
      if (cache->count_ == 0 && !refill(cache->free_, cache->count_, SlotCache::slots))
        return nullptr;
      slot = cache->free_[--cache->count_];
    }
    Actor& actor = *at(slot);
    // A refused pusher may still be clearing its chain away; then the record is not ready yet.
    if (actor.mailbox.open(true)) {
      const std::uint32_t generation = actor.generation() + 1;
      AC_DCHECK(generation <= generation_max);
      actor.life.store(generation << 8, std::memory_order_relaxed);  // spawn publishes it, A1
      return &actor;
    }
    RealSync::wait(attempt);
    absl::MutexLock lock(&mutex_);
    free_.insert(free_.begin(), slot);  // room was reserved when the record was made
  }
}

void Directory::give(SlotCache* cache, Actor& actor) noexcept {
  if (actor.generation() == generation_max) return;  // retired: an id must never come to life again
  if (cache != nullptr) {
    if (cache->count_ == 2 * SlotCache::slots) {
      absl::MutexLock lock(&mutex_);
      free_.insert(free_.end(), cache->free_, cache->free_ + SlotCache::slots);
      cache->count_ -= SlotCache::slots;
      std::memmove(cache->free_, cache->free_ + SlotCache::slots,
                   cache->count_ * sizeof cache->free_[0]);
    }
    cache->free_[cache->count_++] = actor.slot;
    return;
  }
  absl::MutexLock lock(&mutex_);
  free_.push_back(actor.slot);
}

void Directory::give_back(SlotCache& cache) noexcept {
  absl::MutexLock lock(&mutex_);
  free_.insert(free_.end(), cache.free_, cache.free_ + cache.count_);
  cache.count_ = 0;
}

bool Directory::refill(std::uint32_t* out, std::uint32_t& count, std::uint32_t want) noexcept {
  absl::MutexLock lock(&mutex_);
  if (free_.empty() && !grow()) return false;
  const auto taken = std::min<std::size_t>(want, free_.size());
  std::copy(free_.end() - static_cast<std::ptrdiff_t>(taken), free_.end(), out);
  free_.resize(free_.size() - taken);
  count = static_cast<std::uint32_t>(taken);
  return true;
}

bool Directory::grow() noexcept {
  const std::uint32_t first = used_.load(std::memory_order_relaxed);  // written under the mutex
  if (first == slots_max) return false;
  try {
    // So that give() never allocates.
    if (free_.capacity() < first + chunk_slots) free_.reserve(2 * (first + chunk_slots));
  } catch (const std::bad_alloc&) {
    return false;
  }
  auto* chunk = static_cast<Actor*>(arena_.take());
  if (chunk == nullptr) return false;
  for (std::uint32_t i = 0; i < chunk_slots; ++i) {
    (new (chunk + i) Actor)->slot = first + i;
    free_.push_back(first + chunk_slots - 1 - i);  // lowest slot on top
  }
  chunks_[first / chunk_slots].store(chunk, std::memory_order_release);  // A1
  used_.store(first + chunk_slots, std::memory_order_release);           // A1
  return true;
}

}  // namespace actorcore::runtime
