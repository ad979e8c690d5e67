#include "runtime/timers.h"

#include <exception>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "runtime/thread.h"

namespace actorcore::runtime {

TimerKey Timers::add(std::uint64_t deadline_ns, Fire what, void* context,
                     std::uint64_t id) noexcept {
  try {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return {};
    if (!clock_.is_virtual() && !thread_.joinable()) {
      thread_ = start_thread(
          "ac-timers", [this] { run(); }, cpus_);
    }
    const TimerKey key{deadline_ns, last_ + 1};
    if (spare_.empty()) {
      if (spare_.capacity() <= timers_.size()) spare_.reserve(2 * timers_.size() + 16);
      timers_.emplace(key, Timer{what, context, id});
    } else {
      Tree::node_type& node = spare_.back();
      node.key() = key;
      node.mapped() = {what, context, id};
      timers_.insert(std::move(node));
      spare_.pop_back();
    }
    ++last_;
    return key;
  } catch (const std::exception&) {
    return {};
  }
}

bool Timers::cancel(TimerKey key) noexcept {
  if (key.number == 0) return false;
  absl::MutexLock lock(&mutex_);
  return remove(timers_.find(key));
}

bool Timers::remove(Tree::const_iterator timer) noexcept {
  if (timer == timers_.end()) return false;
  spare_.push_back(timers_.extract(timer));
  return true;
}

std::uint64_t Timers::next() noexcept {
  absl::MutexLock lock(&mutex_);
  return timers_.empty() ? UINT64_MAX : timers_.begin()->first.deadline_ns;
}

bool Timers::fire(std::uint64_t now_ns) noexcept {
  Timer due;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_ || timers_.empty() || timers_.begin()->first.deadline_ns > now_ns) return false;
    due = timers_.begin()->second;
    remove(timers_.begin());
  }
  due.fire(due.context, due.id);
  return true;
}

void Timers::run() noexcept {
  for (;;) {
    while (fire(clock_.now())) {
    }
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    const TimerKey first = timers_.empty() ? TimerKey{UINT64_MAX, 0} : timers_.begin()->first;
    const std::uint64_t now = clock_.now();
    if (first.deadline_ns <= now) continue;
    const auto changed = [this, first]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return stopping_ || (!timers_.empty() && timers_.begin()->first < first);
    };
    const absl::Duration span =
        first.deadline_ns == UINT64_MAX
            ? absl::InfiniteDuration()
            : absl::Nanoseconds(static_cast<std::int64_t>(first.deadline_ns - now));
    mutex_.AwaitWithTimeout(absl::Condition(&changed), span);
  }
}

void Timers::stop() noexcept {
  std::thread thread;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    thread = std::move(thread_);
  }
  if (!thread.joinable()) return;
  if (thread.get_id() == std::this_thread::get_id()) {
    thread.detach();  // a timer's own end let go of the system
  } else {
    thread.join();
  }
}

}  // namespace actorcore::runtime
