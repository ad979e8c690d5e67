// What a mailbox holds, in which order it gives it back, and what becomes of what has no place.
#include <string.h>

#include "host.h"

enum { type_value = 1, type_urgent = 2, type_bulk = 3, type_send = 4, type_ask = 5 };
enum { seen_max = 256, senders = 3, sent_each = 2000 };

// Keeps what it got.
struct sink {
  struct cell cell;  // first
  uint64_t values[seen_max];
  uint32_t types[seen_max];
  unsigned count;
};

static ac_status on_sink(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct sink* sink = (struct sink*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count && sink->count < seen_max; ++i) {
    const ac_message* message = activation->messages[i];
    sink->types[sink->count] = message->type;
    memcpy(&sink->values[sink->count], ac_message_payload(message), sizeof(uint64_t));
    sink->count += 1;
  }
  return AC_OK;
}

// Sends as many values as it is told to.
struct source {
  struct cell cell;  // first
  ac_actor to;
  unsigned asks_failed;
  ac_status failed_with;
  ac_pressure pressures[8];
  unsigned pressed;
};

static ac_status on_source(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct source* source = (struct source*)cell;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    ac_ask_failed failed;
    uint64_t correlation;
    switch (message->type) {
      case type_send:
        for (uint64_t k = 1; k <= value_of(message); ++k) {
          CHECK_OK(send_value(turn, activation, source->to, type_value, k));
        }
        break;
      case type_ask:
        CHECK_OK(ac_worker_ask(turn->worker, cell->actor, source->to, type_value,
                               bytes_of("12345678", 8), patience, &correlation));
        break;
      case AC_TYPE_ASK_FAILED:
        memcpy(&failed, message->data, sizeof failed);
        source->asks_failed += 1;
        source->failed_with = failed.status;
        break;
      case AC_TYPE_PRESSURE:
        CHECK(source->pressed < 8);
        memcpy(&source->pressures[source->pressed++], message->data, sizeof(ac_pressure));
        break;
      default:
        CHECK(0);
    }
  }
  return AC_OK;
}

static ac_actor spawn_sink(struct host* host, struct sink* sink, const ac_mailbox_options* mailbox) {
  memset(sink, 0, sizeof *sink);
  const ac_spawn_options options = {.mailbox = mailbox};
  return host_spawn_with(host, &sink->cell, on_sink, options);
}

static ac_mailbox_stats stats_of(struct host* host, ac_actor actor) {
  ac_mailbox_stats stats = {.struct_size = sizeof stats};
  CHECK_OK(ac_mailbox_get(host->system, actor, &stats));
  CHECK_EQ(sizeof stats, stats.struct_size);
  return stats;
}

static ac_status tell(struct host* host, ac_actor to, uint32_t type, uint64_t value) {
  return ac_tell(host->system, to, type, bytes_of(&value, sizeof value));
}

static void check_seen(const struct sink* sink, unsigned count, const uint64_t* values) {
  CHECK_EQ(count, sink->count);
  for (unsigned i = 0; i < count; ++i) CHECK_EQ(values[i], sink->values[i]);
}

// What five messages to a mailbox of three come to.
static const struct policy {
  uint32_t overflow;
  ac_status outside;  // of the fourth
  uint32_t inside;    // why the dead ones of a handler's are dead
  uint32_t outside_reason;  // and those from outside, when they are accepted
  uint64_t seen[3];
} policies[] = {
    {AC_OVERFLOW_FAIL, AC_E_FULL, AC_DEAD_OVERFLOW, 0, {1, 2, 3}},
    {AC_OVERFLOW_BLOCK, AC_E_FULL, AC_DEAD_OVERFLOW, 0, {1, 2, 3}},
    {AC_OVERFLOW_DROP_NEWEST, AC_OK, AC_DEAD_DROPPED, AC_DEAD_DROPPED, {1, 2, 3}},
    {AC_OVERFLOW_DROP_OLDEST, AC_OK, AC_DEAD_DROPPED, AC_DEAD_DROPPED, {3, 4, 5}},
    {AC_OVERFLOW_DEAD_LETTER, AC_OK, AC_DEAD_OVERFLOW, AC_DEAD_OVERFLOW, {1, 2, 3}},
};
enum { policy_count = sizeof policies / sizeof *policies };

