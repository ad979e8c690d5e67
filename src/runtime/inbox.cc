#include "runtime/inbox.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace actorcore::runtime {
namespace {

// Swaps two messages where they are: the links stay.
void swap_content(Envelope& one, Envelope& other) noexcept {
  constexpr std::size_t from = offsetof(ac_message, sender);
  unsigned char content[sizeof(ac_message) - from];
  auto* const a = reinterpret_cast<unsigned char*>(&one) + from;
  auto* const b = reinterpret_cast<unsigned char*>(&other) + from;
  std::memcpy(content, a, sizeof content);
  std::memcpy(a, b, sizeof content);
  std::memcpy(b, content, sizeof content);
}

}  // namespace

void Inbox::open(Id actor, std::shared_ptr<const InboxOptions> options) {
  absl::MutexLock lock(&mutex_);
  if (options->given.high != UINT64_MAX) told_.reserve(Relief::told_max);
  stats_ = {};
  options_ = std::move(options);
  actor_ = actor;
}

Chain<Envelope> Inbox::close(Relief& relief) noexcept {
  std::shared_ptr<const InboxOptions> options;  // their word ends without the lock
  absl::MutexLock lock(&mutex_);
  if (actor_.bits == 0) return {};
  Chain<Envelope> left;
  while (Envelope* envelope = pop()) append(left, envelope);
  set_length(0);
  if (is_pressed_) relieve(AC_PRESSURE_ENDED, relief);
  relief.has_waiters = waiters_ != 0;
  actor_ = {};
  is_refusing_ = false;
  options.swap(options_);
  return left;
}

Pushed Inbox::push(Envelope* envelope, Id to, Count* accepted) noexcept {
  Pushed pushed;
  const Id sender{envelope->sender.bits};
  absl::MutexLock lock(&mutex_);
  if (actor_.bits != to.bits) {
    pushed.verdict = Pushed::closed;
    return pushed;
  }
  const bool is_ordinary = is_droppable(*envelope);
  try {
    if (!conflate(envelope, pushed)) {
      const bool has_place = !is_ordinary || length() < options_->given.capacity;
      if (has_place && insert(envelope)) {
        set_length(length() + 1);
      } else {
        overflow(envelope, pushed);
      }
    }
  } catch (const std::bad_alloc&) {
    forget(envelope);
    pushed.verdict = Pushed::no_memory;
  }
  if (is_ordinary) press(sender, pushed);
  if (pushed.verdict == Pushed::queued && accepted != nullptr) accepted->add(1);
  return pushed;
}

// The mailbox is full, or a custom queue took nothing.
void Inbox::overflow(Envelope* envelope, Pushed& pushed) {
  switch (options_->given.overflow) {
    case AC_OVERFLOW_DROP_OLDEST:
      pushed.ended = drop(options_->rank_of(*envelope));
      if (pushed.ended != nullptr) {
        pushed.reason = AC_DEAD_DROPPED;
        ++stats_.dropped;
        set_length(length() - 1);
        if (!insert(envelope)) ranks_.push({.is_express = true}, envelope);  // room was made for it
        set_length(length() + 1);
        return;
      }
      [[fallthrough]];
    case AC_OVERFLOW_DROP_NEWEST:
      ++stats_.dropped;
      pushed.ended = envelope;
      pushed.reason = AC_DEAD_DROPPED;
      return;
    case AC_OVERFLOW_DEAD_LETTER:
      ++stats_.refused;
      pushed.ended = envelope;
      pushed.reason = AC_DEAD_OVERFLOW;
      return;
    case AC_OVERFLOW_BLOCK:
      ++stats_.refused;
      pushed.verdict = Pushed::may_wait;
      pushed.wait_ns = options_->given.block_ns;
      return;
    default:
      ++stats_.refused;
      pushed.verdict = Pushed::full;
      return;
  }
}

// Has the message replaced one with its key? Not one that is before a STOP that it came after.
bool Inbox::conflate(Envelope* envelope, Pushed& pushed) {
  if (last_.first != nullptr) return false;
  const std::optional<Key> key = options_->key_of(*envelope);
  if (!key) return false;
  const auto found = latest_.find(*key);
  if (found == latest_.end()) return false;
  swap_content(*found->second, *envelope);
  pushed.ended = envelope;
  pushed.reason = AC_DEAD_CONFLATED;
  ++stats_.conflated;
  return true;
}

// Puts the message into its place; false when a custom queue does not take it.
bool Inbox::insert(Envelope* envelope) {
  if (last_.first != nullptr || is_control(envelope->type)) {
    append(last_, envelope);
    return true;
  }
  const Rank rank = options_->rank_of(*envelope);
  if (options_->given.order != AC_MAILBOX_CUSTOM || rank.is_express) {
    if (const std::optional<Key> key = options_->key_of(*envelope)) {
      keys_.emplace(envelope, *key);
      latest_.emplace(*key, envelope);
    }
    ranks_.push(rank, envelope);
    return true;
  }
  held_.insert(envelope);
  if (options_->given.push(options_->given.user, envelope) != 0) return true;
  held_.erase(envelope);
  if (is_droppable(*envelope)) {
    is_refusing_ = true;
    return false;
  }
  ranks_.push({.is_express = true}, envelope);
  return true;
}

