// Every message is in exactly one place at every quiet moment, whatever became of its receiver.
#include <stdlib.h>
#include <string.h>

#include "host.h"

enum { type_work = 1, actors = 200, spare = 400 };

struct mesh {
  struct host host;
  struct member {
    struct cell cell;  // first
    struct mesh* mesh;
    uint64_t random;
  } members[actors + spare];
  atomic_uint_fast64_t sent;  // accepted, as the handlers and the test count it
  atomic_uint used;
};

static uint64_t next_random(uint64_t* state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static ac_status on_work(struct cell* cell, ac_turn* turn, ac_activation* activation);

static ac_status spawn_another(struct mesh* mesh, ac_turn* turn, ac_activation* activation,
                               uint64_t value) {
  const unsigned index = atomic_fetch_add(&mesh->used, 1);
  if (index >= actors + spare) return AC_OK;
  struct member* member = &mesh->members[index];
  member->mesh = mesh;
  member->random = index + 1;
  const ac_spawn_options options = host_spawn_options(&mesh->host, &member->cell, on_work);
  CHECK_OK(ac_worker_spawn(turn->worker, &options, NULL, 1, &member->cell.actor, NULL));
  mesh->host.cells[atomic_fetch_add(&mesh->host.spawned, 1)] = &member->cell;
  atomic_fetch_add(&mesh->sent, 1);
  return send_value(turn, activation, member->cell.actor, type_work, value);
}

// A value counts down; until it is 0 the message is passed on to two others. Now and then its
// receiver stops, fails, or spawns another.
static ac_status on_one(struct member* self, ac_turn* turn, ac_activation* activation,
                        uint64_t value) {
  struct mesh* mesh = self->mesh;
  const uint64_t chance = next_random(&self->random) % 5000;
  for (unsigned i = 0; i < 2 && value > 0; ++i) {
    const ac_actor to = mesh->members[next_random(&self->random) % actors].cell.actor;
    atomic_fetch_add(&mesh->sent, 1);
    CHECK_OK(send_value(turn, activation, to, type_work, value - 1));
  }
  if (chance == 0) activation->flags |= AC_ACTIVATION_STOP;
  if (chance == 1) return AC_E_HANDLER;
  if (chance < 5 && value > 0) return spawn_another(mesh, turn, activation, value - 1);
  return AC_OK;
}

static ac_status on_work(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_status status =
        on_one((struct member*)cell, turn, activation, value_of(activation->messages[i]));
    activation->handled = i;
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

static void check_places(struct mesh* mesh) {
  const ac_ledger ledger = host_check_ledger(&mesh->host);
  uint64_t handled = 0;
  for (unsigned i = 0; i < mesh->host.spawned; ++i) handled += mesh->host.cells[i]->handled;
  CHECK_EQ(mesh->sent, ledger.accepted);
  CHECK_EQ(handled, ledger.handled);
  CHECK_EQ(0, ledger.queued);
  ac_system_stats stats;
  CHECK_OK(ac_system_get_stats(mesh->host.system, &stats));
  CHECK_EQ(stats.failed, ledger.failed);
  CHECK_EQ(stats.spawned, mesh->host.spawned);
  CHECK_EQ(stats.spawned, stats.actors + stats.stopped);
  for (unsigned reason = 0; reason < 8; ++reason) {
    if (reason > AC_DEAD_FAILED) CHECK_EQ(0, ledger.dead[reason]);
  }
}

static void run_mesh(enum mode mode, uint32_t workers, uint64_t seed) {
  struct mesh* mesh = calloc(1, sizeof *mesh);
  const struct host_options options = {mode, workers, seed, 0};
  host_open(&mesh->host, options);
  mesh->used = actors;
  for (unsigned i = 0; i < actors; ++i) {
    mesh->members[i].mesh = mesh;
    mesh->members[i].random = i + 1;
    host_spawn(&mesh->host, &mesh->members[i].cell, on_work);
  }
  for (unsigned round = 0; round < 10; ++round) {
    for (unsigned i = 0; i < actors; ++i) {
      const uint64_t value = 7;
      const ac_status told = ac_tell(mesh->host.system, mesh->members[i].cell.actor, type_work,
                                     bytes_of(&value, sizeof value));
      CHECK(told == AC_OK || told == AC_E_STALE);
      if (told == AC_OK) atomic_fetch_add(&mesh->sent, 1);
    }
    host_settle(&mesh->host);
    check_places(mesh);
  }
  CHECK(mesh->sent > 100000);
  host_close(&mesh->host);
  free(mesh);
}

TEST(inline_messages_are_all_accounted_for) { run_mesh(mode_inline, 1, 0); }
TEST(inline_messages_are_all_accounted_for_with_two_workers) { run_mesh(mode_inline, 2, 0); }
TEST(inline_messages_are_all_accounted_for_with_four_workers) { run_mesh(mode_inline, 4, 0); }
TEST(attached_messages_are_all_accounted_for) { run_mesh(mode_attached, 1, 0); }
TEST(attached_messages_are_all_accounted_for_with_two_workers) { run_mesh(mode_attached, 2, 0); }
TEST(attached_messages_are_all_accounted_for_with_four_workers) { run_mesh(mode_attached, 4, 0); }
TEST(caller_messages_are_all_accounted_for) { run_mesh(mode_caller, 1, 0); }
TEST(caller_messages_are_all_accounted_for_with_two_workers) { run_mesh(mode_caller, 2, 0); }
TEST(seeded_messages_are_all_accounted_for) { run_mesh(mode_inline, 1, 5); }
TEST(seeded_messages_on_an_attached_worker_are_all_accounted_for) { run_mesh(mode_attached, 1, 5); }

TEST(a_queued_message_is_counted_at_the_mailbox) {
  struct host host;
  struct gate gate;
  const struct host_options options = {.mode = mode_inline, .workers = 1, .throughput = 1};
  host_open(&host, options);
  const ac_actor actor = host_enter_gate(&host, &gate);
  for (unsigned i = 0; i < 2; ++i) host_tell(&host, actor, type_work, i);
  const ac_ledger ledger = host_ledger(&host);  // the handler is between its two semaphores
  CHECK_EQ(3, ledger.accepted);
  CHECK_EQ(2, ledger.queued);
  for (unsigned i = 0; i < 3; ++i) sem_post(&gate.leave);
  host_settle(&host);
  CHECK_EQ(3, host_check_ledger(&host).handled);
  host_close(&host);
}

TEST(the_ledger_is_readable_after_the_stop) {
  ac_system_options options = {.struct_size = sizeof options, .workers = 1};
  ac_system system;
  ac_ledger ledger;
  CHECK_OK(ac_system_create(&options, &system, NULL));
  CHECK_OK(ac_system_stop(system, 0, NULL, NULL));
  CHECK_OK(ac_system_ledger(system, &ledger));
  CHECK_EQ(0, ledger.accepted);
  ac_system_release(system);
  CHECK_STATUS(AC_E_STALE, ac_system_ledger(system, &ledger));
}
