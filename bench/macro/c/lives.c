// churn, crash and alarms: actors that are made and ended, that fail and restart, and timers.
#include <stdlib.h>

#include "run.h"

enum { type_work = 1, batch = 1000 };

static ac_status on_nothing(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  (void)user, (void)turn, (void)activation;
  return AC_OK;
}

// Makes and stops a thousand actors at a time until there were `sizes[0]`.
struct macro_result churn(struct run* run, const uint64_t* sizes) {
  const ac_behavior behavior = run_behavior(run, on_nothing);
  struct part shared = {run};
  const ac_spawn_options options = {
      .struct_size = sizeof options, .behavior = behavior, .user = (uintptr_t)&shared};
  ac_actor actors[batch];
  latch_set(&run->done, 0);
  const struct clock start = clock_now();
  for (uint64_t made = 0; made < sizes[0]; made += batch) {
    const uint64_t many = sizes[0] - made < batch ? sizes[0] - made : batch;
    MUST(ac_spawn_many(run->system, &options, NULL, many, actors, NULL));
    run_stop(run, actors, many);
  }
  return run_finish(run, sizes[0], start);
}

static ac_status on_crash(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    activation->handled = i;
    if (activation->messages[i]->type == type_work) return AC_E_HANDLER;
    latch_down(&((struct part*)user)->run->done);  // AC_TYPE_RESTARTED
  }
  return AC_OK;
}

// One supervisor; its children fail at every message and are restarted, `sizes[1]` times together.
struct macro_result crash(struct run* run, const uint64_t* sizes) {
  const uint64_t children = sizes[0], failures = sizes[1] / children * children;
  struct part boss = {run}, shared = {run};
  const ac_spawn_options above = {.struct_size = sizeof above,
                                  .behavior = run_behavior(run, on_nothing),
                                  .user = (uintptr_t)&boss,
                                  .children = {.strategy = AC_SUPERVISE_RESTART}};
  ac_spawn_options below = {.struct_size = sizeof below,
                            .flags = AC_SPAWN_RESTARTED,
                            .behavior = run_behavior(run, on_crash),
                            .user = (uintptr_t)&shared};
  MUST(ac_spawn(run->system, &above, &below.supervisor, NULL));
  ac_actor* actors = must_allocate(children, sizeof *actors);
  MUST(ac_spawn_many(run->system, &below, NULL, children, actors, NULL));
  latch_set(&run->done, failures);
  const struct clock start = clock_now();
  for (uint64_t i = 0; i < failures; ++i) {
    run_tell(run, actors[i % children], type_work, NULL, 0);
  }
  const struct macro_result result = run_finish(run, failures, start);
  latch_set(&run->gone, children + 1);
  MUST(ac_actor_stop(run->system, below.supervisor, 0));  // its children first
  latch_wait(&run->gone);
  free(actors);
  return result;
}

static ac_status on_alarm(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) latch_down(&((struct part*)user)->run->done);
  return AC_OK;
}

// Starts `sizes[1]` timers of up to 100 ms for `sizes[0]` actors, a tenth of which are cancelled.
struct macro_result alarms(struct run* run, const uint64_t* sizes) {
  const uint64_t count = sizes[0], timers = sizes[1];
  struct part shared = {run};
  const ac_spawn_options options = {.struct_size = sizeof options,
                                    .behavior = run_behavior(run, on_alarm),
                                    .user = (uintptr_t)&shared};
  ac_actor* actors = must_allocate(count, sizeof *actors);
  MUST(ac_spawn_many(run->system, &options, NULL, count, actors, NULL));
  latch_set(&run->done, timers);
  const struct clock start = clock_now();
  for (uint64_t i = 0; i < timers; ++i) {
    const uint64_t mixed = i * UINT64_C(0x9E3779B97F4A7C15);
    const ac_timer_options timer = {.struct_size = sizeof timer,
                                    .to = actors[i % count],
                                    .type = type_work,
                                    .delay_ns = (mixed >> 32) % UINT64_C(100000000)};
    ac_timer started;
    MUST(ac_timer_start(run->system, &timer, &started, NULL));
    // One that fired in the meantime has counted itself.
    if (i % 10 == 0 && ac_timer_cancel(run->system, started) == AC_OK) latch_down(&run->done);
  }
  const struct macro_result result = run_finish(run, timers, start);
  run_stop(run, actors, count);
  free(actors);
  return result;
}
