#include "runtime/families.h"

#include <utility>

#include "runtime/cell.h"
#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

Cell& cell(Actor& actor) noexcept { return *actor.cell.load(std::memory_order_acquire); }  // A2

// Adds the child at the young end.
void add_child(Cell& family, Actor& child) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(family.mutex) {
  Cell& its = cell(child);
  its.older = family.youngest;
  its.younger = nullptr;
  (family.youngest == nullptr ? family.oldest : cell(*family.youngest).younger) = &child;
  family.youngest = &child;
  ++family.stats.children;
}

void remove_child(Cell& family, Actor& child) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(family.mutex) {
  Cell& its = cell(child);
  (its.older == nullptr ? family.oldest : cell(*its.older).younger) = its.younger;
  (its.younger == nullptr ? family.youngest : cell(*its.younger).older) = its.older;
  its.older = its.younger = nullptr;
  --family.stats.children;
}

std::uint64_t& count_of(ac_supervision_stats& stats, std::uint32_t strategy) noexcept {
  if (restarts(strategy)) return stats.restarted;
  if (strategy == AC_SUPERVISE_RESUME) return stats.resumed;
  return strategy == AC_SUPERVISE_ESCALATE ? stats.escalated : stats.stopped;
}

}  // namespace

// -- families -----------------------------------------------------------------------------------

ac_status Families::adopt(Id supervisor, Actor& child) noexcept {
  Actor* actor = system_.directory().find(supervisor);
  if (actor == nullptr) return AC_E_STALE;
  Cell* family = actor->cell_of();
  Cell* its = child.cell_of();
  if (family == nullptr || its == nullptr) return AC_E_NO_MEMORY;
  absl::MutexLock lock(&family->mutex);
  const std::uint32_t life = actor->life.load(std::memory_order_seq_cst);  // C2
  if ((life & Actor::alive) == 0 || life >> 8 != supervisor.generation()) return AC_E_STALE;
  if (family->is_closed) return AC_E_BUSY;
  add_child(*family, child);
  its->supervisor.store(actor, std::memory_order_relaxed);  // published with the child, A1
  return AC_OK;
}

void Families::recheck(Actor& child, std::uint32_t generation, Actor& supervisor) noexcept {
  Cell& family = cell(supervisor);
  bool is_missed;
  {
    absl::MutexLock lock(&family.mutex);
    is_missed = family.is_closed;
  }
  if (is_missed) system_.leave_word(child, generation, Actor::stop_asked);
}

Actor* Families::leave(Actor& child) noexcept {
  Actor* supervisor = cell(child).supervisor.load(std::memory_order_relaxed);  // the owner's
  Cell& family = cell(*supervisor);
  absl::MutexLock lock(&family.mutex);
  remove_child(family, child);
  cell(child).supervisor.store(nullptr, std::memory_order_relaxed);  // looked at under the lock
  if (family.oldest != nullptr || !family.is_awaited) return nullptr;
  return family.unpark() ? supervisor : nullptr;
}

bool Families::stop_children(Actor& supervisor, bool kills) noexcept {
  Cell& family = cell(supervisor);
  absl::MutexLock lock(&family.mutex);
  family.is_closed = true;
  family.is_awaited = family.oldest != nullptr;
  // Nobody leaves the family while its lock is held, so each record is still the child's.
  for (Actor* child = family.youngest; child != nullptr; child = cell(*child).older) {
    if (kills) system_.signal(*child, child->generation(), signal_kill);
    system_.leave_word(*child, child->generation(), Actor::stop_asked);
  }
  return family.is_awaited;
}

bool Families::has_children(Actor& supervisor) noexcept {
  Cell& family = cell(supervisor);
  absl::MutexLock lock(&family.mutex);
  family.is_awaited = family.oldest != nullptr;
  return family.is_awaited;
}

void Families::open(Actor& supervisor) noexcept {
  Cell& family = cell(supervisor);
  absl::MutexLock lock(&family.mutex);
  family.is_closed = false;
  ++family.stats.restarts;
}

// -- verdicts -----------------------------------------------------------------------------------

Verdict Families::judge(Actor& child, const ac_failed& failure) noexcept {
  Cell* its = child.cell.load(std::memory_order_acquire);  // A2
  if (its == nullptr) return {};
  Actor* supervisor = its->supervisor.load(std::memory_order_relaxed);  // the caller's child
  if (supervisor == nullptr) return {};
  Cell& family = cell(*supervisor);
  absl::MutexLock lock(&family.mutex);
  return judge(family, *supervisor, child, failure, AC_SUPERVISE_DEFAULT);
}

