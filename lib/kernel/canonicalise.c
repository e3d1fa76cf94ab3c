// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reductions to canonical form, in four steps:
//
//   digits    split dimensions until every map is affine
//   linear    part each operand's view into padding and cropping, which stay a
//             view, and a linear map, the matrix of the spec
//   spec      simplify (simplify.c)
//   result    the view that undoes all this on the result
#include "kernel/spec.h"
#include "view/try.h"

#include <string.h>

enum { MAX = GLN_VIEW_MAX_RANK };

typedef struct operand {
  gln_type type;
  gln_view *read;                         // digits → value
  gln_view *residual;                     // value → array, once it is known
  int64_t matrix[MAX * MAX], offset[MAX]; // digits → array
} operand;

typedef struct work {
  const eg_allocator *memory;
  eg_error *error;
  size_t num_digits;
  int64_t extents[MAX]; // of the digits
  bool reduced[MAX];
  size_t num_operands;
  operand operands[GLN_SPEC_MAX_OPERANDS];
} work;

// *into := outer ∘ *into.
static eg_status compose_into(const work *w, const gln_view *outer,
                              gln_view **into) {
  gln_view *both;
  GLN_TRY(gln_view_compose(w->memory, outer, *into, &both, w->error));
  gln_view_destroy(w->memory, *into);
  *into = both;
  return EG_OK;
}

//===-- Digits ------------------------------------------------------------===//

// Replaces the digits by those that |split| spells: groups[d] for digit d.
static eg_status take_digits(work *w, const gln_view *split,
                             const uint8_t *groups) {
  size_t num = gln_view_rank(split), at = 0;
  bool reduced[MAX];
  for (size_t d = 0; d < w->num_digits; ++d)
    for (uint8_t g = 0; g < groups[d]; ++g)
      reduced[at++] = w->reduced[d];
  memcpy(w->reduced, reduced, at * sizeof *reduced);
  memcpy(w->extents, gln_view_extents(split), num * sizeof *w->extents);
  w->num_digits = num;
  return EG_OK;
}

// Gives up on the map of an operand: it is read as one array of the digits'
// extents, which has to be materialised.
static eg_status give_up(work *w, operand *o) {
  o->residual = o->read;
  o->read = NULL;
  return gln_view_identity(w->memory, w->num_digits, w->extents, &o->read,
                           w->error);
}

static eg_status split_with(work *w, const gln_view *split,
                            const uint8_t *groups) {
  for (size_t k = 0; k < w->num_operands; ++k)
    GLN_TRY(compose_into(w, split, &w->operands[k].read));
  return take_digits(w, split, groups);
}

static eg_status split_operand(work *w, operand *o) {
  gln_view *split, *affine;
  uint8_t groups[MAX];
  eg_status status = gln_view_split_affine(w->memory, o->read, &split, &affine,
                                           groups, w->error);
  if (status == EG_INFEASIBLE)
    return give_up(w, o);
  GLN_TRY(status);
  status = split_with(w, split, groups);
  gln_view_destroy(w->memory, split);
  gln_view_destroy(w->memory, affine);
  return status;
}

// Each split refines the digits of all operands, so one pass may undo nothing,
// but a later operand may split what an earlier one had whole: that stays affine.
static eg_status find_digits(work *w) {
  for (size_t k = 0; k < w->num_operands; ++k)
    if (!gln_view_is_affine(w->operands[k].read, NULL, NULL))
      GLN_TRY(split_operand(w, &w->operands[k]));
  return EG_OK;
}

//===-- Linear maps -------------------------------------------------------===//

// The interval that row |row| of an affine map over the digits covers.
static void row_image(const work *w, const int64_t *row, int64_t offset,
                      int64_t *low, int64_t *high) {
  *low = *high = offset;
  for (size_t i = 0; i < w->num_digits; ++i) {
    int64_t reach = row[i] * (w->extents[i] - 1);
    *(reach < 0 ? low : high) += reach;
  }
}

// value → the box from low to high of it, padded where that leaves the value.
static eg_status crop(const work *w, const gln_view *read, const int64_t *low,
                      const int64_t *high, gln_view **out) {
  size_t rank = gln_view_source_rank(read);
  const int64_t *extents = gln_view_source_extents(read);
  int64_t before[MAX], after[MAX], offsets[MAX], sizes[MAX], ones[MAX];
  gln_scalar fill = {GLN_TYPE_F32, 0};
  gln_view_has_fill(read, &fill);
  for (size_t d = 0; d < rank; ++d) {
    before[d] = low[d] < 0 ? -low[d] : 0;
    after[d] = high[d] >= extents[d] ? high[d] - extents[d] + 1 : 0;
    offsets[d] = low[d] + before[d];
    sizes[d] = high[d] - low[d] + 1;
    ones[d] = 1;
  }
  GLN_TRY(gln_view_pad(w->memory, rank, extents, before, after, fill, out,
                       w->error));
  gln_view *slice = NULL;
  eg_status status = gln_view_slice(w->memory, rank, gln_view_extents(*out),
                                    offsets, sizes, ones, &slice, w->error);
  if (status == EG_OK)
    status = compose_into(w, slice, out);
  gln_view_destroy(w->memory, slice);
  return status;
}

