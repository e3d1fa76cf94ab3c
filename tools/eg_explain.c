// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// eg explain: why two terms are equal under the rules of a file.
#include "eg_tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TOOL_MAX_CONDITIONS = 16 }; // there are fewer

typedef struct question {
  const tool_options *options;
  eg_graph *graph;
  eg_rules *rules;
  eg_class a, b;
  uint64_t assumed[TOOL_MAX_CONDITIONS]; // times, by condition
} question;

static void ignore(void *user, const char *name, eg_class id) {
  (void)user;
  (void)name;
  (void)id;
}

static int fail(const question *q, const char *path) {
  return tool_fail(path, eg_graph_error(q->graph));
}

static int load(question *q, const char *text) {
  eg_allocator memory = eg_allocator_default();
  eg_text_options read = {.declare = true, .term = ignore};
  const char *const *files = q->options->files;
  read.conditions = eg_standard_conditions(&read.num_conditions);
  if (eg_graph_create(&memory, &q->graph) != EG_OK) {
    fputs("eg: out of memory\n", stderr);
    return TOOL_FAILED;
  }
  if (eg_proofs_enable(q->graph) != EG_OK ||
      eg_rules_parse(q->graph, text, read, &q->rules) != EG_OK)
    return fail(q, files[0]);
  if (eg_term_parse(q->graph, files[1], read, &q->a) != EG_OK)
    return fail(q, "first term");
  if (eg_term_parse(q->graph, files[2], read, &q->b) != EG_OK)
    return fail(q, "second term");
  return TOOL_OK;
}

static int search(question *q) {
  eg_limits limits = q->options->limits;
  eg_goal goal = {.a = q->a, .b = q->b};
  eg_run_options run = {.limits = &limits,
                        .schedule = eg_rules_schedule(q->rules),
                        .scheduler = eg_rules_scheduler(q->rules),
                        .goals = &goal,
                        .num_goals = 1};
  eg_report report;
  tool_watch(&limits, q->graph);
  eg_status status = eg_run_with(q->graph, q->rules, &run, &report);
  tool_unwatch();
  if (status != EG_OK)
    return fail(q, q->options->files[0]);
  if (eg_find(q->graph, q->a).id == eg_find(q->graph, q->b).id)
    return TOOL_OK;
  fprintf(stderr,
          "eg: not found equal: %s after %" PRIu64 " rounds and %" PRIu64
          " nodes\n",
          eg_stop_name(report.stop), report.rounds, report.nodes);
  return TOOL_FAILED;
}

// Counts the conditions that terms do not decide.
static eg_verdict judge(void *user, const eg_proof *proof,
                        const eg_guard *guard) {
  question *q = user;
  uint32_t num;
  const eg_named_condition *all = eg_standard_conditions(&num);
  eg_verdict verdict = eg_standard_judge(NULL, proof, guard);
  for (uint32_t i = 0; i < num && i < TOOL_MAX_CONDITIONS; ++i)
    q->assumed[i] +=
        verdict == EG_UNDECIDED && strcmp(all[i].name, guard->condition) == 0;
  return verdict;
}

static void print_assumed(const question *q, FILE *out) {
  uint32_t num;
  const eg_named_condition *all = eg_standard_conditions(&num);
  for (uint32_t i = 0; i < num && i < TOOL_MAX_CONDITIONS; ++i)
    if (q->assumed[i])
      fprintf(out, "# assumed: %s, %" PRIu64 " times\n", all[i].name,
              q->assumed[i]);
}

// The proof is checked before it is printed, from the rules alone.
static int print(question *q, FILE *out) {
  eg_proof *proof;
  uint64_t assumed = 0;
  eg_axioms axioms = {.rules = (const eg_rules *const *)&q->rules,
                      .num_rules = 1,
                      .judge = judge,
                      .user = q,
                      .assumed = q->options->strict ? NULL : &assumed};
  const char *const *files = q->options->files;
  if (eg_explain(q->graph, q->a, q->b, &proof) != EG_OK)
    return fail(q, files[0]);
  eg_status status = eg_proof_check(proof, &axioms, files[1], files[2]);
  if (status == EG_OK)
    status =
        eg_write_proof(proof, q->options->tree ? EG_PROOF_TREE : EG_PROOF_FLAT,
                       (eg_writer){tool_write, out});
  eg_proof_destroy(proof);
  if (status == EG_OK)
    print_assumed(q, out);
  return status == EG_OK ? TOOL_OK : fail(q, files[0]);
}

static int answer(question *q, const char *text) {
  int status = load(q, text);
  if (!status)
    status = search(q);
  FILE *out = status ? NULL : tool_open_output(q->options);
  if (!out)
    return TOOL_FAILED;
  return tool_close_output(q->options, out, print(q, out));
}

int tool_explain(const tool_options *options) {
  question q = {.options = options};
  size_t size;
  if (options->num_files != 3) {
    fputs("eg: explain takes a file and two terms; quote the terms\n", stderr);
    return TOOL_USAGE;
  }
  char *text = tool_read(options->files[0], &size);
  int status = text ? answer(&q, text) : TOOL_FAILED;
  free(text);
  eg_rules_destroy(q.rules);
  eg_graph_destroy(q.graph);
  return status;
}
