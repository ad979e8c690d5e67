#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

ac_status ac_mailbox_get(ac_system system, ac_actor actor, ac_mailbox_stats* stats) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (stats == nullptr) return AC_E_NULL;
    ac_mailbox_stats full;
    const ac_status status = s.mailbox_stats(actor, full);
    if (status == AC_OK) capi::write_view(stats, full);
    return status;
  });
}
