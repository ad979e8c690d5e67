// Status: what a caller, peer, file or disk can cause, as a value.
//
// Threads:    plain values, no sharing.
// Invariants: codes are the ABI's own (AC_OK, AC_E_*), so no table translates them. An Error's code
//             is never AC_OK.
// Cost:       the ok path of Result<T> is T and one byte; an Error allocates.
#ifndef ACTORCORE_BASE_STATUS_H_
#define ACTORCORE_BASE_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "actorcore/actorcore.h"
#include "base/check.h"

namespace actorcore {

struct Error {
  std::int32_t code;
  std::string message;  // says what to do
  std::vector<std::pair<std::string, std::string>> details;

  Error(std::int32_t code_in, std::string message_in)
      : code(code_in), message(std::move(message_in)) {}
  Error&& with(std::string key, std::string value) && {
    details.emplace_back(std::move(key), std::move(value));
    return std::move(*this);
  }
};

// A T, or why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return held_.index() == 0; }
  T& value() & { return check_ok(), *std::get_if<0>(&held_); }
  const T& value() const& { return check_ok(), *std::get_if<0>(&held_); }
  T&& value() && { return check_ok(), std::move(*std::get_if<0>(&held_)); }
  const Error& error() const& { return check_failed_state(), *std::get_if<1>(&held_); }
  Error&& error() && { return check_failed_state(), std::move(*std::get_if<1>(&held_)); }

 private:
  void check_ok() const { AC_CHECK(ok()); }
  void check_failed_state() const { AC_CHECK(!ok()); }

  std::variant<T, Error> held_;
};

// Nothing, or why it did not happen.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace actorcore

#endif  // ACTORCORE_BASE_STATUS_H_
