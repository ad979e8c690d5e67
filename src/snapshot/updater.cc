#include "snapshot/updater.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "snapshot/candidate.h"
#include "snapshot/formula.h"

namespace actorcore::snapshot {
namespace {

constexpr std::size_t nowhere = SIZE_MAX;

// Where a dimension is among names in order of their texts, which is that of the registry's
// indexes.
std::size_t place_of(std::span<const NameId> names, std::uint32_t dimension,
                     const Registry& registry) {
  const NameId name = registry.dimensions()[dimension].name;
  if (names.size() <= 64) {
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? nowhere : static_cast<std::size_t>(found - names.begin());
  }
  const auto found = std::partition_point(
      names.begin(), names.end(), [&](NameId each) { return registry.index_of(each) < dimension; });
  if (found == names.end() || *found != name) return nowhere;
  return static_cast<std::size_t>(found - names.begin());
}

bool is_same(double left, double right) {
  return std::bit_cast<std::uint64_t>(left) == std::bit_cast<std::uint64_t>(right);
}

std::uint64_t group_of(std::uint32_t list, NameId dimension) {
  return std::uint64_t{list} << 32 | dimension;
}

}  // namespace

SnapshotRef Updater::update(const Snapshot& before, EntityRows& rows, const Registry& registry,
                            const ResolveRequest& request) {
  if (rows.is_all_touched() || !before.errors().empty() ||
      before.stamp().registry_version != registry.version() ||
      before.actor_id() != request.actor_id) {
    return {};
  }
  rows.check(registry);
  if (rows.has_rejected_rows()) return {};
  const SnapshotStamp stamp{.profile_version = request.profile_version,
                            .contributions_version = rows.version(),
                            .registry_version = registry.version()};
  SnapshotWriter writer(pool_, before, stamp, request.created_at);
  if (!writer.usable()) return {};
  double* const numbers = writer.numbers();
  const std::size_t primary = before.primary().names.size();
  const std::size_t capped = primary + before.derived().names.size();
  Making making{.rows = rows,
                .registry = registry,
                .lists = {before.primary(), before.derived()},
                .caps = before.caps_used(),
                .values = {numbers, numbers + primary},
                .min = numbers + capped,
                .max = numbers + capped + before.caps_used().names.size()};
  pending_.assign((registry.formulas().size() + 63) / 64, 0);
  has_pending_ = false;
  for (const std::uint64_t dimension : rows.touched_caps().places()) {
    if (!recap(making, static_cast<NameId>(dimension))) return {};
  }
  for (const std::uint64_t group : rows.touched_contributions().places()) {
    const std::uint32_t dimension = registry.index_of(static_cast<NameId>(group));
    if (dimension == Registry::none) return {};
    if (!refold(making, static_cast<std::uint32_t>(group >> 32), dimension)) return {};
  }
  if (has_pending_ && !refold_formulas(making)) return {};
  return writer.take();
}

bool Updater::recap(Making& making, NameId name) {
  const Registry& registry = making.registry;
  const std::uint32_t dimension = registry.index_of(name);
  if (dimension == Registry::none) return false;
  const std::size_t at = place_of(making.caps.names, dimension, registry);
  if (at == nowhere) return false;
  const std::span<const CapRow> caps = making.rows.caps_of(name);
  const Dimension& rule = registry.dimensions()[dimension];
  const bool is_valued =
      place_of(making.lists[AC_LIST_PRIMARY].names, dimension, registry) != nowhere ||
      place_of(making.lists[AC_LIST_DERIVED].names, dimension, registry) != nowhere;
  if (caps.empty() && !is_valued) return false;  // it is used no more
  const Bounds bounds =
      caps.empty() ? Bounds{rule.clamp_min, rule.clamp_max} : effective_caps(caps, rule, registry);
  if (is_same(making.min[at], bounds.min) && is_same(making.max[at], bounds.max)) return true;
  making.min[at] = bounds.min;
  making.max[at] = bounds.max;
  return refold(making, AC_LIST_PRIMARY, dimension) && refold(making, AC_LIST_DERIVED, dimension);
}

bool Updater::refold(Making& making, std::uint32_t list, std::uint32_t dimension) {
  const Dimension& rule = making.registry.dimensions()[dimension];
  if (list == AC_LIST_DERIVED && rule.has_formula) {
    const std::uint32_t place = making.registry.formula_of(dimension);
    pending_[place / 64] |= std::uint64_t{1} << place % 64;
    has_pending_ = true;
    return true;
  }
  const std::size_t at = place_of(making.lists[list].names, dimension, making.registry);
  const auto rows = making.rows.contributions_of(group_of(list, rule.name));
  if (rows.empty() || at == nowhere) return rows.empty() && at == nowhere;
  return settle(making, list, dimension, at, candidate_of(rule.fold, rows, std::nullopt));
}

bool Updater::settle(Making& making, std::uint32_t list, std::uint32_t dimension, std::size_t at,
                     double candidate) {
  if (std::isnan(candidate)) return false;
  const std::size_t cap = place_of(making.caps.names, dimension, making.registry);
  if (cap == nowhere) return false;
  const double value = clamped(candidate, {making.min[cap], making.max[cap]});
  double& held = making.values[list][at];
  if (is_same(held, value)) return true;
  held = value;
  for (const std::uint32_t place : making.registry.dependents_of(dimension)) {
    pending_[place / 64] |= std::uint64_t{1} << place % 64;
    has_pending_ = true;
  }
  return true;
}

// Those that depend on one come after it, so that one pass is enough.
bool Updater::refold_formulas(Making& making) {
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    while (pending_[i] != 0) {
      const auto bit = static_cast<unsigned>(std::countr_zero(pending_[i]));
      pending_[i] &= pending_[i] - 1;
      if (!refold_formula(making, static_cast<std::uint32_t>(i * 64 + bit))) return false;
    }
  }
  return true;
}

bool Updater::refold_formula(Making& making, std::uint32_t place) {
  const Registry& registry = making.registry;
  const Formula& formula = registry.formulas()[place];
  const auto final_value = [&](std::uint32_t dimension) {
    for (const std::uint32_t list : {AC_LIST_DERIVED, AC_LIST_PRIMARY}) {
      const std::size_t at = place_of(making.lists[list].names, dimension, registry);
      if (at != nowhere) return making.values[list][at];
    }
    return 0.0;
  };
  const double value = formula_value(formula, registry.terms(), final_value);
  const Dimension& rule = registry.dimensions()[formula.dimension];
  const auto rows = making.rows.contributions_of(group_of(AC_LIST_DERIVED, rule.name));
  const std::size_t at = place_of(making.lists[AC_LIST_DERIVED].names, formula.dimension, registry);
  if (at == nowhere) return false;
  return settle(making, AC_LIST_DERIVED, formula.dimension, at,
                candidate_of(rule.fold, rows, value));
}

}  // namespace actorcore::snapshot
