#include "runtime/router.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <new>
#include <utility>

#include "base/thread_slot.h"
#include "runtime/system.h"

namespace actorcore::runtime {

RouterTable& router_table() {
  static RouterTable* const table = new RouterTable;  // never unmapped
  return *table;
}

// Every shard's lock: nobody chooses meanwhile.
class Router::All {
 public:
  explicit All(std::array<Shard, shards>& all) : all_(all) {
    for (Shard& one : all_) one.mutex.Lock();
  }
  ~All() {
    for (Shard& one : all_) one.mutex.Unlock();
  }
  All(const All&) = delete;
  All& operator=(const All&) = delete;

 private:
  std::array<Shard, shards>& all_;
};

Router::Router(System& system) : system_(system) {}

// -- choosing -----------------------------------------------------------------------------------

// A seeded system has one, whichever threads drive it.
Router::Shard& Router::shard() noexcept {
  return shards_[system_.schedule() != nullptr ? 0 : thread_slot() % shards];
}

void Router::choose(Id address, const Envelope& message, Choice& choice) noexcept {
  Shard& mine = shard();
  absl::MutexLock lock(&mine.mutex);
  if (address_.bits != address.bits) {  // it has just ended
    choice.reason = system_.reason_for_dead();
    return;
  }
  try {
    choose(mine, message, choice);
  } catch (const std::bad_alloc&) {
    choice.routees.clear();
    choice.reason = AC_DEAD_NO_MEMORY;
  }
  if (choice.routees.empty()) ++mine.unrouted;
  mine.routed += choice.routees.size();
}

void Router::choose(Shard& mine, const Envelope& message, Choice& choice) {
  const bool is_for_many =
      options_.logic == AC_ROUTE_BROADCAST || options_.logic == AC_ROUTE_SCATTER_GATHER;
  choice.is_many = is_for_many && !message.has_owner();
  if (!choice.is_many) {
    Routee* const one = choose_one(mine, message);
    if (one == nullptr) return;
    one->routed.fetch_add(1, std::memory_order_relaxed);  // counts, and hints for load_of
    choice.routees.push_back(one->id);
    return;
  }
  choice.timeout_ns = options_.timeout_ns;
  for (const auto& one : routees_) {
    if (actor_of(*one) == nullptr) continue;
    choice.routees.push_back(one->id);
    one->routed.fetch_add(1, std::memory_order_relaxed);  // as above
  }
}

Router::Routee* Router::choose_one(Shard& mine, const Envelope& message) noexcept {
  const auto count = routees_.size();
  if (count == 0) return nullptr;
  switch (options_.logic) {
    case AC_ROUTE_RANDOM:
      return first_alive(mine.random.below(count));
    case AC_ROUTE_SMALLEST_MAILBOX:
      return least_loaded(cursor_.fetch_add(1, std::memory_order_relaxed));  // only a number
    case AC_ROUTE_CONSISTENT_HASH:
      return by_key(mine, message);
    default:
      return first_alive(cursor_.fetch_add(1, std::memory_order_relaxed));  // only a number
  }
}

Actor* Router::actor_of(const Routee& routee) const noexcept {
  return system_.directory().find(routee.id);
}

Router::Routee* Router::first_alive(std::uint64_t from) noexcept {
  const std::size_t count = routees_.size();
  std::size_t at = from % count;
  for (std::size_t i = 0; i < count; ++i) {
    Routee& one = *routees_[at];
    if (actor_of(one) != nullptr) return &one;
    if (++at == count) at = 0;
  }
  return nullptr;
}

Router::Routee* Router::least_loaded(std::uint64_t from) noexcept {
  const std::size_t count = routees_.size();
  std::size_t at = from % count;
  Routee* least = nullptr;
  std::uint64_t load = UINT64_MAX;
  for (std::size_t i = 0; i < count && load != 0; ++i) {
    Routee& one = *routees_[at];
    if (++at == count) at = 0;
    const Actor* const actor = actor_of(one);
    if (actor == nullptr) continue;
    const std::uint64_t its = load_of(one, *actor);
    if (its < load) {
      least = &one;
      load = its;
    }
  }
  return least;
}

// Messages that wait. The default mailbox counts none; but when an actor begins a turn, what it was
// given before is in its hands.
std::uint64_t Router::load_of(Routee& routee, const Actor& actor) noexcept {
  const std::uint64_t at_least = actor.mailbox.is_idle() ? 0 : 1;
  if (const Inbox* const inbox = actor.inbox()) return std::max(inbox->length_hint(), at_least);
  const std::uint64_t turns = actor.turns.load(std::memory_order_relaxed);     // hints, all these
  const std::uint64_t routed = routee.routed.load(std::memory_order_relaxed);  // as is this
  std::uint64_t seen = routee.seen.load(std::memory_order_relaxed);            // and this
  if (seen >> 32 != turns) {
    seen = turns << 32 | static_cast<std::uint32_t>(routed);
    routee.seen.store(seen, std::memory_order_relaxed);  // a lost one is made again
  }
  const std::uint64_t since = static_cast<std::uint32_t>(routed) - static_cast<std::uint32_t>(seen);
  return std::max(since & UINT32_MAX, at_least);
}

std::uint64_t Router::hash_of(const Envelope& message) const noexcept {
  if (options_.key != nullptr) return spread(options_.key(options_.user, &message));
  const std::uint64_t from = std::min(options_.key_offset, message.length);
  const std::uint64_t rest = message.length - from;
  const std::uint64_t size =
      options_.key_size == 0 ? rest : std::min<std::uint64_t>(rest, options_.key_size);
  return XXH3_64bits(message.payload() + from, size);
}

Router::Routee& Router::at_place(std::uint32_t place) noexcept {
  // As a rule no place below is free.
  if (place < routees_.size() && routees_[place]->place == place) return *routees_[place];
  return **std::lower_bound(
      routees_.begin(), routees_.end(), place,
      [](const auto& routee, std::uint32_t wanted) { return routee->place < wanted; });
}

Router::Routee* Router::by_key(Shard& mine, const Envelope& message) noexcept {
  const std::uint64_t load_max = options_.bound_percent == 0 ? UINT64_MAX : load_most();
  Routee* owner = nullptr;
  Routee* chosen = nullptr;
  ring_.walk(hash_of(message), [&](std::uint32_t place) {
    Routee& one = at_place(place);
    const Actor* const actor = actor_of(one);
    if (actor == nullptr || &one == owner) return false;
    if (owner == nullptr) owner = &one;
    if (load_max != UINT64_MAX && load_of(one, *actor) >= load_max) return false;
    chosen = &one;
    return true;
  });
  if (chosen == nullptr) chosen = owner;  // the loads have changed meanwhile
  mine.spilled += chosen != owner;
  return chosen;
}

// How many messages may wait for a routee, with the one that is to be given.
std::uint64_t Router::load_most() noexcept {
  std::uint64_t total = 1;
  std::uint64_t alive = 0;
  for (const auto& one : routees_) {
    const Actor* const actor = actor_of(*one);
    if (actor == nullptr) continue;
    total += load_of(*one, *actor);
    ++alive;
  }
  const std::uint64_t parts = std::max<std::uint64_t>(alive, 1) * 100;
  return (total * options_.bound_percent + parts - 1) / parts;
}

// -- changes ------------------------------------------------------------------------------------

std::size_t Router::index_of(Id routee) const noexcept {
  const auto is_it = [routee](const auto& one) { return one->id.bits == routee.bits; };
  return static_cast<std::size_t>(std::find_if(routees_.begin(), routees_.end(), is_it) -
                                  routees_.begin());
}

// The lowest place that nobody has.
std::uint32_t Router::free_place() const noexcept {
  std::uint32_t place = 0;
  while (place < routees_.size() && routees_[place]->place == place) ++place;
  return place;
}

// Takes in those that live; AC_E_STALE when one does not. May throw bad_alloc, and then has changed
// nothing.
ac_status Router::insert(std::span<const Id> ids) {
  Routees fresh(ids.size());
  std::vector<std::uint32_t> places;
  places.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    fresh[i] = std::make_unique<Routee>();
    fresh[i]->id = ids[i];
    // Listed before it is marked, so that its end comes by; drop() then waits for this change.
    system_.routers().add(ids[i], *this);
  }
  {
    const All all(shards_);
    routees_.reserve(routees_.size() + ids.size());
    if (options_.logic == AC_ROUTE_CONSISTENT_HASH) ring_.reserve(ids.size());
    for (std::unique_ptr<Routee>& one : fresh) {
      if (system_.list(one->id) != AC_OK) continue;
      one->place = free_place();
      places.push_back(one->place);
      routees_.insert(routees_.begin() + static_cast<std::ptrdiff_t>(one->place), std::move(one));
    }
    if (options_.logic == AC_ROUTE_CONSISTENT_HASH) ring_.add(places);
  }
  for (const std::unique_ptr<Routee>& one : fresh) {
    if (one != nullptr) system_.routers().remove(one->id, *this);
  }
  return places.size() == ids.size() ? AC_OK : AC_E_STALE;
}

