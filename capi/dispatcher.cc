#include "runtime/dispatcher.h"

#include "boundary.h"
#include "placement.h"
#include "runtime/system.h"

using namespace actorcore;

namespace {

Result<void> read(const ac_dispatcher_options& given, const runtime::DispatcherOptions& defaults,
                  runtime::DispatcherOptions& options) {
  if (given.mode > AC_DISPATCHER_CALLER) {
    return Error(AC_E_UNKNOWN_CONSTANT, "mode is no AC_DISPATCHER mode");
  }
  std::string_view name;
  if (const ac_status status = capi::read_text(given.name, runtime::names_bytes_max, name);
      status != AC_OK) {
    return Error(status, "name must be at most 255 bytes, with a pointer unless it is empty");
  }
  options.mode = given.mode;
  options.workers = given.workers;
  options.throughput = given.throughput == 0 ? defaults.throughput : given.throughput;
  options.spin_ns = given.spin_ns == 0 ? defaults.spin_ns : given.spin_ns;
  options.name = name;
  if (Result<void> placed = capi::read_placement(given, given.flags, options); !placed.ok()) {
    return placed;
  }
  return runtime::check(options);
}

}  // namespace

ac_status ac_dispatcher_create(ac_system system, const ac_dispatcher_options* options,
                               ac_dispatcher* dispatcher, ac_error* error) noexcept {
  return capi::call(runtime::systems(), system, error, [&](runtime::System& s) -> Result<void> {
    if (dispatcher == nullptr) return capi::error_of(AC_E_NULL);
    ac_dispatcher_options given;
    if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
      return capi::error_of(status);
    }
    runtime::DispatcherOptions wanted;
    if (Result<void> valid = read(given, s.default_dispatcher().options(), wanted); !valid.ok()) {
      return valid;
    }
    Result<runtime::Dispatcher*> made = s.add_dispatcher(std::move(wanted));
    if (!made.ok()) return std::move(made).error();
    *dispatcher = made.value()->handle;
    return {};
  });
}
