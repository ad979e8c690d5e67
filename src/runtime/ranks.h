// Ranks: envelopes in the order of their ranks, lowest first, and in the order of arrival inside
// one.
//
// Threads:    its owner's lock.
// Invariants: what is express comes before every rank. An envelope is linked through its own link
//             word, so only a rank that was not there takes memory.
// Cost:       a look into a map of the ranks in use; a few empty ones stay, so that a mailbox with
//             few ranks allocates nothing.
#ifndef ACTORCORE_RUNTIME_RANKS_H_
#define ACTORCORE_RUNTIME_RANKS_H_

#include <cstdint>

#include "absl/container/btree_map.h"
#include "runtime/envelope.h"
#include "runtime/mailbox.h"

namespace actorcore::runtime {

// A message's place.
struct Rank {
  bool is_express = false;
  std::uint64_t number = 0;
};

class Ranks {
 public:
  // May throw bad_alloc, and then nothing was changed.
  void push(Rank rank, Envelope* envelope);
  // The first, or null.
  Envelope* pop() noexcept;
  // Takes out the oldest of those that come last, to make room for a message of this rank; null
  // when all that may be dropped comes before it.
  Envelope* drop(Rank rank) noexcept;

 private:
  static constexpr std::size_t kept_ranks = 16;

  Chain<Envelope> express_;
  absl::btree_map<std::uint64_t, Chain<Envelope>> ranks_;
};

// May a full mailbox refuse or drop it? Not the library's own messages, nor a reply: that its ask
// ends was promised, and how many there are is bounded by the asks.
inline bool is_droppable(const Envelope& envelope) noexcept {
  return !envelope.is_system() && !envelope.is_reply();
}

// Links the envelope behind the chain's last.
void append(Chain<Envelope>& chain, Envelope* envelope) noexcept;
// Takes the chain's first, or null.
Envelope* take_first(Chain<Envelope>& chain) noexcept;

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_RANKS_H_
