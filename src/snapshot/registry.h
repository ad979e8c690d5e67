// Registry: the dimensions, their formulas and the layers that snapshots are resolved by.
//
// Threads:    immutable once made; any thread may read.
// Invariants: dimensions are in bytewise order of their names, so an index compares like a name.
//             Clamps are finite and min <= max. Formulas are in the order in which they are
//             evaluated, each after those of its terms that have one; terms are in name order.
// Cost:       index_of() and layer_of() are one load.
#ifndef ACTORCORE_SNAPSHOT_REGISTRY_H_
#define ACTORCORE_SNAPSHOT_REGISTRY_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "snapshot/document.h"
#include "snapshot/formula.h"
#include "snapshot/layers.h"
#include "snapshot/names.h"

namespace actorcore::snapshot {

enum class Fold : std::uint8_t { pipeline, sum, max, min };

struct Dimension {
  double clamp_min;
  double clamp_max;
  NameId name;
  Fold fold;
  bool has_formula;
};

struct RegistryDraft;

class Registry {
 public:
  static constexpr std::uint32_t dimensions_max = 1u << 16;
  static constexpr std::uint32_t terms_max = 1u << 18;
  static constexpr std::uint32_t none = UINT32_MAX;

  // Reads `{dimensions, layers?}`; without layers of its own it takes those in force.
  // AC_E_BAD_REGISTRY with every reason and its place.
  static Result<std::shared_ptr<const Registry>> parse(const Source& source, Names& names,
                                                       const Layers& in_force = {});
  // From a draft without problems.
  static Result<std::shared_ptr<const Registry>> make(const RegistryDraft& draft, Names& names,
                                                      const Layers& in_force);
  // The same dimensions under other layers.
  Result<std::shared_ptr<const Registry>> with_layers(const Layers& layers, Names& names) const;

  // Unlike that of every other registry of the same names; never 0.
  std::uint64_t version() const { return version_; }
  std::span<const Dimension> dimensions() const { return dimensions_; }
  std::span<const Formula> formulas() const { return formulas_; }
  std::span<const FormulaTerm> terms() const { return terms_; }
  const Layers& layers() const { return layers_; }
  // The formulas that have the dimension as a term, by their place in formulas(), ascending.
  std::span<const std::uint32_t> dependents_of(std::uint32_t dimension) const {
    return std::span(dependents_)
        .subspan(first_dependent_[dimension],
                 first_dependent_[dimension + 1] - first_dependent_[dimension]);
  }
  // The place of the dimension's own formula, or `none`.
  std::uint32_t formula_of(std::uint32_t dimension) const { return formula_of_[dimension]; }

  // Index of a dimension or a place in the layers' order; `none` where the registry lacks it.
  std::uint32_t index_of(NameId name) const { return at(dimension_of_name_, name); }
  std::uint32_t layer_of(NameId name) const { return at(layer_of_name_, name); }

 private:
  Registry() = default;
  void link_formulas();
  Result<void> set_layers(const Layers& layers, Names& names);
  static std::uint32_t at(const std::vector<std::uint32_t>& table, NameId name) {
    return name < table.size() ? table[name] : none;
  }

  std::uint64_t version_ = 0;
  std::vector<Dimension> dimensions_;
  std::vector<Formula> formulas_;
  std::vector<FormulaTerm> terms_;
  std::vector<std::uint32_t> formula_of_;       // by dimension
  std::vector<std::uint32_t> first_dependent_;  // by dimension, and one more
  std::vector<std::uint32_t> dependents_;
  Layers layers_;
  std::vector<std::uint32_t> dimension_of_name_;
  std::vector<std::uint32_t> layer_of_name_;
};

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_SNAPSHOT_REGISTRY_H_
