// events: a house and its kitchen. Events go to whoever subscribed to their topic or to a pattern
// that it fits, those of a higher priority first, and to nobody who has ended. Items of a bounded
// queue go to one cook each, who acknowledges them: what is refused, or was in the hand of a cook
// who failed, comes again, and what comes too often is dead. Virtual time, so that every run prints
// the same.
//
// Prints how many deliveries each event became and what came of them, then what the cooks did
// with each order, and where the items are in the end.
#include <actorcore/actorcore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PASSED = 1, NOTED };                   // an event with a number of people; a request
enum { PLAIN = 11, SLOW, HARD, IMPOSSIBLE };  // orders
static const uint64_t millisecond = 1000000;
static ac_system the_system;

static void must(ac_status status) {
  if (status == AC_OK) return;
  ac_text name = {0};
  ac_status_text(status, &name, NULL);
  fprintf(stderr, "events: %.*s\n", (int)name.size, name.data);
  exit(1);
}

// -- the actors
static uint64_t people_in(const ac_message* message) {
  uint64_t people;
  memcpy(&people, ac_event_data(ac_event_of(message)).data, sizeof people);
  return people;
}

static ac_status porter(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user, (void)turn;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const ac_message* message = mine->messages[i];
    if (message->type != AC_TYPE_EVENT) continue;
    const ac_text topic = ac_event_topic(ac_event_of(message));
    printf("porter: %" PRIu64 " at %.*s, by subscription %" PRIu64 "\n", people_in(message),
           (int)topic.size, topic.data, ac_event_subscription(message));
  }
  return AC_OK;
}

static ac_status diary(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  static uint64_t people;
  (void)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const ac_message* message = mine->messages[i];
    if (message->type == AC_TYPE_EVENT) people += people_in(message);
    if (message->type == NOTED)
      must(ac_turn_reply(turn, mine, message, NOTED, &people, sizeof people));
  }
  return AC_OK;
}

// What a cook does with an order depends on its type, and on how often it has come.
static ac_status cook(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  const char* name = (const char*)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const ac_message* message = mine->messages[i];
    if (message->type != AC_TYPE_WORK) continue;
    const ac_work* work = ac_work_of(message);
    const uint64_t deliveries = ac_work_deliveries(message), tag = message->correlation;
    printf("%s cook: order %" PRIu64 ", delivery %" PRIu64, name, work->number, deliveries);
    if (work->type == IMPOSSIBLE) {
      printf(", is impossible\n");
      must(ac_queue_nack(work->queue, tag, 0));
    } else if (work->type == SLOW && deliveries == 1) {
      printf(", is to come again in 10 ms\n");
      must(ac_queue_nack(work->queue, tag, 10 * millisecond));
    } else if (work->type == HARD && deliveries == 1) {
      printf(", is too hard, I fail\n");
      mine->handled = i;
      must(ac_worker_fail(turn->worker, 0, i, AC_E_HANDLER, ac_text_of("c Cook: too hard")));
      return AC_E_HANDLER;
    } else {
      printf(", is done\n");
      must(ac_queue_ack(work->queue, tag));
    }
  }
  return AC_OK;
}

static ac_actor spawn(const char* name, ac_on_turn on_turn, const char* user) {
  const ac_behavior_options behavior = {
      .struct_size = sizeof behavior, .on_turn = on_turn, .name = ac_text_of(name)};
  ac_spawn_options options = {.struct_size = sizeof options, .user = (uintptr_t)user};
  ac_actor actor;
  must(ac_behavior_create(the_system, &behavior, &options.behavior, NULL));
  must(ac_spawn(the_system, &options, &actor, NULL));
  return actor;
}

// -- the bus
static void settle(void) { must(ac_system_settle(the_system, AC_TIMEOUT_NEVER)); }

static uint64_t subscribe(ac_bus bus, const char* pattern, ac_actor subscriber, int32_t priority) {
  const ac_subscription_options options = {.struct_size = sizeof options,
                                           .pattern = ac_text_of(pattern),
                                           .subscriber = subscriber,
                                           .priority = priority};
  uint64_t id;
  must(ac_bus_subscribe(bus, &options, &id, NULL));
  return id;
}