std::unique_ptr<Router::Routee> Router::take(std::size_t index) noexcept {
  const All all(shards_);
  std::unique_ptr<Routee> routee = std::move(routees_[index]);
  routees_.erase(routees_.begin() + static_cast<std::ptrdiff_t>(index));
  if (options_.logic == AC_ROUTE_CONSISTENT_HASH) ring_.remove(routee->place);
  return routee;
}

Result<void> Router::add(Id routee) {
  if (const ac_status status = system_.check(routee.handle()); status != AC_OK) {
    return Error(status, "the routee is no live actor of the router's system");
  }
  if (system_.directory().at(routee.slot())->router() != nullptr) {
    return Error(AC_E_INVALID_ARGUMENT, "a routee is no router; give the actors behind it");
  }
  absl::MutexLock lock(&change_);
  if (!is_open_) return Error(AC_E_STALE, "the router has ended");
  if (options_.pool) return Error(AC_E_WRONG_MODE, "a pool spawns its routees; resize it");
  if (routees_.size() == routees_max) {
    return Error(AC_E_LIMIT, "a router has at most 4,096 routees; use another router");
  }
  if (index_of(routee) != routees_.size()) {
    return Error(AC_E_EXISTS, "this actor is a routee already");
  }
  if (insert({&routee, 1}) != AC_OK) return Error(AC_E_STALE, "the routee has ended");
  return {};
}

