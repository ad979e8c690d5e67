#include "snapshot/candidate.h"

#include <cmath>

#include "base/check.h"

namespace actorcore::snapshot {
namespace {

using Rows = std::span<const ContributionRow>;

// (flat × mult) + post. Rows are in order of buckets, so each run is one bucket.
double pipeline(Rows rows, double flat) {
  double mult = 1.0;
  double post = 0.0;
  auto row = rows.begin();
  for (; row != rows.end() && row->bucket() == AC_BUCKET_FLAT; ++row) flat += row->value;
  for (; row != rows.end() && row->bucket() == AC_BUCKET_MULT; ++row) mult *= 1.0 + row->value;
  for (; row != rows.end(); ++row) post += row->value;
  return flat * mult + post;
}

double summed(Rows rows, std::optional<double> formula) {
  double sum = 0.0;
  if (formula) sum += *formula;
  for (const ContributionRow& row : rows) sum += row.value;
  return sum;
}

// The first of the values that no other precedes; NaN where the formula is.
template <class Precedes>
double chosen(Rows rows, std::optional<double> formula, Precedes precedes) {
  double choice = formula ? *formula : rows.front().value;
  if (std::isnan(choice)) return choice;
  for (const ContributionRow& row : rows) {
    if (precedes(row.value, choice)) choice = row.value;
  }
  return choice;
}

double folded(Fold fold, Rows rows, std::optional<double> formula) {
  switch (fold) {
    case Fold::pipeline:
      return pipeline(rows, formula ? 0.0 + *formula : 0.0);
    case Fold::sum:
      return summed(rows, formula);
    case Fold::max:
      return chosen(rows, formula, [](double a, double b) { return a > b; });
    case Fold::min:
      return chosen(rows, formula, [](double a, double b) { return a < b; });
  }
  AC_CHECK(false);
}

}  // namespace

// Overrides are the last rows, and the first of them decides.
double candidate_of(Fold fold, Rows rows, std::optional<double> formula) {
  std::size_t plain = rows.size();
  while (plain > 0 && rows[plain - 1].bucket() == AC_BUCKET_OVERRIDE) --plain;
  if (plain < rows.size()) return rows[plain].value;
  return folded(fold, rows, formula);
}

}  // namespace actorcore::snapshot
