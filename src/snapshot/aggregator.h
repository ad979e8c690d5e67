// Aggregator: folds an entity's rows into a snapshot, by the rules, bit for bit.
//
// Threads:    one at a time; keep one per worker. It holds working memory, no state between calls.
// Invariants: the same rows, registry and request give the same bits, whatever was resolved before and
//             in whatever order the rows arrived.
// Cost:       proportional to the rows, the formulas and the dimensions they touch, plus one bit for
//             each dimension of the registry. No allocation once it has seen the largest entity.
#ifndef ACTORCORE_SNAPSHOT_AGGREGATOR_H_
#define ACTORCORE_SNAPSHOT_AGGREGATOR_H_

#include <cstdint>
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
  std::string_view actor_id;
  std::int64_t profile_version = 1;
  std::int64_t created_at = 0;
  bool strict = false;  // fail with AC_E_REJECTED where `errors` would have an entry
};

class Aggregator {
 public:
  Aggregator(const Names& names, SnapshotPool& pool) : names_(names), pool_(pool) {}
  Aggregator(const Aggregator&) = delete;
  Aggregator& operator=(const Aggregator&) = delete;

  Result<SnapshotRef> resolve(EntityRows& rows, const Registry& registry,
                              const ResolveRequest& request);

 private:
  const Names& names_;
  SnapshotPool& pool_;
};

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_AGGREGATOR_H_
