// A message carries the span of a trace wherever it goes, and an ask keeps it for its request.
#include <string.h>

#include "snapshots.h"
#include "spans.h"

enum {
  type_note = 1,  // look at the span, and nothing else
  type_forward,   // to `next`, as it is
  type_stash,     // until type_open
  type_open,
  type_reply,  // to the sender
  type_word,   // the span's bits are the payload
  type_ask,    // asks `next` with the span
};

enum { seen_max = 16 };

struct witness {
  struct cell cell;  // first
  ac_actor next;
  int is_open;
  uint32_t ask;  // what it asks with
  ac_span span;  // what it asks for
  unsigned count;
  ac_trace seen[seen_max];
  ac_status without;  // of the last message that carried none
  unsigned carried_none;
};

static void look(struct witness* self, const ac_message* message) {
  ac_span span;
  const ac_status status = ac_message_span(self->cell.host->system, message, &span);
  if (status != AC_OK) {
    self->without = status;
    self->carried_none += 1;
    return;
  }
  CHECK(self->count < seen_max);
  self->seen[self->count++] = trace_of(self->cell.host, span);
}

static ac_span span_in(const void* payload) {
  ac_span span;
  memcpy(&span, payload, sizeof span);
  return span;
}

static ac_status ask_next(struct witness* self, ac_turn* turn) {
  const ac_ask_options options = {
      .struct_size = sizeof options, .type = self->ask, .timeout_ns = patience, .span = self->span};
  uint64_t correlation;
  return ac_worker_ask_many(turn->worker, self->cell.actor, &self->next, 1, &options, &correlation);
}

static ac_status witness_one(struct witness* self, ac_turn* turn, ac_activation* activation,
                             uint32_t index) {
  const ac_message* message = activation->messages[index];
  const uint32_t at = (uint32_t)(activation - turn->activations);
  switch (message->type) {
    case type_stash:
      if (!self->is_open) return ac_worker_stash(turn->worker, at, index);
      break;
    case type_open:
      self->is_open = 1;
      return ac_worker_unstash(turn->worker, at, UINT64_MAX);
    case type_ask:
      return ask_next(self, turn);
    case AC_TYPE_RESOLVED: {
      ac_resolved resolved;
      memcpy(&resolved, ac_message_payload(message), sizeof resolved);
      ac_snapshot_release(resolved.snapshot);
      break;
    }
    case AC_TYPE_WORK:
    case type_word: {
      const void* payload = message->type == type_word ? ac_message_payload(message)
                                                       : ac_work_data(ac_work_of(message)).data;
      CHECK(self->count < seen_max);
      self->seen[self->count++] = trace_of(self->cell.host, span_in(payload));
      ac_span none;
      CHECK_STATUS(AC_E_NOT_FOUND, ac_message_span(self->cell.host->system, message, &none));
      if (message->type == type_word) return AC_OK;
      return ac_queue_ack(ac_work_of(message)->queue, message->correlation);
    }
    default:
      break;
  }
  look(self, message);
  if (message->type == type_forward) {
    return ac_turn_put(turn, message->sender, self->next, message->correlation, type_reply, NULL,
                       0);
  }
  if (message->type != type_reply) return AC_OK;
  return ac_turn_reply(turn, activation, message, type_note, NULL, 0);
}

static ac_status on_witness(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  for (uint32_t i = 0; i < activation->count; ++i) {
    activation->handled = i;
    CHECK_OK(witness_one((struct witness*)cell, turn, activation, i));
  }
  return AC_OK;
}

static void send_with(struct host* host, ac_actor sender, ac_actor to, uint32_t type,
                      ac_span span) {
  const ac_message message = {.to = to, .sender = sender, .correlation = span.bits, .type = type};
  ac_status status;
  CHECK_OK(ac_tell_many(host->system, &message, 1, &status, NULL));
  CHECK_OK(status);
}

// -- messages -----------------------------------------------------------------------------------

