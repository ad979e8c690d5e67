// The 400 cases of the rules, bit for bit through the ABI, each by both ways in.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshots.h"

enum { vectors_count = 400 };

// Of one line: the case, and the snapshot that it must give.
struct vector {
  const char* text;
  uint64_t size;
  char* expected;
};

static char* copy_of(const char* from, const char* to) {
  const size_t size = (size_t)(to - from);
  char* text = malloc(size + 1);
  CHECK(text != NULL);
  memcpy(text, from, size);
  text[size] = '\0';
  return text;
}

// Calls `visit` with each vector. Shortest round-trip numbers are equal texts exactly when their
// bits are equal.
static int each_vector(void (*visit)(ac_engine engine, const struct vector* vector)) {
  char* all = read_text_file("tests/reference/vectors.jsonl");
  ac_engine engine;
  CHECK_OK(ac_engine_create((ac_system){0}, NULL, &engine, NULL));
  int count = 0;
  for (char* line = all; *line != '\0';) {
    char* end = strchr(line, '\n');
    CHECK(end != NULL && end[-1] == '}');
    *end = '\0';
    char* expected = strstr(line, "\"expect\": ");
    CHECK(expected != NULL);
    const struct vector vector = {.text = line,
                                  .size = (uint64_t)(end - line),
                                  .expected = copy_of(expected + strlen("\"expect\": "), end - 1)};
    visit(engine, &vector);
    free(vector.expected);
    line = end + 1;
    ++count;
  }
  ac_engine_release(engine);
  free(all);
  return count;
}

static void check_snapshot(ac_snapshot snapshot, const struct vector* vector) {
  char* json = json_of(snapshot);
  if (strcmp(json, vector->expected) != 0) {
    fprintf(stderr, "%.60s...\nexpected %s\n     got %s\n", vector->text, vector->expected, json);
    exit(1);
  }
  free(json);
}

static void resolve_whole(ac_engine engine, const struct vector* vector) {
  const ac_source source = member_of(vector->text, vector->size, "");
  ac_snapshot snapshot;
  CHECK_OK(ac_resolve_case(engine, &source, 0, &snapshot, NULL));
  check_snapshot(snapshot, vector);
  ac_snapshot_release(snapshot);
}

TEST(every_vector_resolves_to_the_same_bits) {
  CHECK_EQ(vectors_count, each_vector(resolve_whole));
}

static ac_entity entity_for(ac_engine engine, const struct vector* vector) {
  const char* id = strstr(vector->expected, "\"actor_id\": \"") + strlen("\"actor_id\": \"");
  const char* version = strstr(vector->expected, "\"version\": ") + strlen("\"version\": ");
  const ac_profile profile = {.struct_size = sizeof profile,
                              .id = {id, (uint64_t)(strchr(id, '"') - id)},
                              .version = strtoull(version, NULL, 10)};
  ac_entity entity;
  CHECK_OK(ac_entity_create(engine, &profile, &entity, NULL));
  return entity;
}

static void load(ac_engine engine, const struct vector* vector) {
  const ac_source registry = member_of(vector->text, vector->size, "registry");
  const ac_source layers = member_of(vector->text, vector->size, "layers");
  CHECK_OK(ac_engine_load(engine, &registry, NULL));
  CHECK_OK(ac_engine_load_layers(engine, &layers, NULL));
}

static void resolve_by_parts(ac_engine engine, const struct vector* vector) {
  load(engine, vector);
  const ac_source source = member_of(vector->text, vector->size, "outputs");
  ac_outputs outputs;
  CHECK_OK(ac_outputs_load(engine, &source, &outputs, NULL));
  const ac_entity entity = entity_for(engine, vector);
  CHECK_OK(ac_entity_put_all(entity, outputs));
  const ac_snapshot snapshot = resolved(entity, 0);
  check_snapshot(snapshot, vector);
  ac_snapshot_release(snapshot);
  ac_entity_release(entity);
  ac_outputs_release(outputs);
}

TEST(every_vector_put_into_an_entity_resolves_to_the_same_bits) {
  CHECK_EQ(vectors_count, each_vector(resolve_by_parts));
}

// Outputs of systems that differ, put one by one in reverse.
static void resolve_in_reverse(ac_engine engine, const struct vector* vector) {
  if (strstr(vector->expected, "duplicate_system") != NULL)
    return;  // one put would replace the other
  load(engine, vector);
  const ac_source source = member_of(vector->text, vector->size, "outputs");
  ac_outputs outputs;
  uint64_t count;
  CHECK_OK(ac_outputs_load(engine, &source, &outputs, NULL));
  CHECK_OK(ac_outputs_count(outputs, &count));
  const ac_entity entity = entity_for(engine, vector);
  while (count-- > 0) {
    ac_output output;
    CHECK_OK(ac_outputs_at(outputs, count, &output));
    CHECK_OK(ac_entity_put(entity, &output));
  }
  ac_outputs_release(outputs);
  const ac_snapshot snapshot = resolved(entity, 0);
  check_snapshot(snapshot, vector);
  ac_snapshot_release(snapshot);
  ac_entity_release(entity);
}

TEST(the_order_of_puts_changes_no_bit) { CHECK_EQ(vectors_count, each_vector(resolve_in_reverse)); }

// Each value's text is found under its name, after the list's own.
static void compare_list(ac_engine engine, const char* at, uint32_t count, const uint32_t* names,
                         const double* values) {
  for (uint32_t i = 0; i < count; ++i) {
    char key[300];
    ac_text name;
    CHECK_OK(ac_engine_text(engine, names[i], &name));
    snprintf(key, sizeof key, "\"%.*s\": ", (int)name.size, name.data);
    at = strstr(at, key);
    CHECK(at != NULL);
    at += strlen(key);
    const double expected = strtod(at, NULL);
    CHECK(memcmp(&expected, &values[i], sizeof expected) == 0);
  }
}

static void compare_view(ac_engine engine, const struct vector* vector) {
  const ac_source source = member_of(vector->text, vector->size, "");
  ac_snapshot snapshot;
  CHECK_OK(ac_resolve_case(engine, &source, 0, &snapshot, NULL));
  ac_snapshot_view view = {.struct_size = sizeof view};
  CHECK_OK(ac_snapshot_get(snapshot, &view));
  compare_list(engine, strstr(vector->expected, "\"primary\": {"), view.primary_count,
               view.primary_names, view.primary_values);
  compare_list(engine, strstr(vector->expected, "\"derived\": {"), view.derived_count,
               view.derived_names, view.derived_values);
  ac_snapshot_release(snapshot);
}

TEST(the_views_numbers_are_those_of_the_json) {
  CHECK_EQ(vectors_count, each_vector(compare_view));
}
