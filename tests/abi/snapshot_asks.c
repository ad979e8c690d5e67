// Subsystems that are asked through a system: actors in every mode, callbacks at once, deadlines,
// and resolves that end in a turn.
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "snapshots.h"

enum { type_resolve = 1, type_fail = 2 };

// -- a subsystem's actor

struct source {
  struct cell cell;
  ac_engine engine;
  double value;
  int is_silent;
  int fails;
  atomic_uint asked;
  _Atomic uint64_t last_query;
};

static void answer(const struct source* source, ac_query query) {
  const ac_contribution row = flat(source->engine, "a", source->value);
  const ac_output output = {
      .struct_size = sizeof output, .contributions = &row, .contribution_count = 1};
  CHECK_OK(ac_query_answer(query, &output));
}

static ac_status on_question(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct source* source = (struct source*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type != AC_TYPE_CONTRIBUTE) continue;
    ac_contribute question;
    CHECK_EQ(sizeof question, message->length);
    memcpy(&question, ac_message_payload(message), sizeof question);
    source->last_query = question.query.bits;
    atomic_fetch_add(&source->asked, 1);
    if (source->fails) {
      activation->handled = i;
      return AC_E_HANDLER;
    }
    if (!source->is_silent) answer(source, question.query);
  }
  return AC_OK;
}

static void add_actor(struct host* host, ac_engine engine, struct source* source,
                      const char* name) {
  source->engine = engine;
  const ac_subsystem_options options = {.struct_size = sizeof options,
                                        .name = ac_text_of(name),
                                        .actor = host_spawn(host, &source->cell, on_question)};
  CHECK_OK(ac_subsystem_register(engine, &options, NULL));
}

struct fixture {
  struct host host;
  ac_engine engine;
  ac_entity entity;
};

static void open_fixture(struct fixture* f, struct host_options options) {
  host_open(&f->host, options);
  f->engine = engine_with(f->host.system);
  f->entity = entity_of(f->engine, "hero");
  put(f->engine, f->entity, "items", "a", 5);
}

static void close_fixture(struct fixture* f) {
  host_close(&f->host);
  ac_entity_release(f->entity);
  ac_engine_release(f->engine);
}

static double asked_value(struct fixture* f) {
  const ac_snapshot snapshot = resolved(f->entity, 0);
  const double value = primary(f->engine, snapshot, "a");
  ac_snapshot_release(snapshot);
  return value;
}

static void expect_failed(struct fixture* f, ac_snapshot snapshot, const char* system) {
  CHECK_EQ(1, error_count(snapshot));
  CHECK_EQ(AC_REJECT_SUBSYSTEM_FAILED, error_at(snapshot, 0).code);
  CHECK_EQ(name_of(f->engine, system), error_at(snapshot, 0).name);
  CHECK(primary(f->engine, snapshot, "a") == 5.0);
}

static void ask_an_actor(struct host_options options) {
  struct fixture f;
  struct source buffs = {.value = 10};
  struct source guild = {.value = 1};
  open_fixture(&f, options);
  add_actor(&f.host, f.engine, &buffs, "buffs");
  add_actor(&f.host, f.engine, &guild, "guild");
  CHECK(asked_value(&f) == 16.0);
  buffs.value = 20;
  CHECK(asked_value(&f) == 26.0);
  CHECK_EQ(2, buffs.asked);
  CHECK_EQ(2, guild.asked);
  CHECK_EQ(4, metrics_of(f.engine).asked);
  close_fixture(&f);
}

TEST(an_actor_is_asked_in_a_turn_of_every_mode) {
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    ask_an_actor((struct host_options){.mode = mode});
  }
}

TEST(an_actor_is_asked_in_a_seeded_system_of_every_mode) {
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    ask_an_actor((struct host_options){.mode = mode, .seed = 7});
  }
}

