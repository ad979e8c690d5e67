// Work is handed out once at a time, comes back when it is not done, and is never lost.
#include <pthread.h>
#include <string.h>

#include "host.h"

enum { type_fail = 1, type_quit, held_max = 4096 };
static const uint64_t second = 1000000000;

// Keeps the work that it gets; acknowledges it at once where it is eager.
struct consumer {
  struct cell cell;  // first
  int is_eager;
  int fails_on_work;
  unsigned count;
  struct held {
    ac_work work;
    uint64_t tag;
    uint64_t deliveries;
    uint64_t value;
    ac_actor sender;
  } held[held_max];
};

static void hold(struct consumer* self, const ac_message* message) {
  const ac_work* work = ac_work_of(message);
  CHECK_EQ(sizeof *work + work->data_size, message->length);
  CHECK(self->count < held_max);
  struct held* held = &self->held[self->count++];
  held->work = *work;
  held->tag = message->correlation;
  held->deliveries = ac_work_deliveries(message);
  held->sender = message->sender;
  held->value = 0;
  if (work->data_size >= sizeof held->value) {
    memcpy(&held->value, ac_work_data(work).data, sizeof held->value);
  }
}

static ac_status on_work(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct consumer* self = (struct consumer*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    activation->handled = i;
    if (message->type == type_fail) return AC_E_HANDLER;
    if (message->type != AC_TYPE_WORK) continue;
    hold(self, message);
    if (self->fails_on_work) return AC_E_HANDLER;
    if (self->is_eager) {
      CHECK_OK(ac_queue_ack(self->held[self->count - 1].work.queue, message->correlation));
    }
  }
  return AC_OK;
}

static ac_status on_silent(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)cell, (void)turn, (void)activation;
  return AC_OK;
}

static struct host host;
static struct cell silent;
static struct consumer one, two;

static void open_host(enum mode mode, uint64_t seed) {
  const struct host_options options = {.mode = mode, .seed = seed};
  host_open(&host, options);
  memset(&silent, 0, sizeof silent);
  host_spawn(&host, &silent, on_silent);
}

static ac_queue open_queue_with(ac_queue_options options) {
  options.struct_size = sizeof options;
  options.name = ac_text_of("work");
  ac_queue queue;
  CHECK_OK(ac_queue_create(host.system, &options, &queue, NULL));
  return queue;
}

// Seeded, with two consumers that are not in the pool yet.
static ac_queue open_queue(ac_queue_options options) {
  open_host(mode_inline, 1);
  host_spawn(&host, &one.cell, on_work);
  host_spawn(&host, &two.cell, on_work);
  return open_queue_with(options);
}

static const ac_queue_options defaults;

static uint64_t put(ac_queue queue, uint64_t value) {
  uint64_t number;
  CHECK_OK(ac_queue_put(queue, (ac_actor){0}, 5, bytes_of(&value, sizeof value), &number));
  return number;
}

static ac_queue_stats check_stats(ac_queue queue) {
  ac_queue_stats stats;
  CHECK_OK(ac_queue_get_stats(queue, &stats));
  CHECK_EQ(stats.put, stats.acked + stats.ready + stats.leased + stats.dead);
  return stats;
}

// Lets so much virtual time go by: a question that nobody answers.
static void pass(uint64_t time_ns) {
  ac_message reply;
  const uint64_t value = 0;
  CHECK_STATUS(AC_E_TIMEOUT, ac_ask(host.system, silent.actor, 1, bytes_of(&value, sizeof value),
                                    time_ns, &reply));
}

static void close_queue(ac_queue queue) {
  check_stats(queue);
  host_close(&host);
  check_stats(queue);
  ac_queue_release(queue);
}

