#include "engine/entity.h"

#include <string>
#include <string_view>

#include "boundary.h"
#include "engine/output_list.h"
#include "engine/resolve.h"
#include "snapshot/utf8.h"
#include "source.h"

using namespace actorcore;

namespace {

constexpr std::uint32_t resolve_flags = AC_RESOLVE_STRICT | AC_RESOLVE_FRESH;
constexpr std::uint64_t batch_max = std::uint64_t{1} << 32;

Error unknown_flag() {
  return Error(AC_E_UNKNOWN_CONSTANT, "`flags` has a bit that is no AC_RESOLVE flag");
}

// A short text of a profile.
Result<void> read(ac_text given, const char* field, std::string& text) {
  std::string_view view;
  const ac_status status = capi::read_text(given, snapshot::Profile::id_bytes_max, view);
  if (status == AC_E_LIMIT) {
    return Error(status, "`" + std::string(field) + "` has at most 4,096 bytes");
  }
  if (status != AC_OK) return capi::error_of(status);
  if (!snapshot::is_utf8(view)) {
    return Error(AC_E_INVALID_ARGUMENT, "`" + std::string(field) + "` is not UTF-8");
  }
  text = view;
  return {};
}

// A JSON text of a profile, read by `set`; empty is none.
template <class Set>
Result<void> read_json(ac_text given, std::string_view label, Set set) {
  std::string_view view;
  const ac_status status = capi::read_text(given, snapshot::Document::bytes_max, view);
  if (status == AC_E_LIMIT) return Error(status, std::string(label) + " has at most 256 MiB");
  if (status != AC_OK) return capi::error_of(status);
  if (view.empty()) return {};
  return set(snapshot::Source{.name = label, .text = view, .format = snapshot::Format::json});
}

Result<snapshot::Profile> read(const ac_profile* options) {
  ac_profile given;
  if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  if (given.reserved != 0) return Error(AC_E_UNSUPPORTED, "`reserved` is not zero");
  snapshot::Profile profile;
  Result<void> done = read(given.id, "id", profile.id);
  if (done.ok() && profile.id.empty()) {
    return Error(AC_E_INVALID_ARGUMENT, "`id` is required");
  }
  if (done.ok()) done = read(given.name, "name", profile.name);
  if (done.ok()) done = read(given.race, "race", profile.race);
  if (done.ok()) {
    done = read_json(given.subsystems, "subsystems",
                     [&](const auto& source) { return profile.set_subsystems(source); });
  }
  if (done.ok()) {
    done =
        read_json(given.data, "data", [&](const auto& source) { return profile.set_data(source); });
  }
  if (!done.ok()) return std::move(done).error();
  profile.lifespan = given.lifespan;
  profile.age = given.age;
  profile.created_at = given.created_at;
  profile.updated_at = given.updated_at;
  profile.version = given.version == 0 ? 1 : given.version;
  return profile;
}

// Puts a resolve's snapshot where the caller wants it.
Result<void> give(Result<ac_snapshot>&& made, ac_snapshot* snapshot) {
  if (!made.ok()) return std::move(made).error();
  *snapshot = made.value();
  return {};
}

Result<void> resolve_async(engine::Engine& engine, const ac_resolve_options* options) {
  ac_resolve_options given;
  if (const ac_status status = capi::read_options(options, given); status != AC_OK) {
    return capi::error_of(status);
  }
  if ((given.flags & ~resolve_flags) != 0) return unknown_flag();
  engine::AsyncRequest request{.flags = given.flags,
                               .timeout_ns = given.timeout_ns,
                               .reply_to = given.reply_to,
                               .correlation = given.correlation};
  ac_status status = capi::read_array(given.entities, given.count, batch_max, request.entities);
  if (status == AC_OK) {
    status = capi::read_array(given.context.data, given.context.size, AC_PAYLOAD_BYTES_MAX,
                              request.context);
  }
  if (status == AC_E_LIMIT) {
    return Error(status, "at most 2^32 entities and 1 GiB of context in one call");
  }
  if (status != AC_OK) return capi::error_of(status);
  return engine::resolve_async(engine, request);
}

template <class Row>
ac_status put_row(ac_entity entity, uint32_t system, const Row* row, ac_error* error) noexcept {
  return capi::call(engine::entities(), entity, error, [&](engine::Entity& e) -> Result<void> {
    if (row == nullptr) return capi::error_of(AC_E_NULL);
    return e.put_row(system, *row);
  });
}

template <class Row>
ac_status remove_row(ac_entity entity, uint32_t system, const Row* row, ac_error* error) noexcept {
  return capi::call(engine::entities(), entity, error, [&](engine::Entity& e) -> Result<void> {
    if (row == nullptr) return capi::error_of(AC_E_NULL);
    return e.remove_row(system, *row);
  });
}

}  // namespace

ac_status ac_entity_create(ac_engine engine, const ac_profile* profile, ac_entity* entity,
                           ac_error* error) noexcept {
  return capi::call(engine::engines(), engine, error, [&](engine::Engine& e) -> Result<void> {
    if (entity == nullptr) return capi::error_of(AC_E_NULL);
    auto given = read(profile);
    if (!given.ok()) return std::move(given).error();
    auto made = engine::Entity::create(e.shared_from_this(), std::move(given).value());
    if (!made.ok()) return std::move(made).error();
    *entity = made.value();
    return {};
  });
}

void ac_entity_release(ac_entity entity) noexcept { engine::entities().release(entity.bits); }

