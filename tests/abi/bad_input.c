#include "bad_input.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

enum { parts_max = 16, area_bytes = 65536, good = 1 };

// What a call may come to: one status, anything that it documents, or that or success.
enum { documented = 1000, survived = 1001 };

// One call under way: good parameters first, then one thing is broken.
static struct attempt {
  const struct call* call;
  _Alignas(16) unsigned char parameters[256];
  void* blocks[parts_max];  // of option structs, each of exactly its size
  ac_error error;
} attempt;

static _Alignas(64) unsigned char areas[parts_max][area_bytes];  // what plain pointers lead to
static char doing[200];
static int wrong;

static void on_crash(int number) {
  const char text[] = "crashed in: ";
  (void)!write(2, text, sizeof text - 1);
  (void)!write(2, doing, strlen(doing));
  (void)!write(2, "\n", 1);
  signal(number, SIG_DFL);
  raise(number);
}

static void nothing(uintptr_t user) { (void)user; }

static void put(void* memory, const struct part* part, const void* value) {
  memcpy((unsigned char*)memory + part->offset, value, part->size);
}

// Numbers of 4 and 8 bytes have their low bytes first.
static void put_number(void* memory, const struct part* part, uint64_t value) {
  put(memory, part, &value);
}

static void* at(const struct part* part) {
  void* pointer;
  memcpy(&pointer, attempt.parameters + part->offset, sizeof pointer);
  return pointer;
}

static void* good_struct(size_t index, const struct part* part) {
  const uint32_t size = (uint32_t)part->shape->size;
  unsigned char* block = calloc(1, size);
  memcpy(block, &size, sizeof size);
  stage_fill(part->shape->name, block);
  memcpy(block, &size, sizeof size);
  return attempt.blocks[index] = block;
}

static void put_good(size_t index, const struct part* part) {
  const ac_text text = ac_text_of("text");
  void (*callback)(uintptr_t) = nothing;
  void* pointer = areas[index];
  switch (part->kind) {
    case part_number:
      put_number(attempt.parameters, part,
                 part->count == count_in ? 1 : stage_number(attempt.call->name, part->name));
      return;
    case part_handle:
      put_number(attempt.parameters, part, stage[part->handle].live);
      return;
    case part_text:
      put(attempt.parameters, part, &text);
      return;
    case part_value:
      return;  // zeros are good
    case part_callback:
      put(attempt.parameters, part, &callback);
      return;
    case part_options:
    case part_view:
      pointer = good_struct(index, part);
      break;
    case part_pointer:
      memset(pointer, part->goes_out ? 0xaa : 0, area_bytes);
      if (!part->goes_out) stage_fill(part->name, pointer);
      if (strcmp(part->name, "error") == 0) pointer = &attempt.error;
      break;
  }
  put(attempt.parameters, part, &pointer);
}

static void begin(const struct call* call) {
  attempt.call = call;
  attempt.error.bits = good;
  for (size_t i = 0; i < call->part_count; ++i) put_good(i, &call->parts[i]);
}

static int is_listed(ac_status status) {
  for (const ac_status* listed = attempt.call->errors; *listed != AC_OK; ++listed) {
    if (*listed == status) return 1;
  }
  return 0;
}

static int is_expected(ac_status status, ac_status expected) {
  if (!attempt.call->has_status) return status == AC_OK;
  if (expected == documented) return is_listed(status);
  return expected == survived ? status == AC_OK || is_listed(status) : status == expected;
}

static const char* name_of_status(ac_status status) {
  ac_text name;
  return ac_status_text(status, &name, NULL) == AC_OK ? name.data : "something";
}

static void complain(const char* what, ac_status status) {
  wrong += 1;
  fprintf(stderr, "%s: %s (%s, %d)\n", doing, what, name_of_status(status), status);
}

