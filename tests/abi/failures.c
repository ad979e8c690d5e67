// A failing handler ends its actor and nothing else, and says who failed at what.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lives.h"

struct worker {
  struct cell cell;  // first
  ac_status status;  // what it fails with
};

static ac_status on_message(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    activation->handled = i;
    if (activation->messages[i]->type == type_fail) return ((struct worker*)cell)->status;
  }
  return AC_OK;
}

struct boss {
  struct cell cell;  // first
  unsigned told;
  struct ac_failed last;
  ac_actor sender;
};

static ac_status on_report(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct boss* boss = (struct boss*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    CHECK_EQ(AC_TYPE_FAILED, message->type);
    CHECK_EQ(sizeof boss->last, message->length);
    memcpy(&boss->last, ac_message_payload(message), sizeof boss->last);
    boss->sender = message->sender;
    boss->told += 1;
  }
  return AC_OK;
}

static ac_failure only_failure(struct host* host) {
  ac_failure failures[4];
  uint64_t count;
  CHECK_OK(ac_system_failures(host->system, 0, failures, 4, &count));
  CHECK_EQ(1, count);
  CHECK_EQ(1, failures[0].number);
  return failures[0];
}

static void fail_in_the_middle(enum mode mode, uint64_t seed) {
  struct host host;
  struct worker worker = {.status = AC_E_PANIC};
  const struct host_options options = {.mode = mode, .seed = seed};
  host_open(&host, options);
  const ac_actor actor = host_spawn(&host, &worker.cell, on_message);
  tell_five(&host, actor);
  host_settle(&host);
  const ac_ledger ledger = host_check_ledger(&host);
  CHECK_EQ(5, ledger.accepted);
  CHECK_EQ(3, ledger.handled);
  CHECK_EQ(1, ledger.failed);
  CHECK_EQ(2, ledger.dead[AC_DEAD_FAILED] + ledger.dead[AC_DEAD_STALE]);
  CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, actor));
  const ac_failure failure = only_failure(&host);
  CHECK_EQ(actor.bits, failure.actor.bits);
  CHECK_STATUS(AC_E_PANIC, failure.status);
  CHECK_EQ(type_fail, failure.type);
  const ac_text text = {(const char*)failure.text, failure.text_size};
  CHECK_TEXT("c test handler", text);
  host_close(&host);
}

TEST(a_failed_message_is_handled_and_those_after_it_are_dead_letters) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    fail_in_the_middle(mode, 0);
    fail_in_the_middle(mode, 9);
  }
}

TEST(a_supervisor_is_told_who_failed_with_what) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct boss boss = {.told = 0};
    struct worker worker = {.status = -12345};
    const struct host_options options = {.mode = mode};
    host_open(&host, options);
    const ac_spawn_options under = {.supervisor = host_spawn(&host, &boss.cell, on_report)};
    const ac_actor actor = host_spawn_with(&host, &worker.cell, on_message, under);
    host_tell(&host, actor, type_fail, 0);
    host_settle(&host);
    CHECK_EQ(1, boss.told);
    CHECK_EQ(actor.bits, boss.last.actor.bits);
    CHECK_STATUS(-12345, boss.last.status);
    CHECK_EQ(type_fail, boss.last.type);
    CHECK_EQ(only_failure(&host).number, boss.last.number);
    CHECK_EQ(2, host_check_ledger(&host).accepted);
    host_close(&host);
  }
}

TEST(whatever_a_handler_returns_but_ok_is_a_failure) {
  const ac_status odd[] = {1, 77, INT32_MAX, INT32_MIN, -1, AC_E_STOPPED};
  for (unsigned i = 0; i < sizeof odd / sizeof odd[0]; ++i) {
    struct host host;
    struct worker worker = {.status = odd[i]};
    const struct host_options options = {.mode = mode_inline};
    host_open(&host, options);
    const ac_actor actor = host_spawn(&host, &worker.cell, on_message);
    host_tell(&host, actor, type_fail, 0);
    host_settle(&host);
    CHECK(only_failure(&host).status != AC_OK);
    CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, actor));
    host_close(&host);
  }
}

