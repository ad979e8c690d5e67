// Formula: a dimension's linear form over others, and the order in which forms are evaluated.
//
// Threads:    plain values.
// Invariants: see evaluation_order().
// Cost:       value() is one multiplication and one addition a term.
#ifndef ACTORCORE_SNAPSHOT_FORMULA_H_
#define ACTORCORE_SNAPSHOT_FORMULA_H_

#include <cstdint>
#include <span>
#include <vector>

namespace actorcore::snapshot {

struct FormulaTerm {
  double coefficient;
  std::uint32_t dimension;
};

struct Formula {
  double constant;
  std::uint32_t dimension;
  std::uint32_t first_term;
  std::uint32_t term_count;
};

// constant + Σ coefficient × final value, in the order given, each product rounded, then added.
template <class FinalValue>
double formula_value(const Formula& formula, std::span<const FormulaTerm> terms,
                     FinalValue&& final_value) {
  double sum = formula.constant;
  for (const FormulaTerm& term : terms.subspan(formula.first_term, formula.term_count)) {
    const double product = term.coefficient * final_value(term.dimension);
    sum += product;
  }
  return sum;
}

// Either an order or a cycle.
struct EvaluationOrder {
  std::vector<std::uint32_t> formulas;  // indexes into the forms given
  std::vector<std::uint32_t> cycle;     // dimensions, the first repeated at the end
};

// Takes forms in order of their dimensions, whose terms are in order too. Gives them in that order,
// each right after those of its terms that are not yet in it, visited in order; or a cycle.
EvaluationOrder evaluation_order(std::span<const Formula> formulas,
                                 std::span<const FormulaTerm> terms, std::uint32_t dimension_count);

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_FORMULA_H_
