// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Jobs: what they compute on, whether they can run, what they cost.
#include "design/job.h"
#include "design/mapping.h"
#include "design/program_internal.h"
#include "view/try.h"

#include <string.h>

//===-- Shapes ------------------------------------------------------------===//

static void print_view_shape(const gln_view *view, char *text, size_t size) {
  gln_shape shape = {.rank = (uint8_t)gln_view_rank(view)};
  memcpy(shape.dims, gln_view_extents(view), shape.rank * sizeof *shape.dims);
  gln_shape_print(&shape, text, size);
}

void glni_job_array(const gln_job *job, size_t index, gln_shape *out) {
  const gln_spec *spec = &job->block.spec;
  memset(out, 0, sizeof *out);
  if (index < spec->num_operands) {
    out->type = spec->operands[index].type;
    out->rank = spec->operands[index].rank;
    gln_spec_operand_box(spec, index, out->dims, NULL);
    return;
  }
  out->type = (gln_type)job->body->arg_types[index + 1 - spec->num_operands];
  out->rank = spec->num_parallel;
  memcpy(out->dims, spec->dims, spec->num_parallel * sizeof *spec->dims);
}

static eg_status check_operand(const gln_job *job, size_t index,
                               eg_error *error) {
  const gln_job_operand *o = &job->operands[index];
  gln_shape want;
  char have_text[128], want_text[128];
  glni_job_array(job, index, &want);
  if (!o->view)
    return gln_fail(error, EG_INVALID, "operand %zu has no view", index);
  if (o->type != want.type)
    return gln_fail(error, EG_INVALID, "operand %zu is %s, the kernel reads %s",
                    index, gln_type_name(o->type), gln_type_name(want.type));
  if (gln_view_rank(o->view) != want.rank ||
      memcmp(gln_view_extents(o->view), want.dims,
             want.rank * sizeof *want.dims) != 0) {
    print_view_shape(o->view, have_text, sizeof have_text);
    gln_shape_print(&want, want_text, sizeof want_text);
    return gln_fail(error, EG_INVALID,
                    "the view of operand %zu gives %s, the kernel reads %s",
                    index, have_text, want_text);
  }
  return EG_OK;
}

eg_status gln_job_check(const gln_job *job, eg_error *error) {
  size_t want = job->block.spec.num_operands;
  GLN_TRY(gln_block_check(&job->block, error));
  if (job->body) {
    if (job->body->num_args < 1 || job->body->num_results != 1)
      return gln_fail(error, EG_INVALID,
                      "an epilogue of %u arguments and %u results",
                      job->body->num_args, job->body->num_results);
    want += job->body->num_args - 1u;
  }
  if (job->num_operands != want || want > GLN_JOB_MAX_OPERANDS)
    return gln_fail(error, EG_INVALID, "%u operands, block and body read %zu",
                    job->num_operands, want);
  for (size_t k = 0; k < job->num_operands; ++k)
    GLN_TRY(check_operand(job, k, error));
  return EG_OK;
}

void gln_job_result(const gln_job *job, gln_shape *out) {
  const gln_spec *spec = &job->block.spec;
  memset(out, 0, sizeof *out);
  out->type = job->body ? gln_scalar_body_type(job->body, job->body->results[0])
                        : spec->result;
  out->rank = spec->num_parallel;
  memcpy(out->dims, spec->dims, spec->num_parallel * sizeof *spec->dims);
}

//===-- Legality ----------------------------------------------------------===//

eg_status gln_job_rows(const gln_target *target, const gln_block *block,
                       const gln_scalar_body *body,
                       uint32_t out_rows[GLN_NUM_MEMORIES], eg_error *error) {
  glni_plan plan;
  GLN_TRY(gln_block_check(block, error));
  GLN_TRY(glni_plan_make(target, block, body, &plan, error));
  for (int m = 0; m < GLN_NUM_MEMORIES; ++m)
    out_rows[m] = (uint32_t)plan.used[m];
  if (plan.dataflow == GLN_VECTOR || plan.accumulates)
    return EG_OK;
  // Whether each sum is one call, only the program tells.
  eg_allocator memory = eg_allocator_default();
  return gln_program_sites(&memory, target, block, body, &(uint32_t){0}, error);
}
