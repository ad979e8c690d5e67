// A timer sends at its time, in order, and no longer than its actor lives and its caller wants.
#include <sched.h>
#include <string.h>

#include "host.h"

enum { type_tick = 1, type_start, type_cancel, type_other, log_max = 20000 };
static const uint64_t ms = UINT64_C(1000000);

// An actor that logs what it handles, and when; told to, it starts or cancels a timer of its own.
struct logger {
  struct cell cell;  // first
  ac_timer timer;
  uint64_t cancel_at;  // cancels its timer inside the handler of so many messages
  struct entry {
    uint64_t now, correlation;
    uint32_t type, length;
  } log[log_max];
  uint64_t count;
};

static ac_timer start(ac_system system, ac_actor to, uint64_t delay_ns, uint64_t period_ns) {
  const ac_timer_options options = {.struct_size = sizeof options,
                                    .to = to,
                                    .type = type_tick,
                                    .delay_ns = delay_ns,
                                    .period_ns = period_ns};
  ac_timer timer;
  CHECK_OK(ac_timer_start(system, &options, &timer, NULL));
  return timer;
}

static ac_status on_log(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct logger* self = (struct logger*)cell;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    CHECK(self->count < log_max);
    struct entry* entry = &self->log[self->count++];
    CHECK_OK(ac_system_now(turn->system, &entry->now));
    CHECK_EQ(0, message->sender.bits);
    const int is_timers = message->type == type_tick;
    CHECK(is_timers == (ac_message_timer(message).bits != 0));
    entry->correlation = message->correlation;
    entry->type = message->type;
    entry->length = message->length;
    for (uint32_t k = 0; k < message->length; ++k) {
      CHECK_EQ((uint8_t)k, ((const uint8_t*)ac_message_payload(message))[k]);
    }
    if (message->type == type_start) self->timer = start(turn->system, cell->actor, ms, ms);
    if (self->count == self->cancel_at) CHECK_OK(ac_timer_cancel(turn->system, self->timer));
  }
  return AC_OK;
}

static struct host host;
static struct logger logger, another;

static ac_actor open_seeded(enum mode mode) {
  const struct host_options options = {.mode = mode, .seed = 7};
  host_open(&host, options);
  memset(&logger, 0, sizeof logger);
  return host_spawn(&host, &logger.cell, on_log);
}

static void advance(uint64_t duration_ns) { CHECK_OK(ac_system_advance(host.system, duration_ns)); }

static ac_timer_stats stats_of(ac_timer timer) {
  ac_timer_stats stats;
  CHECK_OK(ac_timer_get_stats(host.system, timer, &stats));
  return stats;
}

TEST(a_timer_sends_one_message_at_its_deadline) {
  const ac_actor actor = open_seeded(mode_inline);
  const ac_timer timer = start(host.system, actor, 5 * ms, 0);
  CHECK_EQ(5 * ms, stats_of(timer).next_ns);
  advance(5 * ms - 1);
  CHECK_EQ(0, logger.count);
  advance(100 * ms);
  CHECK_EQ(1, logger.count);
  CHECK_EQ(5 * ms, logger.log[0].now);
  CHECK_EQ(type_tick, logger.log[0].type);
  CHECK_EQ(timer.bits, logger.log[0].correlation);
  CHECK((timer.bits & AC_CORRELATION_REPLY) != 0);
  CHECK_STATUS(AC_E_STALE, ac_timer_cancel(host.system, timer));
  CHECK_EQ(1, host_ledger(&host).accepted);
  host_close(&host);
}

TEST(a_payload_comes_whole_with_each_message) {
  static const uint64_t sizes[] = {1, AC_INLINE_BYTES, AC_INLINE_BYTES + 1, 1000};
  uint8_t bytes[1000];
  for (unsigned i = 0; i < sizeof bytes; ++i) bytes[i] = (uint8_t)i;
  const ac_actor actor = open_seeded(mode_inline);
  for (unsigned i = 0; i < 4; ++i) {
    const ac_timer_options options = {.struct_size = sizeof options,
                                      .to = actor,
                                      .type = type_tick,
                                      .delay_ns = i + 1,
                                      .period_ns = ms,
                                      .payload = bytes_of(bytes, sizes[i])};
    CHECK_OK(ac_timer_start(host.system, &options, NULL, NULL));
  }
  advance(3 * ms);
  CHECK_EQ(12, logger.count);
  for (unsigned i = 0; i < 12; ++i) CHECK_EQ(sizes[i % 4], logger.log[i].length);
  host_close(&host);
}

