// behaviors: a telegraph office that is first connecting, then ready, and busy on top of that with
// each telegram. What comes while it can send nothing it sets aside, at most three telegrams, and
// takes up again in the order in which they came; after a while without any it hangs up and is
// connecting again. Virtual time, so that every run prints the same.
//
// Prints what the office does, with what it is at that time, and where all messages are in the end.
#include <actorcore/actorcore.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TELEGRAM = 1, CONNECTED, SENT };  // a telegram has a number
static const uint64_t millisecond = 1000000;
static ac_system the_system;
static ac_behavior connecting, ready, busy;
static int is_calling;

static void must(ac_status status) {
  if (status == AC_OK) return;
  ac_text name = {0};
  ac_status_text(status, &name, NULL);
  fprintf(stderr, "behaviors: %.*s\n", (int)name.size, name.data);
  exit(1);
}

static uint64_t now_ms(void) {
  uint64_t now_ns = 0;
  must(ac_system_now(the_system, &now_ns));
  return now_ns / millisecond;
}

// -- the office
static void after(ac_actor to, uint32_t type, uint64_t delay_ms) {
  const ac_timer_options options = {
      .struct_size = sizeof options, .to = to, .type = type, .delay_ns = delay_ms * millisecond};
  must(ac_timer_start(the_system, &options, NULL, NULL));
}

static uint64_t number_of(const ac_message* message) {
  uint64_t number;
  memcpy(&number, message->data, sizeof number);
  return number;
}

static void set_aside(const ac_turn* turn, const ac_activation* mine, uint32_t i,
                      const char* name) {
  const uint64_t number = number_of(mine->messages[i]);
  const ac_status status = ac_worker_stash(turn->worker, 0, i);
  if (status != AC_E_FULL) must(status);
  printf("%s: at %" PRIu64 " ms telegram %" PRIu64 " %s\n", name, now_ms(), number,
         status == AC_OK ? "is set aside" : "is refused, for three are");
}

// What comes after message `i` is for another behavior.
static ac_status give_rest_back(ac_activation* mine, uint32_t i) {
  mine->handled = i + 1;
  mine->flags |= AC_ACTIVATION_YIELD;
  return AC_OK;
}

static ac_status on_connecting(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    switch (mine->messages[i]->type) {
      case TELEGRAM:
        if (!is_calling) after(mine->actor, CONNECTED, 20);
        is_calling = 1;
        set_aside(turn, mine, i, "connecting");
        break;
      case CONNECTED:
        is_calling = 0;
        printf("connecting: at %" PRIu64 " ms the line is open\n", now_ms());
        must(ac_actor_set_receive_timeout(the_system, mine->actor, 50 * millisecond));
        must(ac_worker_become(turn->worker, 0, ready, 0));
        must(ac_worker_unstash(turn->worker, 0, 0));
        return give_rest_back(mine, i);
    }
  }
  return AC_OK;
}

static ac_status on_ready(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    switch (mine->messages[i]->type) {
      case TELEGRAM:
        printf("ready: at %" PRIu64 " ms telegram %" PRIu64 " goes out\n", now_ms(),
               number_of(mine->messages[i]));
        after(mine->actor, SENT, 10);
        must(ac_worker_become(turn->worker, 0, busy, 0));
        return give_rest_back(mine, i);
      case AC_TYPE_TIMEOUT:
        printf("ready: at %" PRIu64 " ms has had nothing to do for 50 ms, hangs up\n", now_ms());
        must(ac_actor_set_receive_timeout(the_system, mine->actor, 0));
        must(ac_worker_unbecome(turn->worker, 0));
        return give_rest_back(mine, i);
    }
  }
  return AC_OK;
}

static ac_status on_busy(uintptr_t user, ac_turn* turn, ac_activation* mine) {
  (void)user;
  for (uint32_t i = 0; i < mine->count; ++i) {
    switch (mine->messages[i]->type) {
      case TELEGRAM:
        set_aside(turn, mine, i, "busy");
        break;
      case SENT:
        printf("busy: at %" PRIu64 " ms it is through\n", now_ms());
        must(ac_worker_unbecome(turn->worker, 0));
        must(ac_worker_unstash(turn->worker, 0, 1));
        return give_rest_back(mine, i);
    }
  }
  return AC_OK;
}

// -- what the main thread does with it
static ac_behavior behavior(ac_on_turn on_turn) {
  const ac_behavior_options options = {
      .struct_size = sizeof options, .on_turn = on_turn, .name = ac_text_of("c Office")};
  ac_behavior made;
  must(ac_behavior_create(the_system, &options, &made, NULL));
  return made;
}

static void hand_in(ac_actor office, uint64_t first, uint64_t last) {
  for (uint64_t number = first; number <= last; ++number)
    must(ac_tell(the_system, office, TELEGRAM, (ac_bytes){(const uint8_t*)&number, sizeof number}));
  must(ac_system_settle(the_system, AC_TIMEOUT_NEVER));
  ac_ledger ledger;
  must(ac_system_ledger(the_system, &ledger));
  printf("main: at %" PRIu64 " ms %" PRIu64 " are handed in, %" PRIu64 " set aside\n", now_ms(),
         last, ledger.stashed);
}

int main(void) {
  const ac_system_options seeded = {
      .struct_size = sizeof seeded, .flags = AC_SYSTEM_SEEDED, .seed = 1};
  must(ac_system_create(&seeded, &the_system, NULL));
  connecting = behavior(on_connecting);
  ready = behavior(on_ready);
  busy = behavior(on_busy);
  const ac_spawn_options options = {
      .struct_size = sizeof options, .behavior = connecting, .stash_max = 3};
  ac_actor office;
  must(ac_spawn(the_system, &options, &office, NULL));

  hand_in(office, 1, 4);
  must(ac_system_advance(the_system, 25 * millisecond));
  hand_in(office, 5, 5);
  must(ac_system_advance(the_system, 100 * millisecond));
  hand_in(office, 6, 7);
  must(ac_system_advance(the_system, 25 * millisecond));

  must(ac_actor_stop(the_system, office, 0));
  must(ac_system_settle(the_system, AC_TIMEOUT_NEVER));
  ac_ledger ledger;
  must(ac_system_ledger(the_system, &ledger));
  printf("main: at %" PRIu64 " ms the office is closed; accepted %" PRIu64 " = handled %" PRIu64
         " + set aside %" PRIu64 " + left behind %" PRIu64 "\n",
         now_ms(), ledger.accepted, ledger.handled, ledger.stashed, ledger.dead[AC_DEAD_STOPPED]);
  must(ac_system_stop(the_system, 1000 * millisecond, NULL, NULL));
  ac_system_release(the_system);
  return 0;
}
