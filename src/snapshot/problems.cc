#include "snapshot/problems.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <tuple>
#include <utility>

#include "snapshot/utf8.h"

namespace actorcore::snapshot {
namespace {

constexpr std::size_t quoted_bytes_max = 64;
constexpr std::size_t suggested_bytes_max = 64;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// Insertions, deletions, replacements and swaps of neighbours from one word to the other, letter
// case apart.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last(to.size() + 1), last(to.size() + 1), row(to.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = last[j] + (lower(from[i]) != lower(to[j]) ? 1 : 0);
      row[j + 1] = std::min({replaced, row[j] + 1, last[j + 1] + 1});
      const bool swapped = i > 0 && j > 0 && lower(from[i]) == lower(to[j - 1]) &&
                           lower(from[i - 1]) == lower(to[j]);
      if (swapped) row[j + 1] = std::min(row[j + 1], before_last[j - 1] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last.back();
}

}  // namespace

void Problems::add(std::uint32_t line, std::uint32_t column, std::string reason) {
  ++found_;
  if (problems_.size() < kept_max) problems_.push_back({line, column, std::move(reason)});
}

std::string Problems::place(const Problem& problem) const {
  return document_name_ + ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
}

Error Problems::error(std::int32_t code) const {
  AC_CHECK(!none());
  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  std::string message = place(sorted.front()) + ": " + sorted.front().reason;
  if (found_ > 1) message += " (and " + std::to_string(found_ - 1) + " more)";
  Error error(code, std::move(message));
  for (const Problem& problem : sorted) error.details.emplace_back(place(problem), problem.reason);
  return error;
}

std::string quoted(std::string_view word) {
  std::string_view shown = word.substr(0, quoted_bytes_max);
  shown = shown.substr(0, valid_utf8_prefix(shown));
  std::string text = "\"";
  for (const char c : shown) text += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  text += shown.size() < word.size() ? "...\"" : "\"";
  return text;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> known) {
  if (word.size() > suggested_bytes_max) return {};
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    if (candidate.size() > suggested_bytes_max) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? std::string() : "; did you mean \"" + std::string(nearest) + "\"?";
}

}  // namespace actorcore::snapshot
