// The part of System that asks.
#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "runtime/system.h"

namespace actorcore::runtime {
namespace {

// May it be asked?
ac_status check_asked(System& system, const ac_ask_options& asked) noexcept {
  if (asked.payload.data == nullptr && asked.payload.size != 0) return AC_E_NULL;
  if (asked.payload.size > AC_PAYLOAD_BYTES_MAX) return AC_E_LIMIT;
  if (asked.type >= AC_TYPE_STARTED) return AC_E_INVALID_ARGUMENT;
  return asked.span.bits == 0 ? AC_OK : system.spans().check(asked.span);
}

// Requests that are not sent yet are chained through their sender, who is the same for all.
Envelope* after(const Envelope& request) noexcept {
  return reinterpret_cast<Envelope*>(request.sender.bits);
}

void take_back(Lane& lane, Asks& asks, Envelope* requests) noexcept {
  while (requests != nullptr) {
    Envelope* const request = std::exchange(requests, after(*requests));
    asks.abandon(lane, request->correlation);
    lane.free(request);
  }
}

}  // namespace

ac_status System::ask(ac_actor to, std::uint32_t type, ac_bytes payload, std::uint64_t timeout_ns,
                      ac_message& reply) noexcept {
  if (in_handler()) return AC_E_WOULD_DEADLOCK;
  if (type >= AC_TYPE_STARTED) return AC_E_INVALID_ARGUMENT;
  const std::uint64_t correlation = asks_.open_outside({Id{to.bits}, type, 0});
  if (correlation == 0) return AC_E_NO_MEMORY;
  const std::uint64_t deadline = deadline_after(clock_.now(), timeout_ns);
  ac_status status = tell(to, type, correlation, payload, deadline);
  if (status != AC_OK) {
    asks_.close_outside(correlation, reply);
    return status;
  }
  await_ask(correlation, deadline);
  return asks_.close_outside(correlation, reply);
}

std::uint64_t System::spin_ns() const noexcept {
  const std::uint64_t spin = default_dispatcher_->options().spin_ns;
  return spin == AC_SPIN_NONE ? 0 : spin;
}

// Until the ask has ended, or the deadline.
void System::await_ask(std::uint64_t correlation, std::uint64_t deadline_ns) noexcept {
  if (schedule_ != nullptr) {
    schedule_->drive([&] { return asks_.is_ended(correlation); }, deadline_ns);
    return;
  }
  const std::uint64_t spin_end =
      std::min(deadline_ns, deadline_after(Clock::monotonic(), spin_ns()));
  for (unsigned round = 1; !asks_.is_ended(correlation); ++round) {
    relax();
    if (round % 64 == 0 && Clock::monotonic() >= spin_end) break;
  }
  while (!asks_.is_ended(correlation) && Clock::monotonic() < deadline_ns) {
    asks_.wait(correlation, deadline_ns);
  }
}

ac_status System::ask_many(std::span<const ac_actor> actors, const ac_ask_options& asked,
                           ac_message* replies, ac_status* statuses, std::uint64_t& answered) {
  answered = 0;
  if (in_handler()) return AC_E_WOULD_DEADLOCK;
  if (const ac_status status = check_asked(*this, asked); status != AC_OK) return status;
  if (is_closed()) return AC_E_STOPPED;
  std::vector<std::uint64_t> correlations(actors.size());
  const std::uint64_t deadline = deadline_after(clock_.now(), asked.timeout_ns);
  for (std::size_t i = 0; i < actors.size(); ++i) {
    correlations[i] = asks_.open_outside({Id{actors[i].bits}, asked.type, asked.span.bits});
    statuses[i] = correlations[i] == 0
                      ? AC_E_NO_MEMORY
                      : tell(actors[i], asked.type, correlations[i], asked.payload);
  }
  for (std::size_t i = 0; i < actors.size(); ++i) {
    if (correlations[i] == 0) continue;
    if (statuses[i] == AC_OK) {
      await_ask(correlations[i], deadline);
      statuses[i] = asks_.close_outside(correlations[i], replies[i]);
    } else {
      asks_.close_outside(correlations[i], replies[i]);
    }
    if (statuses[i] == AC_OK) ++answered;
  }
  return AC_OK;
}

ac_status System::ask_inside(Worker& worker, ac_actor asker, std::span<const ac_actor> actors,
                             const ac_ask_options& asked, std::uint64_t* correlations) noexcept {
  if (const ac_status status = check_asked(*this, asked); status != AC_OK) return status;
  if (!worker.is_in_turn()) return AC_E_INVALID_ARGUMENT;
  if (const ac_status status = check(asker); status != AC_OK) return status;
  if (std::ranges::count(actors, 0u, &ac_actor::bits) != 0) return AC_E_NO_HANDLE;
  if (is_overloaded(actors.size() * bytes_of(asked.payload.size))) return AC_E_OVERLOADED;
  Lane& lane = worker.lane();
  const std::uint64_t deadline = deadline_after(clock_.now(), asked.timeout_ns);
  Envelope* first = nullptr;
  Envelope* last = nullptr;
  for (const ac_actor to : actors) {
    const std::uint64_t correlation = asks_.open_inside(
        lane, Id{asker.bits}, {Id{to.bits}, asked.type, asked.span.bits}, deadline);
    ac_status status;
    Envelope* const request = correlation == 0 ? nullptr
                              : first == nullptr
                                  ? make(lane, to, asked.type, correlation, asked.payload, status)
                                  : lane.copy(*first);
    if (request == nullptr) {
      if (correlation != 0) asks_.abandon(lane, correlation);
      take_back(lane, asks_, first);
      return AC_E_NO_MEMORY;
    }
    request->to = to;
    request->correlation = correlation;
    request->sender.bits = 0;
    if (first == nullptr) {
      first = request;
    } else {
      last->sender.bits = reinterpret_cast<std::uintptr_t>(request);
    }
    last = request;
  }
  while (first != nullptr) {
    Envelope* const request = std::exchange(first, after(*first));
    request->sender = asker;
    *correlations++ = request->correlation;
    worker.send(request);
  }
  return AC_OK;
}

}  // namespace actorcore::runtime
