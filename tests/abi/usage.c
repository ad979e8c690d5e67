// How fairly and how much workers work, and what is told of it.
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "host.h"

static ac_system_options with_workers(uint32_t workers) {
  const ac_system_options options = {.struct_size = sizeof options, .workers = workers};
  return options;
}

static void end(ac_system system) {
  CHECK_OK(ac_system_stop(system, patience, NULL, NULL));
  ac_system_release(system);
}

static uint64_t rows_of(ac_system system, ac_worker_stats* rows, uint64_t capacity) {
  uint64_t count;
  CHECK_OK(ac_system_workers(system, rows, capacity, &count));
  return count;
}

enum { type_busy = 1, type_endless, type_hold, type_probe };

enum { busy_actors = 200 };

// What the handlers of one test share.
struct load {
  sem_t entered, leave;
  atomic_uint_fast64_t activations;
  uint64_t before_probe;
  unsigned endless;  // actors that have begun
  bool is_probed;
  uint64_t until_ns, burn_ns;
};

static uint64_t clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static ac_status on_load(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  struct load* load = (struct load*)user;
  const ac_message* message = activation->messages[0];
  const uint64_t before = atomic_fetch_add(&load->activations, 1);
  if (message->type == type_hold) {
    sem_post(&load->entered);
    await(&load->leave);
    atomic_store(&load->activations, 0);
  } else if (message->type == type_probe) {
    load->before_probe = before;
    load->is_probed = true;
  } else if (message->type == type_endless) {
    if (value_of(message) == 0 && ++load->endless == busy_actors) sem_post(&load->entered);
    if (!load->is_probed) send_value(turn, activation, activation->actor, type_endless, 1);
  } else if (load->until_ns == 0) {
    const uint64_t left = value_of(message);
    if (left != 0) send_value(turn, activation, activation->actor, type_busy, left - 1);
  } else {
    const uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + load->burn_ns;
    while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end) continue;
    if (clock_ns(CLOCK_MONOTONIC) >= load->until_ns) {
      sem_post(&load->leave);
    } else {
      send_value(turn, activation, activation->actor, type_busy, 0);
    }
  }
  return AC_OK;
}

static ac_system loaded(const ac_system_options* options, struct load* load, ac_actor* actors,
                        uint64_t count) {
  ac_system system;
  CHECK_OK(ac_system_create(options, &system, NULL));
  const ac_behavior_options behave = {.struct_size = sizeof behave, .on_turn = on_load};
  ac_behavior behavior;
  CHECK_OK(ac_behavior_create(system, &behave, &behavior, NULL));
  const ac_spawn_options spawn = {
      .struct_size = sizeof spawn, .behavior = behavior, .user = (uintptr_t)load};
  memset(load, 0, sizeof *load);
  sem_init(&load->entered, 0, 0);
  sem_init(&load->leave, 0, 0);
  for (uint64_t i = 0; i < count; ++i) CHECK_OK(ac_spawn(system, &spawn, &actors[i], NULL));
  return system;
}

static void tell_value(ac_system system, ac_actor actor, uint32_t type, uint64_t value) {
  CHECK_OK(ac_tell(system, actor, type, bytes_of(&value, sizeof value)));
}

// How many activations of a worker with much to do come before what is told from outside.
static uint64_t wait_of_probe(uint32_t fairness) {
  ac_actor actors[busy_actors + 2];
  struct load load;
  ac_system_options options = with_workers(1);
  options.fairness = fairness;
  const ac_system system = loaded(&options, &load, actors, busy_actors + 2);
  for (unsigned i = 0; i < busy_actors; ++i) tell_value(system, actors[i], type_endless, 0);
  await(&load.entered);  // all of them are in the worker's own queue
  tell_value(system, actors[busy_actors], type_hold, 0);
  await(&load.entered);
  tell_value(system, actors[busy_actors + 1], type_probe, 0);
  sem_post(&load.leave);
  CHECK_OK(ac_system_settle(system, patience));
  end(system);
  return load.before_probe;
}

TEST(what_comes_from_outside_waits_for_no_more_activations_than_fairness_says) {
  CHECK(wait_of_probe(0) <= 61);
  CHECK(wait_of_probe(8) <= 8);
  CHECK(wait_of_probe(200) <= 200);
}

