// Events reach whom they are for, in the order that was promised, and nobody else.
#include <pthread.h>
#include <string.h>

#include "host.h"

enum { type_publish = 1, type_stop, events_max = 4096 };

// Keeps what it was told.
struct listener {
  struct cell cell;  // first
  unsigned count;
  struct seen {
    ac_event event;
    uint64_t subscription;
    uint64_t value;
    const void* address;
  } seen[events_max];
};

static ac_status on_event(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct listener* self = (struct listener*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type == type_stop) return AC_E_HANDLER;
    CHECK_EQ(AC_TYPE_EVENT, message->type);
    const ac_event* event = ac_event_of(message);
    CHECK(message->sender.bits == event->source.bits);
    CHECK_EQ(sizeof *event + event->data_size + event->topic_size, message->length);
    CHECK(self->count < events_max);
    struct seen* seen = &self->seen[self->count++];
    seen->event = *event;
    seen->subscription = ac_event_subscription(message);
    seen->address = event;
    seen->value = 0;
    if (event->data_size == sizeof seen->value) {
      memcpy(&seen->value, ac_event_data(event).data, sizeof seen->value);
    }
  }
  return AC_OK;
}

static ac_bus open_bus(struct host* host, uint32_t flags) {
  const ac_bus_options options = {.struct_size = sizeof options, .flags = flags};
  ac_bus bus;
  CHECK_OK(ac_bus_create(host->system, &options, &bus, NULL));
  return bus;
}

static uint64_t subscribe_with(ac_bus bus, ac_actor actor, const char* pattern,
                               ac_subscription_options options) {
  options.struct_size = sizeof options;
  options.pattern = ac_text_of(pattern);
  options.subscriber = actor;
  uint64_t id;
  CHECK_OK(ac_bus_subscribe(bus, &options, &id, NULL));
  return id;
}

static uint64_t subscribe(ac_bus bus, ac_actor actor, const char* pattern) {
  const ac_subscription_options options = {.flags = 0};
  return subscribe_with(bus, actor, pattern, options);
}

static uint64_t publish_with(ac_bus bus, const char* topic, uint64_t value,
                             ac_event_options options) {
  options.struct_size = sizeof options;
  options.topic = ac_text_of(topic);
  options.data = bytes_of(&value, sizeof value);
  uint64_t delivered;
  CHECK_OK(ac_bus_publish(bus, &options, NULL, &delivered));
  return delivered;
}

static uint64_t publish(ac_bus bus, const char* topic, uint64_t value) {
  const ac_event_options options = {.type = 0};
  return publish_with(bus, topic, value, options);
}

static ac_bus_stats stats_of(ac_bus bus) {
  ac_bus_stats stats;
  CHECK_OK(ac_bus_get_stats(bus, &stats));
  return stats;
}

static struct host host;
static struct listener one, two, three;

static ac_bus open_inline(uint64_t seed) {
  const struct host_options options = {.mode = mode_inline, .seed = seed};
  host_open(&host, options);
  host_spawn(&host, &one.cell, on_event);
  host_spawn(&host, &two.cell, on_event);
  host_spawn(&host, &three.cell, on_event);
  return open_bus(&host, 0);
}

static void close_bus(ac_bus bus) {
  const ac_bus_stats stats = stats_of(bus);
  host_close(&host);
  CHECK_EQ(stats_of(bus).pool_gets, stats_of(bus).pool_puts);
  CHECK_EQ(stats.pool_gets, stats.pool_hits + stats.pool_misses);
  ac_bus_release(bus);
}

