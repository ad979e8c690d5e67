// Limiter, breaker and batcher of a system: its time, its actors, and any order of releases.
#include <string.h>

#include "host.h"

enum { type_put = 1, type_result, type_request, type_answer, type_quit, items_max = 64 };

static const uint64_t second = UINT64_C(1000000000);
static const uint64_t microsecond = 1000;

static ac_batch_item item_of(uint64_t value) {
  ac_batch_item item = {.type = type_result, .length = sizeof value};
  memcpy(item.data, &value, sizeof value);
  return item;
}

static uint64_t value_in(const ac_batch_item* item) {
  uint64_t value;
  memcpy(&value, item->data, sizeof value);
  return value;
}

// Squares what it is given, a batch at a time; odd numbers fail.
struct squarer {
  struct cell cell;  // first
  ac_batcher batcher;
  uint64_t batches, told;
  unsigned deaf;  // messages that it does not react to
  int keeps;      // the first batch, for ever
};

static ac_status square(struct squarer* self) {
  ac_batch_item items[items_max];
  ac_batch_result results[items_max] = {{0}};
  uint64_t count, batch;
  const ac_status status = ac_batcher_take(self->batcher, items, items_max, 0, &count, &batch);
  if (status == AC_E_TIMEOUT) return AC_OK;
  CHECK_OK(status);
  self->batches += 1;
  if (self->keeps && self->batches == 1) return AC_OK;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t value = value_in(&items[i]);
    results[i].value = value * value;
    results[i].status = value % 2 == 0 ? AC_OK : AC_E_HANDLER;
  }
  return ac_batcher_done(self->batcher, batch, AC_OK, results, count);
}

static ac_status on_squarer(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct squarer* self = (struct squarer*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type == type_quit) {
      activation->flags |= AC_ACTIVATION_STOP;
      continue;
    }
    CHECK_EQ(AC_TYPE_BATCH, message->type);
    CHECK_EQ(77, value_of(message));
    self->told += 1;
    if (self->told <= self->deaf) continue;
    const ac_status status = square(self);
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

// Puts numbers in, and remembers the results.
struct producer {
  struct cell cell;  // first
  struct squarer* squarer;
  uint64_t results, sum, failed;
  ac_status last;
};

static ac_status put_some(struct producer* self, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) {
    ac_batch_item item = item_of(i);
    item.reply_to = self->cell.actor;
    item.correlation = i + 1;
    CHECK_OK(ac_batcher_put(self->squarer->batcher, &item, NULL));
  }
  return AC_OK;
}

static ac_status on_producer(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct producer* self = (struct producer*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type == type_put) {
      put_some(self, value_of(message));
      continue;
    }
    CHECK_EQ(type_result, message->type);
    CHECK_EQ((self->results + 1) | AC_CORRELATION_REPLY, message->correlation);
    ac_batch_result result;
    CHECK_EQ(sizeof result, message->length);
    memcpy(&result, ac_message_payload(message), sizeof result);
    self->results += 1;
    self->last = result.status;
    self->failed += result.status == AC_OK ? 0 : 1;
    self->sum += result.value;
  }
  return AC_OK;
}

struct batching {
  struct host host;
  struct squarer squarer;
  struct producer producer;
};

static void open_batching(struct batching* batching, enum mode mode, uint64_t seed,
                          uint32_t capacity) {
  memset(batching, 0, sizeof *batching);
  host_open(&batching->host, (struct host_options){.mode = mode, .seed = seed});
  host_spawn(&batching->host, &batching->squarer.cell, on_squarer);
  host_spawn(&batching->host, &batching->producer.cell, on_producer);
  batching->producer.squarer = &batching->squarer;
  const ac_batcher_options options = {.struct_size = sizeof options,
                                      .size = 16,
                                      .capacity = capacity,
                                      .to = batching->squarer.cell.actor,
                                      .user = 77};
  CHECK_OK(ac_batcher_create(batching->host.system, &options, &batching->squarer.batcher, NULL));
}

