// The macro workloads, through the C ABI alone: what macro-c and the program's `bench` run.
//
// Threads:    one call at a time.
// Invariants: a workload that other languages have is the same under the same name: same actors,
//             messages and sizes. Nothing is measured that a user's program could not do.
// Cost:       up to a few seconds a run; a warm-up run before it, but for idle and rest.
#ifndef ACTORCORE_BENCH_MACRO_H_
#define ACTORCORE_BENCH_MACRO_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { macro_sizes_max = 3 };

// Where a million operations of chaos end that do not succeed.
struct macro_chaos {
  double failed;        // nobody knows where: neither handled nor refused nor dead for a reason
  double unsuccessful;  // all that did not succeed, these among them and those that follow
  double refused;       // by a full mailbox or an actor that is gone, to who sent
  double crashed;       // in a handler that failed
  double dead;          // as dead letters
};

struct macro_result {
  uint64_t operations;
  double seconds;
  double cpu_seconds;  // of all threads
  // What only some workloads have; negative otherwise.
  double bytes_per_actor;
  double p50_ns;
  double p95_ns;
  double p99_ns;
  double p999_ns;
  double cpu_percent;
  struct macro_chaos chaos;
};

struct macro_options {
  const char* workload;
  uint64_t sizes[macro_sizes_max];  // 0 takes the workload's own
  uint32_t threads;
  uint32_t warmups;
};

// The name of workload number `index`, or null past the last.
const char* macro_workload(unsigned index);

// Runs one workload. 0, or -1 after saying on stderr what went wrong.
int macro_run(const struct macro_options* options, struct macro_result* result);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // ACTORCORE_BENCH_MACRO_H_
