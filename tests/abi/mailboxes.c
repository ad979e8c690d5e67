// What a mailbox holds, what becomes of what has no place in it, and who is told.
#include <sched.h>
#include <string.h>

#include "sink.h"

// What five messages to a mailbox of three come to.
static const struct policy {
  uint32_t overflow;
  ac_status outside;        // of the fourth
  uint32_t inside;          // why the dead ones of a handler's are dead
  uint32_t outside_reason;  // and those from outside, when they are accepted
  uint64_t seen[3];
} policies[] = {
    {AC_OVERFLOW_FAIL, AC_E_FULL, AC_DEAD_OVERFLOW, 0, {1, 2, 3}},
    {AC_OVERFLOW_BLOCK, AC_E_FULL, AC_DEAD_OVERFLOW, 0, {1, 2, 3}},
    {AC_OVERFLOW_DROP_NEWEST, AC_OK, AC_DEAD_DROPPED, AC_DEAD_DROPPED, {1, 2, 3}},
    {AC_OVERFLOW_DROP_OLDEST, AC_OK, AC_DEAD_DROPPED, AC_DEAD_DROPPED, {3, 4, 5}},
    {AC_OVERFLOW_DEAD_LETTER, AC_OK, AC_DEAD_OVERFLOW, AC_DEAD_OVERFLOW, {1, 2, 3}},
};
enum { senders = 3, sent_each = 2000 };
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

// -- waiting for room ----------------------------------------------------------------------------

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
    uint64_t now;
    host_open(&host, (struct host_options){.mode = mode, .seed = 3});
    const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                        .overflow = AC_OVERFLOW_BLOCK,
                                        .capacity = 1,
                                        .block_ns = 5000};
    const ac_actor to = spawn_sink(&host, &sink, &mailbox);
    for (uint64_t value = 1; value <= 5; ++value) CHECK_OK(tell(&host, to, type_value, value));
    host_settle(&host);
    check_seen(&sink, 5, (const uint64_t[]){1, 2, 3, 4, 5});
    CHECK_OK(ac_system_now(host.system, &now));
    CHECK_EQ(0, now);  // there was room before time passed
    host_close(&host);
  }
}

// -- asks, pressure, memory ----------------------------------------------------------------------

TEST(an_ask_of_a_full_mailbox_fails_at_once) {
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    struct host host;
    struct sink sink;
    struct source source = {.asks_failed = 0};
    const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox, .capacity = 1};
    open_sink(&host, &sink, mode, &mailbox);
    source.to = sink.cell.actor;
    const ac_actor from = host_spawn(&host, &source.cell, on_source);
    host_tell(&host, sink.cell.actor, type_value, 1);
    ac_message reply;
    CHECK_STATUS(AC_E_FULL, ac_ask(host.system, sink.cell.actor, type_value, bytes_of("x", 1),
                                   patience, &reply));
    CHECK_EQ(0, sink.count);  // nothing ran meanwhile
    host_settle(&host);
    host_tell(&host, from, type_ask, 0);
    host_tell(&host, from, type_ask, 0);
    host_settle(&host);
    CHECK_EQ(2, source.asks_failed);  // the second request, which met the first, at once
    CHECK_STATUS(AC_E_FULL, source.failed_with);
    host_close(&host);
  }
}

TEST(senders_are_told_when_a_mailbox_fills_and_when_it_has_drained) {
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    struct host host;
    struct sink sink;
    struct source source = {.pressed = 0};
    struct source watcher = {.pressed = 0};
    host_open(&host, (struct host_options){.mode = mode, .seed = 9});
    ac_mailbox_options mailbox = {.struct_size = sizeof mailbox, .high = 3, .low = 1};
    mailbox.pressure_to = host_spawn(&host, &watcher.cell, on_source);
    const ac_actor to = spawn_sink(&host, &sink, &mailbox);
    source.to = to;
    const ac_actor from = host_spawn(&host, &source.cell, on_source);
    host_tell(&host, from, type_send, 2);
    host_settle(&host);
    CHECK_EQ(0, source.pressed);
    host_tell(&host, from, type_send, 5);
    host_settle(&host);
    CHECK_EQ(2, source.pressed);
    CHECK_EQ(2, watcher.pressed);
    for (unsigned i = 0; i < 2; ++i) {
      CHECK_EQ(i == 0 ? AC_PRESSURE_HIGH : AC_PRESSURE_LOW, source.pressures[i].level);
      CHECK_EQ(to.bits, source.pressures[i].actor.bits);
      CHECK_EQ(i == 0 ? 3 : 0, watcher.pressures[i].length);
    }
    for (uint64_t i = 0; i < 4; ++i) CHECK_OK(tell(&host, to, type_value, i));
    CHECK_OK(ac_actor_stop(host.system, to, 0));
    host_settle(&host);
    CHECK_EQ(4, watcher.pressed);
    CHECK_EQ(AC_PRESSURE_ENDED, watcher.pressures[3].level);
    CHECK_EQ(2, source.pressed);  // those came from outside
    host_close(&host);
  }
}

