#include "engine/entity.h"

#include <utility>

#include "engine/tables.h"

namespace actorcore::engine {
namespace {

// Gives back the reference that was there; whether there was one.
bool replace(std::atomic<std::uint64_t>& held, std::uint64_t bits) noexcept {
  const std::uint64_t dropped = held.exchange(bits, std::memory_order_acq_rel);  // C1
  if (dropped != 0) snapshots().release(dropped);
  return dropped != 0;
}

}  // namespace

Entity::Entity(std::shared_ptr<Engine> engine, snapshot::Profile profile)
    : engine_(std::move(engine)), profile_(std::move(profile)) {
  engine_->add(*this);
}

Entity::~Entity() {
  engine_->remove(*this);
  forget();
}

Result<ac_entity> Entity::create(std::shared_ptr<Engine> engine, snapshot::Profile profile) {
  std::unique_ptr<Entity> entity(new Entity(std::move(engine), std::move(profile)));
  // The handle is this call's own until it returns, so the entity may learn it afterwards.
  const std::uint64_t bits = entities().insert(entity.get());
  if (bits == 0) return no_handle_left();
  entity.release()->handle_ = {bits};
  return ac_entity{bits};
}

void Entity::set_profile(snapshot::Profile profile) {
  absl::MutexLock lock(&mutex_);
  std::swap(profile_, profile);
  forget();
}

std::string Entity::profile_text() const {
  absl::MutexLock lock(&mutex_);
  return print(profile_);
}

Result<void> Entity::put(const ac_output& output) {
  absl::MutexLock lock(&mutex_);
  Result<void> put = rows_.put(output, engine_->names());
  if (put.ok()) outdate();
  return put;
}

Result<void> Entity::put_all(std::span<const ac_output> outputs) {
  absl::MutexLock lock(&mutex_);
  Result<void> loaded = rows_.load(outputs, engine_->names());
  if (loaded.ok()) forget();
  return loaded;
}

Result<void> Entity::remove(snapshot::NameId system) {
  absl::MutexLock lock(&mutex_);
  if (!rows_.remove(system)) {
    return Error(AC_E_NOT_FOUND, "the entity has no output of that system");
  }
  outdate();
  return {};
}

// The rows have changed: what was cached is what they gave before.
void Entity::outdate() noexcept {
  // Relaxed: a stale 0 means that another call drops it, or that a resolve not yet ended will keep
  // its own.
  if (cached_.load(std::memory_order_relaxed) == 0) return;
  replace(before_, cached_.exchange(0, std::memory_order_acq_rel));  // C1
}

void Entity::forget() noexcept {
  if (cached_.load(std::memory_order_relaxed) != 0) replace(cached_, 0);  // as in outdate()
  if (before_.load(std::memory_order_relaxed) != 0) replace(before_, 0);
}

ac_snapshot Entity::cached() noexcept {
  const std::uint64_t bits = cached_.load(std::memory_order_acquire);  // C1
  if (bits == 0 || !snapshots().retain(bits)) return {0};
  if (snapshots().retained(bits).stamp().registry_version == engine_->registry_version()) {
    return {bits};
  }
  snapshots().release(bits);
  return {0};
}

void Entity::invalidate() noexcept {
  replace(before_, 0);
  if (replace(cached_, 0)) engine_->count(Count::invalidated);
}

Result<snapshot::SnapshotRef> Entity::fold(std::uint32_t flags, const snapshot::Snapshot* before) {
  return engine_->fold(rows_,
                       {.actor_id = profile_.id,
                        .profile_version = profile_.version,
                        .strict = (flags & AC_RESOLVE_STRICT) != 0},
                       nullptr, before);
}

// The cached snapshot where it serves a resolve with these flags.
ac_snapshot Entity::serve(std::uint32_t flags) noexcept {
  if ((flags & AC_RESOLVE_FRESH) != 0) return {0};
  const ac_snapshot held = cached();
  if (held.bits == 0) return held;
  const bool strict = (flags & AC_RESOLVE_STRICT) != 0;
  if (strict && !snapshots().retained(held.bits).errors().empty()) {
    snapshots().release(held.bits);
    return {0};
  }
  engine_->count(Count::cached);
  return held;
}

Result<ac_snapshot> Entity::resolve(std::uint32_t flags) {
  if (const ac_snapshot held = serve(flags); held.bits != 0) return held;
  absl::MutexLock lock(&mutex_);
  if (const ac_snapshot held = serve(flags); held.bits != 0) return held;  // another was faster
  const std::uint64_t before = before_.exchange(0, std::memory_order_acq_rel);  // C1
  const bool is_based = before != 0 && (flags & AC_RESOLVE_FRESH) == 0;
  Result<snapshot::SnapshotRef> folded =
      fold(flags, is_based ? &snapshots().retained(before) : nullptr);
  if (before != 0) snapshots().release(before);
  if (!folded.ok()) return std::move(folded).error();
  Result<ac_snapshot> made = hand_out(std::move(folded).value());
  if (made.ok() && snapshots().retain(made.value().bits)) {
    replace(cached_, made.value().bits);
    rows_.settle();
  }
  return made;
}

Result<ac_snapshot> Entity::resolve_apart(std::uint32_t flags) {
  absl::MutexLock lock(&mutex_);
  Result<snapshot::SnapshotRef> folded = fold(flags);
  if (!folded.ok()) return std::move(folded).error();
  return hand_out(std::move(folded).value());
}

Result<ac_receipt> Entity::explain(const snapshot::ReceiptRequest& request) {
  absl::MutexLock lock(&mutex_);
  auto made = engine_->explain(
      rows_, {.actor_id = profile_.id, .profile_version = profile_.version}, request);
  if (!made.ok()) return std::move(made).error();
  return hand_out(std::move(made).value());
}

Entity::State Entity::state(snapshot::EntityRows& rows) const {
  absl::MutexLock lock(&mutex_);
  rows = rows_;
  return {profile_.id, profile_.version};
}

Result<ac_snapshot> hand_out(snapshot::SnapshotRef snapshot) {
  const std::uint64_t bits = snapshots().insert(snapshot.get());
  if (bits == 0) return no_handle_left();
  static_cast<void>(snapshot.detach());  // the handle's now
  return ac_snapshot{bits};
}

Result<ac_receipt> hand_out(std::unique_ptr<const snapshot::Receipt> receipt) {
  const std::uint64_t bits = receipts().insert(receipt.get());
  if (bits == 0) return no_handle_left();
  static_cast<void>(receipt.release());  // the handle's now
  return ac_receipt{bits};
}

}  // namespace actorcore::engine
