// Window: what the calls of the last while came to: counts, and how long they took.
//
// Threads:    one at a time.
// Invariants: a window is ten slices of time, the one under way among them, so that it covers 0.9
//             to 1 of its length; the totals are the sums over its slices. Times are kept in a
//             log-linear histogram of 16 steps an octave: what quantile() gives is at least the
//             true one and less than 1/16 above it, up to 73 minutes, beyond which all are one.
// Cost:       two additions a call; a new slice subtracts an old one. Times take 27 KiB, only where
//             they are wanted.
#ifndef ACTORCORE_RESILIENCE_WINDOW_H_
#define ACTORCORE_RESILIENCE_WINDOW_H_

#include <array>
#include <bit>
#include <cstdint>
#include <memory>

namespace actorcore::resilience {

class Latencies {
 public:
  static constexpr unsigned step_bits = 4;  // steps an octave
  static constexpr unsigned top_bit = 41;
  static constexpr std::uint32_t steps = (top_bit - step_bits + 2) << step_bits;

  static std::uint32_t step_of(std::uint64_t ns) noexcept {
    if (ns >> step_bits == 0) return static_cast<std::uint32_t>(ns);
    if (ns >> (top_bit + 1) != 0) return steps - 1;
    const unsigned top = static_cast<unsigned>(std::bit_width(ns)) - 1;
    const auto within =
        static_cast<std::uint32_t>(ns >> (top - step_bits)) & ((1u << step_bits) - 1);
    return (top - step_bits + 1) << step_bits | within;
  }
  // The longest time of a step.
  static std::uint64_t longest_of(std::uint32_t step) noexcept {
    if (step >> step_bits == 0) return step;
    const unsigned shift = (step >> step_bits) - 1;
    const std::uint64_t first = (1u << step_bits) | (step & ((1u << step_bits) - 1));
    return ((first + 1) << shift) - 1;
  }

  void add(std::uint64_t ns) noexcept { ++counts_[step_of(ns)]; }
  void subtract(const Latencies& other) noexcept;
  // The time that `rank` calls (from 1) did not exceed.
  std::uint64_t at(std::uint64_t rank) const noexcept;

 private:
  std::array<std::uint32_t, steps> counts_{};
};

class Window {
 public:
  struct Totals {
    std::uint64_t calls = 0;
    std::uint64_t failures = 0;
    std::uint64_t slow = 0;
  };
  static constexpr std::uint32_t slices = 10;

  Window(std::uint64_t length_ns, bool keeps_latencies);

  // Moves on to this time; true when a new slice has begun.
  bool advance(std::uint64_t now_ns) noexcept;
  void add(std::uint64_t latency_ns, bool failed, bool slow) noexcept;
  void clear() noexcept;

  const Totals& totals() const noexcept { return totals_; }
  // The latency that this part (above 0, at most 1) of the calls did not exceed; 0 without calls.
  std::uint64_t quantile(double part) const noexcept;

 private:
  void forget(std::uint32_t slice) noexcept;

  const std::uint64_t slice_ns_;
  std::uint64_t current_ = 0;  // time / slice_ns_
  std::array<Totals, slices> counts_{};
  Totals totals_;
  std::unique_ptr<Latencies[]> latencies_;  // one a slice, and their sum; may be null
};

}  // namespace actorcore::resilience

#endif  // ACTORCORE_RESILIENCE_WINDOW_H_
