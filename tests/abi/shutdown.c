// Ends: of actors, of systems, in any order, from anywhere.
#include <string.h>

#include "host.h"

enum { type_work = 1, type_again, type_stop_me, type_stop_other };

struct counter {
  struct cell cell;  // first
  ac_actor other;
  sem_t ended;
};

static ac_status on_count(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  for (uint32_t i = 0; i < activation->count; ++i) {
    switch (activation->messages[i]->type) {
      case type_again:
        CHECK_OK(ac_turn_send(turn, activation, activation->actor, type_again, NULL, 0));
        break;
      case type_stop_me:
        activation->flags |= AC_ACTIVATION_STOP;
        break;
      case type_stop_other:
        CHECK_OK(
            ac_turn_send(turn, activation, ((struct counter*)cell)->other, AC_TYPE_STOP, NULL, 0));
        break;
      default:
        break;
    }
  }
  return AC_OK;
}

static void tell_work(struct host* host, ac_actor to, unsigned count) {
  for (unsigned i = 0; i < count; ++i) host_tell(host, to, type_work, i);
}

static const struct host_options one_worker = {.mode = mode_inline, .workers = 1};

TEST(a_stop_handles_what_is_queued_first) {
  struct host host;
  struct counter counter = {.other = {0}};
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    const struct host_options options = {.mode = mode};
    host_open(&host, options);
    const ac_actor actor = host_spawn(&host, &counter.cell, on_count);
    counter.cell.handled = counter.cell.destroyed = 0;
    tell_work(&host, actor, 1000);
    host_close(&host);
    CHECK_EQ(1000, counter.cell.handled);
    CHECK_EQ(0, host.report.dropped);
    CHECK(host.report.drained <= 1000);
    CHECK_EQ(1, host.report.actors);
    CHECK_EQ(0, host.report.timed_out);
  }
}

struct stopping {
  pthread_t thread;
  struct host* host;
  uint64_t timeout_ns;
  ac_status status;
  ac_stop_report report;
};

static void* stop_system(void* argument) {
  struct stopping* stopping = argument;
  stopping->status =
      ac_system_stop(stopping->host->system, stopping->timeout_ns, &stopping->report, NULL);
  return NULL;
}

static void until_stopping(struct host* host, ac_actor actor) {
  const ac_bytes none = {0};
  ac_status status;
  while ((status = ac_tell(host->system, actor, type_work, none)) == AC_OK) sched_yield();
  CHECK_STATUS(AC_E_STOPPED, status);
}

TEST(a_stop_at_once_drops_what_is_queued_and_says_how_much) {
  struct host host;
  struct counter counter = {.other = {0}};
  const struct host_options options = {.mode = mode_inline, .seed = 1};
  host_open(&host, options);
  tell_work(&host, host_spawn(&host, &counter.cell, on_count), 10);
  ac_stop_report report;
  CHECK_OK(ac_system_stop(host.system, 0, &report, NULL));
  CHECK_EQ(0, counter.cell.handled);
  CHECK_EQ(10, report.dropped);
  CHECK_EQ(10, host_ledger(&host).dead[AC_DEAD_SHUTDOWN]);
  CHECK_EQ(1, report.actors);
  CHECK_EQ(1, report.timed_out);
  host_close(&host);
  CHECK_EQ(0, memcmp(&report, &host.report, sizeof report));  // a second call: the same report
}

TEST(what_a_busy_worker_has_queued_is_handled_or_dropped_by_a_stop_at_once) {
  struct host host;
  struct counter counter = {.other = {0}};
  struct gate gate;
  host_open(&host, one_worker);
  const ac_actor actor = host_spawn(&host, &counter.cell, on_count);
  host_enter_gate(&host, &gate);
  tell_work(&host, actor, 10);
  struct stopping stopping = {.host = &host, .timeout_ns = 0};
  CHECK(pthread_create(&stopping.thread, NULL, stop_system, &stopping) == 0);
  until_stopping(&host, actor);
  sem_post(&gate.leave);
  CHECK(pthread_join(stopping.thread, NULL) == 0);
  CHECK_OK(stopping.status);
  const ac_ledger ledger = host_check_ledger(&host);
  CHECK(counter.cell.handled + stopping.report.dropped >= 10);
  CHECK_EQ(stopping.report.dropped, ledger.dead[AC_DEAD_SHUTDOWN]);
  CHECK_EQ(2, stopping.report.actors);
  host_close(&host);
}

