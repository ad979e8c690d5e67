#include "boundary.h"
#include "tables.h"

using actorcore::capi::status_texts;
using actorcore::capi::StatusText;

uint32_t ac_status_is_retryable(ac_status status) noexcept {
  return status == AC_E_TIMEOUT || status == AC_E_BUSY || status == AC_E_NO_MEMORY ||
         status == AC_E_FULL || status == AC_E_OVERLOADED;
}

uint32_t ac_status_is_gone(ac_status status) noexcept {
  return status == AC_E_STALE || status == AC_E_STOPPED;
}

ac_status ac_status_text(ac_status status, ac_text* name, ac_text* meaning) noexcept {
  if (name == nullptr) return AC_E_NULL;
  for (const StatusText& row : status_texts) {
    if (row.status != status) continue;
    *name = {row.name.data(), row.name.size()};
    if (meaning != nullptr) *meaning = {row.meaning.data(), row.meaning.size()};
    return AC_OK;
  }
  return AC_E_UNKNOWN_CONSTANT;
}
