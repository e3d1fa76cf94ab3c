// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Lowering, compiling and calling.
//
// The C interface of a function f (llvm.emit_c_interface) is
//
//   void _mlir_ciface_f(struct results *, descriptor *arg0, ...)
//
// with numbers by value and one descriptor after the other in |results|. Called
// packed, it takes an array with the address of each argument.
#include "run/engine.h"

#include "mlir-c/BuiltinTypes.h"
#include "mlir-c/ExecutionEngine.h"
#include "mlir-c/Pass.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct gln_engine {
  MlirExecutionEngine jit;
  void (*entry)(void **packed); // lies in |jit|
  size_t arena_bytes;
  eg_allocator allocator;
};

//===-- Pipelines ---------------------------------------------------------===//

// As in the upstream tests of linalg on tensors. Aliasing results and inputs
// are copied by the deallocation pipeline, so results are ours to free.
#define TO_BUFFERS(place)                                                      \
  "decompose-linalg,canonicalize,convert-elementwise-to-linalg,linalg-fuse-"   \
  "elementwise-ops,"                                                           \
  "one-shot-bufferize{bufferize-function-boundaries=1 "                        \
  "allow-return-allocs-from-loops=1 "                                          \
  "function-boundary-type-conversion=identity-layout-map},"                    \
  place "buffer-deallocation-pipeline,convert-bufferization-to-memref"
#define PLACED TO_BUFFERS("func.func(place-buffers),")
#define TO_LLVM                                                                \
  "convert-linalg-to-loops,cse,lower-systolic,convert-scf-to-cf,"              \
  "expand-strided-metadata,lower-affine,convert-math-to-llvm,"                 \
  "convert-math-to-libm,convert-arith-to-llvm,finalize-memref-to-llvm,"        \
  "convert-func-to-llvm,convert-cf-to-llvm,reconcile-unrealized-casts"

const char gln_loops_pipeline[] = PLACED "," TO_LLVM;
static const char to_placed[] = PLACED, to_buffers[] = TO_BUFFERS("");
static const char to_llvm[] = TO_LLVM;

bool gln_run_pipeline(MlirOperation module, const char *pipeline) {
  static const char prefix[] = "builtin.module(";
  MlirLocation at = mlirOperationGetLocation(module);
  MlirPassManager manager = mlirPassManagerCreateOnOperation(
      mlirOperationGetContext(module),
      mlirStringRefCreateFromCString("builtin.module"));
  MlirOpPassManager passes = mlirPassManagerGetAsOpPassManager(manager);
  MlirStringRef text = mlirStringRefCreateFromCString(pipeline);
  gln_buffer why = {.allocator = eg_allocator_default()};
  MlirLogicalResult done = mlirLogicalResultSuccess();
  if (!strncmp(pipeline, prefix, sizeof prefix - 1))
    done = mlirParsePassPipeline(passes, text, gln_buffer_append, &why);
  else if (*pipeline)
    done = mlirOpPassManagerAddPipeline(passes, text, gln_buffer_append, &why);
  bool ok = mlirLogicalResultIsSuccess(done);
  if (!ok)
    gln_error(at, "pipeline '%s' is not one: %s", pipeline,
              why.bytes ? why.bytes : "");
  else if (*pipeline) {
    ok = mlirLogicalResultIsSuccess(mlirPassManagerRunOnOp(manager, module));
    if (!ok && pipeline != to_placed && pipeline != to_buffers &&
        pipeline != to_llvm)
      gln_error(at, "pipeline '%s' failed", pipeline);
  }
  gln_buffer_fini(&why);
  mlirPassManagerDestroy(manager);
  return ok;
}

//===-- Functions that compiled code calls --------------------------------===//

typedef struct unranked {
  int64_t rank;
  int64_t *words; // a descriptor
} unranked;

// What memref.copy of a strided memref becomes a call of.
static void memref_copy(int64_t width, const unranked *from,
                        const unranked *to) {
  int64_t rank = from->rank, position[GLN_TENSOR_MAX_RANK] = {0};
  const int64_t *sizes = from->words + 3;
  for (int64_t i = 0; i < rank; ++i)
    if (sizes[i] == 0)
      return;
  const char *source = (const char *)(intptr_t)from->words[1];
  char *target = (char *)(intptr_t)to->words[1];
  int64_t i;
  do {
    int64_t a = from->words[2], b = to->words[2];
    for (i = 0; i < rank; ++i) {
      a += position[i] * from->words[3 + rank + i];
      b += position[i] * to->words[3 + rank + i];
    }
    memcpy(target + b * width, source + a * width, (size_t)width);
    for (i = rank - 1; i >= 0 && ++position[i] == sizes[i]; --i)
      position[i] = 0;
  } while (i >= 0);
}

// Compiled code knows no status: a failed cf.assert calls abort, which here
// means back to gln_engine_run. The call has no argument to carry the target.
static _Thread_local jmp_buf *abort_target;

