#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "snapshot/aggregator.h"
#include "snapshot/case_text.h"
#include "snapshot/layers.h"
#include "snapshot/output_text.h"
#include "snapshot/problems.h"
#include "snapshot/profile.h"
#include "snapshot/receipt.h"
#include "snapshot/receipt_text.h"
#include "snapshot/registry.h"
#include "tool/commands.h"
#include "tool/input.h"
#include "tool/kind.h"
#include "tool/tree.h"

namespace actorcore::tool {
namespace {

using snapshot::Document;
using snapshot::Names;
using snapshot::ReceiptRequest;
using snapshot::Source;

// All that a resolve takes, from files that say themselves what they are.
class Given {
 public:
  explicit Given(Names& names) : names_(names) { profile_.id = "entity"; }

  Result<void> read(const std::string& file) {
    Result<Input> input = Input::read(file);
    if (!input.ok()) return std::move(input).error();
    const Source source = input.value().source();
    Result<Document> document = Document::parse(source);
    if (!document.ok()) return std::move(document).error();
    switch (kind_of(document.value().root())) {
      case Kind::registry:
        return read_registry(file, source);
      case Kind::whole_case:
        return read_case(file, source);
      case Kind::layers:
        return take(layers_, snapshot::Layers::parse(source));
      case Kind::profile:
        return take(profile_, snapshot::Profile::parse(source));
      case Kind::outputs:
        return take(sets_.emplace_back(), snapshot::OutputSet::parse(source, names_));
      case Kind::named_outputs:
        return Error(AC_E_INVALID_ARGUMENT,
                     file + " holds several lists of outputs; name one, as " + file + "#MEMBER");
      case Kind::none:
        break;
    }
    return no_kind(source, document.value().root());
  }

  // The files go together: layers of their own replace the registry's.
  Result<void> complete() {
    if (registry_ == nullptr) {
      return Error(AC_E_NO_REGISTRY, "no file is a registry (`dimensions`) or a case");
    }
    if (!layers_) return {};
    return take(registry_, registry_->with_layers(*layers_, names_));
  }

  const snapshot::Registry& registry() const { return *registry_; }
  const snapshot::Profile& profile() const { return profile_; }
  std::vector<ac_output> outputs() const {
    std::vector<ac_output> all;
    for (const snapshot::OutputSet& set : sets_) {
      all.insert(all.end(), set.outputs().begin(), set.outputs().end());
    }
    return all;
  }

 private:
  template <class Target, class Parsed>
  static Result<void> take(Target& target, Result<Parsed>&& parsed) {
    if (!parsed.ok()) return std::move(parsed).error();
    target = std::move(parsed).value();
    return {};
  }

  Result<void> read_registry(const std::string& file, const Source& source) {
    if (registry_ != nullptr) return second_registry(file);
    return take(registry_, snapshot::Registry::parse(source, names_));
  }

  Result<void> read_case(const std::string& file, const Source& source) {
    if (registry_ != nullptr) return second_registry(file);
    auto parsed = snapshot::Case::parse(source, names_);
    if (!parsed.ok()) return std::move(parsed).error();
    snapshot::Case whole = std::move(parsed).value();
    registry_ = std::move(whole.registry);
    profile_ = std::move(whole.profile);
    sets_.push_back(std::move(whole.outputs));
    return {};
  }

  static Error second_registry(const std::string& file) {
    return Error(AC_E_INVALID_ARGUMENT, file + " is a second registry; give one");
  }

  Names& names_;
  std::shared_ptr<const snapshot::Registry> registry_;
  std::optional<snapshot::Layers> layers_;
  snapshot::Profile profile_;
  std::vector<snapshot::OutputSet> sets_;
};

// Receipts of one entity.
class Explainer {
 public:
  Result<void> read(std::span<const std::string> files) {
    for (const std::string& file : files) {
      if (Result<void> read = given_.read(file); !read.ok()) return read;
    }
    if (Result<void> completed = given_.complete(); !completed.ok()) return completed;
    if (Result<void> loaded = rows_.load(given_.outputs(), *names_); !loaded.ok()) return loaded;
    auto resolved = aggregator_.resolve(
        rows_, given_.registry(),
        {.actor_id = given_.profile().id, .profile_version = given_.profile().version});
    if (!resolved.ok()) return std::move(resolved).error();
    snapshot_ = std::move(resolved).value();
    return {};
  }

  Result<std::string> tell(const ExplainArguments& arguments) {
    std::vector<ReceiptRequest> wanted;
    for (const std::uint32_t list : {AC_LIST_PRIMARY, AC_LIST_DERIVED}) {
      const snapshot::NameId dimension = names_->find(arguments.dimension);
      const bool is_asked = arguments.list.empty() || arguments.list == snapshot::list_word(list);
      if (is_asked && snapshot_->find(list, dimension) != nullptr) {
        wanted.push_back({.list = list, .dimension = dimension});
      }
    }
    if (wanted.empty()) return no_value(arguments);
    std::string text;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      auto made = snapshot::Receipt::make(wanted[i], rows_, given_.registry(), *snapshot_, names_);
      if (!made.ok()) return std::move(made).error();
      if (i != 0 && !arguments.is_json) text += '\n';
      text += arguments.is_json ? print(*made.value()) + "\n" : tree_of(*made.value());
      if (arguments.with_terms) add_terms(*made.value(), wanted);
    }
    return text;
  }

 private:
  static void add_terms(const snapshot::Receipt& receipt, std::vector<ReceiptRequest>& wanted) {
    for (const ac_receipt_step& step : receipt.steps()) {
      const auto same = [&](const ReceiptRequest& other) {
        return other.list == step.list && other.dimension == step.name;
      };
      if (step.kind != AC_STEP_TERM || std::ranges::any_of(wanted, same)) continue;
      wanted.push_back({.list = step.list, .dimension = step.name});
    }
  }

  Error no_value(const ExplainArguments& arguments) const {
    const std::string dimension = snapshot::quoted(arguments.dimension);
    std::vector<std::string_view> known;
    for (const snapshot::Dimension& each : given_.registry().dimensions()) {
      known.push_back(names_->text(each.name));
    }
    if (std::ranges::find(known, arguments.dimension) == known.end()) {
      return Error(AC_E_UNKNOWN_DIMENSION, "the registry has no dimension " + dimension +
                                               snapshot::suggestion(arguments.dimension, known));
    }
    return Error(AC_E_UNKNOWN_DIMENSION, dimension + " has no " +
                                             (arguments.list.empty() ? "" : arguments.list + " ") +
                                             "value: no output that counts contributes to it");
  }

  const std::shared_ptr<Names> names_ = std::make_shared<Names>();
  snapshot::SnapshotPool pool_;
  snapshot::Aggregator aggregator_{*names_, pool_};
  snapshot::EntityRows rows_;
  Given given_{*names_};
  snapshot::SnapshotRef snapshot_;
};

}  // namespace

int explain(const ExplainArguments& arguments) {
  Explainer explainer;
  const Result<void> read = explainer.read(arguments.files);
  if (!read.ok()) {
    print_error(read.error());
    return exit_failed;
  }
  const Result<std::string> text = explainer.tell(arguments);
  if (!text.ok()) {
    print_error(text.error());
    return exit_failed;
  }
  std::fwrite(text.value().data(), 1, text.value().size(), stdout);
  return flush_output(exit_ok);
}

}  // namespace actorcore::tool
