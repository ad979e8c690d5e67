#include "tool/tree.h"

#include <string_view>
#include <utility>
#include <vector>

#include "snapshot/number_text.h"
#include "snapshot/receipt_text.h"
#include "snapshot/snapshot_text.h"

namespace actorcore::tool {
namespace {

struct Branch {
  std::string text;
  std::vector<Branch> branches;
};
using Branches = std::vector<Branch>;

std::string number(double value) {
  std::string text;
  snapshot::append_number(text, value);
  return text;
}

std::string range(double min, double max) { return number(min) + " to " + number(max); }

void append_branches(std::string& text, const Branches& branches, const std::string& indent) {
  for (const Branch& branch : branches) {
    const bool is_last = &branch == &branches.back();
    text += indent + (is_last ? "└─ " : "├─ ") + branch.text + "\n";
    append_branches(text, branch.branches, indent + (is_last ? "   " : "│  "));
  }
}

// Grows branches from steps: what a step sums up becomes branches of its own.
class Grower {
 public:
  explicit Grower(const snapshot::Receipt& receipt)
      : names_(receipt.names()), rule_(receipt.steps().front()) {
    for (const ac_receipt_step& step : receipt.steps()) grow(step);
  }

  Branches take() { return std::move(top_); }

 private:
  std::string name(snapshot::NameId id) const { return std::string(names_.text(id)); }

  std::string source(const ac_receipt_step& step) const {
    std::string text = name(step.system);
    if (step.output != step.system) text += " in the output of " + name(step.output);
    if (step.priority != 0) text += ", priority " + std::to_string(step.priority);
    return text + " (" + std::string(snapshot::origin_word(step.origin)) + ")";
  }

  // Everything since the last step that summed up.
  Branches gathered() { return std::exchange(loose_, {}); }

  void grow(const ac_receipt_step& step) {
    switch (step.kind) {
      case AC_STEP_REJECTED:
        top_.push_back({"left out: " + name(step.output) + ", " +
                            std::string(snapshot::reject_word(step.code)),
                        {}});
        break;
      case AC_STEP_CONSTANT:
      case AC_STEP_TERM:
      case AC_STEP_ABSENT_TERM:
      case AC_STEP_FORMULA:
        grow_formula(step);
        break;
      case AC_STEP_CONTRIBUTION:
        loose_.push_back({contribution(step), {}});
        break;
      case AC_STEP_BUCKET:
        grow_bucket(step);
        break;
      case AC_STEP_CANDIDATE:
        top_.push_back({candidate(step),
                        rule_.fold == AC_FOLD_PIPELINE ? std::exchange(buckets_, {}) : gathered()});
        has_candidate_ = true;
        break;
      case AC_STEP_OVERRIDE:
        top_.push_back({"override " + number(step.result) + " of " + source(step) +
                            (has_candidate_ ? " replaces " + number(step.value) : ""),
                        gathered()});
        break;
      case AC_STEP_OUT_OF_RANGE:
        end_caps();
        top_.push_back(
            {"out of range: " + number(step.value) + " becomes the minimum, " + number(step.result),
             {}});
        break;
      case AC_STEP_CLAMP:
        end_caps();
        grow_clamp(step);
        break;
      default:
        grow_caps(step);
        break;
    }
  }

  void grow_formula(const ac_receipt_step& step) {
    if (step.kind == AC_STEP_FORMULA) {
      Branches terms = gathered();
      loose_.push_back({number(step.value) + "  formula", std::move(terms)});
    } else if (step.kind == AC_STEP_CONSTANT) {
      loose_.push_back({number(step.value) + "  constant", {}});
    } else {
      const bool is_absent = step.kind == AC_STEP_ABSENT_TERM;
      loose_.push_back({number(step.product) + "  " + number(step.factor) + " × " +
                            number(step.value) + " of " +
                            (is_absent ? "" : std::string(snapshot::list_word(step.list)) + " ") +
                            name(step.name) + (is_absent ? ", which has no value" : ""),
                        {}});
    }
  }

  std::string contribution(const ac_receipt_step& step) const {
    if (rule_.fold != AC_FOLD_PIPELINE && step.bucket != AC_BUCKET_OVERRIDE) {
      return number(step.value) + "  " + std::string(snapshot::bucket_word(step.bucket)) + " of " +
             source(step);
    }
    const bool multiplies = step.bucket == AC_BUCKET_MULT;
    return (multiplies ? "× " + number(step.factor) + " = 1 + " : "") + number(step.value) + "  " +
           source(step);
  }

