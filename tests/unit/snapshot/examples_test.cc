// The data that the examples are shipped with.
#include <fstream>
#include <sstream>
#include <string>

#include "unit/snapshot/support.h"

namespace actorcore::snapshot {
namespace {

std::string contents(const std::string& name) {
  std::ifstream file("examples/data/" + name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ExampleData, EveryArchetypeResolvesStrictlyAndSoItDoesAfterEveryChange) {
  const std::string outputs = contents("outputs.json");
  const std::string changes = contents("changes.json");
  for (const char* archetype : {"warrior", "mage", "rogue", "ranger", "cleric", "merchant"}) {
    Entity entity(contents("registry.yaml"));
    const Source source{.name = "outputs.json", .text = outputs, .member = archetype};
    const Result<OutputSet> own = OutputSet::parse(source, entity.names);
    ASSERT_TRUE(own.ok()) << own.error().message;
    const Result<OutputSet> posted =
        OutputSet::parse({.name = "changes.json", .text = changes}, entity.names);
    ASSERT_TRUE(posted.ok()) << posted.error().message;
    for (const ac_output& change : posted.value().outputs()) {
      ASSERT_TRUE(entity.rows.load(own.value().outputs(), entity.names).ok());
      const Result<SnapshotRef> before = entity.try_resolve(true);
      ASSERT_TRUE(before.ok()) << before.error().message;
      entity.put(change);
      const Result<SnapshotRef> after = entity.try_resolve(true);
      ASSERT_TRUE(after.ok()) << after.error().message;
      EXPECT_GT(*after.value()->find(AC_LIST_DERIVED, entity.id("health")), 1.0);
    }
  }
}

TEST(ExampleData, ChangesOfOutputsMakeADifference) {
  Entity entity(contents("registry.yaml"));
  const std::string changes = contents("changes.json");
  const Result<OutputSet> posted =
      OutputSet::parse({.name = "changes.json", .text = changes}, entity.names);
  ASSERT_TRUE(posted.ok()) << posted.error().message;
  std::string last = entity.printed();
  for (const ac_output& change : posted.value().outputs()) {
    entity.put(change);
    const std::string next = entity.printed();
    EXPECT_NE(next, last) << entity.names.text(change.system);
    last = next;
  }
}

}  // namespace
}  // namespace actorcore::snapshot
