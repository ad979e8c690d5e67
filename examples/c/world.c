// world: a game's entities as actors. Subsystem actors post changes to random entities, every
// entity resolves its snapshot and reports to one actor that adds up. The same program, with the
// same output, exists in every language.
#include <actorcore/actorcore.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { GO = 1, CHANGE, REPORT, TOTAL };
enum { POSTS_MAX = 1000, TELLS_MAX = 1000, ARCHETYPES = 6 };

static const char* const archetypes[ARCHETYPES] = {"warrior", "mage",   "rogue",
                                                   "ranger",  "cleric", "merchant"};

static struct {
  uint64_t entities, changes, seed, show, workers;
  int seeded;
  const char* data;
} options = {.entities = 100000, .changes = 4, .seed = 42, .show = 3, .data = "examples/data"};

// Changes of one subsystem, by their index in changes.json; it is the subsystem actor's state.
struct group {
  uint32_t system;
  uint32_t* changes;
  uint64_t count, random;
};

// All of the world; written before the actors run, but for the table, which is the totals actor's.
static struct {
  ac_system system;
  ac_engine engine;
  ac_entity* entities;
  ac_actor* actors;
  ac_actor totals;
  ac_output* changes;
  uint64_t change_count;
  struct group* groups;
  uint64_t group_count;
  uint32_t* dimensions;
  uint64_t dimension_count;
  double* table;  // a row an entity, a column a dimension
  uint32_t* latencies;
} world;

// -- errors
static ac_error error;  // what the last call of the main thread says of itself

static void fail(const char* what, ac_status status) {
  ac_text name = {0}, text = {0}, value = {0};
  ac_status_text(status, &name, NULL);
  fprintf(stderr, "world: %s: %.*s", what, (int)name.size, name.data);
  if (ac_error_message(error, &text) == AC_OK) fprintf(stderr, ": %.*s", (int)text.size, text.data);
  fputc('\n', stderr);
  for (uint64_t i = 0; ac_error_detail(error, i, &text, &value) == AC_OK; ++i) {
    fprintf(stderr, "  %.*s: %.*s\n", (int)text.size, text.data, (int)value.size, value.data);
  }
  exit(1);
}

static void must(const char* what, ac_status status) {
  if (status != AC_OK) fail(what, status);
}

static void* get(uint64_t count, size_t size) {
  void* memory = calloc(count == 0 ? 1 : count, size);
  if (memory == NULL) fail("memory", AC_E_NO_MEMORY);
  return memory;
}

