#include "base/cpu.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/process.h"

namespace actorcore {
namespace {

CpuSet set(std::string_view list) { return CpuSet::parse(list).value_or(CpuSet()); }

// A root folder with what the kernel says of a machine.
class Machine {
 public:
  Machine()
      : root_(testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(root_);
  }
  ~Machine() { std::filesystem::remove_all(root_); }
  void says(const std::string& path, const std::string& text) const {
    const std::filesystem::path file(root_ + path);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text << '\n';
  }
  void has_core(const std::string& siblings) const {
    const CpuSet cpus = set(siblings);
    for (std::uint32_t cpu = cpus.next(0); cpu < cpus_max; cpu = cpus.next(cpu + 1)) {
      says("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list",
           siblings);
    }
  }
  Topology read(std::string_view allowed) const { return read_topology(root_, set(allowed)); }

 private:
  std::string root_;
};

TEST(Cpu, SetsAreReadAndWrittenAsTheKernelDoes) {
  EXPECT_EQ("0-3,8,10-11", set("0-3,8,10,11").text());
  EXPECT_EQ("0-1023", set("0-1023").text());
  EXPECT_EQ("5", set("5-5").text());
  for (const char* list : {"", "a", "3-1", "1,,2", "1;2", "-1", "4096"}) {
    EXPECT_FALSE(CpuSet::parse(list)) << list;
  }
}

TEST(Cpu, TwoNodesWithTwoThreadsACoreAreTold) {
  const Machine machine;
  machine.says("/sys/devices/system/cpu/online", "0-7");
  machine.says("/sys/devices/system/node/online", "0-1");
  machine.says("/sys/devices/system/node/node0/cpulist", "0-1,4-5");
  machine.says("/sys/devices/system/node/node1/cpulist", "2-3,6-7");
  for (const char* core : {"0,4", "1,5", "2,6", "3,7"}) machine.has_core(core);
  const Topology topology = machine.read("0-7,9");
  EXPECT_EQ("0-7", topology.allowed.text()) << "9 is not online";
  ASSERT_EQ(2u, topology.nodes.size());
  EXPECT_EQ("2-3,6-7", topology.nodes[1].text());
  EXPECT_EQ(1u, topology.node_of(6));
  EXPECT_EQ(std::nullopt, topology.node_of(9));
  const std::vector<std::uint32_t> cores_first{0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(cores_first, topology.spread(topology.allowed));
  const std::vector<std::uint32_t> of_two_cores{0, 2, 4, 6};
  EXPECT_EQ(of_two_cores, topology.spread(set("0,2,4,6")));
  EXPECT_EQ(8'000u, topology.capacity_permille());
}

TEST(Cpu, SiblingsThatAreNeighboursAreNotTwoCores) {
  const Machine machine;
  for (const char* core : {"0-1", "2-3"}) machine.has_core(core);
  const std::vector<std::uint32_t> order{0, 2, 1, 3};
  EXPECT_EQ(order, machine.read("0-3").spread(set("0-3")));
}

TEST(Cpu, AMachineThatTellsNothingIsOneNode) {
  const Machine machine;
  const Topology topology = machine.read("0-1");
  EXPECT_EQ("0-1", topology.allowed.text());
  ASSERT_EQ(1u, topology.nodes.size());
  EXPECT_EQ(topology.allowed, topology.nodes[0]);
  EXPECT_EQ(2'000u, topology.capacity_permille());
  EXPECT_EQ(1u, machine.read("").allowed.count()) << "a thread runs somewhere";
}

TEST(Cpu, ANodeNumberMayBeMissing) {
  const Machine machine;
  machine.says("/sys/devices/system/node/online", "0,8");
  machine.says("/sys/devices/system/node/node0/cpulist", "0-3");
  machine.says("/sys/devices/system/node/node8/cpulist", "");
  const Topology topology = machine.read("0-1");
  ASSERT_EQ(9u, topology.nodes.size());
  EXPECT_EQ("0-1", topology.nodes[0].text());
  EXPECT_TRUE(topology.nodes[8].empty()) << "memory without processors";
}

TEST(Cpu, TheTightestQuotaOfBothVersionsOfControlGroupsCounts) {
  const Machine machine;
  machine.says("/proc/self/cgroup", "4:memory:/a\n3:cpu,cpuacct:/a/b\n0::/c/d");
  EXPECT_EQ(4'000u, machine.read("0-3").capacity_permille()) << "no quota";
  machine.says("/sys/fs/cgroup/c/d/cpu.max", "max 100000");
  EXPECT_EQ(4'000u, machine.read("0-3").capacity_permille());
  machine.says("/sys/fs/cgroup/c/cpu.max", "150000 100000");
  EXPECT_EQ(1'500u, machine.read("0-3").capacity_permille()) << "of the group above";
  machine.says("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1");
  machine.says("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "50000");
  EXPECT_EQ(1'500u, machine.read("0-3").capacity_permille());
  machine.says("/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "25000");
  EXPECT_EQ(500u, machine.read("0-3").capacity_permille());
}

TEST(Cpu, AThreadIsBoundAndGivenBack) {
  const CpuSet allowed = thread_cpus();
  ASSERT_FALSE(allowed.empty());
  std::thread([&] {
    const Scheduling before = thread_scheduling();
    CpuSet one;
    one.add(allowed.next(0));
    ASSERT_TRUE(bind_thread(one).ok());
    EXPECT_EQ(one, thread_cpus());
    restore(before);
    EXPECT_EQ(allowed, thread_cpus());
    EXPECT_EQ(before.policy, thread_scheduling().policy);
  }).join();
}

TEST(Cpu, BindingToNothingSaysWhatToDo) {
  const Result<void> bound = bind_thread(CpuSet());
  ASSERT_FALSE(bound.ok());
  EXPECT_EQ(AC_E_UNSUPPORTED, bound.error().code);
  EXPECT_NE(std::string::npos, bound.error().message.find("sched_setaffinity"));
}

TEST(Process, AThreadsNameMayHaveBlanksAndBrackets) {
  const std::string_view stat = "7 (a) b (c) S 3 4";
  EXPECT_EQ(3u, field_of_stat(stat, 4));
  EXPECT_EQ(4u, field_of_stat(stat, 5));
  EXPECT_EQ(0u, field_of_stat(stat, 6));
  EXPECT_EQ(0u, field_of_stat("", 4));
}

TEST(Process, WhatIsUsedIsTold) {
  const ProcessUsage usage = process_usage();
  EXPECT_GE(usage.threads, 1u);
  EXPECT_GT(usage.resident_bytes, 100'000u);
  EXPECT_GE(usage.peak_bytes, usage.resident_bytes);
}

}  // namespace
}  // namespace actorcore
