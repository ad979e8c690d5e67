// macro-c WORKLOAD [SIZE...]: runs one workload and prints one line of JSON.
//
// PEER_THREADS threads (2), PEER_WARMUP unmeasured runs before it (1, never for idle and rest),
// PEER_NAME in the output.
#include <actorcore/actorcore.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "macro.h"

static int parse(const char* text, uint64_t* number) {
  char* end;
  errno = 0;
  *number = strtoull(text, &end, 10);
  return errno == 0 && end != text && *end == '\0' && *text != '-';
}

static int from_environment(const char* name, uint32_t otherwise, uint32_t* number) {
  const char* text = getenv(name);
  uint64_t value = otherwise;
  if (text != NULL && (!parse(text, &value) || value > 1000)) {
    fprintf(stderr, "macro-c: set %s to a number up to 1000\n", name);
    return 0;
  }
  *number = (uint32_t)value;
  return 1;
}

static int usage(void) {
  fprintf(stderr, "usage: macro-c WORKLOAD [SIZE...]; WORKLOAD is one of");
  for (unsigned i = 0; macro_workload(i) != NULL; ++i) fprintf(stderr, " %s", macro_workload(i));
  fprintf(stderr, "; sizes are numbers above 0\n");
  return 2;
}

// The most that the process held, and of what pools were asked for the part that they had.
static void print_memory(void) {
  struct rusage used;
  ac_pool_stats pools[64];
  uint64_t count, gets = 0, hits = 0;
  getrusage(RUSAGE_SELF, &used);
  if (ac_memory_pools(pools, 64, &count) != AC_OK) return;
  for (uint64_t i = 0; i < count && i < 64; ++i) {
    gets += pools[i].gets;
    hits += pools[i].hits;
  }
  printf(",\"memory_bytes\":%llu,\"pool_percent\":%.3f", (unsigned long long)used.ru_maxrss * 1024,
         gets == 0 ? 100.0 : (double)hits * 100 / (double)gets);
}

static void print_result(const char* workload, const struct macro_result* result) {
  const char* peer = getenv("PEER_NAME");
  const uint32_t version = ac_version();
  const double operations = (double)result->operations;
  printf("{\"peer\":\"%s\",\"version\":\"%u.%u.%u\",\"workload\":\"%s\",\"n\":%llu,",
         peer != NULL ? peer : "actorcore-c", version >> 16, version >> 8 & 255, version & 255,
         workload, (unsigned long long)result->operations);
  printf("\"seconds\":%.6f,\"per_sec\":%.0f,\"ns_per_op\":%.2f,\"cpu_ns_per_op\":%.2f",
         result->seconds, operations / result->seconds, result->seconds * 1e9 / operations,
         result->cpu_seconds * 1e9 / operations);
  if (result->bytes_per_actor >= 0) printf(",\"bytes_per_actor\":%.1f", result->bytes_per_actor);
  if (result->p50_ns >= 0) {
    printf(",\"p50_ns\":%.0f,\"p95_ns\":%.0f,\"p99_ns\":%.0f,\"p999_ns\":%.0f", result->p50_ns,
           result->p95_ns, result->p99_ns, result->p999_ns);
  }
  if (result->cpu_percent >= 0) printf(",\"cpu_percent\":%.4f", result->cpu_percent);
  const struct macro_chaos* chaos = &result->chaos;
  if (chaos->failed >= 0) {
    printf(",\"failed_per_million\":%.1f,\"unsuccessful_per_million\":%.1f", chaos->failed,
           chaos->unsuccessful);
    printf(",\"refused_per_million\":%.1f,\"crashed_per_million\":%.1f", chaos->refused,
           chaos->crashed);
    printf(",\"dead_per_million\":%.1f", chaos->dead);
  }
  print_memory();
  printf("}\n");
}

int main(int argc, char** argv) {
  struct macro_options options = {.workload = argc > 1 ? argv[1] : ""};
  int known = 0;
  for (unsigned i = 0; macro_workload(i) != NULL; ++i) {
    if (strcmp(macro_workload(i), options.workload) == 0) known = 1;
  }
  if (!known || argc - 2 > macro_sizes_max) return usage();
  for (int i = 2; i < argc; ++i) {
    if (!parse(argv[i], &options.sizes[i - 2]) || options.sizes[i - 2] == 0) return usage();
  }
  if (!from_environment("PEER_THREADS", 2, &options.threads) ||
      !from_environment("PEER_WARMUP", 1, &options.warmups)) {
    return 2;
  }
  struct macro_result result;
  if (macro_run(&options, &result) != 0) return 1;
  print_result(options.workload, &result);
  return 0;
}
