#include "boundary.h"
#include "runtime/system.h"
#include "tables.h"

using namespace actorcore;

namespace {

// The library's own types are among the constants that the description generates.
std::string_view library_type_name(std::uint32_t type) {
  static constexpr std::string_view prefix = "AC_TYPE_";
  for (const ac_layout_row& row : capi::layout_rows) {
    const std::string_view name(row.name.data, row.name.size);
    if (row.value == type && name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return {};
}

}  // namespace

ac_status ac_name_register(ac_system system, ac_text name, ac_actor actor,
                           uint32_t flags) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    std::string_view text;
    if (const ac_status status = capi::read_name(name, text); status != AC_OK) return status;
    if ((flags & ~static_cast<std::uint32_t>(AC_NAME_SHARED)) != 0) return AC_E_UNKNOWN_CONSTANT;
    return s.names().add(text, runtime::Id{actor.bits}, (flags & AC_NAME_SHARED) != 0);
  });
}

ac_status ac_name_unregister(ac_system system, ac_text name, ac_actor actor) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    std::string_view text;
    if (const ac_status status = capi::read_name(name, text); status != AC_OK) return status;
    return s.names().remove(text, runtime::Id{actor.bits});
  });
}

ac_status ac_name_subscribe(ac_system system, ac_text pattern, ac_actor subscriber) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    std::string_view text;
    const ac_status status = capi::read_text(pattern, runtime::names_bytes_max, text);
    return status != AC_OK ? status : s.names().subscribe(text, runtime::Id{subscriber.bits});
  });
}

ac_status ac_name_unsubscribe(ac_system system, ac_text pattern, ac_actor subscriber) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    std::string_view text;
    const ac_status status = capi::read_text(pattern, runtime::names_bytes_max, text);
    return status != AC_OK ? status : s.names().unsubscribe(text, runtime::Id{subscriber.bits});
  });
}

ac_status ac_system_names(ac_system system, ac_text pattern, const ac_named* after, ac_named* names,
                          uint64_t capacity, uint64_t* count) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (count == nullptr || (names == nullptr && capacity != 0)) return AC_E_NULL;
    std::string_view text;
    const ac_status status = capi::read_text(pattern, runtime::names_bytes_max, text);
    if (status == AC_OK) *count = s.names().list(text, after, names, capacity);
    return status;
  });
}

ac_status ac_type_register(ac_system system, uint32_t type, ac_text name) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    std::string_view text;
    if (const ac_status status = capi::read_name(name, text); status != AC_OK) return status;
    return type >= AC_TYPE_STARTED ? AC_E_INVALID_ARGUMENT : s.type_names().add(type, text);
  });
}

ac_status ac_type_name(ac_system system, uint32_t type, ac_text* name) noexcept {
  return capi::call(runtime::systems(), system, [&](runtime::System& s) -> ac_status {
    if (name == nullptr) return AC_E_NULL;
    const std::string_view found =
        type >= AC_TYPE_STARTED ? library_type_name(type) : s.type_names().find(type);
    if (found.empty()) return AC_E_NOT_FOUND;
    *name = {found.data(), found.size()};
    return AC_OK;
  });
}
