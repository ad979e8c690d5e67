// Placement: what options say of processors, priority and fairness.
//
// Threads:    any.
// Invariants: numbers only; whether the machine has such processors the plan says.
// Cost:       a copy of the numbers.
#ifndef ACTORCORE_CAPI_PLACEMENT_H_
#define ACTORCORE_CAPI_PLACEMENT_H_

#include "boundary.h"
#include "runtime/dispatcher.h"

namespace actorcore::capi {

inline Result<void> read_cpus(const ac_cpu_set& given, const char* name,
                              runtime::CpuRequest& request) {
  if (given.cpus == nullptr && given.count != 0) return error_of(AC_E_NULL);
  if (given.count > cpus_max) {
    return Error(AC_E_INVALID_ARGUMENT,
                 std::string(name) + " has more than 1,024 processors; name each once");
  }
  if (given.count != 0 && given.any != 0) {
    return Error(AC_E_INVALID_ARGUMENT,
                 std::string(name) + " names processors and wants any; give one of the two");
  }
  request.count = given.any;
  request.cpus.assign(given.cpus, given.cpus + given.count);
  return {};
}

// The fields that both structs have; `flags` is called otherwise in one of them.
template <class Options>
Result<void> read_placement(const Options& given, std::uint32_t flags,
                            runtime::DispatcherOptions& options) {
  constexpr std::uint32_t known = AC_DISPATCHER_PINNED | AC_DISPATCHER_CRITICAL |
                                  AC_DISPATCHER_BACKGROUND | AC_DISPATCHER_PRIORITY_OPTIONAL;
  if ((flags & ~known) != 0) {
    return Error(AC_E_UNKNOWN_CONSTANT, "the dispatcher's flags have a bit that is none of them");
  }
  options.node = given.node;
  options.priority = given.priority;
  options.fairness = given.fairness == 0 ? runtime::fairness_default : given.fairness;
  options.flags = flags;
  return read_cpus(given.cpus, "cpus", options.cpus);
}

}  // namespace actorcore::capi

#endif  // ACTORCORE_CAPI_PLACEMENT_H_
