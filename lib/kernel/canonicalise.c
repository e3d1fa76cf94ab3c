// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reductions to canonical form, in five steps, each of which only renames what
// the loops run over:
//
//   digits    split dimensions until every map is affine
//   linear    part each operand's view into padding and cropping (kept as a view)
//             and a linear map (the matrix of the spec)
//   merge     drop dimensions of extent 1; make one of two that every operand
//             reads as one run
//   order     sort dimensions by role and stride
//   result    the view that undoes all this on the result
#include "kernel/spec.h"

#include <string.h>

enum { MAX = GLN_VIEW_MAX_RANK };

// A loop while merging goes on: which digits it stands for, outermost first.
typedef struct loop {
  int64_t extent;
  bool reduced;
  size_t num_digits;
  uint8_t digits[MAX];
} loop;

typedef struct operand {
  gln_type type;
  gln_view *read;     // digits → value, while splitting
  gln_view *residual; // value → array
  size_t rank;
  int64_t coef[MAX][MAX]; // of array dimension, loop
} operand;

typedef struct work {
  const eg_allocator *memory;
  eg_error *error;
  size_t num_digits;
  int64_t extents[MAX]; // of the digits
  bool reduced[MAX];
  size_t num_loops;
  loop loops[MAX];
  size_t num_operands;
  operand operands[GLN_SPEC_MAX_OPERANDS];
} work;

#define TRY(expr)                                                              \
  do {                                                                         \
    eg_status try_status = (expr);                                             \
    if (try_status != EG_OK)                                                   \
      return try_status;                                                       \
  } while (0)

// *into := outer ∘ *into.
static eg_status compose_into(const work *w, const gln_view *outer,
                              gln_view **into) {
  gln_view *both;
  TRY(gln_view_compose(w->memory, outer, *into, &both, w->error));
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
    TRY(compose_into(w, split, &w->operands[k].read));
  return take_digits(w, split, groups);
}

