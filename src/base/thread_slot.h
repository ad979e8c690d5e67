// ThreadSlot: a small number that is the calling thread's own while it lives.
//
// Threads:    any.
// Invariants: below thread_slots a number belongs to at most one living thread at a time, so that
//             what is kept under it has one writer. Threads that come when all are taken share
//             thread_slots.
// Cost:       one thread-local load; the first call of a thread takes a slot, its end gives it
//             back.
//
// Memory order:
//   T1  give back -> take   a slot's next thread sees what the last one wrote under it
#ifndef ACTORCORE_BASE_THREAD_SLOT_H_
#define ACTORCORE_BASE_THREAD_SLOT_H_

#include <cstdint>

namespace actorcore {

inline constexpr std::uint32_t thread_slots = 64;  // the bits of one word

std::uint32_t thread_slot() noexcept;

}  // namespace actorcore

#endif  // ACTORCORE_BASE_THREAD_SLOT_H_
