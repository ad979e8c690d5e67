// Contribution rows: the ABI's rows, checked, in the compact form that entities keep.
//
// Threads:    plain values.
// Invariants: `before` is the canonical order within one kind of row; keys are built when rows are
//             stored, so that resolving compares integers only. Values are finite. Tags and realm
//             are labels: looked at once, not kept.
// Cost:       a comparison is one integer in most cases; texts are compared only on equal priority.
#ifndef ACTORCORE_SNAPSHOT_CONTRIBUTION_H_
#define ACTORCORE_SNAPSHOT_CONTRIBUTION_H_

#include <actorcore/actorcore.h>

#include <cstdint>

#include "base/status.h"
#include "snapshot/names.h"

namespace actorcore::snapshot {

struct ContributionRow {
  std::uint64_t key;  // list, dimension, bucket
  std::int64_t priority;
  double value;
  NameId system;
  NameId owner;  // the output's system, which may differ from the row's

  // Rows of one group go to one dimension of one list; a bucket is the key's lowest two bits.
  std::uint64_t group() const { return key >> 2; }
  std::uint32_t bucket() const { return key & 3; }
  NameId dimension() const { return static_cast<NameId>(key >> 2); }
  std::uint32_t list() const { return static_cast<std::uint32_t>(key >> 34); }
};

struct CapRow {
  std::uint64_t place;  // dimension, layer
  std::int64_t priority;
  double value;
  NameId system;
  NameId owner;
  std::uint32_t kind;  // AC_CAP_KIND_MAX, AC_CAP_KIND_MIN
  std::uint32_t mode;  // AC_CAP_BASELINE ...

  NameId dimension() const { return static_cast<NameId>(place >> 32); }
  NameId layer() const { return static_cast<NameId>(place); }
};

struct ModifierRow {
  std::int64_t priority;  // of the output
  double additive_percent;
  double post_add;
  NameId context;
  NameId owner;
  std::uint32_t first_multiplier;
  std::uint32_t multiplier_count;
};

// What a check of an output found beyond errors: reasons to leave it out that no registry changes.
struct OutputCheck {
  std::uint32_t unworkable = 0;  // AC_REJECT_NOT_FINITE, AC_REJECT_SUBSYSTEM_FAILED or 0
  bool bad_cap = false;          // AC_REJECT_INVALID_CAP, unless something earlier is found
};

// Refuses what no subsystem may hand over: names never interned, constants that do not exist,
// reserved bytes that are not zero, null with a count, too many rows, one context twice.
Result<OutputCheck> check_output(const ac_output& output, const Names& names);

// Zero means: the row's system is the output's, a cap's layer is TOTAL.
ContributionRow contribution_row(const ac_contribution& given, NameId owner);
CapRow cap_row(const ac_cap& given, NameId owner);
ModifierRow modifier_row(const ac_modifier& given, const ac_output& output,
                         std::uint32_t first_multiplier);

// -0 comes before +0.
bool value_before(double left, double right);
bool before(const ContributionRow& left, const ContributionRow& right, const Names& names);
bool before(const CapRow& left, const CapRow& right, const Names& names);
bool before(const ModifierRow& left, const ModifierRow& right, const Names& names);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_CONTRIBUTION_H_
