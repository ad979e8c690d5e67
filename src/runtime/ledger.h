// Ledger: where every message is, and what happened to those that were not handled.
//
// Threads:    a Counters has one writer at a time; sums and rings any.
// Invariants: accepted = handled + queued + stashed + sum of dead whenever nothing runs. What is
//             under way is (accepted + begun + unstashed) - (handled + dead + ended + stashed): a
//             stashed message is at rest.
// Cost:       a count is a load, an add and a store; a dead letter or failure takes a mutex.
//
// Memory order:
//   L1  count -> sum  ends are stored after the beginnings that they caused and are read before
//                     them, so that a sum that says "quiet" was true at one moment
#ifndef ACTORCORE_RUNTIME_LEDGER_H_
#define ACTORCORE_RUNTIME_LEDGER_H_

#include <array>
#include <atomic>
#include <cstdint>

#include "actorcore/actorcore.h"
#include "base/ring.h"
#include "runtime/limits.h"

namespace actorcore::runtime {

class Count {
 public:
  void add(std::uint64_t n) noexcept {
    // One writer: no read-modify-write is needed.
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_release);  // L1
  }
  std::uint64_t get() const noexcept { return value_.load(std::memory_order_acquire); }  // L1

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct alignas(64) Counters {
  Count accepted, handled, failed;
  Count pushed, drained;       // at the mailboxes
  Count stashed, unstashed;    // at the stashes
  std::array<Count, 16> dead;  // by AC_DEAD reason
  Count begun, ended;          // work that is no message: starts, ends, asks, resolves
  Count spawned, stopped, crashed;
  Count turns, activations, stolen, parks;
};

using DeadLetters = Ring<ac_dead_letter, dead_letters_kept>;
using Failures = Ring<ac_failure, failures_kept>;

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_LEDGER_H_