static void publish(ac_bus bus, const char* topic, uint64_t people) {
  const ac_event_options options = {.struct_size = sizeof options,
                                    .type = PASSED,
                                    .topic = ac_text_of(topic),
                                    .data = {(const uint8_t*)&people, sizeof people}};
  uint64_t delivered;
  must(ac_bus_publish(bus, &options, NULL, &delivered));
  printf("main: %" PRIu64 " at %s, deliveries %" PRIu64 "\n", people, topic, delivered);
  settle();
}

static void run_bus(void) {
  ac_bus bus;
  must(ac_bus_create(the_system, NULL, &bus, NULL));
  const ac_actor doorman = spawn("c Porter", porter, NULL), book = spawn("c Diary", diary, NULL);
  const uint64_t exact = subscribe(bus, "north.door", doorman, 0);
  const uint64_t pattern = subscribe(bus, "north.>", doorman, 5);
  const uint64_t doors = subscribe(bus, "*.door", book, 0);
  printf("main: subscriptions %" PRIu64 " and %" PRIu64 " of the porter, %" PRIu64
         " of the diary\n",
         exact, pattern, doors);
  publish(bus, "north.door", 1);
  publish(bus, "south.door", 2);
  publish(bus, "north.window.left", 3);
  publish(bus, "south.gate", 4);
  must(ac_actor_stop(the_system, doorman, 0));
  settle();
  publish(bus, "north.door", 5);

  ac_message reply;
  uint64_t people;
  must(ac_ask(the_system, book, NOTED, (ac_bytes){0}, AC_TIMEOUT_NEVER, &reply));
  memcpy(&people, reply.data, sizeof people);
  printf("diary: %" PRIu64 " at all doors\n", people);
  ac_bus_stats stats;
  must(ac_bus_get_stats(bus, &stats));
  printf("bus: events %" PRIu64 ", deliveries %" PRIu64 ", for nobody %" PRIu64
         "; subscriptions %" PRIu64 ", removed with the porter %" PRIu64 "\n",
         stats.events, stats.deliveries, stats.unmatched, stats.subscriptions, stats.removed_dead);
  ac_bus_release(bus);
}

// -- the queue
static void order(ac_queue queue, uint32_t type) {
  uint64_t number;
  const ac_status status = ac_queue_put(queue, (ac_actor){0}, type, (ac_bytes){0}, &number);
  if (status == AC_E_FULL) {
    printf("main: no more orders, three are the bound\n");
    return;
  }
  must(status);
  printf("main: order %" PRIu64 "\n", number);
}

static void run_queue(void) {
  const ac_queue_options options = {.struct_size = sizeof options,
                                    .capacity = 3,
                                    .name = ac_text_of("orders"),
                                    .deliveries_max = 3};
  ac_queue queue;
  must(ac_queue_create(the_system, &options, &queue, NULL));
  order(queue, PLAIN);
  order(queue, SLOW);
  order(queue, PLAIN);
  order(queue, PLAIN);
  must(ac_queue_join(queue, spawn("c Cook", cook, "first"), 1));
  settle();
  printf("main: 10 ms later\n");
  must(ac_system_advance(the_system, 10 * millisecond));
  must(ac_queue_join(queue, spawn("c Cook", cook, "second"), 1));
  order(queue, HARD);
  settle();
  order(queue, IMPOSSIBLE);
  settle();

  ac_dead_work dead[3];
  uint64_t count;
  must(ac_queue_dead(queue, dead, 3, &count));
  for (uint64_t i = 0; i < count; ++i) {
    printf("main: order %" PRIu64 " is dead after %" PRIu32 " deliveries\n", dead[i].number,
           dead[i].deliveries);
  }
  ac_queue_stats stats;
  must(ac_queue_get_stats(queue, &stats));
  printf("queue: put %" PRIu64 " = done %" PRIu64 " + ready %" PRIu64 " + leased %" PRIu64
         " + dead %" PRIu64 "; redelivered %" PRIu64 ", refused %" PRIu64 ", cooks %" PRIu64 "\n",
         stats.put, stats.acked, stats.ready, stats.leased, stats.dead, stats.redelivered,
         stats.refused, stats.consumers);
  ac_queue_release(queue);
}

int main(void) {
  const ac_system_options seeded = {
      .struct_size = sizeof seeded, .flags = AC_SYSTEM_SEEDED, .seed = 1};
  must(ac_system_create(&seeded, &the_system, NULL));
  run_bus();
  run_queue();
  must(ac_system_stop(the_system, 1000 * millisecond, NULL, NULL));
  ac_system_release(the_system);
  return 0;
}
