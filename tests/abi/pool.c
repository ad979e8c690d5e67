// A pool keeps its size, is resized by hand and by load, and loses no message however its routees
// end.
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "team.h"

static struct team team;
static const uint64_t millisecond = 1000000;

static void open_pool(ac_router_options options, ac_spawn_options spawn) {
  team_open(&team, (struct host_options){.seed = 5}, 0);
  team_pool(&team, options, spawn);
}

static ac_actor routee_at(unsigned place) {
  ac_routee routees[members_max];
  CHECK(place < team_routees(&team, routees));
  return routees[place].actor;
}

static void pool_works(struct host_options options) {
  team_open(&team, options, 0);
  team_pool(&team, (ac_router_options){.pool_size = 4}, (ac_spawn_options){.flags = 0});
  for (uint64_t i = 0; i < 40; ++i) team_tell(&team, type_value, i);
  host_settle(&team.host);
  CHECK_EQ(4, team.made);
  for (unsigned i = 0; i < 4; ++i) CHECK_EQ(10, team.members[i].count);
  team_close(&team);
}
TEST(a_pool_spawns_its_routees_and_ends_them_with_itself) { in_every_mode(pool_works); }

TEST(the_end_of_a_router_is_the_end_of_its_pool_whoever_supervises_it) {
  for (unsigned has_supervisor = 0; has_supervisor < 2; ++has_supervisor) {
    team_open(&team, (struct host_options){.seed = 5}, 1);
    const ac_spawn_options spawn = {.supervisor = has_supervisor ? team.actors[0] : (ac_actor){0}};
    team_pool(&team, (ac_router_options){.pool_size = 3}, spawn);
    const ac_actor routee = routee_at(2);
    ac_actor supervisor;
    CHECK_OK(ac_actor_supervisor(team.host.system, routee, &supervisor));
    CHECK(supervisor.bits == (has_supervisor ? team.actors[0].bits : team.address.bits));
    ac_router_release(team.router);
    host_settle(&team.host);
    CHECK_STATUS(AC_E_STALE, ac_actor_check(team.host.system, team.address));
    CHECK_STATUS(AC_E_STALE, ac_actor_check(team.host.system, routee));
    CHECK_OK(ac_actor_check(team.host.system, team.actors[0]));
    CHECK_EQ(1, team.destroyed);
    for (unsigned i = 1; i < 4; ++i) CHECK_EQ(1, team.members[i].cell.destroyed);
    host_close(&team.host);
  }
}

TEST(a_routee_that_stopped_is_replaced_in_its_place) {
  open_pool((ac_router_options){.logic = AC_ROUTE_CONSISTENT_HASH, .pool_size = 4},
            (ac_spawn_options){.flags = 0});
  uint64_t owners[100];
  for (uint64_t key = 0; key < 100; ++key) CHECK_OK(team_ask(&team, type_value, key, &owners[key]));
  const ac_actor before = routee_at(2);
  host_tell(&team.host, before, type_end, 0);
  host_settle(&team.host);
  CHECK_EQ(3, team_stats(&team).routees);
  team_advance(&team, millisecond);
  CHECK_EQ(4, team_stats(&team).routees);
  CHECK_EQ(1, team_stats(&team).ended);
  CHECK_EQ(1, team_stats(&team).replaced);
  CHECK(routee_at(2).bits != before.bits);
  for (uint64_t key = 0; key < 100; ++key) {
    uint64_t owner;
    CHECK_OK(team_ask(&team, type_value, key, &owner));
    CHECK_EQ(owners[key] == 2 ? 4 : owners[key], owner);
  }
  team_close(&team);
}

TEST(a_routee_that_fails_restarts_unless_the_spawn_says_otherwise) {
  open_pool((ac_router_options){.pool_size = 2}, (ac_spawn_options){.flags = 0});
  const ac_actor first = routee_at(0);
  host_tell(&team.host, first, type_fail, 0);
  host_tell(&team.host, first, type_value, 7);
  host_settle(&team.host);
  CHECK_OK(ac_actor_check(team.host.system, first));
  CHECK_EQ(7, team.members[0].values[0]);
  team_close(&team);

  open_pool((ac_router_options){.pool_size = 2},
            (ac_spawn_options){.supervision.strategy = AC_SUPERVISE_STOP});
  host_tell(&team.host, routee_at(0), type_fail, 0);
  team_advance(&team, 100 * millisecond);
  CHECK_EQ(1, team_stats(&team).routees);  // its policy wanted it gone
  CHECK_EQ(0, team_stats(&team).replaced);
  CHECK_OK(ac_router_resize(team.router, 2, NULL));
  CHECK_EQ(2, team_stats(&team).routees);
  team_close(&team);

  open_pool((ac_router_options){.pool_size = 2},
            (ac_spawn_options){.supervision.strategy = AC_SUPERVISE_ESCALATE});
  host_tell(&team.host, routee_at(0), type_fail, 0);
  host_settle(&team.host);
  CHECK_STATUS(AC_E_STALE, ac_actor_check(team.host.system, team.address));
  CHECK_EQ(1, team.members[1].cell.destroyed);
  team_close(&team);
}

