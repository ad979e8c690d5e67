// Snapshot: the resolved numbers of one entity, immutable, read without copying.
//
// Threads:    any thread may read, retain and release.
// Invariants: one block of a SnapshotPool: this header, then dense arrays. Names are in bytewise order
//             of their texts and stand beside the values at the same index.
//   S1  release -> release   whoever frees the block has seen every reader finish
// Cost:       retain and release are one atomic each; find() is a scan of dense numbers.
#ifndef ACTORCORE_SNAPSHOT_SNAPSHOT_H_
#define ACTORCORE_SNAPSHOT_SNAPSHOT_H_

#include <actorcore/actorcore.h>

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "snapshot/names.h"

namespace actorcore::snapshot {

// What a snapshot was made of; a cached one is served only while these are what they were.
struct SnapshotStamp {
  std::int64_t profile_version = 0;
  std::uint64_t contributions_version = 0;
  std::uint64_t registry_version = 0;

  bool operator==(const SnapshotStamp&) const = default;
};

struct SnapshotError {
  std::uint32_t code;   // AC_REJECT_*
  std::uint32_t about;  // AC_ERROR_ABOUT_*: what `name` names
  NameId name;
  std::uint32_t list;  // AC_LIST_*, of a dimension
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

struct Contexts {
  std::span<const NameId> names;
  std::span<const double> additive_percent;
  std::span<const double> multiplier;
  std::span<const double> post_add;
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
  std::int64_t version() const { return stamp_.profile_version; }
  std::int64_t created_at() const { return created_at_; }
  const SnapshotStamp& stamp() const { return stamp_; }
  NamedValues primary() const;
  NamedValues derived() const;
  CapsUsed caps_used() const;
  Contexts contexts() const;
  std::span<const SnapshotError> errors() const;

  // The value under a name in a list (AC_LIST_*), or null where the snapshot has none.
  const double* find(std::uint32_t list, NameId dimension) const;
  // ((base × (1 + additive_percent)) × multiplier) + post_add; an unknown context leaves the base.
  double apply(NameId context, double base) const;

  void retain() const noexcept { users_.fetch_add(1, std::memory_order_relaxed); }  // held already
  void release() const noexcept;

 private:
  friend class SnapshotWriter;
  Snapshot(const SnapshotCounts& counts, const SnapshotStamp& stamp, std::int64_t created_at)
      : counts_(counts), created_at_(created_at), stamp_(stamp) {}

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

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_SNAPSHOT_H_
