#include "runtime/dispatcher.h"

#include <utility>

#include "runtime/behavior.h"
#include "runtime/system.h"
#include "runtime/worker.h"

namespace actorcore::runtime {

DispatcherTable& dispatchers() {
  static DispatcherTable* const table = new DispatcherTable;  // never unmapped
  return *table;
}

BehaviorTable& behaviors() {
  static BehaviorTable* const table = new BehaviorTable;  // never unmapped
  return *table;
}

Result<void> check(const DispatcherOptions& options) {
  if (options.workers > workers_max) {
    return Error(AC_E_INVALID_ARGUMENT, "workers must be at most 256");
  }
  if (options.throughput > throughput_max) {
    return Error(AC_E_INVALID_ARGUMENT, "throughput must be at most 4,096 messages");
  }
  if (options.spin_ns > spin_max_ns && options.spin_ns != AC_SPIN_NONE) {
    return Error(AC_E_INVALID_ARGUMENT, "spin_ns must be at most 1,000,000, or AC_SPIN_NONE");
  }
  if (options.priority > priority_max) {
    return Error(AC_E_INVALID_ARGUMENT, "priority must be at most 99; 0 is a normal thread");
  }
  if (options.fairness < fairness_min || options.fairness > fairness_max) {
    return Error(AC_E_INVALID_ARGUMENT, "fairness must be 8 to 65,536 activations, or 0 for 61");
  }
  return {};
}

Dispatcher::Dispatcher(System& system, DispatcherOptions options, CpuClaim claim)
    : system_(system), options_(std::move(options)), claim_(std::move(claim)) {}

Dispatcher::~Dispatcher() = default;

void Dispatcher::inject(Actor& actor) noexcept {
  // Only exhausted memory makes an enqueue fail; the actor stays owned and is tried again until
  // there is some.
  for (unsigned round = 0; !injected_.enqueue(&actor); ++round) RealSync::wait(round);
  notify();
}

std::uint32_t Dispatcher::attach(Worker& worker) noexcept {
  absl::MutexLock lock(&mutex_);
  std::uint32_t place = 0;
  const std::uint32_t places = places_.load(std::memory_order_relaxed);  // under the mutex
  while (place < places && workers_[place].load(std::memory_order_relaxed) != nullptr) ++place;
  if (place == options_.workers || place == workers_max) return workers_max;
  workers_[place].store(&worker, std::memory_order_release);
  if (place == places) places_.store(places + 1, std::memory_order_release);
  count_.fetch_add(1, std::memory_order_relaxed);  // a hint
  return place;
}

void Dispatcher::detach(Worker& worker) noexcept {
  absl::MutexLock lock(&mutex_);
  for (auto& place : workers_) {
    Worker* expected = &worker;
    if (place.compare_exchange_strong(expected, nullptr, std::memory_order_acq_rel)) {
      count_.fetch_sub(1, std::memory_order_relaxed);  // a hint
      return;
    }
  }
}

}  // namespace actorcore::runtime