TEST(messages_take_no_more_memory_than_the_system_may) {
  for (int seeded = 0; seeded < 2; ++seeded) {
    struct host host;
    struct gate gate;
    struct sink sink;
    struct source source = {.asks_failed = 0};
    static const uint8_t block[100000];
    host_open(&host, (struct host_options){.mode = mode_inline,
                                           .workers = 1,
                                           .seed = seeded ? 3 : 0,
                                           .message_bytes_max = 1 << 20});
    if (!seeded) host_enter_gate(&host, &gate);
    const ac_actor to = spawn_sink(&host, &sink, NULL);
    source.to = to;
    const ac_actor from = host_spawn(&host, &source.cell, on_source);
    host_tell(&host, from, type_send, 3);
    for (unsigned i = 0; i < 10; ++i) {
      CHECK_OK(ac_tell(host.system, to, type_bulk, bytes_of(block, sizeof block)));
    }
    CHECK_STATUS(AC_E_OVERLOADED, ac_tell(host.system, to, type_bulk, bytes_of(block, 100000)));
    ac_message reply;
    CHECK_STATUS(AC_E_OVERLOADED,
                 ac_ask(host.system, to, type_bulk, bytes_of(block, 100000), 1, &reply));
    CHECK_OK(ac_tell(host.system, to, type_bulk, bytes_of(block, 40000)));
    uint64_t told = 0;
    while (tell(&host, to, type_value, 1) == AC_OK) CHECK(++told < 20000);
    CHECK_OK(ac_actor_stop(host.system, to, AC_STOP_DRAIN));  // the library's pass
    if (!seeded) sem_post(&gate.leave);
    host_settle(&host);
    CHECK_OK(tell(&host, from, type_send, 0));  // there is memory again
    host_settle(&host);
    host_check_ledger(&host);
    host_close(&host);
  }
}

TEST(what_a_handler_sends_above_the_limit_is_dead_as_limited) {
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    struct host host;
    struct sink sink;
    struct source source = {.asks_failed = 0};
    static const uint8_t block[100000];
    host_open(&host, (struct host_options){.mode = mode, .seed = 3, .message_bytes_max = 1 << 20});
    source.to = spawn_sink(&host, &sink, NULL);
    const ac_actor from = host_spawn(&host, &source.cell, on_source);
    for (unsigned i = 0; i < 10; ++i) {  // in hand while it sends
      CHECK_OK(ac_tell(host.system, from, type_bulk, bytes_of(block, sizeof block)));
    }
    host_tell(&host, from, type_send, 1000);
    host_settle(&host);
    CHECK_EQ(1000, host_check_ledger(&host).dead[AC_DEAD_LIMITED]);
    host_tell(&host, from, type_send, 100);
    host_settle(&host);
    CHECK_EQ(100, sink.count);
    host_close(&host);
  }
}

// -- everything at once --------------------------------------------------------------------------

TEST(the_same_seed_gives_the_same_trace_with_any_mailbox_in_every_mode) {
  static const ac_mailbox_type types[] = {{type_urgent, AC_MAILBOX_TYPE_DISTINCT, 1}};
  uint64_t hashes[mode_count];
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    struct host host;
    struct sink sinks[3];
    struct source sources[3];
    memset(sources, 0, sizeof sources);
    host_open(&host, (struct host_options){.mode = mode, .seed = 1234, .throughput = 3});
    const ac_mailbox_options mailboxes[] = {
        {.struct_size = sizeof *mailboxes, .capacity = 4, .high = 2, .low = 1},
        {.struct_size = sizeof *mailboxes,
         .order = AC_MAILBOX_PRIORITY,
         .overflow = AC_OVERFLOW_DROP_OLDEST,
         .capacity = 6,
         .types = types,
         .types_count = 1,
         .rank_default = 2},
        {.struct_size = sizeof *mailboxes,
         .overflow = AC_OVERFLOW_BLOCK,
         .flags = AC_MAILBOX_FLAG_CONFLATE,
         .capacity = 2,
         .types = types,
         .types_count = 1}};
    for (unsigned i = 0; i < 3; ++i) {
      sources[i].to = spawn_sink(&host, &sinks[i], &mailboxes[i]);
      host_spawn(&host, &sources[i].cell, on_source);
    }
    for (unsigned i = 0; i < 30; ++i) {
      host_tell(&host, sources[i % 3].cell.actor, type_send, i % 7);
      (void)tell(&host, sinks[i % 3].cell.actor, i % 2 ? type_urgent : type_value, i);
      if (i % 5 == 4) host_settle(&host);
    }
    CHECK_OK(ac_system_trace_hash(host.system, &hashes[mode]));
    host_close(&host);
  }
  CHECK_EQ(hashes[0], hashes[1]);
  CHECK_EQ(hashes[0], hashes[2]);
}

