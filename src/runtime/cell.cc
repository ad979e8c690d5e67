#include "runtime/cell.h"

#include <new>

#include "runtime/actor.h"

namespace actorcore::runtime {

Cell* Actor::cell_of() noexcept {
  Cell* have = cell.load(std::memory_order_acquire);  // A2
  if (have != nullptr) return have;
  Cell* made = new (std::nothrow) Cell;
  if (made == nullptr) return nullptr;
  if (cell.compare_exchange_strong(have, made, std::memory_order_seq_cst,  // A2, C2
                                   std::memory_order_acquire)) {           // A2
    return made;
  }
  delete made;
  return have;
}

bool Cell::signal(std::uint32_t generation, Signal signal) noexcept {
  std::uint64_t seen = signals.load(std::memory_order_relaxed);  // the life's bit orders, C1
  std::uint64_t next;
  do {
    if (seen >> 32 > generation) return false;
    const std::uint64_t kept = seen >> 32 == generation ? seen & UINT32_MAX : 0;
    next = static_cast<std::uint64_t>(generation) << 32 | kept | signal;
  } while (!signals.compare_exchange_weak(seen, next, std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
  return true;
}

std::uint32_t Cell::take_signals(std::uint32_t generation) noexcept {
  const std::uint64_t taken =
      signals.exchange(static_cast<std::uint64_t>(generation) << 32, std::memory_order_acq_rel);
  return taken >> 32 == generation ? static_cast<std::uint32_t>(taken) : 0;
}

void Cell::reset() noexcept {
  absl::MutexLock lock(&mutex);
  is_closed = false;
  is_awaited = false;
  stats = {};
  children_policy.set({});
  own_policy.set({});
  backoff = {};
  supervisor.store(nullptr, std::memory_order_relaxed);  // published with the next actor, A1
  is_undecided = false;
  is_killed = false;
  is_new = false;
  unstash_due = 0;
  stash_max = stash_default;
  below.clear();
  delay_ns.store(0, std::memory_order_relaxed);  // nobody signals it
  restart_at_ns = 0;
  timer = {};
}

}  // namespace actorcore::runtime
