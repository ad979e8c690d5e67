// Names, ids, and handles where they do not belong.
#include <string.h>

#include "host.h"

enum { type_work = 1 };

static ac_status on_nothing(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)cell;
  (void)turn;
  (void)activation;
  return AC_OK;
}

static const struct host_options plain = {.mode = mode_inline};

static ac_spawn_options called(const char* name) {
  const ac_spawn_options options = {.name = ac_text_of(name)};
  return options;
}

TEST(a_name_finds_its_actor_as_long_as_it_lives) {
  struct host host;
  struct cell cells[2] = {{.on = NULL}};
  ac_actor found;
  host_open(&host, plain);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_system_find(host.system, ac_text_of("totals"), &found));
  const ac_actor actor = host_spawn_with(&host, &cells[0], on_nothing, called("totals"));
  CHECK_OK(ac_system_find(host.system, ac_text_of("totals"), &found));
  CHECK_EQ(actor.bits, found.bits);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_system_find(host.system, ac_text_of("total"), &found));
  CHECK_OK(ac_actor_stop(host.system, actor, 0));
  host_settle(&host);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_system_find(host.system, ac_text_of("totals"), &found));
  const ac_actor next = host_spawn_with(&host, &cells[1], on_nothing, called("totals"));
  CHECK_OK(ac_system_find(host.system, ac_text_of("totals"), &found));
  CHECK_EQ(next.bits, found.bits);
  CHECK(next.bits != actor.bits);
  host_close(&host);
}

TEST(a_name_has_a_length_and_belongs_to_one) {
  struct host host;
  struct cell kept = {.on = NULL}, refused = {.on = NULL};
  char longest[256];
  ac_actor actors[2];
  ac_error error;
  ac_text message;
  host_open(&host, plain);
  memset(longest, 'n', sizeof longest);
  ac_spawn_options fits = {.name = {longest, 255}};
  host_spawn_with(&host, &kept, on_nothing, fits);
  ac_spawn_options options = host_spawn_options(&host, &refused, on_nothing);
  options.name = fits.name;
  CHECK_STATUS(AC_E_EXISTS, ac_spawn(host.system, &options, actors, &error));
  CHECK_OK(ac_error_message(error, &message));
  CHECK(message.size > 0);
  ac_error_release(error);
  options.name.size = 256;
  CHECK(ac_spawn(host.system, &options, actors, NULL) != AC_OK);
  options.name.data = NULL;
  CHECK_STATUS(AC_E_NULL, ac_spawn(host.system, &options, actors, NULL));
  options.name = ac_text_of("two");
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_spawn_many(host.system, &options, NULL, 2, actors, NULL));
  host_close(&host);
  CHECK_EQ(0, refused.destroyed);
}

TEST(an_id_is_never_used_again) {
  enum { rounds = 5000 };
  static uint64_t seen[rounds];
  struct host host;
  host_open(&host, plain);
  for (unsigned i = 0; i < rounds; ++i) {
    static struct cell cells[cells_max];
    const ac_spawn_options options = host_spawn_options(&host, &cells[i % cells_max], on_nothing);
    ac_actor actor;
    CHECK_OK(ac_spawn(host.system, &options, &actor, NULL));
    CHECK_OK(ac_actor_check(host.system, actor));
    CHECK_OK(ac_actor_stop(host.system, actor, 0));
    if (i % 64 == 0) host_settle(&host);
    seen[i] = actor.bits;
  }
  host_settle(&host);
  for (unsigned i = 0; i < rounds; ++i) {
    const ac_actor actor = {seen[i]};
    CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, actor));
    for (unsigned k = 0; k < i; ++k) CHECK(seen[i] != seen[k]);
  }
  host_close(&host);
}

TEST(many_actors_are_spawned_at_once_each_with_its_word) {
  enum { count = 3000 };
  static struct cell cells[count];
  static uintptr_t users[count];
  static ac_actor actors[count];
  struct host host;
  host_open(&host, plain);
  const ac_spawn_options options = host_spawn_options(&host, &cells[0], on_nothing);
  for (unsigned i = 0; i < count; ++i) {
    cells[i] = cells[0];
    users[i] = (uintptr_t)&cells[i];
  }
  CHECK_OK(ac_spawn_many(host.system, &options, users, count, actors, NULL));
  for (unsigned i = 0; i < count; ++i) host_tell(&host, actors[i], type_work, 0);
  host_settle(&host);
  for (unsigned i = 0; i < count; ++i) CHECK_EQ(1, cells[i].handled);
  host_close(&host);
  for (unsigned i = 0; i < count; ++i) CHECK_EQ(1, cells[i].destroyed);
}

