// What is served from the cache, and what drops it.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "snapshots.h"

struct fixture {
  ac_engine engine;
  ac_entity entity;
};

static struct fixture fixture(void) {
  struct fixture made;
  made.engine = engine_with((ac_system){0});
  made.entity = entity_of(made.engine, "hero");
  put(made.engine, made.entity, "items", "a", 5);
  return made;
}

static void drop(struct fixture* made) {
  ac_entity_release(made->entity);
  ac_engine_release(made->engine);
}

static int is_cached(ac_entity entity) {
  ac_snapshot snapshot;
  const ac_status status = ac_get_cached_snapshot(entity, &snapshot);
  if (status == AC_E_NOT_CACHED) return 0;
  CHECK_OK(status);
  ac_snapshot_release(snapshot);
  return 1;
}

static void resolve_and_let_go(ac_entity entity) { ac_snapshot_release(resolved(entity, 0)); }

TEST(a_resolve_is_cached_and_served_again) {
  struct fixture f = fixture();
  CHECK(!is_cached(f.entity));
  const ac_snapshot first = resolved(f.entity, 0);
  const ac_snapshot second = resolved(f.entity, 0);
  ac_snapshot cached;
  CHECK_OK(ac_get_cached_snapshot(f.entity, &cached));
  CHECK(first.bits == second.bits && first.bits == cached.bits);
  CHECK(primary(f.engine, cached, "a") == 5.0);
  const ac_engine_metrics metrics = metrics_of(f.engine);
  CHECK_EQ(1, metrics.resolved);
  CHECK_EQ(2, metrics.cached);
  CHECK_EQ(1, metrics.missed);
  CHECK_EQ(1, metrics.snapshots);
  ac_snapshot_release(first);
  ac_snapshot_release(second);
  ac_snapshot_release(cached);
  drop(&f);
}

TEST(a_fresh_resolve_computes_and_replaces_what_is_cached) {
  struct fixture f = fixture();
  const ac_snapshot first = resolved(f.entity, 0);
  const ac_snapshot fresh = resolved(f.entity, AC_RESOLVE_FRESH);
  const ac_snapshot then = resolved(f.entity, 0);
  CHECK(first.bits != fresh.bits);
  CHECK(then.bits == fresh.bits);
  CHECK_EQ(2, metrics_of(f.engine).resolved);
  ac_snapshot_release(first);
  ac_snapshot_release(fresh);
  ac_snapshot_release(then);
  drop(&f);
}

TEST(a_put_drops_what_is_cached) {
  struct fixture f = fixture();
  resolve_and_let_go(f.entity);
  put(f.engine, f.entity, "race", "a", 7);
  CHECK(!is_cached(f.entity));
  const ac_snapshot snapshot = resolved(f.entity, 0);
  CHECK(primary(f.engine, snapshot, "a") == 12.0);
  ac_snapshot_release(snapshot);
  drop(&f);
}

TEST(a_remove_drops_what_is_cached) {
  struct fixture f = fixture();
  resolve_and_let_go(f.entity);
  CHECK_OK(ac_entity_remove(f.entity, name_of(f.engine, "items")));
  CHECK(!is_cached(f.entity));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_entity_remove(f.entity, name_of(f.engine, "items")));
  drop(&f);
}

TEST(replacing_all_outputs_drops_what_is_cached) {
  struct fixture f = fixture();
  ac_outputs outputs;
  const ac_source none = source_of("[]");
  CHECK_OK(ac_outputs_load(f.engine, &none, &outputs, NULL));
  resolve_and_let_go(f.entity);
  CHECK_OK(ac_entity_put_all(f.entity, outputs));
  CHECK(!is_cached(f.entity));
  ac_outputs_release(outputs);
  drop(&f);
}

