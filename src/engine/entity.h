// Entity: a profile, the stored outputs of its subsystems, and the snapshot that they last gave.
//
// Threads:    any; changes and resolves of one entity take turns by its lock, cached reads take
//             none.
// Invariants: cached_ is 0 or a snapshot handle of which the entity has one reference, made of the
//             rows and the profile that it now has: every change drops it. So only the registry's
//             version is left to compare. before_ is the same for the rows before what they say is
//             touched. Both move by exchanges alone, so each reference is given back once.
// Cost:       a cached read is four read-modify-writes, those of the two handles included; a
//             resolve takes the lock, folds, from what was cached before a change where that is
//             enough, and makes a handle; neither allocates once warm.
//
// Memory order:
//   C1  keep -> cached    whoever sees a cached handle finds it in the table
#ifndef ACTORCORE_ENGINE_ENTITY_H_
#define ACTORCORE_ENGINE_ENTITY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/status.h"
#include "engine/engine.h"
#include "snapshot/entity_rows.h"
#include "snapshot/profile.h"
#include "snapshot/receipt.h"

namespace actorcore::engine {

class Entity {
 public:
  // The new entity's handle, which owns it.
  static Result<ac_entity> create(std::shared_ptr<Engine> engine, snapshot::Profile profile);
  ~Entity();
  Entity(const Entity&) = delete;
  Entity& operator=(const Entity&) = delete;
  void release_handle() noexcept { delete this; }

  Engine& engine() const noexcept { return *engine_; }
  const std::shared_ptr<Engine>& shared_engine() const noexcept { return engine_; }
  ac_entity handle() const noexcept { return handle_; }

  void set_profile(snapshot::Profile profile);
  std::string profile_text() const;
  Result<void> put(const ac_output& output);
  Result<void> put_all(std::span<const ac_output> outputs);
  Result<void> remove(snapshot::NameId system);
  // One row of a system's output, an ac_contribution or an ac_cap.
  template <class Row>
  Result<void> put_row(snapshot::NameId system, const Row& row) {
    absl::MutexLock lock(&mutex_);
    Result<void> put = rows_.put_row(system, row, engine_->names());
    if (put.ok()) outdate();
    return put;
  }
  template <class Row>
  Result<void> remove_row(snapshot::NameId system, const Row& row) {
    absl::MutexLock lock(&mutex_);
    Result<void> removed = rows_.remove_row(system, row, engine_->names());
    if (removed.ok()) outdate();
    return removed;
  }

  // The snapshot in the cache, with one more reference; none where nothing is cached or the
  // registry has changed.
  ac_snapshot cached() noexcept;
  // Drops what is cached.
  void invalidate() noexcept;
  // Resolves the stored outputs, by the cache where `flags` (AC_RESOLVE_*) and its state allow.
  Result<ac_snapshot> resolve(std::uint32_t flags);
  // The same beside the cache.
  Result<ac_snapshot> resolve_apart(std::uint32_t flags);

  // How a resolve of the stored outputs comes to one value.
  Result<ac_receipt> explain(const snapshot::ReceiptRequest& request);

  // What a resolve that asks subsystems starts from.
  struct State {
    std::string id;
    std::uint64_t profile_version = 1;
  };
  // Copies the stored rows over `rows`.
  State state(snapshot::EntityRows& rows) const;

 private:
  friend class Engine;  // the list of its entities

  Entity(std::shared_ptr<Engine> engine, snapshot::Profile profile);

  ac_snapshot serve(std::uint32_t flags) noexcept;
  Result<snapshot::SnapshotRef> fold(std::uint32_t flags,
                                     const snapshot::Snapshot* before = nullptr)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void outdate() noexcept;
  void forget() noexcept;

  const std::shared_ptr<Engine> engine_;
  ac_entity handle_{0};
  std::atomic<std::uint64_t> cached_{0};
  std::atomic<std::uint64_t> before_{0};
  mutable absl::Mutex mutex_;
  snapshot::EntityRows rows_ ABSL_GUARDED_BY(mutex_);
  snapshot::Profile profile_ ABSL_GUARDED_BY(mutex_);
  Entity* previous_ = nullptr;  // these two by the engine's lock
  Entity* next_ = nullptr;
};

// A new handle.
Result<ac_snapshot> hand_out(snapshot::SnapshotRef snapshot);
Result<ac_receipt> hand_out(std::unique_ptr<const snapshot::Receipt> receipt);

}  // namespace actorcore::engine

#endif  // ACTORCORE_ENGINE_ENTITY_H_
