#include "base/cpu.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <tuple>

#include "base/file.h"

namespace actorcore {
namespace {

static_assert(cpus_max == CPU_SETSIZE);

// A file's first line; empty when it cannot be read, which the kernel may have good reasons for.
std::string line_of(const std::string& path) {
  Result<std::string> text = read_file(path);
  if (!text.ok()) return {};
  return text.value().substr(0, text.value().find('\n'));
}

std::optional<CpuSet> list_of(const std::string& path) { return CpuSet::parse(line_of(path)); }

bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// A quota of `limit` microseconds in each `period`, if these are numbers.
std::uint64_t permille_of(std::string_view limit, std::string_view period) {
  std::uint64_t runs = 0;
  std::uint64_t of = 0;
  if (!take_number(limit, runs) || !take_number(period, of) || of == 0) return 0;
  return std::max<std::uint64_t>(1, runs * 1'000 / of);
}

// Of version 2's `cpu.max` or version 1's pair of files; 0 is none, "max" and -1 among them.
std::uint64_t quota_in(const std::string& group) {
  const std::string both = line_of(group + "/cpu.max");
  if (const std::size_t space = both.find(' '); space != std::string::npos) {
    return permille_of(both, std::string_view(both).substr(space + 1));
  }
  return permille_of(line_of(group + "/cpu.cfs_quota_us"), line_of(group + "/cpu.cfs_period_us"));
}

// The tightest of a group and those above it.
std::uint64_t quota_below(const std::string& mount, std::string group) {
  if (group.find("..") != std::string::npos) group.clear();  // outside of what we can see
  std::uint64_t least = 0;
  for (;;) {
    const std::uint64_t quota = quota_in(mount + group);
    if (quota != 0 && (least == 0 || quota < least)) least = quota;
    if (group.empty()) return least;
    group.erase(group.rfind('/'));
  }
}

// Lines of /proc/self/cgroup are `number:controllers:path`.
std::uint64_t read_quota(const std::string& root) {
  Result<std::string> text = read_file(root + "/proc/self/cgroup");
  if (!text.ok()) return 0;
  std::uint64_t least = 0;
  std::string_view rest = text.value();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string controllers(line.substr(first + 1, second - first - 1));
    std::string group(line.substr(second + 1));
    if (group == "/") group.clear();
    const bool is_cpu = ("," + controllers + ",").find(",cpu,") != std::string::npos;
    if (!controllers.empty() && !is_cpu) continue;
    const std::string mounts = root + "/sys/fs/cgroup";
    for (const std::string& mount :
         {mounts, controllers.empty() ? mounts + "/unified" : mounts + "/" + controllers,
          mounts + "/cpu"}) {
      const std::uint64_t quota = quota_below(mount, group);
      if (quota != 0 && (least == 0 || quota < least)) least = quota;
    }
  }
  return least;
}

std::string why(int reason) { return std::generic_category().message(reason); }

}  // namespace

std::optional<CpuSet> CpuSet::parse(std::string_view list) {
  CpuSet set;
  while (!list.empty()) {
    std::uint64_t first = 0;
    if (!take_number(list, first)) return {};
    std::uint64_t last = first;
    if (list.starts_with('-')) {
      list.remove_prefix(1);
      if (!take_number(list, last)) return {};
    }
    if (first > last) return {};
    for (; first <= last && first < cpus_max; ++first) set.add(static_cast<std::uint32_t>(first));
    if (list.empty()) break;
    if (!list.starts_with(',')) return {};
    list.remove_prefix(1);
  }
  return set.empty() ? std::nullopt : std::optional(set);
}

std::string CpuSet::text() const {
  std::string list;
  for (std::uint32_t cpu = next(0); cpu < cpus_max; cpu = next(cpu)) {
    const std::uint32_t first = cpu;
    while (contains(cpu)) ++cpu;
    list += (list.empty() ? "" : ",") + std::to_string(first);
    if (cpu - first > 1) list += "-" + std::to_string(cpu - 1);
  }
  return list;
}

std::uint64_t Topology::capacity_permille() const {
  const std::uint64_t all = std::uint64_t{1'000} * allowed.count();
  return quota_permille == 0 ? all : std::min(all, quota_permille);
}

std::optional<std::uint32_t> Topology::node_of(std::uint32_t cpu) const {
  const auto node = std::find_if(nodes.begin(), nodes.end(),
                                 [cpu](const CpuSet& cpus) { return cpus.contains(cpu); });
  if (node == nodes.end()) return {};
  return static_cast<std::uint32_t>(node - nodes.begin());
}

std::vector<std::uint32_t> Topology::spread(const CpuSet& set) const {
  struct Seat {
    std::uint32_t rank, node, cpu;  // rank: how many of its core come before
    auto operator<=>(const Seat&) const = default;
  };
  std::vector<Seat> seats;
  for (std::uint32_t cpu = set.next(0); cpu < cpus_max; cpu = set.next(cpu + 1)) {
    const auto of_core = std::count_if(seats.begin(), seats.end(), [&](const Seat& other) {
      return core[other.cpu] == core[cpu];
    });
    seats.push_back({static_cast<std::uint32_t>(of_core), node_of(cpu).value_or(cpus_max), cpu});
  }
  std::sort(seats.begin(), seats.end());
  std::vector<std::uint32_t> order;
  for (const Seat& seat : seats) order.push_back(seat.cpu);
  return order;
}

Topology read_topology(const std::string& root, const CpuSet& allowed) {
  const std::string cpus = root + "/sys/devices/system/cpu";
  const std::string nodes = root + "/sys/devices/system/node";
  Topology topology;
  topology.allowed = allowed;
  const CpuSet online = list_of(cpus + "/online").value_or(allowed) & allowed;
  if (!online.empty()) topology.allowed = online;
  if (topology.allowed.empty()) topology.allowed.add(0);
  topology.core.resize(cpus_max);
  const CpuSet& usable = topology.allowed;
  for (std::uint32_t cpu = usable.next(0); cpu < cpus_max; cpu = usable.next(cpu + 1)) {
    const std::string folder = cpus + "/cpu" + std::to_string(cpu) + "/topology";
    const auto siblings = list_of(folder + "/thread_siblings_list");  // the older name, still there
    topology.core[cpu] = siblings ? siblings->next(0) : cpu;
  }
  CpuSet placed;
  const CpuSet numbers = list_of(nodes + "/online").value_or(CpuSet());
  for (std::uint32_t node = numbers.next(0); node < cpus_max; node = numbers.next(node + 1)) {
    const auto of_node = list_of(nodes + "/node" + std::to_string(node) + "/cpulist");
    topology.nodes.resize(node + 1);
    topology.nodes[node] = of_node.value_or(CpuSet()) & usable;
    placed = placed | topology.nodes[node];
  }
  if (placed.empty()) topology.nodes = {usable};
  topology.quota_permille = read_quota(root);
  return topology;
}

CpuSet thread_cpus() {
  cpu_set_t got;
  CPU_ZERO(&got);
  CpuSet set;
  if (sched_getaffinity(0, sizeof got, &got) != 0) return set;  // a machine beyond cpus_max
  for (std::uint32_t cpu = 0; cpu < cpus_max; ++cpu) {
    if (CPU_ISSET(cpu, &got)) set.add(cpu);
  }
  return set;
}

Result<void> bind_thread(const CpuSet& cpus) {
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  for (std::uint32_t cpu = cpus.next(0); cpu < cpus_max; cpu = cpus.next(cpu + 1)) {
    CPU_SET(cpu, &wanted);
  }
  if (sched_setaffinity(0, sizeof wanted, &wanted) == 0) return {};
  const int reason = errno;
  return Error(AC_E_UNSUPPORTED, "the system does not let a thread be bound to processors " +
                                     cpus.text() + " (" + why(reason) +
                                     "); allow sched_setaffinity, or ask for no processors");
}

Result<void> set_priority(std::uint32_t priority) {
  sched_param wanted{};
  wanted.sched_priority = static_cast<int>(priority);
  if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &wanted) == 0) return {};
  const int reason = errno;
  rlimit limit{};
  getrlimit(RLIMIT_RTPRIO, &limit);
  return Error(AC_E_UNSUPPORTED,
               "the system refuses real-time priority " + std::to_string(priority) + " (" +
                   why(reason) + "); give the process CAP_SYS_NICE, or raise its limit, now " +
                   std::to_string(limit.rlim_cur) + ", with `ulimit -r " +
                   std::to_string(priority) + "` (and cpu.rt_runtime_us of its control group), " +
                   "or set AC_DISPATCHER_PRIORITY_OPTIONAL")
      .with("priority", std::to_string(priority));
}

Scheduling thread_scheduling() {
  sched_param now{};
  sched_getparam(0, &now);
  return {thread_cpus(), sched_getscheduler(0), now.sched_priority};
}

void restore(const Scheduling& scheduling) {
  sched_param wanted{};
  wanted.sched_priority = scheduling.priority;
  // What was set may only be cleared with the capability that setting it may not have needed.
  if (sched_setscheduler(0, scheduling.policy, &wanted) != 0) {
    sched_setscheduler(0, scheduling.policy | SCHED_RESET_ON_FORK, &wanted);
  }
  if (!scheduling.cpus.empty()) static_cast<void>(bind_thread(scheduling.cpus));
}

}  // namespace actorcore
