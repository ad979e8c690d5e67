// supervise: a shop with a till that starts again by itself, and a vault whose failures the shop
// decides on. Time is virtual, so that every run prints the same.
#include <actorcore/actorcore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADD = 1, PUT, TAKE, CHECK };  // each with an amount, an int64_t
static const uint64_t millisecond = 1000000;
static ac_system the_system;
static ac_behavior tills, vaults;
static ac_actor the_vault;
static unsigned tills_opened;

static void must(ac_status status) {
  if (status == AC_OK) return;
  ac_text name = {0};
  ac_status_text(status, &name, NULL);
  fprintf(stderr, "supervise: %.*s\n", (int)name.size, name.data);
  exit(1);
}

static uint64_t now_ms(void) {
  uint64_t now_ns = 0;
  must(ac_system_now(the_system, &now_ns));
  return now_ns / millisecond;
}

// Fails message `i`, the last of this activation.
static ac_status fail(ac_turn* turn, ac_activation* mine, uint32_t i, const char* name,
                      const char* reason) {
  char text[64];
  snprintf(text, sizeof text, "c %s: %s", name, reason);
  printf("%s: fails: %s\n", name, reason);
  mine->handled = i;
  must(ac_worker_fail(turn->worker, 0, i, AC_E_HANDLER, ac_text_of(text)));
  return AC_E_HANDLER;
}

static ac_status till(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  static uint64_t last_ms;  // there is one till at a time
  int64_t* total = (int64_t*)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    int64_t amount;
    memcpy(&amount, mine->messages[i]->data, sizeof amount);
    switch (mine->messages[i]->type) {
      case ADD:
        last_ms = now_ms();
        if (amount < 0) return fail(turn, mine, i, "till", "a negative amount");
        printf("till: total %" PRId64 "\n", *total += amount);
        break;
      case AC_TYPE_RESTARTED:
        *total = 0;
        printf("till: starts again after %" PRIu64 " ms\n", now_ms() - last_ms);
        break;
      case AC_TYPE_STOPPED:
        printf("till: ends at %" PRId64 "\n", *total);
        break;
    }
  }
  return AC_OK;
}

static ac_status vault(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  int64_t* holds = (int64_t*)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const uint32_t type = mine->messages[i]->type;
    int64_t amount;
    memcpy(&amount, mine->messages[i]->data, sizeof amount);
    if (type == TAKE && amount > *holds) return fail(turn, mine, i, "vault", "too little");
    if (type == CHECK && amount != *holds) return fail(turn, mine, i, "vault", "a miscount");
    if (type == PUT) *holds += amount;
    if (type == TAKE) *holds -= amount;
    if (type == AC_TYPE_RESTARTED) *holds = 0;
    printf("vault: %s %" PRId64 "\n", type == AC_TYPE_STOPPED ? "ends at" : "holds", *holds);
  }
  return AC_OK;
}

static ac_actor open(ac_turn* turn, ac_activation* mine, ac_spawn_options options) {
  ac_actor child;
  options.struct_size = sizeof options;
  options.flags = AC_SPAWN_RESTARTED | AC_SPAWN_STOPPED;
  options.supervisor = mine->actor;
  must(ac_worker_spawn(turn->worker, &options, NULL, 1, &child, NULL));
  printf("shop: opens a %.*s\n", (int)options.name.size, options.name.data);
  return child;
}

static void open_till(ac_turn* turn, ac_activation* mine) {
  static int64_t totals[2];
  const ac_spawn_options options = {
      .behavior = tills, .user = (uintptr_t)&totals[tills_opened++], .name = ac_text_of("till")};
  must(ac_actor_watch(turn->system, mine->actor, open(turn, mine, options)));
}

static void open_vault(ac_turn* turn, ac_activation* mine) {
  static int64_t holds;
  const ac_spawn_options options = {.behavior = vaults,
                                    .user = (uintptr_t)&holds,
                                    .name = ac_text_of("vault"),
                                    .supervision = {.strategy = AC_SUPERVISE_DECIDE}};
  the_vault = open(turn, mine, options);
}

