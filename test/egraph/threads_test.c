// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The same run at 1 to 4 threads, and by pools that have none: the same nodes and
// classes under the same ids, the same counters, the same reason to stop,
// whichever limit it was.
#define _POSIX_C_SOURCE 200809L
#include "graphs.h"
#include "math_sizes.h"
#include "thread_pool.h"

static uint64_t mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
  return hash ^ hash >> 29;
}

// Of every class: its nodes with their ids, operators, payloads and children,
// whether they are subsumed, and its parents.
static uint64_t dump(const eg_graph *graph) {
  uint64_t hash = 1;
  for (eg_class c = {0}; (c = eg_class_next(graph, c)).id;) {
    uint32_t num, num_children;
    const eg_node *nodes = eg_class_nodes(graph, c, &num);
    hash = mix(hash, c.id);
    for (uint32_t i = 0; i < num; ++i) {
      const eg_class *children =
          eg_node_children(graph, nodes[i], &num_children);
      hash = mix(mix(hash, nodes[i].id), eg_node_op(graph, nodes[i]).id);
      hash = mix(hash, eg_node_payload(graph, nodes[i]).id);
      hash = mix(hash, eg_is_subsumed(graph, nodes[i]));
      for (uint32_t k = 0; k < num_children; ++k)
        hash = mix(hash, children[k].id);
    }
    nodes = eg_class_parents(graph, c, &num);
    for (uint32_t i = 0; i < num; ++i)
      hash = mix(hash, nodes[i].id);
  }
  return hash;
}

typedef struct outcome {
  uint64_t dump, counters, bytes;
  eg_report report;
  eg_status status;
} outcome;

static bool incremental;
static const char *more_rules = "";

static outcome run_on(eg_pool pool, eg_limits limits, eg_scheduler scheduler) {
  outcome o = {0};
  eg_allocator memory = eg_allocator_default();
  eg_graph *graph;
  eg_rules *rules;
  eg_op op;
  eg_class roots[MATH_NUM_ROOTS];
  char *text = math_read_file(MATH_FILE);
  strcat(text, more_rules); // it has room for 64 KiB
  CHECK_EQ(eg_graph_create(&memory, &graph), EG_OK);
  eg_op_desc scaled = {
      .name = "scaled", .num_children = 1, .has_payload = true};
  CHECK_EQ(eg_op_add(graph, &scaled, &op), EG_OK);
  CHECK_EQ(math_load(graph, text, &rules, roots), EG_OK);
  free(text);
  eg_run_options options = {.limits = &limits,
                            .scheduler = scheduler,
                            .pool = &pool,
                            .incremental = incremental};
  o.status = eg_run_with(graph, rules, &options, &o.report);
  for (uint32_t i = 0; i < eg_rules_count(rules); ++i) {
    eg_rule_stats s = eg_rule_get_stats(rules, i);
    o.counters = mix(mix(o.counters, s.searched), s.matches);
    o.counters = mix(mix(o.counters, s.applied), s.new_nodes);
    o.counters = mix(o.counters, s.pauses);
  }
  o.dump = dump(graph);
  o.bytes = eg_graph_bytes(graph);
  CHECK_EQ(eg_check(graph), EG_OK);
  eg_rules_destroy(rules);
  eg_graph_destroy(graph);
  return o;
}

static outcome run(uint32_t num_threads, eg_limits limits,
                   eg_scheduler scheduler) {
  thread_pool threads;
  CHECK(thread_pool_start(&threads, num_threads));
  outcome o = run_on(thread_pool_as_pool(&threads), limits, scheduler);
  thread_pool_stop(&threads);
  return o;
}

static void check_same(outcome one, outcome more) {
  CHECK_EQ(more.status, one.status);
  CHECK_EQ(more.dump, one.dump);
  CHECK_EQ(more.counters, one.counters);
  CHECK_EQ(more.bytes, one.bytes);
  CHECK_EQ(more.report.stop, one.report.stop);
  CHECK_EQ(more.report.rule, one.report.rule);
  CHECK_EQ(more.report.rounds, one.report.rounds);
  CHECK_EQ(more.report.matches, one.report.matches);
  CHECK_EQ(more.report.nodes, one.report.nodes);
}

