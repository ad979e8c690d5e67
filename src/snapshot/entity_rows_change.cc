// Changes of single rows and of values alone, which leave the others where they are.
#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "snapshot/entity_rows.h"

namespace actorcore::snapshot {
namespace {

// A stored row, and what its value is to be.
struct Change {
  std::size_t at;
  double value;
};

bool is_same(double left, double right) {
  return std::bit_cast<std::uint64_t>(left) == std::bit_cast<std::uint64_t>(right);
}

// What a row is of, in the order of its kind: with the priority and the system, all but its value.
std::uint64_t place_of(const ContributionRow& row) { return row.key; }
std::uint64_t place_of(const CapRow& row) { return row.place; }
bool is_alike(const ContributionRow& left, const ContributionRow& right) {
  return left.key == right.key && left.priority == right.priority && left.system == right.system;
}
bool is_alike(const CapRow& left, const CapRow& right) {
  return left.place == right.place && left.kind == right.kind && left.mode == right.mode &&
         left.priority == right.priority && left.system == right.system;
}

// Without branches: which way each step goes cannot be foretold, and a wrong guess costs more than
// the whole search.
template <class Row>
auto first_of(std::span<const Row> rows, std::uint64_t place) {
  const Row* first = rows.data();
  std::size_t left = rows.size();
  while (left > 0) {
    const std::size_t half = (left + 1) / 2;
    const bool is_before = place_of(first[half - 1]) < place;
    first += half & (std::size_t{0} - static_cast<std::size_t>(is_before));
    left -= half;
  }
  return rows.begin() + (first - rows.data());
}

// The row of its owner that is like `given`, if there is one, and no other.
template <class Row>
std::pair<std::optional<std::size_t>, bool> like(std::span<const Row> rows, const Row& given) {
  std::optional<std::size_t> found;
  const std::uint64_t place = place_of(given);
  for (auto row = first_of(rows, place); row != rows.end() && place_of(*row) == place; ++row) {
    if (row->owner != given.owner || !is_alike(*row, given)) continue;
    if (found) return {found, false};
    found = static_cast<std::size_t>(row - rows.begin());
  }
  return {found, true};
}

// Would the row be where it is with that value?
template <class Row>
bool stays(std::span<const Row> rows, Change change) {
  const Row& row = rows[change.at];
  if (change.at > 0 && is_alike(rows[change.at - 1], row) &&
      value_before(change.value, rows[change.at - 1].value)) {
    return false;
  }
  return change.at + 1 == rows.size() || !is_alike(rows[change.at + 1], row) ||
         !value_before(rows[change.at + 1].value, change.value);
}

// Where only the values of an owner's rows differ from what is given, those that do; else none.
constexpr std::size_t changes_max = 16;
struct Changes {
  std::array<Change, changes_max> all;
  std::size_t count = 0;

