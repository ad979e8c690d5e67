// DeadLetterFeed: actors that are told of dead letters, a batch at a time.
//
// Threads:    any.
// Invariants: a subscriber is told of each letter that its mask wants, or it is counted as missed.
//             A dead letter of a dead-letter message is never told, so that there is no loop.
// Cost:       without subscribers one load a dead letter, and nothing on the message path; with
//             them a mutex and a copy, and a message each a millisecond at the most.
#ifndef ACTORCORE_RUNTIME_DEAD_LETTER_FEED_H_
#define ACTORCORE_RUNTIME_DEAD_LETTER_FEED_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "runtime/id.h"

namespace actorcore::runtime {

class Lane;
class System;

class DeadLetterFeed {
 public:
  explicit DeadLetterFeed(System& system) : system_(system) {}

  // `reasons` has a bit for each AC_DEAD reason that is wanted.
  ac_status subscribe(Id subscriber, std::uint32_t reasons);
  ac_status unsubscribe(Id subscriber);
  void add(Lane& lane, const ac_dead_letter& letter) noexcept {
    // Relaxed: who subscribes meanwhile may miss this one.
    if (count_.load(std::memory_order_relaxed) != 0) [[unlikely]]
      keep(lane, letter);
  }
  // The actor ended, or wants no more; false when it was no subscriber.
  bool forget(Id id) noexcept;

 private:
  struct Subscription {
    Id subscriber;
    std::uint32_t reasons;
    ac_dead_letters batch{};
  };

  void keep(Lane& lane, const ac_dead_letter& letter) noexcept;
  static void tell(void* context, std::uint64_t id) noexcept;

  System& system_;
  std::atomic<std::uint32_t> count_{0};
  absl::Mutex mutex_;  // after the lanes' locks
  std::vector<Subscription> subscriptions_ ABSL_GUARDED_BY(mutex_);
  std::vector<Subscription> told_ ABSL_GUARDED_BY(mutex_);  // room for what tell() takes
  bool is_due_ ABSL_GUARDED_BY(mutex_) = false;             // tell() is on its way
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_DEAD_LETTER_FEED_H_