static ac_status handled_out_of_range(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)cell;
  (void)turn;
  activation->handled = activation->count - 1 + 1000000;
  return AC_E_HANDLER;
}

TEST(an_index_past_the_last_message_harms_nothing) {
  struct host host;
  struct cell cell = {.on = NULL};
  const struct host_options options = {.mode = mode_inline};
  host_open(&host, options);
  host_tell(&host, host_spawn(&host, &cell, handled_out_of_range), type_work, 0);
  host_settle(&host);
  only_failure(&host);
  host_check_ledger(&host);
  host_close(&host);
}

static ac_status fail_with_text(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  char text[1000];
  (void)cell;
  memset(text, 'x', sizeof text);
  const ac_text own = {text, sizeof text}, none = {0}, bad = {NULL, 5};
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_worker_fail(turn->worker, 5, 0, AC_E_HANDLER, none));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT,
               ac_worker_fail(turn->worker, 0, activation->count, AC_E_HANDLER, none));
  CHECK_STATUS(AC_E_NULL, ac_worker_fail(turn->worker, 0, 0, AC_E_HANDLER, bad));
  CHECK_OK(ac_worker_fail(turn->worker, 0, 0, 0, own));
  return AC_E_HANDLER;
}

TEST(a_failures_text_is_the_handlers_own_and_cut_to_fit) {
  struct host host;
  struct cell cell = {.on = NULL};
  const struct host_options options = {.mode = mode_inline};
  host_open(&host, options);
  host_tell(&host, host_spawn(&host, &cell, fail_with_text), type_work, 0);
  host_settle(&host);
  const ac_failure failure = only_failure(&host);
  CHECK_STATUS(AC_E_HANDLER, failure.status);
  CHECK_EQ(sizeof failure.text, failure.text_size);
  for (unsigned i = 0; i < sizeof failure.text; ++i) CHECK_EQ('x', failure.text[i]);
  host_close(&host);
}

struct sender {
  struct cell cell;  // first
  ac_actor to;
};

static ac_status send_then_fail(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  CHECK_OK(send_value(turn, activation, ((struct sender*)cell)->to, type_work, 1));
  return AC_E_HANDLER;
}

enum { rivals = 40 };

// Its name is its failure's text.
static ac_status fail_by_name(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  char text[32];
  const int size = snprintf(text, sizeof text, "%" PRIx64, cell->actor.bits);
  const ac_text own = {text, (uint64_t)size};
  const uint32_t at = (uint32_t)(activation - turn->activations);
  CHECK_OK(ac_worker_fail(turn->worker, at, 0, AC_E_HANDLER, own));
  return AC_E_HANDLER;
}

TEST(each_of_many_failures_in_one_turn_has_its_own_actor_and_text) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    static struct cell cells[rivals];
    struct gate gate;
    struct host host;
    ac_failure failures[rivals];
    uint64_t count;
    memset(cells, 0, sizeof cells);
    host_open(&host, (struct host_options){.mode = mode, .workers = 1});
    host_enter_gate(&host,
                    &gate);  // from here on all wait for the one worker, and share its next turns
    for (unsigned i = 0; i < rivals; ++i) {
      host_tell(&host, host_spawn(&host, &cells[i], fail_by_name), type_work, 0);
    }
    sem_post(&gate.leave);
    host_settle(&host);
    CHECK_OK(ac_system_failures(host.system, 0, failures, rivals, &count));
    CHECK_EQ(rivals, count);
    for (unsigned i = 0; i < rivals; ++i) {
      char text[32];
      snprintf(text, sizeof text, "%" PRIx64, failures[i].actor.bits);
      CHECK_TEXT(text, ((ac_text){(const char*)failures[i].text, failures[i].text_size}));
      CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, failures[i].actor));
    }
    host_check_ledger(&host);
    host_close(&host);
  }
}

