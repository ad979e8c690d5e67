#include "snapshot/receipt.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "snapshot/problems.h"
#include "snapshot/replay.h"

namespace actorcore::snapshot {
namespace {

std::uint32_t fold_constant(Fold fold) {
  switch (fold) {
    case Fold::pipeline:
      return AC_FOLD_PIPELINE;
    case Fold::sum:
      return AC_FOLD_SUM;
    case Fold::max:
      return AC_FOLD_MAX;
    case Fold::min:
      return AC_FOLD_MIN;
  }
  AC_CHECK(false);
}

std::uint32_t across_constant(AcrossPolicy policy) {
  switch (policy) {
    case AcrossPolicy::intersect:
      return AC_ACROSS_INTERSECT;
    case AcrossPolicy::unite:
      return AC_ACROSS_UNION;
    case AcrossPolicy::prioritized_override:
      return AC_ACROSS_PRIORITIZED_OVERRIDE;
  }
  AC_CHECK(false);
}

// The maximum comes first: it bounds the minimum.
constexpr std::uint32_t bounds[] = {AC_BOUND_MAX, AC_BOUND_MIN};

// Finds values of ascending dimensions in one pass over a list, which is in the same order.
class Finder {
 public:
  Finder(const NamedValues& list, const Registry& registry) : list_(list), registry_(registry) {}

  const double* find(std::uint32_t index) {
    while (at_ < list_.names.size() && registry_.index_of(list_.names[at_]) < index) ++at_;
    const bool is_there = at_ < list_.names.size() && registry_.index_of(list_.names[at_]) == index;
    return is_there ? &list_.values[at_] : nullptr;
  }

 private:
  const NamedValues list_;
  const Registry& registry_;
  std::size_t at_ = 0;
};

// Writes the steps of one dimension in one list, each with what comes of it.
class Steps {
 public:
  Steps(const ReceiptRequest& request, const EntityRows& rows, const Registry& registry,
        const Snapshot& snapshot)
      : request_(request),
        rows_(rows),
        registry_(registry),
        snapshot_(snapshot),
        index_(registry.index_of(request.dimension)),
        dimension_(registry.dimensions()[index_]) {}

  std::vector<ac_receipt_step> write() && {
    ac_receipt_step rule = step(AC_STEP_RULE, request_.dimension);
    rule.list = request_.list;
    rule.fold = fold_constant(dimension_.fold);
    rule.policy = across_constant(registry_.layers().across_policy);
    take(rule);
    write_rejected();
    if (request_.list == AC_LIST_DERIVED && dimension_.has_formula) write_formula();
    write_contributions();
    write_caps();
    if (std::isnan(replay_.candidate().value())) {
      ac_receipt_step replaced = step(AC_STEP_OUT_OF_RANGE);
      replaced.code = AC_REJECT_OUT_OF_RANGE;
      take(replaced);
    }
    take(step(AC_STEP_CLAMP));
    return std::move(steps_);
  }

 private:
  static ac_receipt_step step(std::uint32_t kind, NameId name = no_name) {
    ac_receipt_step made{};
    made.kind = kind;
    made.name = name;
    return made;
  }

  void take(ac_receipt_step taken) {
    const ac_status status = replay_.take(taken);
    AC_CHECK(status == AC_OK);
    steps_.push_back(taken);
  }

  const OutputEntry& output_of(NameId owner) const {
    const auto found = std::ranges::find(rows_.outputs(), owner, &OutputEntry::system);
    AC_CHECK(found != rows_.outputs().end());
    return *found;
  }

  void write_rejected() {
    for (const OutputEntry& entry : rows_.outputs()) {
      // Two outputs of one system are one step.
      const auto same = [&](const ac_receipt_step& told) { return told.output == entry.system; };
      if (entry.rejected == 0 || std::ranges::any_of(steps_, same)) continue;
      ac_receipt_step rejected = step(AC_STEP_REJECTED);
      rejected.output = entry.system;
      rejected.origin = entry.origin;
      rejected.code = entry.rejected;
      take(rejected);
    }
  }

  void write_formula() {
    const auto formula = std::ranges::find(registry_.formulas(), index_, &Formula::dimension);
    AC_CHECK(formula != registry_.formulas().end());
    ac_receipt_step constant = step(AC_STEP_CONSTANT);
    constant.value = formula->constant;
    take(constant);
    Finder primary(snapshot_.primary(), registry_);
    Finder derived(snapshot_.derived(), registry_);
    for (const FormulaTerm& term :
         registry_.terms().subspan(formula->first_term, formula->term_count)) {
      write_term(term, primary.find(term.dimension), derived.find(term.dimension));
    }
    take(step(AC_STEP_FORMULA));
    has_plain_ = true;
  }

  // The final value: the derived one, else the primary one, else 0.
  void write_term(const FormulaTerm& term, const double* primary, const double* derived) {
    const double* const value = derived != nullptr ? derived : primary;
    ac_receipt_step written = step(value != nullptr ? AC_STEP_TERM : AC_STEP_ABSENT_TERM,
                                   registry_.dimensions()[term.dimension].name);
    written.factor = term.coefficient;
    written.value = value != nullptr ? *value : 0.0;
    written.list = derived != nullptr ? AC_LIST_DERIVED : AC_LIST_PRIMARY;
    take(written);
  }

