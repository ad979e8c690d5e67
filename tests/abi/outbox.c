// Sending: full outboxes, flushes, and what becomes of malformed entries and dead receivers.
#include <string.h>

#include "host.h"

enum { type_go = 1, type_count, many = 10000 };

// Checks that what it gets is 0, 1, 2, ...
struct sink {
  struct cell cell;  // first
  uint64_t next;
  sem_t got_one;
};

static ac_status on_count(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct sink* sink = (struct sink*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    CHECK_EQ(sink->next, value_of(activation->messages[i]));
    sink->next += 1;
    sem_post(&sink->got_one);
  }
  return AC_OK;
}

struct source {
  struct cell cell;  // first
  struct sink* sink;
  ac_actor dead;
};

static ac_status send_many(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  const ac_actor to = ((struct source*)cell)->sink->cell.actor;
  for (uint64_t i = 0; i < many; ++i) {
    CHECK_OK(send_value(turn, activation, to, type_count, i));
  }
  CHECK(turn->outbox_count <= turn->outbox_capacity);
  return AC_OK;
}

struct pair {
  struct host host;
  struct sink sink;
  struct source source;
};

static void open_pair(struct pair* pair, enum mode mode, uint64_t seed, handler source) {
  memset(pair, 0, sizeof *pair);
  const struct host_options options = {.mode = mode, .seed = seed};
  host_open(&pair->host, options);
  sem_init(&pair->sink.got_one, 0, 0);
  host_spawn(&pair->host, &pair->sink.cell, on_count);
  pair->source.sink = &pair->sink;
  host_spawn(&pair->host, &pair->source.cell, source);
}

TEST(a_handler_sends_more_than_its_outbox_holds_and_all_arrives_in_order) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    for (uint64_t seed = 0; seed < 2; ++seed) {
      struct pair pair;
      open_pair(&pair, mode, seed, send_many);
      host_tell(&pair.host, pair.source.cell.actor, type_go, 0);
      host_settle(&pair.host);
      CHECK_EQ(many, pair.sink.next);
      CHECK_EQ(many + 1, host_check_ledger(&pair.host).handled);
      host_close(&pair.host);
    }
  }
}

// The receiver must get it while the sender's handler is still inside.
static ac_status flush_and_wait(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct sink* sink = ((struct source*)cell)->sink;
  CHECK_OK(send_value(turn, activation, sink->cell.actor, type_count, 0));
  CHECK_EQ(1, turn->outbox_count);
  CHECK_OK(ac_worker_flush(turn->worker));
  CHECK_EQ(0, turn->outbox_count);
  await(&sink->got_one);
  return AC_OK;
}

TEST(a_flush_sends_before_the_handler_returns) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct pair pair;
    open_pair(&pair, mode, 0, flush_and_wait);
    host_tell(&pair.host, pair.source.cell.actor, type_go, 0);
    host_settle(&pair.host);
    CHECK_EQ(1, pair.sink.next);
    host_close(&pair.host);
  }
}

static ac_status flush_twice(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  const ac_actor to = ((struct source*)cell)->sink->cell.actor;
  CHECK_OK(ac_worker_flush(turn->worker));
  CHECK_OK(send_value(turn, activation, to, type_count, 0));
  CHECK_OK(ac_worker_flush(turn->worker));
  CHECK_OK(ac_worker_flush(turn->worker));
  CHECK_EQ(0, ((struct source*)cell)->sink->next);  // set aside until this ends
  CHECK_OK(send_value(turn, activation, to, type_count, 1));
  return AC_OK;
}

TEST(in_a_seeded_system_a_flush_waits_for_the_handlers_end) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct pair pair;
    open_pair(&pair, mode, 3, flush_twice);
    host_tell(&pair.host, pair.source.cell.actor, type_go, 0);
    host_settle(&pair.host);
    CHECK_EQ(2, pair.sink.next);
    host_close(&pair.host);
  }
}

static ac_message* add(ac_turn* turn, ac_actor to) {
  ac_message* message = turn->outbox[turn->outbox_count++];
  memset(message, 0, sizeof *message);
  message->to = to;
  message->type = type_count;
  return message;
}

// What a binding with a bug, or a program that writes envelopes by hand, could leave in an outbox.
static ac_status send_rubbish(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct source* self = (struct source*)cell;
  const ac_actor to = self->sink->cell.actor, none = {0};
  const ac_actor invented = {UINT64_C(0xfffffffffffffff)};
  const uint64_t no_buffer = 0, bad_buffer = UINT64_C(0x123456789abcdef);
  ac_message* message;
  add(turn, to)->type = AC_TYPE_FAILED;
  add(turn, to)->type = UINT32_C(0x80001234);
  message = add(turn, to);
  message->length = (uint32_t)AC_PAYLOAD_BYTES_MAX + 1;
  message = add(turn, to);
  message->length = 33;
  memcpy(message->data, &no_buffer, sizeof no_buffer);
  message = add(turn, to);
  message->length = 100;
  memcpy(message->data, &bad_buffer, sizeof bad_buffer);
  add(turn, none);
  add(turn, invented);
  add(turn, self->dead);
  return send_value(turn, activation, to, type_count, 0);
}

