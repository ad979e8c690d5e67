// Allocations: how often the program has called operator new, which this replaces.
//
// Threads:    any.
// Invariants: a program that links it has it everywhere, so such a test is a program of its own.
// Cost:       one atomic addition an allocation.
#ifndef ACTORCORE_TESTS_SUPPORT_ALLOCATIONS_H_
#define ACTORCORE_TESTS_SUPPORT_ALLOCATIONS_H_

#include <cstdint>

namespace actorcore {

std::uint64_t allocations() noexcept;

}  // namespace actorcore

#endif  // ACTORCORE_TESTS_SUPPORT_ALLOCATIONS_H_
