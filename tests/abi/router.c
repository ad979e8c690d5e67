// A message to a router reaches whom its logic says, as it was sent, and one that nobody gets is
// told of.
#include <string.h>

#include "team.h"

static struct team team;

static void open_group(uint32_t logic, unsigned routees, uint64_t seed) {
  team_open(&team, (struct host_options){.seed = seed}, routees);
  team_group(&team, (ac_router_options){.logic = logic});
}

static void each_gets_its_turn(struct host_options options) {
  team_open(&team, options, 3);
  team_group(&team, (ac_router_options){.logic = AC_ROUTE_ROUND_ROBIN});
  for (uint64_t i = 0; i < 9; ++i) team_tell(&team, type_value, i);
  host_settle(&team.host);
  for (unsigned i = 0; i < 3; ++i) {
    CHECK_EQ(3, team.members[i].count);
    for (unsigned k = 0; k < 3; ++k) CHECK_EQ(i + 3 * k, team.members[i].values[k]);
  }
  CHECK_EQ(9, team_stats(&team).routed);
  CHECK_EQ(0, team_stats(&team).unrouted);
  const ac_ledger ledger = host_check_ledger(&team.host);
  CHECK_EQ(9, ledger.accepted);
  CHECK_EQ(0, dead_total(&ledger));
  team_close(&team);
}
TEST(round_robin_gives_each_its_turn_in_every_mode) { in_every_mode(each_gets_its_turn); }

TEST(a_handler_sends_to_a_router_as_to_any_actor_and_stays_the_sender) {
  open_group(AC_ROUTE_ROUND_ROBIN, 3, 0);
  const ac_actor source = team_spawn(&team);
  host_tell(&team.host, source, type_pass, 99);
  host_settle(&team.host);
  for (unsigned i = 0; i < 3; ++i) {
    CHECK_EQ(33, team.members[i].count);
    CHECK(team.members[i].sender.bits == source.bits);
    for (unsigned k = 0; k < 33; ++k) CHECK_EQ(i + 3 * k + 1, team.members[i].values[k]);
  }
  team_close(&team);
}

TEST(a_batch_from_outside_is_routed_message_by_message) {
  open_group(AC_ROUTE_ROUND_ROBIN, 2, 3);
  ac_message messages[5];
  ac_status statuses[5];
  memset(messages, 0, sizeof messages);
  for (uint64_t i = 0; i < 5; ++i) {
    messages[i].to = i == 2 ? team.actors[0] : team.address;
    CHECK_OK(ac_message_fill(&messages[i], type_value, &i, sizeof i));
  }
  uint64_t accepted;
  CHECK_OK(ac_tell_many(team.host.system, messages, 5, statuses, &accepted));
  CHECK_EQ(5, accepted);
  host_settle(&team.host);
  CHECK_EQ(3, team.members[0].count);
  CHECK_EQ(2, team.members[1].count);
  team_close(&team);
}

TEST(random_gives_about_the_same_to_each_and_the_seed_decides) {
  uint64_t given[2][4];
  for (unsigned round = 0; round < 2; ++round) {
    open_group(AC_ROUTE_RANDOM, 4, 9);
    for (uint64_t i = 0; i < 400; ++i) team_tell(&team, type_value, i);
    host_settle(&team.host);
    for (unsigned i = 0; i < 4; ++i) {
      given[round][i] = team.members[i].count;
      CHECK(given[round][i] > 60);
    }
    team_close(&team);
  }
  CHECK(memcmp(given[0], given[1], sizeof given[0]) == 0);
}

static void all_get_it(struct host_options options) {
  team_open(&team, options, 3);
  team_group(&team, (ac_router_options){.logic = AC_ROUTE_BROADCAST});
  uint64_t large[20] = {77};
  CHECK_OK(ac_tell(team.host.system, team.address, type_value, bytes_of(large, sizeof large)));
  host_settle(&team.host);
  for (unsigned i = 0; i < 3; ++i) {
    CHECK_EQ(1, team.members[i].count);
    CHECK_EQ(77, team.members[i].values[0]);
    CHECK(team.members[i].payload == team.members[0].payload);
  }
  CHECK_EQ(3, host_check_ledger(&team.host).accepted);
  CHECK_EQ(3, team_stats(&team).routed);
  team_close(&team);
}
TEST(a_broadcast_reaches_all_and_they_share_its_buffer) { in_every_mode(all_get_it); }

