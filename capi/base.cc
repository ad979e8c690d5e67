#include <string_view>

#include "boundary.h"
#include "tables.h"

using namespace actorcore::capi;

uint32_t ac_version() noexcept { return AC_API_VERSION; }

ac_status ac_build_info(ac_text* info) noexcept {
  if (info == nullptr) return AC_E_NULL;
  static constexpr std::string_view text = AC_BUILD_INFO;
  *info = {text.data(), text.size()};
  return AC_OK;
}

ac_status ac_layout(const ac_layout_row** rows, uint64_t* count) noexcept {
  if (rows == nullptr || count == nullptr) return AC_E_NULL;
  *rows = layout_rows.data();
  *count = layout_rows.size();
  return AC_OK;
}

ac_status ac_get_api(uint32_t version, const ac_api** api) noexcept {
  if (api == nullptr) return AC_E_NULL;
  const bool same_major = version >> 16 == AC_API_VERSION >> 16;
  if (version != 0 && (!same_major || version > AC_API_VERSION)) return AC_E_UNSUPPORTED;
  *api = &function_table;
  return AC_OK;
}
