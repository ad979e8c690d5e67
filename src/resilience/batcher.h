// Batcher: gathers items into batches, by number or by time, for one consumer at a time.
//
// Threads:    any.
// Invariants: a batch is due when `size` items wait, or when the first of them has waited for
//             `timeout_ns`. One batch at most is out; items leave in the order in which they came,
//             so that everything up to one ticket has ended, and nothing after it. A batch that is
//             due and not taken is told of again, and one that is taken and not done is given to
//             the next, each time after twice as long; after `leases_max` times it ends with
//             E_TIMEOUT. The last results are kept for who asks.
// Cost:       a put is the intake's, and for the first and the last item of a batch a mutex.
//
// It knows no actors, threads or timers: every call says what has to be done (Step) and when to
// look again, and time is an argument.
#ifndef ACTORCORE_RESILIENCE_BATCHER_H_
#define ACTORCORE_RESILIENCE_BATCHER_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/status.h"
#include "resilience/intake.h"

namespace actorcore::resilience {

struct BatchOptions {
  std::uint32_t size = 32;
  std::uint32_t capacity = 1024;
  std::uint64_t timeout_ns = 150'000;
  std::uint64_t budget_ns = 800'000;
};

inline constexpr std::uint32_t batch_size_max = 64;
inline constexpr std::uint32_t batch_capacity_max = 1u << 20;
inline constexpr std::uint64_t batch_lease_min_ns = 10'000'000;
inline constexpr std::uint32_t leases_max = 10;

// What a call has to be followed by, in this order.
struct Step {
  std::uint32_t ended = 0;           // how many items ended, with their results
  bool began = false;                // the batcher was idle, and is at work now
  bool due = false;                  // a consumer has to be told
  bool rested = false;               // the batcher was at work, and is idle now
  std::uint64_t at_ns = UINT64_MAX;  // when to look again
  std::array<ac_batch_item, batch_size_max> items;
  std::array<ac_batch_result, batch_size_max> results;

  // Its arrays are as long as `ended` says, and undefined beyond: not worth 6 KiB of zeros.
  Step() noexcept {}  // NOLINT
};

class Batcher {
 public:
  static Result<void> check(const BatchOptions& options);

  explicit Batcher(const BatchOptions& options);

  // The item's ticket, from 1, or 0 when the ring is full; `looks` when look() has to follow.
  std::uint64_t put(const ac_batch_item& item, std::uint64_t now_ns, bool& looks) noexcept;
  // Finds out what is due; `force` whatever waits.
  void look(std::uint64_t now_ns, bool force, Step& step) noexcept;
  // E_TIMEOUT when no batch is due; E_BUFFER_TOO_SMALL where not every batch would fit.
  ac_status take(std::uint64_t now_ns, ac_batch_item* items, std::uint64_t capacity,
                 std::uint64_t& count, std::uint64_t& batch, Step& step) noexcept;
  // Ends the batch: each item with its result, or all with the status where `results` is null.
  // E_STALE when it was given to another since, or is done.
  ac_status done(std::uint64_t now_ns, std::uint64_t batch, ac_status status,
                 const ac_batch_result* results, std::uint64_t count, Step& step) noexcept;
  // Ends the next items, as many as fit into a batch, whatever their state; the rest later.
  void fail(ac_status status, Step& step) noexcept;

  // When something is due next if nothing else happens: 0 for now.
  std::uint64_t next_ns() const noexcept;
  // E_TIMEOUT while the ticket's item has not ended, E_NOT_FOUND when nobody knows any more.
  ac_status result(std::uint64_t ticket, ac_batch_result& result) const noexcept;
  ac_batcher_stats stats() const noexcept;

 private:
  struct Entry {
    ac_batch_item item;
    std::uint64_t put_ns;
  };
  enum class Phase { none, due, out };

  void refresh(std::uint64_t now_ns, bool force, Step& step) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void watch_lease(std::uint64_t now_ns, Step& step) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void become_due(std::uint64_t now_ns, Step& step) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void gather() noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void end(std::uint32_t place, const ac_batch_result& result, Step& step) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void end_all(ac_status status, Step& step) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void rest(std::uint64_t now_ns, Step& step) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::uint64_t lease_ns() const noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return first_lease_ns_ << leases_;
  }

  const BatchOptions options_;
  const std::uint64_t first_lease_ns_;
  Intake<Entry> intake_;
  std::atomic<std::uint64_t> refused_{0};

  mutable absl::Mutex mutex_;
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::none;
  bool is_full_ ABSL_GUARDED_BY(mutex_) = false;      // why it is due
  std::uint32_t leases_ ABSL_GUARDED_BY(mutex_) = 0;  // that this batch has lost
  std::uint64_t number_ ABSL_GUARDED_BY(mutex_) = 0;  // of the batch that was given last
  std::uint64_t began_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t due_ns_ ABSL_GUARDED_BY(mutex_) = 0;  // of what waits, while armed
  std::uint64_t lease_end_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<ac_batch_item> batch_ ABSL_GUARDED_BY(mutex_);   // due again, or out
  std::uint64_t ended_ ABSL_GUARDED_BY(mutex_) = 0;            // the last ticket that has
  std::vector<ac_batch_result> kept_ ABSL_GUARDED_BY(mutex_);  // by ticket
  ac_batcher_stats stats_ ABSL_GUARDED_BY(mutex_){};
};

}  // namespace actorcore::resilience

#endif  // ACTORCORE_RESILIENCE_BATCHER_H_
