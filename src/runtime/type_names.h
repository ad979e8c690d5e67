// TypeNames: what the program calls its message types.
//
// Threads:    any.
// Invariants: a type's name never changes and is never removed, so that a view of it lives as long
//             as its system. Two types never share a name.
// Cost:       a hash look-up under a mutex; nothing on the message path.
#ifndef ACTORCORE_RUNTIME_TYPE_NAMES_H_
#define ACTORCORE_RUNTIME_TYPE_NAMES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"

namespace actorcore::runtime {

class TypeNames {
 public:
  // E_EXISTS when the type has another name, or another type has this one.
  ac_status add(std::uint32_t type, std::string_view name);
  // Empty when it has none.
  std::string_view find(std::uint32_t type) const;

 private:
  mutable absl::Mutex mutex_;
  absl::node_hash_map<std::uint32_t, std::string> names_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string_view, std::uint32_t> types_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_TYPE_NAMES_H_