TEST(what_was_sent_before_a_failure_stands) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct sender sender = {.to = {0}};
    struct worker receiver = {.status = AC_OK};
    const struct host_options options = {.mode = mode};
    host_open(&host, options);
    sender.to = host_spawn(&host, &receiver.cell, on_message);
    host_tell(&host, host_spawn(&host, &sender.cell, send_then_fail), type_work, 0);
    host_settle(&host);
    CHECK_EQ(1, receiver.cell.handled);
    host_close(&host);
  }
}

TEST(the_last_failures_are_kept_and_numbered) {
  enum { failing = 300, kept = 256 };
  static struct worker workers[failing];
  static ac_failure failures[failing];
  struct host host;
  uint64_t count;
  const struct host_options options = {.mode = mode_inline};
  host_open(&host, options);
  for (unsigned i = 0; i < failing; ++i) {
    workers[i].status = AC_E_HANDLER;
    host_tell(&host, host_spawn(&host, &workers[i].cell, on_message), type_fail, 0);
  }
  host_settle(&host);
  CHECK_OK(ac_system_failures(host.system, 0, failures, failing, &count));
  CHECK_EQ(kept, count);
  for (unsigned i = 0; i < kept; ++i) CHECK_EQ(failing - kept + 1 + i, failures[i].number);
  CHECK_OK(ac_system_failures(host.system, failing - 2, failures, failing, &count));
  CHECK_EQ(2, count);
  CHECK_EQ(failing, failures[1].number);
  CHECK_OK(ac_system_failures(host.system, failing, failures, failing, &count));
  CHECK_EQ(0, count);
  host_close(&host);
}

struct phases {
  struct cell cell;   // first
  uint32_t fails_at;  // a type
};

static ac_status on_phase(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    activation->handled = i;
    if (activation->messages[i]->type == ((struct phases*)cell)->fails_at) return AC_E_PANIC;
  }
  return AC_OK;
}

// Fails in the handler of one life-cycle message; returns the host for more checks.
static void fail_at(enum mode mode, uint32_t type) {
  struct host host;
  struct phases phases = {.fails_at = type};
  const struct host_options options = {.mode = mode};
  host_open(&host, options);
  const ac_spawn_options both = {.flags = AC_SPAWN_STARTED | AC_SPAWN_STOPPED};
  const ac_actor actor = host_spawn_with(&host, &phases.cell, on_phase, both);
  host_settle(&host);
  if (type == AC_TYPE_STOPPED) CHECK_OK(ac_actor_stop(host.system, actor, 0));
  host_settle(&host);
  CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, actor));
  const ac_failure failure = only_failure(&host);
  CHECK_EQ(type, failure.type);
  CHECK_EQ(0, host_check_ledger(&host).accepted);
  host_close(&host);
}

TEST(a_failure_at_the_start_ends_the_actor) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) fail_at(mode, AC_TYPE_STARTED);
}

TEST(a_failure_at_the_end_is_recorded_and_the_actor_ends_all_the_same) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) fail_at(mode, AC_TYPE_STOPPED);
}

TEST(a_word_is_not_destroyed_when_its_spawn_failed) {
  struct host host;
  struct worker first = {.status = AC_OK}, second = {.status = AC_OK};
  const struct host_options options = {.mode = mode_inline};
  host_open(&host, options);
  const ac_spawn_options named = {.name = ac_text_of("only one")};
  host_spawn_with(&host, &first.cell, on_message, named);
  ac_spawn_options spawn = host_spawn_options(&host, &second.cell, on_message);
  ac_actor actor;
  spawn.name = named.name;
  CHECK_STATUS(AC_E_EXISTS, ac_spawn(host.system, &spawn, &actor, NULL));
  spawn.name.size = 0;
  spawn.flags = 1u << 30;
  CHECK_STATUS(AC_E_UNKNOWN_CONSTANT, ac_spawn(host.system, &spawn, &actor, NULL));
  spawn.flags = 0;
  spawn.behavior.bits = 0;
  CHECK(ac_spawn(host.system, &spawn, &actor, NULL) != AC_OK);
  host_close(&host);
  CHECK_EQ(1, first.cell.destroyed);
  CHECK_EQ(0, second.cell.destroyed);
}
