// The part of System that waits for it, and that ends it.
#include <functional>
#include <thread>

#include "base/sync.h"
#include "runtime/system.h"
#include "runtime/thread.h"

namespace actorcore::runtime {

void System::outside_changed() noexcept {
  RealSync::fence();  // S2, with the fence in wait_until
  if (outside_waiters_.load(std::memory_order_relaxed) == 0) return;  // ordered by the fence
  outside_epoch_.fetch_add(1, std::memory_order_acq_rel);
  futex_wake(outside_epoch_, INT32_MAX);
}

void System::unhold() noexcept {
  holds_.fetch_sub(1, std::memory_order_acq_rel);
  outside_changed();
}

ac_status System::wait_until(const std::function<bool()>& done, std::uint64_t deadline_ns,
                             bool drives) {
  if (drives && schedule_ != nullptr) return schedule_->drive(done, deadline_ns);
  ac_status status = AC_OK;
  outside_waiters_.fetch_add(1, std::memory_order_relaxed);  // ordered by the fence
  for (;;) {
    const std::uint32_t epoch = outside_epoch_.load(std::memory_order_acquire);
    RealSync::fence();  // S2
    if (done()) break;
    if (deadline_ns != UINT64_MAX && Clock::monotonic() >= deadline_ns) {
      status = AC_E_TIMEOUT;
      break;
    }
    futex_wait(outside_epoch_, epoch, deadline_ns);
  }
  outside_waiters_.fetch_sub(1, std::memory_order_relaxed);  // a hint grows stale
  return status;
}

ac_status System::settle(std::uint64_t timeout_ns) {
  if (in_handler()) return AC_E_WOULD_DEADLOCK;
  if (is_ended()) return AC_E_STOPPED;
  return wait_until([this] { return is_quiet(); }, deadline_after(clock_.now(), timeout_ns), true);
}

ac_status System::advance(std::uint64_t duration_ns) {
  if (schedule_ == nullptr) return AC_E_WRONG_MODE;
  if (in_handler()) return AC_E_WOULD_DEADLOCK;
  if (is_ended()) return AC_E_STOPPED;
  const std::uint64_t until = deadline_after(clock_.now(), duration_ns);
  if (until == UINT64_MAX) return AC_E_INVALID_ARGUMENT;
  schedule_->drive([] { return false; }, until);  // so that only the deadline ends it
  return AC_OK;
}

bool System::wait(std::atomic<std::uint32_t>& word) {
  const auto done = [&] { return word.load(std::memory_order_acquire) != 0; };
  return wait_until(done, UINT64_MAX, true) == AC_OK;
}

// -- ending -------------------------------------------------------------------------------------

void System::ask_all_to_stop() noexcept {
  const std::uint32_t used = directory_.used();
  for (std::uint32_t slot = 0; slot < used; ++slot) {
    Actor* actor = directory_.at(slot);
    const std::uint32_t life = actor->life.load(std::memory_order_seq_cst);  // S1
    if ((life & Actor::alive) != 0) leave_word(*actor, life >> 8, Actor::stop_asked);
  }
}

bool System::all_stopped() noexcept {
  const std::uint64_t stopped = sum(&Counters::stopped);
  return sum(&Counters::spawned) == stopped;
}

// Actors of dispatchers that no thread serves any more are ended by the thread that stops the
// system.
void System::run_orphans() noexcept {
  if (schedule_ != nullptr) return;
  std::vector<Dispatcher*> all;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& dispatcher : dispatchers_) all.push_back(dispatcher.get());
  }
  for (Dispatcher* dispatcher : all) {
    if (dispatcher->count() != 0 || !dispatcher->has_injected()) continue;
    Worker* worker = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      worker = &add_worker(*dispatcher);
    }
    worker->run_orphans();
  }
}

ac_status System::finish_stop(std::uint64_t deadline_ns) {
  ask_all_to_stop();
  // More than once, for a supervisor among them is to go on when its last child has ended.
  const auto done = [this] {
    run_orphans();
    return all_stopped();
  };
  if (wait_until(done, deadline_ns, true) != AC_OK && !all_stopped()) return AC_E_TIMEOUT;
  {
    const auto lane = external_lane();
    asks_.fail_all(*lane, AC_E_STOPPED);
  }
  state_.store(ended, std::memory_order_release);
  timers_.stop();  // whoever set one, such as a resolve under way, ends with the system
  watchdog_.stop();
  std::vector<std::thread> threads;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& dispatcher : dispatchers_) dispatcher->parker().notify_all();
    threads.swap(threads_);
  }
  if (schedule_ != nullptr) schedule_->wake();
  for (std::thread& thread : threads) thread.join();
  outside_changed();
  return AC_OK;
}

ac_status System::stop(std::uint64_t timeout_ns, ac_stop_report* report) {
  if (in_handler()) return AC_E_WOULD_DEADLOCK;
  absl::MutexLock lock(&stop_mutex_);
  if (!is_ended()) {
    const std::uint64_t began = clock_.now();
    const ac_ledger before = ledger();
    const ac_system_stats at_start = stats();
    phases_.run(deadline_after(began, timeout_ns));
    std::uint32_t expected = running;
    state_.compare_exchange_strong(expected, draining, std::memory_order_seq_cst);
    outside_changed();  // who waits for room in a mailbox need not any more
    const std::uint64_t deadline = deadline_after(began, timeout_ns);
    // At once means that nothing more is begun, not even what a seeded system could do in no time.
    const bool is_over =
        timeout_ns == 0 || wait_until([this] { return is_quiet(); }, deadline, true) != AC_OK;
    const bool late = is_over && !is_quiet();
    state_.store(stopping, std::memory_order_seq_cst);  // S1
    if (share_) share_->lift();
    const std::uint64_t grace =
        timeout_ns == AC_TIMEOUT_NEVER ? UINT64_MAX : deadline_after(clock_.now(), stop_grace_ns);
    if (finish_stop(grace) != AC_OK) return AC_E_TIMEOUT;
    const ac_ledger after = ledger();
    report_.drained = after.handled - before.handled;
    report_.dropped = after.dead[AC_DEAD_SHUTDOWN] - before.dead[AC_DEAD_SHUTDOWN];
    report_.actors = stats().stopped - at_start.stopped;
    report_.elapsed_ns = clock_.now() - began;
    report_.timed_out = late ? 1 : 0;
  }
  if (report != nullptr) *report = report_;
  return AC_OK;
}

void System::release() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

// The caller let go. A system that still runs stops by itself, on a thread of its own, for this one
// must not wait.
void System::release_handle() noexcept {
  if (is_ended()) {
    release();
    return;
  }
  const auto end = [this] {
    stop(0, nullptr);
    while (!is_ended()) {
      absl::MutexLock lock(&stop_mutex_);
      finish_stop(UINT64_MAX);
    }
    release();
  };
  try {
    start_thread("ac-reaper", end, plan_.background()).detach();
  } catch (const std::system_error&) {
    end();  // no thread to be had: better late than never
  }
}

}  // namespace actorcore::runtime
