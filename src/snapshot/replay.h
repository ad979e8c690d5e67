// Replay: takes the steps of a receipt, one after the other, by the rules.
//
// Threads:    one at a time; a plain value.
// Invariants: of a step only what it brings is read: kind, fold, policy, bucket, mode, bound, the
//             names and the priority that say whose it is, value and a term's factor. What comes of
//             it is written. So taking a receipt's steps again writes the same bits, and taking
//             changed ones says what would come of them.
// Cost:       a few instructions a step; no allocation.
#ifndef ACTORCORE_SNAPSHOT_REPLAY_H_
#define ACTORCORE_SNAPSHOT_REPLAY_H_

#include <actorcore/actorcore.h>

#include <array>
#include <optional>
#include <span>

#include "base/status.h"
#include "snapshot/caps.h"
#include "snapshot/names.h"

namespace actorcore::snapshot {

class Replay {
 public:
  // AC_E_UNKNOWN_CONSTANT for what is none, AC_E_UNSUPPORTED for a reserved word that is not zero,
  // AC_E_INVALID_ARGUMENT for a step before the rule, after the clamp, or a clamp of nothing.
  ac_status take(ac_receipt_step& step);

  // Whether the clamp was taken, with which everything ends.
  bool is_done() const { return is_done_; }
  double value() const { return *candidate_; }
  // What will be clamped; none where nothing contributed.
  std::optional<double> candidate() const { return candidate_; }
  // The bounds as they are so far.
  Bounds bounds() const { return {min_.effective, max_.effective}; }

 private:
  // One bound, in the layer at hand and across those that are done.
  struct Side {
    double standard = 0.0;  // of clamp_default
    double baseline = 0.0;
    double additive = 0.0;
    bool is_summed = false;
    std::optional<double> overriding;
    std::optional<double> hard;
    double layer = 0.0;

    double tightest = 0.0;
    NameId tightest_layer = no_name;
    std::optional<double> widest;
    NameId widest_layer = no_name;
    std::optional<double> decided;  // by the first layer that overrides
    NameId decided_layer = no_name;

    double effective = 0.0;
    NameId effective_layer = no_name;
  };
  using Pick = double (*)(double met, double next);

  ac_status check(const ac_receipt_step& step) const;
  void settle(ac_receipt_step& step);
  void enter(ac_receipt_step& step);
  void contribute(ac_receipt_step& step);
  void choose(const ac_receipt_step& step);
  void conclude(ac_receipt_step& step);
  void set_standard(ac_receipt_step& step);
  void cap(ac_receipt_step& step);
  void close_layer(ac_receipt_step& step);
  void cross(ac_receipt_step& step);
  void replace_nan(ac_receipt_step& step);
  ac_status clamp(ac_receipt_step& step);

  Side& side(const ac_receipt_step& step) { return step.bound == AC_BOUND_MAX ? max_ : min_; }
  static double soft_of(const Side& side);
  static void widen(Side& side, Pick tighter, Pick wider, NameId layer);

  bool is_begun_ = false;
  bool is_done_ = false;
  std::uint32_t fold_ = AC_FOLD_PIPELINE;
  std::uint32_t policy_ = AC_ACROSS_INTERSECT;
  double formula_ = 0.0;
  std::array<double, 3> buckets_{0.0, 1.0, 0.0};  // by AC_BUCKET_*
  double sum_ = 0.0;
  std::optional<ac_receipt_step> choice_;  // of MAX and MIN
  std::optional<ac_receipt_step> override_;
  std::optional<double> candidate_;
  Side max_;
  Side min_;
};

// The value that the steps come to.
Result<double> replay(std::span<const ac_receipt_step> steps);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_REPLAY_H_