static void abort_run(void) {
  longjmp(*abort_target, 1);
}

// Conversions that LLVM calls by name on machines without 16-bit floats.
static uint16_t to_bf16(float value) {
  return (uint16_t)gln_scalar_from_double(GLN_TYPE_BF16, (double)value).bits;
}
static uint16_t double_to_bf16(double value) {
  return (uint16_t)gln_scalar_from_double(GLN_TYPE_BF16, value).bits;
}

static void register_symbols(MlirExecutionEngine jit) {
  const struct {
    const char *name;
    void (*function)(void);
  } table[] = {{"memrefCopy", (void (*)(void))memref_copy},
               {"abort", abort_run},
               {"__truncsfbf2", (void (*)(void))to_bf16},
               {"__truncdfbf2", (void (*)(void))double_to_bf16},
#define SA_X(name) {#name, (void (*)(void))name},
               SA_X(sa_load) SA_X(sa_loadw) SA_X(sa_preload) SA_X(sa_gemm)
                   SA_X(sa_gemm_os) SA_X(sa_alu) SA_X(sa_store) SA_X(sa_move)
                       SA_X(sa_signal) SA_X(sa_await) SA_X(sa_submit)
                           SA_X(sa_program_device) SA_X(sa_program_wait)
#undef SA_X
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i)
    mlirExecutionEngineRegisterSymbol(
        jit, mlirStringRefCreateFromCString(table[i].name),
        (void *)(uintptr_t)table[i].function);
}

//===-- Compiling ---------------------------------------------------------===//

static MlirExecutionEngine compile(gln_callable *program,
                                   const gln_engine_options *options) {
  MlirStringRef *paths = NULL;
  size_t count = options->num_libraries, bytes = count * sizeof *paths;
  eg_allocator *memory = &program->allocator;
  if (count && !(paths = memory->resize(memory->user, NULL, 0, bytes)))
    return (MlirExecutionEngine){NULL};
  for (size_t i = 0; i < count; ++i)
    paths[i] = mlirStringRefCreateFromCString(options->libraries[i]);
  bool position_independent = options->keep_object;
  MlirExecutionEngine jit = mlirExecutionEngineCreate(
      mlirModuleFromOperation(program->module), options->opt_level, (int)count,
      paths, options->keep_object, position_independent);
  if (count)
    memory->resize(memory->user, paths, bytes, 0);
  return jit;
}

// Looking the entry up is what compiles it.
static bool find_entry(gln_engine *engine, const gln_callable *program) {
  static const char prefix[] = "_mlir_ciface_";
  gln_buffer symbol = {.allocator = engine->allocator};
  gln_buffer_add(&symbol, prefix, sizeof prefix - 1);
  gln_buffer_add(&symbol, program->entry, strlen(program->entry));
  register_symbols(engine->jit);
  mlirExecutionEngineInitialize(engine->jit);
  if (!symbol.failed)
    engine->entry =
        (void (*)(void **))(uintptr_t)mlirExecutionEngineLookupPacked(
            engine->jit, mlirStringRefCreate(symbol.bytes, symbol.num_bytes));
  gln_buffer_fini(&symbol);
  return engine->entry != NULL;
}

static MlirWalkResult add_allocation(MlirOperation op, void *user) {
  if (mlirStringRefEqual(mlirIdentifierStr(mlirOperationGetName(op)),
                         mlirStringRefCreateFromCString("memref.alloc"))) {
    size_t bytes;
    if (gln_memref_bytes(mlirValueGetType(mlirOperationGetResult(op, 0)),
                         &bytes))
      *(size_t *)user += bytes;
  }
  return MlirWalkResultAdvance;
}

static bool lower(MlirOperation module, bool is_reference,
                  size_t *arena_bytes) {
  *arena_bytes = 0;
  if (!gln_run_pipeline(module, is_reference ? to_buffers : to_placed))
    return false;
  mlirOperationWalk(module, add_allocation, arena_bytes, MlirWalkPreOrder);
  return gln_run_pipeline(module, to_llvm);
}

gln_engine *gln_engine_create(gln_callable *program,
                              const gln_engine_options *options) {
  MlirLocation at = mlirOperationGetLocation(program->module);
  eg_allocator *memory = &program->allocator;
  size_t arena_bytes;
  if (!lower(program->module, options->is_reference, &arena_bytes)) {
    gln_error(at,
              "upstream's passes cannot lower @%s to LLVM: what is run must "
              "be in upstream dialects, tensors and linalg",
              program->entry);
    return NULL;
  }
  gln_engine *engine = memory->resize(memory->user, NULL, 0, sizeof *engine);
  if (!engine) {
    gln_error(at, "out of memory");
    return NULL;
  }
  *engine = (gln_engine){.allocator = *memory, .arena_bytes = arena_bytes};
  engine->jit = compile(program, options);
  if (!mlirExecutionEngineIsNull(engine->jit) && find_entry(engine, program))
    return engine;
  gln_error(at,
            "LLVM did not compile @%s; if a symbol is missing, name the "
            "library that has it with --shared-lib=",
            program->entry);
  gln_engine_destroy(engine);
  return NULL;
}

