#include "engine/subsystem.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "engine/question.h"
#include "runtime/spawn.h"

namespace actorcore::engine {
namespace {

thread_local bool calling = false;

// The actor of a callback: its word is a shared_ptr to the subsystem, which lives as long as the
// actor.
using ActorWord = std::shared_ptr<Subsystem>;

ac_status on_turn(std::uintptr_t user, ac_turn*, ac_activation* activation) {
  const ActorWord& subsystem = *reinterpret_cast<ActorWord*>(user);
  for (std::uint32_t i = 0; i < activation->count; ++i) {
    const ac_message& message = *activation->messages[i];
    if (message.type != AC_TYPE_CONTRIBUTE) continue;
    ac_contribute contribute;
    std::memcpy(&contribute, message.data, sizeof contribute);
    Question::returned(contribute.query, subsystem->call(contribute));
  }
  return AC_OK;
}

void destroy(std::uintptr_t user) { delete reinterpret_cast<ActorWord*>(user); }

}  // namespace

ac_status Subsystem::call(const ac_contribute& contribute) const noexcept {
  const bool before = std::exchange(calling, true);
  const ac_status status = on_contribute_(user_, &contribute);
  calling = before;
  return status;
}

bool Subsystem::is_calling() noexcept { return calling; }

std::shared_ptr<const Subsystems::List> Subsystems::list() const {
  absl::MutexLock lock(&mutex_);
  return list_;
}

void Subsystems::publish(std::shared_ptr<List> list) {
  count_.store(static_cast<std::uint32_t>(list->size()), std::memory_order_release);  // U1
  list_ = std::move(list);
}

Result<void> Subsystems::check(const ac_subsystem_options& options) const {
  const bool is_actor = options.actor.bits != 0;
  if (is_actor == (options.on_contribute != nullptr)) {
    return Error(AC_E_INVALID_ARGUMENT, "a subsystem has either an actor or a callback; give one");
  }
  if (system_ == nullptr) {
    if (!is_actor) return {};
    return Error(
        AC_E_INVALID_ARGUMENT,
        "an engine without a system asks by callbacks only; make it with the actor's system");
  }
  if (system_->is_closed()) return Error(AC_E_STOPPED, "the engine's system is stopping");
  if (!is_actor) return {};
  const ac_status status = system_->check(options.actor);
  if (status == AC_OK) return {};
  return Error(status, "the subsystem's actor is not alive in the engine's system");
}

Result<void> Subsystems::add(const ac_subsystem_options& options, snapshot::Names& names) {
  if (Result<void> checked = check(options); !checked.ok()) return checked;
  Result<snapshot::NameId> name = names.intern({options.name.data, options.name.size});
  if (!name.ok()) return std::move(name).error();
  auto subsystem = std::make_shared<Subsystem>(name.value(), options);
  absl::MutexLock lock(&mutex_);
  auto list = std::make_shared<List>(*list_);
  if (list->size() == count_max) {
    return Error(AC_E_LIMIT, "an engine asks at most " + std::to_string(count_max) + " subsystems");
  }
  const auto has_name = [&](const auto& other) { return other->name() == name.value(); };
  if (std::ranges::any_of(*list, has_name)) {
    return Error(AC_E_EXISTS, "a subsystem of that name is registered; remove it first");
  }
  list->push_back(subsystem);
  if (system_ != nullptr && subsystem->has_callback()) {
    if (Result<void> given = give_actor(subsystem); !given.ok()) return given;
  }
  subsystem->destroy_ = options.destroy;
  publish(std::move(list));
  return {};
}

Result<void> Subsystems::give_actor(const std::shared_ptr<Subsystem>& subsystem) {
  if (behavior_ == nullptr) {
    auto behavior = system_->add_behavior(on_turn, destroy, "subsystem callback");
    if (!behavior.ok()) return std::move(behavior).error();
    behavior_ = behavior.value();
  }
  auto word = std::make_unique<ActorWord>(subsystem);
  const std::uintptr_t user = reinterpret_cast<std::uintptr_t>(word.get());
  runtime::SpawnOptions options;
  options.behavior = behavior_;
  options.dispatcher = &system_->default_dispatcher();
  Result<void> spawned =
      runtime::Spawn(*system_, options, nullptr).run(&user, 1, &subsystem->actor_);
  if (spawned.ok()) static_cast<void>(word.release());  // destroy() deletes it
  return spawned;
}

Result<void> Subsystems::remove(snapshot::NameId name) {
  std::shared_ptr<const List> old;  // goes when the lock is open again, for its end may call back
  absl::MutexLock lock(&mutex_);
  old = list_;
  auto list = std::make_shared<List>(*old);
  const auto found =
      std::ranges::find_if(*list, [&](const auto& subsystem) { return subsystem->name() == name; });
  if (found == list->end()) {
    return Error(AC_E_NOT_FOUND, "no subsystem is registered under that name");
  }
  retire(**found);
  list->erase(found);
  publish(std::move(list));
  return {};
}

void Subsystems::clear() noexcept {
  const std::shared_ptr<const List> all = list();
  for (const auto& subsystem : *all) retire(*subsystem);
}

// The actor of a callback ends when its last question has.
void Subsystems::retire(const Subsystem& subsystem) noexcept {
  if (system_ != nullptr && subsystem.has_callback()) {
    system_->stop_actor(subsystem.actor(), AC_STOP_DRAIN);
  }
}

}  // namespace actorcore::engine
