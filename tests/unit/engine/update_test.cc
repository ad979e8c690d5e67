// What changed alone is folded anew, and comes to the same as a whole fold, bit for bit, after
// every prefix of a random log of operations.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "snapshot/snapshot_text.h"
#include "unit/engine/support.h"

namespace actorcore::engine {
namespace {

// Terms of terms, an operator with a formula, and a dimension that only another registry has.
constexpr std::array<std::string_view, 2> registries = {R"(
dimensions:
  a: {use_pipeline: true, clamp_default: {min: -1000, max: 1000}}
  b: {use_pipeline: true, clamp_default: {min: 0, max: 100}}
  c: {use_pipeline: false, operator: SUM, clamp_default: {min: -1000, max: 1000}}
  d: {use_pipeline: false, operator: MAX, clamp_default: {min: -50, max: 50}}
  e:
    use_pipeline: true
    clamp_default: {min: -1000000, max: 1000000}
    formula: {terms: {a: 2, g: 0.5}, constant: 1}
  f:
    use_pipeline: false
    operator: MIN
    clamp_default: {min: -10, max: 10}
    formula: {terms: {e: -1}}
  g: {use_pipeline: true, clamp_default: {min: -100, max: 100}, formula: {terms: {b: 3, c: 1}}}
)",
                                                        R"(
dimensions:
  a: {use_pipeline: false, operator: SUM, clamp_default: {min: -10, max: 1000}}
  b: {use_pipeline: true, clamp_default: {min: 0, max: 100}}
  c: {use_pipeline: true, clamp_default: {min: -1000, max: 1000}, formula: {terms: {a: 1, d: 1}}}
  d: {use_pipeline: true, clamp_default: {min: -50, max: 50}}
  e: {use_pipeline: true, clamp_default: {min: -10, max: 10}, formula: {terms: {c: 1e300}}}
  f: {use_pipeline: true, clamp_default: {min: -10, max: 10}}
  g: {use_pipeline: true, clamp_default: {min: -100, max: 100}}
  h: {use_pipeline: true, clamp_default: {min: 0, max: 1}}
)"};

// An output that can be put again with other values.
struct Load {
  std::vector<ac_contribution> contributions;
  std::vector<ac_cap> caps;
  std::vector<ac_modifier> modifiers;
  ac_output output{};

  const ac_output& get() {
    output.struct_size = sizeof output;
    output.contributions = contributions.data();
    output.contribution_count = contributions.size();
    output.caps = caps.data();
    output.cap_count = caps.size();
    output.modifiers = modifiers.data();
    output.modifier_count = modifiers.size();
    return output;
  }
};

// Two entities with one history: one resolves from what it has, the other always anew.
class Twins {
 public:
  explicit Twins(std::uint64_t seed) : random_(seed) {
    for (ac_entity& each : twins_) each = fixture_.entity();
    load();
  }
  ~Twins() {
    for (const ac_entity each : twins_) entities().release(each.bits);
  }

  void step() {
    const std::uint64_t dice = random_.below(100);
    if (dice < 40) {
      revalue();
    } else if (dice < 60) {
      change_row();
    } else if (dice < 85) {
      put_another();
    } else if (dice < 92) {
      const snapshot::NameId system = system_of(random_.below(systems));
      each([&](Entity& entity) { static_cast<void>(entity.remove(system)); });
    } else if (dice < 94) {
      load();
    } else if (dice < 96) {
      each([&](Entity& entity) {
        snapshot::Profile profile;
        profile.id = "hero";
        profile.version = steps_;
        entity.set_profile(std::move(profile));
      });
    } else if (dice < 98) {
      entities().pin(twins_[0].bits)->invalidate();
    }
    ++steps_;
    if (random_.below(4) != 0) compare();
  }

  std::uint64_t updated() { return fixture_.engine().metrics().updated; }

 private:
  static constexpr std::uint64_t systems = 5;

