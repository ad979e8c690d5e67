// An ask ends exactly once, with the reply or with a reason.
#include <string.h>

#include "host.h"

enum {
  type_double = 1,  // replies twice the value
  type_silent,      // keeps the request for later
  type_fail,
  type_quit,
  type_late,   // now answers the request that it kept
  type_twice,  // replies two times
  type_ask,    // asks the server with the type that the value says
  type_reply,
};

static const uint64_t brief = 20000000;

struct server {
  struct cell cell;  // first
  ac_actor asker;    // of the request that it kept
  uint64_t correlation;
};

static ac_status answer_late(struct server* self, ac_turn* turn, ac_activation* activation) {
  const uint64_t value = 1;
  return ac_turn_put(turn, activation->actor, self->asker, self->correlation | AC_CORRELATION_REPLY,
                     type_reply, &value, sizeof value);
}

static ac_status serve(struct server* self, ac_turn* turn, ac_activation* activation,
                       const ac_message* message) {
  const uint64_t twice = message->length == 8 ? 2 * value_of(message) : 0;
  switch (message->type) {
    case type_twice:
      CHECK_OK(ac_turn_reply(turn, activation, message, type_reply, &twice, sizeof twice));
      return ac_turn_reply(turn, activation, message, type_reply, &twice, sizeof twice);
    case type_double:
      return ac_turn_reply(turn, activation, message, type_reply, &twice, sizeof twice);
    case type_silent:
      CHECK(message->correlation != 0 && (message->correlation & AC_CORRELATION_REPLY) == 0);
      self->asker = message->sender;
      self->correlation = message->correlation;
      return AC_OK;
    case type_late:
      return answer_late(self, turn, activation);
    case type_quit:
      activation->flags |= AC_ACTIVATION_STOP;
      return AC_OK;
    default:
      return AC_E_HANDLER;
  }
}

static ac_status on_server(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  for (uint32_t i = 0; i < activation->count; ++i) {
    activation->handled = i;
    const ac_status status = serve((struct server*)cell, turn, activation, activation->messages[i]);
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

struct asking {
  struct host host;
  struct server server;
};

static void open_asking(struct asking* asking, enum mode mode, uint64_t seed) {
  memset(asking, 0, sizeof *asking);
  const struct host_options options = {.mode = mode, .seed = seed};
  host_open(&asking->host, options);
  host_spawn(&asking->host, &asking->server.cell, on_server);
}

static ac_status ask(struct asking* asking, uint32_t type, uint64_t value, uint64_t timeout_ns) {
  ac_message reply;
  return ac_ask(asking->host.system, asking->server.cell.actor, type,
                bytes_of(&value, sizeof value), timeout_ns, &reply);
}

TEST(an_ask_from_outside_gets_its_reply) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    for (uint64_t seed = 0; seed < 2; ++seed) {
      struct asking asking;
      open_asking(&asking, mode, seed);
      for (uint64_t i = 0; i < 100; ++i) {
        CHECK_EQ(2 * i, host_ask(&asking.host, asking.server.cell.actor, type_double, i));
      }
      host_settle(&asking.host);
      const ac_ledger ledger = host_check_ledger(&asking.host);
      CHECK_EQ(200, ledger.accepted);
      CHECK_EQ(200, ledger.handled);
      host_close(&asking.host);
    }
  }
}

TEST(an_ask_without_an_answer_times_out_and_a_late_reply_is_a_dead_letter) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct asking asking;
    open_asking(&asking, mode, 0);
    CHECK_STATUS(AC_E_TIMEOUT, ask(&asking, type_silent, 0, brief));
    host_tell(&asking.host, asking.server.cell.actor, type_late, 0);
    host_settle(&asking.host);
    const ac_ledger ledger = host_check_ledger(&asking.host);
    CHECK_EQ(1, ledger.dead[AC_DEAD_LATE_REPLY]);
    CHECK_EQ(2, ledger.handled);
    host_close(&asking.host);
  }
}

