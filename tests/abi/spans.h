// Spans that a test begins, looks at and ends.
//
// Threads:    any.
// Invariants: each call is one that must succeed.
// Cost:       none.
#ifndef ACTORCORE_TESTS_ABI_SPANS_H_
#define ACTORCORE_TESTS_ABI_SPANS_H_

#include <string.h>

#include "host.h"

static inline ac_trace trace_of(struct host* host, ac_span span) {
  ac_trace trace;
  CHECK_OK(ac_span_get(host->system, span, &trace));
  return trace;
}

static inline ac_span begin(struct host* host, const ac_trace* parent) {
  ac_span span;
  CHECK_OK(ac_span_begin(host->system, parent, 0, &span));
  return span;
}

static inline ac_span_stats stats_of(struct host* host) {
  ac_span_stats stats;
  CHECK_OK(ac_span_get_stats(host->system, &stats));
  return stats;
}

static inline void end(struct host* host, ac_span span) {
  CHECK_OK(ac_span_end(host->system, span, NULL));
}

static inline void check_same(const ac_trace* expected, const ac_trace* actual) {
  CHECK(memcmp(expected, actual, sizeof *expected) == 0);
}

#endif  // ACTORCORE_TESTS_ABI_SPANS_H_
