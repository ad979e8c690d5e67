// What a system knows its actors by: names and who is told of them, message types, dead letters.
#include <stdio.h>
#include <string.h>

#include "host.h"

enum { type_lost = 7, heard_max = 64 };

// Remembers what it was told.
struct listener {
  struct cell cell;  // first
  unsigned count;
  uint32_t types[heard_max];
  ac_named named[heard_max];
  unsigned letters;
  uint64_t missed;
  ac_dead_letter last;
  unsigned messages;
};

static ac_status on_listener(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct listener* self = (struct listener*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type == AC_TYPE_DEAD_LETTER) {
      ac_dead_letters told;
      memset(&told, 0, sizeof told);
      memcpy(&told, ac_message_payload(message), message->length);
      CHECK_EQ(16 + told.count * sizeof(ac_dead_letter), message->length);
      self->letters += (unsigned)told.count;
      self->missed += told.missed;
      self->last = told.letters[told.count - 1];
      self->messages += 1;
      continue;
    }
    if (message->type != AC_TYPE_REGISTERED && message->type != AC_TYPE_UNREGISTERED) continue;
    CHECK(self->count < heard_max);
    self->types[self->count] = message->type;
    memset(&self->named[self->count], 0, sizeof self->named[0]);
    memcpy(&self->named[self->count], ac_message_payload(message), message->length);
    CHECK_EQ(16 + self->named[self->count].size, message->length);
    self->count += 1;
  }
  return AC_OK;
}

static ac_status on_nothing(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)cell, (void)turn, (void)activation;
  return AC_OK;
}

static void heard(const struct listener* listener, unsigned at, uint32_t type, const char* name,
                  ac_actor actor) {
  CHECK(at < listener->count);
  CHECK_EQ(type, listener->types[at]);
  CHECK_EQ(actor.bits, listener->named[at].actor.bits);
  CHECK(strcmp(name, (const char*)listener->named[at].name) == 0);
}

TEST(an_actor_has_several_names_until_it_ends) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct cell cell = {0};
    ac_actor found;
    host_open(&host, (struct host_options){.mode = mode, .seed = 1});
    const ac_spawn_options options = {.name = ac_text_of("first")};
    const ac_actor actor = host_spawn_with(&host, &cell, on_nothing, options);
    CHECK_OK(ac_name_register(host.system, ac_text_of("second"), actor, 0));
    CHECK_STATUS(AC_E_EXISTS, ac_name_register(host.system, ac_text_of("second"), actor, 0));
    CHECK_OK(ac_system_find(host.system, ac_text_of("first"), &found));
    CHECK_EQ(actor.bits, found.bits);
    CHECK_OK(ac_system_find(host.system, ac_text_of("second"), &found));
    CHECK_OK(ac_name_unregister(host.system, ac_text_of("first"), actor));
    CHECK_STATUS(AC_E_NOT_FOUND, ac_name_unregister(host.system, ac_text_of("first"), actor));
    CHECK_STATUS(AC_E_NOT_FOUND, ac_system_find(host.system, ac_text_of("first"), &found));
    CHECK_OK(ac_actor_stop(host.system, actor, 0));
    host_settle(&host);
    CHECK_STATUS(AC_E_NOT_FOUND, ac_system_find(host.system, ac_text_of("second"), &found));
    CHECK_STATUS(AC_E_STALE, ac_name_register(host.system, ac_text_of("third"), actor, 0));
    host_close(&host);
  }
}

TEST(a_shared_name_has_many_actors_and_never_mixes_with_one_of_its_own) {
  struct host host;
  struct cell cells[3] = {0};
  ac_named rows[4];
  uint64_t count;
  host_open(&host, (struct host_options){.seed = 1});
  for (unsigned i = 0; i < 3; ++i) {
    host_spawn(&host, &cells[i], on_nothing);
    CHECK_OK(ac_name_register(host.system, ac_text_of("db"), cells[i].actor, AC_NAME_SHARED));
  }
  CHECK_STATUS(AC_E_EXISTS, ac_name_register(host.system, ac_text_of("db"), cells[0].actor, 0));
  CHECK_OK(ac_name_register(host.system, ac_text_of("one"), cells[0].actor, 0));
  CHECK_STATUS(AC_E_EXISTS,
               ac_name_register(host.system, ac_text_of("one"), cells[1].actor, AC_NAME_SHARED));
  CHECK_OK(ac_system_names(host.system, ac_text_of("db"), NULL, rows, 4, &count));
  CHECK_EQ(3, count);
  CHECK_EQ(AC_NAME_SHARED, rows[2].flags);
  host_close(&host);
}

