#include "engine/question.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "unit/engine/support.h"

namespace actorcore::engine {
namespace {

// Hands its questions to threads that answer them at any moment, or never.
class Oracle {
 public:
  explicit Oracle(Fixture& fixture, const char* name) : row_(fixture.engine(), name, "a", 1) {
    row_.output.system = 0;
    ac_subsystem_options options{};
    options.struct_size = sizeof options;
    options.name = {name, std::char_traits<char>::length(name)};
    options.on_contribute = [](std::uintptr_t user, const ac_contribute* question) {
      return reinterpret_cast<Oracle*>(user)->contribute(*question);
    };
    options.user = reinterpret_cast<std::uintptr_t>(this);
    EXPECT_TRUE(fixture.engine().subsystems().add(options, fixture.engine().names()).ok());
  }

  std::atomic<std::uint64_t> last_query{0};
  std::atomic<std::uint32_t> answered{0};

  void answer(std::uint64_t query) {
    if (Question::answer({query}, row_.output).ok()) answered.fetch_add(1);
  }

 private:
  ac_status contribute(const ac_contribute& question) {
    last_query.store(question.query.bits);
    if (turn_++ % 2 == 0) answer(question.query.bits);  // else a racing thread does, or nobody
    return AC_OK;
  }

  OneRow row_;
  std::uint32_t turn_ = 0;
};

TEST(Question, AnAnswerThatRacesTheEndCountsOnceOrNotAtAll) {
  Fixture fixture;
  Oracle first(fixture, "first");
  Oracle second(fixture, "second");
  const ac_entity handle = fixture.entity();
  const auto a = fixture.engine().names().intern("a").value();
  std::atomic<bool> ends{false};
  std::thread racer([&] {
    while (!ends.load()) {
      first.answer(first.last_query.load());
      second.answer(second.last_query.load());
    }
  });
  double total = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto entity = entities().pin(handle.bits);
    const ac_snapshot snapshot = resolve(*entity, 0).value();
    const double value = value_of(snapshot, a, AC_LIST_PRIMARY);
    if (value > 0) total += value;
    snapshots().release(snapshot.bits);
  }
  ends.store(true);
  racer.join();
  entities().release(handle.bits);
  EXPECT_EQ(total, first.answered.load() + second.answered.load());
  EXPECT_GE(total, 5000.0);
  EXPECT_EQ(fixture.engine().metrics().snapshots, 0u);
}

TEST(Question, RowsAndSnapshotsOfResolvesThatAskComeFromPools) {
  Fixture fixture;
  Oracle oracle(fixture, "oracle");
  const ac_entity handle = fixture.entity();
  const memory::PoolRows before = memory::read_pools();
  for (int i = 0; i < 200; ++i) {
    const auto entity = entities().pin(handle.bits);
    snapshots().release(resolve(*entity, 0).value().bits);
  }
  const memory::PoolRows after = memory::read_pools();
  for (const std::uint32_t pool : {AC_POOL_SNAPSHOTS, AC_POOL_CONTRIBUTIONS}) {
    EXPECT_EQ(after[pool].gets, before[pool].gets + 200);
    EXPECT_EQ(after[pool].puts, before[pool].puts + 200);
    EXPECT_LE(after[pool].misses, before[pool].misses + 1);
    EXPECT_NE(after[pool].free, 0u);
    EXPECT_NE(after[pool].bytes, 0u);
  }
  entities().release(handle.bits);
}

}  // namespace
}  // namespace actorcore::engine
