#include "runtime/schedule.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstddef>
#include <cstring>
#include <iterator>
#include <new>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "runtime/system.h"
#include "runtime/worker.h"

namespace actorcore::runtime {
namespace {

// Does it run only on the worker that is attached?
bool needs_worker(const Actor& actor) noexcept {
  return actor.dispatcher->mode() == AC_DISPATCHER_ATTACHED;
}

// What of a message is the same in every process that did the same.
struct TraceRow {
  std::uint64_t time_ns;
  std::uint64_t actor;
  std::uint64_t sender;
  std::uint32_t type;
  std::uint32_t length;
};

// The payloads of ASK_FAILED, FAILED and PRESSURE without the system's tag, which the process
// chose.
std::uint64_t digest_of_ids(const Envelope& message) noexcept {
  std::uint64_t words[2];
  if (message.type == AC_TYPE_PRESSURE) {
    ac_pressure pressure;
    std::memcpy(&pressure, message.data, sizeof pressure);
    words[0] = Id{pressure.actor.bits}.without_tag();
    words[1] = static_cast<std::uint64_t>(pressure.level) << 32 ^ pressure.length;
  } else if (message.type == AC_TYPE_FAILED) {
    ac_failed failed;
    std::memcpy(&failed, message.data, sizeof failed);
    words[0] = Id{failed.actor.bits}.without_tag();
    words[1] =
        static_cast<std::uint64_t>(failed.type) << 32 | static_cast<std::uint32_t>(failed.status);
  } else if (message.type == AC_TYPE_TERMINATED || message.type == AC_TYPE_EXIT) {
    ac_ended ended;
    std::memcpy(&ended, message.data, sizeof ended);
    words[0] = Id{ended.actor.bits}.without_tag();
    words[1] = static_cast<std::uint32_t>(ended.status);
  } else {
    ac_ask_failed failed;
    std::memcpy(&failed, message.data, sizeof failed);
    words[0] = Id{failed.to.bits}.without_tag();
    words[1] =
        static_cast<std::uint64_t>(failed.type) << 32 | static_cast<std::uint32_t>(failed.status);
  }
  return XXH3_64bits(words, sizeof words);
}

// The payload of EVENT or WORK without what the process chose: tags and handles.
template <class Head>
std::uint64_t digest_of_shared(const Envelope& message) noexcept {
  Head head;
  std::memcpy(&head, message.payload(), sizeof head);
  if constexpr (requires { head.queue; }) head.queue.bits = 0;
  if constexpr (requires { head.actor; }) head.actor.bits = Id{head.actor.bits}.without_tag();
  head.source.bits = Id{head.source.bits}.without_tag();
  return XXH3_64bits_withSeed(message.payload() + sizeof head, message.length - sizeof head,
                              XXH3_64bits(&head, sizeof head));
}

// Takes the system's tag out of the actors' ids in a payload that tells of actors.
void without_tags(std::uint32_t type, std::uint8_t* payload, std::uint32_t length) noexcept {
  const auto at = [&](std::size_t offset) {
    Id id;
    std::memcpy(&id, payload + offset, sizeof id);
    id.bits = id.without_tag();
    std::memcpy(payload + offset, &id, sizeof id);
  };
  if (type == AC_TYPE_DEAD_LETTER) {
    for (std::size_t letter = offsetof(ac_dead_letters, letters); letter < length;
         letter += sizeof(ac_dead_letter)) {
      at(letter + offsetof(ac_dead_letter, to));
      at(letter + offsetof(ac_dead_letter, sender));
    }
  } else if (type == AC_TYPE_WATCHDOG) {
    for (std::size_t i = 0; i < std::size(ac_watchdog_report{}.actors); ++i) {
      at(offsetof(ac_watchdog_report, actors) + i * sizeof(ac_actor));
    }
  } else if (type == AC_TYPE_TERMINATED || type == AC_TYPE_EXIT) {
    at(offsetof(ac_ended, actor));
  } else {
    at(offsetof(ac_named, actor));
  }
}

bool tells_of_actors(std::uint32_t type) noexcept {
  return type == AC_TYPE_REGISTERED || type == AC_TYPE_UNREGISTERED ||
         type == AC_TYPE_DEAD_LETTER || type == AC_TYPE_WATCHDOG || type == AC_TYPE_TERMINATED ||
         type == AC_TYPE_EXIT;
}

}  // namespace

struct Schedule::Trace {
  XXH3_state_t state;
};

Schedule::Schedule(System& system, std::uint64_t seed)
    : system_(system), choice_(seed), values_(~seed), trace_(std::make_unique<Trace>()) {
  XXH3_64bits_reset(&trace_->state);
}

Schedule::~Schedule() = default;

void Schedule::add(Actor& actor, bool next) {
  absl::MutexLock lock(&mutex_);
  (next ? forced_ : runnable_).push_back(&actor);
}

bool Schedule::defer(Envelope* envelope, bool is_checked) {
  absl::MutexLock lock(&mutex_);
  if (!in_activation_) return false;
  deferred_.push_back({envelope, is_checked});
  return true;
}

void Schedule::begin_activation() noexcept {
  absl::MutexLock lock(&mutex_);
  in_activation_ = true;
}

std::vector<Deferred> Schedule::end_activation() noexcept {
  absl::MutexLock lock(&mutex_);
  in_activation_ = false;
  return std::exchange(deferred_, {});
}

Actor* Schedule::pick() {
  if (!forced_.empty()) {
    Actor* actor = forced_.front();
    forced_.erase(forced_.begin());
    return actor;
  }
  if (runnable_.empty()) return nullptr;
  const std::size_t at = choice_.below(runnable_.size());
  std::swap(runnable_[at], runnable_.back());
  Actor* actor = runnable_.back();
  runnable_.pop_back();
  return actor;
}

// Nothing can happen now: moves the clock to the next timer, if that comes before the deadline.
bool Schedule::fire_timer(std::uint64_t deadline_ns) {
  const std::uint64_t next = system_.timers().next();
  if (next == UINT64_MAX || next > deadline_ns) return false;
  system_.clock().advance(next);
  return system_.timers().fire(next);
}

ac_status Schedule::drive(const std::function<bool()>& done, std::uint64_t deadline_ns) {
  absl::MutexLock one(&drivers_);
  system_.watchdog().resume();
  {
    absl::MutexLock lock(&mutex_);
    // A worker that is stepped leaves the driving to the driver.
    if (attached_ != nullptr && attached_->dispatcher()->mode() == AC_DISPATCHER_ATTACHED) {
      done_ = &done;
      deadline_ns_ = deadline_ns;
      const auto answered = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return done_ == nullptr || attached_ == nullptr;
      };
      mutex_.Await(absl::Condition(&answered));
      if (std::exchange(done_, nullptr) == nullptr) return result_;
      // The worker left in between: the driver goes on by itself.
    }
  }
  Worker& worker = system_.seeded_worker();
  while (!done()) {
    Actor* actor;
    {
      absl::MutexLock lock(&mutex_);
      if (system_.is_stopping()) make_waiting_runnable();  // to be stopped, which takes no worker
      actor = pick();
    }
    if (actor != nullptr && needs_worker(*actor) && !system_.is_stopping()) {
      absl::MutexLock lock(&mutex_);
      waiting_.push_back(actor);  // until a worker is attached
    } else if (actor != nullptr) {
      worker.run_one(*actor);
    } else if (!fire_timer(deadline_ns)) {
      if (deadline_ns != UINT64_MAX) system_.clock().advance(deadline_ns);
      return AC_E_TIMEOUT;
    }
  }
  return AC_OK;
}

