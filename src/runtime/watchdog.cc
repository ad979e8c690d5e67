#include "runtime/watchdog.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string>

#include "absl/time/time.h"
#include "runtime/system.h"
#include "runtime/thread.h"

namespace actorcore::runtime {
namespace {

constexpr std::uint64_t interval_default_ns = 100'000'000;
constexpr std::uint64_t idle_samples_max = 10'000;  // of a seeded system in which nothing happens
constexpr std::uint64_t idle_ns_max = UINT64_MAX / idle_samples_max;

std::string milliseconds(std::uint64_t ns) {
  char text[32];
  std::snprintf(text, sizeof text, "%" PRIu64 ".%03" PRIu64 " ms", ns / 1'000'000,
                ns / 1'000 % 1'000);
  return text;
}

bool is_same(const Cycle& a, const Cycle& b) {
  return std::ranges::equal(a, b, {}, &Wait::correlation, &Wait::correlation);
}

}  // namespace

ac_status Watchdog::start(const WatchdogOptions& options) {
  absl::MutexLock control(&control_);
  {
    absl::MutexLock lock(&mutex_);
    if (runs_) return AC_E_EXISTS;
    if (system_.is_ended()) return AC_E_STOPPED;  // and later the end stops what is started here
    if (reports_ == nullptr) reports_ = std::make_unique<Reports>();
    options_ = options;
    if (options_.interval_ns == 0) options_.interval_ns = interval_default_ns;
    runs_ = true;
    ++run_;
    if (system_.clock().is_virtual()) {
      idle_since_ns_ = system_.clock().now();
      runs_ = arm();
      return runs_ ? AC_OK : AC_E_NO_MEMORY;
    }
  }
  try {
    thread_ = start_thread(
        "ac-watchdog", [this] { run(); }, system_.background_cpus());
  } catch (const std::system_error&) {
    absl::MutexLock lock(&mutex_);
    runs_ = false;
    return AC_E_NO_MEMORY;
  }
  return AC_OK;
}

ac_status Watchdog::stop() noexcept {
  absl::MutexLock control(&control_);
  {
    absl::MutexLock lock(&mutex_);
    if (!runs_) return AC_E_NOT_FOUND;
    runs_ = false;
    is_armed_ = false;  // what is on its way has another run's number
    ++run_;
  }
  if (thread_.joinable()) thread_.join();
  absl::MutexLock lock(&sampling_);  // of a seeded system, one under way elsewhere
  return AC_OK;
}

std::uint64_t Watchdog::copy(std::uint64_t after, ac_watchdog_report* out, std::uint64_t capacity) {
  absl::MutexLock lock(&mutex_);
  return reports_ == nullptr ? 0 : reports_->copy(after, out, capacity);
}

void Watchdog::run() noexcept {
  const absl::Duration interval = absl::Nanoseconds(
      static_cast<std::int64_t>(std::min<std::uint64_t>(options_.interval_ns, INT64_MAX)));
  const auto is_over = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !runs_; };
  for (;;) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&is_over), interval)) return;
    }
    try {
      sample();
    } catch (const std::bad_alloc&) {  // the next sample may find memory
    }
  }
}

// -- virtual time -------------------------------------------------------------------------------

bool Watchdog::arm() noexcept {
  const std::uint64_t at = deadline_after(system_.clock().now(), options_.interval_ns);
  is_armed_ = system_.timers().add(at, &Watchdog::fire, this, run_).number != 0;
  return is_armed_;
}

void Watchdog::resume() noexcept {
  absl::MutexLock lock(&mutex_);
  if (!runs_ || is_armed_) return;
  idle_since_ns_ = system_.clock().now();
  arm();
}

