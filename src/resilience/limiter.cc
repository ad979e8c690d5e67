#include "resilience/limiter.h"

namespace actorcore::resilience {
namespace {

std::uint32_t shards_for(std::uint32_t keys, std::uint32_t most) {
  return keys < 64 * most ? 1 : most;  // few keys are evicted strictly in order
}

// Fibonacci hashing: the keys of actors differ in their low bits most.
std::uint32_t shard_of(std::uint64_t key, std::uint32_t shards) {
  return static_cast<std::uint32_t>(key * 0x9e3779b97f4a7c15 >> 32) % shards;
}

}  // namespace

Result<Limiter::Rate> Limiter::rate_of(std::uint64_t tokens, std::uint64_t period_ns,
                                       std::uint64_t burst) {
  if (tokens == 0) return Error(AC_E_INVALID_ARGUMENT, "rate is at least 1 token a period");
  if (period_ns > period_max_ns) {
    return Error(AC_E_LIMIT, "period_ns is at most a day; give a rate of fewer tokens instead");
  }
  if (tokens > period_ns) return Error(AC_E_LIMIT, "rate is at most one token a nanosecond");
  const std::uint64_t interval = (period_ns << tick_bits) / tokens;
  if (burst > ticks_max / interval) {
    return Error(AC_E_LIMIT, "a burst is at most what comes back in two years; lower it");
  }
  return Rate{interval, burst};
}

Limiter::Limiter(const Clock& clock, Rate rate, std::uint32_t keys)
    : clock_(clock),
      keys_(keys),
      shards_used_(shards_for(keys, shards_max)),
      interval_(rate.interval),
      burst_(rate.burst) {
  for (std::uint32_t i = 0; i < shards_used_; ++i) {
    shards_[i].room = keys / shards_used_ + (i < keys % shards_used_ ? 1 : 0);
  }
}

ac_status Limiter::take(std::uint64_t key, std::uint64_t tokens, std::uint64_t& wait_ns) {
  const std::uint64_t interval = interval_.load(std::memory_order_relaxed);  // see above
  const std::uint64_t burst = burst_.load(std::memory_order_relaxed);        // see above
  if (key != 0 && keys_ == 0) return AC_E_INVALID_ARGUMENT;
  tokens = std::max<std::uint64_t>(tokens, 1);
  if (tokens > burst) return AC_E_LIMIT;
  std::uint64_t tolerance;
  if (__builtin_mul_overflow(burst, interval, &tolerance)) tolerance = ticks_max;
  tolerance = std::min(tolerance, ticks_max);
  const std::uint64_t cost = std::min(tokens * interval, tolerance);
  const std::uint64_t now = ticks_of(clock_.now());
  std::uint64_t wait;
  if (key == 0) {
    wait = whole_.take(now, cost, tolerance);
    (wait == 0 ? taken_ : refused_).fetch_add(tokens, std::memory_order_relaxed);  // a statistic
  } else {
    wait = take_key(key, now, tokens, cost, tolerance);
  }
  wait_ns = (wait + (1 << tick_bits) - 1) >> tick_bits;
  return wait == 0 ? AC_OK : AC_E_OVERLOADED;
}

std::uint64_t Limiter::take_key(std::uint64_t key, std::uint64_t now, std::uint64_t tokens,
                                std::uint64_t cost, std::uint64_t tolerance) {
  Shard& shard = shards_[shard_of(key, shards_used_)];
  absl::MutexLock lock(&shard.mutex);
  Bucket& bucket = shard.bucket_of(key, now);
  std::uint64_t next;
  const std::uint64_t wait = admit(bucket.full, now, cost, tolerance, next);
  if (wait == 0) bucket.full = next;
  (wait == 0 ? shard.taken : shard.refused) += tokens;
  return wait;
}

void Limiter::set(Rate rate) {
  absl::MutexLock one(&set_mutex_);
  const std::uint64_t now = ticks_of(clock_.now());
  const std::uint64_t before = interval_.load(std::memory_order_relaxed);  // ours alone to write
  interval_.store(rate.interval, std::memory_order_relaxed);  // either order is a rate, see above
  burst_.store(rate.burst, std::memory_order_relaxed);
  whole_.rescale(now, before, rate.interval);
  for (Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    for (Bucket& bucket : shard.buckets) {
      bucket.full = rescaled(bucket.full, now, before, rate.interval);
    }
  }
}

ac_limiter_stats Limiter::stats() const {
  ac_limiter_stats stats{};
  stats.taken = taken_.load(std::memory_order_relaxed);      // a statistic
  stats.refused = refused_.load(std::memory_order_relaxed);  // a statistic
  for (const Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    stats.taken += shard.taken;
    stats.refused += shard.refused;
    stats.keys += shard.buckets.size();
    stats.evicted += shard.evicted;
    stats.forgotten += shard.forgotten;
  }
  return stats;
}

// -- keys ---------------------------------------------------------------------------------------

Limiter::Bucket& Limiter::Shard::bucket_of(std::uint64_t key, std::uint64_t now) {
  if (const auto found = places.find(key); found != places.end()) {
    const std::uint32_t place = found->second;
    if (place != newest) {
      unlink(place);
      link(place);
    }
    return buckets[place];
  }
  std::uint32_t place;
  if (buckets.size() < room) {
    place = static_cast<std::uint32_t>(buckets.size());
    places.emplace(key, place);
    try {
      buckets.push_back({});
    } catch (...) {
      places.erase(key);
      throw;
    }
  } else {
    places.emplace(key, none);  // before anyone is evicted, for it may fail
    place = evict(now);
    places.find(key)->second = place;
  }
  buckets[place] = {key, 0, none, none};
  link(place);
  return buckets[place];
}

// A full bucket is as good as none, so that it goes first; else the one that was used least
// recently, and then what it owes is forgotten.
std::uint32_t Limiter::Shard::evict(std::uint64_t now) {
  std::uint32_t place = oldest;
  for (std::uint32_t i = 0; i < full_sought && place != none; ++i) {
    if (buckets[place].full <= now) break;
    place = buckets[place].newer;
  }
  if (place == none || buckets[place].full > now) {
    place = oldest;
    ++forgotten;
  }
  ++evicted;
  unlink(place);
  places.erase(buckets[place].key);
  return place;
}

void Limiter::Shard::unlink(std::uint32_t place) {
  const Bucket& bucket = buckets[place];
  (bucket.newer == none ? newest : buckets[bucket.newer].older) = bucket.older;
  (bucket.older == none ? oldest : buckets[bucket.older].newer) = bucket.newer;
}

void Limiter::Shard::link(std::uint32_t place) {
  buckets[place].older = newest;
  buckets[place].newer = none;
  (newest == none ? oldest : buckets[newest].newer) = place;
  newest = place;
}

}  // namespace actorcore::resilience
