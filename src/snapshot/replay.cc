#include "snapshot/replay.h"

#include <cmath>
#include <cstddef>
#include <string>

namespace actorcore::snapshot {
namespace {

double least(double met, double next) { return next < met ? next : met; }
double greatest(double met, double next) { return next > met ? next : met; }

// Of an operator, the choice is one step's: whose value it is goes with it.
void copy_source(ac_receipt_step& step, const ac_receipt_step& from) {
  step.bucket = from.bucket;
  step.system = from.system;
  step.output = from.output;
  step.origin = from.origin;
  step.priority = from.priority;
}

}  // namespace

ac_status Replay::take(ac_receipt_step& step) {
  if (const ac_status status = check(step); status != AC_OK) return status;
  switch (step.kind) {
    case AC_STEP_RULE:
      is_begun_ = true;
      fold_ = step.fold;
      policy_ = step.policy;
      break;
    case AC_STEP_CLAMP:
      return clamp(step);
    case AC_STEP_OUT_OF_RANGE:
      replace_nan(step);
      break;
    default:
      settle(step);
      break;
  }
  return AC_OK;
}

ac_status Replay::check(const ac_receipt_step& step) const {
  const bool known = step.kind <= AC_STEP_CLAMP && step.fold <= AC_FOLD_MIN &&
                     step.policy <= AC_ACROSS_PRIORITIZED_OVERRIDE &&
                     step.bucket <= AC_BUCKET_OVERRIDE && step.mode <= AC_CAP_OVERRIDE &&
                     step.bound <= AC_BOUND_MIN && step.list <= AC_LIST_DERIVED &&
                     step.code <= AC_REJECT_OUT_OF_RANGE && step.origin <= AC_ORIGIN_CALLBACK;
  if (!known) return AC_E_UNKNOWN_CONSTANT;
  if (step.reserved != 0) return AC_E_UNSUPPORTED;
  const bool in_place = is_begun_ == (step.kind != AC_STEP_RULE);
  return in_place && !is_done_ && step.kind != AC_STEP_NONE ? AC_OK : AC_E_INVALID_ARGUMENT;
}

void Replay::settle(ac_receipt_step& step) {
  switch (step.kind) {
    case AC_STEP_CONSTANT:
      step.result = formula_ = step.value;
      break;
    case AC_STEP_TERM:
    case AC_STEP_ABSENT_TERM:
      step.product = step.factor * step.value;
      step.result = formula_ += step.product;
      break;
    case AC_STEP_FORMULA:
      enter(step);
      break;
    case AC_STEP_CONTRIBUTION:
      contribute(step);
      break;
    case AC_STEP_BUCKET:
      if (step.bucket < buckets_.size()) step.result = buckets_[step.bucket];
      break;
    case AC_STEP_CANDIDATE:
    case AC_STEP_OVERRIDE:
      conclude(step);
      break;
    case AC_STEP_DEFAULT:
      set_standard(step);
      break;
    case AC_STEP_CAP:
      cap(step);
      break;
    case AC_STEP_SOFT:
      step.result = soft_of(side(step));
      break;
    case AC_STEP_HARD:
      step.result = side(step).hard.value_or(side(step).standard);
      break;
    case AC_STEP_LAYER:
      close_layer(step);
      break;
    case AC_STEP_ACROSS:
      cross(step);
      break;
    default:  // AC_STEP_REJECTED counts for nothing
      break;
  }
}

// -- the candidate ------------------------------------------------------------------------------

// A sum starts from 0, so that of negative zeroes it is +0.
void Replay::enter(ac_receipt_step& step) {
  step.value = formula_;
  switch (fold_) {
    case AC_FOLD_PIPELINE:
      step.result = buckets_[AC_BUCKET_FLAT] += formula_;
      break;
    case AC_FOLD_SUM:
      step.result = sum_ += formula_;
      choice_ = step;
      break;
    default:
      choose(step);
      step.result = choice_->value;
      break;
  }
}

void Replay::contribute(ac_receipt_step& step) {
  if (step.bucket == AC_BUCKET_OVERRIDE) {
    if (!override_) override_ = step;
    step.result = override_->value;
    return;
  }
  if (fold_ == AC_FOLD_SUM) {
    step.result = sum_ += step.value;
    choice_ = step;
    return;
  }
  if (fold_ != AC_FOLD_PIPELINE) {
    choose(step);
    step.result = choice_->value;
    return;
  }
  double& bucket = buckets_[step.bucket];
  if (step.bucket == AC_BUCKET_MULT) {
    step.factor = 1.0 + step.value;
    bucket *= step.factor;
  } else {
    bucket += step.value;
  }
  step.result = bucket;
}

// The first of the values that no other precedes; NaN where the formula is.
void Replay::choose(const ac_receipt_step& step) {
  const bool precedes = !choice_ || (fold_ == AC_FOLD_MAX ? step.value > choice_->value
                                                          : step.value < choice_->value);
  if (precedes) choice_ = step;
}

void Replay::conclude(ac_receipt_step& step) {
  if (step.kind == AC_STEP_OVERRIDE) {
    if (!override_) return;
    copy_source(step, *override_);
    step.value = candidate_.value_or(override_->value);
    candidate_ = override_->value;
  } else if (fold_ == AC_FOLD_PIPELINE) {
    step.value = buckets_[AC_BUCKET_FLAT];
    step.factor = buckets_[AC_BUCKET_MULT];
    step.product = step.value * step.factor;
    candidate_ = step.product + buckets_[AC_BUCKET_POST_ADD];
  } else if (choice_) {
    if (fold_ != AC_FOLD_SUM) copy_source(step, *choice_);
    candidate_ = fold_ == AC_FOLD_SUM ? sum_ : choice_->value;
  }
  if (candidate_) step.result = *candidate_;
}

// -- the caps -----------------------------------------------------------------------------------

void Replay::set_standard(ac_receipt_step& step) {
  Side& one = side(step);
  one.standard = one.tightest = one.effective = step.result = step.value;
}

void Replay::cap(ac_receipt_step& step) {
  Side& one = side(step);
  switch (step.mode) {
    case AC_CAP_BASELINE:
      step.result = one.baseline += step.value;
      one.is_summed = true;
      break;
    case AC_CAP_ADDITIVE:
      step.result = one.additive += step.value;
      one.is_summed = true;
      break;
    case AC_CAP_OVERRIDE:
      if (!one.overriding) one.overriding = step.value;
      step.result = *one.overriding;
      break;
    default: {  // AC_CAP_HARD_MAX and AC_CAP_HARD_MIN
      const Pick tighter = step.bound == AC_BOUND_MAX ? least : greatest;
      one.hard = one.hard ? tighter(*one.hard, step.value) : step.value;
      step.result = *one.hard;
      break;
    }
  }
}

double Replay::soft_of(const Side& side) {
  return side.overriding ? *side.overriding : side.baseline + side.additive;
}

// What a closed layer does across layers, whichever policy asks for it.
void Replay::widen(Side& side, Pick tighter, Pick wider, NameId layer) {
  const double bound = side.layer;
  if (tighter(side.tightest, bound) != side.tightest) side.tightest_layer = layer;
  side.tightest = tighter(side.tightest, bound);
  if (!side.widest || wider(*side.widest, bound) != *side.widest) side.widest_layer = layer;
  side.widest = side.widest ? wider(*side.widest, bound) : bound;
  if (side.overriding && !side.decided) {
    side.decided = bound;
    side.decided_layer = layer;
  }
}

// The maximum's step comes first: it bounds the minimum.
void Replay::close_layer(ac_receipt_step& step) {
  const bool is_max = step.bound == AC_BOUND_MAX;
  const Pick tighter = is_max ? least : greatest;
  Side& one = side(step);
  one.layer = one.standard;
  const double soft = soft_of(one);
  if ((one.overriding || one.is_summed) && std::isfinite(soft)) {
    one.layer = tighter(one.layer, soft);
  }
  if (one.hard) one.layer = tighter(one.layer, *one.hard);
  if (!is_max) one.layer = least(one.layer, max_.layer);
  step.result = one.layer;
  widen(one, tighter, is_max ? greatest : least, step.name);
  one.baseline = one.additive = 0.0;
  one.is_summed = false;
  one.overriding.reset();
  one.hard.reset();
}

void Replay::cross(ac_receipt_step& step) {
  const bool is_max = step.bound == AC_BOUND_MAX;
  const Pick tighter = is_max ? least : greatest;
  Side& one = side(step);
  one.effective = one.tightest;
  one.effective_layer = one.tightest_layer;
  const bool unites = policy_ == AC_ACROSS_UNION && one.widest;
  const bool decides = policy_ == AC_ACROSS_PRIORITIZED_OVERRIDE && one.decided;
  if (unites || decides) {
    const double bound = unites ? *one.widest : *one.decided;
    one.effective = tighter(one.standard, bound);
    const NameId layer = unites ? one.widest_layer : one.decided_layer;
    one.effective_layer = one.effective == bound && bound != one.standard ? layer : no_name;
  }
  if (!is_max && max_.effective < one.effective) {
    one.effective = max_.effective;
    one.effective_layer = max_.effective_layer;
  }
  step.result = one.effective;
  step.name = one.effective_layer;
}

// -- the end ------------------------------------------------------------------------------------

void Replay::replace_nan(ac_receipt_step& step) {
  if (!candidate_) return;
  step.value = *candidate_;
  if (std::isnan(*candidate_)) candidate_ = min_.effective;
  step.result = *candidate_;
}

ac_status Replay::clamp(ac_receipt_step& step) {
  if (!candidate_) return AC_E_INVALID_ARGUMENT;
  step.value = *candidate_;
  if (std::isnan(*candidate_)) candidate_ = min_.effective;  // changed steps may lack that step
  const double raised = min_.effective > *candidate_ ? min_.effective : *candidate_;
  const double clamped = max_.effective < raised ? max_.effective : raised;
  step.bound = AC_BOUND_NONE;
  step.name = no_name;
  if (min_.effective > *candidate_) {
    step.bound = AC_BOUND_MIN;
    step.name = min_.effective_layer;
  }
  if (max_.effective < raised) {
    step.bound = AC_BOUND_MAX;
    step.name = max_.effective_layer;
  }
  candidate_ = step.result = clamped;
  is_done_ = true;
  return AC_OK;
}

Result<double> replay(std::span<const ac_receipt_step> steps) {
  Replay again;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    ac_receipt_step step = steps[i];
    if (const ac_status status = again.take(step); status != AC_OK) {
      return Error(status, "step " + std::to_string(i) + " is none, or out of its place");
    }
  }
  if (!again.is_done()) return Error(AC_E_INVALID_ARGUMENT, "the steps do not end with a clamp");
  return again.value();
}

}  // namespace actorcore::snapshot
