// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels that go along a stream: folds by a monoid, scans with a state.
#include "interp/kernel_internal.h"
#include "interp/scalar_eval.h"
#include "view/try.h"

#include <string.h>

//===-- Folds -------------------------------------------------------------===//

static eg_status binary(gln_scalar_op op, gln_scalar a, gln_scalar b,
                        gln_scalar *out, eg_error *error) {
  gln_scalar both[] = {a, b};
  return gln_scalar_eval(op, a.type, both, 2, out, error);
}

// e^(a - b)
static eg_status exp_of_difference(gln_scalar a, gln_scalar b, gln_scalar *out,
                                   eg_error *error) {
  gln_scalar difference;
  GLN_TRY(binary(GLN_SCALAR_SUB, a, b, &difference, error));
  return gln_scalar_eval(GLN_SCALAR_EXP, a.type, &difference, 1, out, error);
}

static eg_status fold_row(gln_scalar_op op, const gln_array *x, int64_t start,
                          int64_t length, gln_scalar *out, eg_error *error) {
  *out = gln_array_get(x, start);
  for (int64_t i = 1; i < length; ++i)
    GLN_TRY(binary(op, *out, gln_array_get(x, start + i), out, error));
  return EG_OK;
}

// acc = acc * keep + p * v
static eg_status accumulate(gln_scalar keep, gln_scalar p, gln_scalar v,
                            gln_scalar *acc, eg_error *error) {
  gln_scalar product;
  GLN_TRY(binary(GLN_SCALAR_MUL, *acc, keep, acc, error));
  GLN_TRY(binary(GLN_SCALAR_MUL, p, v, &product, error));
  return binary(GLN_SCALAR_ADD, *acc, product, acc, error);
}

// Column |column| of the values under row |row| of the stream: (max, Σ exp, acc)
// after the first element is (s, 1, v).
static eg_status fold_softmax(const gln_array *s, const gln_array *v,
                              int64_t row, int64_t length, int64_t column,
                              int64_t columns, gln_scalar *out,
                              eg_error *error) {
  gln_scalar most = gln_array_get(s, row * length), sum, acc, keep, p, one;
  GLN_TRY(exp_of_difference(most, most, &one, error));
  sum = one;
  acc = gln_array_get(v, column);
  for (int64_t i = 1; i < length; ++i) {
    gln_scalar x = gln_array_get(s, row * length + i), before = most;
    GLN_TRY(binary(GLN_SCALAR_MAX, most, x, &most, error));
    GLN_TRY(exp_of_difference(before, most, &keep, error));
    GLN_TRY(exp_of_difference(x, most, &p, error));
    GLN_TRY(accumulate(keep, p, one, &sum, error));
    GLN_TRY(accumulate(keep, p, gln_array_get(v, i * columns + column), &acc,
                       error));
  }
  return binary(GLN_SCALAR_DIV, acc, sum, out, error);
}

eg_status glni_eval_fold(gln_monoid monoid, const gln_signature *type,
                         const gln_array *const *operands,
                         eg_allocator allocator, gln_array *out,
                         eg_error *error) {
  const gln_shape *stream = &type->operands[0];
  int64_t length = stream->dims[stream->rank - 1];
  int64_t rows = gln_shape_num_elements(stream) / length;
  int64_t columns = gln_shape_num_elements(&type->results[0]) / rows;
  GLN_TRY(gln_array_init(out, &type->results[0], allocator, error));
  for (int64_t n = 0; n < rows * columns; ++n) {
    gln_scalar value;
    if (monoid == GLN_MONOID_SOFTMAX)
      GLN_TRY(fold_softmax(operands[0], operands[1], n / columns, length,
                           n % columns, columns, &value, error));
    else
      GLN_TRY(fold_row(monoid == GLN_MONOID_SUM ? GLN_SCALAR_ADD
                                                : GLN_SCALAR_MAX,
                       operands[0], n * length, length, &value, error));
    gln_array_set(out, n, value);
  }
  return EG_OK;
}

//===-- Scans -------------------------------------------------------------===//

// Rows |from| … of |source| into |target|, which is as long.
static void copy_in(const gln_array *source, int64_t from, gln_array *target) {
  int64_t num = gln_shape_num_elements(&target->shape);
  for (int64_t i = 0; i < num; ++i)
    gln_array_set(target, i, gln_array_get(source, from * num + i));
}

static void copy_out(const gln_array *source, gln_array *target, int64_t to) {
  int64_t num = gln_shape_num_elements(&source->shape);
  for (int64_t i = 0; i < num; ++i)
    gln_array_set(target, to * num + i, gln_array_get(source, i));
}

eg_status glni_eval_scan(const gln_lang *lang, const eg_choice *choice,
                         eg_node node, const gln_signature *type,
                         const gln_array *const *operands,
                         eg_allocator allocator, gln_array *out,
                         eg_error *error) {
  uint32_t num;
  gln_signature step;
  gln_array x, state = {.shape = {.rank = 0}};
  const gln_array *read[GLN_LANG_MAX_OPERANDS];
  eg_class kernel = eg_node_children(lang->graph, node, &num)[0];
  gln_lang_type(lang, kernel, &step);
  GLN_TRY(gln_array_init(out, &type->results[0], allocator, error));
  GLN_TRY(gln_array_init(&x, &step.operands[1], allocator, error));
  memcpy(read, operands, step.num_operands * sizeof *read);
  read[1] = &x;
  bool has_state = false;
  eg_status status = EG_OK;
  for (int64_t t = 0; t < type->results[0].dims[0] && status == EG_OK; ++t) {
    gln_array next;
    copy_in(operands[1], t, &x);
    status = gln_interp_kernel(lang, choice, kernel, read, allocator, &next,
                               error);
    if (status != EG_OK)
      break;
    if (has_state)
      gln_array_fini(&state);
    state = next;
    has_state = true;
    read[0] = &state;
    copy_out(&state, out, t);
  }
  if (has_state)
    gln_array_fini(&state);
  gln_array_fini(&x);
  return status;
}
