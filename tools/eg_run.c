// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// eg run, stats, dot and rules: read a file of rules and terms, or an egglog
// program; saturate, print.
#include "eg_egglog.h"
#include "eg_tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct named {
  char *name;
  eg_class id;
} named;

typedef struct program {
  const tool_options *options;
  FILE *out;
  eg_graph *graph;
  eg_egglog *egglog; // which owns the graph; NULL for rules and terms
  eg_rules *rules;
  named *terms;
  size_t num_terms, cap_terms;
  char **included; // texts, by an egglog program
  size_t num_included;
  double *seconds; // of searching, by rule; NULL = not measured
  bool out_of_memory;
  bool reads; // the rules, and does not run them
  bool ran, timed;
  eg_report report;
} program;

static void add_term(void *user, const char *name, eg_class id) {
  program *p = user;
  if (p->num_terms == p->cap_terms) {
    p->cap_terms = 2 * p->cap_terms + 8;
    named *more = realloc(p->terms, p->cap_terms * sizeof *more);
    p->out_of_memory |= !more;
    if (!more)
      return;
    p->terms = more;
  }
  char *copy = malloc(strlen(name) + 1);
  p->out_of_memory |= !copy;
  if (copy)
    p->terms[p->num_terms++] = (named){strcpy(copy, name), id};
}

static int fail(const program *p) {
  return tool_fail(p->options->files[0], eg_graph_error(p->graph));
}

static int out_of_memory(void) {
  fputs("eg: out of memory\n", stderr);
  return TOOL_FAILED;
}

//===-- Rules and terms ---------------------------------------------------===//

static bool go_on(void *user, const eg_match *match) {
  (void)user;
  (void)match;
  return true;
}

// Before each round: what the search for each rule takes, by the clock. The
// engine searches all rules at once, so each is searched once more here.
static eg_status time_rules(void *user, eg_graph *graph,
                            const eg_report *so_far, bool *out_stop) {
  program *p = user;
  uint64_t matches;
  (void)graph;
  (void)so_far;
  *out_stop = false;
  for (uint32_t i = 0; i < eg_rules_count(p->rules); ++i) {
    double start = tool_seconds();
    eg_status status = eg_rule_search(p->rules, i, go_on, NULL, &matches);
    if (status != EG_OK)
      return status;
    p->seconds[i] += tool_seconds() - start;
  }
  return EG_OK;
}

static eg_status saturate(program *p) {
  eg_limits limits = p->options->limits;
  eg_run_options run = {.limits = &limits,
                        .schedule = eg_rules_schedule(p->rules),
                        .scheduler = eg_rules_scheduler(p->rules)};
  p->ran = limits.rounds > 0;
  if (!p->ran)
    return eg_rebuild(p->graph);
  tool_watch(&limits, p->graph);
  if (p->seconds) {
    run.hook = time_rules;
    run.user = p;
  }
  eg_status status = eg_run_with(p->graph, p->rules, &run, &p->report);
  tool_unwatch();
  return status;
}

static int run_rules(program *p, const char *text) {
  eg_allocator memory = eg_allocator_default();
  eg_text_options read = {.declare = true, .term = add_term, .user = p};
  read.conditions = eg_standard_conditions(&read.num_conditions);
  if (eg_graph_create(&memory, &p->graph) != EG_OK)
    return out_of_memory();
  eg_status status = eg_rules_parse(p->graph, text, read, &p->rules);
  if (status == EG_OK && p->timed)
    p->seconds = calloc(eg_rules_count(p->rules) + 1, sizeof *p->seconds);
  if (status == EG_OK && (p->out_of_memory || (p->timed && !p->seconds)))
    return out_of_memory();
  if (status == EG_OK && !p->reads)
    status = saturate(p);
  return status == EG_OK ? TOOL_OK : fail(p);
}

//===-- egglog ------------------------------------------------------------===//

static bool is_egglog(const char *path) {
  size_t len = strlen(path);
  return len > 4 && strcmp(path + len - 4, ".egg") == 0;
}

// The file that a program includes, as egglog finds it: from where we are. It
// is kept until the end.
static const char *include(void *user, const char *path) {
  program *p = user;
  size_t size;
  char **more =
      realloc(p->included, (p->num_included + 1) * sizeof *p->included);
  char *text = more ? tool_read(path, &size) : NULL;
  if (more)
    p->included = more;
  if (text)
    p->included[p->num_included++] = text;
  return text;
}

static int run_egglog(program *p, const char *text, bool says) {
  eg_allocator memory = eg_allocator_default();
  eg_egglog_options options = {
      .limits = p->options->limits, .include = include, .user = p};
  if (says)
    options.output = (eg_writer){tool_write, p->out};
  options.limits.rounds += options.limits.rounds == 0;
  tool_watch(&options.limits, NULL);
  if (eg_egglog_create(&memory, &options, &p->egglog) != EG_OK)
    return out_of_memory();
  p->graph = eg_egglog_graph(p->egglog);
  tool_watch_graph(p->graph);
  eg_status status = eg_egglog_run(p->egglog, text);
  tool_unwatch();
  if (status != EG_OK)
    return fail(p);
  p->ran = true;
  p->report = eg_egglog_report(p->egglog);
  return TOOL_OK;
}

static int choose(program *p, eg_choice **out_choice) {
  eg_cost size = eg_cost_size();
  return eg_extract_tree(p->graph, &size, out_choice) == EG_OK ? TOOL_OK
                                                               : fail(p);
}

//===-- What each prints --------------------------------------------------===//

