// Who watches an actor is told of its end; who is linked to it fails with it.
#include <string.h>

#include "host.h"

enum { type_work = 11, type_fail = 12 };

struct actor {
  struct cell cell;  // first
  unsigned terminated, exits;
  ac_ended last;
};

static ac_status on_message(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct actor* actor = (struct actor*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    activation->handled = i;
    if (message->type == type_fail) return AC_E_HANDLER;
    if (message->type != AC_TYPE_TERMINATED && message->type != AC_TYPE_EXIT) continue;
    CHECK_EQ(sizeof actor->last, message->length);
    memcpy(&actor->last, ac_message_payload(message), sizeof actor->last);
    message->type == AC_TYPE_EXIT ? ++actor->exits : ++actor->terminated;
  }
  return AC_OK;
}

struct pair {
  struct host host;
  struct actor one, other;
  ac_actor a, b;
};

static void open_pair(struct pair* p, struct host_options options, uint32_t flags) {
  memset(p, 0, sizeof *p);
  host_open(&p->host, options);
  const ac_spawn_options flagged = {.flags = flags};
  p->a = host_spawn_with(&p->host, &p->one.cell, on_message, flagged);
  p->b = host_spawn(&p->host, &p->other.cell, on_message);
}

static void watch_stop_and_failure(struct host_options options) {
  for (int fails = 0; fails < 2; ++fails) {
    struct pair p;
    open_pair(&p, options, 0);
    CHECK_OK(ac_actor_watch(p.host.system, p.a, p.b));
    CHECK_OK(ac_actor_watch(p.host.system, p.a, p.b));  // twice is once
    host_tell(&p.host, p.b, fails ? type_fail : AC_TYPE_STOP, 0);
    host_settle(&p.host);
    CHECK_EQ(1, p.one.terminated);
    CHECK_EQ(p.b.bits, p.one.last.actor.bits);
    CHECK_STATUS(fails ? AC_E_FAILED : AC_OK, p.one.last.status);
    host_close(&p.host);
  }
}

TEST(a_watcher_is_told_once_how_the_actor_ended) { in_every_mode(watch_stop_and_failure); }

static void watch_the_dead(struct host_options options) {
  struct pair p;
  open_pair(&p, options, 0);
  CHECK_OK(ac_actor_stop(p.host.system, p.b, 0));
  host_settle(&p.host);
  CHECK_OK(ac_actor_watch(p.host.system, p.a, p.b));
  host_settle(&p.host);
  CHECK_EQ(1, p.one.terminated);
  CHECK_STATUS(AC_E_STALE, p.one.last.status);
  CHECK_STATUS(AC_E_STALE, ac_actor_watch(p.host.system, p.b, p.a));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_actor_watch(p.host.system, p.a, p.a));
  host_close(&p.host);
}

TEST(who_watches_a_dead_actor_is_told_at_once) { in_every_mode(watch_the_dead); }

static void unwatch(struct host_options options) {
  struct pair p;
  open_pair(&p, options, 0);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_actor_unwatch(p.host.system, p.a, p.b));
  CHECK_OK(ac_actor_watch(p.host.system, p.a, p.b));
  CHECK_OK(ac_actor_unwatch(p.host.system, p.a, p.b));
  CHECK_OK(ac_actor_stop(p.host.system, p.b, 0));
  host_settle(&p.host);
  CHECK_EQ(0, p.one.terminated);
  host_close(&p.host);
}

TEST(who_watches_no_more_is_told_nothing) { in_every_mode(unwatch); }

static void watch_over_a_restart(struct host_options options) {
  struct pair p;
  open_pair(&p, options, 0);
  CHECK_OK(ac_actor_watch(p.host.system, p.a, p.b));
  CHECK_OK(ac_actor_restart(p.host.system, p.b));
  CHECK_OK(ac_actor_restart(p.host.system, p.a));
  host_settle(&p.host);
  CHECK_EQ(0, p.one.terminated);
  CHECK_OK(ac_actor_stop(p.host.system, p.b, AC_STOP_KILL));
  host_settle(&p.host);
  CHECK_EQ(1, p.one.terminated);
  host_close(&p.host);
}

TEST(a_watch_survives_a_restart_on_both_sides) { in_every_mode(watch_over_a_restart); }

