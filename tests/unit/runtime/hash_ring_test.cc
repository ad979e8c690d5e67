#include "runtime/hash_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/random.h"

namespace actorcore::runtime {
namespace {

using Places = std::vector<std::uint32_t>;

// The places in the order in which a key meets them, each once.
Places order(const HashRing& ring, std::uint64_t hash) {
  Places met;
  ring.walk(hash, [&](std::uint32_t place) {
    if (std::find(met.begin(), met.end(), place) == met.end()) met.push_back(place);
    return false;
  });
  return met;
}

std::uint32_t owner(const HashRing& ring, std::uint64_t hash) {
  std::uint32_t first = UINT32_MAX;
  EXPECT_TRUE(ring.walk(hash, [&](std::uint32_t place) { return first = place, true; }));
  return first;
}

void add(HashRing& ring, const Places& places) {
  ring.reserve(places.size());
  ring.add(places);
}

// The judge: where each place's points are, learnt from a ring that has no other place.
class Judge {
 public:
  explicit Judge(std::uint32_t points_each) : points_each_(points_each) {}

  // The nearest point at or after the hash, around the end if need be, by looking at all of them.
  std::uint32_t owner(const std::set<std::uint32_t>& places, std::uint64_t hash) const {
    std::uint64_t nearest = UINT64_MAX;
    std::uint32_t best = UINT32_MAX;
    for (const std::uint32_t place : places) {
      const std::uint64_t start = spread(place + std::uint64_t{0x9e3779b97f4a7c15});
      for (std::uint64_t i = 0; i < points_each_; ++i) {
        const std::uint64_t point = spread(start + i * std::uint64_t{0x9e3779b97f4a7c15});
        if (point - hash > nearest) continue;
        nearest = point - hash;
        best = place;
      }
    }
    return best;
  }

 private:
  std::uint32_t points_each_;
};

TEST(HashRingTest, AKeyBelongsToTheNearestPointAsANaiveJudgeFindsIt) {
  Random random(1);
  HashRing ring(16);
  const Judge judge(16);
  std::set<std::uint32_t> places;
  for (int step = 0; step < 200; ++step) {
    const auto place = static_cast<std::uint32_t>(random.below(12));
    if (places.erase(place) != 0) {
      ring.remove(place);
    } else {
      add(ring, {place});
      places.insert(place);
    }
    for (int i = 0; !places.empty() && i < 20; ++i) {
      const std::uint64_t hash = random.next();
      ASSERT_EQ(judge.owner(places, hash), owner(ring, hash)) << step;
    }
  }
}

TEST(HashRingTest, AnEmptyRingVisitsNobody) {
  HashRing ring(16);
  EXPECT_FALSE(ring.walk(1, [](std::uint32_t) { return true; }));
  add(ring, {5});
  ring.remove(5);
  EXPECT_FALSE(ring.walk(1, [](std::uint32_t) { return true; }));
}

TEST(HashRingTest, OnlyTheKeysOfAPlaceThatGoesMoveAndTheyComeBackWithIt) {
  Random random(2);
  HashRing ring(64);
  add(ring, {0, 1, 2, 3, 4, 5, 6, 7});
  std::map<std::uint64_t, std::uint32_t> owners;
  for (int i = 0; i < 2'000; ++i) {
    const std::uint64_t hash = random.next();
    owners[hash] = owner(ring, hash);
  }
  ring.remove(3);
  for (const auto& [hash, place] : owners) {
    if (place == 3) {
      EXPECT_NE(3u, owner(ring, hash));
    } else {
      EXPECT_EQ(place, owner(ring, hash));
    }
  }
  add(ring, {3});
  for (const auto& [hash, place] : owners) EXPECT_EQ(place, owner(ring, hash));
}

TEST(HashRingTest, TheOrderOfAdditionsDoesNotMatter) {
  Random random(3);
  HashRing one(32);
  HashRing other(32);
  add(one, {0, 1, 2, 3});
  for (const std::uint32_t place : {2u, 0u, 3u, 1u}) add(other, {place});
  for (int i = 0; i < 500; ++i) {
    const std::uint64_t hash = random.next();
    EXPECT_EQ(order(one, hash), order(other, hash));
    EXPECT_EQ(4u, order(one, hash).size());
  }
}

TEST(HashRingTest, KeysSpreadEvenlyOverPlacesWithManyPoints) {
  Random random(4);
  HashRing ring(128);
  add(ring, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  std::map<std::uint32_t, int> owned;
  for (int i = 0; i < 100'000; ++i) ++owned[owner(ring, random.next())];
  for (const auto& [place, count] : owned) {
    EXPECT_GT(count, 6'500) << place;
    EXPECT_LT(count, 13'500) << place;
  }
}

}  // namespace
}  // namespace actorcore::runtime
