// What a failure leads to: strategies, intensity, backoff and decisions.
#include "lives.h"

static void restart_one(struct host_options options) {
  struct host host;
  struct life boss = {.heard = 0}, child = {.heard = 0};
  host_open(&host, options);
  const ac_actor under = live_under(&host, &boss, nobody, AC_SUPERVISE_RESTART);
  const ac_actor actor = live_under(&host, &child, under, 0);
  tell_five(&host, actor);
  host_settle(&host);
  CHECK_LOG("Sww!rRww", child);
  CHECK_LOG("S", boss);
  CHECK_OK(ac_actor_check(host.system, actor));
  const ac_ledger ledger = host_check_ledger(&host);
  CHECK_EQ(5, ledger.handled);
  CHECK_EQ(1, ledger.failed);
  CHECK_EQ(1, stats_of(&host, under).restarted);
  CHECK_EQ(1, stats_of(&host, under).children);
  CHECK_EQ(1, stats_of(&host, actor).restarts);
  host_close(&host);
  CHECK_LOG("Sww!rRwwtT", child);
  CHECK(child.stopped < boss.stopped);
}

TEST(a_restarted_actor_keeps_its_id_and_its_mailbox_and_loses_the_message_in_hand) {
  in_every_mode(restart_one);
}

static void resume_one(struct host_options options) {
  struct host host;
  struct life boss = {.heard = 0}, child = {.heard = 0};
  host_open(&host, options);
  const ac_actor under = live_under(&host, &boss, nobody, AC_SUPERVISE_RESUME);
  tell_five(&host, live_under(&host, &child, under, 0));
  host_settle(&host);
  CHECK_LOG("Sww!ww", child);
  CHECK_EQ(1, host_check_ledger(&host).failed);
  host_close(&host);
}

TEST(a_resumed_actor_goes_on_with_the_next_message) { in_every_mode(resume_one); }

static void stop_one(struct host_options options) {
  struct host host;
  struct life boss = {.heard = 0}, child = {.heard = 0};
  host_open(&host, options);
  const ac_actor under = live_under(&host, &boss, nobody, AC_SUPERVISE_STOP);
  const ac_actor actor = live_under(&host, &child, under, 0);
  tell_five(&host, actor);
  host_settle(&host);
  CHECK_LOG("Sww!tT", child);
  CHECK_LOG("S", boss);
  CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, actor));
  const ac_ledger ledger = host_check_ledger(&host);
  CHECK_EQ(2, ledger.dead[AC_DEAD_FAILED] + ledger.dead[AC_DEAD_STALE]);
  CHECK_EQ(0, stats_of(&host, under).children);
  host_close(&host);
}

TEST(an_actor_that_its_supervisor_stops_hears_of_it_and_its_mail_is_dead) {
  in_every_mode(stop_one);
}

static void restart_all(struct host_options options) {
  struct family f;
  open_family(&f, options, AC_SUPERVISE_RESTART_ALL);
  fail_the_second(&f);
  CHECK_LOG("SrR", f.children[0]);
  CHECK_LOG("S!rR", f.children[1]);
  CHECK_LOG("SrR", f.children[2]);
  host_close(&f.host);
}

TEST(restart_all_restarts_every_child) { in_every_mode(restart_all); }

static void restart_rest(struct host_options options) {
  struct family f;
  open_family(&f, options, AC_SUPERVISE_REST_FOR_ONE);
  fail_the_second(&f);
  CHECK_LOG("S", f.children[0]);
  CHECK_LOG("S!rR", f.children[1]);
  CHECK_LOG("SrR", f.children[2]);
  host_close(&f.host);
}

TEST(rest_for_one_restarts_the_child_and_the_younger_ones) { in_every_mode(restart_rest); }

static void stop_all(struct host_options options) {
  struct family f;
  open_family(&f, options, AC_SUPERVISE_STOP_ALL);
  fail_the_second(&f);
  CHECK_LOG("StT", f.children[0]);
  CHECK_LOG("S!tT", f.children[1]);
  CHECK_LOG("StT", f.children[2]);
  CHECK_LOG("S", f.boss);
  CHECK_EQ(0, stats_of(&f.host, f.under).children);
  host_close(&f.host);
}

TEST(stop_all_stops_every_child_and_not_the_supervisor) { in_every_mode(stop_all); }

