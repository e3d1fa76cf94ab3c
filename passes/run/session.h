// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Running a module, and the same module after pipelines, on random inputs.
//
// For each seed the module is read anew and its weights and inputs are drawn;
// for each form and each pipeline it is transformed, run, and compared with the
// untouched one. Programs of equal text share their machine code, so seeds cost
// no compilation unless a pipeline looked at the weights.
#ifndef GLN_RUN_SESSION_H
#define GLN_RUN_SESSION_H

#include "run/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

// A module, textual or bytecode: the file |name|, or |bytes|, with a terminator
// after |num_bytes|, if they are not NULL.
typedef struct gln_source {
  const char *name;
  const char *bytes;
  size_t num_bytes;
} gln_source;

// What was measured of one program. Seconds are of the wall clock.
typedef struct gln_run_stats {
  double pipeline_seconds; // the pipeline alone, not the form
  double compile_seconds;  // lowering and LLVM; 0 if shared
  double run_seconds;
  bool is_shared; // its code was there already
  bool is_same;   // as the reference, to the letter
  size_t num_hoisted, hoisted_bytes;
} gln_run_stats;

// One result of one program.
typedef struct gln_run_report {
  int64_t seed;
  const char *form, *pipeline; // both NULL for the reference
  size_t index, num_results;   // of the result
  const gln_tensor *result;
  const gln_comparison *comparison; // NULL if nothing is compared
  const gln_run_stats *stats;       // of the program
  const gln_layers *layers;         // what its accelerator did
} gln_run_report;

typedef struct gln_session {
  const gln_source *module;
  const gln_source *against; // what is transformed; NULL: |module| too
  const char *entry;         // NULL: found
  const char *const *forms;  // each is run first, then each pipeline
  size_t num_forms;          // 0: one empty form
  const char *const *pipelines;
  size_t num_pipelines; // 0: one empty pipeline
  const int64_t *seeds;
  size_t num_seeds;
  bool compare;   // with the untouched module
  bool randomize; // splat and elided weights, see --randomize-weights
  double tolerance;
  uint32_t integers; // integer inputs are below this; 0: 2
  // .npy files for the first inputs; the others are drawn.
  const char *const *inputs;
  size_t num_inputs;
  size_t hoist_bytes;
  gln_engine_options engine;
  eg_allocator allocator;
  // Told what begins: "compiling", and a form and pipeline or NULL.
  void (*on_stage)(void *user, int64_t seed, const char *what, const char *form,
                   const char *pipeline);
  // Writes the transformed program of the first seed as this object file and
  // what belongs to it (object.h) instead of running anything. NULL: runs.
  const char *object;
  void (*on_report)(void *user, const gln_run_report *report);
  // Told what MLIR and this library have to say, as "file:1:2: error: text\n".
  // NULL: MLIR prints it.
  void (*on_message)(void *user, const char *text);
  void *user;
} gln_session;

typedef enum gln_session_status {
  GLN_SESSION_OK = 0,
  GLN_SESSION_DIFFERS = 1, // a result differs, or a reference proves nothing
  GLN_SESSION_FAILED = 2,  // something could not be read, lowered or run; said
} gln_session_status;

// Runs all of it: neither a difference nor a failure keeps the rest from being
// tried. Passes must be registered.
gln_session_status gln_session_run(const gln_session *session);

#ifdef __cplusplus
}
#endif
#endif
