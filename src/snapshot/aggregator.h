// Aggregator: folds an entity's rows into a snapshot, by the rules, bit for bit.
//
// Threads:    one at a time; keep one per worker. What it holds is working memory, no state.
// Invariants: the same rows, registry and request give the same bits, whatever was resolved before
//             and in whatever order the rows arrived.
// Cost:       proportional to the rows, the formulas and the dimensions they touch, plus three bits
//             for each dimension of the registry. No allocation once it has seen the largest
//             entity.
#ifndef ACTORCORE_SNAPSHOT_AGGREGATOR_H_
#define ACTORCORE_SNAPSHOT_AGGREGATOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "snapshot/caps.h"
#include "snapshot/entity_rows.h"
#include "snapshot/registry.h"
#include "snapshot/snapshot.h"
#include "snapshot/snapshot_pool.h"

namespace actorcore::snapshot {

struct ResolveRequest {
  std::string_view actor_id;  // at most 4096 bytes
  std::uint64_t profile_version = 1;
  std::int64_t created_at = 0;
  bool strict = false;  // fail with AC_E_REJECTED where `errors` would have an entry
};

// A set of dimensions, walked in order of their names.
class DimensionSet {
 public:
  void reset(std::size_t dimensions) { words_.assign((dimensions + 63) / 64, 0); }
  void add(std::uint32_t index) { words_[index / 64] |= std::uint64_t{1} << index % 64; }
  bool has(std::uint32_t index) const { return (words_[index / 64] >> index % 64 & 1) != 0; }
  void add_all(const DimensionSet& other);
  std::uint32_t count() const;
  template <class Visit>
  void each(Visit visit) const;

 private:
  std::vector<std::uint64_t> words_;
};

class Aggregator {
 public:
  static constexpr std::size_t actor_id_bytes_max = 4096;

  Aggregator(const Names& names, SnapshotPool& pool) : names_(names), pool_(pool) {}
  Aggregator(const Aggregator&) = delete;
  Aggregator& operator=(const Aggregator&) = delete;

  Result<SnapshotRef> resolve(EntityRows& rows, const Registry& registry,
                              const ResolveRequest& request);

 private:
  // One list's results; values count only where `present`.
  struct ListResult {
    DimensionSet present;
    std::vector<double> values;
  };
  using Contributions = std::span<const ContributionRow>;

  void begin(const EntityRows& rows, const Registry& registry);
  void list_rejections(const EntityRows& rows);
  void keep_accepted(const EntityRows& rows);
  void fold_caps(std::span<const CapRow> caps);
  void fold_contributions(Contributions rows);
  void fold_list(std::uint32_t list, Contributions rows);
  void fold_formulas();
  void settle(std::uint32_t list, std::uint32_t index, double candidate);
  void sort_out_of_range(std::size_t first);
  void fold_contexts(std::span<const ModifierRow> rows, std::span<const double> multipliers);
  Result<SnapshotRef> write(const ResolveRequest& request, std::uint64_t contributions_version);
  Error rejection(const ac_snapshot_error& first) const;

  const Names& names_;
  SnapshotPool& pool_;

  const Registry* registry_ = nullptr;  // during a resolve
  std::array<ListResult, 2> results_;   // by AC_LIST_*
  DimensionSet capped_;                 // dimensions whose bounds caps decided
  std::vector<Bounds> bounds_;          // of every dimension settled or capped
  DimensionSet awaiting_formula_;       // with rows that fold_formulas() takes
  std::vector<Contributions> formula_rows_;
  std::vector<ac_context> contexts_;
  std::vector<ac_snapshot_error> errors_;
  std::vector<ContributionRow> accepted_contributions_;
  std::vector<CapRow> accepted_caps_;
  std::vector<ModifierRow> accepted_modifiers_;
};

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_AGGREGATOR_H_
