// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From the graph on a module to the best program in it, as IR.
#include "bridge/blob.h"
#include "bridge/clock.h"
#include "bridge/design.h"
#include "bridge/export.h"
#include "bridge/file.h"
#include "bridge/target.h"
#include "cxx/glenside-cxx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// Not one of eg_extract.h: how values are picked when kernels are priced by runs.
static const char learned[] = "learned", with_learned[] = "local";

typedef struct extraction {
  MlirOperation module;
  MlirLocation where;
  const gln_extract_request *request;
  gln_phases *phases;
  gln_blob blob;
  gln_target_file *file;
  gln_import import;
  gln_pricing pricing;
  gln_learning learning;
  gln_choose_options options;
  gln_chosen_program program;
  eg_class *roots; // results of the blocks
  gln_report report;
  eg_error error;
} extraction;

static bool read_request(extraction *x) {
  const gln_extract_request *r = x->request;
  if (gln_objective_parse(r->objective, &x->pricing.objective, &x->error))
    return gln_error(x->where, "%s", x->error.text);
  if (!(r->seconds >= 0))
    return gln_error(x->where, "seconds = %g is no time", r->seconds);
  bool learns = strcmp(r->method, learned) == 0;
  if (learns && !r->runs[0])
    return gln_error(x->where,
                     "method=learned wants measured runs: runs=FILE.csv; "
                     "measure=FILE.csv writes the rows that lack their cycles");
  if (!learns && r->runs[0])
    return gln_error(x->where, "runs= is for method=learned, not for %s",
                     r->method);
  x->options = (gln_choose_options){.method = learns ? with_learned : r->method,
                                    .seed = (uint64_t)r->seed,
                                    .seconds = r->seconds};
  if (r->plugin[0] && eg_plugin_load(r->plugin, &x->options.plugin, &x->error))
    return gln_error(x->where, "%s", x->error.text);
  return true;
}

// The target that the graph was made for, as it is now.
static bool load_target(extraction *x) {
  x->file = gln_target_load(x->where, x->blob.target);
  if (!x->file)
    return false;
  if (gln_target_hash(&x->file->target) != x->blob.target_hash)
    return gln_error(x->where,
                     "target '%s' changed since --saturate; run --saturate "
                     "again",
                     x->blob.target);
  return true;
}

// Learns from the measured runs, if there are any.
static bool learn(extraction *x) {
  const char *path = x->request->runs;
  size_t size;
  if (!path[0])
    return true;
  errno = 0;
  char *text = gln_read_file(path, &size);
  if (!text)
    return gln_error(x->where, "runs '%s' cannot be read: %s", path,
                     errno ? strerror(errno) : "out of memory");
  eg_allocator memory = eg_allocator_default();
  eg_status status =
      strlen(text) == size
          ? gln_learn(&memory, &x->file->target, path, text, &x->learning,
                      &x->error)
          : gln_fail(&x->error, EG_INVALID, "%s: a zero byte is no text", path);
  free(text);
  x->pricing.learned = &x->learning.learned;
  return status == EG_OK || gln_error(x->where, "%s", x->error.text);
}

static eg_status load_graph(extraction *x) {
  gln_lang *lang = &x->import.lang;
  eg_status status = gln_graph_load(lang, &x->blob.nodes, &x->error);
  // Uniting classes may have changed which id names one.
  for (size_t i = 0; i < x->import.num_blocks; ++i)
    x->import.blocks[i].results =
        eg_find(lang->graph, x->import.blocks[i].results);
  for (size_t i = 0; i < x->import.num_roots; ++i)
    x->import.roots[i].id = eg_find(lang->graph, x->import.roots[i].id);
  return status;
}

static eg_status choose(extraction *x) {
  size_t num = x->import.num_blocks;
  const eg_allocator *memory = &x->import.memory;
  x->roots =
      memory->resize(memory->user, NULL, 0, (num + 1) * sizeof *x->roots);
  if (!x->roots)
    return gln_fail(&x->error, EG_NO_MEMORY, "no memory for an extraction");
  for (size_t i = 0; i < num; ++i)
    x->roots[i] = x->import.blocks[i].results;
  return gln_choose(&x->pricing, x->roots, (uint32_t)num, &x->options,
                    &x->program, &x->error);
}

static eg_status publish(extraction *x, const gln_design *design) {
  gln_design_warn(design, x->where);
  if (x->request->table)
    gln_design_print_table(design);
  if (design->learning)
    gln_design_print_learning(design);
  eg_status status = EG_OK;
  if (x->request->report[0])
    status = gln_design_write_json(design, x->request->report, &x->error);
  if (status == EG_OK && x->request->measure[0])
    status = gln_design_write_runs(design, x->request->measure, &x->error);
  if (status == EG_OK)
    gln_design_print_summary(design);
  return status;
}

static eg_status run(extraction *x) {
  gln_export_counts counts;
  double start = gln_seconds();
  eg_status status = load_graph(x);
  double loaded = gln_seconds();
  if (status == EG_OK)
    status = choose(x);
  double chosen = gln_seconds();
  x->phases->load += loaded - start;
  x->phases->extract = chosen - loaded;
  if (status == EG_OK)
    status =
        gln_report_make(&x->pricing, &x->program, x->roots,
                        (uint32_t)x->import.num_blocks, &x->report, &x->error);
  // The report names nodes, so it is ready before the IR changes; and it is out
  // before, so that a module is rebuilt only if all went well.
  gln_design design = {.import = &x->import,
                       .pricing = &x->pricing,
                       .saturation = &x->blob.report,
                       .report = &x->report,
                       .target = x->blob.target,
                       .program = &x->program,
                       .method = x->request->method,
                       .phases = x->phases,
                       .learning = x->pricing.learned ? &x->learning : NULL};
  if (status == EG_OK)
    status = publish(x, &design);
  chosen = gln_seconds();
  if (status == EG_OK)
    status = gln_export_module(&x->import, x->program.choice, &x->file->target,
                               x->blob.target, &counts, &x->error);
  x->phases->rebuild = gln_seconds() - chosen;
  return status;
}

bool gln_extract_module(MlirOperation module,
                        const gln_extract_request *request,
                        gln_phases *phases) {
  extraction x = {.module = module,
                  .where = mlirOperationGetLocation(module),
                  .request = request,
                  .phases = phases};
  double start = gln_seconds();
  if (!read_request(&x) || !gln_blob_read(module, &x.blob))
    return false;
  bool ok = load_target(&x);
  if (ok && gln_import_module(&x.import, module, &x.error))
    ok = gln_error(x.where, "%s", x.error.text);
  if (ok) {
    phases->load = gln_seconds() - start;
    x.pricing.lang = &x.import.lang;
    x.pricing.target = &x.file->target;
    ok = learn(&x) &&
         (run(&x) == EG_OK || gln_error(x.where, "%s", x.error.text));
    if (x.report.memory.resize)
      gln_report_fini(&x.report);
    gln_chosen_program_fini(&x.program);
    x.import.memory.resize(x.import.memory.user, x.roots,
                           (x.import.num_blocks + 1) * sizeof *x.roots, 0);
    gln_import_fini(&x.import);
  }
  gln_target_unload(x.file);
  gln_blob_fini(&x.blob);
  if (ok)
    gln_blob_remove(module);
  return ok;
}
