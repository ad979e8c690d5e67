// What a snapshot costs: an entity with 8 subsystems, 64 contributions over 16 dimensions and 8
// caps in 4 layers, the size that the public implementations of this design were measured with.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "snapshot/aggregator.h"
#include "snapshot/entity_rows.h"
#include "snapshot/names.h"
#include "snapshot/registry.h"

namespace actorcore::snapshot {
namespace {

constexpr int dimension_count = 16;
constexpr int system_count = 8;
constexpr int rows_per_system = 8;
constexpr const char* layer_names[] = {"REALM", "WORLD", "EVENT", "TOTAL"};

// Every fourth dimension is an operator's, every eighth has a formula.
std::string registry_text() {
  std::string text = "{\"dimensions\": {";
  for (int i = 0; i < dimension_count; ++i) {
    const std::string name = "dimension_" + std::to_string(i);
    text += (i == 0 ? "\"" : ", \"") + name + "\": {\"use_pipeline\": ";
    text += i % 4 == 3 ? "false, \"operator\": \"SUM\"" : "true";
    text += ", \"clamp_default\": {\"min\": -1e6, \"max\": 1e6}";
    if (i % 8 == 5) text += ", \"formula\": {\"terms\": {\"dimension_1\": 2.5}, \"constant\": 1}";
    text += "}";
  }
  return text + "}}";
}

// One entity's outputs; the seed decides which dimension, bucket and value each row has.
class Outputs {
 public:
  Outputs(Names& names, std::uint32_t seed) : random_(seed) {
    const NameId realm = names.intern("north").value();
    for (int system = 0; system < system_count; ++system) {
      ac_output output{};
      output.struct_size = sizeof output;
      output.system = names.intern("system_" + std::to_string(system)).value();
      output.priority = system % 3;
      contributions_.push_back(contributions(names, system, output.system));
      caps_.push_back({cap(names, system, realm)});
      outputs_.push_back(output);
    }
    for (int system = 0; system < system_count; ++system) {
      const auto at = static_cast<std::size_t>(system);
      outputs_[at].contributions = contributions_[at].data();
      outputs_[at].contribution_count = contributions_[at].size();
      outputs_[at].caps = caps_[at].data();
      outputs_[at].cap_count = caps_[at].size();
    }
  }

  const std::vector<ac_output>& all() const { return outputs_; }

 private:
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  NameId dimension(Names& names, int index) {
    return names.intern("dimension_" + std::to_string(index)).value();
  }

  std::vector<ac_contribution> contributions(Names& names, int system, NameId name) {
    constexpr std::uint32_t buckets[] = {AC_BUCKET_FLAT, AC_BUCKET_FLAT, AC_BUCKET_MULT,
                                         AC_BUCKET_POST_ADD};
    std::vector<ac_contribution> rows(rows_per_system);
    for (int i = 0; i < rows_per_system; ++i) {
      ac_contribution& row = rows[static_cast<std::size_t>(i)];
      // Two rows to each of the sixteen dimensions in each of the two lists.
      row.dimension = dimension(names, (system * rows_per_system + i) % dimension_count);
      row.system = name;
      row.bucket = buckets[below(4)];
      row.list = system / 2 % 2 == 0 ? AC_LIST_PRIMARY : AC_LIST_DERIVED;
      row.value = below(1000) / 1000.0;
      row.priority = below(3);
    }
    return rows;
  }

  ac_cap cap(Names& names, int system, NameId realm) {
    constexpr std::uint32_t modes[] = {AC_CAP_BASELINE, AC_CAP_ADDITIVE, AC_CAP_HARD_MAX,
                                       AC_CAP_OVERRIDE};
    ac_cap row{};
    row.dimension = dimension(names, system / 2);
    row.mode = modes[below(4)];
    row.kind = AC_CAP_KIND_MAX;
    row.scope = names.intern(layer_names[system % 4]).value();
    row.realm = realm;
    row.value = 10 + below(90);
    return row;
  }

  std::mt19937 random_;
  std::vector<ac_output> outputs_;
  std::vector<std::vector<ac_contribution>> contributions_;
  std::vector<std::vector<ac_cap>> caps_;
};

// Many entities, so that neither caches nor the branch predictor learn one by heart.
class World {
 public:
  explicit World(std::size_t entities) : aggregator_(names_, pool_) {
    registry_ = Registry::parse({.name = "registry", .text = registry_text_}, names_).value();
    for (std::size_t i = 0; i < entities; ++i) {
      outputs_.emplace_back(names_, static_cast<std::uint32_t>(i));
      rows_.emplace_back();
      if (!rows_.back().load(outputs_.back().all(), names_).ok()) std::abort();
    }
  }

  void resolve(std::size_t entity) {
    ++made_;
    Result<SnapshotRef> snapshot =
        aggregator_.resolve(rows_[entity], *registry_, {.actor_id = "entity", .created_at = made_});
    if (!snapshot.ok() || !snapshot.value()->errors().empty()) std::abort();
    benchmark::DoNotOptimize(snapshot);
  }

  void put(std::size_t entity, std::size_t output) {
    if (!rows_[entity].put(outputs_[entity].all()[output], names_).ok()) std::abort();
  }

  void load(std::size_t entity) {
    if (!rows_[entity].load(outputs_[entity].all(), names_).ok()) std::abort();
  }

  void put_small(std::size_t entity, const ac_output& output) {
    if (!rows_[entity].put(output, names_).ok()) std::abort();
  }

  Names& names() { return names_; }
  std::size_t size() const { return rows_.size(); }

 private:
  std::string registry_text_ = registry_text();
  Names names_;
  SnapshotPool pool_;
  Aggregator aggregator_;
  std::shared_ptr<const Registry> registry_;
  std::vector<Outputs> outputs_;
  std::vector<EntityRows> rows_;
  std::int64_t made_ = 0;
};

void resolve_uncached(benchmark::State& state) {
  World world(static_cast<std::size_t>(state.range(0)));
  std::size_t entity = 0;
  for (auto _ : state) {
    world.resolve(entity);
    entity = entity + 1 == world.size() ? 0 : entity + 1;
  }
}
BENCHMARK(resolve_uncached)->Arg(1)->Arg(64)->Arg(10000);

void put_output(benchmark::State& state) {
  World world(64);
  std::size_t turn = 0;
  for (auto _ : state) {
    world.put(turn % world.size(), turn / world.size() % system_count);
    ++turn;
  }
}
BENCHMARK(put_output);

// What most changes are: one row of one subsystem.
void put_one_row(benchmark::State& state) {
  World world(64);
  ac_contribution row{};
  row.dimension = world.names().intern("dimension_3").value();
  ac_output output{};
  output.system = world.names().intern("buff").value();
  output.contributions = &row;
  output.contribution_count = 1;
  std::size_t turn = 0;
  for (auto _ : state) {
    row.value = static_cast<double>(turn);
    world.put_small(turn++ % world.size(), output);
  }
}
BENCHMARK(put_one_row);

void put_then_resolve(benchmark::State& state) {
  World world(64);
  std::size_t turn = 0;
  for (auto _ : state) {
    const std::size_t entity = turn % world.size();
    world.put(entity, turn / world.size() % system_count);
    world.resolve(entity);
    ++turn;
  }
}
BENCHMARK(put_then_resolve);

// As when every subsystem was asked.
void load_then_resolve(benchmark::State& state) {
  World world(64);
  std::size_t turn = 0;
  for (auto _ : state) {
    world.load(turn % world.size());
    world.resolve(turn++ % world.size());
  }
}
BENCHMARK(load_then_resolve);

}  // namespace
}  // namespace actorcore::snapshot
