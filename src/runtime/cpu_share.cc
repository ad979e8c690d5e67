#include "runtime/cpu_share.h"

#include <time.h>

#include <algorithm>
#include <climits>

#include "base/clock.h"
#include "base/sync.h"

namespace actorcore::runtime {
namespace {

std::uint64_t thread_cpu_ns() noexcept {
  timespec used;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(used.tv_nsec);
}

}  // namespace

std::uint64_t CpuShare::charge(std::uint64_t cpu_ns, std::uint64_t now_ns) noexcept {
  const std::uint64_t cost = cpu_ns * 1'000 / budget_permille_;
  const std::uint64_t floor = now_ns - std::min(now_ns, window_ns);
  std::uint64_t paid = paid_until_ns_.load(std::memory_order_relaxed);  // a number by itself
  std::uint64_t next;
  do {
    next = std::max(paid, floor) + cost;
  } while (
      !paid_until_ns_.compare_exchange_weak(paid, next, std::memory_order_relaxed));  // as above
  return next > now_ns ? next + rest_ns : 0;
}

bool CpuShare::is_over(std::uint64_t until_ns) const noexcept {
  return is_lifted_.load(std::memory_order_acquire) || Clock::monotonic() >= until_ns;  // C1
}

void CpuShare::sleep(std::uint32_t epoch, std::uint64_t until_ns) noexcept {
  futex_wait(epoch_, epoch, until_ns);
}

void CpuShare::wake() noexcept {
  epoch_.fetch_add(1, std::memory_order_acq_rel);  // C1
  futex_wake(epoch_, INT_MAX);
}

void CpuShare::lift() noexcept {
  is_lifted_.store(true, std::memory_order_release);  // C1
  wake();
}

void CpuMeter::start() noexcept {
  looked_ns_ = Clock::monotonic();
  cpu_ns_ = thread_cpu_ns();
}

std::uint64_t CpuMeter::charge(CpuShare& share) noexcept {
  const std::uint64_t now = Clock::monotonic();
  if (now - looked_ns_ < CpuShare::look_ns) return 0;
  looked_ns_ = now;
  const std::uint64_t used = thread_cpu_ns();
  const std::uint64_t since = used - std::min(used, cpu_ns_);  // another thread's may be behind
  cpu_ns_ = used;
  return share.charge(since, now);
}

}  // namespace actorcore::runtime
