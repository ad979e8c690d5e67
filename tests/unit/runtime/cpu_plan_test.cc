#include "runtime/cpu_plan.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "runtime/dispatcher.h"

namespace actorcore::runtime {
namespace {

CpuSet set(std::string_view list) { return CpuSet::parse(list).value_or(CpuSet()); }

// Two nodes of four processors each.
Topology eight() {
  Topology topology;
  topology.allowed = set("0-7");
  topology.nodes = {set("0-3"), set("4-7")};
  for (std::uint32_t cpu = 0; cpu < cpus_max; ++cpu) topology.core.push_back(cpu);
  return topology;
}

CpuPlan plan_of(const CpuOptions& options, Topology topology = eight()) {
  Result<CpuPlan> plan = CpuPlan::make(std::move(topology), options);
  EXPECT_TRUE(plan.ok());
  return std::move(plan).value();
}

DispatcherOptions options_of(std::uint32_t workers, std::uint32_t flags = 0) {
  DispatcherOptions options;
  options.workers = workers;
  options.flags = flags;
  return options;
}

std::string cpus_of(CpuPlan& plan, const DispatcherOptions& options) {
  const Result<CpuClaim> claim = plan.claim(options);
  return claim.ok() ? claim.value().cpus.text() : claim.error().message;
}

void expect_refused(std::int32_t code, const char* part, CpuPlan& plan,
                    const DispatcherOptions& options) {
  const Result<CpuClaim> claim = plan.claim(options);
  ASSERT_FALSE(claim.ok()) << claim.value().cpus.text();
  EXPECT_EQ(code, claim.error().code);
  EXPECT_NE(std::string::npos, claim.error().message.find(part)) << claim.error().message;
}

TEST(CpuPlan, WithoutWishesEveryoneRunsEverywhere) {
  CpuPlan plan = plan_of({});
  const CpuClaim claim = plan.claim(options_of(0)).value();
  EXPECT_EQ("0-7", claim.cpus.text());
  EXPECT_EQ(8u, claim.workers);
  EXPECT_FALSE(claim.moves_threads());
  EXPECT_EQ("0-7", plan.background().text());
  EXPECT_EQ(2u, plan.node_count());
  EXPECT_EQ(std::nullopt, plan.node_of(claim, 0));
}

TEST(CpuPlan, CriticalBackgroundAndTheRestAreApart) {
  CpuOptions options;
  options.critical.count = 2;
  options.background.count = 1;  // from the end
  CpuPlan plan = plan_of(options);
  EXPECT_EQ("7", plan.background().text());
  EXPECT_EQ("5-6", cpus_of(plan, options_of(0, AC_DISPATCHER_CRITICAL)));
  EXPECT_EQ("0-4", cpus_of(plan, options_of(0)));
  EXPECT_TRUE(plan.claim(options_of(0)).value().moves_threads());
}

TEST(CpuPlan, AQuotaAndAShareSayHowManyWorkersThereAre) {
  Topology topology = eight();
  topology.quota_permille = 2'500;
  CpuPlan quota = plan_of({}, topology);
  EXPECT_EQ(3u, quota.claim(options_of(0)).value().workers);
  CpuOptions options;
  options.share_permille = 300;
  CpuPlan share = plan_of(options, topology);
  EXPECT_EQ(750u, share.budget_permille());
  EXPECT_EQ(1u, share.claim(options_of(0)).value().workers);
  EXPECT_EQ(5u, share.claim(options_of(5)).value().workers) << "a number that is given stands";
}

TEST(CpuPlan, PinnedWorkersGoRound) {
  CpuPlan plan = plan_of({});
  DispatcherOptions options = options_of(3, AC_DISPATCHER_PINNED);
  options.cpus.cpus = {5, 1};
  const CpuClaim claim = plan.claim(options).value();
  EXPECT_EQ(1u, claim.pin_of(0));
  EXPECT_EQ(5u, claim.pin_of(1));
  EXPECT_EQ(1u, claim.pin_of(2));
  EXPECT_EQ(0u, plan.node_of(claim, 0));
  EXPECT_EQ(1u, plan.node_of(claim, 1));
}

TEST(CpuPlan, ANodesDispatcherStaysThere) {
  CpuPlan plan = plan_of({});
  DispatcherOptions options = options_of(0);
  options.node = 2;
  const CpuClaim claim = plan.claim(options).value();
  EXPECT_EQ("4-7", claim.cpus.text());
  EXPECT_EQ(4u, claim.workers);
  EXPECT_EQ(1u, plan.node_of(claim, 0));
  options.cpus.cpus = {3};
  expect_refused(AC_E_INVALID_ARGUMENT, "it can have 4-7", plan, options);
  options.node = 3;
  expect_refused(AC_E_INVALID_ARGUMENT, "nodes 0-1 have", plan, options);
}

TEST(CpuPlan, WhatIsKeptForOthersIsRefused) {
  CpuOptions options;
  options.critical.cpus = {7};
  options.background.cpus = {0};
  CpuPlan plan = plan_of(options);
  EXPECT_EQ("1-6", cpus_of(plan, options_of(1)));
  EXPECT_EQ("7", cpus_of(plan, options_of(1, AC_DISPATCHER_CRITICAL)));
  EXPECT_EQ("0", cpus_of(plan, options_of(1, AC_DISPATCHER_BACKGROUND)));
  DispatcherOptions named = options_of(1);
  named.cpus.cpus = {7};
  expect_refused(AC_E_INVALID_ARGUMENT, "kept for AC_DISPATCHER_CRITICAL", plan, named);
  named.cpus.cpus = {0};
  expect_refused(AC_E_INVALID_ARGUMENT, "in background_cpus", plan, named);
  named.cpus.cpus = {8};
  expect_refused(AC_E_INVALID_ARGUMENT, "may not use; it can have 1-6", plan, named);
  named.cpus.cpus = {UINT32_MAX};
  expect_refused(AC_E_INVALID_ARGUMENT, "may not use", plan, named);
  named.cpus = {{}, 7};
  expect_refused(AC_E_LIMIT, "7 processors are wanted", plan, named);
  expect_refused(AC_E_INVALID_ARGUMENT, "not both", plan,
                 options_of(1, AC_DISPATCHER_CRITICAL | AC_DISPATCHER_BACKGROUND));
}

TEST(CpuPlan, CriticalNeedsProcessorsOfItsOwnAndLeavesSome) {
  CpuPlan plan = plan_of({});
  expect_refused(AC_E_INVALID_ARGUMENT, "needs critical_cpus", plan,
                 options_of(1, AC_DISPATCHER_CRITICAL));
  CpuOptions all;
  all.critical.count = 8;
  const Result<CpuPlan> none_left = CpuPlan::make(eight(), all);
  ASSERT_FALSE(none_left.ok());
  EXPECT_EQ(AC_E_LIMIT, none_left.error().code);
  all.critical.count = 9;
  EXPECT_FALSE(CpuPlan::make(eight(), all).ok());
  CpuOptions both;
  both.critical.cpus = {1};
  both.background.cpus = {1};
  EXPECT_FALSE(CpuPlan::make(eight(), both).ok()) << "one processor cannot be kept for two";
}

TEST(CpuPlan, AnIsolatedSystemsDispatchersShareNothing) {
  CpuOptions options;
  options.is_isolated = true;
  options.background.cpus = {0};
  CpuPlan plan = plan_of(options);
  const CpuClaim first = plan.claim(options_of(3)).value();
  EXPECT_EQ("1-3", first.cpus.text());
  EXPECT_EQ("4-5", cpus_of(plan, options_of(2)));
  EXPECT_EQ("0", cpus_of(plan, options_of(1, AC_DISPATCHER_BACKGROUND)));
  EXPECT_EQ("0", cpus_of(plan, options_of(1, AC_DISPATCHER_BACKGROUND)));
  expect_refused(AC_E_LIMIT, "3 processors are wanted, and free for it are 6-7", plan,
                 options_of(3));
  DispatcherOptions taken = options_of(1);
  taken.cpus.cpus = {2};
  expect_refused(AC_E_INVALID_ARGUMENT, "another dispatcher of an isolated system", plan, taken);
  const CpuClaim rest = plan.claim(options_of(0)).value();
  EXPECT_EQ("6-7", rest.cpus.text());
  EXPECT_EQ(2u, rest.workers);
  expect_refused(AC_E_LIMIT, "free for it are none", plan, options_of(1));
  plan.give_back(first);
  EXPECT_EQ("2", cpus_of(plan, taken));
}

}  // namespace
}  // namespace actorcore::runtime
