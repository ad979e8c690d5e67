#include "snapshot/aggregator.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <string>

#include "snapshot/candidate.h"
#include "snapshot/formula.h"
#include "snapshot/snapshot_text.h"

namespace actorcore::snapshot {
namespace {

// Every dimension in both lists and out of range in both, every context kept, every output
// rejected.
constexpr std::size_t largest_snapshot =
    sizeof(Snapshot) + Aggregator::actor_id_bytes_max +
    Registry::dimensions_max * (4 * sizeof(double) + 3 * sizeof(NameId)) +
    EntityRows::rows_max * sizeof(ac_context) +
    (Registry::dimensions_max * 2 + EntityRows::outputs_max) * sizeof(ac_snapshot_error);
static_assert(largest_snapshot <= SnapshotPool::block_bytes_max, "no resolve is too large to keep");

template <class Row>
void copy_accepted(std::vector<Row>& accepted, std::span<const Row> all, const EntityRows& rows) {
  accepted.clear();
  std::copy_if(all.begin(), all.end(), std::back_inserter(accepted),
               [&](const Row& row) { return rows.accepts_rows_of(row.owner); });
}

}  // namespace

void DimensionSet::add_all(const DimensionSet& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
}

std::uint32_t DimensionSet::count() const {
  int bits = 0;
  for (const std::uint64_t word : words_) bits += std::popcount(word);
  return static_cast<std::uint32_t>(bits);
}

template <class Visit>
void DimensionSet::each(Visit visit) const {
  for (std::size_t i = 0; i < words_.size(); ++i) {
    for (std::uint64_t left = words_[i]; left != 0; left &= left - 1) {
      visit(static_cast<std::uint32_t>(i * 64 + static_cast<unsigned>(std::countr_zero(left))));
    }
  }
}

Result<SnapshotRef> Aggregator::resolve(EntityRows& rows, const Registry& registry,
                                        const ResolveRequest& request) {
  if (request.actor_id.size() > actor_id_bytes_max) {
    return Error(AC_E_LIMIT,
                 "the actor's id has more than " + std::to_string(actor_id_bytes_max) + " bytes");
  }
  rows.check(registry);
  begin(rows, registry);
  if (rows.has_rejected_rows()) {
    keep_accepted(rows);
    fold_caps(accepted_caps_);
    fold_contributions(accepted_contributions_);
    fold_contexts(accepted_modifiers_, rows.multipliers());
  } else {
    fold_caps(rows.caps());
    fold_contributions(rows.contributions());
    fold_contexts(rows.modifiers(), rows.multipliers());
  }
  if (request.strict && !errors_.empty()) return rejection(errors_.front());
  return write(request, rows.version());
}

void Aggregator::begin(const EntityRows& rows, const Registry& registry) {
  const std::size_t dimensions = registry.dimensions().size();
  registry_ = &registry;
  for (ListResult& list : results_) {
    list.present.reset(dimensions);
    list.values.resize(std::max(list.values.size(), dimensions));
  }
  capped_.reset(dimensions);
  awaiting_formula_.reset(dimensions);
  bounds_.resize(std::max(bounds_.size(), dimensions));
  formula_rows_.resize(std::max(formula_rows_.size(), dimensions));
  contexts_.clear();
  errors_.clear();
  list_rejections(rows);
}

// Two outputs of one system are one entry, at the place of the first.
void Aggregator::list_rejections(const EntityRows& rows) {
  for (const OutputEntry& entry : rows.outputs()) {
    if (entry.rejected == 0) continue;
    const auto same = [&](const ac_snapshot_error& error) { return error.name == entry.system; };
    if (std::ranges::any_of(errors_, same)) continue;
    errors_.push_back({entry.rejected, AC_ABOUT_SYSTEM, entry.system, 0});
  }
}

void Aggregator::keep_accepted(const EntityRows& rows) {
  copy_accepted(accepted_contributions_, rows.contributions(), rows);
  copy_accepted(accepted_caps_, rows.caps(), rows);
  copy_accepted(accepted_modifiers_, rows.modifiers(), rows);
}

void Aggregator::fold_caps(std::span<const CapRow> caps) {
  while (!caps.empty()) {
    const NameId dimension = caps.front().dimension();
    std::size_t count = 1;
    while (count < caps.size() && caps[count].dimension() == dimension) ++count;
    const std::uint32_t index = registry_->index_of(dimension);
    bounds_[index] = effective_caps(caps.first(count), registry_->dimensions()[index], *registry_);
    capped_.add(index);
    caps = caps.subspan(count);
  }
}

// Primary rows come first; where they end, what is out of range is put in order of names.
void Aggregator::fold_contributions(Contributions rows) {
  const auto derived = std::partition_point(
      rows.begin(), rows.end(),
      [](const ContributionRow& row) { return row.list() == AC_LIST_PRIMARY; });
  const auto primary_count = static_cast<std::size_t>(derived - rows.begin());
  const std::size_t rejections = errors_.size();
  fold_list(AC_LIST_PRIMARY, rows.first(primary_count));
  sort_out_of_range(rejections);
  const std::size_t before_derived = errors_.size();
  fold_list(AC_LIST_DERIVED, rows.subspan(primary_count));
  sort_out_of_range(before_derived);
  fold_formulas();
}

void Aggregator::fold_list(std::uint32_t list, Contributions rows) {
  while (!rows.empty()) {
    const std::uint64_t group = rows.front().group();
    std::size_t count = 1;
    while (count < rows.size() && rows[count].group() == group) ++count;
    const Contributions of_group = rows.first(count);
    const std::uint32_t index = registry_->index_of(rows.front().dimension());
    const Dimension& dimension = registry_->dimensions()[index];
    if (list == AC_LIST_DERIVED && dimension.has_formula) {
      awaiting_formula_.add(index);
      formula_rows_[index] = of_group;
    } else {
      settle(list, index, candidate_of(dimension.fold, of_group, std::nullopt));
    }
    rows = rows.subspan(count);
  }
}

void Aggregator::fold_formulas() {
  const ListResult& primary = results_[AC_LIST_PRIMARY];
  const ListResult& derived = results_[AC_LIST_DERIVED];
  const auto final_value = [&](std::uint32_t index) {
    if (derived.present.has(index)) return derived.values[index];
    return primary.present.has(index) ? primary.values[index] : 0.0;
  };
  for (const Formula& formula : registry_->formulas()) {
    const std::uint32_t index = formula.dimension;
    const double value = formula_value(formula, registry_->terms(), final_value);
    const Contributions rows =
        awaiting_formula_.has(index) ? formula_rows_[index] : Contributions();
    settle(AC_LIST_DERIVED, index, candidate_of(registry_->dimensions()[index].fold, rows, value));
  }
}

void Aggregator::settle(std::uint32_t list, std::uint32_t index, double candidate) {
  const Dimension& dimension = registry_->dimensions()[index];
  if (!capped_.has(index)) bounds_[index] = {dimension.clamp_min, dimension.clamp_max};
  const Bounds bounds = bounds_[index];
  if (std::isnan(candidate)) {
    errors_.push_back({AC_REJECT_OUT_OF_RANGE, AC_ABOUT_DIMENSION, dimension.name, list});
    candidate = bounds.min;
  }
  results_[list].values[index] = clamped(candidate, bounds);
  results_[list].present.add(index);
}

void Aggregator::sort_out_of_range(std::size_t first) {
  std::sort(errors_.begin() + static_cast<std::ptrdiff_t>(first), errors_.end(),
            [&](const ac_snapshot_error& a, const ac_snapshot_error& b) {
              return registry_->index_of(a.name) < registry_->index_of(b.name);
            });
}

void Aggregator::fold_contexts(std::span<const ModifierRow> rows,
                               std::span<const double> multipliers) {
  while (!rows.empty()) {
    ac_context merged{rows.front().context, 0, 0.0, 1.0, 0.0};
    std::size_t count = 0;
    for (; count < rows.size() && rows[count].context == merged.name; ++count) {
      const ModifierRow& row = rows[count];
      merged.additive_percent += row.additive_percent;
      merged.post_add += row.post_add;
      for (const double factor : multipliers.subspan(row.first_multiplier, row.multiplier_count)) {
        merged.multiplier *= factor;
      }
    }
    if (std::isfinite(merged.additive_percent) && std::isfinite(merged.multiplier) &&
        std::isfinite(merged.post_add)) {
      contexts_.push_back(merged);
    } else {
      errors_.push_back({AC_REJECT_OUT_OF_RANGE, AC_ABOUT_CONTEXT, merged.name, 0});
    }
    rows = rows.subspan(count);
  }
}

Result<SnapshotRef> Aggregator::write(const ResolveRequest& request,
                                      std::uint64_t contributions_version) {
  capped_.add_all(results_[AC_LIST_PRIMARY].present);
  capped_.add_all(results_[AC_LIST_DERIVED].present);
  const DimensionSet& used = capped_;
  const SnapshotCounts counts{
      .primary = results_[AC_LIST_PRIMARY].present.count(),
      .derived = results_[AC_LIST_DERIVED].present.count(),
      .caps = used.count(),
      .contexts = static_cast<std::uint32_t>(contexts_.size()),
      .errors = static_cast<std::uint32_t>(errors_.size()),
      .actor_id_bytes = static_cast<std::uint32_t>(request.actor_id.size())};
  const SnapshotStamp stamp{.profile_version = request.profile_version,
                            .contributions_version = contributions_version,
                            .registry_version = registry_->version()};
  SnapshotWriter writer(pool_, counts, stamp, request.created_at);
  if (!writer.usable()) return Error(AC_E_NO_MEMORY, "no memory for a snapshot");
  double* number = writer.numbers();
  NameId* name = writer.names();
  const std::span<const Dimension> dimensions = registry_->dimensions();
  for (const ListResult& list : results_) {
    list.present.each([&](std::uint32_t index) {
      *number++ = list.values[index];
      *name++ = dimensions[index].name;
    });
  }
  used.each([&](std::uint32_t index) {
    number[counts.caps] = bounds_[index].max;
    *number++ = bounds_[index].min;
    *name++ = dimensions[index].name;
  });
  std::copy(contexts_.begin(), contexts_.end(), writer.contexts());
  std::copy(errors_.begin(), errors_.end(), writer.errors());
  request.actor_id.copy(writer.actor_id(), request.actor_id.size());
  return writer.take();
}

Error Aggregator::rejection(const ac_snapshot_error& first) const {
  const bool about_dimension = first.about == AC_ABOUT_DIMENSION;
  const char* const what = about_dimension                   ? "dimension"
                           : first.about == AC_ABOUT_CONTEXT ? "context"
                                                             : "system";
  const std::string word(reject_word(first.code));
  const std::string name(names_.text(first.name));
  Error error(AC_E_REJECTED, std::string(what) + " \"" + name + "\": " + word +
                                 "; correct it, or resolve without the strict flag");
  error.details.emplace_back("code", word);
  error.details.emplace_back(what, name);
  if (about_dimension) {
    error.details.emplace_back("list", first.list == AC_LIST_DERIVED ? "derived" : "primary");
  }
  return error;
}

}  // namespace actorcore::snapshot
