// Team: a router and its routees, which keep what they are given and do what they are told.
//
// Threads:    as host.h.
// Invariants: payloads are 8 bytes. A routee answers every request with its index.
// Cost:       none.
#ifndef ACTORCORE_TESTS_ABI_TEAM_H_
#define ACTORCORE_TESTS_ABI_TEAM_H_

#include "host.h"

enum { type_value = 1, type_fail, type_end, type_pass, type_ask, type_mute };
enum { members_max = 2000, given_max = 256 };

struct team {
  struct host host;
  ac_router router;
  ac_actor address;
  atomic_uint_fast64_t target;  // to whom its members send: as a rule the address
  atomic_uint made;
  atomic_uint destroyed;               // the options' word
  void (*on_make)(struct team* team);  // in the making of a routee of a pool
  struct member {
    struct cell cell;  // first
    struct team* team;
    uint64_t index;
    uint64_t values[given_max];  // of type_value; the last of them
    ac_actor sender;             // of the last
    const void* payload;         // the same
    atomic_uint count;
    unsigned answers;  // to what it asked
    uint64_t answered;
    unsigned failed;  // asks without an answer
    ac_status failed_with;
  } members[members_max];
  ac_actor actors[members_max];
};

// With `routees` actors that are members.
void team_open(struct team* team, struct host_options options, unsigned routees);
ac_actor team_spawn(struct team* team);
// A group of the actors so far.
void team_group(struct team* team, ac_router_options options);
// A pool whose routees are members.
void team_pool(struct team* team, ac_router_options options, ac_spawn_options spawn);
void team_close(struct team* team);

ac_status team_try(struct team* team, ac_router_options* options);
void team_tell(struct team* team, uint32_t type, uint64_t value);
ac_status team_ask(struct team* team, uint32_t type, uint64_t value, uint64_t* index);
ac_router_stats team_stats(struct team* team);
unsigned team_routees(struct team* team, ac_routee* routees);
void team_advance(struct team* team, uint64_t duration_ns);
unsigned team_count(struct team* team);  // messages that all have got

uint64_t next_random(uint64_t* state);

#endif  // ACTORCORE_TESTS_ABI_TEAM_H_
