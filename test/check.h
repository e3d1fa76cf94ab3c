// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The smallest test harness that will do: egraph/ and lib/ must build and test
// with nothing but a C compiler, so no test library is asked for.
//
//   CHECK_TEST(find_is_idempotent) { CHECK(...); }
//   int main(int argc, char **argv) { return check_main(argc, argv); }
//
// A test is a function; a failed CHECK prints where and what, and the test goes
// on. Arguments select tests by substring.
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct check_test {
  const char *name;
  void (*run)(void);
  struct check_test *next;
};

static struct check_test *check_first, **check_last = &check_first;
static int check_failures;

static inline void check_add(struct check_test *test) {
  *check_last = test;
  check_last = &test->next;
}

static inline void check_fail(const char *file, int line, const char *what) {
  printf("%s:%d: failed: %s\n", file, line, what);
  ++check_failures;
}

#define CHECK(condition)                                                       \
  ((condition) ? (void)0 : check_fail(__FILE__, __LINE__, #condition))

// Compares two integers of any type, and prints both when they differ.
#define CHECK_EQ(a, b)                                                         \
  do {                                                                         \
    int64_t check_a = (int64_t)(a), check_b = (int64_t)(b);                    \
    if (check_a != check_b) {                                                  \
      check_fail(__FILE__, __LINE__, #a " == " #b);                            \
      printf("  left %" PRId64 ", right %" PRId64 "\n", check_a, check_b);     \
    }                                                                          \
  } while (0)

#define CHECK_STR(a, b)                                                        \
  do {                                                                         \
    const char *check_a = (a), *check_b = (b);                                 \
    if (strcmp(check_a, check_b) != 0) {                                       \
      check_fail(__FILE__, __LINE__, #a " == " #b);                            \
      printf("  left  \"%s\"\n  right \"%s\"\n", check_a, check_b);            \
    }                                                                          \
  } while (0)

#define CHECK_TEST(test_name)                                                  \
  static void test_name(void);                                                 \
  __attribute__((constructor)) static void test_name##_register(void) {        \
    static struct check_test test = {#test_name, test_name, NULL};             \
    check_add(&test);                                                          \
  }                                                                            \
  static void test_name(void)

static inline int check_main(int argc, char **argv) {
  int run = 0, failed = 0;
  for (struct check_test *test = check_first; test; test = test->next) {
    bool selected = argc < 2;
    for (int i = 1; i < argc; ++i)
      selected |= strstr(test->name, argv[i]) != NULL;
    if (!selected)
      continue;
    int before = check_failures;
    test->run();
    ++run;
    failed += check_failures != before;
    printf("%s %s\n", check_failures == before ? "ok  " : "FAIL", test->name);
  }
  printf("%d passed, %d failed\n", run - failed, failed);
  return failed != 0 || run == 0;
}

#endif
