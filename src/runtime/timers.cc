#include "runtime/timers.h"

#include <sys/prctl.h>

#include <algorithm>
#include <bit>
#include <exception>
#include <utility>

#include "base/sync.h"
#include "runtime/thread.h"

namespace actorcore::runtime {

// -- the wheel ----------------------------------------------------------------------------------

void Timers::place(Node& node) noexcept {
  const std::uint64_t ahead = node.deadline_ns ^ now_;
  const unsigned level =
      ahead == 0 ? 0 : static_cast<unsigned>(std::bit_width(ahead) - 1) / digit_bits;
  const auto digit = static_cast<unsigned>(node.deadline_ns >> (level * digit_bits)) & (digits - 1);
  node.slot = static_cast<std::uint16_t>(level * digits + digit);
  Slot& slot = slots_[node.slot];
  node.next = nullptr;
  node.previous = slot.last;
  if (slot.last == nullptr) {
    slot.first = &node;
    slot.earliest_ns = node.deadline_ns;
    slots_used_[level] |= std::uint64_t{1} << digit;
    levels_used_ |= 1u << level;
  } else {
    slot.last->next = &node;
    slot.earliest_ns = std::min(slot.earliest_ns, node.deadline_ns);  // unknown stays unknown
  }
  slot.last = &node;
}

void Timers::unlink(Node& node) noexcept {
  Slot& slot = slots_[node.slot];
  (node.previous == nullptr ? slot.first : node.previous->next) = node.next;
  (node.next == nullptr ? slot.last : node.next->previous) = node.previous;
  if (slot.first == nullptr) clear(node.slot / digits, node.slot % digits);
  if (slot.earliest_ns == node.deadline_ns) slot.earliest_ns = 0;
  node.slot = nowhere;
}

void Timers::clear(unsigned level, unsigned digit) noexcept {
  slots_[level * digits + digit].first = slots_[level * digits + digit].last = nullptr;
  slots_used_[level] &= ~(std::uint64_t{1} << digit);
  if (slots_used_[level] == 0) levels_used_ &= ~(1u << level);
}

std::uint64_t Timers::earliest() noexcept {
  if (levels_used_ == 0) return UINT64_MAX;
  const auto level = static_cast<unsigned>(std::countr_zero(levels_used_));
  Slot& slot = slots_[level * digits + static_cast<unsigned>(std::countr_zero(slots_used_[level]))];
  if (level == 0) return slot.first->deadline_ns;
  if (slot.earliest_ns == 0) {
    slot.earliest_ns = UINT64_MAX;
    for (const Node* node = slot.first; node != nullptr; node = node->next) {
      slot.earliest_ns = std::min(slot.earliest_ns, node->deadline_ns);
    }
  }
  return slot.earliest_ns;
}

// Moves now_ on, to the next deadline at the latest. Nothing is due before that, so the levels
// below the highest digit that changes are empty, and only the slot that this digit comes to moves
// down.
void Timers::turn_to(std::uint64_t to_ns) noexcept {
  if (to_ns <= now_) return;
  const auto level =
      static_cast<unsigned>(std::bit_width(to_ns ^ std::exchange(now_, to_ns)) - 1) / digit_bits;
  const auto digit = static_cast<unsigned>(to_ns >> (level * digit_bits)) & (digits - 1);
  Node* node = slots_[level * digits + digit].first;
  if (level == 0 || node == nullptr) return;
  clear(level, digit);
  while (node != nullptr) place(*std::exchange(node, node->next));
}

Timers::Node* Timers::take(std::uint64_t now_ns) noexcept {
  if (in_hand_ != nullptr) give(*std::exchange(in_hand_, nullptr));
  const std::uint64_t next_ns = earliest();
  if (levels_used_ == 0 || next_ns > now_ns) {
    if (now_ns != UINT64_MAX) turn_to(now_ns);  // what is added next has less far to come down
    return nullptr;
  }
  turn_to(next_ns);
  in_hand_ = slots_[static_cast<unsigned>(now_) & (digits - 1)].first;
  unlink(*in_hand_);
  ++in_hand_->generation;
  return in_hand_;
}

// -- its nodes ----------------------------------------------------------------------------------

void Timers::grow() {
  const auto first = static_cast<std::uint32_t>(chunks_.size() * chunk_nodes);
  chunks_.reserve(chunks_.size() + 1);
  chunks_.push_back(std::make_unique<Node[]>(chunk_nodes));
  for (std::uint32_t i = chunk_nodes; i-- > 0;) {
    Node& node = chunks_.back()[i];
    node.index = first + i;
    give(node);
  }
}

void Timers::give(Node& node) noexcept {
  node.slot = nowhere;
  node.next = std::exchange(spare_, &node);
}

TimerKey Timers::schedule(Node& node, std::uint64_t deadline_ns) noexcept {
  node.deadline_ns = std::max(deadline_ns, now_);
  place(node);
  return {std::uint64_t{node.generation} << 32 | (node.index + 1)};
}

// -- what others do -----------------------------------------------------------------------------

TimerKey Timers::add(std::uint64_t deadline_ns, Fire what, void* context,
                     std::uint64_t id) noexcept {
  TimerKey key;
  bool wake = false;
  try {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return {};
    if (!clock_.is_virtual() && !thread_.joinable()) {
      thread_ = start_thread(
          "ac-timers", [this] { run(); }, cpus_);
    }
    if (spare_ == nullptr) grow();
    Node& node = *std::exchange(spare_, spare_->next);
    node.fire = what;
    node.context = context;
    node.id = id;
    key = schedule(node, deadline_ns);
    wake = is_before_wake(node.deadline_ns);
  } catch (const std::exception&) {
    return {};
  }
  if (wake) futex_wake(bell_, 1);
  return key;
}

TimerKey Timers::again(std::uint64_t deadline_ns) noexcept {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return {};
  return schedule(*std::exchange(in_hand_, nullptr), deadline_ns);
}

bool Timers::cancel(TimerKey key) noexcept {
  if (key.number == 0) return false;
  const std::uint32_t index = static_cast<std::uint32_t>(key.number) - 1;
  absl::MutexLock lock(&mutex_);
  Node& node = chunks_[index / chunk_nodes][index % chunk_nodes];
  if (node.generation != key.number >> 32 || node.slot == nowhere) return false;
  unlink(node);
  ++node.generation;
  give(node);
  return true;
}

std::uint64_t Timers::next() noexcept {
  absl::MutexLock lock(&mutex_);
  return earliest();
}

bool Timers::fire(std::uint64_t now_ns) noexcept {
  const Node* due = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) due = take(now_ns);
  }
  if (due != nullptr) due->fire(due->context, due->id);
  return due != nullptr;
}