static void escalate(struct host_options options) {
  struct host host;
  struct life top = {.heard = 0}, boss = {.heard = 0}, child = {.heard = 0};
  host_open(&host, options);
  const ac_actor above = live_under(&host, &top, nobody, AC_SUPERVISE_RESTART);
  const ac_actor under = live_under(&host, &boss, above, AC_SUPERVISE_ESCALATE);
  tell_five(&host, live_under(&host, &child, under, 0));
  host_settle(&host);
  CHECK_LOG("SrR", boss);
  CHECK_LOG("Sww!tT", child);
  CHECK_LOG("S", top);
  CHECK_EQ(1, stats_of(&host, under).escalated);
  CHECK_EQ(1, stats_of(&host, above).restarted);
  ac_failure failures[4];
  uint64_t count;
  CHECK_OK(ac_system_failures(host.system, 0, failures, 4, &count));
  CHECK_EQ(2, count);
  CHECK_EQ(under.bits, failures[1].actor.bits);
  CHECK_EQ(type_fail, failures[1].type);
  host_close(&host);
}

TEST(an_escalated_failure_is_the_supervisors_and_its_supervisor_decides) {
  in_every_mode(escalate);
}

static void escalate_at_the_top(struct host_options options) {
  struct host host;
  struct life boss = {.heard = 0}, child = {.heard = 0};
  host_open(&host, options);
  const ac_actor under = live_under(&host, &boss, nobody, AC_SUPERVISE_ESCALATE);
  tell_five(&host, live_under(&host, &child, under, 0));
  host_settle(&host);
  CHECK_LOG("StT", boss);
  CHECK_LOG("Sww!tT", child);
  CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, under));
  host_close(&host);
}

TEST(a_failure_that_no_one_is_above_of_stops_the_supervisor_and_its_children) {
  in_every_mode(escalate_at_the_top);
}

static void decide(struct host_options options) {
  static const uint32_t decisions[] = {0, AC_SUPERVISE_STOP, AC_SUPERVISE_RESTART,
                                       AC_SUPERVISE_RESUME};
  static const char* const logs[] = {"Sww!tT", "Sww!tT", "Sww!rRww", "Sww!ww"};
  for (int i = 0; i < 4; ++i) {
    struct host host;
    struct life boss = {.decision = decisions[i]}, child = {.heard = 0};
    host_open(&host, options);
    const ac_actor under = live_under(&host, &boss, nobody, AC_SUPERVISE_DECIDE);
    tell_five(&host, live_under(&host, &child, under, 0));
    host_settle(&host);
    CHECK_LOG(logs[i], child);
    CHECK_LOG("SF", boss);
    host_close(&host);
  }
}

TEST(a_supervisor_decides_in_its_own_handler_or_the_child_stops) { in_every_mode(decide); }

static void limit(struct host_options options) {
  struct host host;
  struct life boss = {.heard = 0}, child = {.heard = 0};
  host_open(&host, options);
  const ac_spawn_options policy = {
      .flags = every_hook,
      .children = {.strategy = AC_SUPERVISE_RESTART, .restarts_max = 2, .period_ns = patience}};
  const ac_actor under = host_spawn_with(&host, &boss.cell, live, policy);
  const ac_actor actor = live_under(&host, &child, under, 0);
  for (int i = 0; i < 3; ++i) {
    host_tell(&host, actor, type_fail, 0);
    host_settle(&host);
  }
  CHECK_LOG("S!rR!rR!tT", child);
  const ac_supervision_stats stats = stats_of(&host, under);
  CHECK_EQ(3, stats.failures);
  CHECK_EQ(2, stats.restarted);
  CHECK_EQ(1, stats.limited);
  CHECK_EQ(1, stats.stopped);
  host_close(&host);
}

TEST(more_restarts_than_the_intensity_allows_stop_the_child) { in_every_mode(limit); }

static void back_off(enum mode mode) {
  struct host host;
  struct life boss = {.heard = 0}, child = {.heard = 0};
  host_open(&host, (struct host_options){.mode = mode, .seed = 3});
  const uint64_t ms = 1000000;
  const ac_spawn_options policy = {
      .flags = every_hook,
      .children = {
          .strategy = AC_SUPERVISE_RESTART, .backoff_min_ns = 10 * ms, .backoff_max_ns = 35 * ms}};
  const ac_actor under = host_spawn_with(&host, &boss.cell, live, policy);
  const ac_actor actor = live_under(&host, &child, under, 0);
  for (int i = 0; i < 4; ++i) {
    host_tell(&host, actor, type_fail, 0);
    host_tell(&host, actor, type_work, 0);  // it is queued for as long as the actor waits
    host_settle(&host);
  }
  CHECK_LOG("S!rRw!rRw!rRw!rRw", child);
  static const uint64_t waits[] = {10, 20, 35, 35};
  for (int i = 0; i < 4; ++i) {
    const int failed = 1 + 4 * i;
    CHECK_EQ(child.at_ns[failed], child.at_ns[failed + 1]);
    CHECK_EQ(waits[i] * ms, child.at_ns[failed + 2] - child.at_ns[failed]);
  }
  host_close(&host);
}

