// ATTACHED: what a turn hands over, who may take what, and how a worker waits. The test's thread
// drives the workers itself, so every step is where it is seen.
#include <string.h>

#include "host.h"

enum { type_work = 1 };

struct bench {
  ac_system system;
  ac_dispatcher dispatcher;
};

static struct bench bench_open(uint32_t workers) {
  struct bench bench;
  const ac_dispatcher_options options = {.struct_size = sizeof options,
                                         .mode = AC_DISPATCHER_ATTACHED,
                                         .workers = workers,
                                         .spin_ns = AC_SPIN_NONE};
  CHECK_OK(ac_system_create(NULL, &bench.system, NULL));
  CHECK_OK(ac_dispatcher_create(bench.system, &options, &bench.dispatcher, NULL));
  return bench;
}

static ac_worker attach(const struct bench* bench) {
  ac_worker worker;
  CHECK_OK(ac_worker_attach(bench->dispatcher, 0, &worker, NULL));
  return worker;
}

static ac_actor spawn(const struct bench* bench, uintptr_t user, uint32_t flags) {
  const ac_spawn_options options = {
      .struct_size = sizeof options, .flags = flags, .dispatcher = bench->dispatcher, .user = user};
  ac_actor actor;
  CHECK_OK(ac_spawn(bench->system, &options, &actor, NULL));
  return actor;
}

static void tell(const struct bench* bench, ac_actor to, uint64_t value) {
  CHECK_OK(ac_tell(bench->system, to, type_work, bytes_of(&value, sizeof value)));
}

static ac_turn* take(ac_worker worker) {
  ac_turn* turn;
  CHECK_OK(ac_worker_turn(worker, patience, &turn));
  return turn;
}

static uint32_t claim(ac_activation* activation) {
  uint32_t ready = AC_ACTIVATION_READY;
  return __atomic_compare_exchange_n(&activation->state, &ready, AC_ACTIVATION_CLAIMED, 0,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

// Ends the system while `worker` takes the turns that this needs.
static void* stopper(void* system) {
  CHECK_OK(ac_system_stop(*(ac_system*)system, patience, NULL, NULL));
  return NULL;
}

static void bench_close(struct bench* bench, ac_worker worker) {
  pthread_t thread;
  ac_turn* turn;
  ac_status status;
  CHECK(pthread_create(&thread, NULL, stopper, &bench->system) == 0);
  while ((status = ac_worker_turn(worker, patience, &turn)) == AC_OK) continue;
  CHECK_STATUS(AC_E_STOPPED, status);
  ac_worker_release(worker);
  CHECK(pthread_join(thread, NULL) == 0);
  ac_ledger ledger;
  CHECK_OK(ac_system_ledger(bench->system, &ledger));
  CHECK_EQ(ledger.accepted, ledger.handled + dead_total(&ledger));
  ac_system_release(bench->system);
}

TEST(a_turn_hands_over_the_messages_of_an_actor_in_order) {
  struct bench bench = bench_open(0);
  const ac_worker worker = attach(&bench);
  const ac_actor actor = spawn(&bench, 7, 0);
  for (uint64_t i = 0; i < 5; ++i) tell(&bench, actor, i);
  const ac_turn* turn = take(worker);
  CHECK_EQ(1, turn->count);
  CHECK_EQ(worker.bits, turn->worker.bits);
  CHECK_EQ(bench.system.bits, turn->system.bits);
  CHECK(turn->struct_size >= sizeof(ac_turn));
  CHECK(turn->outbox_capacity > 0);
  CHECK_EQ(0, turn->outbox_count);
  const ac_activation* activation = &turn->activations[0];
  CHECK_EQ(actor.bits, activation->actor.bits);
  CHECK_EQ(7, activation->user);
  CHECK_EQ(AC_ACTIVATION_CLAIMED, activation->state);
  CHECK_EQ(5, activation->count);
  for (uint32_t i = 0; i < 5; ++i) {
    CHECK_EQ(i, value_of(activation->messages[i]));
    CHECK_EQ(type_work, activation->messages[i]->type);
    CHECK_EQ(0, activation->messages[i]->sender.bits);
    CHECK_EQ(0, activation->messages[i]->correlation);
  }
  bench_close(&bench, worker);
}

TEST(an_idle_poll_times_out) {
  struct bench bench = bench_open(0);
  const ac_worker worker = attach(&bench);
  ac_turn* turn;
  CHECK_STATUS(AC_E_TIMEOUT, ac_worker_turn(worker, 0, &turn));
  uint64_t before, after;
  CHECK_OK(ac_system_now(bench.system, &before));
  CHECK_STATUS(AC_E_TIMEOUT, ac_worker_turn(worker, 5000000, &turn));
  CHECK_OK(ac_system_now(bench.system, &after));
  CHECK(after - before >= 5000000);
  bench_close(&bench, worker);
}

TEST(a_wake_ends_the_next_wait_without_work) {
  struct bench bench = bench_open(0);
  const ac_worker worker = attach(&bench);
  CHECK_OK(ac_worker_wake(worker));
  CHECK_EQ(0, take(worker)->count);
  ac_turn* turn;
  CHECK_STATUS(AC_E_TIMEOUT, ac_worker_turn(worker, 0, &turn));
  bench_close(&bench, worker);
}

struct waiter {
  ac_worker worker;
  ac_status status;
  uint32_t count;
};

static void* wait_long(void* argument) {
  struct waiter* waiter = argument;
  ac_turn* turn;
  do {
    waiter->status = ac_worker_turn(waiter->worker, AC_TIMEOUT_NEVER, &turn);
  } while (waiter->status == AC_E_BUSY);
  waiter->count = waiter->status == AC_OK ? turn->count : 0;
  return NULL;
}

// Returns once another thread is inside the worker's turn.
static void until_busy(ac_worker worker) {
  ac_turn* turn;
  ac_status status;
  while ((status = ac_worker_turn(worker, 0, &turn)) == AC_E_TIMEOUT) continue;
  CHECK_STATUS(AC_E_BUSY, status);
}

TEST(a_second_caller_of_a_worker_is_told_that_it_is_busy_and_a_wake_ends_the_first) {
  struct bench bench = bench_open(0);
  struct waiter waiter = {.worker = attach(&bench)};
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, wait_long, &waiter) == 0);
  until_busy(waiter.worker);
  CHECK_OK(ac_worker_wake(waiter.worker));
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK_STATUS(AC_OK, waiter.status);
  CHECK_EQ(0, waiter.count);
  bench_close(&bench, waiter.worker);
}

