// Candidate: what one dimension's rows come to in one list, before its caps.
//
// Threads:    a pure function.
// Invariants: the rows are walked in canonical order, every operation rounded by itself, so that
// the
//             same rows give the same bits.
// Cost:       one pass over the rows.
#ifndef ACTORCORE_SNAPSHOT_CANDIDATE_H_
#define ACTORCORE_SNAPSHOT_CANDIDATE_H_

#include <optional>
#include <span>

#include "snapshot/caps.h"
#include "snapshot/contribution.h"
#include "snapshot/registry.h"

namespace actorcore::snapshot {

// The rows of one dimension and list, in canonical order, and the value of its formula; there is
// one of them at least.
double candidate_of(Fold fold, std::span<const ContributionRow> rows,
                    std::optional<double> formula);

// Of values that compare equal the candidate stays.
inline double clamped(double candidate, const Bounds& bounds) {
  const double raised = bounds.min > candidate ? bounds.min : candidate;
  return bounds.max < raised ? bounds.max : raised;
}

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_CANDIDATE_H_
