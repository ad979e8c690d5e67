// PlainEngine: what a competent team would write first: strings, hash maps, and a sort when
// resolved. The measure that the library is held against; by the same rules, so that the results
// can be compared.
//
// Threads:    one at a time.
// Invariants: sums and products walk the canonical order. Formulas have terms without formulas;
//             layers are intersected; neither rejections nor contexts are there.
// Cost:       that is the question.
#ifndef ACTORCORE_BENCH_MICRO_PLAIN_ENGINE_H_
#define ACTORCORE_BENCH_MICRO_PLAIN_ENGINE_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace plain {

enum class Bucket : std::uint8_t { flat, mult, post_add, override };
enum class Mode : std::uint8_t { baseline, additive, hard_max, hard_min, override };

struct Contribution {
  std::string dimension;
  Bucket bucket;
  double value;
  std::string system;
  std::int64_t priority;
};

struct Cap {  // of kind max
  std::string dimension;
  std::string layer;
  Mode mode;
  double value;
  std::string system;
  std::int64_t priority;
};

struct Output {
  std::vector<Contribution> primary, derived;
  std::vector<Cap> caps;
};

struct Rule {
  bool sums = false;  // else a pipeline
  double min = 0, max = 0;
  std::map<std::string, double> terms;
  double constant = 0;
};

struct Snapshot {
  std::unordered_map<std::string, double> primary, derived;
};

class Engine {
 public:
  std::map<std::string, Rule> rules;
  std::vector<std::string> layers;

  Snapshot resolve(const std::vector<Output>& outputs) const {
    Snapshot made;
    std::unordered_map<std::string, std::vector<Cap>> caps;
    std::unordered_map<std::string, std::vector<Contribution>> primary, derived;
    for (const Output& output : outputs) {
      for (const Contribution& row : output.primary) primary[row.dimension].push_back(row);
      for (const Contribution& row : output.derived) derived[row.dimension].push_back(row);
      for (const Cap& cap : output.caps) caps[cap.dimension].push_back(cap);
    }
    std::unordered_map<std::string, double> bounds;
    for (auto& [dimension, rows] : caps) bounds[dimension] = bound(rules.at(dimension), rows);
    const auto settle = [&](const std::string& dimension, std::vector<Contribution> rows,
                            std::optional<double> formula) {
      const Rule& rule = rules.at(dimension);
      const auto found = bounds.find(dimension);
      const double max = found == bounds.end() ? rule.max : found->second;
      return std::min(std::max(fold(rule, std::move(rows), formula), std::min(rule.min, max)), max);
    };
    for (auto& [dimension, rows] : primary) {
      made.primary[dimension] = settle(dimension, std::move(rows), {});
    }
    for (auto& [dimension, rows] : derived) {
      if (rules.at(dimension).terms.empty()) {
        made.derived[dimension] = settle(dimension, std::move(rows), {});
      }
    }
    for (const auto& [dimension, rule] : rules) {
      if (rule.terms.empty()) continue;
      double sum = rule.constant;
      for (const auto& [term, coefficient] : rule.terms) sum += coefficient * value(made, term);
      made.derived[dimension] = settle(dimension, derived[dimension], sum);
    }
    return made;
  }

 private:
  static double value(const Snapshot& made, const std::string& dimension) {
    if (const auto at = made.derived.find(dimension); at != made.derived.end()) return at->second;
    const auto at = made.primary.find(dimension);
    return at == made.primary.end() ? 0 : at->second;
  }

  static double fold(const Rule& rule, std::vector<Contribution> rows,
                     std::optional<double> formula) {
    std::sort(rows.begin(), rows.end(), [](const Contribution& a, const Contribution& b) {
      return std::tuple(a.bucket, -a.priority, std::string_view(a.system), a.value) <
             std::tuple(b.bucket, -b.priority, std::string_view(b.system), b.value);
    });
    double flat = formula.value_or(0), mult = 1, post = 0;
    for (const Contribution& row : rows) {
      if (row.bucket == Bucket::override) return row.value;
      if (rule.sums || row.bucket == Bucket::flat) {
        flat += row.value;
      } else if (row.bucket == Bucket::mult) {
        mult *= 1 + row.value;
      } else {
        post += row.value;
      }
    }
    return rule.sums ? flat : flat * mult + post;
  }

  double bound(const Rule& rule, std::vector<Cap> caps) const {
    std::sort(caps.begin(), caps.end(), [](const Cap& a, const Cap& b) {
      return std::tuple(-a.priority, std::string_view(a.system), a.value) <
             std::tuple(-b.priority, std::string_view(b.system), b.value);
    });
    double max = rule.max;
    for (const std::string& layer : layers) {
      double soft = 0;
      bool has_soft = false, is_overridden = false;
      for (const Cap& cap : caps) {
        if (cap.layer != layer) continue;
        if (cap.mode == Mode::hard_max) {
          max = std::min(max, cap.value);
        } else if (cap.mode == Mode::override) {
          if (!is_overridden) soft = cap.value;
          is_overridden = has_soft = true;
        } else if (!is_overridden) {
          soft += cap.value;
          has_soft = true;
        }
      }
      if (has_soft) max = std::min(max, soft);
    }
    return max;
  }
};

}  // namespace plain

#endif  // ACTORCORE_BENCH_MICRO_PLAIN_ENGINE_H_