static void print_report(const program *p) {
  FILE *out = p->out;
  if (p->ran)
    fprintf(out,
            "stopped: %s, after %" PRIu64 " rounds and %" PRIu64
            " matches, %" PRIu64 " of them new\n",
            eg_stop_name(p->report.stop), p->report.rounds, p->report.matches,
            p->report.applied);
  fprintf(out, "graph: %" PRIu64 " nodes in %" PRIu64 " classes, %zu bytes\n",
          eg_num_nodes(p->graph), eg_num_classes(p->graph),
          eg_graph_bytes(p->graph));
}

static int print_terms(program *p) {
  FILE *out = p->out;
  eg_choice *choice;
  if (p->egglog && p->report.stop != EG_STOP_SATURATED)
    fprintf(stderr, "eg: a run was stopped: %s\n",
            eg_stop_name(p->report.stop));
  if (p->egglog)
    return TOOL_OK; // it has said what it was asked to
  if (choose(p, &choice))
    return TOOL_FAILED;
  eg_writer writer = {tool_write, out};
  int status = TOOL_OK;
  print_report(p);
  for (size_t i = 0; i < p->num_terms && status == TOOL_OK; ++i) {
    const double *size = eg_choice_cost(choice, p->terms[i].id);
    fprintf(out, "%s: ", p->terms[i].name);
    if (eg_write_term(p->graph, choice, p->terms[i].id, writer) != EG_OK)
      status = fail(p);
    else
      fprintf(out, "  # size %g\n", *size);
  }
  eg_choice_destroy(choice);
  return status;
}

static uint32_t num_rules(const program *p) {
  return p->egglog ? eg_egglog_num_rules(p->egglog) : eg_rules_count(p->rules);
}

static const char *rule_name(const program *p, uint32_t i) {
  return p->egglog ? eg_egglog_rule_name(p->egglog, i)
                   : eg_rule_name(p->rules, i);
}

static eg_rule_stats rule_stats(const program *p, uint32_t i) {
  return p->egglog ? eg_egglog_rule_stats(p->egglog, i)
                   : eg_rule_get_stats(p->rules, i);
}

static int print_stats(program *p) {
  FILE *out = p->out;
  static const char *const heads[] = {"searched", "matches", "applied",
                                      "new nodes"};
  int width = 4;
  uint32_t num = num_rules(p);
  for (uint32_t i = 0; i < num; ++i) {
    int len = (int)strlen(rule_name(p, i));
    width = len > width ? len : width;
  }
  print_report(p);
  fprintf(out, "%-*s", width, "rule");
  for (int i = 0; i < 4; ++i)
    fprintf(out, " %12s", heads[i]);
  fputs(p->seconds ? "    search ms\n" : "\n", out);
  for (uint32_t i = 0; i < num; ++i) {
    eg_rule_stats s = rule_stats(p, i);
    fprintf(out, "%-*s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64,
            width, rule_name(p, i), s.searched, s.matches, s.applied,
            s.new_nodes);
    if (p->seconds)
      fprintf(out, " %12.3f", 1000 * p->seconds[i]);
    fputc('\n', out);
  }
  return TOOL_OK;
}

static int print_rules(program *p) {
  eg_writer writer = {tool_write, p->out};
  return eg_write_rules(p->rules, writer) == EG_OK ? TOOL_OK : fail(p);
}

static int print_dot(program *p) {
  eg_choice *choice = NULL;
  if (p->options->best && choose(p, &choice))
    return TOOL_FAILED;
  eg_writer writer = {tool_write, p->out};
  eg_status status = eg_write_dot(p->graph, choice, writer);
  eg_choice_destroy(choice);
  return status == EG_OK ? TOOL_OK : fail(p);
}

//===-- The commands ------------------------------------------------------===//

static bool is_json(const char *path) {
  size_t length = strlen(path);
  return length > 5 && strcmp(path + length - 5, ".json") == 0;
}

static int run_and_print(program *p, const char *text, size_t size,
                         int (*print)(program *p)) {
  if (print == print_stats && is_json(p->options->files[0]))
    return tool_stats_json(p->options->files[0], text, size, p->out);
  int status = is_egglog(p->options->files[0])
                   ? run_egglog(p, text, print == print_terms)
                   : run_rules(p, text);
  return status ? status : print(p);
}

static int run_and(const tool_options *options, int (*print)(program *p)) {
  program p = {.options = options,
               .reads = print == print_rules,
               .timed = print == print_stats};
  size_t size;
  if (p.reads && is_egglog(options->files[0])) {
    fprintf(stderr, "eg: %s is an egglog program, not a file of rules\n",
            options->files[0]);
    return TOOL_FAILED;
  }
  char *text = tool_read(options->files[0], &size);
  p.out = text ? tool_open_output(options) : NULL;
  int status = TOOL_FAILED;
  if (p.out)
    status =
        tool_close_output(options, p.out, run_and_print(&p, text, size, print));
  for (size_t i = 0; i < p.num_terms; ++i)
    free(p.terms[i].name);
  free(p.terms);
  free(p.seconds);
  for (size_t i = 0; i < p.num_included; ++i)
    free(p.included[i]);
  free(p.included);
  free(text);
  eg_rules_destroy(p.rules);
  if (p.egglog)
    eg_egglog_destroy(p.egglog);
  else
    eg_graph_destroy(p.graph);
  return status;
}

int tool_run(const tool_options *options) {
  return run_and(options, print_terms);
}

int tool_stats(const tool_options *options) {
  return run_and(options, print_stats);
}

int tool_rules(const tool_options *options) {
  return run_and(options, print_rules);
}

int tool_dot(const tool_options *options) {
  return run_and(options, print_dot);
}
