// Pools, the scratch memory of turns, and what the process's allocator says and can be told.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"

enum { type_data = 1, type_scratch, type_hop };
enum { pool_kinds = AC_POOL_SCRATCH + 1 };

static ac_pool_stats pool(uint32_t kind) {
  ac_pool_stats rows[pool_kinds];
  uint64_t count;
  CHECK_OK(ac_memory_pools(rows, pool_kinds, &count));
  CHECK_EQ(pool_kinds, count);
  for (uint32_t i = 0; i < pool_kinds; ++i) {
    CHECK_EQ(i, rows[i].pool);
    CHECK_EQ(rows[i].gets, rows[i].hits + rows[i].misses);
    CHECK_EQ(rows[i].in_use, rows[i].gets - rows[i].puts);
    CHECK(rows[i].efficiency_permille <= 1000);
  }
  return rows[kind];
}

static ac_buffer make(uint64_t size, uint8_t** bytes) {
  ac_buffer buffer;
  CHECK_OK(ac_buffer_create(size, &buffer, bytes));
  return buffer;
}

static ac_system a_system(void) {
  ac_system system;
  CHECK_OK(ac_system_create(NULL, &system, NULL));
  return system;
}

static void end(ac_system system) {
  CHECK_OK(ac_system_stop(system, patience, NULL, NULL));
  ac_system_release(system);
}

// -- buffers ------------------------------------------------------------------------------------

static const struct {
  uint64_t size;
  uint32_t pool;
} fits[] = {
    {1, AC_POOL_BUFFERS_64B},
    {64, AC_POOL_BUFFERS_64B},
    {65, AC_POOL_BUFFERS_1K},
    {1024, AC_POOL_BUFFERS_1K},
    {1025, AC_POOL_BUFFERS_4K},
    {4096, AC_POOL_BUFFERS_4K},
    {4097, AC_POOL_BUFFERS_OTHER},
    {1 << 20, AC_POOL_BUFFERS_OTHER},
    {(1 << 20) + 1, AC_POOL_BUFFERS_2M},
    {2 << 20, AC_POOL_BUFFERS_2M},
    {(2 << 20) + 1, AC_POOL_BUFFERS_OTHER},
    {64 << 20, AC_POOL_BUFFERS_OTHER},
};

TEST(a_buffer_comes_from_the_pool_of_its_size_and_goes_back_to_it) {
  for (unsigned i = 0; i < sizeof fits / sizeof fits[0]; ++i) {
    const bool is_kept = fits[i].pool != AC_POOL_BUFFERS_OTHER;
    for (unsigned round = 0; round < 3; ++round) {
      uint8_t* bytes;
      const ac_pool_stats before = pool(fits[i].pool);
      const ac_buffer buffer = make(fits[i].size, &bytes);
      const ac_pool_stats during = pool(fits[i].pool);
      CHECK_EQ(before.gets + 1, during.gets);
      CHECK_EQ(before.in_use + 1, during.in_use);
      if (round != 0) CHECK_EQ(before.hits + is_kept, during.hits);
      CHECK(during.bytes >= fits[i].size);
      CHECK_EQ(0, (uintptr_t)bytes % 16);
      for (uint64_t k = 0; k < fits[i].size; k += 61) CHECK_EQ(0, bytes[k]);
      CHECK_EQ(0, bytes[fits[i].size - 1]);
      memset(bytes, 0xff, fits[i].size);
      ac_buffer_release(buffer);
      const ac_pool_stats after = pool(fits[i].pool);
      CHECK_EQ(before.puts + 1, after.puts);
      CHECK_EQ(before.in_use, after.in_use);
      if (is_kept) CHECK(after.free != 0);
      if (!is_kept) CHECK_EQ(before.bytes, after.bytes);
    }
  }
}

static const uint32_t reserved_by_default[] = {1000, 500, 100, 10};

TEST(the_first_system_reserves_buffers_which_takes_no_more_than_is_said) {
  for (uint32_t i = 0; i < 4; ++i) CHECK_EQ(0, pool(AC_POOL_BUFFERS_64B + i).free);
  const ac_system system = a_system();
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < 4; ++i) {
    const ac_pool_stats row = pool(AC_POOL_BUFFERS_64B + i);
    CHECK_EQ(reserved_by_default[i], row.free);
    CHECK_EQ(0, row.gets);
    if (i < 3) bytes += row.bytes;
  }
  CHECK(bytes < (5 << 18));
  uint8_t* data;
  ac_buffer_release(make(2 << 20, &data));
  CHECK_EQ(1000, pool(AC_POOL_BUFFERS_2M).efficiency_permille);
  end(system);
}

