#include "snapshot/registry_text.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "snapshot/reading.h"

namespace actorcore::snapshot {
namespace {

constexpr std::array<std::string_view, 2> registry_keys = {"dimensions", "layers"};
constexpr std::array<std::string_view, 4> rule_keys = {"use_pipeline", "operator", "clamp_default",
                                                       "formula"};
constexpr std::array<std::string_view, 2> clamp_keys = {"min", "max"};
constexpr std::array<std::string_view, 2> formula_keys = {"terms", "constant"};
constexpr std::array<std::string_view, 3> operator_words = {"SUM", "MAX", "MIN"};

bool is_dimension_name(std::string_view name) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto tail = [&](char c) { return small(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= Names::text_bytes_max && small(name[0]) &&
         std::all_of(name.begin() + 1, name.end(), tail);
}

class RegistryReader {
 public:
  explicit RegistryReader(Problems& problems) : problems_(problems) {}

  RegistryDraft read(const Node& node) {
    const Fields fields(node, "a registry", registry_keys, problems_);
    if (const Node* const layers = fields.optional("layers")) {
      draft_.layers = read_layers(*layers, problems_);
    }
    const Node* const dimensions = fields.required("dimensions");
    if (dimensions == nullptr || !expect(*dimensions, NodeKind::object, "dimensions", problems_)) {
      return std::move(draft_);
    }
    collect_names(*dimensions);
    for (std::uint32_t index = 0; index < members_.size(); ++index) read_rule(index);
    order_formulas();
    return std::move(draft_);
  }

 private:
  struct Member {
    const Node* key;
    const Node* rule;
  };

  void collect_names(const Node& dimensions) {
    for_each_member(dimensions, [&](const Node& key, const Node& rule) {
      members_.push_back({&key, &rule});
      if (!is_dimension_name(key.text)) {
        add_problem(problems_, key,
                    quoted(key.text) + " is no dimension name; it takes a letter a-z, then " +
                        "letters a-z, digits and _, at most " +
                        std::to_string(Names::text_bytes_max));
      }
    });
    if (members_.size() > Registry::dimensions_max) {
      add_problem(problems_, dimensions,
                  "more than " + std::to_string(Registry::dimensions_max) + " dimensions");
      members_.clear();
    }
    std::sort(members_.begin(), members_.end(),
              [](const Member& a, const Member& b) { return a.key->text < b.key->text; });
    for (const Member& member : members_) names_.push_back(member.key->text);
  }

  void read_rule(std::uint32_t index) {
    RegistryDraft::Named& dimension = draft_.dimensions.emplace_back();
    dimension.name = names_[index];
    dimension.rule = {.clamp_min = 0.0,
                      .clamp_max = 0.0,
                      .name = no_name,
                      .fold = Fold::pipeline,
                      .has_formula = false};
    const Fields fields(*members_[index].rule, "a dimension", rule_keys, problems_);
    read_fold(fields, dimension.rule);
    if (const Node* const clamp = fields.required("clamp_default")) {
      read_clamp(*clamp, dimension.rule);
    }
    if (const Node* const formula = fields.optional("formula")) {
      dimension.rule.has_formula = true;
      formula_nodes_.push_back(formula);
      read_formula(*formula, index);
    }
  }

  void read_fold(const Fields& fields, Dimension& rule) {
    bool pipeline = false;
    std::uint32_t word = 0;
    const bool told = read_boolean(fields.required("use_pipeline"), pipeline, problems_);
    const bool needed = told && !pipeline;
    const Node* const node = needed ? fields.required("operator") : fields.optional("operator");
    if (!read_word(node, operator_words, word, problems_) || !needed) return;
    constexpr std::array folds = {Fold::sum, Fold::max, Fold::min};
    rule.fold = folds[word];
  }

  void read_clamp(const Node& node, Dimension& rule) {
    const Fields fields(node, "clamp_default", clamp_keys, problems_);
    const bool min = read_finite(fields.required("min"), rule.clamp_min, problems_);
    const bool max = read_finite(fields.required("max"), rule.clamp_max, problems_);
    if (min && max && rule.clamp_min > rule.clamp_max) {
      add_problem(problems_, node, "clamp_default has min above max; swap them");
    }
  }

  void read_formula(const Node& node, std::uint32_t dimension) {
    const Fields fields(node, "a formula", formula_keys, problems_);
    Formula formula{.constant = 0.0,
                    .dimension = dimension,
                    .first_term = static_cast<std::uint32_t>(draft_.terms.size()),
                    .term_count = 0};
    read_finite(fields.optional("constant"), formula.constant, problems_);
    const Node* const terms = fields.optional("terms");
    if (terms != nullptr && expect(*terms, NodeKind::object, "terms", problems_)) {
      for_each_member(*terms, [&](const Node& key, const Node& value) { read_term(key, value); });
    }
    const auto first = draft_.terms.begin() + formula.first_term;
    std::sort(first, draft_.terms.end(),
              [](const FormulaTerm& a, const FormulaTerm& b) { return a.dimension < b.dimension; });
    formula.term_count = static_cast<std::uint32_t>(draft_.terms.size()) - formula.first_term;
    draft_.formulas.push_back(formula);
  }

  void read_term(const Node& key, const Node& value) {
    const auto found = std::lower_bound(names_.begin(), names_.end(), key.text);
    if (found == names_.end() || *found != key.text) {
      add_problem(problems_, key,
                  "the formula names " + quoted(key.text) + ", which is no dimension" +
                      suggestion(key.text, names_));
      return;
    }
    if (draft_.terms.size() == Registry::terms_max) {
      add_problem(problems_, key, "more than " + std::to_string(Registry::terms_max) + " terms");
      return;
    }
    FormulaTerm term{0.0, static_cast<std::uint32_t>(found - names_.begin())};
    read_finite(&value, term.coefficient, problems_);
    draft_.terms.push_back(term);
  }

  void order_formulas() {
    const auto count = static_cast<std::uint32_t>(names_.size());
    const EvaluationOrder order = evaluation_order(draft_.formulas, draft_.terms, count);
    if (!order.cycle.empty()) return report(order.cycle);
    std::vector<Formula> sorted;
    for (const std::uint32_t index : order.formulas) sorted.push_back(draft_.formulas[index]);
    draft_.formulas = std::move(sorted);
  }

  void report(const std::vector<std::uint32_t>& cycle) {
    constexpr std::size_t shown_max = 16;
    std::string path;
    for (std::size_t i = 0; i < cycle.size(); ++i) {
      if (i >= shown_max && i + 1 < cycle.size()) continue;
      if (i > 0) path += i > shown_max ? " -> ... -> " : " -> ";
      path += names_[cycle[i]];
    }
    for (std::size_t i = 0; i < draft_.formulas.size(); ++i) {
      if (draft_.formulas[i].dimension != cycle.front()) continue;
      add_problem(problems_, *formula_nodes_[i], "the formulas form a cycle: " + path);
    }
  }

  Problems& problems_;
  RegistryDraft draft_;
  std::vector<Member> members_;             // by name
  std::vector<std::string_view> names_;     // the same
  std::vector<const Node*> formula_nodes_;  // as draft_.formulas, while these are by name
};

}  // namespace

RegistryDraft read_registry(const Node& node, Problems& problems) {
  return RegistryReader(problems).read(node);
}

}  // namespace actorcore::snapshot