TEST(who_does_not_answer_by_the_deadline_is_listed_and_comes_too_late) {
  struct fixture f;
  struct source silent = {.value = 10, .is_silent = 1};
  open_fixture(&f, (struct host_options){.mode = mode_attached});
  add_actor(&f.host, f.engine, &silent, "buffs");
  // On a busy machine the time may be over before there is a question.
  for (uint64_t late = 1; silent.asked == 0; ++late) {
    ac_snapshot snapshot;
    CHECK_OK(ac_resolve_with_context(f.entity, 0, (ac_bytes){0}, 1000000, &snapshot, NULL));
    expect_failed(&f, snapshot, "buffs");
    ac_snapshot_release(snapshot);
    CHECK_EQ(late, metrics_of(f.engine).late);
    host_settle(&f.host);
  }
  const ac_output nothing = {.struct_size = sizeof nothing};
  CHECK_STATUS(AC_E_STALE, ac_query_answer((ac_query){silent.last_query}, &nothing));
  close_fixture(&f);
}

TEST(a_deadline_in_a_seeded_system_takes_its_time_on_the_virtual_clock) {
  struct fixture f;
  struct source silent = {.is_silent = 1};
  open_fixture(&f, (struct host_options){.seed = 3});
  add_actor(&f.host, f.engine, &silent, "buffs");
  ac_snapshot snapshot;
  uint64_t before;
  uint64_t after;
  CHECK_OK(ac_system_now(f.host.system, &before));
  CHECK_OK(ac_resolve_with_context(f.entity, 0, (ac_bytes){0}, UINT64_C(3600000000000), &snapshot,
                                   NULL));
  CHECK_OK(ac_system_now(f.host.system, &after));
  CHECK_EQ(UINT64_C(3600000000000), after - before);
  ac_snapshot_view view = {.struct_size = sizeof view};
  CHECK_OK(ac_snapshot_get(snapshot, &view));
  CHECK_EQ((int64_t)after, view.created_at);
  expect_failed(&f, snapshot, "buffs");
  ac_snapshot_release(snapshot);
  close_fixture(&f);
}

TEST(an_actor_that_fails_or_is_gone_fails_its_question_at_once) {
  struct fixture f;
  struct source wrong = {.fails = 1};
  open_fixture(&f, (struct host_options){.mode = mode_inline});
  add_actor(&f.host, f.engine, &wrong, "buffs");
  ac_snapshot snapshot;
  for (int i = 0; i < 2; ++i) {  // first it fails, then it is gone; neither waits for the deadline
    CHECK_OK(
        ac_resolve_with_context(f.entity, 0, (ac_bytes){0}, AC_TIMEOUT_NEVER, &snapshot, NULL));
    expect_failed(&f, snapshot, "buffs");
    ac_snapshot_release(snapshot);
    host_settle(&f.host);
  }
  CHECK_EQ(1, wrong.asked);
  CHECK_EQ(0, metrics_of(f.engine).late);
  close_fixture(&f);
}

TEST(an_actor_that_stops_with_questions_in_its_mailbox_fails_them_at_once) {
  struct fixture f;
  struct source source = {.is_silent = 1};
  open_fixture(&f, (struct host_options){.seed = 5});
  add_actor(&f.host, f.engine, &source, "buffs");
  CHECK_OK(
      ac_actor_stop(f.host.system, source.cell.actor, 0));  // takes effect when the system moves
  ac_snapshot snapshot;
  CHECK_OK(ac_resolve_with_context(f.entity, 0, (ac_bytes){0}, AC_TIMEOUT_NEVER, &snapshot, NULL));
  expect_failed(&f, snapshot, "buffs");
  ac_snapshot_release(snapshot);
  CHECK_EQ(0, source.asked);
  close_fixture(&f);
}

// -- callbacks in a system

struct meeting {
  ac_engine engine;
  sem_t arrived[2];
  atomic_uint destroyed;
};

struct guest {
  struct meeting* meeting;
  int number;
};

