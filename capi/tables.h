// Tables: what the library says about itself, written by capi/generate.py into tables.cc.
//
// Threads:    constant data.
// Invariants: layout_rows is what the compiler made of the header, not what the description
//             computes; tables.cc asserts that both agree.
// Cost:       no initialisation at run time.
#ifndef ACTORCORE_CAPI_TABLES_H_
#define ACTORCORE_CAPI_TABLES_H_

#include <span>
#include <string_view>

#include "actorcore/actorcore.h"

namespace actorcore::capi {

struct StatusText {
  ac_status status;
  std::string_view name;
  std::string_view meaning;
};

extern const std::span<const ac_layout_row> layout_rows;
extern const std::span<const StatusText> status_texts;
extern const ac_api function_table;

}  // namespace actorcore::capi

#endif  // ACTORCORE_CAPI_TABLES_H_