TEST(a_share_of_the_machine_bounds_the_time_that_workers_use) {
  const uint64_t ms = 1000000;
  ac_actor actors[4];
  struct load load;
  ac_system_options options = with_workers(2);
  options.cpu_share_permille = 200;
  const ac_system system = loaded(&options, &load, actors, 4);
  ac_usage usage;
  ac_worker_stats rows[2];
  CHECK_OK(ac_system_usage(system, &usage));
  CHECK_EQ(200, usage.share_permille);
  do {  // until both have begun, which takes time that a sanitizer makes long
    sched_yield();
    CHECK_EQ(2, rows_of(system, rows, 2));
  } while (rows[0].parks == 0 || rows[1].parks == 0);
  const uint64_t before = rows[0].cpu_ns + rows[1].cpu_ns;
  const uint64_t start = clock_ns(CLOCK_MONOTONIC);
  load.burn_ns = ms;
  load.until_ns = start + 500 * ms;
  for (unsigned i = 0; i < 4; ++i) tell_value(system, actors[i], type_busy, 0);
  for (unsigned i = 0; i < 4; ++i) await(&load.leave);
  const uint64_t span = clock_ns(CLOCK_MONOTONIC) - start;
  CHECK_EQ(2, rows_of(system, rows, 2));
  const uint64_t used = rows[0].cpu_ns + rows[1].cpu_ns - before;
  const uint64_t budget = usage.capacity_permille * 200 / 1000;  // thousandths of a processor
  // The window that was saved up, and a turn of the four on each worker.
  CHECK(used <= (span + 100 * ms) * budget / 1000 + 2 * 4 * ms + 20 * ms);
  CHECK(used >= 4 * ms);
  end(system);
}

TEST(a_system_with_a_share_ends_at_once) {
  ac_actor actor;
  struct load load;
  ac_system_options options = with_workers(1);
  options.cpu_share_permille = 1;
  const ac_system system = loaded(&options, &load, &actor, 1);
  load.burn_ns = 20 * 1000000;  // makes for seconds of rest
  load.until_ns = UINT64_MAX;
  tell_value(system, actor, type_busy, 0);
  while (atomic_load(&load.activations) == 0) sched_yield();
  ac_stop_report report;
  CHECK_OK(ac_system_stop(system, 0, &report, NULL));
  CHECK_EQ(1, report.actors);
  ac_system_release(system);
}

TEST(usage_never_falls_and_utilisation_is_a_share) {
  ac_actor actors[2];
  struct load load;
  const uint64_t start = clock_ns(CLOCK_MONOTONIC);
  const ac_system_options options = with_workers(2);
  const ac_system system = loaded(&options, &load, actors, 2);
  ac_usage usage, last = {0};
  ac_worker_stats rows[2], before[2];
  memset(before, 0, sizeof before);
  const uint64_t first_ns = clock_ns(CLOCK_MONOTONIC);
  for (unsigned round = 0; round < 200; ++round) {
    tell_value(system, actors[round % 2], type_busy, 20);
    if (round % 8 == 0) CHECK_OK(ac_system_settle(system, patience));
    CHECK_OK(ac_system_usage(system, &usage));
    CHECK(usage.time_ns >= last.time_ns && usage.user_ns >= last.user_ns);
    CHECK(usage.system_ns >= last.system_ns && usage.resident_bytes <= usage.peak_bytes);
    CHECK(usage.resident_bytes > 0 && usage.threads >= 3 && usage.workers == 2);
    last = usage;
    CHECK_EQ(2, rows_of(system, rows, 2));
    for (unsigned i = 0; i < 2; ++i) {
      CHECK(rows[i].cpu_ns >= before[i].cpu_ns && rows[i].busy_ns >= before[i].busy_ns);
      CHECK(rows[i].parked_ns >= before[i].parked_ns && rows[i].turns >= before[i].turns);
      CHECK(rows[i].activations >= before[i].activations && rows[i].parks >= before[i].parks);
      before[i] = rows[i];
    }
  }
  CHECK_OK(ac_system_settle(system, patience));
  CHECK_OK(ac_system_stop(system, patience, NULL, NULL));
  CHECK_EQ(2, rows_of(system, rows, 2));  // to the end
  ac_ledger ledger;
  CHECK_OK(ac_system_ledger(system, &ledger));
  CHECK(ledger.handled > 200);
  CHECK_EQ(ledger.handled, rows[0].handled + rows[1].handled);
  const uint64_t span = clock_ns(CLOCK_MONOTONIC) - start;
  for (unsigned i = 0; i < 2; ++i) {  // busy and parked are all of its life
    CHECK(rows[i].busy_ns > 0 && rows[i].busy_ns + rows[i].parked_ns <= span);
    CHECK(rows[i].busy_ns + rows[i].parked_ns >= last.time_ns - first_ns);
  }
  ac_system_release(system);
}

TEST(a_seeded_system_has_one_trace_whatever_it_was_asked_of_processors) {
  uint64_t hashes[2];
  for (unsigned i = 0; i < 2; ++i) {
    ac_actor actors[8];
    struct load load;
    ac_system_options options = with_workers(1);
    options.flags = AC_SYSTEM_SEEDED;
    options.seed = 7;
    if (i != 0) {
      options.dispatcher_flags = AC_DISPATCHER_PINNED;
      options.fairness = 8;
      options.priority = 1;
      options.cpu_share_permille = 10;
    }
    const ac_system system = loaded(&options, &load, actors, 8);
    for (unsigned k = 0; k < 8; ++k) tell_value(system, actors[k], type_busy, 20);
    CHECK_OK(ac_system_settle(system, patience));
    CHECK_OK(ac_system_trace_hash(system, &hashes[i]));
    end(system);
  }
  CHECK_EQ((int64_t)hashes[0], (int64_t)hashes[1]);
}
