// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Targets from files: a module with the dictionary systolic.target and one
// function per instruction. targets/README.md says what stands in one.
//
//   gln_target_file *file = gln_target_load(location, "gemmini16,rows=32");
//   if (!file) return false;          // the errors are emitted
//   … file->target.arrays[0].rows.value … file->instrs.instrs[0] …
//   gln_target_unload(file);
//
// A target called |name| is the file name.mlir in the first folder that has it:
//   1. those of the environment variable GLENSIDE_TARGETS, separated by ':';
//   2. ../share/glenside/targets, seen from the folder of the program or plugin
//      that this code is linked into; the build tree has a link there.
// A text with a '/' or that ends in ".mlir" is a path.
#ifndef GLN_BRIDGE_TARGET_H
#define GLN_BRIDGE_TARGET_H

#include "mlir-c/IR.h"
#include "target/instr.h"

#include <stdio.h>

enum { GLN_TARGET_MAX_PATH = 1024 };

typedef struct gln_target_file {
  gln_target
      target; // its strings live as long as the context, |instrs| is here
  gln_instr_set instrs;
  char path[GLN_TARGET_MAX_PATH]; // "" when it was a module at hand
} gln_target_file;

// |text| is a name or a path, and perhaps overrides behind a comma. The context
// of |where|, which is what errors about |text| point to, must have the
// dialects access and func. NULL after an error; unload it when done.
gln_target_file *gln_target_load(MlirLocation where, const char *text);
// The same from a module that is there; |folder|, where a base is looked for
// first, may be NULL.
gln_target_file *gln_target_read(MlirOperation module, const char *folder);
void gln_target_unload(gln_target_file *file); // NULL is allowed

// Whether the module describes a target.
bool gln_target_is(MlirOperation module);

// False, with an error at |where| that names the number and its range, if some
// number is not fixed.
bool gln_target_require_point(MlirLocation where, const gln_target_file *file);

// A table to read: numbers, units, sources, area, instructions and bounds.
void gln_target_print(const gln_target_file *file, FILE *out);

// lib/target/shipped.c of these targets.
void gln_target_print_source(gln_target_file *const *files, size_t num,
                             FILE *out);

// A context to load targets in, which prints errors to standard error. The
// caller destroys it.
MlirContext gln_target_context(void);

// --glenside-print-target=|text| and --glenside-print-target-source=|names|,
// separated by commas: in such a context.
bool gln_target_print_mode(const char *text, FILE *out);
bool gln_target_source_mode(const char *names, FILE *out);

#endif
