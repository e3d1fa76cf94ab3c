// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The report as JSON, by jansson: small, in C, keeps the order of keys.
#include "bridge/design.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 400 };

// A null value in jansson is a missing one: out of memory, once for all.
static void put(json_t *object, const char *key, json_t *value, bool *ok) {
  *ok = *ok && value && json_object_set_new(object, key, value) == 0;
}

static json_t *cost_of(const gln_cost *c, bool *ok) {
  json_t *o = json_object(), *held = json_object();
  put(o, "cycles", json_real(c->cycles), ok);
  put(o, "compute_cycles", json_real(c->compute_cycles), ok);
  put(o, "dma_cycles", json_real(c->dma_cycles), ok);
  put(o, "macs", json_real(c->macs), ok);
  put(o, "dram_read_bytes", json_real(c->dram_read_bytes), ok);
  put(o, "dram_write_bytes", json_real(c->dram_write_bytes), ok);
  put(o, "dram_requests", json_real(c->dram_requests), ok);
  put(o, "energy_pj", json_real(c->energy_pj), ok);
  static const char *const names[GLN_NUM_MEMORIES] = {"abuf", "wbuf", "acc"};
  for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m)
    put(held, names[m], json_real(c->held_bytes[m]), ok);
  put(o, "held_bytes", held, ok);
  return o;
}

static json_t *numbers(const int64_t *values, size_t num, bool *ok) {
  json_t *list = json_array();
  for (size_t i = 0; i < num; ++i)
    *ok = *ok && json_array_append_new(list, json_integer(values[i])) == 0;
  return list;
}

static json_t *block_of(const gln_block *b, bool *ok) {
  static const char *const staged[] = {"first", "second", "result"};
  json_t *o = json_object(), *grid = json_array(), *staging = json_object();
  put(o, "dims", numbers(b->spec.dims, b->spec.num_dims, ok), ok);
  put(o, "parallel", json_integer(b->spec.num_parallel), ok);
  put(o, "tile", numbers(b->tile, b->spec.num_dims, ok), ok);
  for (size_t i = 0; i < b->num_grid; ++i)
    *ok = *ok && json_array_append_new(grid, json_integer(b->order[i])) == 0;
  put(o, "grid", grid, ok);
  for (size_t k = 0; k <= b->spec.num_operands; ++k) {
    const gln_nest_staging *s = &b->staging[k];
    json_t *at = json_object();
    put(at, "depth", json_integer(s->depth), ok);
    put(at, "buffers", json_integer(s->buffers), ok);
    put(at, "keep_halo", json_boolean(s->keep_halo), ok);
    put(at, "gather", json_boolean(s->gather), ok);
    put(staging, staged[k == b->spec.num_operands ? 2 : k], at, ok);
  }
  put(o, "staging", staging, ok);
  return o;
}

// Errors are shares, on layers that nothing was learned from.
static json_t *learning_of(const gln_learning *l, bool *ok) {
  json_t *o = json_object();
  put(o, "runs", json_integer(l->runs), ok);
  put(o, "layers", json_integer(l->layers), ok);
  put(o, "mean_error", json_real(l->mean), ok);
  put(o, "median_error", json_real(l->median), ok);
  put(o, "formula_mean_error", json_real(l->formula_mean), ok);
  put(o, "formula_median_error", json_real(l->formula_median), ok);
  return o;
}

static json_t *row_of(const gln_design *d, const gln_report_row *row,
                      bool *ok) {
  const gln_lang *lang = d->pricing->lang;
  json_t *o = json_object();
  char words[WORDS];
  gln_signature type;
  gln_design_locate(d, row, words, sizeof words);
  if (words[0])
    put(o, "location", json_string(words), ok);
  gln_lang_type(lang, row->mapped.kernel, &type);
  gln_signature_print(&type, words, sizeof words);
  put(o, "type", json_string(words), ok);
  gln_report_kernel(lang, d->program->choice, row, words, sizeof words);
  put(o, "kernel", json_string(words), ok);
  put(o, "unit", json_string(gln_report_place_name(row->place)), ok);
  if (gln_design_instr(d, row))
    put(o, "instruction", json_string(gln_design_instr(d, row)->name), ok);
  if (d->learning)
    put(o, "formula_cycles", json_real(row->formula_cycles), ok);
  put(o, "contraction", json_boolean(row->is_contraction), ok);
  gln_report_describe(lang, d->program->choice, row->mapped.chosen, words,
                      sizeof words);
  put(o, "how", json_string(words), ok);
  if (row->why[0])
    put(o, "why", json_string(row->why), ok);
  if (row->has_block)
    put(o, "block", block_of(&row->block, ok), ok);
  put(o, "cost", cost_of(&row->mapped.cost, ok), ok);
  put(o, "utilisation", json_real(row->utilisation), ok);
  if (row->has_binding)
    put(o, "bound_by", json_string(gln_cost_binding_name(row->binding)), ok);
  if (row->runner_up.id) {
    json_t *other = json_object();
    gln_design_describe_other(d, row, words, sizeof words);
    put(other, "how", json_string(words), ok);
    put(other, "lost_by", json_real(row->lost_by), ok);
    put(o, "runner_up", other, ok);
  }
  return o;
}

