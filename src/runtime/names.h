// Names: who is found under which name, and who is told when that changes.
//
// Threads:    any.
// Invariants: a name belongs to one actor, or is shared by several that all took it as shared. An
//             actor with a name or a subscription is marked `listed`, so that its end removes both.
//             A subscriber is told of each change once, in the order in which they happened.
// Cost:       a tree operation under a mutex, and a match a subscription for every change; nothing
//             on the message path.
#ifndef ACTORCORE_RUNTIME_NAMES_H_
#define ACTORCORE_RUNTIME_NAMES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "actorcore/actorcore.h"
#include "runtime/id.h"

namespace actorcore::runtime {

class Lane;
class System;

// Does the name match: `*` stands for any bytes, `?` for one?
bool matches(std::string_view pattern, std::string_view name) noexcept;

class Names {
 public:
  explicit Names(System& system) : system_(system) {}

  // The name of an actor that is not alive yet; false when it is taken. May throw bad_alloc.
  bool reserve(std::string_view name, Id id);
  // It lives now: tells the subscribers.
  void announce(std::string_view name, Id id) noexcept;
  void unreserve(std::string_view name, Id id) noexcept;

  ac_status add(std::string_view name, Id id, bool shared);
  ac_status remove(std::string_view name, Id id);
  // The actor under the name, of several the one with the lowest id; none when there is none.
  Id find(std::string_view name) const;
  // One of the actor's names, or empty.
  std::string of(Id id) const;
  // Names that match, in order, after `after` (null: from the first); how many were written.
  std::uint64_t list(std::string_view pattern, const ac_named* after, ac_named* out,
                     std::uint64_t capacity) const;

  ac_status subscribe(std::string_view pattern, Id subscriber);
  ac_status unsubscribe(std::string_view pattern, Id subscriber);
  // The actor ended.
  void forget(Lane& lane, Id id) noexcept;

 private:
  using Key = std::pair<std::string, std::uint64_t>;
  using View = std::pair<std::string_view, std::uint64_t>;
  struct Less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return View(a.first, a.second) < View(b.first, b.second);
    }
  };
  struct Entry {
    bool is_shared;
    bool is_announced;  // not while its actor is only being made
  };
  struct Subscription {
    std::string pattern;
    Id subscriber;
  };

  bool insert(std::string_view name, Id id, Entry entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool erase(std::string_view name, Id id, Entry& was) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void tell_all(Lane& lane, std::uint32_t type, const ac_named& named) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ac_status mark(Id id) noexcept;

  System& system_;
  mutable absl::Mutex mutex_;  // before the lanes' locks
  absl::btree_map<Key, Entry, Less> entries_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::uint64_t, std::vector<std::string>> of_ ABSL_GUARDED_BY(mutex_);
  std::vector<Subscription> subscriptions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_NAMES_H_
