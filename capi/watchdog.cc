#include "runtime/watchdog.h"

#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

namespace {

constexpr std::uint64_t stride_max = 4096;
constexpr std::uint64_t interval_min_ns = 100'000;

Result<void> read(runtime::System& system, const ac_watchdog_options* options,
                  runtime::WatchdogOptions& wanted) {
  ac_watchdog_options given;
  if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  if (given.interval_ns != 0 && given.interval_ns < interval_min_ns) {
    return Error(AC_E_INVALID_ARGUMENT, "interval_ns must be at least 100,000, or 0 for 100 ms");
  }
  if (given.report_to.bits != 0) {
    const ac_status status = system.check(given.report_to);
    if (status != AC_OK) return Error(status, "report_to is no live actor of this system");
  }
  wanted.interval_ns = given.interval_ns;
  wanted.handler_budget_ns = given.handler_budget_ns;
  wanted.mailbox_age_ns = given.mailbox_age_ns;
  wanted.report_to = {given.report_to.bits};
  return {};
}

}  // namespace

ac_status ac_system_actors(ac_system system, uint64_t cursor, ac_actor_info* rows, uint64_t stride,
                           uint64_t capacity, uint64_t* count, uint64_t* next) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (count == nullptr || next == nullptr || (rows == nullptr && capacity != 0)) return AC_E_NULL;
    if (stride == 0 || stride % 8 != 0 || stride > stride_max) return AC_E_INVALID_ARGUMENT;
    *count =
        s.inspection().list(cursor, reinterpret_cast<std::byte*>(rows), stride, capacity, *next);
    return AC_OK;
  });
}

ac_status ac_watchdog_start(ac_system system, const ac_watchdog_options* options,
                            ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error, [&](runtime::System& s) -> Result<void> {
    runtime::WatchdogOptions wanted;
    if (Result<void> valid = read(s, options, wanted); !valid.ok()) return valid;
    switch (const ac_status status = s.watchdog().start(wanted)) {
      case AC_OK:
        return {};
      case AC_E_EXISTS:
        return Error(status, "the system's watchdog runs already; stop it first");
      case AC_E_STOPPED:
        return Error(status, "the system has stopped");
      default:
        return Error(status, "memory or threads are exhausted");
    }
  });
}

ac_status ac_watchdog_stop(ac_system system) noexcept {
  return capi::call(runtime::systems(), system,
                    [](runtime::System& s) { return s.watchdog().stop(); });
}

ac_status ac_watchdog_reports(ac_system system, uint64_t after, ac_watchdog_report* reports,
                              uint64_t capacity, uint64_t* count) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (count == nullptr || (reports == nullptr && capacity != 0)) return AC_E_NULL;
    *count = s.watchdog().copy(after, reports, capacity);
    return AC_OK;
  });
}
