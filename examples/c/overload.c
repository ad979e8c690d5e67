// overload: a bakery on the day of the fair, when more comes than it can do. A counter where three
// may wait, and what becomes of the fourth; a mill that pauses when the store is full and goes on
// when it has drained; a door that lets so many guests in a second; a dairy that answers too late,
// and is not asked until it is well again; and an oven that bakes a batch at a time and says of
// each loaf what became of it. Virtual time, so that every run prints the same.
//
// Prints what each of them does, and in the end where all messages are.
#include <actorcore/actorcore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ORDER = 1, GRIND, SACK };  // an order has a number
enum { SACKS = 24, LOAVES = 6 };
static const uint64_t millisecond = 1000000;
static ac_system the_system;

static struct {
  ac_actor store;
  unsigned sacks;
  int pauses;
} the_mill;
static ac_batcher the_batcher;

static void must(ac_status status) {
  if (status == AC_OK) return;
  ac_text name = {0};
  ac_status_text(status, &name, NULL);
  fprintf(stderr, "overload: %.*s\n", (int)name.size, name.data);
  exit(1);
}

static uint64_t now_ms(void) {
  uint64_t now_ns = 0;
  must(ac_system_now(the_system, &now_ns));
  return now_ns / millisecond;
}

static void settle(void) { must(ac_system_settle(the_system, AC_TIMEOUT_NEVER)); }

static ac_ledger ledger(void) {
  ac_ledger all;
  must(ac_system_ledger(the_system, &all));
  return all;
}

// -- the actors
static ac_status counter(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user, (void)turn;
  for (uint32_t i = 0; i < mine->count; ++i) {
    uint64_t number;
    memcpy(&number, mine->messages[i]->data, sizeof number);
    printf(" %" PRIu64, number);
  }
  return AC_OK;
}

static ac_status store(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user, (void)turn, (void)mine;  // a sack is taken by being handled
  return AC_OK;
}

static void grind(ac_turn* turn, const ac_activation* mine) {
  if (the_mill.pauses || the_mill.sacks == SACKS) return;
  the_mill.sacks += 3;
  for (int i = 0; i < 3; ++i) must(ac_turn_send(turn, mine, the_mill.store, SACK, NULL, 0));
  must(ac_turn_send(turn, mine, mine->actor, GRIND, NULL, 0));
}

static ac_status mill(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const ac_message* message = mine->messages[i];
    if (message->type == AC_TYPE_PRESSURE) {
      ac_pressure pressure;
      memcpy(&pressure, message->data, sizeof pressure);
      the_mill.pauses = pressure.level == AC_PRESSURE_HIGH;
      printf("mill: %s after %u sacks, %" PRIu64 " wait\n", the_mill.pauses ? "pauses" : "goes on",
             the_mill.sacks, pressure.length);
    }
    grind(turn, mine);
  }
  return AC_OK;
}

static ac_status oven(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user, (void)turn;
  for (uint32_t i = 0; i < mine->count; ++i) {
    ac_batch_item items[4];
    ac_batch_result results[4] = {{0}};
    uint64_t count, batch;
    must(ac_batcher_take(the_batcher, items, 4, 0, &count, &batch));
    printf("oven: a batch of %" PRIu64 "\n", count);
    for (uint64_t at = 0; at < count; ++at) {
      const uint8_t weight = items[at].data[0];
      results[at].value = 10 * weight;
      results[at].status = weight <= 4 ? AC_OK : AC_E_HANDLER;
    }
    must(ac_batcher_done(the_batcher, batch, AC_OK, results, count));
  }
  return AC_OK;
}

static ac_actor spawn(const char* name, ac_on_turn on_turn, const ac_mailbox_options* mailbox) {
  const ac_behavior_options behavior = {
      .struct_size = sizeof behavior, .on_turn = on_turn, .name = ac_text_of(name)};
  ac_spawn_options options = {.struct_size = sizeof options, .mailbox = mailbox};
  ac_actor actor;
  must(ac_behavior_create(the_system, &behavior, &options.behavior, NULL));
  must(ac_spawn(the_system, &options, &actor, NULL));
  return actor;
}

// -- mailboxes
static void run_counter(const char* name, uint32_t overflow) {
  const ac_mailbox_options mailbox = {
      .struct_size = sizeof mailbox, .overflow = overflow, .capacity = 3};
  const ac_actor actor = spawn("c Counter", counter, &mailbox);
  unsigned refused = 0;
  for (uint64_t number = 1; number <= 5; ++number) {
    const ac_bytes order = {(const uint8_t*)&number, sizeof number};
    const ac_status status = ac_tell(the_system, actor, ORDER, order);
    if (status == AC_E_FULL) ++refused;
    if (status != AC_E_FULL) must(status);
  }
  printf("counter: %s, serves", name);
  settle();
  const ac_ledger all = ledger();
  printf("; refused %u; dead so far %" PRIu64 " dropped, %" PRIu64 " overflowed\n", refused,
         all.dead[AC_DEAD_DROPPED], all.dead[AC_DEAD_OVERFLOW]);
}

static void run_mill(void) {
  const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox, .high = 6, .low = 2};
  the_mill.store = spawn("c Store", store, &mailbox);
  must(ac_tell(the_system, spawn("c Mill", mill, NULL), GRIND, (ac_bytes){0}));
  settle();
  ac_mailbox_stats stats = {.struct_size = sizeof stats};
  must(ac_mailbox_get(the_system, the_mill.store, &stats));
  printf("store: at most %" PRIu64 " waited\n", stats.length_max);
}