TEST(a_stop_of_a_system_that_never_gets_quiet_ends_at_the_deadline) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct counter counter = {.other = {0}};
    const struct host_options options = {.mode = mode};
    host_open(&host, options);
    host_tell(&host, host_spawn(&host, &counter.cell, on_count), type_again, 0);
    ac_stop_report report;
    CHECK_OK(ac_system_stop(host.system, 20000000, &report, NULL));
    CHECK_EQ(1, report.timed_out);
    CHECK(report.elapsed_ns >= 20000000);
    CHECK_EQ(1, report.dropped);
    host_close(&host);
  }
}

TEST(a_handler_that_does_not_return_makes_the_stop_give_up) {
  struct host host;
  struct gate gate;
  host_open(&host, one_worker);
  host_enter_gate(&host, &gate);
  ac_error error;
  ac_text message;
  CHECK_STATUS(AC_E_TIMEOUT, ac_system_stop(host.system, 0, NULL, &error));
  CHECK_OK(ac_error_message(error, &message));
  CHECK(message.size > 0);
  ac_error_release(error);
  CHECK_EQ(0, gate.cell.destroyed);
  sem_post(&gate.leave);
  host_close(&host);
}

TEST(a_stopping_system_refuses_everything_new) {
  struct host host;
  struct counter counter = {.other = {0}}, late = {.other = {0}};
  host_open(&host, one_worker);
  const ac_actor actor = host_spawn(&host, &counter.cell, on_count);
  CHECK_OK(ac_system_stop(host.system, patience, NULL, NULL));
  const ac_spawn_options spawn = host_spawn_options(&host, &late.cell, on_count);
  const ac_dispatcher_options dispatch = {.struct_size = sizeof dispatch};
  const ac_bytes none = {0};
  ac_actor more;
  ac_dispatcher dispatcher;
  ac_message reply;
  CHECK_STATUS(AC_E_STOPPED, ac_spawn(host.system, &spawn, &more, NULL));
  CHECK_STATUS(AC_E_STOPPED, ac_tell(host.system, actor, type_work, none));
  CHECK_STATUS(AC_E_STOPPED, ac_ask(host.system, actor, type_work, none, patience, &reply));
  CHECK_STATUS(AC_E_STOPPED, ac_dispatcher_create(host.system, &dispatch, &dispatcher, NULL));
  CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, actor));
  CHECK_EQ(0, late.cell.destroyed);
  host_close(&host);
}

static void on_ended(uintptr_t user) { sem_post(&((struct counter*)user)->ended); }

static ac_status on_turn_raw(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  return on_count((struct cell*)user, turn, activation);
}

TEST(a_system_released_while_it_runs_ends_by_itself) {
  enum { actors = 20 };
  static struct counter counters[actors];
  ac_system system;
  ac_behavior behavior;
  const ac_behavior_options options = {
      .struct_size = sizeof options, .on_turn = on_turn_raw, .destroy = on_ended};
  CHECK_OK(ac_system_create(NULL, &system, NULL));
  CHECK_OK(ac_behavior_create(system, &options, &behavior, NULL));
  for (unsigned i = 0; i < actors; ++i) {
    sem_init(&counters[i].ended, 0, 0);
    const ac_spawn_options spawn = {
        .struct_size = sizeof spawn, .behavior = behavior, .user = (uintptr_t)&counters[i]};
    ac_actor actor;
    const ac_bytes none = {0};
    CHECK_OK(ac_spawn(system, &spawn, &actor, NULL));
    CHECK_OK(ac_tell(system, actor, type_again, none));
  }
  ac_system_release(system);
  CHECK_STATUS(AC_E_STALE, ac_system_stop(system, 0, NULL, NULL));
  for (unsigned i = 0; i < actors; ++i) await(&counters[i].ended);
}

static ac_status release_own(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)activation;
  (void)cell;
  ac_system_release(turn->system);
  return AC_OK;
}

static ac_status on_turn_release(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  return release_own((struct cell*)user, turn, activation);
}

