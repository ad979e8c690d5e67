#include "engine/engine.h"

#include <chrono>
#include <utility>

#include "base/clock.h"
#include "engine/entity.h"
#include "engine/resolve.h"
#include "engine/tables.h"
#include "snapshot/case_text.h"

namespace actorcore::engine {
namespace {

Error no_registry() { return Error(AC_E_NO_REGISTRY, "the engine has no registry yet; load one"); }

}  // namespace

Engine::Engine(std::uint32_t names_max)
    : names_(std::make_shared<snapshot::Names>(names_max)), pool_(names_) {
  enroll();
}

Result<ac_engine> Engine::create(runtime::System* system, std::uint32_t names_max) {
  const std::shared_ptr<Engine> engine(new Engine(names_max));
  const std::uint64_t bits = engines().insert(engine.get());
  if (bits == 0) return no_handle_left();
  engine->self_ = engine;
  if (system != nullptr) {
    system->retain();
    engine->system_ = system;
    engine->subsystems_.use(*system);
    system->set_hooks(hooks());
  }
  return ac_engine{bits};
}

Engine::~Engine() {
  leave();
  subsystems_.clear();
  if (system_ != nullptr) system_->release();
}

void Engine::release_handle() noexcept {
  const std::shared_ptr<Engine> last = std::move(self_);  // may be the end of this object
}

// -- registry -----------------------------------------------------------------------------------

Result<void> Engine::load(const snapshot::Source& source) {
  absl::MutexLock lock(&load_mutex_);
  auto made = snapshot::Registry::parse(source, *names_, layers_);
  if (!made.ok()) return std::move(made).error();
  snapshot::Layers layers = made.value()->layers();
  take_over(std::move(made).value());
  layers_ = std::move(layers);
  return {};
}

Result<void> Engine::load_layers(const snapshot::Source& source) {
  auto layers = snapshot::Layers::parse(source);
  if (!layers.ok()) return std::move(layers).error();
  absl::MutexLock lock(&load_mutex_);
  if (const auto in_force = registry()) {
    auto made = in_force->with_layers(layers.value(), *names_);
    if (!made.ok()) return std::move(made).error();
    take_over(std::move(made).value());
  } else {
    take_over(nullptr);  // kept for the first registry
  }
  layers_ = std::move(layers).value();
  return {};
}

void Engine::take_over(std::shared_ptr<const snapshot::Registry> registry) {
  absl::MutexLock lock(&registry_mutex_);
  registry_.swap(registry);  // the old one goes when the lock is open again
  ++loads_;
  registry_version_.store(registry_ == nullptr ? 0 : registry_->version(),
                          std::memory_order_release);  // G1
}

std::shared_ptr<const snapshot::Registry> Engine::registry() const {
  absl::MutexLock lock(&registry_mutex_);
  return registry_;
}

// -- resolving ----------------------------------------------------------------------------------

Result<snapshot::SnapshotRef> Engine::fold(snapshot::EntityRows& rows,
                                           snapshot::ResolveRequest request,
                                           const snapshot::Registry* registry,
                                           const snapshot::Snapshot* before) {
  request.created_at = created_at();
  Result<snapshot::SnapshotRef> folded = lanes_.with_workspace(
      [this] { return new_workspace(); },
      [&](Workspace& workspace) { return fold_in(workspace, rows, request, registry, before); });
  lanes_.count(folded.ok() ? Count::resolved : Count::failed);
  if (folded.ok() && !folded.value()->errors().empty()) {
    lanes_.count(Count::rejected, folded.value()->errors().size());
  }
  return folded;
}

Result<snapshot::SnapshotRef> Engine::fold_in(Workspace& workspace, snapshot::EntityRows& rows,
                                              const snapshot::ResolveRequest& request,
                                              const snapshot::Registry* registry,
                                              const snapshot::Snapshot* before) {
  if (registry == nullptr) registry = in_force(workspace);
  if (registry == nullptr) return no_registry();
  if (before != nullptr) {
    snapshot::SnapshotRef updated = workspace.updater.update(*before, rows, *registry, request);
    if (updated) {
      lanes_.count(Count::updated);
      return updated;
    }
  }
  return workspace.aggregator.resolve(rows, *registry, request);
}

// The registry in force, which the workspace keeps; null where there is none.
const snapshot::Registry* Engine::in_force(Workspace& workspace) const {
  const std::uint64_t version = registry_version();
  if (version == 0) return nullptr;
  if (workspace.registry == nullptr || workspace.registry->version() != version) {
    workspace.registry = registry();
  }
  return workspace.registry.get();
}

Result<std::unique_ptr<const snapshot::Receipt>> Engine::explain(
    snapshot::EntityRows& rows, const snapshot::ResolveRequest& resolve,
    const snapshot::ReceiptRequest& request) {
  using Made = Result<std::unique_ptr<const snapshot::Receipt>>;
  return lanes_.with_workspace(
      [this] { return new_workspace(); },
      [&](Workspace& workspace) -> Made {
        const snapshot::Registry* const registry = in_force(workspace);
        if (registry == nullptr) return no_registry();
        auto folded = workspace.aggregator.resolve(rows, *registry, resolve);
        if (!folded.ok()) return std::move(folded).error();
        return snapshot::Receipt::make(request, rows, *registry, *folded.value(), names_);
      });
}

std::unique_ptr<Workspace> Engine::new_workspace() {
  return std::make_unique<Workspace>(*names_, pool_);
}

Result<snapshot::SnapshotRef> Engine::fold_case(const snapshot::Source& source, bool strict) {
  auto parsed = snapshot::Case::parse(source, *names_);
  if (!parsed.ok()) return std::move(parsed).error();
  const snapshot::Case& given = parsed.value();
  snapshot::EntityRows rows;
  if (auto loaded = rows.load(given.outputs.outputs(), *names_); !loaded.ok()) {
    return std::move(loaded).error();
  }
  return fold(
      rows,
      {.actor_id = given.profile.id, .profile_version = given.profile.version, .strict = strict},
      given.registry.get());
}

std::int64_t Engine::created_at() const noexcept {
  if (system_ != nullptr && system_->clock().is_virtual()) {
    return static_cast<std::int64_t>(system_->clock().now());
  }
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count();
}

std::uint64_t Engine::now() const noexcept {
  return system_ != nullptr ? system_->clock().now() : Clock::monotonic();
}

// -- entities -----------------------------------------------------------------------------------

void Engine::add(Entity& entity) noexcept {
  absl::MutexLock lock(&entities_mutex_);
  entity.next_ = first_entity_;
  if (first_entity_ != nullptr) first_entity_->previous_ = &entity;
  first_entity_ = &entity;
  ++entity_count_;
}

void Engine::remove(Entity& entity) noexcept {
  absl::MutexLock lock(&entities_mutex_);
  (entity.previous_ == nullptr ? first_entity_ : entity.previous_->next_) = entity.next_;
  if (entity.next_ != nullptr) entity.next_->previous_ = entity.previous_;
  --entity_count_;
}

void Engine::clear() noexcept {
  absl::MutexLock lock(&entities_mutex_);
  for (Entity* entity = first_entity_; entity != nullptr; entity = entity->next_) {
    entity->invalidate();
  }
}

void Engine::add_to(memory::PoolRows& rows) const noexcept {
  rows[AC_POOL_SNAPSHOTS] += pool_.stats();
  rows[AC_POOL_CONTRIBUTIONS] += rows_pool_.stats();
}

ac_engine_metrics Engine::metrics() const {
  ac_engine_metrics metrics{};
  metrics.resolved = lanes_.sum(Count::resolved);
  metrics.cached = lanes_.sum(Count::cached);
  metrics.missed = lanes_.sum(Count::missed);
  metrics.failed = lanes_.sum(Count::failed);
  metrics.rejected = lanes_.sum(Count::rejected);
  metrics.asked = lanes_.sum(Count::asked);
  metrics.late = lanes_.sum(Count::late);
  metrics.invalidated = lanes_.sum(Count::invalidated);
  metrics.updated = lanes_.sum(Count::updated);
  metrics.snapshots = pool_.blocks_in_use();
  {
    absl::MutexLock lock(&entities_mutex_);
    metrics.entities = entity_count_;
  }
  absl::MutexLock lock(&registry_mutex_);
  metrics.registry_version = loads_;
  return metrics;
}

}  // namespace actorcore::engine
