#include "scenario.h"

#include <stdio.h>
#include <string.h>

enum {
  type_work = 1,
  type_note,
  type_query,
  type_sum,
  type_answer,
  type_ignore,
  type_hatch,
  type_fail,
  type_resolve,
};

enum { workers = 4, hatched = 1 };

struct root {
  struct cell cell;  // first
  uint64_t count;
  uint64_t sum;
};

struct worker {
  struct cell cell;  // first
  struct scenario* scenario;
};

struct scenario {
  struct host host;
  ac_engine engine;
  ac_entity entity;
  uint32_t strength, power, base;
  struct root root;
  struct worker workers[workers + hatched];
};

static ac_status on_root(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct root* self = (struct root*)cell;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type == type_sum) {
      CHECK_OK(ac_turn_reply(turn, activation, message, type_answer, &self->sum, sizeof self->sum));
      continue;
    }
    struct ac_failed failed = {.type = 0};
    if (message->type == AC_TYPE_FAILED) {
      memcpy(&failed, ac_message_payload(message), sizeof failed);
    }
    self->count += 1;
    self->sum += message->type == AC_TYPE_FAILED ? failed.type : value_of(message);
  }
  return AC_OK;
}

static ac_status on_worker(struct cell* cell, ac_turn* turn, ac_activation* activation);

static ac_status note(struct worker* self, ac_turn* turn, ac_activation* activation, uint64_t x) {
  return send_value(turn, activation, self->scenario->root.cell.actor, type_note, x);
}

static ac_status work(struct worker* self, ac_turn* turn, ac_activation* activation, uint64_t n) {
  if (n % 3 == 0) CHECK_OK(note(self, turn, activation, n));
  if (n == 0) return AC_OK;
  uint64_t random;
  CHECK_OK(ac_system_random(turn->system, &random));
  const ac_actor to = self->scenario->workers[random % workers].cell.actor;
  return send_value(turn, activation, to, type_work, n - 1);
}

static ac_status query(struct worker* self, ac_turn* turn, ac_activation* activation, uint64_t n) {
  const ac_bytes none = {0};
  uint64_t correlation;
  const ac_actor to =
      n == 0 ? self->scenario->root.cell.actor : self->scenario->workers[n].cell.actor;
  return ac_worker_ask(turn->worker, activation->actor, to, n == 0 ? type_sum : type_ignore, none,
                       n == 0 ? 1000000000 : 1000000, &correlation);
}

static ac_status hatch(struct worker* self, ac_turn* turn, ac_activation* activation, uint64_t n) {
  struct scenario* scenario = self->scenario;
  struct worker* child = &scenario->workers[workers];
  child->scenario = scenario;
  ac_spawn_options options = host_spawn_options(&scenario->host, &child->cell, on_worker);
  options.supervisor = scenario->root.cell.actor;
  CHECK_OK(ac_worker_spawn(turn->worker, &options, NULL, 1, &child->cell.actor, NULL));
  scenario->host.cells[atomic_fetch_add(&scenario->host.spawned, 1)] = &child->cell;
  return send_value(turn, activation, child->cell.actor, type_work, n);
}

static ac_status resolve(struct worker* self, ac_turn* turn, ac_activation* activation,
                         uint64_t n) {
  const struct scenario* scenario = self->scenario;
  const ac_contribution rows[] = {
      {.dimension = scenario->strength, .bucket = AC_BUCKET_FLAT, .value = (double)n},
      {.dimension = scenario->strength, .bucket = AC_BUCKET_MULT, .value = 0.5}};
  const ac_output output = {.struct_size = sizeof output,
                            .system = scenario->base,
                            .contributions = rows,
                            .contribution_count = 2};
  CHECK_OK(ac_entity_put(scenario->entity, &output));
  ac_snapshot snapshot;
  double power;
  uint64_t bits;
  CHECK_OK(ac_resolve(scenario->entity, 0, &snapshot, NULL));
  CHECK_OK(ac_snapshot_value(snapshot, AC_LIST_DERIVED, scenario->power, &power));
  ac_snapshot_release(snapshot);
  memcpy(&bits, &power, sizeof bits);
  return note(self, turn, activation, bits);
}

static ac_status on_worker_message(struct worker* self, ac_turn* turn, ac_activation* activation,
                                   const ac_message* message) {
  struct ac_ask_failed failed;
  switch (message->type) {
    case type_work:
      return work(self, turn, activation, value_of(message));
    case type_query:
      return query(self, turn, activation, value_of(message));
    case type_answer:
      CHECK((message->correlation & AC_CORRELATION_REPLY) != 0);
      return note(self, turn, activation, value_of(message));
    case AC_TYPE_ASK_FAILED:
      memcpy(&failed, ac_message_payload(message), sizeof failed);
      return note(self, turn, activation, (uint64_t)-failed.status);
    case type_hatch:
      return hatch(self, turn, activation, value_of(message));
    case type_resolve:
      return resolve(self, turn, activation, value_of(message));
    case type_fail:
      return AC_E_HANDLER;
    default:
      return AC_OK;
  }
}

