#include "base/sync.h"

#include <sched.h>

namespace actorcore {

void yield_thread() noexcept { sched_yield(); }

}  // namespace actorcore