TEST(only_the_first_of_two_replies_counts) {
  struct asking asking;
  open_asking(&asking, mode_inline, 0);
  CHECK_EQ(6, host_ask(&asking.host, asking.server.cell.actor, type_twice, 3));
  host_settle(&asking.host);
  CHECK_EQ(1, host_check_ledger(&asking.host).dead[AC_DEAD_LATE_REPLY]);
  host_close(&asking.host);
}

TEST(an_ask_of_a_failing_handler_fails_at_once) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct asking asking;
    open_asking(&asking, mode, 0);
    CHECK_STATUS(AC_E_FAILED, ask(&asking, type_fail, 0, AC_TIMEOUT_NEVER));
    CHECK_STATUS(AC_E_STALE, ask(&asking, type_double, 0, AC_TIMEOUT_NEVER));
    host_settle(&asking.host);
    host_check_ledger(&asking.host);
    host_close(&asking.host);
  }
}

TEST(an_ask_of_an_actor_that_stops_without_a_reply_ends_at_once) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct asking asking;
    open_asking(&asking, mode, 0);
    CHECK_STATUS(AC_E_NO_REPLY, ask(&asking, type_quit, 0, AC_TIMEOUT_NEVER));
    host_close(&asking.host);
  }
}

struct outside {
  pthread_t thread;
  struct asking* asking;
  uint32_t type;
  ac_status status;
};

static void* ask_outside(void* argument) {
  struct outside* outside = argument;
  outside->status = ask(outside->asking, outside->type, 0, AC_TIMEOUT_NEVER);
  return NULL;
}

static void until_handled(struct host* host, uint64_t count) {
  while (host_ledger(host).handled < count) sched_yield();
}

TEST(an_ask_ends_when_the_asked_actor_is_stopped_while_it_keeps_the_request) {
  struct asking asking;
  open_asking(&asking, mode_inline, 0);
  struct outside outside = {.asking = &asking, .type = type_silent};
  CHECK(pthread_create(&outside.thread, NULL, ask_outside, &outside) == 0);
  until_handled(&asking.host, 1);
  CHECK_OK(ac_actor_stop(asking.host.system, asking.server.cell.actor, 0));
  CHECK(pthread_join(outside.thread, NULL) == 0);
  CHECK_STATUS(AC_E_NO_REPLY, outside.status);
  host_close(&asking.host);
}

TEST(an_ask_ends_when_the_system_stops) {
  struct asking asking;
  open_asking(&asking, mode_inline, 0);
  struct outside outside = {.asking = &asking, .type = type_silent};
  CHECK(pthread_create(&outside.thread, NULL, ask_outside, &outside) == 0);
  until_handled(&asking.host, 1);
  host_close_at_once(&asking.host);
  CHECK(pthread_join(outside.thread, NULL) == 0);
  CHECK(outside.status == AC_E_STOPPED || outside.status == AC_E_NO_REPLY);
}

// Asks inside a handler, and remembers how it ended.
struct client {
  struct cell cell;  // first
  struct server* server;
  uint64_t timeout_ns;
  uint64_t correlation;
  unsigned answers;
  uint32_t answer_type;
  uint64_t answer_value;
  struct ac_ask_failed failed;
};

static ac_status on_client(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct client* self = (struct client*)cell;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type == type_ask) {
      const uint64_t value = 21;
      CHECK_OK(ac_worker_ask(turn->worker, activation->actor, self->server->cell.actor,
                             (uint32_t)value_of(message), bytes_of(&value, sizeof value),
                             self->timeout_ns, &self->correlation));
      continue;
    }
    CHECK_EQ(self->correlation | AC_CORRELATION_REPLY, message->correlation);
    self->answers += 1;
    self->answer_type = message->type;
    if (message->type == AC_TYPE_ASK_FAILED) {
      CHECK_EQ(sizeof self->failed, message->length);
      memcpy(&self->failed, ac_message_payload(message), sizeof self->failed);
    } else {
      self->answer_value = value_of(message);
    }
  }
  return AC_OK;
}