TEST(items_are_handed_out_in_order_and_are_done_when_acknowledged) {
  const ac_queue queue = open_queue(defaults);
  const uint64_t value = 70;
  CHECK_OK(ac_queue_put(queue, two.cell.actor, 9, bytes_of(&value, sizeof value), NULL));
  for (unsigned i = 1; i < 10; ++i) CHECK_EQ(i + 1, put(queue, 70 + i));
  CHECK_EQ(10, check_stats(queue).ready);
  one.is_eager = 1;
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 3));
  CHECK_EQ(3, check_stats(queue).leased);
  host_settle(&host);
  CHECK_EQ(10, one.count);
  for (unsigned i = 0; i < 10; ++i) {
    CHECK_EQ(i + 1, one.held[i].work.number);
    CHECK_EQ(70 + i, one.held[i].value);
    CHECK_EQ(1, one.held[i].deliveries);
    CHECK(one.held[i].work.queue.bits == queue.bits);
  }
  CHECK_EQ(9, one.held[0].work.type);
  CHECK(one.held[0].work.source.bits == two.cell.actor.bits);
  CHECK(one.held[0].sender.bits == two.cell.actor.bits);
  const ac_queue_stats stats = check_stats(queue);
  CHECK_EQ(10, stats.acked);
  CHECK_EQ(10, stats.delivered);
  CHECK_EQ(0, stats.redelivered);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_queue_ack(queue, one.held[0].tag));
  close_queue(queue);
}

TEST(a_consumer_never_has_more_than_its_credit) {
  const ac_queue queue = open_queue(defaults);
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 2));
  CHECK_OK(ac_queue_join(queue, two.cell.actor, 0));  // one
  for (unsigned i = 0; i < 10; ++i) put(queue, i);
  host_settle(&host);
  CHECK_EQ(2, one.count);
  CHECK_EQ(1, two.count);
  CHECK_OK(ac_queue_ack(queue, one.held[0].tag));
  host_settle(&host);
  CHECK_EQ(3, one.count);
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 4));
  host_settle(&host);
  CHECK_EQ(5, one.count);
  CHECK_EQ(1, two.count);
  CHECK_EQ(5, check_stats(queue).leased);
  CHECK_OK(ac_queue_leave(queue, one.cell.actor));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_queue_leave(queue, one.cell.actor));
  CHECK_OK(ac_queue_ack(queue, one.held[1].tag));
  host_settle(&host);
  CHECK_EQ(5, one.count);
  CHECK_EQ(1, check_stats(queue).consumers);
  close_queue(queue);
}

TEST(a_full_queue_refuses_until_there_is_room) {
  const ac_queue_options options = {.capacity = 3};
  const ac_queue queue = open_queue(options);
  for (unsigned i = 0; i < 3; ++i) put(queue, i);
  CHECK_STATUS(AC_E_FULL, ac_queue_put(queue, (ac_actor){0}, 1, bytes_of("x", 1), NULL));
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 1));
  host_settle(&host);
  CHECK_STATUS(AC_E_FULL, ac_queue_put(queue, (ac_actor){0}, 1, bytes_of("x", 1), NULL));
  CHECK_OK(ac_queue_ack(queue, one.held[0].tag));
  CHECK_EQ(4, put(queue, 3));
  CHECK_EQ(2, check_stats(queue).refused);
  close_queue(queue);
}

TEST(what_is_refused_goes_to_another_consumer_first_and_keeps_its_place) {
  const ac_queue queue = open_queue(defaults);
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 2));
  for (unsigned i = 0; i < 4; ++i) put(queue, i);
  host_settle(&host);
  CHECK_OK(ac_queue_nack(queue, one.held[1].tag, second));
  CHECK_OK(ac_queue_nack(queue, one.held[0].tag, 0));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_queue_nack(queue, one.held[0].tag, 0));
  host_settle(&host);
  CHECK_EQ(4, one.count);  // alone, it gets it again, and one more
  CHECK_EQ(3, one.held[2].work.number);
  CHECK_EQ(1, one.held[3].work.number);
  CHECK_EQ(2, one.held[3].deliveries);
  CHECK_EQ(1, check_stats(queue).delayed);
  CHECK_OK(ac_queue_join(queue, two.cell.actor, 1));
  host_settle(&host);
  CHECK_EQ(4, two.held[0].work.number);
  CHECK_OK(ac_queue_ack(queue, two.held[0].tag));
  CHECK_OK(ac_queue_nack(queue, one.held[3].tag, 0));
  host_settle(&host);
  CHECK_EQ(4, one.count);
  CHECK_EQ(1, two.held[1].work.number);
  CHECK_EQ(3, two.held[1].deliveries);
  pass(second);
  CHECK_EQ(2, one.held[4].work.number);
  CHECK_EQ(0, check_stats(queue).delayed);
  close_queue(queue);
}

