// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Computation on items: dot, reductions, softmax, argmax, scalar functions.
//
// Access dimensions come first in row-major order, so the item at access
// position number a is the run of elements a·m … a·m + m - 1.
#include "interp/interp_internal.h"

#include "interp/scalar_eval_internal.h"
#include "view/scalar_internal.h"

// An error of element |n| of the result, with its number in the message.
static eg_status locate(const glni_job *job, int64_t n, eg_status status,
                        const eg_error *inner) {
  if (status == EG_OK)
    return EG_OK;
  return gln_fail(job->error, status, "element %lld: %s", (long long)n,
                  inner->text);
}

static gln_scalar widen(gln_type type, gln_scalar value) {
  gln_scalar out;
  // A cast is defined everywhere.
  eg_status status =
      glni_scalar_eval(GLN_SCALAR_CAST, type, &value, &out, NULL);
  (void)status;
  return out;
}

// f(x, y) for the functions that cannot fail: add, mul, max, min, sub.
static gln_scalar apply(gln_scalar_op op, gln_scalar x, gln_scalar y) {
  gln_scalar args[2] = {x, y}, out = x;
  eg_status status = glni_scalar_eval(op, x.type, args, &out, NULL);
  (void)status;
  return out;
}

//===-- dot ---------------------------------------------------------------===//

static void run_dot(const glni_job *job) {
  gln_type type = job->attrs->type;
  bool packed = job->num == 1;
  const gln_array *x = job->in[0], *y = job->in[packed ? 0 : 1];
  int64_t positions = gln_shape_num_elements(&job->out->shape);
  int64_t whole = gln_shape_num_item_elements(&x->shape);
  int64_t length = packed ? whole / 2 : whole;
  for (int64_t a = 0; a < positions; ++a) {
    gln_scalar sum = gln_scalar_from_int(type, 0);
    for (int64_t c = 0; c < length; ++c) {
      gln_scalar u = gln_array_get(x, a * whole + c);
      gln_scalar v = gln_array_get(y, a * whole + c + (packed ? length : 0));
      gln_scalar product =
          apply(GLN_SCALAR_MUL, widen(type, u), widen(type, v));
      sum = apply(GLN_SCALAR_ADD, sum, product);
    }
    gln_array_set(job->out, a, sum);
  }
}

//===-- Reductions --------------------------------------------------------===//

static gln_scalar reduce(const gln_array *in, int64_t first, int64_t length,
                         gln_type type, int kind) {
  gln_scalar total;
  gln_scalar_op op;
  int64_t c = 0;
  switch (kind) {
  case GLN_KIND_REDUCE_PROD:
    op = GLN_SCALAR_MUL;
    total = gln_scalar_from_int(type, 1);
    break;
  case GLN_KIND_REDUCE_MAX:
  case GLN_KIND_REDUCE_MIN:
    op = kind == GLN_KIND_REDUCE_MAX ? GLN_SCALAR_MAX : GLN_SCALAR_MIN;
    total = widen(type, gln_array_get(in, first + c++));
    break;
  default:
    op = GLN_SCALAR_ADD;
    total = gln_scalar_from_int(type, 0);
    break;
  }
  for (; c < length; ++c)
    total = apply(op, total, widen(type, gln_array_get(in, first + c)));
  // The number of elements fits the type and is not 0 or -1: div is defined.
  if (kind == GLN_KIND_REDUCE_MEAN)
    total = apply(GLN_SCALAR_DIV, total, gln_scalar_from_int(type, length));
  return total;
}

static void run_reduce(const glni_job *job) {
  const gln_array *in = job->in[0];
  int64_t positions = gln_shape_num_elements(&job->out->shape);
  int64_t length = gln_shape_num_item_elements(&in->shape);
  for (int64_t a = 0; a < positions; ++a)
    gln_array_set(
        job->out, a,
        reduce(in, a * length, length, job->attrs->type, job->attrs->kind));
}

static void run_softmax(const glni_job *job) {
  const gln_array *in = job->in[0];
  gln_type type = in->shape.type;
  int64_t positions = gln_shape_num_access_elements(&in->shape);
  int64_t length = gln_shape_num_item_elements(&in->shape);
  for (int64_t a = 0; a < positions; ++a) {
    int64_t first = a * length;
    gln_scalar most = reduce(in, first, length, type, GLN_KIND_REDUCE_MAX);
    gln_scalar sum = gln_scalar_from_int(type, 0);
    for (int64_t n = first; n < first + length; ++n) {
      gln_scalar shifted = apply(GLN_SCALAR_SUB, gln_array_get(in, n), most);
      gln_scalar e = apply(GLN_SCALAR_EXP, shifted, shifted);
      gln_array_set(job->out, n, e);
      sum = apply(GLN_SCALAR_ADD, sum, e);
    }
    for (int64_t n = first; n < first + length; ++n)
      gln_array_set(job->out, n,
                    apply(GLN_SCALAR_DIV, gln_array_get(job->out, n), sum));
  }
}

