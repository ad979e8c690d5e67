// No allocation on the message path once a program is warm: counted at malloc and at the
// library's own source of slabs.
#include <string.h>

#include "host.h"

extern void* __libc_malloc(size_t size);
extern void* __libc_calloc(size_t count, size_t size);
extern void* __libc_realloc(void* old, size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

static atomic_uint_fast64_t allocations;

static _Thread_local int is_exhausted;  // malloc has nothing to give to this thread

static int count(void) {
  atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
  return !is_exhausted;
}

// The library's calls come here too: what an executable defines, everyone uses.
__attribute__((visibility("default"))) void* malloc(size_t size) {
  return count() ? __libc_malloc(size) : NULL;
}
__attribute__((visibility("default"))) void* calloc(size_t number, size_t size) {
  return count() ? __libc_calloc(number, size) : NULL;
}
__attribute__((visibility("default"))) void* realloc(void* old, size_t size) {
  return count() ? __libc_realloc(old, size) : NULL;
}
__attribute__((visibility("default"))) void* aligned_alloc(size_t alignment, size_t size) {
  return count() ? __libc_memalign(alignment, size) : NULL;
}
__attribute__((visibility("default"))) int posix_memalign(void** out, size_t alignment,
                                                          size_t size) {
  *out = count() ? __libc_memalign(alignment, size) : NULL;
  return *out == NULL;
}

enum {
  type_go = 1,
  type_data,
  type_hop,
  type_question,
  type_ask,
  type_ask_self,
  type_ask_many,
  type_ask_in_vain
};

enum { asks_deep = 200, asks_many = 5000 };

struct member {
  struct cell cell;  // first
  ac_actor to;
  uint64_t burst;
};

static ac_status ask_many(struct member* self, ac_turn* turn, ac_actor asker, uint64_t count) {
  static ac_actor actors[asks_many];
  static const char payload[100];
  uint64_t correlations[asks_many];
  const ac_ask_options options = {.struct_size = sizeof options,
                                  .type = type_data,
                                  .payload = bytes_of(payload, sizeof payload),
                                  .timeout_ns = AC_TIMEOUT_NEVER};
  for (uint64_t i = 0; i < count; ++i) actors[i] = self->to;
  const ac_status status =
      ac_worker_ask_many(turn->worker, asker, actors, count, &options, correlations);
  for (uint64_t i = 0; status == AC_OK && i < count; ++i) {
    CHECK_OK(ac_ask_cancel(self->cell.host->system, correlations[i]));
  }
  return status;
}

static ac_status on_message(struct member* self, ac_turn* turn, ac_activation* activation,
                            const ac_message* message) {
  uint64_t correlation;
  const uint64_t value = message->length == 8 ? value_of(message) : 0;
  switch (message->type) {
    case type_go:
      for (uint64_t i = 0; i < self->burst; ++i) {
        CHECK_OK(send_value(turn, activation, self->to, type_data, i));
      }
      return AC_OK;
    case type_hop:
      return value == 0 ? AC_OK : send_value(turn, activation, self->to, type_hop, value - 1);
    case type_question:
      return ac_turn_reply(turn, activation, message, type_data, &value, sizeof value);
    case type_ask:
      return ac_worker_ask(turn->worker, activation->actor, self->to, type_question,
                           bytes_of(&value, sizeof value), patience, &correlation);
    case type_ask_self:  // none is answered before this activation ends
      for (unsigned i = 0; i < asks_deep; ++i) {
        CHECK_OK(ac_worker_ask(turn->worker, activation->actor, activation->actor, type_question,
                               bytes_of(&value, sizeof value), patience, &correlation));
      }
      return AC_OK;
    case type_ask_many:
      return ask_many(self, turn, activation->actor, 100);
    case type_ask_in_vain:
      CHECK_OK(ask_many(self, turn, activation->actor, 100));  // what a thread needs but once
      is_exhausted = 1;
      CHECK_STATUS(AC_E_NO_MEMORY, ask_many(self, turn, activation->actor, asks_many));
      is_exhausted = 0;
      return AC_OK;
    default:
      return AC_OK;
  }
}

static ac_status on_member(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  for (uint32_t i = 0; i < activation->count; ++i) {
    CHECK_OK(on_message((struct member*)cell, turn, activation, activation->messages[i]));
  }
  return AC_OK;
}

struct program {
  struct host host;
  struct member producers[4];
  struct member sink;
  struct member left, right;
};

static void open_program(struct program* program, enum mode mode) {
  memset(program, 0, sizeof *program);
  const struct host_options options = {.mode = mode, .workers = 2};
  host_open(&program->host, options);
  const ac_actor sink = host_spawn(&program->host, &program->sink.cell, on_member);
  for (unsigned i = 0; i < 4; ++i) {
    host_spawn(&program->host, &program->producers[i].cell, on_member);
    program->producers[i].to = sink;
  }
  program->left.to = host_spawn(&program->host, &program->right.cell, on_member);
  program->right.to = host_spawn(&program->host, &program->left.cell, on_member);
}

// Fan-in, ping-pong, asks from outside and asks inside.
static void run_once(struct program* program, uint64_t burst) {
  struct host* host = &program->host;
  for (unsigned i = 0; i < 4; ++i) {
    program->producers[i].burst = burst;
    host_tell(host, program->producers[i].cell.actor, type_go, 0);
  }
  host_tell(host, program->left.cell.actor, type_hop, 1000);
  for (uint64_t i = 0; i < 100; ++i) {
    CHECK_EQ(i, host_ask(host, program->sink.cell.actor, type_question, i));
    host_tell(host, program->left.cell.actor, type_ask, i);
  }
  host_settle(host);
}

static uint64_t slabs(struct host* host) {
  ac_system_stats stats;
  CHECK_OK(ac_system_get_stats(host->system, &stats));
  return stats.slabs;
}

static void expect_none(enum mode mode) {
  struct program program;
  open_program(&program, mode);
  // Deeper mailboxes and more open asks than are measured afterwards: how deep they get is a
  // matter of timing.
  host_tell(&program.host, program.left.cell.actor, type_ask_self, 0);
  host_settle(&program.host);
  for (unsigned i = 0; i < 10; ++i) run_once(&program, 20000);
  const uint64_t slabs_before = slabs(&program.host), before = allocations;
  for (unsigned i = 0; i < 20; ++i) run_once(&program, 2000);
  const uint64_t after = allocations;
  CHECK_EQ(0, after - before);
  CHECK_EQ(slabs_before, slabs(&program.host));
  host_close(&program.host);
}

TEST(an_inline_program_allocates_nothing_once_it_is_warm) { expect_none(mode_inline); }
TEST(an_attached_program_allocates_nothing_once_it_is_warm) { expect_none(mode_attached); }
TEST(a_stepped_program_allocates_nothing_once_it_is_warm) { expect_none(mode_caller); }

TEST(many_that_cannot_all_be_asked_are_not_asked_at_all) {
  struct program program;
  open_program(&program, mode_inline);
  host_tell(&program.host, program.left.cell.actor, type_ask_many, 0);
  host_settle(&program.host);
  const ac_ledger before = host_check_ledger(&program.host);
  host_tell(&program.host, program.left.cell.actor, type_ask_in_vain, 0);
  host_settle(&program.host);
  CHECK_EQ(before.accepted + 101, host_check_ledger(&program.host).accepted);
  host_tell(&program.host, program.left.cell.actor, type_ask_many, 0);
  host_settle(&program.host);
  CHECK_EQ(before.accepted + 202, host_check_ledger(&program.host).accepted);
  host_close(&program.host);
}

TEST(the_counter_counts) {
  const uint64_t before = allocations;
  ac_system system;
  CHECK_OK(ac_system_create(NULL, &system, NULL));
  CHECK(allocations > before);  // what the library allocates is seen
  ac_system_release(system);
}