TEST(a_periodic_timer_keeps_its_phase) {
  const ac_actor actor = open_seeded(mode_inline);
  const ac_timer timer = start(host.system, actor, 3 * ms, 10 * ms);
  advance(47 * ms);
  CHECK_EQ(5, logger.count);
  for (unsigned i = 0; i < 5; ++i) CHECK_EQ((3 + 10 * i) * ms, logger.log[i].now);
  const ac_timer_stats stats = stats_of(timer);
  CHECK_EQ(5, stats.sent);
  CHECK_EQ(0, stats.skipped);
  CHECK_EQ(53 * ms, stats.next_ns);
  CHECK_EQ(10 * ms, stats.period_ns);
  host_close(&host);
}

TEST(what_comes_due_before_the_last_message_is_begun_is_skipped_and_counted) {
  const ac_system_options seeded = {
      .struct_size = sizeof seeded, .flags = AC_SYSTEM_SEEDED, .seed = 1};
  CHECK_OK(ac_system_create(&seeded, &host.system, NULL));
  const ac_dispatcher_options attached = {.struct_size = sizeof attached,
                                          .mode = AC_DISPATCHER_ATTACHED};
  ac_dispatcher dispatcher;
  CHECK_OK(ac_dispatcher_create(host.system, &attached, &dispatcher, NULL));
  const ac_spawn_options options = {.struct_size = sizeof options, .dispatcher = dispatcher};
  ac_actor actor;
  CHECK_OK(ac_spawn(host.system, &options, &actor, NULL));
  const ac_timer timer = start(host.system, actor, 3 * ms, 10 * ms);
  advance(48 * ms);  // nobody serves the actor
  CHECK_EQ(1, host_ledger(&host).queued);
  CHECK_EQ(1, stats_of(timer).sent);
  CHECK_EQ(4, stats_of(timer).skipped);
  CHECK_EQ(53 * ms, stats_of(timer).next_ns);
  CHECK_OK(ac_system_stop(host.system, 0, NULL, NULL));
  CHECK_EQ(1, host_check_ledger(&host).dead[AC_DEAD_SHUTDOWN]);
  ac_system_release(host.system);
}

TEST(a_cancelled_timer_sends_nothing) {
  const ac_actor actor = open_seeded(mode_inline);
  const ac_timer once = start(host.system, actor, ms, 0);
  const ac_timer often = start(host.system, actor, ms, ms);
  CHECK_OK(ac_timer_cancel(host.system, once));
  CHECK_STATUS(AC_E_STALE, ac_timer_cancel(host.system, once));
  advance(2 * ms);
  CHECK_EQ(2, logger.count);
  CHECK_OK(ac_timer_cancel(host.system, often));
  CHECK_STATUS(AC_E_STALE, ac_timer_cancel(host.system, often));
  advance(10 * ms);
  CHECK_EQ(2, logger.count);
  host_close(&host);
}

TEST(a_handler_starts_and_cancels_its_own_timer) {
  const ac_actor actor = open_seeded(mode_inline);
  logger.cancel_at = 4;
  host_tell(&host, actor, type_start, UINT64_C(0x0706050403020100));
  advance(100 * ms);
  CHECK_EQ(4, logger.count);
  for (unsigned i = 1; i < 4; ++i) CHECK_EQ(i * ms, logger.log[i].now);
  host_close(&host);
}

TEST(what_was_sent_before_the_cancel_still_arrives) {
  const struct host_options options = {.mode = mode_inline};
  static struct gate gate;
  host_open(&host, options);
  const ac_actor actor = host_enter_gate(&host, &gate);
  const ac_timer timer = start(host.system, actor, 0, ms);
  while (stats_of(timer).sent == 0) sched_yield();
  CHECK_OK(ac_timer_cancel(host.system, timer));
  for (unsigned i = 0; i < 2; ++i) sem_post(&gate.leave);
  host_settle(&host);
  CHECK_EQ(2, gate.cell.handled);
  host_close(&host);
}

TEST(the_end_of_its_actor_ends_a_timer_without_a_dead_letter) {
  const ac_actor actor = open_seeded(mode_inline);
  const ac_timer once = start(host.system, actor, ms, 0);
  const ac_timer often = start(host.system, actor, ms, ms);
  CHECK_OK(ac_actor_set_receive_timeout(host.system, actor, ms));
  CHECK_OK(ac_actor_stop(host.system, actor, 0));
  host_settle(&host);
  CHECK_STATUS(AC_E_STALE, ac_timer_cancel(host.system, once));
  CHECK_STATUS(AC_E_STALE, ac_timer_cancel(host.system, often));
  memset(&another, 0, sizeof another);
  host_spawn(&host, &another.cell, on_log);  // perhaps in the same place
  advance(10 * ms);
  CHECK_EQ(0, logger.count + another.count);
  CHECK_EQ(0, host_ledger(&host).accepted);
  host_close(&host);
}

