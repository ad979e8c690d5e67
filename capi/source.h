// Source: a document of the caller's, as the readers take it.
//
// Threads:    plain functions.
// Invariants: views of the caller's memory, read during the call only.
// Cost:       none beyond the checks.
#ifndef ACTORCORE_CAPI_SOURCE_H_
#define ACTORCORE_CAPI_SOURCE_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "boundary.h"
#include "snapshot/document.h"

namespace actorcore::capi {

inline Result<snapshot::Source> read_source(const ac_source* options) {
  ac_source given;
  if (const ac_status status = read_options(options, given); status != AC_OK) {
    return error_of(status);
  }
  if (given.format > AC_FORMAT_YAML) {
    return Error(AC_E_UNKNOWN_CONSTANT, "`format` is no AC_FORMAT");
  }
  snapshot::Source source;
  const auto read = [](ac_text text, std::uint64_t size_max, std::string_view& view) {
    const ac_status status = read_text(text, size_max, view);
    if (view.data() == nullptr) view = std::string_view("");
    return status;
  };
  ac_status status = read(given.text, snapshot::Document::bytes_max, source.text);
  if (status == AC_OK) status = read(given.label, 4096, source.name);
  if (status == AC_OK) status = read(given.member, 4096, source.member);
  if (status == AC_E_LIMIT) {
    return Error(status,
                 "a document has at most 256 MiB, a label and a member at most 4,096 bytes");
  }
  if (status != AC_OK) return Error(status, "a text of `source` has a size but no pointer");
  source.format = static_cast<snapshot::Format>(given.format);
  return source;
}

// Copies a text into the caller's buffer, all or nothing, and says how long it is.
inline ac_status copy_out(std::string_view text, char* buffer, std::uint64_t capacity,
                          std::uint64_t* size) {
  if (size == nullptr || (buffer == nullptr && capacity != 0)) return AC_E_NULL;
  *size = text.size();
  if (capacity < text.size()) return AC_E_BUFFER_TOO_SMALL;
  std::copy(text.begin(), text.end(), buffer);
  return AC_OK;
}

}  // namespace actorcore::capi

#endif  // ACTORCORE_CAPI_SOURCE_H_
