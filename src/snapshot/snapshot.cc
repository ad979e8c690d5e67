#include "snapshot/snapshot.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <type_traits>

namespace actorcore::snapshot {

std::string_view Snapshot::actor_id() const {
  return {reinterpret_cast<const char*>(names() + name_count()), counts_.actor_id_bytes};
}

NamedValues Snapshot::primary() const {
  return {{names(), counts_.primary}, {numbers(), counts_.primary}};
}

NamedValues Snapshot::derived() const {
  return {{names() + counts_.primary, counts_.derived},
          {numbers() + counts_.primary, counts_.derived}};
}

CapsUsed Snapshot::caps_used() const {
  const std::size_t first = std::size_t{counts_.primary} + counts_.derived;
  const double* const min = numbers() + first;
  return {{names() + first, counts_.caps}, {min, counts_.caps}, {min + counts_.caps, counts_.caps}};
}

std::span<const ac_context> Snapshot::contexts() const {
  return {first_context(), counts_.contexts};
}

std::span<const ac_snapshot_error> Snapshot::errors() const {
  return {first_error(), counts_.errors};
}

const double* Snapshot::find(std::uint32_t list, NameId dimension) const {
  const NamedValues values = list == AC_LIST_DERIVED ? derived() : primary();
  const auto found = std::find(values.names.begin(), values.names.end(), dimension);
  return found == values.names.end()
             ? nullptr
             : &values.values[static_cast<std::size_t>(found - values.names.begin())];
}

double Snapshot::apply(NameId name, double base) const {
  for (const ac_context& context : contexts()) {
    if (context.name != name) continue;
    return base * (1.0 + context.additive_percent) * context.multiplier + context.post_add;
  }
  return base;
}

void Snapshot::release() const noexcept {
  if (users_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;  // S1
  static_assert(std::is_trivially_destructible_v<std::atomic<std::uint32_t>>);
  SnapshotPool::give(const_cast<Snapshot*>(this));
}

SnapshotWriter::SnapshotWriter(SnapshotPool& pool, const SnapshotCounts& counts,
                               const SnapshotStamp& stamp, std::int64_t created_at) {
  static_assert(alignof(ac_context) == alignof(double) && sizeof(ac_snapshot_error) == 16);
  static_assert(alignof(Snapshot) <= 16 && sizeof(Snapshot) % alignof(double) == 0);
  const std::size_t bytes = Snapshot(counts, stamp, created_at).bytes();
  if (bytes > SnapshotPool::block_bytes_max) return;
  void* const block = pool.take(bytes);
  if (block != nullptr) made_ = new (block) Snapshot(counts, stamp, created_at);
}

SnapshotWriter::SnapshotWriter(SnapshotPool& pool, const Snapshot& like, const SnapshotStamp& stamp,
                               std::int64_t created_at) {
  const std::size_t bytes = like.bytes();
  void* const block = pool.take(bytes);
  if (block == nullptr) return;
  made_ = new (block) Snapshot(like.counts_, stamp, created_at);
  std::memcpy(static_cast<void*>(made_ + 1), &like + 1, bytes - sizeof(Snapshot));
}

}  // namespace actorcore::snapshot
