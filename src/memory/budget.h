// Budget: how many bytes the messages of a system may take, and how many they do.
//
// Threads:    any.
// Invariants: each gauge is what was taken and not given back; that of the envelopes is without the
//             stock that every lane and worker has for itself, and below zero while that is not
//             filled. A limit of 0 is none, and then nothing is counted.
// Cost:       envelopes are counted a batch at a time, at the depot, under its lock; a payload in a
//             buffer is one shared addition, and only where there is a limit.
#ifndef ACTORCORE_MEMORY_BUDGET_H_
#define ACTORCORE_MEMORY_BUDGET_H_

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace actorcore::memory {

class Budget {
 public:
  // With `counts_each` envelopes are not counted here: whoever asks counts messages, and asks for
  // each.
  Budget(std::uint64_t limit, bool counts_each) : limit_(limit), counts_each_(counts_each) {}

  bool has_limit() const noexcept { return limit_ != 0; }
  bool counts_each() const noexcept { return counts_each_; }

  // Of payloads in buffers.
  void take(std::uint64_t bytes) noexcept { add(payloads_, static_cast<std::int64_t>(bytes)); }
  void give(std::uint64_t bytes) noexcept { add(payloads_, -static_cast<std::int64_t>(bytes)); }
  // Of envelopes.
  void take_items(std::uint64_t bytes) noexcept {
    if (!counts_each_) add(items_, static_cast<std::int64_t>(bytes));
  }
  void give_items(std::uint64_t bytes) noexcept {
    if (!counts_each_) add(items_, -static_cast<std::int64_t>(bytes));
  }

  // Would so many bytes more be too many?
  bool is_short_of(std::uint64_t more) const noexcept {
    return limit_ != 0 && more + used(items_) + used(payloads_) > limit_;
  }
  // Is it worth a closer look?
  bool may_be_short() const noexcept { return (limit_ != 0 && counts_each_) || is_short_of(0); }

 private:
  using Gauge = std::atomic<std::int64_t>;  // relaxed: nothing is published by it

  void add(Gauge& gauge, std::int64_t bytes) noexcept {
    if (limit_ != 0) gauge.fetch_add(bytes, std::memory_order_relaxed);
  }
  static std::uint64_t used(const Gauge& gauge) noexcept {
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, gauge.load(std::memory_order_relaxed)));
  }

  const std::uint64_t limit_;
  const bool counts_each_;
  Gauge items_{0};
  Gauge payloads_{0};
};

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_BUDGET_H_