// x > y, where NaN is greater than every number.
static bool greater(gln_scalar x, gln_scalar y) {
  if (!gln_type_is_float(x.type))
    return gln_scalar_to_int(x) > gln_scalar_to_int(y);
  double u = gln_scalar_to_double(x), v = gln_scalar_to_double(y);
  return u > v || (u != u && v == v);
}

static void run_argmax(const glni_job *job) {
  const gln_array *in = job->in[0];
  int64_t positions = gln_shape_num_elements(&job->out->shape);
  int64_t length = gln_shape_num_item_elements(&in->shape);
  for (int64_t a = 0; a < positions; ++a) {
    int64_t best = 0;
    for (int64_t c = 1; c < length; ++c)
      if (greater(gln_array_get(in, a * length + c),
                  gln_array_get(in, a * length + best)))
        best = c;
    gln_array_set(job->out, a, gln_scalar_from_int(job->attrs->type, best));
  }
}

//===-- Elementwise -------------------------------------------------------===//

static eg_status run_elementwise(const glni_job *job, gln_scalar_op op) {
  unsigned arity = gln_scalar_op_info(op)->arity;
  bool packed = arity > 1 && job->num == 1;
  int64_t count = gln_shape_num_elements(&job->out->shape);
  int64_t length = gln_shape_num_item_elements(&job->out->shape);
  for (int64_t n = 0; n < count; ++n) {
    gln_scalar args[GLN_SCALAR_MAX_ARITY] = {{0}}, value;
    for (unsigned k = 0; k < arity; ++k) {
      // Packed: operand k is block k of the item that holds element n.
      int64_t block = (n / length) * arity + k;
      args[k] = packed ? gln_array_get(job->in[0], block * length + n % length)
                       : gln_array_get(job->in[k], n);
    }
    eg_error inner = {0};
    GLN_TRY(locate(job, n,
                   glni_scalar_eval(op, job->attrs->type, args, &value, &inner),
                   &inner));
    gln_array_set(job->out, n, value);
  }
  return EG_OK;
}

static eg_status call_all(const glni_job *job, gln_scalar *registers) {
  const gln_scalar_body *body = job->attrs->body;
  const gln_shape *shape = &job->out->shape;
  int64_t i[GLN_MAX_RANK], count = gln_shape_num_elements(shape);
  for (int64_t n = 0; n < count; ++n) {
    eg_error inner = {0};
    gln_shape_position(shape, n, i);
    for (size_t k = 0; k < job->num; ++k)
      registers[k] = gln_array_get(job->in[k], n);
    GLN_TRY(locate(
        job, n, gln_scalar_body_eval(body, i, shape->rank, registers, &inner),
        &inner));
    gln_array_set(job->out, n, registers[body->results[0]]);
  }
  return EG_OK;
}

eg_status glni_run_call(const glni_job *job) {
  const gln_scalar_body *body = job->attrs->body;
  eg_allocator allocator = job->out->allocator;
  size_t size = ((size_t)body->num_args + body->num_insts) * sizeof(gln_scalar);
  gln_scalar *registers = allocator.resize(allocator.user, NULL, 0, size);
  if (!registers)
    return gln_fail(job->error, EG_NO_MEMORY,
                    "call: no memory for %zu bytes of registers", size);
  eg_status status = call_all(job, registers);
  allocator.resize(allocator.user, registers, size, 0);
  return status;
}

eg_status glni_run_compute(const glni_job *job) {
  int kind = job->attrs->kind;
  switch (kind) {
  case GLN_KIND_DOT:
    run_dot(job);
    return EG_OK;
  case GLN_KIND_REDUCE_SUM:
  case GLN_KIND_REDUCE_PROD:
  case GLN_KIND_REDUCE_MAX:
  case GLN_KIND_REDUCE_MIN:
  case GLN_KIND_REDUCE_MEAN:
    run_reduce(job);
    return EG_OK;
  case GLN_KIND_SOFTMAX:
    run_softmax(job);
    return EG_OK;
  case GLN_KIND_ARGMAX:
    run_argmax(job);
    return EG_OK;
  default:
    return run_elementwise(job, (gln_scalar_op)(kind - GLN_KIND_SCALAR));
  }
}
