#include "base/thread_slot.h"

#include <atomic>
#include <bit>

namespace actorcore {
namespace {

constexpr std::uint32_t unset = UINT32_MAX;

constinit std::atomic<std::uint64_t> taken{0};
constinit thread_local std::uint32_t slot = unset;

// What the end of the thread runs. Whoever still counts after it shares the last slot.
struct GiveBack {
  ~GiveBack() {
    const std::uint32_t own = slot;
    slot = thread_slots;
    if (own < thread_slots) {
      taken.fetch_and(~(std::uint64_t{1} << own), std::memory_order_release);  // T1
    }
  }
};

std::uint32_t take() noexcept {
  std::uint64_t seen = taken.load(std::memory_order_relaxed);  // the exchange orders
  for (;;) {
    const auto free = static_cast<std::uint32_t>(std::countr_one(seen));
    if (free == thread_slots) return thread_slots;
    if (taken.compare_exchange_weak(seen, seen | std::uint64_t{1} << free,
                                    std::memory_order_acquire,  // T1
                                    std::memory_order_relaxed)) {
      return free;
    }
  }
}

[[gnu::noinline]] std::uint32_t first_call() noexcept {
  static thread_local GiveBack at_end;
  slot = take();
  static_cast<void>(at_end);
  return slot;
}

}  // namespace

std::uint32_t thread_slot() noexcept {
  const std::uint32_t own = slot;
  return own != unset ? own : first_call();
}

}  // namespace actorcore
