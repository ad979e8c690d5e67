#include "snapshot/entity_rows.h"

#include <algorithm>
#include <string>

namespace actorcore::snapshot {
namespace {

// Working memory of one thread, so that an entity holds nothing but its rows and a put allocates
// nothing.
struct Scratch {
  std::vector<ContributionRow> contributions;
  std::vector<CapRow> caps;
  std::vector<ModifierRow> modifiers;
  std::vector<double> multipliers;
  std::vector<OutputCheck> checks;
};

Scratch& scratch() {
  thread_local Scratch of_thread;
  return of_thread;
}

template <class Row>
void grow(std::vector<Row>& rows, std::vector<Row>& tail, std::size_t added) {
  const std::size_t needed = rows.size() + added;
  if (needed > rows.capacity()) rows.reserve(std::max(needed, rows.capacity() * 2));
  if (added > tail.capacity()) tail.reserve(added * 2);
}

// Sorts what follows the first `sorted` rows and merges it into them, from the back.
template <class Row>
void merge_tail(std::vector<Row>& rows, std::size_t sorted, std::vector<Row>& tail,
                const Names& names) {
  if (sorted == rows.size()) return;
  const auto in_order = [&](const Row& a, const Row& b) { return before(a, b, names); };
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(sorted);
  std::sort(middle, rows.end(), in_order);
  if (sorted == 0) return;
  tail.assign(middle, rows.end());
  std::size_t to = rows.size();
  while (!tail.empty() && sorted > 0) {
    const bool take_old = in_order(tail.back(), rows[sorted - 1]);
    rows[--to] = take_old ? rows[--sorted] : tail.back();
    if (!take_old) tail.pop_back();
  }
  std::copy(tail.begin(), tail.end(), rows.begin());  // what comes before every old row
}

Error over_limit(std::size_t limit, const char* what) {
  return Error(AC_E_LIMIT, "an entity has at most " + std::to_string(limit) + " " + what +
                               "; contribute less, or merge outputs");
}

// Compares every pair: outputs are few.
void mark_duplicates(std::span<const ac_output> outputs, std::span<OutputCheck> checks) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (outputs[i].system != outputs[j].system) continue;
      checks[i].unworkable = checks[j].unworkable = AC_REJECT_DUPLICATE_SYSTEM;
    }
  }
}

}  // namespace

void EntityRows::Sizes::add(const ac_output& output) {
  contributions += output.contribution_count;
  caps += output.cap_count;
  modifiers += output.modifier_count;
  for (const ac_modifier& row : std::span(output.modifiers, output.modifier_count)) {
    multipliers += row.multiplier_count;
  }
}

bool EntityRows::Sizes::within(std::size_t limit) const {
  return std::max({contributions, caps, modifiers, multipliers}) <= limit;
}

EntityRows::Sizes EntityRows::sizes() const {
  return {contributions_.size(), caps_.size(), modifiers_.size(), multipliers_.size()};
}

bool EntityRows::fits(const ac_output& output) const {
  Sizes after = sizes();
  after.add(output);
  if (after.within(rows_max)) return true;
  const auto replaced = [&](const auto& row) { return row.owner == output.system; };
  after.contributions -= static_cast<std::size_t>(std::ranges::count_if(contributions_, replaced));
  after.caps -= static_cast<std::size_t>(std::ranges::count_if(caps_, replaced));
  for (const ModifierRow& row : modifiers_) {
    if (!replaced(row)) continue;
    after.modifiers -= 1;
    after.multipliers -= row.multiplier_count;
  }
  return after.within(rows_max);
}

// For one more output, and so many rows of a kind.
Result<void> EntityRows::check_room(bool is_new, std::size_t rows) const {
  if (is_new && outputs_.size() == outputs_max) return over_limit(outputs_max, "outputs");
  return rows > rows_max ? over_limit(rows_max, "rows of a kind") : Result<void>();
}

Result<void> EntityRows::put(const ac_output& output, const Names& names, std::uint32_t origin) {
  const Result<OutputCheck> check = check_output(output, names);
  if (!check.ok()) return check.error();
  OutputEntry* const entry = find(output.system);
  const bool replaces = entry != nullptr;
  if (replaces && revalue(*entry, output, check.value(), origin)) return {};
  if (!replaces && outputs_.size() == outputs_max) return over_limit(outputs_max, "outputs");
  if (!fits(output)) return over_limit(rows_max, "rows of a kind");
  make_room({&output, 1});
  if (replaces) drop(output.system);
  const Sizes kept = sizes();
  append(output, check.value(), origin);
  sort(kept, names);
  return {};
}

