// Batcher: resilience::Batcher in a system: its time, its messages, and who waits.
//
// Threads:    any.
// Invariants: with a consumer actor, everything put and not ended keeps the system from being
//             quiet, and a timer is set for when to look again; without one, consumers wait by
//             themselves. Every item that was accepted ends once, with a result, a payload given
//             back and, where it wants one, a reply; at the latest when the batcher is released or
//             its system stops.
// Cost:       a put is a look at the clock and the core's put. At most one timer is set; one that
//             turns out to be early is set again.
#ifndef ACTORCORE_RUNTIME_BATCHER_H_
#define ACTORCORE_RUNTIME_BATCHER_H_

#include <atomic>
#include <cstdint>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "base/handle_table.h"
#include "base/status.h"
#include "resilience/batcher.h"
#include "runtime/part.h"
#include "runtime/timers.h"

namespace actorcore::runtime {

struct BatcherOptions {
  resilience::BatchOptions batch;
  ac_actor to{0};  // none: threads take
  std::uint32_t type = AC_TYPE_BATCH;
  std::uint64_t user = 0;
};

class Batcher {
 public:
  static Result<ac_batcher> create(System& system, const BatcherOptions& options);
  // What ac_batcher_release does.
  static void release(ac_batcher batcher) noexcept;

  Batcher(System& system, const BatcherOptions& options);

  ac_status put(const ac_batch_item& item, std::uint64_t& ticket) noexcept;
  ac_status take(ac_batch_item* items, std::uint64_t capacity, std::uint64_t timeout_ns,
                 std::uint64_t& count, std::uint64_t& batch) noexcept;
  ac_status done(std::uint64_t batch, ac_status status, const ac_batch_result* results,
                 std::uint64_t count) noexcept;
  ac_status wait(std::uint64_t ticket, std::uint64_t timeout_ns, ac_batch_result& result) noexcept;
  ac_batcher_stats stats() const noexcept;

 private:
  using Step = resilience::Step;

  bool has_actor() const noexcept { return options_.to.bits != 0; }
  void look(bool force) noexcept;
  void follow(const Step& step) noexcept;
  bool act(const Step& step) noexcept;
  void end(const ac_batch_item& item, const ac_batch_result& result) noexcept;
  void tell_consumer() noexcept;
  void fail_all(ac_status status) noexcept;
  bool set_timer(std::uint64_t at_ns) noexcept;
  void on_timer() noexcept;
  static void fire(void* context, std::uint64_t handle) noexcept;

  System& system_;
  const BatcherOptions options_;
  ac_batcher handle_{0};
  resilience::Batcher core_;
  std::atomic<ac_status> gone_{AC_OK};  // why nothing can be put any more
  std::atomic<std::uint64_t> unsent_{0};

  absl::Mutex timer_mutex_;
  TimerKey timer_ ABSL_GUARDED_BY(timer_mutex_);
  std::uint64_t timer_ns_ ABSL_GUARDED_BY(timer_mutex_) = UINT64_MAX;  // when it fires, if it does
};

using BatcherPart = Part<Batcher, HandleKind::batcher>;

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_BATCHER_H_
