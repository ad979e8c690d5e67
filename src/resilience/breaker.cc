#include "resilience/breaker.h"

#include <algorithm>

namespace actorcore::resilience {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t day = 86'400 * second;

bool is_part(double value) { return value > 0 && value <= 1; }  // false for NaN

// `span * factor` where the factor is not negative, or a day at most.
std::uint64_t scaled(std::uint64_t span, double factor) noexcept {
  const double product = static_cast<double>(span) * factor;
  return product < static_cast<double>(day) ? static_cast<std::uint64_t>(product) : day;
}

template <class T>
void fill(T& value, T standard) {
  if (value == T{}) value = standard;
}

std::uint64_t epoch_of(const ac_permit& permit) noexcept { return permit.number >> 8; }
std::uint32_t probe_of(const ac_permit& permit) noexcept {
  return static_cast<std::uint32_t>(permit.number & 0xff);
}

}  // namespace

Result<ac_breaker_options> Breaker::complete(ac_breaker_options options) {
  fill<std::uint64_t>(options.window_ns, 10 * second);
  fill<std::uint32_t>(options.calls_min, 20);
  fill<std::uint32_t>(options.successes, 3);
  fill<std::uint32_t>(options.probes, 1);
  fill(options.failure_ratio, 0.5);
  fill(options.slow_ratio, 0.5);
  fill(options.factor, 2.0);
  fill(options.growth, 2.0);
  fill<std::uint64_t>(options.open_ns, second);
  fill<std::uint64_t>(options.open_max_ns, std::max(60 * second, options.open_ns));
  if (options.window_ns < Window::slices || options.window_ns > day || options.open_max_ns > day) {
    return Error(AC_E_LIMIT, "window_ns is 10 ns to a day, open_max_ns at most a day");
  }
  if (options.open_ns > options.open_max_ns || options.probes > probes_max) {
    return Error(AC_E_LIMIT, "open_ns is at most open_max_ns, probes at most 64");
  }
  if (!is_part(options.failure_ratio) || !is_part(options.slow_ratio)) {
    return Error(AC_E_INVALID_ARGUMENT, "a ratio is above 0 and at most 1");
  }
  if (!(options.quantile == 0 || (is_part(options.quantile) && options.quantile < 1))) {
    return Error(AC_E_INVALID_ARGUMENT, "quantile is above 0 and below 1, or 0 for none");
  }
  if (!(options.factor > 0 && options.factor <= 1e6) ||
      !(options.growth >= 1 && options.growth <= 1e6) ||
      !(options.jitter == 0 || is_part(options.jitter))) {
    return Error(AC_E_INVALID_ARGUMENT,
                 "factor is above 0, growth at least 1, both at most a million; jitter is 0 to 1");
  }
  if (options.slow_ns != 0 && options.slow_floor_ns > options.slow_ns) {
    return Error(AC_E_INVALID_ARGUMENT, "slow_floor_ns is at most slow_ns");
  }
  return options;
}

Breaker::Breaker(const Clock& clock, const ac_breaker_options& complete, std::uint64_t seed)
    : clock_(clock),
      options_(complete),
      window_(complete.window_ns, complete.quantile != 0),
      random_(seed),
      probes_(complete.probes),
      slow_after_ns_(complete.slow_ns == 0 ? UINT64_MAX : complete.slow_ns),
      next_open_ns_(complete.open_ns) {}

// -- entering -----------------------------------------------------------------------------------

ac_status Breaker::enter(ac_permit& permit) noexcept {
  const std::uint64_t word = word_.load(std::memory_order_acquire);  // B1
  if (state_of(word) != AC_BREAKER_CLOSED) [[unlikely]]
    return enter_slowly(permit);
  permit = {clock_.now(), word >> 2 << 8};
  return AC_OK;
}