// -- the thread ---------------------------------------------------------------------------------

bool Timers::is_before_wake(std::uint64_t deadline_ns) noexcept {
  if (deadline_ns >= wake_ns_) return false;
  wake_ns_ = deadline_ns;
  bell_.fetch_add(1, std::memory_order_relaxed);  // under the mutex, as the thread's look at it
  return true;
}

void Timers::run() noexcept {
  prctl(PR_SET_TIMERSLACK, 1);  // the kernel would be 50 microseconds late to save power
  for (;;) {
    while (fire(clock_.now())) {
    }
    std::uint32_t rung;
    std::uint64_t until;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      until = wake_ns_ = earliest();
      rung = bell_.load(std::memory_order_relaxed);  // changed under the mutex only
    }
    futex_wait(bell_, rung, until);
  }
}

void Timers::stop() noexcept {
  std::thread thread;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    bell_.fetch_add(1, std::memory_order_relaxed);  // under the mutex, as the thread's look at it
    thread = std::move(thread_);
  }
  futex_wake(bell_, 1);
  if (thread.get_id() == std::this_thread::get_id()) {
    thread.detach();  // a timer's own end let go of the system
  } else if (thread.joinable()) {
    thread.join();
  }
  for (const Node* due = nullptr;; due->fire(due->context, due->id)) {
    absl::MutexLock lock(&mutex_);
    due = take(UINT64_MAX);
    if (due == nullptr) return;
  }
}

}  // namespace actorcore::runtime
