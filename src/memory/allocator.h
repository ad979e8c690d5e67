// Allocator: jemalloc, the source of the arenas, as a whole: what it holds, and how it gives back.
//
// Threads:    any.
// Invariants: it is private to the library and serves arenas only; a build without it (a
//             sanitizer's) says so and holds nothing.
// Cost:       reading makes it sum up its statistics, some microseconds an arena.
#ifndef ACTORCORE_MEMORY_ALLOCATOR_H_
#define ACTORCORE_MEMORY_ALLOCATOR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "actorcore/actorcore.h"
#include "base/status.h"

namespace actorcore::memory {

// What is not given stays as it is.
struct AllocatorOptions {
  std::optional<bool> background_threads;
  std::optional<std::int64_t> dirty_decay_ms;  // -1: never
  std::optional<std::int64_t> muzzy_decay_ms;
  std::optional<bool> profiling;
};

// AC_E_UNSUPPORTED where the build lacks it; nothing was changed then.
Result<void> configure(const AllocatorOptions& options);
// What was sampled, for jeprof; AC_E_UNSUPPORTED where nothing is, AC_E_IO where it cannot be
// written.
Result<void> write_profile(const std::string& path);
ac_allocator_stats allocator_stats() noexcept;

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_ALLOCATOR_H_