TEST(a_full_mailbox_refuses_or_drops_as_its_policy_says) {
  for (unsigned i = 0; i < mode_count * policy_count * 2; ++i) {
    const struct policy* policy = &policies[i / mode_count % policy_count];
    const int inside = i / mode_count / policy_count == 1;
    struct host host;
    struct sink sink;
    struct source source = {.asks_failed = 0};
    if (policy->overflow == AC_OVERFLOW_BLOCK && !inside) continue;  // it waits: see below
    host_open(&host, (struct host_options){.mode = i % mode_count, .seed = 7});
    const ac_mailbox_options mailbox = {
        .struct_size = sizeof mailbox, .overflow = policy->overflow, .capacity = 3};
    const ac_actor to = spawn_sink(&host, &sink, &mailbox);
    source.to = to;
    const ac_actor from = host_spawn(&host, &source.cell, on_source);
    if (inside) {
      host_tell(&host, from, type_send, 5);
      host_settle(&host);
    } else {
      for (uint64_t value = 1; value <= 5; ++value) {
        CHECK_STATUS(value > 3 ? policy->outside : AC_OK, tell(&host, to, type_value, value));
      }
      CHECK_EQ(3, stats_of(&host, to).length);
    }
    host_settle(&host);
    const ac_ledger ledger = host_check_ledger(&host);
    check_seen(&sink, 3, policy->seen);
    const uint32_t reason = inside ? policy->inside : policy->outside_reason;
    CHECK_EQ(reason == 0 ? 0 : 2, dead_total(&ledger));
    CHECK_EQ(reason == 0 ? 0 : 2, ledger.dead[reason]);
    CHECK_EQ(3, stats_of(&host, to).length_max);
    CHECK_EQ(3, stats_of(&host, to).capacity);
    host_close(&host);
  }
}

TEST(tell_many_says_which_messages_were_refused) {
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    struct host host;
    struct sink sink;
    struct sink other;
    host_open(&host, (struct host_options){.mode = mode, .seed = 7});
    const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox, .capacity = 2};
    const ac_actor to = spawn_sink(&host, &sink, &mailbox);
    const ac_actor plain = spawn_sink(&host, &other, NULL);
    ac_message messages[6];
    memset(messages, 0, sizeof messages);
    ac_buffer buffer;
    uint8_t* bytes;
    for (uint64_t i = 0; i < 6; ++i) {
      messages[i].to = i == 1 ? plain : to;
      messages[i].type = type_value;
      messages[i].length = 8;
      memcpy(messages[i].data, &i, sizeof i);
    }
    CHECK_OK(ac_buffer_create(100, &buffer, &bytes));
    messages[4].length = 100;
    memcpy(messages[4].data, &buffer, sizeof buffer);
    ac_status statuses[6];
    uint64_t accepted;
    CHECK_OK(ac_tell_many(host.system, messages, 6, statuses, &accepted));
    CHECK_EQ(3, accepted);
    for (unsigned i = 0; i < 6; ++i) CHECK_EQ(i < 3 ? AC_OK : AC_E_FULL, statuses[i]);
    ac_buffer_release(buffer);
    host_settle(&host);
    check_seen(&sink, 2, (const uint64_t[]){0, 2});
    check_seen(&other, 1, (const uint64_t[]){1});
    host_close(&host);
  }
}

// -- waiting for room ------------------------------------------------------------------------------

// A sink that says when it is in its handler and waits there.
struct stuck {
  struct sink sink;  // first
  sem_t entered;
  sem_t leave;
};

static ac_status on_stuck(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct stuck* stuck = (struct stuck*)cell;
  if (value_of(activation->messages[0]) == 0) {
    sem_post(&stuck->entered);
    await(&stuck->leave);
  }
  return on_sink(cell, turn, activation);
}

// A thread that tells, and what that came to.
struct teller {
  struct host* host;
  ac_actor to;
  uint64_t value;
  ac_status status;
};

static void* run_teller(void* argument) {
  struct teller* teller = argument;
  teller->status = tell(teller->host, teller->to, type_value, teller->value);
  return NULL;
}

static void open_stuck(struct host* host, struct stuck* stuck, enum mode mode, uint64_t block_ns) {
  host_open(host, (struct host_options){.mode = mode, .workers = 1, .throughput = 1});
  memset(stuck, 0, sizeof *stuck);
  sem_init(&stuck->entered, 0, 0);
  sem_init(&stuck->leave, 0, 0);
  const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                      .overflow = AC_OVERFLOW_BLOCK,
                                      .capacity = 1,
                                      .block_ns = block_ns};
  const ac_spawn_options options = {.mailbox = &mailbox};
  const ac_actor to = host_spawn_with(host, &stuck->sink.cell, on_stuck, options);
  host_tell(host, to, type_value, 0);
  await(&stuck->entered);
  host_tell(host, to, type_value, 1);  // now it is full
}

