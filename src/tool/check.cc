#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "snapshot/case_text.h"
#include "snapshot/layers.h"
#include "snapshot/output_text.h"
#include "snapshot/profile.h"
#include "snapshot/registry.h"
#include "tool/commands.h"
#include "tool/input.h"
#include "tool/kind.h"

namespace actorcore::tool {
namespace {

using snapshot::Document;
using snapshot::Names;
using snapshot::Node;
using snapshot::Source;

std::string plural(std::size_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

// Each says what a document of its kind holds, or what is wrong.
Result<std::string> check_registry(const Source& source) {
  Names names;
  auto registry = snapshot::Registry::parse(source, names);
  if (!registry.ok()) return std::move(registry).error();
  return "registry, " + plural(registry.value()->dimensions().size(), "dimension") + ", " +
         plural(registry.value()->formulas().size(), "formula");
}

Result<std::string> check_layers(const Source& source) {
  auto layers = snapshot::Layers::parse(source);
  if (!layers.ok()) return std::move(layers).error();
  return plural(layers.value().order.size(), "layer");
}

Result<std::string> check_profile(const Source& source) {
  auto profile = snapshot::Profile::parse(source);
  if (!profile.ok()) return std::move(profile).error();
  return "profile of " + profile.value().id;
}

Result<std::string> check_case(const Source& source) {
  Names names;
  auto given = snapshot::Case::parse(source, names);
  if (!given.ok()) return std::move(given).error();
  return "case " + given.value().name;
}

Result<std::string> check_outputs(const Source& source) {
  Names names;
  auto set = snapshot::OutputSet::parse(source, names);
  if (!set.ok()) return std::move(set).error();
  return plural(set.value().outputs().size(), "output");
}

// Adds to what is wrong already.
void add_error(std::optional<Error>& all, Error error) {
  if (!all) {
    all = std::move(error);
    return;
  }
  std::move(error.details.begin(), error.details.end(), std::back_inserter(all->details));
}

// An object of lists of outputs, each under a name.
Result<std::string> check_named_outputs(const Source& source, const Node& root) {
  std::size_t lists = 0;
  std::optional<Error> wrong;
  snapshot::for_each_member(root, [&](const Node& key, const Node&) {
    Source member = source;
    member.member = key.text;
    auto checked = check_outputs(member);
    ++lists;
    if (!checked.ok()) add_error(wrong, std::move(checked).error());
  });
  if (wrong) return *std::move(wrong);
  return plural(lists, "list") + " of outputs";
}

Result<std::string> check_document(const Source& source) {
  Result<Document> document = Document::parse(source);
  if (!document.ok()) return std::move(document).error();
  const Node& root = document.value().root();
  switch (kind_of(root)) {
    case Kind::registry:
      return check_registry(source);
    case Kind::layers:
      return check_layers(source);
    case Kind::profile:
      return check_profile(source);
    case Kind::outputs:
      return check_outputs(source);
    case Kind::named_outputs:
      return check_named_outputs(source, root);
    case Kind::whole_case:
      return check_case(source);
    case Kind::none:
      break;
  }
  return no_kind(source, root);
}

Result<std::string> check_cases(const Input& input) {
  std::size_t cases = 0;
  std::uint32_t number = 0;
  std::optional<Error> wrong;
  for (std::string_view left = input.text(); !left.empty();) {
    const std::size_t end = left.find('\n');
    const std::string_view line = left.substr(0, end);
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    ++cases;
    auto checked = check_case({.name = input.name(),
                               .text = line,
                               .format = snapshot::Format::json,
                               .first_line = number});
    if (!checked.ok()) add_error(wrong, std::move(checked).error());
  }
  if (wrong) return *std::move(wrong);
  return plural(cases, "case");
}

Result<std::string> check_file(const std::string& file) {
  Result<Input> input = Input::read(file);
  if (!input.ok()) return std::move(input).error();
  if (input.value().name().ends_with(".jsonl")) return check_cases(input.value());
  return check_document(input.value().source());
}

}  // namespace

int check(const std::vector<std::string>& files) {
  std::size_t wrong = 0;
  for (const std::string& file : files) {
    const Result<std::string> checked = check_file(file);
    if (checked.ok()) {
      std::printf("%s: %s: ok\n", file.c_str(), checked.value().c_str());
    } else {
      print_error(checked.error());
      ++wrong;
    }
  }
  if (wrong != 0) {
    std::fprintf(stderr, "%s of %zu not valid\n", plural(wrong, "file").c_str(), files.size());
  }
  return flush_output(wrong == 0 ? exit_ok : exit_failed);
}

}  // namespace actorcore::tool
