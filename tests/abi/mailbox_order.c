// In which order a mailbox gives its messages back, and which replace each other.
#include "sink.h"

// -- order ----------------------------------------------------------------------------------------

static void tell_all(struct host* host, ac_actor to, unsigned count, const uint32_t* types) {
  for (unsigned i = 0; i < count; ++i) CHECK_OK(tell(host, to, types[i], i));
}

TEST(the_lowest_rank_comes_first_and_one_rank_stays_in_order) {
  static const ac_mailbox_type types[] = {{type_urgent, 0, 1}, {type_bulk, 0, 9}};
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    struct host host;
    struct sink sink;
    const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                        .order = AC_MAILBOX_PRIORITY,
                                        .types = types,
                                        .types_count = 2,
                                        .rank_default = 5};
    open_sink(&host, &sink, mode, &mailbox);
    tell_all(&host, sink.cell.actor, 7,
             (const uint32_t[]){type_bulk, type_value, type_urgent, type_bulk, type_value,
                                type_urgent, type_value});
    host_settle(&host);
    check_seen(&sink, 7, (const uint64_t[]){2, 5, 1, 4, 6, 0, 3});
    host_close(&host);
  }
}

static uint64_t rank_backwards(uintptr_t user, const ac_message* message) {
  return user - value_of(message);
}

TEST(a_rank_may_be_in_the_payload_or_what_a_callback_says) {
  struct host host;
  struct sink sink;
  ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                .order = AC_MAILBOX_PRIORITY,
                                .rank_default = UINT64_MAX,
                                .rank_from = AC_MAILBOX_FROM_U32};
  for (unsigned i = 0; i < 3; ++i) {
    mailbox.rank_from = AC_MAILBOX_FROM_U32 + i;
    mailbox.rank = rank_backwards;
    mailbox.user = 100;
    open_sink(&host, &sink, mode_inline, &mailbox);
    for (uint64_t k = 0; k < 40; ++k) {  // more ranks than are kept
      CHECK_OK(tell(&host, sink.cell.actor, type_value, k * 7 % 40));
    }
    host_settle(&host);
    for (uint64_t k = 0; k < 40; ++k) CHECK_EQ(i < 2 ? k : 39 - k, sink.values[k]);
    host_close(&host);
  }
}

TEST(a_full_priority_mailbox_drops_what_comes_last) {
  struct host host;
  struct sink sink;
  const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                      .order = AC_MAILBOX_PRIORITY,
                                      .overflow = AC_OVERFLOW_DROP_OLDEST,
                                      .capacity = 3,
                                      .rank_from = AC_MAILBOX_FROM_U64};
  open_sink(&host, &sink, mode_inline, &mailbox);
  static const uint64_t ranks[] = {5, 9, 7, 8, 2, 6};  // 8 takes the place of 9, 2 of 8, 6 of 7
  for (unsigned i = 0; i < 6; ++i) CHECK_OK(tell(&host, sink.cell.actor, type_value, ranks[i]));
  CHECK_OK(tell(&host, sink.cell.actor, type_value, 100));  // itself the last
  host_settle(&host);
  check_seen(&sink, 3, (const uint64_t[]){2, 5, 6});
  CHECK_EQ(4, host_check_ledger(&host).dead[AC_DEAD_DROPPED]);
  CHECK_EQ(4, stats_of(&host, sink.cell.actor).dropped);
  host_close(&host);
}

TEST(control_comes_first_and_a_stop_after_what_was_sent_before_it) {
  static const ac_mailbox_type types[] = {{type_urgent, AC_MAILBOX_TYPE_CONTROL, 0}};
  for (uint32_t order = AC_MAILBOX_CONTROL_FIRST; order <= AC_MAILBOX_PRIORITY; ++order) {
    struct host host;
    struct sink sink;
    const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                        .order = order,
                                        .capacity = 4,
                                        .types = types,
                                        .types_count = 1,
                                        .rank_default = 3};
    open_sink(&host, &sink, mode_inline, &mailbox);
    const ac_actor to = sink.cell.actor;
    tell_all(&host, to, 4, (const uint32_t[]){type_value, type_urgent, type_value, type_urgent});
    CHECK_OK(ac_actor_stop(host.system, to, AC_STOP_DRAIN));  // full, and yet it goes in
    CHECK_EQ(5, stats_of(&host, to).length);
    CHECK_STATUS(AC_E_FULL, tell(&host, to, type_urgent, 9));
    host_settle(&host);
    check_seen(&sink, 4, (const uint64_t[]){1, 3, 0, 2});
    CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, to));
    host_close(&host);
  }
}

