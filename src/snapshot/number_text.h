// Number text: decimal literals to binary64 and back.
//
// Threads:    pure functions, whatever the locale.
// Invariants: reading rounds to nearest; a literal without fraction and exponent is an integer
//             first, so that -0 is +0. Writing gives the shortest text that reads back to the same
//             bits, with a fraction or an exponent, as Python's repr does.
// Cost:       no allocation.
#ifndef ACTORCORE_SNAPSHOT_NUMBER_TEXT_H_
#define ACTORCORE_SNAPSHOT_NUMBER_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace actorcore::snapshot {

// Bytes of the decimal number that `text` begins with, 0 where it begins with none:
// [-+]? (digits (. digits?)? | . digits) ([eE] [-+]? digits)?
std::size_t number_size(std::string_view text);

// The value of such a literal; none where it is beyond binary64's range.
std::optional<double> number_from(std::string_view literal);

// Whether a literal of that form has neither fraction nor exponent.
bool is_integer_literal(std::string_view literal);

// 1.0, -0.0, 1e+16, 1e-05; nan, inf and -inf are not JSON, and written so.
void append_number(std::string& text, double value);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_NUMBER_TEXT_H_
