#include "runtime/system.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "memory/reserve.h"

namespace actorcore::runtime {
namespace {

// Tags of live systems; 0 is never given, so that no id is all zero behind its kind. One comes
// round again only after all the others, so that the ids of a system that is gone name no one.
// Nothing here is destroyed at exit, since a system that was let go may still end then.
constinit std::array<std::atomic<bool>, tags_max> tags_used{};
constinit std::atomic<std::uint32_t> tag_next{1};

std::uint32_t take_tag() {
  for (std::uint32_t i = 0; i < tags_max; ++i) {
    // A tag is only a number: whoever gets it relies on nothing that its last system wrote.
    const std::uint32_t tag = tag_next.fetch_add(1, std::memory_order_relaxed) % tags_max;
    if (tag != 0 && !tags_used[tag].exchange(true, std::memory_order_relaxed)) return tag;
  }
  return 0;
}

void give_tag(std::uint32_t tag) { tags_used[tag].store(false, std::memory_order_relaxed); }

std::uint64_t machine_seed() {
  std::uint64_t seed = Clock::monotonic();
  if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) < 0) seed = Clock::monotonic();
  return seed;
}

}  // namespace

SystemTable& systems() {
  static SystemTable* const table = new SystemTable;  // never unmapped
  return *table;
}

System::System(const SystemOptions& options, CpuPlan plan, std::uint32_t tag)
    : seed_(options.is_seeded || options.seed != 0 ? options.seed : machine_seed()),
      clock_(options.is_seeded),
      plan_(std::move(plan)),
      budget_(options.message_bytes_max, options.is_seeded),
      depot_(envelopes_, &budget_),
      directory_(records_, tag),
      asks_(*this),
      actor_timers_(*this),
      timers_(clock_, plan_.background()),
      queues_(*this),
      random_(seed_) {
  if (options.is_seeded) schedule_ = std::make_unique<Schedule>(*this, seed_);
  // Virtual time is nobody's share of a machine.
  if (plan_.share_permille() < 1'000 && !options.is_seeded) share_.emplace(plan_.budget_permille());
  for (ExternalLane& external : lanes_) external.lane = std::make_unique<Lane>(*this, nullptr);
  enroll();
}

System::~System() {
  timers_.stop();
  watchdog_.stop();
  leave();
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& worker : workers_) {
      if (worker->is_own()) runtime::workers().release(worker->handle.bits);
    }
    for (const auto& dispatcher : dispatchers_)
      runtime::dispatchers().release(dispatcher->handle.bits);
    for (const auto& behavior : behaviors_) runtime::behaviors().release(behavior->handle.bits);
  }
  for (std::uint32_t slot = 0; slot < directory_.used(); ++slot) {
    delete directory_.at(slot)->cell.load(std::memory_order_relaxed);  // nobody is left
  }
  give_tag(directory_.tag());
}

Result<System*> System::create(const SystemOptions& options) {
  memory::start_reserve();
  Result<CpuPlan> plan = CpuPlan::make(read_topology("", thread_cpus()), options.cpu);
  if (!plan.ok()) return std::move(plan).error();
  const std::uint32_t tag = take_tag();
  if (tag == 0) {
    return Error(AC_E_LIMIT, "1,023 systems are alive in this process; release one first");
  }
  System* system = nullptr;
  try {
    system = new System(options, std::move(plan).value(), tag);
  } catch (...) {
    give_tag(tag);
    throw;
  }
  system->handle.bits = systems().insert(system);
  Result<void> started = system->start(options);
  if (started.ok()) return system;
  systems().release(system->handle.bits);
  return std::move(started).error();
}

Result<void> System::start(const SystemOptions& options) {
  Result<Dispatcher*> made = add_dispatcher(options.dispatcher);
  if (!made.ok()) return std::move(made).error();
  default_dispatcher_ = made.value();
  if (schedule_ != nullptr) {
    absl::MutexLock lock(&mutex_);
    seeded_worker_ = &add_worker(*default_dispatcher_);
    seeded_worker_->handle.bits = runtime::workers().insert(seeded_worker_);
  }
  return {};
}

