// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Allocations of a run by several threads fail. Between their jobs the threads
// leave the graph in a state that no single one does; yet it can be rebuilt and is
// sound, and running on leads to the same end.
#define _POSIX_C_SOURCE 200809L
#include "graphs.h"
#include "strict.h"
#include "thread_pool.h"

// Each rule has so many matches that threads share them.
enum { TERMS = 2100, TERMS_OF_GROUP = 100, PARENTS = 4 };
static const char rules_text[] =
    "twins: (f ?a ?b) => (g (s ?b) ?a)\n"    // the same key for a group
    "hubs: (f ?a ?b) => (t q ?b (u p ?a))\n" // all are parents of p or q
    "unions: (f ?a ?b) => (k ?a)\n"          // of two old classes
    "sinks: (v ?a) => sink\n";               // which adopts all their parents

typedef struct outcome {
  uint64_t calls; // of the allocator, by the run
  uint64_t nodes, classes;
  eg_status status;
} outcome;

static eg_status start(eg_graph *graph, int num_terms) {
  eg_text_options declare = {.declare = true};
  eg_op_desc desc = {.name = "num", .has_payload = true, .is_literal = true};
  eg_op num;
  eg_class id;
  char text[64];
  eg_status status = eg_op_add(graph, &desc, &num);
  for (int i = 0; status == EG_OK && i < num_terms; ++i) {
    snprintf(text, sizeof text, "(h (f %d -%d) (k %d))", i, i / TERMS_OF_GROUP,
             i);
    status = eg_term_parse(graph, text, declare, &id);
    for (int k = 0; status == EG_OK && k < PARENTS; ++k) {
      snprintf(text, sizeof text, "(m (v %d) %d)", i, PARENTS * i + k);
      status = eg_term_parse(graph, text, declare, &id);
    }
  }
  return status;
}

// What must hold after a failure, before the run is taken up again.
static void check_failed(eg_graph *graph, strict *s) {
  s->fail_at = 0;
  CHECK_EQ(eg_rebuild(graph), EG_OK);
  CHECK_EQ(eg_check(graph), EG_OK);
  CHECK_EQ(eg_graph_bytes(graph), s->out);
}

// |fail_at|: the allocation of the run that fails; 0 = none. |all|: those of the
// run come to it; may be NULL.
static outcome run(const eg_pool *pool, int num_terms, uint64_t fail_at,
                   bool fail_on, sites *all) {
  outcome o = {0};
  strict s = {.fail_on = fail_on};
  eg_allocator memory = {strict_resize, &s};
  eg_run_options options = {.pool = pool};
  eg_report report;
  eg_graph *graph;
  CHECK_EQ(eg_graph_create(&memory, &graph), EG_OK);
  CHECK_EQ(start(graph, num_terms), EG_OK);
  eg_rules *rules = rules_of(graph, rules_text);
  s.calls = 0;
  s.fail_at = fail_at;
  s.sites = all;
  o.status = eg_run_with(graph, rules, &options, &report);
  o.calls = s.calls;
  CHECK_EQ(s.failed, fail_at != 0);
  if (o.status != EG_OK) {
    CHECK_EQ(o.status, EG_NO_MEMORY);
    check_failed(graph, &s);
    CHECK_EQ(eg_run_with(graph, rules, &options, &report), EG_OK);
  }
  CHECK_EQ(report.stop, EG_STOP_SATURATED);
  o.nodes = eg_num_nodes(graph);
  o.classes = eg_num_classes(graph);
  eg_rules_destroy(rules);
  eg_graph_destroy(graph);
  CHECK_EQ(s.out, 0);
  CHECK_EQ(s.mistakes, 0);
  return o;
}

// Whether all is well. Once, the run may do without the memory: it is slower.
static bool fail_one(const eg_pool *pool, int num_terms, uint64_t fail_at,
                     bool fail_on, outcome want) {
  int before = check_failures;
  outcome got = run(pool, num_terms, fail_at, fail_on, NULL);
  CHECK_EQ(got.nodes, want.nodes);
  CHECK_EQ(got.classes, want.classes);
  CHECK(!fail_on || got.status == EG_NO_MEMORY);
  if (check_failures != before)
    printf("  %d terms, allocation %" PRIu64 "\n", num_terms, fail_at);
  return check_failures == before;
}

// Of runs of several sizes, for arrays grow elsewhere in each: the first of each
// site that is new. In order, so that the same allocation fails.
CHECK_TEST(each_allocation_fails_once) {
  eg_pool pool = pool_in_order(2);
  sites all = {.num = 0};
  bool sound = true;
  for (int terms = TERMS; terms < 2 * TERMS; terms += TERMS / 7) {
    int i = all.num;
    outcome want = run(&pool, terms, 0, false, &all);
    for (; i < all.num && sound; ++i)
      sound = fail_one(&pool, terms, all.first[i], false, want);
  }
  printf("  %d sites\n", all.num);
}

CHECK_TEST(some_fail_with_two_threads) {
  enum { STRIDE = 11 };
  thread_pool threads;
  CHECK(thread_pool_start(&threads, 2));
  eg_pool pool = thread_pool_as_pool(&threads);
  outcome want = run(&pool, TERMS, 0, false, NULL);
  bool sound = true;
  for (uint64_t n = 1; n <= want.calls && sound; n += STRIDE)
    sound = fail_one(&pool, TERMS, n, false, want) &&
            fail_one(&pool, TERMS, n, true, want);
  thread_pool_stop(&threads);
}

// A shelf of lists that is used up may end where the room of another begins. That
// takes no threads, but lists that grow in batches and stop anywhere.
CHECK_TEST(the_room_of_each_shelf_is_found) {
  static const char grow[] = "comm: (+ ?a ?b) => (+ ?b ?a)\n"
                             "assoc: (+ ?a (+ ?b ?c)) => (+ (+ ?a ?b) ?c)\n"
                             "one: (+ ?a ?b) => (- (s ?b) ?a)\n";
  enum { STRIDE = 7 };
  bool failed = true;
  for (uint64_t n = 1; failed; n += STRIDE) {
    strict s = {0};
    eg_allocator memory = {strict_resize, &s};
    eg_report report;
    eg_graph *graph;
    char text[64];
    CHECK_EQ(eg_graph_create(&memory, &graph), EG_OK);
    for (int i = 0; i < TERMS; ++i) {
      snprintf(text, sizeof text, "(+ a%d (+ x y))", i);
      term(graph, text);
    }
    eg_rules *rules = rules_of(graph, grow);
    s.calls = 0;
    s.fail_at = n;
    eg_status status = eg_run(graph, rules, NULL, &report);
    failed = s.failed;
    CHECK_EQ(status, failed ? EG_NO_MEMORY : EG_OK);
    check_failed(graph, &s);
    eg_rules_destroy(rules);
    eg_graph_destroy(graph);
  }
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
