#include "runtime/topics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.h"

namespace actorcore::runtime {
namespace {

Id actor(std::uint32_t slot) { return Id::make(1, 1, slot); }

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> tokens(1);
  for (const char byte : text) {
    if (byte == '.') {
      tokens.emplace_back();
    } else {
      tokens.back() += byte;
    }
  }
  return tokens;
}

// What a pattern means, word for word.
bool fits(const std::string& pattern, const std::string& topic) {
  const std::vector<std::string> wanted = split(pattern);
  const std::vector<std::string> given = split(topic);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == ">") return given.size() > i;
    if (i >= given.size() || (wanted[i] != "*" && wanted[i] != given[i])) return false;
  }
  return wanted.size() == given.size();
}

std::vector<std::uint64_t> ids(const Topics& topics, const std::string& topic, Id about = {},
                               std::uint32_t type = 0) {
  Matches matches;
  topics.match(topic, about, type, matches);
  std::vector<std::uint64_t> ids;
  for (const Match& match : matches) ids.push_back(match.id);
  return ids;
}

Subscription subscription(std::uint64_t id, std::string pattern, std::int32_t priority = 0) {
  return {.id = id, .pattern = std::move(pattern), .subscriber = actor(1), .priority = priority};
}

TEST(TopicsTest, APatternSaysWhatIsWrongWithIt) {
  const std::map<std::string, std::string> wrong{
      {"", "1 to 255 bytes"},       {std::string(256, 'a'), "1 to 255 bytes"},
      {".a", "token 1 is empty"},   {"a..b", "token 2 is empty"},
      {"a.b.", "token 3 is empty"}, {"a.b c", "token 2 has a space"},
      {"a.b*", "stands alone"},     {"a.>.b", "make it the last"},
      {"a\n", "control character"}};
  for (const auto& [pattern, why] : wrong) {
    const Result<void> checked = Topics::check_pattern(pattern);
    ASSERT_FALSE(checked.ok()) << pattern;
    EXPECT_NE(checked.error().message.find(why), std::string::npos) << checked.error().message;
  }
  for (const char* pattern : {"a", "*", ">", "a.*.b", "*.*", "a.>", "\xc3\xa4.b"}) {
    EXPECT_TRUE(Topics::check_pattern(pattern).ok()) << pattern;
  }
  EXPECT_FALSE(Topics::check_topic("a.*").ok());
  EXPECT_TRUE(Topics::check_topic("a.b").ok());
}

TEST(TopicsTest, ServeInDescendingPriorityThenInOrderOfSubscription) {
  Topics topics;
  topics.add(subscription(1, "a.b"));
  topics.add(subscription(2, "a.>", 5));
  topics.add(subscription(3, "*.b", -1));
  topics.add(subscription(4, "a.b", 5));
  topics.add(subscription(5, "a.b"));
  EXPECT_EQ(ids(topics, "a.b"), (std::vector<std::uint64_t>{2, 4, 1, 5, 3}));
}

TEST(TopicsTest, NarrowToAnActorAndToTypes) {
  Topics topics;
  Subscription about = subscription(1, ">");
  about.about = actor(7);
  topics.add(about);
  Subscription typed = subscription(2, "a");
  typed.type_first = 10;
  typed.type_last = 20;
  topics.add(typed);
  EXPECT_EQ(ids(topics, "a"), std::vector<std::uint64_t>{});
  EXPECT_EQ(ids(topics, "a", actor(8), 10), std::vector<std::uint64_t>{2});
  EXPECT_EQ(ids(topics, "a", actor(7), 20), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(ids(topics, "a", actor(7), 21), std::vector<std::uint64_t>{1});
}

TEST(TopicsTest, RemoveAllOfASubscriber) {
  Topics topics;
  for (std::uint64_t id = 1; id <= 6; ++id) {
    Subscription one = subscription(id, id % 2 == 0 ? "a.*" : "a.b");
    one.subscriber = actor(id <= 4 ? 1 : 2);
    topics.add(one);
  }
  EXPECT_TRUE(topics.remove(1));
  EXPECT_FALSE(topics.remove(1));
  EXPECT_EQ(topics.remove_subscriber(actor(1)), 3u);
  EXPECT_EQ(topics.remove_subscriber(actor(1)), 0u);
  EXPECT_EQ(ids(topics, "a.b"), (std::vector<std::uint64_t>{5, 6}));
  EXPECT_EQ(topics.size(), 2u);
}

// Random patterns over a few tokens come and go, and every topic finds what the words say.
TEST(TopicsTest, AgreeWithANaiveMatcher) {
  Random random(7);
  const auto text = [&](bool is_pattern) {
    static const char* const tokens[] = {"a", "b", "c", "*", ">"};
    std::string made;
    for (std::uint64_t left = 1 + random.below(4); left > 0; --left) {
      const std::string token = tokens[random.below(is_pattern ? 5 : 3)];
      made += made.empty() ? token : "." + token;
      if (token == ">") break;
    }
    return made;
  };
  Topics topics;
  std::map<std::uint64_t, Subscription> known;
  for (std::uint64_t id = 1; id <= 3'000; ++id) {
    Subscription made = subscription(id, text(true), static_cast<std::int32_t>(random.below(3)));
    if (random.below(4) == 0) made.about = actor(static_cast<std::uint32_t>(random.below(3)));
    known[id] = made;
    topics.add(made);
    if (known.size() > 40) {
      const auto gone = std::next(known.begin(), static_cast<long>(random.below(known.size())));
      ASSERT_TRUE(topics.remove(gone->first));
      known.erase(gone);
    }
    const std::string topic = text(false);
    const Id about = random.below(2) == 0 ? Id{} : actor(static_cast<std::uint32_t>(id % 3));
    std::vector<std::uint64_t> expected;
    for (const auto& [number, one] : known) {
      const bool is_about = one.about.bits == 0 || one.about.bits == about.bits;
      if (is_about && fits(one.pattern, topic)) expected.push_back(number);
    }
    std::stable_sort(expected.begin(), expected.end(), [&](std::uint64_t a, std::uint64_t b) {
      return known[a].priority > known[b].priority;
    });
    ASSERT_EQ(ids(topics, topic, about), expected) << topic;
  }
  while (!known.empty()) {
    ASSERT_TRUE(topics.remove(known.begin()->first));
    known.erase(known.begin());
  }
  EXPECT_EQ(topics.size(), 0u);
}

}  // namespace
}  // namespace actorcore::runtime