TEST(one_row_is_put_and_removed_and_what_follows_from_it_alone_is_resolved) {
  struct fixture f = fixture();
  resolve_and_let_go(f.entity);
  const uint32_t buffs = name_of(f.engine, "buffs");
  ac_contribution row = flat(f.engine, "a", 7);
  const uint64_t updated = metrics_of(f.engine).updated;
  CHECK_OK(ac_entity_put_contribution(f.entity, buffs, &row, NULL));
  CHECK(!is_cached(f.entity));
  ac_snapshot snapshot = resolved(f.entity, 0);
  const double with_seven = primary(f.engine, snapshot, "a");
  ac_snapshot_release(snapshot);
  row.value = 9;
  CHECK_OK(ac_entity_put_contribution(f.entity, buffs, &row, NULL));
  snapshot = resolved(f.entity, 0);
  CHECK(primary(f.engine, snapshot, "a") == with_seven + 2);
  ac_snapshot_release(snapshot);
  CHECK_EQ(updated + 2, metrics_of(f.engine).updated);
  const ac_cap cap = {.dimension = name_of(f.engine, "a"),
                      .mode = AC_CAP_HARD_MAX,
                      .kind = AC_CAP_KIND_MAX,
                      .value = 3};
  CHECK_OK(ac_entity_put_cap(f.entity, buffs, &cap, NULL));
  snapshot = resolved(f.entity, 0);
  CHECK(primary(f.engine, snapshot, "a") == 3);
  ac_snapshot_release(snapshot);
  CHECK_OK(ac_entity_remove_cap(f.entity, buffs, &cap, NULL));
  row.value = 0;
  CHECK_OK(ac_entity_remove_contribution(f.entity, buffs, &row, NULL));
  snapshot = resolved(f.entity, 0);
  CHECK(primary(f.engine, snapshot, "a") == with_seven - 7);
  ac_snapshot_release(snapshot);
  drop(&f);
}

TEST(a_row_that_cannot_be_put_or_is_not_there_is_refused) {
  struct fixture f = fixture();
  const uint32_t buffs = name_of(f.engine, "buffs");
  ac_contribution row = flat(f.engine, "a", 7);
  ac_error error;
  CHECK_STATUS(AC_E_NOT_FOUND, ac_entity_remove_contribution(f.entity, buffs, &row, &error));
  ac_error_release(error);
  row.value = NAN;
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_entity_put_contribution(f.entity, buffs, &row, NULL));
  const ac_cap cap = {
      .dimension = row.dimension, .mode = AC_CAP_HARD_MIN, .kind = AC_CAP_KIND_MAX, .value = 3};
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_entity_put_cap(f.entity, buffs, &cap, NULL));
  const ac_output failed = {.struct_size = sizeof failed, .system = buffs, .failed = 1};
  CHECK_OK(ac_entity_put(f.entity, &failed));
  row.value = 7;
  CHECK_STATUS(AC_E_REJECTED, ac_entity_put_contribution(f.entity, buffs, &row, NULL));
  const ac_contribution twins[2] = {row, flat(f.engine, "a", 8)};
  const ac_output two = {
      .struct_size = sizeof two, .system = buffs, .contributions = twins, .contribution_count = 2};
  CHECK_OK(ac_entity_put(f.entity, &two));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_entity_put_contribution(f.entity, buffs, &row, NULL));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_entity_remove_contribution(f.entity, buffs, &row, NULL));
  drop(&f);
}

TEST(a_new_profile_drops_what_is_cached) {
  struct fixture f = fixture();
  resolve_and_let_go(f.entity);
  const ac_profile profile = {
      .struct_size = sizeof profile, .id = ac_text_of("hero"), .version = 2};
  CHECK_OK(ac_entity_set_profile(f.entity, &profile, NULL));
  CHECK(!is_cached(f.entity));
  const ac_snapshot snapshot = resolved(f.entity, 0);
  ac_snapshot_view view = {.struct_size = sizeof view};
  CHECK_OK(ac_snapshot_get(snapshot, &view));
  CHECK_EQ(2, view.version);
  ac_snapshot_release(snapshot);
  drop(&f);
}

TEST(a_new_registry_makes_what_is_cached_unserved) {
  struct fixture f = fixture();
  resolve_and_let_go(f.entity);
  const ac_source registry = source_of(
      "{\"dimensions\": {\"a\": {\"use_pipeline\": true, \"clamp_default\": {\"min\": 0, \"max\": "
      "3}}}}");
  CHECK_OK(ac_engine_load(f.engine, &registry, NULL));
  CHECK(!is_cached(f.entity));
  const ac_snapshot snapshot = resolved(f.entity, 0);
  CHECK(primary(f.engine, snapshot, "a") == 3.0);
  ac_snapshot_release(snapshot);
  drop(&f);
}

TEST(new_layers_make_what_is_cached_unserved) {
  struct fixture f = fixture();
  resolve_and_let_go(f.entity);
  const ac_source layers = source_of("{\"across_policy\": \"UNION\"}");
  CHECK_OK(ac_engine_load_layers(f.engine, &layers, NULL));
  CHECK(!is_cached(f.entity));
  CHECK_EQ(2, metrics_of(f.engine).registry_version);
  drop(&f);
}