TEST(an_actor_of_another_system_is_refused_by_name) {
  struct host host, other;
  struct cell mine = {.on = NULL}, theirs = {.on = NULL}, child = {.on = NULL};
  const ac_bytes none = {0};
  ac_message reply;
  ac_actor actor;
  host_open(&host, plain);
  host_open(&other, plain);
  host_spawn(&host, &mine, on_nothing);
  const ac_actor foreign = host_spawn(&other, &theirs, on_nothing);
  CHECK_STATUS(AC_E_WRONG_SYSTEM, ac_tell(host.system, foreign, type_work, none));
  CHECK_STATUS(AC_E_WRONG_SYSTEM, ac_actor_stop(host.system, foreign, 0));
  CHECK_STATUS(AC_E_WRONG_SYSTEM, ac_actor_check(host.system, foreign));
  CHECK_STATUS(AC_E_WRONG_SYSTEM, ac_ask(host.system, foreign, type_work, none, patience, &reply));
  ac_spawn_options options = host_spawn_options(&host, &child, on_nothing);
  options.supervisor = foreign;
  CHECK_STATUS(AC_E_WRONG_SYSTEM, ac_spawn(host.system, &options, &actor, NULL));
  options.supervisor.bits = 0;
  options.behavior = other.behavior;
  CHECK_STATUS(AC_E_WRONG_SYSTEM, ac_spawn(host.system, &options, &actor, NULL));
  CHECK_EQ(0, host_check_ledger(&host).accepted);
  host_close(&host);
  host_close(&other);
  CHECK_EQ(0, child.destroyed);
}

struct sender {
  struct cell cell;  // first
  ac_actor to;
};

static ac_status send_one(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  for (uint32_t i = 0; i < activation->count; ++i) {
    CHECK_OK(send_value(turn, activation, ((struct sender*)cell)->to, type_work, 1));
  }
  return AC_OK;
}

TEST(a_handlers_message_to_another_system_is_a_dead_letter) {
  struct host host, other;
  struct sender sender = {.to = {0}};
  struct cell theirs = {.on = NULL};
  host_open(&host, plain);
  host_open(&other, plain);
  sender.to = host_spawn(&other, &theirs, on_nothing);
  host_tell(&host, host_spawn(&host, &sender.cell, send_one), type_work, 0);
  host_settle(&host);
  host_settle(&other);
  CHECK_EQ(0, theirs.handled);
  const ac_ledger ledger = host_check_ledger(&host);
  CHECK_EQ(1, dead_total(&ledger));
  ac_dead_letter letter;
  uint64_t count;
  CHECK_OK(ac_system_dead_letters(host.system, 0, &letter, 1, &count));
  CHECK_EQ(1, count);
  CHECK_EQ(1, letter.number);
  CHECK_EQ(sender.cell.actor.bits, letter.sender.bits);
  CHECK_EQ(type_work, letter.type);
  CHECK_EQ(8, letter.length);
  host_close(&host);
  host_close(&other);
}

TEST(a_handle_of_one_kind_is_no_handle_of_another) {
  struct host host;
  struct cell cell = {.on = NULL};
  const ac_bytes none = {0};
  ac_ledger ledger;
  host_open(&host, plain);
  const ac_actor actor = host_spawn(&host, &cell, on_nothing);
  const ac_system wrong = {actor.bits};
  const ac_actor system = {host.system.bits};
  CHECK(ac_system_ledger(wrong, &ledger) != AC_OK);
  CHECK(ac_tell(wrong, actor, type_work, none) != AC_OK);
  CHECK(ac_tell(host.system, system, type_work, none) != AC_OK);
  host_close(&host);
}

TEST(dead_letters_are_kept_in_order_and_numbered) {
  enum { sent = 1500, kept = 1024 };
  static ac_dead_letter letters[sent];
  struct host host;
  struct sender sender = {.to = {0}};
  uint64_t count;
  host_open(&host, plain);
  const ac_actor actor = host_spawn(&host, &sender.cell, send_one);
  for (unsigned i = 0; i < sent; ++i) host_tell(&host, actor, type_work, i);
  host_settle(&host);
  CHECK_EQ(sent, host_check_ledger(&host).dead[AC_DEAD_STALE]);
  CHECK_OK(ac_system_dead_letters(host.system, 0, letters, sent, &count));
  CHECK_EQ(kept, count);
  for (unsigned i = 0; i < kept; ++i) {
    CHECK_EQ(sent - kept + 1 + i, letters[i].number);
    CHECK_EQ(AC_DEAD_STALE, letters[i].reason);
    CHECK_EQ(0, letters[i].to.bits);
    CHECK_EQ(0, letters[i].reserved);
  }
  CHECK_OK(ac_system_dead_letters(host.system, sent - 1, letters, sent, &count));
  CHECK_EQ(1, count);
  host_close(&host);
}
