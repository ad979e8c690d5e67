#include "snapshot/contribution.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/entity_rows.h"
#include "snapshot/problems.h"

namespace actorcore::snapshot {
namespace {

// One output's rows being looked at; messages name the row.
class OutputChecker {
 public:
  OutputChecker(const ac_output& output, const Names& names) : output_(output), names_(names) {}

  Result<OutputCheck> check() {
    check_name(output_.system, "system", false);
    if (output_.failed > 1) fail(AC_E_INVALID_ARGUMENT, "failed must be 0 or 1");
    if (output_.reserved != 0) fail(AC_E_UNSUPPORTED, "reserved bytes are not zero");
    each(output_.contributions, output_.contribution_count, "contribution",
         [this](const ac_contribution& row) { look_at(row); });
    each(output_.caps, output_.cap_count, "cap", [this](const ac_cap& row) { look_at(row); });
    each(output_.modifiers, output_.modifier_count, "modifier",
         [this](const ac_modifier& row) { look_at(row); });
    check_contexts_differ();
    if (code_ != AC_OK) return Error(code_, message_);
    if (output_.failed != 0) found_.unworkable = AC_REJECT_SUBSYSTEM_FAILED;
    return found_;
  }

 private:
  template <class Row, class Look>
  void each(const Row* rows, std::uint64_t count, std::string_view what, Look look) {
    what_ = what;
    row_ = 0;
    if (count == 0 || code_ != AC_OK) return;
    if (rows == nullptr) return fail(AC_E_NULL, "the rows are null though their count is not 0");
    if (count > EntityRows::rows_max) {
      return fail(AC_E_LIMIT,
                  "an output has at most " + std::to_string(EntityRows::rows_max) + " of these");
    }
    for (const Row& row : std::span(rows, count)) {
      look(row);
      if (code_ != AC_OK) return;
      ++row_;
    }
  }

  void look_at(const ac_contribution& row) {
    check_name(row.dimension, "dimension", false);
    check_name(row.system, "system", true);
    if (row.bucket > AC_BUCKET_OVERRIDE) fail(AC_E_UNKNOWN_CONSTANT, "no such bucket");
    if (row.list > AC_LIST_DERIVED) fail(AC_E_UNKNOWN_CONSTANT, "no such list");
    check_reserved(row.reserved);
    check_finite(row.value);
  }

  void look_at(const ac_cap& row) {
    check_name(row.dimension, "dimension", false);
    check_name(row.system, "system", true);
    check_name(row.scope, "scope", true);
    check_name(row.realm, "realm", true);
    if (row.mode > AC_CAP_OVERRIDE) fail(AC_E_UNKNOWN_CONSTANT, "no such mode");
    if (row.kind > AC_CAP_KIND_MIN) fail(AC_E_UNKNOWN_CONSTANT, "no such kind");
    check_reserved(row.reserved);
    check_finite(row.value);
    const bool wrong_kind = (row.mode == AC_CAP_HARD_MAX && row.kind == AC_CAP_KIND_MIN) ||
                            (row.mode == AC_CAP_HARD_MIN && row.kind == AC_CAP_KIND_MAX);
    const bool no_realm = row.scope == realm_layer && row.realm == no_name;
    if (wrong_kind || no_realm) found_.bad_cap = true;
  }

  void look_at(const ac_modifier& row) {
    check_name(row.context, "context", false);
    check_finite(row.additive_percent);
    check_finite(row.post_add);
    if (row.multiplier_count == 0) return;
    if (row.multipliers == nullptr) {
      return fail(AC_E_NULL, "the multipliers are null though their count is not 0");
    }
    multipliers_ += row.multiplier_count;
    if (multipliers_ > EntityRows::rows_max) return fail(AC_E_LIMIT, "too many multipliers");
    for (const double multiplier : std::span(row.multipliers, row.multiplier_count)) {
      check_finite(multiplier);
    }
  }

