// skynet, big and bigmix: many actors that answer each other.
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum { type_sum = 1, type_go, type_ping, type_pong };

enum { children = 10 };

// An inner actor owns its children's states, and frees them when all have replied, their last act.
struct node {
  ac_actor parent;
  ac_behavior behavior;
  uint64_t number;
  uint64_t size;
  uint64_t sum;
  uint32_t seen;
  struct node* nodes;
};

static ac_status reply_sum(ac_turn* turn, ac_activation* activation, ac_actor parent,
                           uint64_t sum) {
  activation->flags |= AC_ACTIVATION_STOP;
  return ac_turn_send(turn, activation, parent, type_sum, &sum, sizeof sum);
}

static ac_status start_node(struct node* self, ac_turn* turn, ac_activation* activation) {
  if (self->size == 1) return reply_sum(turn, activation, self->parent, self->number);
  self->nodes = malloc(children * sizeof *self->nodes);
  if (self->nodes == NULL) return AC_E_NO_MEMORY;
  uintptr_t users[children];
  const uint64_t size = self->size / children;
  for (uint64_t i = 0; i < children; ++i) {
    self->nodes[i] = (struct node){.parent = activation->actor,
                                   .behavior = self->behavior,
                                   .number = self->number + i * size,
                                   .size = size};
    users[i] = (uintptr_t)&self->nodes[i];
  }
  const ac_spawn_options options = {
      .struct_size = sizeof options, .flags = AC_SPAWN_STARTED, .behavior = self->behavior};
  ac_actor actors[children];
  return ac_worker_spawn(turn->worker, &options, users, children, actors, NULL);
}

static ac_status on_node(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  struct node* self = (struct node*)user;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    ac_status status = AC_OK;
    if (message->type == AC_TYPE_STARTED) {
      status = start_node(self, turn, activation);
    } else {
      uint64_t sum;
      memcpy(&sum, ac_message_payload(message), sizeof sum);
      self->sum += sum;
      if (++self->seen == children) {
        free(self->nodes);
        status = reply_sum(turn, activation, self->parent, self->sum);
      }
    }
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

struct collector {
  struct part part;
  uint64_t sum;
};

static ac_status on_sum(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  struct collector* self = (struct collector*)user;
  (void)turn;
  memcpy(&self->sum, ac_message_payload(activation->messages[0]), sizeof self->sum);
  latch_down(&self->part.run->done);
  return AC_OK;
}

struct macro_result skynet(struct run* run, const uint64_t* sizes) {
  const uint64_t leaves = sizes[0];
  uint64_t actors = 0;
  for (uint64_t x = leaves; x >= 1; x /= children) actors += x;
  struct collector collector = {.sum = 0};
  const ac_actor top = run_spawn(run, run_behavior(run, on_sum), &collector.part);
  const ac_behavior_options options = {
      .struct_size = sizeof options, .on_turn = on_node, .name = ac_text_of("c skynet")};
  struct node root = {.parent = top, .size = leaves};
  MUST(ac_behavior_create(run->system, &options, &root.behavior, NULL));
  latch_set(&run->done, 1);
  const struct clock start = clock_now();
  const ac_spawn_options spawn = {.struct_size = sizeof spawn,
                                  .flags = AC_SPAWN_STARTED,
                                  .behavior = root.behavior,
                                  .user = (uintptr_t)&root};
  ac_actor actor;
  MUST(ac_spawn(run->system, &spawn, &actor, NULL));
  const struct macro_result result = run_finish(run, actors, start);
  run_stop(run, &top, 1);
  if (collector.sum != leaves * (leaves - 1) / 2) must(AC_E_INTERNAL, "the sum of skynet");
  return result;
}

struct big_actor {
  struct part part;
  const ac_actor* all;
  uint64_t count;
  uint64_t random;
  uint64_t window;
  uint64_t to_send;
  uint64_t expected;
};

static ac_status send_ping(struct big_actor* self, ac_turn* turn, const ac_activation* activation) {
  if (self->to_send == 0) return AC_OK;
  self->to_send -= 1;
  self->random ^= self->random << 13;
  self->random ^= self->random >> 7;
  self->random ^= self->random << 17;
  return ac_turn_send(turn, activation, self->all[self->random % self->count], type_ping, NULL, 0);
}

static ac_status on_big_message(struct big_actor* self, ac_turn* turn,
                                const ac_activation* activation, const ac_message* message) {
  ac_status status = AC_OK;
  switch (message->type) {
    case type_ping:
      return ac_turn_send(turn, activation, message->sender, type_pong, NULL, 0);
    case type_pong:
      if (--self->expected == 0) latch_down(&self->part.run->done);
      return send_ping(self, turn, activation);
    default:
      for (uint64_t i = 0; i < self->window && status == AC_OK; ++i) {
        status = send_ping(self, turn, activation);
      }
      return status;
  }
}

static ac_status on_big(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  struct big_actor* self = (struct big_actor*)user;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_status status = on_big_message(self, turn, activation, activation->messages[i]);
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

struct macro_result big(struct run* run, const uint64_t* sizes) {
  const uint64_t count = sizes[0], pings = sizes[1];
  struct big_actor* states = must_allocate(count, sizeof *states);
  ac_actor* actors = must_allocate(count, sizeof *actors);
  const ac_behavior behavior = run_behavior(run, on_big);
  for (uint64_t i = 0; i < count; ++i) {
    states[i] = (struct big_actor){.all = actors,
                                   .count = count,
                                   .random = (i + 1) * UINT64_C(0x9E3779B97F4A7C15),
                                   .window = sizes[2] < pings ? sizes[2] : pings,
                                   .to_send = pings,
                                   .expected = pings};
    actors[i] = run_spawn(run, behavior, &states[i].part);
  }
  latch_set(&run->done, count);
  const struct clock start = clock_now();
  for (uint64_t i = 0; i < count; ++i) run_tell(run, actors[i], type_go, NULL, 0);
  const struct macro_result result = run_finish(run, 2 * count * pings, start);
  run_stop(run, actors, count);
  free(actors);
  free(states);
  return result;
}
