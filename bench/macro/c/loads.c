// contend, load and rest: many threads outside at one mailbox, latency at a rate, and what a system
// that has nothing to do costs.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run.h"

enum { type_work = 1, threads_max = 64 };

// A thread that sends.
struct sender {
  struct run* run;
  pthread_t thread;
  uint64_t number, count, gap_ns, start_ns;
  const ac_actor* actors;
  uint64_t targets;  // how many
  uint64_t* took;    // of a paced one
};

static void start_senders(struct sender* senders, uint64_t count, void* (*body)(void*)) {
  for (uint64_t i = 0; i < count; ++i) {
    if (pthread_create(&senders[i].thread, NULL, body, &senders[i]) != 0) {
      must(AC_E_NO_MEMORY, "pthread_create");
    }
  }
}

static void join_senders(struct sender* senders, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) pthread_join(senders[i].thread, NULL);
}

static uint64_t bounded(uint64_t threads) { return threads > threads_max ? threads_max : threads; }

// -- contend ------------------------------------------------------------------------------------

static ac_status on_count(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) latch_down(&((struct part*)user)->run->done);
  return AC_OK;
}

static void* send_all(void* argument) {
  const struct sender* self = argument;
  for (uint64_t i = 0; i < self->count; ++i) {
    run_tell(self->run, self->actors[0], type_work, &i, sizeof i);
  }
  return NULL;
}

struct macro_result contend(struct run* run, const uint64_t* sizes) {
  const uint64_t threads = bounded(sizes[0]);
  struct part sink;
  const ac_actor actor = run_spawn(run, run_behavior(run, on_count), &sink);
  struct sender senders[threads_max];
  for (uint64_t i = 0; i < threads; ++i) {
    senders[i] = (struct sender){.run = run, .number = i, .count = sizes[1], .actors = &actor};
  }
  latch_set(&run->done, threads * sizes[1]);
  const struct clock start = clock_now();
  start_senders(senders, threads, send_all);
  const struct macro_result result = run_finish(run, threads * sizes[1], start);
  join_senders(senders, threads);
  run_stop(run, &actor, 1);
  return result;
}

// -- load ---------------------------------------------------------------------------------------

// What a message says: when it was sent, and where its latency goes.
struct sent {
  uint64_t at_ns;
  uint64_t* took;
};

static ac_status on_sent(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    struct sent sent;
    memcpy(&sent, ac_message_payload(activation->messages[i]), sizeof sent);
    *sent.took = now_ns() - sent.at_ns;
    latch_down(&((struct part*)user)->run->done);
  }
  return AC_OK;
}

// Sends at its rate: early, it sleeps; late, it sends at once, so that all are sent in the end.
static void* send_paced(void* argument) {
  const struct sender* sender = argument;
  for (uint64_t i = 0; i < sender->count; ++i) {
    const uint64_t due_ns = sender->start_ns + i * sender->gap_ns;
    const uint64_t now = now_ns();
    if (now + 50000 < due_ns) {
      const uint64_t left = due_ns - now;
      const struct timespec wait = {(time_t)(left / UINT64_C(1000000000)),
                                    (long)(left % UINT64_C(1000000000))};
      nanosleep(&wait, NULL);
    }
    const uint64_t mixed = (i + sender->number) * UINT64_C(0x9E3779B97F4A7C15);
    const struct sent sent = {now_ns(), &sender->took[i]};
    const ac_actor to = sender->actors[(mixed >> 32) % sender->targets];
    run_tell(sender->run, to, type_work, &sent, sizeof sent);
  }
  return NULL;
}

// `sizes[0]` messages a second for a second, from `sizes[1]` threads to `sizes[2]` actors.
struct macro_result load(struct run* run, const uint64_t* sizes) {
  const uint64_t threads = bounded(sizes[1]), each = sizes[0] > threads ? sizes[0] / threads : 1;
  struct part shared = {run};
  const ac_spawn_options options = {.struct_size = sizeof options,
                                    .behavior = run_behavior(run, on_sent),
                                    .user = (uintptr_t)&shared};
  const uint64_t targets = sizes[2];
  ac_actor* actors = must_allocate(targets, sizeof *actors);
  MUST(ac_spawn_many(run->system, &options, NULL, targets, actors, NULL));
  uint64_t* took = must_allocate(threads * each, sizeof *took);
  memset(took, 1, threads * each * sizeof *took);
  struct sender senders[threads_max];
  for (uint64_t i = 0; i < threads; ++i) {
    senders[i] = (struct sender){.run = run,
                                 .number = i,
                                 .count = each,
                                 .gap_ns = UINT64_C(1000000000) / each,
                                 .start_ns = now_ns(),
                                 .actors = actors,
                                 .targets = targets,
                                 .took = took + i * each};
  }
  latch_set(&run->done, threads * each);
  const struct clock start = clock_now();
  start_senders(senders, threads, send_paced);
  struct macro_result result = run_finish(run, threads * each, start);
  join_senders(senders, threads);
  run_percentiles(&result, took, threads * each);
  run_stop(run, actors, targets);
  free(actors);
  free(took);
  return result;
}

// -- rest ---------------------------------------------------------------------------------------

// `sizes[0]` idle actors and `sizes[1]` timers of an hour, for `sizes[2]` milliseconds.
struct macro_result rest(struct run* run, const uint64_t* sizes) {
  struct part shared = {run};
  const ac_spawn_options options = {.struct_size = sizeof options,
                                    .behavior = run_behavior(run, on_count),
                                    .user = (uintptr_t)&shared};
  ac_actor* actors = must_allocate(sizes[0], sizeof *actors);
  MUST(ac_spawn_many(run->system, &options, NULL, sizes[0], actors, NULL));
  for (uint64_t i = 0; i < sizes[1]; ++i) {
    const ac_timer_options timer = {.struct_size = sizeof timer,
                                    .to = actors[i % sizes[0]],
                                    .type = type_work,
                                    .delay_ns = UINT64_C(3600000000000)};
    MUST(ac_timer_start(run->system, &timer, NULL, NULL));
  }
  MUST(ac_system_settle(run->system, AC_TIMEOUT_NEVER));
  latch_set(&run->done, 0);
  const struct clock start = clock_now();
  const struct timespec pause = {(time_t)(sizes[2] / 1000), (long)(sizes[2] % 1000 * 1000000)};
  nanosleep(&pause, NULL);
  struct macro_result result = run_finish(run, sizes[0], start);
  result.cpu_percent = 100 * result.cpu_seconds / result.seconds;
  run_stop(run, actors, sizes[0]);
  free(actors);
  return result;
}
