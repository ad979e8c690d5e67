// Reserve: how many buffers of each size are ready before anybody asks.
//
// Threads:    any.
// Invariants: what was not said by the time of the first system is the default: 1,000, 500,
// 100, 10. Cost:       for the defaults once about 1 MiB, and 20 MiB of addresses.
#ifndef ACTORCORE_MEMORY_RESERVE_H_
#define ACTORCORE_MEMORY_RESERVE_H_

#include <array>
#include <cstdint>
#include <optional>

#include "memory/buffer_pool.h"

namespace actorcore::memory {

using Reserve = std::array<std::optional<std::uint32_t>, BufferPool::kinds>;

// Makes what is said.
void set_reserve(const Reserve& reserve) noexcept;
// Makes the rest, once.
void start_reserve() noexcept;

}  // namespace actorcore::memory

#endif  // ACTORCORE_MEMORY_RESERVE_H_