TEST(a_refused_registry_leaves_what_is_cached_served) {
  struct fixture f = fixture();
  resolve_and_let_go(f.entity);
  const ac_source registry = source_of("{\"dimensions\": {\"a\": {}}}");
  CHECK_STATUS(AC_E_BAD_REGISTRY, ac_engine_load(f.engine, &registry, NULL));
  CHECK(is_cached(f.entity));
  drop(&f);
}

TEST(a_refused_put_leaves_what_is_cached_served) {
  struct fixture f = fixture();
  resolve_and_let_go(f.entity);
  ac_contribution row = flat(f.engine, "a", 1);
  row.bucket = 4;
  const ac_output output = output_of(f.engine, "items", &row);
  CHECK_STATUS(AC_E_UNKNOWN_CONSTANT, ac_entity_put(f.entity, &output));
  CHECK(is_cached(f.entity));
  drop(&f);
}

TEST(invalidate_drops_one_and_clear_drops_all) {
  struct fixture f = fixture();
  const ac_entity other = entity_of(f.engine, "other");
  resolve_and_let_go(f.entity);
  resolve_and_let_go(other);
  CHECK_OK(ac_invalidate(f.entity));
  CHECK(!is_cached(f.entity));
  CHECK(is_cached(other));
  CHECK_EQ(1, metrics_of(f.engine).invalidated);
  resolve_and_let_go(f.entity);
  CHECK_OK(ac_engine_clear(f.engine));
  CHECK(!is_cached(f.entity));
  CHECK(!is_cached(other));
  CHECK_EQ(3, metrics_of(f.engine).invalidated);
  CHECK_EQ(0, metrics_of(f.engine).snapshots);
  ac_entity_release(other);
  drop(&f);
}

TEST(a_strict_resolve_is_not_served_a_snapshot_with_errors) {
  struct fixture f = fixture();
  put(f.engine, f.entity, "wrong", "nowhere", 1);
  const ac_snapshot snapshot = resolved(f.entity, 0);
  CHECK_EQ(1, error_count(snapshot));
  CHECK_EQ(AC_REJECT_UNKNOWN_DIMENSION, error_at(snapshot, 0).code);
  CHECK_EQ(name_of(f.engine, "wrong"), error_at(snapshot, 0).name);
  ac_snapshot strict;
  CHECK_STATUS(AC_E_REJECTED, ac_resolve(f.entity, AC_RESOLVE_STRICT, &strict, NULL));
  CHECK(is_cached(f.entity));
  const ac_engine_metrics metrics = metrics_of(f.engine);
  CHECK_EQ(1, metrics.resolved);
  CHECK_EQ(1, metrics.failed);
  CHECK_EQ(1, metrics.rejected);
  ac_snapshot_release(snapshot);
  drop(&f);
}

TEST(a_resolve_with_context_leaves_the_cache_alone) {
  struct fixture f = fixture();
  ac_snapshot with;
  const ac_bytes context = {(const uint8_t*)"raid", 4};
  CHECK_OK(ac_resolve_with_context(f.entity, 0, context, 0, &with, NULL));
  CHECK(!is_cached(f.entity));
  const ac_snapshot plain = resolved(f.entity, 0);
  ac_snapshot again;
  CHECK_OK(ac_resolve_with_context(f.entity, 0, context, 0, &again, NULL));
  CHECK(plain.bits != again.bits);
  ac_snapshot_release(with);
  ac_snapshot_release(plain);
  ac_snapshot_release(again);
  drop(&f);
}

TEST(a_snapshot_outlives_its_entity_and_its_engine) {
  struct fixture f = fixture();
  const ac_snapshot snapshot = resolved(f.entity, 0);
  drop(&f);
  char* json = json_of(snapshot);
  CHECK(strstr(json, "\"primary\": {\"a\": 5.0}") != NULL);
  free(json);
  ac_snapshot_release(snapshot);
  ac_snapshot_view view = {.struct_size = sizeof view};
  CHECK_STATUS(AC_E_STALE, ac_snapshot_get(snapshot, &view));
}

TEST(the_handles_of_an_engine_may_be_released_in_any_order) {
  struct fixture f = fixture();
  ac_outputs outputs;
  const ac_source none = source_of("[]");
  CHECK_OK(ac_outputs_load(f.engine, &none, &outputs, NULL));
  ac_engine_release(f.engine);
  uint32_t name;
  CHECK_STATUS(AC_E_STALE, ac_engine_name(f.engine, ac_text_of("x"), &name));
  resolve_and_let_go(f.entity);
  CHECK_OK(ac_entity_put_all(f.entity, outputs));
  ac_entity_release(f.entity);
  uint64_t count;
  CHECK_OK(ac_outputs_count(outputs, &count));
  ac_outputs_release(outputs);
  ac_outputs_release(outputs);
  ac_entity_release(f.entity);
}

