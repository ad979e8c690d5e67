// Host: a system whose actors' handlers are C functions, run in any of the three ways alike.
//
// Threads:    host_* the test's thread; handlers as their dispatcher runs them.
// Invariants: every actor's state begins with a cell. host_close() checks that the ledger holds,
//             that nothing is queued, and that every cell that was spawned was destroyed exactly
//             once (where destroy is called back).
// Cost:       a thread for each worker that a mode needs.
#ifndef ACTORCORE_TESTS_ABI_HOST_H_
#define ACTORCORE_TESTS_ABI_HOST_H_

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>

#include "check.h"

enum { workers_max = 4, cells_max = 4096 };
static const uint64_t patience = UINT64_C(60000000000);  // for what must come

enum mode { mode_inline, mode_attached, mode_caller, mode_count };

struct cell;
typedef ac_status (*handler)(struct cell* cell, ac_turn* turn, ac_activation* activation);

struct cell {
  handler on;
  struct host* host;
  ac_actor actor;
  atomic_uint destroyed;
  atomic_uint_fast64_t handled;  // messages that the ledger counts
};

struct host {
  ac_system system;
  ac_dispatcher dispatcher;
  ac_behavior behavior;  // none in mode_attached
  enum mode mode;
  uint32_t workers;
  ac_worker lent[workers_max];
  pthread_t threads[workers_max];
  struct cell* cells[cells_max];
  atomic_uint spawned;
  ac_stop_report report;
};

struct host_options {
  enum mode mode;
  uint32_t workers;  // 0 is 2, in a seeded system 1
  uint64_t seed;     // not 0 makes it seeded
  uint32_t throughput;
  uint64_t message_bytes_max;
};

typedef void (*in_a_mode)(struct host_options options);
// On threads and from a seed, in every mode.
void in_every_mode(in_a_mode run);

void host_open(struct host* host, struct host_options options);
// Stops (draining), joins the workers and releases; see above for what it checks.
void host_close(struct host* host);
// The same without draining.
void host_close_at_once(struct host* host);

ac_actor host_spawn(struct host* host, struct cell* cell, handler on);
// With options that are not about who runs it.
ac_actor host_spawn_with(struct host* host, struct cell* cell, handler on,
                         ac_spawn_options options);
// The options that host_spawn_with would use; for spawns that are to fail.
ac_spawn_options host_spawn_options(struct host* host, struct cell* cell, handler on);

void host_settle(struct host* host);
void host_tell(struct host* host, ac_actor to, uint32_t type, uint64_t value);
uint64_t host_ask(struct host* host, ac_actor to, uint32_t type, uint64_t value);
ac_ledger host_ledger(struct host* host);
// accepted = handled + queued + stashed + dead; returns it.
ac_ledger host_check_ledger(struct host* host);
uint64_t dead_total(const ac_ledger* ledger);

// An actor that keeps its worker, for each message until `leave` is posted.
struct gate {
  struct cell cell;  // first
  sem_t entered;
  sem_t leave;
};

// Returns when the gate is in its handler, with the one message that it was told.
ac_actor host_enter_gate(struct host* host, struct gate* gate);

// Payloads of 8 bytes.
uint64_t value_of(const ac_message* message);
ac_status send_value(ac_turn* turn, const ac_activation* from, ac_actor to, uint32_t type,
                     uint64_t value);
ac_bytes bytes_of(const void* data, uint64_t size);

void await(sem_t* semaphore);  // with patience

#endif  // ACTORCORE_TESTS_ABI_HOST_H_