static ac_status on_worker(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  for (uint32_t i = 0; i < activation->count; ++i) {
    activation->handled = i;
    const ac_status status =
        on_worker_message((struct worker*)cell, turn, activation, activation->messages[i]);
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

static const char registry[] =
    "{\"dimensions\": {\"strength\": {\"use_pipeline\": true, \"clamp_default\": {\"min\": 0, "
    "\"max\": 1000}}, \"power\": {\"use_pipeline\": true, \"clamp_default\": {\"min\": 0, "
    "\"max\": 1000}, \"formula\": {\"terms\": {\"strength\": 2.5}, \"constant\": 1}}}}";

static void create_entity(struct scenario* scenario) {
  const ac_source source = {.struct_size = sizeof source, .text = {registry, sizeof registry - 1}};
  const ac_profile profile = {.struct_size = sizeof profile, .id = ac_text_of("hero")};
  CHECK_OK(ac_engine_create(scenario->host.system, NULL, &scenario->engine, NULL));
  CHECK_OK(ac_engine_load(scenario->engine, &source, NULL));
  CHECK_OK(ac_engine_name(scenario->engine, ac_text_of("strength"), &scenario->strength));
  CHECK_OK(ac_engine_name(scenario->engine, ac_text_of("power"), &scenario->power));
  CHECK_OK(ac_engine_name(scenario->engine, ac_text_of("base"), &scenario->base));
  CHECK_OK(ac_entity_create(scenario->engine, &profile, &scenario->entity, NULL));
}

static void spawn_all(struct scenario* scenario) {
  const ac_spawn_options named = {.name = ac_text_of("root")};
  const ac_spawn_options supervised = {
      .supervisor = host_spawn_with(&scenario->host, &scenario->root.cell, on_root, named)};
  for (unsigned i = 0; i < workers; ++i) {
    scenario->workers[i].scenario = scenario;
    host_spawn_with(&scenario->host, &scenario->workers[i].cell, on_worker, supervised);
  }
}

static void tell(struct scenario* scenario, unsigned worker, uint32_t type, uint64_t value) {
  host_tell(&scenario->host, scenario->workers[worker].cell.actor, type, value);
}

static void tell_nothing(struct scenario* scenario, unsigned worker, uint32_t type) {
  const ac_bytes none = {0};
  CHECK_OK(ac_tell(scenario->host.system, scenario->workers[worker].cell.actor, type, none));
}

static uint64_t ask_sum(struct scenario* scenario) {
  const ac_bytes none = {0};
  ac_message reply;
  CHECK_OK(
      ac_ask(scenario->host.system, scenario->root.cell.actor, type_sum, none, 1000000000, &reply));
  CHECK_EQ(type_answer, reply.type);
  return value_of(&reply);
}

static void play(struct scenario* scenario) {
  struct host* host = &scenario->host;
  for (unsigned i = 0; i < workers; ++i) tell(scenario, i, type_work, 10 + i);
  host_settle(host);
  ask_sum(scenario);
  tell(scenario, 0, type_query, 0);
  tell(scenario, 1, type_query, 2);
  host_settle(host);
  tell(scenario, 2, type_hatch, 4);
  host_settle(host);
  tell(scenario, 0, type_resolve, 20);
  host_settle(host);
  tell_nothing(scenario, 3, type_fail);
  tell(scenario, 3, type_work, 5);
  host_settle(host);
  CHECK_OK(ac_actor_stop(host->system, scenario->workers[1].cell.actor, AC_STOP_DRAIN));
  host_settle(host);
  tell(scenario, 2, type_work, 9);
  host_settle(host);
}

struct scenario_result scenario_run(enum mode mode, uint64_t seed) {
  static struct scenario scenario;
  struct scenario_result result;
  const struct host_options options = {.mode = mode, .seed = seed};
  memset(&scenario, 0, sizeof scenario);
  host_open(&scenario.host, options);
  create_entity(&scenario);
  spawn_all(&scenario);
  play(&scenario);
  result.sum = ask_sum(&scenario);
  CHECK_EQ(scenario.root.sum, result.sum);
  CHECK_OK(ac_system_trace_hash(scenario.host.system, &result.hash));
  printf("seed %llu, mode %d: sum %llu, trace hash: %016llx\n", (unsigned long long)seed, (int)mode,
         (unsigned long long)result.sum, (unsigned long long)result.hash);
  host_check_ledger(&scenario.host);
  host_close(&scenario.host);
  ac_entity_release(scenario.entity);
  ac_engine_release(scenario.engine);
  return result;
}

TEST(the_scenario_gives_the_same_hash_in_every_mode_and_run) {
  const struct scenario_result first = scenario_run(mode_inline, 42);
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    for (unsigned run = 0; run < 3; ++run) {
      const struct scenario_result again = scenario_run(mode, 42);
      CHECK_EQ(first.sum, again.sum);
      CHECK_EQ(first.hash, again.hash);
    }
  }
}

TEST(the_scenario_gives_another_hash_with_another_seed) {
  const struct scenario_result first = scenario_run(mode_inline, 42);
  for (uint64_t seed = 1; seed < 10; ++seed) {
    CHECK(scenario_run(mode_inline, seed).hash != first.hash);
  }
}