  // Rows of one dimension in one list stand together, in canonical order: overrides are the last.
  void write_contributions() {
    const std::uint64_t group = std::uint64_t{request_.list} << 32 | request_.dimension;
    const auto rows =
        std::ranges::equal_range(rows_.contributions(), group, {}, &ContributionRow::group);
    auto row = rows.begin();
    for (std::uint32_t bucket = AC_BUCKET_FLAT; bucket <= AC_BUCKET_POST_ADD; ++bucket) {
      for (; row != rows.end() && row->bucket() == bucket; ++row) write_contribution(*row);
      if (dimension_.fold != Fold::pipeline) continue;
      ac_receipt_step end = step(AC_STEP_BUCKET);
      end.bucket = bucket;
      take(end);
    }
    if (dimension_.fold == Fold::pipeline || has_plain_) take(step(AC_STEP_CANDIDATE));
    for (; row != rows.end(); ++row) write_contribution(*row);
    if (has_override_) take(step(AC_STEP_OVERRIDE));
  }

  void write_contribution(const ContributionRow& row) {
    if (!rows_.accepts_rows_of(row.owner)) return;
    ac_receipt_step written = step(AC_STEP_CONTRIBUTION);
    written.bucket = row.bucket();
    set_source(written, row);
    take(written);
    (row.bucket() == AC_BUCKET_OVERRIDE ? has_override_ : has_plain_) = true;
  }

  template <class Row>
  void set_source(ac_receipt_step& written, const Row& row) const {
    written.system = row.system;
    written.output = row.owner;
    written.origin = output_of(row.owner).origin;
    written.priority = row.priority;
    written.value = row.value;
  }

  void write_caps() {
    for (const std::uint32_t bound : bounds) {
      ac_receipt_step standard = bound_step(AC_STEP_DEFAULT, bound);
      standard.value = bound == AC_BOUND_MAX ? dimension_.clamp_max : dimension_.clamp_min;
      take(standard);
    }
    const std::vector<CapRow> caps = accepted_caps();
    for (std::size_t first = 0; first < caps.size();) {
      std::size_t end = first + 1;
      while (end < caps.size() && caps[end].layer() == caps[first].layer()) ++end;
      write_layer(std::span(caps).subspan(first, end - first));
      first = end;
    }
    if (caps.empty()) return;
    for (const std::uint32_t bound : bounds) take(bound_step(AC_STEP_ACROSS, bound));
  }

  // The dimension's, by the places of their layers, otherwise in canonical order.
  std::vector<CapRow> accepted_caps() const {
    std::vector<CapRow> caps;
    std::ranges::copy_if(
        std::ranges::equal_range(rows_.caps(), request_.dimension, {}, &CapRow::dimension),
        std::back_inserter(caps),
        [&](const CapRow& cap) { return rows_.accepts_rows_of(cap.owner); });
    std::ranges::stable_sort(caps, {},
                             [&](const CapRow& cap) { return registry_.layer_of(cap.layer()); });
    return caps;
  }

  // `caps` are of one layer, those of kind max first.
  void write_layer(std::span<const CapRow> caps) {
    const auto middle = std::ranges::find(caps, std::uint32_t{AC_CAP_KIND_MIN}, &CapRow::kind);
    const auto max_count = static_cast<std::size_t>(middle - caps.begin());
    write_side(caps.first(max_count), AC_BOUND_MAX, caps.front().layer());
    write_side(caps.subspan(max_count), AC_BOUND_MIN, caps.front().layer());
  }

  void write_side(std::span<const CapRow> caps, std::uint32_t bound, NameId layer) {
    bool has_soft = false, has_hard = false;
    for (const CapRow& cap : caps) {
      ac_receipt_step written = bound_step(AC_STEP_CAP, bound, layer);
      written.mode = cap.mode;
      set_source(written, cap);
      take(written);
      (cap.mode == AC_CAP_HARD_MAX || cap.mode == AC_CAP_HARD_MIN ? has_hard : has_soft) = true;
    }
    if (has_soft) take(bound_step(AC_STEP_SOFT, bound, layer));
    if (has_hard) take(bound_step(AC_STEP_HARD, bound, layer));
    take(bound_step(AC_STEP_LAYER, bound, layer));
  }

  static ac_receipt_step bound_step(std::uint32_t kind, std::uint32_t bound,
                                    NameId layer = no_name) {
    ac_receipt_step made = step(kind, layer);
    made.bound = bound;
    return made;
  }

  const ReceiptRequest request_;
  const EntityRows& rows_;
  const Registry& registry_;
  const Snapshot& snapshot_;
  const std::uint32_t index_;
  const Dimension& dimension_;
  Replay replay_;
  bool has_plain_ = false;
  bool has_override_ = false;
  std::vector<ac_receipt_step> steps_;
};

Error no_value(const ReceiptRequest& request, const Registry& registry, const Names& names) {
  const std::string dimension = quoted(names.text(request.dimension));
  if (registry.index_of(request.dimension) == Registry::none) {
    return Error(AC_E_UNKNOWN_DIMENSION, "the registry has no dimension " + dimension);
  }
  return Error(AC_E_UNKNOWN_DIMENSION,
               dimension + " has no " + (request.list == AC_LIST_DERIVED ? "derived" : "primary") +
                   " value: no output that counts contributes to it there");
}

}  // namespace

Result<std::unique_ptr<const Receipt>> Receipt::make(const ReceiptRequest& request,
                                                     const EntityRows& rows,
                                                     const Registry& registry,
                                                     const Snapshot& snapshot,
                                                     std::shared_ptr<const Names> names) {
  const double* const value = snapshot.find(request.list, request.dimension);
  if (value == nullptr) return no_value(request, registry, *names);
  std::vector<ac_receipt_step> steps = Steps(request, rows, registry, snapshot).write();
  std::unique_ptr<const Receipt> made(new Receipt(snapshot, std::move(steps), std::move(names)));
  AC_DCHECK(std::bit_cast<std::uint64_t>(made->value()) == std::bit_cast<std::uint64_t>(*value));
  return made;
}

}  // namespace actorcore::snapshot
