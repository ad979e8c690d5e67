#include "runtime/directory.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace actorcore::runtime {
namespace {

Id bring_to_life(Directory& directory, Actor& actor) {
  actor.life.fetch_or(Actor::alive);
  return directory.id_of(actor);
}

void end(Directory& directory, Actor& actor, SlotCache* cache) {
  actor.life.fetch_and(~Actor::alive);
  EXPECT_EQ(actor.mailbox.close().first, nullptr);
  directory.give(cache, actor);
}

TEST(Directory, AnIdNamesItsActorWhileItLives) {
  memory::Arena arena;
  Directory directory(arena, 1);
  Actor* actor = directory.take(nullptr);
  ASSERT_NE(actor, nullptr);
  EXPECT_EQ(directory.find(directory.id_of(*actor)), nullptr);  // not alive yet
  const Id id = bring_to_life(directory, *actor);
  EXPECT_EQ(directory.find(id), actor);
  end(directory, *actor, nullptr);
  EXPECT_EQ(directory.find(id), nullptr);
}

TEST(Directory, AReusedRecordHasAnotherId) {
  memory::Arena arena;
  Directory directory(arena, 1);
  SlotCache cache;
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 1'000; ++i) {
    Actor* actor = directory.take(&cache);
    EXPECT_TRUE(ids.insert(bring_to_life(directory, *actor).bits).second);
    end(directory, *actor, &cache);
  }
  EXPECT_LE(directory.used(), 1'024u);
}

TEST(Directory, ARecordWhoseGenerationsAreUsedUpIsRetired) {
  memory::Arena arena;
  Directory directory(arena, 1);
  Actor* actor = directory.take(nullptr);
  actor->life.store(generation_max << 8);
  end(directory, *actor, nullptr);
  std::vector<Actor*> taken;
  for (std::uint32_t i = 0; i + 1 < directory.used(); ++i) taken.push_back(directory.take(nullptr));
  for (const Actor* other : taken) EXPECT_NE(other, actor);
}

TEST(Directory, IdsOfOtherSystemsAndMadeUpOnesNameNothing) {
  memory::Arena arena;
  Directory directory(arena, 1);
  Actor* actor = directory.take(nullptr);
  const Id id = bring_to_life(directory, *actor);
  EXPECT_EQ(directory.find(Id::make(2, id.generation(), id.slot())), nullptr);
  EXPECT_EQ(directory.find(Id::make(1, id.generation(), slots_max - 1)), nullptr);
  EXPECT_EQ(directory.find(Id{0}), nullptr);
  EXPECT_EQ(directory.find(Id{UINT64_MAX}), nullptr);
  EXPECT_TRUE(directory.is_foreign(Id::make(2, 1, 1)));
}

}  // namespace
}  // namespace actorcore::runtime
