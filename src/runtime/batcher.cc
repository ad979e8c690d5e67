#include "runtime/batcher.h"

#include <algorithm>
#include <cstring>

#include "memory/buffer.h"
#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

ac_buffer buffer_of(const ac_batch_item& item) noexcept {
  ac_buffer buffer{0};
  if (item.length > AC_BATCH_INLINE_BYTES) std::memcpy(&buffer, item.data, sizeof buffer);
  return buffer;
}

// Puts the address of the payload behind its handle, where the consumer reads it.
ac_status locate(ac_batch_item& item) noexcept {
  if (item.length <= AC_BATCH_INLINE_BYTES) return AC_OK;
  const auto buffer = memory::buffers().pin(buffer_of(item).bits);
  if (!buffer || buffer->bytes().size() < item.length) return AC_E_INVALID_ARGUMENT;
  const std::uint8_t* bytes = buffer->bytes().data();
  std::memcpy(item.data + sizeof(ac_buffer), &bytes, sizeof bytes);
  return AC_OK;
}

}  // namespace

Result<ac_batcher> Batcher::create(System& system, const BatcherOptions& options) {
  if (Result<void> valid = resilience::Batcher::check(options.batch); !valid.ok()) {
    return std::move(valid).error();
  }
  auto made = BatcherPart::create(system, system, options);
  if (!made.ok()) return std::move(made).error();
  const ac_batcher batcher{made.value()};
  (*BatcherPart::table().pin(batcher.bits))->handle_ = batcher;
  return batcher;
}

void Batcher::release(ac_batcher batcher) noexcept {
  const auto pin = BatcherPart::table().pin(batcher.bits);
  if (!pin || !BatcherPart::table().release(batcher.bits)) return;
  (*pin)->gone_.store(AC_E_STALE, std::memory_order_release);
  (*pin)->fail_all(AC_E_STALE);
}

Batcher::Batcher(System& system, const BatcherOptions& options)
    : system_(system), options_(options), core_(options.batch) {}

// -- producers ----------------------------------------------------------------------------------

ac_status Batcher::put(const ac_batch_item& item, std::uint64_t& ticket) noexcept {
  if (item.type >= AC_TYPE_STARTED) return AC_E_INVALID_ARGUMENT;
  if (item.length > AC_PAYLOAD_BYTES_MAX) return AC_E_LIMIT;
  if (const ac_status gone = gone_.load(std::memory_order_acquire); gone != AC_OK) return gone;
  if (system_.is_stopping() || (system_.is_closed() && !in_handler())) return AC_E_STOPPED;
  ac_batch_item own = item;
  if (const ac_status status = locate(own); status != AC_OK) return status;
  bool looks = false;
  const std::uint64_t number = core_.put(own, system_.clock().now(), looks);
  if (number == 0) return AC_E_FULL;
  ticket = number;
  if (looks) look(false);
  return AC_OK;
}

ac_status Batcher::wait(std::uint64_t ticket, std::uint64_t timeout_ns,
                        ac_batch_result& result) noexcept {
  ac_status status = core_.result(ticket, result);
  if (status != AC_E_TIMEOUT || timeout_ns == 0) return status;
  if (in_handler()) return AC_E_WOULD_DEADLOCK;
  const std::uint64_t deadline = deadline_after(system_.clock().now(), timeout_ns);
  const auto has_ended = [&] {
    status = core_.result(ticket, result);
    return status != AC_E_TIMEOUT || system_.is_ended();
  };
  system_.wait_until(has_ended, deadline, true);
  return status == AC_E_TIMEOUT && system_.is_ended() ? AC_E_STOPPED : status;
}

// -- consumers ----------------------------------------------------------------------------------

ac_status Batcher::take(ac_batch_item* items, std::uint64_t capacity, std::uint64_t timeout_ns,
                        std::uint64_t& count, std::uint64_t& batch) noexcept {
  if (timeout_ns != 0 && in_handler()) return AC_E_WOULD_DEADLOCK;
  const std::uint64_t deadline = deadline_after(system_.clock().now(), timeout_ns);
  for (;;) {
    Step step;
    const std::uint64_t now = system_.clock().now();
    if (has_actor()) system_.hold();
    const ac_status status = core_.take(now, items, capacity, count, batch, step);
    follow(step);
    if (status != AC_E_TIMEOUT || timeout_ns == 0) return status;
    if (const ac_status gone = gone_.load(std::memory_order_acquire); gone != AC_OK) return gone;
    if (system_.is_stopping()) return AC_E_STOPPED;
    if (now >= deadline) return AC_E_TIMEOUT;
    const std::uint64_t until = std::min(deadline, core_.next_ns());
    const auto is_over = [&] {
      return core_.next_ns() < until || system_.is_stopping() ||
             gone_.load(std::memory_order_acquire) != AC_OK;
    };
    const bool came = system_.wait_until(is_over, until, true) == AC_OK;
    if (!came && until == UINT64_MAX) return AC_E_TIMEOUT;  // a seeded system, where nothing comes
  }
}

