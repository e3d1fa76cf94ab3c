// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of the interpreter share.
#ifndef GLN_INTERP_INTERP_INTERNAL_H
#define GLN_INTERP_INTERP_INTERNAL_H

#include "interp/interp.h"

// One op to run: shapes are inferred, |out| has its final shape and zeros.
typedef struct glni_job {
  const gln_op_attrs *attrs;
  const gln_array *const *in;
  size_t num;
  gln_array *out;
  eg_error *error;
} glni_job;

EG_NODISCARD
eg_status glni_run_compute(const glni_job *job);
EG_NODISCARD
eg_status glni_run_call(const glni_job *job);

#endif
