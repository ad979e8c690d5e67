#include "base/handle_table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace actorcore {
namespace {

struct Counted {
  std::atomic<int>& ended;
  int value = 7;

  void release_handle() {
    ++ended;
    delete this;
  }
};

using Table = HandleTable<Counted, HandleKind::query>;

TEST(HandleTable, AHandleNamesItsObjectUntilItIsReleased) {
  static Table table;
  std::atomic<int> ended{0};
  const std::uint64_t handle = table.insert(new Counted{ended});
  EXPECT_EQ(table.pin(handle)->value, 7);
  EXPECT_TRUE(table.release(handle));
  EXPECT_EQ(ended, 1);
  EXPECT_FALSE(table.pin(handle));
  EXPECT_FALSE(table.release(handle));
  EXPECT_FALSE(table.retain(handle));
}

TEST(HandleTable, AReusedSlotHasAnotherHandle) {
  static Table table;
  std::atomic<int> ended{0};
  const std::uint64_t first = table.insert(new Counted{ended});
  table.release(first);
  const std::uint64_t second = table.insert(new Counted{ended});
  EXPECT_NE(first, second);
  EXPECT_FALSE(table.pin(first));
  EXPECT_TRUE(table.pin(second));
  table.release(second);
}

TEST(HandleTable, EachReferenceMustBeGivenBack) {
  static Table table;
  std::atomic<int> ended{0};
  const std::uint64_t handle = table.insert(new Counted{ended});
  ASSERT_TRUE(table.retain(handle));
  EXPECT_TRUE(table.release(handle));
  EXPECT_EQ(ended, 0);
  EXPECT_TRUE(table.release(handle));
  EXPECT_EQ(ended, 1);
}

TEST(HandleTable, APinnedObjectOutlivesItsLastReference) {
  static Table table;
  std::atomic<int> ended{0};
  const std::uint64_t handle = table.insert(new Counted{ended});
  {
    const auto pin = table.pin(handle);
    EXPECT_TRUE(table.release(handle));
    EXPECT_EQ(ended, 0);
    EXPECT_EQ(pin->value, 7);
    EXPECT_FALSE(table.pin(handle));  // nobody new gets in
  }
  EXPECT_EQ(ended, 1);
}

TEST(HandleTable, AnExclusivePinGoesWithOthersButNotWithASecondOne) {
  static Table table;
  std::atomic<int> ended{0};
  const std::uint64_t handle = table.insert(new Counted{ended});
  bool busy = true;
  {
    const auto first = table.pin_exclusive(handle, busy);
    EXPECT_TRUE(first);
    EXPECT_FALSE(busy);
    EXPECT_TRUE(table.pin(handle));
    EXPECT_FALSE(table.pin_exclusive(handle, busy));
    EXPECT_TRUE(busy);
  }
  EXPECT_TRUE(table.pin_exclusive(handle, busy));
  table.release(handle);
  EXPECT_FALSE(table.pin_exclusive(handle, busy));
  EXPECT_FALSE(busy);
}

TEST(HandleTable, MadeUpHandlesNameNothing) {
  static Table table;
  std::atomic<int> ended{0};
  const std::uint64_t handle = table.insert(new Counted{ended});
  for (unsigned bit = 0; bit < 64; ++bit) {
    EXPECT_FALSE(table.pin(handle ^ std::uint64_t{1} << bit)) << "bit " << bit;
  }
  EXPECT_FALSE(table.pin(0));
  EXPECT_FALSE(table.pin(UINT64_MAX));
  table.release(handle);
}

TEST(HandleTable, RacingPinsAndReleasesEndEachObjectOnce) {
  static Table table;
  std::atomic<int> ended{0};
  constexpr int rounds = 2'000;
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t handle = table.insert(new Counted{ended});
    const auto use = [&] {
      if (const auto pin = table.pin(handle)) {
        EXPECT_EQ(pin->value, 7);
      }
      table.release(handle);  // one of the two is one too many
    };
    std::thread other(use);
    use();
    other.join();
  }
  EXPECT_EQ(ended, rounds);
}

}  // namespace
}  // namespace actorcore
