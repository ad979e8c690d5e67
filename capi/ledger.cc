#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

ac_status ac_system_ledger(ac_system system, ac_ledger* ledger) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (ledger == nullptr) return AC_E_NULL;
    *ledger = s.ledger();
    return AC_OK;
  });
}

ac_status ac_system_dead_letters(ac_system system, uint64_t after, ac_dead_letter* letters,
                                 uint64_t capacity, uint64_t* count) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (count == nullptr || (letters == nullptr && capacity != 0)) return AC_E_NULL;
    *count = s.dead_letter_ring().copy(after, letters, capacity);
    return AC_OK;
  });
}

ac_status ac_dead_letter_subscribe(ac_system system, ac_actor subscriber,
                                   uint32_t reasons) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) {
    return s.dead_letter_feed().subscribe(runtime::Id{subscriber.bits}, reasons);
  });
}

ac_status ac_dead_letter_unsubscribe(ac_system system, ac_actor subscriber) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) {
    return s.dead_letter_feed().unsubscribe(runtime::Id{subscriber.bits});
  });
}
