// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rows of a design, and the alternatives that each of them beat.
#include "design/report_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *gln_report_place_name(gln_report_place place) {
  static const char *const names[] = {"array", "vector", "host"};
  return names[place];
}

//===-- Words -------------------------------------------------------------===//

typedef struct text {
  char *buffer;
  size_t size, used;
} text;

static void put(text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void put(text *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  size_t room = t->used < t->size ? t->size - t->used : 0;
  int length = vsnprintf(room ? t->buffer + t->used : NULL, room, format, args);
  va_end(args);
  t->used += length > 0 ? (size_t)length : 0;
}

static void put_block(text *t, const gln_block *b) {
  static const struct {
    unsigned bit;
    const char *word;
  } words[] = {
      {GLN_STRATEGY_WEIGHT_STATIONARY, "weight-stationary"},
      {GLN_STRATEGY_OUTPUT_STATIONARY, "output-stationary"},
      {GLN_STRATEGY_VECTOR, "vector"},
      {GLN_STRATEGY_SWAPPED, "swapped"},
      {GLN_STRATEGY_IM2COL, "im2col"},
  };
  for (size_t d = 0; d < b->spec.num_dims; ++d)
    put(t, "%s%" PRId64, d ? "x" : "", b->tile[d]);
  for (size_t i = 0; i < b->num_grid; ++i)
    put(t, "%sd%u", i ? " " : " by ", b->order[i]);
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
    if (b->strategy & words[i].bit)
      put(t, ", %s", words[i].word);
}

// The chosen node of child |index|; {0} if there is none.
static eg_node child_of(const gln_lang *lang, const eg_choice *choice,
                        eg_node node, uint32_t index) {
  uint32_t num;
  const eg_class *children = eg_node_children(lang->graph, node, &num);
  return index < num ? eg_choice_node(choice, children[index])
                     : (eg_node){0};
}

size_t gln_report_describe(const gln_lang *lang, const eg_choice *choice,
                           eg_node node, char *buffer, size_t size) {
  text t = {.buffer = buffer, .size = size};
  gln_block block;
  if (size)
    buffer[0] = 0;
  if (gln_lang_node(lang, node) == GLN_NODE_APPLY)
    node = child_of(lang, choice, node, 0);
  bool is_fused = node.id && gln_lang_node(lang, node) == GLN_NODE_COMPOSE;
  if (is_fused)
    node = child_of(lang, choice, node, 0);
  if (!node.id)
    return 0;
  if (gln_node_block(lang, node, &block))
    put_block(&t, &block);
  else
    put(&t, "on its own: %s",
        eg_op_name(lang->graph, eg_node_op(lang->graph, node)));
  if (is_fused)
    put(&t, " + epilogue");
  return t.used;
}

// The functions of a map, without constants: "add relu".
static void put_body(text *t, const gln_lang *lang, eg_node map) {
  gln_scalar_body body;
  if (gln_node_body(lang, map, eg_allocator_default(), &body, NULL))
    return;
  for (size_t i = 0; i < body.num_insts; ++i)
    if (body.insts[i].op < GLN_NUM_SCALAR_OPS)
      put(t, " %s",
          gln_scalar_op_info((gln_scalar_op)body.insts[i].op)->name);
  gln_scalar_body_fini(&body);
}

size_t gln_report_kernel(const gln_lang *lang, const eg_choice *choice,
                         const gln_report_row *row, char *buffer,
                         size_t size) {
  text t = {.buffer = buffer, .size = size};
  eg_node node = row->mapped.chosen, map = {0};
  gln_spec spec;
  char words[400];
  if (size)
    buffer[0] = 0;
  if (gln_lang_node(lang, node) == GLN_NODE_COMPOSE) {
    map = child_of(lang, choice, node, 1);
    node = child_of(lang, choice, node, 0);
  }
  if (node.id && gln_node_spec(lang, node, &spec)) {
    gln_spec_print(&spec, words, sizeof words);
    put(&t, "%s", words);
  } else {
    gln_signature type;
    gln_lang_type(lang, row->mapped.kernel, &type);
    gln_signature_print(&type, words, sizeof words);
    put(&t, "%s %s", eg_op_name(lang->graph, eg_node_op(lang->graph, node)),
        words);
    map = node;
  }
  if (map.id && gln_lang_node(lang, map) == GLN_NODE_MAP)
    put_body(&t, lang, map);
  return t.used;
}

//===-- Alternatives ------------------------------------------------------===//

// The objective of |node| when the rest of the program stays; NAN if a class below
// it has no node, or the node may not be used.
static double value_of(const gln_pricing *pricing, const eg_choice *priced,
                       eg_node node) {
  enum { MAX = 32 };
  const void *costs[MAX];
  eg_cost cost = gln_cost_of_nodes(pricing);
  gln_cost out;
  bool usable = true;
  uint32_t num;
  const eg_graph *graph = pricing->lang->graph;
  const eg_class *children = eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i) {
    costs[i < MAX ? i : 0] = eg_choice_cost(priced, children[i]);
    if (i >= MAX || !costs[i])
      return NAN;
  }
  if (cost.node(cost.user, graph, node, costs, &out, &usable) || !usable)
    return NAN;
  return gln_objective_value(&pricing->objective, &out);
}