Result<void> EntityRows::add(const ac_output& output, const Names& names, std::uint32_t origin) {
  const OutputEntry* const first = find(output.system);
  if (first == nullptr) return put(output, names, origin);
  const Result<OutputCheck> check = check_output(output, names);
  if (!check.ok()) return check.error();
  OutputEntry entry = *first;
  entry.contributions = entry.caps = entry.modifiers = 0;
  touch_all();
  entry.priority = std::max(entry.priority, output.priority);  // the place of the first of them
  entry.unworkable = AC_REJECT_DUPLICATE_SYSTEM;
  drop(output.system);
  outputs_.push_back(entry);  // where the dropped one was
  sort(sizes(), names);
  return {};
}

Result<void> EntityRows::load(std::span<const ac_output> outputs, const Names& names) {
  if (outputs.size() > outputs_max) return over_limit(outputs_max, "outputs");
  std::vector<OutputCheck>& checks = scratch().checks;
  checks.clear();
  Sizes loaded;
  for (const ac_output& output : outputs) {
    const Result<OutputCheck> check = check_output(output, names);
    if (!check.ok()) return check.error();
    checks.push_back(check.value());
    loaded.add(output);
  }
  if (!loaded.within(rows_max)) return over_limit(rows_max, "rows of a kind");
  mark_duplicates(outputs, checks);
  make_room(outputs);
  forget();
  for (std::size_t i = 0; i < outputs.size(); ++i) append(outputs[i], checks[i], AC_ORIGIN_PUT_ALL);
  sort({}, names);
  return {};
}

std::size_t EntityRows::bytes() const {
  const auto of = [](const auto& array) { return array.capacity() * sizeof array[0]; };
  return of(outputs_) + of(contributions_) + of(caps_) + of(modifiers_) + of(multipliers_);
}

bool EntityRows::remove(NameId system) {
  if (find(system) == nullptr) return false;
  drop(system);
  changed();
  return true;
}

void EntityRows::clear() {
  forget();
  changed();
}

bool EntityRows::accepts_rows_of(NameId owner) const {
  for (const OutputEntry& entry : outputs_) {
    if (entry.system == owner) return entry.rejected == 0;
  }
  return false;
}

void EntityRows::check(const Registry& registry) {
  if (checked_registry_ == registry.version()) return;
  has_rejected_rows_ = false;
  for (OutputEntry& entry : outputs_) entry.rejected = entry.unworkable;
  for (const ContributionRow& row : contributions_) {
    const bool known = registry.index_of(row.dimension()) != Registry::none;
    if (!known) reject(row.owner, AC_REJECT_UNKNOWN_DIMENSION);
  }
  for (const CapRow& row : caps_) {
    const bool known = registry.index_of(row.dimension()) != Registry::none;
    if (!known) reject(row.owner, AC_REJECT_UNKNOWN_DIMENSION);
  }
  for (const CapRow& row : caps_) {
    const bool known = registry.layer_of(row.layer()) != Registry::none;
    if (!known) reject(row.owner, AC_REJECT_UNKNOWN_LAYER);
  }
  for (const OutputEntry& entry : outputs_) {
    if (entry.bad_cap) reject(entry.system, AC_REJECT_INVALID_CAP);
  }
  checked_registry_ = registry.version();
}

// The first reason stays.
void EntityRows::reject(NameId owner, std::uint32_t code) {
  OutputEntry* const entry = find(owner);
  if (entry->rejected != 0) return;
  entry->rejected = code;
  has_rejected_rows_ = true;
}

void EntityRows::make_room(std::span<const ac_output> added) {
  Sizes added_sizes;
  for (const ac_output& output : added) added_sizes.add(output);
  Scratch& thread = scratch();
  const std::size_t entries = outputs_.size() + added.size();
  if (entries > outputs_.capacity()) outputs_.reserve(std::max(entries, outputs_.capacity() * 2));
  grow(contributions_, thread.contributions, added_sizes.contributions);
  grow(caps_, thread.caps, added_sizes.caps);
  grow(modifiers_, thread.modifiers, added_sizes.modifiers);
  grow(multipliers_, thread.multipliers, added_sizes.multipliers);
  if (thread.multipliers.capacity() < multipliers_.capacity()) {
    thread.multipliers.reserve(multipliers_.capacity());
  }
}