// `asked` is the supervisor's own word, or DEFAULT for its policy's.
Verdict Families::judge(Cell& family, Actor& supervisor, Actor& child, const ac_failed& failure,
                        std::uint32_t asked) noexcept {
  Cell& its = cell(child);
  const bool has_own = its.own_policy.strategy() != AC_SUPERVISE_DEFAULT;
  Policy& policy = has_own ? its.own_policy : family.children_policy;
  Verdict verdict{asked != AC_SUPERVISE_DEFAULT ? asked : policy.strategy()};
  its.is_undecided = verdict.strategy == AC_SUPERVISE_DECIDE;
  its.failure = failure;
  if (asked == AC_SUPERVISE_DEFAULT) ++family.stats.failures;
  if (its.is_undecided) return verdict;
  const std::uint64_t now = system_.clock().now();
  if (restarts(verdict.strategy) && !policy.admit(now)) {
    ++family.stats.limited;
    verdict.strategy = policy.on_limit();
  }
  ++count_of(family.stats, verdict.strategy);
  if (restarts(verdict.strategy)) {
    verdict.delay_ns = policy.wait(its.backoff, now, policy.has_jitter() ? system_.random() : 0);
  }
  if (verdict.strategy == AC_SUPERVISE_ESCALATE) {
    its.is_undecided = true;
    family.escalated = failure;
    system_.signal(supervisor, supervisor.generation(), signal_escalated);
  }
  judge_siblings(family, child, verdict);
  return verdict;
}

void Families::judge_siblings(Cell& family, Actor& child, const Verdict& verdict) noexcept {
  const bool restarts_rest = verdict.strategy == AC_SUPERVISE_REST_FOR_ONE;
  if (!restarts_rest && verdict.strategy != AC_SUPERVISE_RESTART_ALL &&
      verdict.strategy != AC_SUPERVISE_STOP_ALL) {
    return;
  }
  for (Actor* other = restarts_rest ? cell(child).younger : family.oldest; other != nullptr;
       other = cell(*other).younger) {
    if (other == &child) continue;
    if (verdict.strategy == AC_SUPERVISE_STOP_ALL) {
      system_.leave_word(*other, other->generation(), Actor::stop_asked);
    } else {
      cell(*other).delay_ns.store(verdict.delay_ns, std::memory_order_relaxed);  // C1
      system_.signal(*other, other->generation(), signal_restart);
    }
  }
}

void Families::settle_undecided(Actor& supervisor, Signal outcome) noexcept {
  Cell* has = supervisor.cell.load(std::memory_order_acquire);  // A2
  if (has == nullptr) return;
  absl::MutexLock lock(&has->mutex);
  for (Actor* child = has->oldest; child != nullptr; child = cell(*child).younger) {
    Cell& its = cell(*child);
    if (!std::exchange(its.is_undecided, false)) continue;
    its.delay_ns.store(0, std::memory_order_relaxed);  // C1
    system_.signal(*child, child->generation(), outcome);
  }
}

ac_failed Families::escalated(Actor& supervisor) noexcept {
  Cell& family = cell(supervisor);
  absl::MutexLock lock(&family.mutex);
  return family.escalated;
}

ac_status Families::decide(ac_actor id, std::uint32_t strategy) noexcept {
  if (const ac_status status = system_.check(id); status != AC_OK) return status;
  if (strategy > AC_SUPERVISE_DECIDE) return AC_E_UNKNOWN_CONSTANT;
  if (strategy == AC_SUPERVISE_DEFAULT || strategy == AC_SUPERVISE_DECIDE) {
    return AC_E_INVALID_ARGUMENT;
  }
  Actor* child = system_.directory().find(Id{id.bits});
  Cell* its = child == nullptr ? nullptr : child->cell.load(std::memory_order_acquire);  // A2
  if (its == nullptr) return AC_E_NOT_FOUND;
  Actor* supervisor = its->supervisor.load(std::memory_order_relaxed);  // looked at again below
  if (supervisor == nullptr) return AC_E_NOT_FOUND;
  Cell& family = cell(*supervisor);
  absl::MutexLock lock(&family.mutex);
  // Who is in this family stays in it while its lock is held.
  if (its->supervisor.load(std::memory_order_relaxed) != supervisor ||
      child->generation() != Id{id.bits}.generation() || !its->is_undecided) {
    return AC_E_NOT_FOUND;
  }
  const Verdict verdict = judge(family, *supervisor, *child, its->failure, strategy);
  const std::uint32_t generation = child->generation();
  if (restarts(verdict.strategy)) {
    its->delay_ns.store(verdict.delay_ns, std::memory_order_relaxed);  // C1
    system_.signal(*child, generation, signal_restart);
  } else if (verdict.strategy == AC_SUPERVISE_RESUME) {
    system_.signal(*child, generation, signal_resume);
  } else if (verdict.strategy != AC_SUPERVISE_ESCALATE) {
    system_.signal(*child, generation, signal_stop);
  }
  return AC_OK;
}

