#include "engine/engine.h"

#include <string>

#include "base/file.h"
#include "boundary.h"
#include "engine/tables.h"
#include "source.h"

using namespace actorcore;

namespace {

constexpr std::uint64_t path_bytes_max = 4096;

static_assert(static_cast<std::uint32_t>(snapshot::Format::guess) == AC_FORMAT_AUTO &&
              static_cast<std::uint32_t>(snapshot::Format::json) == AC_FORMAT_JSON &&
              static_cast<std::uint32_t>(snapshot::Format::yaml) == AC_FORMAT_YAML);

Result<void> create(ac_system system, const ac_engine_options* options, ac_engine* engine) {
  if (engine == nullptr) return capi::error_of(AC_E_NULL);
  ac_engine_options given;
  if (const ac_status status = capi::read_optional(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  const std::uint32_t names = given.names_max == 0 ? snapshot::Names::count_max : given.names_max;
  if (names < snapshot::realm_layer || names > snapshot::Names::count_max) {
    return Error(AC_E_LIMIT, "names_max is 2 to 1,048,576; two names are always taken");
  }
  const auto pin = runtime::systems().pin(system.bits);
  if (!pin && system.bits != 0) return Error(AC_E_STALE, "the system was released");
  if (pin && pin->is_closed()) return Error(AC_E_STOPPED, "the system is stopping");
  auto made = engine::Engine::create(pin.get(), names);
  if (!made.ok()) return std::move(made).error();
  *engine = made.value();
  return {};
}

}  // namespace

ac_status ac_engine_create(ac_system system, const ac_engine_options* options, ac_engine* engine,
                           ac_error* error) noexcept {
  return capi::guard(error, [&] { return create(system, options, engine); });
}

void ac_engine_release(ac_engine engine) noexcept { engine::engines().release(engine.bits); }

ac_status ac_engine_load(ac_engine engine, const ac_source* source, ac_error* error) noexcept {
  return capi::call(engine::engines(), engine, error, [&](engine::Engine& e) -> Result<void> {
    auto read = capi::read_source(source);
    if (!read.ok()) return std::move(read).error();
    return e.load(read.value());
  });
}

ac_status ac_engine_load_file(ac_engine engine, ac_text path, ac_error* error) noexcept {
  return capi::call(engine::engines(), engine, error, [&](engine::Engine& e) -> Result<void> {
    std::string_view view;
    if (const ac_status status = capi::read_text(path, path_bytes_max, view); status != AC_OK) {
      return Error(status, "`path` has at most 4,096 bytes, with a pointer unless it is empty");
    }
    const std::string name(view);
    auto text = read_file(name);
    if (!text.ok()) return std::move(text).error();
    return e.load({.name = name, .text = text.value()});
  });
}

ac_status ac_engine_load_layers(ac_engine engine, const ac_source* source,
                                ac_error* error) noexcept {
  return capi::call(engine::engines(), engine, error, [&](engine::Engine& e) -> Result<void> {
    auto read = capi::read_source(source);
    if (!read.ok()) return std::move(read).error();
    return e.load_layers(read.value());
  });
}

ac_status ac_engine_name(ac_engine engine, ac_text text, uint32_t* name) noexcept {
  return capi::call(engine::engines(), engine, [&](engine::Engine& e) -> ac_status {
    std::string_view view;
    if (name == nullptr) return AC_E_NULL;
    const ac_status status = capi::read_text(text, snapshot::Names::text_bytes_max, view);
    if (status != AC_OK) return status == AC_E_LIMIT ? AC_E_INVALID_ARGUMENT : status;
    if (view.empty()) return AC_E_INVALID_ARGUMENT;
    const Result<snapshot::NameId> interned = e.names().intern(view);
    if (!interned.ok()) return interned.error().code;
    *name = interned.value();
    return AC_OK;
  });
}

ac_status ac_engine_text(ac_engine engine, uint32_t name, ac_text* text) noexcept {
  return capi::call(engine::engines(), engine, [&](engine::Engine& e) -> ac_status {
    if (text == nullptr) return AC_E_NULL;
    if (!e.names().known(name)) return AC_E_NOT_FOUND;
    const std::string_view view = e.names().text(name);
    *text = {view.data(), view.size()};
    return AC_OK;
  });
}

ac_status ac_engine_dimensions(ac_engine engine, uint32_t* names, uint64_t capacity,
                               uint64_t* count) noexcept {
  return capi::call(engine::engines(), engine, [&](engine::Engine& e) -> ac_status {
    if (count == nullptr || (names == nullptr && capacity != 0)) return AC_E_NULL;
    const auto registry = e.registry();
    if (registry == nullptr) return AC_E_NO_REGISTRY;
    *count = registry->dimensions().size();
    if (capacity < *count) return AC_E_BUFFER_TOO_SMALL;
    for (const snapshot::Dimension& dimension : registry->dimensions()) *names++ = dimension.name;
    return AC_OK;
  });
}

ac_status ac_engine_clear(ac_engine engine) noexcept {
  return capi::call(engine::engines(), engine, [](engine::Engine& e) -> ac_status {
    e.clear();
    return AC_OK;
  });
}

ac_status ac_engine_get_metrics(ac_engine engine, ac_engine_metrics* metrics) noexcept {
  return capi::call(engine::engines(), engine, [&](engine::Engine& e) -> ac_status {
    if (metrics == nullptr) return AC_E_NULL;
    capi::write_view(metrics, e.metrics());
    return AC_OK;
  });
}
