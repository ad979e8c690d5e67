#include "snapshot/snapshot.h"

#include "boundary.h"
#include "engine/entity.h"
#include "engine/tables.h"
#include "snapshot/snapshot_text.h"
#include "source.h"

using namespace actorcore;

namespace {

ac_snapshot_view view_of(const snapshot::Snapshot& snapshot) {
  const auto count = [](const auto& array) { return static_cast<std::uint32_t>(array.size()); };
  const snapshot::NamedValues primary = snapshot.primary();
  const snapshot::NamedValues derived = snapshot.derived();
  const snapshot::CapsUsed caps = snapshot.caps_used();
  const std::string_view id = snapshot.actor_id();
  ac_snapshot_view view{};
  view.primary_count = count(primary.names);
  view.derived_count = count(derived.names);
  view.cap_count = count(caps.names);
  view.context_count = count(snapshot.contexts());
  view.error_count = count(snapshot.errors());
  view.actor_id = {id.data(), id.size()};
  view.version = snapshot.version();
  view.created_at = snapshot.created_at();
  view.primary_names = primary.names.data();
  view.primary_values = primary.values.data();
  view.derived_names = derived.names.data();
  view.derived_values = derived.values.data();
  view.cap_names = caps.names.data();
  view.cap_mins = caps.min.data();
  view.cap_maxs = caps.max.data();
  view.contexts = snapshot.contexts().data();
  view.errors = snapshot.errors().data();
  return view;
}

}  // namespace

ac_status ac_snapshot_get(ac_snapshot snapshot, ac_snapshot_view* view) noexcept {
  return capi::call(engine::snapshots(), snapshot, [&](const auto& held) -> ac_status {
    if (view == nullptr) return AC_E_NULL;
    capi::write_view(view, view_of(held));
    return AC_OK;
  });
}

ac_status ac_snapshot_value(ac_snapshot snapshot, uint32_t list, uint32_t dimension,
                            double* value) noexcept {
  return capi::call(engine::snapshots(), snapshot, [&](const auto& held) -> ac_status {
    if (value == nullptr) return AC_E_NULL;
    if (list > AC_LIST_DERIVED) return AC_E_UNKNOWN_CONSTANT;
    const double* const found = held.find(list, dimension);
    if (found == nullptr) return AC_E_UNKNOWN_DIMENSION;
    *value = *found;
    return AC_OK;
  });
}

ac_status ac_snapshot_apply(ac_snapshot snapshot, uint32_t context, double base,
                            double* value) noexcept {
  return capi::call(engine::snapshots(), snapshot, [&](const auto& held) -> ac_status {
    if (value == nullptr) return AC_E_NULL;
    *value = held.apply(context, base);
    return AC_OK;
  });
}

ac_status ac_snapshot_json(ac_snapshot snapshot, char* buffer, uint64_t capacity,
                           uint64_t* size) noexcept {
  return capi::call(engine::snapshots(), snapshot, [&](const auto& held) {
    return capi::copy_out(print(held, held.vocabulary()), buffer, capacity, size);
  });
}

ac_status ac_snapshot_retain(ac_snapshot snapshot) noexcept {
  if (engine::snapshots().retain(snapshot.bits)) return AC_OK;
  return capi::no_object(snapshot);
}

void ac_snapshot_release(ac_snapshot snapshot) noexcept {
  engine::snapshots().release(snapshot.bits);
}

ac_status ac_resolve_case(ac_engine engine, const ac_source* source, uint32_t flags,
                          ac_snapshot* snapshot, ac_error* error) noexcept {
  return capi::call(engine::engines(), engine, error, [&](engine::Engine& e) -> Result<void> {
    if (snapshot == nullptr) return capi::error_of(AC_E_NULL);
    if ((flags & ~static_cast<std::uint32_t>(AC_RESOLVE_STRICT | AC_RESOLVE_FRESH)) != 0) {
      return Error(AC_E_UNKNOWN_CONSTANT, "`flags` has a bit that is no AC_RESOLVE flag");
    }
    auto read = capi::read_source(source);
    if (!read.ok()) return std::move(read).error();
    auto folded = e.fold_case(read.value(), (flags & AC_RESOLVE_STRICT) != 0);
    if (!folded.ok()) return std::move(folded).error();
    auto made = engine::hand_out(std::move(folded).value());
    if (!made.ok()) return std::move(made).error();
    *snapshot = made.value();
    return {};
  });
}