// From outside, through a stash, forwarded to a router that has it copied for two mailboxes, one
// of them by priority, and back in their replies.
static void carry(struct host_options options) {
  struct host host;
  struct witness first = {.is_open = 0}, asker = {.is_open = 1}, routees[2];
  ac_router router;
  ac_actor actors[2];
  memset(routees, 0, sizeof routees);
  host_open(&host, options);
  const ac_mailbox_options by_priority = {
      .struct_size = sizeof by_priority, .order = AC_MAILBOX_PRIORITY, .rank_default = 5};
  const ac_spawn_options with = {.mailbox = &by_priority};
  actors[0] = host_spawn_with(&host, &routees[0].cell, on_witness, with);
  actors[1] = host_spawn(&host, &routees[1].cell, on_witness);
  const ac_router_options all = {.struct_size = sizeof all,
                                 .logic = AC_ROUTE_BROADCAST,
                                 .routees = actors,
                                 .routees_count = 2};
  CHECK_OK(ac_router_create(host.system, &all, &router, &first.next, NULL));
  const ac_actor to = host_spawn(&host, &first.cell, on_witness);
  const ac_actor from = host_spawn(&host, &asker.cell, on_witness);
  const ac_span span = begin(&host, NULL);
  const ac_trace trace = trace_of(&host, span);
  send_with(&host, from, to, type_stash, span);
  send_with(&host, from, to, type_forward, span);
  host_settle(&host);
  host_tell(&host, to, type_open, 0);
  host_tell(&host, to, type_note, 0);
  host_settle(&host);
  CHECK_EQ(2, first.count);
  for (unsigned i = 0; i < 2; ++i) {
    check_same(&trace, &first.seen[i]);
    CHECK_EQ(1, routees[i].count);
    check_same(&trace, &routees[i].seen[0]);
    check_same(&trace, &asker.seen[i]);
  }
  CHECK_EQ(2, asker.count);
  CHECK_EQ(1, first.carried_none);
  CHECK_STATUS(AC_E_NOT_FOUND, first.without);
  CHECK_EQ(0, host_check_ledger(&host).dead[AC_DEAD_LATE_REPLY]);
  end(&host, span);
  ac_router_release(router);
  host_close(&host);
}

TEST(a_message_carries_its_span_through_stash_forward_router_priority_and_reply) {
  in_every_mode(carry);
}

static void carry_to_resolve_and_batcher(struct host_options options) {
  struct host host;
  struct witness witness = {.is_open = 1};
  ac_batcher batcher;
  ac_batch_item taken;
  uint64_t count, batch;
  host_open(&host, options);
  const ac_actor actor = host_spawn(&host, &witness.cell, on_witness);
  const ac_span span = begin(&host, NULL);
  const ac_trace trace = trace_of(&host, span);
  const ac_batcher_options one = {.struct_size = sizeof one, .size = 1};
  const ac_batch_item item = {.reply_to = actor, .correlation = span.bits, .type = type_note};
  CHECK_OK(ac_batcher_create(host.system, &one, &batcher, NULL));
  CHECK_OK(ac_batcher_put(batcher, &item, NULL));
  CHECK_OK(ac_batcher_take(batcher, &taken, 1, 0, &count, &batch));
  CHECK_OK(ac_batcher_done(batcher, batch, AC_OK, NULL, 0));
  const ac_engine engine = engine_with(host.system);
  const ac_entity entity = entity_of(engine, "hero");
  const ac_resolve_options resolve = {.struct_size = sizeof resolve,
                                      .entities = &entity,
                                      .count = 1,
                                      .reply_to = actor,
                                      .correlation = span.bits};
  CHECK_OK(ac_resolve_async(engine, &resolve, NULL));
  host_settle(&host);
  CHECK_EQ(2, witness.count);
  for (unsigned i = 0; i < 2; ++i) check_same(&trace, &witness.seen[i]);
  end(&host, span);
  ac_batcher_release(batcher);
  host_close(&host);
  ac_entity_release(entity);
  ac_engine_release(engine);
}

TEST(what_a_resolve_and_a_batcher_answer_carries_the_span_that_they_were_given) {
  in_every_mode(carry_to_resolve_and_batcher);
}

