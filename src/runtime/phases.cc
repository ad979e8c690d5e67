#include "runtime/phases.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "runtime/limits.h"
#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

bool contains(const std::vector<Id>& ids, Id id) {
  return std::ranges::any_of(ids, [&](Id other) { return other.bits == id.bits; });
}

bool erase(std::vector<Id>& ids, Id id) noexcept {
  return std::erase_if(ids, [&](Id other) { return other.bits == id.bits; }) != 0;
}

}  // namespace

Phases::Phases(System& system) : system_(system) {
  std::string_view after;
  for (const std::string_view name : {"before-stop", "service", "storage", "after"}) {
    AC_CHECK(add(name, after, phase_timeout_ns) == AC_OK);
    after = name;
  }
}

Phases::Phase* Phases::find(std::string_view name) {
  const auto at = std::ranges::find(phases_, name, &Phase::name);
  return at == phases_.end() ? nullptr : &*at;
}

ac_status Phases::add(std::string_view name, std::string_view after, std::uint64_t timeout_ns) {
  absl::MutexLock lock(&mutex_);
  if (has_begun_) return AC_E_STOPPED;
  if (find(name) != nullptr) return AC_E_EXISTS;
  if (phases_.size() == phases_max) return AC_E_LIMIT;
  auto at = phases_.begin();
  if (!after.empty()) {
    at = std::ranges::find(phases_, after, &Phase::name);
    if (at == phases_.end()) return AC_E_NOT_FOUND;
    ++at;
  }
  phases_.insert(at, Phase{.name = std::string(name),
                           .timeout_ns = timeout_ns == 0 ? phase_timeout_ns : timeout_ns,
                           .number = last_number_ + 1});
  ++last_number_;
  return AC_OK;
}

ac_status Phases::set_timeout(std::string_view name, std::uint64_t timeout_ns) {
  absl::MutexLock lock(&mutex_);
  if (has_begun_) return AC_E_STOPPED;
  Phase* phase = find(name);
  if (phase == nullptr) return AC_E_NOT_FOUND;
  phase->timeout_ns = timeout_ns == 0 ? phase_timeout_ns : timeout_ns;
  return AC_OK;
}

ac_status Phases::join(std::string_view name, Id id) {
  if (const ac_status status = system_.check(id.handle()); status != AC_OK) return status;
  absl::MutexLock lock(&mutex_);
  if (has_begun_) return AC_E_STOPPED;
  Phase* phase = find(name);
  if (phase == nullptr) return AC_E_NOT_FOUND;
  if (contains(phase->members, id)) return AC_E_EXISTS;
  phase->members.push_back(id);
  const ac_status status = system_.list(id);
  if (status != AC_OK) phase->members.pop_back();
  return status;
}

ac_status Phases::done(Id actor, std::uint32_t number) {
  if (const ac_status status = system_.check(actor.handle()); status != AC_OK) return status;
  {
    absl::MutexLock lock(&mutex_);
    const auto phase = std::ranges::find(phases_, number, &Phase::number);
    if (phase == phases_.end() || phase->state != AC_PHASE_RUNNING ||
        !erase(phase->waited_for, actor)) {
      return AC_E_NOT_FOUND;
    }
  }
  system_.outside_changed();
  return AC_OK;
}

void Phases::forget(Id actor) noexcept {
  {
    absl::MutexLock lock(&mutex_);
    for (Phase& phase : phases_) {
      if (phase.state == AC_PHASE_WAITING) erase(phase.members, actor);
      if (phase.state == AC_PHASE_RUNNING) erase(phase.waited_for, actor);
    }
  }
  system_.outside_changed();
}

void Phases::run(std::uint64_t deadline_ns) {
  std::size_t count = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (std::exchange(has_begun_, true)) return;
    count = phases_.size();
  }
  for (std::size_t at = 0; at < count; ++at) run_one(at, deadline_ns);
}

void Phases::run_one(std::size_t at, std::uint64_t deadline_ns) {
  const std::uint64_t began = system_.clock().now();
  ac_phase told{};
  std::vector<Id> members;
  {
    absl::MutexLock lock(&mutex_);
    Phase& phase = phases_[at];
    phase.waited_for = members = phase.members;
    phase.state = AC_PHASE_RUNNING;
    told.deadline_ns = std::min(deadline_ns, deadline_after(began, phase.timeout_ns));
    told.number = phase.number;
    told.size = static_cast<std::uint32_t>(phase.name.size());
    std::memcpy(told.name, phase.name.data(), phase.name.size());
  }
  const auto is_over = [&] {
    absl::MutexLock lock(&mutex_);
    return phases_[at].waited_for.empty();
  };
  if (!members.empty() && began < deadline_ns) {
    const auto bytes = static_cast<std::uint32_t>(offsetof(ac_phase, name) + told.size);
    for (const Id member : members) {
      // One that has ended is off the list already; one that could not be told is waited for.
      (void)system_.post(member.handle(), AC_TYPE_PHASE, 0, &told, bytes);
    }
    (void)system_.wait_until(is_over, told.deadline_ns, true);  // the state below says which
  }
  absl::MutexLock lock(&mutex_);
  Phase& phase = phases_[at];
  phase.state = phase.waited_for.empty() ? AC_PHASE_COMPLETE : AC_PHASE_TIMED_OUT;
  phase.elapsed_ns = system_.clock().now() - began;
}

std::uint64_t Phases::list(ac_phase_info* out, std::uint64_t capacity) const {
  absl::MutexLock lock(&mutex_);
  std::uint64_t count = 0;
  for (const Phase& phase : phases_) {
    if (count == capacity) break;
    ac_phase_info& info = out[count++] = {};
    info.number = phase.number;
    info.state = phase.state;
    info.timeout_ns = phase.timeout_ns;
    info.elapsed_ns = phase.elapsed_ns;
    info.members = phase.members.size();
    info.unanswered = phase.waited_for.size();
    info.size = static_cast<std::uint32_t>(phase.name.size());
    std::memcpy(info.name, phase.name.data(), phase.name.size());
  }
  return count;
}

ac_status Phases::unanswered(std::string_view name, ac_actor* out, std::uint64_t capacity,
                             std::uint64_t& count) const {
  absl::MutexLock lock(&mutex_);
  const auto phase = std::ranges::find(phases_, name, &Phase::name);
  if (phase == phases_.end()) return AC_E_NOT_FOUND;
  count = phase->waited_for.size();
  if (count > capacity) return AC_E_BUFFER_TOO_SMALL;
  std::ranges::transform(phase->waited_for, out, &Id::handle);
  return AC_OK;
}

}  // namespace actorcore::runtime
