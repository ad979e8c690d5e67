#include "resilience/batcher.h"

#include <algorithm>

#include "base/clock.h"

namespace actorcore::resilience {
namespace {

constexpr std::uint64_t span_max_ns = 60'000'000'000;

}  // namespace

Result<void> Batcher::check(const BatchOptions& options) {
  if (options.size == 0 || options.size > batch_size_max) {
    return Error(AC_E_LIMIT, "size is 1 to 64; 16 to 64 serve best");
  }
  if (!std::has_single_bit(options.capacity) || options.capacity < options.size ||
      options.capacity > batch_capacity_max) {
    return Error(AC_E_LIMIT, "capacity is a power of two, at least size and at most 1,048,576");
  }
  if (options.timeout_ns > span_max_ns || options.budget_ns > span_max_ns) {
    return Error(AC_E_LIMIT, "timeout_ns and budget_ns are at most a minute");
  }
  return {};
}

Batcher::Batcher(const BatchOptions& options)
    : options_(options),
      first_lease_ns_(std::max(10 * options.budget_ns, batch_lease_min_ns)),
      intake_(options.capacity),
      kept_(2 * options.capacity) {
  batch_.reserve(batch_size_max);  // so that nothing below can fail
}

std::uint64_t Batcher::put(const ac_batch_item& item, std::uint64_t now_ns, bool& looks) noexcept {
  std::uint64_t position;
  if (!intake_.push({item, now_ns}, position)) {
    refused_.fetch_add(1, std::memory_order_relaxed);  // a statistic
    return 0;
  }
  looks = intake_.wants_look(position, options_.size);
  return position + 1;
}

// -- what is due --------------------------------------------------------------------------------

void Batcher::look(std::uint64_t now_ns, bool force, Step& step) noexcept {
  absl::MutexLock lock(&mutex_);
  refresh(now_ns, force, step);
}

void Batcher::refresh(std::uint64_t now_ns, bool force, Step& step) noexcept {
  if (phase_ != Phase::none) return watch_lease(now_ns, step);
  const std::uint64_t waiting = intake_.waiting();
  if (waiting == 0) return;
  step.began |= intake_.state() == Work::idle;
  is_full_ = waiting >= options_.size;
  due_ns_ = deadline_after(intake_.front().put_ns, options_.timeout_ns);
  if (is_full_ || force || now_ns >= due_ns_) return become_due(now_ns, step);
  intake_.set(Work::armed);
  step.at_ns = due_ns_;
}

void Batcher::become_due(std::uint64_t now_ns, Step& step) noexcept {
  phase_ = Phase::due;
  intake_.set(Work::busy);
  lease_end_ns_ = deadline_after(now_ns, lease_ns());
  step.due = true;
  step.at_ns = lease_end_ns_;
}

// The batch is due or out, and its time may be over.
void Batcher::watch_lease(std::uint64_t now_ns, Step& step) noexcept {
  step.at_ns = lease_end_ns_;
  if (now_ns < lease_end_ns_) return;
  if (phase_ == Phase::out) ++stats_.lost;
  if (++leases_ < leases_max) return become_due(now_ns, step);
  end_all(AC_E_TIMEOUT, step);
  rest(now_ns, step);
}

// The items of the next batch, unless it is one that comes back.
void Batcher::gather() noexcept {
  if (!batch_.empty()) return;
  std::uint64_t count = std::min<std::uint64_t>(intake_.waiting(), options_.size);
  while (count-- != 0) {
    const std::uint64_t ticket = intake_.taken() + 1;
    batch_.push_back(intake_.pop().item);
    batch_.back().ticket = ticket;
  }
}

// -- consuming ----------------------------------------------------------------------------------

ac_status Batcher::take(std::uint64_t now_ns, ac_batch_item* items, std::uint64_t capacity,
                        std::uint64_t& count, std::uint64_t& batch, Step& step) noexcept {
  absl::MutexLock lock(&mutex_);
  count = options_.size;
  if (capacity < options_.size) return AC_E_BUFFER_TOO_SMALL;
  count = 0;
  refresh(now_ns, false, step);
  if (phase_ != Phase::due) return AC_E_TIMEOUT;
  step.due = false;
  if (batch_.empty()) {
    gather();
    ++stats_.batches;
    stats_.items += batch_.size();
    ++(is_full_ ? stats_.full : stats_.timed_out);
  }
  phase_ = Phase::out;
  began_ns_ = now_ns;
  lease_end_ns_ = deadline_after(now_ns, lease_ns());
  step.at_ns = lease_end_ns_;
  batch = ++number_;
  count = batch_.size();
  std::copy(batch_.begin(), batch_.end(), items);
  return AC_OK;
}

ac_status Batcher::done(std::uint64_t now_ns, std::uint64_t batch, ac_status status,
                        const ac_batch_result* results, std::uint64_t count, Step& step) noexcept {
  absl::MutexLock lock(&mutex_);
  if (phase_ != Phase::out || batch != number_) return AC_E_STALE;
  if (results != nullptr && count != batch_.size()) return AC_E_INVALID_ARGUMENT;
  const std::uint64_t took = now_ns - std::min(began_ns_, now_ns);
  stats_.longest_ns = std::max(stats_.longest_ns, took);
  if (took > options_.budget_ns) ++stats_.over_budget;
  if (results == nullptr) {
    end_all(status, step);
  } else {
    for (std::uint32_t i = 0; i < count; ++i) end(i, results[i], step);
    batch_.clear();
  }
  rest(now_ns, step);
  return AC_OK;
}

void Batcher::fail(ac_status status, Step& step) noexcept {
  absl::MutexLock lock(&mutex_);
  if (phase_ == Phase::none && intake_.waiting() == 0) return;
  step.began = intake_.state() == Work::idle;
  end_all(status, step);
  phase_ = Phase::none;
  leases_ = 0;
  intake_.set(Work::idle);  // before the look at what waits, I3
  step.rested = intake_.waiting() == 0;
  if (!step.rested) intake_.set(Work::armed);  // the caller comes again
}

void Batcher::end(std::uint32_t place, const ac_batch_result& result, Step& step) noexcept {
  const std::uint64_t ticket = batch_[place].ticket;
  const ac_batch_result kept{ticket, result.value, result.status, 0};
  kept_[ticket % kept_.size()] = kept;
  ended_ = ticket;
  if (kept.status != AC_OK) ++stats_.failed;
  step.items[step.ended] = batch_[place];
  step.results[step.ended++] = kept;
}

void Batcher::end_all(ac_status status, Step& step) noexcept {
  gather();
  for (std::uint32_t i = 0; i < batch_.size(); ++i) end(i, {0, 0, status, 0}, step);
  batch_.clear();
}

// The batch has ended: on to the next, or to rest.
void Batcher::rest(std::uint64_t now_ns, Step& step) noexcept {
  phase_ = Phase::none;
  leases_ = 0;
  step.at_ns = UINT64_MAX;
  intake_.set(Work::idle);  // before the look at what waits, I3
  const bool began = step.began;
  refresh(now_ns, false, step);
  step.began = began;
  step.rested = phase_ == Phase::none && intake_.state() == Work::idle;
}

// -- what is known ------------------------------------------------------------------------------

std::uint64_t Batcher::next_ns() const noexcept {
  absl::MutexLock lock(&mutex_);
  if (phase_ == Phase::due) return 0;
  if (phase_ == Phase::out) return lease_end_ns_;
  if (intake_.state() == Work::idle) return UINT64_MAX;
  return due_ns_;
}

ac_status Batcher::result(std::uint64_t ticket, ac_batch_result& result) const noexcept {
  absl::MutexLock lock(&mutex_);
  if (ticket == 0 || ticket > intake_.pushed()) return AC_E_NOT_FOUND;
  if (ticket > ended_) return AC_E_TIMEOUT;
  result = kept_[ticket % kept_.size()];
  return result.ticket == ticket ? AC_OK : AC_E_NOT_FOUND;
}

ac_batcher_stats Batcher::stats() const noexcept {
  absl::MutexLock lock(&mutex_);
  ac_batcher_stats stats = stats_;
  stats.put = intake_.pushed();
  stats.refused = refused_.load(std::memory_order_relaxed);  // a statistic
  stats.waiting = stats.put - ended_;
  return stats;
}

}  // namespace actorcore::resilience