// Whether reading |array| by the matrix is the same as |read|: not so when the
// domain of |read| is more than the edge of its source.
static eg_status reads_same(const work *w, const gln_view *read,
                            const gln_view *array, const int64_t *matrix,
                            const int64_t *offset, bool *out_same) {
  gln_view *linear, *both;
  *out_same = false;
  GLN_TRY(gln_view_affine(w->memory, gln_view_rank(array),
                          gln_view_extents(array), w->num_digits, w->extents,
                          matrix, offset, &linear, w->error));
  eg_status status =
      gln_view_compose(w->memory, linear, array, &both, w->error);
  gln_view_destroy(w->memory, linear);
  GLN_TRY(status);
  *out_same = gln_view_equal(both, read);
  gln_view_destroy(w->memory, both);
  return EG_OK;
}

// Parts the read of an operand, which is affine, into a residual view and a
// matrix; or gives up on it.
static eg_status find_matrix(work *w, operand *o) {
  int64_t low[MAX], high[MAX];
  for (;;) {
    if (!gln_view_is_affine(o->read, o->matrix, o->offset))
      return gln_fail(w->error, EG_INVALID, "operand map is not affine");
    size_t rank = gln_view_source_rank(o->read);
    for (size_t d = 0; d < rank; ++d) {
      row_image(w, o->matrix + d * w->num_digits, o->offset[d], &low[d],
                &high[d]);
      o->offset[d] -= low[d];
    }
    if (o->residual) // given up on: the array is read whole
      return EG_OK;
    gln_view *array;
    bool same;
    GLN_TRY(crop(w, o->read, low, high, &array));
    eg_status status =
        reads_same(w, o->read, array, o->matrix, o->offset, &same);
    if (status == EG_OK && same) {
      o->residual = array;
      return EG_OK;
    }
    gln_view_destroy(w->memory, array);
    GLN_TRY(status);
    GLN_TRY(give_up(w, o));
  }
}

//===-- The spec ----------------------------------------------------------===//

static eg_status write_operand(const work *w, size_t k, const uint8_t *digits,
                               gln_spec *spec) {
  const operand *o = &w->operands[k];
  gln_spec_operand *out = &spec->operands[k];
  size_t rank = gln_view_rank(o->residual);
  out->type = o->type;
  for (size_t d = 0; d < rank; ++d) {
    if (gln_view_extents(o->residual)[d] == 1)
      continue;
    if (out->rank == GLN_SPEC_MAX_RANK)
      return gln_fail(w->error, EG_LIMIT,
                      "operand %zu is read in %zu dimensions, at most %d", k,
                      rank, GLN_SPEC_MAX_RANK);
    for (size_t i = 0; i < spec->num_dims; ++i)
      out->coef[out->rank][i] =
          (int32_t)o->matrix[d * w->num_digits + digits[i]];
    ++out->rank;
  }
  return EG_OK;
}

// Writes the spec over the digits, parallel ones first, and simplifies it;
// |order| receives the digits of the result, outermost first.
static eg_status write_spec(const work *w, const gln_reduction *r,
                            gln_spec *spec, uint8_t *order,
                            size_t *out_num_order) {
  uint8_t digits[MAX];
  memset(spec, 0, sizeof *spec);
  if (w->num_digits > GLN_SPEC_MAX_DIMS)
    return gln_fail(w->error, EG_LIMIT,
                    "reduction of %zu dimensions, at most %d", w->num_digits,
                    GLN_SPEC_MAX_DIMS);
  spec->combine = r->combine;
  spec->result = r->result;
  spec->num_operands = (uint8_t)w->num_operands;
  for (int reduced = 0; reduced < 2; ++reduced)
    for (size_t i = 0; i < w->num_digits; ++i) {
      if (w->reduced[i] != (bool)reduced)
        continue;
      spec->num_parallel = (uint8_t)(spec->num_parallel + !reduced);
      spec->dims[spec->num_dims] = w->extents[i];
      digits[spec->num_dims++] = (uint8_t)i;
    }
  for (size_t k = 0; k < w->num_operands; ++k)
    GLN_TRY(write_operand(w, k, digits, spec));
  gln_origin origin[GLN_SPEC_MAX_DIMS];
  gln_spec_simplify(spec, origin);
  *out_num_order = 0;
  for (size_t i = 0; i < spec->num_parallel; ++i)
    for (size_t g = 0; g < origin[i].num; ++g)
      order[(*out_num_order)++] = digits[origin[i].dims[g]];
  return EG_OK;
}

// Reshapes the residual of operand |k| to the array of the spec.
static eg_status shape_residual(work *w, const gln_spec *spec, size_t k) {
  int64_t extents[GLN_SPEC_MAX_RANK];
  gln_view *residual = w->operands[k].residual, *reshape;
  gln_spec_operand_box(spec, k, extents, NULL);
  GLN_TRY(gln_view_reshape(w->memory, gln_view_rank(residual),
                           gln_view_extents(residual), spec->operands[k].rank,
                           extents, &reshape, w->error));
  eg_status status = compose_into(w, reshape, &w->operands[k].residual);
  gln_view_destroy(w->memory, reshape);
  return status;
}

