#include "error.h"

#include <memory>

#include "base/handle_table.h"
#include "boundary.h"
#include "tables.h"

namespace actorcore::capi {
namespace {

struct HeldError {
  Error error;

  void release_handle() { delete this; }
};

using Errors = HandleTable<HeldError, HandleKind::error>;

// Never destroyed: a handle may be released while the process ends.
Errors& errors() {
  static Errors& table = *new Errors;
  return table;
}

ac_text view(const std::string& text) { return {text.data(), text.size()}; }

}  // namespace

Error error_of(ac_status status) {
  for (const StatusText& row : status_texts) {
    if (row.status == status) return Error(status, std::string(row.meaning));
  }
  return Error(status, "A handler's own status.");
}

ac_status give_error(ac_error* out, Error error) noexcept {
  const ac_status code = error.code;
  if (out == nullptr) return code;
  out->bits = 0;
  try {
    auto held = std::make_unique<HeldError>(HeldError{std::move(error)});
    out->bits = errors().insert(held.get());
    if (out->bits != 0) held.release();
  } catch (const std::bad_alloc&) {  // the code alone has to do
  }
  return code;
}

ac_status give_status(ac_error* out, ac_status status) noexcept {
  if (out == nullptr) return status;
  try {
    return give_error(out, error_of(status));
  } catch (const std::bad_alloc&) {
    out->bits = 0;
    return status;
  }
}

}  // namespace actorcore::capi

using actorcore::Error;
using namespace actorcore::capi;

ac_status ac_error_code(ac_error error, ac_status* code) noexcept {
  return call(errors(), error, [&](const auto& held) -> ac_status {
    if (code == nullptr) return AC_E_NULL;
    *code = held.error.code;
    return AC_OK;
  });
}

ac_status ac_error_message(ac_error error, ac_text* message) noexcept {
  return call(errors(), error, [&](const auto& held) -> ac_status {
    if (message == nullptr) return AC_E_NULL;
    *message = view(held.error.message);
    return AC_OK;
  });
}

ac_status ac_error_detail(ac_error error, uint64_t index, ac_text* key, ac_text* value) noexcept {
  return call(errors(), error, [&](const auto& held) -> ac_status {
    if (key == nullptr || value == nullptr) return AC_E_NULL;
    const auto& details = held.error.details;
    if (index >= details.size()) return AC_E_NOT_FOUND;
    *key = view(details[index].first);
    *value = view(details[index].second);
    return AC_OK;
  });
}

void ac_error_release(ac_error error) noexcept { errors().release(error.bits); }