  template <class Row>
  bool find(std::span<const Row> rows, const Row& given) {
    const auto [at, is_only] = like(rows, given);
    if (!at || !is_only || !stays(rows, {*at, given.value})) return false;
    for (std::size_t i = 0; i < count; ++i) {
      if (all[i].at == *at) return false;
    }
    all[count++] = {*at, given.value};
    return true;
  }
};

std::uint64_t touched_by(const ContributionRow& row) { return row.group(); }
std::uint64_t touched_by(const CapRow& row) { return row.dimension(); }

// One row as an output of its own.
ac_output output_of(NameId system, const ac_contribution& row) {
  ac_output output{};
  output.system = system;
  output.contributions = &row;
  output.contribution_count = 1;
  return output;
}
ac_output output_of(NameId system, const ac_cap& row) {
  ac_output output{};
  output.system = system;
  output.caps = &row;
  output.cap_count = 1;
  return output;
}

Error several() {
  return Error(AC_E_INVALID_ARGUMENT,
               "several rows differ in nothing but their values; put the whole output");
}

}  // namespace

// Where only values differ nothing moves and no verdict changes.
bool EntityRows::revalue(OutputEntry& entry, const ac_output& output, const OutputCheck& check,
                         std::uint32_t origin) {
  if (entry.unworkable != 0 || check.unworkable != 0 || entry.bad_cap != check.bad_cap)
    return false;
  if (entry.modifiers != 0 || output.modifier_count != 0) return false;
  if (entry.priority != output.priority || entry.contributions != output.contribution_count ||
      entry.caps != output.cap_count || entry.contributions > changes_max ||
      entry.caps > changes_max) {
    return false;
  }
  Changes contributions;
  for (const ac_contribution& row : std::span(output.contributions, output.contribution_count)) {
    if (!contributions.find(this->contributions(), contribution_row(row, output.system))) {
      return false;
    }
  }
  Changes caps;
  for (const ac_cap& row : std::span(output.caps, output.cap_count)) {
    if (!caps.find(this->caps(), cap_row(row, output.system))) return false;
  }
  for (const Change& change : std::span(contributions.all).first(contributions.count)) {
    ContributionRow& row = contributions_[change.at];
    if (!is_same(row.value, change.value)) touched_contributions_.add(row.group());
    row.value = change.value;
  }
  for (const Change& change : std::span(caps.all).first(caps.count)) {
    CapRow& row = caps_[change.at];
    if (!is_same(row.value, change.value)) touched_caps_.add(row.dimension());
    row.value = change.value;
  }
  entry.origin = static_cast<std::uint8_t>(origin);
  ++version_;
  return true;
}

Result<void> EntityRows::put_row(NameId system, const ac_contribution& row, const Names& names) {
  return put_one(contributions_, &OutputEntry::contributions, touched_contributions_,
                 contribution_row(row, system), output_of(system, row), names);
}

Result<void> EntityRows::put_row(NameId system, const ac_cap& row, const Names& names) {
  return put_one(caps_, &OutputEntry::caps, touched_caps_, cap_row(row, system),
                 output_of(system, row), names);
}

Result<void> EntityRows::remove_row(NameId system, const ac_contribution& row, const Names& names) {
  return remove_one(contributions_, &OutputEntry::contributions, touched_contributions_,
                    contribution_row(row, system), output_of(system, row), names);
}

Result<void> EntityRows::remove_row(NameId system, const ac_cap& row, const Names& names) {
  return remove_one(caps_, &OutputEntry::caps, touched_caps_, cap_row(row, system),
                    output_of(system, row), names);
}

template <class Row>
Result<void> EntityRows::put_one(std::vector<Row>& rows, std::uint32_t OutputEntry::*count,
                                 Touched& touched, const Row& row, const ac_output& output,
                                 const Names& names) {
  const Result<OutputCheck> check = check_output(output, names);
  if (!check.ok()) return check.error();
  if (check.value().unworkable != 0 || check.value().bad_cap) {
    return Error(AC_E_INVALID_ARGUMENT,
                 "a value is finite, and a cap's mode goes with its kind and its layer");
  }
  OutputEntry* entry = find(row.owner);
  if (entry != nullptr && entry->unworkable != 0) {
    return Error(AC_E_REJECTED, "the output does not count, so put it whole");
  }
  const auto [at, is_only] = like(std::span<const Row>(rows), row);
  if (!is_only) return several();
  if (at && stays(std::span<const Row>(rows), {*at, row.value})) {
    if (!is_same(rows[*at].value, row.value)) touched.add(touched_by(row));
    rows[*at].value = row.value;
    entry->origin = AC_ORIGIN_PUT;
    ++version_;
    return {};
  }
  if (Result<void> room = check_room(entry == nullptr, at ? 0 : rows.size() + 1); !room.ok()) {
    return room;
  }
  rows.reserve(rows.size() + 1);
  if (entry == nullptr) entry = &enter(row.owner, names);
  entry->origin = AC_ORIGIN_PUT;
  if (at) {
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(*at));
  } else {
    ++(entry->*count);
  }
  rows.insert(std::partition_point(rows.begin(), rows.end(),
                                   [&](const Row& each) { return before(each, row, names); }),
              row);
  touched.add(touched_by(row));
  changed();
  return {};
}

template <class Row>
Result<void> EntityRows::remove_one(std::vector<Row>& rows, std::uint32_t OutputEntry::*count,
                                    Touched& touched, const Row& row, const ac_output& output,
                                    const Names& names) {
  const Result<OutputCheck> check = check_output(output, names);
  if (!check.ok()) return check.error();
  const auto [at, is_only] = like(std::span<const Row>(rows), row);
  if (!is_only) return several();
  if (!at) return Error(AC_E_NOT_FOUND, "the entity's output of that system has no such row");
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(*at));
  --(find(row.owner)->*count);
  touched.add(touched_by(row));
  changed();
  return {};
}

// A system's first row: its output has the priority 0.
OutputEntry& EntityRows::enter(NameId system, const Names& names) {
  const OutputEntry entry{.priority = 0, .system = system};
  const auto at =
      std::partition_point(outputs_.begin(), outputs_.end(), [&](const OutputEntry& each) {
        return each.priority != 0 ? each.priority > 0 : names.before(each.system, system);
      });
  return *outputs_.insert(at, entry);
}

std::span<const ContributionRow> EntityRows::contributions_of(std::uint64_t group) const {
  const auto first = first_of(contributions(), group << 2);
  auto last = first;
  while (last != contributions().end() && last->group() == group) ++last;
  return {first, last};
}

std::span<const CapRow> EntityRows::caps_of(NameId dimension) const {
  const auto first = first_of(caps(), std::uint64_t{dimension} << 32);
  auto last = first;
  while (last != caps().end() && last->dimension() == dimension) ++last;
  return {first, last};
}

}  // namespace actorcore::snapshot
