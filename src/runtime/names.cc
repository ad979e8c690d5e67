#include "runtime/names.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "runtime/limits.h"
#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

constexpr std::uint32_t head_bytes = offsetof(ac_named, name);

static_assert(sizeof(ac_named::name) >= names_bytes_max);

ac_named named_of(Id id, std::string_view name, bool shared) noexcept {
  ac_named named{};
  named.actor = id.handle();
  named.flags = shared ? AC_NAME_SHARED : 0;
  named.size = static_cast<std::uint32_t>(name.size());
  std::memcpy(named.name, name.data(), name.size());
  return named;
}

std::string_view text_of(const ac_named& named) noexcept {
  return {reinterpret_cast<const char*>(named.name), std::min<std::size_t>(named.size, 255)};
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) noexcept {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;  // the last `*`, and what it stood for so far
  std::size_t from = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

ac_status Names::mark(Id id) noexcept {
  if (const ac_status status = system_.check(id.handle()); status != AC_OK) return status;
  return system_.list(id);
}

bool Names::insert(std::string_view name, Id id, Entry entry) {
  const auto at = entries_.lower_bound(View(name, 0));
  const bool is_taken = at != entries_.end() && at->first.first == name;
  if (is_taken && !(entry.is_shared && at->second.is_shared)) return false;
  std::vector<std::string>& names = of_[id.bits];
  names.reserve(names.size() + 1);
  if (!entries_.try_emplace(Key(name, id.bits), entry).second) return false;
  names.emplace_back(name);
  return true;
}

bool Names::erase(std::string_view name, Id id, Entry& was) noexcept {
  const auto at = entries_.find(View(name, id.bits));
  if (at == entries_.end()) return false;
  was = at->second;
  entries_.erase(at);
  const auto names = of_.find(id.bits);
  std::erase(names->second, name);
  if (names->second.empty()) of_.erase(names);
  return true;
}

bool Names::reserve(std::string_view name, Id id) {
  absl::MutexLock lock(&mutex_);
  return insert(name, id, {.is_shared = false, .is_announced = false});
}

void Names::unreserve(std::string_view name, Id id) noexcept {
  absl::MutexLock lock(&mutex_);
  Entry was;
  erase(name, id, was);
}

void Names::announce(std::string_view name, Id id) noexcept {
  absl::MutexLock lock(&mutex_);
  const auto at = entries_.find(View(name, id.bits));
  if (at == entries_.end()) return;  // it has ended since
  at->second.is_announced = true;
  const auto lane = system_.external_lane();
  tell_all(*lane, AC_TYPE_REGISTERED, named_of(id, name, false));
}

ac_status Names::add(std::string_view name, Id id, bool shared) {
  absl::MutexLock lock(&mutex_);
  if (const ac_status status = mark(id); status != AC_OK) return status;
  if (!insert(name, id, {.is_shared = shared, .is_announced = true})) return AC_E_EXISTS;
  const auto lane = system_.external_lane();
  tell_all(*lane, AC_TYPE_REGISTERED, named_of(id, name, shared));
  return AC_OK;
}

ac_status Names::remove(std::string_view name, Id id) {
  if (const ac_status status = system_.check(id.handle()); status != AC_OK) return status;
  absl::MutexLock lock(&mutex_);
  Entry was;
  if (!erase(name, id, was)) return AC_E_NOT_FOUND;
  const auto lane = system_.external_lane();
  tell_all(*lane, AC_TYPE_UNREGISTERED, named_of(id, name, was.is_shared));
  return AC_OK;
}

Id Names::find(std::string_view name) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto at = entries_.lower_bound(View(name, 0));
  return at == entries_.end() || at->first.first != name ? Id{} : Id{at->first.second};
}

std::string Names::of(Id id) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto names = of_.find(id.bits);
  return names == of_.end() ? std::string() : names->second.front();
}

std::uint64_t Names::list(std::string_view pattern, const ac_named* after, ac_named* out,
                          std::uint64_t capacity) const {
  const std::string_view prefix = pattern.substr(0, pattern.find_first_of("*?"));
  absl::ReaderMutexLock lock(&mutex_);
  auto at = entries_.lower_bound(View(prefix, 0));
  if (after != nullptr) {
    const auto next = entries_.upper_bound(View(text_of(*after), after->actor.bits));
    // The later of both: a row of another listing may lie before what is wanted.
    if (at != entries_.end() && (next == entries_.end() || Less()(at->first, next->first))) {
      at = next;
    }
  }
  std::uint64_t count = 0;
  for (; at != entries_.end() && count < capacity; ++at) {
    if (!std::string_view(at->first.first).starts_with(prefix)) break;
    if (!at->second.is_announced || !matches(pattern, at->first.first)) continue;
    out[count++] = named_of(Id{at->first.second}, at->first.first, at->second.is_shared);
  }
  return count;
}

// -- telling ------------------------------------------------------------------------------------

// Under the mutex, so that no two changes are told in another order than they happened.
void Names::tell_all(Lane& lane, std::uint32_t type, const ac_named& named) noexcept {
  if (system_.is_stopping()) return;  // everybody ends; nobody needs to hear of it
  for (const Subscription& subscription : subscriptions_) {
    if (!matches(subscription.pattern, text_of(named))) continue;
    system_.tell_library(lane, subscription.subscriber, type, 0, &named, head_bytes + named.size);
  }
}

ac_status Names::subscribe(std::string_view pattern, Id subscriber) {
  absl::MutexLock lock(&mutex_);
  const auto is_same = [&](const Subscription& other) {
    return other.subscriber.bits == subscriber.bits && other.pattern == pattern;
  };
  if (const ac_status status = mark(subscriber); status != AC_OK) return status;
  if (std::ranges::any_of(subscriptions_, is_same)) return AC_E_EXISTS;
  subscriptions_.push_back({std::string(pattern), subscriber});
  const auto lane = system_.external_lane();
  for (const auto& [key, entry] : entries_) {
    if (!entry.is_announced || !matches(pattern, key.first)) continue;
    const ac_named named = named_of(Id{key.second}, key.first, entry.is_shared);
    system_.tell_library(*lane, subscriber, AC_TYPE_REGISTERED, 0, &named, head_bytes + named.size);
  }
  return AC_OK;
}

ac_status Names::unsubscribe(std::string_view pattern, Id subscriber) {
  if (const ac_status status = system_.check(subscriber.handle()); status != AC_OK) return status;
  absl::MutexLock lock(&mutex_);
  const auto removed = std::erase_if(subscriptions_, [&](const Subscription& other) {
    return other.subscriber.bits == subscriber.bits && other.pattern == pattern;
  });
  return removed == 0 ? AC_E_NOT_FOUND : AC_OK;
}

void Names::forget(Lane& lane, Id id) noexcept {
  absl::MutexLock lock(&mutex_);
  std::erase_if(subscriptions_,
                [&](const Subscription& other) { return other.subscriber.bits == id.bits; });
  const auto names = of_.find(id.bits);
  if (names == of_.end()) return;
  const std::vector<std::string> all = std::move(names->second);
  of_.erase(names);
  for (const std::string& name : all) {
    const auto at = entries_.find(View(name, id.bits));
    const Entry was = at->second;
    entries_.erase(at);
    if (was.is_announced) {
      tell_all(lane, AC_TYPE_UNREGISTERED, named_of(id, name, was.is_shared));
    }
  }
}

}  // namespace actorcore::runtime
