#include "snapshots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char* read_text_file(const char* path) {
  FILE* file = fopen(path, "rb");
  CHECK(file != NULL);
  CHECK(fseek(file, 0, SEEK_END) == 0);
  const long size = ftell(file);
  CHECK(size >= 0);
  rewind(file);
  char* text = malloc((size_t)size + 1);
  CHECK(text != NULL);
  CHECK(fread(text, 1, (size_t)size, file) == (size_t)size);
  text[size] = '\0';
  fclose(file);
  return text;
}

ac_source member_of(const char* text, uint64_t size, const char* member) {
  const ac_source source = {.struct_size = sizeof source,
                            .text = {text, size},
                            .label = ac_text_of("test.json"),
                            .member = ac_text_of(member)};
  return source;
}

ac_source source_of(const char* text) { return member_of(text, strlen(text), ""); }

ac_engine engine_with(ac_system system) {
  ac_engine engine;
  CHECK_OK(ac_engine_create(system, NULL, &engine, NULL));
  const ac_source registry = source_of(
      "{\"dimensions\": {"
      "\"a\": {\"use_pipeline\": true, \"clamp_default\": {\"min\": 0, \"max\": 100}},"
      "\"b\": {\"use_pipeline\": true, \"clamp_default\": {\"min\": 0, \"max\": 100}},"
      "\"c\": {\"use_pipeline\": true, \"clamp_default\": {\"min\": 0, \"max\": 1000},"
      "        \"formula\": {\"terms\": {\"a\": 2, \"b\": 1}}}}}");
  CHECK_OK(ac_engine_load(engine, &registry, NULL));
  return engine;
}

ac_entity entity_of(ac_engine engine, const char* id) {
  ac_entity entity;
  const ac_profile profile = {.struct_size = sizeof profile, .id = ac_text_of(id), .version = 1};
  CHECK_OK(ac_entity_create(engine, &profile, &entity, NULL));
  return entity;
}

uint32_t name_of(ac_engine engine, const char* text) {
  uint32_t name;
  CHECK_OK(ac_engine_name(engine, ac_text_of(text), &name));
  return name;
}

ac_contribution flat(ac_engine engine, const char* dimension, double value) {
  const ac_contribution row = {.dimension = name_of(engine, dimension), .value = value};
  return row;
}

ac_output output_of(ac_engine engine, const char* system, const ac_contribution* row) {
  const ac_output output = {.struct_size = sizeof output,
                            .system = name_of(engine, system),
                            .contributions = row,
                            .contribution_count = row != NULL};
  return output;
}

void put(ac_engine engine, ac_entity entity, const char* system, const char* dimension,
         double value) {
  const ac_contribution row = flat(engine, dimension, value);
  const ac_output output = output_of(engine, system, &row);
  CHECK_OK(ac_entity_put(entity, &output));
}

ac_snapshot resolved(ac_entity entity, uint32_t flags) {
  ac_snapshot snapshot;
  CHECK_OK(ac_resolve(entity, flags, &snapshot, NULL));
  return snapshot;
}

double primary(ac_engine engine, ac_snapshot snapshot, const char* dimension) {
  double value;
  CHECK_OK(ac_snapshot_value(snapshot, AC_LIST_PRIMARY, name_of(engine, dimension), &value));
  return value;
}

static ac_snapshot_view view_of(ac_snapshot snapshot) {
  ac_snapshot_view view = {.struct_size = sizeof view};
  CHECK_OK(ac_snapshot_get(snapshot, &view));
  return view;
}

uint32_t error_count(ac_snapshot snapshot) { return view_of(snapshot).error_count; }

ac_snapshot_error error_at(ac_snapshot snapshot, uint32_t index) {
  const ac_snapshot_view view = view_of(snapshot);
  CHECK(index < view.error_count);
  return view.errors[index];
}

char* json_of(ac_snapshot snapshot) {
  uint64_t size;
  CHECK_STATUS(AC_E_BUFFER_TOO_SMALL, ac_snapshot_json(snapshot, NULL, 0, &size));
  char* text = malloc(size + 1);
  CHECK(text != NULL);
  CHECK_OK(ac_snapshot_json(snapshot, text, size, &size));
  text[size] = '\0';
  return text;
}

ac_engine_metrics metrics_of(ac_engine engine) {
  ac_engine_metrics metrics = {.struct_size = sizeof metrics};
  CHECK_OK(ac_engine_get_metrics(engine, &metrics));
  return metrics;
}