static ac_status meet(uintptr_t user, const ac_contribute* question) {
  struct guest* guest = (struct guest*)user;
  sem_post(&guest->meeting->arrived[guest->number]);
  await(&guest->meeting->arrived[1 - guest->number]);  // comes only if both are asked at once
  const ac_contribution row = flat(guest->meeting->engine, "a", 1);
  const ac_output output = {
      .struct_size = sizeof output, .contributions = &row, .contribution_count = 1};
  return ac_query_answer(question->query, &output);
}

static void leave(uintptr_t user) {
  atomic_fetch_add(&((struct guest*)user)->meeting->destroyed, 1);
}

TEST(callbacks_of_a_system_run_at_once) {
  struct fixture f;
  struct meeting meeting = {.destroyed = 0};
  struct guest guests[2] = {{&meeting, 0}, {&meeting, 1}};
  open_fixture(&f, (struct host_options){.mode = mode_inline, .workers = 2});
  meeting.engine = f.engine;
  for (int i = 0; i < 2; ++i) {
    sem_init(&meeting.arrived[i], 0, 0);
    const ac_subsystem_options options = {.struct_size = sizeof options,
                                          .name = ac_text_of(i == 0 ? "one" : "two"),
                                          .on_contribute = meet,
                                          .user = (uintptr_t)&guests[i],
                                          .destroy = leave};
    CHECK_OK(ac_subsystem_register(f.engine, &options, NULL));
  }
  CHECK(asked_value(&f) == 7.0);
  CHECK_EQ(0, meeting.destroyed);
  CHECK_OK(ac_subsystem_remove(f.engine, ac_text_of("one")));
  host_settle(&f.host);
  CHECK_EQ(1, meeting.destroyed);
  close_fixture(&f);
  CHECK_EQ(2, meeting.destroyed);
}

// -- resolves that end in a turn

enum { heroes = 300 };  // more than a batch asks at once

struct receiver {
  struct cell cell;
  ac_engine engine;
  ac_entity entity;
  atomic_uint arrived;
  double total;
  ac_status status;   // of the last that failed, or of the resolve inside
  int resolves_here;  // ac_resolve inside the handler
};

static void take_resolved(struct receiver* receiver, const ac_message* message) {
  ac_resolved answer;
  CHECK_EQ(sizeof answer, message->length);
  memcpy(&answer, ac_message_payload(message), sizeof answer);
  CHECK(message->correlation == (77 | AC_CORRELATION_REPLY));
  if (answer.status == AC_OK) {
    receiver->total += primary(receiver->engine, answer.snapshot, "a");
  } else {
    CHECK(answer.snapshot.bits == 0);
    receiver->status = answer.status;
  }
  ac_snapshot_release(answer.snapshot);
  atomic_fetch_add(&receiver->arrived, 1);
}

static ac_status receive(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct receiver* receiver = (struct receiver*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type == AC_TYPE_RESOLVED) take_resolved(receiver, message);
    if (message->type == type_fail) {
      activation->handled = i;
      return AC_E_HANDLER;
    }
    if (message->type == type_resolve) {
      ac_snapshot snapshot = {0};
      receiver->status = ac_resolve(receiver->entity, 0, &snapshot, NULL);
      ac_snapshot_release(snapshot);
    }
  }
  return AC_OK;
}

static void resolve_async(ac_engine engine, const ac_entity* entities, uint64_t count, ac_actor to,
                          uint32_t flags) {
  const ac_resolve_options options = {.struct_size = sizeof options,
                                      .flags = flags,
                                      .entities = entities,
                                      .count = count,
                                      .reply_to = to,
                                      .correlation = 77};
  CHECK_OK(ac_resolve_async(engine, &options, NULL));
}

static void make_heroes(struct fixture* f, ac_entity* entities) {
  for (int i = 0; i < heroes; ++i) {
    entities[i] = entity_of(f->engine, "hero");
    put(f->engine, entities[i], "items", "a", i % 10);
  }
}

static void release_heroes(ac_entity* entities) {
  for (int i = 0; i < heroes; ++i) ac_entity_release(entities[i]);
}