TEST(a_timer_may_stop_its_actor) {
  const ac_actor actor = open_seeded(mode_inline);
  const ac_timer_options options = {
      .struct_size = sizeof options, .to = actor, .type = AC_TYPE_STOP, .delay_ns = ms};
  CHECK_OK(ac_timer_start(host.system, &options, NULL, NULL));
  advance(ms - 1);
  CHECK_OK(ac_actor_check(host.system, actor));
  advance(1);
  CHECK_STATUS(AC_E_STALE, ac_actor_check(host.system, actor));
  host_close(&host);
}

TEST(ten_thousand_timers_fire_in_order_of_deadline_then_of_start) {
  enum { timers = 10000 };
  static struct {
    uint64_t bits, deadline;
  } started[timers];
  const ac_actor actor = open_seeded(mode_inline);
  for (unsigned i = 0; i < timers; ++i) {
    uint64_t random;
    CHECK_OK(ac_system_random(host.system, &random));
    started[i].deadline = random % 1000 * (i % 2 == 0 ? 1 : 1000003);
    started[i].bits = start(host.system, actor, started[i].deadline, 0).bits;
  }
  advance(1000 * ms);
  advance(1000 * ms);
  CHECK_EQ(timers, logger.count);
  // Handled in order of time; those of one deadline in the order in which they were started.
  static unsigned char seen[timers];
  uint64_t now = 0;
  unsigned at = 0;
  for (unsigned i = 0; i < timers; ++i, ++at) {
    const struct entry* entry = &logger.log[i];
    CHECK(entry->now >= now);
    if (entry->now > now) at = 0;
    now = entry->now;
    while (at < timers && (seen[at] || started[at].deadline != now)) ++at;
    CHECK(at < timers && started[at].bits == entry->correlation);
    seen[at] = 1;
  }
  host_close(&host);
}

TEST(a_timer_is_never_early_in_real_time) {
  const struct host_options options = {.mode = mode_inline};
  host_open(&host, options);
  memset(&logger, 0, sizeof logger);
  const ac_actor actor = host_spawn(&host, &logger.cell, on_log);
  uint64_t before;
  CHECK_OK(ac_system_now(host.system, &before));
  for (unsigned i = 0; i < 20; ++i) (void)start(host.system, actor, (20 - i) * ms / 10, 0);
  while (host_ledger(&host).handled != 20) sched_yield();
  for (unsigned i = 0; i < 20; ++i) CHECK(logger.log[i].now >= before + (i + 1) * ms / 10);
  host_close(&host);
}

TEST(a_silent_actor_is_told_again_and_again_and_a_message_starts_the_time_anew) {
  const ac_actor actor = open_seeded(mode_inline);
  CHECK_OK(ac_actor_set_receive_timeout(host.system, actor, 10 * ms));
  (void)start(host.system, actor, 7 * ms, 0);
  (void)start(host.system, actor, 16 * ms, 0);
  advance(50 * ms);
  static const uint64_t expected[] = {7, 16, 26, 36, 46};
  CHECK_EQ(5, logger.count);
  for (unsigned i = 0; i < 5; ++i) {
    CHECK_EQ(expected[i] * ms, logger.log[i].now);
    CHECK_EQ(i < 2 ? type_tick : AC_TYPE_TIMEOUT, logger.log[i].type);
  }
  CHECK_OK(ac_actor_set_receive_timeout(host.system, actor, 2 * ms));  // instead, from now
  advance(5 * ms);
  CHECK_EQ(7, logger.count);
  CHECK_EQ(52 * ms, logger.log[5].now);
  CHECK_OK(ac_actor_set_receive_timeout(host.system, actor, 0));
  advance(100 * ms);
  CHECK_EQ(7, logger.count);
  CHECK_EQ(7, host_ledger(&host).handled);
  host_close(&host);
}

// In every mode real threads keep an actor busy and silent by turns.
static ac_status on_busy(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct logger* self = (struct logger*)cell;
  uint64_t now;
  CHECK_OK(ac_system_now(turn->system, &now));
  for (uint32_t i = 0; i < activation->count; ++i) {
    if (activation->messages[i]->type == AC_TYPE_TIMEOUT) {
      CHECK(now >= self->log[0].now + ms);
      self->log[0].correlation += 1;
    }
  }
  CHECK_OK(ac_system_now(turn->system, &self->log[0].now));
  return AC_OK;
}

static void expect_patience(enum mode mode) {
  const struct host_options options = {.mode = mode};
  host_open(&host, options);
  memset(&logger, 0, sizeof logger);
  const ac_actor actor = host_spawn(&host, &logger.cell, on_busy);
  host_tell(&host, actor, type_other, 0);
  host_settle(&host);
  CHECK_OK(ac_actor_set_receive_timeout(host.system, actor, ms));
  for (unsigned i = 0; i < 3000; ++i) host_tell(&host, actor, type_other, i);
  while (host_ledger(&host).handled < 3001 + 10) sched_yield();
  host_close(&host);
  CHECK(logger.log[0].correlation >= 10);
}
TEST(no_actor_is_told_of_a_silence_that_was_shorter_inline) { expect_patience(mode_inline); }
TEST(no_actor_is_told_of_a_silence_that_was_shorter_attached) { expect_patience(mode_attached); }
TEST(no_actor_is_told_of_a_silence_that_was_shorter_stepped) { expect_patience(mode_caller); }

