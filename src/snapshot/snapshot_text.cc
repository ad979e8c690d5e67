#include "snapshot/snapshot_text.h"

#include <cstddef>
#include <iterator>
#include <span>

#include "snapshot/json_text.h"
#include "snapshot/number_text.h"

namespace actorcore::snapshot {
namespace {

// `"key": `, after a comma unless it is the first.
void append_key(std::string& text, std::string_view key, bool first) {
  if (!first) text += ", ";
  append_quoted(text, key);
  text += ": ";
}

void append_values(std::string& text, const NamedValues& values, const Names& names) {
  text += '{';
  for (std::size_t i = 0; i < values.names.size(); ++i) {
    append_key(text, names.text(values.names[i]), i == 0);
    append_number(text, values.values[i]);
  }
  text += '}';
}

void append_caps(std::string& text, const CapsUsed& caps, const Names& names) {
  text += '{';
  for (std::size_t i = 0; i < caps.names.size(); ++i) {
    append_key(text, names.text(caps.names[i]), i == 0);
    text += "{\"min\": ";
    append_number(text, caps.min[i]);
    text += ", \"max\": ";
    append_number(text, caps.max[i]);
    text += '}';
  }
  text += '}';
}

void append_contexts(std::string& text, std::span<const ac_context> contexts, const Names& names) {
  text += '{';
  for (const ac_context& context : contexts) {
    append_key(text, names.text(context.name), text.back() == '{');
    text += "{\"additive_percent\": ";
    append_number(text, context.additive_percent);
    text += ", \"multiplier\": ";
    append_number(text, context.multiplier);
    text += ", \"post_add\": ";
    append_number(text, context.post_add);
    text += '}';
  }
  text += '}';
}

void append_error(std::string& text, const ac_snapshot_error& error, const Names& names) {
  constexpr std::string_view keys[] = {"system", "dimension", "context"};
  text += '{';
  append_key(text, keys[error.about], true);
  append_quoted(text, names.text(error.name));
  if (error.about == AC_ABOUT_DIMENSION) {
    append_key(text, "list", false);
    append_quoted(text, error.list == AC_LIST_DERIVED ? "derived" : "primary");
  }
  append_key(text, "code", false);
  append_quoted(text, reject_word(error.code));
  text += '}';
}

}  // namespace

std::string print(const Snapshot& snapshot, const Names& names) {
  std::string text = "{";
  append_key(text, "actor_id", true);
  append_quoted(text, snapshot.actor_id());
  append_key(text, "version", false);
  text += std::to_string(snapshot.version());
  append_key(text, "primary", false);
  append_values(text, snapshot.primary(), names);
  append_key(text, "derived", false);
  append_values(text, snapshot.derived(), names);
  append_key(text, "caps_used", false);
  append_caps(text, snapshot.caps_used(), names);
  append_key(text, "contexts", false);
  append_contexts(text, snapshot.contexts(), names);
  append_key(text, "errors", false);
  text += '[';
  for (const ac_snapshot_error& error : snapshot.errors()) {
    if (text.back() != '[') text += ", ";
    append_error(text, error, names);
  }
  text += "]}";
  return text;
}

std::string_view reject_word(std::uint32_t code) {
  constexpr std::string_view words[] = {
      "none",          "duplicate_system", "not_finite",       "unknown_dimension",
      "unknown_layer", "invalid_cap",      "subsystem_failed", "out_of_range"};
  return code < std::size(words) ? words[code] : words[0];
}

}  // namespace actorcore::snapshot
