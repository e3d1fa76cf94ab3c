// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constructors: the view of every view op of the access dialect.
//
// Each checks its parameters, writes the result's extents and one sum per
// source dimension, and leaves simplification to the sums themselves.
#include "view_internal.h"

#include <inttypes.h>

static eg_status check_extents(const char *what, const char *of, size_t rank,
                               const int64_t *extents, eg_error *error) {
  if (rank > GLN_VIEW_MAX_RANK)
    return gln_fail(error, EG_INVALID, "%s: %s of rank %zu, at most %d", what,
                    of, rank, GLN_VIEW_MAX_RANK);
  for (size_t d = 0; d < rank; ++d)
    if (extents[d] < 1 || extents[d] > GLN_VIEW_MAX_EXTENT)
      return gln_fail(error, EG_INVALID,
                      "%s: extent %" PRId64 " of dimension %zu of the %s, not "
                      "in 1 to %" PRId64,
                      what, extents[d], d, of, GLN_VIEW_MAX_EXTENT);
  return EG_OK;
}

// Checks both shapes and opens a view from source to result.
static eg_status begin(glni_ctx *ctx, glni_view *view, const char *what,
                       const eg_allocator *allocator, size_t rank,
                       const int64_t *extents, size_t result_rank,
                       const int64_t *result, gln_view **out, eg_error *error) {
  *out = NULL;
  eg_status status = check_extents(what, "source", rank, extents, error);
  if (!status)
    status = check_extents(what, "result", result_rank, result, error);
  if (status)
    return status;
  glni_ctx_init(ctx, allocator);
  glni_view_start(ctx, view, result_rank, result, rank, extents);
  return EG_OK;
}

// A view whose source dimension d is coef[d] * (result dimension from[d]) +
// offset[d]; NULL: the same dimension, 1, 0.
static eg_status strided(const char *what, const eg_allocator *allocator,
                         size_t rank, const int64_t *extents,
                         size_t result_rank, const int64_t *result,
                         const int64_t *from, const int64_t *coef,
                         const int64_t *offset, gln_view **out,
                         eg_error *error) {
  glni_ctx ctx;
  glni_view view;
  eg_status status = begin(&ctx, &view, what, allocator, rank, extents,
                           result_rank, result, out, error);
  if (status)
    return status;
  for (size_t d = 0; d < rank; ++d)
    view.map[d] = glni_scale(
        &ctx, glni_var(&ctx, (uint32_t)(from ? from[d] : (int64_t)d)),
        coef ? coef[d] : 1, offset ? offset[d] : 0);
  return glni_view_finish(&ctx, &view, what, out, error);
}

eg_status gln_view_identity(GLN_VIEW_ARGS, GLN_VIEW_OUT) {
  return strided("identity", allocator, rank, extents, rank, extents, NULL,
                 NULL, NULL, out, error);
}

eg_status gln_view_transpose(GLN_VIEW_ARGS, const int64_t *perm, GLN_VIEW_OUT) {
  *out = NULL;
  int64_t result[GLN_VIEW_MAX_RANK], from[GLN_VIEW_MAX_RANK];
  uint32_t seen = 0;
  for (size_t d = 0; d < rank && rank <= GLN_VIEW_MAX_RANK; ++d) {
    if (perm[d] < 0 || perm[d] >= (int64_t)rank)
      return gln_fail(error, EG_INVALID,
                      "transpose: perm[%zu] is %" PRId64 " at rank %zu", d,
                      perm[d], rank);
    if (seen >> perm[d] & 1)
      return gln_fail(error, EG_INVALID,
                      "transpose: %" PRId64 " occurs twice in perm", perm[d]);
    seen |= UINT32_C(1) << perm[d];
    result[d] = extents[perm[d]];
    from[perm[d]] = (int64_t)d;
  }
  return strided("transpose", allocator, rank, extents, rank, result, from,
                 NULL, NULL, out, error);
}

//===-- Reshape -----------------------------------------------------------===//