void EntityRows::append(const ac_output& output, const OutputCheck& check, std::uint32_t origin) {
  const bool counts = check.unworkable == 0;
  const auto count = [&](std::uint64_t rows) {
    return counts ? static_cast<std::uint32_t>(rows) : 0;
  };
  outputs_.push_back({.priority = output.priority,
                      .system = output.system,
                      .unworkable = check.unworkable,
                      .rejected = 0,
                      .contributions = count(output.contribution_count),
                      .caps = count(output.cap_count),
                      .modifiers = count(output.modifier_count),
                      .bad_cap = check.bad_cap,
                      .origin = static_cast<std::uint8_t>(origin)});
  if (!counts || check.bad_cap || output.modifier_count != 0) touch_all();
  if (!counts) return;
  for (const ac_contribution& row : std::span(output.contributions, output.contribution_count)) {
    contributions_.push_back(contribution_row(row, output.system));
    touched_contributions_.add(contributions_.back().group());
  }
  for (const ac_cap& row : std::span(output.caps, output.cap_count)) {
    caps_.push_back(cap_row(row, output.system));
    touched_caps_.add(caps_.back().dimension());
  }
  for (const ac_modifier& row : std::span(output.modifiers, output.modifier_count)) {
    const auto first = static_cast<std::uint32_t>(multipliers_.size());
    modifiers_.push_back(modifier_row(row, output, first));
    for (const double multiplier : std::span(row.multipliers, row.multiplier_count)) {
      multipliers_.push_back(multiplier);
    }
  }
}

void EntityRows::sort(const Sizes& sorted, const Names& names) {
  Scratch& thread = scratch();
  merge_tail(contributions_, sorted.contributions, thread.contributions, names);
  merge_tail(caps_, sorted.caps, thread.caps, names);
  merge_tail(modifiers_, sorted.modifiers, thread.modifiers, names);
  order_multipliers();
  std::sort(outputs_.begin(), outputs_.end(), [&](const OutputEntry& a, const OutputEntry& b) {
    return a.priority != b.priority ? a.priority > b.priority : names.before(a.system, b.system);
  });
  changed();
}

// Puts the multipliers in the order of their rows, and forgets those that no row has any more.
void EntityRows::order_multipliers() {
  if (multipliers_.empty()) return;
  std::vector<double>& ordered = scratch().multipliers;
  ordered.clear();
  for (ModifierRow& row : modifiers_) {
    const std::span old =
        std::span(multipliers_).subspan(row.first_multiplier, row.multiplier_count);
    row.first_multiplier = static_cast<std::uint32_t>(ordered.size());
    ordered.insert(ordered.end(), old.begin(), old.end());
  }
  multipliers_.assign(ordered.begin(), ordered.end());
}

OutputEntry* EntityRows::find(NameId system) {
  for (OutputEntry& entry : outputs_) {
    if (entry.system == system) return &entry;
  }
  return nullptr;
}

// Multipliers stay until the next sort.
void EntityRows::drop(NameId system) {
  const auto owned = [system](const auto& row) { return row.owner == system; };
  const OutputEntry& dropped = *find(system);
  if (dropped.unworkable != 0 || dropped.bad_cap || dropped.modifiers != 0) touch_all();
  for (const ContributionRow& row : contributions_) {
    if (owned(row)) touched_contributions_.add(row.group());
  }
  for (const CapRow& row : caps_) {
    if (owned(row)) touched_caps_.add(row.dimension());
  }
  std::erase_if(contributions_, owned);
  std::erase_if(caps_, owned);
  std::erase_if(modifiers_, owned);
  std::erase_if(outputs_, [system](const OutputEntry& entry) { return entry.system == system; });
}

void EntityRows::touch_all() { touched_caps_.add_all(); }

void EntityRows::settle() {
  touched_contributions_.clear();
  touched_caps_.clear();
}

void EntityRows::forget() {
  touch_all();
  outputs_.clear();
  contributions_.clear();
  caps_.clear();
  modifiers_.clear();
  multipliers_.clear();
}

void EntityRows::changed() {
  ++version_;
  checked_registry_ = 0;
}

}  // namespace actorcore::snapshot
