#include "host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static ac_status on_turn(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  struct cell* cell = (struct cell*)user;
  uint32_t messages = 0;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const uint32_t type = activation->messages[i]->type;
    messages += type != AC_TYPE_STARTED &&
                (type < AC_TYPE_RESTARTING || type > AC_TYPE_RESTARTED) &&
                type != AC_TYPE_STOPPING && type != AC_TYPE_STOPPED;
  }
  const ac_status status = cell->on(cell, turn, activation);
  atomic_fetch_add(&cell->handled, status == AC_OK ? messages : activation->handled + 1);
  return status;
}

static void on_destroy(uintptr_t user) { atomic_fetch_add(&((struct cell*)user)->destroyed, 1); }

// What a binding for a language without callbacks does with a turn.
static void take_turn(ac_turn* turn) {
  for (uint32_t i = 0; i < turn->count; ++i) {
    ac_activation* activation = &turn->activations[i];
    uint32_t ready = AC_ACTIVATION_READY;
    if (i != 0 && !__atomic_compare_exchange_n(&activation->state, &ready, AC_ACTIVATION_CLAIMED, 0,
                                               __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
      continue;
    }
    const ac_status status = on_turn(activation->user, turn, activation);
    if (status != AC_OK && activation->status == AC_OK) {  // or the handler has told it
      CHECK_OK(ac_worker_fail(turn->worker, i, activation->handled, status,
                              ac_text_of("c test handler")));
    }
  }
}

static void* take_turns(void* argument) {
  const ac_worker worker = *(ac_worker*)argument;
  ac_turn* turn;
  ac_status status;
  while ((status = ac_worker_turn(worker, AC_TIMEOUT_NEVER, &turn)) == AC_OK) take_turn(turn);
  CHECK_STATUS(AC_E_STOPPED, status);
  ac_worker_release(worker);
  return NULL;
}

static void* step(void* argument) {
  const ac_worker worker = *(ac_worker*)argument;
  ac_status status;
  while ((status = ac_worker_run(worker, AC_TIMEOUT_NEVER, 0, NULL)) == AC_OK) continue;
  CHECK_STATUS(AC_E_STOPPED, status);
  ac_worker_release(worker);
  return NULL;
}

static void create_system(struct host* host, const struct host_options* options) {
  const ac_system_options system = {.struct_size = sizeof system,
                                    .flags = options->seed != 0 ? AC_SYSTEM_SEEDED : 0,
                                    .seed = options->seed,
                                    .workers = host->workers,
                                    .throughput = options->throughput,
                                    .name = ac_text_of("test"),
                                    .message_bytes_max = options->message_bytes_max};
  CHECK_OK(ac_system_create(&system, &host->system, NULL));
  if (host->mode == mode_inline) return;
  const ac_dispatcher_options dispatcher = {
      .struct_size = sizeof dispatcher,
      .mode = host->mode == mode_attached ? AC_DISPATCHER_ATTACHED : AC_DISPATCHER_CALLER,
      .throughput = options->throughput};
  CHECK_OK(ac_dispatcher_create(host->system, &dispatcher, &host->dispatcher, NULL));
}

void host_open(struct host* host, struct host_options options) {
  memset(host, 0, sizeof *host);
  host->mode = options.mode;
  host->workers = options.workers != 0 ? options.workers : options.seed != 0 ? 1 : 2;
  create_system(host, &options);
  if (host->mode != mode_attached) {
    const ac_behavior_options behavior = {.struct_size = sizeof behavior,
                                          .on_turn = on_turn,
                                          .destroy = on_destroy,
                                          .name = ac_text_of("c test handler")};
    CHECK_OK(ac_behavior_create(host->system, &behavior, &host->behavior, NULL));
  }
  // What a seeded system has no library thread for, whoever waits for it does.
  if (host->mode == mode_inline || (host->mode == mode_caller && options.seed != 0)) {
    host->workers = 0;
    return;
  }
  for (uint32_t i = 0; i < host->workers; ++i) {
    // Attached before the threads run, so that no test can be over before they are there.
    CHECK_OK(ac_worker_attach(host->dispatcher, 0, &host->lent[i], NULL));
    void* (*run)(void*) = host->mode == mode_attached ? take_turns : step;
    CHECK(pthread_create(&host->threads[i], NULL, run, &host->lent[i]) == 0);
  }
}

static void close_within(struct host* host, uint64_t timeout_ns) {
  // The library gives up a second after the deadline. The thread sanitizer may need that long where
  // it first looks a suppressed report up, so it is asked again.
  ac_status status = AC_E_TIMEOUT;
  for (int tries = 0; status == AC_E_TIMEOUT && tries < 10; ++tries) {
    status = ac_system_stop(host->system, timeout_ns, &host->report, NULL);
  }
  CHECK_OK(status);
  for (uint32_t i = 0; i < host->workers; ++i) {
    CHECK(pthread_join(host->threads[i], NULL) == 0);
  }
  const ac_ledger ledger = host_check_ledger(host);
  CHECK_EQ(0, ledger.queued);
  ac_system_stats stats;
  CHECK_OK(ac_system_get_stats(host->system, &stats));
  CHECK_EQ(0, stats.actors);
  CHECK_EQ(stats.spawned, stats.stopped);
  const uint32_t destroyed = host->mode == mode_attached ? 0 : 1;
  for (uint32_t i = 0; i < host->spawned; ++i) CHECK_EQ(destroyed, host->cells[i]->destroyed);
  ac_system_release(host->system);
}

void host_close(struct host* host) { close_within(host, patience); }
void host_close_at_once(struct host* host) { close_within(host, 0); }

ac_spawn_options host_spawn_options(struct host* host, struct cell* cell, handler on) {
  cell->on = on;
  cell->host = host;
  const ac_spawn_options options = {.struct_size = sizeof options,
                                    .behavior = host->behavior,
                                    .dispatcher = host->dispatcher,
                                    .user = (uintptr_t)cell};
  return options;
}

ac_actor host_spawn_with(struct host* host, struct cell* cell, handler on,
                         ac_spawn_options options) {
  const ac_spawn_options own = host_spawn_options(host, cell, on);
  options.struct_size = own.struct_size;
  options.behavior = own.behavior;
  options.dispatcher = own.dispatcher;
  options.user = own.user;
  const uint32_t index = atomic_fetch_add(&host->spawned, 1);
  CHECK(index < cells_max);
  host->cells[index] = cell;
  CHECK_OK(ac_spawn(host->system, &options, &cell->actor, NULL));
  return cell->actor;
}

ac_actor host_spawn(struct host* host, struct cell* cell, handler on) {
  const ac_spawn_options options = {.flags = 0};
  return host_spawn_with(host, cell, on, options);
}

void host_settle(struct host* host) { CHECK_OK(ac_system_settle(host->system, patience)); }

void host_tell(struct host* host, ac_actor to, uint32_t type, uint64_t value) {
  CHECK_OK(ac_tell(host->system, to, type, bytes_of(&value, sizeof value)));
}

uint64_t host_ask(struct host* host, ac_actor to, uint32_t type, uint64_t value) {
  ac_message reply;
  CHECK_OK(ac_ask(host->system, to, type, bytes_of(&value, sizeof value), patience, &reply));
  return value_of(&reply);
}

ac_ledger host_ledger(struct host* host) {
  ac_ledger ledger;
  CHECK_OK(ac_system_ledger(host->system, &ledger));
  return ledger;
}

uint64_t dead_total(const ac_ledger* ledger) {
  uint64_t total = 0;
  for (unsigned i = 0; i < sizeof ledger->dead / sizeof *ledger->dead; ++i) {
    total += ledger->dead[i];
  }
  return total;
}

ac_ledger host_check_ledger(struct host* host) {
  const ac_ledger ledger = host_ledger(host);
  CHECK_EQ(ledger.accepted, ledger.handled + ledger.queued + ledger.stashed + dead_total(&ledger));
  CHECK(ledger.failed <= ledger.handled);
  return ledger;
}

static ac_status on_gate(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct gate* gate = (struct gate*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    sem_post(&gate->entered);
    await(&gate->leave);
  }
  return AC_OK;
}

ac_actor host_enter_gate(struct host* host, struct gate* gate) {
  memset(gate, 0, sizeof *gate);
  sem_init(&gate->entered, 0, 0);
  sem_init(&gate->leave, 0, 0);
  const ac_actor actor = host_spawn(host, &gate->cell, on_gate);
  host_tell(host, actor, 1, 0);
  await(&gate->entered);
  return actor;
}

uint64_t value_of(const ac_message* message) {
  uint64_t value;
  CHECK_EQ(sizeof value, message->length);
  memcpy(&value, ac_message_payload(message), sizeof value);
  return value;
}

ac_status send_value(ac_turn* turn, const ac_activation* from, ac_actor to, uint32_t type,
                     uint64_t value) {
  return ac_turn_send(turn, from, to, type, &value, sizeof value);
}

ac_bytes bytes_of(const void* data, uint64_t size) {
  const ac_bytes bytes = {data, size};
  return bytes;
}

void await(sem_t* semaphore) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 60;
  int waited;
  while ((waited = sem_timedwait(semaphore, &until)) != 0 && errno == EINTR) continue;
  CHECK(waited == 0);
}

void in_every_mode(in_a_mode run) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    run((struct host_options){.mode = mode});
    run((struct host_options){.mode = mode, .seed = 5});
  }
}
