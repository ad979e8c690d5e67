#include "resilience/breaker.h"

#include "boundary.h"
#include "runtime/part.h"

using namespace actorcore;

namespace {

using Part = runtime::Part<resilience::Breaker, HandleKind::breaker>;

Result<void> create(runtime::System& system, const ac_breaker_options* options,
                    ac_breaker* breaker) {
  if (breaker == nullptr) return capi::error_of(AC_E_NULL);
  ac_breaker_options given;
  if (const ac_status status = capi::read_optional(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  const auto complete = resilience::Breaker::complete(given);
  if (!complete.ok()) return complete.error();
  const std::uint64_t seed = given.jitter == 0 ? 0 : system.random();
  const auto made = Part::create(system, system.clock(), complete.value(), seed);
  if (!made.ok()) return made.error();
  breaker->bits = made.value();
  return {};
}

}  // namespace

ac_status ac_breaker_create(ac_system system, const ac_breaker_options* options,
                            ac_breaker* breaker, ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error,
                    [&](runtime::System& s) { return create(s, options, breaker); });
}

void ac_breaker_release(ac_breaker breaker) noexcept { Part::table().release(breaker.bits); }

ac_status ac_breaker_enter(ac_breaker breaker, ac_permit* permit) noexcept {
  return capi::call(Part::table(), breaker, [&](Part& b) -> ac_status {
    return permit == nullptr ? AC_E_NULL : b->enter(*permit);
  });
}

ac_status ac_breaker_leave(ac_breaker breaker, const ac_permit* permit, uint32_t outcome) noexcept {
  return capi::call(Part::table(), breaker, [&](Part& b) -> ac_status {
    return permit == nullptr ? AC_E_NULL : b->leave(*permit, outcome);
  });
}

ac_status ac_breaker_force(ac_breaker breaker, uint32_t mode) noexcept {
  return capi::call(Part::table(), breaker, [&](Part& b) -> ac_status {
    if (mode > AC_BREAKER_FORCED_CLOSED) return AC_E_UNKNOWN_CONSTANT;
    b->force(mode);
    return AC_OK;
  });
}

ac_status ac_breaker_get_stats(ac_breaker breaker, ac_breaker_stats* stats) noexcept {
  return capi::call(Part::table(), breaker, [&](Part& b) -> ac_status {
    if (stats == nullptr) return AC_E_NULL;
    *stats = b->stats();
    return AC_OK;
  });
}

ac_status ac_breaker_changes(ac_breaker breaker, uint64_t after, ac_breaker_change* changes,
                             uint64_t capacity, uint64_t* count) noexcept {
  return capi::call(Part::table(), breaker, [&](Part& b) -> ac_status {
    if (count == nullptr || (changes == nullptr && capacity != 0)) return AC_E_NULL;
    *count = b->changes(after, changes, capacity);
    return AC_OK;
  });
}