TEST(each_restart_waits_longer_than_the_last_up_to_the_longest) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) back_off(mode);
}

static void stop_in_backoff(struct host_options options) {
  struct host host;
  struct life boss = {.heard = 0}, child = {.heard = 0};
  host_open(&host, options);
  const ac_spawn_options policy = {
      .flags = every_hook,
      .children = {.strategy = AC_SUPERVISE_RESTART, .backoff_min_ns = 60 * patience}};
  const ac_actor under = host_spawn_with(&host, &boss.cell, live, policy);
  const ac_actor actor = live_under(&host, &child, under, 0);
  tell_five(&host, actor);
  while (options.seed == 0 && host_ledger(&host).failed == 0) sched_yield();
  CHECK_OK(ac_actor_stop(host.system, actor, 0));
  host_settle(&host);
  CHECK(options.seed != 0 || memcmp("Sww!", child.log, 4) == 0);
  CHECK_TEXT("tT", ((ac_text){child.log + child.heard - 2, 2}));
  CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, actor));
  host_close(&host);
}

TEST(an_actor_that_waits_for_its_restart_can_be_stopped) { in_every_mode(stop_in_backoff); }

static void override(struct host_options options) {
  struct host host;
  struct life boss = {.heard = 0}, usual = {.heard = 0}, special = {.heard = 0};
  host_open(&host, options);
  const ac_actor under = live_under(&host, &boss, nobody, AC_SUPERVISE_RESTART);
  const ac_spawn_options own = {
      .flags = every_hook, .supervisor = under, .supervision = {.strategy = AC_SUPERVISE_RESUME}};
  tell_five(&host, host_spawn_with(&host, &special.cell, live, own));
  tell_five(&host, live_under(&host, &usual, under, 0));
  host_settle(&host);
  CHECK_LOG("Sww!ww", special);
  CHECK_LOG("Sww!rRww", usual);
  host_close(&host);
}

TEST(a_childs_own_policy_takes_the_place_of_its_supervisors) { in_every_mode(override); }

TEST(a_policy_out_of_bounds_is_refused) {
  struct host host;
  struct life actor = {.heard = 0};
  host_open(&host, (struct host_options){.mode = mode_inline});
  const ac_actor id = live_under(&host, &actor, nobody, 0);
  static const ac_supervision wrong[] = {
      {.strategy = 9},
      {.restarts_max = 1001},
      {.on_limit = 2},
      {.backoff_percent = 99},
      {.backoff_percent = 1001},
      {.jitter_percent = 101},
      {.backoff_min_ns = 2, .backoff_max_ns = 1},
      {.reserved = 1},
  };
  for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    CHECK(ac_actor_supervise(host.system, id, &wrong[i], NULL) != AC_OK);
  }
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_actor_stop(host.system, id, AC_STOP_DRAIN | AC_STOP_KILL));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_actor_decide(host.system, id, AC_SUPERVISE_STOP));
  host_close(&host);
}

// Starts a timer of 1 ms that is kept and one that is not, has the child fail, and lets 1 ms pass.
static void fail_with_timers(struct host_options options, uint32_t strategy, int is_kept,
                             const char* log) {
  struct host host;
  struct life boss = {.heard = 0}, child = {.heard = 0};
  host_open(&host, options);
  const ac_actor under = live_under(&host, &boss, nobody, strategy);
  const ac_actor actor = live_under(&host, &child, under, 0);
  ac_timer timers[2];
  for (uint32_t i = 0; i < 2; ++i) {
    const ac_timer_options timer = {.struct_size = sizeof timer,
                                    .flags = i == 0 ? AC_TIMER_KEEP : 0,
                                    .to = actor,
                                    .type = type_work,
                                    .delay_ns = 1000000};
    CHECK_OK(ac_timer_start(host.system, &timer, &timers[i], NULL));
  }
  host_tell(&host, actor, type_fail, 0);
  host_settle(&host);
  ac_timer_stats stats;
  CHECK_STATUS(is_kept ? AC_OK : AC_E_STALE, ac_timer_get_stats(host.system, timers[0], &stats));
  CHECK_OK(ac_system_advance(host.system, 1000000));
  CHECK_LOG(log, child);
  host_check_ledger(&host);
  host_close(&host);
}

TEST(a_restart_ends_the_timers_that_are_not_kept_a_resume_none_and_a_stop_all) {
  for (enum mode mode = mode_inline; mode <= mode_attached; ++mode) {
    const struct host_options options = {.mode = mode, .seed = 5};
    fail_with_timers(options, AC_SUPERVISE_RESTART, 1, "S!rRw");
    fail_with_timers(options, AC_SUPERVISE_RESUME, 1, "S!ww");
    fail_with_timers(options, AC_SUPERVISE_STOP, 0, "S!tT");
  }
}