static ac_batcher_stats stats_of(const struct batching* batching) {
  ac_batcher_stats stats;
  CHECK_OK(ac_batcher_get_stats(batching->squarer.batcher, &stats));
  return stats;
}

static uint64_t now_of(const struct host* host) {
  uint64_t now;
  CHECK_OK(ac_system_now(host->system, &now));
  return now;
}

TEST(an_actor_gets_batches_and_each_item_has_its_result_in_order) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    for (uint64_t seed = 0; seed < 2; ++seed) {
      struct batching batching;
      open_batching(&batching, mode, seed, 0);
      host_tell(&batching.host, batching.producer.cell.actor, type_put, 100);
      host_settle(&batching.host);
      CHECK_EQ(100, batching.producer.results);
      CHECK_EQ(50, batching.producer.failed);
      CHECK_EQ(328350, batching.producer.sum);
      const ac_batcher_stats stats = stats_of(&batching);
      CHECK_EQ(100, stats.put);
      CHECK_EQ(100, stats.items);
      CHECK_EQ(50, stats.failed);
      CHECK_EQ(0, stats.waiting);
      CHECK_EQ(stats.batches, stats.full + stats.timed_out);
      if (seed != 0) {
        CHECK_EQ(6, stats.full);
        CHECK_EQ(1, stats.timed_out);
        CHECK_EQ(150 * microsecond, now_of(&batching.host));
      }
      ac_batcher_release(batching.squarer.batcher);
      host_check_ledger(&batching.host);
      host_close(&batching.host);
    }
  }
}

static uint64_t trace_of(enum mode mode, uint64_t seed) {
  struct batching batching;
  uint64_t hash;
  open_batching(&batching, mode, seed, 0);
  batching.squarer.deaf = 1;
  host_tell(&batching.host, batching.producer.cell.actor, type_put, 40);
  host_settle(&batching.host);
  CHECK_OK(ac_system_trace_hash(batching.host.system, &hash));
  CHECK_EQ(40, batching.producer.results);
  ac_batcher_release(batching.squarer.batcher);
  host_close(&batching.host);
  return hash;
}

TEST(a_seed_has_one_trace_in_every_mode) {
  const uint64_t hash = trace_of(mode_inline, 5);
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    CHECK_EQ(hash, trace_of(mode, 5));
  }
}

TEST(a_full_ring_refuses_and_the_ticket_tells_the_result) {
  struct batching batching;
  open_batching(&batching, mode_inline, 1, 16);
  uint64_t tickets[16];
  ac_batch_item item = item_of(6);
  for (int i = 0; i < 16; ++i) {
    CHECK_OK(ac_batcher_put(batching.squarer.batcher, &item, &tickets[i]));
  }
  CHECK_STATUS(AC_E_FULL, ac_batcher_put(batching.squarer.batcher, &item, NULL));
  CHECK_EQ(1, stats_of(&batching).refused);
  ac_batch_result result;
  CHECK_STATUS(AC_E_TIMEOUT, ac_batcher_wait(batching.squarer.batcher, tickets[3], 0, &result));
  CHECK_OK(ac_batcher_wait(batching.squarer.batcher, tickets[3], AC_TIMEOUT_NEVER, &result));
  CHECK_EQ(36, result.value);
  CHECK_EQ(tickets[3], result.ticket);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_batcher_wait(batching.squarer.batcher, 17, 0, &result));
  CHECK_OK(ac_batcher_put(batching.squarer.batcher, &item, NULL));
  ac_batcher_release(batching.squarer.batcher);
  host_close(&batching.host);
}

// Forwards a request into the batcher, whose reply is then the answer.
static ac_status on_forwarder(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  const struct producer* self = (struct producer*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    ac_batch_item item = item_of(value_of(message));
    item.type = type_answer;
    item.reply_to = message->sender;
    item.correlation = message->correlation;
    CHECK_OK(ac_batcher_put(self->squarer->batcher, &item, NULL));
  }
  return AC_OK;
}

