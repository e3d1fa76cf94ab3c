// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A spec to its canonical form: no unit dimensions, runs merged, dimensions
// ordered by role. Neither operand arrays nor results move: merging reshapes what
// is contiguous, and the result is told which dimensions it is made of.
#include "kernel/spec.h"

#include <string.h>

static int64_t row_extent(const gln_spec *spec, const gln_spec_operand *o,
                          size_t row) {
  int64_t extent = 1;
  for (size_t i = 0; i < spec->num_dims; ++i) {
    int64_t c = o->coef[row][i];
    extent += (c < 0 ? -c : c) * (spec->dims[i] - 1);
  }
  return extent;
}

//===-- Dropping ----------------------------------------------------------===//

static void drop_row(gln_spec_operand *o, size_t row) {
  memmove(o->coef[row], o->coef[row + 1],
          (o->rank - row - 1u) * sizeof *o->coef);
  --o->rank;
  memset(o->coef[o->rank], 0, sizeof *o->coef);
}

static void drop_dim(gln_spec *spec, gln_origin *origin, size_t dim) {
  size_t after = spec->num_dims - dim - 1u;
  memmove(spec->dims + dim, spec->dims + dim + 1, after * sizeof *spec->dims);
  memmove(origin + dim, origin + dim + 1, after * sizeof *origin);
  for (size_t k = 0; k < spec->num_operands; ++k)
    for (size_t d = 0; d < spec->operands[k].rank; ++d) {
      int32_t *row = spec->operands[k].coef[d];
      memmove(row + dim, row + dim + 1, after * sizeof *row);
      row[spec->num_dims - 1] = 0;
    }
  spec->num_parallel -= dim < spec->num_parallel;
  spec->dims[--spec->num_dims] = 0;
}

static void drop_units(gln_spec *spec, gln_origin *origin) {
  for (size_t i = spec->num_dims; i--;)
    if (spec->dims[i] == 1)
      drop_dim(spec, origin, i);
  for (size_t k = 0; k < spec->num_operands; ++k)
    for (size_t d = spec->operands[k].rank; d--;)
      if (row_extent(spec, &spec->operands[k], d) == 1)
        drop_row(&spec->operands[k], d);
}

//===-- Merging -----------------------------------------------------------===//

enum { NO_ROW = GLN_SPEC_MAX_RANK };

// How an operand reads dimensions i (outer) and j (inner) as one run.
typedef enum run {
  RUN_NONE,
  RUN_SAME, // in no row, or in one: coef_i = coef_j · dims[j]
  RUN_ROWS, // in neighbouring rows, each alone there and with coefficient 1
} run;

static bool is_alone(const gln_spec *spec, const int32_t *row, size_t dim) {
  for (size_t m = 0; m < spec->num_dims; ++m)
    if (row[m] != (m == dim))
      return false;
  return true;
}

static run run_of(const gln_spec *spec, const gln_spec_operand *o, size_t i,
                  size_t j, size_t *out_row) {
  bool same = true;
  for (size_t d = 0; d < o->rank; ++d)
    same &= o->coef[d][i] == o->coef[d][j] * spec->dims[j];
  if (same)
    return RUN_SAME;
  for (size_t d = 0; d + 1 < o->rank; ++d)
    if (is_alone(spec, o->coef[d], i) && is_alone(spec, o->coef[d + 1], j)) {
      *out_row = d;
      return RUN_ROWS;
    }
  return RUN_NONE;
}

// Makes one dimension of i (outer) and j (inner) if every operand reads them as
// one run.
static bool merge(gln_spec *spec, gln_origin *origin, size_t i, size_t j) {
  run runs[GLN_SPEC_MAX_OPERANDS];
  size_t rows[GLN_SPEC_MAX_OPERANDS];
  if (i == j || (i < spec->num_parallel) != (j < spec->num_parallel) ||
      spec->dims[i] > GLN_VIEW_MAX_EXTENT / spec->dims[j])
    return false;
  for (size_t k = 0; k < spec->num_operands; ++k) {
    runs[k] = run_of(spec, &spec->operands[k], i, j, &rows[k]);
    if (runs[k] == RUN_NONE)
      return false;
  }
  for (size_t k = 0; k < spec->num_operands; ++k)
    if (runs[k] == RUN_ROWS)
      drop_row(&spec->operands[k], rows[k]); // the row of j stays
  gln_origin *outer = &origin[i], *inner = &origin[j];
  memmove(inner->dims + outer->num, inner->dims, inner->num);
  memcpy(inner->dims, outer->dims, outer->num);
  inner->num = (uint8_t)(inner->num + outer->num);
  spec->dims[j] *= spec->dims[i];
  drop_dim(spec, origin, i);
  return true;
}

static bool merge_any(gln_spec *spec, gln_origin *origin) {
  for (size_t i = 0; i < spec->num_dims; ++i)
    for (size_t j = 0; j < spec->num_dims; ++j)
      if (merge(spec, origin, i, j))
        return true;
  return false;
}

//===-- Order -------------------------------------------------------------===//

static bool before(const gln_spec *spec, const gln_origin *origin, size_t i,
                   size_t j) {
  gln_role a = gln_spec_role(spec, i), b = gln_spec_role(spec, j);
  if (a != b)
    return a < b;
  for (size_t k = 0; k < spec->num_operands; ++k) {
    int64_t s = gln_spec_stride(spec, k, i), t = gln_spec_stride(spec, k, j);
    if (s != t)
      return s > t;
  }
  if (spec->dims[i] != spec->dims[j])
    return spec->dims[i] > spec->dims[j];
  return origin[i].dims[0] < origin[j].dims[0];
}

static void swap_dims(gln_spec *spec, gln_origin *origin, size_t i, size_t j) {
  int64_t extent = spec->dims[i];
  spec->dims[i] = spec->dims[j];
  spec->dims[j] = extent;
  gln_origin from = origin[i];
  origin[i] = origin[j];
  origin[j] = from;
  for (size_t k = 0; k < spec->num_operands; ++k)
    for (size_t d = 0; d < spec->operands[k].rank; ++d) {
      int32_t *row = spec->operands[k].coef[d], c = row[i];
      row[i] = row[j];
      row[j] = c;
    }
}

void gln_spec_simplify(gln_spec *spec, gln_origin *out_origin) {
  for (uint8_t i = 0; i < spec->num_dims; ++i)
    out_origin[i] = (gln_origin){1, {i}};
  drop_units(spec, out_origin);
  while (merge_any(spec, out_origin))
    ;
  for (size_t i = 1; i < spec->num_dims; ++i)
    for (size_t j = i; j && before(spec, out_origin, j, j - 1); --j)
      swap_dims(spec, out_origin, j, j - 1);
}

eg_status gln_spec_tile(const gln_spec *spec, const int64_t *tile,
                        gln_spec *out_tile, gln_origin *out_origin,
                        eg_error *error) {
  gln_spec result = *spec;
  for (size_t i = 0; i < spec->num_dims; ++i) {
    if (tile[i] < 1 || tile[i] > spec->dims[i])
      return gln_fail(error, EG_INVALID,
                      "tile of %lld in dimension %zu of extent %lld",
                      (long long)tile[i], i, (long long)spec->dims[i]);
    result.dims[i] = tile[i];
  }
  gln_origin origin[GLN_SPEC_MAX_DIMS];
  gln_spec_simplify(&result, origin);
  *out_tile = result;
  if (out_origin)
    memcpy(out_origin, origin, sizeof origin);
  return EG_OK;
}
