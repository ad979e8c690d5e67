#include "tool/table.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "snapshot/number_text.h"
#include "snapshot/snapshot_text.h"

namespace actorcore::tool {
namespace {

using Row = std::vector<std::string>;
using Rows = std::vector<Row>;

std::string number(double value) {
  std::string text;
  snapshot::append_number(text, value);
  return text;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

// The first row is the heading. The first column is text, to the left; the others are numbers, to
// the right.
void append_rows(std::string& text, const Rows& rows) {
  if (rows.size() == 1) return;
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], characters(row[i]));
    }
  }
  if (!text.empty()) text += '\n';
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - characters(row[i]), ' ');
      text += i == 0 ? row[i] + gap : "  " + gap + row[i];
    }
    text += '\n';
  }
}

Rows values(const char* heading, const snapshot::NamedValues& list, const snapshot::CapsUsed& caps,
            const snapshot::Names& names) {
  Rows rows{{heading, "value", "min", "max"}};
  std::size_t cap = 0;
  for (std::size_t i = 0; i < list.names.size(); ++i) {
    while (caps.names[cap] != list.names[i]) ++cap;  // caps have every dimension, in the same order
    rows.push_back({std::string(names.text(list.names[i])), number(list.values[i]),
                    number(caps.min[cap]), number(caps.max[cap])});
  }
  return rows;
}

// Dimensions that have caps only.
Rows unused_caps(const snapshot::Snapshot& snapshot, const snapshot::Names& names) {
  Rows rows{{"caps only", "min", "max"}};
  const snapshot::CapsUsed caps = snapshot.caps_used();
  for (std::size_t i = 0; i < caps.names.size(); ++i) {
    const bool has_value = snapshot.find(AC_LIST_PRIMARY, caps.names[i]) != nullptr ||
                           snapshot.find(AC_LIST_DERIVED, caps.names[i]) != nullptr;
    if (has_value) continue;
    rows.push_back(
        {std::string(names.text(caps.names[i])), number(caps.min[i]), number(caps.max[i])});
  }
  return rows;
}

Rows contexts(const snapshot::Snapshot& snapshot, const snapshot::Names& names) {
  Rows rows{{"context", "additive percent", "multiplier", "post add"}};
  for (const ac_context& context : snapshot.contexts()) {
    rows.push_back({std::string(names.text(context.name)), number(context.additive_percent),
                    number(context.multiplier), number(context.post_add)});
  }
  return rows;
}

Rows errors(const snapshot::Snapshot& snapshot, const snapshot::Names& names) {
  Rows rows{{"error", "of"}};
  for (const ac_snapshot_error& error : snapshot.errors()) {
    const std::string name(names.text(error.name));
    std::string of = "system " + name;
    if (error.about == AC_ABOUT_CONTEXT) of = "context " + name;
    if (error.about == AC_ABOUT_DIMENSION) {
      of = "dimension " + name + (error.list == AC_LIST_DERIVED ? " (derived)" : " (primary)");
    }
    rows.push_back({std::string(snapshot::reject_word(error.code)), of});
  }
  return rows;
}

}  // namespace

std::string table_of(const snapshot::Snapshot& snapshot, const snapshot::Names& names) {
  std::string text =
      std::string(snapshot.actor_id()) + ", version " + std::to_string(snapshot.version()) + "\n";
  const snapshot::CapsUsed caps = snapshot.caps_used();
  append_rows(text, values("primary", snapshot.primary(), caps, names));
  append_rows(text, values("derived", snapshot.derived(), caps, names));
  append_rows(text, unused_caps(snapshot, names));
  append_rows(text, contexts(snapshot, names));
  append_rows(text, errors(snapshot, names));
  return text;
}

}  // namespace actorcore::tool
