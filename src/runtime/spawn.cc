#include "runtime/spawn.h"

#include <new>
#include <string>
#include <utility>

#include "runtime/cell.h"
#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

Error error_of_family(ac_status status) {
  switch (status) {
    case AC_E_STALE:
      return Error(status, "the supervisor has ended");
    case AC_E_BUSY:
      return Error(status, "the supervisor is restarting; spawn its children when it has");
    default:
      return Error(status, "memory is exhausted; no actor was made");
  }
}

}  // namespace

Spawn::~Spawn() {
  if (is_published_) return;
  if (has_name_) system_.names().unreserve(options_.name, Id{out_[0].bits});
  for (std::uint64_t i = 0; i < made_; ++i) give_back(std::exchange(out_[i], ac_actor{0}));
  Relief nobody;
  for (Inbox* inbox : inboxes_) {
    inbox->close(nobody);
    system_.inboxes().give(inbox);
  }
}

Result<void> Spawn::run(const std::uintptr_t* users, std::uint64_t count, ac_actor* out) {
  out_ = out;
  if (worker_ == nullptr && system_.is_closed() && !in_handler()) {
    return Error(AC_E_STOPPED, "the system is stopping and takes no new actors");
  }
  if (system_.is_stopping()) return Error(AC_E_STOPPED, "the system has stopped its actors");
  if (!take(count)) {
    return Error(AC_E_NO_MEMORY, "memory or ids are exhausted; no actor was made");
  }
  for (std::uint64_t i = 0; options_.needs_cell() && i < count; ++i) {
    if (const ac_status status = prepare(actor_at(i)); status != AC_OK) {
      return error_of_family(status);
    }
  }
  if (!options_.name.empty()) {
    has_name_ = system_.names().reserve(options_.name, Id{out[0].bits});
    if (!has_name_) {
      return Error(AC_E_EXISTS, "another actor has this name; choose one that is free")
          .with("name", std::string(options_.name));
    }
  }
  if (options_.inbox != nullptr) open_inboxes();
  std::vector<std::uintptr_t> words(options_.make == nullptr ? 0 : count);
  if (options_.router != nullptr) options_.router->bind(Id{out[0].bits});
  for (std::uintptr_t& word : words) word = options_.make(options_.user);
  if (!words.empty()) users = words.data();
  if (worker_ != nullptr) {
    publish(worker_->lane(), users);
  } else {
    publish(*system_.external_lane(), users);
  }
  if (has_name_) system_.names().announce(options_.name, Id{out[0].bits});
  if (system_.is_stopping()) system_.ask_all_to_stop();  // S1
  if (options_.supervisor.bits != 0) {
    Actor& supervisor = *system_.directory().at(options_.supervisor.slot());
    for (std::uint64_t i = 0; i < count; ++i) {
      system_.families().recheck(actor_at(i), Id{out[i].bits}.generation(), supervisor);
    }
  }
  return {};
}

Actor& Spawn::actor_at(std::uint64_t index) noexcept {
  return *system_.directory().at(Id{out_[index].bits}.slot());
}

bool Spawn::take(std::uint64_t count) noexcept {
  cache_ = worker_ == nullptr ? nullptr : worker_->slots();
  for (; made_ < count; ++made_) {
    Actor* actor = system_.directory().take(cache_);
    if (actor == nullptr) return false;
    out_[made_] = system_.directory().id_of(*actor).handle();
  }
  return true;
}

void Spawn::give_back(ac_actor id) noexcept {
  Actor& actor = *system_.directory().at(Id{id.bits}.slot());
  if (Cell* its = actor.cell.load(std::memory_order_acquire)) {        // A2
    if (its->supervisor.load(std::memory_order_relaxed) != nullptr) {  // nobody's but ours
      Actor* supervisor = system_.families().leave(actor);
      if (supervisor != nullptr) system_.external_lane()->wake(*supervisor);
    }
    its->reset();
  }
  const Chain<Envelope> strays = actor.mailbox.close();
  const auto lane = system_.external_lane();
  lane->dead_letters(strays, actor.slot, AC_DEAD_STALE);
  system_.directory().give(cache_, actor);
}

// What of a new actor is in its cell.
ac_status Spawn::prepare(Actor& actor) noexcept {
  Cell* cell = actor.cell_of();
  if (cell == nullptr) return AC_E_NO_MEMORY;
  cell->stash_max = options_.stash_max;
  try {
    absl::MutexLock lock(&cell->mutex);
    cell->children_policy.set(options_.children);
    cell->own_policy.set(options_.supervision);
  } catch (const std::bad_alloc&) {
    return AC_E_NO_MEMORY;
  }
  const Id supervisor = options_.supervisor;
  return supervisor.bits == 0 ? AC_OK : system_.families().adopt(supervisor, actor);
}

// May throw bad_alloc.
void Spawn::open_inboxes() {
  inboxes_.reserve(made_);
  for (std::uint64_t i = 0; i < made_; ++i) {
    inboxes_.push_back(system_.inboxes().take());
    inboxes_.back()->open(Id{out_[i].bits}, options_.inbox);
  }
  options_.inbox->is_taken = true;
}

void Spawn::publish(Lane& lane, const std::uintptr_t* users) noexcept {
  is_published_ = true;
  for (std::uint64_t i = 0; i < made_; ++i) {
    const std::uintptr_t box =
        options_.router != nullptr
            ? reinterpret_cast<std::uintptr_t>(options_.router) | 1
            : reinterpret_cast<std::uintptr_t>(inboxes_.empty() ? nullptr : inboxes_[i]);
    publish(lane, actor_at(i), users == nullptr ? options_.user : users[i], box);
  }
  lane.counters.spawned.add(made_);
}

void Spawn::publish(Lane& lane, Actor& actor, std::uintptr_t user, std::uintptr_t box) noexcept {
  actor.user = user;
  actor.behavior = options_.behavior;
  actor.dispatcher = options_.dispatcher;
  actor.supervisor = options_.supervisor;
  actor.spawn_flags = options_.flags;
  actor.phase = Phase::running;
  if (Schedule* schedule = system_.schedule()) {
    schedule->trace(Step::spawned, system_.directory().id_of(actor).without_tag());
  }
  const bool is_started = (options_.flags & AC_SPAWN_STARTED) != 0;
  if (is_started) {
    actor.phase = Phase::starting;
    lane.counters.begun.add(1);
  }
  std::uint32_t flags = Actor::alive;
  if (has_name_ || options_.router != nullptr) flags |= Actor::listed;
  if (box != 0) {
    actor.box.store(box, std::memory_order_release);  // A1
    flags |= Actor::boxed;
  }
  actor.life.fetch_or(flags, std::memory_order_seq_cst);  // A1, S1
  // Ownership goes to a worker, or to nobody; a stray message of the record's former life keeps it
  // owned.
  if (is_started || !actor.mailbox.release_unless([&] { return actor.has_word(); })) {
    lane.wake(actor);
  }
}

}  // namespace actorcore::runtime
