#include "runtime/policy.h"

#include <algorithm>

#include "runtime/limits.h"

namespace actorcore::runtime {
namespace {

constexpr std::uint64_t never = UINT64_MAX;

std::uint64_t times(std::uint64_t value, std::uint64_t percent) noexcept {
  std::uint64_t product;
  return __builtin_mul_overflow(value, percent, &product) ? never : product / 100;
}

std::uint64_t or_else(std::uint64_t value, std::uint64_t otherwise) noexcept {
  return value == 0 ? otherwise : value;
}

}  // namespace

Result<void> check(const ac_supervision& options) {
  if (options.strategy > AC_SUPERVISE_DECIDE) {
    return Error(AC_E_UNKNOWN_CONSTANT, "strategy is no AC_SUPERVISE strategy");
  }
  if (options.restarts_max > restarts_max) {
    return Error(AC_E_INVALID_ARGUMENT, "restarts_max must be at most 1,000");
  }
  if (options.on_limit != AC_SUPERVISE_DEFAULT && options.on_limit != AC_SUPERVISE_STOP &&
      options.on_limit != AC_SUPERVISE_STOP_ALL && options.on_limit != AC_SUPERVISE_ESCALATE) {
    return Error(AC_E_INVALID_ARGUMENT, "on_limit must be STOP, STOP_ALL or ESCALATE");
  }
  if (options.backoff_percent != 0 &&
      (options.backoff_percent < 100 || options.backoff_percent > 1000)) {
    return Error(AC_E_INVALID_ARGUMENT, "backoff_percent must be 100 to 1,000, or 0 for 200");
  }
  if (options.jitter_percent > 100) {
    return Error(AC_E_INVALID_ARGUMENT, "jitter_percent must be at most 100");
  }
  if (options.backoff_max_ns != 0 && options.backoff_max_ns < options.backoff_min_ns) {
    return Error(AC_E_INVALID_ARGUMENT, "backoff_max_ns must not be below backoff_min_ns");
  }
  if (options.reserved != 0) return Error(AC_E_UNSUPPORTED, "reserved must be zero");
  return {};
}

void Policy::set(const ac_supervision& options) {
  admitted_ns_.assign(options.restarts_max, 0);
  oldest_ = 0;
  options_ = options;
  options_.period_ns = or_else(options.period_ns, 5'000'000'000);
  options_.backoff_percent = static_cast<std::uint32_t>(or_else(options.backoff_percent, 200));
  options_.backoff_max_ns =
      or_else(options.backoff_max_ns, times(options.backoff_min_ns, 60 * 100));
  options_.backoff_reset_ns =
      or_else(options.backoff_reset_ns, times(options_.backoff_max_ns, 200));
}

bool Policy::admit(std::uint64_t now_ns) noexcept {
  if (admitted_ns_.empty()) return true;
  std::uint64_t& oldest = admitted_ns_[oldest_];
  // Kept one too high, for 0 is no restart at all.
  if (oldest != 0 && now_ns - (oldest - 1) < options_.period_ns) return false;
  oldest = now_ns + 1;
  oldest_ = (oldest_ + 1) % admitted_ns_.size();
  return true;
}

std::uint64_t Policy::wait(Backoff& child, std::uint64_t now_ns,
                           std::uint64_t random) const noexcept {
  if (options_.backoff_min_ns == 0) return 0;
  const bool is_first = child.wait_ns == 0 || now_ns - child.last_ns >= options_.backoff_reset_ns;
  child.wait_ns =
      is_first ? options_.backoff_min_ns
               : std::min(times(child.wait_ns, options_.backoff_percent), options_.backoff_max_ns);
  child.last_ns = now_ns;
  // Between wait - jitter and wait + jitter; only the wait itself grows from one to the next.
  const std::uint64_t jitter = times(child.wait_ns, options_.jitter_percent);
  if (jitter == 0 || jitter > never / 4) return child.wait_ns;
  return child.wait_ns - jitter + random % (2 * jitter + 1);
}

}  // namespace actorcore::runtime
