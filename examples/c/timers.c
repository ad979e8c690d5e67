// timers: a cook who boils an egg by the clock. A message after a delay and one after each period,
// both started from outside and by a handler for its own actor; their cancelling and their end; and
// what an actor is told that has had no message for a while. Time is virtual: it moves from one
// timer to the next while ac_system_advance runs, so that every run prints the same in no time.
//
// Prints what the cook does and at which time, what came of the timers that never fired, and how
// many messages that were.
#include <actorcore/actorcore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { COOK = 1, STIR, DONE, SERVE, BELL };  // none has a payload
static const uint64_t millisecond = 1000000, hour = 3600000000000;

static struct {
  ac_timer stirring;
  unsigned stirred, idle;
} the_cook;

static void must(ac_status status) {
  if (status == AC_OK) return;
  ac_text name = {0};
  ac_status_text(status, &name, NULL);
  fprintf(stderr, "timers: %.*s\n", (int)name.size, name.data);
  exit(1);
}

static uint64_t now_ms(ac_system system) {
  uint64_t now_ns = 0;
  must(ac_system_now(system, &now_ns));
  return now_ns / millisecond;
}

static ac_timer start(ac_system system, ac_actor to, uint32_t type, uint64_t delay_ns,
                      uint64_t period_ns) {
  const ac_timer_options options = {.struct_size = sizeof options,
                                    .to = to,
                                    .type = type,
                                    .delay_ns = delay_ns,
                                    .period_ns = period_ns};
  ac_timer timer;
  must(ac_timer_start(system, &options, &timer, NULL));
  return timer;
}

static void stir(const ac_turn* turn, const ac_message* message) {
  // A message that was sent before its timer was cancelled still comes; it is known by its timer.
  if (ac_message_timer(message).bits != the_cook.stirring.bits) return;
  const int is_last = ++the_cook.stirred == 3;
  printf("cook: at %" PRIu64 " ms stirs, %u%s\n", now_ms(turn->system), the_cook.stirred,
         is_last ? " and no more" : "");
  if (!is_last) return;
  must(ac_timer_cancel(turn->system, the_cook.stirring));
  the_cook.stirring = (ac_timer){0};
}

static void idle(const ac_turn* turn, ac_activation* mine) {
  const int goes = ++the_cook.idle == 2;
  printf("cook: at %" PRIu64 " ms has had nothing to do for 25 ms%s\n", now_ms(turn->system),
         goes ? " again, and goes" : "");
  if (goes) mine->flags |= AC_ACTIVATION_STOP;
}

static ac_status cook(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    const uint64_t now = now_ms(turn->system);
    switch (mine->messages[i]->type) {
      case COOK:
        printf("cook: at %" PRIu64 " ms begins\n", now);
        must(ac_actor_set_receive_timeout(turn->system, mine->actor, 25 * millisecond));
        the_cook.stirring =
            start(turn->system, mine->actor, STIR, 10 * millisecond, 10 * millisecond);
        break;
      case STIR:
        stir(turn, mine->messages[i]);
        break;
      case DONE:
        printf("cook: at %" PRIu64 " ms the egg is done\n", now);
        start(turn->system, mine->actor, SERVE, 20 * millisecond, 0);
        break;
      case SERVE:
        printf("cook: at %" PRIu64 " ms the egg is served\n", now);
        break;
      case BELL:
        printf("cook: at %" PRIu64 " ms the bell rings\n", now);
        break;
      case AC_TYPE_TIMEOUT:
        idle(turn, mine);
        break;
    }
  }
  return AC_OK;
}

int main(void) {
  const ac_system_options seeded = {
      .struct_size = sizeof seeded, .flags = AC_SYSTEM_SEEDED, .seed = 1};
  ac_system system;
  must(ac_system_create(&seeded, &system, NULL));
  const ac_behavior_options behavior = {
      .struct_size = sizeof behavior, .on_turn = cook, .name = ac_text_of("c Cook")};
  ac_spawn_options options = {.struct_size = sizeof options};
  must(ac_behavior_create(system, &behavior, &options.behavior, NULL));
  ac_actor actor;
  must(ac_spawn(system, &options, &actor, NULL));

  start(system, actor, DONE, 35 * millisecond, 0);
  const ac_timer once = start(system, actor, BELL, hour, 0);
  const ac_timer hourly = start(system, actor, BELL, hour, hour);
  must(ac_tell(system, actor, COOK, (ac_bytes){0}));
  must(ac_system_settle(system, AC_TIMEOUT_NEVER));
  printf("main: quiet at %" PRIu64 " ms, for timers that wait are no work\n", now_ms(system));
  must(ac_system_advance(system, 60 * millisecond));
  const int was_waiting = ac_timer_cancel(system, once) == AC_OK;
  const int still_was = ac_timer_cancel(system, once) == AC_OK;
  printf("main: at %" PRIu64 " ms, the bell was waiting: %s, and after its cancelling: %s\n",
         now_ms(system), was_waiting ? "yes" : "no", still_was ? "yes" : "no");
  ac_timer_stats stats;
  must(ac_timer_get_stats(system, hourly, &stats));
  printf("main: the hourly bell has rung %" PRIu64 " times and is due at %" PRIu64 " s\n",
         stats.sent, stats.next_ns / (1000 * millisecond));
  must(ac_system_advance(system, 2 * hour));
  const int has_ended = ac_timer_get_stats(system, hourly, &stats) == AC_E_STALE;
  printf("main: at %" PRIu64 " s, the hourly bell has ended with the cook: %s\n",
         now_ms(system) / 1000, has_ended ? "yes" : "no");

  ac_ledger ledger;
  must(ac_system_ledger(system, &ledger));
  printf("main: accepted %" PRIu64 ", handled %" PRIu64 "\n", ledger.accepted, ledger.handled);
  must(ac_system_stop(system, 1000 * millisecond, NULL, NULL));
  ac_system_release(system);
  return 0;
}