ac_status Breaker::enter_slowly(ac_permit& permit) noexcept {
  const std::uint64_t now = clock_.now();
  absl::MutexLock lock(&mutex_);
  const std::uint64_t word = word_.load(std::memory_order_relaxed);  // written under the mutex
  if (state_of(word) == AC_BREAKER_CLOSED) {
    permit = {now, word >> 2 << 8};
    return AC_OK;
  }
  if (state_of(word) == AC_BREAKER_OPEN && mode_ == AC_BREAKER_AUTOMATIC && now >= until_ns_) {
    successes_ = 0;
    std::fill(probes_.begin(), probes_.end(), Probe{});
    change(now, AC_BREAKER_HALF_OPEN, AC_BREAKER_TIME_OVER);
  }
  if (give_probe(now, permit) == AC_OK) return AC_OK;
  ++stats_.refused;
  return AC_E_OVERLOADED;
}

ac_status Breaker::give_probe(std::uint64_t now, ac_permit& permit) noexcept {
  const std::uint64_t word = word_.load(std::memory_order_relaxed);  // written under the mutex
  if (state_of(word) != AC_BREAKER_HALF_OPEN) return AC_E_OVERLOADED;
  for (std::uint32_t i = 0; i < probes_.size(); ++i) {
    Probe& probe = probes_[i];
    if (probe.is_out && now - probe.began_ns >= options_.open_max_ns) {
      open(now, AC_BREAKER_PROBE_LOST);  // its caller will not come back
      return AC_E_OVERLOADED;
    }
    if (probe.is_out) continue;
    probe = {now, true};
    permit = {now, word >> 2 << 8 | (i + 1)};
    return AC_OK;
  }
  return AC_E_OVERLOADED;
}

// -- leaving ------------------------------------------------------------------------------------

ac_status Breaker::leave(const ac_permit& permit, std::uint32_t outcome) noexcept {
  if (outcome > AC_OUTCOME_IGNORED) return AC_E_UNKNOWN_CONSTANT;
  const std::uint64_t now = clock_.now();
  absl::MutexLock lock(&mutex_);
  const std::uint64_t word = word_.load(std::memory_order_relaxed);  // written under the mutex
  const std::uint64_t epoch = word >> 2;
  if (permit.started_ns > now || epoch_of(permit) > epoch) return AC_E_INVALID_ARGUMENT;
  if (epoch_of(permit) < epoch) {
    ++stats_.late;
    return AC_OK;
  }
  const std::uint64_t latency = now - permit.started_ns;
  if (state_of(word) == AC_BREAKER_HALF_OPEN) return end_probe(permit, now, latency, outcome);
  if (state_of(word) != AC_BREAKER_CLOSED || probe_of(permit) != 0) return AC_E_INVALID_ARGUMENT;
  count(now, latency, outcome);
  if (outcome != AC_OUTCOME_IGNORED && mode_ == AC_BREAKER_AUTOMATIC) judge(now);
  return AC_OK;
}

void Breaker::count(std::uint64_t now, std::uint64_t latency_ns, std::uint32_t outcome) noexcept {
  move_on(now);
  if (outcome == AC_OUTCOME_IGNORED) {
    ++stats_.ignored;
    return;
  }
  const bool failed = outcome == AC_OUTCOME_FAILURE;
  const bool slow = latency_ns > slow_after_ns_;
  ++(failed ? stats_.failed : stats_.succeeded);
  if (slow) ++stats_.slow;
  window_.add(latency_ns, failed, slow);
}

ac_status Breaker::end_probe(const ac_permit& permit, std::uint64_t now, std::uint64_t latency_ns,
                             std::uint32_t outcome) noexcept {
  const std::uint32_t place = probe_of(permit) - 1;
  if (place >= probes_.size()) return AC_E_INVALID_ARGUMENT;
  Probe& probe = probes_[place];
  if (!probe.is_out || probe.began_ns != permit.started_ns) return AC_E_STALE;
  probe.is_out = false;
  if (outcome == AC_OUTCOME_IGNORED) {
    ++stats_.ignored;
    return AC_OK;
  }
  const bool failed = outcome == AC_OUTCOME_FAILURE;
  const bool slow = latency_ns > slow_after_ns_;
  ++(failed ? stats_.failed : stats_.succeeded);
  if (slow) ++stats_.slow;
  if (failed || slow) {
    open(now, failed ? AC_BREAKER_PROBE_FAILED : AC_BREAKER_PROBE_SLOW);
  } else if (++successes_ == options_.successes) {
    close(now, AC_BREAKER_RECOVERED);
  }
  return AC_OK;
}

