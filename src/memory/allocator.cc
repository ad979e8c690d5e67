#include "memory/allocator.h"

#ifdef ACTORCORE_JEMALLOC
#include <jemalloc/jemalloc.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

// Read when jemalloc starts, before the environment's JE_MALLOC_CONF. Every user has an arena of
// its own, so the automatic ones are never used.
const char* je_malloc_conf = "narenas:1,metadata_thp:auto";
#endif

namespace actorcore::memory {

#ifdef ACTORCORE_JEMALLOC

namespace {

template <class T>
bool read(const char* name, T& value) noexcept {
  std::size_t size = sizeof value;
  return je_mallctl(name, &value, &size, nullptr, 0) == 0;
}
template <class T>
T value_of(const char* name) noexcept {
  T value{};
  return read(name, value) ? value : T{};
}
template <class T>
bool write(const char* name, T value) noexcept {
  return je_mallctl(name, nullptr, nullptr, &value, sizeof value) == 0;
}

std::string name_of(unsigned arena, const char* leaf) {
  return "arena." + std::to_string(arena) + leaf;
}

// Of the arenas to come, and of those there are; one that has ended meanwhile refuses, and may.
void set_decay(const char* leaf, std::int64_t ms) {
  const auto decay = static_cast<ssize_t>(ms);
  write(("arenas" + std::string(leaf)).c_str(), decay);
  const auto arenas = value_of<unsigned>("arenas.narenas");
  for (unsigned i = 0; i < arenas; ++i) write(name_of(i, leaf).c_str(), decay);
}

Error no_profiling() {
  return Error(AC_E_UNSUPPORTED,
               "profiling needs a jemalloc that is built with it and started with "
               "JE_MALLOC_CONF=prof:true,prof_active:false in the environment");
}

std::uint32_t metadata_huge_pages() noexcept {
  const auto* const text = value_of<const char*>("opt.metadata_thp");
  if (text == nullptr || std::string_view(text) == "disabled") return AC_HUGE_PAGES_OFF;
  return std::string_view(text) == "always" ? AC_HUGE_PAGES_ALWAYS : AC_HUGE_PAGES_AUTO;
}

}  // namespace

Result<void> configure(const AllocatorOptions& options) {
  if (options.profiling && !value_of<bool>("opt.prof")) return no_profiling();
  if (options.background_threads && !write("background_thread", *options.background_threads)) {
    return Error(AC_E_UNSUPPORTED, "jemalloc has no background threads here");
  }
  if (options.dirty_decay_ms) set_decay(".dirty_decay_ms", *options.dirty_decay_ms);
  if (options.muzzy_decay_ms) set_decay(".muzzy_decay_ms", *options.muzzy_decay_ms);
  if (options.profiling) write("prof.active", *options.profiling);
  return {};
}

Result<void> write_profile(const std::string& path) {
  if (!value_of<bool>("opt.prof")) return no_profiling();
  if (!write("prof.dump", path.c_str())) {
    return Error(AC_E_IO, "jemalloc could not write the profile to " + path);
  }
  return {};
}

ac_allocator_stats allocator_stats() noexcept {
  std::uint64_t epoch = 1;
  write("epoch", epoch);  // or what is read is as old as the last one
  ac_allocator_stats stats{};
  stats.is_jemalloc = 1;
  stats.allocated_bytes = value_of<std::size_t>("stats.allocated");
  stats.active_bytes = value_of<std::size_t>("stats.active");
  stats.metadata_bytes = value_of<std::size_t>("stats.metadata");
  stats.resident_bytes = value_of<std::size_t>("stats.resident");
  stats.mapped_bytes = value_of<std::size_t>("stats.mapped");
  stats.retained_bytes = value_of<std::size_t>("stats.retained");
  const auto arenas = value_of<unsigned>("arenas.narenas");
  for (unsigned i = 0; i < arenas; ++i) {
    char name[] = "arena.4294967295.initialized";
    std::snprintf(name, sizeof name, "arena.%u.initialized", i);
    if (value_of<bool>(name)) ++stats.arenas;
  }
  stats.arenas_automatic = value_of<unsigned>("opt.narenas");
  stats.dirty_decay_ms = value_of<ssize_t>("arenas.dirty_decay_ms");
  stats.muzzy_decay_ms = value_of<ssize_t>("arenas.muzzy_decay_ms");
  stats.background_threads = value_of<bool>("background_thread") ? AC_SWITCH_ON : AC_SWITCH_OFF;
  stats.threads =
      static_cast<std::uint32_t>(value_of<std::size_t>("stats.background_thread.num_threads"));
  stats.metadata_huge_pages = metadata_huge_pages();
  if (value_of<bool>("opt.prof")) {
    stats.profiling = value_of<bool>("prof.active") ? AC_SWITCH_ON : AC_SWITCH_OFF;
  }
  return stats;
}

#else

Result<void> configure(const AllocatorOptions& options) {
  if (!options.background_threads && !options.dirty_decay_ms && !options.muzzy_decay_ms &&
      !options.profiling) {
    return {};
  }
  return Error(AC_E_UNSUPPORTED,
               "this build has a sanitizer and not jemalloc; only buffers can be set");
}

Result<void> write_profile(const std::string&) {
  return Error(AC_E_UNSUPPORTED, "this build has a sanitizer and not jemalloc");
}

ac_allocator_stats allocator_stats() noexcept { return {}; }

#endif

}  // namespace actorcore::memory
