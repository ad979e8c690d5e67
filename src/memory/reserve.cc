#include "memory/reserve.h"

#include "absl/base/const_init.h"
#include "absl/synchronization/mutex.h"

namespace actorcore::memory {
namespace {

constexpr std::array<std::uint32_t, BufferPool::kinds> defaults{1'000, 500, 100, 10};

ABSL_CONST_INIT absl::Mutex saying(absl::kConstInit);
ABSL_CONST_INIT std::array<bool, BufferPool::kinds> said ABSL_GUARDED_BY(saying){};

}  // namespace

void set_reserve(const Reserve& reserve) noexcept {
  absl::MutexLock lock(&saying);
  for (std::uint32_t kind = 0; kind < BufferPool::kinds; ++kind) {
    if (!reserve[kind]) continue;
    said[kind] = true;
    BufferPool::shared().reserve(BufferPool::Kind{kind}, *reserve[kind]);
  }
}

void start_reserve() noexcept {
  absl::MutexLock lock(&saying);
  for (std::uint32_t kind = 0; kind < BufferPool::kinds; ++kind) {
    if (said[kind]) continue;
    said[kind] = true;
    BufferPool::shared().reserve(BufferPool::Kind{kind}, defaults[kind]);
  }
}

}  // namespace actorcore::memory
