#include "memory/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "base/check.h"

#ifdef ACTORCORE_JEMALLOC
#include <jemalloc/jemalloc.h>

#include <string>
#endif

namespace actorcore::memory {

#ifdef ACTORCORE_JEMALLOC

Arena::Arena() {
  std::size_t size = sizeof arena_;
  if (je_mallctl("arenas.create", &arena_, &size, nullptr, 0) != 0) throw std::bad_alloc();
}

Arena::~Arena() {
  const std::string name = "arena." + std::to_string(arena_) + ".destroy";
  AC_CHECK(je_mallctl(name.c_str(), nullptr, nullptr, nullptr, 0) == 0);
}

std::byte* Arena::zeroed(std::size_t bytes) noexcept {
  return static_cast<std::byte*>(je_mallocx(
      bytes, MALLOCX_ARENA(arena_) | MALLOCX_TCACHE_NONE | MALLOCX_ZERO | MALLOCX_ALIGN(bytes)));
}

#else

Arena::Arena() = default;

Arena::~Arena() {
  for (const Extent& extent : taken_) std::free(reinterpret_cast<void*>(extent.begin));
}

std::byte* Arena::zeroed(std::size_t bytes) noexcept {
  void* place = std::aligned_alloc(bytes, bytes);
  if (place != nullptr) std::memset(place, 0, bytes);
  return static_cast<std::byte*>(place);
}

#endif

std::byte* Arena::allocate(std::size_t bytes) noexcept {
  try {
    if (taken_.size() == taken_.capacity()) taken_.reserve(2 * taken_.size() + 16);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  std::byte* place = zeroed(bytes);
  if (place != nullptr) taken_.push_back({reinterpret_cast<std::uintptr_t>(place), bytes});
  return place;
}

std::vector<Arena::Extent> Arena::extents() {
  absl::MutexLock lock(&mutex_);
  std::vector<Extent> all = taken_;
  std::sort(all.begin(), all.end(),
            [](const Extent& a, const Extent& b) { return a.begin < b.begin; });
  return all;
}

void* Arena::take() noexcept {
  absl::MutexLock lock(&mutex_);
  if (at_ == end_ && blocks() >= huge_bytes / block_bytes) {
    if (std::byte* huge = allocate(huge_bytes)) {
      madvise(huge, huge_bytes, MADV_HUGEPAGE);  // only advice: refused, it is slower and no error
      at_ = huge;
      end_ = huge + huge_bytes;
    }
  }
  void* block = at_ == end_ ? allocate(block_bytes) : std::exchange(at_, at_ + block_bytes);
  if (block != nullptr) blocks_.fetch_add(1, std::memory_order_relaxed);  // a gauge
  return block;
}

}  // namespace actorcore::memory