TEST(what_is_left_when_an_actor_stops_is_dead_with_its_reason) {
  struct host host;
  struct sink sink;
  const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox, .capacity = 9};
  open_sink(&host, &sink, mode_inline, &mailbox);
  const ac_actor to = sink.cell.actor;
  for (uint64_t i = 0; i < 5; ++i) CHECK_OK(tell(&host, to, type_value, i));
  CHECK_OK(ac_actor_stop(host.system, to, 0));
  host_settle(&host);
  CHECK_EQ(5, host_check_ledger(&host).dead[AC_DEAD_STOPPED]);
  ac_mailbox_stats stats = {.struct_size = sizeof stats};
  CHECK_STATUS(AC_E_STALE, ac_mailbox_get(host.system, to, &stats));
  host_close(&host);
}

// -- conflation -----------------------------------------------------------------------------------

TEST(a_later_message_takes_the_place_of_the_queued_one_with_its_key) {
  static const ac_mailbox_type types[] = {{type_urgent, AC_MAILBOX_TYPE_DISTINCT, 0}};
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    struct host host;
    struct sink sink;
    ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                  .flags = AC_MAILBOX_FLAG_CONFLATE,
                                  .capacity = 5,
                                  .types = types,
                                  .types_count = 1};
    open_sink(&host, &sink, mode, &mailbox);
    tell_all(
        &host, sink.cell.actor, 6,
        (const uint32_t[]){type_value, type_urgent, type_bulk, type_value, type_urgent, type_bulk});
    host_settle(&host);
    check_seen(&sink, 4, (const uint64_t[]){3, 1, 5, 4});
    CHECK_EQ(2, host_check_ledger(&host).dead[AC_DEAD_CONFLATED]);
    CHECK_EQ(2, stats_of(&host, sink.cell.actor).conflated);
    tell_all(&host, sink.cell.actor, 1, (const uint32_t[]){type_value});  // nothing to replace
    host_settle(&host);
    CHECK_EQ(5, sink.count);
    host_close(&host);
  }
}

TEST(a_key_may_be_in_the_payload) {
  struct host host;
  struct sink sink;
  const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                      .flags = AC_MAILBOX_FLAG_CONFLATE,
                                      .key_from = AC_MAILBOX_FROM_U64,
                                      .key_offset = 8};
  open_sink(&host, &sink, mode_inline, &mailbox);
  for (uint64_t i = 0; i < 10; ++i) {
    const uint64_t words[] = {i, i % 3};
    CHECK_OK(ac_tell(host.system, sink.cell.actor, type_value, bytes_of(words, sizeof words)));
  }
  CHECK_EQ(3, stats_of(&host, sink.cell.actor).length);
  host_settle(&host);
  check_seen(&sink, 3, (const uint64_t[]){9, 7, 8});
  host_close(&host);
}

// -- a queue of the caller's ---------------------------------------------------------------------

// Last in, first out; `is_broken` gives nothing back.
struct stack {
  ac_message* messages[8];
  unsigned count;
  unsigned destroyed;
  int is_broken;
};

static uint32_t push_stack(uintptr_t user, ac_message* message) {
  struct stack* stack = (struct stack*)user;
  if (stack->count == 8) return 0;
  stack->messages[stack->count++] = message;
  return 1;
}

static ac_message* pop_stack(uintptr_t user) {
  struct stack* stack = (struct stack*)user;
  return stack->is_broken || stack->count == 0 ? NULL : stack->messages[--stack->count];
}

static void destroy_stack(uintptr_t user) { ((struct stack*)user)->destroyed += 1; }

TEST(a_custom_queue_orders_and_bounds_and_cannot_lose_anything) {
  for (int is_broken = 0; is_broken < 2; ++is_broken) {
    struct host host;
    struct sink sink;
    struct stack stack = {.is_broken = is_broken};
    ac_mailbox_options mailbox = {.struct_size = sizeof mailbox,
                                  .order = AC_MAILBOX_CUSTOM,
                                  .push = push_stack,
                                  .user = (uintptr_t)&stack,
                                  .destroy = destroy_stack};
    host_open(&host, (struct host_options){.mode = mode_inline, .seed = 5});
    ac_spawn_options options = host_spawn_options(&host, &sink.cell, on_sink);
    options.mailbox = &mailbox;
    ac_actor none;
    CHECK_STATUS(AC_E_NULL, ac_spawn(host.system, &options, &none, NULL));
    CHECK_EQ(0, stack.destroyed);
    mailbox.pop = pop_stack;
    spawn_sink(&host, &sink, &mailbox);
    for (uint64_t i = 0; i < 10; ++i) {
      CHECK_STATUS(i < 8 ? AC_OK : AC_E_FULL, tell(&host, sink.cell.actor, type_value, i));
    }
    host_settle(&host);
    CHECK_EQ(8, sink.count);
    for (unsigned i = 0; i < 8 && !is_broken; ++i) CHECK_EQ(7 - i, sink.values[i]);
    host_close(&host);
    CHECK_EQ(1, stack.destroyed);
  }
}