TEST(names_are_listed_page_by_page_by_pattern) {
  struct host host;
  struct cell cell = {0};
  char name[32];
  host_open(&host, (struct host_options){.seed = 1});
  host_spawn(&host, &cell, on_nothing);
  for (unsigned i = 0; i < 100; ++i) {
    snprintf(name, sizeof name, "%s/%02u", i % 2 == 0 ? "even" : "odd", i);
    CHECK_OK(ac_name_register(host.system, ac_text_of(name), cell.actor, 0));
  }
  ac_named rows[7];
  uint64_t count, total = 0;
  const ac_named* after = NULL;
  ac_named last;
  char before[256] = "";
  do {
    CHECK_OK(ac_system_names(host.system, ac_text_of("even/*"), after, rows, 7, &count));
    for (uint64_t i = 0; i < count; ++i) {
      CHECK(strcmp(before, (const char*)rows[i].name) < 0);
      memcpy(before, rows[i].name, sizeof before);
    }
    total += count;
    if (count != 0) last = rows[count - 1];
    after = &last;
  } while (count == 7);
  CHECK_EQ(50, total);
  CHECK_OK(ac_system_names(host.system, ac_text_of("odd/1?"), NULL, rows, 7, &count));
  CHECK_EQ(5, count);
  CHECK_OK(ac_system_names(host.system, ac_text_of("none*"), NULL, rows, 7, &count));
  CHECK_EQ(0, count);
  host_close(&host);
}

TEST(a_subscriber_is_told_of_what_is_there_and_of_changes_in_order) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    for (uint64_t seed = 0; seed < 2; ++seed) {
      struct host host;
      struct listener listener = {0};
      struct cell cells[2] = {0};
      host_open(&host, (struct host_options){.mode = mode, .seed = seed});
      host_spawn(&host, &listener.cell, on_listener);
      const ac_actor one = host_spawn(&host, &cells[0], on_nothing);
      CHECK_OK(ac_name_register(host.system, ac_text_of("svc/a"), one, 0));
      const ac_text pattern = ac_text_of("svc/*");
      CHECK_OK(ac_name_subscribe(host.system, pattern, listener.cell.actor));
      CHECK_STATUS(AC_E_EXISTS, ac_name_subscribe(host.system, pattern, listener.cell.actor));
      const ac_spawn_options named = {.name = ac_text_of("svc/b")};
      const ac_actor two = host_spawn_with(&host, &cells[1], on_nothing, named);
      CHECK_OK(ac_name_register(host.system, ac_text_of("other"), two, 0));
      CHECK_OK(ac_name_unregister(host.system, ac_text_of("svc/a"), one));
      CHECK_OK(ac_actor_stop(host.system, two, 0));
      host_settle(&host);
      CHECK_EQ(4, listener.count);
      heard(&listener, 0, AC_TYPE_REGISTERED, "svc/a", one);
      heard(&listener, 1, AC_TYPE_REGISTERED, "svc/b", two);
      heard(&listener, 2, AC_TYPE_UNREGISTERED, "svc/a", one);
      heard(&listener, 3, AC_TYPE_UNREGISTERED, "svc/b", two);
      CHECK_OK(ac_name_unsubscribe(host.system, pattern, listener.cell.actor));
      CHECK_STATUS(AC_E_NOT_FOUND, ac_name_unsubscribe(host.system, pattern, listener.cell.actor));
      CHECK_OK(ac_name_register(host.system, ac_text_of("svc/c"), one, 0));
      host_settle(&host);
      CHECK_EQ(4, listener.count);
      host_close(&host);
    }
  }
}

TEST(a_subscription_ends_with_its_subscriber) {
  struct host host;
  struct listener listener = {0};
  struct cell cell = {0};
  host_open(&host, (struct host_options){.mode = mode_inline});
  host_spawn(&host, &listener.cell, on_listener);
  host_spawn(&host, &cell, on_nothing);
  CHECK_OK(ac_name_subscribe(host.system, ac_text_of("*"), listener.cell.actor));
  CHECK_OK(ac_dead_letter_subscribe(host.system, listener.cell.actor, 0));
  CHECK_OK(ac_actor_stop(host.system, listener.cell.actor, 0));
  host_settle(&host);
  CHECK_OK(ac_name_register(host.system, ac_text_of("late"), cell.actor, 0));
  host_settle(&host);
  CHECK_EQ(0, host_check_ledger(&host).accepted);
  host_close(&host);
}

static ac_status on_sender(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  const struct cell* dead = cell->host->cells[0];
  for (uint64_t i = 0; i < value_of(activation->messages[0]); ++i) {
    CHECK_OK(send_value(turn, activation, dead->actor, type_lost, i));
  }
  return AC_OK;
}