TEST(a_request_that_goes_through_a_batch_ends_its_ask) {
  for (uint64_t seed = 0; seed < 2; ++seed) {
    struct batching batching;
    open_batching(&batching, mode_inline, seed, 0);
    struct producer forwarder = {.squarer = &batching.squarer};
    const ac_actor actor = host_spawn(&batching.host, &forwarder.cell, on_forwarder);
    const uint64_t value = 12;
    ac_message reply;
    CHECK_OK(ac_ask(batching.host.system, actor, type_request, bytes_of(&value, sizeof value),
                    patience, &reply));
    ac_batch_result result;
    CHECK_EQ(type_answer, reply.type);
    memcpy(&result, ac_message_payload(&reply), sizeof result);
    CHECK_EQ(144, result.value);
    ac_batcher_release(batching.squarer.batcher);
    host_close(&batching.host);
  }
}

TEST(a_batch_that_its_consumer_does_not_take_or_end_comes_again) {
  for (int keeps = 0; keeps < 2; ++keeps) {
    struct batching batching;
    open_batching(&batching, mode_inline, 1, 0);
    batching.squarer.keeps = keeps;
    batching.squarer.deaf = keeps ? 0 : 1;
    host_tell(&batching.host, batching.producer.cell.actor, type_put, 16);
    host_settle(&batching.host);
    CHECK_EQ(16, batching.producer.results);
    CHECK_EQ(8, batching.producer.failed);
    CHECK_EQ(2, batching.squarer.told);
    CHECK_EQ(keeps, stats_of(&batching).lost);
    CHECK_EQ(UINT64_C(10000000), now_of(&batching.host));
    ac_batcher_release(batching.squarer.batcher);
    host_close(&batching.host);
  }
}

TEST(items_end_when_nobody_ever_takes_them) {
  struct batching batching;
  open_batching(&batching, mode_inline, 1, 0);
  batching.squarer.deaf = 1000;
  host_tell(&batching.host, batching.producer.cell.actor, type_put, 20);
  host_settle(&batching.host);
  CHECK_EQ(20, batching.producer.failed);
  CHECK_STATUS(AC_E_TIMEOUT, batching.producer.last);
  CHECK_EQ(20, batching.squarer.told);
  ac_batcher_release(batching.squarer.batcher);
  host_close(&batching.host);
}

TEST(items_of_an_actor_that_has_stopped_end_as_stale_and_no_more_are_taken) {
  struct batching batching;
  open_batching(&batching, mode_inline, 1, 0);
  host_tell(&batching.host, batching.squarer.cell.actor, type_quit, 0);
  host_settle(&batching.host);
  host_tell(&batching.host, batching.producer.cell.actor, type_put, 3);
  host_settle(&batching.host);
  CHECK_EQ(3, batching.producer.failed);
  CHECK_STATUS(AC_E_STALE, batching.producer.last);
  const ac_batch_item item = item_of(1);
  CHECK_STATUS(AC_E_STALE, ac_batcher_put(batching.squarer.batcher, &item, NULL));
  ac_batcher_release(batching.squarer.batcher);
  host_close(&batching.host);
}

TEST(a_stop_drains_what_waits_and_releases_end_it) {
  struct batching batching;
  open_batching(&batching, mode_inline, 1, 0);
  host_tell(&batching.host, batching.producer.cell.actor, type_put, 5);
  host_close(&batching.host);
  CHECK_EQ(5, batching.producer.results);
  const ac_batch_item item = item_of(1);
  CHECK_STATUS(AC_E_STOPPED, ac_batcher_put(batching.squarer.batcher, &item, NULL));
  ac_batcher_release(batching.squarer.batcher);

  open_batching(&batching, mode_inline, 1, 0);
  put_some(&batching.producer, 5);
  ac_batcher_release(batching.squarer.batcher);
  host_settle(&batching.host);
  CHECK_EQ(5, batching.producer.failed);
  CHECK_STATUS(AC_E_STALE, batching.producer.last);
  host_close(&batching.host);
}

static void count_destroyed(uintptr_t user) { *(unsigned*)user += 1; }