TEST(messages_of_one_sender_keep_their_order_through_a_router_and_beside_it) {
  open_group(AC_ROUTE_BROADCAST, 3, 0);
  struct member* source = &team.members[3];
  team_spawn(&team);
  host_tell(&team.host, source->cell.actor, type_pass, 200);
  host_settle(&team.host);
  for (unsigned i = 0; i < 3; ++i) {
    for (unsigned k = 0; k < 200; ++k) CHECK_EQ(k + 1, team.members[i].values[k]);
  }
  team_close(&team);
}

TEST(an_ask_of_a_router_is_answered_by_its_routee_to_the_asker) {
  for (uint32_t logic = 0; logic <= AC_ROUTE_SCATTER_GATHER; ++logic) {
    open_group(logic, 3, 4);
    const uint64_t before = host_ledger(&team.host).accepted;
    uint64_t index;
    CHECK_OK(team_ask(&team, type_value, 5, &index));
    CHECK(index < 3);
    CHECK_EQ(5, team.members[index].values[0]);
    host_settle(&team.host);
    const ac_ledger ledger = host_check_ledger(&team.host);
    const int is_many = logic == AC_ROUTE_BROADCAST || logic == AC_ROUTE_SCATTER_GATHER;
    CHECK_EQ(is_many ? 6 : 2, ledger.accepted - before);
    CHECK_EQ(is_many ? 2 : 0, ledger.dead[AC_DEAD_LATE_REPLY]);
    CHECK_EQ(is_many ? 2 : 0, dead_total(&ledger));
    team_close(&team);
  }
}

TEST(a_handlers_ask_of_many_gets_one_answer) {
  open_group(AC_ROUTE_SCATTER_GATHER, 4, 0);
  const ac_actor asker = team_spawn(&team);
  host_tell(&team.host, asker, type_ask, 0);
  host_settle(&team.host);
  CHECK_EQ(1, team.members[4].answers);
  CHECK_EQ(0, team.members[4].failed);
  CHECK_EQ(3, host_check_ledger(&team.host).dead[AC_DEAD_LATE_REPLY]);
  team_close(&team);
}

TEST(an_ask_of_many_fails_only_when_the_last_copy_has) {
  open_group(AC_ROUTE_SCATTER_GATHER, 3, 6);
  uint64_t index;
  CHECK_STATUS(AC_E_FAILED, team_ask(&team, type_fail, 0, &index));  // all three
  CHECK_STATUS(AC_E_NOT_FOUND, team_ask(&team, type_value, 0, &index));
  CHECK_EQ(3, team_stats(&team).ended);
  CHECK_EQ(1, team_stats(&team).unrouted);
  team_close(&team);
  // One that fails leaves the others time to answer.
  open_group(AC_ROUTE_SCATTER_GATHER, 2, 6);
  host_tell(&team.host, team.actors[0], type_fail, 0);  // with the copy behind it
  CHECK_OK(team_ask(&team, type_value, 0, &index));
  CHECK_EQ(1, index);
  host_settle(&team.host);
  CHECK_EQ(1, host_check_ledger(&team.host).dead[AC_DEAD_FAILED]);
  team_close(&team);
}

TEST(a_scattered_ask_waits_no_longer_than_the_router_says) {
  team_open(&team, (struct host_options){.seed = 2}, 3);
  team_group(&team, (ac_router_options){.logic = AC_ROUTE_SCATTER_GATHER, .timeout_ns = 5000000});
  uint64_t before, after, index;
  CHECK_OK(ac_system_now(team.host.system, &before));
  CHECK_STATUS(AC_E_TIMEOUT, team_ask(&team, type_mute, 0, &index));
  CHECK_OK(ac_system_now(team.host.system, &after));
  CHECK_EQ(5000000, after - before);
  team_close(&team);
  open_group(AC_ROUTE_BROADCAST, 3, 2);  // whose limit is the ask's own
  CHECK_OK(ac_system_now(team.host.system, &before));
  CHECK_STATUS(AC_E_TIMEOUT, team_ask(&team, type_mute, 0, &index));
  CHECK_OK(ac_system_now(team.host.system, &after));
  CHECK_EQ(patience, after - before);
  team_close(&team);
}