TEST(an_item_whose_lease_is_over_goes_to_another_and_the_old_tag_is_worth_nothing) {
  const ac_queue_options options = {.lease_ns = 10 * second, .retry_delay_ns = second};
  const ac_queue queue = open_queue(options);
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 1));
  CHECK_OK(ac_queue_join(queue, two.cell.actor, 1));
  put(queue, 0);
  pass(9 * second);
  CHECK_EQ(1, one.count + two.count);
  pass(second);
  CHECK_EQ(1, check_stats(queue).delayed);
  pass(second);
  CHECK_EQ(1, one.count);
  CHECK_EQ(1, two.count);
  const struct consumer* first = one.held[0].deliveries == 1 ? &one : &two;
  const struct consumer* then = first == &one ? &two : &one;
  CHECK_STATUS(AC_E_NOT_FOUND, ac_queue_ack(queue, first->held[0].tag));
  CHECK_OK(ac_queue_ack(queue, then->held[0].tag));
  CHECK_EQ(1, check_stats(queue).expired);
  close_queue(queue);
}

TEST(what_a_failing_or_stopping_consumer_had_goes_to_another) {
  const ac_queue queue = open_queue(defaults);
  one.fails_on_work = 1;
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 3));
  for (unsigned i = 0; i < 3; ++i) put(queue, i);
  CHECK_OK(ac_queue_join(queue, two.cell.actor, 3));
  host_settle(&host);
  CHECK_EQ(1, one.count);
  CHECK_EQ(3, two.count);  // the one that failed, and those in the mailbox
  for (unsigned i = 0; i < 3; ++i) CHECK_EQ(2, two.held[i].deliveries);
  CHECK_EQ(1, check_stats(queue).consumers);
  CHECK_OK(ac_actor_stop(host.system, two.cell.actor, 0));
  host_settle(&host);
  CHECK_EQ(0, check_stats(queue).consumers);
  CHECK_EQ(3, check_stats(queue).ready);  // at once, long before their lease is over
  static struct consumer third;
  host_spawn(&host, &third.cell, on_work);
  CHECK_OK(ac_queue_join(queue, third.cell.actor, 8));
  host_settle(&host);
  CHECK_EQ(3, third.count);
  host_check_ledger(&host);
  close_queue(queue);
}

TEST(an_item_delivered_too_often_is_set_aside_and_may_be_put_again) {
  const ac_queue_options options = {.deliveries_max = 2};
  const ac_queue queue = open_queue(options);
  put(queue, 10);
  put(queue, 11);
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 1));
  host_settle(&host);
  CHECK_OK(ac_queue_nack(queue, one.held[0].tag, 0));
  host_settle(&host);
  CHECK_OK(ac_queue_nack(queue, one.held[1].tag, 0));
  host_settle(&host);
  CHECK_OK(ac_queue_nack(queue, one.held[2].tag, AC_TIMEOUT_NEVER));
  ac_dead_work dead[4];
  uint64_t count, size, value;
  CHECK_OK(ac_queue_dead(queue, dead, 4, &count));
  CHECK_EQ(2, count);
  CHECK_EQ(1, dead[0].number);
  CHECK_EQ(2, dead[0].deliveries);
  CHECK_EQ(5, dead[0].type);
  CHECK_EQ(AC_E_HANDLER, dead[0].status);
  CHECK(dead[0].consumer.bits == one.cell.actor.bits);
  CHECK_EQ(2, dead[1].number);
  CHECK_EQ(1, dead[1].deliveries);
  CHECK_STATUS(AC_E_BUFFER_TOO_SMALL, ac_queue_dead_data(queue, 1, NULL, 0, &size));
  CHECK_EQ(sizeof value, size);
  CHECK_OK(ac_queue_dead_data(queue, 1, (uint8_t*)&value, sizeof value, &size));
  CHECK_EQ(10, value);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_queue_dead_data(queue, 3, NULL, 0, &size));
  CHECK_EQ(2, check_stats(queue).dead);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_queue_redrive(queue, 3, &count));
  CHECK_OK(ac_queue_redrive(queue, 0, &count));
  CHECK_EQ(2, count);
  CHECK_EQ(0, check_stats(queue).dead);
  host_settle(&host);
  CHECK_EQ(1, one.held[3].work.number);
  CHECK_EQ(1, one.held[3].deliveries);
  CHECK_OK(ac_queue_redrive(queue, 0, &count));
  CHECK_EQ(0, count);
  close_queue(queue);
}

