// routers: a post office. One address stands for many actors: a pool of clerks that the router
// spawns and restarts, each in turn; and three depots, which get a parcel by its street, all hear
// of a new tariff, and are all asked at once, where the first reply counts. Virtual time, and one
// letter after the other, so that every run prints the same.
//
// Prints what the clerks do with nine letters, which depot has which street, before and after one
// depot is taken off, and what the depots answer.
#include <actorcore/actorcore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LETTER = 1, TORN, STORE, RAISE, TARIFF, HAS, ANSWER };
enum { CLERKS = 3, DEPOTS = 3, STREETS = 6 };
static const uint64_t millisecond = 1000000;
static ac_system the_system;

struct clerk {
  int64_t had;
};

struct depot {
  int64_t number, tariff;
  uint64_t streets;  // a bit for each
};

struct parcel {  // STORE; the street is the key
  uint64_t street, weight;
};

static void must(ac_status status) {
  if (status == AC_OK) return;
  ac_text name = {0};
  ac_status_text(status, &name, NULL);
  fprintf(stderr, "routers: %.*s\n", (int)name.size, name.data);
  exit(1);
}

// -- the actors
static ac_status clerk(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  struct clerk* self = (struct clerk*)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const ac_message* message = mine->messages[i];
    int64_t letter = 0;
    memcpy(&letter, message->data, sizeof letter);
    switch (message->type) {
      case LETTER:
        printf("clerk: letter %" PRId64 " is my number %" PRId64 "\n", letter, ++self->had);
        break;
      case TORN:
        printf("clerk: letter %" PRId64 " is torn, I fail\n", letter);
        mine->handled = i;
        must(ac_worker_fail(turn->worker, 0, i, AC_E_HANDLER, ac_text_of("c Clerk: torn")));
        return AC_E_HANDLER;
      case AC_TYPE_RESTARTED:
        self->had = 0;
        printf("clerk: I start again\n");
        break;
    }
  }
  return AC_OK;
}

static ac_status depot(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  struct depot* self = (struct depot*)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const ac_message* message = mine->messages[i];
    int64_t word = 0;  // the parcel's street, how much to raise by, or the street asked for
    memcpy(&word, message->data, sizeof word);
    const int64_t* answer = &self->number;
    switch (message->type) {
      case STORE:
        self->streets |= UINT64_C(1) << word;
        break;
      case RAISE:
        self->tariff += word;
        continue;
      case TARIFF:
        answer = &self->tariff;
        break;
      case HAS:
        if (!(self->streets & UINT64_C(1) << word)) continue;  // somebody else may answer
        break;
    }
    must(ac_turn_reply(turn, mine, message, ANSWER, answer, sizeof *answer));
  }
  return AC_OK;
}

// -- what the main thread does with them
static ac_behavior kind(const char* name, ac_on_turn on_turn) {
  const ac_behavior_options options = {
      .struct_size = sizeof options, .on_turn = on_turn, .name = ac_text_of(name)};
  ac_behavior made;
  must(ac_behavior_create(the_system, &options, &made, NULL));
  return made;
}

static void tell(ac_actor to, uint32_t type, int64_t word) {
  must(ac_tell(the_system, to, type, (ac_bytes){(const uint8_t*)&word, sizeof word}));
  must(ac_system_settle(the_system, AC_TIMEOUT_NEVER));
}

static ac_status ask(ac_actor to, uint32_t type, const void* data, uint64_t size, int64_t* answer) {
  ac_message reply;
  const ac_status status =
      ac_ask(the_system, to, type, (ac_bytes){data, size}, AC_TIMEOUT_NEVER, &reply);
  if (status == AC_OK) memcpy(answer, reply.data, sizeof *answer);
  return status;
}

static uintptr_t make_clerk(uintptr_t user) {
  static struct clerk clerks[CLERKS];  // as many as there will be: a restart makes no more
  static unsigned made;
  (void)user;
  return (uintptr_t)&clerks[made++];
}

