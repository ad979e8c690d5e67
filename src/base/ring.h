// Ring: the last entries of a numbered series, such as dead letters, for whoever reads them later.
//
// Threads:    any.
// Invariants: entries are numbered from 1 without a gap; the last `slots` of them are kept.
// Cost:       a mutex and a copy.
#ifndef ACTORCORE_BASE_RING_H_
#define ACTORCORE_BASE_RING_H_

#include <array>
#include <cstdint>

#include "absl/synchronization/mutex.h"

namespace actorcore {

template <class T, std::uint32_t slots>
class Ring {
 public:
  // Numbers the entry, and returns its number.
  std::uint64_t push(T entry) {
    absl::MutexLock lock(&mutex_);
    entry.number = ++last_;
    entries_[last_ % slots] = entry;
    return last_;
  }
  std::uint64_t copy(std::uint64_t after, T* out, std::uint64_t capacity) const {
    absl::MutexLock lock(&mutex_);
    std::uint64_t count = 0;
    std::uint64_t number = last_ > slots ? last_ - slots + 1 : 1;
    if (after + 1 > number) number = after + 1;
    if (after == UINT64_MAX) number = UINT64_MAX;
    for (; number <= last_ && count < capacity; ++number) out[count++] = entries_[number % slots];
    return count;
  }

 private:
  mutable absl::Mutex mutex_;
  std::uint64_t last_ = 0;
  std::array<T, slots> entries_{};
};

}  // namespace actorcore

#endif  // ACTORCORE_BASE_RING_H_
