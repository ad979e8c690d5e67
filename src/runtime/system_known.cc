// The part of System that knows what is in it: lists to leave, and what the workers have in hand.
#include "runtime/peek.h"
#include "runtime/system.h"

namespace actorcore::runtime {

ac_status System::list(Id id) noexcept {
  Actor& actor = *directory_.at(id.slot());
  const bool gone = actor.mark(id.generation(), Actor::listed) == Actor::Marked::gone;  // A3
  return gone ? AC_E_STALE : AC_OK;
}

void System::forget(Lane& lane, Id id) noexcept {
  names_.forget(lane, id);
  dead_letter_feed_.forget(id);
  phases_.forget(id);
  queues_.consumer_ended(id);
  routers_.ended(id, directory_.at(id.slot())->has_failed);
}

std::vector<Worker::InHand> System::in_hand() {
  std::vector<Worker::InHand> all;
  absl::MutexLock lock(&mutex_);
  for (const auto& worker : workers_) {
    const Worker::InHand hand = worker->in_hand();
    if (hand.actor.bits != 0) all.push_back(hand);
  }
  return all;
}

Worker::InHand Worker::in_hand() const noexcept {
  if (!in_turn_.load(std::memory_order_acquire)) return {};  // W3
  const std::uint64_t before = lane_.counters.activations.get() + lane_.counters.stolen.get();
  std::uint32_t at = running_.load(std::memory_order_relaxed);  // published by in_turn_, W3
  const std::uint32_t running = at;
  if (dispatcher_.mode() == AC_DISPATCHER_ATTACHED) {
    // Its holder claims one after the other, and says nothing when it has done one.
    const std::uint32_t count = std::min(peek(turn_.count), activations_per_turn_max);
    for (std::uint32_t i = 1; i < count; ++i) {
      if (peek(activations_[i].state) == AC_ACTIVATION_CLAIMED) at = i;
    }
  }
  InHand hand;
  hand.actor.bits = peek(activations_[at].actor.bits);
  hand.worker = handle;
  ac_message** const messages = peek(activations_[at].messages);
  if (peek(activations_[at].count) == 1 && messages != nullptr) {
    if (const ac_message* message = peek(*messages)) {
      hand.type = peek(message->type);
      hand.has_type = true;
    }
  }
  const bool is_same = in_turn_.load(std::memory_order_acquire) &&  // W3
                       before == lane_.counters.activations.get() + lane_.counters.stolen.get() &&
                       running == running_.load(std::memory_order_relaxed);  // a hint
  return is_same ? hand : InHand{};
}

}  // namespace actorcore::runtime
