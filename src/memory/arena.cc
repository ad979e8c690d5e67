#include "memory/arena.h"

#include <sys/mman.h>

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

std::byte* Arena::allocate(std::size_t bytes) noexcept {
  return static_cast<std::byte*>(je_mallocx(
      bytes, MALLOCX_ARENA(arena_) | MALLOCX_TCACHE_NONE | MALLOCX_ZERO | MALLOCX_ALIGN(bytes)));
}

#else

Arena::Arena() = default;

Arena::~Arena() {
  for (void* block : taken_) std::free(block);
}

std::byte* Arena::allocate(std::size_t bytes) noexcept {
  void* place = std::aligned_alloc(bytes, bytes);
  if (place == nullptr) return nullptr;
  std::memset(place, 0, bytes);
  try {
    taken_.push_back(place);
  } catch (const std::bad_alloc&) {
    std::free(place);
    return nullptr;
  }
  return static_cast<std::byte*>(place);
}

#endif

void* Arena::take() noexcept {
  absl::MutexLock lock(&mutex_);
  if (at_ == end_ && blocks() >= huge_bytes / block_bytes) {
    if (std::byte* huge = allocate(huge_bytes)) {
      madvise(huge, huge_bytes, MADV_HUGEPAGE);  // only advice: refused, it is slower and no error
      at_ = huge;
      end_ = huge + huge_bytes;
    }
  }
  try {
    given_.reserve(given_.size() + 1);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  void* block = at_ == end_ ? allocate(block_bytes) : std::exchange(at_, at_ + block_bytes);
  if (block == nullptr) return nullptr;
  given_.insert(reinterpret_cast<std::uintptr_t>(block));
  blocks_.fetch_add(1, std::memory_order_relaxed);  // a gauge
  return block;
}

bool Arena::holds(const void* item) const noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(item);
  absl::MutexLock lock(&mutex_);
  return address % 64 == 0 && given_.contains(address & ~std::uintptr_t{block_bytes - 1});
}

}  // namespace actorcore::memory