static void carry_as_payload(struct host_options options) {
  struct host host;
  struct witness witness = {.is_open = 1};
  ac_queue queue;
  host_open(&host, options);
  const ac_actor actor = host_spawn(&host, &witness.cell, on_witness);
  const ac_span span = begin(&host, NULL);
  const ac_trace trace = trace_of(&host, span);
  const ac_timer_options timer = {.struct_size = sizeof timer,
                                  .to = actor,
                                  .type = type_word,
                                  .delay_ns = 1000,
                                  .payload = bytes_of(&span, sizeof span)};
  const ac_queue_options work = {.struct_size = sizeof work, .name = ac_text_of("work")};
  CHECK_OK(ac_timer_start(host.system, &timer, NULL, NULL));
  CHECK_OK(ac_queue_create(host.system, &work, &queue, NULL));
  CHECK_OK(ac_queue_join(queue, actor, 1));
  CHECK_OK(ac_queue_put(queue, (ac_actor){0}, 1, bytes_of(&span, sizeof span), NULL));
  if (options.seed != 0) CHECK_OK(ac_system_advance(host.system, 1000));
  while (options.seed == 0 && witness.cell.handled < 2) sched_yield();
  host_settle(&host);
  CHECK_EQ(2, witness.count);
  for (unsigned i = 0; i < 2; ++i) check_same(&trace, &witness.seen[i]);
  ac_queue_release(queue);
  host_close(&host);
}

TEST(a_timer_and_a_work_queue_carry_a_span_as_payload) { in_every_mode(carry_as_payload); }

TEST(a_message_that_is_lost_leaves_its_span_open) {
  struct host host;
  struct witness witness = {.is_open = 0};
  ac_ledger ledger;
  host_open(&host, (struct host_options){.seed = 2});
  const ac_actor actor = host_spawn(&host, &witness.cell, on_witness);
  const ac_span span = begin(&host, NULL);
  send_with(&host, (ac_actor){0}, actor, type_stash, span);
  host_settle(&host);
  CHECK_OK(ac_actor_stop(host.system, actor, 0));
  host_settle(&host);
  ledger = host_check_ledger(&host);
  CHECK_EQ(1, dead_total(&ledger));
  trace_of(&host, span);
  end(&host, span);
  host_close(&host);
}

// A reply that nobody can get is none that is late.
TEST(a_reply_with_a_span_goes_where_it_is_addressed) {
  struct host host;
  struct witness witness = {.is_open = 1};
  ac_ledger ledger;
  host_open(&host, (struct host_options){.seed = 2});
  const ac_actor actor = host_spawn(&host, &witness.cell, on_witness);
  const ac_span span = begin(&host, NULL);
  send_with(&host, actor, actor, type_reply, span);
  send_with(&host, (ac_actor){0}, actor, type_reply, span);
  host_settle(&host);
  ledger = host_check_ledger(&host);
  CHECK_EQ(3, witness.count);
  CHECK_EQ(1, dead_total(&ledger));
  CHECK_EQ(1, ledger.dead[AC_DEAD_STALE]);
  end(&host, span);
  host_close(&host);
}

// -- asks ---------------------------------------------------------------------------------------

static ac_status ask_outside(struct host* host, ac_actor to, uint32_t type, ac_span span,
                             uint64_t timeout_ns) {
  const ac_ask_options options = {
      .struct_size = sizeof options, .type = type, .timeout_ns = timeout_ns, .span = span};
  ac_message reply;
  ac_status status;
  const ac_status called = ac_ask_with(host->system, &to, 1, &options, &reply, &status, NULL);
  return called != AC_OK ? called : status;
}

static void carry_in_asks(struct host_options options) {
  struct host host;
  struct witness server = {.is_open = 1}, client = {.is_open = 1, .ask = type_reply};
  host_open(&host, options);
  client.next = host_spawn(&host, &server.cell, on_witness);
  const ac_actor asker = host_spawn(&host, &client.cell, on_witness);
  const ac_span span = begin(&host, NULL), other = begin(&host, NULL);
  const ac_trace trace = trace_of(&host, span), second = trace_of(&host, other);
  CHECK_OK(ask_outside(&host, client.next, type_reply, span, patience));
  CHECK_OK(ask_outside(&host, client.next, type_reply, (ac_span){0}, patience));
  client.span = other;
  host_tell(&host, asker, type_ask, 0);
  host_settle(&host);
  CHECK_EQ(2, server.count);
  check_same(&trace, &server.seen[0]);
  check_same(&second, &server.seen[1]);
  CHECK_EQ(1, server.carried_none);
  CHECK_STATUS(AC_E_NOT_FOUND, server.without);
  CHECK_EQ(1, client.carried_none);  // the answer
  CHECK_STATUS(AC_E_NOT_FOUND, client.without);
  end(&host, span);
  end(&host, other);
  host_close(&host);
}