std::uint64_t Schedule::step(Worker& worker, std::uint64_t timeout_ns, std::uint64_t activations) {
  absl::MutexLock one(&drivers_);
  system_.watchdog().resume();
  const std::uint64_t limit = deadline_after(system_.clock().now(), timeout_ns);
  std::uint64_t ran = 0;
  while (ran < activations) {
    Actor* actor;
    {
      absl::MutexLock lock(&mutex_);
      actor = pick();
    }
    if (actor != nullptr) {
      if (worker.run_one(*actor)) ++ran;
    } else if (ran != 0) {
      break;
    } else if (!fire_timer(limit)) {
      if (limit != UINT64_MAX) system_.clock().advance(limit);
      break;
    }
  }
  return ran;
}

bool Schedule::advance(Worker& worker, std::uint64_t deadline_ns) {
  const auto ordered = [this, &worker]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return done_ != nullptr || woken_ || system_.is_ended();
  };
  for (;;) {
    Actor* actor = nullptr;
    const std::function<bool()>* done;
    std::uint64_t until;
    {
      absl::MutexLock lock(&mutex_);
      const absl::Time limit =
          deadline_ns == UINT64_MAX
              ? absl::InfiniteFuture()
              : absl::Now() +
                    absl::Nanoseconds(static_cast<std::int64_t>(
                        deadline_ns > Clock::monotonic() ? deadline_ns - Clock::monotonic() : 0));
      if (!mutex_.AwaitWithDeadline(absl::Condition(&ordered), limit)) return false;
      if (std::exchange(woken_, false) || done_ == nullptr) return false;
      done = done_;
      until = deadline_ns_;
    }
    const bool is_done = (*done)();
    {
      absl::MutexLock lock(&mutex_);
      if (is_done) {
        done_ = nullptr;
        result_ = AC_OK;
        continue;
      }
      actor = pick();
    }
    if (actor == nullptr) {
      if (fire_timer(until)) continue;
      if (until != UINT64_MAX) system_.clock().advance(until);
      absl::MutexLock lock(&mutex_);
      done_ = nullptr;
      result_ = AC_E_TIMEOUT;
    } else if (needs_worker(*actor)) {
      if (worker.begin(*actor, 0)) return true;
    } else {
      worker.run_one(*actor);
    }
  }
}

