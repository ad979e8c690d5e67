#include "runtime/topics.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/string_view.h"

namespace actorcore::runtime {
namespace {

constexpr std::size_t tokens_max = Topics::bytes_max / 2 + 1;

// Takes the first token off.
std::string_view take_token(std::string_view& rest) noexcept {
  const std::size_t dot = std::min(rest.find('.'), rest.size());
  const std::string_view token = rest.substr(0, dot);
  rest.remove_prefix(std::min(dot + 1, rest.size()));
  return token;
}

// Abseil's own view, which its maps look up by.
absl::string_view key(std::string_view text) noexcept { return {text.data(), text.size()}; }

bool is_pattern(std::string_view text) noexcept {
  return text.find_first_of("*>") != std::string_view::npos;
}

bool is_served_before(const Match& a, const Match& b) noexcept {
  return a.priority != b.priority ? a.priority > b.priority : a.id < b.id;
}

Error wrong(std::size_t number, const char* what) {
  return Error(AC_E_INVALID_ARGUMENT, "token " + std::to_string(number) + what);
}

Result<void> check_token(std::string_view token, std::size_t number, bool is_last) {
  if (token.empty()) return wrong(number, " is empty; put single dots between tokens only");
  for (const char byte : token) {
    if (static_cast<unsigned char>(byte) <= ' ' || byte == 0x7f) {
      return wrong(number, " has a space or a control character; leave it out");
    }
  }
  if (is_pattern(token) && token.size() > 1) {
    return wrong(number, " has '*' or '>' beside other characters; each stands alone in its token");
  }
  if (token == ">" && !is_last) {
    return wrong(number, " is '>', which stands for all the rest; make it the last");
  }
  return {};
}

}  // namespace

Result<void> Topics::check_pattern(std::string_view pattern) {
  if (pattern.empty() || pattern.size() > bytes_max) {
    return Error(AC_E_INVALID_ARGUMENT, "a topic or pattern has 1 to 255 bytes");
  }
  std::size_t from = 0;
  for (std::size_t number = 1;; ++number) {
    const std::size_t dot = std::min(pattern.find('.', from), pattern.size());
    const bool is_last = dot == pattern.size();
    Result<void> valid = check_token(pattern.substr(from, dot - from), number, is_last);
    if (!valid.ok()) {
      return std::move(valid).error().with("pattern", std::string(pattern));
    }
    if (is_last) return {};
    from = dot + 1;
  }
}

Result<void> Topics::check_topic(std::string_view topic) {
  if (is_pattern(topic)) {
    return Error(AC_E_INVALID_ARGUMENT, "an event's topic is exact; '*' and '>' are for patterns")
        .with("topic", std::string(topic));
  }
  return check_pattern(topic);
}

// -- tokens -------------------------------------------------------------------------------------

Topics::Token Topics::intern(std::string_view text) {
  const auto [at, is_new] = tokens_.try_emplace(key(text), Interned{last_token_ + 1, 0});
  if (is_new) ++last_token_;
  ++at->second.uses;
  return at->second.token;
}

void Topics::give_back(std::string_view text) noexcept {
  const auto at = tokens_.find(key(text));
  if (--at->second.uses == 0) tokens_.erase(at);
}

// -- changes ------------------------------------------------------------------------------------

namespace {

template <class List>
void insert_into(List& list, const Subscription& subscription) {
  // Behind all of its priority, for it is the youngest.
  const auto at = std::upper_bound(
      list.begin(), list.end(), subscription.priority,
      [](std::int32_t priority, const Subscription* other) { return priority > other->priority; });
  list.insert(at, &subscription);
}

template <class List>
void erase_from(List& list, const Subscription& subscription) noexcept {
  list.erase(std::find(list.begin(), list.end(), &subscription));
}

}  // namespace

void Topics::put(const Subscription& subscription) {
  std::unique_ptr<Table>& table = tables_[subscription.about.bits];
  if (table == nullptr) table = std::make_unique<Table>();
  if (!is_pattern(subscription.pattern)) {
    insert_into(table->exact[subscription.pattern], subscription);
    return;
  }
  Node* node = &table->patterns;
  for (std::string_view rest = subscription.pattern; !rest.empty();) {
    const std::string_view token = take_token(rest);
    if (token == ">") return insert_into(node->rest, subscription);
    std::unique_ptr<Node>& next = token == "*" ? node->star : node->next[intern(token)];
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  insert_into(node->here, subscription);
}

void Topics::add(Subscription subscription) {
  // What exhausted memory leaves behind of an attempt is empty and matches nothing.
  const std::uint64_t id = subscription.id;
  std::vector<std::uint64_t>& ids = by_subscriber_[subscription.subscriber.bits];
  ids.push_back(id);
  try {
    auto owned = std::make_unique<Subscription>(std::move(subscription));
    put(*subscriptions_.emplace(id, std::move(owned)).first->second);
  } catch (...) {
    subscriptions_.erase(id);
    ids.pop_back();
    throw;
  }
}

void Topics::take_out(Node& node, std::string_view rest,
                      const Subscription& subscription) noexcept {
  if (rest.empty()) return erase_from(node.here, subscription);
  const std::string_view token = take_token(rest);
  if (token == ">") return erase_from(node.rest, subscription);
  if (token == "*") {
    take_out(*node.star, rest, subscription);
    if (node.star->is_empty()) node.star.reset();
    return;
  }
  const auto next = node.next.find(tokens_.find(key(token))->second.token);
  take_out(*next->second, rest, subscription);
  if (next->second->is_empty()) node.next.erase(next);
  give_back(token);
}

void Topics::take_out(const Subscription& subscription) noexcept {
  const auto at = tables_.find(subscription.about.bits);
  Table& table = *at->second;
  if (is_pattern(subscription.pattern)) {
    take_out(table.patterns, subscription.pattern, subscription);
  } else {
    const auto topic = table.exact.find(subscription.pattern);
    erase_from(topic->second, subscription);
    if (topic->second.empty()) table.exact.erase(topic);
  }
  if (table.is_empty()) tables_.erase(at);
}

bool Topics::remove(std::uint64_t id) noexcept {
  const auto at = subscriptions_.find(id);
  if (at == subscriptions_.end()) return false;
  take_out(*at->second);
  const auto subscriber = by_subscriber_.find(at->second->subscriber.bits);
  std::erase(subscriber->second, id);
  if (subscriber->second.empty()) by_subscriber_.erase(subscriber);
  subscriptions_.erase(at);
  return true;
}

std::uint64_t Topics::remove_subscriber(Id subscriber) noexcept {
  const auto at = by_subscriber_.find(subscriber.bits);
  if (at == by_subscriber_.end()) return 0;
  const std::vector<std::uint64_t> ids = std::move(at->second);
  by_subscriber_.erase(at);
  for (const std::uint64_t id : ids) {
    const auto one = subscriptions_.find(id);
    take_out(*one->second);
    subscriptions_.erase(one);
  }
  return ids.size();
}

// -- matching -----------------------------------------------------------------------------------

struct Topics::Search {
  std::uint32_t type;
  Matches& matches;
  std::uint32_t lists = 0;  // one is in order by itself
  std::array<Token, tokens_max> tokens;
  std::size_t count = 0;

  void take(const List& list) {
    const std::size_t before = matches.size();
    for (const Subscription* one : list) {
      if (type < one->type_first || type > one->type_last) continue;
      matches.push_back({one->id, one->subscriber, one->priority, one->flags});
    }
    lists += matches.size() != before;
  }

  void walk(const Node& node, std::size_t at) {
    if (at == count) return take(node.here);
    take(node.rest);
    if (node.star != nullptr) walk(*node.star, at + 1);
    if (tokens[at] == 0) return;
    const auto next = node.next.find(tokens[at]);
    if (next != node.next.end()) walk(*next->second, at + 1);
  }
};

void Topics::match(std::string_view topic, Id about, std::uint32_t type, Matches& matches) const {
  Search search{type, matches};
  const auto look = [&](std::uint64_t whom) {
    const auto table = tables_.find(whom);
    if (table == tables_.end()) return;
    const auto exact = table->second->exact.find(key(topic));
    if (exact != table->second->exact.end()) search.take(exact->second);
    if (table->second->patterns.is_empty()) return;
    if (search.count == 0) {
      for (std::string_view rest = topic; !rest.empty();) {
        const auto token = tokens_.find(key(take_token(rest)));
        search.tokens[search.count++] = token == tokens_.end() ? 0 : token->second.token;
      }
    }
    search.walk(table->second->patterns, 0);
  };
  look(0);
  if (about.bits != 0) look(about.bits);
  if (search.lists > 1) std::sort(matches.begin(), matches.end(), is_served_before);
}

}  // namespace actorcore::runtime
