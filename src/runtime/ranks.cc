#include "runtime/ranks.h"

namespace actorcore::runtime {
namespace {

// Makes `next`, or nothing, what follows the envelope.
void relink(Envelope& envelope, Envelope* next) noexcept {
  envelope.address(envelope.generation());
  if (next != nullptr) envelope.set_next(next);
}

// Takes out the chain's oldest that may be dropped, or null.
Envelope* drop_oldest(Chain<Envelope>& chain) noexcept {
  Envelope* before = nullptr;
  for (Envelope* at = chain.first; at != nullptr; before = at, at = at->next()) {
    if (!is_droppable(*at)) continue;
    Envelope* after = at->next();
    if (before == nullptr) {
      chain.first = after;
    } else {
      relink(*before, after);
    }
    if (after == nullptr) chain.last = before;
    return at;
  }
  return nullptr;
}

}  // namespace

void append(Chain<Envelope>& chain, Envelope* envelope) noexcept {
  relink(*envelope, nullptr);
  if (chain.first == nullptr) {
    chain.first = envelope;
  } else {
    chain.last->set_next(envelope);
  }
  chain.last = envelope;
}

Envelope* take_first(Chain<Envelope>& chain) noexcept {
  Envelope* first = chain.first;
  if (first != nullptr) chain.first = first->next();
  return first;
}

void Ranks::push(Rank rank, Envelope* envelope) {
  append(rank.is_express ? express_ : ranks_[rank.number], envelope);
}

Envelope* Ranks::pop() noexcept {
  if (Envelope* first = take_first(express_)) return first;
  for (auto at = ranks_.begin(); at != ranks_.end(); ++at) {
    Envelope* first = take_first(at->second);
    if (first == nullptr) continue;
    if (at->second.first == nullptr && ranks_.size() > kept_ranks) ranks_.erase(at);
    return first;
  }
  return nullptr;
}

Envelope* Ranks::drop(Rank rank) noexcept {
  for (auto at = ranks_.rbegin(); at != ranks_.rend(); ++at) {
    if (!rank.is_express && at->first < rank.number) return nullptr;
    if (Envelope* oldest = drop_oldest(at->second)) return oldest;
  }
  return rank.is_express ? drop_oldest(express_) : nullptr;
}

}  // namespace actorcore::runtime