static uint64_t trace_of(enum mode mode) {
  enum { actors = 10 };
  static struct logger loggers[actors];
  memset(loggers, 0, sizeof loggers);
  const struct host_options options = {.mode = mode, .seed = 99};
  host_open(&host, options);
  for (unsigned i = 0; i < actors; ++i) {
    const ac_actor actor = host_spawn(&host, &loggers[i].cell, on_log);
    uint64_t random;
    CHECK_OK(ac_system_random(host.system, &random));
    loggers[i].cancel_at = 20 + i;
    host_tell(&host, actor, type_start, UINT64_C(0x0706050403020100));
    (void)start(host.system, actor, random % ms, random % 7 * ms);
    CHECK_OK(ac_actor_set_receive_timeout(host.system, actor, random % (5 * ms)));
  }
  advance(30 * ms);
  CHECK_OK(ac_actor_stop(host.system, loggers[3].cell.actor, 0));
  advance(70 * ms);
  uint64_t hash, count = 0;
  CHECK_OK(ac_system_trace_hash(host.system, &hash));
  for (unsigned i = 0; i < actors; ++i) count += loggers[i].count;
  CHECK(count > 300);
  host_close(&host);
  return hash;
}

TEST(the_same_seed_gives_the_same_trace_in_every_mode) {
  const uint64_t hash = trace_of(mode_inline);
  CHECK_EQ(hash, trace_of(mode_inline));
  CHECK_EQ(hash, trace_of(mode_attached));
  CHECK_EQ(hash, trace_of(mode_caller));
}

TEST(nobody_waits_for_a_timer_to_settle_or_to_stop) {
  for (uint64_t seed = 0; seed < 2; ++seed) {
    const struct host_options options = {.mode = mode_inline, .seed = seed};
    host_open(&host, options);
    memset(&logger, 0, sizeof logger);
    const ac_actor actor = host_spawn(&host, &logger.cell, on_log);
    (void)start(host.system, actor, UINT64_C(3600000) * ms, ms);
    (void)start(host.system, actor, UINT64_MAX, UINT64_MAX);
    host_tell(&host, actor, type_other, UINT64_C(0x0706050403020100));
    host_settle(&host);
    CHECK_EQ(1, logger.count);
    host_close(&host);
    CHECK_EQ(0, host.report.dropped);
  }
}

static ac_status on_advance(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)cell, (void)activation;
  CHECK_STATUS(AC_E_WOULD_DEADLOCK, ac_system_advance(turn->system, 1));
  return AC_OK;
}

TEST(time_is_moved_from_outside_and_in_seeded_systems_only) {
  const struct host_options real = {.mode = mode_inline};
  host_open(&host, real);
  CHECK_STATUS(AC_E_WRONG_MODE, ac_system_advance(host.system, 1));
  host_close(&host);
  (void)open_seeded(mode_inline);
  memset(&another, 0, sizeof another);
  host_tell(&host, host_spawn(&host, &another.cell, on_advance), type_other, 0);
  advance(5);
  CHECK_EQ(1, another.cell.handled);
  uint64_t now;
  CHECK_OK(ac_system_now(host.system, &now));
  CHECK_EQ(5, now);
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_system_advance(host.system, AC_TIMEOUT_NEVER));
  CHECK_OK(ac_system_stop(host.system, 0, NULL, NULL));
  CHECK_STATUS(AC_E_STOPPED, ac_system_advance(host.system, 1));
  host_close(&host);
}

TEST(what_no_timer_can_send_is_refused) {
  const ac_actor actor = open_seeded(mode_inline);
  ac_timer_options options = {.struct_size = sizeof options, .to = actor, .type = AC_TYPE_STARTED};
  ac_timer timer = {1};
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, ac_timer_start(host.system, &options, &timer, NULL));
  options.type = type_tick;
  options.payload.size = 1;
  CHECK_STATUS(AC_E_NULL, ac_timer_start(host.system, &options, &timer, NULL));
  options.payload = bytes_of(&timer, AC_PAYLOAD_BYTES_MAX + 1);
  CHECK_STATUS(AC_E_LIMIT, ac_timer_start(host.system, &options, &timer, NULL));
  CHECK_EQ(1, timer.bits);
  CHECK_OK(ac_system_stop(host.system, 0, NULL, NULL));
  options.payload.size = 0;
  CHECK(ac_timer_start(host.system, &options, &timer, NULL) != AC_OK);
  host_close(&host);
}