TEST(an_ask_keeps_the_span_of_its_request) { in_every_mode(carry_in_asks); }

TEST(a_request_whose_ask_has_ended_has_a_stale_span) {
  struct host host;
  struct witness server = {.is_open = 0};
  host_open(&host, (struct host_options){.seed = 1});
  const ac_actor actor = host_spawn(&host, &server.cell, on_witness);
  const ac_span span = begin(&host, NULL);
  CHECK_STATUS(AC_E_TIMEOUT, ask_outside(&host, actor, type_stash, span, 1000));
  host_tell(&host, actor, type_open, 0);
  host_settle(&host);
  CHECK_EQ(1, server.carried_none);
  CHECK_STATUS(AC_E_STALE, server.without);
  end(&host, span);
  CHECK_STATUS(AC_E_STALE, ask_outside(&host, actor, type_note, span, 1000));
  host_close(&host);
}

// -- threads ------------------------------------------------------------------------------------

enum { runners = 8, laps = 300, starts = 32 };

struct lap {
  uint64_t left;
  uint8_t trace_id[16];
  uint8_t reserved[8];
};

struct runner {
  struct cell cell;  // first
  struct runner* next;
};

// Ends the span that it got, and passes a child of it on.
static ac_status on_runner(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct host* host = cell->host;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    struct lap lap;
    ac_span span, child;
    ac_span_record record;
    memcpy(&lap, ac_message_payload(message), sizeof lap);
    CHECK_OK(ac_message_span(host->system, message, &span));
    CHECK_OK(ac_span_begin_child(host->system, span, lap.left, &child));
    CHECK_OK(ac_span_end(host->system, span, &record));
    CHECK(memcmp(record.trace.trace_id, lap.trace_id, sizeof lap.trace_id) == 0);
    if (lap.left-- == 0) {
      CHECK_OK(ac_span_end(host->system, child, &record));
      CHECK(memcmp(record.trace.trace_id, lap.trace_id, sizeof lap.trace_id) == 0);
      continue;
    }
    CHECK_OK(ac_turn_put(turn, cell->actor, ((struct runner*)cell)->next->cell.actor, child.bits, 1,
                         &lap, sizeof lap));
  }
  return AC_OK;
}

struct reader {
  struct host* host;
  atomic_int is_over;
};

static void* read_on(void* argument) {
  struct reader* reader = argument;
  ac_span_record open[starts];
  uint64_t count;
  while (!atomic_load(&reader->is_over)) {
    CHECK_OK(ac_system_spans(reader->host->system, open, starts, &count));
    const ac_span_stats stats = stats_of(reader->host);
    CHECK(stats.ended <= stats.begun);
  }
  return NULL;
}

TEST(spans_are_begun_and_ended_on_many_threads_while_others_look) {
  static struct runner all[runners];
  struct host host;
  struct reader reader = {.host = &host};
  pthread_t thread;
  host_open(&host, (struct host_options){.mode = mode_inline, .workers = 4});
  for (unsigned i = 0; i < runners; ++i) {
    all[i].next = &all[(i + 1) % runners];
    host_spawn(&host, &all[i].cell, on_runner);
  }
  CHECK(pthread_create(&thread, NULL, read_on, &reader) == 0);
  for (unsigned i = 0; i < starts; ++i) {
    const ac_span span = begin(&host, NULL);
    const ac_trace trace = trace_of(&host, span);
    struct lap lap = {.left = laps};
    ac_message message = {
        .to = all[i % runners].cell.actor, .correlation = span.bits, .type = 1, .length = 32};
    memcpy(lap.trace_id, trace.trace_id, sizeof lap.trace_id);
    memcpy(message.data, &lap, sizeof lap);
    CHECK_OK(ac_tell_many(host.system, &message, 1, NULL, NULL));
  }
  host_settle(&host);
  atomic_store(&reader.is_over, 1);
  CHECK(pthread_join(thread, NULL) == 0);
  CHECK_EQ(starts * (laps + 2), stats_of(&host).begun);
  CHECK_EQ(starts * (laps + 2), stats_of(&host).ended);
  host_close(&host);
}
