#include <algorithm>
#include <array>
#include <optional>

#include "boundary.h"
#include "memory/allocator.h"
#include "memory/buffer_pool.h"
#include "memory/pools.h"
#include "memory/reserve.h"
#include "memory/slab_pool.h"
#include "runtime/actor.h"

using namespace actorcore;

namespace {

Result<void> read_switch(std::uint32_t given, const char* what, std::optional<bool>& wanted) {
  if (given == 0) return {};
  if (given != AC_SWITCH_OFF && given != AC_SWITCH_ON) {
    return Error(AC_E_UNKNOWN_CONSTANT, std::string(what) + " is no AC_SWITCH constant");
  }
  wanted = given == AC_SWITCH_ON;
  return {};
}

Result<void> read_decay(std::uint64_t given, const char* what,
                        std::optional<std::int64_t>& wanted) {
  constexpr std::uint64_t most = std::uint64_t{1} << 40;  // some decades, which jemalloc can count
  if (given == 0) return {};
  if (given < AC_DECAY_AT_ONCE && given > most) {
    return Error(AC_E_INVALID_ARGUMENT, std::string(what) + " is too long; say AC_DECAY_NEVER");
  }
  wanted = static_cast<std::int64_t>(given);
  if (given == AC_DECAY_NEVER) wanted = -1;
  if (given == AC_DECAY_AT_ONCE) wanted = 0;
  return {};
}

Result<void> read(const ac_memory_options& given, memory::AllocatorOptions& allocator,
                  memory::Reserve& reserve) {
  Result<void> valid =
      read_switch(given.background_threads, "background_threads", allocator.background_threads);
  if (valid.ok()) valid = read_switch(given.profiling, "profiling", allocator.profiling);
  if (valid.ok())
    valid = read_decay(given.dirty_decay_ms, "dirty_decay_ms", allocator.dirty_decay_ms);
  if (valid.ok())
    valid = read_decay(given.muzzy_decay_ms, "muzzy_decay_ms", allocator.muzzy_decay_ms);
  if (!valid.ok()) return valid;
  const std::array<std::uint32_t, memory::BufferPool::kinds> counts{
      given.buffers_64b, given.buffers_1k, given.buffers_4k, given.buffers_2m};
  for (std::uint32_t kind = 0; kind < counts.size(); ++kind) {
    const std::uint32_t most = kind == memory::BufferPool::bytes_2m ? 4'096 : 1'048'576;
    if (counts[kind] == 0) continue;
    if (counts[kind] != AC_RESERVE_NONE && counts[kind] > most) {
      return Error(AC_E_LIMIT,
                   "of each kind at most 1,048,576 buffers are reserved, of 2 MiB 4,096");
    }
    reserve[kind] = counts[kind] == AC_RESERVE_NONE ? 0 : counts[kind];
  }
  return {};
}

std::uint64_t item_bytes_of(std::uint32_t pool) {
  switch (pool) {
    case AC_POOL_ACTORS:
      return sizeof(runtime::Actor);
    case AC_POOL_ENVELOPES:
      return memory::item_bytes;
    case AC_POOL_BUFFERS_64B:
    case AC_POOL_BUFFERS_1K:
    case AC_POOL_BUFFERS_4K:
    case AC_POOL_BUFFERS_2M:
      return memory::BufferPool::block_bytes[pool - AC_POOL_BUFFERS_64B];
    default:
      return 0;
  }
}

ac_pool_stats row_of(std::uint32_t pool, const memory::PoolStats& stats) {
  ac_pool_stats row{};
  row.pool = pool;
  row.efficiency_permille =
      stats.gets == 0 ? 1'000 : static_cast<std::uint32_t>(stats.hits * 1'000 / stats.gets);
  row.item_bytes = item_bytes_of(pool);
  row.gets = stats.gets;
  row.puts = stats.puts;
  row.hits = stats.hits;
  row.misses = stats.misses;
  row.in_use = stats.gets - std::min(stats.gets, stats.puts);
  row.free = stats.free;
  row.bytes = stats.bytes;
  return row;
}

}  // namespace

ac_status ac_memory_configure(const ac_memory_options* options, ac_error* error) noexcept {
  return capi::guard(error, [&]() -> Result<void> {
    ac_memory_options given;
    if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
      return capi::error_of(status);
    }
    memory::AllocatorOptions allocator;
    memory::Reserve reserve;
    if (Result<void> valid = read(given, allocator, reserve); !valid.ok()) return valid;
    if (Result<void> set = memory::configure(allocator); !set.ok()) return set;
    memory::set_reserve(reserve);
    return {};
  });
}

ac_status ac_memory_write_profile(ac_text path, ac_error* error) noexcept {
  return capi::guard(error, [&]() -> Result<void> {
    const Result<std::string> file = capi::read_path(path);
    return file.ok() ? memory::write_profile(file.value()) : file.error();
  });
}

ac_status ac_memory_pools(ac_pool_stats* pools, uint64_t capacity, uint64_t* count) noexcept {
  return capi::guard([&]() -> ac_status {
    if (count == nullptr || (pools == nullptr && capacity != 0)) return AC_E_NULL;
    const memory::PoolRows rows = memory::read_pools();
    const auto fit = static_cast<std::uint32_t>(std::min<std::uint64_t>(capacity, rows.size()));
    for (std::uint32_t pool = 0; pool < fit; ++pool) pools[pool] = row_of(pool, rows[pool]);
    *count = rows.size();
    return AC_OK;
  });
}

ac_status ac_memory_allocator(ac_allocator_stats* stats) noexcept {
  return capi::guard([&]() -> ac_status {
    if (stats == nullptr) return AC_E_NULL;
    *stats = memory::allocator_stats();
    return AC_OK;
  });
}
