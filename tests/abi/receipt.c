// Receipts: how a value came about, read, replayed and kept.
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "snapshots.h"

static ac_receipt explained(ac_engine engine, ac_entity entity, uint32_t list,
                            const char* dimension) {
  ac_receipt receipt;
  CHECK_OK(ac_entity_explain(entity, list, name_of(engine, dimension), 0, &receipt, NULL));
  return receipt;
}

static ac_receipt_view view_of(ac_receipt receipt) {
  ac_receipt_view view = {.struct_size = sizeof view};
  CHECK_OK(ac_receipt_get(receipt, &view));
  return view;
}

// The only step of that kind.
static ac_receipt_step step_of(ac_receipt receipt, uint32_t kind) {
  const ac_receipt_view view = view_of(receipt);
  const ac_receipt_step* found = NULL;
  for (uint64_t i = 0; i < view.step_count; ++i) {
    if (view.steps[i].kind != kind) continue;
    CHECK(found == NULL);
    found = &view.steps[i];
  }
  CHECK(found != NULL);
  return *found;
}

static char* text_of(ac_receipt receipt) {
  uint64_t size;
  CHECK_STATUS(AC_E_BUFFER_TOO_SMALL, ac_receipt_json(receipt, NULL, 0, &size));
  char* text = malloc(size + 1);
  CHECK(text != NULL);
  CHECK_OK(ac_receipt_json(receipt, text, size, &size));
  text[size] = '\0';
  return text;
}

static double replayed(const ac_receipt_step* steps, uint64_t count) {
  double value;
  CHECK_OK(ac_receipt_replay(steps, count, &value));
  return value;
}

TEST(a_receipt_has_every_step_from_the_rule_to_the_clamp) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 40);
  put(engine, entity, "buffs", "a", 94);
  const ac_receipt receipt = explained(engine, entity, AC_LIST_PRIMARY, "a");
  const ac_receipt_view view = view_of(receipt);
  static const uint32_t kinds[] = {
      AC_STEP_RULE,   AC_STEP_CONTRIBUTION, AC_STEP_CONTRIBUTION, AC_STEP_BUCKET,  AC_STEP_BUCKET,
      AC_STEP_BUCKET, AC_STEP_CANDIDATE,    AC_STEP_DEFAULT,      AC_STEP_DEFAULT, AC_STEP_CLAMP};
  CHECK_EQ(sizeof kinds / sizeof *kinds, view.step_count);
  for (uint64_t i = 0; i < view.step_count; ++i) CHECK_EQ(kinds[i], view.steps[i].kind);
  CHECK_EQ(name_of(engine, "buffs"), view.steps[1].output);
  CHECK_EQ(AC_ORIGIN_PUT, view.steps[1].origin);
  CHECK(view.steps[1].value == 94.0 && view.steps[1].result == 94.0);
  CHECK(view.steps[2].value == 40.0 && view.steps[2].result == 134.0);
  CHECK(view.value == 100.0);
  CHECK_EQ(AC_BOUND_MAX, view.bound);
  CHECK_EQ(AC_LIST_PRIMARY, view.list);
  CHECK_EQ(name_of(engine, "a"), view.dimension);
  CHECK_EQ(1, view.version);
  CHECK_TEXT("hero", view.actor_id);
  ac_receipt_release(receipt);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

TEST(a_formulas_terms_are_final_values_that_have_receipts_of_their_own) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 134);
  const ac_receipt receipt = explained(engine, entity, AC_LIST_DERIVED, "c");
  const ac_receipt_step term = step_of(receipt, AC_STEP_TERM);
  CHECK_EQ(name_of(engine, "b"), step_of(receipt, AC_STEP_ABSENT_TERM).name);
  CHECK_EQ(name_of(engine, "a"), term.name);
  CHECK(term.factor == 2.0 && term.value == 100.0 && term.product == 200.0);
  ac_receipt behind;
  CHECK_OK(ac_entity_explain(entity, term.list, term.name, 0, &behind, NULL));
  CHECK(view_of(behind).value == term.value);
  ac_receipt_release(behind);
  ac_receipt_release(receipt);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

