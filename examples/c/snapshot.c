// snapshot: a registry, an entity with stored outputs, and a subsystem that is asked at every
// resolve.
#include <actorcore/actorcore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char registry[] =
    "dimensions:\n"
    "  strength:\n"
    "    use_pipeline: true\n"
    "    clamp_default: { min: 0, max: 100 }\n"
    "  attack:\n"
    "    use_pipeline: true\n"
    "    clamp_default: { min: 0, max: 1000 }\n"
    "    formula: { terms: { strength: 2 }, constant: 5 }\n";

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

// One strength for every two wounds; in a game this would look at the world.
static ac_status rage(uintptr_t strength, const ac_contribute* question) {
  const unsigned wounds = 7;
  const ac_contribution row = {.dimension = (uint32_t)strength, .value = wounds / 2};
  const ac_output output = {
      .struct_size = sizeof output, .contributions = &row, .contribution_count = 1};
  return ac_query_answer(question->query, &output);
}

// What the body contributes.
static void put_body(ac_engine engine, ac_entity hero, uint32_t strength) {
  const ac_contribution rows[] = {{.dimension = strength, .bucket = AC_BUCKET_FLAT, .value = 12},
                                  {.dimension = strength, .bucket = AC_BUCKET_MULT, .value = 0.5}};
  const ac_output output = {.struct_size = sizeof output,
                            .system = name(engine, "body"),
                            .contributions = rows,
                            .contribution_count = 2};
  must("body", ac_entity_put(hero, &output), (ac_error){0});
}

static void print_values(ac_engine engine, const uint32_t* names, const double* values,
                         uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    ac_text text;
    must("name", ac_engine_text(engine, names[i], &text), (ac_error){0});
    printf("  %.*s = %g\n", (int)text.size, text.data, values[i]);
  }
}

static void print(ac_engine engine, ac_snapshot snapshot) {
  ac_snapshot_view view = {.struct_size = sizeof view};
  must("view", ac_snapshot_get(snapshot, &view), (ac_error){0});
  printf("%.*s, version %" PRId64 "\n", (int)view.actor_id.size, view.actor_id.data, view.version);
  print_values(engine, view.primary_names, view.primary_values, view.primary_count);
  print_values(engine, view.derived_names, view.derived_values, view.derived_count);
  char json[512];
  uint64_t size;
  must("json", ac_snapshot_json(snapshot, json, sizeof json, &size), (ac_error){0});
  printf("%.*s\n", (int)size, json);
}

int main(void) {
  ac_engine engine;
  ac_entity hero;
  ac_snapshot snapshot;
  ac_error error = {0};
  must("engine", ac_engine_create((ac_system){0}, NULL, &engine, &error), error);
  const ac_source source = {
      .struct_size = sizeof source, .text = ac_text_of(registry), .label = ac_text_of("registry")};
  must("registry", ac_engine_load(engine, &source, &error), error);
  const uint32_t strength = name(engine, "strength");
  const ac_subsystem_options subsystem = {.struct_size = sizeof subsystem,
                                          .name = ac_text_of("rage"),
                                          .on_contribute = rage,
                                          .user = strength};
  must("rage", ac_subsystem_register(engine, &subsystem, &error), error);
  const ac_profile profile = {.struct_size = sizeof profile,
                              .id = ac_text_of("hero-1"),
                              .name = ac_text_of("Hero"),
                              .version = 1};
  must("entity", ac_entity_create(engine, &profile, &hero, &error), error);
  put_body(engine, hero, strength);
  must("resolve", ac_resolve(hero, 0, &snapshot, &error), error);
  print(engine, snapshot);
  ac_snapshot_release(snapshot);
  ac_entity_release(hero);
  ac_engine_release(engine);
  return 0;
}