  void check_contexts_differ() {
    if (code_ != AC_OK || output_.modifier_count < 2) return;
    thread_local std::vector<NameId> contexts;  // so that a put allocates nothing
    contexts.clear();
    for (const ac_modifier& row : std::span(output_.modifiers, output_.modifier_count)) {
      contexts.push_back(row.context);
    }
    std::sort(contexts.begin(), contexts.end());
    const auto twice = std::adjacent_find(contexts.begin(), contexts.end());
    if (twice == contexts.end()) return;
    fail(AC_E_INVALID_ARGUMENT,
         "context " + quoted(names_.text(*twice)) + " twice in one output; merge its modifiers");
  }

  void check_name(NameId name, std::string_view what, bool may_be_none) {
    if (names_.known(name) || (may_be_none && name == no_name)) return;
    fail(AC_E_INVALID_ARGUMENT, std::string(what) + " " + std::to_string(name) +
                                    " is no name of this engine; intern it first");
  }

  template <std::size_t count>
  void check_reserved(const std::uint64_t (&reserved)[count]) {
    for (const std::uint64_t word : reserved) {
      if (word != 0) fail(AC_E_UNSUPPORTED, "reserved bytes are not zero");
    }
  }

  void check_finite(double value) {
    if (!std::isfinite(value)) found_.unworkable = AC_REJECT_NOT_FINITE;
  }

  void fail(std::int32_t code, std::string reason) {
    if (code_ != AC_OK) return;
    code_ = code;
    message_ = "output of " + quoted(names_.text(output_.system));
    if (!what_.empty()) message_ += ", " + std::string(what_) + " " + std::to_string(row_);
    message_ += ": " + reason;
  }

  const ac_output& output_;
  const Names& names_;
  OutputCheck found_;
  std::string_view what_;
  std::uint64_t row_ = 0;
  std::uint64_t multipliers_ = 0;
  std::int32_t code_ = AC_OK;
  std::string message_;
};

}  // namespace

Result<OutputCheck> check_output(const ac_output& output, const Names& names) {
  return OutputChecker(output, names).check();
}

ContributionRow contribution_row(const ac_contribution& given, NameId owner) {
  return {
      .key = std::uint64_t{given.list} << 34 | std::uint64_t{given.dimension} << 2 | given.bucket,
      .priority = given.priority,
      .value = given.value,
      .system = given.system == no_name ? owner : given.system,
      .owner = owner};
}

CapRow cap_row(const ac_cap& given, NameId owner) {
  const NameId layer = given.scope == no_name ? total_layer : given.scope;
  return {.place = std::uint64_t{given.dimension} << 32 | layer,
          .priority = given.priority,
          .value = given.value,
          .system = given.system == no_name ? owner : given.system,
          .owner = owner,
          .kind = given.kind,
          .mode = given.mode};
}

ModifierRow modifier_row(const ac_modifier& given, const ac_output& output,
                         std::uint32_t first_multiplier) {
  return {.priority = output.priority,
          .additive_percent = given.additive_percent,
          .post_add = given.post_add,
          .context = given.context,
          .owner = output.system,
          .first_multiplier = first_multiplier,
          .multiplier_count = given.multiplier_count};
}

bool value_before(double left, double right) {
  if (left != right) return left < right;
  return std::signbit(left) && !std::signbit(right);
}

bool before(const ContributionRow& left, const ContributionRow& right, const Names& names) {
  if (left.key != right.key) return left.key < right.key;
  if (left.priority != right.priority) return left.priority > right.priority;
  if (left.system != right.system) return names.before(left.system, right.system);
  return value_before(left.value, right.value);
}

bool before(const CapRow& left, const CapRow& right, const Names& names) {
  if (left.place != right.place) return left.place < right.place;
  if (left.kind != right.kind) return left.kind < right.kind;
  if (left.mode != right.mode) return left.mode < right.mode;
  if (left.priority != right.priority) return left.priority > right.priority;
  if (left.system != right.system) return names.before(left.system, right.system);
  return value_before(left.value, right.value);
}

bool before(const ModifierRow& left, const ModifierRow& right, const Names& names) {
  if (left.context != right.context) return names.before(left.context, right.context);
  if (left.priority != right.priority) return left.priority > right.priority;
  return names.before(left.owner, right.owner);
}

}  // namespace actorcore::snapshot
