// EntityRows: what an entity's subsystems contribute, kept in canonical order.
//
// Threads:    one at a time; the rows belong to the entity's actor, or to whoever holds the handle.
// Invariants: contributions are sorted by list, dimension, bucket, priority descending, system, value;
//             caps by dimension, layer, kind, mode, priority descending, system, value; modifiers by
//             context and then by output; outputs by priority descending, then system. One with a value
//             that is not finite, or a failed one, is listed and has no rows. Rows name things by
//             NameId and outlive any registry.
// Cost:       put() sorts one output's rows and merges them in one pass over the entity's; 32 bytes a
//             contribution, 40 a cap. Nothing is allocated once the arrays have grown.
#ifndef ACTORCORE_SNAPSHOT_ENTITY_ROWS_H_
#define ACTORCORE_SNAPSHOT_ENTITY_ROWS_H_

#include <actorcore/actorcore.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "snapshot/contribution.h"
#include "snapshot/names.h"
#include "snapshot/registry.h"

namespace actorcore::snapshot {

// A subsystem's output as the entity keeps it; its rows are found by `system`.
struct OutputEntry {
  std::int64_t priority;
  NameId system;
  std::uint32_t rejected;    // by the registry last checked against: an AC_REJECT_*, 0 if accepted
  std::uint32_t unworkable;  // whatever the registry: not_finite, subsystem_failed, 0 if neither
  bool bad_cap;
};

class EntityRows {
 public:
  static constexpr std::size_t outputs_max = 1024;
  static constexpr std::size_t rows_max = std::size_t{1} << 16;  // of each kind

  // Replaces what `output.system` contributes. On an error nothing is changed.
  Result<void> put(const ac_output& output, const Names& names);
  // Replaces everything. Outputs that name the same system are kept, to be rejected as duplicates.
  Result<void> load(std::span<const ac_output> outputs, const Names& names);
  // False where the system contributes nothing.
  bool remove(NameId system);
  void clear();

  // Changes with every change of the rows, never back.
  std::uint64_t version() const { return version_; }

  // Decides, once per change and registry, which outputs the registry rejects.
  void check(const Registry& registry);

  // What follows is the aggregator's. `outputs` holds the verdicts of the last check().
  std::span<const OutputEntry> outputs() const { return outputs_; }
  std::span<const ContributionRow> contributions() const { return contributions_; }
  std::span<const CapRow> caps() const { return caps_; }
  std::span<const ModifierRow> modifiers() const { return modifiers_; }
  std::span<const double> multipliers() const { return multipliers_; }
  bool any_rejected() const { return rejected_count_ != 0; }
  bool accepts_rows_of(NameId system) const;

 private:
  void drop_rows(NameId system);
  void append(const ac_output& output, const OutputCheck& check);
  void changed();
  void reject_unknown(const Registry& registry);

  std::uint64_t version_ = 0;
  std::uint64_t checked_registry_ = 0;
  std::uint32_t rejected_count_ = 0;
  std::vector<OutputEntry> outputs_;
  std::vector<ContributionRow> contributions_;
  std::vector<CapRow> caps_;
  std::vector<ModifierRow> modifiers_;
  std::vector<double> multipliers_;
};

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_ENTITY_ROWS_H_
