// CpuPlan: which processors each dispatcher's threads, and the library's own helpers, run on.
//
// Threads:    claim() under the system's mutex; the rest is constant.
// Invariants: critical, background and the rest have no processor in common, where the first two
//             were asked for. In an isolated system nor have two claims, but for those of
//             background dispatchers.
// Cost:       a few sets, when a dispatcher is made.
#ifndef ACTORCORE_RUNTIME_CPU_PLAN_H_
#define ACTORCORE_RUNTIME_CPU_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/cpu.h"
#include "base/status.h"

namespace actorcore::runtime {

struct DispatcherOptions;

// These processors; or any `count` of them when none is named; or whatever there is.
struct CpuRequest {
  std::vector<std::uint32_t> cpus;
  std::uint64_t count = 0;

  bool is_empty() const { return cpus.empty() && count == 0; }
};

struct CpuOptions {
  CpuRequest critical;
  CpuRequest background;
  bool is_isolated = false;
  std::uint32_t share_permille = 1'000;
};

// What a dispatcher's threads have.
struct CpuClaim {
  CpuSet cpus;
  std::vector<std::uint32_t> pins;  // worker i is bound to pins[i modulo their number]; or empty
  std::uint32_t workers = 1;
  std::uint32_t priority = 0;
  bool is_priority_optional = false;
  bool is_asked_for = false;  // else a system that does not bind threads is good enough

  // Which processor the worker at this index has for itself; nothing unless pinned.
  std::optional<std::uint32_t> pin_of(std::uint32_t index) const;
  // Is there anything that a lent thread has to be changed for?
  bool moves_threads() const { return is_asked_for || priority != 0; }
  // Makes the calling thread the worker's at this index.
  Result<void> apply(std::uint32_t index) const;
};

class CpuPlan {
 public:
  static Result<CpuPlan> make(Topology topology, const CpuOptions& options);

  Result<CpuClaim> claim(const DispatcherOptions& options);
  void give_back(const CpuClaim& claim);

  const Topology& topology() const { return topology_; }
  // Whose processors these are, if they are one node's.
  std::optional<std::uint32_t> node_of(const CpuClaim& claim, std::uint32_t index) const;
  std::uint32_t node_count() const;  // with processors for this process
  // Where timers and the like run.
  const CpuSet& background() const { return background_; }
  std::uint32_t share_permille() const { return share_permille_; }
  // Thousandths of a processor that the system may use.
  std::uint64_t budget_permille() const;

 private:
  CpuPlan(Topology topology, const CpuOptions& options);

  // The processors that `request` comes to, out of the pool of `whose`.
  Result<CpuSet> choose(const CpuRequest& request, const CpuSet& pool, const char* whose) const;
  Result<CpuSet> pool_of(const DispatcherOptions& options) const;
  Result<void> isolate(const DispatcherOptions& options, CpuClaim& claim);
  Error not_in_pool(std::uint32_t cpu, const CpuSet& pool, const char* whose) const;

  Topology topology_;
  bool is_isolated_;
  bool keeps_background_ = false;  // nothing else runs there
  std::uint32_t share_permille_;
  CpuSet critical_;
  CpuSet background_;
  CpuSet taken_;  // by claims of an isolated system
};

}  // namespace actorcore::runtime

#endif  // ACTORCORE_RUNTIME_CPU_PLAN_H_
