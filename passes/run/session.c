// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Seeds × forms × pipelines, with one compilation per distinct program.
#include "run/session.h"

#include "dialect/host.h"
#include "run/npy.h"
#include "run/object.h"

#include "mlir-c/Diagnostics.h"
#include "mlir-c/RegisterEverything.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

// Compiled code and the text it was compiled from.
typedef struct compiled {
  char *text;
  size_t room;
  gln_engine *engine;
} compiled;

// A program with its results, and how it went.
typedef struct outcome {
  gln_callable program;
  gln_tensor *results;
  const gln_engine *engine;
  gln_run_stats stats;
  gln_layers layers;
} outcome;

// The state of one gln_session_run.
typedef struct run {
  const gln_session *session;
  compiled *cache;
  size_t num_cached, cache_room;
  int64_t seed;
  bool differs, failed;
  bool is_hopeless; // another seed would end at the same message
} run;

static double now(void) {
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *resize(const run *r, void *block, size_t old, size_t size) {
  const eg_allocator *a = &r->session->allocator;
  return a->resize(a->user, block, old, size);
}

static void stage(const run *r, const char *what, const char *form,
                  const char *pipeline) {
  if (r->session->on_stage)
    r->session->on_stage(r->session->user, r->seed, what, form, pipeline);
}

static bool no_memory(MlirOperation module) {
  return gln_error(mlirOperationGetLocation(module), "out of memory");
}

//===-- Code --------------------------------------------------------------===//

static gln_engine *find_code(const run *r, const gln_callable *program) {
  for (size_t i = 0; i < r->num_cached; ++i)
    if (!strcmp(r->cache[i].text, program->text))
      return r->cache[i].engine;
  return NULL;
}

// Compiles |program| and keeps its text beside the code.
static gln_engine *add_code(run *r, gln_callable *program, bool is_reference) {
  gln_engine_options options = r->session->engine;
  options.is_reference = is_reference;
  if (r->num_cached == r->cache_room) {
    size_t room = 2 * r->cache_room + 4;
    compiled *grown = resize(r, r->cache, r->cache_room * sizeof *grown,
                             room * sizeof *grown);
    if (!grown) {
      no_memory(program->module);
      return NULL;
    }
    r->cache = grown;
    r->cache_room = room;
  }
  gln_engine *engine = gln_engine_create(program, &options);
  if (!engine)
    return NULL;
  r->cache[r->num_cached++] =
      (compiled){program->text, program->text_room, engine};
  program->text = NULL;
  return engine;
}

static void drop_code(run *r) {
  for (size_t i = 0; i < r->num_cached; ++i) {
    gln_engine_destroy(r->cache[i].engine);
    resize(r, r->cache[i].text, r->cache[i].room, 0);
  }
  resize(r, r->cache, r->cache_room * sizeof *r->cache, 0);
}

//===-- One program -------------------------------------------------------===//

static void outcome_fini(run *r, outcome *o) {
  for (size_t i = 0; o->results && i < o->program.num_results; ++i)
    gln_tensor_fini(&o->results[i], &r->session->allocator);
  if (o->results)
    resize(r, o->results, o->program.num_results * sizeof *o->results, 0);
  gln_layers_fini(&o->layers);
  gln_callable_fini(&o->program);
  *o = (outcome){0};
}

// The same inputs for every program of a seed: from files, or drawn.
static bool make_inputs(run *r, gln_callable *program) {
  const gln_session *session = r->session;
  MlirLocation at = mlirOperationGetLocation(program->module);
  uint32_t integers = session->integers ? session->integers : 2;
  if (session->num_inputs > program->num_inputs)
    return gln_error(at, "%zu input files, but @%s takes %zu arguments",
                     session->num_inputs, program->entry, program->num_inputs);
  for (size_t i = 0; i < program->num_inputs; ++i) {
    gln_tensor *input = &program->args[i];
    char why[700];
    if (!gln_tensor_alloc(input, &program->allocator))
      return no_memory(program->module);
    if (i >= session->num_inputs)
      gln_tensor_randomize(input, (uint64_t)r->seed, i, integers);
    else if (!gln_npy_read(session->inputs[i], input, why, sizeof why))
      return gln_error(at, "argument %zu of @%s: %s", i, program->entry, why);
  }
  return true;
}

static bool execute(run *r, outcome *o, gln_engine *engine, const char *form,
                    const char *pipeline) {
  size_t bytes = o->program.num_results * sizeof *o->results;
  MlirOperation module = o->program.module;
  if (!make_inputs(r, &o->program))
    return false;
  o->results = resize(r, NULL, 0, bytes);
  if (!o->results)
    return no_memory(module);
  memset(o->results, 0, bytes);
  stage(r, "running", form, pipeline);
  double start = now();
  o->layers.allocator = r->session->allocator;
  gln_run_status status =
      gln_engine_run(engine, &o->program, o->results, &o->layers);
  o->stats.run_seconds = now() - start;
  if (status == GLN_RUN_NO_MEMORY || o->layers.failed)
    return no_memory(module);
  if (status == GLN_RUN_DEVICE)
    return gln_error(mlirOperationGetLocation(module),
                     "the accelerator refuses @%s: %s", o->program.entry,
                     sa_program_error()->text);
  return status == GLN_RUN_OK ||
         gln_error(mlirOperationGetLocation(module),
                   "@%s stopped at an assertion of its own, on the inputs of "
                   "seed %" PRId64,
                   o->program.entry, r->seed);
}

// Compiles and runs |module|, which is taken, also on failure.
static bool perform(run *r, MlirOperation module, const outcome *reference,
                    const char *form, const char *pipeline, outcome *o) {
  gln_callable_options options = {.entry = r->session->entry,
                                  .hoist_bytes = r->session->hoist_bytes};
  if (reference)
    options.entry = reference->program.entry;
  if (!gln_callable_init(&o->program, module, &options, &r->session->allocator))
    return false;
  o->stats.num_hoisted = o->program.num_args - o->program.num_inputs;
  o->stats.hoisted_bytes = o->program.hoisted_bytes;
  gln_engine *engine = find_code(r, &o->program);
  o->stats.is_shared = engine != NULL;
  if (!engine) {
    stage(r, "compiling", form, pipeline);
    double start = now();
    engine = add_code(r, &o->program, !reference && r->session->compare);
    o->stats.compile_seconds = now() - start;
  }
  o->engine = engine;
  o->stats.is_same = reference && engine == reference->engine;
  return engine && execute(r, o, engine, form, pipeline);
}

//===-- One comparison ----------------------------------------------------===//

static bool same_signature(const outcome *ours, const outcome *reference) {
  const gln_callable *a = &ours->program, *b = &reference->program;
  MlirLocation at = mlirOperationGetLocation(a->module);
  char left[300], right[300];
  if (a->num_inputs != b->num_inputs || a->num_results != b->num_results)
    return gln_error(
        at,
        "@%s takes %zu and gives %zu, the reference takes %zu and gives %zu",
        a->entry, a->num_inputs, a->num_results, b->num_inputs, b->num_results);
  for (size_t i = 0; i < a->num_inputs + a->num_results; ++i) {
    bool input = i < a->num_inputs;
    size_t n = input ? i : i - a->num_inputs;
    const gln_tensor *x = input ? &a->args[n] : &a->results[n];
    const gln_tensor *y = input ? &b->args[n] : &b->results[n];
    if (gln_tensor_same_type(x, y))
      continue;
    gln_tensor_print_type(x, left, sizeof left);
    gln_tensor_print_type(y, right, sizeof right);
    return gln_error(at, "%s %zu of @%s is %s, but in the reference %s",
                     input ? "argument" : "result", n, a->entry, left, right);
  }
  return true;
}

static void report(run *r, const outcome *o, const outcome *reference,
                   const char *form, const char *pipeline) {
  for (size_t i = 0; i < o->program.num_results; ++i) {
    gln_comparison comparison;
    gln_run_report out = {.seed = r->seed,
                          .form = form,
                          .pipeline = pipeline,
                          .index = i,
                          .num_results = o->program.num_results,
                          .result = &o->results[i],
                          .stats = &o->stats,
                          .layers = &o->layers};
    if (reference) {
      comparison = gln_tensor_compare(&o->results[i], &reference->results[i],
                                      r->session->tolerance);
      out.comparison = &comparison;
      r->differs = r->differs || comparison.verdict != GLN_AGREE;
    }
    if (r->session->on_report)
      r->session->on_report(r->session->user, &out);
  }
}

// The program ahead of time; |module| is taken.
static bool write_object(run *r, MlirOperation module) {
  const gln_session *s = r->session;
  gln_callable_options options = {.entry = s->entry,
                                  .hoist_bytes = s->hoist_bytes};
  gln_callable program;
  if (!gln_callable_init(&program, module, &options, &s->allocator))
    return false;
  stage(r, "compiling", NULL, NULL);
  bool ok = gln_object_write(&program, &s->engine, s->object);
  gln_callable_fini(&program);
  return ok;
}

typedef struct dropping {
  MlirOperation kept;
  MlirAttribute value;
  bool is_used;
} dropping;

static MlirWalkResult find_use(MlirOperation op, void *user) {
  dropping *d = user;
  d->is_used =
      mlirAttributeEqual(mlirOperationGetAttributeByName(
                             op, mlirStringRefCreateFromCString("value")),
                         d->value);
  return d->is_used ? MlirWalkResultInterrupt : MlirWalkResultAdvance;
}

// Frees a resource that |user|'s module does not name.
static MlirWalkResult drop_unused(MlirOperation op, void *user) {
  dropping *d = user;
  gln_data data;
  d->value = mlirOperationGetAttributeByName(
      op, mlirStringRefCreateFromCString("value"));
  if (mlirAttributeIsNull(d->value) ||
      gln_data_get(d->value, &data) != GLN_DATA_OK || !data.key)
    return MlirWalkResultAdvance;
  mlirOperationWalk(d->kept, find_use, d, MlirWalkPreOrder);
  if (!d->is_used)
    gln_data_drop(d->value);
  return MlirWalkResultAdvance;
}

// Runs |base|, in some form, after |pipeline|. If it is the |last| to be run of
// this seed, weights that the pipeline has made others of go.
static bool run_pipeline(run *r, MlirOperation base, const outcome *reference,
                         const char *form, const char *pipeline, bool last) {
  MlirOperation module = mlirOperationClone(base);
  outcome o = {0};
  stage(r, "transforming", form, pipeline);
  double start = now();
  bool ok = gln_run_pipeline(module, pipeline);
  o.stats.pipeline_seconds = now() - start;
  if (!ok) {
    mlirOperationDestroy(module);
    return false;
  }
  dropping unused = {.kept = module};
  if (last)
    mlirOperationWalk(base, drop_unused, &unused, MlirWalkPreOrder);
  if (r->session->object)
    return write_object(r, module);
  ok = perform(r, module, reference, form, pipeline, &o) &&
       (!reference || same_signature(&o, reference));
  if (ok)
    report(r, &o, reference, form, pipeline);
  outcome_fini(r, &o);
  return ok;
}

// What fails does not keep the rest from being tried.
static void run_form(run *r, MlirOperation original, const outcome *reference,
                     const char *form, bool last) {
  const gln_session *s = r->session;
  MlirOperation base = mlirOperationClone(original);
  stage(r, "transforming", form, "");
  bool ok = gln_run_pipeline(base, form);
  r->failed = r->failed || !ok;
  if (ok && !s->num_pipelines)
    r->failed |= !run_pipeline(r, base, reference, form, "", last);
  for (size_t i = 0; ok && i < s->num_pipelines; ++i)
    r->failed |= !run_pipeline(r, base, reference, form, s->pipelines[i],
                               last && i + 1 == s->num_pipelines);
  mlirOperationDestroy(base);
}

//===-- One seed ----------------------------------------------------------===//

enum { MAX_NOTE = 400 }; // bytes

// "file:1:2: error: text", and the same for notes.
static void add_message(gln_buffer *out, MlirDiagnostic diagnostic,
                        const char *kind) {
  MlirLocation at = mlirDiagnosticGetLocation(diagnostic);
  if (mlirLocationIsAFileLineColRange(at)) {
    MlirStringRef file =
        mlirIdentifierStr(mlirLocationFileLineColRangeGetFilename(at));
    int line = mlirLocationFileLineColRangeGetStartLine(at);
    int column = mlirLocationFileLineColRangeGetStartColumn(at);
    char place[32];
    // A module that the parser put around the file has no line.
    int length = line ? snprintf(place, sizeof place, ":%d:%d: ", line, column)
                      : snprintf(place, sizeof place, ": ");
    gln_buffer_add(out, file.data, file.length);
    gln_buffer_add(out, place, (size_t)length);
  } else if (!mlirLocationEqual(
                 at, mlirLocationUnknownGet(mlirLocationGetContext(at)))) {
    mlirLocationPrint(at, gln_buffer_append, out);
    gln_buffer_add(out, ": ", 2);
  }
  gln_buffer_add(out, kind, strlen(kind));
  gln_buffer_add(out, ": ", 2);
  mlirDiagnosticPrint(diagnostic, gln_buffer_append, out);
  gln_buffer_add(out, "\n", 1);
  for (intptr_t i = 0; i < mlirDiagnosticGetNumNotes(diagnostic); ++i) {
    size_t before = out->num_bytes;
    add_message(out, mlirDiagnosticGetNote(diagnostic, i), "note");
    // The op in question, which may be the whole network.
    if (out->num_bytes - before > MAX_NOTE) {
      out->num_bytes = before + MAX_NOTE;
      gln_buffer_add(out, " ...\n", 5);
    }
  }
}

static MlirLogicalResult on_diagnostic(MlirDiagnostic diagnostic, void *user) {
  const gln_session *s = user;
  static const char *const kinds[] = {"error", "warning", "note", "remark"};
  gln_buffer text = {.allocator = s->allocator};
  add_message(&text, diagnostic,
              kinds[mlirDiagnosticGetSeverity(diagnostic) & 3]);
  s->on_message(s->user, text.bytes ? text.bytes : "out of memory\n");
  gln_buffer_fini(&text);
  return mlirLogicalResultSuccess();
}

static MlirContext make_context(void) {
  MlirDialectRegistry registry = mlirDialectRegistryCreate();
  mlirRegisterAllDialects(registry);
  for (size_t i = 0; gln_dialects[i]; ++i)
    gln_dialect_insert(registry, gln_dialects[i]);
  MlirContext context = mlirContextCreateWithRegistry(registry, false);
  mlirDialectRegistryDestroy(registry);
  mlirRegisterAllLLVMTranslations(context);
  return context;
}

static MlirOperation read_module(run *r, MlirContext context,
                                 const gln_source *source) {
  MlirModule parsed =
      source->bytes
          ? mlirModuleCreateParse(
                context, mlirStringRefCreate(source->bytes, source->num_bytes))
          : mlirModuleCreateParseFromFile(
                context, mlirStringRefCreateFromCString(source->name));
  if (mlirModuleIsNull(parsed))
    return (MlirOperation){NULL};
  MlirOperation module = mlirModuleGetOperation(parsed);
  if (!r->session->randomize)
    return module;
  char pipeline[64];
  snprintf(pipeline, sizeof pipeline, "randomize-weights{seed=%" PRId64 "}",
           r->seed);
  if (gln_run_pipeline(module, pipeline))
    return module;
  mlirOperationDestroy(module);
  return (MlirOperation){NULL};
}

static void run_modules(run *r, MlirOperation module, MlirOperation against) {
  const gln_session *s = r->session;
  outcome reference = {0};
  const outcome *judge = s->compare ? &reference : NULL;
  if (judge &&
      !perform(r, mlirOperationClone(module), NULL, NULL, NULL, &reference)) {
    r->failed = true;
    r->is_hopeless = !reference.engine;
    outcome_fini(r, &reference);
    return;
  }
  if (judge)
    report(r, &reference, NULL, NULL, NULL);
  if (!s->num_forms)
    run_form(r, against, judge, "", true);
  for (size_t i = 0; i < s->num_forms; ++i)
    run_form(r, against, judge, s->forms[i], i + 1 == s->num_forms);
  outcome_fini(r, &reference);
}

static void run_seed(run *r) {
  const gln_session *s = r->session;
  stage(r, "reading", NULL, NULL);
  MlirContext context = make_context();
  if (s->on_message)
    mlirContextAttachDiagnosticHandler(context, on_diagnostic,
                                       (void *)(uintptr_t)s, NULL);
  MlirOperation module = read_module(r, context, s->module);
  MlirOperation against = {NULL};
  bool ok = !mlirOperationIsNull(module);
  if (ok && s->against) {
    against = read_module(r, context, s->against);
    ok = !mlirOperationIsNull(against);
  }
  r->failed = r->failed || !ok;
  r->is_hopeless = !ok;
  if (ok)
    run_modules(r, module, s->against ? against : module);
  if (!mlirOperationIsNull(against))
    mlirOperationDestroy(against);
  if (!mlirOperationIsNull(module))
    mlirOperationDestroy(module);
  mlirContextDestroy(context);
}

gln_session_status gln_session_run(const gln_session *session) {
  run r = {.session = session};
  for (size_t i = 0; i < session->num_seeds && !r.is_hopeless; ++i) {
    r.seed = session->seeds[i];
    run_seed(&r);
  }
  drop_code(&r);
  sa_program_reset();
  if (r.failed)
    return GLN_SESSION_FAILED;
  return r.differs ? GLN_SESSION_DIFFERS : GLN_SESSION_OK;
}