static void resolve_in_turns(struct host_options options, int asks) {
  struct fixture f;
  struct source source = {.value = 10};
  struct receiver receiver = {.status = AC_OK};
  ac_entity entities[heroes];
  open_fixture(&f, options);
  receiver.engine = f.engine;
  make_heroes(&f, entities);
  if (asks) add_actor(&f.host, f.engine, &source, "buffs");
  const ac_actor to = host_spawn(&f.host, &receiver.cell, receive);
  resolve_async(f.engine, entities, heroes, to, 0);
  host_settle(&f.host);
  CHECK_EQ(heroes, receiver.arrived);
  CHECK_EQ(AC_OK, receiver.status);
  CHECK(receiver.total == heroes * (asks ? 14.5 : 4.5));
  release_heroes(entities);
  close_fixture(&f);
}

TEST(an_asynchronous_resolve_gives_a_message_an_entity) {
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    resolve_in_turns((struct host_options){.mode = mode}, 0);
    resolve_in_turns((struct host_options){.mode = mode}, 1);
    resolve_in_turns((struct host_options){.mode = mode, .seed = 11}, 0);
    resolve_in_turns((struct host_options){.mode = mode, .seed = 11}, 1);
  }
}

TEST(an_answer_may_come_from_any_thread_after_the_turn) {
  struct fixture f;
  struct source silent = {.value = 10, .is_silent = 1};
  open_fixture(&f, (struct host_options){.mode = mode_inline});
  add_actor(&f.host, f.engine, &silent, "buffs");
  struct receiver receiver = {.engine = f.engine};
  const ac_resolve_options options = {.struct_size = sizeof options,
                                      .entities = &f.entity,
                                      .count = 1,
                                      .timeout_ns = AC_TIMEOUT_NEVER,
                                      .reply_to = host_spawn(&f.host, &receiver.cell, receive),
                                      .correlation = 77};
  CHECK_OK(ac_resolve_async(f.engine, &options, NULL));
  while (silent.asked == 0) sched_yield();
  CHECK_STATUS(AC_E_TIMEOUT, ac_system_settle(f.host.system, 1000000));  // a resolve is under way
  answer(&silent, (ac_query){silent.last_query});
  host_settle(&f.host);
  CHECK_EQ(1, receiver.arrived);
  CHECK(receiver.total == 15.0);
  close_fixture(&f);
}

TEST(a_batch_asks_in_groups_and_waits_for_all) {
  struct fixture f;
  struct source source = {.value = 10};
  ac_entity entities[heroes];
  ac_snapshot snapshots[heroes];
  uint64_t count;
  open_fixture(&f, (struct host_options){.mode = mode_attached});
  make_heroes(&f, entities);
  add_actor(&f.host, f.engine, &source, "buffs");
  CHECK_OK(ac_resolve_batch(entities, heroes, 0, snapshots, NULL, &count));
  CHECK_EQ(heroes, count);
  for (int i = 0; i < heroes; ++i) {
    CHECK(primary(f.engine, snapshots[i], "a") == 10 + i % 10);
    ac_snapshot_release(snapshots[i]);
  }
  release_heroes(entities);
  close_fixture(&f);
}

TEST(a_resolve_inside_a_handler_is_refused_only_where_it_would_wait) {
  struct fixture f;
  struct source source = {.value = 10};
  struct receiver receiver = {.status = AC_E_INTERNAL};
  open_fixture(&f, (struct host_options){.mode = mode_inline});
  receiver.entity = f.entity;
  const ac_actor to = host_spawn(&f.host, &receiver.cell, receive);
  host_tell(&f.host, to, type_resolve, 0);
  host_settle(&f.host);
  CHECK_EQ(AC_OK, receiver.status);
  add_actor(&f.host, f.engine, &source, "buffs");
  host_tell(&f.host, to, type_resolve, 0);
  host_settle(&f.host);
  CHECK_EQ(AC_E_WOULD_DEADLOCK, receiver.status);
  close_fixture(&f);
}