TEST(a_send_wakes_a_waiting_worker) {
  struct bench bench = bench_open(0);
  struct waiter waiter = {.worker = attach(&bench)};
  const ac_actor actor = spawn(&bench, 0, 0);
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, wait_long, &waiter) == 0);
  until_busy(waiter.worker);
  tell(&bench, actor, 1);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK_STATUS(AC_OK, waiter.status);
  CHECK_EQ(1, waiter.count);
  bench_close(&bench, waiter.worker);
}

TEST(a_stop_ends_a_waiting_worker) {
  struct bench bench = bench_open(0);
  struct waiter waiter = {.worker = attach(&bench)};
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, wait_long, &waiter) == 0);
  until_busy(waiter.worker);
  CHECK_OK(ac_system_stop(bench.system, 0, NULL, NULL));
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK_STATUS(AC_E_STOPPED, waiter.status);
  ac_worker_release(waiter.worker);
  ac_system_release(bench.system);
}

TEST(what_a_turn_sends_arrives_when_it_ends) {
  struct bench bench = bench_open(0);
  const ac_worker worker = attach(&bench);
  const ac_actor first = spawn(&bench, 1, 0), then = spawn(&bench, 2, 0);
  tell(&bench, first, 0);
  ac_turn* turn = take(worker);
  CHECK_OK(send_value(turn, &turn->activations[0], then, type_work, 42));
  turn = take(worker);
  CHECK_EQ(1, turn->count);
  CHECK_EQ(2, turn->activations[0].user);
  CHECK_EQ(42, value_of(turn->activations[0].messages[0]));
  CHECK_EQ(first.bits, turn->activations[0].messages[0]->sender.bits);
  CHECK_EQ(0, turn->outbox_count);
  bench_close(&bench, worker);
}

// Runs claimed activations until nothing comes; returns how many messages were had.
static uint64_t drain(ac_worker worker) {
  uint64_t messages = 0;
  ac_turn* turn;
  ac_status status;
  while ((status = ac_worker_turn(worker, 0, &turn)) == AC_OK) {
    for (uint32_t i = 0; i < turn->count; ++i) {
      if (i == 0 || claim(&turn->activations[i])) messages += turn->activations[i].count;
    }
  }
  CHECK_STATUS(AC_E_TIMEOUT, status);
  return messages;
}

TEST(another_worker_takes_what_a_turns_holder_has_not_begun) {
  enum { actors = 12 };
  struct bench bench = bench_open(2);
  const ac_worker holder = attach(&bench), thief = attach(&bench);
  for (uint64_t i = 0; i < actors; ++i) tell(&bench, spawn(&bench, i, 0), i);
  ac_turn* turn = take(holder);
  CHECK_EQ(AC_ACTIVATION_CLAIMED, turn->activations[0].state);
  uint64_t had = turn->activations[0].count;
  const uint64_t stolen = drain(thief);
  CHECK_EQ(actors - 1, stolen);  // all but the one that the holder is in
  for (uint32_t i = 1; i < turn->count; ++i) CHECK(!claim(&turn->activations[i]));
  had += drain(holder);
  CHECK_EQ(actors, had + stolen);
  ac_ledger ledger;
  CHECK_OK(ac_system_ledger(bench.system, &ledger));
  CHECK_EQ(actors, ledger.handled);
  CHECK_EQ(0, ledger.queued);
  ac_worker_release(thief);
  bench_close(&bench, holder);
}

