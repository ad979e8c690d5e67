#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

void must(ac_status status, const char* call) {
  if (status == AC_OK) return;
  ac_text name = ac_text_of("an unknown status");
  ac_status_text(status, &name, NULL);
  fprintf(stderr, "macro: %s: %.*s\n", call, (int)name.size, name.data);
  exit(1);
}

void* must_allocate(uint64_t count, uint64_t size) {
  void* memory = calloc(count, size);
  if (memory == NULL) must(AC_E_NO_MEMORY, "calloc");
  return memory;
}

void latch_set(struct latch* latch, uint64_t count) {
  pthread_mutex_init(&latch->mutex, NULL);
  pthread_cond_init(&latch->changed, NULL);
  atomic_init(&latch->left, count);
  latch->done = count == 0;
}

void latch_down(struct latch* latch) {
  if (atomic_fetch_sub_explicit(&latch->left, 1, memory_order_acq_rel) != 1) return;
  pthread_mutex_lock(&latch->mutex);
  latch->done = 1;
  pthread_cond_signal(&latch->changed);
  pthread_mutex_unlock(&latch->mutex);
}

void latch_wait(struct latch* latch) {
  pthread_mutex_lock(&latch->mutex);
  while (!latch->done) pthread_cond_wait(&latch->changed, &latch->mutex);
  pthread_mutex_unlock(&latch->mutex);
}

uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

struct clock clock_now(void) {
  struct timespec wall;
  struct rusage used;
  clock_gettime(CLOCK_MONOTONIC, &wall);
  getrusage(RUSAGE_SELF, &used);
  const struct clock now = {
      .wall = (double)wall.tv_sec + (double)wall.tv_nsec * 1e-9,
      .cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
             (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6,
  };
  return now;
}

static void on_end(uintptr_t user) { latch_down(&((const struct part*)user)->run->gone); }

ac_behavior run_behavior(struct run* run, ac_on_turn on_turn) {
  const ac_behavior_options options = {.struct_size = sizeof options,
                                       .on_turn = on_turn,
                                       .destroy = on_end,
                                       .name = ac_text_of("c macro")};
  ac_behavior behavior;
  MUST(ac_behavior_create(run->system, &options, &behavior, NULL));
  return behavior;
}

ac_actor run_spawn(struct run* run, ac_behavior behavior, struct part* state) {
  state->run = run;
  const ac_spawn_options options = {
      .struct_size = sizeof options, .behavior = behavior, .user = (uintptr_t)state};
  ac_actor actor;
  MUST(ac_spawn(run->system, &options, &actor, NULL));
  return actor;
}

void run_tell(struct run* run, ac_actor to, uint32_t type, const void* data, uint64_t size) {
  const ac_bytes payload = {data, size};
  MUST(ac_tell(run->system, to, type, payload));
}

struct macro_result run_finish(struct run* run, uint64_t operations, struct clock start) {
  latch_wait(&run->done);
  const struct clock end = clock_now();
  const struct macro_result result = {.operations = operations,
                                      .seconds = end.wall - start.wall,
                                      .cpu_seconds = end.cpu - start.cpu,
                                      .bytes_per_actor = -1,
                                      .p50_ns = -1,
                                      .p95_ns = -1,
                                      .p99_ns = -1,
                                      .p999_ns = -1,
                                      .cpu_percent = -1,
                                      .chaos = {.failed = -1}};
  return result;
}

static int by_value(const void* left, const void* right) {
  const uint64_t a = *(const uint64_t*)left, b = *(const uint64_t*)right;
  return (a > b) - (a < b);
}

void run_percentiles(struct macro_result* result, uint64_t* took, uint64_t count) {
  qsort(took, count, sizeof *took, by_value);
  result->p50_ns = (double)took[count / 2];
  result->p95_ns = (double)took[count * 95 / 100];
  result->p99_ns = (double)took[count * 99 / 100];
  result->p999_ns = (double)took[count * 999 / 1000];
}

void run_stop(struct run* run, const ac_actor* actors, uint64_t count) {
  latch_set(&run->gone, count);
  for (uint64_t i = 0; i < count; ++i) MUST(ac_actor_stop(run->system, actors[i], 0));
  latch_wait(&run->gone);
}