TEST(what_was_said_before_the_first_system_is_what_is_reserved) {
  ac_memory_options options = {.struct_size = sizeof options, .buffers_64b = AC_RESERVE_NONE};
  options.buffers_1k = 2000;
  CHECK_OK(ac_memory_configure(&options, NULL));
  CHECK_EQ(2000, pool(AC_POOL_BUFFERS_1K).free);
  const ac_system system = a_system();
  CHECK_EQ(0, pool(AC_POOL_BUFFERS_64B).free);
  CHECK_EQ(2000, pool(AC_POOL_BUFFERS_1K).free);
  CHECK_EQ(100, pool(AC_POOL_BUFFERS_4K).free);
  end(system);
  const ac_memory_options more = {
      .struct_size = sizeof more, .buffers_64b = 20000, .buffers_2m = 50};
  CHECK_OK(ac_memory_configure(&more, NULL));
  CHECK_EQ(20000, pool(AC_POOL_BUFFERS_64B).free);
  CHECK_EQ(100, pool(AC_POOL_BUFFERS_4K).free);
  CHECK_EQ(50, pool(AC_POOL_BUFFERS_2M).free);
}

static uint64_t resident_bytes(void) {
  long pages = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  CHECK(file != NULL && fscanf(file, "%*d %ld", &pages) == 1);
  fclose(file);
  return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

TEST(reserved_huge_buffers_are_addresses_only) {
  ac_memory_options options = {.struct_size = sizeof options, .buffers_2m = 100};
  const uint64_t before = resident_bytes();
  CHECK_OK(ac_memory_configure(&options, NULL));
  CHECK_EQ(100, pool(AC_POOL_BUFFERS_2M).free);
  CHECK(resident_bytes() < before + (50 << 20));
}

TEST(a_pool_does_not_keep_what_a_burst_left) {
  enum { burst = 40000 };
  static ac_buffer buffers[burst];
  uint8_t* bytes;
  for (unsigned i = 0; i < burst; ++i) buffers[i] = make(64, &bytes);
  CHECK_EQ(burst, pool(AC_POOL_BUFFERS_64B).in_use);
  for (unsigned i = 0; i < burst; ++i) ac_buffer_release(buffers[i]);
  const ac_pool_stats row = pool(AC_POOL_BUFFERS_64B);
  CHECK_EQ(0, row.in_use);
  CHECK(row.free <= 16384 + 128 && row.free >= 16384 - 64);
}

// -- the scratch memory of turns ----------------------------------------------------------------

struct scratcher {
  struct cell cell;  // first
  uint64_t size;
  uint64_t parts;
};

static void use_scratch(const struct scratcher* self, ac_turn* turn) {
  uint8_t* parts[64];
  for (uint64_t i = 0; i < self->parts; ++i) {
    CHECK_OK(ac_worker_alloc(turn->worker, self->size, &parts[i]));
    CHECK_EQ(0, (uintptr_t)parts[i] % 16);
    memset(parts[i], (int)i + 1, self->size);
  }
  for (uint64_t i = 0; i < self->parts; ++i) {
    for (uint64_t k = 0; k < self->size; k += 997) CHECK_EQ(i + 1, parts[i][k]);
  }
}

static ac_status on_scratch(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  for (uint32_t i = 0; i < activation->count; ++i) {
    if (activation->messages[i]->type == type_scratch) {
      use_scratch((struct scratcher*)cell, turn);
    }
  }
  return AC_OK;
}

TEST(a_turn_has_memory_that_goes_when_it_ends) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct scratcher self = {.size = 1};
    const struct host_options options = {.mode = mode, .workers = 1};
    const ac_pool_stats before = pool(AC_POOL_SCRATCH);
    host_open(&host, options);
    const ac_actor actor = host_spawn(&host, &self.cell, on_scratch);
    uint64_t gets = 0;
    for (self.size = 1; self.size < (4 << 20); self.size *= 3) {
      self.parts = self.size > 100000 ? 3 : 64;
      host_tell(&host, actor, type_scratch, 0);
      host_settle(&host);
      gets += self.parts;
    }
    host_close(&host);
    const ac_pool_stats after = pool(AC_POOL_SCRATCH);
    CHECK_EQ(before.gets + gets, after.gets);
    CHECK_EQ(0, after.in_use);
  }
  CHECK_EQ(0, pool(AC_POOL_SCRATCH).bytes);
}

