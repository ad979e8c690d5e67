// Process: what this process uses of the machine.
//
// Threads:    any.
// Invariants: times never fall; what the kernel does not tell is 0.
// Cost:       two system calls and a small file.
#ifndef ACTORCORE_BASE_PROCESS_H_
#define ACTORCORE_BASE_PROCESS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace actorcore {

struct ProcessUsage {
  std::uint64_t user_ns = 0;
  std::uint64_t system_ns = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t peak_bytes = 0;
  std::uint32_t threads = 0;
};

ProcessUsage process_usage();

// Field `number`, from 1, of a line as in /proc/self/stat, whose second field may hold anything; 0
// when it is none.
std::uint64_t field_of_stat(std::string_view stat, unsigned number);

}  // namespace actorcore

#endif  // ACTORCORE_BASE_PROCESS_H_
