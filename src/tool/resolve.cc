#include <cstdio>
#include <memory>
#include <span>
#include <utility>

#include "snapshot/aggregator.h"
#include "snapshot/case_text.h"
#include "snapshot/layers.h"
#include "snapshot/output_text.h"
#include "snapshot/profile.h"
#include "snapshot/registry.h"
#include "snapshot/snapshot_text.h"
#include "tool/commands.h"
#include "tool/input.h"
#include "tool/table.h"

namespace actorcore::tool {
namespace {

using snapshot::Names;

// Resolves one entity after the other.
class Resolver {
 public:
  Result<snapshot::SnapshotRef> resolve(std::span<const ac_output> outputs,
                                        const snapshot::Profile& profile,
                                        const snapshot::Registry& registry, bool is_strict) {
    if (auto loaded = rows_.load(outputs, names_); !loaded.ok()) return std::move(loaded).error();
    return aggregator_.resolve(
        rows_, registry,
        {.actor_id = profile.id, .profile_version = profile.version, .strict = is_strict});
  }
  Names& names() { return names_; }

 private:
  Names names_;
  snapshot::SnapshotPool pool_;
  snapshot::Aggregator aggregator_{names_, pool_};
  snapshot::EntityRows rows_;
};

Result<std::shared_ptr<const snapshot::Registry>> read_registry(const ResolveArguments& arguments,
                                                                Names& names) {
  Result<Input> input = Input::read(arguments.registry);
  if (!input.ok()) return std::move(input).error();
  auto registry = snapshot::Registry::parse(input.value().source(), names);
  if (!registry.ok() || arguments.layers.empty()) return registry;
  Result<Input> layers_input = Input::read(arguments.layers);
  if (!layers_input.ok()) return std::move(layers_input).error();
  auto layers = snapshot::Layers::parse(layers_input.value().source());
  if (!layers.ok()) return std::move(layers).error();
  return registry.value()->with_layers(layers.value(), names);
}

Result<snapshot::Profile> read_profile(const std::string& argument) {
  if (argument.empty()) {
    snapshot::Profile profile;
    profile.id = "entity";
    return profile;
  }
  Result<Input> input = Input::read(argument);
  if (!input.ok()) return std::move(input).error();
  return snapshot::Profile::parse(input.value().source());
}

// All files go together, as if they were one list.
Result<std::vector<snapshot::OutputSet>> read_outputs(const std::vector<std::string>& files,
                                                      Names& names) {
  std::vector<snapshot::OutputSet> sets;
  for (const std::string& file : files) {
    Result<Input> input = Input::read(file);
    if (!input.ok()) return std::move(input).error();
    auto set = snapshot::OutputSet::parse(input.value().source(), names);
    if (!set.ok()) return std::move(set).error();
    sets.push_back(std::move(set).value());
  }
  return sets;
}

Result<std::string> resolved(const ResolveArguments& arguments) {
  Resolver resolver;
  auto registry = read_registry(arguments, resolver.names());
  if (!registry.ok()) return std::move(registry).error();
  auto profile = read_profile(arguments.profile);
  if (!profile.ok()) return std::move(profile).error();
  auto sets = read_outputs(arguments.outputs, resolver.names());
  if (!sets.ok()) return std::move(sets).error();
  std::vector<ac_output> outputs;
  for (const snapshot::OutputSet& set : sets.value()) {
    outputs.insert(outputs.end(), set.outputs().begin(), set.outputs().end());
  }
  auto made = resolver.resolve(outputs, profile.value(), *registry.value(), arguments.is_strict);
  if (!made.ok()) return std::move(made).error();
  if (arguments.is_table) return table_of(*made.value(), resolver.names());
  return print(*made.value(), resolver.names()) + "\n";
}

// The text of one case's snapshot.
Result<std::string> resolved(Resolver& resolver, const snapshot::Source& line, bool is_strict) {
  auto given = snapshot::Case::parse(line, resolver.names());
  if (!given.ok()) return std::move(given).error();
  const snapshot::Case& parsed = given.value();
  auto made =
      resolver.resolve(parsed.outputs.outputs(), parsed.profile, *parsed.registry, is_strict);
  if (made.ok()) return print(*made.value(), resolver.names()) + "\n";
  Error error = std::move(made).error();
  error.message =
      std::string(line.name) + ":" + std::to_string(line.first_line) + ": " + error.message;
  return error;
}

void write(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

}  // namespace

int resolve(const ResolveArguments& arguments) {
  const Result<std::string> text = resolved(arguments);
  if (!text.ok()) {
    print_error(text.error());
    return exit_failed;
  }
  write(text.value());
  return flush_output(exit_ok);
}

int resolve_cases(const std::string& file, bool is_strict) {
  const Result<Input> input = Input::read(file);
  if (!input.ok()) {
    print_error(input.error());
    return exit_failed;
  }
  Resolver resolver;
  int code = exit_ok;
  std::uint32_t number = 0;
  for (std::string_view left = input.value().text(); !left.empty();) {
    const std::size_t end = left.find('\n');
    const std::string_view line = left.substr(0, end);
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const Result<std::string> text = resolved(resolver,
                                              {.name = input.value().name(),
                                               .text = line,
                                               .format = snapshot::Format::json,
                                               .first_line = number},
                                              is_strict);
    if (text.ok()) {
      write(text.value());
    } else {
      print_error(text.error());
      code = exit_failed;
    }
  }
  return flush_output(code);
}

}  // namespace actorcore::tool
