// The part of Worker that prepares activations: what each actor's mailbox has for its handler.
#include <algorithm>
#include <cstring>

#include "runtime/claim.h"
#include "runtime/system.h"
#include "runtime/worker.h"

namespace actorcore::runtime {

// What an actor's mailbox has for one activation.
struct Worker::Hand {
  Actor* actor;
  ac_message** messages;
  std::uint32_t count;
  bool has_more;          // and there is room for it
  bool is_timed;          // its timers want to know
  Envelope* control;      // the STOP, KILL or RESTART that ended the gathering, or null
  std::uint64_t oddness;  // what end() is to look at
  std::uint32_t flags;    // of the activation
};

inline void Worker::count_activation(Actor& actor) noexcept {
  lane_.counters.activations.add(1);
  // One writer, the owner: no read-modify-write is needed. Only ever a hint to others.
  actor.turns.store(actor.turns.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

// Looks what the actor's next activation is about; false when it is over already. The messages go
// where `room` is.
inline bool Worker::look(Actor& actor, Hand& hand, ac_message** room) noexcept {
  count_activation(actor);
  hand = {.actor = &actor, .messages = room, .count = 0, .has_more = false};
  const std::uint32_t life = actor.life.load(std::memory_order_seq_cst);  // M5, C1
  hand.is_timed = (life & Actor::timed) != 0;
  if (actor.phase != Phase::running || (life & Actor::asked) != 0) [[unlikely]] {
    ac_message* first = nullptr;
    bool only = false;
    if (!live(actor, first, only)) return false;
    if (first != nullptr) room[hand.count++] = first;
    if (only) {
      if (actor.phase == Phase::ending && is_killed(actor)) hand.flags = AC_ACTIVATION_KILLED;
      return true;
    }
  }
  if (actor.pending.first == nullptr) actor.pending = actor.mailbox.drain();
  if ((life & Actor::boxed) != 0 && actor.pending.first == nullptr) [[unlikely]] {
    // No more than there is room for: those that stay keep their order among what is to come.
    actor.pending = lane_.take(actor, dispatcher_.options().throughput - hand.count);
  }
  hand.has_more = actor.pending.first != nullptr;
  return true;
}

// Takes the chain's next message into the hand; false when it was the last for now.
inline bool Worker::take_one(Hand& hand) noexcept {
  Actor& actor = *hand.actor;
  Chain<Envelope>& chain = actor.pending;
  Envelope* envelope = chain.first;
  chain.first = Mailbox<Envelope>::after(envelope, chain.last);
  __builtin_prefetch(chain.first, 1);
  if (envelope->generation() != actor.generation()) [[unlikely]] {
    const Id meant = Id::make(system_.directory().tag(), envelope->generation(), actor.slot);
    lane_.dead_letter(envelope, meant, AC_DEAD_STALE);
  } else if (envelope->is_system()) [[unlikely]] {
    if (is_control(envelope->type)) {
      hand.control = envelope;
      return false;
    }
    if (envelope->type == AC_TYPE_FAILED) hand.oddness |= odd_reports;
    hand.messages[hand.count++] = envelope;
  } else {
    hand.messages[hand.count++] = envelope;
  }
  return chain.first != nullptr && hand.count < dispatcher_.options().throughput;
}

// A chain's envelopes lie anywhere, and each says where the next one is: a chain alone waits for
// memory at every step, several in turn wait at the same time.
inline void Worker::gather(std::span<Hand> hands) noexcept {
  std::uint64_t drained = 0;
  for (bool any = true; any;) {
    any = false;
    for (Hand& hand : hands) {
      if (!hand.has_more) continue;
      hand.has_more = take_one(hand);
      any |= hand.has_more;
      ++drained;
    }
  }
  lane_.counters.drained.add(drained);
}

// Makes these messages of the actor's the turn's activation at index `at`.
inline ac_activation& Worker::keep(Actor& actor, std::uint32_t at, ac_message** messages,
                                   std::uint32_t count) noexcept {
  ac_activation& activation = activations_[at];
  claim_of(activation).keep();
  activation.count = count;
  activation.handled = 0;
  activation.flags = 0;
  activation.status = AC_OK;
  activation.actor = system_.directory().id_of(actor).handle();
  activation.user = actor.user;
  activation.reserved[0] = 0;
  activation.messages = messages;
  messages_used_ += count;
  return activation;
}

// The same for what is in the hand; false when that was nothing.
inline bool Worker::keep(const Hand& hand, std::uint32_t at) noexcept {
  Actor& actor = *hand.actor;
  actors_[at] = &actor;
  controls_[at] = hand.control;
  if (hand.count == 0) {
    if (hand.control != nullptr) {
      obey(actor, at);
    } else {
      yield(actor);
    }
    return false;
  }
  ac_message** const room = messages_.data() + messages_used_;
  if (hand.messages != room) {  // what was gathered before it left room
    std::memmove(room, hand.messages, hand.count * sizeof *room);
  }
  ac_activation& activation = keep(actor, at, room, hand.count);
  activation.flags = hand.flags;
  activation.reserved[0] = hand.oddness;
  if (hand.is_timed) [[unlikely]]
    system_.actor_timers().begin(actor, {room, hand.count});
  return true;
}

bool Worker::begin(Actor& actor, std::uint32_t at) noexcept {
  const std::uint32_t life = actor.life.load(std::memory_order_seq_cst);  // M5, C1
  const bool is_plain = actor.phase == Phase::running && (life & Actor::owes) == 0;
  if (is_plain && actor.pending.first == nullptr) [[likely]] {
    actor.pending = actor.mailbox.drain();
    Envelope* const only = actor.pending.first;
    // One plain message, as it is where few are under way: a hand is more than that needs.
    if (only != nullptr && only == actor.pending.last && only->generation() == life >> 8 &&
        !only->is_system()) {
      count_activation(actor);
      lane_.counters.drained.add(1);
      actor.pending.first = nullptr;
      actors_[at] = &actor;
      controls_[at] = nullptr;
      ac_message** const room = messages_.data() + messages_used_;
      *room = only;
      keep(actor, at, room, 1);
      return true;
    }
  }
  Hand hand;
  if (!look(actor, hand, messages_.data() + messages_used_)) return false;
  std::uint64_t drained = 0;
  for (; hand.has_more; ++drained) hand.has_more = take_one(hand);
  lane_.counters.drained.add(drained);
  return keep(hand, at);
}

// Begins these actors at index `at` of the turn and after; how many had something.
std::uint32_t Worker::begin_some(std::span<Actor* const> actors, std::uint32_t at) noexcept {
  std::array<Hand, gathered_at_once> hands;
  std::uint32_t count = 0;
  ac_message** room = messages_.data() + messages_used_;
  for (Actor* actor : actors) {
    if (!look(*actor, hands[count], room)) continue;
    __builtin_prefetch(actor->pending.first, 1);
    room += room_of_one();
    ++count;
  }
  gather({hands.data(), count});
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (keep(hands[i], at + kept)) ++kept;
  }
  return kept;
}

std::uint32_t Worker::collect_more(Actor& first) noexcept {
  // While others sleep or search, what is queued is left for them.
  const bool alone = dispatcher_.count() == 1;
  std::uint32_t most =
      alone ? activations_per_turn_max : std::min(activations_per_turn_max, queue_.size() / 2 + 1);
  if (most == 1 && lifo_ == nullptr) return begin(first, 0) ? 1 : 0;
  std::uint32_t count = 0;
  std::array<Actor*, gathered_at_once> actors;
  const auto take_into = [&](std::uint32_t from) {
    const std::uint32_t room = std::min(gathered_at_once, most - count);
    std::uint32_t taken = from;
    for (; taken < room; ++taken) {
      Actor* actor = take_local();
      if (actor == nullptr) break;
      __builtin_prefetch(actor, 1);
      actors[taken] = actor;
    }
    return taken;
  };
  actors[0] = &first;
  std::uint32_t taken = take_into(1);
  while (taken != 0) {
    count += begin_some({actors.data(), taken}, count);
    // No further than to where what was injected has its turn.
    if (count > 1) most = std::min(most, count + activations_to_look());
    const bool is_full = count >= most || messages_used_ >= messages_per_turn_max;
    taken = is_full ? 0 : take_into(0);
  }
  if (lifo_ != nullptr && !alone) {
    // Nobody could take it while the turn lasts.
    if (!queue_.push(lifo_)) dispatcher_.inject(*lifo_);
    lifo_ = nullptr;
    dispatcher_.notify();
  }
  return count;
}

}  // namespace actorcore::runtime
