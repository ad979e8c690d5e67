// Payloads longer than an envelope: moved, never copied, counted, and ended exactly once.
#include <stdlib.h>
#include <string.h>

#include "host.h"

enum { type_data = 1, type_keep, type_check_kept, type_echo, type_forward };

static const uint32_t sizes[] = {0, 1, 31, 32, 33, 64, 4096, 65536, 1 << 20, 64 << 20};
enum { size_count = sizeof sizes / sizeof sizes[0] };

static void fill(uint8_t* bytes, uint64_t size) {
  for (uint64_t i = 0; i < size; i += i < 4096 ? 1 : 4093) bytes[i] = (uint8_t)(i * 31 + size);
}

static void check_filled(const uint8_t* bytes, uint64_t size) {
  for (uint64_t i = 0; i < size; i += i < 4096 ? 1 : 4093) {
    CHECK_EQ((uint8_t)(i * 31 + size), bytes[i]);
  }
}

struct keeper {
  struct cell cell;  // first
  ac_actor to;       // of what it forwards
  ac_buffer kept;
  uint32_t seen[size_count];
  uint32_t count;
};

static ac_buffer buffer_of(const ac_message* message) {
  ac_buffer buffer;
  CHECK(message->length > AC_INLINE_BYTES);
  memcpy(&buffer, message->data, sizeof buffer);
  return buffer;
}

static ac_status keep(struct keeper* self, const ac_message* message) {
  self->kept = buffer_of(message);
  return ac_buffer_retain(self->kept);
}

static ac_status check_kept(struct keeper* self) {
  ac_bytes view;
  CHECK_OK(ac_buffer_view(self->kept, &view));
  check_filled(view.data, view.size);
  ac_buffer_release(self->kept);
  CHECK_STATUS(AC_E_STALE, ac_buffer_view(self->kept, &view));
  return AC_OK;
}

// Sends the same buffer on, without a copy: one more reference goes with the message.
static ac_status forward(struct keeper* self, ac_turn* turn, ac_activation* activation,
                         const ac_message* message) {
  CHECK_OK(ac_buffer_retain(buffer_of(message)));
  ac_message* on = turn->outbox[turn->outbox_count++];
  *on = *message;
  on->to = self->to;
  on->sender = activation->actor;
  on->type = type_data;
  return AC_OK;
}

static ac_status on_data(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct keeper* self = (struct keeper*)cell;
  ac_status status = AC_OK;
  for (uint32_t i = 0; i < activation->count && status == AC_OK; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type == type_check_kept) {
      status = check_kept(self);
      continue;
    }
    check_filled(ac_message_payload(message), message->length);
    self->seen[self->count++ % size_count] = message->length;
    if (message->type == type_keep) status = keep(self, message);
    if (message->type == type_forward) status = forward(self, turn, activation, message);
    if (message->type == type_echo) {
      status = ac_turn_reply(turn, activation, message, type_data, ac_message_payload(message),
                             message->length);
    }
  }
  return status;
}

TEST(a_payload_of_any_size_arrives_as_it_was_sent) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct keeper keeper = {.count = 0};
    const struct host_options options = {.mode = mode};
    host_open(&host, options);
    const ac_actor actor = host_spawn(&host, &keeper.cell, on_data);
    for (unsigned i = 0; i < size_count; ++i) {
      uint8_t* bytes = malloc(sizes[i] + 1);
      fill(bytes, sizes[i]);
      CHECK_OK(ac_tell(host.system, actor, type_data, bytes_of(bytes, sizes[i])));
      free(bytes);
    }
    host_settle(&host);
    CHECK_EQ(size_count, keeper.count);
    for (unsigned i = 0; i < size_count; ++i) CHECK_EQ(sizes[i], keeper.seen[i]);
    host_close(&host);
  }
}

TEST(a_reply_of_any_size_is_the_askers_to_release) {
  struct host host;
  struct keeper keeper = {.count = 0};
  const struct host_options options = {.mode = mode_inline};
  host_open(&host, options);
  const ac_actor actor = host_spawn(&host, &keeper.cell, on_data);
  for (unsigned i = 0; i < size_count; ++i) {
    ac_message reply;
    uint8_t* bytes = malloc(sizes[i] + 1);
    fill(bytes, sizes[i]);
    CHECK_OK(ac_ask(host.system, actor, type_echo, bytes_of(bytes, sizes[i]), patience, &reply));
    CHECK_EQ(sizes[i], reply.length);
    check_filled(ac_message_payload(&reply), reply.length);
    if (reply.length > AC_INLINE_BYTES) {
      ac_bytes view;
      ac_buffer_release(buffer_of(&reply));
      CHECK_STATUS(AC_E_STALE, ac_buffer_view(buffer_of(&reply), &view));
    }
    free(bytes);
  }
  host_close(&host);
}

TEST(a_retained_buffer_outlives_its_turn) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct keeper keeper = {.count = 0};
    uint8_t bytes[1000];
    const struct host_options options = {.mode = mode};
    host_open(&host, options);
    const ac_actor actor = host_spawn(&host, &keeper.cell, on_data);
    fill(bytes, sizeof bytes);
    CHECK_OK(ac_tell(host.system, actor, type_keep, bytes_of(bytes, sizeof bytes)));
    host_settle(&host);
    CHECK_OK(ac_tell(host.system, actor, type_check_kept, bytes_of(NULL, 0)));
    host_close(&host);
  }
}