// One ask inside a handler, to the end; the ledger must hold.
static struct client ask_inside(enum mode mode, uint64_t seed, uint32_t type, uint64_t timeout_ns,
                                uint32_t then) {
  struct asking asking;
  struct client client = {.server = &asking.server, .timeout_ns = timeout_ns};
  open_asking(&asking, mode, seed);
  const ac_actor actor = host_spawn(&asking.host, &client.cell, on_client);
  host_tell(&asking.host, actor, type_ask, type);
  host_settle(&asking.host);
  if (then != 0) host_tell(&asking.host, asking.server.cell.actor, then, 0);
  host_settle(&asking.host);
  host_check_ledger(&asking.host);
  if (then == type_late) {
    CHECK_EQ(1, host_ledger(&asking.host).dead[AC_DEAD_LATE_REPLY]);
  }
  if (client.answer_type == AC_TYPE_ASK_FAILED) {
    CHECK_EQ(asking.server.cell.actor.bits, client.failed.to.bits);
    CHECK_EQ(type, client.failed.type);
  }
  CHECK_EQ(1, client.answers);
  host_close(&asking.host);
  CHECK_EQ(1, client.answers);
  return client;
}

TEST(an_ask_inside_a_handler_is_answered_by_a_message) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    for (uint64_t seed = 0; seed < 2; ++seed) {
      const struct client client = ask_inside(mode, seed, type_double, patience, 0);
      CHECK_EQ(type_reply, client.answer_type);
      CHECK_EQ(42, client.answer_value);
    }
  }
}

TEST(an_ask_inside_a_handler_times_out_and_its_late_reply_is_a_dead_letter) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    for (uint64_t seed = 0; seed < 2; ++seed) {
      const struct client client = ask_inside(mode, seed, type_silent, brief, type_late);
      CHECK_STATUS(AC_E_TIMEOUT, client.failed.status);
    }
  }
}

TEST(an_ask_inside_a_handler_of_one_that_fails_ends_as_failed) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    CHECK_STATUS(AC_E_FAILED, ask_inside(mode, 0, type_fail, AC_TIMEOUT_NEVER, 0).failed.status);
  }
}

TEST(an_ask_inside_a_handler_of_one_that_stops_ends_as_no_reply) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    CHECK_STATUS(AC_E_NO_REPLY, ask_inside(mode, 0, type_quit, AC_TIMEOUT_NEVER, 0).failed.status);
  }
}

TEST(an_ask_inside_a_handler_of_a_dead_actor_ends_as_stale) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct asking asking;
    struct client client = {.server = &asking.server, .timeout_ns = AC_TIMEOUT_NEVER};
    open_asking(&asking, mode, 0);
    CHECK_OK(ac_actor_stop(asking.host.system, asking.server.cell.actor, 0));
    host_settle(&asking.host);
    host_tell(&asking.host, host_spawn(&asking.host, &client.cell, on_client), type_ask,
              type_double);
    host_settle(&asking.host);
    CHECK_EQ(1, client.answers);
    CHECK_STATUS(AC_E_STALE, client.failed.status);
    host_check_ledger(&asking.host);
    host_close(&asking.host);
  }
}

TEST(an_asker_that_stops_leaves_its_reply_as_a_dead_letter) {
  struct asking asking;
  struct client client = {.server = &asking.server, .timeout_ns = patience};
  open_asking(&asking, mode_inline, 0);
  const ac_actor actor = host_spawn(&asking.host, &client.cell, on_client);
  host_tell(&asking.host, actor, type_ask, type_silent);
  until_handled(&asking.host, 2);
  CHECK_OK(ac_actor_stop(asking.host.system, actor, 0));
  host_tell(&asking.host, asking.server.cell.actor, type_late, 0);
  host_settle(&asking.host);
  CHECK_EQ(0, client.answers);
  host_check_ledger(&asking.host);
  host_close(&asking.host);
}

TEST(an_ask_that_times_out_in_a_seeded_system_takes_no_time) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct asking asking;
    uint64_t before, after;
    const uint64_t year = UINT64_C(31536000000000000);
    open_asking(&asking, mode, 7);
    CHECK_OK(ac_system_now(asking.host.system, &before));
    CHECK_STATUS(AC_E_TIMEOUT, ask(&asking, type_silent, 0, year));
    CHECK_OK(ac_system_now(asking.host.system, &after));
    CHECK_EQ(year, after - before);
    host_close(&asking.host);
  }
}