TEST(an_item_whose_handler_failed_is_said_to_have_failed_and_not_to_have_lost_its_consumer) {
  const ac_queue_options options = {.deliveries_max = 1};
  const ac_queue queue = open_queue(options);
  one.fails_on_work = 1;
  for (unsigned i = 0; i < 2; ++i) put(queue, i);
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 2));
  host_settle(&host);
  ac_dead_work dead[2];
  uint64_t count;
  CHECK_OK(ac_queue_dead(queue, dead, 2, &count));
  const int first = dead[0].number != 1;
  CHECK_EQ(AC_E_FAILED, dead[first].status);
  CHECK_EQ(AC_E_STALE, dead[!first].status);
  close_queue(queue);
}

TEST(the_last_1024_dead_items_are_kept_and_all_are_counted) {
  const ac_queue queue = open_queue(defaults);
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 1100));
  for (unsigned i = 0; i < 1100; ++i) put(queue, i);
  host_settle(&host);
  for (unsigned i = 0; i < 1100; ++i) {
    CHECK_OK(ac_queue_nack(queue, one.held[i].tag, AC_TIMEOUT_NEVER));
  }
  static ac_dead_work dead[1200];
  uint64_t count;
  CHECK_OK(ac_queue_dead(queue, dead, 1200, &count));
  CHECK_EQ(1024, count);
  CHECK_EQ(77, dead[0].number);
  CHECK_EQ(1100, check_stats(queue).dead);
  CHECK_EQ(1024, check_stats(queue).dead_kept);
  CHECK_OK(ac_queue_redrive(queue, 0, &count));
  CHECK_EQ(76, check_stats(queue).dead);
  close_queue(queue);
}

TEST(a_queue_is_found_by_its_name_as_long_as_somebody_holds_it) {
  const ac_queue queue = open_queue(defaults);
  ac_queue found, other;
  CHECK_OK(ac_queue_find(host.system, ac_text_of("work"), &found));
  CHECK(found.bits == queue.bits);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_queue_find(host.system, ac_text_of("play"), &other));
  const ac_queue_options same = {.struct_size = sizeof same, .name = ac_text_of("work")};
  CHECK_STATUS(AC_E_EXISTS, ac_queue_create(host.system, &same, &other, NULL));
  put(queue, 0);
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 1));
  host_settle(&host);
  ac_queue_release(queue);
  CHECK_OK(ac_queue_ack(found, one.held[0].tag));
  put(found, 1);
  host_settle(&host);
  ac_queue_release(found);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_queue_find(host.system, ac_text_of("work"), &other));
  CHECK_STATUS(AC_E_STALE, ac_queue_ack(queue, one.held[1].tag));
  CHECK_OK(ac_queue_create(host.system, &same, &other, NULL));
  CHECK_EQ(0, check_stats(other).put);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_queue_ack(other, one.held[1].tag));
  close_queue(other);
}

TEST(what_is_left_at_the_end_is_still_accounted_for) {
  const ac_queue queue = open_queue(defaults);
  CHECK_OK(ac_queue_join(queue, one.cell.actor, 2));
  for (unsigned i = 0; i < 5; ++i) put(queue, i);
  host_close_at_once(&host);
  const ac_queue_stats stats = check_stats(queue);
  CHECK_EQ(5, stats.put);
  CHECK_EQ(5, stats.ready);  // what its consumer had came back when it ended
  CHECK_EQ(0, stats.leased);
  CHECK_STATUS(AC_E_STOPPED, ac_queue_put(queue, (ac_actor){0}, 1, bytes_of("x", 1), NULL));
  ac_queue_release(queue);
}

// -- chaos --------------------------------------------------------------------------------------

enum { items = 200, consumers = 6, lives = 400 };

// Whoever has an item does with it what chance says.
struct chaos {
  ac_queue queue;
  unsigned acked[items + 1];
  unsigned spawned;
  struct mortal {
    struct cell cell;  // first
    struct chaos* chaos;
  } mortals[lives];
};

static ac_status on_chaos(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct chaos* chaos = ((struct mortal*)cell)->chaos;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    const ac_work* work = ac_work_of(message);
    uint64_t chance;
    CHECK_OK(ac_system_random(turn->system, &chance));
    activation->handled = i;
    switch (chance % 10) {
      case 0:
        return AC_E_HANDLER;
      case 1:
        activation->flags |= AC_ACTIVATION_STOP;
        break;
      case 2:
      case 3:
        CHECK_OK(ac_queue_nack(work->queue, message->correlation, chance / 10 % 3 * second));
        break;
      case 4:
        break;  // sleeps past its lease
      default:
        CHECK_OK(ac_queue_ack(work->queue, message->correlation));
        chaos->acked[work->number] += 1;
    }
  }
  return AC_OK;
}