// Row-major number of the indices of result dimensions [begin, end).
static const glni_sum *linearise(glni_ctx *ctx, const int64_t *extents,
                                 size_t begin, size_t end) {
  const glni_sum *sum = glni_constant(ctx, 0);
  for (size_t d = begin; d < end; ++d)
    sum = glni_combine(ctx, sum, extents[d], glni_var(ctx, (uint32_t)d), 1, 0);
  return sum;
}

// The least [r0, r1) and [s0, s1) of equal products: what lies between two
// boundaries that both shapes share reads only what lies between them.
static void next_group(size_t rank, const int64_t *extents, size_t result_rank,
                       const int64_t *result, size_t *s1, size_t *r1) {
  int64_t p = 1, q = 1;
  do {
    if (*s1 < rank && (p <= q || *r1 == result_rank))
      p *= extents[(*s1)++];
    else if (*r1 < result_rank)
      q *= result[(*r1)++];
    else
      break;
  } while (p != q);
}

static eg_status check_products(const char *what, size_t rank,
                                const int64_t *extents, size_t result_rank,
                                const int64_t *result, eg_error *error) {
  int64_t p = 1, q = 1;
  bool overflow = false;
  for (size_t d = 0; d < rank; ++d)
    overflow |= __builtin_mul_overflow(p, extents[d], &p);
  for (size_t d = 0; d < result_rank; ++d)
    overflow |= __builtin_mul_overflow(q, result[d], &q);
  if (overflow)
    return gln_fail(error, EG_LIMIT, "%s: more than 2^63 elements", what);
  if (p != q)
    return gln_fail(error, EG_INVALID, "%s: %" PRId64 " elements into %" PRId64,
                    what, p, q);
  return EG_OK;
}

static eg_status reshape(const char *what, const eg_allocator *allocator,
                         size_t rank, const int64_t *extents,
                         size_t result_rank, const int64_t *result,
                         gln_view **out, eg_error *error) {
  glni_ctx ctx;
  glni_view view;
  eg_status status = begin(&ctx, &view, what, allocator, rank, extents,
                           result_rank, result, out, error);
  if (!status)
    status = check_products(what, rank, extents, result_rank, result, error);
  if (status)
    return status;
  size_t s0 = 0, r0 = 0;
  while (s0 < rank || r0 < result_rank) {
    size_t s1 = s0, r1 = r0;
    next_group(rank, extents, result_rank, result, &s1, &r1);
    const glni_sum *number = linearise(&ctx, result, r0, r1);
    for (size_t s = s1; s-- > s0;) {
      if (s == s0) { // the products are equal, so this is in range
        view.map[s] = number;
        break;
      }
      const glni_sum *rest = glni_floordiv(&ctx, number, extents[s]);
      view.map[s] = glni_combine(&ctx, number, 1, rest, -extents[s], 0);
      number = rest;
    }
    s0 = s1;
    r0 = r1;
  }
  return glni_view_finish(&ctx, &view, what, out, error);
}

eg_status gln_view_reshape(GLN_VIEW_ARGS, size_t result_rank,
                           const int64_t *result, GLN_VIEW_OUT) {
  return reshape("reshape", allocator, rank, extents, result_rank, result, out,
                 error);
}

eg_status gln_view_flatten(GLN_VIEW_ARGS, size_t first, size_t num,
                           GLN_VIEW_OUT) {
  *out = NULL;
  if (rank > GLN_VIEW_MAX_RANK || first > rank || num > rank - first)
    return gln_fail(error, EG_INVALID,
                    "flatten: %zu dimensions from %zu on at rank %zu", num,
                    first, rank);
  int64_t result[GLN_VIEW_MAX_RANK + 1], product = 1;
  for (size_t d = 0; d < num; ++d)
    if (__builtin_mul_overflow(product, extents[first + d], &product))
      return gln_fail(error, EG_LIMIT, "flatten: more than 2^63 elements");
  for (size_t d = 0; d < first; ++d)
    result[d] = extents[d];
  result[first] = product;
  for (size_t d = first + num; d < rank; ++d)
    result[d - num + 1] = extents[d];
  return reshape("flatten", allocator, rank, extents, rank - num + 1, result,
                 out, error);
}