TEST(a_router_takes_a_policy_for_its_pool_but_decides_nothing) {
  open_pool((ac_router_options){.pool_size = 2}, (ac_spawn_options){.flags = 0});
  ac_supervision policy = {.strategy = AC_SUPERVISE_DECIDE};
  CHECK_STATUS(AC_E_INVALID_ARGUMENT,
               ac_actor_supervise(team.host.system, team.address, &policy, NULL));
  policy.strategy = AC_SUPERVISE_STOP;
  CHECK_OK(ac_actor_supervise(team.host.system, team.address, &policy, NULL));
  team_close(&team);
}

static sem_t is_making, may_go_on;
static unsigned destroyed_while_making;

static void make_slowly(struct team* self) {
  sem_post(&is_making);
  await(&may_go_on);
  destroyed_while_making = self->destroyed;
}

static void* grow(void* size) {
  ac_router_resize(team.router, (uint32_t)(uintptr_t)size, NULL);
  return NULL;
}

TEST(the_word_of_a_pool_does_not_end_while_a_routee_is_made_of_it) {
  pthread_t grower;
  sem_init(&is_making, 0, 0);
  sem_init(&may_go_on, 0, 0);
  team_open(&team, (struct host_options){.mode = mode_inline}, 1);
  team_pool(&team, (ac_router_options){.pool_size = 1},
            (ac_spawn_options){.supervisor = team.actors[0]});
  team.on_make = make_slowly;
  CHECK(pthread_create(&grower, NULL, grow, (void*)2) == 0);
  await(&is_making);
  CHECK_OK(ac_actor_stop(team.host.system, team.address, 0));
  host_settle(&team.host);
  CHECK_EQ(0, team.destroyed);
  sem_post(&may_go_on);
  CHECK(pthread_join(grower, NULL) == 0);
  CHECK_EQ(0, destroyed_while_making);
  CHECK_EQ(1, team.destroyed);
  team_close(&team);
}

TEST(a_restart_of_the_router_makes_its_pool_anew) {
  open_pool((ac_router_options){.pool_size = 3}, (ac_spawn_options){.flags = 0});
  const ac_actor before = routee_at(0);
  host_tell(&team.host, team.address, AC_TYPE_RESTART, 0);
  team_advance(&team, 20 * millisecond);
  CHECK_EQ(3, team_stats(&team).routees);
  CHECK(routee_at(0).bits != before.bits);
  team_tell(&team, type_value, 1);
  host_settle(&team.host);
  CHECK_EQ(1, team_count(&team));
  team_close(&team);
}

TEST(a_pool_is_resized_by_hand_and_who_goes_handles_what_it_has) {
  open_pool((ac_router_options){.pool_size = 4}, (ac_spawn_options){.flags = 0});
  for (uint64_t i = 0; i < 40; ++i) team_tell(&team, type_value, i);
  CHECK_OK(ac_router_resize(team.router, 1, NULL));
  for (uint64_t i = 0; i < 5; ++i) team_tell(&team, type_value, i);
  host_settle(&team.host);
  CHECK_EQ(45, team_count(&team));
  CHECK_EQ(15, team.members[0].count);
  CHECK_EQ(3, team_stats(&team).shrunk);
  for (unsigned i = 1; i < 4; ++i) CHECK_EQ(1, team.members[i].cell.destroyed);
  CHECK_OK(ac_router_resize(team.router, 6, NULL));
  CHECK_EQ(5, team_stats(&team).grown);
  for (uint64_t i = 0; i < 60; ++i) team_tell(&team, type_value, i);
  host_settle(&team.host);
  for (unsigned i = 4; i < 9; ++i) CHECK_EQ(10, team.members[i].count);
  team_advance(&team, 100 * millisecond);
  CHECK_EQ(0, team_stats(&team).replaced);
  CHECK_EQ(6, team_stats(&team).routees);
  CHECK_OK(ac_router_resize(team.router, 0, NULL));
  const uint64_t value = 1;
  CHECK_STATUS(AC_E_NOT_FOUND,
               ac_tell(team.host.system, team.address, type_value, bytes_of(&value, sizeof value)));
  CHECK_STATUS(AC_E_LIMIT, ac_router_resize(team.router, 4097, NULL));
  CHECK_STATUS(AC_E_WRONG_MODE, ac_router_remove(team.router, team.address));
  const ac_actor other = team_spawn(&team);
  CHECK_STATUS(AC_E_WRONG_MODE, ac_router_add(team.router, other, NULL));
  team_close(&team);
}