TEST(a_long_payload_moves_by_its_buffer_and_is_given_back_when_its_item_ends) {
  struct host host;
  host_open(&host, (struct host_options){.mode = mode_inline, .seed = 1});
  unsigned destroyed = 0;
  ac_batcher batcher;
  const ac_batcher_options options = {.struct_size = sizeof options, .size = 2};
  CHECK_OK(ac_batcher_create(host.system, &options, &batcher, NULL));
  for (int i = 0; i < 2; ++i) {
    ac_buffer buffer;
    uint8_t* bytes;
    CHECK_OK(ac_buffer_create_with(100, count_destroyed, (uintptr_t)&destroyed, &buffer, &bytes));
    memset(bytes, 'x', 100);
    ac_batch_item item = {.length = 101};
    memcpy(item.data, &buffer, sizeof buffer);
    CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_batcher_put(batcher, &item, NULL));
    item.length = 100;
    CHECK_OK(ac_batcher_put(batcher, &item, NULL));
  }
  ac_batch_item items[2];
  uint64_t count, batch;
  CHECK_OK(ac_batcher_take(batcher, items, 2, 0, &count, &batch));
  const char* seen;
  memcpy(&seen, items[1].data + sizeof(ac_buffer), sizeof seen);
  CHECK_EQ('x', seen[99]);
  CHECK_EQ(0, destroyed);
  CHECK_OK(ac_batcher_done(batcher, batch, AC_OK, NULL, 0));
  CHECK_EQ(2, destroyed);
  ac_batcher_release(batcher);
  host_close(&host);
}

struct crew {
  ac_batcher batcher;
  atomic_uint_fast64_t sum;
};

static void* consume(void* argument) {
  struct crew* crew = argument;
  ac_batch_item items[items_max];
  for (;;) {
    uint64_t count, batch;
    const ac_status status =
        ac_batcher_take(crew->batcher, items, items_max, AC_TIMEOUT_NEVER, &count, &batch);
    if (status != AC_OK) return CHECK_STATUS(AC_E_STALE, status), NULL;
    for (uint64_t i = 0; i < count; ++i) atomic_fetch_add(&crew->sum, value_in(&items[i]));
    CHECK_OK(ac_batcher_done(crew->batcher, batch, AC_OK, NULL, 0));
  }
}

static void* produce(void* argument) {
  struct crew* crew = argument;
  for (uint64_t i = 1; i <= 2000; ++i) {
    const ac_batch_item item = item_of(i);
    uint64_t ticket = 0;
    ac_status status;
    while ((status = ac_batcher_put(crew->batcher, &item, &ticket)) == AC_E_FULL) sched_yield();
    CHECK_OK(status);
    if (i % 500 != 0) continue;
    ac_batch_result result;
    CHECK_OK(ac_batcher_wait(crew->batcher, ticket, patience, &result));
  }
  return NULL;
}

TEST(threads_produce_and_consume_without_an_actor) {
  struct host host;
  struct crew crew = {.sum = 0};
  pthread_t producers[2], consumers[2];
  host_open(&host, (struct host_options){.mode = mode_inline});
  const ac_batcher_options options = {
      .struct_size = sizeof options, .size = 16, .capacity = 2048};  // all results are kept
  CHECK_OK(ac_batcher_create(host.system, &options, &crew.batcher, NULL));
  for (int i = 0; i < 2; ++i) {
    CHECK(pthread_create(&consumers[i], NULL, consume, &crew) == 0);
    CHECK(pthread_create(&producers[i], NULL, produce, &crew) == 0);
  }
  for (int i = 0; i < 2; ++i) CHECK(pthread_join(producers[i], NULL) == 0);
  CHECK_EQ(2 * 2001000, crew.sum);
  ac_batcher_release(crew.batcher);
  for (int i = 0; i < 2; ++i) CHECK(pthread_join(consumers[i], NULL) == 0);
  host_close(&host);
}

