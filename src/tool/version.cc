#include <actorcore/actorcore.h>

#include <cstdint>
#include <cstdio>

#include "tool/commands.h"
#include "tool/input.h"

namespace actorcore::tool {

int version() {
  constexpr std::uint32_t number = AC_API_VERSION;
  std::printf("actorcore %u.%u.%u\n%s\n", number >> 16, number >> 8 & 255, number & 255,
              AC_BUILD_INFO);
  return flush_output(exit_ok);
}

}  // namespace actorcore::tool