static uint64_t next(uint64_t* state) {  // splitmix64
  uint64_t z = *state += 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

static ac_status post(struct group* group, ac_turn* turn, ac_activation* mine, uint64_t left) {
  const uint64_t posts = left < POSTS_MAX ? left : POSTS_MAX;
  ac_status status = AC_OK;
  for (uint64_t i = 0; i < posts && status == AC_OK; ++i) {
    const uint64_t entity = next(&group->random) % options.entities;
    const uint32_t change[2] = {group->changes[next(&group->random) % group->count], 0};
    status = ac_turn_send(turn, mine, world.actors[entity], CHANGE, change, sizeof change);
  }
  left -= posts;
  if (status == AC_OK && left != 0)
    status = ac_turn_send(turn, mine, mine->actor, GO, &left, sizeof left);
  return status;
}

static ac_status subsystem(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  for (uint32_t i = 0; i < mine->count; ++i) {
    uint64_t left;
    memcpy(&left, ac_message_payload(mine->messages[i]), sizeof left);
    const ac_status status = post(&world.groups[user], turn, mine, left);
    mine->handled = i;
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

// The value of a dimension in a list that is in the dimensions' own order; `at` walks it.
static void take(const uint32_t* names, const double* values, uint32_t count, uint32_t* at,
                 uint32_t name, double* value) {
  if (*at < count && names[*at] == name) *value = values[(*at)++];
}

static ac_status report(uint32_t index, ac_turn* turn, ac_activation* mine, uint64_t sent_ns) {
  ac_snapshot snapshot;
  ac_snapshot_view view = {.struct_size = sizeof view};
  uint64_t now;
  ac_status status = ac_resolve(world.entities[index], 0, &snapshot, NULL);
  if (status != AC_OK) return status;
  status = ac_snapshot_get(snapshot, &view);
  if (status == AC_OK) status = ac_system_now(world.system, &now);
  if (status == AC_OK) {
    double row[1 + world.dimension_count];  // index and latency share the first eight bytes
    const uint32_t head[2] = {index,
                              now - sent_ns < UINT32_MAX ? (uint32_t)(now - sent_ns) : UINT32_MAX};
    memcpy(row, head, sizeof head);
    uint32_t primary = 0, derived = 0;
    for (uint64_t d = 0; d < world.dimension_count; ++d) {
      double* value = &row[1 + d];
      *value = 0;
      take(view.primary_names, view.primary_values, view.primary_count, &primary,
           world.dimensions[d], value);
      take(view.derived_names, view.derived_values, view.derived_count, &derived,
           world.dimensions[d], value);
    }
    status = ac_turn_send(turn, mine, world.totals, TOTAL, row, (uint32_t)sizeof row);
  }
  ac_snapshot_release(snapshot);
  return status;
}

static ac_status entity(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  for (uint32_t i = 0; i < mine->count; ++i) {
    const uint8_t* payload = ac_message_payload(mine->messages[i]);
    ac_status status = AC_OK;
    if (mine->messages[i]->type == CHANGE) {
      uint32_t change;
      memcpy(&change, payload, sizeof change);
      status = ac_entity_put(world.entities[user], &world.changes[change]);
    } else if (mine->messages[i]->type == REPORT) {
      uint64_t sent_ns;
      memcpy(&sent_ns, payload, sizeof sent_ns);
      status = report((uint32_t)user, turn, mine, sent_ns);
    }
    mine->handled = i;
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

static ac_status totals(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user, (void)turn;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const uint8_t* payload = ac_message_payload(mine->messages[i]);
    uint32_t head[2];
    memcpy(head, payload, sizeof head);
    world.latencies[head[0]] = head[1];
    memcpy(&world.table[head[0] * world.dimension_count], payload + sizeof head,
           world.dimension_count * sizeof(double));
  }
  return AC_OK;
}

static void begin(const char* phase) {
  if (!isatty(STDERR_FILENO)) fprintf(stderr, "%s\n", phase);
}

static void show(const char* phase, uint64_t done, uint64_t all) {
  if (!isatty(STDERR_FILENO) || all == 0) return;
  const int width = 40, filled = (int)(done * (uint64_t)width / all);
  fprintf(stderr, "\r%-18s [%.*s%*s] %3d %%", phase, filled,
          "########################################", width - filled, "", (int)(done * 100 / all));
}

static void end(void) {
  if (isatty(STDERR_FILENO)) fprintf(stderr, "\r%70s\r", "");
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// Waits until the world is quiet, showing how far it is; how long that took, with what went before
// since `began`.
static double settle(const char* phase, double began) {
  ac_ledger before, now;
  ac_system_ledger(world.system, &before);
  const int shows = isatty(STDERR_FILENO) && !options.seeded;
  ac_status status;
  while ((status = ac_system_settle(world.system, shows ? 100000000 : AC_TIMEOUT_NEVER)) ==
         AC_E_TIMEOUT) {
    ac_system_ledger(world.system, &now);
    show(phase, now.handled - before.handled, now.accepted - before.handled);
  }
  must("settle", status);
  end();
  return seconds() - began;
}

// -- loading and spawning
static const char* path_of(const char* name) {
  static char path[4096];
  snprintf(path, sizeof path, "%s/%s", options.data, name);
  return path;
}

static ac_text read_file(const char* path) {
  FILE* file = fopen(path, "rb");
  char* text = NULL;
  size_t size = 0, capacity = 0;
  while (file != NULL && !feof(file) && !ferror(file)) {
    if (size == capacity) text = realloc(text, capacity = capacity == 0 ? 65536 : 2 * capacity);
    if (text == NULL) fail("memory", AC_E_NO_MEMORY);
    size += fread(text + size, 1, capacity - size, file);
  }
  if (file == NULL || ferror(file)) {
    fprintf(stderr, "world: %s: %s; --data names the folder with the files\n", path,
            strerror(errno));
    exit(1);
  }
  fclose(file);
  return (ac_text){text, size};
}

static ac_outputs load_outputs(const char* name, const char* member) {
  const char* path = path_of(name);
  const ac_source source = {.struct_size = sizeof source,
                            .text = read_file(path),
                            .label = ac_text_of(path),
                            .member = ac_text_of(member)};
  ac_outputs outputs;
  must(path, ac_outputs_load(world.engine, &source, &outputs, &error));
  free((void*)source.text.data);
  return outputs;
}

static void load_changes(void) {
  const ac_outputs outputs = load_outputs("changes.json", "");  // held: the changes borrow from it
  must("changes", ac_outputs_count(outputs, &world.change_count));
  world.changes = get(world.change_count, sizeof *world.changes);
  world.groups = get(world.change_count, sizeof *world.groups);
  for (uint32_t i = 0; i < world.change_count; ++i) {
    must("changes", ac_outputs_at(outputs, i, &world.changes[i]));
    uint64_t g = 0;
    while (g < world.group_count && world.groups[g].system != world.changes[i].system) ++g;
    struct group* group = &world.groups[g];
    if (g == world.group_count) {
      ++world.group_count;
      group->system = world.changes[i].system;
      group->changes = get(world.change_count, sizeof *group->changes);
      group->random = options.seed * 0x9E3779B97F4A7C15 + g;
    }
    group->changes[group->count++] = i;
  }
  if (world.group_count == 0) fail("changes.json has no changes", AC_E_BAD_DOCUMENT);
}

static void create_entities(void) {
  ac_outputs outputs[ARCHETYPES];
  for (int a = 0; a < ARCHETYPES; ++a) outputs[a] = load_outputs("outputs.json", archetypes[a]);
  world.entities = get(options.entities, sizeof *world.entities);
  for (uint64_t i = 0; i < options.entities; ++i) {
    char id[32];
    snprintf(id, sizeof id, "entity-%" PRIu64, i);
    const ac_profile profile = {.struct_size = sizeof profile,
                                .id = ac_text_of(id),
                                .name = ac_text_of(archetypes[i % ARCHETYPES]),
                                .race = ac_text_of("human"),
                                .version = 1};
    must("entity", ac_entity_create(world.engine, &profile, &world.entities[i], &error));
    must("entity", ac_entity_put_all(world.entities[i], outputs[i % ARCHETYPES]));
    if (i % 4096 == 0) show("creating entities", i, options.entities);
  }
  for (int a = 0; a < ARCHETYPES; ++a) ac_outputs_release(outputs[a]);
}

static void load(void) {
  must("engine", ac_engine_create(world.system, NULL, &world.engine, &error));
  const char* path = path_of("registry.yaml");
  must(path, ac_engine_load_file(world.engine, ac_text_of(path), &error));
  ac_engine_dimensions(world.engine, NULL, 0, &world.dimension_count);
  world.dimensions = get(world.dimension_count, sizeof *world.dimensions);
  must("dimensions", ac_engine_dimensions(world.engine, world.dimensions, world.dimension_count,
                                          &world.dimension_count));
  load_changes();
  create_entities();
  world.table = get(options.entities * world.dimension_count, sizeof *world.table);
  world.latencies = get(options.entities, sizeof *world.latencies);
}

static void spawn(const char* name, ac_on_turn on_turn, uint64_t count, ac_actor* actors) {
  const ac_behavior_options behavior = {
      .struct_size = sizeof behavior, .on_turn = on_turn, .name = ac_text_of(name)};
  ac_spawn_options how = {.struct_size = sizeof how};
  must(name, ac_behavior_create(world.system, &behavior, &how.behavior, &error));
  uintptr_t* users = get(count, sizeof *users);
  for (uint64_t i = 0; i < count; ++i) users[i] = i;
  must(name, ac_spawn_many(world.system, &how, users, count, actors, &error));
  free(users);
}

// -- the two phases
static double run_changes(const ac_actor* subsystems) {
  const uint64_t all = options.entities * options.changes;
  begin("changes");
  const double began = seconds();
  for (uint64_t s = 0; s < world.group_count; ++s) {
    const uint64_t left = all / world.group_count + (s < all % world.group_count);
    must("go",
         ac_tell(world.system, subsystems[s], GO, (ac_bytes){(const uint8_t*)&left, sizeof left}));
  }
  return settle("changes", began);
}

static double run_reports(void) {
  begin("reports");
  const double began = seconds();
  static ac_message messages[TELLS_MAX];
  for (uint64_t from = 0; from < options.entities; from += TELLS_MAX) {
    const uint64_t rest = options.entities - from, count = rest < TELLS_MAX ? rest : TELLS_MAX;
    uint64_t now, accepted;
    must("now", ac_system_now(world.system, &now));
    for (uint64_t i = 0; i < count; ++i) {
      messages[i] =
          (ac_message){.to = world.actors[from + i], .type = REPORT, .length = sizeof now};
      memcpy(messages[i].data, &now, sizeof now);
    }
    must("report", ac_tell_many(world.system, messages, count, NULL, &accepted));
    if (accepted != count) fail("an entity refused to report", AC_E_STALE);
  }
  return settle("reports", began);
}

// -- what came of it
static void print_table(void) {
  printf("%-24s %20s %19s %19s\n", "dimension", "total", "mean", "max");
  for (uint64_t d = 0; d < world.dimension_count; ++d) {
    double total = 0, max = -INFINITY;
    for (uint64_t i = 0; i < options.entities; ++i) {
      const double value = world.table[i * world.dimension_count + d];
      total += value;
      if (value > max) max = value;
    }
    ac_text name = {0};
    must("name", ac_engine_text(world.engine, world.dimensions[d], &name));
    printf("%-24.*s %20.4f %19.4f %19.4f\n", (int)name.size, name.data, total,
           total / (double)options.entities, max);
  }
}

static void print_entities(void) {
  for (uint64_t i = 0; i < options.show && i < options.entities; ++i) {
    ac_snapshot snapshot;
    must("resolve", ac_resolve(world.entities[i], AC_RESOLVE_FRESH, &snapshot, &error));
    uint64_t size = 0;
    ac_snapshot_json(snapshot, NULL, 0, &size);
    char* json = get(size, 1);
    must("json", ac_snapshot_json(snapshot, json, size, &size));
    printf("entity-%" PRIu64 " (%s): %.*s\n", i, archetypes[i % ARCHETYPES], (int)size, json);
    free(json);
    ac_snapshot_release(snapshot);
  }
}

static int print_ledger(void) {
  ac_ledger ledger;
  must("ledger", ac_system_ledger(world.system, &ledger));
  uint64_t dead = 0;
  for (size_t i = 0; i < sizeof ledger.dead / sizeof *ledger.dead; ++i) dead += ledger.dead[i];
  const int holds = ledger.accepted == ledger.handled + ledger.queued + dead;
  printf("ledger: accepted %" PRIu64 " = handled %" PRIu64 " + queued %" PRIu64 " + dead %" PRIu64
         ": %s\n",
         ledger.accepted, ledger.handled, ledger.queued, dead, holds ? "holds" : "DOES NOT HOLD");
  return holds;
}

static int by_value(const void* a, const void* b) {
  const uint32_t x = *(const uint32_t*)a, y = *(const uint32_t*)b;
  return (x > y) - (x < y);
}

static void print_measured(double spawned, double bytes, double changed, double reported) {
  const double count = (double)options.entities, changes = count * (double)options.changes;
  printf("~ spawned %.0f actors in %.3f s: %.0f a second, %.0f bytes an actor\n", count, spawned,
         count / spawned, bytes / count);
  printf("~ changes: %.0f in %.3f s, %.0f a second\n", changes, changed, changes / changed);
  qsort(world.latencies, options.entities, sizeof *world.latencies, by_value);
  printf("~ reports: %.0f in %.3f s, %.0f a second; latency p50 %.1f us, p99 %.1f us\n", count,
         reported, count / reported, world.latencies[options.entities * 50 / 100] * 1e-3,
         world.latencies[options.entities * 99 / 100] * 1e-3);
}

// -- the command line
static const char usage[] =
    "usage: world [--entities N] [--changes N] [--seed N] [--data DIR] [--show K] [--workers N]\n\n"
    "  --entities N  actors, one an entity (100000)\n"
    "  --changes N   changes for each entity, on average (4)\n"
    "  --seed N      run deterministically and print the trace hash (else picks by seed 42)\n"
    "  --data DIR    where registry.yaml, outputs.json and changes.json are (examples/data)\n"
    "  --show K      entities to print in full (3)\n"
    "  --workers N   threads, 0 is one a core (0)\n"
    "  --help        print this\n";

static void refuse(const char* name, const char* what) {
  fprintf(stderr, "world: %s %s; see --help\n", name, what);
  exit(2);
}

static uint64_t number(const char* name, const char* text, uint64_t min, uint64_t max) {
  char* rest = NULL;
  errno = 0;
  const unsigned long long value = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &rest, 10) : 0;
  if (rest == NULL || *rest != '\0' || errno != 0 || value < min || value > max)
    refuse(name, "takes a number in its range");
  return value;
}

static void parse(int count, char** arguments) {
  const struct {
    const char* name;
    uint64_t *value, min, max;
  } numbers[] = {{"--entities", &options.entities, 1, UINT32_MAX},
                 {"--changes", &options.changes, 0, UINT32_MAX},
                 {"--show", &options.show, 0, UINT64_MAX},
                 {"--workers", &options.workers, 0, 256},
                 {"--seed", &options.seed, 0, UINT64_MAX}};
  for (int i = 1; i < count; i += 2) {
    const char *name = arguments[i], *value = i + 1 < count ? arguments[i + 1] : NULL;
    if (strcmp(name, "--help") == 0) exit(fputs(usage, stdout) < 0);
    if (value == NULL) refuse(name, "is no option, or needs a value");
    if (strcmp(name, "--data") == 0) options.data = value;
    if (strcmp(name, "--seed") == 0) options.seeded = 1;
    size_t n = 0;
    while (n < 5 && strcmp(name, numbers[n].name) != 0) ++n;
    if (n < 5) *numbers[n].value = number(name, value, numbers[n].min, numbers[n].max);
    if (n == 5 && strcmp(name, "--data") != 0) refuse(name, "is no option");
  }
}

static int64_t resident_bytes(void) {
  long pages = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1) pages = 0;
  if (file != NULL) fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

int main(int count, char** arguments) {
  parse(count, arguments);
  const ac_system_options how = {.struct_size = sizeof how,
                                 .flags = options.seeded ? AC_SYSTEM_SEEDED : 0,
                                 .seed = options.seeded ? options.seed : 0,
                                 .workers = (uint32_t)options.workers};
  must("system", ac_system_create(&how, &world.system, &error));
  begin("creating entities");
  load();
  world.actors = get(options.entities, sizeof *world.actors);
  // Touched, so that it does not count.
  memset(world.actors, 1, options.entities * sizeof *world.actors);
  ac_actor* subsystems = get(world.group_count, sizeof *subsystems);
  const int64_t before = resident_bytes();
  const double began = seconds();
  spawn("c Totals", totals, 1, &world.totals);
  spawn("c Entity", entity, options.entities, world.actors);
  spawn("c Subsystem", subsystem, world.group_count, subsystems);
  const double spawned = seconds() - began, bytes = (double)(resident_bytes() - before);
  end();
  const double changed = run_changes(subsystems), reported = run_reports();
  uint64_t hash = 0;
  if (options.seeded) must("trace hash", ac_system_trace_hash(world.system, &hash));

  printf("actorcore world: %" PRIu64 " entities, %d archetypes, %" PRIu64 " subsystems, %" PRIu64
         " changes, seed %" PRIu64 "\n",
         options.entities, ARCHETYPES, world.group_count, options.entities * options.changes,
         options.seed);
  print_table();
  print_entities();
  const int holds = print_ledger();
  if (options.seeded) printf("trace hash: %016" PRIx64 "\n", hash);
  print_measured(spawned, bytes, changed, reported);

  must("stop", ac_system_stop(world.system, 10000000000, NULL, &error));
  for (uint64_t i = 0; i < options.entities; ++i) ac_entity_release(world.entities[i]);
  ac_engine_release(world.engine);
  ac_system_release(world.system);
  if (!holds) return 1;
  puts("actorcore world: done");
  return 0;
}
