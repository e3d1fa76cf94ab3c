// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From access patterns to a saturated graph on the module.
#include "bridge/blob.h"
#include "bridge/clock.h"
#include "bridge/import.h"
#include "bridge/search.h"
#include "bridge/target.h"
#include "bridge/threads.h"
#include "cxx/glenside-cxx.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool set_limit(MlirLocation where, const char *name, int64_t value,
                      uint64_t *limit) {
  if (value < 0)
    return gln_error(where, "%s = %" PRId64 " is negative; 0 is the default",
                     name, value);
  if (value)
    *limit = (uint64_t)value;
  return true;
}

// |user| is the second at which to stop.
static bool is_late(void *user) {
  const double *deadline = user;
  return gln_seconds() > *deadline;
}

static bool read_request(MlirLocation where, const gln_saturate_request *r,
                         gln_saturate_options *out) {
  eg_error error = {0};
  *out = (gln_saturate_options){.limits = eg_limits_default()};
  if (gln_rules_select(r->rules, r->without, r->precision, &out->rules, &error))
    return gln_error(where, "%s", error.text);
  if (!(r->max_seconds >= 0))
    return gln_error(where, "max-seconds = %g is no time", r->max_seconds);
  if (r->threads < 0 || r->threads > 64)
    return gln_error(where, "threads = %" PRId64 " is not between 0 and 64",
                     r->threads);
  return set_limit(where, "max-nodes", r->max_nodes, &out->limits.nodes) &&
         set_limit(where, "max-bytes", r->max_bytes, &out->limits.bytes) &&
         set_limit(where, "max-rounds", r->max_rounds, &out->limits.rounds) &&
         set_limit(where, "max-matches", r->max_matches, &out->limits.matches);
}

// Fills *blob's target. NULL: an error was emitted.
static gln_target_file *load_target(MlirLocation where, const char *text,
                                    gln_blob *blob) {
  gln_target_file *file = gln_target_load(where, text);
  if (file && !gln_target_require_point(where, file)) {
    gln_target_unload(file);
    return NULL;
  }
  if (file && strlen(text) >= sizeof blob->target) {
    gln_error(where, "the target's text is longer than %zu bytes",
              sizeof blob->target - 1);
    gln_target_unload(file);
    return NULL;
  }
  if (file) {
    strcpy(blob->target, text);
    blob->target_hash = gln_target_hash(&file->target);
  }
  return file;
}

static void warn(MlirLocation where, const gln_saturate_report *report) {
  if (report->stop != EG_STOP_SATURATED)
    gln_warning(where,
                "saturation stopped at its %s, with %" PRIu64
                " nodes: the best design so far follows",
                report->stop == EG_STOP_CANCELLED ? "time limit"
                                                  : eg_stop_name(report->stop),
                report->nodes);
}

bool gln_saturate_module(MlirOperation module,
                         const gln_saturate_request *request,
                         gln_phases *phases) {
  MlirLocation where = mlirOperationGetLocation(module);
  gln_saturate_options options;
  gln_import import;
  gln_blob blob = {.target_hash = 0};
  eg_error error = {0};
  double start = gln_seconds();
  if (!read_request(where, request, &options))
    return false;
  eg_pool pool = gln_threads((uint32_t)request->threads);
  double deadline = start + request->max_seconds;
  options.pool = &pool;
  if (request->max_seconds > 0) {
    options.limits.cancel = is_late;
    options.limits.user = &deadline;
  }
  gln_target_file *file = load_target(where, request->target, &blob);
  if (!file)
    return false;
  // A graph that was there would change what functions are.
  gln_blob_remove(module);
  eg_status status = gln_import_module(&import, module, &error);
  if (status != EG_OK) {
    gln_target_unload(file);
    return gln_error(where, "%s", error.text);
  }
  double imported = gln_seconds();
  status =
      gln_saturate(&import.lang, &file->target, &options, &blob.report, &error);
  double saturated = gln_seconds();
  if (status == EG_OK)
    status = gln_blob_write(module, &import.lang, &blob, &error);
  phases->import = imported - start;
  phases->saturate = saturated - imported;
  phases->save = gln_seconds() - saturated;
  gln_import_fini(&import);
  gln_target_unload(file);
  if (status != EG_OK)
    return gln_error(where, "%s", error.text);
  warn(where, &blob.report);
  return true;
}