static void start_teller(pthread_t* thread, struct teller* teller) {
  CHECK(pthread_create(thread, NULL, run_teller, teller) == 0);
  while (stats_of(teller->host, teller->to).blocked == 0) sched_yield();  // until it waits
}

TEST(a_sender_that_waits_goes_on_when_there_is_room) {
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    struct host host;
    struct stuck stuck;
    pthread_t thread;
    open_stuck(&host, &stuck, mode, AC_TIMEOUT_NEVER);
    struct teller teller = {&host, stuck.sink.cell.actor, 2, AC_E_INTERNAL};
    start_teller(&thread, &teller);
    sem_post(&stuck.leave);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_STATUS(AC_OK, teller.status);
    host_settle(&host);
    check_seen(&stuck.sink, 3, (const uint64_t[]){0, 1, 2});
    CHECK_EQ(1, stats_of(&host, teller.to).blocked);
    host_close(&host);
  }
}

TEST(a_sender_that_waits_is_told_when_the_actor_ends) {
  struct host host;
  struct stuck stuck;
  pthread_t thread;
  open_stuck(&host, &stuck, mode_inline, AC_TIMEOUT_NEVER);
  struct teller teller = {&host, stuck.sink.cell.actor, 2, AC_E_INTERNAL};
  start_teller(&thread, &teller);
  CHECK_OK(ac_actor_stop(host.system, teller.to, 0));
  sem_post(&stuck.leave);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK_STATUS(AC_E_STALE, teller.status);
  const ac_ledger ledger = host_check_ledger(&host);
  CHECK_EQ(1, ledger.dead[AC_DEAD_STOPPED]);
  host_close(&host);
}

static void* run_stop(void* argument) {
  struct host* host = argument;
  CHECK_OK(ac_system_stop(host->system, patience, &host->report, NULL));
  return NULL;
}

TEST(a_sender_that_waits_is_told_when_the_system_stops) {
  struct host host;
  struct stuck stuck;
  pthread_t thread;
  pthread_t stopper;
  open_stuck(&host, &stuck, mode_inline, AC_TIMEOUT_NEVER);
  struct teller teller = {&host, stuck.sink.cell.actor, 2, AC_E_INTERNAL};
  start_teller(&thread, &teller);
  CHECK(pthread_create(&stopper, NULL, run_stop, &host) == 0);
  CHECK(pthread_join(thread, NULL) == 0);  // while the handler still runs
  CHECK_STATUS(AC_E_STOPPED, teller.status);
  sem_post(&stuck.leave);
  CHECK(pthread_join(stopper, NULL) == 0);
  check_seen(&stuck.sink, 2, (const uint64_t[]){0, 1});
  host_close(&host);
}

TEST(a_sender_waits_no_longer_than_the_mailbox_says) {
  struct host host;
  struct stuck stuck;
  open_stuck(&host, &stuck, mode_inline, 1000000);
  CHECK_STATUS(AC_E_FULL, tell(&host, stuck.sink.cell.actor, type_value, 2));
  ac_message reply;
  CHECK_STATUS(AC_E_FULL, ac_ask(host.system, stuck.sink.cell.actor, type_value,
                                 bytes_of("12345678", 8), 1000, &reply));
  sem_post(&stuck.leave);
  host_close(&host);
}

TEST(waiting_runs_a_seeded_system_on_its_own_time) {
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    struct host host;
    struct sink sink;
    uint64_t before;
    uint64_t after;
    host_open(&host, (struct host_options){.mode = mode, .seed = 3});
    const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                        .overflow = AC_OVERFLOW_BLOCK,
                                        .capacity = 1,
                                        .block_ns = 5000};
    const ac_actor to = spawn_sink(&host, &sink, &mailbox);
    for (uint64_t value = 1; value <= 5; ++value) CHECK_OK(tell(&host, to, type_value, value));
    host_settle(&host);
    check_seen(&sink, 5, (const uint64_t[]){1, 2, 3, 4, 5});
    CHECK_OK(ac_system_now(host.system, &before));
    CHECK_EQ(0, before);  // there was room before time passed
    (void)after;
    host_close(&host);
  }
}