TEST(the_smallest_mailbox_is_the_one_with_the_fewest_messages) {
  for (unsigned has_options = 0; has_options < 2; ++has_options) {
    team_open(&team, (struct host_options){.seed = 5}, 0);
    const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox, .capacity = 1000};
    team_pool(&team, (ac_router_options){.logic = AC_ROUTE_SMALLEST_MAILBOX, .pool_size = 4},
              (ac_spawn_options){.mailbox = has_options ? &mailbox : NULL});
    for (uint64_t i = 0; i < 40; ++i) team_tell(&team, type_value, i);
    ac_routee routees[members_max];
    CHECK_EQ(4, team_routees(&team, routees));
    for (unsigned i = 0; i < 4; ++i) CHECK_EQ(10, routees[i].queued);
    // What others sent counts where the mailbox knows its length.
    for (uint64_t i = 0; i < 30; ++i) host_tell(&team.host, routees[2].actor, type_value, i);
    for (uint64_t i = 0; i < 30; ++i) team_tell(&team, type_value, i);
    CHECK_EQ(4, team_routees(&team, routees));
    CHECK_EQ(has_options ? 10 : 17, routees[2].routed);
    host_settle(&team.host);
    // Nothing waits any more, so that each has its turn again.
    team_tell(&team, type_value, 1);
    host_settle(&team.host);
    CHECK_EQ(101, team_count(&team));
    team_close(&team);
  }
}

TEST(a_busy_routee_is_passed_over_for_an_idle_one) {
  team_open(&team, (struct host_options){.workers = 2}, 1);
  struct gate gate;
  const ac_actor busy = host_enter_gate(&team.host, &gate);
  ac_actor both[2] = {busy, team.actors[0]};
  ac_router_options options = {
      .logic = AC_ROUTE_SMALLEST_MAILBOX, .routees = both, .routees_count = 2};
  CHECK_OK(team_try(&team, &options));
  team_tell(&team, type_value, 1);
  ac_routee routees[members_max];
  CHECK_EQ(2, team_routees(&team, routees));
  CHECK_EQ(0, routees[0].routed);
  CHECK_EQ(1, routees[1].routed);
  sem_post(&gate.leave);
  team_close(&team);
}

static uint64_t owner_of(uint64_t key) {
  uint64_t index;
  CHECK_OK(team_ask(&team, type_value, key, &index));
  return index;
}

TEST(a_key_stays_with_its_routee_and_only_the_keys_of_one_that_goes_move) {
  enum { keys = 2000, count = 10 };
  static uint64_t owners[keys];
  unsigned owned[count + 1] = {0};
  open_group(AC_ROUTE_CONSISTENT_HASH, count, 8);
  for (uint64_t key = 0; key < keys; ++key) owned[owners[key] = owner_of(key)] += 1;
  for (unsigned i = 0; i < count; ++i) CHECK(owned[i] > keys / count / 2);
  for (uint64_t key = 0; key < keys; ++key) CHECK_EQ(owners[key], owner_of(key));
  CHECK_OK(ac_router_remove(team.router, team.actors[3]));
  for (uint64_t key = 0; key < keys; ++key) {
    if (owners[key] == 3) CHECK(owner_of(key) != 3);
    if (owners[key] != 3) CHECK_EQ(owners[key], owner_of(key));
  }
  // Whoever takes its place gets its keys, and no others.
  const ac_actor next = team_spawn(&team);
  CHECK_OK(ac_router_add(team.router, next, NULL));
  for (uint64_t key = 0; key < keys; ++key) {
    CHECK_EQ(owners[key] == 3 ? count : owners[key], owner_of(key));
  }
  ac_routee routees[members_max];
  CHECK_EQ(count, team_routees(&team, routees));
  CHECK(routees[3].actor.bits == next.bits);
  for (unsigned i = 0; i < count; ++i) CHECK_EQ(i, routees[i].place);
  team_close(&team);
}

static uint64_t key_of_seven(uintptr_t user, const ac_message* message) {
  (void)user;
  return value_of(message) % 7;
}

TEST(a_key_is_where_the_options_say) {
  for (unsigned way = 0; way < 4; ++way) {
    team_open(&team, (struct host_options){.seed = 8}, 5);
    const ac_router_options options[] = {
        {.logic = AC_ROUTE_CONSISTENT_HASH, .key_offset = 4, .key_size = 4},
        {.logic = AC_ROUTE_CONSISTENT_HASH, .key_offset = 4},
        {.logic = AC_ROUTE_CONSISTENT_HASH, .key = key_of_seven},
        {.logic = AC_ROUTE_CONSISTENT_HASH, .key_offset = 8},  // what no message has
    };
    team_group(&team, options[way]);
    unsigned met = 0;
    uint64_t first[7];
    for (uint64_t key = 0; key < 7; ++key) {
      for (uint64_t rest = 0; rest < 10; ++rest) {
        const uint64_t value = way == 2 ? key + 7 * rest : key << 32 | rest;
        const uint64_t owner = owner_of(value);
        if (rest == 0) first[key] = owner;
        CHECK_EQ(first[way == 3 ? 0 : key], owner);
        met |= 1u << owner;
      }
    }
    CHECK_EQ(way == 3, (met & (met - 1)) == 0);
    team_close(&team);
  }
}

