#include "runtime/cpu_share.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "runtime/worker_usage.h"

namespace actorcore::runtime {
namespace {

constexpr std::uint64_t ms = 1'000'000;

TEST(CpuShare, WhatIsUsedWithinTheBudgetCostsNoRest) {
  CpuShare share(500);
  std::uint64_t now = 1'000 * ms;
  for (int i = 0; i < 100; ++i, now += 10 * ms) EXPECT_EQ(0u, share.charge(5 * ms, now)) << i;
}

TEST(CpuShare, ABusyWorkerGetsItsBudgetOverTime) {
  CpuShare share(250);
  const std::uint64_t start = 1'000 * ms;
  std::uint64_t now = start;
  std::uint64_t used = 0;
  while (now < start + 10'000 * ms) {  // it works a millisecond at a time, and rests when told
    now += ms;
    used += ms;
    const std::uint64_t until = share.charge(ms, now);
    if (until != 0) now = until;
  }
  EXPECT_LE(used, 2'500 * ms + 25 * ms + ms);
  EXPECT_GE(used, 2'400 * ms);
}

TEST(CpuShare, OneLongTurnIsMadeGood) {
  CpuShare share(100);
  const std::uint64_t now = 5'000 * ms;
  // A window's worth was saved; the other 90 ms take 900.
  EXPECT_EQ(now + 900 * ms + CpuShare::rest_ns, share.charge(100 * ms, now));
  EXPECT_NE(0u, share.charge(ms, now + 500 * ms)) << "and another worker waits as well";
}

TEST(CpuShare, WhoRestsIsWokenByALiftAndByAnInterrupt) {
  CpuShare share(1);
  std::atomic<bool> interrupted{false};
  std::thread first([&] { share.rest(UINT64_MAX, [&] { return interrupted.load(); }); });
  interrupted = true;
  share.wake();
  first.join();
  std::thread second([&] { share.rest(UINT64_MAX, [] { return false; }); });
  share.lift();
  second.join();
}

TEST(WorkerUsage, ItIsBusyWhenItIsNotParked) {
  WorkerUsage usage;
  Counters counters;
  counters.turns.add(5);
  usage.begin(3, 0, true, counters);
  counters.turns.add(2);
  ac_worker_stats before{}, parked{}, after{};
  usage.read(counters, before);
  EXPECT_EQ(4u, before.cpu);
  EXPECT_EQ(1u, before.node);
  EXPECT_EQ(2u, before.turns) << "since it began";
  EXPECT_EQ(0u, before.parked_ns);
  usage.park();
  usage.read(counters, parked);
  do {
    usage.read(counters, after);
  } while (after.parked_ns == parked.parked_ns);
  EXPECT_EQ(parked.busy_ns, after.busy_ns) << "asleep";
  usage.unpark();
  usage.read(counters, parked);
  do {
    usage.read(counters, after);
  } while (after.busy_ns == parked.busy_ns);
  EXPECT_EQ(parked.parked_ns, after.parked_ns) << "awake";
  usage.end();
  usage.read(counters, parked);
  usage.read(counters, after);
  EXPECT_EQ(parked.busy_ns, after.busy_ns) << "ended";
  EXPECT_GE(parked.cpu_ns, before.cpu_ns);
}

}  // namespace
}  // namespace actorcore::runtime
