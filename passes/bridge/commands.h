// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels become loops of commands: a gln_program in IR.
#ifndef GLN_BRIDGE_COMMANDS_H
#define GLN_BRIDGE_COMMANDS_H

#include "design/program.h"
#include "dialect/systolic.h"

// systolic.open for array number |array| of |target|, a checked point, with the
// element types of a program; not inserted. The capabilities are those that
// gln_program_create counts on. |name| is what the user called the target. A null
// operation and a message if no device of the runtime can have its numbers.
MlirOperation gln_device_build(MlirLocation location, const gln_target *target,
                               const char *name, size_t array, gln_type in,
                               gln_type acc, eg_error *error);

// The steps of |program| in front of |before|: scf loops of commands on
// |device|, then systolic.wait with |layer|. |memrefs| has one row-major memref
// per tensor of the program. Constants go in front of |first|, an op of the
// same block that precedes |before|. False without memory.
bool gln_commands_emit(MlirOperation first, MlirOperation before,
                       const gln_program *program, MlirValue device,
                       const MlirValue *memrefs, const char *layer);

// Every systolic.kernel of |module|: its operands as buffers, its result and
// partial sums allocated, its program in between. Emits an error at the kernel
// and returns false if a target cannot be read or does not run it.
bool gln_commands_module(MlirOperation module);

#endif
