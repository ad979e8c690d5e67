#include "engine/lanes.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>
#include <vector>

namespace actorcore::engine {
namespace {

// More threads than there are slots, so that some share.
TEST(Lanes, TheSumIsExactWhoeverCounts) {
  constexpr std::uint32_t threads_count = thread_slots + 6;
  constexpr std::uint64_t each = 1000;
  Lanes lanes;
  std::latch all(threads_count);
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < threads_count; ++i) {
    threads.emplace_back([&] {
      static_cast<void>(thread_slot());
      all.arrive_and_wait();
      for (std::uint64_t n = 0; n < each; ++n) {
        lanes.count(Count::resolved);
        lanes.count(Count::rejected, 2);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lanes.sum(Count::resolved), threads_count * each);
  EXPECT_EQ(lanes.sum(Count::rejected), threads_count * each * 2);
  EXPECT_EQ(lanes.sum(Count::failed), 0u);
}

TEST(Lanes, AWorkspaceIsMadeOnceAThread) {
  snapshot::Names names;
  snapshot::SnapshotPool pool;
  Lanes lanes;
  int made = 0;
  const auto make = [&] {
    ++made;
    return std::make_unique<Workspace>(names, pool);
  };
  const auto address = [](Workspace& workspace) { return &workspace; };
  const Workspace* const first = lanes.with_workspace(make, address);
  EXPECT_EQ(lanes.with_workspace(make, address), first);
  EXPECT_EQ(made, 1);
  std::thread([&] { EXPECT_NE(lanes.with_workspace(make, address), first); }).join();
  EXPECT_EQ(made, 2);
}

}  // namespace
}  // namespace actorcore::engine