TEST(turns_that_need_as_much_as_the_last_one_take_it_from_where_it_is) {
  struct host host;
  struct scratcher self = {.size = 10000, .parts = 60};
  const struct host_options options = {.mode = mode_caller, .workers = 1};
  host_open(&host, options);
  const ac_actor actor = host_spawn(&host, &self.cell, on_scratch);
  uint64_t misses = 0;
  for (unsigned i = 0; i < 100; ++i) {
    host_tell(&host, actor, type_scratch, 0);
    host_settle(&host);
    if (i == 2) misses = pool(AC_POOL_SCRATCH).misses;
  }
  CHECK_EQ(6000, pool(AC_POOL_SCRATCH).gets);
  CHECK_EQ(misses, pool(AC_POOL_SCRATCH).misses);
  CHECK(pool(AC_POOL_SCRATCH).bytes <= (1 << 20));
  CHECK(pool(AC_POOL_SCRATCH).efficiency_permille > 950);
  host_close(&host);
}

static ac_status on_limits(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  uint8_t* bytes;
  (void)cell;
  (void)activation;
  CHECK_STATUS(AC_E_LIMIT, ac_worker_alloc(turn->worker, 0, &bytes));
  CHECK_STATUS(AC_E_LIMIT, ac_worker_alloc(turn->worker, AC_PAYLOAD_BYTES_MAX + 1, &bytes));
  CHECK_STATUS(AC_E_LIMIT, ac_worker_alloc(turn->worker, UINT64_MAX, &bytes));
  CHECK_STATUS(AC_E_NULL, ac_worker_alloc(turn->worker, 1, NULL));
  return AC_OK;
}

TEST(scratch_memory_has_limits_and_is_of_turns_only) {
  struct host host;
  struct cell cell = {.on = NULL};
  const struct host_options options = {.mode = mode_attached, .workers = 1};
  host_open(&host, options);
  const ac_actor actor = host_spawn(&host, &cell, on_limits);
  host_tell(&host, actor, type_data, 0);
  host_close(&host);
  uint8_t* bytes;
  CHECK_STATUS(AC_E_STALE, ac_worker_alloc(host.lent[0], 1, &bytes));
}

TEST(outside_a_turn_a_worker_gives_no_scratch_memory) {
  const ac_system system = a_system();
  const ac_dispatcher_options options = {.struct_size = sizeof options,
                                         .mode = AC_DISPATCHER_ATTACHED};
  ac_dispatcher dispatcher;
  ac_worker worker;
  uint8_t* bytes;
  CHECK_OK(ac_dispatcher_create(system, &options, &dispatcher, NULL));
  CHECK_OK(ac_worker_attach(dispatcher, 0, &worker, NULL));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_worker_alloc(worker, 1, &bytes));
  ac_worker_release(worker);
  end(system);
}

// -- a storm ------------------------------------------------------------------------------------

struct hopper {
  struct cell cell;  // first
  ac_actor to;
  uint32_t length;
};

static ac_status on_hop(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct hopper* self = (struct hopper*)cell;
  uint8_t payload[3000];
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type != type_hop) continue;
    uint64_t left;
    memcpy(&left, ac_message_payload(message), sizeof left);
    if (left-- == 0) continue;
    memset(payload, 1, self->length);
    memcpy(payload, &left, sizeof left);
    CHECK_OK(ac_turn_send(turn, activation, self->to, type_hop, payload, self->length));
  }
  return AC_OK;
}

// So many messages of this length between pairs of actors on two workers.
static void storm(uint32_t length, uint64_t hops) {
  enum { pairs = 8 };
  struct host host;
  struct hopper hoppers[2 * pairs];
  const struct host_options options = {.mode = mode_inline, .workers = 2};
  memset(hoppers, 0, sizeof hoppers);
  host_open(&host, options);
  for (unsigned i = 0; i < 2 * pairs; ++i) {
    host_spawn(&host, &hoppers[i].cell, on_hop);
    hoppers[i].length = length;
  }
  for (unsigned i = 0; i < 2 * pairs; ++i) hoppers[i].to = hoppers[i ^ 1].cell.actor;
  for (unsigned i = 0; i < 2 * pairs; ++i) {
    uint8_t payload[3000] = {0};
    memcpy(payload, &hops, sizeof hops);
    CHECK_OK(ac_tell(host.system, hoppers[i].cell.actor, type_hop, bytes_of(payload, length)));
  }
  host_settle(&host);
  host_close(&host);
}

