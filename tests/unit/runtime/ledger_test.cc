#include "runtime/ledger.h"

#include <gtest/gtest.h>

namespace actorcore::runtime {
namespace {

TEST(Ring, KeepsTheLastAndNumbersThemFromOne) {
  Ring<ac_dead_letter, 4> ring;
  ac_dead_letter out[8];
  EXPECT_EQ(ring.copy(0, out, 8), 0u);
  for (std::uint32_t i = 1; i <= 6; ++i) {
    ac_dead_letter letter{};
    letter.type = i;
    EXPECT_EQ(ring.push(letter), i);
  }
  ASSERT_EQ(ring.copy(0, out, 8), 4u);
  EXPECT_EQ(out[0].number, 3u);
  EXPECT_EQ(out[0].type, 3u);
  EXPECT_EQ(out[3].number, 6u);
}

TEST(Ring, CopiesWhatCameAfterANumberAsFarAsThereIsRoom) {
  Ring<ac_dead_letter, 4> ring;
  for (int i = 0; i < 6; ++i) ring.push({});
  ac_dead_letter out[8];
  ASSERT_EQ(ring.copy(4, out, 8), 2u);
  EXPECT_EQ(out[0].number, 5u);
  ASSERT_EQ(ring.copy(0, out, 1), 1u);
  EXPECT_EQ(out[0].number, 3u);
  EXPECT_EQ(ring.copy(6, out, 8), 0u);
  EXPECT_EQ(ring.copy(UINT64_MAX, out, 8), 0u);
}

}  // namespace
}  // namespace actorcore::runtime
