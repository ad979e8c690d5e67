// Spawn: what spawn options say, with their handles looked up.
//
// Threads:    any.
// Invariants: the dispatcher's and the behavior's records live as long as the system; the name is
//             the caller's memory.
// Cost:       a pin a handle.
#ifndef ACTORCORE_CAPI_SPAWN_H_
#define ACTORCORE_CAPI_SPAWN_H_

#include "boundary.h"
#include "runtime/spawn.h"
#include "runtime/system.h"

namespace actorcore::capi {

// For so many actors.
Result<void> read_spawn(runtime::System& system, const ac_spawn_options* options,
                        std::uint64_t count, runtime::SpawnOptions& wanted);

}  // namespace actorcore::capi

#endif  // ACTORCORE_CAPI_SPAWN_H_