TEST(a_claimed_activation_cannot_be_stolen) {
  struct bench bench = bench_open(2);
  const ac_worker holder = attach(&bench), thief = attach(&bench);
  for (uint64_t i = 0; i < 4; ++i) tell(&bench, spawn(&bench, i, 0), i);
  ac_turn* turn = take(holder);
  uint64_t had = turn->activations[0].count;
  for (uint32_t i = 1; i < turn->count; ++i) {
    CHECK(claim(&turn->activations[i]));
    had += turn->activations[i].count;
  }
  CHECK_EQ(4, had + drain(thief) + drain(holder));
  ac_worker_release(thief);
  bench_close(&bench, holder);
}

TEST(a_worker_released_mid_turn_has_handled_what_it_claimed_and_leaves_the_rest) {
  struct bench bench = bench_open(2);
  const ac_worker leaver = attach(&bench), stayer = attach(&bench);
  const ac_actor sink = spawn(&bench, 99, 0);
  for (uint64_t i = 0; i < 4; ++i) tell(&bench, spawn(&bench, i, 0), i);
  ac_turn* turn = take(leaver);
  CHECK_OK(send_value(turn, &turn->activations[0], sink, type_work, 5));
  const uint64_t had = turn->activations[0].count;
  ac_worker_release(leaver);
  CHECK_EQ(4 - had + 1, drain(stayer));
  CHECK_STATUS(AC_E_STALE, ac_worker_turn(leaver, 0, &turn));
  ac_ledger ledger;
  CHECK_OK(ac_system_ledger(bench.system, &ledger));
  CHECK_EQ(5, ledger.handled);
  CHECK_EQ(0, ledger.queued);
  bench_close(&bench, stayer);
}

TEST(an_actor_whose_activation_is_in_hand_is_not_given_to_another_worker) {
  struct bench bench = bench_open(2);
  const ac_worker holder = attach(&bench), other = attach(&bench);
  const ac_actor actor = spawn(&bench, 0, 0);
  tell(&bench, actor, 1);
  CHECK_EQ(1, take(holder)->count);
  tell(&bench, actor, 2);
  ac_turn* turn;
  CHECK_STATUS(AC_E_TIMEOUT, ac_worker_turn(other, 0, &turn));
  CHECK_EQ(1, drain(holder));
  ac_worker_release(other);
  bench_close(&bench, holder);
}

TEST(no_more_workers_attach_than_the_dispatcher_takes) {
  struct bench bench = bench_open(1);
  const ac_worker worker = attach(&bench);
  ac_worker more;
  ac_error error;
  CHECK_STATUS(AC_E_LIMIT, ac_worker_attach(bench.dispatcher, 0, &more, &error));
  ac_text message;
  CHECK_OK(ac_error_message(error, &message));
  CHECK(message.size > 0);
  ac_error_release(error);
  ac_worker_release(worker);
  const ac_worker again = attach(&bench);
  bench_close(&bench, again);
}

TEST(each_way_of_running_refuses_the_calls_of_the_others) {
  struct bench bench = bench_open(0);
  const ac_dispatcher_options options = {.struct_size = sizeof options,
                                         .mode = AC_DISPATCHER_CALLER};
  ac_dispatcher caller, none = {0};
  ac_worker worker = attach(&bench), stepper, refused;
  ac_turn* turn;
  CHECK_OK(ac_dispatcher_create(bench.system, &options, &caller, NULL));
  CHECK_OK(ac_worker_attach(caller, 0, &stepper, NULL));
  CHECK_STATUS(AC_E_WRONG_MODE, ac_worker_turn(stepper, 0, &turn));
  CHECK_STATUS(AC_E_WRONG_MODE, ac_worker_run(worker, 0, 0, NULL));
  CHECK_STATUS(AC_E_NO_HANDLE, ac_worker_attach(none, 0, &refused, NULL));
  CHECK_STATUS(AC_E_UNKNOWN_CONSTANT, ac_worker_attach(caller, 1u << 31, &refused, NULL));
  ac_worker_release(stepper);
  bench_close(&bench, worker);
}

TEST(started_is_the_first_message_and_stopped_the_last) {
  struct bench bench = bench_open(0);
  const ac_worker worker = attach(&bench);
  const ac_actor actor = spawn(&bench, 3, AC_SPAWN_STARTED | AC_SPAWN_STOPPED);
  tell(&bench, actor, 1);
  uint32_t types[8], count = 0;
  CHECK_OK(ac_actor_stop(bench.system, actor, AC_STOP_DRAIN));
  ac_turn* turn;
  while (ac_worker_turn(worker, 0, &turn) == AC_OK) {
    for (uint32_t i = 0; i < turn->count; ++i) {
      CHECK_EQ(3, turn->activations[i].user);
      if (i != 0) CHECK(claim(&turn->activations[i]));
      for (uint32_t k = 0; k < turn->activations[i].count; ++k) {
        CHECK(count < 8);
        types[count++] = turn->activations[i].messages[k]->type;
      }
    }
  }
  CHECK_EQ(3, count);
  CHECK_EQ(AC_TYPE_STARTED, types[0]);
  CHECK_EQ(type_work, types[1]);
  CHECK_EQ(AC_TYPE_STOPPED, types[2]);
  CHECK_STATUS(AC_E_STALE, ac_actor_check(bench.system, actor));
  bench_close(&bench, worker);
}
