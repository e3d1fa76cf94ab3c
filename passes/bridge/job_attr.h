// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Jobs as `systolic.kernel` ops and back. What one writes the other reads: the
// same words for equal jobs.
//
//   MlirOperation op = gln_kernel_build(location, &job, "gemmini16", "gemm",
//                                       operands, &error);   // then insert it
//
//   gln_kernel kernel;
//   if (gln_kernel_read(op, &memory, &kernel, &error) != EG_OK) ...
//   if (gln_kernel_bind(&kernel, &target, &error) != EG_OK) ...
//   ... kernel.job ...
//   gln_kernel_fini(&kernel);
#ifndef GLN_BRIDGE_JOB_ATTR_H
#define GLN_BRIDGE_JOB_ATTR_H

#include "design/job.h"
#include "dialect/systolic.h"

// `systolic.kernel` of |job| on |operands| (job->num_operands tensors); not
// inserted, owned by the caller. |target| is what gln_target_load read, |instruction|
// the name of the one there that block.instr numbers, "" on the vector unit. A null
// operation and a message when the job or a tensor's type does not fit; the
// dialect must be loaded. O(text of the views).
MlirOperation gln_kernel_build(MlirLocation location, const gln_job *job,
                               const char *target, const char *instruction,
                               const MlirValue *operands, eg_error *error);

// A kernel that was read, and what its job points to. Do not copy it.
typedef struct gln_kernel {
  gln_job job;
  MlirStringRef target, instruction; // live as long as the context
  gln_scalar_body body;
  gln_view *views[GLN_JOB_MAX_OPERANDS];
  eg_allocator memory;
} gln_kernel;

// Reads a verified op. EG_INVALID: it is none, or the block is malformed.
EG_NODISCARD
eg_status gln_kernel_read(MlirOperation op, const eg_allocator *memory,
                          gln_kernel *out, eg_error *error);
// Numbers the kernel's instruction, and its array is one of |target|; an array's without
// an instruction gets the first of its dataflow. EG_INVALID names the attribute and
// what the target has.
EG_NODISCARD
eg_status gln_kernel_bind(gln_kernel *kernel, const gln_target *target,
                          eg_error *error);
void gln_kernel_fini(gln_kernel *kernel);

#endif
