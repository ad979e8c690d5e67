// With a seed the system is a function of it: order, time, random numbers and the trace.
#include <string.h>

#include "host.h"

enum { type_work = 1, actors = 20, log_max = 4000 };

// Actors pass values on to others picked by the system's random numbers; the order in which they
// handle them is logged.
struct net {
  struct host host;
  struct member {
    struct cell cell;  // first
    struct net* net;
    uint64_t index;
  } members[actors];
  uint64_t log[log_max];
  unsigned logged;
};

static ac_status on_work(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct member* self = (struct member*)cell;
  struct net* net = self->net;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const uint64_t value = value_of(activation->messages[i]);
    CHECK(net->logged < log_max);
    net->log[net->logged++] = self->index << 32 | value;
    if (value == 0) continue;
    uint64_t random;
    CHECK_OK(ac_system_random(turn->system, &random));
    CHECK_OK(send_value(turn, activation, net->members[random % actors].cell.actor, type_work,
                        value - 1));
  }
  return AC_OK;
}

static uint64_t run_net(struct net* net, enum mode mode, uint32_t workers, uint64_t seed) {
  const struct host_options options = {.mode = mode, .workers = workers, .seed = seed};
  memset(net, 0, sizeof *net);
  host_open(&net->host, options);
  for (unsigned i = 0; i < actors; ++i) {
    net->members[i].net = net;
    net->members[i].index = i;
    host_spawn(&net->host, &net->members[i].cell, on_work);
  }
  for (unsigned i = 0; i < actors; ++i) {
    host_tell(&net->host, net->members[i].cell.actor, type_work, 50);
  }
  host_settle(&net->host);
  CHECK_EQ(51 * actors, net->logged);
  uint64_t hash;
  CHECK_OK(ac_system_trace_hash(net->host.system, &hash));
  host_close(&net->host);
  return hash;
}

static struct net first, again;

static void expect_same(enum mode mode, uint32_t workers) {
  const uint64_t hash = run_net(&first, mode_inline, 1, 12345);
  CHECK_EQ(hash, run_net(&again, mode, workers, 12345));
  CHECK(memcmp(first.log, again.log, sizeof first.log) == 0);
}

TEST(the_same_seed_gives_the_same_order_and_hash_inline) { expect_same(mode_inline, 1); }
TEST(the_same_seed_gives_the_same_order_and_hash_with_four_workers) { expect_same(mode_inline, 4); }
TEST(the_same_seed_gives_the_same_order_and_hash_attached) { expect_same(mode_attached, 1); }
TEST(the_same_seed_gives_the_same_order_and_hash_stepped) { expect_same(mode_caller, 1); }

TEST(another_seed_gives_another_order) {
  const uint64_t hash = run_net(&first, mode_inline, 1, 1);
  for (uint64_t seed = 2; seed < 6; ++seed) {
    CHECK(hash != run_net(&again, mode_inline, 1, seed));
    CHECK(memcmp(first.log, again.log, sizeof first.log) != 0);
  }
}

static ac_system seeded(uint64_t seed) {
  const ac_system_options options = {
      .struct_size = sizeof options, .flags = AC_SYSTEM_SEEDED, .seed = seed};
  ac_system system;
  CHECK_OK(ac_system_create(&options, &system, NULL));
  return system;
}

TEST(random_numbers_come_from_the_seed) {
  const ac_system one = seeded(3), same = seeded(3), other = seeded(4);
  unsigned different = 0;
  for (unsigned i = 0; i < 100; ++i) {
    uint64_t a, b, c;
    CHECK_OK(ac_system_random(one, &a));
    CHECK_OK(ac_system_random(same, &b));
    CHECK_OK(ac_system_random(other, &c));
    CHECK_EQ(a, b);
    different += a != c;
  }
  CHECK(different > 90);
  ac_system_release(one);
  ac_system_release(same);
  ac_system_release(other);
}

TEST(virtual_time_starts_at_zero_and_stands_still_without_a_timer) {
  const ac_system system = seeded(1);
  uint64_t now;
  CHECK_OK(ac_system_now(system, &now));
  CHECK_EQ(0, now);
  CHECK_OK(ac_system_settle(system, patience));
  CHECK_OK(ac_system_now(system, &now));
  CHECK_EQ(0, now);
  ac_system_release(system);
}

