// Timers: what is to happen at a time, on the system's clock: a hierarchical timing wheel.
//
// Threads:    add(), cancel() any; fire() the timer thread, or the driver of a seeded system;
//             again() only what is being fired.
// Invariants: timers fire in order of deadline, then of addition, and never early; a cancelled one
//             that has not begun never fires. now_ is at or before every deadline. A timer is on
//             the level of the highest digit in which its deadline differs from now_, in the slot
//             of that digit: so timers of one deadline are in one slot, in order of addition, and
//             the first slot of the lowest level in use has the next deadline.
// Cost:       add and cancel take a mutex and a few instructions; a timer moves down at most once a
//             level, as a rule twice before it fires. Nodes are used again. Without timers there is
//             no thread; with some it sleeps until the very next deadline.
//
// After Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987). A level is a digit of
// the time in nanoseconds, and the wheel turns from deadline to deadline, not from tick to tick, so
// that nothing is rounded and nothing sorted.
#ifndef ACTORCORE_RUNTIME_TIMERS_H_
#define ACTORCORE_RUNTIME_TIMERS_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/cpu.h"

namespace actorcore::runtime {

struct TimerKey {
  std::uint64_t number = 0;  // 0 is none
};

class Timers {
 public:
  using Fire = void (*)(void* context, std::uint64_t id) noexcept;

  // Its thread, if there comes to be one, runs on these processors.
  explicit Timers(Clock& clock, const CpuSet& cpus = {})
      : clock_(clock), cpus_(cpus), now_(clock.now()) {}
  ~Timers() { stop(); }
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // Calls what(context, id) at the deadline, without the lock; a deadline that is past is now. A
  // key of number 0 says that memory or threads are exhausted, or that the timers have stopped.
  TimerKey add(std::uint64_t deadline_ns, Fire what, void* context, std::uint64_t id) noexcept;
  // True when the timer will not fire any more.
  bool cancel(TimerKey key) noexcept;
  // Has what is being fired fire once more. Needs no memory; none when the timers have stopped.
  TimerKey again(std::uint64_t deadline_ns) noexcept;

  // The next deadline, or UINT64_MAX.
  std::uint64_t next() noexcept;
  // Fires the first timer if it is due at `now_ns`.
  bool fire(std::uint64_t now_ns) noexcept;
  // Ends the thread, then fires what is left: whoever waits for one hears of the end.
  void stop() noexcept;

 private:
  static constexpr unsigned digit_bits = 6;
  static constexpr unsigned digits = 1u << digit_bits;
  static constexpr unsigned levels = (64 + digit_bits - 1) / digit_bits;
  static constexpr std::uint32_t chunk_nodes = 256;

  struct alignas(64) Node {
    std::uint64_t deadline_ns;
    Fire fire;
    void* context;
    std::uint64_t id;
    Node* next;
    Node* previous;
    std::uint32_t index;
    std::uint32_t generation;  // counts its uses
    std::uint16_t slot;        // level * digits + digit, or `nowhere`
  };
  static constexpr std::uint16_t nowhere = levels * digits;

  struct Slot {
    Node* first = nullptr;
    Node* last = nullptr;
    std::uint64_t earliest_ns = 0;  // 0: to be looked up. Above level 0 no deadline is 0.
  };

  void run() noexcept;
  // The first timer, taken out if it is due; null when none is.
  Node* take(std::uint64_t now_ns) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::uint64_t earliest() noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void turn_to(std::uint64_t to_ns) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void place(Node& node) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void unlink(Node& node) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void clear(unsigned level, unsigned digit) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  TimerKey schedule(Node& node, std::uint64_t deadline_ns) noexcept
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void grow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void give(Node& node) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Must the thread be woken for this deadline? Then wake it without the lock.
  bool is_before_wake(std::uint64_t deadline_ns) noexcept ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  const CpuSet cpus_;
  absl::Mutex mutex_;
  std::uint64_t now_ ABSL_GUARDED_BY(mutex_);
  std::uint32_t levels_used_ ABSL_GUARDED_BY(mutex_) = 0;  // a bit a level
  std::array<std::uint64_t, levels> slots_used_ ABSL_GUARDED_BY(mutex_){};
  std::array<Slot, levels * digits> slots_ ABSL_GUARDED_BY(mutex_){};
  std::vector<std::unique_ptr<Node[]>> chunks_ ABSL_GUARDED_BY(mutex_);
  Node* spare_ ABSL_GUARDED_BY(mutex_) = nullptr;      // linked by next
  Node* in_hand_ ABSL_GUARDED_BY(mutex_) = nullptr;    // what is being fired, until the next is
  std::uint64_t wake_ns_ ABSL_GUARDED_BY(mutex_) = 0;  // until when the thread sleeps at the latest
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
  std::atomic<std::uint32_t> bell_{0};  // changed under the mutex; the thread sleeps on it
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_TIMERS_H_
