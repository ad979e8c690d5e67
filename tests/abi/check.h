// A test is a fact: TEST(name_that_says_it) { CHECK... }. Each runs in a process of its own.
//
// Threads:    checks from any; the first that fails says where and ends the process.
// Invariants: nothing is caught up on after a failure, so a leak report of a failed test means
// little. Cost:       none.
#ifndef ACTORCORE_TESTS_ABI_CHECK_H_
#define ACTORCORE_TESTS_ABI_CHECK_H_

#include <actorcore/actorcore.h>
#include <stdint.h>

struct test {
  const char* name;
  void (*run)(void);
  struct test* next;
};
void test_register(struct test* test);

#define TEST(fact)                                            \
  static void fact(void);                                     \
  __attribute__((constructor)) static void add_##fact(void) { \
    static struct test test = {#fact, fact, 0};               \
    test_register(&test);                                     \
  }                                                           \
  static void fact(void)

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
#define CHECK_EQ(expected, actual) \
  check_equal(__FILE__, __LINE__, #actual, (int64_t)(expected), (int64_t)(actual))
#define CHECK_STATUS(expected, call) check_status(__FILE__, __LINE__, #call, (expected), (call))
#define CHECK_OK(call) CHECK_STATUS(AC_OK, call)
#define CHECK_TEXT(expected, text) check_text(__FILE__, __LINE__, #text, (expected), (text))

void check_failed(const char* file, int line, const char* what);
void check_equal(const char* file, int line, const char* what, int64_t expected, int64_t actual);
void check_status(const char* file, int line, const char* what, ac_status expected,
                  ac_status actual);
void check_text(const char* file, int line, const char* what, const char* expected, ac_text actual);

#endif  // ACTORCORE_TESTS_ABI_CHECK_H_
