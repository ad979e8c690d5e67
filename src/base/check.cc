#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace actorcore {

void check_failed(const char* what, const char* file, int line) noexcept {
  std::fprintf(stderr, "actorcore: internal check failed: %s (%s:%d); please report this\n", what,
               file, line);
  std::abort();
}

}  // namespace actorcore