TEST(rubbish_in_an_outbox_is_dead_lettered_and_harms_nothing) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct pair pair;
    struct sink dead = {.next = 0};
    open_pair(&pair, mode, 0, send_rubbish);
    pair.source.dead = host_spawn(&pair.host, &dead.cell, on_count);
    CHECK_OK(ac_actor_stop(pair.host.system, pair.source.dead, 0));
    host_settle(&pair.host);
    const ac_ledger before = host_check_ledger(&pair.host);
    host_tell(&pair.host, pair.source.cell.actor, type_go, 0);
    host_settle(&pair.host);
    CHECK_EQ(1, pair.sink.next);
    const ac_ledger after = host_check_ledger(&pair.host);
    CHECK_EQ(10, after.accepted - before.accepted);
    CHECK_EQ(5, after.dead[AC_DEAD_REFUSED] - before.dead[AC_DEAD_REFUSED]);
    CHECK_EQ(3, after.dead[AC_DEAD_STALE] - before.dead[AC_DEAD_STALE]);
    CHECK_EQ(2, after.handled - before.handled);
    host_close(&pair.host);
  }
}

// A buffer that is smaller than the length says: refused, and the reference taken.
static ac_status send_short_buffer(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)activation;
  ac_buffer buffer;
  uint8_t* bytes;
  CHECK_OK(ac_buffer_create(40, &buffer, &bytes));
  ac_message* message = add(turn, ((struct source*)cell)->sink->cell.actor);
  message->length = 41;
  memcpy(message->data, &buffer, sizeof buffer);
  return AC_OK;
}

TEST(a_buffer_shorter_than_its_message_is_refused) {
  struct pair pair;
  open_pair(&pair, mode_inline, 0, send_short_buffer);
  host_tell(&pair.host, pair.source.cell.actor, type_go, 0);
  host_settle(&pair.host);
  CHECK_EQ(1, host_check_ledger(&pair.host).dead[AC_DEAD_REFUSED]);
  CHECK_EQ(0, pair.sink.next);
  host_close(&pair.host);
}

static ac_status overfill(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)cell;
  (void)activation;
  turn->outbox_count = turn->outbox_capacity + 1000;
  return AC_OK;
}

TEST(an_outbox_count_beyond_its_capacity_crashes_nothing) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct pair pair;
    open_pair(&pair, mode, 0, overfill);
    host_tell(&pair.host, pair.source.cell.actor, type_go, 0);
    host_settle(&pair.host);
    host_check_ledger(&pair.host);
    host_close(&pair.host);
  }
}

TEST(a_message_from_outside_to_a_dead_actor_is_refused_and_counted_nowhere) {
  struct pair pair;
  open_pair(&pair, mode_inline, 0, send_many);
  const ac_actor actor = pair.source.cell.actor;
  CHECK_OK(ac_actor_stop(pair.host.system, actor, 0));
  host_settle(&pair.host);
  const ac_ledger before = host_check_ledger(&pair.host);
  const ac_bytes none = {0};
  CHECK_STATUS(AC_E_STALE, ac_tell(pair.host.system, actor, type_go, none));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT,
               ac_tell(pair.host.system, pair.sink.cell.actor, AC_TYPE_STARTED, none));
  CHECK_STATUS(AC_E_NULL, ac_tell(pair.host.system, pair.sink.cell.actor, 1, bytes_of(NULL, 4)));
  CHECK_STATUS(AC_E_LIMIT,
               ac_tell(pair.host.system, pair.sink.cell.actor, 1, bytes_of("", UINT64_MAX)));
  const ac_ledger after = host_check_ledger(&pair.host);
  CHECK_EQ(before.accepted, after.accepted);
  host_close(&pair.host);
}

TEST(telling_many_keeps_order_and_answers_for_each) {
  struct pair pair;
  open_pair(&pair, mode_inline, 0, send_many);
  ac_message messages[100];
  ac_status statuses[100];
  uint64_t accepted;
  memset(messages, 0, sizeof messages);
  for (uint64_t i = 0; i < 100; ++i) {
    messages[i].to = pair.sink.cell.actor;
    messages[i].type = type_count;
    messages[i].length = sizeof i;
    const uint64_t value = i < 50 ? i : i - 1;
    memcpy(messages[i].data, &value, sizeof value);
  }
  messages[50].to.bits = 0;
  CHECK_OK(ac_tell_many(pair.host.system, messages, 100, statuses, &accepted));
  CHECK_EQ(99, accepted);
  for (unsigned i = 0; i < 100; ++i) CHECK_EQ(i == 50 ? AC_E_NO_HANDLE : AC_OK, statuses[i]);
  host_settle(&pair.host);
  CHECK_EQ(99, pair.sink.next);
  host_close(&pair.host);
}
