// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every allocation of every method fails once: the status says so, what is
// answered all the same was checked, and nothing leaks.
#include "eg_serial.h"
#include "problems.h"

typedef struct failing {
  uint64_t calls, fail_at;
  size_t out; // bytes handed out
} failing;

static void *failing_resize(void *user, void *block, size_t old_size,
                            size_t new_size) {
  failing *f = user;
  if (new_size && ++f->calls == f->fail_at)
    return NULL;
  void *moved = new_size ? realloc(block, new_size) : NULL;
  if (!new_size)
    free(block);
  f->out += new_size - old_size;
  return moved;
}

static void fail_each(const eg_extractor *method, const small_problem *s) {
  uint64_t calls = 1;
  for (uint64_t at = 0; at <= calls; ++at) {
    failing f = {.fail_at = at};
    eg_allocator memory = {failing_resize, &f};
    eg_extract_options options = eg_extract_options_default();
    options.allocator = &memory;
    options.extractor = method;
    options.work = 200000;
    uint32_t choice[MAX_CLASSES];
    eg_extract_result result;
    eg_status status = eg_extract(&s->p, &options, choice, &result);
    CHECK_EQ(f.out, 0);
    CHECK(status == EG_OK || status == EG_NO_MEMORY);
    calls = at ? calls : f.calls; // the first run counts them
    CHECK(at || status == EG_OK);
    if (!isfinite(result.dag))
      continue;
    eg_choice_totals totals;
    CHECK_EQ(eg_problem_check(NULL, &s->p, choice, &totals, NULL), EG_OK);
    CHECK(totals.dag == result.dag);
  }
}

CHECK_TEST(every_allocation_of_every_method_fails_once) {
  small_problem s;
  small_make(&s, (small_shape){40, 4, 3, 2, 10, 6, false, 0}, 12);
  for (uint32_t m = 0; m < eg_num_extractors(); ++m) {
    int before = check_failures;
    fail_each(eg_extractor_get(m), &s);
    if (check_failures != before)
      printf("  method %s\n", eg_extractor_get(m)->name);
  }
}

CHECK_TEST(every_allocation_of_the_reader_fails_once) {
  static const char text[] =
      "{\"nodes\": {\"a\": {\"op\": \"f\", \"eclass\": \"0\","
      " \"children\": [\"b\"]}, \"b\": {\"op\": \"x\", \"eclass\": \"1\"}},"
      " \"root_eclasses\": [\"0\"], \"class_data\": {\"0\": {}}}";
  uint64_t calls = 1;
  for (uint64_t at = 0; at <= calls; ++at) {
    failing f = {.fail_at = at};
    eg_allocator memory = {failing_resize, &f};
    eg_serial *serial;
    eg_status status =
        eg_serial_parse(&memory, text, strlen(text), &serial, NULL);
    CHECK_EQ(status, at ? EG_NO_MEMORY : EG_OK);
    eg_serial_destroy(serial);
    CHECK_EQ(f.out, 0);
    calls = at ? calls : f.calls;
  }
}

CHECK_TEST(every_allocation_of_terms_and_fronts_fails_once) {
  small_problem s;
  small_make(&s, (small_shape){12, 3, 2, 1, 10, 2, false, 0}, 3);
  eg_vectors vectors = {1, s.costs};
  uint64_t calls = 1;
  for (uint64_t at = 0; at <= calls; ++at) {
    failing f = {.fail_at = at};
    eg_allocator memory = {failing_resize, &f};
    eg_extract_options options = eg_extract_options_default();
    eg_terms *terms;
    eg_pareto *front;
    options.allocator = &memory;
    eg_status a = eg_terms_create(&memory, &s.p, 0, 20, &terms, NULL);
    eg_status b = eg_pareto_create(&s.p, &vectors, &options, 3, &front, NULL);
    CHECK(a == EG_OK || a == EG_NO_MEMORY);
    CHECK(b == EG_OK || b == EG_NO_MEMORY);
    CHECK_EQ((a == EG_OK) + (b == EG_OK), at ? 1 : 2);
    eg_terms_destroy(terms);
    eg_pareto_destroy(front);
    CHECK_EQ(f.out, 0);
    calls = at ? calls : f.calls;
  }
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
