// Subsystems that are asked by callbacks, in engines without a system: on the resolving thread.
#include <string.h>

#include "snapshots.h"

// A callback's word: what it answers, and what became of it.
struct source {
  ac_engine engine;
  double value;
  ac_status status;
  int is_silent;
  int asked;
  int destroyed;
  char context[16];
};

static ac_status contribute(uintptr_t user, const ac_contribute* question) {
  struct source* source = (struct source*)user;
  source->asked += 1;
  if (question->context.bits != 0) {
    ac_bytes bytes;
    CHECK_OK(ac_buffer_view(question->context, &bytes));
    memcpy(source->context, bytes.data, bytes.size < 16 ? bytes.size : 15);
  }
  if (!source->is_silent) {
    const ac_contribution row = flat(source->engine, "a", source->value);
    const ac_output output = {
        .struct_size = sizeof output, .contributions = &row, .contribution_count = 1};
    CHECK_OK(ac_query_answer(question->query, &output));
    CHECK_STATUS(AC_E_STALE, ac_query_answer(question->query, &output));
  }
  return source->status;
}

static void destroy(uintptr_t user) { ((struct source*)user)->destroyed += 1; }

static ac_subsystem_options options_for(struct source* source, const char* name) {
  const ac_subsystem_options options = {.struct_size = sizeof options,
                                        .name = ac_text_of(name),
                                        .on_contribute = contribute,
                                        .user = (uintptr_t)source,
                                        .destroy = destroy};
  return options;
}

static void add(struct source* source, ac_engine engine, const char* name) {
  source->engine = engine;
  const ac_subsystem_options options = options_for(source, name);
  CHECK_OK(ac_subsystem_register(engine, &options, NULL));
}

static double asked_value(ac_engine engine, ac_entity entity) {
  const ac_snapshot snapshot = resolved(entity, 0);
  const double value = primary(engine, snapshot, "a");
  ac_snapshot_release(snapshot);
  return value;
}

static void expect_failed(ac_engine engine, ac_entity entity, const char* system, uint32_t code) {
  const ac_snapshot snapshot = resolved(entity, 0);
  CHECK_EQ(1, error_count(snapshot));
  const ac_snapshot_error error = error_at(snapshot, 0);
  CHECK_EQ(code, error.code);
  CHECK_EQ(AC_ABOUT_SYSTEM, error.about);
  CHECK_EQ(name_of(engine, system), error.name);
  ac_snapshot_release(snapshot);
}

TEST(what_is_asked_and_what_is_stored_go_together) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 5);
  struct source buffs = {.value = 10};
  struct source guild = {.value = 1};
  add(&buffs, engine, "buffs");
  add(&guild, engine, "guild");
  CHECK(asked_value(engine, entity) == 16.0);
  buffs.value = 20;
  CHECK(asked_value(engine, entity) == 26.0);  // asked anew, never served from the cache
  CHECK_EQ(2, buffs.asked);
  const ac_engine_metrics metrics = metrics_of(engine);
  CHECK_EQ(4, metrics.asked);
  CHECK_EQ(0, metrics.late);
  CHECK_EQ(2, metrics.resolved);
  CHECK_EQ(0, metrics.snapshots);
  ac_snapshot snapshot;
  CHECK_STATUS(AC_E_NOT_CACHED, ac_get_cached_snapshot(entity, &snapshot));
  ac_entity_release(entity);
  ac_engine_release(engine);
  CHECK_EQ(1, buffs.destroyed);
  CHECK_EQ(1, guild.destroyed);
}

TEST(a_callback_that_fails_is_listed_and_the_rest_resolves) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 5);
  struct source source = {.value = 10, .is_silent = 1, .status = AC_E_HANDLER};
  add(&source, engine, "buffs");
  expect_failed(engine, entity, "buffs", AC_REJECT_SUBSYSTEM_FAILED);
  source.status = AC_OK;  // but no answer
  expect_failed(engine, entity, "buffs", AC_REJECT_SUBSYSTEM_FAILED);
  source.is_silent = 0;
  source.status = -2000;  // an answer, taken back by the failure
  expect_failed(engine, entity, "buffs", AC_REJECT_SUBSYSTEM_FAILED);
  CHECK(asked_value(engine, entity) == 5.0);
  ac_snapshot snapshot;
  CHECK_STATUS(AC_E_REJECTED, ac_resolve(entity, AC_RESOLVE_STRICT, &snapshot, NULL));
  source.status = AC_OK;
  CHECK(asked_value(engine, entity) == 15.0);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

TEST(a_stored_and_an_asked_output_of_one_system_are_both_left_out) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 5);
  put(engine, entity, "buffs", "a", 7);
  struct source source = {.value = 10};
  add(&source, engine, "buffs");
  expect_failed(engine, entity, "buffs", AC_REJECT_DUPLICATE_SYSTEM);
  CHECK(asked_value(engine, entity) == 5.0);
  source.status = AC_E_HANDLER;
  expect_failed(engine, entity, "buffs", AC_REJECT_DUPLICATE_SYSTEM);
  CHECK_OK(ac_entity_remove(entity, name_of(engine, "buffs")));
  source.status = AC_OK;
  CHECK(asked_value(engine, entity) == 15.0);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

TEST(a_context_reaches_the_callback) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  struct source source = {.value = 10};
  add(&source, engine, "buffs");
  ac_snapshot snapshot;
  CHECK_OK(ac_resolve_with_context(entity, 0, (ac_bytes){(const uint8_t*)"boss fight", 10}, 0,
                                   &snapshot, NULL));
  CHECK(strcmp(source.context, "boss fight") == 0);
  ac_snapshot_release(snapshot);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

