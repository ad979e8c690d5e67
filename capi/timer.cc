#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

namespace {

Result<void> read(const ac_timer_options* options, runtime::TimerOptions& wanted) {
  ac_timer_options given;
  if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  if ((given.flags & ~static_cast<std::uint32_t>(AC_TIMER_KEEP)) != 0) {
    return Error(AC_E_UNKNOWN_CONSTANT, "flags has a bit that is no AC_TIMER flag");
  }
  if (given.payload.data == nullptr && given.payload.size != 0) {
    return Error(AC_E_NULL, "payload has a size and no data");
  }
  if (given.payload.size > AC_PAYLOAD_BYTES_MAX) {
    return Error(AC_E_LIMIT, "a payload has at most 1 GiB");
  }
  wanted.to = given.to;
  wanted.type = given.type;
  wanted.survives_restart = (given.flags & AC_TIMER_KEEP) != 0;
  wanted.delay_ns = given.delay_ns;
  wanted.period_ns = given.period_ns;
  wanted.payload = given.payload;
  return {};
}

}  // namespace

ac_status ac_timer_start(ac_system system, const ac_timer_options* options, ac_timer* timer,
                         ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error, [&](runtime::System& s) -> Result<void> {
    runtime::TimerOptions wanted;
    if (Result<void> valid = read(options, wanted); !valid.ok()) return valid;
    Result<std::uint64_t> started = s.actor_timers().start(wanted);
    if (!started.ok()) return std::move(started).error();
    if (timer != nullptr) timer->bits = started.value();
    return {};
  });
}

ac_status ac_timer_cancel(ac_system system, ac_timer timer) noexcept {
  return capi::call(runtime::systems(), system,
                    [&](runtime::System& s) { return s.actor_timers().cancel(timer); });
}

ac_status ac_timer_get_stats(ac_system system, ac_timer timer, ac_timer_stats* stats) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (stats == nullptr) return AC_E_NULL;
    return s.actor_timers().stats(timer, *stats);
  });
}
