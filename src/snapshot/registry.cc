#include "snapshot/registry.h"

#include <numeric>
#include <utility>

#include "snapshot/problems.h"
#include "snapshot/registry_text.h"

namespace actorcore::snapshot {
namespace {

void set_at(std::vector<std::uint32_t>& table, NameId name, std::uint32_t value) {
  if (table.size() <= name) table.resize(name + 1, Registry::none);
  table[name] = value;
}

}  // namespace

Result<std::shared_ptr<const Registry>> Registry::parse(const Source& source, Names& names,
                                                        const Layers& in_force) {
  Result<Document> document = Document::parse(source);
  if (!document.ok()) {
    Error error = std::move(document).error();
    error.code = AC_E_BAD_REGISTRY;
    return error;
  }
  Problems problems(source.name);
  const RegistryDraft draft = read_registry(document.value().root(), problems);
  if (!problems.none()) return problems.error(AC_E_BAD_REGISTRY);
  return make(draft, names, in_force);
}

Result<std::shared_ptr<const Registry>> Registry::make(const RegistryDraft& draft, Names& names,
                                                       const Layers& in_force) {
  const std::shared_ptr<Registry> made(new Registry);
  made->formulas_ = draft.formulas;
  made->terms_ = draft.terms;
  for (const RegistryDraft::Named& dimension : draft.dimensions) {
    Result<NameId> name = names.intern(dimension.name);
    if (!name.ok()) return std::move(name).error();
    const auto index = static_cast<std::uint32_t>(made->dimensions_.size());
    made->dimensions_.push_back(dimension.rule);
    made->dimensions_.back().name = name.value();
    set_at(made->dimension_of_name_, name.value(), index);
  }
  made->link_formulas();
  const Layers& layers = draft.layers ? *draft.layers : in_force;
  if (Result<void> set = made->set_layers(layers, names); !set.ok()) return std::move(set).error();
  return std::shared_ptr<const Registry>(made);
}

// Whose value a formula takes, by counting and then filling.
void Registry::link_formulas() {
  formula_of_.assign(dimensions_.size(), none);
  first_dependent_.assign(dimensions_.size() + 1, 0);
  dependents_.resize(terms_.size());
  for (const FormulaTerm& term : terms_) ++first_dependent_[term.dimension + 1];
  std::partial_sum(first_dependent_.begin(), first_dependent_.end(), first_dependent_.begin());
  std::vector<std::uint32_t> next(first_dependent_.begin(), first_dependent_.end() - 1);
  for (std::uint32_t place = 0; place < formulas_.size(); ++place) {
    const Formula& formula = formulas_[place];
    formula_of_[formula.dimension] = place;
    for (const FormulaTerm& term :
         std::span(terms_).subspan(formula.first_term, formula.term_count)) {
      dependents_[next[term.dimension]++] = place;
    }
  }
}

Result<std::shared_ptr<const Registry>> Registry::with_layers(const Layers& layers,
                                                              Names& names) const {
  const std::shared_ptr<Registry> made(new Registry(*this));
  if (Result<void> set = made->set_layers(layers, names); !set.ok()) return std::move(set).error();
  return std::shared_ptr<const Registry>(made);
}

Result<void> Registry::set_layers(const Layers& layers, Names& names) {
  AC_CHECK(layers.order.size() <= Layers::count_max);
  layers_ = layers;
  layer_of_name_.clear();
  for (std::uint32_t place = 0; place < layers.order.size(); ++place) {
    Result<NameId> name = names.intern(layers.order[place]);
    if (!name.ok()) return std::move(name).error();
    set_at(layer_of_name_, name.value(), place);
  }
  version_ = names.next_registry_version();
  return {};
}

}  // namespace actorcore::snapshot