Envelope* Inbox::pop() noexcept {
  if (Envelope* envelope = ranks_.pop()) {
    forget(envelope);
    return envelope;
  }
  if (Envelope* envelope = pop_custom()) return envelope;
  return take_first(last_);
}

// A queue that gives nothing back, or what it was not given, does not keep what it holds.
Envelope* Inbox::pop_custom() noexcept {
  if (held_.empty()) return nullptr;
  is_refusing_ = false;
  ac_message* message = options_->given.pop(options_->given.user);
  auto found = held_.find(static_cast<Envelope*>(message));
  if (found == held_.end()) found = held_.begin();
  Envelope* envelope = *found;
  held_.erase(found);
  return envelope;
}

// Takes out what makes room for a message of this rank, or null.
Envelope* Inbox::drop(Rank rank) noexcept {
  if (options_->given.order != AC_MAILBOX_CUSTOM) {
    Envelope* envelope = ranks_.drop(rank);
    if (envelope != nullptr) forget(envelope);
    return envelope;
  }
  Chain<Envelope> kept;
  Envelope* envelope = pop_custom();
  for (; envelope != nullptr && !is_droppable(*envelope); envelope = pop_custom()) {
    append(kept, envelope);
  }
  while (Envelope* reply = take_first(kept)) ranks_.push({.is_express = true}, reply);
  return envelope;
}

// Nothing can replace it any more.
void Inbox::forget(Envelope* envelope) noexcept {
  const auto found = keys_.find(envelope);
  if (found == keys_.end()) return;
  latest_.erase(found->second);
  keys_.erase(found);
}

Chain<Envelope> Inbox::take(std::uint64_t most, Relief& relief) noexcept {
  Chain<Envelope> taken;
  std::uint64_t count = 0;
  absl::MutexLock lock(&mutex_);
  if (actor_.bits == 0) return {};
  while (count < most) {
    Envelope* envelope = pop();
    if (envelope == nullptr) break;
    append(taken, envelope);
    ++count;
    if (is_control(envelope->type)) break;
  }
  set_length(length() - count);
  if (is_pressed_ && length() <= options_->given.low) relieve(AC_PRESSURE_LOW, relief);
  relief.has_waiters = count != 0 && waiters_ != 0;
  return taken;
}

// An ordinary message came: from the high mark on its sender is told.
void Inbox::press(Id sender, Pushed& pushed) noexcept {
  pushed.length = length();
  if (length() < options_->given.high) return;
  if (!std::exchange(is_pressed_, true)) pushed.watcher = Id{options_->given.pressure_to.bits};
  if (sender.bits == 0 ||
      std::any_of(told_.begin(), told_.end(), [&](Id told) { return told.bits == sender.bits; })) {
    return;
  }
  if (told_.size() == Relief::told_max) {
    ++stats_.untold;
    return;
  }
  told_.push_back(sender);  // room was reserved
  pushed.tells_sender = true;
}

void Inbox::relieve(std::uint32_t level, Relief& relief) noexcept {
  is_pressed_ = false;
  relief.level = level;
  relief.length = length();
  for (const Id told : told_) relief.add(told);
  if (options_->given.pressure_to.bits != 0) relief.add(Id{options_->given.pressure_to.bits});
  told_.clear();
}

void Inbox::set_length(std::uint64_t length) noexcept {
  length_.store(length, std::memory_order_seq_cst);  // M5
  stats_.length_max = std::max(stats_.length_max, length);
}

// -- waiting for room ---------------------------------------------------------------------------

void Inbox::begin_wait(bool is_first) noexcept {
  absl::MutexLock lock(&mutex_);
  ++waiters_;
  if (is_first) ++stats_.blocked;
}

void Inbox::end_wait() noexcept {
  absl::MutexLock lock(&mutex_);
  --waiters_;
}

bool Inbox::is_wait_over(Id actor) noexcept {
  absl::MutexLock lock(&mutex_);
  return actor_.bits != actor.bits || (length() < options_->given.capacity && !is_refusing_);
}

bool Inbox::stats(Id actor, ac_mailbox_stats& out) noexcept {
  absl::MutexLock lock(&mutex_);
  if (actor_.bits != actor.bits) return false;
  out = stats_;
  out.length = length();
  out.capacity = options_->given.capacity == UINT64_MAX ? 0 : options_->given.capacity;
  return true;
}

// -- all of a system ----------------------------------------------------------------------------

Inbox* Inboxes::take() {
  absl::MutexLock lock(&mutex_);
  if (free_.empty()) {
    auto made = std::make_unique<Inbox>();
    if (free_.capacity() <= all_.size()) free_.reserve(2 * all_.size() + 1);  // for give()
    all_.push_back(std::move(made));
    return all_.back().get();
  }
  Inbox* inbox = free_.back();
  free_.pop_back();
  return inbox;
}

void Inboxes::give(Inbox* inbox) noexcept {
  absl::MutexLock lock(&mutex_);
  free_.push_back(inbox);
}

}  // namespace actorcore::runtime
