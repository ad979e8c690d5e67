// The phases of a stop.
#include <string.h>

#include "host.h"

enum { type_finish = 3, told_max = 16 };
static const uint64_t second = 1000000000;

// Takes part in phases, and remembers in which order they came.
struct member {
  struct cell cell;  // first
  struct log* log;
  int is_silent;
  int answers_later;
};

struct log {
  unsigned count;
  ac_phase told[told_max];
  ac_actor who[told_max];
};

static ac_status on_member(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct member* self = (struct member*)cell;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type == type_finish) {
      CHECK_OK(ac_phase_done(turn->system, activation->actor, (uint32_t)value_of(message)));
    }
    if (message->type != AC_TYPE_PHASE) continue;
    CHECK(self->log->count < told_max);
    ac_phase* told = &self->log->told[self->log->count];
    memcpy(told, ac_message_payload(message), message->length);
    CHECK_EQ(16 + told->size, message->length);
    self->log->who[self->log->count++] = activation->actor;
    if (self->is_silent) continue;
    if (self->answers_later) {
      CHECK_OK(send_value(turn, activation, activation->actor, type_finish, told->number));
    } else {
      CHECK_OK(ac_phase_done(turn->system, activation->actor, told->number));
    }
  }
  return AC_OK;
}

static void check_told(const struct log* log, unsigned at, const char* phase, ac_actor who) {
  CHECK(at < log->count);
  CHECK(strcmp(phase, (const char*)log->told[at].name) == 0);
  CHECK_EQ(who.bits, log->who[at].bits);
}

static ac_phase_info info_of(struct host* host, const char* name) {
  ac_phase_info rows[64];
  uint64_t count;
  CHECK_OK(ac_system_phases(host->system, rows, 64, &count));
  for (uint64_t i = 0; i < count; ++i) {
    if (strcmp(name, (const char*)rows[i].name) == 0) return rows[i];
  }
  CHECK(!"the phase is listed");
  return rows[0];
}

// host_close releases the system; this reads what the stop came to before.
static void stop(struct host* host) {
  CHECK_OK(ac_system_stop(host->system, patience, &host->report, NULL));
}

TEST(phases_run_in_order_and_each_waits_for_its_actors) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    for (uint64_t seed = 0; seed < 2; ++seed) {
      struct host host;
      struct log log = {0};
      struct member early = {.log = &log, .answers_later = 1}, late = {.log = &log};
      host_open(&host, (struct host_options){.mode = mode, .seed = seed});
      host_spawn(&host, &early.cell, on_member);
      host_spawn(&host, &late.cell, on_member);
      CHECK_OK(ac_phase_add(host.system, ac_text_of("drain"), ac_text_of("service"), 0));
      CHECK_OK(ac_phase_join(host.system, ac_text_of("storage"), late.cell.actor));
      CHECK_OK(ac_phase_join(host.system, ac_text_of("before-stop"), early.cell.actor));
      CHECK_OK(ac_phase_join(host.system, ac_text_of("drain"), early.cell.actor));
      stop(&host);
      CHECK_EQ(3, log.count);
      check_told(&log, 0, "before-stop", early.cell.actor);
      check_told(&log, 1, "drain", early.cell.actor);
      check_told(&log, 2, "storage", late.cell.actor);
      CHECK_EQ(AC_PHASE_COMPLETE, info_of(&host, "drain").state);
      CHECK_EQ(1, info_of(&host, "drain").members);
      CHECK_EQ(AC_PHASE_COMPLETE, info_of(&host, "after").state);
      host_close(&host);
    }
  }
}

