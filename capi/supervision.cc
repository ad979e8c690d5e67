#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

ac_status ac_actor_supervise(ac_system system, ac_actor actor, const ac_supervision* children,
                             ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error, [&](runtime::System& s) -> Result<void> {
    if (children == nullptr) return capi::error_of(AC_E_NULL);
    if (Result<void> valid = runtime::check(*children); !valid.ok()) return valid;
    const ac_status status = s.families().supervise(actor, *children);
    return status == AC_OK ? Result<void>{} : capi::error_of(status);
  });
}

ac_status ac_actor_decide(ac_system system, ac_actor child, uint32_t strategy) noexcept {
  return capi::call(runtime::systems(), system,
                    [&](runtime::System& s) { return s.families().decide(child, strategy); });
}

ac_status ac_actor_restart(ac_system system, ac_actor actor) noexcept {
  return capi::call(runtime::systems(), system,
                    [&](runtime::System& s) { return s.restart_actor(actor); });
}

ac_status ac_actor_children(ac_system system, ac_actor actor, ac_actor* children, uint64_t capacity,
                            uint64_t* count) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (count == nullptr || (children == nullptr && capacity != 0)) return AC_E_NULL;
    return s.families().children(actor, children, capacity, *count);
  });
}

ac_status ac_actor_supervisor(ac_system system, ac_actor actor, ac_actor* supervisor) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    return supervisor == nullptr ? AC_E_NULL : s.families().supervisor(actor, *supervisor);
  });
}

ac_status ac_actor_get_supervision(ac_system system, ac_actor actor,
                                   ac_supervision_stats* stats) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    return stats == nullptr ? AC_E_NULL : s.families().supervision(actor, *stats);
  });
}
