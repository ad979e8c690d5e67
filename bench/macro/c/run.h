// One run of a workload: its system, its latch, its clock.
//
// Threads:    run_* only the main thread; latch_down() any.
// Invariants: a call that fails ends the process with its name and status: a benchmark that goes on
//             after an error measures something else.
// Cost:       latch_down() is one atomic subtraction.
#ifndef ACTORCORE_BENCH_RUN_H_
#define ACTORCORE_BENCH_RUN_H_

#include <actorcore/actorcore.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "macro.h"

// Ends the process unless the call worked.
#define MUST(call) must((call), #call)
void must(ac_status status, const char* call);
void* must_allocate(uint64_t count, uint64_t size);  // zeroed

// Counted down by handlers, awaited by the main thread.
struct latch {
  atomic_uint_fast64_t left;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int done;
};
void latch_set(struct latch* latch, uint64_t count);
void latch_down(struct latch* latch);
void latch_wait(struct latch* latch);

struct clock {
  double wall;
  double cpu;
};
struct clock clock_now(void);
uint64_t now_ns(void);  // monotonic

struct run {
  ac_system system;
  struct latch done;  // what the workload waits for
  struct latch gone;  // actors that have not ended
};

// What every actor's state begins with, unless the workload ends its actors itself.
struct part {
  struct run* run;
};

// A behavior with this handler, for states that begin with a part.
ac_behavior run_behavior(struct run* run, ac_on_turn on_turn);
ac_actor run_spawn(struct run* run, ac_behavior behavior, struct part* state);
void run_tell(struct run* run, ac_actor to, uint32_t type, const void* data, uint64_t size);
// Waits for the latch; what ran since `start` is the result.
struct macro_result run_finish(struct run* run, uint64_t operations, struct clock start);
// Sorts the latencies, in nanoseconds, and says how they are spread.
void run_percentiles(struct macro_result* result, uint64_t* took, uint64_t count);
// Stops the actors and waits until their states are the caller's again.
void run_stop(struct run* run, const ac_actor* actors, uint64_t count);

typedef struct macro_result (*workload)(struct run* run, const uint64_t* sizes);

struct macro_result pingpong(struct run* run, const uint64_t* sizes);
struct macro_result fanin(struct run* run, const uint64_t* sizes);
struct macro_result fanout(struct run* run, const uint64_t* sizes);
struct macro_result ring(struct run* run, const uint64_t* sizes);
struct macro_result skynet(struct run* run, const uint64_t* sizes);
struct macro_result big(struct run* run, const uint64_t* sizes);
struct macro_result ask(struct run* run, const uint64_t* sizes);
struct macro_result idle(struct run* run, const uint64_t* sizes);
struct macro_result churn(struct run* run, const uint64_t* sizes);
struct macro_result crash(struct run* run, const uint64_t* sizes);
struct macro_result alarms(struct run* run, const uint64_t* sizes);
struct macro_result contend(struct run* run, const uint64_t* sizes);
struct macro_result load(struct run* run, const uint64_t* sizes);
struct macro_result rest(struct run* run, const uint64_t* sizes);
struct macro_result chaos(struct run* run, const uint64_t* sizes);

#endif  // ACTORCORE_BENCH_RUN_H_
