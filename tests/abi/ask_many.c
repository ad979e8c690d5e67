// Many are asked by one call inside a handler, and each ask ends by itself.
#include <string.h>

#include "host.h"

enum { type_twice = 1, type_silent, type_late, type_reply, type_go };
enum { servers_max = 8, asked_max = 3000, large = 200 };

static const uint64_t second = 1000000000;

struct server {
  struct cell cell;  // first
  uint64_t held;     // the request that it kept
  ac_actor asker;
  unsigned wanted;  // requests that somebody still waited for
};

static ac_status on_server(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct server* self = (struct server*)cell;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    const uint8_t* payload = ac_message_payload(message);
    uint64_t value = 0;
    for (uint32_t k = 0; k < message->length; ++k) value += payload[k];
    self->wanted += ac_ask_is_pending(cell->host->system, message->correlation) == AC_OK;
    if (message->type == type_silent) {
      self->held = message->correlation;
      self->asker = message->sender;
    } else if (message->type == type_late) {
      CHECK_OK(ac_turn_put(turn, cell->actor, self->asker, self->held | AC_CORRELATION_REPLY,
                           type_reply, &value, sizeof value));
    } else {
      value *= 2;
      CHECK_OK(ac_turn_reply(turn, activation, message, type_reply, &value, sizeof value));
    }
  }
  return AC_OK;
}

struct client {
  struct cell cell;  // first
  ac_actor actors[asked_max];
  uint64_t count;
  ac_ask_options options;
  int cancels_the_rest;
  ac_status expected;
  uint64_t correlations[asked_max];
  ac_status ended[asked_max];  // how; AC_E_BUSY: not yet
  uint64_t values[asked_max];
  uint64_t answers;
  uint64_t last;  // who answered last
  int is_ordered;
};

static void ask_all(struct client* self, ac_turn* turn) {
  CHECK_STATUS(self->expected, ac_worker_ask_many(turn->worker, self->cell.actor, self->actors,
                                                  self->count, &self->options, self->correlations));
  for (uint64_t i = 0; i < self->count; ++i) self->ended[i] = AC_E_BUSY;
}

static void take_answer(struct client* self, const ac_message* message) {
  uint64_t who = 0;
  while (who < self->count &&
         (self->correlations[who] | AC_CORRELATION_REPLY) != message->correlation) {
    ++who;
  }
  CHECK(who < self->count);
  CHECK_STATUS(AC_E_BUSY, self->ended[who]);
  if (message->type == AC_TYPE_ASK_FAILED) {
    ac_ask_failed failed;
    memcpy(&failed, message->data, sizeof failed);
    CHECK(failed.to.bits == self->actors[who].bits);
    CHECK_EQ(self->options.type, failed.type);
    self->ended[who] = failed.status;
  } else {
    CHECK(message->sender.bits == self->actors[who].bits);
    self->ended[who] = AC_OK;
    self->values[who] = value_of(message);
  }
  self->is_ordered &= self->answers == 0 || self->last + 1 == who;
  self->last = who;
  self->answers += 1;
  if (!self->cancels_the_rest || self->answers != 1) return;
  for (uint64_t i = 0; i < self->count; ++i) {
    if (i != who) CHECK_OK(ac_ask_cancel(self->cell.host->system, self->correlations[i]));
  }
}

static ac_status on_client(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct client* self = (struct client*)cell;
  for (uint32_t i = 0; i < activation->count; ++i) {
    if (activation->messages[i]->type == type_go) {
      ask_all(self, turn);
    } else {
      take_answer(self, activation->messages[i]);
    }
  }
  return AC_OK;
}

struct asking {
  struct host host;
  struct server servers[servers_max];
  struct client client;
};

static struct asking asking;
static uint8_t payload[large];

static void open_asking(struct host_options options, uint32_t type, uint64_t timeout_ns) {
  memset(&asking, 0, sizeof asking);
  host_open(&asking.host, options);
  struct client* client = &asking.client;
  for (unsigned i = 0; i < servers_max; ++i) {
    client->actors[i] = host_spawn(&asking.host, &asking.servers[i].cell, on_server);
  }
  memset(payload, 3, sizeof payload);
  client->count = servers_max;
  client->is_ordered = 1;
  client->options = (ac_ask_options){.struct_size = sizeof client->options,
                                     .type = type,
                                     .payload = bytes_of(payload, sizeof payload),
                                     .timeout_ns = timeout_ns};
  host_spawn(&asking.host, &client->cell, on_client);
}

static void go(void) {
  host_tell(&asking.host, asking.client.cell.actor, type_go, 0);
  host_settle(&asking.host);
}

static void answer_each(struct host_options options) {
  open_asking(options, type_twice, patience);
  CHECK_OK(ac_actor_stop(asking.host.system, asking.client.actors[3], 0));
  host_settle(&asking.host);
  go();
  CHECK_EQ(servers_max, asking.client.answers);
  for (unsigned i = 0; i < servers_max; ++i) {
    CHECK_STATUS(i == 3 ? AC_E_STALE : AC_OK, asking.client.ended[i]);
    CHECK_EQ(i == 3 ? 0 : 6 * large, asking.client.values[i]);
    CHECK_EQ(i == 3 ? 0 : 1, asking.servers[i].wanted);
  }
  const ac_ledger ledger = host_check_ledger(&asking.host);
  CHECK_EQ(1 + servers_max + servers_max, ledger.accepted);
  host_close(&asking.host);
}

