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
