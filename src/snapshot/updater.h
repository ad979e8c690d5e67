// Updater: makes an entity's snapshot from the one before and what has changed since.
//
// Threads:    one at a time; keep one per worker. What it holds is working memory, no state.
// Invariants: what it makes is what the Aggregator would have, bit for bit; where it cannot be sure
//             of that it makes nothing: dimensions that come or go, rejections, values out of
//             range.
// Cost:       a copy of the snapshot; then proportional to the rows of what changed and of the
//             formulas that follow from it. No allocation once it has seen the largest registry.
#ifndef ACTORCORE_SNAPSHOT_UPDATER_H_
#define ACTORCORE_SNAPSHOT_UPDATER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "snapshot/aggregator.h"
#include "snapshot/entity_rows.h"
#include "snapshot/registry.h"
#include "snapshot/snapshot.h"
#include "snapshot/snapshot_pool.h"

namespace actorcore::snapshot {

class Updater {
 public:
  explicit Updater(SnapshotPool& pool) : pool_(pool) {}
  Updater(const Updater&) = delete;
  Updater& operator=(const Updater&) = delete;

  // `before` is what the rows gave before what they say is touched. None where a whole fold is
  // needed, or memory is exhausted.
  SnapshotRef update(const Snapshot& before, EntityRows& rows, const Registry& registry,
                     const ResolveRequest& request);

 private:
  // One snapshot in the making: its arrays, at the places that `before` has them.
  struct Making {
    const EntityRows& rows;
    const Registry& registry;
    NamedValues lists[2];  // by AC_LIST_*: names, and values of `before`
    CapsUsed caps;
    double* values[2];
    double* min;
    double* max;
  };

  bool recap(Making& making, NameId dimension);
  bool refold(Making& making, std::uint32_t list, std::uint32_t dimension);
  bool refold_formula(Making& making, std::uint32_t place);
  bool refold_formulas(Making& making);
  bool settle(Making& making, std::uint32_t list, std::uint32_t dimension, std::size_t at,
              double candidate);

  SnapshotPool& pool_;
  std::vector<std::uint64_t> pending_;  // formulas to evaluate anew, a bit each
  bool has_pending_ = false;
};

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_UPDATER_H_
