// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Machine code of a program, through upstream's own lowering to loops: the
// judge of everything this project makes of the same program.
#ifndef GLN_RUN_ENGINE_H
#define GLN_RUN_ENGINE_H

#include "run/callable.h"
#include "run/layers.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gln_engine gln_engine;

typedef struct gln_engine_options {
  int opt_level;                // 0 to 3, of LLVM
  const char *const *libraries; // shared objects with functions it calls
  size_t num_libraries;
  bool keep_object; // for gln_engine_dump
  bool is_reference; // upstream's passes alone: buffers do not share an arena
} gln_engine_options;

// The pipeline: linalg on tensors to LLVM, by bufferization and loops; commands
// of an accelerator, if there are any, to calls of its runtime.
extern const char gln_loops_pipeline[];

// Runs |pipeline| on |module|: the content of a builtin.module, or the whole
// with "builtin.module(...)" around. An empty one does nothing. Emits an error
// and returns false when it does not parse or fails.
bool gln_run_pipeline(MlirOperation module, const char *pipeline);

// Lowers and compiles |program|, consuming what is in its module; its types and
// data stay. Emits an error and returns NULL on failure. The caller owns the
// engine, which needs neither the program nor the context afterwards.
gln_engine *gln_engine_create(gln_callable *program,
                              const gln_engine_options *options);
void gln_engine_destroy(gln_engine *engine);

// The sum of what the program allocates for tensors, each once.
size_t gln_engine_arena_bytes(const gln_engine *engine);
// Writes the machine code as an object file, if keep_object was set. LLVM prints
// what goes wrong; then there is no file.
void gln_engine_dump(gln_engine *engine, const char *path);

// What became of a run.
typedef enum gln_run_status {
  GLN_RUN_OK,
  GLN_RUN_ABORTED, // a cf.assert of the program failed and has said so
  GLN_RUN_NO_MEMORY,
  GLN_RUN_DEVICE, // the accelerator refused something: sa_program_error says
} gln_run_status;

// Calls the entry with |program|'s data, where |program| has the text that was
// compiled and its inputs have data. |results| (num_results of them, types set)
// are given owned data; |layers|, if not NULL, what the accelerator did. Runs
// one at a time per thread.
gln_run_status gln_engine_run(gln_engine *engine, const gln_callable *program,
                              gln_tensor *results, gln_layers *layers);

#ifdef __cplusplus
}
#endif
#endif