TEST(an_ask_checks_its_arguments) {
  struct asking asking;
  ac_message reply;
  const ac_bytes none = {0};
  const ac_actor nobody = {0};
  open_asking(&asking, mode_inline, 0);
  const ac_system system = asking.host.system;
  const ac_actor actor = asking.server.cell.actor;
  CHECK_STATUS(AC_E_NO_HANDLE, ac_ask(system, nobody, 1, none, 0, &reply));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_ask(system, actor, AC_TYPE_STOP, none, 0, &reply));
  CHECK_STATUS(AC_E_NULL, ac_ask(system, actor, 1, none, 0, NULL));
  CHECK_STATUS(AC_E_LIMIT, ac_ask(system, actor, 1, bytes_of("", UINT64_MAX), 0, &reply));
  CHECK_EQ(0, host_check_ledger(&asking.host).accepted);
  host_close(&asking.host);
}

TEST(a_cancelled_ask_ends_without_a_word_and_who_holds_it_can_see_that) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    for (uint64_t seed = 0; seed < 2; ++seed) {
      struct asking asking;
      struct client client = {.server = &asking.server, .timeout_ns = AC_TIMEOUT_NEVER};
      open_asking(&asking, mode, seed);
      const ac_system system = asking.host.system;
      host_tell(&asking.host, host_spawn(&asking.host, &client.cell, on_client), type_ask,
                type_silent);
      if (seed == 0) until_handled(&asking.host, 2);
      CHECK_STATUS(AC_E_TIMEOUT, ac_system_settle(system, brief));
      CHECK_EQ(2, host_ledger(&asking.host).handled);
      CHECK_OK(ac_ask_is_pending(system, client.correlation));
      CHECK_OK(ac_ask_cancel(system, client.correlation));
      CHECK_STATUS(AC_E_NOT_FOUND, ac_ask_is_pending(system, client.correlation));
      CHECK_STATUS(AC_E_NOT_FOUND, ac_ask_cancel(system, client.correlation));
      host_settle(&asking.host);
      host_tell(&asking.host, asking.server.cell.actor, type_late, 0);
      host_settle(&asking.host);
      CHECK_EQ(0, client.answers);
      CHECK_EQ(1, host_check_ledger(&asking.host).dead[AC_DEAD_LATE_REPLY]);
      host_close(&asking.host);
    }
  }
}

TEST(many_are_asked_at_once_and_each_answers_for_itself) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    for (uint64_t seed = 0; seed < 2; ++seed) {
      struct asking asking;
      struct server more[3] = {0};
      open_asking(&asking, mode, seed);
      ac_actor actors[5] = {asking.server.cell.actor};
      for (unsigned i = 0; i < 3; ++i) {
        actors[i + 1] = host_spawn(&asking.host, &more[i].cell, on_server);
      }
      CHECK_OK(ac_actor_stop(asking.host.system, actors[3], 0));
      host_settle(&asking.host);
      const uint64_t value = 21;
      const ac_bytes payload = bytes_of(&value, sizeof value);
      ac_message replies[5];
      ac_status statuses[5];
      uint64_t answered;
      CHECK_OK(ac_ask_many(asking.host.system, actors, 5, type_double, payload, patience, replies,
                           statuses, &answered));
      CHECK_EQ(3, answered);
      for (unsigned i = 0; i < 3; ++i) {
        CHECK_OK(statuses[i]);
        CHECK_EQ(42, value_of(&replies[i]));
        CHECK_EQ(actors[i].bits, replies[i].sender.bits);
      }
      CHECK_STATUS(AC_E_STALE, statuses[3]);
      CHECK_STATUS(AC_E_NO_HANDLE, statuses[4]);
      CHECK_OK(ac_ask_many(asking.host.system, actors, 3, type_silent, payload, brief, replies,
                           statuses, &answered));
      CHECK_EQ(0, answered);
      for (unsigned i = 0; i < 3; ++i) CHECK_STATUS(AC_E_TIMEOUT, statuses[i]);
      host_close(&asking.host);
    }
  }
}