ac_status ac_entity_set_profile(ac_entity entity, const ac_profile* profile,
                                ac_error* error) noexcept {
  return capi::call(engine::entities(), entity, error, [&](engine::Entity& e) -> Result<void> {
    auto given = read(profile);
    if (!given.ok()) return std::move(given).error();
    e.set_profile(std::move(given).value());
    return {};
  });
}

ac_status ac_entity_profile(ac_entity entity, char* buffer, uint64_t capacity,
                            uint64_t* size) noexcept {
  return capi::call(engine::entities(), entity, [&](engine::Entity& e) {
    return capi::copy_out(e.profile_text(), buffer, capacity, size);
  });
}

ac_status ac_entity_put(ac_entity entity, const ac_output* output) noexcept {
  return capi::call(engine::entities(), entity, [&](engine::Entity& e) -> ac_status {
    ac_output given;
    if (const ac_status status = capi::read_options(output, given); status != AC_OK) return status;
    return capi::status_of(e.put(given));
  });
}

ac_status ac_entity_put_all(ac_entity entity, ac_outputs outputs) noexcept {
  return capi::call(engine::entities(), entity, [&](engine::Entity& e) -> ac_status {
    const auto list = engine::output_lists().pin(outputs.bits);
    if (!list) return capi::no_object(outputs);
    if (&list->engine() != &e.engine()) return AC_E_WRONG_SYSTEM;
    return capi::status_of(e.put_all(list->outputs()));
  });
}

ac_status ac_entity_remove(ac_entity entity, uint32_t system) noexcept {
  return capi::call(engine::entities(), entity,
                    [&](engine::Entity& e) { return e.remove(system); });
}

ac_status ac_entity_put_contribution(ac_entity entity, uint32_t system, const ac_contribution* row,
                                     ac_error* error) noexcept {
  return put_row(entity, system, row, error);
}

ac_status ac_entity_put_cap(ac_entity entity, uint32_t system, const ac_cap* row,
                            ac_error* error) noexcept {
  return put_row(entity, system, row, error);
}

ac_status ac_entity_remove_contribution(ac_entity entity, uint32_t system,
                                        const ac_contribution* row, ac_error* error) noexcept {
  return remove_row(entity, system, row, error);
}

ac_status ac_entity_remove_cap(ac_entity entity, uint32_t system, const ac_cap* row,
                               ac_error* error) noexcept {
  return remove_row(entity, system, row, error);
}

ac_status ac_resolve(ac_entity entity, uint32_t flags, ac_snapshot* snapshot,
                     ac_error* error) noexcept {
  return capi::call(engine::entities(), entity, error, [&](engine::Entity& e) -> Result<void> {
    if (snapshot == nullptr) return capi::error_of(AC_E_NULL);
    if ((flags & ~resolve_flags) != 0) return unknown_flag();
    return give(engine::resolve(e, flags), snapshot);
  });
}

ac_status ac_resolve_with_context(ac_entity entity, uint32_t flags, ac_bytes context,
                                  uint64_t timeout_ns, ac_snapshot* snapshot,
                                  ac_error* error) noexcept {
  return capi::call(engine::entities(), entity, error, [&](engine::Entity& e) -> Result<void> {
    if (snapshot == nullptr) return capi::error_of(AC_E_NULL);
    if ((flags & ~resolve_flags) != 0) return unknown_flag();
    std::span<const std::uint8_t> bytes;
    const ac_status status =
        capi::read_array(context.data, context.size, AC_PAYLOAD_BYTES_MAX, bytes);
    if (status == AC_E_LIMIT) return Error(status, "a context has at most 1 GiB");
    if (status != AC_OK) return capi::error_of(status);
    return give(engine::resolve_with_context(e, flags, bytes, timeout_ns), snapshot);
  });
}

ac_status ac_resolve_batch(const ac_entity* entities, uint64_t count, uint32_t flags,
                           ac_snapshot* snapshots, ac_status* statuses,
                           uint64_t* resolved) noexcept {
  return capi::guard([&]() -> ac_status {
    if ((flags & ~resolve_flags) != 0) return AC_E_UNKNOWN_CONSTANT;
    if (snapshots == nullptr && count != 0) return AC_E_NULL;
    std::span<const ac_entity> handles;
    const ac_status status = capi::read_array(entities, count, batch_max, handles);
    if (status != AC_OK) return status;
    return engine::resolve_batch(handles, flags, snapshots, statuses, resolved);
  });
}

ac_status ac_resolve_async(ac_engine engine, const ac_resolve_options* options,
                           ac_error* error) noexcept {
  return capi::call(engine::engines(), engine, error,
                    [&](engine::Engine& e) { return resolve_async(e, options); });
}

ac_status ac_get_cached_snapshot(ac_entity entity, ac_snapshot* snapshot) noexcept {
  return capi::call(engine::entities(), entity, [&](engine::Entity& e) -> ac_status {
    if (snapshot == nullptr) return AC_E_NULL;
    const ac_snapshot cached = e.cached();
    e.engine().count(cached.bits != 0 ? engine::Count::cached : engine::Count::missed);
    if (cached.bits == 0) return AC_E_NOT_CACHED;
    *snapshot = cached;
    return AC_OK;
  });
}

ac_status ac_invalidate(ac_entity entity) noexcept {
  return capi::call(engine::entities(), entity, [](engine::Entity& e) -> ac_status {
    e.invalidate();
    return AC_OK;
  });
}
