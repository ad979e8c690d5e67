#include "memory/pools.h"

#include "absl/base/const_init.h"
#include "absl/synchronization/mutex.h"

namespace actorcore::memory {
namespace {

// Never destroyed: a system that was let go may end while the process does.
ABSL_CONST_INIT absl::Mutex mutex(absl::kConstInit);
ABSL_CONST_INIT PoolSource* first ABSL_GUARDED_BY(mutex) = nullptr;
ABSL_CONST_INIT PoolRows gone ABSL_GUARDED_BY(mutex){};

}  // namespace

PoolStats& PoolStats::operator+=(const PoolStats& other) noexcept {
  gets += other.gets;
  puts += other.puts;
  hits += other.hits;
  misses += other.misses;
  free += other.free;
  bytes += other.bytes;
  return *this;
}

void PoolSource::enroll() noexcept {
  absl::MutexLock lock(&mutex);
  next_ = first;
  if (next_ != nullptr) next_->before_ = this;
  first = this;
}

void PoolSource::leave() noexcept {
  PoolRows last{};
  add_to(last);
  absl::MutexLock lock(&mutex);
  (before_ != nullptr ? before_->next_ : first) = next_;
  if (next_ != nullptr) next_->before_ = before_;
  for (std::uint32_t kind = 0; kind < pool_kinds; ++kind) {
    last[kind].puts = last[kind].gets;  // whatever was out ended with it
    last[kind].free = 0;
    last[kind].bytes = 0;
    gone[kind] += last[kind];
  }
}

PoolRows read_pools() noexcept {
  absl::MutexLock lock(&mutex);
  PoolRows rows = gone;
  for (const PoolSource* source = first; source != nullptr; source = source->next_) {
    source->add_to(rows);
  }
  return rows;
}

}  // namespace actorcore::memory