ac_status Router::remove(Id routee) noexcept {
  absl::MutexLock lock(&change_);
  if (options_.pool) return AC_E_WRONG_MODE;
  const std::size_t index = index_of(routee);
  if (index == routees_.size()) return AC_E_NOT_FOUND;
  take(index);
  system_.routers().remove(routee, *this);
  return AC_OK;
}

// Messages in its mailbox, whoever sent them.
std::uint64_t Router::queued(ac_actor routee) noexcept {
  ac_mailbox_stats stats;
  return system_.mailbox_stats(routee, stats) == AC_OK ? stats.length : 0;
}

std::uint64_t Router::routees(std::span<ac_routee> out) {
  std::uint64_t count;
  {
    absl::MutexLock lock(&change_);
    count = routees_.size();
    for (std::size_t i = 0; i < std::min<std::size_t>(count, out.size()); ++i) {
      const Routee& one = *routees_[i];
      out[i] = {one.id.handle(), one.place, one.routed.load(std::memory_order_relaxed), 0};
    }
  }
  for (ac_routee& one : out.first(std::min<std::size_t>(count, out.size()))) {
    one.queued = queued(one.actor);
  }
  return count;
}

ac_router_stats Router::stats() noexcept {
  absl::MutexLock lock(&change_);
  ac_router_stats stats = stats_;
  stats.routees = routees_.size();
  const All all(shards_);
  for (const Shard& one : shards_) {
    stats.routed += one.routed;
    stats.unrouted += one.unrouted;
    stats.spilled += one.spilled;
  }
  return stats;
}

// -- its life -----------------------------------------------------------------------------------

void Router::open(RouterOptions options) {
  absl::MutexLock lock(&change_);
  const All all(shards_);
  options_ = std::move(options);
  ring_ = HashRing(options_.virtual_nodes);
  cursor_.store(0, std::memory_order_relaxed);  // published with the locks
  for (Shard& one : shards_) {
    one.random = Random(system_.random());
    one.routed = one.unrouted = one.spilled = 0;
  }
  stats_ = {};
  wanted_ = options_.size;
  is_open_ = true;
}

void Router::bind(Id address) {
  system_.routers().bind(address, *this);
  absl::MutexLock lock(&change_);
  const All all(shards_);
  address_ = address;
  // Who spawns without a supervisor is the supervisor.
  if (options_.pool && options_.pool->supervisor.bits == 0) options_.pool->supervisor = address;
}

// The call that makes it failed: the caller's words stay the caller's.
void Router::disown() noexcept {
  absl::MutexLock lock(&change_);
  const All all(shards_);
  options_.destroy = nullptr;
}

void Router::close() noexcept {
  Routees left;
  RouterOptions options;
  Word word;
  {
    absl::MutexLock lock(&change_);
    if (!is_open_) return;
    is_open_ = false;
    system_.timers().cancel(std::exchange(refill_, {}));
    system_.timers().cancel(std::exchange(rescale_, {}));
    const All all(shards_);
    address_ = {};
    left.swap(routees_);
    ring_ = HashRing();
    std::swap(options, options_);
    word = {options.destroy, options.user};
    if (spawning_ != 0) last_word_ = std::exchange(word, {});  // `make` may be reading it
  }
  for (const auto& one : left) system_.routers().remove(one->id, *this);
  if (options.pool) dismiss(left, false);
  word.end();
}

void Router::release_handle() noexcept {
  System& system = system_;
  Id address;
  {
    absl::MutexLock lock(&change_);
    address = address_;
  }
  if (address.bits != 0) static_cast<void>(system.stop_actor(address.handle(), 0));
  system.routers().release(*this);
  system.release();
}

}  // namespace actorcore::runtime
