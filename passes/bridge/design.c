// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A table for people.
#include "bridge/design.h"
#include "bridge/summary.h"
#include "cxx/glenside-cxx.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 200 };

//===-- Places ------------------------------------------------------------===//

// What a location is made of, down to a file and line if there is one.
static MlirLocation file_of(MlirLocation at) {
  for (;;) {
    if (mlirLocationIsAFused(at) && mlirLocationFusedGetNumLocations(at) > 0) {
      enum { MAX = 64 }; // all of them are handed out at once
      MlirLocation parts[MAX];
      if (mlirLocationFusedGetNumLocations(at) > MAX)
        break;
      mlirLocationFusedGetLocations(at, parts);
      at = parts[0];
    } else if (mlirLocationIsAName(at)) {
      at = mlirLocationNameGetChildLoc(at);
    } else if (mlirLocationIsACallSite(at)) {
      at = mlirLocationCallSiteGetCallee(at);
    } else {
      break;
    }
  }
  return at;
}

// A file and line where a row's value comes from; false: none is known.
static bool find_place(const gln_design *d, const gln_report_row *row,
                       MlirLocation *out) {
  const eg_graph *graph = d->import->graph;
  uint32_t id = eg_node_class(graph, row->mapped.apply).id;
  for (size_t i = 0; i < d->import->num_places; ++i) {
    const gln_import_place *place = &d->import->places[i];
    if (eg_find(graph, place->id).id != id)
      continue;
    MlirLocation at = file_of(place->location);
    if (!mlirLocationIsAFileLineColRange(at))
      continue;
    *out = at;
    return true;
  }
  return false;
}

void gln_design_locate(const gln_design *d, const gln_report_row *row,
                       char *buffer, size_t size) {
  MlirLocation at;
  buffer[0] = 0;
  if (!find_place(d, row, &at))
    return;
  MlirStringRef name =
      mlirIdentifierStr(mlirLocationFileLineColRangeGetFilename(at));
  const char *base = name.data + name.length;
  while (base > name.data && base[-1] != '/')
    --base;
  snprintf(buffer, size, "%.*s:%d", (int)(name.data + name.length - base), base,
           mlirLocationFileLineColRangeGetStartLine(at));
}

const gln_instr *gln_design_instr(const gln_design *d,
                                  const gln_report_row *row) {
  const gln_instr_set *set = d->pricing->target->instrs;
  return row->has_block && row->block.instr != GLN_BLOCK_NO_INSTR
             ? &set->instrs[row->block.instr]
             : NULL;
}

void gln_design_describe_other(const gln_design *d, const gln_report_row *row,
                               char *buffer, size_t size) {
  const gln_lang *lang = d->pricing->lang;
  char how[200];
  gln_report_describe(lang, d->program->choice, row->mapped.chosen, how,
                      sizeof how);
  size_t used = gln_report_describe(lang, d->program->priced, row->runner_up,
                                    buffer, size);
  // The same tiles of another kernel: the operands lie otherwise.
  if (strcmp(how, buffer) == 0 && used < size)
    snprintf(buffer, size, "the same, operands laid out otherwise");
}

//===-- Warnings ----------------------------------------------------------===//

// The rows of one reason: the first of them, and how many there are.
typedef struct group {
  const gln_report_row *first;
  size_t num;
} group;

enum { MAX_GROUPS = 16 }; // reasons that are told

void gln_design_warn(const gln_design *d, MlirLocation module) {
  group groups[MAX_GROUPS];
  size_t num = 0;
  for (size_t i = 0; i < d->report->num; ++i) {
    const gln_report_row *row = &d->report->rows[i];
    size_t g = 0;
    if (!row->is_contraction || !row->why[0])
      continue;
    while (g < num && strcmp(groups[g].first->why, row->why) != 0)
      ++g;
    if (g == MAX_GROUPS)
      continue;
    if (g == num)
      groups[num++] = (group){.first = row};
    ++groups[g].num;
  }
  for (size_t g = 0; g < num; ++g) {
    MlirLocation at = module;
    find_place(d, groups[g].first, &at);
    if (groups[g].num == 1)
      gln_warning(at, "the contraction stays on the host: %s",
                  groups[g].first->why);
    else
      gln_warning(at, "%zu contractions, this first, stay on the host: %s",
                  groups[g].num, groups[g].first->why);
  }
}

//===-- The table ---------------------------------------------------------===//

static double dram_bytes(const gln_cost *cost) {
  return cost->dram_read_bytes + cost->dram_write_bytes;
}

