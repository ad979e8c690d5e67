// The part of Router that keeps a pool at its size.
#include <algorithm>
#include <new>
#include <utility>

#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

// How long a place stays empty: routees that end at once must not keep the machine busy.
constexpr std::uint64_t refill_delay_ns = 1'000'000;
// And when nobody could be spawned, for want of memory or because the supervisor restarts.
constexpr std::uint64_t retry_delay_ns = 10'000'000;

}  // namespace

void Router::arm(TimerKey& key, std::uint64_t delay_ns, Timers::Fire fire) noexcept {
  if (key.number != 0 || !is_open_) return;
  const std::uint64_t deadline_ns = deadline_after(system_.clock().now(), delay_ns);
  key = system_.timers().add(deadline_ns, fire, &system_.routers(), address_.bits);
}

void Router::start() noexcept {
  absl::MutexLock lock(&change_);
  if (options_.interval_ns != 0) arm(rescale_, options_.interval_ns, &Routers::on_rescale);
}

// Those that are one too many, the youngest first.
Router::Routees Router::trim() noexcept {
  Routees gone;
  while (routees_.size() > wanted_) {
    gone.push_back(take(routees_.size() - 1));
    system_.routers().remove(gone.back()->id, *this);
  }
  return gone;
}

void Router::dismiss(const Routees& routees, bool drains) noexcept {
  for (const auto& one : routees) {
    const bool is_told =
        drains && system_.stop_actor(one->id.handle(), AC_STOP_DRAIN) != AC_E_NO_MEMORY;
    if (!is_told) static_cast<void>(system_.stop_actor(one->id.handle(), 0));
  }
}

// Spawns what the pool lacks; `counts` is what is to know how many.
Result<void> Router::fill(std::uint64_t ac_router_stats::*counts) {
  SpawnOptions spawn;
  std::uint32_t missing = 0;
  {
    absl::MutexLock lock(&change_);
    const std::size_t coming = routees_.size() + spawning_;
    if (!is_open_ || !options_.pool || coming >= wanted_) return {};
    missing = wanted_ - static_cast<std::uint32_t>(coming);
    spawn = *options_.pool;
    spawning_ += missing;
  }
  struct Done {
    ~Done() {
      Word word;
      {
        absl::MutexLock lock(&router.change_);
        router.spawning_ -= missing;
        if (router.spawning_ == 0) word = std::exchange(router.last_word_, {});
      }
      word.end();
    }
    Router& router;
    std::uint32_t missing;
  } const done{*this, missing};
  std::vector<ac_actor> actors(missing);
  std::vector<Id> ids(missing);
  Result<void> spawned = Spawn(system_, spawn, nullptr).run(nullptr, missing, actors.data());
  if (!spawned.ok()) return spawned;
  std::transform(actors.begin(), actors.end(), ids.begin(),
                 [](ac_actor actor) { return Id{actor.bits}; });
  Routees gone;
  bool is_late = true;
  try {
    absl::MutexLock lock(&change_);
    if (is_open_) {
      // One that has ended already is replaced.
      if (insert(ids) != AC_OK) arm(refill_, refill_delay_ns, &Routers::on_refill);
      if (counts != nullptr) stats_.*counts += missing;
      gone = trim();  // another call has made it smaller meanwhile
      is_late = false;
    }
  } catch (const std::bad_alloc&) {
    spawned = Error(AC_E_NO_MEMORY, "memory is exhausted; the pool is as it was");
  }
  for (std::size_t i = 0; is_late && i < actors.size(); ++i) {
    static_cast<void>(system_.stop_actor(actors[i], 0));
  }
  dismiss(gone, true);
  return spawned;
}

Result<void> Router::resize(std::uint32_t size) {
  Routees gone;
  {
    absl::MutexLock lock(&change_);
    if (!is_open_) return Error(AC_E_STALE, "the router has ended");
    if (!options_.pool) return Error(AC_E_WRONG_MODE, "a group has the routees that it is given");
    const bool is_within =
        options_.interval_ns == 0 || (size >= options_.size_min && size <= options_.size_max);
    if (size > routees_max || !is_within) {
      return Error(
          AC_E_LIMIT,
          "size is at most 4,096, and with a resize interval within pool_min and pool_max");
    }
    wanted_ = size;
    gone = trim();
    stats_.shrunk += gone.size();
  }
  dismiss(gone, true);
  return fill(&ac_router_stats::grown);
}

// A place has been empty for long enough.
void Router::refill() noexcept {
  {
    absl::MutexLock lock(&change_);
    refill_ = {};
  }
  ac_status status;
  try {
    const Result<void> filled = fill(&ac_router_stats::replaced);
    status = filled.ok() ? AC_OK : filled.error().code;
  } catch (const std::bad_alloc&) {
    status = AC_E_NO_MEMORY;
  }
  if (status == AC_OK) return;
  absl::MutexLock lock(&change_);
  if (status == AC_E_NO_MEMORY || status == AC_E_BUSY) {
    arm(refill_, retry_delay_ns, &Routers::on_refill);
  } else {
    wanted_ = static_cast<std::uint32_t>(routees_.size());  // its supervisor, or the system, ends
  }
}

void Router::drop(Id routee, bool failed) noexcept {
  absl::MutexLock lock(&change_);
  const std::size_t index = index_of(routee);
  if (index == routees_.size()) return;
  take(index);
  ++stats_.ended;
  if (!options_.pool) return;
  if (failed) {
    wanted_ -= wanted_ == 0 ? 0 : 1;
  } else if (!system_.is_closed() && routees_.size() < wanted_) {
    arm(refill_, refill_delay_ns, &Routers::on_refill);
  }
}

// What the size should be when so many messages wait for so many routees; wanted_ if no other one.
std::uint32_t Router::better_size(std::uint32_t size, std::uint64_t waiting) const noexcept {
  if (!is_open_) return wanted_;
  if (size < options_.size_min) return options_.size_min;
  const std::uint32_t step = std::max(size / 4, 1u);
  // The mean rounded up is above a whole number exactly when the mean is; likewise below.
  if ((waiting + size - 1) / size > options_.grow_above) {
    return std::max(wanted_, std::min(size + step, options_.size_max));
  }
  if (waiting / size < options_.shrink_below) {
    return std::min(wanted_, std::max(size - step, options_.size_min));
  }
  return wanted_;
}

// It is time to look how much waits for the pool.
void Router::rescale() noexcept {
  try {
    std::vector<ac_routee> all(routees_max);
    all.resize(std::min<std::size_t>(all.size(), routees(all)));
    std::uint64_t waiting = 0;
    for (const ac_routee& one : all) waiting += one.queued;
    const auto size = static_cast<std::uint32_t>(all.size());
    Routees gone;
    {
      absl::MutexLock lock(&change_);
      wanted_ = better_size(size, waiting);
      gone = trim();
      stats_.shrunk += gone.size();
    }
    dismiss(gone, true);
    static_cast<void>(fill(&ac_router_stats::grown));  // what fails now is tried again
  } catch (const std::bad_alloc&) {
    // the same
  }
  absl::MutexLock lock(&change_);
  rescale_ = {};
  if (is_open_ && !system_.is_closed()) arm(rescale_, options_.interval_ns, &Routers::on_rescale);
}

}  // namespace actorcore::runtime
