#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

ac_status ac_phase_add(ac_system system, ac_text name, ac_text after,
                       uint64_t timeout_ns) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    std::string_view text;
    std::string_view before;
    if (const ac_status status = capi::read_name(name, text); status != AC_OK) return status;
    const ac_status status = capi::read_text(after, runtime::names_bytes_max, before);
    return status != AC_OK ? status : s.phases().add(text, before, timeout_ns);
  });
}

ac_status ac_phase_set_timeout(ac_system system, ac_text name, uint64_t timeout_ns) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    std::string_view text;
    const ac_status status = capi::read_name(name, text);
    return status != AC_OK ? status : s.phases().set_timeout(text, timeout_ns);
  });
}

ac_status ac_phase_join(ac_system system, ac_text name, ac_actor actor) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    std::string_view text;
    const ac_status status = capi::read_name(name, text);
    return status != AC_OK ? status : s.phases().join(text, runtime::Id{actor.bits});
  });
}

ac_status ac_phase_done(ac_system system, ac_actor actor, uint32_t phase) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) {
    return s.phases().done(runtime::Id{actor.bits}, phase);
  });
}

ac_status ac_system_phases(ac_system system, ac_phase_info* phases, uint64_t capacity,
                           uint64_t* count) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (count == nullptr || (phases == nullptr && capacity != 0)) return AC_E_NULL;
    *count = s.phases().list(phases, capacity);
    return AC_OK;
  });
}

ac_status ac_phase_unanswered(ac_system system, ac_text name, ac_actor* actors, uint64_t capacity,
                              uint64_t* count) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (count == nullptr || (actors == nullptr && capacity != 0)) return AC_E_NULL;
    std::string_view text;
    const ac_status status = capi::read_name(name, text);
    return status != AC_OK ? status : s.phases().unanswered(text, actors, capacity, *count);
  });
}
