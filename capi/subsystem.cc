#include "engine/subsystem.h"

#include "boundary.h"
#include "engine/engine.h"
#include "engine/question.h"
#include "engine/tables.h"

using namespace actorcore;

namespace {

Result<void> add(engine::Engine& engine, const ac_subsystem_options* options) {
  ac_subsystem_options given;
  if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  if (given.reserved != 0) return Error(AC_E_UNSUPPORTED, "`reserved` is not zero");
  std::string_view name;
  const ac_status status = capi::read_text(given.name, snapshot::Names::text_bytes_max, name);
  if (status == AC_E_NULL) return capi::error_of(status);
  if (status != AC_OK || name.empty()) {
    return Error(AC_E_INVALID_ARGUMENT, "`name` has 1 to 255 bytes");
  }
  return engine.subsystems().add(given, engine.names());
}

}  // namespace

ac_status ac_subsystem_register(ac_engine engine, const ac_subsystem_options* options,
                                ac_error* error) noexcept {
  return capi::call(engine::engines(), engine, error,
                    [&](engine::Engine& e) { return add(e, options); });
}

ac_status ac_subsystem_remove(ac_engine engine, ac_text name) noexcept {
  return capi::call(engine::engines(), engine, [&](engine::Engine& e) -> Result<void> {
    std::string_view view;
    const ac_status status = capi::read_text(name, snapshot::Names::text_bytes_max, view);
    if (status == AC_E_NULL) return capi::error_of(status);
    return e.subsystems().remove(status == AC_OK ? e.names().find(view) : snapshot::no_name);
  });
}

ac_status ac_query_answer(ac_query query, const ac_output* output) noexcept {
  return capi::guard([&]() -> ac_status {
    if (!engine::questions().pin(query.bits)) return capi::no_object(query);
    ac_output given;
    if (const ac_status status = capi::read_options(output, given); status != AC_OK) return status;
    return capi::status_of(engine::Question::answer(query, given));
  });
}