// So many messages to an actor that is dead, in one turn; what the subscriber heard of them.
static struct listener told_of(enum mode mode, uint64_t seed, uint64_t lost, uint32_t reasons) {
  struct host host;
  struct listener listener = {0};
  struct cell dead = {0}, sender = {0};
  host_open(&host, (struct host_options){.mode = mode, .seed = seed});
  host_spawn(&host, &dead, on_nothing);
  host_spawn(&host, &listener.cell, on_listener);
  host_spawn(&host, &sender, on_sender);
  CHECK_OK(ac_dead_letter_subscribe(host.system, listener.cell.actor, reasons));
  CHECK_STATUS(AC_E_EXISTS, ac_dead_letter_subscribe(host.system, listener.cell.actor, reasons));
  CHECK_OK(ac_actor_stop(host.system, dead.actor, 0));
  host_settle(&host);
  host_tell(&host, sender.actor, 1, lost);
  host_settle(&host);
  CHECK_OK(ac_dead_letter_unsubscribe(host.system, listener.cell.actor));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_dead_letter_unsubscribe(host.system, listener.cell.actor));
  host_close(&host);
  return listener;
}

TEST(a_subscriber_is_told_of_dead_letters_in_batches_and_of_how_many_more) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    const struct listener few = told_of(mode, 1, 3, 1u << AC_DEAD_STALE);
    CHECK_EQ(3, few.letters);
    CHECK_EQ(0, few.missed);
    CHECK_EQ(type_lost, few.last.type);
    CHECK_EQ(AC_DEAD_STALE, few.last.reason);
    const struct listener many = told_of(mode, 1, 500, 0);
    CHECK_EQ(1, many.messages);
    CHECK_EQ(500, many.letters + many.missed);
  }
  const struct listener real = told_of(mode_inline, 0, 500, 0);
  CHECK_EQ(500, real.letters + real.missed);
  CHECK_EQ(0, told_of(mode_inline, 1, 3, 1u << AC_DEAD_FAILED).letters);
}

TEST(a_message_type_has_one_name) {
  struct host host;
  ac_text name;
  host_open(&host, (struct host_options){.seed = 1});
  CHECK_OK(ac_type_register(host.system, 7, ac_text_of("Attack")));
  CHECK_OK(ac_type_register(host.system, 7, ac_text_of("Attack")));
  CHECK_STATUS(AC_E_EXISTS, ac_type_register(host.system, 7, ac_text_of("Defend")));
  CHECK_STATUS(AC_E_EXISTS, ac_type_register(host.system, 8, ac_text_of("Attack")));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT,
               ac_type_register(host.system, AC_TYPE_STOP, ac_text_of("Stop")));
  CHECK_OK(ac_type_name(host.system, 7, &name));
  CHECK_TEXT("Attack", name);
  CHECK_OK(ac_type_name(host.system, AC_TYPE_ASK_FAILED, &name));
  CHECK_TEXT("ASK_FAILED", name);
  CHECK_STATUS(AC_E_NOT_FOUND, ac_type_name(host.system, 8, &name));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_type_name(host.system, 0xffffffff, &name));
  host_close(&host);
}

static uint64_t hash_of(enum mode mode, uint64_t seed) {
  struct host host;
  struct listener listener = {0};
  struct cell cells[4] = {0};
  uint64_t hash;
  host_open(&host, (struct host_options){.mode = mode, .seed = seed});
  host_spawn(&host, &listener.cell, on_listener);
  CHECK_OK(ac_name_subscribe(host.system, ac_text_of("*"), listener.cell.actor));
  CHECK_OK(ac_dead_letter_subscribe(host.system, listener.cell.actor, 0));
  for (unsigned i = 0; i < 4; ++i) {
    host_spawn(&host, &cells[i], on_nothing);
    CHECK_OK(ac_name_register(host.system, ac_text_of("n"), cells[i].actor, AC_NAME_SHARED));
    host_tell(&host, cells[i].actor, 1, i);
    CHECK_OK(ac_actor_stop(host.system, cells[i].actor, 0));
  }
  host_settle(&host);
  CHECK_EQ(8, listener.count);
  CHECK_EQ(4, listener.letters);
  CHECK_OK(ac_system_trace_hash(host.system, &hash));
  host_close(&host);
  return hash;
}

TEST(what_is_told_of_names_and_dead_letters_has_the_same_trace_in_every_mode) {
  const uint64_t hash = hash_of(mode_inline, 9);
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) CHECK_EQ(hash, hash_of(mode, 9));
}