TEST(the_trace_is_of_seeded_systems_only) {
  ac_system system;
  uint64_t hash;
  CHECK_OK(ac_system_create(NULL, &system, NULL));
  CHECK_STATUS(AC_E_WRONG_MODE, ac_system_trace_hash(system, &hash));
  ac_system_release(system);
}

TEST(a_seeded_system_takes_one_worker) {
  const ac_system system = seeded(1);
  const ac_dispatcher_options options = {.struct_size = sizeof options,
                                         .mode = AC_DISPATCHER_ATTACHED};
  ac_dispatcher dispatcher, other;
  ac_worker worker, refused;
  CHECK_OK(ac_dispatcher_create(system, &options, &dispatcher, NULL));
  CHECK_OK(ac_dispatcher_create(system, &options, &other, NULL));
  CHECK_OK(ac_worker_attach(dispatcher, 0, &worker, NULL));
  CHECK(ac_worker_attach(dispatcher, 0, &refused, NULL) != AC_OK);
  CHECK(ac_worker_attach(other, 0, &refused, NULL) != AC_OK);
  ac_worker_release(worker);
  CHECK_OK(ac_worker_attach(other, 0, &worker, NULL));
  ac_worker_release(worker);
  ac_system_release(system);
}

struct idler {
  struct cell cell;  // first
  unsigned seen;
};

static ac_status on_idle(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)turn;
  ((struct idler*)cell)->seen += activation->count;
  return AC_OK;
}

TEST(a_run_of_a_seeded_caller_waits_on_virtual_time) {
  struct host host;
  struct idler idler = {.seen = 0};
  const uint64_t ms = UINT64_C(1000000);
  uint64_t now, ran;
  ac_worker worker;
  host_open(&host, (struct host_options){.mode = mode_caller, .seed = 1});
  const ac_timer_options timer = {.struct_size = sizeof timer,
                                  .to = host_spawn(&host, &idler.cell, on_idle),
                                  .type = type_work,
                                  .delay_ns = 10 * ms,
                                  .period_ns = 10 * ms};
  host_settle(&host);
  const unsigned before = idler.seen;
  CHECK_OK(ac_timer_start(host.system, &timer, NULL, NULL));
  CHECK_OK(ac_worker_attach(host.dispatcher, 0, &worker, NULL));
  CHECK_STATUS(AC_E_TIMEOUT, ac_worker_run(worker, 0, 0, NULL));
  CHECK_OK(ac_system_now(host.system, &now));
  CHECK_EQ(0, now);
  CHECK_STATUS(AC_E_TIMEOUT, ac_worker_run(worker, 4 * ms, 0, NULL));
  CHECK_OK(ac_system_now(host.system, &now));
  CHECK_EQ(4 * ms, now);
  CHECK_OK(ac_worker_run(worker, 7 * ms, 0, &ran));
  CHECK_OK(ac_system_now(host.system, &now));
  CHECK_EQ(10 * ms, now);
  CHECK_OK(ac_worker_run(worker, AC_TIMEOUT_NEVER, 0, &ran));
  CHECK_OK(ac_system_now(host.system, &now));
  CHECK_EQ(20 * ms, now);
  CHECK_EQ(1, ran);
  CHECK_EQ(before + 2, idler.seen);
  ac_worker_release(worker);
  host_close(&host);
}

TEST(a_seeded_system_stands_still_until_it_is_driven) {
  struct host host;
  struct idler idler = {.seen = 0};
  const struct host_options options = {.mode = mode_inline, .seed = 1};
  host_open(&host, options);
  const ac_actor actor = host_spawn(&host, &idler.cell, on_idle);
  for (unsigned i = 0; i < 10; ++i) host_tell(&host, actor, type_work, i);
  CHECK_EQ(10, host_ledger(&host).queued);
  CHECK_EQ(0, idler.seen);
  host_settle(&host);
  CHECK_EQ(10, idler.seen);
  host_close(&host);
}
