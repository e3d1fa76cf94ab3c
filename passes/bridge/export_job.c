// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels that run on a unit, as systolic.kernel ops.
#include "bridge/export_internal.h"
#include "bridge/job_attr.h"

bool glni_export_job(glni_export *export, eg_node apply, gln_chosen *out) {
  gln_build *build = &export->convert.build;
  eg_error error = {0};
  if (!export->target)
    return false;
  eg_status status =
      gln_chosen_create(&export->import->lang, export->choice, apply,
                        &export->import->memory, out, &error);
  if (status == EG_NO_MEMORY)
    gln_build_fail(build, "%s", error.text);
  return status == EG_OK;
}

MlirValue glni_export_run(glni_export *export, const gln_chosen *chosen,
                          const MlirValue *tensors) {
  gln_build *build = &export->convert.build;
  eg_error error = {0};
  uint8_t instr = chosen->job.block.instr;
  MlirOperation op = gln_kernel_build(
      build->location, &chosen->job, export->target_name,
      instr == GLN_BLOCK_NO_INSTR ? ""
                                  : export->target->instrs->instrs[instr].name,
      tensors, &error);
  if (mlirOperationIsNull(op))
    return gln_build_fail(build, "%s", error.text);
  ++export->counts->kernels;
  return gln_build_insert(build, op);
}
