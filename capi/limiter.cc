#include "resilience/limiter.h"

#include "boundary.h"
#include "runtime/part.h"

using namespace actorcore;

namespace {

constexpr std::uint64_t second = 1'000'000'000;

using Part = runtime::Part<resilience::Limiter, HandleKind::limiter>;

Result<resilience::Limiter::Rate> rate_of(const ac_limiter_options& given) {
  return resilience::Limiter::rate_of(given.rate, given.period_ns == 0 ? second : given.period_ns,
                                      given.burst == 0 ? given.rate : given.burst);
}

Result<void> create(runtime::System& system, const ac_limiter_options* options,
                    ac_limiter* limiter) {
  if (limiter == nullptr) return capi::error_of(AC_E_NULL);
  ac_limiter_options given;
  if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  if (given.keys > resilience::Limiter::keys_max) {
    return Error(AC_E_LIMIT, "keys is at most 16,777,216");
  }
  const auto rate = rate_of(given);
  if (!rate.ok()) return rate.error();
  const auto made = Part::create(system, system.clock(), rate.value(), given.keys);
  if (!made.ok()) return made.error();
  limiter->bits = made.value();
  return {};
}

}  // namespace

ac_status ac_limiter_create(ac_system system, const ac_limiter_options* options,
                            ac_limiter* limiter, ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error,
                    [&](runtime::System& s) { return create(s, options, limiter); });
}

void ac_limiter_release(ac_limiter limiter) noexcept { Part::table().release(limiter.bits); }

ac_status ac_limiter_take(ac_limiter limiter, uint64_t key, uint64_t tokens,
                          uint64_t* wait_ns) noexcept {
  return capi::call(Part::table(), limiter, [&](Part& l) {
    std::uint64_t wait = 0;
    const ac_status status = l->take(key, tokens, wait);
    if (wait_ns != nullptr) *wait_ns = wait;
    return status;
  });
}

ac_status ac_limiter_set(ac_limiter limiter, const ac_limiter_options* options,
                         ac_error* error) noexcept {
  return capi::call(Part::table(), limiter, error, [&](Part& l) -> Result<void> {
    ac_limiter_options given;
    if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
      return capi::error_of(status);
    }
    if (given.keys != 0 && given.keys != l->keys()) {
      return Error(AC_E_INVALID_ARGUMENT, "keys cannot be changed; leave it 0");
    }
    const auto rate = rate_of(given);
    if (!rate.ok()) return rate.error();
    l->set(rate.value());
    return {};
  });
}

ac_status ac_limiter_get_stats(ac_limiter limiter, ac_limiter_stats* stats) noexcept {
  return capi::call(Part::table(), limiter, [&](Part& l) -> ac_status {
    if (stats == nullptr) return AC_E_NULL;
    *stats = l->stats();
    return AC_OK;
  });
}
