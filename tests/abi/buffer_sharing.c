// Buffers that are shared rather than copied: over files, and read by many actors.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

enum { type_share = 1, type_let_go };

// -- buffers over files -------------------------------------------------------------------------

enum { file_bytes = 3 * 4096 + 100 };
static char file_name[] = "/tmp/actorcore-memory-XXXXXX";

static void make_file(void) {
  uint8_t bytes[file_bytes];
  for (unsigned i = 0; i < file_bytes; ++i) bytes[i] = (uint8_t)(i * 31 + i / 256);
  const int file = mkstemp(file_name);
  CHECK(file >= 0 && write(file, bytes, file_bytes) == file_bytes);
  close(file);
}

static bool is_mapped(void) {
  char line[512];
  bool found = false;
  FILE* maps = fopen("/proc/self/maps", "r");
  CHECK(maps != NULL);
  while (fgets(line, sizeof line, maps) != NULL) found |= strstr(line, file_name) != NULL;
  fclose(maps);
  return found;
}

static void check_part(ac_bytes view, uint64_t offset, uint64_t size) {
  CHECK_EQ(size, view.size);
  for (uint64_t i = 0; i < size; ++i) {
    CHECK_EQ((uint8_t)((offset + i) * 31 + (offset + i) / 256), view.data[i]);
  }
}

TEST(a_file_is_mapped_until_the_last_reference_goes) {
  make_file();
  const uint64_t parts[][2] = {{0, 0}, {0, 10}, {1, 5000}, {4096, 4096}, {5000, 0}, {12287, 101}};
  for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; ++i) {
    ac_buffer buffer;
    ac_bytes view;
    CHECK_OK(ac_buffer_map(ac_text_of(file_name), parts[i][0], parts[i][1], &buffer, &view, NULL));
    check_part(view, parts[i][0], parts[i][1] == 0 ? file_bytes - parts[i][0] : parts[i][1]);
    CHECK_OK(ac_buffer_retain(buffer));
    ac_buffer_release(buffer);
    CHECK(is_mapped());
    ac_buffer_release(buffer);
    CHECK(!is_mapped());
    CHECK_STATUS(AC_E_STALE, ac_buffer_view(buffer, &view));
  }
  ac_pool_stats rows[AC_POOL_SCRATCH + 1];
  uint64_t count;
  CHECK_OK(ac_memory_pools(rows, AC_POOL_SCRATCH + 1, &count));
  CHECK_EQ(0, rows[AC_POOL_BUFFERS_OTHER].in_use);
  CHECK_EQ(0, rows[AC_POOL_BUFFERS_OTHER].bytes);
  unlink(file_name);
}

static ac_status map(const char* path, uint64_t offset, uint64_t size) {
  ac_buffer buffer = {7};
  ac_bytes view;
  ac_error error = {0};
  const ac_status status = ac_buffer_map(ac_text_of(path), offset, size, &buffer, &view, &error);
  CHECK(status != AC_OK);
  CHECK_EQ(7, buffer.bits);
  ac_error_release(error);
  return status;
}

TEST(what_cannot_be_mapped_is_an_error_that_says_why) {
  make_file();
  CHECK_STATUS(AC_E_NOT_FOUND, map("/tmp/actorcore-no-such-file", 0, 0));
  CHECK_STATUS(AC_E_IO, map("/tmp", 0, 0));
  CHECK_STATUS(AC_E_IO, map("/dev/null", 0, 0));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, map("", 0, 0));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, map(file_name, file_bytes, 0));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, map(file_name, 0, file_bytes + 1));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, map(file_name, 1, UINT64_MAX));
  CHECK_STATUS(AC_E_INVALID_ARGUMENT, map(file_name, UINT64_MAX, 1));
  CHECK_OK(truncate(file_name, (off_t)AC_PAYLOAD_BYTES_MAX + 1) == 0 ? AC_OK : AC_E_IO);
  CHECK_STATUS(AC_E_LIMIT, map(file_name, 0, 0));
  unlink(file_name);
}

// -- objects that many actors read --------------------------------------------------------------

struct reader {
  struct cell cell;  // first
  ac_buffer kept;
  const uint8_t* seen;
  uint64_t sum;
};

static ac_status on_share(struct cell* cell, ac_turn* turn, ac_activation* activation) {
  struct reader* self = (struct reader*)cell;
  (void)turn;
  for (uint32_t i = 0; i < activation->count; ++i) {
    const ac_message* message = activation->messages[i];
    if (message->type == type_share) {
      memcpy(&self->kept, message->data, sizeof self->kept);
      CHECK_OK(ac_buffer_retain(self->kept));
      self->seen = ac_message_payload(message);
      for (uint32_t k = 0; k < message->length; ++k) self->sum += self->seen[k];
    } else if (message->type == type_let_go) {
      ac_buffer_release(self->kept);
    }
  }
  return AC_OK;
}

static atomic_uint ended;
static void on_end(uintptr_t user) { atomic_fetch_add(&ended, (unsigned)user); }

static void tell_all(struct host* host, struct reader* readers, unsigned count,
                     const ac_message* one) {
  for (unsigned i = 0; i < count; ++i) {
    ac_message message = *one;
    ac_status status;
    message.to = readers[i].cell.actor;
    CHECK_OK(ac_tell_many(host->system, &message, 1, &status, NULL));
    CHECK_OK(status);
  }
}

TEST(one_object_is_read_by_many_actors_without_a_copy_and_ends_once_after_the_last) {
  enum { count = 200, size = 10000 };
  static struct reader readers[count];
  for (enum mode mode = mode_inline; mode < mode_count; ++mode) {
    struct host host;
    const struct host_options options = {.mode = mode};
    host_open(&host, options);
    memset(readers, 0, sizeof readers);
    for (unsigned i = 0; i < count; ++i) host_spawn(&host, &readers[i].cell, on_share);
    ac_buffer object;
    uint8_t* bytes;
    ended = 0;
    CHECK_OK(ac_buffer_create_with(size, on_end, 1, &object, &bytes));
    memset(bytes, 3, size);
    ac_message message = {.type = type_share, .length = size};
    memcpy(message.data, &object, sizeof object);
    for (unsigned i = 0; i < count; ++i) CHECK_OK(ac_buffer_retain(object));
    tell_all(&host, readers, count, &message);
    ac_buffer_release(object);
    host_settle(&host);
    CHECK_EQ(0, ended);
    for (unsigned i = 0; i < count; ++i) {
      CHECK(readers[i].seen == bytes);
      CHECK_EQ(3 * size, readers[i].sum);
    }
    const ac_message let_go = {.type = type_let_go};
    tell_all(&host, readers, count - 1, &let_go);
    host_settle(&host);
    CHECK_EQ(0, ended);
    tell_all(&host, readers + count - 1, 1, &let_go);
    host_settle(&host);
    CHECK_EQ(1, ended);
    host_close(&host);
    CHECK_EQ(1, ended);
  }
}
