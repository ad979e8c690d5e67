// Stash, behaviors and messages given back: what a handler does not want to handle now.
#include <string.h>

#include "host.h"

enum { type_work = 11, type_fail = 12, type_open = 13, type_some = 14, type_turn = 15 };

// Stashes its work until it is told to open; writes down the values that it handles.
struct door {
  struct cell cell;  // first
  int is_open;
  uint64_t seen[64];
  unsigned count;
  unsigned refused;
};

static ac_status on_message(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct door* door = (struct door*)cell;
  const uint32_t at = (uint32_t)(activation - turn->activations);
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    activation->handled = i;
    switch (message->type) {
      case type_fail:
        return AC_E_HANDLER;
      case type_open:
        door->is_open = 1;
        CHECK_OK(ac_worker_unstash(turn->worker, at, 0));
        activation->handled = i + 1;
        activation->flags |= AC_ACTIVATION_YIELD;
        return AC_OK;
      case type_some:
        CHECK_OK(ac_worker_unstash(turn->worker, at, value_of(message)));
        door->is_open = 1;
        break;
      case type_work:
        if (door->is_open) {
          CHECK(door->count < 64);
          door->seen[door->count++] = value_of(message);
        } else {
          const ac_status status = ac_worker_stash(turn->worker, at, i);
          CHECK(status == AC_OK || status == AC_E_FULL);
          door->refused += status == AC_E_FULL;
        }
        break;
      default:
        CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_worker_stash(turn->worker, at, i));  // STARTED
    }
  }
  return AC_OK;
}

static ac_actor open_door(struct host* host, struct door* door, handler on,
                          struct host_options options) {
  memset(door, 0, sizeof *door);
  host_open(host, options);
  return host_spawn(host, &door->cell, on);
}

static void tell_work(struct host* host, ac_actor to, uint64_t from, uint64_t until) {
  for (uint64_t i = from; i < until; ++i) host_tell(host, to, type_work, i);
}

static void expect_seen(const struct door* door, unsigned count) {
  CHECK_EQ(count, door->count);
  for (unsigned i = 0; i < count; ++i) CHECK_EQ(i, door->seen[i]);
}

static void stash_and_open(struct host_options options) {
  struct host host;
  struct door door;
  const ac_actor actor = open_door(&host, &door, on_message, options);
  tell_work(&host, actor, 0, 10);
  host_settle(&host);
  CHECK_EQ(10, host_check_ledger(&host).stashed);
  CHECK_EQ(0, host_ledger(&host).queued);
  host_tell(&host, actor, type_open, 0);
  tell_work(&host, actor, 10, 20);
  host_settle(&host);
  expect_seen(&door, 20);
  CHECK_EQ(0, host_check_ledger(&host).stashed);
  host_close(&host);
}

TEST(what_was_stashed_comes_back_first_and_in_order) { in_every_mode(stash_and_open); }

static void unstash_some(struct host_options options) {
  struct host host;
  struct door door;
  const ac_actor actor = open_door(&host, &door, on_message, options);
  tell_work(&host, actor, 0, 10);
  host_tell(&host, actor, type_some, 4);
  host_settle(&host);
  expect_seen(&door, 4);
  CHECK_EQ(6, host_check_ledger(&host).stashed);
  host_tell(&host, actor, type_some, 6);
  host_settle(&host);
  expect_seen(&door, 10);
  host_close(&host);
}

TEST(a_part_of_the_stash_can_be_put_back) { in_every_mode(unstash_some); }

static void fill_stash(struct host_options options) {
  struct host host;
  struct door door = {.is_open = 0};
  host_open(&host, options);
  const ac_spawn_options bounded = {.stash_max = 3, .flags = AC_SPAWN_STARTED};
  const ac_actor actor = host_spawn_with(&host, &door.cell, on_message, bounded);
  tell_work(&host, actor, 0, 5);
  host_settle(&host);
  CHECK_EQ(2, door.refused);
  CHECK_EQ(3, host_check_ledger(&host).stashed);
  host_close(&host);
}

TEST(a_full_stash_refuses_and_leaves_the_message_in_hand) { in_every_mode(fill_stash); }

static void end_with_a_stash(struct host_options options) {
  for (int fails = 0; fails < 2; ++fails) {
    struct host host;
    struct door door;
    const ac_actor actor = open_door(&host, &door, on_message, options);
    tell_work(&host, actor, 0, 5);
    host_settle(&host);
    host_tell(&host, actor, fails ? type_fail : AC_TYPE_STOP, 0);
    host_settle(&host);
    const ac_ledger ledger = host_check_ledger(&host);
    CHECK_EQ(0, ledger.stashed);
    CHECK_EQ(5, ledger.dead[fails ? AC_DEAD_FAILED : AC_DEAD_STOPPED]);
    host_close(&host);
  }
}

