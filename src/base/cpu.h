// Cpu: the machine's processors, and where and how urgently a thread runs on them.
//
// Threads:    any; bind_thread, set_priority and the like are about the calling thread.
// Invariants: a Topology has at least one node and one allowed processor, whatever could be read:
//             what the kernel does not tell is taken for one node without a quota.
// Cost:       read_topology() reads a few files a processor; the rest is one system call each.
#ifndef ACTORCORE_BASE_CPU_H_
#define ACTORCORE_BASE_CPU_H_

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace actorcore {

inline constexpr std::uint32_t cpus_max = 1'024;  // as many as the kernel's own set has

// A set of processors, by number.
class CpuSet {
 public:
  CpuSet() = default;
  // A list as the kernel writes it, `0-3,8`; nothing when it is none.
  static std::optional<CpuSet> parse(std::string_view list);
  std::string text() const;

  bool contains(std::uint32_t cpu) const { return cpu < cpus_max && bits_[cpu]; }
  void add(std::uint32_t cpu) { bits_.set(cpu); }
  std::uint32_t count() const { return static_cast<std::uint32_t>(bits_.count()); }
  bool empty() const { return bits_.none(); }
  // The first at `from` or after; cpus_max when there is none.
  std::uint32_t next(std::uint32_t from) const {
    while (from < cpus_max && !bits_[from]) ++from;
    return from;
  }

  friend CpuSet operator&(CpuSet a, const CpuSet& b) { return a.bits_ &= b.bits_, a; }
  friend CpuSet operator|(CpuSet a, const CpuSet& b) { return a.bits_ |= b.bits_, a; }
  friend CpuSet operator-(CpuSet a, const CpuSet& b) { return a.bits_ &= ~b.bits_, a; }
  friend bool operator==(const CpuSet&, const CpuSet&) = default;

 private:
  std::bitset<cpus_max> bits_;
};

struct Topology {
  CpuSet allowed;                   // what this process may use
  std::vector<CpuSet> nodes;        // of these, by NUMA node; some may be empty
  std::vector<std::uint32_t> core;  // by processor: the first one of its core
  std::uint64_t quota_permille =
      0;  // of the control groups, in thousandths of a processor; 0: none

  // Thousandths of a processor that this process can have.
  std::uint64_t capacity_permille() const;
  // Whose node it is; nothing when it is no node's.
  std::optional<std::uint32_t> node_of(std::uint32_t cpu) const;
  // The set in the order in which threads go there: one of each core first, node by node.
  std::vector<std::uint32_t> spread(const CpuSet& set) const;
};

// Of what is below `root` (`/sys`, `/proc`); `allowed` is what the process may use.
Topology read_topology(const std::string& root, const CpuSet& allowed);
// What the calling thread may use, and with it those that it starts.
CpuSet thread_cpus();

// AC_E_UNSUPPORTED, with what to do about it, when the system does not let us.
Result<void> bind_thread(const CpuSet& cpus);
// First in, first out, at 1 to 99; threads that this one starts do not inherit it.
Result<void> set_priority(std::uint32_t priority);

// How a thread is scheduled, for one that is lent and given back.
struct Scheduling {
  CpuSet cpus;
  int policy = 0;
  int priority = 0;
};
Scheduling thread_scheduling();
void restore(const Scheduling& scheduling);

}  // namespace actorcore

#endif  // ACTORCORE_BASE_CPU_H_