static eg_status split_operand(work *w, operand *o) {
  gln_view *split, *affine;
  uint8_t groups[MAX];
  eg_status status = gln_view_split_affine(w->memory, o->read, &split, &affine,
                                           groups, w->error);
  if (status == EG_INFEASIBLE)
    return give_up(w, o);
  TRY(status);
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
      TRY(split_operand(w, &w->operands[k]));
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
  TRY(gln_view_pad(w->memory, rank, extents, before, after, fill, out,
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
  TRY(gln_view_affine(w->memory, gln_view_rank(array), gln_view_extents(array),
                      w->num_digits, w->extents, matrix, offset, &linear,
                      w->error));
  eg_status status =
      gln_view_compose(w->memory, linear, array, &both, w->error);
  gln_view_destroy(w->memory, linear);
  TRY(status);
  *out_same = gln_view_equal(both, read);
  gln_view_destroy(w->memory, both);
  return EG_OK;
}

// Reshapes the residual of an operand to |rank| |extents|.
static eg_status reshape_residual(const work *w, operand *o, size_t rank,
                                  const int64_t *extents) {
  gln_view *reshape;
  TRY(gln_view_reshape(w->memory, gln_view_rank(o->residual),
                       gln_view_extents(o->residual), rank, extents, &reshape,
                       w->error));
  eg_status status = compose_into(w, reshape, &o->residual);
  gln_view_destroy(w->memory, reshape);
  return status;
}

// Drops the dimensions of the operand array that have extent 1.
static eg_status drop_unit_rows(const work *w, operand *o,
                                const int64_t *matrix) {
  int64_t extents[MAX];
  size_t rank = gln_view_rank(o->residual);
  o->rank = 0;
  for (size_t d = 0; d < rank; ++d) {
    int64_t extent = gln_view_extents(o->residual)[d];
    if (extent == 1)
      continue;
    extents[o->rank] = extent;
    memcpy(o->coef[o->rank++], matrix + d * w->num_digits,
           w->num_digits * sizeof *matrix);
  }
  return reshape_residual(w, o, o->rank, extents);
}

// Parts the read of an operand, which is affine, into a residual view and a
// matrix; or gives up on it.
static eg_status find_matrix(work *w, operand *o) {
  int64_t matrix[MAX * MAX], offset[MAX], low[MAX], high[MAX];
  bool same = false;
  while (!same) {
    if (!gln_view_is_affine(o->read, matrix, offset))
      return gln_fail(w->error, EG_INVALID, "operand map is not affine");
    size_t rank = gln_view_source_rank(o->read);
    for (size_t d = 0; d < rank; ++d) {
      row_image(w, matrix + d * w->num_digits, offset[d], &low[d], &high[d]);
      offset[d] -= low[d];
    }
    if (o->residual) { // given up on: the identity
      same = true;
      break;
    }
    gln_view *array;
    TRY(crop(w, o->read, low, high, &array));
    eg_status status = reads_same(w, o->read, array, matrix, offset, &same);
    if (status == EG_OK && same)
      o->residual = array;
    else
      gln_view_destroy(w->memory, array);
    TRY(status);
    if (!same)
      TRY(give_up(w, o));
  }
  return drop_unit_rows(w, o, matrix);
}

static void make_loops(work *w) {
  w->num_loops = 0;
  for (size_t i = 0; i < w->num_digits; ++i) {
    for (size_t k = 0; k < w->num_operands; ++k)
      for (size_t d = 0; d < w->operands[k].rank; ++d)
        w->operands[k].coef[d][w->num_loops] = w->operands[k].coef[d][i];
    if (w->extents[i] == 1)
      continue;
    w->loops[w->num_loops++] =
        (loop){w->extents[i], w->reduced[i], 1, {(uint8_t)i}};
  }
}

//===-- Merging -----------------------------------------------------------===//

// How operand |o| reads loops i (outer) and j (inner) as one run:
//   0  not at all as one run
//   1  in no dimension, or in one: coef_i = coef_j · extent_j
//   2  as two neighbouring dimensions, each alone and whole; *out_row is the
//      outer one
static int run_kind(const work *w, const operand *o, size_t i, size_t j,
                    size_t *out_row) {
  size_t row_i = MAX, row_j = MAX;
  bool same_row = true;
  for (size_t d = 0; d < o->rank; ++d) {
    int64_t a = o->coef[d][i], b = o->coef[d][j];
    same_row &= a == b * w->loops[j].extent;
    if (a)
      row_i = row_i == MAX ? d : MAX + 1;
    if (b)
      row_j = row_j == MAX ? d : MAX + 1;
  }
  if (same_row)
    return 1;
  if (row_i >= MAX || row_j != row_i + 1 || row_j >= o->rank)
    return 0;
  for (size_t m = 0; m < w->num_loops; ++m)
    if (o->coef[row_i][m] != (m == i) || o->coef[row_j][m] != (m == j))
      return 0;
  *out_row = row_i;
  return 2;
}

// Makes dimensions |row| and |row| + 1 of the operand array one.
static eg_status merge_rows(const work *w, operand *o, size_t row, size_t i) {
  int64_t extents[MAX];
  size_t rank = 0;
  for (size_t d = 0; d < o->rank; ++d) {
    int64_t extent = gln_view_extents(o->residual)[d];
    if (d == row + 1)
      extents[rank - 1] *= extent;
    else
      extents[rank++] = extent;
  }
  memmove(o->coef[row], o->coef[row + 1],
          (o->rank - row - 1) * sizeof *o->coef);
  o->coef[row][i] = 0; // the merged loop keeps the inner one's coefficient
  o->rank = rank;
  return reshape_residual(w, o, rank, extents);
}

static void drop_loop(work *w, size_t i) {
  for (size_t k = 0; k < w->num_operands; ++k)
    for (size_t d = 0; d < w->operands[k].rank; ++d) {
      int64_t *row = w->operands[k].coef[d];
      memmove(row + i, row + i + 1, (w->num_loops - i - 1) * sizeof *row);
    }
  memmove(w->loops + i, w->loops + i + 1,
          (w->num_loops - i - 1) * sizeof *w->loops);
  --w->num_loops;
}

// Merges loops i (outer) and j (inner) if every operand reads them as one run.
static eg_status try_merge(work *w, size_t i, size_t j, bool *out_merged) {
  int kinds[GLN_SPEC_MAX_OPERANDS];
  size_t rows[GLN_SPEC_MAX_OPERANDS];
  *out_merged = false;
  if (i == j || w->loops[i].reduced != w->loops[j].reduced)
    return EG_OK;
  for (size_t k = 0; k < w->num_operands; ++k) {
    kinds[k] = run_kind(w, &w->operands[k], i, j, &rows[k]);
    if (!kinds[k])
      return EG_OK;
  }
  for (size_t k = 0; k < w->num_operands; ++k)
    if (kinds[k] == 2)
      TRY(merge_rows(w, &w->operands[k], rows[k], i));
  loop *outer = &w->loops[i], *inner = &w->loops[j];
  memmove(inner->digits + outer->num_digits, inner->digits, inner->num_digits);
  memcpy(inner->digits, outer->digits, outer->num_digits);
  inner->num_digits += outer->num_digits;
  inner->extent *= outer->extent;
  drop_loop(w, i);
  *out_merged = true;
  return EG_OK;
}

static eg_status merge_loops(work *w) {
  bool merged = true;
  while (merged) {
    merged = false;
    for (size_t i = 0; i < w->num_loops && !merged; ++i)
      for (size_t j = 0; j < w->num_loops && !merged; ++j)
        TRY(try_merge(w, i, j, &merged));
  }
  return EG_OK;
}

//===-- Order -------------------------------------------------------------===//

static bool occurs(const operand *o, size_t i) {
  for (size_t d = 0; d < o->rank; ++d)
    if (o->coef[d][i])
      return true;
  return false;
}

static gln_role role_of(const work *w, size_t i) {
  if (w->loops[i].reduced)
    return GLN_ROLE_INNER;
  bool in_b = w->num_operands == 2 && occurs(&w->operands[1], i);
  if (!in_b)
    return GLN_ROLE_ROW;
  return occurs(&w->operands[0], i) ? GLN_ROLE_BATCH : GLN_ROLE_COL;
}

static int64_t stride_of(const operand *o, size_t i) {
  int64_t stride = 0, pitch = 1;
  for (size_t d = o->rank; d--;) {
    stride += o->coef[d][i] * pitch;
    pitch *= gln_view_extents(o->residual)[d];
  }
  return stride;
}

static bool loop_before(const work *w, size_t i, size_t j) {
  gln_role a = role_of(w, i), b = role_of(w, j);
  if (a != b)
    return a < b;
  for (size_t k = 0; k < w->num_operands; ++k) {
    int64_t s = stride_of(&w->operands[k], i);
    int64_t t = stride_of(&w->operands[k], j);
    if (s != t)
      return s > t;
  }
  return w->loops[i].extent > w->loops[j].extent;
}

static void swap_loops(work *w, size_t i, size_t j) {
  loop t = w->loops[i];
  w->loops[i] = w->loops[j];
  w->loops[j] = t;
  for (size_t k = 0; k < w->num_operands; ++k)
    for (size_t d = 0; d < w->operands[k].rank; ++d) {
      int64_t *row = w->operands[k].coef[d], c = row[i];
      row[i] = row[j];
      row[j] = c;
    }
}

static void order_loops(work *w) {
  for (size_t i = 1; i < w->num_loops; ++i)
    for (size_t j = i; j && loop_before(w, j, j - 1); --j)
      swap_loops(w, j, j - 1);
}

static eg_status write_spec(const work *w, const gln_reduction *r,
                            gln_spec *spec) {
  memset(spec, 0, sizeof *spec);
  if (w->num_loops > GLN_SPEC_MAX_DIMS)
    return gln_fail(w->error, EG_LIMIT,
                    "reduction of %zu dimensions, at most %d", w->num_loops,
                    GLN_SPEC_MAX_DIMS);
  spec->combine = r->combine;
  spec->result = r->result;
  spec->num_operands = (uint8_t)w->num_operands;
  spec->num_dims = (uint8_t)w->num_loops;
  for (size_t i = 0; i < w->num_loops; ++i) {
    spec->dims[i] = w->loops[i].extent;
    spec->num_parallel += !w->loops[i].reduced;
  }
  for (size_t k = 0; k < w->num_operands; ++k) {
    const operand *o = &w->operands[k];
    if (o->rank > GLN_SPEC_MAX_RANK)
      return gln_fail(w->error, EG_LIMIT,
                      "operand %zu is read in %zu dimensions, at most %d", k,
                      o->rank, GLN_SPEC_MAX_RANK);
    spec->operands[k].type = o->type;
    spec->operands[k].rank = (uint8_t)o->rank;
    for (size_t d = 0; d < o->rank; ++d)
      for (size_t i = 0; i < w->num_loops; ++i)
        spec->operands[k].coef[d][i] = (int32_t)o->coef[d][i];
  }
  return EG_OK;
}

//===-- Result ------------------------------------------------------------===//

// The spec's result → its digits in order of the loops → in their own order →
// the parallel dimensions of the reduction.
static eg_status view_result(const work *w, const gln_reduction *r,
                             gln_view **out) {
  int64_t merged[MAX], digits[MAX], perm[MAX], wanted[MAX];
  uint8_t order[MAX];
  size_t num_merged = 0, num = 0, num_wanted = 0;
  for (size_t i = 0; i < w->num_loops && !w->loops[i].reduced; ++i) {
    merged[num_merged++] = w->loops[i].extent;
    for (size_t g = 0; g < w->loops[i].num_digits; ++g)
      order[num++] = w->loops[i].digits[g];
  }
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
  TRY(gln_view_reshape(w->memory, num_merged, merged, num, digits, out,
                       w->error));
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
    TRY(gln_view_clone(w->memory, view, &w->operands[k].read, w->error));
  }
  return EG_OK;
}

static eg_status canonicalise(work *w, const gln_reduction *r,
                              gln_canonical *out) {
  TRY(begin(w, r, out->swapped));
  TRY(find_digits(w));
  for (size_t k = 0; k < w->num_operands; ++k)
    TRY(find_matrix(w, &w->operands[k]));
  make_loops(w);
  TRY(merge_loops(w));
  order_loops(w);
  TRY(write_spec(w, r, &out->spec));
  return view_result(w, r, &out->view);
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