TEST(a_removed_subsystem_is_asked_no_more_and_destroyed_once) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 5);
  struct source source = {.value = 10};
  add(&source, engine, "buffs");
  CHECK_OK(ac_subsystem_remove(engine, ac_text_of("buffs")));
  CHECK_EQ(1, source.destroyed);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_subsystem_remove(engine, ac_text_of("buffs")));
  CHECK(asked_value(engine, entity) == 5.0);
  CHECK_EQ(0, source.asked);
  add(&source, engine, "buffs");  // the name is free again
  ac_entity_release(entity);
  ac_engine_release(engine);
  CHECK_EQ(2, source.destroyed);
}

TEST(a_refused_registration_destroys_nothing) {
  const ac_engine engine = engine_with((ac_system){0});
  struct source first = {.value = 1};
  struct source source = {.value = 1};
  add(&first, engine, "buffs");
  ac_subsystem_options options = options_for(&source, "buffs");
  CHECK_STATUS(AC_E_EXISTS, ac_subsystem_register(engine, &options, NULL));
  options.name = ac_text_of("");
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_subsystem_register(engine, &options, NULL));
  options.name = ac_text_of("other");
  options.actor.bits = 1;  // both
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_subsystem_register(engine, &options, NULL));
  options.on_contribute = NULL;  // an actor without a system
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_subsystem_register(engine, &options, NULL));
  options.actor.bits = 0;  // neither
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_subsystem_register(engine, &options, NULL));
  CHECK_STATUS(AC_E_NULL, ac_subsystem_register(engine, NULL, NULL));
  ac_engine_release(engine);
  CHECK_EQ(0, source.destroyed);
  CHECK_EQ(1, first.destroyed);
}

// -- callbacks that call back ---------------------------------------------------------------------

static ac_status resolve_inside(uintptr_t user, const ac_contribute* question) {
  struct source* source = (struct source*)user;
  ac_snapshot snapshot;
  source->status = ac_resolve(question->entity, 0, &snapshot, NULL);
  return AC_OK;
}

TEST(a_resolve_that_asks_is_refused_inside_a_callback) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  struct source source = {.value = 1};
  ac_subsystem_options options = options_for(&source, "buffs");
  options.on_contribute = resolve_inside;
  CHECK_OK(ac_subsystem_register(engine, &options, NULL));
  ac_snapshot_release(resolved(entity, 0));
  CHECK_EQ(AC_E_WOULD_DEADLOCK, source.status);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

static ac_status read_and_put(uintptr_t user, const ac_contribute* question) {
  struct source* source = (struct source*)user;
  uint64_t size;
  CHECK_STATUS(AC_E_BUFFER_TOO_SMALL, ac_entity_profile(question->entity, NULL, 0, &size));
  put(source->engine, question->entity, "items", "a", 50);
  const ac_output nothing = {.struct_size = sizeof nothing};
  return ac_query_answer(question->query, &nothing);
}

TEST(a_callback_may_read_and_change_its_entity_for_the_next_resolve) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 5);
  struct source source = {.engine = engine};
  ac_subsystem_options options = options_for(&source, "buffs");
  options.on_contribute = read_and_put;
  CHECK_OK(ac_subsystem_register(engine, &options, NULL));
  CHECK(asked_value(engine, entity) == 5.0);
  CHECK(asked_value(engine, entity) == 50.0);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

static ac_status answer_badly(uintptr_t user, const ac_contribute* question) {
  struct source* source = (struct source*)user;
  ac_contribution row = flat(source->engine, "a", 3);
  ac_output output = {.struct_size = sizeof output, .contributions = &row, .contribution_count = 1};
  CHECK_STATUS(AC_E_NULL, ac_query_answer(question->query, NULL));
  row.bucket = 9;
  CHECK_STATUS(AC_E_UNKNOWN_CONSTANT, ac_query_answer(question->query, &output));
  row.bucket = AC_BUCKET_FLAT;
  output.system = name_of(source->engine, "somebody else");
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_query_answer(question->query, &output));
  output.system = 0;
  output.contribution_count = UINT64_MAX;
  CHECK_STATUS(AC_E_LIMIT, ac_query_answer(question->query, &output));
  output.contribution_count = 1;
  return ac_query_answer(question->query, &output);
}

TEST(a_refused_answer_leaves_the_question_open) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  struct source source = {.engine = engine};
  ac_subsystem_options options = options_for(&source, "buffs");
  options.on_contribute = answer_badly;
  CHECK_OK(ac_subsystem_register(engine, &options, NULL));
  CHECK(asked_value(engine, entity) == 3.0);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

static ac_status release_everything(uintptr_t user, const ac_contribute* question) {
  struct source* source = (struct source*)user;
  source->asked += 1;
  CHECK_OK(ac_subsystem_remove(source->engine, ac_text_of("buffs")));
  CHECK_EQ(0, source->destroyed);  // this call still needs its word
  ac_entity_release(question->entity);
  ac_engine_release(source->engine);
  return AC_E_HANDLER;
}

TEST(what_a_callback_releases_lives_until_the_resolve_ends) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  struct source source = {.engine = engine};
  ac_subsystem_options options = options_for(&source, "buffs");
  options.on_contribute = release_everything;
  CHECK_OK(ac_subsystem_register(engine, &options, NULL));
  ac_snapshot snapshot;
  CHECK_OK(ac_resolve(entity, 0, &snapshot, NULL));
  CHECK_EQ(1, error_count(snapshot));
  CHECK_EQ(1, source.destroyed);
  ac_snapshot_release(snapshot);
  CHECK_STATUS(AC_E_STALE, ac_invalidate(entity));
}