static void run_pool(void) {
  const ac_spawn_options spawn = {
      .struct_size = sizeof spawn,
      .flags = AC_SPAWN_RESTARTED,
      .behavior = kind("c Clerk", clerk),
      .supervision = {.strategy = AC_SUPERVISE_RESTART, .restarts_max = 3}};
  const ac_router_options options = {.struct_size = sizeof options,
                                     .logic = AC_ROUTE_ROUND_ROBIN,
                                     .spawn = &spawn,
                                     .make = make_clerk,
                                     .pool_size = CLERKS};
  ac_router pool;
  ac_actor address;
  must(ac_router_create(the_system, &options, &pool, &address, NULL));
  for (int64_t letter = 1; letter <= 9; ++letter)
    tell(address, letter == 5 ? TORN : LETTER, letter);

  ac_routee rows[CLERKS];
  uint64_t count;
  ac_supervision_stats stats;
  must(ac_router_routees(pool, rows, CLERKS, &count));
  must(ac_actor_get_supervision(the_system, address, &stats));
  printf("main: letters of each clerk:");
  for (uint64_t i = 0; i < count; ++i) printf(" %" PRIu64, rows[i].routed);
  printf("; failures %" PRIu64 ", restarted %" PRIu64 "\n", stats.failures, stats.restarted);
  ac_router_release(pool);
  must(ac_system_settle(the_system, AC_TIMEOUT_NEVER));
}

static ac_router group(uint32_t logic, const ac_actor* depots, ac_actor* address) {
  const ac_router_options options = {.struct_size = sizeof options,
                                     .logic = logic,
                                     .routees = depots,
                                     .routees_count = DEPOTS,
                                     .key_size = sizeof(uint64_t),  // of a parcel, its street
                                     .timeout_ns = 10 * millisecond};
  ac_router made;
  must(ac_router_create(the_system, &options, &made, address, NULL));
  return made;
}

static void store(ac_actor address, const char* when) {
  printf("main: %s, streets 1 to 6 have depots", when);
  for (uint64_t street = 1; street <= STREETS; ++street) {
    const struct parcel parcel = {street, 10 * street};
    int64_t number;
    must(ask(address, STORE, &parcel, sizeof parcel, &number));
    printf(" %" PRId64, number);
  }
  printf("\n");
}

static void run_hash(const ac_actor* depots) {
  ac_actor address;
  const ac_router by_street = group(AC_ROUTE_CONSISTENT_HASH, depots, &address);
  store(address, "first");
  store(address, "again");
  must(ac_router_remove(by_street, depots[1]));
  store(address, "without depot 2");
  ac_router_release(by_street);
}

static void run_all(const ac_actor* depots) {
  ac_actor all, any;
  const ac_router broadcast = group(AC_ROUTE_BROADCAST, depots, &all);
  const ac_router gather = group(AC_ROUTE_SCATTER_GATHER, depots, &any);
  ac_router_stats stats;
  tell(all, RAISE, 2);
  must(ac_router_get_stats(broadcast, &stats));
  int64_t answer;
  must(ask(any, TARIFF, NULL, 0, &answer));
  must(ac_system_settle(the_system, AC_TIMEOUT_NEVER));
  ac_ledger ledger;
  must(ac_system_ledger(the_system, &ledger));
  printf("main: %" PRIu64 " were told, and the tariff is %" PRId64 "; %" PRIu64
         " more said so too late\n",
         stats.routed, answer, ledger.dead[AC_DEAD_LATE_REPLY]);
  for (uint64_t street = 1; street <= STREETS + 1; street += STREETS) {
    const ac_status status = ask(any, HAS, &street, sizeof street, &answer);
    if (status != AC_E_TIMEOUT) must(status);
    printf("main: who has street %" PRIu64 "? ", street);
    if (status == AC_OK) printf("depot %" PRId64 "\n", answer);
    if (status == AC_E_TIMEOUT) printf("nobody, within 10 ms\n");
  }
  ac_router_release(broadcast);
  ac_router_release(gather);
}

int main(void) {
  const ac_system_options seeded = {
      .struct_size = sizeof seeded, .flags = AC_SYSTEM_SEEDED, .seed = 1};
  must(ac_system_create(&seeded, &the_system, NULL));
  run_pool();

  static struct depot depots[DEPOTS] = {{1, 5, 0}, {2, 5, 0}, {3, 5, 0}};
  const uintptr_t users[DEPOTS] = {(uintptr_t)&depots[0], (uintptr_t)&depots[1],
                                   (uintptr_t)&depots[2]};
  const ac_spawn_options options = {.struct_size = sizeof options,
                                    .behavior = kind("c Depot", depot)};
  ac_actor actors[DEPOTS];
  must(ac_spawn_many(the_system, &options, users, DEPOTS, actors, NULL));
  run_hash(actors);
  run_all(actors);

  must(ac_system_settle(the_system, AC_TIMEOUT_NEVER));
  ac_system_stats stats;
  must(ac_system_get_stats(the_system, &stats));
  printf("main: the routers are gone, with the clerks; %" PRIu64 " depots live on\n", stats.actors);
  must(ac_system_stop(the_system, 1000 * millisecond, NULL, NULL));
  ac_system_release(the_system);
  return 0;
}