TEST(pools_have_more_than_95_of_100_of_what_a_storm_asks_for) {
  const struct {
    uint32_t length;
    uint32_t pool;
  } kinds[] = {{8, AC_POOL_ENVELOPES},
               {60, AC_POOL_BUFFERS_64B},
               {500, AC_POOL_BUFFERS_1K},
               {3000, AC_POOL_BUFFERS_4K}};
  for (unsigned i = 0; i < 4; ++i) {
    const ac_pool_stats before = pool(kinds[i].pool);
    storm(kinds[i].length, 2000);
    const ac_pool_stats after = pool(kinds[i].pool);
    CHECK(after.gets - before.gets >= 32000);
    CHECK((after.hits - before.hits) * 100 > (after.gets - before.gets) * 95);
    CHECK_EQ(0, after.in_use);
    CHECK(after.efficiency_permille > 950);
  }
}

TEST(the_records_of_actors_that_stop_are_those_of_actors_that_start) {
  struct host host;
  struct hopper hoppers[3000];
  const struct host_options options = {.mode = mode_inline};
  memset(hoppers, 0, sizeof hoppers);
  host_open(&host, options);
  for (unsigned i = 0; i < 3000; ++i) {
    host_spawn(&host, &hoppers[i].cell, on_hop);
    CHECK_OK(ac_actor_stop(host.system, hoppers[i].cell.actor, 0));
    host_settle(&host);
  }
  const ac_pool_stats row = pool(AC_POOL_ACTORS);
  CHECK_EQ(3000, row.gets);
  CHECK_EQ(3000, row.puts);
  CHECK(row.efficiency_permille > 950 && row.item_bytes != 0 && row.free != 0);
  host_close(&host);
}

// -- the allocator ------------------------------------------------------------------------------

static ac_allocator_stats allocator(void) {
  ac_allocator_stats stats;
  CHECK_OK(ac_memory_allocator(&stats));
  return stats;
}

static ac_status configure(ac_memory_options options) {
  options.struct_size = sizeof options;
  ac_error error = {0};
  const ac_status status = ac_memory_configure(&options, &error);
  if (status != AC_OK) {
    ac_text text;
    CHECK_OK(ac_error_message(error, &text));
    CHECK(text.size > 20);
    ac_error_release(error);
  }
  return status;
}

TEST(a_build_says_whether_it_has_jemalloc_and_what_it_has_not_is_unsupported) {
  ac_text info;
  char line[1000] = {0};
  CHECK_OK(ac_build_info(&info));
  memcpy(line, info.data, info.size);
  const bool has = strstr(line, "jemalloc") != NULL;
  CHECK_EQ(has, allocator().is_jemalloc);
  const ac_memory_options all[] = {{.background_threads = AC_SWITCH_ON},
                                   {.dirty_decay_ms = 5},
                                   {.muzzy_decay_ms = 5},
                                   {.profiling = AC_SWITCH_ON}};
  for (unsigned i = 0; i < 4; ++i) {
    const bool works = has && (i != 3 || allocator().profiling != 0);
    CHECK_STATUS(works ? AC_OK : AC_E_UNSUPPORTED, configure(all[i]));
  }
  if (has) return;
  const ac_allocator_stats none = {0}, stats = allocator();
  CHECK_EQ(0, memcmp(&none, &stats, sizeof none));
}

