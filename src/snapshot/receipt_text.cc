#include "snapshot/receipt_text.h"

#include <cmath>
#include <cstddef>

#include "snapshot/json_text.h"
#include "snapshot/number_text.h"
#include "snapshot/snapshot_text.h"

namespace actorcore::snapshot {
namespace {

template <std::size_t count>
std::string_view word(const std::string_view (&words)[count], std::uint32_t constant) {
  return constant < count ? words[constant] : std::string_view("none");
}

// Members of a step, in the order in which they are written.
enum Member : std::uint32_t {
  in_list = 1u << 0,
  in_fold = 1u << 1,
  in_policy = 1u << 2,
  in_dimension = 1u << 3,  // the name
  in_layer = 1u << 4,      // the name, where there is one
  in_bound = 1u << 5,
  in_bucket = 1u << 6,
  in_mode = 1u << 7,
  in_system = 1u << 8,
  in_output = 1u << 9,  // and its origin
  in_priority = 1u << 10,
  in_code = 1u << 11,
  in_value = 1u << 12,
  in_factor = 1u << 13,
  in_product = 1u << 14,
  in_result = 1u << 15,
};
constexpr std::uint32_t in_source = in_system | in_output | in_priority;
constexpr std::uint32_t in_multiplication = in_value | in_factor | in_product | in_result;

// What a candidate has depends on how it came about.
std::uint32_t candidate_members(const ac_receipt_step& step, std::uint32_t fold) {
  if (fold == AC_FOLD_PIPELINE) return in_multiplication;
  return step.output == no_name ? in_result : in_bucket | in_source | in_result;
}

std::uint32_t members_of(const ac_receipt_step& step, std::uint32_t fold) {
  switch (step.kind) {
    case AC_STEP_RULE:
      return in_list | in_fold | in_policy | in_dimension;
    case AC_STEP_REJECTED:
      return in_output | in_code;
    case AC_STEP_CONSTANT:
      return in_value;
    case AC_STEP_TERM:
      return in_list | in_dimension | in_multiplication;
    case AC_STEP_ABSENT_TERM:
      return in_dimension | in_multiplication;
    case AC_STEP_FORMULA:
      return in_value | in_result;
    case AC_STEP_CONTRIBUTION: {
      const bool multiplies = fold == AC_FOLD_PIPELINE && step.bucket == AC_BUCKET_MULT;
      return in_bucket | in_source | in_value | (multiplies ? in_factor : 0u) | in_result;
    }
    case AC_STEP_BUCKET:
      return in_bucket | in_result;
    case AC_STEP_CANDIDATE:
      return candidate_members(step, fold);
    case AC_STEP_OVERRIDE:
      return in_source | in_value | in_result;
    case AC_STEP_CAP:
      return in_layer | in_bound | in_mode | in_source | in_value | in_result;
    case AC_STEP_DEFAULT:
    case AC_STEP_SOFT:
    case AC_STEP_HARD:
    case AC_STEP_LAYER:
    case AC_STEP_ACROSS:
      return in_layer | in_bound | in_result;
    case AC_STEP_OUT_OF_RANGE:
      return in_code | in_value | in_result;
    default:  // AC_STEP_CLAMP
      return in_layer | in_bound | in_value | in_result;
  }
}

void append_key(std::string& text, std::string_view key) {
  if (text.back() != '{') text += ", ";
  append_quoted(text, key);
  text += ": ";
}

void append_word(std::string& text, std::string_view key, std::string_view value) {
  append_key(text, key);
  append_quoted(text, value);
}

void append_member(std::string& text, std::string_view key, double value) {
  append_key(text, key);
  if (!std::isfinite(value)) text += '"';
  append_number(text, value);
  if (!std::isfinite(value)) text += '"';
}

void append_words(std::string& text, const ac_receipt_step& step, std::uint32_t members,
                  const Names& names) {
  const auto has = [&](std::uint32_t member) { return (members & member) != 0; };
  if (has(in_list)) append_word(text, "list", list_word(step.list));
  if (has(in_fold)) append_word(text, "fold", fold_word(step.fold));
  if (has(in_policy)) append_word(text, "policy", policy_word(step.policy));
  if (has(in_dimension)) append_word(text, "dimension", names.text(step.name));
  if (has(in_layer) && step.name != no_name) append_word(text, "layer", names.text(step.name));
  if (has(in_bound)) append_word(text, "bound", bound_word(step.bound));
  if (has(in_bucket)) append_word(text, "bucket", bucket_word(step.bucket));
  if (has(in_mode)) append_word(text, "mode", mode_word(step.mode));
  if (has(in_system)) append_word(text, "system", names.text(step.system));
  if (!has(in_output)) return;
  append_word(text, "output", names.text(step.output));
  append_word(text, "origin", origin_word(step.origin));
}

void append_step(std::string& text, const ac_receipt_step& step, std::uint32_t fold,
                 const Names& names) {
  const std::uint32_t members = members_of(step, fold);
  text += '{';
  append_word(text, "step", step_word(step.kind));
  append_words(text, step, members, names);
  if ((members & in_priority) != 0) {
    append_key(text, "priority");
    text += std::to_string(step.priority);
  }
  if ((members & in_code) != 0) append_word(text, "code", reject_word(step.code));
  if ((members & in_value) != 0) append_member(text, "value", step.value);
  if ((members & in_factor) != 0) append_member(text, "factor", step.factor);
  if ((members & in_product) != 0) append_member(text, "product", step.product);
  if ((members & in_result) != 0) append_member(text, "result", step.result);
  text += '}';
}

}  // namespace

std::string print(const Receipt& receipt) {
  const Names& names = receipt.names();
  std::string text = "{";
  append_word(text, "actor_id", receipt.actor_id());
  append_key(text, "version");
  text += std::to_string(receipt.version());
  append_word(text, "list", list_word(receipt.list()));
  append_word(text, "dimension", names.text(receipt.dimension()));
  append_member(text, "value", receipt.value());
  append_word(text, "bound", bound_word(receipt.bound()));
  append_key(text, "steps");
  text += '[';
  for (const ac_receipt_step& step : receipt.steps()) {
    if (text.back() != '[') text += ", ";
    append_step(text, step, receipt.steps().front().fold, names);
  }
  text += "]}";
  return text;
}

std::string_view step_word(std::uint32_t kind) {
  constexpr std::string_view words[] = {
      "none",         "rule",   "rejected",  "constant",     "term",    "absent_term", "formula",
      "contribution", "bucket", "candidate", "override",     "default", "cap",         "soft",
      "hard",         "layer",  "across",    "out_of_range", "clamp"};
  return word(words, kind);
}

std::string_view fold_word(std::uint32_t fold) {
  constexpr std::string_view words[] = {"PIPELINE", "SUM", "MAX", "MIN"};
  return word(words, fold);
}

std::string_view policy_word(std::uint32_t policy) {
  constexpr std::string_view words[] = {"INTERSECT", "UNION", "PRIORITIZED_OVERRIDE"};
  return word(words, policy);
}

std::string_view bucket_word(std::uint32_t bucket) {
  constexpr std::string_view words[] = {"FLAT", "MULT", "POST_ADD", "OVERRIDE"};
  return word(words, bucket);
}

std::string_view mode_word(std::uint32_t mode) {
  constexpr std::string_view words[] = {"BASELINE", "ADDITIVE", "HARD_MAX", "HARD_MIN", "OVERRIDE"};
  return word(words, mode);
}

std::string_view bound_word(std::uint32_t bound) {
  constexpr std::string_view words[] = {"none", "max", "min"};
  return word(words, bound);
}

std::string_view list_word(std::uint32_t list) {
  constexpr std::string_view words[] = {"primary", "derived"};
  return word(words, list);
}

std::string_view origin_word(std::uint32_t origin) {
  constexpr std::string_view words[] = {"put", "put_all", "message", "callback"};
  return word(words, origin);
}

}  // namespace actorcore::snapshot