static void print_row(const gln_design *d, size_t number,
                      const gln_report_row *row) {
  const gln_lang *lang = d->pricing->lang;
  const gln_cost *c = &row->mapped.cost;
  const gln_instr *instr = gln_design_instr(d, row);
  char words[WORDS], what[WORDS], other[WORDS] = "", at[WORDS];
  gln_report_kernel(lang, d->program->choice, row, what, sizeof what);
  if (row->has_block)
    gln_report_describe(lang, d->program->choice, row->mapped.chosen, words,
                        sizeof words);
  if (row->runner_up.id)
    gln_design_describe_other(d, row, other, sizeof other);
  gln_design_locate(d, row, at, sizeof at);
  fprintf(
      stderr,
      "%5zu %-6s %-8s %12.0f %5.1f%% %10.1f %9.2f %-9s %-46s %+6.1f%% %-46s "
      "%s  %s\n",
      number, gln_report_place_name(row->place), instr ? instr->name : "-",
      c->cycles, 100 * row->utilisation, dram_bytes(c) / 1024,
      c->energy_pj * 1e-6,
      row->has_binding ? gln_cost_binding_name(row->binding) : "-",
      row->has_block ? words : row->why, 100 * row->lost_by, other, what, at);
}

static void print_extraction(const gln_design *d) {
  const gln_chosen_program *c = d->program;
  fprintf(stderr,
          "extraction: %s, %" PRIu64 " values with %" PRIu64
          " ways to get them, cost %.6g shared, %.6g unshared",
          d->method, c->classes, c->nodes, c->dag, c->tree);
  if (c->optimal)
    fprintf(stderr, ", proved optimal");
  else if (c->bound > 0)
    fprintf(stderr, ", at most %.2f%% from optimal",
            100 * (c->dag - c->bound) / c->bound);
  if (c->extractions > 1)
    fprintf(stderr, "; the best of %" PRIu32 " corners of the convex hull",
            c->corners);
  fputc('\n', stderr);
}

void gln_design_print_learning(const gln_design *d) {
  const gln_learning *l = d->learning;
  double formula = 0;
  for (size_t i = 0; i < d->report->num; ++i)
    formula += d->report->rows[i].formula_cycles;
  fprintf(stderr,
          "learned from %" PRIu32 " runs of %" PRIu32 " layers: on unseen "
          "layers %.1f%% off (median %.1f%%), the formula %.1f%% (%.1f%%); "
          "of this design the formula says %.0f cycles\n",
          l->runs, l->layers, 100 * l->mean, 100 * l->median,
          100 * l->formula_mean, 100 * l->formula_median, formula);
}

static void print_counts(const gln_design *d) {
  const gln_saturate_report *s = d->saturation;
  const gln_phases *p = d->phases;
  fprintf(stderr,
          "%" PRIu64 " contract classes: %.0f blockings enumerated, %.0f "
          "dominated, %" PRIu64 " added, %" PRIu64 " too ragged, %" PRIu64
          " no program; %" PRIu64 " nodes, %.1f MiB, stopped: %s\n",
          s->blocks.contracts, s->blocks.enumerated, s->blocks.dominated,
          s->blocks.blocks, s->blocks.ragged, s->blocks.refused,
          eg_num_nodes(d->pricing->lang->graph),
          (double)eg_graph_peak_bytes(d->pricing->lang->graph) / (1 << 20),
          eg_stop_name(s->stop));
  for (int r = 0; r < GLN_NUM_RULES; ++r)
    if (s->rules[r].matches)
      fprintf(stderr, "rule %s: %" PRIu64 " matches, %" PRIu64 " applied\n",
              gln_rule_get_info((gln_rule_id)r)->name, s->rules[r].matches,
              s->rules[r].applied);
  fprintf(stderr,
          "seconds: import %.3f, saturate %.3f, save %.3f, load %.3f, "
          "extract %.3f\n",
          p->import, p->saturate, p->save, p->load, p->extract);
}

void gln_design_print_table(const gln_design *d) {
  const gln_cost *c = &d->report->total.cost;
  fprintf(stderr, "%5s %-6s %-8s %12s %6s %10s %9s %-9s %-46s %7s %-46s %s\n",
          "layer", "unit", "by", "cycles", "util", "DRAM KiB", "uJ", "bound by",
          "tile by grid, outermost first", "next", "the runner-up", "kernel");
  size_t known = 0; // constants, computed before run time
  for (size_t i = 0; i < d->report->num; ++i) {
    bool costs = d->report->rows[i].mapped.cost.cycles > 0;
    known += !costs;
    if (costs)
      print_row(d, i + 1 - known, &d->report->rows[i]);
  }
  if (known)
    fprintf(stderr, "and %zu kernels on constants, before run time\n", known);
  fprintf(stderr, "total %-6s %-8s %12.0f %6s %10.1f %9.2f\n", "", "",
          c->cycles, "", dram_bytes(c) / 1024, c->energy_pj * 1e-6);
  print_extraction(d);
  print_counts(d);
}

void gln_design_print_summary(const gln_design *d) {
  const gln_mapped *t = &d->report->total;
  double all = t->array_macs + t->vector_macs + t->host_macs;
  gln_summary summary = {.target = d->pricing->target->name,
                         .array = all > 0 ? t->array_macs / all : 0,
                         .vector = all > 0 ? t->vector_macs / all : 0,
                         .host = all > 0 ? t->host_macs / all : 0};
  for (size_t i = 0; i < d->report->num; ++i) {
    const gln_report_row *row = &d->report->rows[i];
    summary.total += row->is_contraction;
    summary.contractions += row->is_contraction && row->place != GLN_ON_HOST;
  }
  gln_summary_print(&summary);
}