bool Schedule::set_attached(Worker* worker) {
  absl::MutexLock lock(&mutex_);
  if (worker != nullptr && attached_ != nullptr) return false;
  attached_ = worker;
  make_waiting_runnable();
  return true;
}

void Schedule::make_waiting_runnable() {
  runnable_.insert(runnable_.end(), waiting_.begin(), waiting_.end());
  waiting_.clear();
}

void Schedule::wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

// -- the trace ----------------------------------------------------------------------------------

void Schedule::trace(std::uint64_t actor, const Envelope& message) noexcept {
  const Id sender{message.sender.bits};
  const TraceRow row{system_.clock().now(), actor, sender.without_tag(), message.type,
                     message.length};
  XXH3_64bits_update(&trace_->state, &row, sizeof row);
  if (message.is_engines()) {
    // Its payload has handles of the process; what they stand for is the same everywhere.
    const std::uint64_t digest = system_.digest(message);
    XXH3_64bits_update(&trace_->state, &digest, sizeof digest);
  } else if (message.type == AC_TYPE_ASK_FAILED || message.type == AC_TYPE_FAILED ||
             message.type == AC_TYPE_PRESSURE) {
    const std::uint64_t digest = digest_of_ids(message);
    XXH3_64bits_update(&trace_->state, &digest, sizeof digest);
  } else if (message.type == AC_TYPE_EVENT || message.type == AC_TYPE_WORK) {
    const std::uint64_t digest = message.type == AC_TYPE_EVENT ? digest_of_shared<ac_event>(message)
                                                               : digest_of_shared<ac_work>(message);
    XXH3_64bits_update(&trace_->state, &digest, sizeof digest);
  } else if (tells_of_actors(message.type)) {
    std::uint8_t payload[sizeof(ac_dead_letters)];
    std::memcpy(payload, message.payload(), message.length);
    without_tags(message.type, payload, message.length);
    XXH3_64bits_update(&trace_->state, payload, message.length);
  } else {
    XXH3_64bits_update(&trace_->state, message.payload(), message.length);
  }
}

void Schedule::trace(Step step, std::uint64_t actor) noexcept {
  const TraceRow row{system_.clock().now(), actor, 0, static_cast<std::uint32_t>(step), UINT32_MAX};
  XXH3_64bits_update(&trace_->state, &row, sizeof row);
}

std::uint64_t Schedule::hash() const noexcept { return XXH3_64bits_digest(&trace_->state); }

std::uint64_t Schedule::random() noexcept {
  absl::MutexLock lock(&mutex_);
  return values_.next();
}

}  // namespace actorcore::runtime