TEST(a_phase_whose_time_is_over_names_who_did_not_answer) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct log log = {0};
    struct member silent = {.log = &log, .is_silent = 1}, good = {.log = &log};
    ac_actor who[2];
    uint64_t count;
    host_open(&host, (struct host_options){.mode = mode, .seed = 4});
    host_spawn(&host, &silent.cell, on_member);
    host_spawn(&host, &good.cell, on_member);
    const ac_text service = ac_text_of("service");
    CHECK_OK(ac_phase_set_timeout(host.system, service, 3 * second));
    CHECK_OK(ac_phase_join(host.system, service, silent.cell.actor));
    CHECK_OK(ac_phase_join(host.system, service, good.cell.actor));
    CHECK_OK(ac_phase_join(host.system, ac_text_of("after"), good.cell.actor));
    stop(&host);
    CHECK_EQ(3, log.count);
    const ac_phase_info info = info_of(&host, "service");
    CHECK_EQ(AC_PHASE_TIMED_OUT, info.state);
    CHECK_EQ(3 * second, info.elapsed_ns);
    CHECK_EQ(2, info.members);
    CHECK_EQ(1, info.unanswered);
    CHECK_STATUS(AC_E_BUFFER_TOO_SMALL, ac_phase_unanswered(host.system, service, NULL, 0, &count));
    CHECK_OK(ac_phase_unanswered(host.system, service, who, 2, &count));
    CHECK_EQ(1, count);
    CHECK_EQ(silent.cell.actor.bits, who[0].bits);
    CHECK_EQ(AC_PHASE_COMPLETE, info_of(&host, "after").state);
    host_close(&host);
  }
}

static ac_status on_quitter(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)cell, (void)turn;
  activation->flags |= AC_ACTIVATION_STOP;
  return AC_OK;
}

TEST(an_actor_that_stops_has_answered) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct cell quitter = {0}, gone = {0};
    host_open(&host, (struct host_options){.mode = mode});
    host_spawn(&host, &quitter, on_quitter);
    host_spawn(&host, &gone, on_quitter);
    CHECK_OK(ac_phase_join(host.system, ac_text_of("service"), quitter.actor));
    CHECK_OK(ac_phase_join(host.system, ac_text_of("service"), gone.actor));
    CHECK_OK(ac_actor_stop(host.system, gone.actor, 0));
    host_settle(&host);
    CHECK_EQ(1, info_of(&host, "service").members);
    stop(&host);
    CHECK_EQ(AC_PHASE_COMPLETE, info_of(&host, "service").state);
    host_close(&host);
  }
}

TEST(a_stop_at_once_has_no_time_for_phases) {
  struct host host;
  struct log log = {0};
  struct member member = {.log = &log};
  host_open(&host, (struct host_options){.mode = mode_inline});
  host_spawn(&host, &member.cell, on_member);
  CHECK_OK(ac_phase_join(host.system, ac_text_of("service"), member.cell.actor));
  CHECK_OK(ac_system_stop(host.system, 0, NULL, NULL));
  CHECK_EQ(0, log.count);
  CHECK_EQ(AC_PHASE_TIMED_OUT, info_of(&host, "service").state);
  CHECK_STATUS(AC_E_STOPPED, ac_phase_add(host.system, ac_text_of("x"), ac_text_of(""), 0));
  host_close(&host);
}

TEST(phases_check_their_arguments) {
  struct host host;
  struct cell cell = {0};
  host_open(&host, (struct host_options){.seed = 1});
  host_spawn(&host, &cell, on_quitter);
  const ac_text service = ac_text_of("service"), none = ac_text_of("none");
  CHECK_STATUS(AC_E_EXISTS, ac_phase_add(host.system, service, ac_text_of(""), 0));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_phase_add(host.system, ac_text_of("new"), none, 0));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_phase_join(host.system, none, cell.actor));
  CHECK_OK(ac_phase_join(host.system, service, cell.actor));
  CHECK_STATUS(AC_E_EXISTS, ac_phase_join(host.system, service, cell.actor));
  CHECK_STATUS(AC_E_NOT_FOUND, ac_phase_done(host.system, cell.actor, 1));
  host_close(&host);
}