TEST(in_a_seeded_system_a_thread_waits_in_virtual_time) {
  struct host host;
  ac_batcher batcher;
  ac_batch_item items[items_max];
  uint64_t count, batch;
  host_open(&host, (struct host_options){.mode = mode_inline, .seed = 1});
  CHECK_OK(ac_batcher_create(host.system, NULL, &batcher, NULL));
  CHECK_STATUS(AC_E_TIMEOUT,
               ac_batcher_take(batcher, items, items_max, AC_TIMEOUT_NEVER, &count, &batch));
  CHECK_STATUS(AC_E_TIMEOUT, ac_batcher_take(batcher, items, items_max, second, &count, &batch));
  CHECK_EQ(second, now_of(&host));
  const ac_batch_item item = item_of(1);
  CHECK_OK(ac_batcher_put(batcher, &item, NULL));
  CHECK_OK(ac_batcher_take(batcher, items, items_max, second, &count, &batch));
  CHECK_EQ(second + 150 * microsecond, now_of(&host));
  CHECK_EQ(1, count);
  CHECK_STATUS(AC_E_BUFFER_TOO_SMALL, ac_batcher_take(batcher, items, 31, 0, &count, &batch));
  CHECK_EQ(32, count);
  host_close(&host);
  ac_batcher_release(batcher);
}

TEST(a_limiter_and_a_breaker_live_on_virtual_time_and_outlive_their_system) {
  ac_system system;
  const ac_system_options seeded = {.struct_size = sizeof seeded, .flags = AC_SYSTEM_SEEDED};
  CHECK_OK(ac_system_create(&seeded, &system, NULL));
  const ac_limiter_options rate = {.struct_size = sizeof rate, .keys = 2, .rate = 2};
  const ac_breaker_options few = {.struct_size = sizeof few, .calls_min = 1, .successes = 1};
  ac_limiter limiter;
  ac_breaker breaker;
  ac_permit permit;
  uint64_t wait_ns, count;
  CHECK_OK(ac_limiter_create(system, &rate, &limiter, NULL));
  CHECK_OK(ac_breaker_create(system, &few, &breaker, NULL));
  CHECK_OK(ac_limiter_take(limiter, 0, 2, &wait_ns));
  CHECK_STATUS(AC_E_OVERLOADED, ac_limiter_take(limiter, 0, 1, &wait_ns));
  CHECK_EQ(second / 2, wait_ns);
  CHECK_OK(ac_limiter_take(limiter, 9, 0, NULL));
  CHECK_OK(ac_breaker_enter(breaker, &permit));
  CHECK_OK(ac_breaker_leave(breaker, &permit, AC_OUTCOME_FAILURE));
  CHECK_STATUS(AC_E_OVERLOADED, ac_breaker_enter(breaker, &permit));
  ac_batcher clock;
  ac_batch_item items[32];
  CHECK_OK(ac_batcher_create(system, NULL, &clock, NULL));
  CHECK_STATUS(AC_E_TIMEOUT, ac_batcher_take(clock, items, 32, second, &count, &wait_ns));
  CHECK_OK(ac_limiter_take(limiter, 0, 2, &wait_ns));
  CHECK_OK(ac_breaker_enter(breaker, &permit));
  ac_batcher_release(clock);
  CHECK_OK(ac_system_stop(system, 0, NULL, NULL));
  ac_system_release(system);
  CHECK_OK(ac_breaker_leave(breaker, &permit, AC_OUTCOME_SUCCESS));
  ac_breaker_change changes[8];
  CHECK_OK(ac_breaker_changes(breaker, 1, changes, 8, &count));
  CHECK_EQ(2, count);
  CHECK_EQ(AC_BREAKER_TIME_OVER, changes[0].reason);
  CHECK_EQ(second, changes[0].time_ns);
  CHECK_EQ(AC_BREAKER_RECOVERED, changes[1].reason);
  ac_limiter_stats stats;
  CHECK_OK(ac_limiter_get_stats(limiter, &stats));
  CHECK_EQ(5, stats.taken);
  CHECK_EQ(1, stats.refused);
  ac_breaker_release(breaker);
  ac_limiter_release(limiter);
}
