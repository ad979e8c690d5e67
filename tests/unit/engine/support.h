// Support: an engine with entities, as tests of the engine want them.
//
// Threads:    as the engine.
// Invariants: handles are released at the end, entities first.
// Cost:       none.
#ifndef ACTORCORE_TESTS_UNIT_ENGINE_SUPPORT_H_
#define ACTORCORE_TESTS_UNIT_ENGINE_SUPPORT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>

#include "engine/engine.h"
#include "engine/entity.h"
#include "engine/resolve.h"
#include "engine/tables.h"

namespace actorcore::engine {

inline constexpr std::string_view registry_text = R"(
dimensions:
  a: {use_pipeline: true, clamp_default: {min: 0, max: 1000000}}
  b: {use_pipeline: false, operator: SUM, clamp_default: {min: 0, max: 1000000}}
  c: {use_pipeline: true, clamp_default: {min: 0, max: 1000000}, formula: {terms: {a: 2, b: 3}}}
)";

// One output of one row.
struct OneRow {
  OneRow(Engine& engine, std::string_view system, std::string_view dimension, double value) {
    row.dimension = engine.names().intern(dimension).value();
    row.value = value;
    output.struct_size = sizeof output;
    output.system = engine.names().intern(system).value();
    output.contributions = &row;
    output.contribution_count = 1;
  }
  OneRow(const OneRow&) = delete;
  OneRow& operator=(const OneRow&) = delete;

  ac_contribution row{};
  ac_output output{};
};

class Fixture {
 public:
  explicit Fixture(runtime::System* system = nullptr)
      : engine_handle_(Engine::create(system, snapshot::Names::count_max).value()),
        engine_(engines().pin(engine_handle_.bits)->shared_from_this()) {
    EXPECT_TRUE(engine_->load({.name = "registry", .text = registry_text}).ok());
  }
  ~Fixture() { engines().release(engine_handle_.bits); }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  Engine& engine() { return *engine_; }
  ac_entity entity() {
    snapshot::Profile profile;
    profile.id = "hero";
    return Entity::create(engine_, std::move(profile)).value();
  }

 private:
  const ac_engine engine_handle_;
  const std::shared_ptr<Engine> engine_;
};

inline double value_of(ac_snapshot snapshot, snapshot::NameId dimension, std::uint32_t list) {
  const double* const value = snapshots().pin(snapshot.bits)->find(list, dimension);
  return value == nullptr ? -1.0 : *value;
}

}  // namespace actorcore::engine

#endif  // ACTORCORE_TESTS_UNIT_ENGINE_SUPPORT_H_
