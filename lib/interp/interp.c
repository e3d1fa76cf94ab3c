// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The reference interpreter: views, combination, and the choice of what to run.
// Computation is in compute.c. Each function below is its equation in
// view/shape.h: given the position i in the result, say what lies there.
#include "interp/interp_internal.h"

#include "view/scalar_internal.h"

#include <string.h>

static gln_scalar read(const gln_array *array, const int64_t *position) {
  return gln_array_get(array, gln_shape_linear(&array->shape, position));
}

//===-- Views -------------------------------------------------------------===//

static gln_scalar same_position(const glni_job *job, const int64_t *i) {
  return read(job->in[0], i);
}

static gln_scalar same_number(const glni_job *job, const int64_t *i) {
  return gln_array_get(job->in[0], gln_shape_linear(&job->out->shape, i));
}

static gln_scalar transpose(const glni_job *job, const int64_t *i) {
  int64_t j[GLN_MAX_RANK];
  for (int d = 0; d < job->out->shape.rank; ++d)
    j[job->attrs->perm.data[d]] = i[d];
  return read(job->in[0], j);
}

static gln_scalar squeeze(const glni_job *job, const int64_t *i) {
  int64_t j[GLN_MAX_RANK];
  for (int d = 0; d < job->in[0]->shape.rank; ++d)
    j[d] = d == job->attrs->dim ? 0 : i[d - (d > job->attrs->dim)];
  return read(job->in[0], j);
}

static gln_scalar insert_axis(const glni_job *job, const int64_t *i) {
  int64_t j[GLN_MAX_RANK];
  for (int d = 0; d < job->in[0]->shape.rank; ++d)
    j[d] = i[d + (d >= job->attrs->dim)];
  return read(job->in[0], j);
}

static gln_scalar broadcast(const glni_job *job, const int64_t *i) {
  const gln_shape *in = &job->in[0]->shape, *out = &job->out->shape;
  int64_t j[GLN_MAX_RANK];
  for (int d = 0; d < in->rank; ++d) {
    bool access = d < in->num_access;
    int from_end = (access ? in->num_access : in->rank) - d;
    int aligned = (access ? out->num_access : out->rank) - from_end;
    j[d] = in->dims[d] == 1 ? 0 : i[aligned];
  }
  return read(job->in[0], j);
}

static gln_scalar slice(const glni_job *job, const int64_t *i) {
  const gln_op_attrs *attrs = job->attrs;
  int64_t j[GLN_MAX_RANK];
  for (int d = 0; d < job->out->shape.rank; ++d)
    j[d] = attrs->offsets.data[d] + i[d] * attrs->strides.data[d];
  return read(job->in[0], j);
}

static gln_scalar pad(const glni_job *job, const int64_t *i) {
  const gln_shape *in = &job->in[0]->shape;
  int64_t j[GLN_MAX_RANK];
  for (int d = 0; d < in->rank; ++d) {
    j[d] = i[d] - job->attrs->low.data[d];
    if (j[d] < 0 || j[d] >= in->dims[d])
      return job->attrs->value;
  }
  return read(job->in[0], j);
}

static gln_scalar windows(const glni_job *job, const int64_t *i) {
  const gln_shape *in = &job->in[0]->shape;
  int64_t j[GLN_MAX_RANK];
  int k = in->num_access, items = in->rank - k;
  for (int d = 0; d < k; ++d)
    j[d] = i[d];
  for (int d = 0; d < items; ++d)
    j[k + d] = i[k + d] * job->attrs->strides.data[d] +
               i[k + items + d] * job->attrs->dilations.data[d];
  return read(job->in[0], j);
}

//===-- Several operands, or none -----------------------------------------===//

static gln_scalar concat(const glni_job *job, const int64_t *i) {
  int64_t j[GLN_MAX_RANK], dim = job->attrs->dim;
  int64_t first = job->in[0]->shape.dims[dim];
  memcpy(j, i, job->out->shape.rank * sizeof *i);
  if (i[dim] < first)
    return read(job->in[0], j);
  j[dim] -= first;
  return read(job->in[1], j);
}

