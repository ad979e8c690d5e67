// pingpong, ring, fanin and fanout: messages that go one way.
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { type_serve = 1, type_hop, type_go, type_payload };

struct player {
  struct part part;
  ac_actor peer;
};

// Passes a number on, one less each time, until it is 0.
static ac_status on_hop(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  const struct player* self = (const struct player*)user;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    uint64_t left;
    memcpy(&left, ac_message_payload(message), sizeof left);
    if (message->type == type_hop) {
      if (left == 0) {
        latch_down(&self->part.run->done);
        continue;
      }
      left -= 1;
    }
    const ac_status sent = ac_turn_send(turn, activation, self->peer, type_hop, &left, sizeof left);
    if (sent != AC_OK) return sent;
  }
  return AC_OK;
}

// `count` actors pass one token round, `hops` messages in all.
static struct macro_result pass_round(struct run* run, uint64_t count, uint64_t hops) {
  struct player* players = must_allocate(count, sizeof *players);
  ac_actor* actors = must_allocate(count, sizeof *actors);
  const ac_behavior behavior = run_behavior(run, on_hop);
  for (uint64_t i = 0; i < count; ++i) actors[i] = run_spawn(run, behavior, &players[i].part);
  for (uint64_t i = 0; i < count; ++i) players[i].peer = actors[(i + 1) % count];
  latch_set(&run->done, 1);
  const struct clock start = clock_now();
  const uint64_t left = hops - 1;
  run_tell(run, actors[0], type_serve, &left, sizeof left);
  const struct macro_result result = run_finish(run, hops, start);
  run_stop(run, actors, count);
  free(actors);
  free(players);
  return result;
}

struct macro_result pingpong(struct run* run, const uint64_t* sizes) {
  return pass_round(run, 2, sizes[0]);
}

struct macro_result ring(struct run* run, const uint64_t* sizes) {
  return pass_round(run, sizes[0], sizes[0] * sizes[1]);
}

struct payload {
  uint64_t a, b, c, d;
};

struct counter {
  struct part part;
  uint64_t expected;
  uint64_t seen;
  uint64_t sum;
};

static ac_status on_payload(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  struct counter* self = (struct counter*)user;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    struct payload payload;
    memcpy(&payload, ac_message_payload(activation->messages[i]), sizeof payload);
    self->sum += payload.a;
  }
  self->seen += activation->count;
  if (self->seen == self->expected) latch_down(&self->part.run->done);
  return AC_OK;
}

struct producer {
  struct part part;
  const ac_actor* sinks;
  uint64_t sink_count;
  uint64_t rounds;
};

// Sends everything in one handler call, round-robin.
static ac_status on_go(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  const struct producer* self = (const struct producer*)user;
  for (uint64_t i = 0; i < self->rounds; ++i) {
    const struct payload payload = {i, 1, 2, 3};
    for (uint64_t k = 0; k < self->sink_count; ++k) {
      const ac_status sent =
          ac_turn_send(turn, activation, self->sinks[k], type_payload, &payload, sizeof payload);
      if (sent != AC_OK) return sent;
    }
  }
  return AC_OK;
}

// `producers` actors each send `rounds` messages to each of `sinks` actors.
static struct macro_result stream(struct run* run, uint64_t producers, uint64_t sinks,
                                  uint64_t rounds) {
  struct counter* counters = must_allocate(sinks, sizeof *counters);
  struct producer* sources = must_allocate(producers, sizeof *sources);
  ac_actor* actors = must_allocate(sinks + producers, sizeof *actors);
  const ac_behavior counting = run_behavior(run, on_payload);
  const ac_behavior producing = run_behavior(run, on_go);
  for (uint64_t i = 0; i < sinks; ++i) {
    counters[i].expected = producers * rounds;
    actors[i] = run_spawn(run, counting, &counters[i].part);
  }
  for (uint64_t i = 0; i < producers; ++i) {
    sources[i].sinks = actors;
    sources[i].sink_count = sinks;
    sources[i].rounds = rounds;
    actors[sinks + i] = run_spawn(run, producing, &sources[i].part);
  }
  latch_set(&run->done, sinks);
  const struct clock start = clock_now();
  for (uint64_t i = 0; i < producers; ++i) run_tell(run, actors[sinks + i], type_go, NULL, 0);
  const struct macro_result result = run_finish(run, producers * sinks * rounds, start);
  run_stop(run, actors, sinks + producers);
  for (uint64_t i = 0; i < sinks; ++i) {
    if (counters[i].sum != producers * (rounds * (rounds - 1) / 2))
      must(AC_E_INTERNAL, "the sum of a stream");
  }
  free(actors);
  free(sources);
  free(counters);
  return result;
}

struct macro_result fanin(struct run* run, const uint64_t* sizes) {
  return stream(run, sizes[0], 1, sizes[1]);
}

struct macro_result fanout(struct run* run, const uint64_t* sizes) {
  return stream(run, 1, sizes[0], sizes[1]);
}
