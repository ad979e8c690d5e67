// Snapshots: what tests of the snapshot side share.
//
// Threads:    as check.h.
// Invariants: every function checks what it calls; texts are malloc'ed and NUL-terminated.
// Cost:       none.
#ifndef ACTORCORE_TESTS_ABI_SNAPSHOTS_H_
#define ACTORCORE_TESTS_ABI_SNAPSHOTS_H_

#include <stdint.h>

#include "check.h"

char* read_text_file(const char* path);

// The document, or one member of it.
ac_source source_of(const char* text);
ac_source member_of(const char* text, uint64_t size, const char* member);

// An engine with dimensions a, b (0 to 100 each, pipelines), c = 2a + b (0 to 1000).
ac_engine engine_with(ac_system system);
ac_entity entity_of(ac_engine engine, const char* id);
uint32_t name_of(ac_engine engine, const char* text);
// One FLAT contribution to the primary list.
ac_contribution flat(ac_engine engine, const char* dimension, double value);
// An output that borrows the row.
ac_output output_of(ac_engine engine, const char* system, const ac_contribution* row);
// Puts one such output.
void put(ac_engine engine, ac_entity entity, const char* system, const char* dimension,
         double value);

ac_snapshot resolved(ac_entity entity, uint32_t flags);
double primary(ac_engine engine, ac_snapshot snapshot, const char* dimension);
uint32_t error_count(ac_snapshot snapshot);
ac_snapshot_error error_at(ac_snapshot snapshot, uint32_t index);
char* json_of(ac_snapshot snapshot);
ac_engine_metrics metrics_of(ac_engine engine);

#endif  // ACTORCORE_TESTS_ABI_SNAPSHOTS_H_
