#include "snapshot/names.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "unit/snapshot/support.h"

namespace actorcore::snapshot {
namespace {

TEST(Names, ANameHasOneNumberForEver) {
  Names names;
  EXPECT_EQ(names.find("strength"), no_name);
  const NameId strength = name(names, "strength");
  EXPECT_EQ(name(names, "strength"), strength);
  EXPECT_EQ(names.find("strength"), strength);
  EXPECT_EQ(names.text(strength), "strength");
  EXPECT_EQ(names.text(no_name), "");
  EXPECT_EQ(names.text(strength + 1), "");
  EXPECT_EQ(names.text(UINT32_MAX), "");
  EXPECT_EQ(names.text(total_layer), "TOTAL");
  EXPECT_EQ(names.text(realm_layer), "REALM");
}

TEST(Names, TheirOrderIsThatOfTheBytes) {
  Names names;
  std::vector<std::string> texts = {
      "",         "a", "ab",       "a\0b", "attack_power",     "attack_pox",
      "attack_p", "b", "\xc3\xa9", "z",    "\xf0\x9f\x98\x80", "\xef\xbf\xbd"};
  texts.push_back(std::string("a\0", 2));
  std::vector<NameId> ids;
  for (const std::string& text : texts) ids.push_back(name(names, text));
  std::sort(ids.begin(), ids.end(), [&](NameId a, NameId b) { return names.before(a, b); });
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  ASSERT_EQ(ids.size(), texts.size());
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(names.text(ids[i]), texts[i]);
}

TEST(Names, TheirNumberAndSizeAreLimited) {
  Names names(4);
  EXPECT_TRUE(names.intern("one").ok());
  EXPECT_TRUE(names.intern("two").ok());
  EXPECT_EQ(names.intern("three").error().code, AC_E_LIMIT);
  EXPECT_TRUE(names.intern("one").ok());
  EXPECT_EQ(names.intern(std::string(256, 'x')).error().code, AC_E_LIMIT);
  EXPECT_EQ(names.intern("\xff").error().code, AC_E_INVALID_ARGUMENT);
}

TEST(Names, ThreadsThatInternTheSameTextsAgree) {
  Names names;
  constexpr int thread_count = 4;
  constexpr int text_count = 3000;
  std::vector<std::vector<NameId>> seen(thread_count);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < thread_count; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < text_count; ++i) {
        const std::string text = "name_" + std::to_string((i * 7 + t * 13) % text_count);
        const NameId id = names.intern(text).value();
        if (names.text(id) != text) wrong.fetch_add(1);
        // Numbers that others gave out just now can be read too.
        if (names.text(names.count()).empty()) wrong.fetch_add(1);
      }
      for (int i = 0; i < text_count; ++i) {
        seen[static_cast<std::size_t>(t)].push_back(names.find("name_" + std::to_string(i)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(names.count(), 2u + text_count);
  for (const std::vector<NameId>& ids : seen) EXPECT_EQ(ids, seen.front());
}

}  // namespace
}  // namespace actorcore::snapshot