void gln_engine_destroy(gln_engine *engine) {
  if (!engine)
    return;
  if (!mlirExecutionEngineIsNull(engine->jit))
    mlirExecutionEngineDestroy(engine->jit);
  engine->allocator.resize(engine->allocator.user, engine, sizeof *engine, 0);
}

size_t gln_engine_arena_bytes(const gln_engine *engine) {
  return engine->arena_bytes;
}

void gln_engine_dump(gln_engine *engine, const char *path) {
  mlirExecutionEngineDumpToObjectFile(engine->jit,
                                      mlirStringRefCreateFromCString(path));
}

//===-- Running -----------------------------------------------------------===//

// The packed call's memory: descriptors of arguments and results, pointers to
// the descriptors, and pointers to those.
typedef struct frame {
  int64_t *results; // descriptors in a row
  int64_t *descriptors;
  void **pointers, **packed;
} frame;

static size_t result_words(const gln_callable *program) {
  size_t words = 0;
  for (size_t i = 0; i < program->num_results; ++i)
    words += (size_t)gln_memref_words(program->results[i].rank);
  return words;
}

static void fill_frame(const gln_callable *program, frame *f) {
  f->pointers[0] = f->results;
  f->packed[0] = &f->pointers[0];
  for (size_t i = 0; i < program->num_args; ++i) {
    const gln_tensor *arg = &program->args[i];
    int64_t *words = f->descriptors + i * GLN_MEMREF_WORDS;
    gln_tensor_describe(arg, words);
    f->pointers[i + 1] = words;
    f->packed[i + 1] = arg->is_number ? arg->data : (void *)&f->pointers[i + 1];
  }
}

static bool call(const gln_engine *engine, const frame *f) {
  jmp_buf target;
  abort_target = &target;
  if (setjmp(target)) {
    abort_target = NULL;
    return false;
  }
  engine->entry(f->packed);
  abort_target = NULL;
  return true;
}

// Whether the memory of result |index| is not to be freed with it: it is an
// argument's, a global's (marked by the code as 0xdeadbeef), or a later result's.
static bool is_shared(const gln_callable *program, size_t index,
                      const int64_t *words) {
  int64_t memory = words[0];
  if (memory == 0xdeadbeef)
    return true;
  for (size_t k = 0; k < program->num_args; ++k)
    if ((intptr_t)program->args[k].data == memory)
      return true;
  for (size_t k = index + 1; k < program->num_results; ++k) {
    words += gln_memref_words(program->results[k - 1].rank);
    if (words[0] == memory)
      return true;
  }
  return false;
}

// Copies the results out one by one, and frees what the program allocated for
// each.
static bool take_results(const gln_callable *program, const frame *f,
                         gln_tensor *results) {
  const int64_t *words = f->results;
  bool ok = true;
  for (size_t i = 0; i < program->num_results; ++i) {
    results[i] = program->results[i];
    ok = ok && gln_tensor_alloc(&results[i], &program->allocator);
    if (ok)
      gln_tensor_gather(&results[i], words);
    if (!is_shared(program, i, words))
      free((void *)(intptr_t)words[0]);
    words += gln_memref_words(program->results[i].rank);
  }
  return ok;
}

// The entry, with an eye on the accelerator.
static gln_run_status call_watched(const gln_engine *engine, const frame *f,
                                   gln_layers *layers) {
  sa_program_reset();
  sa_program_watch(layers ? gln_layers_add : NULL, layers);
  bool ok = call(engine, f);
  sa_program_watch(NULL, NULL);
  if (!ok)
    return GLN_RUN_ABORTED;
  return sa_program_error()->status == SA_OK ? GLN_RUN_OK : GLN_RUN_DEVICE;
}

gln_run_status gln_engine_run(gln_engine *engine, const gln_callable *program,
                              gln_tensor *results, gln_layers *layers) {
  size_t n = program->num_args + 1;
  size_t words = result_words(program) + n * GLN_MEMREF_WORDS;
  size_t bytes = words * sizeof(int64_t) + 2 * n * sizeof(void *);
  const eg_allocator *memory = &program->allocator;
  int64_t *block = memory->resize(memory->user, NULL, 0, bytes);
  if (!block)
    return GLN_RUN_NO_MEMORY;
  memset(block, 0, bytes);
  frame f = {.results = block,
             .descriptors = block + result_words(program),
             .pointers = (void **)(block + words),
             .packed = (void **)(block + words) + n};
  fill_frame(program, &f);
  gln_run_status status = call_watched(engine, &f, layers);
  // Results are there whatever the accelerator said, and must be freed.
  if (status != GLN_RUN_ABORTED && !take_results(program, &f, results))
    status = GLN_RUN_NO_MEMORY;
  memory->resize(memory->user, block, bytes, 0);
  return status;
}