// -- what is known -----------------------------------------------------------------------------

ac_status Families::supervise(ac_actor id, const ac_supervision& children) {
  if (const ac_status status = system_.check(id); status != AC_OK) return status;
  Actor* actor = system_.directory().find(Id{id.bits});
  Cell* has = actor == nullptr ? nullptr : actor->cell_of();
  if (has == nullptr) return actor == nullptr ? AC_E_STALE : AC_E_NO_MEMORY;
  absl::MutexLock lock(&has->mutex);
  if (actor->generation() != Id{id.bits}.generation()) return AC_E_STALE;
  // A router is told of no failure, so a child would wait for ever.
  if (children.strategy == AC_SUPERVISE_DECIDE && actor->router() != nullptr) {
    return AC_E_INVALID_ARGUMENT;
  }
  has->children_policy.set(children);
  return AC_OK;
}

// Runs body(cell) under the lock of the actor's cell, if it has one.
template <class Body>
ac_status Families::look_into(ac_actor id, Body body) noexcept {
  if (const ac_status status = system_.check(id); status != AC_OK) return status;
  Actor* actor = system_.directory().find(Id{id.bits});
  Cell* has = actor == nullptr ? nullptr : actor->cell.load(std::memory_order_acquire);  // A2
  if (has == nullptr) return actor == nullptr ? AC_E_STALE : AC_OK;
  absl::MutexLock lock(&has->mutex);
  if (actor->generation() != Id{id.bits}.generation()) return AC_E_STALE;
  body(*has);
  return AC_OK;
}

ac_status Families::children(ac_actor id, ac_actor* out, std::uint64_t capacity,
                             std::uint64_t& count) noexcept {
  count = 0;
  return look_into(id, [&](Cell& family) {
    family.mutex.AssertHeld();
    for (Actor* child = family.oldest; child != nullptr; child = cell(*child).younger) {
      if (count < capacity) out[count] = system_.directory().id_of(*child).handle();
      ++count;
    }
  });
}

ac_status Families::supervision(ac_actor id, ac_supervision_stats& stats) noexcept {
  stats = {};
  return look_into(id, [&](Cell& family) {
    family.mutex.AssertHeld();
    stats = family.stats;
  });
}

ac_status Families::supervisor(ac_actor id, ac_actor& supervisor) noexcept {
  if (const ac_status status = system_.check(id); status != AC_OK) return status;
  supervisor = {0};
  Actor* actor = system_.directory().find(Id{id.bits});
  Cell* its = actor == nullptr ? nullptr : actor->cell.load(std::memory_order_acquire);  // A2
  if (its == nullptr) return actor == nullptr ? AC_E_STALE : AC_OK;
  Actor* found = its->supervisor.load(std::memory_order_relaxed);  // looked at again below
  if (found == nullptr) return AC_OK;
  absl::MutexLock lock(&cell(*found).mutex);
  // Who is in this family stays in it while its lock is held.
  if (its->supervisor.load(std::memory_order_relaxed) != found ||
      actor->generation() != Id{id.bits}.generation()) {
    return AC_E_STALE;
  }
  supervisor = system_.directory().id_of(*found).handle();
  return AC_OK;
}

TimerKey Families::wake_at(std::uint64_t time_ns, Actor& actor) noexcept {
  const auto fire = [](void* context, std::uint64_t bits) noexcept {
    auto& system = *static_cast<System*>(context);
    const Id id{bits};
    if (Actor* waiting = system.directory().find(id)) {
      system.signal(*waiting, id.generation(), signal_backoff_over);
    }
  };
  return system_.timers().add(time_ns, fire, &system_, system_.directory().id_of(actor).bits);
}

}  // namespace actorcore::runtime
