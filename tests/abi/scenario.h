// The scenario that every language repeats: the same seed gives the same trace hash in all of them.
//
// Definition. All payloads are one little-endian u64 unless they are empty ({}). `note(x)` is "send
// NOTE {x} to the root". `next` is ac_system_random. No actor is spawned with flags. No other
// message is sent and no other actor spawned.
//
//   Types: WORK 1, NOTE 2, QUERY 3, SUM 4, ANSWER 5, IGNORE 6, HATCH 7, FAIL 8, RESOLVE 9.
//
//   Root, named "root", with a count and a sum (both 0; the sum wraps):
//     NOTE {x}                 count += 1, sum += x
//     SUM {}                   replies ANSWER {sum} to the request
//     AC_TYPE_FAILED           count += 1, sum += the failed message's type
//   Worker, supervised by the root; there are four, 0 to 3, and the ones that they hatch:
//     WORK {n}                 when n mod 3 is 0: note(n). When n > 0: r = next, then send
//                              WORK {n - 1} to worker r mod 4 (of the four, dead or alive)
//     QUERY {n}                n = 0: ask the root SUM {} with a timeout of 1 s (10^9 ns);
//                              otherwise ask worker n IGNORE {} with a timeout of 1 ms (10^6 ns)
//     the answer to its ask    ANSWER {x}: note(x)
//     AC_TYPE_ASK_FAILED       note(minus the status, so AC_E_TIMEOUT is 7)
//     IGNORE {}                nothing
//     HATCH {n}                spawn one worker, supervised by the root, and send it WORK {n}
//     FAIL {}                  fail with AC_E_HANDLER
//     RESOLVE {n}              put the output below with FLAT n for strength, resolve the entity
//                              (flags 0), note(the bits of power's derived value), release
//   Answers to asks come with correlation AC_CORRELATION_REPLY; no other message has one.
//
//   The entity: registry
//     {"dimensions": {"strength": {"use_pipeline": true, "clamp_default": {"min": 0, "max": 1000}},
//       "power": {"use_pipeline": true, "clamp_default": {"min": 0, "max": 1000},
//                 "formula": {"terms": {"strength": 2.5}, "constant": 1}}}}
//   id "hero", the rest of the profile zero. Its one output: system "base", contributions
//   {strength, FLAT, n} and {strength, MULT, 0.5}, both of the primary list, priority 0.
//
//   Steps of the main thread, with the seeded system's options otherwise zero:
//      1. create the system, an engine on it, load the registry, create the entity
//      2. spawn the root, then workers 0 to 3 in order
//      3. tell worker i WORK {10 + i}, i = 0 to 3; settle
//      4. ask the root SUM {} with a timeout of 1 s
//      5. tell worker 0 QUERY {0}, worker 1 QUERY {2}; settle
//      6. tell worker 2 HATCH {4}; settle
//      7. tell worker 0 RESOLVE {20}; settle
//      8. tell worker 3 FAIL {}; tell worker 3 WORK {5}; settle
//      9. stop worker 1 with AC_STOP_DRAIN; settle
//     10. tell worker 2 WORK {9}; settle
//     11. ask the root SUM {} with a timeout of 1 s: the scenario's sum
//     12. read the trace hash; then stop the system (timeout 1 s) and release everything
//
// Threads:    the test's; the system is seeded.
// Invariants: sum and hash depend on the seed only. What seed 42 gives is in scenario.c.
// Cost:       milliseconds.
#ifndef ACTORCORE_TESTS_ABI_SCENARIO_H_
#define ACTORCORE_TESTS_ABI_SCENARIO_H_

#include "host.h"

struct scenario_result {
  uint64_t sum;
  uint64_t hash;
};

struct scenario_result scenario_run(enum mode mode, uint64_t seed);

#endif  // ACTORCORE_TESTS_ABI_SCENARIO_H_
