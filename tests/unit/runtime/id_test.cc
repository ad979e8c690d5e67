#include "runtime/id.h"

#include <gtest/gtest.h>

#include "runtime/envelope.h"

namespace actorcore::runtime {
namespace {

TEST(Id, KeepsItsPartsApart) {
  const Id id = Id::make(1023, generation_max, slots_max - 1);
  EXPECT_EQ(id.generation(), generation_max);
  EXPECT_EQ(id.slot(), slots_max - 1);
  EXPECT_EQ(id.prefix(), Id::prefix(1023));
  EXPECT_NE(id.prefix(), Id::prefix(1022));
}

TEST(Id, WithoutItsTagIsTheSameInEverySystem) {
  EXPECT_EQ(Id::make(1, 5, 9).without_tag(), Id::make(2, 5, 9).without_tag());
  EXPECT_NE(Id::make(1, 5, 9).without_tag(), Id::make(1, 6, 9).without_tag());
}

TEST(Envelope, CarriesTheGenerationThatWasMeantBesideTheLink) {
  alignas(64) Envelope first{};
  alignas(64) Envelope second{};
  first.to = Id::make(3, 77, 12).handle();
  first.address(generation_max);
  EXPECT_EQ(first.generation(), generation_max);
  EXPECT_EQ(first.next(), nullptr);
  first.set_next(&second);
  EXPECT_EQ(first.next(), &second);
  EXPECT_EQ(first.generation(), generation_max);
}

}  // namespace
}  // namespace actorcore::runtime