TEST(the_stash_of_an_actor_that_ends_is_dead_letters) { in_every_mode(end_with_a_stash); }

static void restart_with_a_stash(struct host_options options) {
  struct host host;
  struct door door;
  const ac_actor actor = open_door(&host, &door, on_message, options);
  tell_work(&host, actor, 0, 5);
  host_settle(&host);
  door.is_open = 1;
  CHECK_OK(ac_actor_restart(host.system, actor));
  tell_work(&host, actor, 5, 8);
  host_settle(&host);
  CHECK_EQ(8, door.count);
  CHECK_EQ(0, host_check_ledger(&host).stashed);
  host_close(&host);
}

TEST(a_restart_puts_the_stash_back) { in_every_mode(restart_with_a_stash); }

static void stash_an_ask(struct host_options options) {
  struct host host;
  struct door door;
  const ac_actor actor = open_door(&host, &door, on_message, options);
  const ac_bytes none = {0};
  ac_message reply;
  host_tell(&host, actor, AC_TYPE_UNTYPED + type_work, 0);
  host_settle(&host);
  CHECK_STATUS(AC_E_TIMEOUT,
               ac_ask(host.system, actor, type_work, bytes_of(&none, 8), 1000000, &reply));
  CHECK_OK(ac_actor_stop(host.system, actor, 0));
  host_settle(&host);
  CHECK_EQ(0, host_check_ledger(&host).stashed);
  host_close(&host);
}

TEST(an_ask_that_is_stashed_can_time_out) { in_every_mode(stash_an_ask); }

// Gives back all but the first of its messages, every time.
static ac_status on_one(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct door* door = (struct door*)cell;
  (void)turn;
  door->seen[door->count++] = value_of(activation->messages[0]);
  activation->handled = 1;
  activation->flags |= AC_ACTIVATION_YIELD;
  return AC_OK;
}

static void yield_rest(struct host_options options) {
  struct host host;
  struct door door;
  const ac_actor actor = open_door(&host, &door, on_one, options);
  tell_work(&host, actor, 0, 20);
  host_tell(&host, actor, AC_TYPE_STOP, 0);
  host_settle(&host);
  expect_seen(&door, 20);
  CHECK_EQ(21, host_check_ledger(&host).handled);
  CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, actor));
  host_close(&host);
}

TEST(messages_given_back_come_again_before_all_others) { in_every_mode(yield_rest); }

// Two behaviors that take turns: one counts up from 0, the other from 1000.
static ac_behavior upper, lower;
static uint64_t heard[2];

static ac_status change(unsigned which, ac_turn* turn, ac_activation* activation) {
  for (uint32_t i = 0; i < activation->count; ++i) {
    ++heard[which];
    if (activation->messages[i]->type != type_turn) continue;
    CHECK_OK(which == 0 ? ac_worker_become(turn->worker, 0, upper, 0)
                        : ac_worker_unbecome(turn->worker, 0));
    if (which == 0)
      CHECK_STATUS(AC_E_UNKNOWN_CONSTANT, ac_worker_become(turn->worker, 0, upper, 2));
    activation->handled = i + 1;
    activation->flags |= AC_ACTIVATION_YIELD;
    return AC_OK;
  }
  return AC_OK;
}

static ac_status on_lower(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  (void)user;
  return change(0, turn, activation);
}

static ac_status on_upper(uintptr_t user, ac_turn* turn, ac_activation* activation) {
  (void)user;
  return change(1, turn, activation);
}

TEST(an_actor_becomes_another_behavior_and_goes_back) {
  struct host host;
  host_open(&host, (struct host_options){.mode = mode_inline});
  const ac_behavior_options low = {.struct_size = sizeof low, .on_turn = on_lower};
  const ac_behavior_options up = {.struct_size = sizeof up, .on_turn = on_upper};
  CHECK_OK(ac_behavior_create(host.system, &low, &lower, NULL));
  CHECK_OK(ac_behavior_create(host.system, &up, &upper, NULL));
  const ac_spawn_options options = {.struct_size = sizeof options, .behavior = lower};
  ac_actor actor;
  CHECK_OK(ac_spawn(host.system, &options, &actor, NULL));
  static const uint32_t types[] = {type_work, type_turn, type_work,
                                   type_work, type_turn, type_work};
  for (unsigned i = 0; i < 6; ++i) host_tell(&host, actor, types[i], i);
  host_settle(&host);
  CHECK_EQ(3, heard[0]);
  CHECK_EQ(3, heard[1]);
  host_tell(&host, actor, type_turn, 0);  // up, and down again by a restart
  host_settle(&host);
  CHECK_OK(ac_actor_restart(host.system, actor));
  host_tell(&host, actor, type_work, 0);
  host_settle(&host);
  CHECK_EQ(5, heard[0]);
  CHECK_EQ(3, heard[1]);
  host_close(&host);
}
