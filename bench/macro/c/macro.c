#include "macro.h"

#include <stdio.h>
#include <string.h>

#include "run.h"

static const struct entry {
  const char* name;
  workload run;
  uint64_t sizes[macro_sizes_max];
} entries[] = {
    {"pingpong", pingpong, {2000000}},
    {"fanin", fanin, {8, 500000}},
    {"fanout", fanout, {64, 100000}},
    {"ring", ring, {1000, 2000}},
    {"skynet", skynet, {1000000}},
    {"big", big, {100, 10000, 1}},
    {"bigmix", big, {100, 10000, 10000}},
    {"ask", ask, {200000}},
    {"idle", idle, {1000000}},
    {"churn", churn, {1000000}},
    {"crash", crash, {8, 200000}},
    {"alarms", alarms, {1000, 500000}},
    {"contend", contend, {8, 200000}},
    {"load", load, {100000, 8, 1000}},
    {"rest", rest, {100000, 10000, 5000}},
    {"chaos", chaos, {1000, 200000}},
};

enum { entry_count = sizeof entries / sizeof entries[0] };

const char* macro_workload(unsigned index) {
  return index < entry_count ? entries[index].name : NULL;
}

static const struct entry* find(const char* name) {
  for (unsigned i = 0; i < entry_count; ++i) {
    if (strcmp(entries[i].name, name) == 0) return &entries[i];
  }
  return NULL;
}

// At the end every message must be in its place.
static int check_ledger(ac_system system, int may_fail) {
  ac_ledger ledger;
  MUST(ac_system_settle(system, AC_TIMEOUT_NEVER));
  MUST(ac_system_ledger(system, &ledger));
  uint64_t placed = ledger.handled + ledger.queued + ledger.stashed;
  for (unsigned i = 0; i < sizeof ledger.dead / sizeof ledger.dead[0]; ++i) {
    placed += ledger.dead[i];
  }
  if (placed == ledger.accepted && (may_fail || ledger.failed == 0)) return 0;
  fprintf(stderr, "macro: the ledger does not hold: accepted %llu, placed %llu, failed %llu\n",
          (unsigned long long)ledger.accepted, (unsigned long long)placed,
          (unsigned long long)ledger.failed);
  return -1;
}

int macro_run(const struct macro_options* options, struct macro_result* result) {
  const struct entry* entry = find(options->workload);
  if (entry == NULL) {
    fprintf(stderr, "macro: no workload is called %s\n", options->workload);
    return -1;
  }
  uint64_t sizes[macro_sizes_max];
  for (unsigned i = 0; i < macro_sizes_max; ++i) {
    sizes[i] = options->sizes[i] != 0 ? options->sizes[i] : entry->sizes[i];
  }
  const ac_system_options system = {
      .struct_size = sizeof system, .workers = options->threads, .name = ac_text_of("macro")};
  struct run run;
  MUST(ac_system_create(&system, &run.system, NULL));
  // Fresh memory is what idle measures, and rest waits for nothing to happen.
  const uint32_t warmups = entry->run == idle || entry->run == rest ? 0 : options->warmups;
  for (uint32_t i = 0; i < warmups; ++i) entry->run(&run, sizes);
  *result = entry->run(&run, sizes);
  const int checked = check_ledger(run.system, entry->run == crash || entry->run == chaos);
  MUST(ac_system_stop(run.system, UINT64_C(10000000000), NULL, NULL));
  ac_system_release(run.system);
  return checked;
}
