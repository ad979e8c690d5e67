// ActorTimers: messages that an actor gets at a time, once, again and again, or after a silence.
//
// Threads:    begin() and idle() the actor's owner; fire() as Timers; everything else any.
// Invariants: a timer's bits are HandleKind::timer (4 bits), system tag (10), generation (28, never
//             0), slot (22). A record is free, or its actor's: linked from Actor::timers, and the
//             actor has the bit Actor::timed. A periodic one has at most one message that its
//             receiver has not begun; what comes due meanwhile is skipped, and its phase is kept.
//             The actor's end gives its records back before its slot.
// Cost:       a mutex and a wheel operation to start, cancel and fire; a payload above
//             AC_INLINE_BYTES is a buffer that all messages share. An actor with timers reads the
//             correlations of what it is handed; one without pays nothing.
//
// Memory orders:
//   T1  start -> cancel_all  whoever ends an actor after a timer was started for it sees the bit
//                            (the actor's life)
//   T3  grow -> find         who has a timer's bits sees its record
#ifndef ACTORCORE_RUNTIME_ACTOR_TIMERS_H_
#define ACTORCORE_RUNTIME_ACTOR_TIMERS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/synchronization/mutex.h"
#include "base/status.h"
#include "runtime/envelope.h"
#include "runtime/timers.h"

namespace actorcore::runtime {

struct Actor;
class System;

struct TimerOptions {
  ac_actor to{0};
  std::uint32_t type = 0;
  bool survives_restart = false;
  std::uint64_t delay_ns = 0;
  std::uint64_t period_ns = 0;  // 0: once
  ac_bytes payload{};
};

class ActorTimers {
 public:
  explicit ActorTimers(System& system) : system_(system) {}
  ActorTimers(const ActorTimers&) = delete;
  ActorTimers& operator=(const ActorTimers&) = delete;

  // The timer's bits.
  Result<std::uint64_t> start(const TimerOptions& options);
  ac_status cancel(ac_timer timer) noexcept;
  ac_status stats(ac_timer timer, ac_timer_stats& out) noexcept;
  // Tells the actor when it had no message for so long; 0 and AC_TIMEOUT_NEVER end that.
  Result<void> set_receive_timeout(ac_actor actor, std::uint64_t timeout_ns);

  // The actor ends, or is made anew, which some of its timers survive.
  void cancel_all(Id id, bool is_restart = false) noexcept;

  // An activation with these messages begins.
  void begin(Actor& actor, std::span<ac_message* const> messages) noexcept;
  // The actor, by now anyone's, was given up with an empty mailbox.
  void idle(Actor& actor) noexcept;
  // A message ended that no activation was begun with.
  void lost(const Envelope& message) noexcept {
    if (is_timer(message.correlation)) [[unlikely]]
      taken(message.correlation);
  }

 private:
  struct Record {
    Envelope message;  // what is sent; its `to` is the actor's id
    TimerKey key;
    std::uint64_t deadline_ns = 0;
    std::uint64_t period_ns = 0;
    std::uint64_t sent = 0;
    std::uint64_t skipped = 0;
    std::atomic<std::uint64_t> queued{0};  // its bits while its last message has not been begun
    std::uint32_t generation = 0;
    std::uint32_t next = 0;  // of its actor, or of the free ones: slot + 1
    std::uint32_t previous = 0;
    bool is_used = false;
    bool is_silence = false;  // a receive timeout, of period_ns
    bool survives_restart = false;
  };

  static constexpr unsigned slot_bits = 22;
  static constexpr unsigned generation_bits = 28;
  static constexpr std::uint32_t chunk_records = 512;
  static constexpr std::uint32_t chunks_max = (1u << slot_bits) / chunk_records;
  static constexpr std::uint64_t retry_ns = 1'000'000;  // when memory is exhausted

  static bool is_timer(std::uint64_t bits) noexcept {
    return bits >> handle_kind_shift == static_cast<std::uint64_t>(HandleKind::timer);
  }
  static std::uint32_t slot_of(std::uint64_t bits) noexcept {
    return static_cast<std::uint32_t>(bits) & ((1u << slot_bits) - 1);
  }
  std::uint64_t bits_of(std::uint32_t slot) const noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Record& at(std::uint32_t slot) const noexcept {
    return chunks_[slot / chunk_records][slot % chunk_records];
  }
  // Null when the bits name no timer that will still fire.
  Record* find(std::uint64_t bits) const noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  ac_status why_none(ac_timer timer) const noexcept;
  Result<std::uint32_t> take() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void grow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void give(std::uint32_t slot) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Gives the record to its actor and sets its timer; else gives it back.
  Result<std::uint64_t> arm(std::uint32_t slot, Actor& actor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void end(std::uint32_t slot) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  static void on_deadline(void* context, std::uint64_t bits) noexcept;
  void fire(std::uint64_t bits) noexcept;
  // When the timer fires next; 0 is never.
  std::uint64_t fire_message(Record& record, Actor& actor, std::uint64_t now_ns) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::uint64_t fire_silence(Record& record, Actor& actor, std::uint64_t now_ns) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool send(Record& record, Actor& actor) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The timer's last message is no longer queued.
  void taken(std::uint64_t bits) noexcept;

  System& system_;
  absl::Mutex mutex_;                                         // before a lane's and the wheel's
  std::array<std::unique_ptr<Record[]>, chunks_max> chunks_;  // below opened_ only
  std::atomic<std::uint32_t> opened_{0};                      // records
  std::uint32_t spare_ ABSL_GUARDED_BY(mutex_) = 0;           // slot + 1
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_ACTOR_TIMERS_H_
