// chaos: threads ask, tell and time many actors without a pause while a tenth of these fail, are
// killed, made anew and restarted by their supervisors, and overflow.
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { type_work = 1, type_question, type_relay, type_alarm };
enum { threads = 4, mailbox_max = 4, fail_every = 64, kill_every = 512 };

// What all its actors share: they have no state, so that a killed one leaves nothing behind.
struct chaos {
  struct part part;
  atomic_uint_fast64_t handled, failed, worked;
  ac_behavior behavior;
  const ac_actor* steady;  // they never fail, and nobody kills them
  uint64_t steady_count, victim_count;
};

struct relay {
  ac_actor to;
  uint64_t number;
};

// A thread outside, with victims of its own, so that it knows whom it has killed.
struct driver {
  struct chaos* all;
  pthread_t thread;
  uint64_t random, count;
  ac_actor supervisor, *victims;
  uint64_t refused, answered;  // refused by a victim, with a reason that was to be expected
};

static uint64_t next_random(uint64_t* state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state >> 16;
}

static ac_status on_one(struct chaos* all, ac_turn* turn, ac_activation* activation,
                        const ac_message* message) {
  uint64_t number = 1;
  struct relay relay;
  atomic_fetch_add_explicit(&all->handled, 1, memory_order_relaxed);
  switch (message->type) {
    case type_alarm:
      latch_down(&all->part.run->done);
      return AC_OK;
    case type_relay:
      memcpy(&relay, ac_message_payload(message), sizeof relay);
      return ac_turn_send(turn, activation, relay.to, type_work, &relay.number,
                          sizeof relay.number);
    default:
      memcpy(&number, ac_message_payload(message), sizeof number);
  }
  if (number % fail_every == 0) {
    atomic_fetch_add_explicit(&all->failed, 1, memory_order_relaxed);
    return AC_E_HANDLER;
  }
  if (message->type == type_question) {
    return ac_turn_reply(turn, activation, message, type_work, &number, sizeof number);
  }
  atomic_fetch_add_explicit(&all->worked, 1, memory_order_relaxed);
  return AC_OK;
}