TEST(decay_times_and_background_threads_are_what_they_were_set_to) {
  const ac_system system = a_system();
  if (allocator().is_jemalloc != 0) {
    CHECK_EQ(AC_SWITCH_OFF, allocator().background_threads);
    const ac_memory_options options = {.background_threads = AC_SWITCH_ON,
                                       .dirty_decay_ms = 1234,
                                       .muzzy_decay_ms = AC_DECAY_NEVER};
    CHECK_OK(configure(options));
    const ac_allocator_stats stats = allocator();
    CHECK_EQ(AC_SWITCH_ON, stats.background_threads);
    CHECK_EQ(1234, stats.dirty_decay_ms);
    CHECK_EQ(-1, stats.muzzy_decay_ms);
    const ac_memory_options off = {.background_threads = AC_SWITCH_OFF,
                                   .dirty_decay_ms = AC_DECAY_AT_ONCE};
    CHECK_OK(configure(off));
    CHECK_EQ(AC_SWITCH_OFF, allocator().background_threads);
    CHECK_EQ(0, allocator().threads);
    CHECK_EQ(0, allocator().dirty_decay_ms);
    CHECK_EQ(-1, allocator().muzzy_decay_ms);
  }
  end(system);
}

// In a process of its own, for jemalloc reads the environment when it starts.
static void write_a_profile(void) {
  char name[] = "/tmp/actorcore-profile-XXXXXX", head[8] = {0};
  const int file = mkstemp(name);
  CHECK(file >= 0);
  CHECK_EQ(AC_SWITCH_OFF, allocator().profiling);
  CHECK_OK(configure((ac_memory_options){.profiling = AC_SWITCH_ON}));
  CHECK_EQ(AC_SWITCH_ON, allocator().profiling);
  const ac_system system = a_system();
  CHECK_OK(ac_memory_write_profile(ac_text_of(name), NULL));
  CHECK_EQ(7, read(file, head, 7));
  CHECK_EQ(0, strcmp("heap_v2", head));
  CHECK(lseek(file, 0, SEEK_END) > 100);
  CHECK_STATUS(AC_E_IO, ac_memory_write_profile(ac_text_of("/tmp/there is no/such folder"), NULL));
  CHECK_OK(configure((ac_memory_options){.profiling = AC_SWITCH_OFF}));
  CHECK_EQ(AC_SWITCH_OFF, allocator().profiling);
  end(system);
  close(file);
  unlink(name);
}

TEST(profiling_is_on_and_off_and_its_profile_is_written_where_jemalloc_has_it) {
  if (allocator().is_jemalloc == 0) return;
  if (getenv("JE_MALLOC_CONF") != NULL) {
    write_a_profile();
    return;
  }
  const pid_t child = fork();
  if (child == 0) {
    setenv("JE_MALLOC_CONF", "prof:true,prof_active:false,lg_prof_sample:10", 1);
    execl("/proc/self/exe", "memory",
          "profiling_is_on_and_off_and_its_profile_is_written_where_jemalloc_has_it", (char*)NULL);
    _exit(127);
  }
  int status = -1;
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  CHECK_EQ(0, status);
}

TEST(without_profiling_there_is_no_profile_to_write) {
  CHECK_STATUS(AC_E_UNSUPPORTED, ac_memory_write_profile(ac_text_of("/tmp/never"), NULL));
  CHECK(access("/tmp/never", F_OK) != 0);
}

TEST(the_arenas_of_a_system_are_there_while_it_is) {
  if (allocator().is_jemalloc == 0) return;
  const ac_allocator_stats before = allocator();
  const ac_system system = a_system();
  const ac_allocator_stats during = allocator();
  CHECK(during.arenas >= before.arenas + 2);
  CHECK(during.allocated_bytes >= before.allocated_bytes + 65536);
  CHECK(during.active_bytes >= during.allocated_bytes && during.mapped_bytes != 0);
  CHECK(during.metadata_bytes != 0 && during.resident_bytes != 0);
  CHECK_EQ(1, during.arenas_automatic);
  CHECK_EQ(AC_HUGE_PAGES_AUTO, during.metadata_huge_pages);
  end(system);
}

TEST(options_that_make_no_sense_are_refused) {
  CHECK_STATUS(AC_E_NULL, ac_memory_configure(NULL, NULL));
  const ac_memory_options constant = {.background_threads = 3};
  CHECK_STATUS(AC_E_UNKNOWN_CONSTANT, configure(constant));
  const ac_memory_options large = {.buffers_1k = 1048577};
  CHECK_STATUS(AC_E_LIMIT, configure(large));
  const ac_memory_options huge = {.buffers_2m = 4097};
  CHECK_STATUS(AC_E_LIMIT, configure(huge));
  const ac_memory_options decay = {.dirty_decay_ms = UINT64_MAX / 2};
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, configure(decay));
  CHECK_EQ(0, pool(AC_POOL_BUFFERS_1K).free);
}
