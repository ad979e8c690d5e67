#include "boundary.h"
#include "engine/output_list.h"
#include "source.h"

using namespace actorcore;

ac_status ac_outputs_load(ac_engine engine, const ac_source* source, ac_outputs* outputs,
                          ac_error* error) noexcept {
  return capi::call(engine::engines(), engine, error, [&](engine::Engine& e) -> Result<void> {
    if (outputs == nullptr) return capi::error_of(AC_E_NULL);
    auto read = capi::read_source(source);
    if (!read.ok()) return std::move(read).error();
    auto loaded = engine::OutputList::load(e, read.value());
    if (!loaded.ok()) return std::move(loaded).error();
    *outputs = loaded.value();
    return {};
  });
}

ac_status ac_outputs_count(ac_outputs outputs, uint64_t* count) noexcept {
  return capi::call(engine::output_lists(), outputs, [&](engine::OutputList& list) -> ac_status {
    if (count == nullptr) return AC_E_NULL;
    *count = list.outputs().size();
    return AC_OK;
  });
}

ac_status ac_outputs_at(ac_outputs outputs, uint64_t index, ac_output* output) noexcept {
  return capi::call(engine::output_lists(), outputs, [&](engine::OutputList& list) -> ac_status {
    if (output == nullptr) return AC_E_NULL;
    if (index >= list.outputs().size()) return AC_E_NOT_FOUND;
    *output = list.outputs()[index];
    return AC_OK;
  });
}

void ac_outputs_release(ac_outputs outputs) noexcept {
  engine::output_lists().release(outputs.bits);
}