static void compare(const char *name, eg_limits limits, eg_scheduler scheduler,
                    eg_stop stop) {
  outcome one = run(1, limits, scheduler);
  printf("  %s: %s after %" PRIu64 " rounds, %" PRIu64 " nodes\n", name,
         eg_stop_name(one.report.stop), one.report.rounds, one.report.nodes);
  CHECK_EQ(one.status, EG_OK);
  CHECK_EQ(one.report.stop, stop);
  for (uint32_t threads = 2; threads <= 4; ++threads)
    check_same(one, run(threads, limits, scheduler));
}

static const eg_scheduler simple = {0};

CHECK_TEST(rounds_do_not_depend_on_threads) {
  eg_limits limits = eg_limits_none();
  limits.rounds = 10;
  compare("10 rounds", limits, simple, EG_STOP_ROUNDS);
}

// What comes first may not wait for what comes later.
CHECK_TEST(nor_on_pools_that_have_none) {
  eg_limits limits = eg_limits_none();
  limits.rounds = 10;
  outcome one = run(1, limits, simple);
  check_same(one, run_on(pool_in_order(4), limits, simple));
  check_same(one, run_on(pool_backwards(4), limits, simple));
}

CHECK_TEST(limits_do_not_depend_on_threads) {
  for (uint64_t step = 1; step <= 3; ++step) {
    eg_limits limits = eg_limits_none();
    limits.nodes = 30000 * step;
    compare("nodes", limits, simple, EG_STOP_NODES);
    limits = eg_limits_none();
    limits.bytes = 1500000 * step + 333333;
    compare("bytes", limits, simple, EG_STOP_BYTES);
    limits = eg_limits_none();
    limits.matches = 30011 * step;
    compare("matches", limits, simple, EG_STOP_MATCHES);
    limits = eg_limits_none();
    limits.rule_matches = 10007 * step;
    compare("matches of a rule", limits, simple, EG_STOP_RULE_MATCHES);
    limits = eg_limits_none();
    limits.fuel = 30011 * step;
    compare("fuel", limits, simple, EG_STOP_FUEL);
  }
}

CHECK_TEST(schedulers_do_not_depend_on_threads) {
  eg_limits limits = eg_limits_none();
  limits.rounds = 20;
  limits.nodes = 300000;
  compare("backoff", limits, (eg_scheduler){.kind = EG_BACKOFF},
          EG_STOP_ROUNDS);
  limits.rounds = 12;
  compare("size-aware", limits, (eg_scheduler){.kind = EG_SIZE_AWARE},
          EG_STOP_ROUNDS);
}

CHECK_TEST(nor_does_leaving_out_what_was_seen) {
  incremental = true;
  eg_limits limits = eg_limits_none();
  limits.rounds = 20;
  compare("backoff", limits, (eg_scheduler){.kind = EG_BACKOFF},
          EG_STOP_ROUNDS);
  limits.rounds = 10;
  compare("10 rounds", limits, simple, EG_STOP_ROUNDS);
  limits.nodes = 90000;
  compare("nodes", limits, simple, EG_STOP_NODES);
  limits.bytes = 3000000;
  compare("bytes", limits, simple, EG_STOP_BYTES);
  incremental = false;
}

// Where (s a) = a is learnt, the parents of a name a node over both twice until
// the end of the rebuild.
CHECK_TEST(nor_do_wide_nodes) {
  more_rules = "wide: (+ ?a ?b) => (q (s ?a) ?a ?b ?b)\n"
               "same: (s ?a) => ?a\n";
  eg_limits limits = eg_limits_none();
  limits.rounds = 8;
  compare("8 rounds", limits, simple, EG_STOP_ROUNDS);
  more_rules = "";
}

// What was subsumed goes with the same nodes, and a new node in its slot is not.
CHECK_TEST(nor_do_payloads_and_what_is_subsumed) {
  more_rules = "payload: (* ?a ?b) => (q (scaled 3 ?a) ?b)\n"
               "scale: (* -1 (+ ?a ?b)) => (+ (* -1 ?a) (* -1 ?b)) subsume\n"
               "drop: (* ?a (* ?b ?c)) => (* ?c (* ?a ?b)) subsume\n";
  eg_limits limits = eg_limits_none();
  limits.rounds = 10;
  compare("10 rounds", limits, simple, EG_STOP_ROUNDS);
  limits.nodes = 50000;
  compare("nodes", limits, simple, EG_STOP_NODES);
  more_rules = "";
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
