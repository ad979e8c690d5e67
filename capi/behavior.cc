#include "runtime/behavior.h"

#include "boundary.h"
#include "runtime/system.h"

using namespace actorcore;

ac_status ac_behavior_create(ac_system system, const ac_behavior_options* options,
                             ac_behavior* behavior, ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error, [&](runtime::System& s) -> Result<void> {
    if (behavior == nullptr) return capi::error_of(AC_E_NULL);
    ac_behavior_options given;
    if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
      return capi::error_of(status);
    }
    if (given.on_turn == nullptr) return Error(AC_E_NULL, "on_turn is required");
    std::string_view name;
    if (const ac_status status = capi::read_text(given.name, runtime::names_bytes_max, name);
        status != AC_OK) {
      return Error(status, "name must be at most 255 bytes, with a pointer unless it is empty");
    }
    Result<runtime::Behavior*> made =
        s.add_behavior(given.on_turn, given.destroy, std::string(name));
    if (!made.ok()) return std::move(made).error();
    *behavior = made.value()->handle;
    return {};
  });
}
