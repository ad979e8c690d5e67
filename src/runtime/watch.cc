#include "runtime/watch.h"

#include <algorithm>
#include <new>
#include <utility>

#include "runtime/system.h"

namespace actorcore::runtime {

bool Watches::add(Id watcher, Id target, Tie tie) {
  {
    Shard& shard = of(target.bits);
    absl::MutexLock lock(&shard.mutex);
    std::vector<Entry>& entries = shard.watchers[target.bits];
    const Entry entry{watcher.bits, tie};
    if (std::find(entries.begin(), entries.end(), entry) != entries.end()) return false;
    entries.push_back(entry);
  }
  Shard& shard = of(watcher.bits);
  absl::MutexLock lock(&shard.mutex);
  shard.targets[watcher.bits].push_back(target.bits);  // once for each tie
  return true;
}

bool Watches::forget(std::uint64_t watcher, std::uint64_t target, Tie tie) noexcept {
  Shard& shard = of(target);
  absl::MutexLock lock(&shard.mutex);
  const auto found = shard.watchers.find(target);
  if (found == shard.watchers.end()) return false;
  const bool removed = std::erase(found->second, Entry{watcher, tie}) != 0;
  if (found->second.empty()) shard.watchers.erase(found);
  return removed;
}

bool Watches::remove(Id watcher, Id target, Tie tie) noexcept {
  if (!forget(watcher.bits, target.bits, tie)) return false;
  Shard& shard = of(watcher.bits);
  absl::MutexLock lock(&shard.mutex);
  const auto found = shard.targets.find(watcher.bits);
  if (found == shard.targets.end()) return true;
  const auto at = std::find(found->second.begin(), found->second.end(), target.bits);
  if (at != found->second.end()) found->second.erase(at);
  if (found->second.empty()) shard.targets.erase(found);
  return true;
}

std::vector<Watches::Entry> Watches::ended(Id actor) noexcept {
  std::vector<Entry> told;
  std::vector<std::uint64_t> targets;
  {
    Shard& shard = of(actor.bits);
    absl::MutexLock lock(&shard.mutex);
    if (const auto found = shard.watchers.find(actor.bits); found != shard.watchers.end()) {
      told = std::move(found->second);
      shard.watchers.erase(found);
    }
    if (const auto found = shard.targets.find(actor.bits); found != shard.targets.end()) {
      targets = std::move(found->second);
      shard.targets.erase(found);
    }
  }
  for (const std::uint64_t target : targets) {
    forget(actor.bits, target, Tie::watch);
    forget(actor.bits, target, Tie::link);
  }
  return told;
}

ac_status Watches::watch(ac_actor watcher, ac_actor target) noexcept {
  if (const ac_status status = system_.check(watcher); status != AC_OK) return status;
  if (watcher.bits == target.bits) return AC_E_INVALID_ARGUMENT;
  const ac_status of_target = system_.check(target);
  if (of_target != AC_OK && of_target != AC_E_STALE) return of_target;
  const Id id{target.bits};
  try {
    if (of_target == AC_OK && !add(Id{watcher.bits}, id, Tie::watch)) return AC_OK;
  } catch (const std::bad_alloc&) {
    return AC_E_NO_MEMORY;
  }
  Actor* self = system_.directory().find(Id{watcher.bits});
  if (self != nullptr) self->mark(Id{watcher.bits}.generation(), Actor::known);
  Actor* actor = of_target == AC_OK ? system_.directory().find(id) : nullptr;
  if (actor != nullptr && actor->mark(id.generation(), Actor::known) != Actor::Marked::gone) {
    return AC_OK;
  }
  // It has ended: the entry, unless its end found it meanwhile, is told at once.
  if (of_target == AC_OK && !remove(Id{watcher.bits}, id, Tie::watch)) return AC_OK;
  const ac_ended payload{target, AC_E_STALE, 0};
  const auto lane = system_.external_lane();
  system_.tell_library(*lane, Id{watcher.bits}, AC_TYPE_TERMINATED, 0, &payload, sizeof payload);
  return AC_OK;
}

ac_status Watches::link(ac_actor one, ac_actor other) noexcept {
  if (const ac_status status = system_.check(one); status != AC_OK) return status;
  if (const ac_status status = system_.check(other); status != AC_OK) return status;
  if (one.bits == other.bits) return AC_E_INVALID_ARGUMENT;
  const Id a{one.bits};
  const Id b{other.bits};
  try {
    add(a, b, Tie::link);
    add(b, a, Tie::link);
  } catch (const std::bad_alloc&) {
    untie(one, other, Tie::link);
    return AC_E_NO_MEMORY;
  }
  for (const Id id : {a, b}) {
    Actor* actor = system_.directory().find(id);
    if (actor == nullptr || actor->mark(id.generation(), Actor::known) == Actor::Marked::gone) {
      untie(one, other, Tie::link);
      return AC_E_STALE;
    }
  }
  return AC_OK;
}

ac_status Watches::untie(ac_actor watcher, ac_actor target, Tie tie) noexcept {
  if (watcher.bits == 0 || target.bits == 0) return AC_E_NO_HANDLE;
  bool found = remove(Id{watcher.bits}, Id{target.bits}, tie);
  if (tie == Tie::link) found |= remove(Id{target.bits}, Id{watcher.bits}, tie);
  if (found) return AC_OK;
  for (const ac_actor id : {watcher, target}) {
    if (const ac_status status = system_.check(id); status != AC_OK) return status;
  }
  return AC_E_NOT_FOUND;
}

void Watches::tell(Lane& lane, Actor& actor, ac_status status) noexcept {
  const std::uint32_t was =
      actor.life.fetch_and(~Actor::known, std::memory_order_acq_rel);  // with mark, C1
  if ((was & Actor::known) == 0) return;
  const Id id = system_.directory().id_of(actor);
  const ac_ended payload{id.handle(), status, 0};
  for (const Watches::Entry& entry : ended(id)) {
    const Id to{entry.watcher};
    Actor* watcher = system_.directory().find(to);
    if (watcher == nullptr) continue;
    if (entry.tie == Tie::watch) {
      system_.tell_library(lane, to, AC_TYPE_TERMINATED, 0, &payload, sizeof payload);
    } else if ((watcher->spawn_flags & AC_SPAWN_TRAP_EXIT) != 0) {
      system_.tell_library(lane, to, AC_TYPE_EXIT, 0, &payload, sizeof payload);
    } else if (status == AC_E_FAILED) {
      system_.signal(*watcher, to.generation(), signal_exit);
    }
  }
}

}  // namespace actorcore::runtime
