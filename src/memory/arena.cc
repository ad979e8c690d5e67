#include "memory/arena.h"

#include <cstdlib>
#include <cstring>
#include <new>

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

void* Arena::take() noexcept {
  void* block = je_mallocx(block_bytes, MALLOCX_ARENA(arena_) | MALLOCX_TCACHE_NONE | MALLOCX_ZERO |
                                            MALLOCX_ALIGN(block_bytes));
  if (block != nullptr) blocks_.fetch_add(1, std::memory_order_relaxed);  // a gauge
  return block;
}

#else

Arena::Arena() = default;

Arena::~Arena() {
  for (void* block : taken_) std::free(block);
}

void* Arena::take() noexcept {
  void* block = std::aligned_alloc(block_bytes, block_bytes);
  if (block == nullptr) return nullptr;
  std::memset(block, 0, block_bytes);
  absl::MutexLock lock(&mutex_);
  try {
    taken_.push_back(block);
  } catch (const std::bad_alloc&) {
    std::free(block);
    return nullptr;
  }
  blocks_.fetch_add(1, std::memory_order_relaxed);  // a gauge
  return block;
}

#endif

}  // namespace actorcore::memory