eg_status gln_view_squeeze(GLN_VIEW_ARGS, size_t dim, GLN_VIEW_OUT) {
  *out = NULL;
  if (rank > GLN_VIEW_MAX_RANK || dim >= rank)
    return gln_fail(error, EG_INVALID, "squeeze: dimension %zu at rank %zu",
                    dim, rank);
  if (extents[dim] != 1)
    return gln_fail(error, EG_INVALID,
                    "squeeze: dimension %zu has extent %" PRId64 ", not 1", dim,
                    extents[dim]);
  int64_t result[GLN_VIEW_MAX_RANK];
  for (size_t d = 0; d + 1 < rank; ++d)
    result[d] = extents[d + (d >= dim)];
  return reshape("squeeze", allocator, rank, extents, rank - 1, result, out,
                 error);
}

eg_status gln_view_insert_axis(GLN_VIEW_ARGS, size_t dim, GLN_VIEW_OUT) {
  *out = NULL;
  if (rank > GLN_VIEW_MAX_RANK || dim > rank)
    return gln_fail(error, EG_INVALID, "insert_axis: dimension %zu at rank %zu",
                    dim, rank);
  return gln_view_flatten(allocator, rank, extents, dim, 0, out, error);
}

eg_status gln_view_broadcast(GLN_VIEW_ARGS, size_t result_rank,
                             const int64_t *result, GLN_VIEW_OUT) {
  *out = NULL;
  if (rank > result_rank || result_rank > GLN_VIEW_MAX_RANK)
    return gln_fail(error, EG_INVALID, "broadcast: rank %zu to rank %zu", rank,
                    result_rank);
  int64_t from[GLN_VIEW_MAX_RANK], coef[GLN_VIEW_MAX_RANK];
  for (size_t d = 0; d < rank; ++d) {
    size_t r = result_rank - rank + d;
    if (extents[d] != 1 && extents[d] != result[r])
      return gln_fail(error, EG_INVALID,
                      "broadcast: extent %" PRId64 " of dimension %zu to "
                      "extent %" PRId64,
                      extents[d], d, result[r]);
    from[d] = (int64_t)r;
    coef[d] = extents[d] != 1;
  }
  return strided("broadcast", allocator, rank, extents, result_rank, result,
                 from, coef, NULL, out, error);
}

//===-- Slice, pad, windows -----------------------------------------------===//

eg_status gln_view_slice(GLN_VIEW_ARGS, const int64_t *offsets,
                         const int64_t *sizes, const int64_t *strides,
                         GLN_VIEW_OUT) {
  *out = NULL;
  eg_status status = check_extents("slice", "source", rank, extents, error);
  if (!status)
    status = check_extents("slice", "result", rank, sizes, error);
  if (status)
    return status;
  for (size_t d = 0; d < rank; ++d) {
    int64_t last = 0;
    if (strides[d] == 0)
      return gln_fail(error, EG_INVALID, "slice: stride 0 of dimension %zu", d);
    if (offsets[d] < 0 || offsets[d] >= extents[d])
      return gln_fail(error, EG_INVALID,
                      "slice: offset %" PRId64 " of dimension %zu outside "
                      "extent %" PRId64,
                      offsets[d], d, extents[d]);
    if (__builtin_mul_overflow(sizes[d] - 1, strides[d], &last) ||
        __builtin_add_overflow(offsets[d], last, &last) || last < 0 ||
        last >= extents[d])
      return gln_fail(error, EG_INVALID,
                      "slice: offset %" PRId64 ", size %" PRId64
                      ", stride %" PRId64 " of dimension %zu leave extent "
                      "%" PRId64,
                      offsets[d], sizes[d], strides[d], d, extents[d]);
  }
  return strided("slice", allocator, rank, extents, rank, sizes, NULL, strides,
                 offsets, out, error);
}