TEST(every_reference_of_a_cached_snapshot_counts) {
  struct fixture f = fixture();
  const ac_snapshot snapshot = resolved(f.entity, 0);
  CHECK_OK(ac_snapshot_retain(snapshot));
  ac_snapshot_release(snapshot);
  ac_snapshot_release(snapshot);  // the caller's last; the cache still has its own
  CHECK(primary(f.engine, snapshot, "a") == 5.0);
  CHECK_OK(ac_invalidate(f.entity));
  CHECK_STATUS(AC_E_STALE, ac_snapshot_retain(snapshot));
  drop(&f);
}

TEST(a_batch_gives_each_entity_its_own_status) {
  struct fixture f = fixture();
  const ac_entity gone = entity_of(f.engine, "gone");
  ac_entity_release(gone);
  const ac_entity entities[4] = {f.entity, gone, {0}, f.entity};
  ac_snapshot snapshots[4];
  ac_status statuses[4];
  uint64_t count;
  CHECK_OK(ac_resolve_batch(entities, 4, 0, snapshots, statuses, &count));
  CHECK_EQ(2, count);
  CHECK_EQ(AC_OK, statuses[0]);
  CHECK_EQ(AC_E_STALE, statuses[1]);
  CHECK_EQ(AC_E_NO_HANDLE, statuses[2]);
  CHECK(snapshots[1].bits == 0 && snapshots[2].bits == 0);
  CHECK(snapshots[0].bits == snapshots[3].bits);
  CHECK_OK(ac_resolve_batch(NULL, 0, 0, NULL, NULL, NULL));
  CHECK_STATUS(AC_E_NULL, ac_resolve_batch(NULL, 1, 0, snapshots, NULL, NULL));
  CHECK_STATUS(AC_E_LIMIT, ac_resolve_batch(entities, UINT64_MAX, 0, snapshots, NULL, NULL));
  CHECK_STATUS(AC_E_UNKNOWN_CONSTANT, ac_resolve_batch(entities, 1, 4, snapshots, NULL, NULL));
  ac_snapshot_release(snapshots[0]);
  ac_snapshot_release(snapshots[3]);
  drop(&f);
}

static ac_status ignore(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)cell, (void)turn, (void)activation;
  return AC_OK;
}

TEST(an_asynchronous_resolve_is_checked_before_anything_is_resolved) {
  struct host host;
  struct cell cell;
  host_open(&host, (struct host_options){.mode = mode_inline});
  const ac_engine engine = engine_with(host.system);
  const ac_entity entity = entity_of(engine, "hero");
  const ac_engine other = engine_with((ac_system){0});
  const ac_entity stranger = entity_of(other, "stranger");
  const ac_entity pair[2] = {entity, stranger};
  const ac_entity gone[2] = {entity, {entity.bits + (UINT64_C(1) << 40)}};
  ac_resolve_options options = {.struct_size = sizeof options,
                                .entities = &entity,
                                .count = 1,
                                .reply_to = host_spawn(&host, &cell, ignore)};
  CHECK_STATUS(AC_E_WRONG_MODE, ac_resolve_async(other, &options, NULL));
  options.flags = 8;
  CHECK_STATUS(AC_E_UNKNOWN_CONSTANT, ac_resolve_async(engine, &options, NULL));
  options.flags = 0;
  options.correlation = AC_CORRELATION_REPLY;
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_resolve_async(engine, &options, NULL));
  options.correlation = 0;
  options.count = UINT64_MAX;
  CHECK_STATUS(AC_E_LIMIT, ac_resolve_async(engine, &options, NULL));
  options.count = 2;
  options.entities = NULL;
  CHECK_STATUS(AC_E_NULL, ac_resolve_async(engine, &options, NULL));
  options.entities = pair;
  CHECK_STATUS(AC_E_WRONG_SYSTEM, ac_resolve_async(engine, &options, NULL));
  options.entities = gone;
  CHECK_STATUS(AC_E_STALE, ac_resolve_async(engine, &options, NULL));
  options.reply_to.bits = 0;
  CHECK_STATUS(AC_E_NO_HANDLE, ac_resolve_async(engine, &options, NULL));
  host_settle(&host);
  CHECK_EQ(0, host_ledger(&host).accepted);
  CHECK_EQ(0, metrics_of(engine).resolved);
  ac_entity_release(stranger);
  ac_engine_release(other);
  host_close(&host);
  ac_entity_release(entity);
  ac_engine_release(engine);
}