TEST(a_snapshot_whose_message_no_one_takes_is_released) {
  struct fixture f;
  struct receiver receiver = {.status = AC_OK};
  open_fixture(&f, (struct host_options){.seed = 9});
  receiver.engine = f.engine;
  const ac_actor to = host_spawn(&f.host, &receiver.cell, receive);
  host_tell(&f.host, to, type_fail, 0);
  for (int i = 0; i < 10; ++i) resolve_async(f.engine, &f.entity, 1, to, AC_RESOLVE_FRESH);
  CHECK_EQ(10, metrics_of(f.engine).snapshots);
  host_settle(&f.host);  // the first message fails, the others are dead letters
  CHECK_EQ(0, receiver.arrived);
  CHECK_EQ(1, metrics_of(f.engine).snapshots);  // the cached one
  CHECK_EQ(10, host_ledger(&f.host).dead[AC_DEAD_FAILED]);
  close_fixture(&f);
}

// -- ends

struct late_resolve {
  ac_entity entity;
  ac_status status;
};

static void* resolve_for_long(void* argument) {
  struct late_resolve* late = argument;
  ac_snapshot snapshot = {0};
  late->status = ac_resolve_with_context(late->entity, 0, (ac_bytes){0}, UINT64_C(3600000000000),
                                         &snapshot, NULL);
  ac_snapshot_release(snapshot);
  return NULL;
}

TEST(a_stop_ends_the_resolves_that_wait) {
  struct fixture f;
  struct source silent = {.is_silent = 1};
  open_fixture(&f, (struct host_options){.mode = mode_inline});
  add_actor(&f.host, f.engine, &silent, "buffs");
  struct late_resolve late = {.entity = f.entity, .status = AC_OK};
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, resolve_for_long, &late) == 0);
  while (silent.asked == 0) sched_yield();
  host_close_at_once(&f.host);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK_EQ(AC_E_STOPPED, late.status);
  ac_snapshot snapshot;
  CHECK_STATUS(AC_E_STOPPED, ac_resolve(f.entity, 0, &snapshot, NULL));
  ac_entity_release(f.entity);
  ac_engine_release(f.engine);
}

TEST(an_engine_of_a_stopped_system_still_resolves_what_is_stored) {
  struct fixture f;
  open_fixture(&f, (struct host_options){.mode = mode_inline});
  host_close(&f.host);
  ac_snapshot_release(resolved(f.entity, 0));
  ac_entity_release(f.entity);
  ac_engine_release(f.engine);
}

// The same program from the same seed: questions, answers, deadlines and resolves in turns.
static uint64_t traced(uint64_t seed, enum mode mode) {
  struct fixture f;
  struct source sources[3] = {{.value = 1}, {.value = 2}, {.is_silent = 1}};
  struct receiver receiver = {.status = AC_OK};
  ac_entity entities[heroes];
  uint64_t hash;
  open_fixture(&f, (struct host_options){.mode = mode, .seed = seed});
  receiver.engine = f.engine;
  make_heroes(&f, entities);
  add_actor(&f.host, f.engine, &sources[0], "one");
  add_actor(&f.host, f.engine, &sources[1], "two");
  add_actor(&f.host, f.engine, &sources[2], "three");
  const ac_actor to = host_spawn(&f.host, &receiver.cell, receive);
  resolve_async(f.engine, entities, heroes, to, 0);
  CHECK(asked_value(&f) == 8.0);
  host_settle(&f.host);
  CHECK_EQ(heroes, receiver.arrived);
  CHECK_OK(ac_system_trace_hash(f.host.system, &hash));
  release_heroes(entities);
  close_fixture(&f);
  return hash;
}

TEST(a_seed_gives_one_trace_in_every_mode) {
  const uint64_t hash = traced(42, mode_inline);
  CHECK(hash == traced(42, mode_inline));
  CHECK(hash == traced(42, mode_caller));
  CHECK(hash == traced(42, mode_attached));
  CHECK(hash != traced(43, mode_inline));
}
