// Sink: actors that keep what they are sent, and others that send what they are told.
//
// Threads:    as host.h.
// Invariants: a sink's messages have payloads of 8 bytes or more, of which it keeps the first 8.
// Cost:       none.
#ifndef ACTORCORE_TESTS_ABI_SINK_H_
#define ACTORCORE_TESTS_ABI_SINK_H_

#include "host.h"

enum { type_value = 1, type_urgent = 2, type_bulk = 3, type_send = 4, type_ask = 5 };
enum { seen_max = 256 };

struct sink {
  struct cell cell;  // first
  uint64_t values[seen_max];
  uint32_t types[seen_max];
  unsigned count;
};

ac_status on_sink(struct cell* cell, ac_turn* turn, ac_activation* activation);
ac_actor spawn_sink(struct host* host, struct sink* sink, const ac_mailbox_options* mailbox);
// A sink with this mailbox in a seeded system, where nothing moves before it is settled.
void open_sink(struct host* host, struct sink* sink, enum mode mode,
               const ac_mailbox_options* mailbox);
void check_seen(const struct sink* sink, unsigned count, const uint64_t* values);

// Sends or asks as many times as it is told to.
struct source {
  struct cell cell;  // first
  ac_actor to;
  unsigned asks_failed;
  ac_status failed_with;  // the first of them
  ac_pressure pressures[8];
  unsigned pressed;
};

ac_status on_source(struct cell* cell, ac_turn* turn, ac_activation* activation);

ac_mailbox_stats stats_of(struct host* host, ac_actor actor);
ac_status tell(struct host* host, ac_actor to, uint32_t type, uint64_t value);

#endif  // ACTORCORE_TESTS_ABI_SINK_H_