TEST(a_bound_on_loads_keeps_a_hot_key_from_filling_one_mailbox) {
  for (uint32_t percent = 100; percent <= 200; percent += 50) {
    team_open(&team, (struct host_options){.seed = 8}, 4);
    team_group(&team, (ac_router_options){.logic = AC_ROUTE_CONSISTENT_HASH,
                                          .load_bound_percent = percent});
    ac_routee routees[members_max];
    for (uint64_t total = 1; total <= 200; ++total) {
      team_tell(&team, type_value, 1);
      CHECK_EQ(4, team_routees(&team, routees));
      for (unsigned i = 0; i < 4; ++i) {
        CHECK(routees[i].queued <= (total * percent + 399) / 400);
      }
    }
    CHECK(team_stats(&team).spilled > 50);
    host_settle(&team.host);
    const uint64_t owner = owner_of(1);
    for (unsigned i = 0; i < 9; ++i) CHECK_EQ(owner, owner_of(1));  // as nothing waits
    team_close(&team);
  }
}

TEST(who_has_ended_is_taken_off_and_the_others_get_everything) {
  open_group(AC_ROUTE_ROUND_ROBIN, 3, 7);
  host_tell(&team.host, team.actors[1], type_end, 0);
  host_settle(&team.host);
  for (uint64_t i = 0; i < 10; ++i) team_tell(&team, type_value, i);
  host_settle(&team.host);
  CHECK_EQ(5, team.members[0].count);
  CHECK_EQ(0, team.members[1].count);
  CHECK_EQ(5, team.members[2].count);
  CHECK_EQ(1, team_stats(&team).ended);
  CHECK_EQ(2, team_stats(&team).routees);
  const ac_ledger ledger = host_check_ledger(&team.host);
  CHECK_EQ(0, dead_total(&ledger));
  team_close(&team);
}

TEST(what_nobody_is_there_for_is_refused_outside_and_dead_inside) {
  open_group(AC_ROUTE_ROUND_ROBIN, 0, 7);
  const uint64_t value = 1;
  const ac_bytes bytes = bytes_of(&value, sizeof value);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_tell(team.host.system, team.address, type_value, bytes));
  CHECK_EQ(0, host_ledger(&team.host).accepted);
  const ac_actor source = team_spawn(&team);
  host_tell(&team.host, source, type_pass, 3);
  host_tell(&team.host, source, type_ask, 0);
  host_settle(&team.host);
  CHECK_EQ(4, host_check_ledger(&team.host).dead[AC_DEAD_UNROUTED]);
  CHECK_EQ(5, team_stats(&team).unrouted);
  CHECK_EQ(1, team.members[0].failed);
  CHECK_STATUS(AC_E_NOT_FOUND, team.members[0].failed_with);
  ac_dead_letter letter;
  uint64_t count;
  CHECK_OK(ac_system_dead_letters(team.host.system, 0, &letter, 1, &count));
  CHECK(letter.to.bits == team.address.bits);
  CHECK(letter.sender.bits == source.bits);
  team_close(&team);
}

TEST(a_full_routee_refuses_through_its_router_as_it_does_itself) {
  team_open(&team, (struct host_options){.seed = 3}, 0);
  const ac_mailbox_options mailbox = {.struct_size = sizeof mailbox, .capacity = 2};
  team_pool(&team, (ac_router_options){.pool_size = 2}, (ac_spawn_options){.mailbox = &mailbox});
  const uint64_t value = 1;
  const ac_bytes bytes = bytes_of(&value, sizeof value);
  for (unsigned i = 0; i < 4; ++i) team_tell(&team, type_value, i);
  CHECK_STATUS(AC_E_FULL, ac_tell(team.host.system, team.address, type_value, bytes));
  host_settle(&team.host);
  CHECK_EQ(4, host_check_ledger(&team.host).accepted);
  team_tell(&team, type_value, 5);
  team_close(&team);
}