static void* run_sender(void* argument) {
  struct teller* teller = argument;
  for (unsigned i = 0; i < sent_each; ++i) {
    const ac_status status = tell(teller->host, teller->to, type_value + i % 3, i % 16);
    CHECK(status == AC_OK || status == AC_E_FULL);
  }
  return NULL;
}

TEST(no_message_is_lost_whoever_sends_and_however_it_overflows) {
  for (uint32_t overflow = AC_OVERFLOW_FAIL; overflow <= AC_OVERFLOW_DEAD_LETTER; ++overflow) {
    struct host host;
    struct sink sink;
    pthread_t threads[senders];
    struct teller tellers[senders];
    host_open(&host, (struct host_options){.mode = overflow % mode_count});
    const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                        .order = overflow % 3,
                                        .overflow = overflow,
                                        .capacity = 8,
                                        .block_ns = AC_TIMEOUT_NEVER,
                                        .rank_from = AC_MAILBOX_FROM_U64};
    const ac_actor to = spawn_sink(&host, &sink, &mailbox);
    for (unsigned i = 0; i < senders; ++i) {
      tellers[i] = (struct teller){&host, to, 0, AC_OK};
      CHECK(pthread_create(&threads[i], NULL, run_sender, &tellers[i]) == 0);
    }
    for (unsigned i = 0; i < senders; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
    host_settle(&host);
    const ac_mailbox_stats stats = stats_of(&host, to);
    const ac_ledger ledger = host_check_ledger(&host);
    CHECK_EQ(0, stats.length);
    CHECK(stats.length_max <= 8);
    CHECK_EQ(0, ledger.queued);
    if (overflow == AC_OVERFLOW_BLOCK) CHECK_EQ(senders * sent_each, ledger.handled);
    if (overflow == AC_OVERFLOW_FAIL) {
      CHECK_EQ(senders * sent_each, ledger.accepted + stats.refused);
    }
    host_close(&host);
  }
}

TEST(the_default_mailbox_says_about_how_much_it_holds) {
  struct host host;
  struct sink sink;
  open_sink(&host, &sink, mode_inline, NULL);
  CHECK_EQ(0, stats_of(&host, sink.cell.actor).length);
  for (uint64_t i = 0; i < 10; ++i) CHECK_OK(tell(&host, sink.cell.actor, type_value, i));
  const ac_mailbox_stats stats = stats_of(&host, sink.cell.actor);
  CHECK_EQ(10, stats.length);
  CHECK_EQ(1, stats.is_estimate);
  host_close(&host);
}

static uint32_t take_nothing(uintptr_t user, ac_message* message) {
  (void)user, (void)message;
  return 0;
}

static ac_message* give_nothing(uintptr_t user) {
  (void)user;
  return NULL;
}

TEST(mailbox_options_that_contradict_themselves_are_refused) {
  static const ac_mailbox_type twice[] = {{1, 0, 0}, {1, 0, 1}};
  static const struct {
    ac_status status;
    ac_mailbox_options options;
  } bad[] = {
      {AC_E_INVALID_ARGUMENT, {.high = 3, .low = 3}},
      {AC_E_INVALID_ARGUMENT, {.capacity = 2, .high = 3}},
      {AC_E_INVALID_ARGUMENT, {.types = twice, .types_count = 2}},
      {AC_E_LIMIT, {.types = twice, .types_count = 4097}},
      {AC_E_NULL, {.types_count = 1}},
      {AC_E_NULL, {.rank_from = AC_MAILBOX_FROM_CALLBACK}},
      {AC_E_NULL, {.key_from = AC_MAILBOX_FROM_CALLBACK}},
      {AC_E_NULL, {.order = AC_MAILBOX_CUSTOM}},
      {AC_E_INVALID_ARGUMENT,
       {.order = AC_MAILBOX_CUSTOM,
        .flags = AC_MAILBOX_FLAG_CONFLATE,
        .push = take_nothing,
        .pop = give_nothing}},
  };
  struct host host;
  struct sink sink;
  host_open(&host, (struct host_options){.mode = mode_inline});
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; ++i) {
    ac_mailbox_options mailbox = bad[i].options;
    mailbox.struct_size = sizeof mailbox;
    ac_spawn_options options = host_spawn_options(&host, &sink.cell, on_sink);
    options.mailbox = &mailbox;
    ac_actor actor;
    CHECK_STATUS(bad[i].status, ac_spawn(host.system, &options, &actor, NULL));
  }
  host_close(&host);
}
