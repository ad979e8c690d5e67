// Who is stuck: the listing of actors, and the watchdog.
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

enum { type_work = 5 };
static const uint64_t millisecond = 1000000;

static ac_status on_nothing(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)cell, (void)turn, (void)activation;
  return AC_OK;
}

static ac_actor_info info_of(struct host* host, ac_actor actor) {
  uint64_t cursor = 0;
  do {
    ac_actor_info rows[2];
    uint64_t count;
    CHECK_OK(ac_system_actors(host->system, cursor, rows, sizeof rows[0], 2, &count, &cursor));
    for (uint64_t i = 0; i < count; ++i) {
      if (rows[i].actor.bits == actor.bits) return rows[i];
    }
  } while (cursor != 0);
  CHECK(!"the actor is listed");
  abort();
}

TEST(actors_are_listed_page_by_page_each_once) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    static struct cell cells[50];
    memset(cells, 0, sizeof cells);
    host_open(&host, (struct host_options){.mode = mode, .seed = 1});
    for (unsigned i = 0; i < 50; ++i) host_spawn(&host, &cells[i], on_nothing);
    CHECK_OK(ac_actor_stop(host.system, cells[7].actor, 0));
    host_settle(&host);
    uint64_t cursor = 0, count, total = 0;
    do {
      // A caller that knows only the first fields.
      uint64_t rows[7][2];
      CHECK_OK(ac_system_actors(host.system, cursor, (ac_actor_info*)rows, sizeof rows[0], 7,
                                &count, &cursor));
      for (uint64_t i = 0; i < count; ++i) {
        const ac_actor actor = {rows[i][0]};
        CHECK_OK(ac_actor_check(host.system, actor));
      }
      total += count;
    } while (cursor != 0);
    CHECK_EQ(49, total);
    host_close(&host);
  }
}

TEST(a_stuck_actor_is_seen_in_its_handler_with_what_waits_behind_it) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct gate gate;
    struct cell idle = {0};
    host_open(&host, (struct host_options){.mode = mode});
    const ac_spawn_options named = {.name = ac_text_of("idler")};
    host_spawn_with(&host, &idle, on_nothing, named);
    const ac_actor stuck = host_enter_gate(&host, &gate);
    for (uint64_t i = 0; i < 1000; ++i) host_tell(&host, stuck, type_work, i);
    (void)info_of(&host, stuck);
    const ac_actor_info info = info_of(&host, stuck);
    CHECK_EQ(AC_ACTOR_RUNNING, info.state);
    CHECK_EQ(1000, info.mailbox);
    CHECK(info.worker.bits != 0);
    CHECK_EQ(1, info.type);
    CHECK(info.handler_ns > 0);
    CHECK(info.oldest_ns > 0);
    if (mode != mode_attached) CHECK_TEXT("c test handler", info.behavior_name);
    const ac_actor_info other = info_of(&host, idle.actor);
    CHECK_EQ(AC_ACTOR_IDLE, other.state);
    CHECK_EQ(0, other.mailbox);
    CHECK_EQ(0, other.worker.bits);
    CHECK(strcmp("idler", (const char*)other.name) == 0);
    for (uint64_t i = 0; i <= 1000; ++i) sem_post(&gate.leave);
    while (info_of(&host, stuck).state != AC_ACTOR_IDLE) sched_yield();
    host_close(&host);
  }
}

static ac_watchdog_report await_report(struct host* host, uint64_t after) {
  ac_watchdog_report report;
  uint64_t count = 0;
  while (count == 0) {
    CHECK_OK(ac_watchdog_reports(host->system, after, &report, 1, &count));
    if (count == 0) sched_yield();
  }
  return report;
}

TEST(a_handler_over_its_budget_and_the_message_behind_it_are_each_reported_once) {
  struct host host;
  struct gate gate;
  host_open(&host, (struct host_options){.mode = mode_inline});
  const ac_watchdog_options options = {.struct_size = sizeof options,
                                       .interval_ns = millisecond,
                                       .handler_budget_ns = 2 * millisecond,
                                       .mailbox_age_ns = 2 * millisecond};
  const ac_actor stuck = host_enter_gate(&host, &gate);
  CHECK_OK(ac_name_register(host.system, ac_text_of("stuck"), stuck, 0));
  host_tell(&host, stuck, type_work, 0);
  CHECK_OK(ac_watchdog_start(host.system, &options, NULL));
  CHECK_STATUS(AC_E_EXISTS, ac_watchdog_start(host.system, &options, NULL));
  unsigned handlers = 0, mailboxes = 0;
  for (uint64_t number = 0; number < 2; ++number) {
    const ac_watchdog_report report = await_report(&host, number);
    CHECK_EQ(number + 1, report.number);
    CHECK_EQ(stuck.bits, report.actors[0].bits);
    CHECK_EQ(1, report.mailbox);
    CHECK(report.for_ns >= 2 * millisecond);
    CHECK(memmem(report.text, report.text_size, "`stuck`", 7) != NULL);
    handlers += report.kind == AC_WATCHDOG_HANDLER;
    mailboxes += report.kind == AC_WATCHDOG_MAILBOX;
  }
  CHECK_EQ(1, handlers);
  CHECK_EQ(1, mailboxes);
  CHECK_OK(ac_watchdog_stop(host.system));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_watchdog_stop(host.system));
  sem_post(&gate.leave);
  sem_post(&gate.leave);
  host_close(&host);
}

