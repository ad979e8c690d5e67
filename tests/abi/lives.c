#include "lives.h"

static atomic_uint_fast64_t stops;

static char sign_of(uint32_t type) {
  switch (type) {
    case AC_TYPE_STARTED:
      return 'S';
    case AC_TYPE_RESTARTING:
      return 'r';
    case AC_TYPE_RESTARTED:
      return 'R';
    case AC_TYPE_STOPPING:
      return 't';
    case AC_TYPE_STOPPED:
      return 'T';
    case AC_TYPE_FAILED:
      return 'F';
    case type_fail:
      return '!';
    default:
      return 'w';
  }
}

static ac_status hear(struct life* life, const ac_message* message, int killed) {
  struct host* host = life->cell.host;
  CHECK(life->heard < sizeof life->log - 1);
  CHECK_OK(ac_system_now(host->system, &life->at_ns[life->heard]));
  life->log[life->heard++] = killed ? 'k' : sign_of(message->type);
  if (message->type == AC_TYPE_STOPPED) life->stopped = atomic_fetch_add(&stops, 1) + 1;
  if (message->type == AC_TYPE_FAILED && life->decision != 0) {
    ac_failed failed;
    memcpy(&failed, ac_message_payload(message), sizeof failed);
    CHECK_OK(ac_actor_decide(host->system, failed.actor, life->decision));
    CHECK(ac_actor_decide(host->system, failed.actor, life->decision) != AC_OK);  // once
  }
  if (message->type == life->fails_when) {
    life->fails_when = 0;
    return AC_E_HANDLER;
  }
  return message->type == type_fail ? AC_E_HANDLER : AC_OK;
}

ac_status live(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct life* life = (struct life*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    activation->handled = i;
    const ac_status status =
        hear(life, activation->messages[i], (activation->flags & AC_ACTIVATION_KILLED) != 0);
    if (status != AC_OK) return status;
  }
  return AC_OK;
}

ac_actor live_under(struct host* host, struct life* life, ac_actor supervisor, uint32_t strategy) {
  const ac_spawn_options options = {
      .flags = every_hook, .supervisor = supervisor, .children = {.strategy = strategy}};
  return host_spawn_with(host, &life->cell, live, options);
}

void tell_five(struct host* host, ac_actor to) {
  ac_message messages[5];
  memset(messages, 0, sizeof messages);
  for (unsigned i = 0; i < 5; ++i) {
    messages[i].to = to;
    messages[i].type = i == 2 ? type_fail : type_work;
  }
  CHECK_OK(ac_tell_many(host->system, messages, 5, NULL, NULL));
}

ac_supervision_stats stats_of(struct host* host, ac_actor actor) {
  ac_supervision_stats stats;
  CHECK_OK(ac_actor_get_supervision(host->system, actor, &stats));
  return stats;
}

void open_family(struct family* f, struct host_options options, uint32_t strategy) {
  memset(f, 0, sizeof *f);
  host_open(&f->host, options);
  f->under = live_under(&f->host, &f->boss, nobody, strategy);
  for (int i = 0; i < 3; ++i) f->ids[i] = live_under(&f->host, &f->children[i], f->under, 0);
  host_settle(&f->host);
}

void fail_the_second(struct family* f) {
  host_tell(&f->host, f->ids[1], type_fail, 0);
  host_settle(&f->host);
}