// A control call that failed also tells why.
static void check_error(ac_status status) {
  for (size_t i = 0; i < attempt.call->part_count; ++i) {
    if (at(&attempt.call->parts[i]) != &attempt.error) continue;
    ac_status code = AC_OK;
    if (status == AC_OK) {
      if (attempt.error.bits != good) complain("touched the error though it succeeded", status);
    } else if (ac_error_code(attempt.error, &code) != AC_OK || code != status) {
      complain("gave an error with another code", code);
    }
    if (status != AC_OK) ac_error_release(attempt.error);
  }
}

static void give_back_made(void) {
  for (size_t i = 0; i < attempt.call->part_count; ++i) {
    const struct part* part = &attempt.call->parts[i];
    if (!part->goes_out || part->handle == handle_none || at(part) != areas[i]) continue;
    uint64_t bits;
    memcpy(&bits, areas[i], sizeof bits);
    if (bits != UINT64_C(0xaaaaaaaaaaaaaaaa)) release(part->handle, bits);
  }
}

static ac_status invoke(void) {
  const ac_status status = attempt.call->invoke(attempt.parameters);
  check_error(status);
  if (status == AC_OK && attempt.call->has_status) give_back_made();
  if (status == AC_OK) stage_renew();
  for (size_t i = 0; i < parts_max; ++i) free(attempt.blocks[i]), attempt.blocks[i] = NULL;
  return status;
}

static void expect(ac_status expected) {
  const ac_status status = invoke();
  if (is_expected(status, expected)) return;
  char what[100];
  snprintf(what, sizeof what, "expected %s",
           expected == documented ? "a documented error"
           : expected == survived ? "success or a documented error"
                                  : name_of_status(expected));
  complain(what, status);
}

// Begins a good call and says what will be wrong with it.
static void* break_call(const struct call* call, const struct part* part, const struct part* field,
                        const char* what) {
  snprintf(doing, sizeof doing, "%s: %s%s%s is %s", call->name, part->name, field ? "." : "",
           field ? field->name : "", what);
  begin(call);
  return field ? at(part) : attempt.parameters;
}

typedef void (*breaker)(const struct call* call, const struct part* part, const struct part* field);

// Runs the breaker on every parameter, and on every field of every option struct that goes in.
static void for_each_part(breaker run) {
  signal(SIGSEGV, on_crash);
  signal(SIGABRT, on_crash);
  stage_set();
  for (const struct call* call = calls; call != calls + call_count; ++call) {
    for (const struct part* part = call->parts; part != call->parts + call->part_count; ++part) {
      run(call, part, NULL);
      if (part->kind != part_options) continue;
      const struct part* fields = part->shape->fields;
      for (size_t i = 0; i < part->shape->field_count; ++i) run(call, part, &fields[i]);
    }
  }
  stage_clear();
  CHECK_EQ(0, wrong);
}

// Is there anything that may not be zero? An array may, when its length is.
static int needs_something(const struct call* call) {
  for (size_t i = 0; i < call->part_count; ++i) {
    const struct part* part = &call->parts[i];
    const int may_be_zero = part->may_be_null || part->length != NULL;
    if (part->kind != part_number && part->kind != part_text && part->kind != part_value &&
        !may_be_zero)
      return 1;
  }
  return 0;
}

TEST(every_function_survives_zeros) {
  static const unsigned char zeros[sizeof attempt.parameters];
  for (const struct call* call = calls; call != calls + call_count; ++call) {
    snprintf(doing, sizeof doing, "%s: everything is zero", call->name);
    attempt.call = call;
    memcpy(attempt.parameters, zeros, sizeof zeros);
    expect(needs_something(call) ? documented : survived);
  }
  CHECK_EQ(0, wrong);
}

static uint64_t length_of(const struct shape* shape, const char* name, const void* memory) {
  uint64_t length = 0;
  for (size_t i = 0; i < shape->field_count; ++i) {
    const struct part* field = &shape->fields[i];
    if (strcmp(field->name, name) == 0) {
      memcpy(&length, (const unsigned char*)memory + field->offset, field->size);
    }
  }
  return length;
}

