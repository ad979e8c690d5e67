#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct test* tests;

void test_register(struct test* test) {
  test->next = tests;
  tests = test;
}

void check_failed(const char* file, int line, const char* what) {
  fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
  exit(1);
}

void check_equal(const char* file, int line, const char* what, int64_t expected, int64_t actual) {
  if (expected == actual) return;
  fprintf(stderr, "%s:%d: %s is %" PRId64 ", expected %" PRId64 "\n", file, line, what, actual,
          expected);
  exit(1);
}

static const char* name_of(ac_status status) {
  ac_text name;
  return ac_status_text(status, &name, NULL) == AC_OK ? name.data : "an unknown status";
}

void check_status(const char* file, int line, const char* what, ac_status expected,
                  ac_status actual) {
  if (expected == actual) return;
  fprintf(stderr, "%s:%d: %s gave %s (%d), expected %s (%d)\n", file, line, what, name_of(actual),
          actual, name_of(expected), expected);
  exit(1);
}

void check_text(const char* file, int line, const char* what, const char* expected,
                ac_text actual) {
  if (actual.size == strlen(expected) && memcmp(actual.data, expected, actual.size) == 0) return;
  fprintf(stderr, "%s:%d: %s is \"%.*s\", expected \"%s\"\n", file, line, what, (int)actual.size,
          actual.data, expected);
  exit(1);
}

// With a name: that test. Without: all of them, in this process.
int main(int argc, char** argv) {
  int ran = 0;
  for (const struct test* test = tests; test != NULL; test = test->next) {
    if (argc > 1 && strcmp(argv[1], test->name) != 0) continue;
    test->run();
    printf("ok %s\n", test->name);
    ran += 1;
  }
  if (ran == 0) fprintf(stderr, "no test is called %s\n", argc > 1 ? argv[1] : "anything");
  return ran == 0;
}