TEST(a_handler_may_release_its_own_system) {
  static struct counter counter;
  ac_system system;
  ac_behavior behavior;
  ac_actor actor;
  const ac_bytes none = {0};
  const ac_behavior_options options = {
      .struct_size = sizeof options, .on_turn = on_turn_release, .destroy = on_ended};
  sem_init(&counter.ended, 0, 0);
  CHECK_OK(ac_system_create(NULL, &system, NULL));
  CHECK_OK(ac_behavior_create(system, &options, &behavior, NULL));
  const ac_spawn_options spawn = {
      .struct_size = sizeof spawn, .behavior = behavior, .user = (uintptr_t)&counter};
  CHECK_OK(ac_spawn(system, &spawn, &actor, NULL));
  CHECK_OK(ac_tell(system, actor, type_work, none));
  await(&counter.ended);
}

static ac_status wait_inside(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  const ac_bytes none = {0};
  ac_message reply;
  ac_stop_report report;
  (void)cell;
  CHECK_STATUS(AC_E_WOULD_DEADLOCK, ac_system_settle(turn->system, 0));
  CHECK_STATUS(AC_E_WOULD_DEADLOCK, ac_system_settle(turn->system, patience));
  CHECK_STATUS(AC_E_WOULD_DEADLOCK, ac_system_stop(turn->system, 0, &report, NULL));
  CHECK_STATUS(AC_E_WOULD_DEADLOCK,
               ac_ask(turn->system, activation->actor, type_work, none, patience, &reply));
  return AC_OK;
}

TEST(a_call_that_waits_is_refused_inside_a_handler) {
  for (uint64_t seed = 0; seed < 2; ++seed) {
    for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
      if (mode == mode_attached) continue;
      struct host host;
      struct cell cell = {.on = NULL};
      const struct host_options options = {.mode = mode, .seed = seed};
      host_open(&host, options);
      host_tell(&host, host_spawn(&host, &cell, wait_inside), type_work, 0);
      host_settle(&host);
      CHECK_EQ(1, cell.handled);
      host_close(&host);
    }
  }
}

TEST(a_call_that_waits_is_refused_on_a_pinned_worker_with_a_turn_in_hand) {
  ac_system system;
  ac_dispatcher dispatcher;
  ac_worker worker;
  ac_turn* turn;
  ac_actor actor;
  const ac_bytes none = {0};
  const ac_dispatcher_options options = {.struct_size = sizeof options,
                                         .mode = AC_DISPATCHER_ATTACHED};
  CHECK_OK(ac_system_create(NULL, &system, NULL));
  CHECK_OK(ac_dispatcher_create(system, &options, &dispatcher, NULL));
  CHECK_OK(ac_worker_attach(dispatcher, AC_ATTACH_PINNED, &worker, NULL));
  const ac_spawn_options spawn = {.struct_size = sizeof spawn, .dispatcher = dispatcher};
  CHECK_OK(ac_spawn(system, &spawn, &actor, NULL));
  CHECK_OK(ac_tell(system, actor, type_work, none));
  CHECK_OK(ac_worker_turn(worker, patience, &turn));
  CHECK_EQ(1, turn->count);
  CHECK_OK(wait_inside(NULL, turn, &turn->activations[0]));
  ac_worker_release(worker);
  CHECK_OK(ac_system_stop(system, 0, NULL, NULL));
  ac_system_release(system);
}

struct leaver {
  ac_dispatcher dispatcher;
  ac_worker worker;
};

static void* take_a_turn_and_leave(void* argument) {
  struct leaver* leaver = argument;
  ac_turn* turn;
  CHECK_OK(ac_worker_attach(leaver->dispatcher, AC_ATTACH_PINNED, &leaver->worker, NULL));
  CHECK_OK(ac_worker_turn(leaver->worker, patience, &turn));
  CHECK_EQ(1, turn->count);
  return NULL;
}

