// The life of a family: restarts, ends and kills, from the children up; and that nothing gets lost.
#include "lives.h"

static void fail_while_restarting(struct host_options options) {
  struct host host;
  struct life boss = {.heard = 0};
  struct life first = {.fails_when = AC_TYPE_RESTARTING};
  struct life second = {.fails_when = AC_TYPE_RESTARTED};
  struct life third = {.fails_when = AC_TYPE_STARTED};
  host_open(&host, options);
  const ac_actor under = live_under(&host, &boss, nobody, AC_SUPERVISE_RESTART);
  tell_five(&host, live_under(&host, &first, under, 0));
  tell_five(&host, live_under(&host, &second, under, 0));
  tell_five(&host, live_under(&host, &third, under, 0));
  host_settle(&host);
  CHECK_LOG("Sww!rRww", first);
  CHECK_LOG("Sww!rRrRww", second);
  CHECK_LOG("SrRww!rRww", third);
  host_close(&host);
}

TEST(a_failure_in_each_step_of_a_life_loses_nothing) { in_every_mode(fail_while_restarting); }

static void restart_family(struct host_options options) {
  for (int keeps = 0; keeps < 2; ++keeps) {
    struct host host;
    struct life boss = {.heard = 0}, middle = {.heard = 0}, child = {.heard = 0};
    host_open(&host, options);
    const ac_actor above = live_under(&host, &boss, nobody, AC_SUPERVISE_RESTART);
    const ac_spawn_options of_middle = {.flags = every_hook | (keeps ? AC_SPAWN_KEEP_CHILDREN : 0),
                                        .supervisor = above};
    const ac_actor under = host_spawn_with(&host, &middle.cell, live, of_middle);
    live_under(&host, &child, under, 0);
    host_settle(&host);
    CHECK_OK(ac_actor_restart(host.system, under));
    host_settle(&host);
    CHECK_LOG("SrR", middle);
    CHECK_LOG(keeps ? "S" : "StT", child);
    host_tell(&host, under, AC_TYPE_RESTART, 0);
    host_tell(&host, under, type_work, 0);
    host_settle(&host);
    CHECK_LOG("SrRrRw", middle);
    host_close(&host);
  }
}

TEST(a_restart_stops_the_children_first_unless_they_are_kept) { in_every_mode(restart_family); }

static void kill_family(struct host_options options) {
  for (int by_message = 0; by_message < 2; ++by_message) {
    struct host host;
    struct life boss = {.heard = 0}, child = {.heard = 0};
    host_open(&host, options);
    const ac_actor under = live_under(&host, &boss, nobody, AC_SUPERVISE_RESTART);
    const ac_actor actor = live_under(&host, &child, under, 0);
    host_settle(&host);
    if (by_message) {
      host_tell(&host, under, AC_TYPE_KILL, 0);
    } else {
      CHECK_OK(ac_actor_stop(host.system, under, AC_STOP_KILL));
    }
    host_settle(&host);
    // For want of a destroy there is a STOPPED with a flag, which says so.
    CHECK_LOG(options.mode == mode_attached ? "Sk" : "S", boss);
    CHECK_LOG(options.mode == mode_attached ? "Sk" : "S", child);
    CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, actor));
    host_close(&host);  // checks that both were destroyed
  }
}

TEST(a_killed_actor_hears_nothing_nor_do_its_children) { in_every_mode(kill_family); }

static void look_at_family(struct host_options options) {
  struct family f;
  open_family(&f, options, AC_SUPERVISE_STOP);
  ac_actor ids[3], supervisor;
  uint64_t count;
  CHECK_OK(ac_actor_children(f.host.system, f.under, ids, 2, &count));
  CHECK_EQ(3, count);
  CHECK_EQ(f.ids[0].bits, ids[0].bits);
  CHECK_EQ(f.ids[1].bits, ids[1].bits);
  CHECK_OK(ac_actor_supervisor(f.host.system, f.ids[2], &supervisor));
  CHECK_EQ(f.under.bits, supervisor.bits);
  CHECK_OK(ac_actor_supervisor(f.host.system, f.under, &supervisor));
  CHECK_EQ(0, supervisor.bits);
  const ac_supervision resume = {.strategy = AC_SUPERVISE_RESUME};
  CHECK_OK(ac_actor_supervise(f.host.system, f.under, &resume, NULL));
  fail_the_second(&f);
  CHECK_LOG("S!", f.children[1]);
  CHECK_OK(ac_actor_stop(f.host.system, f.under, 0));
  host_settle(&f.host);
  for (int i = 0; i < 3; ++i) CHECK(f.children[i].stopped < f.boss.stopped);
  const ac_spawn_options late = {.supervisor = f.under,
                                 .behavior = f.host.behavior,
                                 .dispatcher = f.host.dispatcher,
                                 .struct_size = sizeof late};
  ac_actor actor;
  CHECK_STATUS(AC_E_STALE, ac_spawn(f.host.system, &late, &actor, NULL));
  host_close(&f.host);
}