//===-- Result ------------------------------------------------------------===//

// The spec's result → its digits in |order| → in their own order → the parallel
// dimensions of the reduction.
static eg_status view_result(const work *w, const gln_reduction *r,
                             const gln_spec *spec, const uint8_t *order,
                             size_t num, gln_view **out) {
  int64_t digits[MAX], perm[MAX], wanted[MAX];
  size_t num_wanted = 0;
  for (size_t at = 0; at < num; ++at) {
    size_t rank = 0;
    for (size_t other = 0; other < num; ++other)
      rank += order[other] < order[at];
    perm[rank] = (int64_t)at;
    digits[at] = w->extents[order[at]];
  }
  for (size_t d = 0; d < r->rank; ++d)
    if (!r->reduced[d])
      wanted[num_wanted++] = r->extents[d];
  GLN_TRY(gln_view_reshape(w->memory, spec->num_parallel, spec->dims, num,
                           digits, out, w->error));
  gln_view *step = NULL;
  eg_status status =
      gln_view_transpose(w->memory, num, digits, perm, &step, w->error);
  if (status == EG_OK)
    status = compose_into(w, step, out);
  gln_view_destroy(w->memory, step);
  step = NULL;
  if (status == EG_OK)
    status = gln_view_reshape(w->memory, num, gln_view_extents(*out),
                              num_wanted, wanted, &step, w->error);
  if (status == EG_OK)
    status = compose_into(w, step, out);
  gln_view_destroy(w->memory, step);
  return status;
}

//===-- The whole ---------------------------------------------------------===//

static eg_status begin(work *w, const gln_reduction *r, bool swapped) {
  size_t want = r->combine == GLN_COMBINE_DOT ? 2 : 1;
  if (r->num_operands != want)
    return gln_fail(w->error, EG_INVALID,
                    "reduction with %zu operands, not %zu", r->num_operands,
                    want);
  if (r->rank > MAX)
    return gln_fail(w->error, EG_LIMIT,
                    "reduction of %zu dimensions, at most %d", r->rank, MAX);
  w->num_digits = r->rank;
  w->num_operands = r->num_operands;
  memcpy(w->extents, r->extents, r->rank * sizeof *w->extents);
  memcpy(w->reduced, r->reduced, r->rank * sizeof *w->reduced);
  for (size_t k = 0; k < r->num_operands; ++k) {
    size_t from = swapped ? 1 - k : k;
    const gln_view *view = r->views[from];
    if (gln_view_rank(view) != r->rank ||
        memcmp(gln_view_extents(view), r->extents,
               r->rank * sizeof *r->extents) != 0)
      return gln_fail(w->error, EG_INVALID,
                      "operand %zu does not read the iteration box", from);
    w->operands[k].type = r->types[from];
    GLN_TRY(gln_view_clone(w->memory, view, &w->operands[k].read, w->error));
  }
  return EG_OK;
}

static eg_status canonicalise(work *w, const gln_reduction *r,
                              gln_canonical *out) {
  uint8_t order[MAX];
  size_t num_order;
  GLN_TRY(begin(w, r, out->swapped));
  GLN_TRY(find_digits(w));
  for (size_t k = 0; k < w->num_operands; ++k)
    GLN_TRY(find_matrix(w, &w->operands[k]));
  GLN_TRY(write_spec(w, r, &out->spec, order, &num_order));
  for (size_t k = 0; k < w->num_operands; ++k)
    GLN_TRY(shape_residual(w, &out->spec, k));
  return view_result(w, r, &out->spec, order, num_order, &out->view);
}

eg_status gln_canonicalise(const eg_allocator *allocator,
                           const gln_reduction *reduction, gln_canonical *out,
                           eg_error *error) {
  work w = {.memory = allocator, .error = error};
  *out = (gln_canonical){.swapped = reduction->num_operands == 2 &&
                                    reduction->constant[0] &&
                                    !reduction->constant[1]};
  eg_status status = canonicalise(&w, reduction, out);
  for (size_t k = 0; k < w.num_operands; ++k) {
    gln_view_destroy(allocator, w.operands[k].read);
    if (status == EG_OK)
      out->operands[k] = w.operands[k].residual;
    else
      gln_view_destroy(allocator, w.operands[k].residual);
  }
  if (status != EG_OK) {
    gln_view_destroy(allocator, out->view);
    out->view = NULL;
  }
  return status;
}

void gln_canonical_fini(const eg_allocator *allocator,
                        gln_canonical *canonical) {
  for (size_t k = 0; k < GLN_SPEC_MAX_OPERANDS; ++k)
    gln_view_destroy(allocator, canonical->operands[k]);
  gln_view_destroy(allocator, canonical->view);
  memset(canonical, 0, sizeof *canonical);
}
