// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// eg run, stats and dot: read a file of rules and terms, saturate, print.
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
  eg_graph *graph;
  eg_rules *rules;
  named *terms;
  size_t num_terms, cap_terms;
  bool out_of_memory;
  bool ran;
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

static int load(program *p) {
  eg_allocator memory = eg_allocator_default();
  size_t size;
  char *text = tool_read(p->options->files[0], &size);
  if (!text)
    return TOOL_FAILED;
  eg_text_options read = {.declare = true, .term = add_term, .user = p};
  eg_status status = eg_graph_create(&memory, &p->graph);
  if (status == EG_OK)
    status = eg_rules_parse(p->graph, text, read, &p->rules);
  free(text);
  if (status == EG_OK && !p->out_of_memory)
    return TOOL_OK;
  if (p->graph && status != EG_OK)
    return fail(p);
  fputs("eg: out of memory\n", stderr);
  return TOOL_FAILED;
}

static int saturate(program *p) {
  p->ran = p->options->limits.rounds > 0;
  eg_status status =
      p->ran ? eg_run(p->graph, p->rules, &p->options->limits, &p->report)
             : eg_rebuild(p->graph);
  return status == EG_OK ? TOOL_OK : fail(p);
}

static int choose(program *p, eg_choice **out_choice) {
  eg_cost size = eg_cost_size();
  return eg_extract_tree(p->graph, &size, out_choice) == EG_OK ? TOOL_OK
                                                               : fail(p);
}

//===-- What each prints --------------------------------------------------===//

static void print_report(const program *p, FILE *out) {
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

static int print_terms(program *p, FILE *out) {
  eg_choice *choice;
  if (choose(p, &choice))
    return TOOL_FAILED;
  eg_writer writer = {tool_write, out};
  int status = TOOL_OK;
  print_report(p, out);
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

static int print_stats(program *p, FILE *out) {
  static const char *const heads[] = {"searched", "matches", "applied",
                                      "new nodes"};
  int width = 4;
  uint32_t num = eg_rules_count(p->rules);
  for (uint32_t i = 0; i < num; ++i) {
    int len = (int)strlen(eg_rule_name(p->rules, i));
    width = len > width ? len : width;
  }
  print_report(p, out);
  fprintf(out, "%-*s", width, "rule");
  for (int i = 0; i < 4; ++i)
    fprintf(out, " %12s", heads[i]);
  fputc('\n', out);
  for (uint32_t i = 0; i < num; ++i) {
    eg_rule_stats s = eg_rule_get_stats(p->rules, i);
    fprintf(out,
            "%-*s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n",
            width, eg_rule_name(p->rules, i), s.searched, s.matches, s.applied,
            s.new_nodes);
  }
  return TOOL_OK;
}

static int print_dot(program *p, FILE *out) {
  eg_choice *choice = NULL;
  if (p->options->best && choose(p, &choice))
    return TOOL_FAILED;
  eg_writer writer = {tool_write, out};
  eg_status status = eg_write_dot(p->graph, choice, writer);
  eg_choice_destroy(choice);
  return status == EG_OK ? TOOL_OK : fail(p);
}

//===-- The commands ------------------------------------------------------===//

static int print_to_output(program *p, int (*print)(program *p, FILE *out)) {
  FILE *out = tool_open_output(p->options);
  if (!out)
    return TOOL_FAILED;
  return tool_close_output(p->options, out, print(p, out));
}

static int run_and(const tool_options *options,
                   int (*print)(program *p, FILE *out)) {
  program p = {.options = options};
  int status = load(&p);
  if (!status)
    status = saturate(&p);
  if (!status)
    status = print_to_output(&p, print);
  for (size_t i = 0; i < p.num_terms; ++i)
    free(p.terms[i].name);
  free(p.terms);
  eg_rules_destroy(p.rules);
  eg_graph_destroy(p.graph);
  return status;
}

int tool_run(const tool_options *options) {
  return run_and(options, print_terms);
}

int tool_stats(const tool_options *options) {
  return run_and(options, print_stats);
}

int tool_dot(const tool_options *options) {
  return run_and(options, print_dot);
}