TEST(an_event_reaches_those_whose_topic_or_pattern_fits_in_one_buffer) {
  const ac_bus bus = open_inline(0);
  const uint64_t exact = subscribe(bus, one.cell.actor, "world.north.door");
  subscribe(bus, two.cell.actor, "world.*.door");
  subscribe(bus, three.cell.actor, "world.south.>");
  const ac_event_options options = {
      .type = 9, .about = three.cell.actor, .source = two.cell.actor, .priority = -3};
  CHECK_EQ(2, publish_with(bus, "world.north.door", 77, options));
  CHECK_EQ(0, publish(bus, "world.north", 1));
  host_settle(&host);
  CHECK_EQ(1, one.count);
  CHECK_EQ(1, two.count);
  CHECK_EQ(0, three.count);
  const struct seen* seen = &one.seen[0];
  CHECK(seen->address == two.seen[0].address);
  CHECK_EQ(exact, seen->subscription);
  CHECK_EQ(1, seen->event.id);
  CHECK_EQ(9, seen->event.type);
  CHECK_EQ(-3, seen->event.priority);
  CHECK(seen->event.time_ns != 0);
  CHECK(seen->event.actor.bits == three.cell.actor.bits);
  CHECK(seen->event.source.bits == two.cell.actor.bits);
  CHECK_EQ(77, seen->value);
  const ac_bus_stats stats = stats_of(bus);
  CHECK_EQ(2, stats.events);
  CHECK_EQ(2, stats.deliveries);
  CHECK_EQ(1, stats.unmatched);
  CHECK_EQ(3, stats.subscriptions);
  CHECK_EQ(1, stats.pool_gets);
  close_bus(bus);
}

TEST(subscriptions_are_served_by_priority_and_one_actor_gets_one_message_for_each) {
  const ac_bus bus = open_inline(0);
  const ac_subscription_options low = {.priority = -1};
  const ac_subscription_options high = {.priority = 1};
  const uint64_t third = subscribe_with(bus, one.cell.actor, "a.b", low);
  const uint64_t second = subscribe(bus, one.cell.actor, ">");
  const uint64_t first = subscribe_with(bus, one.cell.actor, "a.*", high);
  CHECK_EQ(3, publish(bus, "a.b", 0));
  host_settle(&host);
  CHECK_EQ(3, one.count);
  CHECK_EQ(first, one.seen[0].subscription);
  CHECK_EQ(second, one.seen[1].subscription);
  CHECK_EQ(third, one.seen[2].subscription);
  close_bus(bus);
}

TEST(a_subscription_that_wants_it_once_is_passed_over_when_its_actor_has_the_event) {
  const ac_bus bus = open_inline(0);
  const ac_subscription_options once = {.flags = AC_SUBSCRIBE_ONCE};
  const ac_subscription_options first = {.priority = 1};
  const uint64_t served = subscribe_with(bus, one.cell.actor, "a.b", first);
  subscribe_with(bus, one.cell.actor, "a.*", once);
  subscribe_with(bus, two.cell.actor, ">", once);
  CHECK_EQ(2, publish(bus, "a.b", 0));
  CHECK_EQ(2, publish(bus, "a.c", 0));
  host_settle(&host);
  CHECK_EQ(2, one.count);
  CHECK_EQ(served, one.seen[0].subscription);
  CHECK_EQ(2, two.count);
  close_bus(bus);
}

TEST(a_subscription_is_narrowed_to_an_actor_and_to_types) {
  const ac_bus bus = open_inline(0);
  const ac_subscription_options about = {.about = three.cell.actor};
  const ac_subscription_options types = {.type_first = 5, .type_last = 6};
  subscribe_with(bus, one.cell.actor, "", about);  // any topic
  subscribe_with(bus, two.cell.actor, "a", types);
  const ac_event_options neither = {.type = 4, .about = two.cell.actor};
  const ac_event_options both = {.type = 6, .about = three.cell.actor};
  CHECK_EQ(0, publish_with(bus, "a", 0, neither));
  CHECK_EQ(2, publish_with(bus, "a", 0, both));
  CHECK_EQ(1, publish_with(bus, "b", 0, both));
  host_settle(&host);
  CHECK_EQ(2, one.count);
  CHECK_EQ(1, two.count);
  close_bus(bus);
}

TEST(an_unsubscribed_one_gets_no_more) {
  const ac_bus bus = open_inline(0);
  const uint64_t id = subscribe(bus, one.cell.actor, "a");
  CHECK_EQ(1, publish(bus, "a", 0));
  CHECK_OK(ac_bus_unsubscribe(bus, id));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_bus_unsubscribe(bus, id));
  CHECK_EQ(0, publish(bus, "a", 0));
  host_settle(&host);
  CHECK_EQ(1, one.count);
  close_bus(bus);
}

