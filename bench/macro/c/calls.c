// ask and idle: what a thread outside the actors does.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

enum { type_question = 1, type_answer, type_once };

static ac_status on_question(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  (void)user;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    const ac_status sent = ac_turn_reply(turn, activation, message, type_answer,
                                         ac_message_payload(message), message->length);
    if (sent != AC_OK) return sent;
  }
  return AC_OK;
}

struct macro_result ask(struct run* run, const uint64_t* sizes) {
  const uint64_t count = sizes[0];
  struct part echo;
  const ac_actor actor = run_spawn(run, run_behavior(run, on_question), &echo);
  uint64_t* took = must_allocate(count, sizeof *took);
  latch_set(&run->done, 0);
  const struct clock start = clock_now();
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t asked_at = now_ns();
    const ac_bytes payload = {(const uint8_t*)&i, sizeof i};
    ac_message reply;
    MUST(ac_ask(run->system, actor, type_question, payload, AC_TIMEOUT_NEVER, &reply));
    if (reply.length != sizeof i || memcmp(ac_message_payload(&reply), &i, sizeof i) != 0) {
      must(AC_E_INTERNAL, "the reply to an ask");
    }
    took[i] = now_ns() - asked_at;
  }
  struct macro_result result = run_finish(run, count, start);
  run_percentiles(&result, took, count);
  run_stop(run, &actor, 1);
  free(took);
  return result;
}

static ac_status on_once(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) latch_down(&((struct part*)user)->run->done);
  return AC_OK;
}

static double resident_bytes(void) {
  long total = 0, resident = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld %ld", &total, &resident) != 2) {
    must(AC_E_IO, "reading /proc/self/statm");
  }
  fclose(file);
  return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

enum { batch = 1000 };

static void tell_all(struct run* run, const ac_actor* actors, uint64_t count) {
  ac_message messages[batch];
  memset(messages, 0, sizeof messages);
  for (uint64_t first = 0; first < count; first += batch) {
    const uint64_t many = count - first < batch ? count - first : batch;
    for (uint64_t i = 0; i < many; ++i) {
      messages[i].to = actors[first + i];
      messages[i].type = type_once;
    }
    MUST(ac_tell_many(run->system, messages, many, NULL, NULL));
  }
}

struct macro_result idle(struct run* run, const uint64_t* sizes) {
  const uint64_t count = sizes[0];
  struct part shared = {run};
  // Touched before it starts: the handles do not count.
  ac_actor* actors = must_allocate(count, sizeof *actors);
  memset(actors, 1, count * sizeof *actors);
  const ac_behavior behavior = run_behavior(run, on_once);
  latch_set(&run->done, count);
  const double before = resident_bytes();
  const struct clock start = clock_now();
  const ac_spawn_options options = {
      .struct_size = sizeof options, .behavior = behavior, .user = (uintptr_t)&shared};
  MUST(ac_spawn_many(run->system, &options, NULL, count, actors, NULL));
  tell_all(run, actors, count);
  struct macro_result result = run_finish(run, count, start);
  result.bytes_per_actor = (resident_bytes() - before) / (double)count;
  run_stop(run, actors, count);
  free(actors);
  return result;
}