TEST(a_router_has_a_name_is_watched_and_stops_as_an_actor) {
  open_group(AC_ROUTE_ROUND_ROBIN, 2, 7);
  ac_router named;
  ac_actor address, found;
  const ac_router_options options = {.struct_size = sizeof options, .name = ac_text_of("team")};
  CHECK_OK(ac_router_create(team.host.system, &options, &named, &address, NULL));
  CHECK_OK(ac_system_find(team.host.system, ac_text_of("team"), &found));
  CHECK(found.bits == address.bits);
  CHECK_STATUS(AC_E_EXISTS, ac_router_create(team.host.system, &options, &named, &address, NULL));
  CHECK_OK(ac_actor_check(team.host.system, address));
  ac_router_release(named);
  host_settle(&team.host);
  CHECK_STATUS(AC_E_STALE, ac_actor_check(team.host.system, address));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_system_find(team.host.system, ac_text_of("team"), &found));
  // A control message is for the router, not for a routee.
  host_tell(&team.host, team.address, AC_TYPE_STOP, 0);
  host_settle(&team.host);
  CHECK_STATUS(AC_E_STALE, ac_actor_check(team.host.system, team.address));
  CHECK_EQ(1, team.destroyed);
  for (unsigned i = 0; i < 2; ++i) CHECK_OK(ac_actor_check(team.host.system, team.actors[i]));
  team_close(&team);
}

TEST(a_timer_tells_a_router_again_and_again) {
  open_group(AC_ROUTE_ROUND_ROBIN, 2, 7);
  const uint64_t value = 9;
  const ac_timer_options options = {.struct_size = sizeof options,
                                    .to = team.address,
                                    .type = type_value,
                                    .delay_ns = 1000,
                                    .period_ns = 1000,
                                    .payload = bytes_of(&value, sizeof value)};
  ac_timer timer;
  CHECK_OK(ac_timer_start(team.host.system, &options, &timer, NULL));
  team_advance(&team, 10000);
  CHECK_EQ(5, team.members[0].count);
  CHECK_EQ(5, team.members[1].count);
  team_close(&team);
}

TEST(what_contradicts_itself_is_refused) {
  team_open(&team, (struct host_options){.seed = 7}, 2);
  const ac_spawn_options spawn = host_spawn_options(&team.host, &team.members[9].cell, NULL);
  ac_spawn_options named = spawn;
  named.name = ac_text_of("one");
  ac_spawn_options decided = spawn;
  decided.supervision.strategy = AC_SUPERVISE_DECIDE;
  const ac_actor twice[2] = {team.actors[0], team.actors[0]};
  const struct wrong {
    ac_router_options options;
    ac_status status;
  } wrong[] = {
      {{.logic = 6}, AC_E_UNKNOWN_CONSTANT},
      {{.virtual_nodes = 1025}, AC_E_LIMIT},
      {{.load_bound_percent = 99}, AC_E_INVALID_ARGUMENT},
      {{.routees_count = 4097, .routees = twice}, AC_E_LIMIT},
      {{.routees_count = 2, .routees = twice}, AC_E_EXISTS},
      {{.routees_count = 1}, AC_E_NULL},
      {{.pool_size = 3}, AC_E_INVALID_ARGUMENT},
      {{.resize_interval_ns = 5000000}, AC_E_INVALID_ARGUMENT},
      {{.spawn = &spawn, .routees_count = 1, .routees = twice}, AC_E_INVALID_ARGUMENT},
      {{.spawn = &spawn, .pool_size = 5000}, AC_E_LIMIT},
      {{.spawn = &spawn, .pool_size = 2, .pool_min = 3}, AC_E_INVALID_ARGUMENT},
      {{.spawn = &spawn, .pool_size = 2, .pool_max = 1}, AC_E_INVALID_ARGUMENT},
      {{.spawn = &spawn, .resize_interval_ns = 10}, AC_E_INVALID_ARGUMENT},
      {{.spawn = &spawn, .shrink_below = 2, .grow_above = 1}, AC_E_INVALID_ARGUMENT},
      {{.spawn = &named}, AC_E_INVALID_ARGUMENT},
      {{.spawn = &decided}, AC_E_INVALID_ARGUMENT},
      {{.reserved = 1}, AC_E_UNSUPPORTED},
  };
  for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    ac_router_options options = wrong[i].options;
    CHECK_STATUS(wrong[i].status, team_try(&team, &options));
  }
  host_settle(&team.host);
  CHECK_EQ(0, team.destroyed);
  team_group(&team, (ac_router_options){.logic = 0});
  CHECK_STATUS(AC_E_EXISTS, ac_router_add(team.router, team.actors[0], NULL));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_router_add(team.router, team.address, NULL));
  CHECK_STATUS(AC_E_WRONG_MODE, ac_router_resize(team.router, 3, NULL));
  CHECK_OK(ac_router_remove(team.router, team.actors[0]));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_router_remove(team.router, team.actors[0]));
  team_close(&team);
}