  // An empty bucket says nothing that the candidate does not.
  void grow_bucket(const ac_receipt_step& step) {
    post_add_ = step.result;  // POST_ADD is the last
    if (loose_.empty()) return;
    buckets_.push_back(
        {std::string(snapshot::bucket_word(step.bucket)) + " " + number(step.result), gathered()});
  }

  std::string candidate(const ac_receipt_step& step) const {
    if (rule_.fold == AC_FOLD_PIPELINE) {
      return "candidate " + number(step.result) + " = " + number(step.value) + " × " +
             number(step.factor) + " + " + number(post_add_);
    }
    std::string text =
        "candidate " + number(step.result) + " = " + std::string(snapshot::fold_word(rule_.fold));
    if (rule_.fold == AC_FOLD_SUM) return text;
    return text + ", of " + (step.output == snapshot::no_name ? "the formula" : source(step));
  }

  void grow_caps(const ac_receipt_step& step) {
    const bool is_max = step.bound == AC_BOUND_MAX;
    switch (step.kind) {
      case AC_STEP_DEFAULT:
        (is_max ? max_ : min_) = step.result;
        if (!is_max) caps_.push_back({"clamp_default " + range(min_, max_), {}});
        break;
      case AC_STEP_CAP:
        loose_.push_back({std::string(snapshot::mode_word(step.mode)) + " " + number(step.value) +
                              "  " + source(step),
                          {}});
        break;
      case AC_STEP_SOFT:
        made_of_ += ", soft " + number(step.result);
        break;
      case AC_STEP_HARD:
        made_of_ += ", hard " + number(step.result);
        break;
      case AC_STEP_LAYER:
        grow_layer(step);
        break;
      case AC_STEP_ACROSS:
        (is_max ? max_ : min_) = step.result;
        (is_max ? decided_max_ : decided_min_) = step.name;
        is_crossed_ = true;
        break;
      default:  // AC_STEP_RULE
        break;
    }
  }

  void grow_layer(const ac_receipt_step& step) {
    if (!loose_.empty()) {
      sides_.push_back({std::string(snapshot::bound_word(step.bound)) + " " + number(step.result) +
                            std::exchange(made_of_, {}),
                        gathered()});
    }
    if (step.bound == AC_BOUND_MAX) {
      layer_max_ = step.result;
    } else {
      caps_.push_back(
          {name(step.name) + " " + range(step.result, layer_max_), std::exchange(sides_, {})});
    }
  }

  std::string decider(snapshot::NameId layer) const {
    return layer == snapshot::no_name ? "clamp_default" : name(layer);
  }

  void end_caps() {
    if (caps_.empty()) return;
    std::string caps = "caps " + range(min_, max_);
    if (is_crossed_) {
      caps += ", " + std::string(snapshot::policy_word(rule_.policy)) + ": min of " +
              decider(decided_min_) + ", max of " + decider(decided_max_);
    }
    top_.push_back({std::move(caps), std::exchange(caps_, {})});
  }

  void grow_clamp(const ac_receipt_step& step) {
    std::string text = "clamped to " + number(step.result);
    if (step.bound == AC_BOUND_NONE) {
      text = "not clamped: " + number(step.result);
    } else {
      text +=
          " by the " + std::string(snapshot::bound_word(step.bound)) + " of " + decider(step.name);
    }
    top_.push_back({std::move(text), {}});
  }

  const snapshot::Names& names_;
  const ac_receipt_step rule_;
  Branches top_;
  Branches loose_;
  Branches buckets_;
  Branches sides_;
  Branches caps_;
  std::string made_of_;
  double post_add_ = 0.0;
  double min_ = 0.0, max_ = 0.0, layer_max_ = 0.0;
  snapshot::NameId decided_min_ = snapshot::no_name, decided_max_ = snapshot::no_name;
  bool has_candidate_ = false;
  bool is_crossed_ = false;
};

}  // namespace

std::string tree_of(const snapshot::Receipt& receipt) {
  std::string text = std::string(receipt.actor_id()) + ", version " +
                     std::to_string(receipt.version()) + ": " +
                     std::string(snapshot::list_word(receipt.list())) + " " +
                     std::string(receipt.names().text(receipt.dimension())) + " = " +
                     number(receipt.value()) + "\n";
  append_branches(text, Grower(receipt).take(), "");
  return text;
}

}  // namespace actorcore::tool
