// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// egg's own test programs as data, and one way to run them (egg 0.11.0, its
// tests/ folder; facts re-stated). What egg reaches was measured with its
// default Runner: Backoff, 30 iterations, 10,000 nodes.
#ifndef EGG_RUN_H
#define EGG_RUN_H

#include "eg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EGG_MAX_GOALS = 5 };

typedef struct egg_case {
  const char *name;
  const char *start;
  const char *goals[EGG_MAX_GOALS]; // patterns in the class of |start|
  const char *also;    // a second term in the graph from the beginning
  uint64_t iterations; // 0 = 30
  uint64_t nodes;      // 0 = 10,000
  // What egg reports when it stops: iterations (the last one only finds the
  // goals), nodes, classes; 0 = not recorded.
  uint64_t egg_iterations, egg_nodes, egg_classes;
} egg_case;

// A language: what stands between the text of a case and a run.
typedef struct egg_language {
  const char *rules;                                   // a file
  eg_status (*prepare)(void *user, eg_graph *graph);   // operators, analyses
  eg_status (*add_rules)(void *user, eg_rules *rules); // computed ones, or NULL
  eg_status (*hook)(void *user, eg_graph *graph, const eg_report *so_far,
                    bool *out_stop); // or NULL
  const eg_named_condition *conditions;
  uint32_t num_conditions;
  void *user;
} egg_language;

typedef struct egg_result {
  eg_status status;
  bool proved;
  eg_report report;
  uint64_t nodes; // without the subsumed ones
  uint64_t searched, matches;
  char error[128];
} egg_result;

static inline char *egg_read_file(const char *path) {
  enum { CAP = 1 << 16 };
  FILE *file = fopen(path, "rb");
  char *text = file ? calloc(1, CAP) : NULL;
  if (text && fread(text, 1, CAP - 1, file) == 0) {
    free(text);
    text = NULL;
  }
  if (file)
    fclose(file);
  return text;
}

static inline eg_status egg_load(const egg_language *language, eg_graph *graph,
                                 eg_rules **out_rules) {
  eg_text_options options = {.declare = true,
                             .any_class = true,
                             .conditions = language->conditions,
                             .num_conditions = language->num_conditions};
  *out_rules = NULL;
  eg_status status = language->prepare(language->user, graph);
  if (status != EG_OK)
    return status;
  char *text = egg_read_file(language->rules);
  status = eg_rules_parse(graph, text, options, out_rules);
  free(text);
  if (status == EG_OK && language->add_rules)
    status = language->add_rules(language->user, *out_rules);
  return status;
}

static inline uint64_t egg_count_nodes(const eg_graph *graph) {
  uint64_t sum = 0;
  for (eg_class c = {0}; (c = eg_class_next(graph, c)).id;) {
    uint32_t num;
    const eg_node *nodes = eg_class_nodes(graph, c, &num);
    for (uint32_t i = 0; i < num; ++i)
      sum += !eg_is_subsumed(graph, nodes[i]);
  }
  return sum;
}

static inline eg_status egg_run_with(const egg_language *language,
                                     const egg_case *c, eg_run_options options,
                                     eg_graph *graph, eg_rules **rules,
                                     eg_query **queries, egg_result *r) {
  const eg_text_options text = {.declare = true};
  eg_goal goals[EGG_MAX_GOALS];
  eg_class start, also;
  uint32_t num = 0;
  eg_status status = egg_load(language, graph, rules);
  if (status == EG_OK && c->also)
    status = eg_term_parse(graph, c->also, text, &also);
  if (status == EG_OK)
    status = eg_term_parse(graph, c->start, text, &start);
  for (; status == EG_OK && num < EGG_MAX_GOALS && c->goals[num]; ++num) {
    status = eg_query_parse(graph, c->goals[num], text, &queries[num]);
    goals[num] = (eg_goal){.a = start, .query = queries[num]};
  }
  eg_limits limits = eg_limits_none();
  limits.nodes = c->nodes ? c->nodes : 10000;
  limits.rounds = c->iterations ? c->iterations : 30;
  options.limits = &limits;
  options.goals = goals;
  options.num_goals = num;
  options.hook = language->hook;
  options.user = language->user;
  if (status == EG_OK)
    status = eg_run_with(graph, *rules, &options, &r->report);
  if (status == EG_OK && language->hook) {
    bool ignored; // so that what is subsumed is not counted
    status = language->hook(language->user, graph, &r->report, &ignored);
  }
  return status;
}

// Runs one case; |options| may choose the scheduler. |check| (may be NULL) looks
// at the graph before it goes.
static inline egg_result egg_run(const egg_language *language,
                                 const egg_case *c, eg_run_options options,
                                 void (*check)(eg_graph *graph)) {
  egg_result r = {0};
  eg_allocator memory = eg_allocator_default();
  eg_graph *graph;
  eg_rules *rules = NULL;
  eg_query *queries[EGG_MAX_GOALS] = {0};
  r.status = eg_graph_create(&memory, &graph);
  if (r.status != EG_OK)
    return r;
  r.status = egg_run_with(language, c, options, graph, &rules, queries, &r);
  r.proved = r.report.stop == EG_STOP_GOALS;
  snprintf(r.error, sizeof r.error, "%.120s", eg_graph_error(graph)->text);
  for (uint32_t i = 0; rules && i < eg_rules_count(rules); ++i) {
    eg_rule_stats stats = eg_rule_get_stats(rules, i);
    r.searched += stats.searched;
    r.matches += stats.matches;
  }
  r.nodes = egg_count_nodes(graph);
  if (check)
    check(graph);
  for (uint32_t i = 0; i < EGG_MAX_GOALS; ++i)
    eg_query_destroy(queries[i]);
  eg_rules_destroy(rules);
  eg_graph_destroy(graph);
  return r;
}

#endif
