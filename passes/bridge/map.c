// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From a module to a design for a target, and the report of it.
#include "bridge/map.h"

#include "bridge/export.h"
#include "bridge/summary.h"
#include "bridge/target.h"
#include "cxx/glenside-cxx.h"
#include "design/mapping.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static double seconds(void) {
  struct timespec now;
  timespec_get(&now, TIME_UTC);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef struct mapping {
  const gln_map_options *options;
  gln_import import;
  gln_target target;
  gln_pricing pricing;
  gln_map_counts counts;
  gln_mapped total;
  size_t layer;                 // lines printed
  int64_t mapped, contractions; // applications
  double vector_ops;            // elements of maps and reductions
  double started, imported, blocked, chosen;
  eg_error error;
} mapping;

//===-- Target ------------------------------------------------------------===//

// Fills target and objective, or emits an error.
static bool read_options(mapping *m, MlirLocation location) {
  const gln_map_options *o = m->options;
  gln_objective *objective = &m->pricing.objective;
  if (gln_objective_parse(o->objective, objective, &m->error))
    return gln_error(location, "%s", m->error.text);
  if (objective->kind == GLN_OBJECTIVE_EDP)
    return gln_error(location,
                     "objective 'edp' is no sum over layers and not searched "
                     "for yet; use latency, energy, dram or weights");
  gln_target_file *file = gln_target_load(location, o->target);
  bool ok = file && gln_target_require_point(location, file);
  if (ok)
    m->target = file->target;
  gln_target_unload(file);
  return ok;
}

//===-- Report ------------------------------------------------------------===//

static void print_block(const gln_block *b, char *text, size_t size) {
  size_t used = 0;
  for (size_t d = 0; d < b->spec.num_dims && used < size; ++d)
    used += (size_t)snprintf(text + used, size - used, "%s%" PRId64,
                             d ? "x" : "", b->tile[d]);
  if (used < size)
    used += (size_t)snprintf(text + used, size - used, " by ");
  for (size_t i = 0; i < b->num_grid && used < size; ++i)
    used += (size_t)snprintf(text + used, size - used, "%sd%u", i ? " " : "",
                             b->order[i]);
  if (!b->num_grid && used < size)
    snprintf(text + used, size - used, "one");
}

static void visit(void *user, const gln_mapped *mapped) {
  mapping *m = user;
  const gln_lang *lang = m->pricing.lang;
  gln_block block;
  gln_spec spec;
  bool is_block = gln_node_block(lang, mapped->chosen, &block);
  bool is_contract = is_block || mapped->host_macs > 0;
  m->contractions += is_contract;
  m->mapped += is_block;
  if (!is_contract || !m->options->table ||
      !gln_node_spec(lang, mapped->chosen, &spec))
    return;
  char what[200], how[120] = "host";
  gln_spec_print(&spec, what, sizeof what);
  if (is_block)
    print_block(&block, how, sizeof how);
  double peak = 0;
  for (size_t a = 0; a < m->target.num_arrays; ++a)
    peak += m->target.arrays[a].rows.value * m->target.arrays[a].cols.value;
  if (m->layer++ == 0)
    fprintf(stderr, "%5s %12s %6s %10s %9s  %-34s %s\n", "layer", "cycles",
            "util", "DRAM KiB", "uJ", "tile by grid, outermost first",
            "kernel");
  fprintf(stderr, "%5zu %12.0f %5.1f%% %10.1f %9.2f  %-34s %s\n", m->layer,
          mapped->cost.cycles,
          100 * mapped->array_macs / (mapped->cost.cycles * peak),
          (mapped->cost.dram_read_bytes + mapped->cost.dram_write_bytes) / 1024,
          mapped->cost.energy_pj * 1e-6, how, what);
}

static void print_totals(const mapping *m) {
  const gln_cost *c = &m->total.cost;
  if (!m->options->table)
    return;
  fprintf(stderr,
          "total %12.0f %6s %10.1f %9.2f\n"
          "%" PRIu64 " contract classes: %.0f blockings enumerated, %.0f "
          "dominated, %" PRIu64 " added, %" PRIu64 " too ragged; %" PRIu64
          " nodes, %.1f MiB\n"
          "seconds: import %.3f, blockings %.3f, extraction %.3f\n",
          c->cycles, "", (c->dram_read_bytes + c->dram_write_bytes) / 1024,
          c->energy_pj * 1e-6, m->counts.contracts, m->counts.enumerated,
          m->counts.dominated, m->counts.blocks, m->counts.ragged,
          eg_num_nodes(m->import.graph),
          (double)eg_graph_peak_bytes(m->import.graph) / (1 << 20),
          m->imported - m->started, m->blocked - m->imported,
          m->chosen - m->blocked);
}

static void print_summary(const mapping *m) {
  double all = m->total.array_macs + m->total.host_macs;
  gln_summary summary = {.contractions = m->mapped,
                         .total = m->contractions,
                         .target = m->target.name,
                         .array = all > 0 ? m->total.array_macs / all : 0,
                         .host = all > 0 ? m->total.host_macs / all : 0};
  gln_summary_print(&summary);
}

//===-- The whole ---------------------------------------------------------===//

static eg_status fail_graph(mapping *m, eg_status status) {
  m->error = *eg_graph_error(m->import.graph);
  return status;
}

static eg_status walk_blocks(mapping *m, const eg_choice *choice) {
  eg_status status = EG_OK;
  for (size_t i = 0; i < m->import.num_blocks && status == EG_OK; ++i) {
    gln_mapped part;
    eg_class root = m->import.blocks[i].results;
    eg_choice_totals totals;
    if (eg_choice_check(m->import.graph, choice, &root, 1, NULL, &totals))
      return fail_graph(m, EG_INFEASIBLE);
    status = gln_mapping_walk(&m->pricing, choice, &root, 1, visit, m, &part,
                              &m->error);
    if (status != EG_OK)
      break;
    m->total.cost = gln_cost_then(&m->total.cost, &part.cost);
    m->total.array_macs += part.array_macs;
    m->total.host_macs += part.host_macs;
  }
  return status;
}

static eg_status map_graph(mapping *m) {
  m->pricing.lang = &m->import.lang;
  m->pricing.target = &m->target;
  m->imported = seconds();
  eg_status status =
      gln_map_kernels(&m->import.lang, &m->target, NULL, &m->counts, &m->error);
  m->blocked = seconds();
  eg_cost cost = gln_cost_of_nodes(&m->pricing);
  eg_choice *choice = NULL;
  if (status == EG_OK && eg_extract_tree(m->import.graph, &cost, &choice))
    status = fail_graph(m, EG_INVALID);
  m->chosen = seconds();
  if (status == EG_OK)
    status = walk_blocks(m, choice);
  if (status == EG_OK) {
    gln_export_counts counts;
    print_totals(m);
    print_summary(m);
    status = gln_export_module(&m->import, choice, &counts, &m->error);
  }
  eg_choice_destroy(choice);
  return status;
}

bool gln_map_module(MlirOperation module, const gln_map_options *options) {
  mapping m = {.options = options, .started = seconds()};
  MlirLocation location = mlirOperationGetLocation(module);
  if (!read_options(&m, location))
    return false;
  if (gln_import_module(&m.import, module, &m.error))
    return gln_error(location, "%s", m.error.text);
  eg_status status = map_graph(&m);
  gln_import_fini(&m.import);
  return status == EG_OK || gln_error(location, "%s", m.error.text);
}