static void break_pointer(const struct call* call, const struct part* part,
                          const struct part* field) {
  const struct part* broken = field ? field : part;
  const void* null = NULL;
  if (broken->kind < part_callback || broken->may_be_null) return;
  void* memory = break_call(call, part, field, "null");
  put(memory, broken, &null);
  const int is_empty = field && field->length && length_of(part->shape, field->length, memory) == 0;
  expect(is_empty ? survived : AC_E_NULL);
}

TEST(a_null_pointer_is_named_as_such) { for_each_part(break_pointer); }

static void break_text(const struct call* call, const struct part* part, const struct part* field) {
  const struct part* broken = field ? field : part;
  static const uint64_t sizes[] = {UINT64_MAX, UINT64_C(1) << 63, UINT64_C(1) << 62};
  static const char as_long_as_any_is_cut[1024] = "text";
  if (broken->kind != part_text) return;
  ac_text text = {NULL, 1};
  put(break_call(call, part, field, "null with a size"), broken, &text);
  expect(AC_E_NULL);
  text.size = 0;
  put(break_call(call, part, field, "empty"), broken, &text);
  expect(survived);
  text.data = as_long_as_any_is_cut;
  for (size_t i = 0; i < COUNT(sizes); ++i) {
    text.size = sizes[i];
    put(break_call(call, part, field, "endless"), broken, &text);
    expect(broken->is_cut ? survived : documented);
  }
}

TEST(a_text_may_be_null_only_when_empty_and_has_its_limit) { for_each_part(break_text); }

static void break_none(const struct call* call, const struct part* part) {
  put_number(break_call(call, part, NULL, "none"), part, 0);
  if (part->may_be_null) {
    snprintf(doing, sizeof doing, "%s: %s is none, which it may be", call->name, part->name);
    expect(survived);
  } else {
    expect(AC_E_NO_HANDLE);
  }
}

static void break_foreign(const struct call* call, const struct part* part,
                          const struct part* field) {
  const struct part* broken = field ? field : part;
  attempt.call = call;
  const uint64_t bits = stage[broken->handle].foreign;
  if (bits == 0 || !is_listed(AC_E_WRONG_SYSTEM)) return;
  put_number(break_call(call, part, field, "another system's"), broken, bits);
  expect(broken->may_be_dead ? survived : AC_E_WRONG_SYSTEM);
}

static void break_handle(const struct call* call, const struct part* part,
                         const struct part* field) {
  const struct part* broken = field ? field : part;
  if (broken->kind != part_handle) return;
  const uint64_t live = stage[broken->handle].live;
  const enum handle_kind other = broken->handle == handle_actor ? handle_engine : handle_actor;
  const uint64_t made_up[] = {1,
                              UINT64_MAX,
                              UINT64_C(0x5555555555555555),
                              live ^ UINT64_C(1) << 40,
                              live + 1000000,
                              live ^ UINT64_C(1) << 63,
                              stage[other].live};
  if (!field && !part->may_be_dead) break_none(call, part);
  put_number(break_call(call, part, field, "stale"), broken, stage[broken->handle].stale);
  expect(broken->may_be_dead ? survived : AC_E_STALE);
  if (call->has_status) break_foreign(call, part, field);
  for (size_t i = 0; i < COUNT(made_up); ++i) {
    put_number(break_call(call, part, field, "made up"), broken, made_up[i]);
    expect(broken->may_be_dead ? survived : documented);
  }
}

TEST(a_handle_that_names_nothing_is_refused) { for_each_part(break_handle); }

static void break_constant(const struct call* call, const struct part* part,
                           const struct part* field) {
  const struct part* broken = field ? field : part;
  if (!broken->takes_constant) return;
  const uint64_t top = UINT64_C(1) << (8 * broken->size - 1);
  const uint64_t first_flag = broken->flags_known + 1;  // the known ones are the lowest
  const uint64_t unknown[] = {broken->values_end ? broken->values_end : first_flag, top,
                              top | broken->flags_known, UINT64_MAX};
  for (size_t i = 0; i < COUNT(unknown); ++i) {
    put_number(break_call(call, part, field, "unknown"), broken, unknown[i]);
    expect(AC_E_UNKNOWN_CONSTANT);
  }
}