ac_status Batcher::done(std::uint64_t batch, ac_status status, const ac_batch_result* results,
                        std::uint64_t count) noexcept {
  Step step;
  if (has_actor()) system_.hold();
  const ac_status ended = core_.done(system_.clock().now(), batch, status, results, count, step);
  follow(step);
  return ended;
}

ac_batcher_stats Batcher::stats() const noexcept {
  ac_batcher_stats stats = core_.stats();
  stats.unsent = unsent_.load(std::memory_order_relaxed);  // a statistic
  return stats;
}

// -- what follows -------------------------------------------------------------------------------

// The system is held before anything begins, so that nobody finds it quiet in between.
void Batcher::look(bool force) noexcept {
  Step step;
  if (has_actor()) system_.hold();
  core_.look(system_.clock().now(), force, step);
  if (force) {
    act(step);
  } else {
    follow(step);
  }
  const ac_status gone = gone_.load(std::memory_order_acquire);
  if (gone != AC_OK) fail_all(gone);  // it came while the others were ended
}

// No timer is to be had: at once is better than never.
void Batcher::follow(const Step& step) noexcept {
  if (!act(step)) look(true);
}

// Does what the core says; the caller held the system once more. False without the timer.
bool Batcher::act(const Step& step) noexcept {
  bool is_set = true;
  for (std::uint32_t i = 0; i < step.ended; ++i) end(step.items[i], step.results[i]);
  if (has_actor()) {
    if (step.at_ns != UINT64_MAX) is_set = set_timer(step.at_ns);
    if (step.due) tell_consumer();
    if (!step.began) system_.unhold();
    if (step.rested) system_.unhold();
  } else if (step.due || step.began || step.ended != 0) {
    system_.outside_changed();
  }
  return is_set;
}

void Batcher::end(const ac_batch_item& item, const ac_batch_result& result) noexcept {
  memory::buffers().release(buffer_of(item).bits);
  if (item.reply_to.bits == 0 && item.correlation == 0) return;
  const ac_status sent = system_.post(
      item.reply_to, item.type, item.correlation | AC_CORRELATION_REPLY, &result, sizeof result);
  if (sent != AC_OK) unsent_.fetch_add(1, std::memory_order_relaxed);  // a statistic
}

// Where memory is short, the lease tells once more.
void Batcher::tell_consumer() noexcept {
  const ac_status told =
      system_.post(options_.to, options_.type, 0, &options_.user, sizeof options_.user);
  if (told == AC_OK || told == AC_E_NO_MEMORY) return;
  gone_.store(told, std::memory_order_release);
  fail_all(told);
}

void Batcher::fail_all(ac_status status) noexcept {
  for (;;) {
    Step step;
    if (has_actor()) system_.hold();
    core_.fail(status, step);
    act(step);
    if (step.ended == 0) break;
  }
  system_.outside_changed();
}

// -- time ---------------------------------------------------------------------------------------

bool Batcher::set_timer(std::uint64_t at_ns) noexcept {
  {
    absl::MutexLock lock(&timer_mutex_);
    if (timer_ns_ <= at_ns) return true;  // it will look, and then be set again
    // One that cannot be cancelled fires at this moment, and looks then.
    if (timer_ns_ != UINT64_MAX && !system_.timers().cancel(timer_)) return true;
    timer_ = system_.timers().add(at_ns, &Batcher::fire, nullptr, handle_.bits);
    timer_ns_ = timer_.number == 0 ? UINT64_MAX : at_ns;
    if (timer_.number != 0) return true;
  }
  if (!system_.is_stopping()) return false;
  gone_.store(AC_E_STOPPED, std::memory_order_release);
  fail_all(AC_E_STOPPED);
  return true;
}

// A timer knows the handle only, so that it keeps nothing alive.
void Batcher::fire(void*, std::uint64_t handle) noexcept {
  const auto pin = BatcherPart::table().pin(handle);
  if (pin) (*pin)->on_timer();
}

void Batcher::on_timer() noexcept {
  {
    absl::MutexLock lock(&timer_mutex_);
    timer_ns_ = UINT64_MAX;
  }
  if (system_.is_stopping()) {
    gone_.store(AC_E_STOPPED, std::memory_order_release);
    fail_all(AC_E_STOPPED);
  } else {
    look(false);
  }
}

}  // namespace actorcore::runtime
