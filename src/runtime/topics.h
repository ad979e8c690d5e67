// Topics: which subscriptions an event is for: exact topics by hash, patterns through a tree of
// tokens.
//
// Threads:    match() any number at once; add() and remove() one caller that nobody else is in.
// Invariants: a pattern is tokens between dots, of which `*` stands for one and a last `>` for one
//             or more, as in NATS. One without either is an exact topic. A list is in descending
//             priority, then in order of subscription. Tokens and nodes go with their last pattern.
// Cost:       an exact topic is a hash look-up; with patterns there, a look-up a token, and a step
//             for every node whose way the topic fits.
#ifndef ACTORCORE_RUNTIME_TOPICS_H_
#define ACTORCORE_RUNTIME_TOPICS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "base/status.h"
#include "runtime/id.h"

namespace actorcore::runtime {

struct Subscription {
  std::uint64_t id = 0;  // ascending
  std::string pattern;
  Id subscriber;
  Id about;  // none: events about anyone
  std::uint32_t type_first = 0;
  std::uint32_t type_last = UINT32_MAX;
  std::int32_t priority = 0;
  std::uint32_t flags = 0;
};

// What of a subscription a delivery needs.
struct Match {
  std::uint64_t id;
  Id subscriber;
  std::int32_t priority;
  std::uint32_t flags;
};
using Matches = absl::InlinedVector<Match, 16>;

class Topics {
 public:
  static constexpr std::size_t bytes_max = 255;

  // What is wrong with it, or nothing.
  static Result<void> check_pattern(std::string_view pattern);
  static Result<void> check_topic(std::string_view topic);

  void add(Subscription subscription);
  // False when there is none.
  bool remove(std::uint64_t id) noexcept;
  // All of an actor; how many they were.
  std::uint64_t remove_subscriber(Id subscriber) noexcept;
  std::uint64_t size() const noexcept { return subscriptions_.size(); }

  // Appends what fits, in the order in which it is to be served.
  void match(std::string_view topic, Id about, std::uint32_t type, Matches& matches) const;

 private:
  using List = std::vector<const Subscription*>;
  using Token = std::uint32_t;  // 0 is one that no pattern has

  struct Node {
    List here;                   // patterns that end here
    List rest;                   // patterns that end here with `>`
    std::unique_ptr<Node> star;  // behind `*`
    absl::flat_hash_map<Token, std::unique_ptr<Node>> next;

    bool is_empty() const noexcept {
      return here.empty() && rest.empty() && star == nullptr && next.empty();
    }
  };
  // The subscriptions to events about one actor, or about anyone.
  struct Table {
    absl::flat_hash_map<std::string, List> exact;
    Node patterns;

    bool is_empty() const noexcept { return exact.empty() && patterns.is_empty(); }
  };
  struct Interned {
    Token token;
    std::uint32_t uses;
  };
  struct Search;

  void put(const Subscription& subscription);
  void take_out(const Subscription& subscription) noexcept;
  void take_out(Node& node, std::string_view rest, const Subscription& subscription) noexcept;
  Token intern(std::string_view text);
  void give_back(std::string_view text) noexcept;

  absl::flat_hash_map<std::uint64_t, std::unique_ptr<Table>> tables_;  // by whom they are about
  absl::flat_hash_map<std::string, Interned> tokens_;
  Token last_token_ = 0;
  absl::flat_hash_map<std::uint64_t, std::unique_ptr<Subscription>> subscriptions_;
  absl::flat_hash_map<std::uint64_t, std::vector<std::uint64_t>> by_subscriber_;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_TOPICS_H_
