// Receipt text: a receipt as one line of JSON, and the words of its constants.
//
// Threads:    pure functions.
// Invariants: the line is valid JSON, spaced as json.dumps() does, with the members of each step
//             that its kind has. Numbers that are not finite are the texts nan, inf and -inf.
// Cost:       one pass.
#ifndef ACTORCORE_SNAPSHOT_RECEIPT_TEXT_H_
#define ACTORCORE_SNAPSHOT_RECEIPT_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "snapshot/receipt.h"

namespace actorcore::snapshot {

std::string print(const Receipt& receipt);

// The rules' words where they have one, else the constant's name in small letters; `none` for what
// is no such constant.
std::string_view step_word(std::uint32_t kind);      // AC_STEP_*
std::string_view fold_word(std::uint32_t fold);      // AC_FOLD_*
std::string_view policy_word(std::uint32_t policy);  // AC_ACROSS_*
std::string_view bucket_word(std::uint32_t bucket);  // AC_BUCKET_*
std::string_view mode_word(std::uint32_t mode);      // AC_CAP_*
std::string_view bound_word(std::uint32_t bound);    // AC_BOUND_*
std::string_view list_word(std::uint32_t list);      // AC_LIST_*
std::string_view origin_word(std::uint32_t origin);  // AC_ORIGIN_*

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_RECEIPT_TEXT_H_