TEST(a_dead_subscriber_is_removed_by_the_publish_that_meets_it) {
  const ac_bus bus = open_inline(0);
  subscribe(bus, one.cell.actor, "a.*");
  subscribe(bus, one.cell.actor, "b");
  subscribe(bus, two.cell.actor, "a.b");
  host_tell(&host, one.cell.actor, type_stop, 0);
  host_settle(&host);
  CHECK_EQ(3, stats_of(bus).subscriptions);
  CHECK_EQ(1, publish(bus, "a.b", 0));
  CHECK_EQ(2, stats_of(bus).removed_dead);
  CHECK_EQ(1, stats_of(bus).subscriptions);
  host_settle(&host);
  CHECK_EQ(1, two.count);
  const ac_ledger ledger = host_check_ledger(&host);
  CHECK_EQ(0, dead_total(&ledger));
  close_bus(bus);
}

TEST(a_malformed_pattern_is_refused_with_what_is_wrong_with_it) {
  const ac_bus bus = open_inline(0);
  ac_subscription_options options = {
      .struct_size = sizeof options, .pattern = ac_text_of("a.>.b"), .subscriber = one.cell.actor};
  uint64_t id;
  ac_error error;
  ac_text text;
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_bus_subscribe(bus, &options, &id, &error));
  CHECK_OK(ac_error_message(error, &text));
  CHECK_TEXT("token 2 is '>', which stands for all the rest; make it the last", text);
  ac_error_release(error);
  ac_event_options event = {.struct_size = sizeof event, .topic = ac_text_of("a.*")};
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_bus_publish(bus, &event, NULL, NULL));
  event.topic = ac_text_of("");
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_bus_publish(bus, &event, NULL, NULL));
  CHECK_EQ(0, stats_of(bus).events);
  close_bus(bus);
}

TEST(buffers_of_events_are_used_again_and_may_outlive_the_bus) {
  const ac_bus bus = open_inline(0);
  subscribe(bus, one.cell.actor, "a");
  enum { all = 2000 };
  for (unsigned i = 0; i < all; ++i) {
    publish(bus, "a", i);
    host_settle(&host);
  }
  const ac_bus_stats stats = stats_of(bus);
  CHECK_EQ(all, stats.pool_gets);
  CHECK(stats.pool_misses < 250);  // what a worker lets go of comes home in batches
  for (unsigned i = 0; i < all; ++i) CHECK_EQ(i, one.seen[i].value);
  publish(bus, "a", all);
  ac_bus_release(bus);
  host_settle(&host);
  CHECK_EQ(all + 1, one.count);
  host_close(&host);
}

// -- inside handlers ----------------------------------------------------------------------------

// Passes an event on, one topic further, as often as the value says.
struct relay {
  struct cell cell;  // first
  ac_bus bus;
  unsigned handled;
};

static ac_status on_relay(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct relay* self = (struct relay*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    uint64_t value;
    if (message->type == AC_TYPE_EVENT) {
      memcpy(&value, ac_event_data(ac_event_of(message)).data, sizeof value);
    } else {
      value = value_of(message);
    }
    self->handled += 1;
    const ac_event_options options = {.source = activation->actor, .about = activation->actor};
    if (value != 0) publish_with(self->bus, value % 2 == 0 ? "even" : "odd", value - 1, options);
  }
  return AC_OK;
}

static uint64_t run_relays(enum mode mode, uint64_t seed) {
  static struct relay relays[4];
  const struct host_options options = {.mode = mode, .seed = seed};
  host_open(&host, options);
  const ac_bus bus = open_bus(&host, 0);
  static const char* const patterns[] = {"even", "odd", "*", ">"};
  memset(relays, 0, sizeof relays);
  for (unsigned i = 0; i < 4; ++i) {
    relays[i].bus = bus;
    subscribe(bus, host_spawn(&host, &relays[i].cell, on_relay), patterns[i]);
  }
  host_tell(&host, relays[0].cell.actor, type_publish, 5);
  host_settle(&host);
  unsigned handled = 0;
  for (unsigned i = 0; i < 4; ++i) handled += relays[i].handled;
  CHECK_EQ(1 + 3 + 9 + 27 + 81 + 243, handled);
  uint64_t hash = 0;
  if (seed != 0) CHECK_OK(ac_system_trace_hash(host.system, &hash));
  close_bus(bus);
  return hash;
}

