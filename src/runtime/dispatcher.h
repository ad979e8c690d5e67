// Dispatcher: the workers that run a set of actors, the queue between them, and where they sleep.
//
// Threads:    inject(), notify() any; attach and detach any.
// Invariants: a runnable actor is in exactly one place: a worker's slot or queue, the injection
//             queue, or a turn. Whoever makes one runnable notifies, so a sleeping worker cannot
//             miss it (Parker, P1).
// Cost:       inject is one enqueue and a notify; notify with all awake, or with a searcher, is a
//             fence and two loads.
#ifndef ACTORCORE_RUNTIME_DISPATCHER_H_
#define ACTORCORE_RUNTIME_DISPATCHER_H_

#include <concurrentqueue/concurrentqueue.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "base/handle_table.h"
#include "base/status.h"
#include "runtime/actor.h"
#include "runtime/cpu_plan.h"
#include "runtime/limits.h"
#include "runtime/parker.h"

namespace actorcore::runtime {

class System;
class Worker;

struct DispatcherOptions {
  std::uint32_t mode = AC_DISPATCHER_INLINE;
  // INLINE: threads; else the most that may attach. 0 is what the plan has for it.
  std::uint32_t workers = 1;
  std::uint32_t throughput = throughput_default;
  std::uint64_t spin_ns = spin_default_ns;
  std::string name;
  CpuRequest cpus;
  std::uint32_t node = 0;  // plus one; 0 is any
  std::uint32_t priority = 0;
  std::uint32_t fairness = fairness_default;  // activations between looks at what was injected
  std::uint32_t flags = 0;                    // AC_DISPATCHER flags
};

// Are the options within the limits?
Result<void> check(const DispatcherOptions& options);

class Dispatcher {
 public:
  Dispatcher(System& system, DispatcherOptions options, CpuClaim claim);
  ~Dispatcher();

  System& system() noexcept { return system_; }
  const DispatcherOptions& options() const noexcept { return options_; }
  const CpuClaim& claim() const noexcept { return claim_; }
  std::uint32_t mode() const noexcept { return options_.mode; }

  // Makes the actor runnable from a thread that is not one of these workers.
  void inject(Actor& actor) noexcept;
  // Up to `most` injected actors.
  std::uint32_t take_injected(Actor** out, std::uint32_t most) noexcept {
    return static_cast<std::uint32_t>(injected_.try_dequeue_bulk(out, most));
  }
  bool has_injected() const noexcept { return injected_.size_approx() != 0; }

  // Work was published: wakes a sleeper unless someone is already searching.
  void notify() noexcept {
    RealSync::fence();  // P1
    if (searching_.load(std::memory_order_relaxed) == 0)
      parker_.notify_one();  // ordered by the fence
  }
  Parker<>& parker() noexcept { return parker_; }
  bool begin_search() noexcept {
    // Half of the workers search at the most; the others sleep rather than fight over the same
    // queues.
    if (2 * searching_.load(std::memory_order_relaxed) >= count() && count() > 1) return false;
    searching_.fetch_add(1, std::memory_order_seq_cst);
    return true;
  }
  // Was it the last searcher?
  bool end_search() noexcept { return searching_.fetch_sub(1, std::memory_order_seq_cst) == 1; }

  // A worker joins, or leaves; attach gives its index, or workers_max when the dispatcher is full.
  std::uint32_t attach(Worker& worker) noexcept;
  void detach(Worker& worker) noexcept;
  std::uint32_t count() const noexcept { return count_.load(std::memory_order_relaxed); }  // a hint
  std::uint32_t places() const noexcept { return places_.load(std::memory_order_acquire); }
  Worker* worker(std::uint32_t place) const noexcept {
    return workers_[place].load(std::memory_order_acquire);
  }

  void release_handle() noexcept {}  // ends with its system
  ac_dispatcher handle{0};

 private:
  System& system_;
  const DispatcherOptions options_;
  const CpuClaim claim_;
  moodycamel::ConcurrentQueue<Actor*> injected_;
  Parker<> parker_;
  alignas(64) std::atomic<std::uint32_t> searching_{0};
  std::atomic<std::uint32_t> count_{0};
  std::atomic<std::uint32_t> places_{0};
  absl::Mutex mutex_;
  // Workers that left stay here for the thieves that still look at them; the system frees them.
  std::array<std::atomic<Worker*>, workers_max> workers_{};
};

using DispatcherTable = HandleTable<Dispatcher, HandleKind::dispatcher>;
DispatcherTable& dispatchers();

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_DISPATCHER_H_