TEST(a_restart_or_kill_that_is_sent_comes_after_what_was_sent_before_in_a_mailbox_of_any_order) {
  static const ac_mailbox_type types[] = {{type_work, 0, 9}};
  const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                      .order = AC_MAILBOX_PRIORITY,
                                      .types = types,
                                      .types_count = 1};
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct life life = {.heard = 0};
    host_open(&host, (struct host_options){.mode = mode, .seed = 5});
    const ac_spawn_options options = {.flags = AC_SPAWN_STARTED | AC_SPAWN_RESTARTED,
                                      .mailbox = &mailbox};
    const ac_actor actor = host_spawn_with(&host, &life.cell, live, options);
    static const uint32_t told[] = {type_work,       type_work, AC_TYPE_RESTART, type_work,
                                    AC_TYPE_RESTART, type_work, AC_TYPE_KILL,    type_work};
    for (unsigned i = 0; i < sizeof told / sizeof told[0]; ++i) host_tell(&host, actor, told[i], 0);
    host_settle(&host);
    CHECK(life.heard >= 7 && memcmp(life.log, "SwwRwRw", 7) == 0);
    CHECK_EQ(1, host_check_ledger(&host).dead[AC_DEAD_STOPPED]);
    host_close(&host);
  }
}

TEST(an_actor_that_fails_for_another_before_it_has_started_starts_all_the_same) {
  for (uint32_t strategy = AC_SUPERVISE_RESTART; strategy <= AC_SUPERVISE_RESUME; ++strategy) {
    for (uint64_t seed = 1; seed <= 16; ++seed) {
      struct host host;
      struct life boss = {.heard = 0}, one = {.heard = 0}, other = {.heard = 0};
      host_open(&host, (struct host_options){.mode = mode_inline, .seed = seed});
      const ac_actor under = live_under(&host, &boss, nobody, strategy);
      const ac_actor first = live_under(&host, &one, under, 0);
      const ac_actor second = live_under(&host, &other, nobody, 0);
      CHECK_OK(ac_actor_link(host.system, first, second));
      host_tell(&host, second, type_fail, 0);
      host_settle(&host);
      CHECK_EQ('S', one.log[0]);
      for (unsigned i = 1; i < one.heard; ++i) CHECK(one.log[i] != 'S');
      host_close(&host);
    }
  }
}

struct alarm {
  struct cell cell;  // first
  sem_t rang;
};

static ac_status ring(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) sem_post(&((struct alarm*)cell)->rang);
  return AC_OK;
}

// Returns when a timer that is due after now has rung, on a worker of its own.
static void pass(struct host* host, struct alarm* alarm, uint64_t delay_ns) {
  const ac_dispatcher_options own = {
      .struct_size = sizeof own, .mode = AC_DISPATCHER_INLINE, .workers = 1};
  ac_spawn_options options = host_spawn_options(host, &alarm->cell, ring);
  CHECK_OK(ac_dispatcher_create(host->system, &own, &options.dispatcher, NULL));
  CHECK(sem_init(&alarm->rang, 0, 0) == 0);
  ac_timer_options timer = {.struct_size = sizeof timer, .type = type_work, .delay_ns = delay_ns};
  CHECK_OK(ac_spawn(host->system, &options, &timer.to, NULL));
  ac_timer rings;
  CHECK_OK(ac_timer_start(host->system, &timer, &rings, NULL));
  await(&alarm->rang);
}

TEST(a_restart_that_is_asked_for_as_a_backoff_ends_does_not_lose_that_end) {
  struct host host;
  struct life boss = {.heard = 0}, child = {.heard = 0};
  struct gate gate;
  struct alarm alarm;
  host_open(&host, (struct host_options){.mode = mode_inline, .workers = 1});
  const ac_spawn_options policy = {
      .flags = every_hook,
      .children = {.strategy = AC_SUPERVISE_RESTART, .backoff_min_ns = 1000000}};
  const ac_actor under = host_spawn_with(&host, &boss.cell, live, policy);
  const ac_actor actor = live_under(&host, &child, under, 0);
  host_tell(&host, actor, type_fail, 0);
  while (host_ledger(&host).failed == 0) sched_yield();
  host_enter_gate(&host, &gate);  // the only worker sees neither before both are there
  CHECK_OK(ac_actor_restart(host.system, actor));
  pass(&host, &alarm, 2000000);
  sem_post(&gate.leave);
  host_settle(&host);  // or it would wait for ever
  CHECK(child.heard >= 4 && memcmp(child.log, "S!rR", 4) == 0);
  CHECK_EQ('R', child.log[child.heard - 1]);  // twice, if the backoff was over before the gate
  host_close(&host);
}
