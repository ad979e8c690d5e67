#include "team.h"

#include <stdlib.h>
#include <string.h>

static ac_status on_message(struct member* self, ac_turn* turn, ac_activation* activation,
                            const ac_message* message) {
  struct team* team = self->team;
  const ac_actor target = {team->target};
  uint64_t correlation;
  if (message->type == AC_TYPE_ASK_FAILED) {
    ac_ask_failed failed;
    memcpy(&failed, message->data, sizeof failed);
    self->failed += 1;
    self->failed_with = failed.status;
    return AC_OK;
  }
  const int is_timers = message->correlation >= AC_CORRELATION_TIMER;
  if ((message->correlation & AC_CORRELATION_REPLY) != 0 && !is_timers) {
    self->answers += 1;
    self->answered = value_of(message);
    return AC_OK;
  }
  switch (message->type) {
    case type_fail:
      return AC_E_HANDLER;
    case type_end:
      activation->flags |= AC_ACTIVATION_STOP;
      return AC_OK;
    case type_pass:
      for (uint64_t i = 1; i <= value_of(message); ++i) {
        CHECK_OK(send_value(turn, activation, target, type_value, i));
      }
      return AC_OK;
    case type_ask:
      return ac_worker_ask(turn->worker, self->cell.actor, target, type_value,
                           bytes_of(&self->index, sizeof self->index), patience, &correlation);
    case type_mute:
      return AC_OK;
    default:
      break;
  }
  self->payload = ac_message_payload(message);
  memcpy(&self->values[self->count++ % given_max], self->payload, sizeof(uint64_t));
  self->sender = message->sender;
  if (message->correlation == 0 || is_timers) return AC_OK;
  return ac_turn_reply(turn, activation, message, type_value, &self->index, sizeof self->index);
}

static ac_status on_member(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type >= AC_TYPE_STARTED && message->type != AC_TYPE_ASK_FAILED) continue;
    activation->handled = i;
    const ac_status status = on_message((struct member*)cell, turn, activation, message);
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

static struct member* next_member(struct team* team) {
  const unsigned index = atomic_fetch_add(&team->made, 1);
  CHECK(index < members_max);
  struct member* member = &team->members[index];
  member->team = team;
  member->index = index;
  return member;
}

void team_open(struct team* team, struct host_options options, unsigned routees) {
  memset(team, 0, sizeof *team);
  host_open(&team->host, options);
  while (team->made < routees) team_spawn(team);
}

ac_actor team_spawn(struct team* team) {
  struct member* member = next_member(team);
  return team->actors[member->index] = host_spawn(&team->host, &member->cell, on_member);
}

static void on_destroy(uintptr_t user) { atomic_fetch_add(&((struct team*)user)->destroyed, 1); }

static uintptr_t make_member(uintptr_t user) {
  struct team* team = (struct team*)user;
  if (team->on_make != NULL) team->on_make(team);
  struct member* member = next_member(team);
  host_spawn_options(&team->host, &member->cell, on_member);
  team->host.cells[atomic_fetch_add(&team->host.spawned, 1)] = &member->cell;
  return (uintptr_t)member;
}

ac_status team_try(struct team* team, ac_router_options* options) {
  options->struct_size = sizeof *options;
  options->user = (uintptr_t)team;
  options->destroy = on_destroy;
  const ac_status status =
      ac_router_create(team->host.system, options, &team->router, &team->address, NULL);
  if (status == AC_OK) team->target = team->address.bits;
  return status;
}

void team_group(struct team* team, ac_router_options options) {
  options.routees = team->actors;
  options.routees_count = team->made;
  CHECK_OK(team_try(team, &options));
}

void team_pool(struct team* team, ac_router_options options, ac_spawn_options spawn) {
  struct cell any;
  const ac_spawn_options own = host_spawn_options(&team->host, &any, on_member);
  spawn.struct_size = own.struct_size;
  spawn.behavior = own.behavior;
  spawn.dispatcher = own.dispatcher;
  options.spawn = &spawn;
  options.make = make_member;
  CHECK_OK(team_try(team, &options));
}

void team_close(struct team* team) {
  host_close(&team->host);
  CHECK_EQ(1, team->destroyed);
  CHECK_STATUS(AC_E_STALE, ac_router_add(team->router, team->address, NULL));
  ac_router_release(team->router);
}

void team_tell(struct team* team, uint32_t type, uint64_t value) {
  host_tell(&team->host, team->address, type, value);
}

ac_status team_ask(struct team* team, uint32_t type, uint64_t value, uint64_t* index) {
  ac_message reply;
  const ac_status status = ac_ask(team->host.system, team->address, type,
                                  bytes_of(&value, sizeof value), patience, &reply);
  if (status == AC_OK) *index = value_of(&reply);
  return status;
}

ac_router_stats team_stats(struct team* team) {
  ac_router_stats stats;
  CHECK_OK(ac_router_get_stats(team->router, &stats));
  return stats;
}

unsigned team_routees(struct team* team, ac_routee* routees) {
  uint64_t count;
  CHECK_OK(ac_router_routees(team->router, routees, members_max, &count));
  CHECK_EQ(team_stats(team).routees, count);
  return (unsigned)count;
}

void team_advance(struct team* team, uint64_t duration_ns) {
  CHECK_OK(ac_system_advance(team->host.system, duration_ns));
}

unsigned team_count(struct team* team) {
  unsigned count = 0;
  for (unsigned i = 0; i < team->made; ++i) count += team->members[i].count;
  return count;
}

uint64_t next_random(uint64_t* state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}
