// Counts what the snapshot core allocates once it is warm: nothing.
#include <cstdint>
#include <string>
#include <vector>

#include "support/allocations.h"
#include "unit/snapshot/support.h"

namespace actorcore::snapshot {
namespace {

constexpr std::string_view registry_text = R"(
dimensions:
  a: {use_pipeline: true, clamp_default: {min: 0, max: 1000}}
  b: {use_pipeline: false, operator: SUM, clamp_default: {min: 0, max: 1000}}
  c: {use_pipeline: true, clamp_default: {min: 0, max: 1000}, formula: {terms: {a: 2, b: 3}}}
)";

class Warm {
 public:
  Warm() : entity_(registry_text), factors_{1.5, 2.0} {
    for (const char* system : {"race", "items", "talent", "effects"}) {
      Built built(entity_.id(system));
      for (const char* dimension : {"a", "b", "c"}) {
        for (int i = 0; i < 4; ++i) {
          built.add(entity_.id(dimension), static_cast<std::uint32_t>(i % 3), i,
                    static_cast<std::uint32_t>(i % 2));
        }
        built.cap(entity_.id(dimension), AC_CAP_ADDITIVE, AC_CAP_KIND_MAX, 500);
      }
      built.modify(entity_.id("damage"), 0.5, 1, factors_);
      built.modify(entity_.id("healing"), 0.5, 1, factors_);
      outputs_.push_back(std::move(built));
    }
    outputs_.push_back(Built(entity_.id("wrong")).add(entity_.id("nowhere"), 0, 1));
    for (Built& built : outputs_) all_.push_back(built.get());
  }

  void turn(std::size_t i) {
    if (i % 16 == 0 && !entity_.rows.load(all_, entity_.names).ok()) std::abort();
    if (!entity_.rows.put(all_[i % all_.size()], entity_.names).ok()) std::abort();
    if (i % 5 == 4) entity_.rows.remove(all_[i % all_.size()].system);
    held_[i % 3] = entity_.resolve();
  }

 private:
  Entity entity_;
  std::vector<double> factors_;
  std::vector<Built> outputs_;
  std::vector<ac_output> all_;
  SnapshotRef held_[3];
};

TEST(Allocation, TheCounterCounts) {
  const std::uint64_t before = allocations();
  delete new std::string(100, 'x');
  EXPECT_EQ(allocations() - before, 2u);
}

TEST(Allocation, PutLoadRemoveAndResolveAllocateNothingOnceWarm) {
  Warm warm;
  for (std::size_t i = 0; i < 100; ++i) warm.turn(i);
  const std::uint64_t before = allocations();
  for (std::size_t i = 0; i < 10'000; ++i) warm.turn(i);
  EXPECT_EQ(allocations() - before, 0u);
}

}  // namespace
}  // namespace actorcore::snapshot