static json_t *candidates_of(const gln_saturate_report *s, bool *ok) {
  json_t *o = json_object();
  put(o, "contracts", json_integer((json_int_t)s->blocks.contracts), ok);
  put(o, "mapped", json_integer((json_int_t)s->blocks.mapped), ok);
  put(o, "unmappable", json_integer((json_int_t)s->blocks.unmappable), ok);
  put(o, "enumerated", json_real(s->blocks.enumerated), ok);
  put(o, "dominated", json_real(s->blocks.dominated), ok);
  put(o, "added", json_integer((json_int_t)s->blocks.blocks), ok);
  put(o, "too_ragged", json_integer((json_int_t)s->blocks.ragged), ok);
  put(o, "no_program", json_integer((json_int_t)s->blocks.refused), ok);
  return o;
}

static json_t *rules_of(const gln_saturate_report *s, bool *ok) {
  json_t *list = json_array();
  for (int r = 0; r < GLN_NUM_RULES; ++r) {
    json_t *o = json_object();
    put(o, "name", json_string(gln_rule_get_info((gln_rule_id)r)->name), ok);
    put(o, "matches", json_integer((json_int_t)s->rules[r].matches), ok);
    put(o, "applied", json_integer((json_int_t)s->rules[r].applied), ok);
    *ok = *ok && json_array_append_new(list, o) == 0;
  }
  return list;
}

static json_t *phases_of(const gln_phases *p, bool *ok) {
  json_t *o = json_object();
  put(o, "import", json_real(p->import), ok);
  put(o, "saturate", json_real(p->saturate), ok);
  put(o, "save", json_real(p->save), ok);
  put(o, "load", json_real(p->load), ok);
  put(o, "extract", json_real(p->extract), ok);
  return o;
}

static json_t *graph_of(const eg_graph *graph, bool *ok) {
  json_t *o = json_object();
  put(o, "nodes", json_integer((json_int_t)eg_num_nodes(graph)), ok);
  put(o, "classes", json_integer((json_int_t)eg_num_classes(graph)), ok);
  put(o, "peak_bytes", json_integer((json_int_t)eg_graph_peak_bytes(graph)),
      ok);
  return o;
}

static json_t *extraction_of(const gln_design *d, bool *ok) {
  const gln_chosen_program *c = d->program;
  json_t *o = json_object();
  put(o, "method", json_string(d->method), ok);
  put(o, "values", json_integer((json_int_t)c->classes), ok);
  put(o, "nodes", json_integer((json_int_t)c->nodes), ok);
  put(o, "dag_cost", json_real(c->dag), ok);
  put(o, "tree_cost", json_real(c->tree), ok);
  if (c->bound > -INFINITY)
    put(o, "bound", json_real(c->bound), ok);
  put(o, "optimal", json_boolean(c->optimal), ok);
  put(o, "extractions", json_integer(c->extractions), ok);
  put(o, "hull_corners", json_integer(c->corners), ok);
  return o;
}

static json_t *design_of(const gln_design *d, bool *ok) {
  json_t *o = json_object(), *layers = json_array();
  put(o, "target", json_string(d->target), ok);
  put(o, "objective",
      json_string(gln_objective_name(d->pricing->objective.kind)), ok);
  put(o, "extraction", extraction_of(d, ok), ok);
  put(o, "stop", json_string(eg_stop_name(d->saturation->stop)), ok);
  for (size_t i = 0; i < d->report->num; ++i)
    *ok = *ok && json_array_append_new(
                     layers, row_of(d, &d->report->rows[i], ok)) == 0;
  if (d->learning)
    put(o, "learned", learning_of(d->learning, ok), ok);
  put(o, "layers", layers, ok);
  put(o, "total", cost_of(&d->report->total.cost, ok), ok);
  put(o, "candidates", candidates_of(d->saturation, ok), ok);
  put(o, "rules", rules_of(d->saturation, ok), ok);
  put(o, "graph", graph_of(d->pricing->lang->graph, ok), ok);
  put(o, "seconds", phases_of(d->phases, ok), ok);
  return o;
}

eg_status gln_design_write_json(const gln_design *design, const char *path,
                                eg_error *error) {
  bool ok = true;
  json_t *o = design_of(design, &ok);
  if (!ok) {
    json_decref(o);
    return gln_fail(error, EG_NO_MEMORY, "no memory for the report");
  }
  errno = 0;
  int failed =
      json_dump_file(o, path, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
  json_decref(o);
  if (!failed)
    return EG_OK;
  int reason = errno;
  remove(path);
  return gln_fail(error, EG_INVALID, "report '%s' cannot be written: %s", path,
                  reason ? strerror(reason) : "unknown");
}
