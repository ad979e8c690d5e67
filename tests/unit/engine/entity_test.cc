#include "engine/entity.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "unit/engine/support.h"

namespace actorcore::engine {
namespace {

TEST(Entity, CountsWhatIsAliveAndFreesWhatIsReleased) {
  Fixture fixture;
  std::vector<ac_entity> handles;
  for (int i = 0; i < 100; ++i) handles.push_back(fixture.entity());
  EXPECT_EQ(fixture.engine().metrics().entities, 100u);
  for (std::size_t i = 0; i < 100; i += 3) entities().release(handles[i].bits);
  EXPECT_EQ(fixture.engine().metrics().entities, 66u);
  for (const ac_entity handle : handles) entities().release(handle.bits);
  EXPECT_EQ(fixture.engine().metrics().entities, 0u);
}

// Everything at once on a few entities. Row x of every entity is always put with a value equal to
// row y's of the same put, so a snapshot whose b is not its a was made of a torn state.
class Storm {
 public:
  static constexpr int rounds = 2000;

  Storm() {
    for (int i = 0; i < 3; ++i) handles_.push_back(fixture_.entity());
    for (int i = 0; i < 3; ++i) put(i, 1);
  }
  ~Storm() {
    for (const ac_entity handle : handles_) entities().release(handle.bits);
    EXPECT_EQ(fixture_.engine().metrics().snapshots, 0u);
  }

  void put(int turn, double value) {
    ac_contribution rows[2] = {};
    rows[0].dimension = name("a");
    rows[1].dimension = name("b");
    rows[0].value = rows[1].value = value;
    ac_output output{};
    output.struct_size = sizeof output;
    output.system = name("items");
    output.contributions = rows;
    output.contribution_count = 2;
    EXPECT_TRUE(at(turn)->put(output).ok());
  }

  void resolve(int turn) {
    const auto flags = static_cast<std::uint32_t>(turn % 3 == 0 ? AC_RESOLVE_FRESH : 0);
    check(engine::resolve(*at(turn), flags).value());
  }

  void read(int turn) {
    const ac_snapshot cached = at(turn)->cached();
    if (cached.bits != 0) check(cached);
  }

  void drop(int turn) {
    if (turn % 16 == 0) {
      fixture_.engine().clear();
    } else {
      at(turn)->invalidate();
    }
  }

  void reload(int turn) {
    if (turn % 8 != 0) return std::this_thread::yield();
    EXPECT_TRUE(fixture_.engine().load({.name = "registry", .text = registry_text}).ok());
  }

  void run(void (Storm::*act)(int)) {
    for (int turn = 0; turn < rounds; ++turn) (this->*act)(turn);
  }
  void run_puts() {
    for (int turn = 0; turn < rounds; ++turn) put(turn, turn);
  }

 private:
  snapshot::NameId name(std::string_view text) {
    return fixture_.engine().names().intern(text).value();
  }
  EntityTable::Pin at(int turn) {
    return entities().pin(handles_[static_cast<std::size_t>(turn) % handles_.size()].bits);
  }
  void check(ac_snapshot snapshot) {
    EXPECT_EQ(value_of(snapshot, name("a"), AC_LIST_PRIMARY),
              value_of(snapshot, name("b"), AC_LIST_PRIMARY));
    snapshots().release(snapshot.bits);
  }

  Fixture fixture_;
  std::vector<ac_entity> handles_;
};

TEST(Entity, ResolvesPutsReadsDropsAndReloadsGoTogether) {
  Storm storm;
  std::vector<std::thread> threads;
  threads.emplace_back([&] { storm.run_puts(); });
  threads.emplace_back([&] { storm.run(&Storm::resolve); });
  threads.emplace_back([&] { storm.run(&Storm::resolve); });
  threads.emplace_back([&] { storm.run(&Storm::read); });
  threads.emplace_back([&] { storm.run(&Storm::drop); });
  threads.emplace_back([&] { storm.run(&Storm::reload); });
  for (std::thread& thread : threads) thread.join();
}

// A cached read that follows a put never gives what was before it.
TEST(Entity, AReadAfterAPutNeverGivesWhatWasBefore) {
  Fixture fixture;
  const ac_entity handle = fixture.entity();
  const auto a = fixture.engine().names().intern("a").value();
  std::atomic<bool> ends{false};
  std::thread resolver([&] {
    while (!ends.load()) {
      const auto entity = entities().pin(handle.bits);
      snapshots().release(entity->resolve(0).value().bits);
    }
  });
  const auto entity = entities().pin(handle.bits);
  for (int i = 1; i < 5000; ++i) {
    const OneRow put(fixture.engine(), "items", "a", i);
    ASSERT_TRUE(entity->put(put.output).ok());
    const ac_snapshot cached = entity->cached();
    if (cached.bits == 0) continue;
    ASSERT_EQ(value_of(cached, a, AC_LIST_PRIMARY), i);
    snapshots().release(cached.bits);
  }
  ends.store(true);
  resolver.join();
  entities().release(handle.bits);
}

}  // namespace
}  // namespace actorcore::engine