// A vault that was asked for too much is as it was; one with a miscount is not to be trusted.
static void decide(const ac_failed* failed) {
  if (failed->actor.bits != the_vault.bits) return;
  ac_failure failure;
  uint64_t count;
  must(ac_system_failures(the_system, failed->number - 1, &failure, 1, &count));
  char text[sizeof failure.text + 1] = {0};
  memcpy(text, failure.text, failure.text_size);
  const int is_harmless = failed->type == TAKE && strstr(text, "too little") != NULL;
  printf("shop: message %" PRIu32 " failed, the vault %s\n", failed->type,
         is_harmless ? "goes on" : "starts again");
  must(ac_actor_decide(the_system, failed->actor,
                       is_harmless ? AC_SUPERVISE_RESUME : AC_SUPERVISE_RESTART));
}

static ac_status shop(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const void* payload = mine->messages[i]->data;
    switch (mine->messages[i]->type) {
      case AC_TYPE_STARTED:
        open_till(turn, mine);
        open_vault(turn, mine);
        break;
      case AC_TYPE_FAILED:
        decide(payload);
        break;
      case AC_TYPE_TERMINATED:
        printf("shop: the till %s\n",
               ((const ac_ended*)payload)->status == AC_OK ? "was stopped" : "ended by a failure");
        if (tills_opened < 2) open_till(turn, mine);
        break;
    }
  }
  return AC_OK;
}

static ac_behavior kind(const char* name, ac_on_turn on_turn) {
  const ac_behavior_options options = {
      .struct_size = sizeof options, .on_turn = on_turn, .name = ac_text_of(name)};
  ac_behavior made;
  must(ac_behavior_create(the_system, &options, &made, NULL));
  return made;
}

static ac_actor find(const char* name) {
  ac_actor actor;
  must(ac_system_find(the_system, ac_text_of(name), &actor));
  return actor;
}

static void tell(const char* name, uint32_t type, int64_t amount) {
  const ac_bytes payload = {(const uint8_t*)&amount, sizeof amount};
  must(ac_tell(the_system, find(name), type, payload));
}

static void settle(void) { must(ac_system_settle(the_system, AC_TIMEOUT_NEVER)); }

static void report(ac_actor owner) {
  ac_supervision_stats s;
  ac_ledger l;
  must(ac_actor_get_supervision(the_system, owner, &s));
  must(ac_system_ledger(the_system, &l));
  printf("shop: children %" PRIu64 ", failures %" PRIu64 ": resumed %" PRIu64 ", restarted %" PRIu64
         ", stopped %" PRIu64 "; limited %" PRIu64 "\n",
         s.children, s.failures, s.resumed, s.restarted, s.stopped, s.limited);
  printf("ledger: accepted %" PRIu64 ", handled %" PRIu64 ", of these failed %" PRIu64
         ", lost with a failed actor %" PRIu64 "\n",
         l.accepted, l.handled, l.failed, l.dead[AC_DEAD_FAILED]);
}

int main(void) {
  const ac_system_options seeded = {
      .struct_size = sizeof seeded, .flags = AC_SYSTEM_SEEDED, .seed = 1};
  must(ac_system_create(&seeded, &the_system, NULL));
  tills = kind("c till", till);
  vaults = kind("c vault", vault);
  const ac_spawn_options options = {.struct_size = sizeof options,
                                    .flags = AC_SPAWN_STARTED,
                                    .behavior = kind("c shop", shop),
                                    .children = {.strategy = AC_SUPERVISE_RESTART,
                                                 .restarts_max = 2,
                                                 .period_ns = 1000 * millisecond,
                                                 .backoff_min_ns = 10 * millisecond,
                                                 .on_limit = AC_SUPERVISE_STOP}};
  ac_actor owner;
  must(ac_spawn(the_system, &options, &owner, NULL));
  settle();

  tell("till", ADD, 5);
  tell("till", ADD, 7);
  tell("till", ADD, -1);
  tell("till", ADD, 3);  // waits in the mailbox until the till has started again
  must(ac_system_advance(the_system, 9 * millisecond));
  printf("main: 9 ms later\n");
  settle();
  tell("till", ADD, -2);
  settle();
  tell("till", ADD, -3);  // one failure too many
  tell("till", ADD, 9);   // and this is lost with the till
  settle();
  tell("till", ADD, 8);
  settle();

  tell("vault", PUT, 100);
  tell("vault", TAKE, 30);
  tell("vault", TAKE, 500);
  tell("vault", PUT, 1);
  tell("vault", CHECK, 99);
  tell("vault", PUT, 4);
  settle();

  must(ac_actor_stop(the_system, find("till"), AC_STOP_DRAIN));
  settle();
  report(owner);
  must(ac_system_stop(the_system, 1000 * millisecond, NULL, NULL));
  ac_system_release(the_system);
  return 0;
}
