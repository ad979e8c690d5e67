#include "spawn.h"

using namespace actorcore;

namespace {

Result<void> read_mailbox(runtime::System& system, const ac_mailbox_options& options,
                          std::uint64_t count, runtime::SpawnOptions& wanted) {
  ac_mailbox_options given;
  if (const ac_status status = capi::read_options(&options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  if (given.order == AC_MAILBOX_CUSTOM && count != 1) {
    return Error(AC_E_INVALID_ARGUMENT, "a custom mailbox goes to one actor; spawn it by itself");
  }
  if (given.pressure_to.bits != 0) {
    const ac_status status = system.check(given.pressure_to);
    if (status != AC_OK) return Error(status, "pressure_to is no live actor of this system");
  }
  auto read = runtime::read(given);
  if (!read.ok()) return std::move(read).error();
  if (!read.value()->is_default()) wanted.inbox = std::move(read).value();
  return {};
}

}  // namespace

Result<void> capi::read_spawn(runtime::System& system, const ac_spawn_options* options,
                              std::uint64_t count, runtime::SpawnOptions& wanted) {
  ac_spawn_options given;
  if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  constexpr std::uint32_t known = AC_SPAWN_STARTED | AC_SPAWN_STOPPED | AC_SPAWN_RESTARTING |
                                  AC_SPAWN_RESTARTED | AC_SPAWN_STOPPING | AC_SPAWN_KEEP_CHILDREN |
                                  AC_SPAWN_TRAP_EXIT;
  if ((given.flags & ~known) != 0) {
    return Error(AC_E_UNKNOWN_CONSTANT, "flags has a bit that is no AC_SPAWN flag");
  }
  if (const ac_status status = capi::read_text(given.name, runtime::names_bytes_max, wanted.name);
      status != AC_OK) {
    return Error(status, "name must be at most 255 bytes, with a pointer unless it is empty");
  }
  if (!wanted.name.empty() && count != 1) {
    return Error(AC_E_INVALID_ARGUMENT, "a name goes to one actor; spawn it by itself");
  }
  wanted.dispatcher = &system.default_dispatcher();
  if (given.dispatcher.bits != 0) {
    const auto pin = runtime::dispatchers().pin(given.dispatcher.bits);
    if (!pin) return Error(AC_E_STALE, "the dispatcher's system is gone");
    if (&pin->system() != &system)
      return Error(AC_E_WRONG_SYSTEM, "the dispatcher is another system's");
    wanted.dispatcher = pin.get();
  }
  const bool is_attached = wanted.dispatcher->mode() == AC_DISPATCHER_ATTACHED;
  if (is_attached != (given.behavior.bits == 0)) {
    return Error(AC_E_INVALID_ARGUMENT,
                 is_attached ? "an actor of an ATTACHED dispatcher has no behavior; its worker's "
                               "turns have its messages"
                             : "behavior is required on INLINE and CALLER dispatchers");
  }
  if (!is_attached) {
    const auto pin = runtime::behaviors().pin(given.behavior.bits);
    if (!pin) return Error(AC_E_STALE, "the behavior's system is gone");
    if (&pin->system() != &system)
      return Error(AC_E_WRONG_SYSTEM, "the behavior is another system's");
    wanted.behavior = pin.get();
  }
  if (given.supervisor.bits != 0) {
    const ac_status status = system.check(given.supervisor);
    if (status != AC_OK) return Error(status, "the supervisor is no live actor of this system");
  }
  if (Result<void> valid = runtime::check(given.supervision); !valid.ok()) return valid;
  if (Result<void> valid = runtime::check(given.children); !valid.ok()) return valid;
  if (given.reserved != 0) return Error(AC_E_UNSUPPORTED, "reserved must be zero");
  wanted.supervision = given.supervision;
  wanted.children = given.children;
  if (given.stash_max != 0) wanted.stash_max = given.stash_max;
  if (given.mailbox != nullptr) {
    if (Result<void> valid = read_mailbox(system, *given.mailbox, count, wanted); !valid.ok()) {
      return valid;
    }
  }
  wanted.flags = given.flags;
  wanted.user = given.user;
  wanted.supervisor = {given.supervisor.bits};
  return {};
}

namespace {

Result<void> spawn(runtime::System& system, const ac_spawn_options* options, const uintptr_t* users,
                   uint64_t count, ac_actor* actors, runtime::Worker* worker) {
  if (actors == nullptr && count != 0) return capi::error_of(AC_E_NULL);
  if (count > runtime::slots_max)
    return Error(AC_E_LIMIT, "a system has at most 268,435,456 actors");
  runtime::SpawnOptions wanted;
  if (Result<void> valid = capi::read_spawn(system, options, count, wanted); !valid.ok()) {
    return valid;
  }
  return runtime::Spawn(system, wanted, worker).run(users, count, actors);
}

}  // namespace

ac_status ac_spawn(ac_system system, const ac_spawn_options* options, ac_actor* actor,
                   ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error, [&](runtime::System& s) -> Result<void> {
    return spawn(s, options, nullptr, 1, actor, nullptr);
  });
}

ac_status ac_spawn_many(ac_system system, const ac_spawn_options* options, const uintptr_t* users,
                        uint64_t count, ac_actor* actors, ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error, [&](runtime::System& s) -> Result<void> {
    return spawn(s, options, users, count, actors, nullptr);
  });
}

ac_status ac_worker_spawn(ac_worker worker, const ac_spawn_options* options, const uintptr_t* users,
                          uint64_t count, ac_actor* actors, ac_error* error) noexcept {
  return capi::call(runtime::workers(), worker, error, [&](runtime::Worker& w) -> Result<void> {
    if (!w.is_in_turn())
      return Error(AC_E_INVALID_ARGUMENT, "the worker is not inside a turn; use ac_spawn_many");
    return spawn(w.dispatcher()->system(), options, users, count, actors, &w);
  });
}

ac_status ac_actor_stop(ac_system system, ac_actor actor, uint32_t flags) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if ((flags & ~static_cast<std::uint32_t>(AC_STOP_DRAIN | AC_STOP_KILL)) != 0) {
      return AC_E_UNKNOWN_CONSTANT;
    }
    if (flags == (AC_STOP_DRAIN | AC_STOP_KILL)) return AC_E_INVALID_ARGUMENT;
    return s.stop_actor(actor, flags);
  });
}

ac_status ac_actor_check(ac_system system, ac_actor actor) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) { return s.check(actor); });
}

ac_status ac_actor_set_receive_timeout(ac_system system, ac_actor actor,
                                       uint64_t timeout_ns) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) {
    return s.actor_timers().set_receive_timeout(actor, timeout_ns);
  });
}