// result = low + step * source of each dimension, the rest filled.
static eg_status spread(const char *what, const eg_allocator *allocator,
                        size_t rank, const int64_t *extents,
                        const int64_t *result, const int64_t *low,
                        const int64_t *step, gln_scalar fill, gln_view **out,
                        eg_error *error) {
  glni_ctx ctx;
  glni_view view;
  *out = NULL;
  if (!gln_type_is_valid((int)fill.type))
    return gln_fail(error, EG_INVALID, "%s: no element type %d", what,
                    (int)fill.type);
  eg_status status = begin(&ctx, &view, what, allocator, rank, extents, rank,
                           result, out, error);
  if (status)
    return status;
  view.has_fill = true;
  view.fill = fill;
  for (uint32_t d = 0; d < rank; ++d) {
    bool unit = extents[d] == 1;
    view.dims[d] = (glni_lattice){low ? low[d] : 0, step && !unit ? step[d] : 1,
                                  extents[d]};
    ctx.high[d] = extents[d] - 1;
    view.map[d] = glni_var(&ctx, d);
  }
  return glni_view_finish(&ctx, &view, what, out, error);
}

eg_status gln_view_pad(GLN_VIEW_ARGS, const int64_t *low, const int64_t *high,
                       gln_scalar fill, GLN_VIEW_OUT) {
  *out = NULL;
  eg_status status = check_extents("pad", "source", rank, extents, error);
  if (status)
    return status;
  int64_t result[GLN_VIEW_MAX_RANK];
  for (size_t d = 0; d < rank; ++d) {
    if (low[d] < 0 || high[d] < 0)
      return gln_fail(error, EG_INVALID,
                      "pad: low %" PRId64 ", high %" PRId64
                      " of dimension %zu, both must be >= 0",
                      low[d], high[d], d);
    if (low[d] > GLN_VIEW_MAX_EXTENT || high[d] > GLN_VIEW_MAX_EXTENT)
      return gln_fail(error, EG_INVALID,
                      "pad: low %" PRId64 ", high %" PRId64
                      " of dimension %zu, at most %" PRId64,
                      low[d], high[d], d, GLN_VIEW_MAX_EXTENT);
    result[d] = extents[d] + low[d] + high[d];
  }
  return spread("pad", allocator, rank, extents, result, low, NULL, fill, out,
                error);
}

eg_status gln_view_dilate(GLN_VIEW_ARGS, const int64_t *factors,
                          gln_scalar fill, GLN_VIEW_OUT) {
  *out = NULL;
  eg_status status = check_extents("dilate", "source", rank, extents, error);
  if (status)
    return status;
  int64_t result[GLN_VIEW_MAX_RANK];
  for (size_t d = 0; d < rank; ++d) {
    if (factors[d] < 1 || factors[d] > GLN_VIEW_MAX_EXTENT)
      return gln_fail(error, EG_INVALID,
                      "dilate: factor %" PRId64 " of dimension %zu", factors[d],
                      d);
    result[d] = (extents[d] - 1) * factors[d] + 1;
  }
  return spread("dilate", allocator, rank, extents, result, NULL, factors, fill,
                out, error);
}

static eg_status check_window(size_t d, int64_t extent, int64_t window,
                              int64_t stride, int64_t dilation,
                              int64_t *positions, eg_error *error) {
  if (window < 1 || stride < 1 || dilation < 1)
    return gln_fail(error, EG_INVALID,
                    "windows: window %" PRId64 ", stride %" PRId64
                    ", dilation %" PRId64 " of dimension %zu, all must be "
                    ">= 1",
                    window, stride, dilation, d);
  int64_t reach;
  if (__builtin_mul_overflow(window - 1, dilation, &reach) || reach >= extent)
    return gln_fail(error, EG_INVALID,
                    "windows: window %" PRId64 " with dilation %" PRId64
                    " is longer than extent %" PRId64 " of dimension %zu",
                    window, dilation, extent, d);
  *positions = (extent - reach - 1) / stride + 1;
  return EG_OK;
}

