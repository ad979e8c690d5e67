// What snapshots cost through the ABI: an entity with 8 subsystems, 64 contributions over 16
// dimensions and 8 caps in 4 layers, the size that the public implementations of this design were
// measured with.
#include <actorcore/actorcore.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "plain_engine.h"

namespace {

constexpr int dimension_count = 16;
constexpr int system_count = 8;

void check(ac_status status) {
  if (status == AC_OK) return;
  ac_text name{};
  ac_status_text(status, &name, nullptr);
  std::fprintf(stderr, "engine_bench: %.*s\n", static_cast<int>(name.size), name.data);
  std::abort();
}

ac_source source_of(const std::string& text) {
  ac_source source{};
  source.struct_size = sizeof source;
  source.text = {text.data(), text.size()};
  return source;
}

// Every fourth dimension is an operator's, every eighth has a formula.
std::string registry_text() {
  std::string text;
  for (int i = 0; i < dimension_count; ++i) {
    text += std::string(text.empty() ? "" : ", ") + "\"dimension_" + std::to_string(i) +
            "\": {\"use_pipeline\": " + (i % 4 == 3 ? "false, \"operator\": \"SUM\"" : "true") +
            ", \"clamp_default\": {\"min\": -1e6, \"max\": 1e6}";
    if (i % 8 == 5) text += ", \"formula\": {\"terms\": {\"dimension_1\": 2.5}, \"constant\": 1}";
    text += "}";
  }
  return "{\"dimensions\": {" + text + "}}";
}

// Two rows to each dimension in each list, one cap a subsystem.
std::string outputs_text(int entity) {
  constexpr const char* buckets[] = {"FLAT", "FLAT", "MULT", "POST_ADD"};
  constexpr const char* layers[] = {"REALM", "WORLD", "EVENT", "TOTAL"};
  constexpr const char* modes[] = {"BASELINE", "ADDITIVE", "HARD_MAX", "OVERRIDE"};
  std::string text;
  for (int system = 0; system < system_count; ++system) {
    std::string rows;
    const std::string name = "\"system_" + std::to_string(system) + "\"";
    for (int i = 0; i < 8; ++i) {
      const int mixed = (entity * 31 + system * 8 + i) * 7;
      rows += std::string(rows.empty() ? "" : ", ") + "{\"dimension\": \"dimension_" +
              std::to_string((system * 8 + i) % dimension_count) + "\", \"bucket\": \"" +
              buckets[mixed % 4] + "\", \"value\": 0." + std::to_string(100 + mixed % 900) +
              ", \"system\": " + name + ", \"priority\": " + std::to_string(mixed % 3) + "}";
    }
    text += std::string(text.empty() ? "" : ", ") + "{\"meta\": {\"system\": " + name +
            "}, \"priority\": " + std::to_string(system % 3) + ", \"" +
            (system / 2 % 2 == 0 ? "primary" : "derived") + "\": [" + rows +
            "], \"caps\": [{\"system\": " + name + ", \"dimension\": \"dimension_" +
            std::to_string(system / 2) + "\", \"mode\": \"" + modes[(entity + system) % 4] +
            "\", \"kind\": \"max\", \"value\": " + std::to_string(10 + (entity + system) % 90) +
            ", \"scope\": \"" + layers[system % 4] + "\", \"realm\": \"north\"}]}";
  }
  return "[" + text + "]";
}

class World {
 public:
  explicit World(std::int64_t entities) {
    check(ac_engine_create({0}, nullptr, &engine_, nullptr));
    const std::string registry = registry_text();
    const ac_source source = source_of(registry);
    check(ac_engine_load(engine_, &source, nullptr));
    for (int i = 0; i < entities; ++i) add(i);
  }
  ~World() {
    for (const ac_entity entity : entities_) ac_entity_release(entity);
    for (const ac_outputs outputs : outputs_) ac_outputs_release(outputs);
    ac_engine_release(engine_);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  ac_engine engine() const { return engine_; }
  ac_entity at(std::size_t turn) const { return entities_[turn % entities_.size()]; }
  const std::vector<ac_entity>& entities() const { return entities_; }
  // The output of a subsystem of the entity at `turn`.
  const ac_output& output(std::size_t turn, std::size_t system) const {
    return changes_[turn % entities_.size()][system % system_count];
  }

 private:
  void add(int number) {
    const std::string text = outputs_text(number);
    const ac_source source = source_of(text);
    ac_outputs outputs;
    check(ac_outputs_load(engine_, &source, &outputs, nullptr));
    ac_profile profile{};
    profile.struct_size = sizeof profile;
    profile.id = ac_text_of("entity");
    ac_entity entity;
    check(ac_entity_create(engine_, &profile, &entity, nullptr));
    check(ac_entity_put_all(entity, outputs));
    changes_.emplace_back(system_count);
    for (std::size_t i = 0; i < system_count; ++i)
      check(ac_outputs_at(outputs, i, &changes_.back()[i]));
    entities_.push_back(entity);
    outputs_.push_back(outputs);
  }

  ac_engine engine_{};
  std::vector<ac_entity> entities_;
  std::vector<ac_outputs> outputs_;
  std::vector<std::vector<ac_output>> changes_;
};

void resolve(ac_entity entity, std::uint32_t flags) {
  ac_snapshot snapshot;
  check(ac_resolve(entity, flags, &snapshot, nullptr));
  ac_snapshot_release(snapshot);
}

// -- the same, plainly ----------------------------------------------------------------------------

plain::Engine plain_engine() {
  plain::Engine engine;
  engine.layers = {"REALM", "WORLD", "EVENT", "TOTAL"};
  for (int i = 0; i < dimension_count; ++i) {
    plain::Rule& rule = engine.rules["dimension_" + std::to_string(i)];
    rule = {.sums = i % 4 == 3, .min = -1e6, .max = 1e6, .terms = {}};
    if (i % 8 == 5) rule.terms["dimension_1"] = 2.5, rule.constant = 1;
  }
  return engine;
}

std::string text_of(const World& world, std::uint32_t name) {
  ac_text text{};
  check(ac_engine_text(world.engine(), name, &text));
  return {text.data, text.size};
}

std::vector<plain::Output> plain_outputs(const World& world, std::size_t turn) {
  std::vector<plain::Output> outputs(system_count);
  for (std::size_t system = 0; system < outputs.size(); ++system) {
    const ac_output& given = world.output(turn, system);
    const std::string name = text_of(world, given.system);
    for (std::size_t i = 0; i < given.contribution_count; ++i) {
      const ac_contribution& row = given.contributions[i];
      auto& list = row.list == AC_LIST_DERIVED ? outputs[system].derived : outputs[system].primary;
      list.push_back({text_of(world, row.dimension), static_cast<plain::Bucket>(row.bucket),
                      row.value, name, row.priority});
    }
    for (std::size_t i = 0; i < given.cap_count; ++i) {
      const ac_cap& cap = given.caps[i];
      outputs[system].caps.push_back({text_of(world, cap.dimension), text_of(world, cap.scope),
                                      static_cast<plain::Mode>(cap.mode), cap.value, name,
                                      cap.priority});
    }
  }
  return outputs;
}

// Stops the run where the two do not come to the same bits.
void compare(const World& world, std::size_t turn, const plain::Snapshot& plainly) {
  ac_snapshot snapshot;
  check(ac_resolve(world.at(turn), 0, &snapshot, nullptr));
  for (const std::uint32_t list : {AC_LIST_PRIMARY, AC_LIST_DERIVED}) {
    for (const auto& [name, value] : list == AC_LIST_PRIMARY ? plainly.primary : plainly.derived) {
      std::uint32_t dimension;
      double ours;
      check(ac_engine_name(world.engine(), {name.data(), name.size()}, &dimension));
      check(ac_snapshot_value(snapshot, list, dimension, &ours));
      if (ours == value) continue;
      std::fprintf(stderr, "engine_bench: %s is %.17g plainly and %.17g\n", name.c_str(), value,
                   ours);
      std::abort();
    }
  }
  ac_snapshot_release(snapshot);
}

void resolve_plainly(benchmark::State& state) {
  const World world(state.range(0));
  const plain::Engine engine = plain_engine();
  std::vector<std::vector<plain::Output>> entities;
  for (std::size_t turn = 0; turn < world.entities().size(); ++turn) {
    entities.push_back(plain_outputs(world, turn));
    compare(world, turn, engine.resolve(entities.back()));
  }
  std::size_t turn = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(engine.resolve(entities[turn++ % entities.size()]));
  }
}
BENCHMARK(resolve_plainly)->Arg(1)->Arg(64);

// -- resolves -------------------------------------------------------------------------------------

void resolve_fresh(benchmark::State& state) {
  const World world(state.range(0));
  std::size_t turn = 0;
  for (auto _ : state) resolve(world.at(turn++), AC_RESOLVE_FRESH);
}
BENCHMARK(resolve_fresh)->Arg(1)->Arg(64)->Arg(10000);

// One contribution of one subsystem has another value, which is put and resolved.
void resolve_after_a_change(benchmark::State& state) {
  const World world(state.range(0));
  for (const ac_entity entity : world.entities()) resolve(entity, 0);
  std::size_t turn = 0;
  for (auto _ : state) {
    ac_output output = world.output(turn, 0);
    ac_contribution rows[8];
    std::copy_n(output.contributions, 8, rows);
    rows[3].value += static_cast<double>(turn % 5 + 1) / 64;
    output.contributions = rows;
    check(ac_entity_put(world.at(turn), &output));
    resolve(world.at(turn++), 0);
  }
}
BENCHMARK(resolve_after_a_change)->Arg(1)->Arg(64)->Arg(10000);

// The same with the one row put by itself.
void resolve_after_a_row(benchmark::State& state) {
  const World world(state.range(0));
  for (const ac_entity entity : world.entities()) resolve(entity, 0);
  std::size_t turn = 0;
  for (auto _ : state) {
    const ac_output& output = world.output(turn, 0);
    ac_contribution row = output.contributions[3];
    row.value += static_cast<double>(turn % 5 + 1) / 64;
    check(ac_entity_put_contribution(world.at(turn), output.system, &row, nullptr));
    resolve(world.at(turn++), 0);
  }
}
BENCHMARK(resolve_after_a_row)->Arg(1)->Arg(64)->Arg(10000);

void resolve_from_cache(benchmark::State& state) {
  const World world(state.range(0));
  for (const ac_entity entity : world.entities()) resolve(entity, 0);
  std::size_t turn = 0;
  for (auto _ : state) resolve(world.at(turn++), 0);
}
BENCHMARK(resolve_from_cache)->Arg(1)->Arg(64);

void get_cached_and_release(benchmark::State& state) {
  const World world(state.range(0));
  for (const ac_entity entity : world.entities()) resolve(entity, 0);
  std::size_t turn = 0;
  for (auto _ : state) {
    ac_snapshot snapshot;
    check(ac_get_cached_snapshot(world.at(turn++), &snapshot));
    ac_snapshot_release(snapshot);
  }
}
BENCHMARK(get_cached_and_release)->Arg(1)->Arg(64);

void put(benchmark::State& state) {
  const World world(64);
  std::size_t turn = 0;
  for (auto _ : state) {
    check(ac_entity_put(world.at(turn), &world.output(turn, turn / 64)));
    ++turn;
  }
}
BENCHMARK(put);

void put_then_resolve(benchmark::State& state) {
  const World world(64);
  std::size_t turn = 0;
  for (auto _ : state) {
    check(ac_entity_put(world.at(turn), &world.output(turn, turn / 64)));
    resolve(world.at(turn), 0);
    ++turn;
  }
}
BENCHMARK(put_then_resolve);

// A receipt of a formula with two rows of its own; what its terms come to takes a resolve of all.
void explain(benchmark::State& state) {
  const World world(64);
  std::uint32_t dimension;
  check(ac_engine_name(world.engine(), ac_text_of("dimension_5"), &dimension));
  std::size_t turn = 0;
  for (auto _ : state) {
    ac_receipt receipt;
    check(ac_entity_explain(world.at(turn++), AC_LIST_DERIVED, dimension, 0, &receipt, nullptr));
    ac_receipt_release(receipt);
  }
}
BENCHMARK(explain);

void resolve_batch_fresh(benchmark::State& state) {
  const World world(256);
  std::vector<ac_snapshot> snapshots(256);
  for (auto _ : state) {
    check(ac_resolve_batch(world.entities().data(), 256, AC_RESOLVE_FRESH, snapshots.data(),
                           nullptr, nullptr));
    for (const ac_snapshot snapshot : snapshots) ac_snapshot_release(snapshot);
  }
  state.SetItemsProcessed(state.iterations() * 256);
}
BENCHMARK(resolve_batch_fresh);

ac_status contribute(uintptr_t user, const ac_contribute* question) {
  return ac_query_answer(question->query, reinterpret_cast<const ac_output*>(user));
}

// Seven outputs stored, the eighth asked from a callback.
void resolve_with_a_callback(benchmark::State& state) {
  const World world(1);
  const ac_output& asked = world.output(0, 0);
  check(ac_entity_remove(world.at(0), asked.system));
  ac_subsystem_options options{};
  options.struct_size = sizeof options;
  options.name = ac_text_of("system_0");
  options.on_contribute = contribute;
  options.user = reinterpret_cast<uintptr_t>(&asked);
  check(ac_subsystem_register(world.engine(), &options, nullptr));
  for (auto _ : state) resolve(world.at(0), 0);
}
BENCHMARK(resolve_with_a_callback);

}  // namespace
