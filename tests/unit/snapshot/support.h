// What the tests of the snapshot core share.
#ifndef ACTORCORE_TESTS_UNIT_SNAPSHOT_SUPPORT_H_
#define ACTORCORE_TESTS_UNIT_SNAPSHOT_SUPPORT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "snapshot/aggregator.h"
#include "snapshot/case_text.h"
#include "snapshot/entity_rows.h"
#include "snapshot/names.h"
#include "snapshot/registry.h"
#include "snapshot/snapshot_text.h"

namespace actorcore::snapshot {

inline NameId name(Names& names, std::string_view text) { return names.intern(text).value(); }

inline std::shared_ptr<const Registry> registry_of(Names& names, std::string_view text) {
  Result<std::shared_ptr<const Registry>> parsed =
      Registry::parse({.name = "registry", .text = text}, names);
  if (!parsed.ok()) ADD_FAILURE() << parsed.error().message;
  return parsed.value();
}

// An output that owns its rows.
struct Built {
  ac_output output{};
  std::vector<ac_contribution> contributions;
  std::vector<ac_cap> caps;
  std::vector<ac_modifier> modifiers;

  explicit Built(NameId system, std::int64_t priority = 0) {
    output.struct_size = sizeof output;
    output.system = system;
    output.priority = priority;
  }
  Built& add(NameId dimension, std::uint32_t bucket, double value,
             std::uint32_t list = AC_LIST_PRIMARY) {
    ac_contribution row{};
    row.dimension = dimension;
    row.bucket = bucket;
    row.value = value;
    row.list = list;
    contributions.push_back(row);
    return *this;
  }
  Built& cap(NameId dimension, std::uint32_t mode, std::uint32_t kind, double value,
             NameId scope = no_name, NameId realm = no_name) {
    ac_cap row{};
    row.dimension = dimension;
    row.mode = mode;
    row.kind = kind;
    row.value = value;
    row.scope = scope;
    row.realm = realm;
    caps.push_back(row);
    return *this;
  }
  Built& modify(NameId context, double additive_percent, double post_add,
                const std::vector<double>& multipliers) {
    ac_modifier row{};
    row.context = context;
    row.additive_percent = additive_percent;
    row.post_add = post_add;
    row.multipliers = multipliers.data();
    row.multiplier_count = static_cast<std::uint32_t>(multipliers.size());
    modifiers.push_back(row);
    return *this;
  }
  const ac_output& get() {
    output.contributions = contributions.data();
    output.contribution_count = contributions.size();
    output.caps = caps.data();
    output.cap_count = caps.size();
    output.modifiers = modifiers.data();
    output.modifier_count = modifiers.size();
    return output;
  }
};

// Names, a registry and one entity.
class Entity {
 public:
  explicit Entity(std::string_view registry_text)
      : aggregator_(names, pool_), registry(registry_of(names, registry_text)) {}

  NameId id(std::string_view text) { return name(names, text); }

  void put(const ac_output& output) {
    const Result<void> put = rows.put(output, names);
    ASSERT_TRUE(put.ok()) << put.error().message;
  }

  Result<SnapshotRef> try_resolve(bool strict = false) {
    return aggregator_.resolve(rows, *registry, {.actor_id = "hero", .strict = strict});
  }

  SnapshotRef resolve() {
    Result<SnapshotRef> snapshot = try_resolve();
    if (!snapshot.ok()) ADD_FAILURE() << snapshot.error().message;
    return snapshot.value();
  }

  std::string printed() { return print(*resolve(), names); }

  Names names;

 private:
  SnapshotPool pool_;
  Aggregator aggregator_;

 public:
  std::shared_ptr<const Registry> registry;
  EntityRows rows;
};

// `name:line:column: reason` of every detail.
inline std::vector<std::string> reasons(const Error& error) {
  std::vector<std::string> all;
  for (const auto& [place, reason] : error.details) all.push_back(place + ": " + reason);
  return all;
}

}  // namespace actorcore::snapshot

#endif  // ACTORCORE_TESTS_UNIT_SNAPSHOT_SUPPORT_H_
