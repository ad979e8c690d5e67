// Lives: actors that write down what they hear of their own lives, and families of them.
//
// Threads:    as Host.
// Invariants: a log has one letter for each message that its actor heard: S started, w work,
//             ! the one that it fails at, r restarting, R restarted, t stopping, T stopped, F told
//             of a failure, k the STOPPED that stands for destroy.
// Cost:       none.
#ifndef ACTORCORE_TESTS_ABI_LIVES_H_
#define ACTORCORE_TESTS_ABI_LIVES_H_

#include <string.h>

#include "host.h"

enum { type_work = 11, type_fail = 12 };
static const uint32_t every_hook = AC_SPAWN_STARTED | AC_SPAWN_RESTARTING | AC_SPAWN_RESTARTED |
                                   AC_SPAWN_STOPPING | AC_SPAWN_STOPPED;
static const ac_actor nobody = {0};

struct life {
  struct cell cell;  // first
  char log[64];
  uint64_t at_ns[64];  // when, on the system's clock
  unsigned heard;
  uint64_t stopped;     // its place among those that stopped
  uint32_t decision;    // for AC_TYPE_FAILED; 0 makes none
  uint32_t fails_when;  // a type at which it fails, such as AC_TYPE_RESTARTED, once
};

ac_status live(struct cell* cell, ac_turn* turn, ac_activation* activation);
// An actor with every hook whose children's failures lead to `strategy`.
ac_actor live_under(struct host* host, struct life* life, ac_actor supervisor, uint32_t strategy);
// work, work, fail, work, work: all queued before the first is handled.
void tell_five(struct host* host, ac_actor to);
ac_supervision_stats stats_of(struct host* host, ac_actor actor);

// A supervisor and three children.
struct family {
  struct host host;
  struct life boss, children[3];
  ac_actor under, ids[3];
};

void open_family(struct family* family, struct host_options options, uint32_t strategy);
void fail_the_second(struct family* family);

#define CHECK_LOG(expected, life) CHECK_TEXT(expected, ((ac_text){(life).log, (life).heard}))

#endif  // ACTORCORE_TESTS_ABI_LIVES_H_
