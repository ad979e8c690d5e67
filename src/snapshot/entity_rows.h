// EntityRows: what an entity's subsystems contribute, kept in canonical order.
//
// Threads:    one at a time; the rows belong to the entity's actor, or to whoever holds the handle.
// Invariants: contributions are sorted by list, dimension, bucket, priority descending, system,
//             value; caps by dimension, layer, kind, mode, priority descending, system, value;
//             modifiers by context and then by output; outputs by priority descending, then system.
//             An output that no registry would accept is listed and has no rows. Rows name things
//             by NameId and outlive any registry.
//             touched() covers all that has changed since settle().
// Cost:       put() sorts one output's rows and merges them in one pass over the entity's; where
//             only values differ it is a search a row. 32 bytes a contribution, 40 a cap. Nothing
//             is allocated once the arrays have grown.
#ifndef ACTORCORE_SNAPSHOT_ENTITY_ROWS_H_
#define ACTORCORE_SNAPSHOT_ENTITY_ROWS_H_

#include <actorcore/actorcore.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "snapshot/contribution.h"
#include "snapshot/names.h"
#include "snapshot/registry.h"

namespace actorcore::snapshot {

// A subsystem's output as the entity keeps it; its rows are those of which it is the owner.
struct OutputEntry {
  std::int64_t priority;
  NameId system;
  std::uint32_t unworkable;  // whatever the registry: an AC_REJECT_*, or 0
  std::uint32_t rejected;    // by the registry of the last check(): an AC_REJECT_*, or 0
  std::uint32_t contributions;
  std::uint32_t caps;
  std::uint32_t modifiers;
  bool bad_cap;
  std::uint8_t origin;  // what brought it: an AC_ORIGIN_*
};

// The places whose rows have changed: few, or all.
class Touched {
 public:
  static constexpr std::size_t places_max = 8;

  bool is_all() const { return count_ > places_max; }
  void add_all() { count_ = places_max + 1; }
  void clear() { count_ = 0; }
  void add(std::uint64_t place) {
    if (is_all() || std::ranges::find(places(), place) != places().end()) return;
    if (count_ < places_max) places_[count_] = place;
    ++count_;
  }
  std::span<const std::uint64_t> places() const {
    return {places_.data(), std::min(count_, places_max)};
  }

 private:
  std::array<std::uint64_t, places_max> places_;
  std::size_t count_ = places_max + 1;  // all, until it is cleared
};

class EntityRows {
 public:
  static constexpr std::size_t outputs_max = 1024;
  static constexpr std::size_t rows_max = std::size_t{1} << 16;  // of each kind

  // Replaces what `output.system` contributes; `origin`, an AC_ORIGIN_*, is kept for receipts. On
  // an error nothing is changed.
  Result<void> put(const ac_output& output, const Names& names,
                   std::uint32_t origin = AC_ORIGIN_PUT);
  // The same, but where the system contributes already: two outputs of one system, so neither
  // counts.
  Result<void> add(const ac_output& output, const Names& names,
                   std::uint32_t origin = AC_ORIGIN_PUT);
  // Puts one row into a system's output: in place of the one that differs from it in nothing but
  // the value, or beside the others. AC_E_REJECTED where that output is left out whatever the
  // registry; AC_E_INVALID_ARGUMENT where several rows differ in nothing but their values.
  Result<void> put_row(NameId system, const ac_contribution& row, const Names& names);
  Result<void> put_row(NameId system, const ac_cap& row, const Names& names);
  // Takes out the row that differs from it in nothing but the value; AC_E_NOT_FOUND.
  Result<void> remove_row(NameId system, const ac_contribution& row, const Names& names);
  Result<void> remove_row(NameId system, const ac_cap& row, const Names& names);
  // Replaces everything. Of outputs that name the same system none counts, as the rules say. On an
  // error nothing is changed.
  Result<void> load(std::span<const ac_output> outputs, const Names& names);
  // False where the system contributes nothing.
  bool remove(NameId system);
  void clear();

  // What its arrays take, used or not.
  std::size_t bytes() const;

  // Changes with every change of the rows, never back.
  std::uint64_t version() const { return version_; }

  // What has changed since settle(): groups of contributions, and dimensions of caps. With
  // modifiers changed, or more than few, it is all.
  const Touched& touched_contributions() const { return touched_contributions_; }
  const Touched& touched_caps() const { return touched_caps_; }
  bool is_all_touched() const { return touched_contributions_.is_all() || touched_caps_.is_all(); }
  void settle();
  void touch_all();

  // Decides, once per change and registry, which outputs the registry rejects.
  void check(const Registry& registry);

  // What follows is the aggregator's. `outputs` holds the verdicts of the last check().
  std::span<const OutputEntry> outputs() const { return outputs_; }
  std::span<const ContributionRow> contributions() const { return contributions_; }
  std::span<const CapRow> caps() const { return caps_; }
  std::span<const ModifierRow> modifiers() const { return modifiers_; }
  std::span<const double> multipliers() const { return multipliers_; }
  // Those of one group, and the caps of one dimension.
  std::span<const ContributionRow> contributions_of(std::uint64_t group) const;
  std::span<const CapRow> caps_of(NameId dimension) const;
  bool has_rejected_rows() const { return has_rejected_rows_; }
  bool accepts_rows_of(NameId owner) const;

 private:
  // How many rows there are of each kind.
  struct Sizes {
    std::size_t contributions = 0;
    std::size_t caps = 0;
    std::size_t modifiers = 0;
    std::size_t multipliers = 0;

    void add(const ac_output& output);
    bool within(std::size_t limit) const;
  };

  Sizes sizes() const;
  bool revalue(OutputEntry& entry, const ac_output& output, const OutputCheck& check,
               std::uint32_t origin);
  template <class Row>
  Result<void> put_one(std::vector<Row>& rows, std::uint32_t OutputEntry::*count, Touched& touched,
                       const Row& row, const ac_output& output, const Names& names);
  template <class Row>
  Result<void> remove_one(std::vector<Row>& rows, std::uint32_t OutputEntry::*count,
                          Touched& touched, const Row& row, const ac_output& output,
                          const Names& names);
  OutputEntry& enter(NameId system, const Names& names);
  Result<void> check_room(bool is_new, std::size_t rows) const;
  bool fits(const ac_output& output) const;
  void make_room(std::span<const ac_output> added);
  void append(const ac_output& output, const OutputCheck& check, std::uint32_t origin);
  void sort(const Sizes& sorted, const Names& names);
  void order_multipliers();
  OutputEntry* find(NameId system);
  void drop(NameId system);
  void forget();
  void reject(NameId owner, std::uint32_t code);
  void changed();

  std::uint64_t version_ = 0;
  std::uint64_t checked_registry_ = 0;  // 0: not since the last change
  bool has_rejected_rows_ = false;
  Touched touched_contributions_;
  Touched touched_caps_;
  std::vector<OutputEntry> outputs_;
  std::vector<ContributionRow> contributions_;
  std::vector<CapRow> caps_;
  std::vector<ModifierRow> modifiers_;
  std::vector<double> multipliers_;
};

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_ENTITY_ROWS_H_