TEST(a_receipt_replays_to_its_value_and_a_changed_one_to_what_would_have_been) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 0.1);
  put(engine, entity, "buffs", "a", 0.2);
  const ac_snapshot snapshot = resolved(entity, 0);
  const ac_receipt receipt = explained(engine, entity, AC_LIST_PRIMARY, "a");
  const ac_receipt_view view = view_of(receipt);
  const double value = primary(engine, snapshot, "a");
  const double again = replayed(view.steps, view.step_count);
  CHECK(memcmp(&value, &view.value, sizeof value) == 0);
  CHECK(memcmp(&value, &again, sizeof value) == 0);
  ac_receipt_step* steps = malloc(view.step_count * sizeof *steps);
  CHECK(steps != NULL);
  memcpy(steps, view.steps, view.step_count * sizeof *steps);
  steps[1].value = 7;
  CHECK(replayed(steps, view.step_count) == 7.1);
  double none = 5;
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_receipt_replay(steps, view.step_count - 1, &none));
  steps[1].kind = 99;
  CHECK_STATUS(AC_E_UNKNOWN_CONSTANT, ac_receipt_replay(steps, view.step_count, &none));
  CHECK(none == 5);
  free(steps);
  ac_receipt_release(receipt);
  ac_snapshot_release(snapshot);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

TEST(a_receipt_outlives_everything_else) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 4);
  const ac_receipt receipt = explained(engine, entity, AC_LIST_PRIMARY, "a");
  put(engine, entity, "items", "a", 5);
  ac_entity_release(entity);
  ac_engine_release(engine);
  CHECK_OK(ac_receipt_retain(receipt));
  ac_receipt_release(receipt);
  char* text = text_of(receipt);
  CHECK(strstr(text,
               "{\"actor_id\": \"hero\", \"version\": 1, \"list\": \"primary\", "
               "\"dimension\": \"a\", \"value\": 4.0, \"bound\": \"none\", \"steps\": [") == text);
  CHECK(strstr(text, "\"output\": \"items\", \"origin\": \"put\"") != NULL);
  free(text);
  ac_receipt_release(receipt);
  CHECK_STATUS(AC_E_STALE, ac_receipt_retain(receipt));
}

TEST(explaining_leaves_cache_and_counts_as_they_are) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 4);
  const ac_snapshot snapshot = resolved(entity, 0);
  ac_receipt_release(explained(engine, entity, AC_LIST_PRIMARY, "a"));
  ac_snapshot cached;
  CHECK_OK(ac_get_cached_snapshot(entity, &cached));
  CHECK_EQ(snapshot.bits, cached.bits);
  CHECK_EQ(1, metrics_of(engine).resolved);
  CHECK_EQ(1, metrics_of(engine).snapshots);
  ac_snapshot_release(cached);
  ac_snapshot_release(snapshot);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

TEST(what_has_no_value_has_no_receipt) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 4);
  const uint32_t a = name_of(engine, "a");
  ac_receipt receipt = {7};
  ac_error error;
  CHECK_STATUS(AC_E_UNKNOWN_DIMENSION,
               ac_entity_explain(entity, AC_LIST_DERIVED, a, 0, &receipt, &error));
  ac_error_release(error);
  CHECK_STATUS(AC_E_UNKNOWN_DIMENSION, ac_entity_explain(entity, 0, 0, 0, &receipt, NULL));
  CHECK_STATUS(AC_E_UNKNOWN_DIMENSION, ac_entity_explain(entity, 0, 1u << 31, 0, &receipt, NULL));
  CHECK_STATUS(AC_E_UNKNOWN_CONSTANT, ac_entity_explain(entity, 2, a, 0, &receipt, NULL));
  CHECK_STATUS(AC_E_UNKNOWN_CONSTANT, ac_entity_explain(entity, 0, a, 2, &receipt, NULL));
  CHECK_STATUS(AC_E_NULL, ac_entity_explain(entity, 0, a, 0, NULL, NULL));
  CHECK_EQ(7, receipt.bits);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

TEST(without_a_registry_there_is_no_receipt) {
  ac_engine engine;
  CHECK_OK(ac_engine_create((ac_system){0}, NULL, &engine, NULL));
  const ac_entity entity = entity_of(engine, "hero");
  ac_receipt receipt;
  CHECK_STATUS(AC_E_NO_REGISTRY, ac_entity_explain(entity, 0, 1, 0, &receipt, NULL));
  ac_entity_release(entity);
  ac_engine_release(engine);
}

// What a callback answers, and what it is asked for.
struct source {
  ac_engine engine;
  int asked;
};

