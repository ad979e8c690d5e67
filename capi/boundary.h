// Boundary: the one crossing between the C ABI and C++.
//
// Threads:    any.
// Invariants: nothing but a status leaves a shim: exhausted memory is AC_E_NO_MEMORY, any other
//             exception AC_E_INTERNAL. A caller's struct is read as bytes, up to the size that it
//             states and never past it.
// Cost:       guard is free until something throws; call is one pin.
#ifndef ACTORCORE_CAPI_BOUNDARY_H_
#define ACTORCORE_CAPI_BOUNDARY_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "actorcore/actorcore.h"
#include "base/status.h"
#include "error.h"
#include "runtime/limits.h"

namespace actorcore::capi {

// Bodies of shims return either.
inline ac_status status_of(ac_status status) { return status; }
inline ac_status status_of(const Result<void>& result) {
  return result.ok() ? AC_OK : result.error().code;
}
// What a body that returns either comes to; a Result is made where it is wanted, and never moved.
template <class Body, class... Arguments>
Result<void> result_of(Body&& body, Arguments&... arguments) {
  if constexpr (std::is_same_v<std::invoke_result_t<Body, Arguments&...>, ac_status>) {
    const ac_status status = body(arguments...);
    if (status == AC_OK) return {};
    return error_of(status);
  } else {
    return body(arguments...);
  }
}

// Runs a shim's body, which returns an ac_status or a Result<void>.
template <class Body>
ac_status guard(Body&& body) noexcept {
  try {
    return status_of(body());
  } catch (const std::bad_alloc&) {
    return AC_E_NO_MEMORY;
  } catch (...) {
    return AC_E_INTERNAL;
  }
}

// The same for a control call: every failure is also put behind `error`, which may be null.
template <class Body>
ac_status guard(ac_error* error, Body&& body) noexcept {
  try {
    Result<void> result = result_of(body);
    return result.ok() ? AC_OK : give_error(error, std::move(result).error());
  } catch (const std::bad_alloc&) {
    return give_status(error, AC_E_NO_MEMORY);
  } catch (...) {
    return give_status(error, AC_E_INTERNAL);
  }
}

// What to say of a handle that names no object.
template <class Handle>
ac_status no_object(Handle handle) {
  return handle.bits == 0 ? AC_E_NO_HANDLE : AC_E_STALE;
}

// Runs the body on the object behind a handle, which stays alive meanwhile.
template <class Table, class Handle, class Body>
ac_status call(Table& table, Handle handle, Body&& body) noexcept {
  return guard([&] {
    const auto pin = table.pin(handle.bits);
    return pin ? status_of(body(*pin)) : no_object(handle);
  });
}

template <class Table, class Handle, class Body>
ac_status call(Table& table, Handle handle, ac_error* error, Body&& body) noexcept {
  return guard(error, [&]() -> Result<void> {
    const auto pin = table.pin(handle.bits);
    if (!pin) return error_of(no_object(handle));
    return result_of(body, *pin);
  });
}

// A struct whose stated size is beyond this was not meant: no later version is that large.
inline constexpr std::uint32_t struct_size_max = 4096;

// Reads an option struct of any version: what it lacks is zero, what we do not know must be.
template <class T>
ac_status read_options(const T* given, T& known) {
  known = T{};
  if (given == nullptr) return AC_E_NULL;
  const std::uint32_t size = given->struct_size;
  if (size > struct_size_max) return AC_E_UNSUPPORTED;
  const auto* bytes = reinterpret_cast<const unsigned char*>(given);
  const bool known_all = size <= sizeof(T) || std::all_of(bytes + sizeof(T), bytes + size,
                                                          [](auto byte) { return byte == 0; });
  if (!known_all) return AC_E_UNSUPPORTED;
  std::memcpy(&known, bytes, std::min<std::size_t>(size, sizeof(T)));
  known.struct_size = sizeof(T);
  if constexpr (requires { known.reserved; }) {
    if (known.reserved != 0) return AC_E_UNSUPPORTED;
  }
  return AC_OK;
}

// The same where null takes every default.
template <class T>
ac_status read_optional(const T* given, T& known) {
  static constexpr T defaults{};
  return read_options(given == nullptr ? &defaults : given, known);
}

// Fills a view of any version as far as its caller knows it.
template <class T>
void write_view(T* out, T full) {
  full.struct_size = static_cast<std::uint32_t>(std::min<std::size_t>(out->struct_size, sizeof(T)));
  std::memcpy(out, &full, std::max(full.struct_size, std::uint32_t{sizeof full.struct_size}));
}

// A text, at most `size_max` long.
inline ac_status read_text(ac_text given, std::uint64_t size_max, std::string_view& text) {
  if (given.data == nullptr && given.size != 0) return AC_E_NULL;
  if (given.size > size_max) return AC_E_LIMIT;
  text = {given.data, static_cast<std::size_t>(given.size)};
  return AC_OK;
}

// A name; an empty one is none.
inline ac_status read_name(ac_text given, std::string_view& name) {
  const ac_status status = read_text(given, runtime::names_bytes_max, name);
  return status == AC_OK && name.empty() ? AC_E_INVALID_ARGUMENT : status;
}

// A file's path.
inline Result<std::string> read_path(ac_text given) {
  std::string_view path;
  if (const ac_status status = read_text(given, 4'095, path); status != AC_OK) {
    return error_of(status);
  }
  if (path.empty() || path.find('\0') != std::string_view::npos) {
    return Error(AC_E_INVALID_ARGUMENT, "a path is not empty and has no NUL in it");
  }
  return std::string(path);
}

// An array, at most `count_max` long.
template <class T>
ac_status read_array(const T* given, std::uint64_t count, std::uint64_t count_max,
                     std::span<const T>& array) {
  if (given == nullptr && count != 0) return AC_E_NULL;
  if (count > count_max) return AC_E_LIMIT;
  array = {given, static_cast<std::size_t>(count)};
  return AC_OK;
}

}  // namespace actorcore::capi

#endif  // ACTORCORE_CAPI_BOUNDARY_H_