TEST(an_unknown_constant_is_named_as_such) { for_each_part(break_constant); }

static int is_time(const struct part* part) {
  const size_t size = strlen(part->name);
  return size > 3 && strcmp(part->name + size - 3, "_ns") == 0;
}

// Lengths of what goes in must be refused; of any other number it must be survived. A wait is not.
static void break_number(const struct call* call, const struct part* part,
                         const struct part* field) {
  const struct part* broken = field ? field : part;
  static const uint64_t large[] = {UINT64_MAX, UINT64_MAX - 63, UINT64_C(1) << 63,
                                   UINT64_C(1) << 61, UINT64_C(1) << 60 | 1};
  if (broken->kind != part_number || broken->takes_constant || is_time(broken)) return;
  const int reserved = strncmp(broken->name, "reserved", 8) == 0;
  for (size_t i = 0; i < COUNT(large); ++i) {
    put_number(break_call(call, part, field, "large"), broken, large[i]);
    expect(reserved && (uint32_t)large[i] != 0 ? AC_E_UNSUPPORTED
           : broken->count == count_in         ? documented
                                               : survived);
  }
}

TEST(a_length_near_two_to_the_64_is_refused_and_any_number_survived) {
  for_each_part(break_number);
}

// An option struct of `size` bytes, of which the library may read no more.
static void put_struct(const struct part* part, uint32_t stated, size_t size, unsigned char tail) {
  unsigned char* block = calloc(1, size < sizeof stated ? sizeof stated : size);
  const unsigned char* good_block = at(part);
  memcpy(block, good_block, size < part->shape->size ? size : part->shape->size);
  memcpy(block, &stated, sizeof stated);
  if (size > part->shape->size) block[size - 1] = tail;
  for (size_t i = 0; i < parts_max; ++i) {
    if (attempt.blocks[i] == good_block) free(attempt.blocks[i]), attempt.blocks[i] = block;
  }
  put(attempt.parameters, part, &block);
}

static void break_struct(const struct call* call, const struct part* part,
                         const struct part* field) {
  if (part->kind != part_options || field) return;
  const uint32_t size = (uint32_t)part->shape->size;
  for (uint32_t stated = 0; stated < size; stated += stated < 5 ? 1 : 4) {
    break_call(call, part, NULL, "cut short");
    put_struct(part, stated, stated, 0);
    expect(survived);
  }
  break_call(call, part, NULL, "good");
  const ac_status as_it_is = invoke();
  break_call(call, part, NULL, "of a later version and says nothing new");
  put_struct(part, size + 40, size + 40, 0);
  expect(as_it_is == AC_E_EXISTS ? survived : as_it_is);
  break_call(call, part, NULL, "of a later version and says something new");
  put_struct(part, size + 40, size + 40, 1);
  expect(AC_E_UNSUPPORTED);
  break_call(call, part, NULL, "endless");
  put_struct(part, UINT32_MAX, size + 40, 0);
  expect(AC_E_UNSUPPORTED);
}

TEST(a_struct_is_read_as_far_as_it_says) { for_each_part(break_struct); }

static void break_view(const struct call* call, const struct part* part, const struct part* field) {
  if (part->kind != part_view || field) return;
  const uint32_t size = (uint32_t)part->shape->size;
  for (uint32_t stated = 0; stated < size + 40; stated += 4) {
    break_call(call, part, NULL, "of another version");
    put_struct(part, stated, stated, 0);
    unsigned char* view = at(part);
    for (size_t i = 4; i < stated; ++i) view[i] = 0xaa;
    CHECK_OK(call->invoke(attempt.parameters));
    uint32_t filled;
    memcpy(&filled, view, sizeof filled);
    CHECK_EQ(stated < size ? stated : size, filled);
    for (size_t i = size; i < stated; ++i) CHECK_EQ(0xaa, view[i]);
    free(view);
    for (size_t i = 0; i < parts_max; ++i) attempt.blocks[i] = NULL;
  }
}

TEST(a_view_is_filled_as_far_as_it_says) { for_each_part(break_view); }