// A new slice of time: what counts as slow follows the slices before it.
void Breaker::move_on(std::uint64_t now) noexcept {
  if (!window_.advance(now) || options_.quantile == 0) return;
  const std::uint64_t ceiling = options_.slow_ns == 0 ? UINT64_MAX : options_.slow_ns;
  slow_after_ns_ = ceiling;
  if (window_.totals().calls < options_.calls_min) return;
  const std::uint64_t usual = scaled(window_.quantile(options_.quantile), options_.factor);
  slow_after_ns_ = std::min(std::max(usual, options_.slow_floor_ns), ceiling);
}

void Breaker::judge(std::uint64_t now) noexcept {
  const Window::Totals& totals = window_.totals();
  if (totals.calls < options_.calls_min) return;
  const auto calls = static_cast<double>(totals.calls);
  if (static_cast<double>(totals.failures) >= options_.failure_ratio * calls) {
    open(now, AC_BREAKER_FAILURES);
  } else if (static_cast<double>(totals.slow) >= options_.slow_ratio * calls) {
    open(now, AC_BREAKER_SLOWNESS);
  }
}

// -- changing -----------------------------------------------------------------------------------

void Breaker::open(std::uint64_t now, std::uint32_t reason) noexcept {
  const double random = static_cast<double>(random_.next() >> 11) * 0x1p-53;
  const double less = options_.jitter == 0 ? 0 : options_.jitter * random;
  until_ns_ = deadline_after(now, next_open_ns_ - scaled(next_open_ns_, less));
  next_open_ns_ = std::min(scaled(next_open_ns_, options_.growth), options_.open_max_ns);
  ++stats_.opened;
  change(now, AC_BREAKER_OPEN, reason);
}

void Breaker::close(std::uint64_t now, std::uint32_t reason) noexcept {
  next_open_ns_ = options_.open_ns;
  until_ns_ = 0;
  change(now, AC_BREAKER_CLOSED, reason);
  window_.clear();
  slow_after_ns_ = options_.slow_ns == 0 ? UINT64_MAX : options_.slow_ns;
}

void Breaker::change(std::uint64_t now, std::uint32_t to, std::uint32_t reason) noexcept {
  const std::uint64_t word = word_.load(std::memory_order_relaxed);  // written under the mutex
  ac_breaker_change entry{};
  entry.time_ns = now;
  entry.from = state_of(word);
  entry.to = to;
  entry.reason = reason;
  entry.calls = window_.totals().calls;
  entry.failures = window_.totals().failures;
  entry.slow = window_.totals().slow;
  entry.slow_after_ns = slow_after_ns_;
  entry.until_ns = to == AC_BREAKER_OPEN ? until_ns_ : 0;
  stats_.changes = changes_.push(entry);
  word_.store(((word >> 2) + 1) << 2 | to, std::memory_order_release);  // B1
}

void Breaker::force(std::uint32_t mode) noexcept {
  const std::uint64_t now = clock_.now();
  absl::MutexLock lock(&mutex_);
  if (mode == mode_) return;
  mode_ = mode;
  const std::uint32_t state = state_of(word_.load(std::memory_order_relaxed));  // under the mutex
  if (mode == AC_BREAKER_FORCED_OPEN) {
    until_ns_ = UINT64_MAX;
    if (state != AC_BREAKER_OPEN) change(now, AC_BREAKER_OPEN, AC_BREAKER_FORCED);
  } else if (state != AC_BREAKER_CLOSED) {
    close(now, AC_BREAKER_FORCED);
  } else {
    window_.clear();
  }
}

ac_breaker_stats Breaker::stats() const noexcept {
  absl::MutexLock lock(&mutex_);
  ac_breaker_stats stats = stats_;
  stats.state = state_of(word_.load(std::memory_order_relaxed));  // under the mutex
  stats.mode = mode_;
  stats.window_calls = window_.totals().calls;
  stats.window_failures = window_.totals().failures;
  stats.window_slow = window_.totals().slow;
  stats.slow_after_ns = slow_after_ns_;
  stats.until_ns = until_ns_;
  return stats;
}

}  // namespace actorcore::resilience
