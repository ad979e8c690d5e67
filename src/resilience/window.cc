#include "resilience/window.h"

#include <algorithm>
#include <cmath>

namespace actorcore::resilience {

void Latencies::subtract(const Latencies& other) noexcept {
  for (std::uint32_t i = 0; i < steps; ++i) counts_[i] -= other.counts_[i];
}

std::uint64_t Latencies::at(std::uint64_t rank) const noexcept {
  std::uint64_t passed = 0;
  for (std::uint32_t step = 0; step < steps; ++step) {
    passed += counts_[step];
    if (passed >= rank) return longest_of(step);
  }
  return longest_of(steps - 1);
}

Window::Window(std::uint64_t length_ns, bool keeps_latencies)
    : slice_ns_(std::max<std::uint64_t>(length_ns / slices, 1)),
      latencies_(keeps_latencies ? std::make_unique<Latencies[]>(slices + 1) : nullptr) {}

bool Window::advance(std::uint64_t now_ns) noexcept {
  const std::uint64_t now = now_ns / slice_ns_;
  if (now <= current_) return false;  // another thread looked at the clock later and came first
  const std::uint64_t gone = std::min<std::uint64_t>(now - current_, slices);
  for (std::uint64_t i = 1; i <= gone; ++i) {
    forget(static_cast<std::uint32_t>((current_ + i) % slices));
  }
  current_ = now;
  return true;
}

void Window::forget(std::uint32_t slice) noexcept {
  Totals& old = counts_[slice];
  if (old.calls == 0) return;
  totals_.calls -= old.calls;
  totals_.failures -= old.failures;
  totals_.slow -= old.slow;
  old = {};
  if (latencies_ == nullptr) return;
  latencies_[slices].subtract(latencies_[slice]);
  latencies_[slice] = {};
}

void Window::add(std::uint64_t latency_ns, bool failed, bool slow) noexcept {
  const auto slice = static_cast<std::uint32_t>(current_ % slices);
  for (Totals* totals : {&counts_[slice], &totals_}) {
    totals->calls += 1;
    totals->failures += failed ? 1 : 0;
    totals->slow += slow ? 1 : 0;
  }
  if (latencies_ == nullptr) return;
  latencies_[slice].add(latency_ns);
  latencies_[slices].add(latency_ns);
}

void Window::clear() noexcept {
  for (std::uint32_t slice = 0; slice < slices; ++slice) forget(slice);
}

std::uint64_t Window::quantile(double part) const noexcept {
  if (latencies_ == nullptr || totals_.calls == 0) return 0;
  const double rank = std::ceil(part * static_cast<double>(totals_.calls));
  return latencies_[slices].at(std::max<std::uint64_t>(static_cast<std::uint64_t>(rank), 1));
}

}  // namespace actorcore::resilience
