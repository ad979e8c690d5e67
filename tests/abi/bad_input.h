// Bad input: what the test of every function knows of functions, parameters and option structs.
//
// Threads:    one.
// Invariants: generated_null_test.c describes the functions, stage.c makes the live, stale and
//             foreign things that they are called with, bad_input.c calls each with one thing wrong
//             at a time.
// Cost:       a second for the whole ABI.
#ifndef ACTORCORE_TESTS_ABI_BAD_INPUT_H_
#define ACTORCORE_TESTS_ABI_BAD_INPUT_H_

#include <actorcore/actorcore.h>
#include <stddef.h>
#include <stdint.h>

#include "generated_handle_kinds.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define PART(owner, field) \
  .name = #field, .offset = offsetof(owner, field), .size = sizeof(((owner*)0)->field)

enum part_kind {
  part_number,
  part_handle,
  part_text,
  part_value,  // any other struct by value
  part_callback,
  part_pointer,
  part_options,
  part_view
};
enum count_kind { count_none, count_in, count_out };

// A parameter, or a field of an option struct.
struct part {
  const char* name;
  size_t offset;
  size_t size;
  enum part_kind kind;
  enum handle_kind handle;    // of a handle, or of what a pointer leads to
  const struct shape* shape;  // of an option struct
  const char* length;         // a pointer: the part that counts its elements
  enum count_kind count;      // a number: what it counts
  int may_be_null, may_be_dead, goes_out, is_cut, takes_constant;
  uint64_t flags_known, values_end;  // one of them, of what takes a constant
};

struct shape {
  const char* name;
  size_t size;
  const struct part* fields;
  size_t field_count;
};

struct call {
  const char* name;
  ac_status (*invoke)(const void* parameters);
  const struct part* parts;
  size_t part_count;
  ac_status errors[24];  // ends with AC_OK
  int has_status;
};

// Described in generated_null_test.c.
extern const struct call calls[];
extern const size_t call_count;
void release(enum handle_kind kind, uint64_t bits);

// Made in stage.c. A kind without a foreign handle has 0 there.
struct handles {
  uint64_t live, stale, foreign;
};
extern struct handles stage[handle_kinds];
void stage_set(void);
void stage_clear(void);
// Fills a struct, or what a pointer leads to, so that the call is good; 0 when zeros are.
int stage_fill(const char* struct_name, void* memory);
// Makes what the last call used up.
void stage_renew(void);
// A number that makes the call good.
uint64_t stage_number(const char* call_name, const char* part_name);

#endif  // ACTORCORE_TESTS_ABI_BAD_INPUT_H_
