// Receipt: how one value of a snapshot came about, step by step.
//
// Threads:    immutable once made; any thread may read.
// Invariants: steps are in the order in which the rules take them, from AC_STEP_RULE to
//             AC_STEP_CLAMP, whose result is the value. They hold everything that the value depends
//             on; see Replay. What they name, `names` has.
// Cost:       made on demand, from rows and a snapshot of them: a step for each row of the
//             dimension, and a few more. A resolve does nothing for it.
#ifndef ACTORCORE_SNAPSHOT_RECEIPT_H_
#define ACTORCORE_SNAPSHOT_RECEIPT_H_

#include <actorcore/actorcore.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "snapshot/entity_rows.h"
#include "snapshot/names.h"
#include "snapshot/registry.h"
#include "snapshot/snapshot.h"

namespace actorcore::snapshot {

// One value of an entity.
struct ReceiptRequest {
  std::uint32_t list = 0;  // AC_LIST_*
  NameId dimension = no_name;
};

class Receipt {
 public:
  // `snapshot` was resolved from these rows by this registry, and nothing has changed since; final
  // values of terms are taken from it. AC_E_UNKNOWN_DIMENSION where it lacks the value.
  static Result<std::unique_ptr<const Receipt>> make(const ReceiptRequest& request,
                                                     const EntityRows& rows,
                                                     const Registry& registry,
                                                     const Snapshot& snapshot,
                                                     std::shared_ptr<const Names> names);

  std::string_view actor_id() const { return actor_id_; }
  std::uint64_t version() const { return version_; }
  std::uint32_t list() const { return steps_.front().list; }
  NameId dimension() const { return steps_.front().name; }
  std::span<const ac_receipt_step> steps() const { return steps_; }
  double value() const { return steps_.back().result; }
  std::uint32_t bound() const { return steps_.back().bound; }  // AC_BOUND_*, the one that clipped
  const Names& names() const { return *names_; }

  void release_handle() const noexcept { delete this; }  // its handle owns it (HandleTable)

 private:
  Receipt(const Snapshot& snapshot, std::vector<ac_receipt_step> steps,
          std::shared_ptr<const Names> names)
      : actor_id_(snapshot.actor_id()),
        version_(snapshot.version()),
        steps_(std::move(steps)),
        names_(std::move(names)) {}

  const std::string actor_id_;
  const std::uint64_t version_;
  const std::vector<ac_receipt_step> steps_;
  const std::shared_ptr<const Names> names_;
};

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_RECEIPT_H_