TEST(a_pinned_worker_whose_thread_has_ended_in_a_turn_is_released_by_another) {
  ac_system system;
  ac_actor actor;
  const ac_dispatcher_options options = {.struct_size = sizeof options,
                                         .mode = AC_DISPATCHER_ATTACHED};
  struct leaver leaver;
  pthread_t thread;
  CHECK_OK(ac_system_create(NULL, &system, NULL));
  CHECK_OK(ac_dispatcher_create(system, &options, &leaver.dispatcher, NULL));
  const ac_spawn_options spawn = {.struct_size = sizeof spawn, .dispatcher = leaver.dispatcher};
  CHECK_OK(ac_spawn(system, &spawn, &actor, NULL));
  CHECK_OK(ac_tell(system, actor, type_work, (ac_bytes){0}));
  CHECK(pthread_create(&thread, NULL, take_a_turn_and_leave, &leaver) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  ac_worker_release(leaver.worker);
  CHECK_OK(
      ac_system_settle(system, patience));  // refused in a handler, which this thread is not in
  CHECK_OK(ac_system_stop(system, 0, NULL, NULL));
  ac_system_release(system);
}

TEST(a_stopped_actor_drops_what_is_queued_unless_it_drains) {
  for (uint32_t flags = 0; flags <= AC_STOP_DRAIN; ++flags) {
    struct host host;
    struct counter counter = {.other = {0}};
    struct gate gate;
    host_open(&host, one_worker);
    const ac_actor actor = host_spawn(&host, &counter.cell, on_count);
    host_enter_gate(&host, &gate);
    tell_work(&host, actor, 10);
    CHECK_OK(ac_actor_stop(host.system, actor, flags));
    sem_post(&gate.leave);
    host_settle(&host);
    CHECK_EQ(flags == AC_STOP_DRAIN ? 10 : 0, counter.cell.handled);
    CHECK_EQ(flags == AC_STOP_DRAIN ? 0 : 10, host_check_ledger(&host).dead[AC_DEAD_STOPPED]);
    CHECK_EQ(1, counter.cell.destroyed);
    CHECK_STATUS(AC_E_STALE, ac_actor_stop(host.system, actor, flags));
    host_close(&host);
  }
}

TEST(an_actor_stops_itself_and_others_from_its_handler) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    for (uint64_t seed = 0; seed < 2; ++seed) {
      struct host host;
      struct counter counter = {.other = {0}}, other = {.other = {0}};
      const struct host_options options = {.mode = mode, .seed = seed};
      host_open(&host, options);
      const ac_actor actor = host_spawn(&host, &counter.cell, on_count);
      counter.other = host_spawn(&host, &other.cell, on_count);
      host_tell(&host, actor, type_stop_other, 0);
      host_settle(&host);
      CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, counter.other));
      CHECK_OK(ac_actor_check(host.system, actor));
      host_tell(&host, actor, type_stop_me, 0);
      host_settle(&host);
      CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, actor));
      CHECK_EQ(0, other.cell.handled);  // STOP is delivered to no handler
      host_check_ledger(&host);
      host_close(&host);
    }
  }
}

TEST(a_stop_message_from_outside_ends_the_actor_after_what_was_sent_before) {
  struct host host;
  struct counter counter = {.other = {0}};
  struct gate gate;
  const ac_bytes none = {0};
  host_open(&host, one_worker);
  const ac_actor actor = host_spawn(&host, &counter.cell, on_count);
  host_enter_gate(&host, &gate);
  tell_work(&host, actor, 5);
  CHECK_OK(ac_tell(host.system, actor, AC_TYPE_STOP, none));
  tell_work(&host, actor, 5);
  sem_post(&gate.leave);
  host_settle(&host);
  CHECK_EQ(5, counter.cell.handled);
  CHECK_EQ(5, host_check_ledger(&host).dead[AC_DEAD_STOPPED]);
  host_close(&host);
}

TEST(a_supervisor_that_no_thread_serves_ends_after_its_children_that_have_one) {
  enum { many = 200 };
  static struct counter counters[many];
  memset(counters, 0, sizeof counters);
  struct host host;
  host_open(&host, one_worker);
  const ac_dispatcher_options lent = {.struct_size = sizeof lent, .mode = AC_DISPATCHER_ATTACHED};
  ac_dispatcher dispatcher;
  CHECK_OK(ac_dispatcher_create(host.system, &lent, &dispatcher, NULL));
  const ac_spawn_options above = {.struct_size = sizeof above, .dispatcher = dispatcher};
  ac_actor supervisor;
  CHECK_OK(ac_spawn(host.system, &above, &supervisor, NULL));
  const ac_spawn_options under = {.supervisor = supervisor};
  for (int i = 0; i < many; ++i) host_spawn_with(&host, &counters[i].cell, on_count, under);
  host_close(&host);
  CHECK_EQ(many + 1, host.report.actors);
}