// Asks the next one of a ring, and never answers.
struct link {
  struct cell cell;  // first
  struct link* next;
};

static ac_status on_link(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  const struct link* self = (struct link*)cell;
  for (uint32_t i = 0; i < activation->count; ++i) {
    uint64_t correlation;
    const ac_message* message = activation->messages[i];
    if (message->type != type_work || self->next == NULL) continue;
    CHECK_OK(ac_worker_ask(turn->worker, activation->actor, self->next->cell.actor, type_work + 1,
                           bytes_of(NULL, 0), patience, &correlation));
  }
  return AC_OK;
}

struct reader {
  struct cell cell;  // first
  unsigned reports;
  ac_watchdog_report last;
};

static ac_status on_reader(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct reader* self = (struct reader*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    CHECK_EQ(AC_TYPE_WATCHDOG, activation->messages[i]->type);
    memcpy(&self->last, ac_message_payload(activation->messages[i]), sizeof self->last);
    self->reports += 1;
  }
  return AC_OK;
}

// A ring of three, with a tail that asks into it; the hash of it all.
static uint64_t watch_ring(enum mode mode, uint64_t seed) {
  struct host host;
  struct link links[4] = {0};
  struct reader reader = {0};
  uint64_t hash;
  host_open(&host, (struct host_options){.mode = mode, .seed = seed});
  host_spawn(&host, &reader.cell, on_reader);
  const char* names[] = {"a", "b", "c", "tail"};
  for (unsigned i = 0; i < 4; ++i) {
    const ac_spawn_options named = {.name = ac_text_of(names[i])};
    host_spawn_with(&host, &links[i].cell, on_link, named);
    links[i].next = i == 3 ? &links[0] : &links[(i + 1) % 3];
  }
  const ac_watchdog_options options = {
      .struct_size = sizeof options, .interval_ns = millisecond, .report_to = reader.cell.actor};
  CHECK_OK(ac_watchdog_start(host.system, &options, NULL));
  for (unsigned i = 0; i < 4; ++i) host_tell(&host, links[i].cell.actor, type_work, 0);
  CHECK_STATUS(AC_E_TIMEOUT, ac_system_settle(host.system, patience / 2));
  CHECK_EQ(1, reader.reports);
  CHECK_EQ(AC_WATCHDOG_CYCLE, reader.last.kind);
  CHECK_EQ(3, reader.last.count);
  unsigned found = 0;
  for (unsigned i = 0; i < 3; ++i) {
    for (unsigned k = 0; k < 3; ++k) {
      if (reader.last.actors[i].bits != links[k].cell.actor.bits) continue;
      CHECK_EQ(links[(k + 1) % 3].cell.actor.bits, reader.last.actors[(i + 1) % 3].bits);
      found += 1;
    }
  }
  CHECK_EQ(3, found);
  CHECK(memmem(reader.last.text, reader.last.text_size, "`a` waits for `b`", 17) != NULL);
  host_settle(&host);  // until the asks are over
  CHECK_EQ(1, reader.reports);
  CHECK_OK(ac_system_trace_hash(host.system, &hash));
  host_close(&host);
  return hash;
}

TEST(a_cycle_of_asks_is_reported_once_with_its_actors_in_every_mode_alike) {
  const uint64_t hash = watch_ring(mode_inline, 5);
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    CHECK_EQ(hash, watch_ring(mode, 5));
  }
}

TEST(a_watchdog_does_not_keep_a_seeded_system_busy_for_ever) {
  struct host host;
  struct link link = {0};
  host_open(&host, (struct host_options){.mode = mode_inline, .seed = 3});
  host_spawn(&host, &link.cell, on_nothing);
  const ac_watchdog_options options = {.struct_size = sizeof options, .mailbox_age_ns = 1};
  CHECK_OK(ac_watchdog_start(host.system, &options, NULL));
  ac_message reply;
  CHECK_STATUS(AC_E_TIMEOUT, ac_ask(host.system, link.cell.actor, type_work, bytes_of(NULL, 0),
                                    AC_TIMEOUT_NEVER, &reply));
  host_close(&host);
}
