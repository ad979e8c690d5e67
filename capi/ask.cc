#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

ac_status ac_ask(ac_system system, ac_actor to, uint32_t type, ac_bytes payload,
                 uint64_t timeout_ns, ac_message* reply) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (reply == nullptr) return AC_E_NULL;
    return s.ask(to, type, payload, timeout_ns, *reply);
  });
}

ac_status ac_worker_ask(ac_worker worker, ac_actor asker, ac_actor to, uint32_t type,
                        ac_bytes payload, uint64_t timeout_ns, uint64_t* correlation) noexcept {
  return capi::call(runtime::workers(), worker, [&](runtime::Worker& w) -> ac_status {
    if (correlation == nullptr) return AC_E_NULL;
    return w.dispatcher()->system().ask_inside(w, asker, to, type, payload, timeout_ns,
                                               *correlation);
  });
}

ac_status ac_ask_many(ac_system system, const ac_actor* actors, uint64_t count, uint32_t type,
                      ac_bytes payload, uint64_t timeout_ns, ac_message* replies,
                      ac_status* statuses, uint64_t* answered) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    std::span<const ac_actor> asked;
    if (const ac_status status = capi::read_array(actors, count, runtime::asked_max, asked);
        status != AC_OK) {
      return status;
    }
    if (count != 0 && (replies == nullptr || statuses == nullptr)) return AC_E_NULL;
    std::uint64_t replied = 0;
    const ac_status status =
        s.ask_many(asked, type, payload, timeout_ns, replies, statuses, replied);
    if (answered != nullptr) *answered = replied;
    return status;
  });
}

ac_status ac_ask_cancel(ac_system system, uint64_t correlation) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    return s.asks().cancel(correlation) ? AC_OK : AC_E_NOT_FOUND;
  });
}

ac_status ac_ask_is_pending(ac_system system, uint64_t correlation) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    return s.asks().is_pending(correlation) ? AC_OK : AC_E_NOT_FOUND;
  });
}