TEST(a_family_can_be_seen_and_ends_from_the_children_up) { in_every_mode(look_at_family); }

static void keep_asks(struct host_options options) {
  struct host host;
  struct life boss = {.heard = 0}, child = {.heard = 0};
  host_open(&host, options);
  const ac_actor under = live_under(&host, &boss, nobody, AC_SUPERVISE_RESTART);
  const ac_actor actor = live_under(&host, &child, under, 0);
  ac_message reply;
  const ac_bytes none = {0};
  CHECK_STATUS(AC_E_FAILED, ac_ask(host.system, actor, type_fail, none, patience, &reply));
  CHECK_OK(ac_actor_check(host.system, actor));
  host_close(&host);
}

TEST(the_ask_in_hand_fails_at_once_though_its_actor_restarts) { in_every_mode(keep_asks); }

// Trees of three levels whose actors fail, restart, stop and spawn at random.

static void shake_tree(struct host_options options) {
  enum { tops = 3, each = 4 };
  static struct life top[tops], middle[tops * each], leaves[tops * each * each];
  ac_actor ids[tops * each * each], mids[tops * each];
  struct host host;
  memset(top, 0, sizeof top);
  memset(middle, 0, sizeof middle);
  memset(leaves, 0, sizeof leaves);
  host_open(&host, options);
  for (unsigned i = 0; i < tops; ++i) {
    const ac_actor above = live_under(&host, &top[i], nobody, AC_SUPERVISE_RESTART_ALL + i % 3);
    for (unsigned k = 0; k < each; ++k) {
      const unsigned m = i * each + k;
      mids[m] = live_under(&host, &middle[m], above, 1 + m % 7);
      for (unsigned n = 0; n < each; ++n)
        ids[m * each + n] = live_under(&host, &leaves[m * each + n], mids[m], 0);
    }
  }
  uint64_t random = options.seed + 99;
  for (unsigned i = 0; i < 60; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const unsigned leaf = (unsigned)(random >> 33) % (tops * each * each);
    const ac_bytes none = {0};
    switch (random >> 60) {
      case 0:
        ac_actor_stop(host.system, mids[leaf / each], 0);
        break;
      case 1:
        ac_actor_restart(host.system, mids[leaf / each]);
        break;
      case 2:
        ac_actor_stop(host.system, ids[leaf], AC_STOP_KILL);
        break;
      default:
        ac_tell(host.system, ids[leaf], i % 3 == 0 ? type_fail : type_work, none);
    }
  }
  host_settle(&host);
  host_check_ledger(&host);
  host_close(&host);  // every actor ended and was destroyed once
}

TEST(a_shaken_tree_loses_no_message_and_no_actor) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    shake_tree((struct host_options){.mode = seed % mode_count, .seed = seed / 2});
  }
}

static uint64_t traced(enum mode mode, uint64_t seed) {
  struct family f;
  open_family(&f, (struct host_options){.mode = mode, .seed = seed}, AC_SUPERVISE_REST_FOR_ONE);
  for (int i = 0; i < 3; ++i) tell_five(&f.host, f.ids[i]);
  host_settle(&f.host);
  uint64_t hash;
  CHECK_OK(ac_system_trace_hash(f.host.system, &hash));
  host_close(&f.host);
  return hash;
}

TEST(a_seed_gives_one_trace_of_a_family_in_every_mode) {
  const uint64_t first = traced(mode_inline, 21);
  CHECK_EQ(first, traced(mode_inline, 21));
  CHECK_EQ(first, traced(mode_attached, 21));
  CHECK_EQ(first, traced(mode_caller, 21));
}

TEST(a_kept_child_that_fails_while_its_supervisor_waits_to_restart_restarts_with_it) {
  struct host host;
  struct life top = {.heard = 0}, middle = {.heard = 0}, child = {.heard = 0};
  host_open(&host, (struct host_options){.mode = mode_caller, .seed = 4});
  const ac_spawn_options of_top = {
      .flags = every_hook,
      .children = {.strategy = AC_SUPERVISE_RESTART, .backoff_min_ns = 1000000}};
  const ac_spawn_options of_middle = {.flags = every_hook | AC_SPAWN_KEEP_CHILDREN,
                                      .supervisor = host_spawn_with(&host, &top.cell, live, of_top),
                                      .children = {.strategy = AC_SUPERVISE_ESCALATE}};
  const ac_actor under = host_spawn_with(&host, &middle.cell, live, of_middle);
  const ac_actor actor = live_under(&host, &child, under, 0);
  host_settle(&host);
  ac_worker worker;
  uint64_t ran;
  CHECK_OK(ac_worker_attach(host.dispatcher, 0, &worker, NULL));
  host_tell(&host, under, type_fail, 0);
  while (middle.heard < 3) CHECK_OK(ac_worker_run(worker, 0, 1, &ran));
  CHECK_LOG("S!r", middle);
  host_tell(&host, actor, type_fail, 0);
  ac_worker_release(worker);
  host_settle(&host);
  CHECK_LOG("S!rR", middle);
  CHECK_LOG("S!rR", child);
  host_close(&host);
}
