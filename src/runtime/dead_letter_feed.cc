#include "runtime/dead_letter_feed.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

constexpr std::uint64_t gap_ns = 1'000'000;
constexpr std::uint64_t batch_max = sizeof(ac_dead_letters::letters) / sizeof(ac_dead_letter);

}  // namespace

ac_status DeadLetterFeed::subscribe(Id subscriber, std::uint32_t reasons) {
  if (const ac_status status = system_.check(subscriber.handle()); status != AC_OK) return status;
  absl::MutexLock lock(&mutex_);
  const auto is_same = [&](const Subscription& other) {
    return other.subscriber.bits == subscriber.bits;
  };
  if (std::ranges::any_of(subscriptions_, is_same)) return AC_E_EXISTS;
  told_.reserve(subscriptions_.size() + 1);  // so that telling never allocates here
  subscriptions_.push_back({subscriber, reasons == 0 ? UINT32_MAX : reasons});
  if (const ac_status status = system_.list(subscriber); status != AC_OK) {
    subscriptions_.pop_back();
    return status;
  }
  count_.store(static_cast<std::uint32_t>(subscriptions_.size()), std::memory_order_relaxed);
  return AC_OK;
}

ac_status DeadLetterFeed::unsubscribe(Id subscriber) {
  if (const ac_status status = system_.check(subscriber.handle()); status != AC_OK) return status;
  return forget(subscriber) ? AC_OK : AC_E_NOT_FOUND;
}

bool DeadLetterFeed::forget(Id id) noexcept {
  absl::MutexLock lock(&mutex_);
  const auto removed = std::erase_if(
      subscriptions_, [&](const Subscription& other) { return other.subscriber.bits == id.bits; });
  count_.store(static_cast<std::uint32_t>(subscriptions_.size()), std::memory_order_relaxed);
  return removed != 0;
}

void DeadLetterFeed::keep(Lane& lane, const ac_dead_letter& letter) noexcept {
  if (letter.type == AC_TYPE_DEAD_LETTER) return;
  absl::MutexLock lock(&mutex_);
  bool is_wanted = false;
  for (Subscription& subscription : subscriptions_) {
    if ((subscription.reasons >> letter.reason & 1) == 0) continue;
    is_wanted = true;
    ac_dead_letters& batch = subscription.batch;
    if (batch.count < batch_max) {
      batch.letters[batch.count++] = letter;
    } else {
      ++batch.missed;
    }
  }
  if (!is_wanted || is_due_) return;
  const std::uint64_t at = deadline_after(system_.clock().now(), gap_ns);
  is_due_ = system_.timers().add(at, &DeadLetterFeed::tell, this, 0).number != 0;
  if (is_due_) lane.counters.begun.add(1);  // the system is not quiet before it is told
}

void DeadLetterFeed::tell(void* context, std::uint64_t) noexcept {
  auto& feed = *static_cast<DeadLetterFeed*>(context);
  std::vector<Subscription> due;
  {
    absl::MutexLock lock(&feed.mutex_);
    feed.is_due_ = false;
    due.swap(feed.told_);
    for (Subscription& subscription : feed.subscriptions_) {
      if (subscription.batch.count == 0) continue;
      due.push_back(subscription);
      subscription.batch = {};
    }
  }
  {
    const auto lane = feed.system_.external_lane();
    for (const Subscription& subscription : due) {
      const ac_dead_letters& batch = subscription.batch;
      const auto bytes = offsetof(ac_dead_letters, letters) + batch.count * sizeof(ac_dead_letter);
      feed.system_.tell_library(*lane, subscription.subscriber, AC_TYPE_DEAD_LETTER, 0, &batch,
                                static_cast<std::uint32_t>(bytes));
    }
    lane->counters.ended.add(1);
  }
  {
    absl::MutexLock lock(&feed.mutex_);
    due.clear();
    if (due.capacity() > feed.told_.capacity()) feed.told_.swap(due);
  }
  feed.system_.outside_changed();
}

}  // namespace actorcore::runtime