TEST(handlers_publish_with_the_same_trace_in_every_mode) {
  const uint64_t hash = run_relays(mode_inline, 42);
  CHECK_EQ(hash, run_relays(mode_attached, 42));
  CHECK_EQ(hash, run_relays(mode_caller, 42));
  CHECK(hash != run_relays(mode_inline, 43));
}

TEST(handlers_publish_on_workers_of_every_kind) {
  for (enum mode mode = 0; mode < mode_count; ++mode) run_relays(mode, 0);
}

// -- many threads -------------------------------------------------------------------------------

enum { publishers = 3, published = 400 };

struct publisher {
  ac_bus bus;
  uint64_t number;
};

static void* publish_many(void* argument) {
  const struct publisher* self = argument;
  for (uint64_t i = 0; i < published; ++i) publish(self->bus, "a.b", self->number << 32 | i);
  return NULL;
}

static void run_publishers(ac_bus bus, void (*meanwhile)(ac_bus)) {
  pthread_t threads[publishers];
  struct publisher each[publishers];
  for (uint64_t i = 0; i < publishers; ++i) {
    each[i].bus = bus;
    each[i].number = i;
    CHECK(pthread_create(&threads[i], NULL, publish_many, &each[i]) == 0);
  }
  if (meanwhile) meanwhile(bus);
  for (unsigned i = 0; i < publishers; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
  host_settle(&host);
}

static void check_order(const struct listener* listener) {
  uint64_t next[publishers] = {0};
  CHECK_EQ(publishers * published, listener->count);
  for (unsigned i = 0; i < listener->count; ++i) {
    const uint64_t value = listener->seen[i].value;
    CHECK_EQ(next[value >> 32]++, (uint32_t)value);
  }
}

TEST(a_subscriber_gets_what_each_publisher_publishes_in_order) {
  const ac_bus bus = open_inline(0);
  subscribe(bus, one.cell.actor, "a.b");
  subscribe(bus, two.cell.actor, "a.*");
  run_publishers(bus, NULL);
  check_order(&one);
  check_order(&two);
  close_bus(bus);
}

TEST(an_ordered_bus_gives_everybody_all_events_in_the_order_of_their_ids) {
  ac_bus_release(open_inline(0));
  const ac_bus bus = open_bus(&host, AC_BUS_ORDERED);
  subscribe(bus, one.cell.actor, "a.b");
  subscribe(bus, two.cell.actor, ">");
  run_publishers(bus, NULL);
  check_order(&one);
  for (unsigned i = 0; i < publishers * published; ++i) {
    CHECK_EQ(i + 1, one.seen[i].event.id);
    CHECK_EQ(i + 1, two.seen[i].event.id);
  }
  close_bus(bus);
}

// Subscribers that come, go and die.
static void churn(ac_bus bus) {
  static struct listener mortals[32];
  for (unsigned i = 0; i < 32; ++i) {
    const ac_actor actor = host_spawn(&host, &mortals[i].cell, on_event);
    const uint64_t first = subscribe(bus, actor, i % 2 == 0 ? "a.b" : "*.b");
    subscribe(bus, actor, "a.c");
    if (i % 3 == 0) CHECK_OK(ac_bus_unsubscribe(bus, first));
    CHECK_OK(ac_actor_stop(host.system, actor, 0));
  }
}

TEST(subscribers_come_and_go_while_threads_publish) {
  const ac_bus bus = open_inline(0);
  subscribe(bus, one.cell.actor, "a.b");
  run_publishers(bus, churn);
  check_order(&one);
  publish(bus, "a.b", 0);
  publish(bus, "a.c", 0);
  host_settle(&host);
  const ac_bus_stats stats = stats_of(bus);
  CHECK_EQ(1, stats.subscriptions);
  CHECK_EQ(64 - 11, stats.removed_dead);
  host_check_ledger(&host);
  close_bus(bus);
}
