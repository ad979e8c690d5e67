// Claim: who handles one activation of a turn, as its state word says.
//
// Threads:    keep, offer, claim, take_back: the turn's worker; steal and stolen: any other.
// Invariants: of those that try to have an offered activation, exactly one does. What a thief takes
//             is copied before the turn's worker uses the place again.
// Cost:       one compare-and-swap for what was offered, none for what was only kept.
//
// Memory orders:
//   W1  offer -> steal               a thief sees the activation that it takes
//   W2  stolen -> claim, take_back   the turn's worker waits until the thief has copied it
#ifndef ACTORCORE_RUNTIME_CLAIM_H_
#define ACTORCORE_RUNTIME_CLAIM_H_

#include <atomic>
#include <cstdint>

#include "actorcore/actorcore.h"
#include "base/sync.h"

namespace actorcore::runtime {

enum class Outcome : std::uint8_t {
  handled,    // by the turn's worker
  stolen,     // another's, and copied
  not_begun,  // nobody's; the turn's worker has it from now on
};

// `Word` is a reference to an atomic.
template <class Word = std::atomic_ref<std::uint32_t>, class Sync = RealSync>
class Claim {
 public:
  explicit Claim(Word state) noexcept : state_(state) {}

  // The turn's worker alone has it. Relaxed: nobody takes what was not offered.
  void keep() noexcept { state_.store(AC_ACTIVATION_CLAIMED, std::memory_order_relaxed); }

  void offer() noexcept { state_.store(AC_ACTIVATION_READY, std::memory_order_release); }  // W1

  // Takes what was offered; false when it was stolen.
  bool claim() noexcept {
    if (swap(AC_ACTIVATION_READY, AC_ACTIVATION_CLAIMED)) return true;
    for (unsigned round = 0; load() != AC_ACTIVATION_STOLEN; ++round) Sync::wait(round);
    return false;
  }

  // Takes it from another; stolen() follows when it is copied.
  bool steal() noexcept { return swap(AC_ACTIVATION_READY, AC_ACTIVATION_MOVING); }          // W1
  void stolen() noexcept { state_.store(AC_ACTIVATION_STOLEN, std::memory_order_release); }  // W2

  // What became of it, when the turn ends.
  Outcome take_back() noexcept {
    for (unsigned round = 0;; ++round) {
      const std::uint32_t state = load();
      if (state == AC_ACTIVATION_STOLEN) return Outcome::stolen;
      if (state == AC_ACTIVATION_READY) {
        if (swap(AC_ACTIVATION_READY, AC_ACTIVATION_CLAIMED)) return Outcome::not_begun;
      } else if (state != AC_ACTIVATION_MOVING) {
        return Outcome::handled;
      } else {
        Sync::wait(round);
      }
    }
  }

 private:
  std::uint32_t load() const noexcept { return state_.load(std::memory_order_acquire); }  // W2
  bool swap(std::uint32_t from, std::uint32_t to) noexcept {
    return state_.compare_exchange_strong(from, to, std::memory_order_acq_rel,  // W1
                                          std::memory_order_relaxed);  // failure decides nothing
  }

  Word state_;
};

inline Claim<> claim_of(ac_activation& activation) noexcept {
  return Claim<>(std::atomic_ref<std::uint32_t>(activation.state));
}

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_CLAIM_H_
