// Engine: one registry, the subsystems that are asked, and the entities; folds rows into snapshots.
//
// Threads:    any.
// Invariants: a registry is made and checked before it replaces the one in force, and a resolve
//             sees one. The engine lives while its handle, an entity, a list of outputs or a
//             resolve under way needs it; snapshots need only its names, which they keep.
// Cost:       fold() is one look at the registry's version beside the folding itself.
//
// Memory order:
//   G1  load -> fold   whoever sees a registry's version finds that registry, or a later one, under
//                      the lock
#ifndef ACTORCORE_ENGINE_ENGINE_H_
#define ACTORCORE_ENGINE_ENGINE_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/status.h"
#include "engine/lanes.h"
#include "engine/rows_pool.h"
#include "engine/subsystem.h"
#include "memory/pools.h"
#include "runtime/system.h"
#include "snapshot/document.h"
#include "snapshot/entity_rows.h"
#include "snapshot/names.h"
#include "snapshot/receipt.h"
#include "snapshot/registry.h"
#include "snapshot/snapshot.h"

namespace actorcore::engine {

class Entity;

class Engine final : public std::enable_shared_from_this<Engine>, private memory::PoolSource {
 public:
  // The new engine's handle. `system` may be null; the engine holds it.
  static Result<ac_engine> create(runtime::System* system, std::uint32_t names_max);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  void release_handle() noexcept;

  runtime::System* system() const noexcept { return system_; }
  snapshot::Names& names() noexcept { return *names_; }
  Subsystems& subsystems() noexcept { return subsystems_; }
  RowsPool& rows_pool() noexcept { return rows_pool_; }
  void count(Count what, std::uint64_t n = 1) noexcept { lanes_.count(what, n); }

  // Each replaces the registry as a whole, or says everything that is wrong.
  Result<void> load(const snapshot::Source& source);
  Result<void> load_layers(const snapshot::Source& source);
  // The one in force, or null.
  std::shared_ptr<const snapshot::Registry> registry() const;
  std::uint64_t registry_version() const noexcept {
    return registry_version_.load(std::memory_order_acquire);  // G1
  }

  // Resolves the rows by the registry in force, or by `registry` where that is given; from what
  // they gave `before`, where there is that and it is enough.
  Result<snapshot::SnapshotRef> fold(snapshot::EntityRows& rows, snapshot::ResolveRequest request,
                                     const snapshot::Registry* registry = nullptr,
                                     const snapshot::Snapshot* before = nullptr);
  // How such a resolve comes to one value. It counts for nothing in the metrics.
  Result<std::unique_ptr<const snapshot::Receipt>> explain(snapshot::EntityRows& rows,
                                                           const snapshot::ResolveRequest& resolve,
                                                           const snapshot::ReceiptRequest& request);
  // The same as fold() from the text of a whole case.
  Result<snapshot::SnapshotRef> fold_case(const snapshot::Source& source, bool strict);

  // What time it is for deadlines, in nanoseconds.
  std::uint64_t now() const noexcept;

  void add(Entity& entity) noexcept;
  void remove(Entity& entity) noexcept;
  void clear() noexcept;
  ac_engine_metrics metrics() const;

 private:
  explicit Engine(std::uint32_t names_max);

  Result<snapshot::SnapshotRef> fold_in(Workspace& workspace, snapshot::EntityRows& rows,
                                        const snapshot::ResolveRequest& request,
                                        const snapshot::Registry* registry,
                                        const snapshot::Snapshot* before);
  const snapshot::Registry* in_force(Workspace& workspace) const;
  std::unique_ptr<Workspace> new_workspace();
  void take_over(std::shared_ptr<const snapshot::Registry> registry);
  std::int64_t created_at() const noexcept;
  void add_to(memory::PoolRows& rows) const noexcept override;

  runtime::System* system_ = nullptr;
  const std::shared_ptr<snapshot::Names> names_;
  snapshot::SnapshotPool pool_;
  RowsPool rows_pool_;
  Subsystems subsystems_;
  Lanes lanes_;
  std::shared_ptr<Engine> self_;  // while the handle lives

  absl::Mutex load_mutex_;  // one load at a time
  snapshot::Layers layers_ ABSL_GUARDED_BY(load_mutex_);

  mutable absl::Mutex registry_mutex_;
  std::shared_ptr<const snapshot::Registry> registry_ ABSL_GUARDED_BY(registry_mutex_);
  std::uint64_t loads_ ABSL_GUARDED_BY(registry_mutex_) = 0;
  std::atomic<std::uint64_t> registry_version_{0};

  mutable absl::Mutex entities_mutex_;
  Entity* first_entity_ ABSL_GUARDED_BY(entities_mutex_) = nullptr;
  std::uint64_t entity_count_ ABSL_GUARDED_BY(entities_mutex_) = 0;
};

}  // namespace actorcore::engine

#endif  // ACTORCORE_ENGINE_ENGINE_H_