  template <class Body>
  void each(Body body) {
    for (const ac_entity handle : twins_) body(*entities().pin(handle.bits));
  }
  snapshot::NameId name(const std::string& text) {
    return fixture_.engine().names().intern(text).value();
  }
  snapshot::NameId system_of(std::uint64_t number) {
    return name("system_" + std::to_string(number));
  }
  template <class T, std::size_t count>
  T one_of(const T (&values)[count]) {
    return values[random_.below(count)];
  }
  double value() {
    constexpr double inf = std::numeric_limits<double>::infinity();
    if (random_.below(400) == 0)
      return one_of({inf, -inf, std::numeric_limits<double>::quiet_NaN()});
    return one_of({0.0, -0.0, 0.1, 0.25, -0.5, 1.0, 3.0, -7.0, 11.5, 40.0, 1e300, -1e300, 1e-310});
  }
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(random_.below(bound));
  }

  ac_contribution contribution() {
    ac_contribution row{};
    row.dimension =
        name(std::string(1, static_cast<char>('a' + below(random_.below(50) == 0 ? 8 : 7))));
    row.list = below(2);
    row.bucket = random_.below(8) == 0 ? std::uint32_t{AC_BUCKET_OVERRIDE} : below(3);
    row.value = value();
    row.priority = static_cast<std::int64_t>(random_.below(2));
    if (random_.below(4) == 0) row.system = system_of(random_.below(systems));
    return row;
  }

  ac_cap cap() {
    ac_cap row{};
    row.dimension = name(std::string(1, static_cast<char>('a' + below(7))));
    row.mode = below(5);
    row.kind = row.mode == AC_CAP_HARD_MAX   ? std::uint32_t{AC_CAP_KIND_MAX}
               : row.mode == AC_CAP_HARD_MIN ? std::uint32_t{AC_CAP_KIND_MIN}
                                             : below(2);
    row.value = value();
    row.scope =
        random_.below(30) == 0 ? snapshot::realm_layer : name(one_of({"WORLD", "EVENT", "TOTAL"}));
    return row;
  }

  Load& load_of(std::uint64_t number) { return loads_[number]; }

  void put(Load& load, std::uint64_t number) {
    load.output.system = system_of(number);
    each([&](Entity& entity) { EXPECT_TRUE(entity.put(load.get()).ok()); });
  }

  void put_another() {
    const std::uint64_t number = random_.below(systems);
    Load load;
    load.output.priority = static_cast<std::int64_t>(random_.below(3));
    load.contributions.resize(random_.below(6));
    for (ac_contribution& row : load.contributions) row = contribution();
    load.caps.resize(random_.below(3));
    for (ac_cap& row : load.caps) row = cap();
    if (random_.below(12) == 0) {
      ac_modifier row{};
      row.context = name("damage");
      row.post_add = value();
      load.modifiers.push_back(row);
    }
    loads_[number] = load;
    put(loads_[number], number);
  }

  // One or two values differ from the last put.
  void revalue() {
    const std::uint64_t number = random_.below(systems);
    Load& load = loads_[number];
    for (std::uint64_t i = 0; i <= random_.below(2); ++i) {
      if (!load.contributions.empty()) {
        load.contributions[random_.below(load.contributions.size())].value = value();
      }
      if (!load.caps.empty() && random_.below(3) == 0) {
        load.caps[random_.below(load.caps.size())].value = value();
      }
    }
    put(load, number);
  }