static gln_scalar iota(const glni_job *job, const int64_t *i) {
  return gln_scalar_from_int(job->out->shape.type, i[job->attrs->dim]);
}

// out[a ++ s ++ c] = in_s[a ++ c].
static gln_scalar pair(const glni_job *job, const int64_t *i) {
  const gln_shape *in = &job->in[0]->shape;
  int64_t j[GLN_MAX_RANK];
  for (int d = 0; d < in->rank; ++d)
    j[d] = i[d + (d >= in->num_access)];
  return read(job->in[i[in->num_access]], j);
}

// out[a ++ b ++ 0 ++ c] = in0[a ++ c], out[a ++ b ++ 1 ++ c] = in1[b ++ c].
static gln_scalar cartesian_product(const glni_job *job, const int64_t *i) {
  const gln_shape *a = &job->in[0]->shape, *b = &job->in[1]->shape;
  int split = a->num_access + b->num_access;
  int64_t which = i[split], j[GLN_MAX_RANK];
  const gln_shape *in = which ? b : a;
  for (int d = 0; d < in->num_access; ++d)
    j[d] = i[d + (which ? a->num_access : 0)];
  for (int d = in->num_access; d < in->rank; ++d)
    j[d] = i[split + 1 + d - in->num_access];
  return read(job->in[which], j);
}

//===-- Dispatch ----------------------------------------------------------===//

typedef gln_scalar (*equation)(const glni_job *job, const int64_t *i);

static const equation equations[GLN_NUM_OPS] = {
    [GLN_OP_VIEW] = same_position,
    [GLN_OP_TENSOR] = same_position,
    [GLN_OP_SHIFT] = same_position,
    [GLN_OP_TRANSPOSE] = transpose,
    [GLN_OP_RESHAPE] = same_number,
    [GLN_OP_FLATTEN] = same_number,
    [GLN_OP_SQUEEZE] = squeeze,
    [GLN_OP_INSERT_AXIS] = insert_axis,
    [GLN_OP_BROADCAST] = broadcast,
    [GLN_OP_SLICE] = slice,
    [GLN_OP_PAD] = pad,
    [GLN_OP_WINDOWS] = windows,
    [GLN_OP_CONCAT] = concat,
    [GLN_OP_IOTA] = iota,
    [GLN_OP_PAIR] = pair,
    [GLN_OP_CARTESIAN_PRODUCT] = cartesian_product,
};

static void run_equation(const glni_job *job, equation value_at) {
  int64_t i[GLN_MAX_RANK];
  int64_t count = gln_shape_num_elements(&job->out->shape);
  for (int64_t n = 0; n < count; ++n) {
    gln_shape_position(&job->out->shape, n, i);
    gln_array_set(job->out, n, value_at(job, i));
  }
}

static eg_status run(const glni_job *job, gln_op op) {
  if (equations[op]) {
    run_equation(job, equations[op]);
    return EG_OK;
  }
  return op == GLN_OP_CALL ? glni_run_call(job) : glni_run_compute(job);
}

eg_status gln_interp_op(gln_op op, const gln_op_attrs *attrs,
                        const gln_array *const *operands, size_t num_operands,
                        eg_allocator allocator, gln_array *out,
                        eg_error *error) {
  gln_shape shapes[GLN_MAX_OPERANDS], result;
  *out = (gln_array){.allocator = allocator};
  for (size_t i = 0; i < num_operands && i < GLN_MAX_OPERANDS; ++i) {
    if (!operands[i] || !operands[i]->data)
      return gln_fail(error, EG_INVALID, "interpreter: operand %zu is empty",
                      i);
    shapes[i] = operands[i]->shape;
  }
  GLN_TRY(gln_shape_infer(op, attrs, shapes, num_operands, &result, error));
  GLN_TRY(gln_array_init(out, &result, allocator, error));
  glni_job job = {attrs, operands, num_operands, out, error};
  eg_status status = run(&job, op);
  if (status)
    gln_array_fini(out);
  return status;
}