// As many live consumers as there should be.
static void replace_dead(struct chaos* chaos) {
  unsigned alive = 0;
  for (unsigned i = 0; i < chaos->spawned; ++i) {
    alive += ac_actor_check(host.system, chaos->mortals[i].cell.actor) == AC_OK;
  }
  for (; alive < consumers && chaos->spawned < lives; ++alive) {
    struct mortal* mortal = &chaos->mortals[chaos->spawned++];
    mortal->chaos = chaos;
    host_spawn(&host, &mortal->cell, on_chaos);
    CHECK_OK(ac_queue_join(chaos->queue, mortal->cell.actor, 1 + chaos->spawned % 4));
  }
}

static uint64_t run_chaos(enum mode mode, uint64_t seed) {
  static struct chaos chaos;
  memset(&chaos, 0, sizeof chaos);
  open_host(mode, seed);
  const ac_queue_options options = {.lease_ns = 5 * second, .deliveries_max = 4, .capacity = items};
  chaos.queue = open_queue_with(options);
  for (uint64_t i = 0; i < items; ++i) put(chaos.queue, i);
  ac_queue_stats stats;
  do {
    replace_dead(&chaos);
    pass(second);
    stats = check_stats(chaos.queue);
  } while (stats.ready + stats.leased != 0 && chaos.spawned < lives);
  CHECK_EQ(0, stats.ready + stats.leased);
  CHECK(stats.expired != 0 && stats.nacked != 0 && stats.dead != 0);
  unsigned ends[items + 1];
  memcpy(ends, chaos.acked, sizeof ends);
  static ac_dead_work dead[items];
  uint64_t count, hash;
  CHECK_OK(ac_queue_dead(chaos.queue, dead, items, &count));
  CHECK_EQ(stats.dead, count);
  for (uint64_t i = 0; i < count; ++i) ends[dead[i].number] += 1;
  for (unsigned i = 1; i <= items; ++i) CHECK_EQ(1, ends[i]);
  CHECK_OK(ac_system_trace_hash(host.system, &hash));
  close_queue(chaos.queue);
  return hash;
}

TEST(every_item_is_done_once_or_dead_whatever_the_consumers_do_in_every_mode) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const uint64_t hash = run_chaos(mode_inline, seed);
    CHECK_EQ(hash, run_chaos(mode_attached, seed));
    CHECK_EQ(hash, run_chaos(mode_caller, seed));
  }
}

// -- many threads -------------------------------------------------------------------------------

enum { putters = 3, put_by_each = 300 };

static void* put_many(void* argument) {
  const ac_queue queue = *(ac_queue*)argument;
  for (uint64_t i = 0; i < put_by_each; ++i) put(queue, i);
  return NULL;
}

TEST(threads_put_what_consumers_on_many_workers_acknowledge) {
  for (enum mode mode = 0; mode < mode_count; ++mode) {
    open_host(mode, 0);
    const ac_queue_options options = {.lease_ns = AC_TIMEOUT_NEVER};
    ac_queue queue = open_queue_with(options);
    memset(&one, 0, sizeof one);
    memset(&two, 0, sizeof two);
    one.is_eager = two.is_eager = 1;
    CHECK_OK(ac_queue_join(queue, host_spawn(&host, &one.cell, on_work), 4));
    CHECK_OK(ac_queue_join(queue, host_spawn(&host, &two.cell, on_work), 1));
    pthread_t threads[putters];
    for (unsigned i = 0; i < putters; ++i) {
      CHECK(pthread_create(&threads[i], NULL, put_many, &queue) == 0);
    }
    for (unsigned i = 0; i < putters; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
    host_settle(&host);
    CHECK_EQ(putters * put_by_each, check_stats(queue).acked);
    CHECK_EQ(putters * put_by_each, one.count + two.count);
    for (unsigned i = 1; i < one.count; ++i) {
      CHECK(one.held[i - 1].work.number < one.held[i].work.number);
    }
    close_queue(queue);
  }
}