TEST(each_of_many_ends_with_an_answer_or_a_failure_of_its_own) { in_every_mode(answer_each); }

TEST(many_that_keep_silent_end_at_one_deadline_in_the_order_in_which_they_were_asked) {
  uint64_t before, after;
  open_asking((struct host_options){.seed = 9}, type_silent, 5 * second);
  CHECK_OK(ac_system_now(asking.host.system, &before));
  go();
  CHECK_OK(ac_system_now(asking.host.system, &after));
  CHECK_EQ(5 * second, after - before);
  CHECK_EQ(servers_max, asking.client.answers);
  CHECK(asking.client.is_ordered);
  for (unsigned i = 0; i < servers_max; ++i) CHECK_STATUS(AC_E_TIMEOUT, asking.client.ended[i]);
  host_close(&asking.host);
}

TEST(the_first_answer_may_end_the_others_whose_replies_then_come_late) {
  open_asking((struct host_options){.seed = 4}, type_silent, AC_TIMEOUT_NEVER);
  struct host* host = &asking.host;
  asking.client.cancels_the_rest = 1;
  host_tell(host, asking.client.cell.actor, type_go, 0);
  CHECK_STATUS(AC_E_TIMEOUT, ac_system_settle(host->system, 1000));
  host_tell(host, asking.client.actors[5], type_late, 0);
  host_settle(host);
  CHECK_EQ(1, asking.client.answers);
  CHECK_OK(asking.client.ended[5]);
  for (unsigned i = 0; i < servers_max; ++i) {
    if (i != 5) host_tell(host, asking.client.actors[i], type_late, 0);
  }
  host_settle(host);
  CHECK_EQ(1, asking.client.answers);
  CHECK_EQ(servers_max - 1, host_check_ledger(host).dead[AC_DEAD_LATE_REPLY]);
  host_close(host);
}

static void ask_more_than_an_outbox_holds(struct host_options options) {
  open_asking(options, type_twice, patience);
  asking.client.count = asked_max;
  for (unsigned i = servers_max; i < asked_max; ++i) {
    asking.client.actors[i] = asking.client.actors[i % servers_max];
  }
  go();
  CHECK_EQ(asked_max, asking.client.answers);
  for (unsigned i = 0; i < asked_max; ++i) CHECK_OK(asking.client.ended[i]);
  host_check_ledger(&asking.host);
  host_close(&asking.host);
}

TEST(more_are_asked_than_an_outbox_holds) { in_every_mode(ask_more_than_an_outbox_holds); }

// What is refused leaves nothing behind: no message, and no work under way.
static void refuse(ac_status expected) {
  const uint64_t before = host_ledger(&asking.host).accepted;
  asking.client.expected = expected;
  go();
  CHECK_EQ(before + 1, host_check_ledger(&asking.host).accepted);
  CHECK_EQ(0, asking.client.answers);
}

TEST(a_request_of_many_that_is_refused_is_sent_to_none) {
  open_asking((struct host_options){.seed = 1, .message_bytes_max = UINT64_C(1) << 20}, type_twice,
              patience);
  struct client* client = &asking.client;
  const ac_ask_options good = client->options;
  const ac_actor fifth = client->actors[5];
  client->actors[5].bits = 0;
  refuse(AC_E_NO_HANDLE);
  client->actors[5] = fifth;
  client->options.type = AC_TYPE_STOP;
  refuse(AC_E_INVALID_ARGUMENT);
  client->options = good;
  client->options.payload.data = NULL;
  refuse(AC_E_NULL);
  client->options.payload = bytes_of(payload, UINT64_MAX);
  refuse(AC_E_LIMIT);
  client->options = good;
  client->options.span.bits = 1;
  refuse(AC_E_STALE);
  client->options = good;
  client->options.payload.size = 200000;  // what all of them hold is more than there may be
  refuse(AC_E_OVERLOADED);
  client->options = good;
  client->count = 0;
  refuse(AC_OK);
  host_close(&asking.host);
}

TEST(many_are_asked_by_a_turns_worker_only) {
  open_asking((struct host_options){.seed = 1}, type_twice, patience);
  struct host* host = &asking.host;
  struct client* client = &asking.client;
  ac_dispatcher dispatcher;
  ac_worker worker;
  const ac_dispatcher_options attached = {.struct_size = sizeof attached,
                                          .mode = AC_DISPATCHER_ATTACHED};
  CHECK_OK(ac_dispatcher_create(host->system, &attached, &dispatcher, NULL));
  CHECK_OK(ac_worker_attach(dispatcher, 0, &worker, NULL));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT,
               ac_worker_ask_many(worker, client->cell.actor, client->actors, client->count,
                                  &client->options, client->correlations));
  ac_worker_release(worker);
  host_close(host);
}