// -- the door
static void run_door(void) {
  const ac_limiter_options options = {.struct_size = sizeof options, .rate = 2, .burst = 2};
  ac_limiter limiter;
  must(ac_limiter_create(the_system, &options, &limiter, NULL));
  for (int guest = 1; guest <= 4; ++guest) {
    uint64_t wait_ns;
    while (ac_limiter_take(limiter, 0, 1, &wait_ns) == AC_E_OVERLOADED) {
      printf("door: guest %d is to wait %" PRIu64 " ms\n", guest, wait_ns / millisecond);
      must(ac_system_advance(the_system, wait_ns));
    }
    printf("door: at %" PRIu64 " ms guest %d comes in\n", now_ms(), guest);
  }
  ac_limiter_release(limiter);
}

// -- the dairy
static uint64_t price_of_milk(ac_breaker breaker, uint64_t takes_ms) {
  ac_permit permit;
  const ac_status status = ac_breaker_enter(breaker, &permit);
  if (status == AC_E_OVERLOADED) return 30;  // yesterday's
  must(status);
  must(ac_system_advance(the_system, takes_ms * millisecond));
  must(ac_breaker_leave(breaker, &permit, AC_OUTCOME_SUCCESS));
  return 31;
}

static void run_dairy(void) {
  static const char* const states[] = {"CLOSED", "OPEN", "HALF_OPEN"};
  static const char* const reasons[] = {"", "FAILURES", "SLOWNESS", "TIME_OVER", "RECOVERED"};
  static const uint64_t take_ms[] = {5, 40, 5, 40, 5, 5, 5, 5};
  const ac_breaker_options options = {.struct_size = sizeof options,
                                      .calls_min = 4,
                                      .successes = 2,
                                      .slow_ns = 20 * millisecond,
                                      .open_ns = 100 * millisecond};
  ac_breaker breaker;
  must(ac_breaker_create(the_system, &options, &breaker, NULL));
  for (unsigned call = 0; call < 8; ++call) {
    if (call == 6) must(ac_system_advance(the_system, 100 * millisecond));
    const uint64_t price = price_of_milk(breaker, take_ms[call]);
    printf("dairy: at %" PRIu64 " ms milk is %" PRIu64 "\n", now_ms(), price);
  }
  ac_breaker_change changes[8];
  uint64_t count;
  must(ac_breaker_changes(breaker, 0, changes, 8, &count));
  for (uint64_t i = 0; i < count; ++i) {
    const ac_breaker_change* change = &changes[i];
    printf("breaker: at %" PRIu64 " ms %s to %s, %s\n", change->time_ns / millisecond,
           states[change->from], states[change->to], reasons[change->reason]);
  }
  ac_breaker_stats stats;
  must(ac_breaker_get_stats(breaker, &stats));
  printf("breaker: %" PRIu64 " calls, %" PRIu64 " slow, %" PRIu64 " refused\n", stats.succeeded,
         stats.slow, stats.refused);
  ac_breaker_release(breaker);
}

// -- the oven
static void run_oven(void) {
  static const uint8_t weights[LOAVES] = {1, 2, 5, 1, 3, 4};
  const ac_batcher_options options = {
      .struct_size = sizeof options, .size = 4, .to = spawn("c Oven", oven, NULL)};
  must(ac_batcher_create(the_system, &options, &the_batcher, NULL));
  uint64_t tickets[LOAVES];
  for (int i = 0; i < LOAVES; ++i) {
    const ac_batch_item loaf = {.length = 1, .data = {weights[i]}};
    must(ac_batcher_put(the_batcher, &loaf, &tickets[i]));
  }
  for (int i = 0; i < LOAVES; ++i) {
    ac_batch_result result;
    must(ac_batcher_wait(the_batcher, tickets[i], AC_TIMEOUT_NEVER, &result));
    if (result.status == AC_OK)
      printf("main: loaf %d is baked in %" PRIu64 " minutes\n", i + 1, result.value);
    else
      printf("main: loaf %d is too heavy\n", i + 1);
  }
  ac_batcher_stats stats;
  must(ac_batcher_get_stats(the_batcher, &stats));
  printf("oven: %" PRIu64 " loaves, %" PRIu64 " failed; batches %" PRIu64 ", full %" PRIu64 "\n",
         stats.items, stats.failed, stats.batches, stats.full);
  ac_batcher_release(the_batcher);
}

int main(void) {
  // The store takes two sacks a turn, so that a mill which sends three is ahead of it.
  const ac_system_options seeded = {
      .struct_size = sizeof seeded, .flags = AC_SYSTEM_SEEDED, .seed = 1, .throughput = 2};
  must(ac_system_create(&seeded, &the_system, NULL));
  run_counter("FAIL", AC_OVERFLOW_FAIL);
  run_counter("DROP_NEWEST", AC_OVERFLOW_DROP_NEWEST);
  run_counter("DROP_OLDEST", AC_OVERFLOW_DROP_OLDEST);
  run_counter("DEAD_LETTER", AC_OVERFLOW_DEAD_LETTER);
  run_mill();
  run_door();
  run_dairy();
  run_oven();

  const ac_ledger all = ledger();
  printf("main: accepted %" PRIu64 " = handled %" PRIu64 " + dropped %" PRIu64
         " + overflowed %" PRIu64 "\n",
         all.accepted, all.handled, all.dead[AC_DEAD_DROPPED], all.dead[AC_DEAD_OVERFLOW]);
  must(ac_system_stop(the_system, 1000 * millisecond, NULL, NULL));
  ac_system_release(the_system);
  return 0;
}
