// Counts what the engine allocates once it is warm: nothing.
#include <cstdint>
#include <string>
#include <vector>

#include "support/allocations.h"
#include "unit/engine/support.h"

namespace actorcore::engine {
namespace {

// Eight subsystems, five of which change in turns.
class Warm {
 public:
  Warm() : handle_(fixture_.entity()) {
    for (int i = 0; i < 8; ++i) {
      rows_.push_back(std::make_unique<OneRow>(fixture_.engine(), "system " + std::to_string(i),
                                               i % 2 == 0 ? "a" : "b", i));
      put(static_cast<std::size_t>(i));
    }
  }
  ~Warm() {
    for (const ac_snapshot held : held_) snapshots().release(held.bits);
    entities().release(handle_.bits);
  }

  void turn(std::size_t i) {
    put(i % 5);
    keep(i, resolve(*entities().pin(handle_.bits), i % 2 == 0 ? 0 : AC_RESOLVE_FRESH).value());
    keep(i + 1, entities().pin(handle_.bits)->cached());
    ac_snapshot snapshots[2];
    const ac_entity both[2] = {handle_, handle_};
    if (resolve_batch(both, AC_RESOLVE_FRESH, snapshots, nullptr, nullptr) != AC_OK) std::abort();
    keep(i + 2, snapshots[0]);
    keep(i + 3, snapshots[1]);
    if (i % 3 == 0) entities().pin(handle_.bits)->invalidate();
  }

 private:
  void put(std::size_t i) {
    rows_[i]->row.value += 1;
    if (!entities().pin(handle_.bits)->put(rows_[i]->output).ok()) std::abort();
  }
  // Snapshots live for a while, as a program's do.
  void keep(std::size_t i, ac_snapshot snapshot) {
    snapshots().release(held_[i % 7].bits);
    held_[i % 7] = snapshot;
  }

  Fixture fixture_;
  const ac_entity handle_;
  std::vector<std::unique_ptr<OneRow>> rows_;
  ac_snapshot held_[7] = {};
};

TEST(Allocation, TheCounterCounts) {
  const std::uint64_t before = allocations();
  delete new std::string(100, 'x');
  EXPECT_EQ(allocations() - before, 2u);
}

TEST(Allocation, PutResolveAndCachedReadsAllocateNothingOnceWarm) {
  Warm warm;
  for (std::size_t i = 0; i < 100; ++i) warm.turn(i);
  const std::uint64_t before = allocations();
  for (std::size_t i = 0; i < 10'000; ++i) warm.turn(i);
  EXPECT_EQ(allocations() - before, 0u);
}

}  // namespace
}  // namespace actorcore::engine