TEST(a_pool_grows_with_what_waits_and_shrinks_when_nothing_does) {
  // Who waits to be restarted handles nothing meanwhile.
  open_pool((ac_router_options){.pool_size = 2,
                                .pool_min = 2,
                                .pool_max = 6,
                                .resize_interval_ns = 10 * millisecond,
                                .grow_above = 5,
                                .shrink_below = 1},
            (ac_spawn_options){.supervision = {.strategy = AC_SUPERVISE_RESTART,
                                               .backoff_min_ns = 55 * millisecond}});
  CHECK_STATUS(AC_E_LIMIT, ac_router_resize(team.router, 7, NULL));
  CHECK_STATUS(AC_E_LIMIT, ac_router_resize(team.router, 1, NULL));
  for (unsigned i = 0; i < 2; ++i) team_tell(&team, type_fail, 0);
  for (uint64_t i = 0; i < 40; ++i) team_tell(&team, type_value, i);
  const unsigned sizes[] = {3, 4, 5, 6, 6, 5, 4, 3, 2, 2};
  for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    team_advance(&team, 10 * millisecond);
    CHECK_EQ(sizes[i], team_stats(&team).routees);
  }
  CHECK_EQ(4, team_stats(&team).grown);
  CHECK_EQ(4, team_stats(&team).shrunk);
  CHECK_EQ(40, team_count(&team));
  team_close(&team);
}

// -- the ledger ---------------------------------------------------------------------------------

enum { routers = 6, rounds = 400, first_actors = 8 };

struct zoo {
  ac_router router;
  ac_actor address;
};

static void open_zoo(struct zoo* zoo) {
  for (uint32_t logic = 0; logic < routers; ++logic) {
    const ac_router_options options = {
        .logic = logic, .load_bound_percent = 150, .pool_size = 3, .timeout_ns = 20 * millisecond};
    if (logic % 2 == 0) {
      team_pool(&team, options, (ac_spawn_options){.supervision.strategy = AC_SUPERVISE_STOP});
    } else {
      ac_router_options group = {.logic = logic,
                                 .timeout_ns = 20 * millisecond,
                                 .routees = team.actors,
                                 .routees_count = first_actors};
      CHECK_OK(team_try(&team, &group));
    }
    zoo[logic] = (struct zoo){team.router, team.address};
  }
}

static void disturb(struct zoo* one, uint64_t chance, uint64_t* random) {
  const uint64_t which = next_random(random);
  ac_routee routees[members_max];
  uint64_t count;
  ac_actor actor = team.actors[which % first_actors];
  CHECK_OK(ac_router_routees(one->router, routees, members_max, &count));
  if (count > 0) actor = routees[which % count].actor;
  const uint64_t value = 1;
  const ac_bytes bytes = bytes_of(&value, sizeof value);
  switch (chance) {
    case 0:
      (void)ac_router_resize(one->router, (uint32_t)(which % 6), NULL);
      break;
    case 1:
      (void)ac_actor_stop(team.host.system, actor, which & AC_STOP_DRAIN);
      break;
    case 2:
      (void)ac_tell(team.host.system, actor, which % 2 ? type_fail : type_end, bytes);
      break;
    case 3:
      (void)ac_router_remove(one->router, actor);
      break;
    case 4:
      if (team.made < members_max - 100) (void)ac_router_add(one->router, team_spawn(&team), NULL);
      break;
    default:
      break;
  }
}

static uint64_t run_zoo(enum mode mode, uint64_t seed, uint32_t workers) {
  struct zoo zoo[routers];
  uint64_t random = seed == 0 ? 77 : seed;
  team_open(&team, (struct host_options){.mode = mode, .seed = seed, .workers = workers},
            first_actors);
  open_zoo(zoo);
  for (unsigned round = 0; round < rounds; ++round) {
    struct zoo* one = &zoo[next_random(&random) % routers];
    const ac_actor source = team.actors[next_random(&random) % first_actors];
    team.target = one->address.bits;
    const uint64_t value = next_random(&random) % 6;
    const ac_bytes bytes = bytes_of(&value, sizeof value);
    const uint32_t types[] = {type_value, type_pass, type_ask, type_mute};
    for (unsigned i = 0; i < 8; ++i) {
      (void)ac_tell(team.host.system, i % 2 ? source : one->address,
                    types[i % 2 ? next_random(&random) % 3 : 0], bytes);
    }
    disturb(one, next_random(&random) % 8, &random);
    if (round % 8 == 0) host_settle(&team.host);
    if (seed != 0) team_advance(&team, millisecond);
  }
  host_settle(&team.host);
  const ac_ledger ledger = host_check_ledger(&team.host);
  CHECK_EQ(0, ledger.queued);
  CHECK(ledger.accepted > 1000);
  uint64_t hash = 0;
  CHECK_OK(seed == 0 ? AC_OK : ac_system_trace_hash(team.host.system, &hash));
  for (unsigned i = 0; i < routers; ++i) ac_router_release(zoo[i].router);
  host_close(&team.host);
  CHECK_EQ(routers, team.destroyed);
  return hash;
}

TEST(no_message_is_lost_by_routers_whose_routees_end_and_the_seed_decides_all) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    const uint64_t hash = run_zoo(mode_inline, seed, 1);
    CHECK_EQ(hash, run_zoo(mode_caller, seed, 1));
    CHECK_EQ(hash, run_zoo(mode_attached, seed, 1));
  }
}
TEST(no_message_is_lost_by_routers_on_threads) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) run_zoo(mode, 0, 2);
}