static ac_status contribute(uintptr_t user, const ac_contribute* question) {
  struct source* source = (struct source*)user;
  ac_receipt receipt;
  const uint32_t a = name_of(source->engine, "a");
  source->asked += 1;
  CHECK_STATUS(AC_E_WOULD_DEADLOCK,
               ac_entity_explain(question->entity, AC_LIST_PRIMARY, a, 0, &receipt, NULL));
  CHECK_OK(
      ac_entity_explain(question->entity, AC_LIST_PRIMARY, a, AC_EXPLAIN_STORED, &receipt, NULL));
  CHECK(view_of(receipt).value == 5.0);
  ac_receipt_release(receipt);
  const ac_contribution row = flat(source->engine, "a", 10);
  const ac_output output = {
      .struct_size = sizeof output, .contributions = &row, .contribution_count = 1};
  return ac_query_answer(question->query, &output);
}

TEST(who_is_asked_is_asked_for_a_receipt_too_unless_only_what_is_stored_counts) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 5);
  struct source source = {.engine = engine};
  const ac_subsystem_options options = {.struct_size = sizeof options,
                                        .name = ac_text_of("buffs"),
                                        .on_contribute = contribute,
                                        .user = (uintptr_t)&source};
  CHECK_OK(ac_subsystem_register(engine, &options, NULL));
  const ac_receipt receipt = explained(engine, entity, AC_LIST_PRIMARY, "a");
  const ac_receipt_view view = view_of(receipt);
  CHECK_EQ(1, source.asked);
  CHECK(view.value == 15.0);
  CHECK_EQ(name_of(engine, "buffs"), view.steps[1].output);
  CHECK_EQ(AC_ORIGIN_CALLBACK, view.steps[1].origin);
  CHECK_EQ(AC_ORIGIN_PUT, view.steps[2].origin);
  ac_receipt stored;
  CHECK_OK(ac_entity_explain(entity, AC_LIST_PRIMARY, name_of(engine, "a"), AC_EXPLAIN_STORED,
                             &stored, NULL));
  CHECK(view_of(stored).value == 5.0);
  CHECK_EQ(1, source.asked);
  CHECK_EQ(0, metrics_of(engine).snapshots);
  ac_receipt_release(stored);
  ac_receipt_release(receipt);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

struct asked {
  struct cell cell;
  ac_engine engine;
};

static ac_status on_question(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type != AC_TYPE_CONTRIBUTE) continue;
    ac_contribute question;
    memcpy(&question, ac_message_payload(message), sizeof question);
    const ac_contribution row = flat(((struct asked*)cell)->engine, "a", 10);
    const ac_output output = {
        .struct_size = sizeof output, .contributions = &row, .contribution_count = 1};
    CHECK_OK(ac_query_answer(question.query, &output));
  }
  return AC_OK;
}

TEST(an_actor_that_is_asked_brings_its_output_by_message) {
  struct host host;
  host_open(&host, (struct host_options){.mode = mode_inline});
  const ac_engine engine = engine_with(host.system);
  const ac_entity entity = entity_of(engine, "hero");
  struct asked asked = {.engine = engine};
  const ac_subsystem_options options = {.struct_size = sizeof options,
                                        .name = ac_text_of("buffs"),
                                        .actor = host_spawn(&host, &asked.cell, on_question)};
  CHECK_OK(ac_subsystem_register(engine, &options, NULL));
  const ac_receipt receipt = explained(engine, entity, AC_LIST_PRIMARY, "a");
  const ac_receipt_step step = step_of(receipt, AC_STEP_CONTRIBUTION);
  CHECK_EQ(name_of(engine, "buffs"), step.output);
  CHECK_EQ(AC_ORIGIN_MESSAGE, step.origin);
  ac_receipt_release(receipt);
  host_close(&host);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

TEST(an_output_that_was_left_out_is_named) {
  const ac_engine engine = engine_with((ac_system){0});
  const ac_entity entity = entity_of(engine, "hero");
  put(engine, entity, "items", "a", 5);
  put(engine, entity, "wrong", "nowhere", 5);
  const ac_receipt receipt = explained(engine, entity, AC_LIST_PRIMARY, "a");
  const ac_receipt_step rejected = step_of(receipt, AC_STEP_REJECTED);
  CHECK_EQ(name_of(engine, "wrong"), rejected.output);
  CHECK_EQ(AC_REJECT_UNKNOWN_DIMENSION, rejected.code);
  ac_receipt_release(receipt);
  ac_entity_release(entity);
  ac_engine_release(engine);
}
