#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

ac_status ac_tell(ac_system system, ac_actor to, uint32_t type, ac_bytes payload) noexcept {
  return capi::call(runtime::systems(), system,
                    [&](runtime::System& s) { return s.tell(to, type, 0, payload); });
}

ac_status ac_tell_many(ac_system system, const ac_message* messages, uint64_t count,
                       ac_status* statuses, uint64_t* accepted) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    std::span<const ac_message> all;
    const ac_status status = capi::read_array(messages, count, std::uint64_t{1} << 32, all);
    if (status != AC_OK) return status == AC_E_LIMIT ? AC_E_INVALID_ARGUMENT : status;
    if (s.is_closed() && !runtime::in_handler()) return AC_E_STOPPED;
    return s.tell_many(all.data(), all.size(), statuses, accepted);
  });
}