static atomic_uint ended;
static void on_end(uintptr_t user) { atomic_fetch_add(&ended, (unsigned)user); }

// A message with a buffer that counts its end in `ended`.
static ac_message counted(ac_actor to, uint32_t type) {
  ac_buffer buffer;
  uint8_t* bytes;
  ac_message message = {.to = to, .type = type, .length = 100};
  CHECK_OK(ac_buffer_create_with(100, on_end, 1, &buffer, &bytes));
  fill(bytes, 100);
  memcpy(message.data, &buffer, sizeof buffer);
  return message;
}

static void send(struct host* host, ac_message message) {
  ac_status status;
  CHECK_OK(ac_tell_many(host->system, &message, 1, &status, NULL));
  CHECK_OK(status);
}

TEST(a_buffer_ends_once_when_its_message_was_handled) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct keeper keeper = {.count = 0};
    const struct host_options options = {.mode = mode};
    host_open(&host, options);
    const ac_actor actor = host_spawn(&host, &keeper.cell, on_data);
    ended = 0;
    for (unsigned i = 0; i < 100; ++i) send(&host, counted(actor, type_data));
    host_close(&host);
    CHECK_EQ(100, ended);
  }
}

TEST(a_forwarded_buffer_ends_once_after_both_had_it) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct keeper first = {.count = 0}, then = {.count = 0};
    const struct host_options options = {.mode = mode};
    host_open(&host, options);
    first.to = host_spawn(&host, &then.cell, on_data);
    const ac_actor actor = host_spawn(&host, &first.cell, on_data);
    ended = 0;
    for (unsigned i = 0; i < 100; ++i) send(&host, counted(actor, type_forward));
    host_settle(&host);
    CHECK_EQ(100, then.count);
    host_close(&host);
    CHECK_EQ(100, ended);
  }
}

static ac_status refuse(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  (void)cell;
  (void)turn;
  (void)activation;
  return AC_E_HANDLER;
}

TEST(a_buffer_ends_once_when_its_message_was_dropped) {
  struct host host;
  struct cell cell = {.on = NULL};
  const struct host_options options = {.mode = mode_inline};
  host_open(&host, options);
  const ac_actor actor = host_spawn(&host, &cell, refuse);
  ac_message messages[50];
  ended = 0;
  for (unsigned i = 0; i < 50; ++i) messages[i] = counted(actor, type_data);
  CHECK_OK(ac_tell_many(host.system, messages, 50, NULL, NULL));
  host_close(&host);
  CHECK_EQ(50, ended);
}

TEST(a_refused_buffer_stays_the_callers) {
  struct host host;
  struct keeper keeper = {.count = 0};
  const struct host_options options = {.mode = mode_inline};
  host_open(&host, options);
  const ac_actor actor = host_spawn(&host, &keeper.cell, on_data);
  CHECK_OK(ac_actor_stop(host.system, actor, 0));
  host_settle(&host);
  ac_message message = counted(actor, type_data);
  ac_status status;
  uint64_t accepted = 9;
  ended = 0;
  CHECK_OK(ac_tell_many(host.system, &message, 1, &status, &accepted));
  CHECK_STATUS(AC_E_STALE, status);
  CHECK_EQ(0, accepted);
  CHECK_EQ(0, ended);
  ac_buffer_release(buffer_of(&message));
  CHECK_EQ(1, ended);
  host_close(&host);
}

TEST(a_buffer_of_a_system_that_stops_at_once_still_ends_once) {
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    struct keeper keeper = {.count = 0};
    const struct host_options options = {.mode = mode};
    host_open(&host, options);
    const ac_actor actor = host_spawn(&host, &keeper.cell, on_data);
    ended = 0;
    for (unsigned i = 0; i < 1000; ++i) send(&host, counted(actor, type_data));
    host_close_at_once(&host);
    CHECK_EQ(1000, ended);
  }
}

TEST(references_are_counted) {
  ac_buffer buffer;
  uint8_t* bytes;
  ac_bytes view;
  ended = 0;
  CHECK_OK(ac_buffer_create_with(10, on_end, 1, &buffer, &bytes));
  for (unsigned i = 0; i < 10; ++i) CHECK_EQ(0, bytes[i]);
  CHECK_OK(ac_buffer_retain(buffer));
  ac_buffer_release(buffer);
  CHECK_EQ(0, ended);
  CHECK_OK(ac_buffer_view(buffer, &view));
  CHECK_EQ(10, view.size);
  ac_buffer_release(buffer);
  CHECK_EQ(1, ended);
  ac_buffer_release(buffer);
  CHECK_EQ(1, ended);
  CHECK_STATUS(AC_E_STALE, ac_buffer_retain(buffer));
}

TEST(a_buffers_size_has_limits) {
  ac_buffer buffer;
  uint8_t* bytes;
  CHECK(ac_buffer_create(0, &buffer, &bytes) != AC_OK);
  CHECK_STATUS(AC_E_LIMIT, ac_buffer_create(AC_PAYLOAD_BYTES_MAX + 1, &buffer, &bytes));
  CHECK_STATUS(AC_E_LIMIT, ac_buffer_create(UINT64_MAX, &buffer, &bytes));
  CHECK_STATUS(AC_E_NULL, ac_buffer_create(1, NULL, &bytes));
}
