// CpuShare: holds the workers of a system to a part of the machine's processor time.
//
// Threads:    charge() any worker; the rest any.
// Invariants: over any span the workers use at most the budget for it and for one window, and for
//             what each did in its last turn, which is made good afterwards.
// Cost:       a system without a share has none of this. With one, a look at the clock a turn, and
//             every 200 microseconds one at the thread's own.
#ifndef ACTORCORE_RUNTIME_CPU_SHARE_H_
#define ACTORCORE_RUNTIME_CPU_SHARE_H_

#include <atomic>
#include <cstdint>

namespace actorcore::runtime {

class CpuShare {
 public:
  static constexpr std::uint64_t window_ns = 100'000'000;  // what is not used is kept so long
  static constexpr std::uint64_t rest_ns = 10'000'000;     // a rest is worth its two switches
  static constexpr std::uint64_t look_ns = 200'000;

  // In thousandths of a processor, at least 1.
  explicit CpuShare(std::uint64_t budget_permille) : budget_permille_(budget_permille) {}

  // Charges time of a worker that looks at the clock now; until when it is to rest, 0 not at all.
  std::uint64_t charge(std::uint64_t cpu_ns, std::uint64_t now_ns) noexcept;
  // Sleeps until then, or until it is lifted or `interrupted` says so at a wake().
  template <class Interrupted>
  void rest(std::uint64_t until_ns, Interrupted interrupted) noexcept {
    for (;;) {
      // Before the look at what interrupts, so that a wake after it is seen (C1).
      const std::uint32_t epoch = epoch_.load(std::memory_order_acquire);
      if (interrupted() || is_over(until_ns)) return;
      sleep(epoch, until_ns);
    }
  }
  // Lets whoever rests look again.
  void wake() noexcept;
  // The system ends: nobody rests any more.
  void lift() noexcept;

 private:
  // C1  interrupt; epoch -> epoch; look: a sleeper that missed the epoch sees what changed
  bool is_over(std::uint64_t until_ns) const noexcept;
  void sleep(std::uint32_t epoch, std::uint64_t until_ns) noexcept;

  const std::uint64_t budget_permille_;
  std::atomic<std::uint64_t> paid_until_ns_{0};  // when what was used until now is paid for
  std::atomic<std::uint32_t> epoch_{0};
  std::atomic<bool> is_lifted_{false};
};

// What one worker has been charged.
class CpuMeter {
 public:
  // From here on, on the calling thread.
  void start() noexcept;
  // Until when the calling thread, which is the worker's, is to rest; 0 not at all.
  std::uint64_t charge(CpuShare& share) noexcept;

 private:
  std::uint64_t looked_ns_ = 0;
  std::uint64_t cpu_ns_ = 0;
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_CPU_SHARE_H_