static void fail_together(struct host_options options) {
  struct pair p;
  open_pair(&p, options, 0);
  CHECK_OK(ac_actor_link(p.host.system, p.a, p.b));
  host_tell(&p.host, p.a, type_fail, 0);
  host_settle(&p.host);
  CHECK_STATUS(AC_E_STALE, ac_actor_check(p.host.system, p.a));
  CHECK_STATUS(AC_E_STALE, ac_actor_check(p.host.system, p.b));
  ac_failure failures[4];
  uint64_t count;
  CHECK_OK(ac_system_failures(p.host.system, 0, failures, 4, &count));
  CHECK_EQ(2, count);
  CHECK_EQ(p.b.bits, failures[1].actor.bits);
  CHECK_STATUS(AC_E_FAILED, failures[1].status);
  host_close(&p.host);
}

TEST(linked_actors_fail_together) { in_every_mode(fail_together); }

static void trap(struct host_options options) {
  for (int fails = 0; fails < 2; ++fails) {
    struct pair p;
    open_pair(&p, options, AC_SPAWN_TRAP_EXIT);
    CHECK_OK(ac_actor_link(p.host.system, p.b, p.a));
    host_tell(&p.host, p.b, fails ? type_fail : AC_TYPE_STOP, 0);
    host_settle(&p.host);
    CHECK_OK(ac_actor_check(p.host.system, p.a));
    CHECK_EQ(1, p.one.exits);
    CHECK_EQ(0, p.one.terminated);
    CHECK_STATUS(fails ? AC_E_FAILED : AC_OK, p.one.last.status);
    host_close(&p.host);
  }
}

TEST(who_traps_exits_is_told_of_any_end_and_lives_on) { in_every_mode(trap); }

static void stop_one_of_two(struct host_options options) {
  struct pair p;
  open_pair(&p, options, 0);
  CHECK_OK(ac_actor_link(p.host.system, p.a, p.b));
  CHECK_OK(ac_actor_stop(p.host.system, p.a, 0));
  host_settle(&p.host);
  CHECK_OK(ac_actor_check(p.host.system, p.b));
  CHECK_STATUS(AC_E_STALE, ac_actor_link(p.host.system, p.a, p.b));
  host_close(&p.host);
}

TEST(an_end_that_is_no_failure_leaves_a_linked_actor_alone) { in_every_mode(stop_one_of_two); }

static void unlink_two(struct host_options options) {
  struct pair p;
  open_pair(&p, options, 0);
  CHECK_OK(ac_actor_link(p.host.system, p.a, p.b));
  CHECK_OK(ac_actor_unlink(p.host.system, p.b, p.a));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_actor_unlink(p.host.system, p.a, p.b));
  host_tell(&p.host, p.a, type_fail, 0);
  host_settle(&p.host);
  CHECK_OK(ac_actor_check(p.host.system, p.b));
  host_close(&p.host);
}

TEST(who_is_linked_no_more_lives_on) { in_every_mode(unlink_two); }

static void watch_a_thousand(struct host_options options) {
  enum { many = 1000 };
  static struct actor targets[many];
  memset(targets, 0, sizeof targets);
  struct pair p;
  open_pair(&p, options, 0);
  for (int i = 0; i < many; ++i) {
    host_spawn(&p.host, &targets[i].cell, on_message);
    CHECK_OK(ac_actor_watch(p.host.system, p.a, targets[i].cell.actor));
    host_tell(&p.host, targets[i].cell.actor, i % 2 ? type_fail : AC_TYPE_STOP, 0);
  }
  host_settle(&p.host);
  CHECK_EQ(many, p.one.terminated);
  host_close(&p.host);
}

TEST(no_end_is_missed_by_who_begins_to_watch_while_it_comes) { in_every_mode(watch_a_thousand); }

static uint64_t traced(enum mode mode) {
  struct pair p;
  open_pair(&p, (struct host_options){.mode = mode, .seed = 9}, AC_SPAWN_TRAP_EXIT);
  CHECK_OK(ac_actor_watch(p.host.system, p.a, p.b));
  CHECK_OK(ac_actor_link(p.host.system, p.a, p.b));
  host_tell(&p.host, p.b, type_fail, 0);
  host_settle(&p.host);
  CHECK_EQ(2, p.one.terminated + p.one.exits);
  uint64_t hash;
  CHECK_OK(ac_system_trace_hash(p.host.system, &hash));
  host_close(&p.host);
  return hash;
}

TEST(an_end_that_is_told_is_the_same_in_every_system_of_a_seed) {
  const uint64_t first = traced(mode_inline);
  CHECK_EQ(first, traced(mode_inline));
  CHECK_EQ(first, traced(mode_attached));
  CHECK_EQ(first, traced(mode_caller));
}
