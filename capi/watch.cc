#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

ac_status ac_actor_watch(ac_system system, ac_actor watcher, ac_actor target) noexcept {
  return capi::call(runtime::systems(), system,
                    [&](runtime::System& s) { return s.watches().watch(watcher, target); });
}

ac_status ac_actor_unwatch(ac_system system, ac_actor watcher, ac_actor target) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) {
    return s.watches().untie(watcher, target, runtime::Tie::watch);
  });
}

ac_status ac_actor_link(ac_system system, ac_actor one, ac_actor other) noexcept {
  return capi::call(runtime::systems(), system,
                    [&](runtime::System& s) { return s.watches().link(one, other); });
}

ac_status ac_actor_unlink(ac_system system, ac_actor one, ac_actor other) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) {
    return s.watches().untie(one, other, runtime::Tie::link);
  });
}