// Another node of the class of |chosen| that would do, the best of them.
static void look_for_runner_up(const gln_pricing *pricing,
                               const eg_choice *priced, eg_node chosen,
                               double scale, gln_report_row *row) {
  const eg_graph *graph = pricing->lang->graph;
  uint32_t num;
  const eg_node *nodes =
      eg_class_nodes(graph, eg_node_class(graph, chosen), &num);
  double best = value_of(pricing, priced, chosen);
  for (uint32_t i = 0; i < num; ++i) {
    if (nodes[i].id == chosen.id)
      continue;
    double lost = (value_of(pricing, priced, nodes[i]) - best) / scale;
    if (isnan(lost) || (row->runner_up.id && lost >= row->lost_by))
      continue;
    row->runner_up = nodes[i];
    row->lost_by = lost;
  }
}

//===-- Rows --------------------------------------------------------------===//

// The block that a chosen kernel runs as, its own or that of its first part.
static bool block_in(const gln_lang *lang, const eg_choice *choice,
                     eg_class kernel, gln_block *out) {
  eg_node node = eg_choice_node(choice, kernel);
  uint32_t num;
  if (!node.id)
    return false;
  if (gln_lang_node(lang, node) == GLN_NODE_COMPOSE)
    node = eg_choice_node(choice, eg_node_children(lang->graph, node, &num)[0]);
  return node.id && gln_node_block(lang, node, out);
}

static double num_cells(const gln_target *target) {
  double cells = 0;
  for (size_t a = 0; a < target->num_arrays; ++a)
    cells += target->arrays[a].rows.value * target->arrays[a].cols.value;
  return cells;
}

typedef struct collector {
  const gln_pricing *pricing; // of a sum
  const gln_chosen_program *program;
  gln_report *report;
  eg_status status;
} collector;

static void collect(void *user, const gln_mapped *mapped) {
  collector *c = user;
  gln_report *r = c->report;
  const gln_pricing *p = c->pricing;
  if (r->num == r->capacity && c->status == EG_OK) {
    size_t wanted = r->capacity ? 2 * r->capacity : 64;
    void *grown =
        r->memory.resize(r->memory.user, r->rows, r->capacity * sizeof *r->rows,
                         wanted * sizeof *r->rows);
    if (grown) {
      r->rows = grown;
      r->capacity = wanted;
    } else {
      c->status = EG_NO_MEMORY;
    }
  }
  if (c->status != EG_OK)
    return;
  gln_report_row *row = &r->rows[r->num++];
  memset(row, 0, sizeof *row);
  row->mapped = *mapped;
  row->has_block = block_in(p->lang, c->program->choice, mapped->kernel, &row->block);
  row->is_contraction =
      mapped->host_macs > 0 ||
      (row->has_block && row->block.spec.combine == GLN_COMBINE_DOT);
  row->place = !row->has_block                             ? GLN_ON_HOST
               : row->block.strategy & GLN_STRATEGY_VECTOR ? GLN_ON_VECTOR
                                                           : GLN_ON_ARRAY;
  double cycles = mapped->cost.cycles;
  gln_pricing formula = *p;
  gln_cost plain;
  formula.learned = NULL;
  row->formula_cycles = cycles;
  if (p->learned && gln_node_cost(&formula, c->program->choice, mapped->apply,
                                  &plain, NULL) == EG_OK)
    row->formula_cycles = plain.cycles;
  row->utilisation =
      cycles > 0 ? mapped->array_macs / (cycles * num_cells(p->target)) : 0;
  gln_strategy strategy;
  if (row->has_block &&
      gln_block_strategy(p->target, &row->block, &strategy, NULL) == EG_OK) {
    row->binding = gln_cost_model_binding(&strategy.model, &mapped->cost);
    row->has_binding = true;
  }
  if (row->place == GLN_ON_HOST && cycles > 0)
    glni_report_why(p, row);
  double own = gln_objective_value(&p->objective, &mapped->cost);
  if (own > 0) {
    look_for_runner_up(p, c->program->priced, mapped->chosen, own, row);
    look_for_runner_up(p, c->program->priced, mapped->apply, own, row);
  }
}

eg_status gln_report_make(const gln_pricing *pricing,
                          const gln_chosen_program *program,
                          const eg_class *roots, uint32_t num_roots,
                          gln_report *out, eg_error *error) {
  gln_pricing sum = *pricing;
  collector c = {.pricing = &sum, .program = program, .report = out};
  *out = (gln_report){.memory = eg_allocator_default()};
  sum.objective = program->objective;
  eg_status status = gln_mapping_walk(pricing, program->choice, roots,
                                      num_roots, collect, &c, &out->total,
                                      error);
  if (status == EG_OK && c.status != EG_OK)
    status = gln_fail(error, c.status, "no memory for a report");
  return status;
}

void gln_report_fini(gln_report *report) {
  report->memory.resize(report->memory.user, report->rows,
                        report->capacity * sizeof *report->rows, 0);
  report->rows = NULL;
  report->num = report->capacity = 0;
}