Result<Dispatcher*> System::add_dispatcher(DispatcherOptions options) {
  absl::MutexLock lock(&mutex_);
  if (is_closed()) return Error(AC_E_STOPPED, "the system is stopping; make dispatchers before");
  if (dispatchers_.size() == dispatchers_max) {
    return Error(AC_E_LIMIT, "a system has at most 1,024 dispatchers; share one");
  }
  Result<CpuClaim> claim = plan_.claim(options);
  if (!claim.ok()) return std::move(claim).error();
  absl::Cleanup give_back = [&] { plan_.give_back(claim.value()); };
  options.workers = claim.value().workers;
  dispatchers_.reserve(dispatchers_.size() + 1);
  auto owned = std::make_unique<Dispatcher>(*this, std::move(options), claim.value());
  Dispatcher& dispatcher = *owned;
  dispatcher.handle.bits = runtime::dispatchers().insert(&dispatcher);
  absl::Cleanup forget = [&] { runtime::dispatchers().release(dispatcher.handle.bits); };
  // A seeded system has no threads: whoever waits for it, or its one attached worker, runs it.
  if (dispatcher.mode() == AC_DISPATCHER_INLINE && schedule_ == nullptr) {
    if (Result<void> started = start_threads(dispatcher); !started.ok()) {
      return std::move(started).error();
    }
  }
  std::move(give_back).Cancel();
  std::move(forget).Cancel();
  dispatchers_.push_back(std::move(owned));
  return &dispatcher;
}

Worker& System::add_worker(Dispatcher& dispatcher) {
  workers_.push_back(std::make_unique<Worker>(dispatcher));
  return *workers_.back();
}

Result<Behavior*> System::add_behavior(ac_on_turn on_turn, ac_destroy destroy, std::string name) {
  absl::MutexLock lock(&mutex_);
  if (is_closed()) return Error(AC_E_STOPPED, "the system is stopping; register behaviors before");
  if (behaviors_.size() == behaviors_max) {
    return Error(AC_E_LIMIT, "a system has at most 65,535 behaviors; register one a kind of actor");
  }
  behaviors_.push_back(std::make_unique<Behavior>(*this, on_turn, destroy, std::move(name)));
  Behavior& behavior = *behaviors_.back();
  behavior.handle.bits = runtime::behaviors().insert(&behavior);
  return &behavior;
}

void Worker::release_handle() noexcept {
  if (!is_own()) system_.detach(*this);
}

std::uint64_t System::random() noexcept {
  if (schedule_ != nullptr) return schedule_->random();
  absl::MutexLock lock(&random_mutex_);
  return random_.next();
}

// -- signals ------------------------------------------------------------------------------------

// Has the actor run if it sleeps: word was left for it.
void System::rouse(Actor& actor, Lane& lane) noexcept {
  Cell* has = actor.cell.load(std::memory_order_acquire);  // A2
  if (actor.mailbox.own() || (has != nullptr && has->unpark())) lane.wake(actor);
}

bool System::signal(Actor& actor, std::uint32_t generation, Signal signal) noexcept {
  Cell* has = actor.cell_of();
  if (has == nullptr) return false;
  if (has->signal(generation, signal)) leave_word(actor, generation, Actor::signalled);
  return true;
}

void System::leave_word(Actor& actor, std::uint32_t generation, std::uint32_t bit) noexcept {
  bool is_first;
  {
    const auto lane = external_lane();
    lane->counters.begun.add(1);
    is_first = actor.mark(generation, bit) == Actor::Marked::now;
    if (!is_first) lane->counters.ended.add(1);
    if (is_first) rouse(actor, *lane);
  }
  if (!is_first) outside_changed();
}

ac_status System::stop_actor(ac_actor id, std::uint32_t flags) noexcept {
  if (const ac_status status = check(id); status != AC_OK) return status;
  if ((flags & AC_STOP_DRAIN) != 0) return tell(id, AC_TYPE_STOP, 0, {});
  Actor* actor = directory_.find(Id{id.bits});
  if (actor == nullptr) return AC_E_STALE;
  const std::uint32_t generation = Id{id.bits}.generation();
  if ((flags & AC_STOP_KILL) != 0 && !signal(*actor, generation, signal_kill)) {
    return AC_E_NO_MEMORY;
  }
  leave_word(*actor, generation, Actor::stop_asked);
  return AC_OK;
}

ac_status System::restart_actor(ac_actor id) noexcept {
  if (const ac_status status = check(id); status != AC_OK) return status;
  Actor* actor = directory_.find(Id{id.bits});
  if (actor == nullptr) return AC_E_STALE;
  return signal(*actor, Id{id.bits}.generation(), signal_restart) ? AC_OK : AC_E_NO_MEMORY;
}

// -- what is known ------------------------------------------------------------------------------

template <class Visit>
void System::each_counters(Visit visit) const noexcept {
  for (const ExternalLane& external : lanes_) visit(external.lane->counters);
  absl::MutexLock lock(&mutex_);
  for (const auto& worker : workers_) visit(worker->lane().counters);
}