eg_status gln_view_windows(GLN_VIEW_ARGS, size_t first, const int64_t *window,
                           const int64_t *strides, const int64_t *dilations,
                           GLN_VIEW_OUT) {
  *out = NULL;
  if (rank > GLN_VIEW_MAX_RANK || first > rank ||
      2 * rank - first > GLN_VIEW_MAX_RANK)
    return gln_fail(error, EG_INVALID,
                    "windows: dimensions from %zu on at rank %zu, the result "
                    "has at most %d",
                    first, rank, GLN_VIEW_MAX_RANK);
  int64_t result[GLN_VIEW_MAX_RANK];
  size_t num = rank - first;
  for (size_t d = 0; d < first; ++d)
    result[d] = extents[d];
  for (size_t i = 0; i < num; ++i) {
    eg_status status =
        check_window(first + i, extents[first + i], window[i], strides[i],
                     dilations[i], &result[first + i], error);
    if (status)
      return status;
    result[rank + i] = window[i];
  }
  glni_ctx ctx;
  glni_view view;
  eg_status status = begin(&ctx, &view, "windows", allocator, rank, extents,
                           rank + num, result, out, error);
  if (status)
    return status;
  for (uint32_t d = 0; d < rank; ++d) {
    view.map[d] = glni_var(&ctx, d);
    if (d >= first)
      view.map[d] = glni_combine(&ctx, view.map[d], strides[d - first],
                                 glni_var(&ctx, (uint32_t)(rank + d - first)),
                                 dilations[d - first], 0);
  }
  return glni_view_finish(&ctx, &view, "windows", out, error);
}

//===-- Given maps and domains --------------------------------------------===//

eg_status gln_view_affine(GLN_VIEW_ARGS, size_t result_rank,
                          const int64_t *result, const int64_t *matrix,
                          const int64_t *offset, GLN_VIEW_OUT) {
  glni_ctx ctx;
  glni_view view;
  eg_status status = begin(&ctx, &view, "affine", allocator, rank, extents,
                           result_rank, result, out, error);
  if (status)
    return status;
  for (size_t s = 0; s < rank && !ctx.status; ++s) {
    const glni_sum *sum = glni_scale(&ctx, glni_constant(&ctx, 0), 1, 0);
    sum = glni_scale(&ctx, sum, 1, glni_add(&ctx, offset[s], 0));
    for (size_t d = 0; d < result_rank; ++d)
      if (matrix[s * result_rank + d])
        sum = glni_combine(&ctx, sum, 1, glni_var(&ctx, (uint32_t)d),
                           matrix[s * result_rank + d], 0);
    int64_t low, high;
    glni_range(&ctx, sum, &low, &high);
    if (!ctx.status && (low < 0 || high >= extents[s])) {
      glni_ctx_fini(&ctx);
      return gln_fail(error, EG_INVALID,
                      "affine: coordinate %zu runs from %" PRId64 " to %" PRId64
                      " outside extent %" PRId64,
                      s, low, high, extents[s]);
    }
    view.map[s] = sum;
  }
  return glni_view_finish(&ctx, &view, "affine", out, error);
}

eg_status gln_view_mask(GLN_VIEW_ARGS, const int64_t *coefficients,
                        int64_t modulus, int64_t low, int64_t high,
                        gln_scalar fill, GLN_VIEW_OUT) {
  glni_ctx ctx;
  glni_view view;
  *out = NULL;
  if (modulus < 0 || modulus > GLN_VIEW_MAX_EXTENT)
    return gln_fail(error, EG_INVALID, "mask: modulus %" PRId64, modulus);
  if (low > high)
    return gln_fail(error, EG_INVALID, "mask: from %" PRId64 " to %" PRId64,
                    low, high);
  if (!gln_type_is_valid((int)fill.type))
    return gln_fail(error, EG_INVALID, "mask: no element type %d",
                    (int)fill.type);
  eg_status status = begin(&ctx, &view, "mask", allocator, rank, extents, rank,
                           extents, out, error);
  if (status)
    return status;
  view.has_fill = true;
  view.fill = fill;
  const glni_sum *sum = glni_constant(&ctx, 0);
  for (uint32_t d = 0; d < rank; ++d) {
    view.map[d] = glni_var(&ctx, d);
    sum = glni_combine(&ctx, sum, 1, view.map[d], coefficients[d], 0);
  }
  if (modulus && !ctx.status)
    sum = glni_mod(&ctx, sum, modulus);
  if (!ctx.status)
    glni_view_add_range(&ctx, &view, sum, low, high);
  return glni_view_finish(&ctx, &view, "mask", out, error);
}
