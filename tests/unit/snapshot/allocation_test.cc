// Counts what the snapshot core allocates once it is warm: nothing.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "unit/snapshot/support.h"

namespace {

std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes, 16); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return counted(bytes, 16); }
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

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
  const std::uint64_t before = allocations.load();
  delete new std::string(100, 'x');
  EXPECT_EQ(allocations.load() - before, 2u);
}

TEST(Allocation, PutLoadRemoveAndResolveAllocateNothingOnceWarm) {
  Warm warm;
  for (std::size_t i = 0; i < 100; ++i) warm.turn(i);
  const std::uint64_t before = allocations.load();
  for (std::size_t i = 0; i < 10'000; ++i) warm.turn(i);
  EXPECT_EQ(allocations.load() - before, 0u);
}

}  // namespace
}  // namespace actorcore::snapshot
