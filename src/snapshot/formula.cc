#include "snapshot/formula.h"

#include <utility>

namespace actorcore::snapshot {
namespace {

constexpr std::uint32_t no_formula = UINT32_MAX;

enum class Mark : std::uint8_t { unseen, on_path, done };

// A depth-first walk with a stack of its own: a chain of formulas may be as long as the registry.
class Walk {
 public:
  Walk(std::span<const Formula> formulas, std::span<const FormulaTerm> terms,
       std::uint32_t dimension_count)
      : formulas_(formulas),
        terms_(terms),
        marks_(formulas.size(), Mark::unseen),
        formula_of_(dimension_count, no_formula) {
    for (std::uint32_t i = 0; i < formulas.size(); ++i) formula_of_[formulas[i].dimension] = i;
  }

  // False where `root` leads into a cycle.
  bool visit(std::uint32_t root) {
    if (marks_[root] == Mark::done) return true;
    enter(root);
    while (!path_.empty()) {
      Step& step = path_.back();
      const Formula& formula = formulas_[step.formula];
      if (step.next_term == formula.term_count) {
        leave();
        continue;
      }
      const FormulaTerm& term = terms_[formula.first_term + step.next_term++];
      const std::uint32_t next = formula_of_[term.dimension];
      if (next == no_formula || marks_[next] == Mark::done) continue;
      if (marks_[next] == Mark::on_path) return close_cycle(next);
      enter(next);
    }
    return true;
  }

  EvaluationOrder take() { return std::move(found_); }

 private:
  struct Step {
    std::uint32_t formula;
    std::uint32_t next_term;
  };

  void enter(std::uint32_t formula) {
    marks_[formula] = Mark::on_path;
    path_.push_back({formula, 0});
  }

  void leave() {
    marks_[path_.back().formula] = Mark::done;
    found_.formulas.push_back(path_.back().formula);
    path_.pop_back();
  }

  bool close_cycle(std::uint32_t first) {
    bool inside = false;
    for (const Step& step : path_) {
      inside = inside || step.formula == first;
      if (inside) found_.cycle.push_back(formulas_[step.formula].dimension);
    }
    found_.cycle.push_back(formulas_[first].dimension);
    return false;
  }

  std::span<const Formula> formulas_;
  std::span<const FormulaTerm> terms_;
  std::vector<Mark> marks_;
  std::vector<std::uint32_t> formula_of_;
  std::vector<Step> path_;
  EvaluationOrder found_;
};

}  // namespace

EvaluationOrder evaluation_order(std::span<const Formula> formulas,
                                 std::span<const FormulaTerm> terms,
                                 std::uint32_t dimension_count) {
  Walk walk(formulas, terms, dimension_count);
  for (std::uint32_t i = 0; i < formulas.size(); ++i) {
    if (!walk.visit(i)) break;
  }
  EvaluationOrder order = walk.take();
  if (!order.cycle.empty()) order.formulas.clear();
  return order;
}

}  // namespace actorcore::snapshot