// Once nothing has happened for longer than a message may wait, nothing new can be seen: then it
// sleeps, for a clock that it alone moves would move for ever.
void Watchdog::fire(void* context, std::uint64_t run) noexcept {
  auto& watchdog = *static_cast<Watchdog*>(context);
  {
    absl::MutexLock lock(&watchdog.mutex_);
    if (run != watchdog.run_ || !watchdog.runs_ || watchdog.system_.is_ended()) return;
  }
  try {
    watchdog.sample();
  } catch (const std::bad_alloc&) {  // the next sample may find memory
  }
  absl::MutexLock lock(&watchdog.mutex_);
  const WatchdogOptions& options = watchdog.options_;
  const std::uint64_t now = watchdog.system_.clock().now();
  const std::uint64_t activations = watchdog.system_.activations();
  if (std::exchange(watchdog.activations_, activations) != activations) {
    watchdog.idle_since_ns_ = now;
  }
  const std::uint64_t idle_ns = idle_samples_max * std::min(options.interval_ns, idle_ns_max);
  const std::uint64_t sleeps_at = deadline_after(
      watchdog.idle_since_ns_, std::min(options.mailbox_age_ns, idle_ns) + 2 * options.interval_ns);
  watchdog.is_armed_ = false;
  if (now <= sleeps_at) watchdog.arm();
}

// -- a sample -----------------------------------------------------------------------------------

void Watchdog::sample() {
  absl::MutexLock lock(&sampling_);
  Inspection& inspection = system_.inspection();
  for (const Inspection::Late& late : inspection.late_handlers(options_.handler_budget_ns)) {
    report_late(AC_WATCHDOG_HANDLER, late);
  }
  for (const Inspection::Late& late : inspection.late_mailboxes(options_.mailbox_age_ns)) {
    report_late(AC_WATCHDOG_MAILBOX, late);
  }
  const std::uint64_t now = system_.clock().now();
  std::vector<Seen> seen;
  for (Cycle& cycle : find_cycles(system_.asks().waits())) {
    const auto before = std::ranges::find_if(
        cycles_, [&](const Seen& other) { return is_same(other.cycle, cycle); });
    if (before == cycles_.end()) {
      seen.push_back({std::move(cycle), now, false});
      continue;
    }
    if (!before->is_told) report_cycle(cycle, now - before->since_ns);
    seen.push_back({std::move(cycle), before->since_ns, true});
  }
  cycles_.swap(seen);
}

// What a person knows the actor by.
std::string Watchdog::name_of(Id id) {
  std::string name = system_.names().of(id);
  if (!name.empty()) return "`" + name + "`";
  char text[32];
  std::snprintf(text, sizeof text, "actor %u/%u", id.slot(), id.generation());
  return text;
}

void Watchdog::report_late(std::uint32_t kind, const Inspection::Late& late) {
  ac_watchdog_report report{};
  report.kind = kind;
  report.type = late.type;
  report.for_ns = late.for_ns;
  report.mailbox = late.mailbox;
  report.actors[report.count++] = late.actor.handle();
  const std::string waiting = std::to_string(late.mailbox) + " messages wait";
  this->report(report, kind == AC_WATCHDOG_HANDLER
                           ? name_of(late.actor) + " has been in its handler for " +
                                 milliseconds(late.for_ns) + "; " + waiting
                           : "a message for " + name_of(late.actor) + " has waited for " +
                                 milliseconds(late.for_ns) + "; " + waiting);
}

void Watchdog::report_cycle(const Cycle& cycle, std::uint64_t for_ns) {
  constexpr std::size_t actors_max = sizeof(ac_watchdog_report::actors) / sizeof(ac_actor);
  ac_watchdog_report report{};
  report.kind = AC_WATCHDOG_CYCLE;
  report.for_ns = for_ns;
  std::string text;
  for (const Wait& wait : cycle) {
    if (report.count < actors_max) report.actors[report.count] = wait.asker.handle();
    ++report.count;
    if (text.size() < sizeof report.text) text += name_of(wait.asker) + " waits for ";
  }
  this->report(report, text + name_of(cycle.front().asker));
}

void Watchdog::report(ac_watchdog_report report, std::string_view what) {
  report.time_ns = system_.clock().now();
  report.text_size = static_cast<std::uint32_t>(std::min(what.size(), sizeof report.text));
  std::memcpy(report.text, what.data(), report.text_size);
  {
    absl::MutexLock lock(&mutex_);
    report.number = reports_->push(report);
  }
  if (options_.report_to.bits == 0) return;
  (void)system_.post(options_.report_to.handle(), AC_TYPE_WATCHDOG, 0, &report, sizeof report);
}

}  // namespace actorcore::runtime