  // A row that is like one of the last put, or another; it may be refused, but by both alike.
  void change_row() {
    const std::uint64_t number = random_.below(systems);
    const Load& load = loads_[number];
    const bool is_known = random_.below(3) != 0;
    if (random_.below(4) == 0) {
      ac_cap row = cap();
      if (is_known && !load.caps.empty()) row = load.caps[random_.below(load.caps.size())];
      row.value = value();
      change_row(number, row);
    } else {
      ac_contribution row = contribution();
      if (is_known && !load.contributions.empty()) {
        row = load.contributions[random_.below(load.contributions.size())];
      }
      row.value = value();
      change_row(number, row);
    }
  }
  template <class Row>
  void change_row(std::uint64_t number, const Row& row) {
    const snapshot::NameId system = system_of(number);
    const bool puts = random_.below(4) != 0;
    std::vector<std::int32_t> codes;
    each([&](Entity& entity) {
      const Result<void> done = puts ? entity.put_row(system, row) : entity.remove_row(system, row);
      codes.push_back(done.ok() ? AC_OK : done.error().code);
    });
    EXPECT_EQ(codes[0], codes[1]);
  }

  void load() {
    const std::string_view text = registries[random_.below(registries.size())];
    EXPECT_TRUE(fixture_.engine().load({.name = "registry", .text = text}).ok());
  }

  std::string text(std::size_t twin, std::uint32_t flags) {
    const ac_snapshot made = entities().pin(twins_[twin].bits)->resolve(flags).value();
    std::string printed =
        snapshot::print(snapshots().retained(made.bits), fixture_.engine().names());
    snapshots().release(made.bits);
    return printed;
  }

  void compare() { ASSERT_EQ(text(1, AC_RESOLVE_FRESH), text(0, 0)) << "after step " << steps_; }

  Fixture fixture_;
  Random random_;
  std::array<ac_entity, 2> twins_{};
  std::array<Load, systems> loads_{};
  std::uint64_t steps_ = 1;
};

TEST(Update, IsWhatAWholeFoldIsAfterEveryPrefixOfALog) {
  std::uint64_t updated = 0;
  for (std::uint64_t seed = 1; seed <= 40 && !testing::Test::HasFatalFailure(); ++seed) {
    Twins twins(seed);
    for (int i = 0; i < 500 && !testing::Test::HasFatalFailure(); ++i) twins.step();
    updated += twins.updated();
  }
  EXPECT_GT(updated, 2000u);  // else it was not what was tested
}

// An entity of one system with a row each for a and b.
class One {
 public:
  explicit One(std::string_view registry = {}) : entity_(fixture_.entity()) {
    if (!registry.empty()) {
      EXPECT_TRUE(fixture_.engine().load({.name = "registry", .text = registry}).ok());
    }
    put("items", 1.0);
    put("buffs", 2.0);
    resolve();
  }
  ~One() { entities().release(entity_.bits); }

  void put(std::string_view system, double value) {
    const OneRow row(fixture_.engine(), system, "a", value);
    EXPECT_TRUE(entities().pin(entity_.bits)->put(row.output).ok());
  }
  void resolve(std::uint32_t flags = 0) {
    snapshots().release(entities().pin(entity_.bits)->resolve(flags).value().bits);
  }
  std::uint64_t updated() { return fixture_.engine().metrics().updated; }
  Entity& entity() { return *entities().pin(entity_.bits); }

 private:
  Fixture fixture_;
  ac_entity entity_;
};

TEST(Update, IsForAChangeAfterAResolve) {
  One one;
  EXPECT_EQ(0u, one.updated());
  one.put("items", 5.0);
  one.put("buffs", 7.0);
  one.resolve();
  EXPECT_EQ(1u, one.updated());
  one.put("more", 1.0);
  one.resolve();
  EXPECT_EQ(2u, one.updated());
}

TEST(Update, IsNotForAFreshResolveNorAfterAnInvalidation) {
  One one;
  one.put("items", 5.0);
  one.resolve(AC_RESOLVE_FRESH);
  one.put("items", 6.0);
  one.entity().invalidate();
  one.resolve();
  EXPECT_EQ(0u, one.updated());
  one.put("items", 7.0);
  one.resolve();
  EXPECT_EQ(1u, one.updated());
}

}  // namespace
}  // namespace actorcore::engine
