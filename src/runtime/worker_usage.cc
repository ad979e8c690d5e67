#include "runtime/worker_usage.h"

#include <pthread.h>

#include "base/clock.h"

namespace actorcore::runtime {

void WorkerUsage::begin(std::optional<std::uint32_t> cpu, std::optional<std::uint32_t> node,
                        bool keeps, const Counters& counters) noexcept {
  clockid_t clock;
  const bool has_clock = keeps && pthread_getcpuclockid(pthread_self(), &clock) == 0;
  clock_ = has_clock ? std::optional(clock) : std::nullopt;
  cpu_ = cpu ? *cpu + 1 : 0;
  node_ = node ? *node + 1 : 0;
  slept_.store(0, std::memory_order_release);  // W1
  began_ns_ = Clock::monotonic();
  ended_ns_ = 0;
  turns_ = counters.turns.get();
  activations_ = counters.activations.get();
  handled_ = counters.handled.get();
  stolen_ = counters.stolen.get();
  parks_ = counters.parks.get();
  is_live_ = true;
}

void WorkerUsage::end() noexcept {
  used_ns_ = cpu_ns();
  clock_.reset();
  ended_ns_ = Clock::monotonic();
  is_live_ = false;
}

std::uint64_t WorkerUsage::cpu_ns() const noexcept {
  timespec used;
  if (!clock_ || clock_gettime(*clock_, &used) != 0) return used_ns_;
  return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(used.tv_nsec);
}

WorkerUsage::Moment WorkerUsage::look() const noexcept {
  for (;;) {
    const std::uint64_t slept = slept_.load(std::memory_order_acquire);  // W1
    const std::uint64_t now = Clock::monotonic();
    // Else it fell asleep or woke in between, and the time is not that of the word.
    if (slept_.load(std::memory_order_acquire) != slept) continue;  // W1
    return {now, slept % 2 == 0 ? slept / 2 : (2 * now + slept - 1) / 2};
  }
}

void WorkerUsage::read(const Counters& counters, ac_worker_stats& stats) const noexcept {
  stats.cpu = cpu_;
  stats.node = node_;
  stats.cpu_ns = cpu_ns();
  const Moment moment = look();
  stats.parked_ns = moment.parked_ns;
  stats.busy_ns = (ended_ns_ == 0 ? moment.now_ns : ended_ns_) - began_ns_ - moment.parked_ns;
  stats.turns = counters.turns.get() - turns_;
  stats.activations = counters.activations.get() - activations_;
  stats.handled = counters.handled.get() - handled_;
  stats.stolen = counters.stolen.get() - stolen_;
  stats.parks = counters.parks.get() - parks_;
}

}  // namespace actorcore::runtime
