// Poison: says to the address sanitizer what nobody may touch now, though it is not freed.
//
// Threads:    as the memory.
// Invariants: what is unmapped is unpoisoned before; what is freed need not be.
// Cost:       none in a build without that sanitizer.
#ifndef ACTORCORE_MEMORY_POISON_H_
#define ACTORCORE_MEMORY_POISON_H_

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace actorcore::memory {

inline void poison([[maybe_unused]] const void* at, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__SANITIZE_ADDRESS__)
  __asan_poison_memory_region(at, bytes);
#endif
}

inline void unpoison([[maybe_unused]] const void* at, [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__SANITIZE_ADDRESS__)
  __asan_unpoison_memory_region(at, bytes);
#endif
}

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_POISON_H_
