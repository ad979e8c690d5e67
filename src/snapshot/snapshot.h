// Snapshot: the resolved numbers of one entity, immutable, read without copying.
//
// Threads:    any thread may read, retain and release.
// Invariants: one block of a SnapshotPool: this header, then dense arrays. Names are in bytewise
//             order of their texts and stand beside the values at the same index.
//   S1  release -> free   whoever frees the block has seen every reader finish
// Cost:       retain and release are one atomic each; find() is a scan of dense numbers.
#ifndef ACTORCORE_SNAPSHOT_SNAPSHOT_H_
#define ACTORCORE_SNAPSHOT_SNAPSHOT_H_

#include <actorcore/actorcore.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "snapshot/names.h"
#include "snapshot/snapshot_pool.h"

namespace actorcore::snapshot {

// What a snapshot was made of; a cached one is served only while these are what they were.
struct SnapshotStamp {
  std::uint64_t profile_version = 0;
  std::uint64_t contributions_version = 0;
  std::uint64_t registry_version = 0;

  bool operator==(const SnapshotStamp&) const = default;
};

struct NamedValues {
  std::span<const NameId> names;
  std::span<const double> values;
};

struct CapsUsed {
  std::span<const NameId> names;
  std::span<const double> min;
  std::span<const double> max;
};

struct SnapshotCounts {
  std::uint32_t primary = 0;
  std::uint32_t derived = 0;
  std::uint32_t caps = 0;
  std::uint32_t contexts = 0;
  std::uint32_t errors = 0;
  std::uint32_t actor_id_bytes = 0;
};

class Snapshot {
 public:
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  std::string_view actor_id() const;
  std::uint64_t version() const { return stamp_.profile_version; }
  std::int64_t created_at() const { return created_at_; }
  const SnapshotStamp& stamp() const { return stamp_; }
  NamedValues primary() const;
  NamedValues derived() const;
  CapsUsed caps_used() const;
  std::span<const ac_context> contexts() const;       // by name
  std::span<const ac_snapshot_error> errors() const;  // in the rules' order

  // The value under a name in a list (AC_LIST_*), or null where the snapshot has none.
  const double* find(std::uint32_t list, NameId dimension) const;
  // ((base × (1 + additive_percent)) × multiplier) + post_add; an unknown context leaves the
  // base.
  double apply(NameId context, double base) const;

  void retain() const noexcept { users_.fetch_add(1, std::memory_order_relaxed); }  // held already
  void release() const noexcept;
  void release_handle() const noexcept { release(); }  // a handle holds one use (HandleTable)

  // What its numbers of names mean; the pool that it comes from has them.
  const Names& vocabulary() const { return SnapshotPool::names_of(this); }

 private:
  friend class SnapshotWriter;
  Snapshot(const SnapshotCounts& counts, const SnapshotStamp& stamp, std::int64_t created_at)
      : counts_(counts), created_at_(created_at), stamp_(stamp) {}

  // Arrays follow the header: numbers, contexts, errors, names, then the actor's id.
  const double* numbers() const { return reinterpret_cast<const double*>(this + 1); }
  std::size_t number_count() const {
    return std::size_t{counts_.primary} + counts_.derived + std::size_t{counts_.caps} * 2;
  }
  const ac_context* first_context() const {
    return reinterpret_cast<const ac_context*>(numbers() + number_count());
  }
  const ac_snapshot_error* first_error() const {
    return reinterpret_cast<const ac_snapshot_error*>(first_context() + counts_.contexts);
  }
  const NameId* names() const {
    return reinterpret_cast<const NameId*>(first_error() + counts_.errors);
  }
  std::size_t bytes() const {
    return sizeof(Snapshot) + number_count() * sizeof(double) +
           counts_.contexts * sizeof(ac_context) + counts_.errors * sizeof(ac_snapshot_error) +
           name_count() * sizeof(NameId) + counts_.actor_id_bytes;
  }
  std::size_t name_count() const {
    return std::size_t{counts_.primary} + counts_.derived + counts_.caps;
  }

  mutable std::atomic<std::uint32_t> users_{1};
  SnapshotCounts counts_;
  std::int64_t created_at_;
  SnapshotStamp stamp_;
};

// Holds one use of a snapshot.
class SnapshotRef {
 public:
  SnapshotRef() = default;
  SnapshotRef(const SnapshotRef& other) noexcept : held_(other.held_) {
    if (held_ != nullptr) held_->retain();
  }
  SnapshotRef(SnapshotRef&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  SnapshotRef& operator=(SnapshotRef other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~SnapshotRef() {
    if (held_ != nullptr) held_->release();
  }

  // Takes over a use that the caller has; detach() hands it back.
  static SnapshotRef adopt(const Snapshot* snapshot) noexcept {
    SnapshotRef ref;
    ref.held_ = snapshot;
    return ref;
  }
  const Snapshot* detach() noexcept { return std::exchange(held_, nullptr); }

  const Snapshot* get() const { return held_; }
  const Snapshot& operator*() const { return *held_; }
  const Snapshot* operator->() const { return held_; }
  explicit operator bool() const { return held_ != nullptr; }

 private:
  const Snapshot* held_ = nullptr;
};

// Fills a new snapshot; nobody else sees it before it is taken.
class SnapshotWriter {
 public:
  // Not usable where memory is exhausted.
  SnapshotWriter(SnapshotPool& pool, const SnapshotCounts& counts, const SnapshotStamp& stamp,
                 std::int64_t created_at);
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;
  ~SnapshotWriter() {
    if (made_ != nullptr) made_->release();
  }

  // A copy of another, for what differs to be written over.
  SnapshotWriter(SnapshotPool& pool, const Snapshot& like, const SnapshotStamp& stamp,
                 std::int64_t created_at);

  bool usable() const { return made_ != nullptr; }
  // Values of primary and derived, minima, maxima.
  double* numbers() { return const_cast<double*>(made_->numbers()); }
  ac_context* contexts() { return const_cast<ac_context*>(made_->first_context()); }
  ac_snapshot_error* errors() { return const_cast<ac_snapshot_error*>(made_->first_error()); }
  // Of primary, derived, caps.
  NameId* names() { return const_cast<NameId*>(made_->names()); }
  char* actor_id() { return reinterpret_cast<char*>(names() + made_->name_count()); }
  SnapshotRef take() { return SnapshotRef::adopt(std::exchange(made_, nullptr)); }

 private:
  Snapshot* made_ = nullptr;
};

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_SNAPSHOT_H_
