#include "runtime/cpu_plan.h"

#include <algorithm>
#include <utility>

#include "runtime/dispatcher.h"

namespace actorcore::runtime {
namespace {

std::string or_none(const CpuSet& cpus) { return cpus.empty() ? "none" : cpus.text(); }

Error too_few(std::uint64_t wanted, const CpuSet& pool, const char* whose) {
  return Error(AC_E_LIMIT, std::string(whose) + ": " + std::to_string(wanted) +
                               " processors are wanted, and free for it are " + or_none(pool) +
                               "; ask for fewer, or keep fewer for others")
      .with("free", or_none(pool));
}

}  // namespace

// -- what a dispatcher has ------------------------------------------------------------------------

std::optional<std::uint32_t> CpuClaim::pin_of(std::uint32_t index) const {
  if (pins.empty()) return {};
  return pins[index % pins.size()];
}

Result<void> CpuClaim::apply(std::uint32_t index) const {
  CpuSet own = cpus;
  if (const auto pin = pin_of(index)) {
    own = CpuSet();
    own.add(*pin);
  }
  // Also where nothing was asked for: the thread that starts ours may itself be bound.
  if (Result<void> bound = bind_thread(own); !bound.ok() && is_asked_for) return bound;
  if (priority == 0) return {};
  Result<void> urgent = set_priority(priority);
  if (!urgent.ok() && is_priority_optional) return {};
  return urgent;
}

// -- the plan -------------------------------------------------------------------------------------

CpuPlan::CpuPlan(Topology topology, const CpuOptions& options)
    : topology_(std::move(topology)),
      is_isolated_(options.is_isolated),
      share_permille_(options.share_permille) {}

Result<CpuPlan> CpuPlan::make(Topology topology, const CpuOptions& options) {
  CpuPlan plan(std::move(topology), options);
  const CpuSet& allowed = plan.topology_.allowed;
  Result<CpuSet> background = plan.choose(options.background, allowed, "background_cpus");
  if (!background.ok()) return std::move(background).error();
  plan.keeps_background_ = !options.background.is_empty();
  if (plan.keeps_background_) plan.background_ = background.value();
  Result<CpuSet> critical =
      plan.choose(options.critical, allowed - plan.background_, "critical_cpus");
  if (!critical.ok()) return std::move(critical).error();
  if (!options.critical.is_empty()) plan.critical_ = critical.value();
  if ((allowed - plan.critical_ - plan.background_).empty()) {
    return Error(AC_E_LIMIT, "critical_cpus and background_cpus leave none of the processors " +
                                 allowed.text() + " for the other workers; keep fewer");
  }
  if (!plan.keeps_background_) plan.background_ = allowed - plan.critical_;
  return plan;
}

std::uint64_t CpuPlan::budget_permille() const {
  return std::max<std::uint64_t>(1, topology_.capacity_permille() * share_permille_ / 1'000);
}

std::optional<std::uint32_t> CpuPlan::node_of(const CpuClaim& claim, std::uint32_t index) const {
  if (const auto pin = claim.pin_of(index)) return topology_.node_of(*pin);
  const auto node = topology_.node_of(claim.cpus.next(0));
  if (!node || !(claim.cpus - topology_.nodes[*node]).empty()) return {};
  return node;
}

std::uint32_t CpuPlan::node_count() const {
  const auto has_some = [](const CpuSet& cpus) { return !cpus.empty(); };
  return static_cast<std::uint32_t>(
      std::count_if(topology_.nodes.begin(), topology_.nodes.end(), has_some));
}

Error CpuPlan::not_in_pool(std::uint32_t cpu, const CpuSet& pool, const char* whose) const {
  const std::string named = std::string(whose) + " names processor " + std::to_string(cpu);
  const auto refused = [&](std::string why) {
    return Error(AC_E_INVALID_ARGUMENT, named + why + "; it can have " + or_none(pool))
        .with("cpu", std::to_string(cpu))
        .with("allowed", or_none(pool));
  };
  if (!topology_.allowed.contains(cpu)) return refused(", which this process may not use");
  if (critical_.contains(cpu)) return refused(", which is kept for AC_DISPATCHER_CRITICAL");
  if (keeps_background_ && background_.contains(cpu))
    return refused(", which is in background_cpus");
  if (taken_.contains(cpu)) return refused(", which another dispatcher of an isolated system has");
  return refused(", which is not of the node or group that the dispatcher is to run on");
}

Result<CpuSet> CpuPlan::choose(const CpuRequest& request, const CpuSet& pool,
                               const char* whose) const {
  if (request.is_empty()) return pool;
  CpuSet chosen;
  for (const std::uint32_t cpu : request.cpus) {
    if (!pool.contains(cpu)) return not_in_pool(cpu, pool, whose);
    chosen.add(cpu);
  }
  if (!request.cpus.empty()) return chosen;
  if (request.count > pool.count()) return too_few(request.count, pool, whose);
  // From the end, for the first processors have most of the machine's own work.
  std::vector<std::uint32_t> order = topology_.spread(pool);
  for (std::uint64_t i = 0; i < request.count; ++i) chosen.add(order[order.size() - 1 - i]);
  return chosen;
}

// What the dispatcher may choose from.
Result<CpuSet> CpuPlan::pool_of(const DispatcherOptions& options) const {
  const bool is_critical = (options.flags & AC_DISPATCHER_CRITICAL) != 0;
  const bool is_background = (options.flags & AC_DISPATCHER_BACKGROUND) != 0;
  if (is_critical && is_background) {
    return Error(AC_E_INVALID_ARGUMENT, "a dispatcher is CRITICAL or BACKGROUND, not both");
  }
  if (is_critical && critical_.empty()) {
    return Error(AC_E_INVALID_ARGUMENT,
                 "AC_DISPATCHER_CRITICAL needs critical_cpus in the system's options");
  }
  if (is_background && is_isolated_ && !keeps_background_) {
    return Error(AC_E_INVALID_ARGUMENT,
                 "AC_DISPATCHER_BACKGROUND in an isolated system needs background_cpus");
  }
  CpuSet pool = topology_.allowed - critical_;
  if (keeps_background_) pool = pool - background_;
  if (is_critical) pool = critical_;
  if (is_background) pool = background_;
  if (!is_background) pool = pool - taken_;
  if (options.node == 0) return pool;
  const std::uint32_t node = options.node - 1;
  const bool is_there = node < topology_.nodes.size() && !topology_.nodes[node].empty();
  if (is_there && !(pool & topology_.nodes[node]).empty()) return pool & topology_.nodes[node];
  CpuSet nodes;
  for (std::uint32_t i = 0; i < topology_.nodes.size() && i < cpus_max; ++i) {
    if (!(pool & topology_.nodes[i]).empty()) nodes.add(i);
  }
  return Error(AC_E_INVALID_ARGUMENT,
               "node " + std::to_string(node) + " has no processor for this dispatcher; nodes " +
                   or_none(nodes) + " have (the option is the number plus one)")
      .with("nodes", or_none(nodes));
}

Result<CpuClaim> CpuPlan::claim(const DispatcherOptions& options) {
  Result<CpuSet> pool = pool_of(options);
  if (!pool.ok()) return std::move(pool).error();
  if (pool.value().empty()) return too_few(1, pool.value(), "the dispatcher");
  Result<CpuSet> cpus = choose(options.cpus, pool.value(), "cpus");
  if (!cpus.ok()) return std::move(cpus).error();
  CpuClaim claim;
  claim.cpus = cpus.value();
  claim.workers = options.workers;
  claim.priority = options.priority;
  claim.is_priority_optional = (options.flags & AC_DISPATCHER_PRIORITY_OPTIONAL) != 0;
  const bool is_inline = options.mode == AC_DISPATCHER_INLINE;
  if (claim.workers == 0 && is_inline) {
    const std::uint64_t most = (budget_permille() + 999) / 1'000;
    claim.workers = static_cast<std::uint32_t>(
        std::min<std::uint64_t>({claim.cpus.count(), most, workers_max}));
  }
  if (is_isolated_ && (options.flags & AC_DISPATCHER_BACKGROUND) == 0) {
    if (Result<void> alone = isolate(options, claim); !alone.ok()) return std::move(alone).error();
  }
  if (claim.workers == 0) claim.workers = attached_default;
  if ((options.flags & AC_DISPATCHER_PINNED) != 0) claim.pins = topology_.spread(claim.cpus);
  claim.is_asked_for = claim.cpus != topology_.allowed || !claim.pins.empty();
  return claim;
}

// Narrows the claim to as many processors as it has workers, and keeps them for it.
Result<void> CpuPlan::isolate(const DispatcherOptions& options, CpuClaim& claim) {
  if (claim.workers == 0) claim.workers = std::min(attached_default, claim.cpus.count());
  if (options.cpus.is_empty()) {
    if (claim.workers > claim.cpus.count()) {
      return too_few(claim.workers, claim.cpus, "the dispatcher of an isolated system");
    }
    const std::vector<std::uint32_t> order = topology_.spread(claim.cpus);
    claim.cpus = CpuSet();
    for (std::uint32_t i = 0; i < claim.workers; ++i) claim.cpus.add(order[i]);
  }
  taken_ = taken_ | claim.cpus;
  return {};
}

void CpuPlan::give_back(const CpuClaim& claim) {
  if (is_isolated_) taken_ = taken_ - claim.cpus;
}

}  // namespace actorcore::runtime