static ac_status on_chaos(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  for (uint32_t i = 0; i < activation->count; ++i) {
    activation->handled = i;
    const ac_status status = on_one((struct chaos*)user, turn, activation, activation->messages[i]);
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

static void spawn_victims(struct driver* driver, ac_actor* victims, uint64_t count) {
  const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox, .capacity = mailbox_max};
  const ac_spawn_options options = {.struct_size = sizeof options,
                                    .behavior = driver->all->behavior,
                                    .user = (uintptr_t)driver->all,
                                    .supervisor = driver->supervisor,
                                    .mailbox = &mailbox};
  MUST(ac_spawn_many(driver->all->part.run->system, &options, NULL, count, victims, NULL));
}

// Asks, and counts the answer if it is right.
static ac_status question(ac_system system, ac_actor to, uint64_t number, uint64_t* answered) {
  const ac_bytes payload = {(const uint8_t*)&number, sizeof number};
  ac_message reply;
  const ac_status status =
      ac_ask(system, to, type_question, payload, UINT64_C(10000000000), &reply);
  if (status != AC_OK) return status;
  *answered += reply.length == sizeof number &&
               memcmp(ac_message_payload(&reply), &number, sizeof number) == 0;
  return AC_OK;
}

// One operation: a message, to an actor that is steady (its number is odd) or to a victim. What
// becomes of it is seen where it ends.
static void operate(struct driver* driver, uint64_t kind, ac_actor steady, ac_actor victim) {
  const ac_system system = driver->all->part.run->system;
  const uint64_t number = next_random(&driver->random);
  const uint64_t odd = number | 1;
  const struct relay relay = {victim, number};
  const ac_bytes bytes = {(const uint8_t*)&number, sizeof number};
  const ac_timer_options alarm = {
      .struct_size = sizeof alarm, .to = steady, .type = type_alarm, .delay_ns = number % 1000000};
  ac_status status = AC_OK;
  switch (kind) {
    case 0:
      MUST(ac_timer_start(system, &alarm, NULL, NULL));
      break;
    case 1:
      (void)question(system, steady, odd, &driver->answered);
      break;
    case 2:
      status = question(system, victim, number, &driver->answered);
      break;
    case 3:
    case 4:
      (void)ac_tell(system, steady, type_relay, (ac_bytes){(const uint8_t*)&relay, sizeof relay});
      break;
    case 5:
    case 6:
      status = ac_tell(system, victim, type_work, bytes);
      break;
    default:
      (void)ac_tell(system, steady, type_work, (ac_bytes){(const uint8_t*)&odd, sizeof odd});
  }
  if (status == AC_E_FULL || status == AC_E_STALE) driver->refused += 1;
}

static void* drive(void* argument) {
  struct driver* self = argument;
  const struct chaos* all = self->all;
  const ac_system system = all->part.run->system;
  for (uint64_t i = 0; i < self->count; ++i) {
    const ac_actor steady = all->steady[next_random(&self->random) % all->steady_count];
    const uint64_t at = next_random(&self->random) % all->victim_count;
    ac_actor* victim = &self->victims[at];
    const ac_actor before = *victim;
    const uint64_t chance = next_random(&self->random) % kill_every;
    if (chance == 0) {  // what is sent to it once more is for an actor that is gone
      MUST(ac_actor_stop(system, before, AC_STOP_KILL));
      spawn_victims(self, victim, 1);
    } else if (chance == 1) {
      MUST(ac_actor_restart(system, before));
    }
    operate(self, i % 10, steady, before);
  }
  return NULL;
}

// Where the operations of a run have ended, by the ledger and by what the program saw.
static void account(struct macro_result* result, const struct chaos* all,
                    const struct driver* drivers, const ac_ledger* before) {
  ac_ledger after;
  MUST(ac_system_settle(all->part.run->system, UINT64_C(10000000000)));
  MUST(ac_system_ledger(all->part.run->system, &after));
  uint64_t refused = 0, answered = 0, dead = 0;
  for (unsigned i = 0; i < threads; ++i) {
    refused += drivers[i].refused;
    answered += drivers[i].answered;
  }
  for (unsigned i = 0; i < sizeof after.dead / sizeof after.dead[0]; ++i) {
    if (i != AC_DEAD_LATE_REPLY) dead += after.dead[i] - before->dead[i];
  }
  const uint64_t operations = result->operations;
  const uint64_t succeeded = all->worked + answered + operations / 10;  // all alarms were awaited
  if (after.handled - before->handled != all->handled + answered ||
      after.failed - before->failed != all->failed) {
    must(AC_E_INTERNAL, "what the handlers saw, beside the ledger");
  }
  const double lost = (double)operations - (double)(succeeded + refused + all->failed + dead);
  const double million = 1e6 / (double)operations;
  result->chaos = (struct macro_chaos){.failed = (lost < 0 ? -lost : lost) * million,
                                       .unsuccessful = (double)(operations - succeeded) * million,
                                       .refused = (double)refused * million,
                                       .crashed = (double)all->failed * million,
                                       .dead = (double)dead * million};
  if (result->chaos.failed >= 100) must(AC_E_INTERNAL, "1 in 10,000 operations at most may fail");
}

static void start_driver(struct driver* driver, struct chaos* all, uint64_t number, uint64_t count,
                         ac_actor* victims) {
  *driver = (struct driver){.all = all,
                            .random = (number + 1) * UINT64_C(0x9E3779B97F4A7C15),
                            .count = count,
                            .victims = victims};
  const ac_spawn_options options = {
      .struct_size = sizeof options,
      .behavior = all->behavior,
      .user = (uintptr_t)all,
      .children = {
          .strategy = AC_SUPERVISE_RESTART, .backoff_min_ns = 100000, .backoff_max_ns = 1000000}};
  MUST(ac_spawn(all->part.run->system, &options, &driver->supervisor, NULL));
  spawn_victims(driver, victims, all->victim_count);
}

// `sizes[1]` operations by four threads on `sizes[0]` actors, a tenth of which are victims.
struct macro_result chaos(struct run* run, const uint64_t* sizes) {
  const uint64_t victims = sizes[0] / 10 / threads + 1, each = (sizes[1] / threads / 10 + 1) * 10;
  struct chaos all = {.part = {run}, .steady_count = sizes[0], .victim_count = victims};
  all.behavior = run_behavior(run, on_chaos);
  const ac_spawn_options options = {
      .struct_size = sizeof options, .behavior = all.behavior, .user = (uintptr_t)&all};
  ac_actor* actors = must_allocate(sizes[0] + threads * victims, sizeof *actors);
  MUST(ac_spawn_many(run->system, &options, NULL, sizes[0], actors, NULL));
  all.steady = actors;
  struct driver drivers[threads];
  for (uint64_t i = 0; i < threads; ++i) {
    start_driver(&drivers[i], &all, i, each, actors + sizes[0] + i * victims);
  }
  ac_ledger before;
  MUST(ac_system_ledger(run->system, &before));
  latch_set(&run->done, threads * each / 10);
  latch_set(&run->gone, UINT64_MAX);  // nobody waits for those that are killed
  const struct clock start = clock_now();
  for (unsigned i = 0; i < threads; ++i) {
    if (pthread_create(&drivers[i].thread, NULL, drive, &drivers[i]) != 0) {
      must(AC_E_NO_MEMORY, "pthread_create");
    }
  }
  for (unsigned i = 0; i < threads; ++i) pthread_join(drivers[i].thread, NULL);
  struct macro_result result = run_finish(run, threads * each, start);
  account(&result, &all, drivers, &before);
  latch_set(&run->gone, sizes[0] + threads * (victims + 1));
  for (unsigned i = 0; i < threads; ++i) {
    MUST(ac_actor_stop(run->system, drivers[i].supervisor, 0));  // its victims first
  }
  for (uint64_t i = 0; i < sizes[0]; ++i) MUST(ac_actor_stop(run->system, actors[i], 0));
  latch_wait(&run->gone);
  free(actors);
  return result;
}