std::uint64_t System::sum(Count Counters::*count) const noexcept {
  std::uint64_t total = 0;
  each_counters([&](const Counters& counters) { total += (counters.*count).get(); });
  return total;
}

// Messages that were handled or are dead.
std::uint64_t System::count_done() const noexcept {
  std::uint64_t done = sum(&Counters::handled);
  each_counters([&](const Counters& counters) {
    for (const Count& count : counters.dead) done += count.get();
  });
  return done;
}

bool System::is_quiet() noexcept {
  // Ends are read before beginnings (L1).
  const std::uint64_t done = count_done() + sum(&Counters::ended) + sum(&Counters::stashed);
  if (holds_.load(std::memory_order_acquire) != 0) return false;
  return sum(&Counters::accepted) + sum(&Counters::begun) + sum(&Counters::unstashed) == done;
}

ac_ledger System::ledger() noexcept {
  ac_ledger ledger{};
  ledger.handled = sum(&Counters::handled);
  ledger.failed = sum(&Counters::failed);
  each_counters([&](const Counters& counters) {
    for (std::size_t i = 0; i < counters.dead.size(); ++i) ledger.dead[i] += counters.dead[i].get();
  });
  ledger.stashed = sum(&Counters::stashed) - sum(&Counters::unstashed);
  ledger.queued = sum(&Counters::pushed) - sum(&Counters::drained);
  ledger.accepted = sum(&Counters::accepted);
  return ledger;
}

ac_system_stats System::stats() noexcept {
  ac_system_stats stats{};
  stats.stopped = sum(&Counters::stopped);
  stats.spawned = sum(&Counters::spawned);
  stats.actors = stats.spawned - stats.stopped;
  stats.failed = sum(&Counters::crashed);
  stats.activations = sum(&Counters::activations);
  stats.stolen = sum(&Counters::stolen);
  stats.parks = sum(&Counters::parks);
  stats.actor_bytes = records_.blocks() * memory::Arena::block_bytes;
  stats.message_bytes = envelopes_.blocks() * memory::Arena::block_bytes;
  stats.slabs = records_.blocks() + envelopes_.blocks();
  return stats;
}

void System::add_to(memory::PoolRows& rows) const noexcept {
  // Ends before beginnings, so that no more seems to be given back than was taken.
  memory::PoolStats actors;
  actors.puts = sum(&Counters::stopped);
  actors.misses = records_.blocks();
  actors.gets = std::max(sum(&Counters::spawned), actors.puts);
  actors.hits = actors.gets - std::min(actors.gets, actors.misses);
  actors.misses = actors.gets - actors.hits;
  actors.free =
      directory_.used() - std::min<std::uint64_t>(directory_.used(), actors.gets - actors.puts);
  actors.bytes = records_.blocks() * memory::Arena::block_bytes;
  rows[AC_POOL_ACTORS] += actors;
  memory::PoolStats envelopes;
  envelopes.puts = count_done();
  envelopes.gets = std::max(sum(&Counters::accepted), envelopes.puts);
  envelopes.misses = std::min(envelopes.gets, depot_.made());
  envelopes.hits = envelopes.gets - envelopes.misses;
  const std::uint64_t made = depot_.made() * memory::batch_items;
  envelopes.free = made - std::min(made, envelopes.gets - envelopes.puts);
  envelopes.bytes = envelopes_.blocks() * memory::Arena::block_bytes;
  rows[AC_POOL_ENVELOPES] += envelopes;
  absl::MutexLock lock(&mutex_);
  for (const auto& worker : workers_) rows[AC_POOL_SCRATCH] += worker->scratch_stats();
}

void System::tell_ended(const ac_message& message, bool failed_in_hand) noexcept {
  if (message.type == AC_TYPE_WORK) return queues_.ended(message, failed_in_hand);
  const Hooks* hooks = hooks_.load(std::memory_order_acquire);
  if (hooks != nullptr) hooks->ended(message, failed_in_hand);
}

std::uint64_t System::digest(const ac_message& message) noexcept {
  const Hooks* hooks = hooks_.load(std::memory_order_acquire);
  return hooks == nullptr ? 0 : hooks->digest(message);
}

ac_failed System::record_failure(ac_failed failed, std::string_view text) noexcept {
  ac_failure failure{};
  failure.time_ns = clock_.now();
  failure.actor = failed.actor;
  failure.status = failed.status;
  failure.type = failed.type;
  failure.text_size = static_cast<std::uint32_t>(std::min(text.size(), sizeof failure.text));
  std::memcpy(failure.text, text.data(), failure.text_size);
  failed.number = failures_.push(failure);
  return failed;
}

}  // namespace actorcore::runtime
