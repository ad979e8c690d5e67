#include "snapshot/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <system_error>

#include "base/check.h"

namespace actorcore::snapshot {
namespace {

constexpr int exponent_limit = 1'000'000'000;  // beyond any literal that fits in memory

std::size_t digits_at(std::string_view text, std::size_t from) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789", from), text.size());
  return end - std::min(from, end);
}

// 1 where there is one of the characters.
std::size_t one_of(std::string_view characters, std::string_view text, std::size_t at) {
  return at < text.size() && characters.find(text[at]) != std::string_view::npos ? 1 : 0;
}

// The power of ten of the first digit that is not zero; which there is.
long leading_exponent(std::string_view literal) {
  const std::size_t e = literal.find_first_of("eE");
  const std::string_view digits = literal.substr(0, e);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = digits.find_first_not_of("+-0.");
  AC_CHECK(first != std::string_view::npos);
  const long of_digits = static_cast<long>(point) - static_cast<long>(first);
  if (e == std::string_view::npos) return of_digits;
  std::string_view exponent = literal.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  int power = exponent.starts_with('-') ? -exponent_limit : exponent_limit;
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);  // unless too big
  return of_digits + std::clamp(power, -exponent_limit, exponent_limit);
}

// Python writes an exponent below 1e-4 and from 1e16.
void append_digits(std::string& text, std::string_view digits, int exponent) {
  const int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {
    text += digits[0];
    if (count > 1) text.append(1, '.').append(digits.substr(1));
    text += exponent < 0 ? "e-" : "e+";
    const std::string power = std::to_string(std::abs(exponent));
    text.append(power.size() < 2 ? 1 : 0, '0').append(power);
  } else if (exponent < 0) {
    text.append("0.").append(static_cast<std::size_t>(-exponent - 1), '0').append(digits);
  } else if (count <= exponent + 1) {
    text.append(digits).append(static_cast<std::size_t>(exponent + 1 - count), '0').append(".0");
  } else {
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    text.append(digits.substr(0, whole)).append(1, '.').append(digits.substr(whole));
  }
}

}  // namespace

std::size_t number_size(std::string_view text) {
  std::size_t at = one_of("-+", text, 0);
  const std::size_t whole = digits_at(text, at);
  at += whole;
  std::size_t fraction = 0;
  if (one_of(".", text, at) == 1) {
    fraction = digits_at(text, at + 1);
    at += 1 + fraction;
  }
  if (whole + fraction == 0) return 0;
  if (one_of("eE", text, at) == 0) return at;
  const std::size_t power = at + 1 + one_of("-+", text, at + 1);
  const std::size_t power_digits = digits_at(text, power);
  return power_digits == 0 ? at : power + power_digits;
}

bool is_integer_literal(std::string_view literal) {
  return literal.find_first_of(".eE") == std::string_view::npos;
}

std::optional<double> number_from(std::string_view literal) {
  const bool negative = literal.starts_with('-');
  if (literal.starts_with('+')) literal.remove_prefix(1);
  double value = 0.0;
  const auto [end, failure] =
      std::from_chars(literal.data(), literal.data() + literal.size(), value);
  if (failure == std::errc::result_out_of_range) {
    if (leading_exponent(literal) > 0) return std::nullopt;
    return negative ? -0.0 : 0.0;  // too small to tell from zero
  }
  AC_CHECK(failure == std::errc() && end == literal.data() + literal.size());
  if (value == 0.0 && is_integer_literal(literal)) return 0.0;
  return value;
}

void append_number(std::string& text, double value) {
  if (!std::isfinite(value)) {
    text += std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
    return;
  }
  char buffer[32];
  const auto written =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  std::string_view scientific(buffer, static_cast<std::size_t>(written.ptr - buffer));
  if (scientific.starts_with('-')) {
    text += '-';
    scientific.remove_prefix(1);
  }
  const std::size_t e = scientific.find('e');
  int exponent = 0;
  std::string_view power = scientific.substr(e + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  std::string digits(scientific.substr(0, 1));
  if (e > 2) digits.append(scientific.substr(2, e - 2));
  append_digits(text, digits, exponent);
}

}  // namespace actorcore::snapshot
