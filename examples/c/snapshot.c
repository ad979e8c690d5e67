// snapshot: an entity without actors: a registry, what two subsystems contribute, and the numbers
// that come of it.
#include <actorcore/actorcore.h>
#include <stdio.h>
#include <stdlib.h>

static const char registry[] =
    "dimensions:\n"
    "  strength: {use_pipeline: true, clamp_default: {min: 0, max: 100}}\n"
    "  attack: {use_pipeline: true, clamp_default: {min: 0, max: 1000}, formula: {terms: "
    "{strength: 2.5}, constant: 10}}\n";

static void must(const char* what, ac_status status, ac_error error) {
  if (status == AC_OK) return;
  ac_text text = {0}, value = {0};
  ac_status_text(status, &text, NULL);
  fprintf(stderr, "snapshot: %s: %.*s\n", what, (int)text.size, text.data);
  for (uint64_t i = 0; ac_error_detail(error, i, &text, &value) == AC_OK; ++i) {
    fprintf(stderr, "  %.*s: %.*s\n", (int)text.size, text.data, (int)value.size, value.data);
  }
  exit(1);
}

static uint32_t name(ac_engine engine, const char* text) {
  uint32_t number;
  must(text, ac_engine_name(engine, ac_text_of(text), &number), (ac_error){0});
  return number;
}

static void put(ac_engine engine, ac_entity entity, const char* system, uint32_t bucket,
                double value) {
  const ac_contribution row = {
      .dimension = name(engine, "strength"), .bucket = bucket, .value = value};
  const ac_output output = {.struct_size = sizeof output,
                            .system = name(engine, system),
                            .contributions = &row,
                            .contribution_count = 1};
  must(system, ac_entity_put(entity, &output), (ac_error){0});
}

int main(void) {
  ac_engine engine;
  ac_entity entity;
  ac_snapshot snapshot;
  ac_error error = {0};
  must("engine", ac_engine_create((ac_system){0}, NULL, &engine, &error), error);
  const ac_source source = {.struct_size = sizeof source,
                            .text = ac_text_of(registry),
                            .label = ac_text_of("registry.yaml")};
  must("registry", ac_engine_load(engine, &source, &error), error);
  const ac_profile profile = {
      .struct_size = sizeof profile, .id = ac_text_of("hero"), .version = 1};
  must("entity", ac_entity_create(engine, &profile, &entity, &error), error);
  put(engine, entity, "race", AC_BUCKET_FLAT, 20);
  put(engine, entity, "potion", AC_BUCKET_MULT, 0.5);
  must("resolve", ac_resolve(entity, 0, &snapshot, &error), error);

  double strength, attack;
  must("strength",
       ac_snapshot_value(snapshot, AC_LIST_PRIMARY, name(engine, "strength"), &strength), error);
  must("attack", ac_snapshot_value(snapshot, AC_LIST_DERIVED, name(engine, "attack"), &attack),
       error);
  printf("strength %g, attack %g\n", strength, attack);
  ac_snapshot_release(snapshot);
  ac_entity_release(entity);
  ac_engine_release(engine);
  return 0;
}
