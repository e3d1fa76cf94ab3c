// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An affine read as a chain of access views.
//
// Each dimension of the source is read at a linear form of the indices of the
// space. By its number of terms:
//
//   0      slice of size 1, later a new axis
//   1      slice with offset and stride (negative: backwards)
//   2      windows: i = stride * o + dilation * w
//   n > 2  windows whose window is read by the other n - 1 terms, again
//
// A space dimension that occurs in two forms (a diagonal) makes no such chain;
// the source is then flattened, where one form, the sum of all, addresses it.
//
// Order of the chain: slice, squeeze, windows, transpose, insert_axis, flip,
// broadcast; each only if it does something.
#include "bridge/build.h"

#include <stdlib.h>
#include <string.h>

enum {
  UNIT = -1,
  PENDING = -2
}; // what a dimension stands for, if no space dim

// A form c1 * i[d1] + c2 * i[d2] + …, all c > 0, c1 >= c2 >= ….
typedef struct {
  size_t num;
  size_t dims[GLN_MAX_RANK];
  int64_t coefs[GLN_MAX_RANK];
} term_list;

typedef struct {
  gln_build *build;
  const gln_shape *space;
  MlirValue value;
  size_t rank;
  int axis[GLN_MAX_RANK];        // of each dimension of |value|
  term_list terms[GLN_MAX_RANK]; // of each PENDING dimension
  gln_linear form[GLN_MAX_RANK]; // of each dimension of the source
  int hint[GLN_MAX_RANK];        // space dim of extent 1 a unit stands for
  bool flip[GLN_MAX_RANK];       // of each space dim: read backwards
} chain;

//===-- Reading the forms -------------------------------------------------===//

// Space dims of extent 1 are always 0: their terms are dropped, and if one was
// the only term, the dimension may later stand for that space dim.
static void drop_unit_terms(chain *c, const gln_linear *map) {
  for (size_t j = 0; j < c->rank; ++j) {
    size_t dim = 0;
    c->form[j] = map[j];
    c->hint[j] = UNIT;
    if (gln_linear_num_terms(&map[j], &dim) == 1 && c->space->dims[dim] == 1)
      c->hint[j] = (int)dim;
    for (size_t d = 0; d < c->space->rank; ++d)
      if (c->space->dims[d] == 1)
        c->form[j].coefs[d] = 0;
  }
}

static bool check_bounds(chain *c, const gln_shape *source) {
  for (size_t j = 0; j < c->rank; ++j) {
    int64_t least, most;
    if (!gln_linear_range(&c->form[j], c->space->dims, &least, &most)) {
      gln_build_fail(c->build, "index %zu overflows 64 bits", j);
      return false;
    }
    if (least < 0 || most >= source->dims[j]) {
      gln_build_fail(c->build,
                     "index %zu ranges over [%lld, %lld], its dimension has "
                     "extent %lld",
                     j, (long long)least, (long long)most,
                     (long long)source->dims[j]);
      return false;
    }
  }
  return true;
}

static bool has_diagonal(const chain *c) {
  for (size_t d = 0; d < c->space->rank; ++d) {
    int uses = 0;
    for (size_t j = 0; j < c->rank; ++j)
      uses += c->form[j].coefs[d] != 0;
    if (uses > 1)
      return true;
  }
  return false;
}

// One dimension, read at the row-major sum of all forms.
static void flatten(chain *c) {
  gln_shape shape = gln_build_shape(c->build, c->value);
  int64_t stride = 1;
  gln_linear sum = {0};
  for (size_t j = c->rank; j-- > 0;) {
    for (size_t d = 0; d < c->space->rank; ++d)
      sum.coefs[d] += stride * c->form[j].coefs[d];
    sum.constant += stride * c->form[j].constant;
    stride *= shape.dims[j];
  }
  c->value = gln_build_at(c->build, c->value, c->rank);
  gln_shape flat = {
      .type = shape.type, .rank = 1, .num_access = 1, .dims = {stride}};
  c->value = gln_build_reshape(c->build, c->value, &flat);
  c->rank = 1;
  c->form[0] = sum;
  c->hint[0] = UNIT;
}

//===-- Slices ------------------------------------------------------------===//

static int64_t gcd(int64_t a, int64_t b) {
  while (b) {
    int64_t r = a % b;
    a = b;
    b = r;
  }
  return a;
}

// 1 + the greatest value of terms first…num-1.
static int64_t span(const chain *c, const term_list *terms, size_t first) {
  int64_t sum = 1;
  for (size_t t = first; t < terms->num; ++t)
    sum += terms->coefs[t] * (c->space->dims[terms->dims[t]] - 1);
  return sum;
}

// Makes all coefficients positive by reading space dims backwards, divides by
// their greatest common divisor, which is given back, and sorts.
static int64_t positive_terms(chain *c, gln_linear *form, term_list *terms) {
  int64_t divisor = 0;
  *terms = (term_list){0};
  for (size_t d = 0; d < c->space->rank; ++d) {
    int64_t coef = form->coefs[d];
    if (!coef)
      continue;
    if (coef < 0) {
      form->constant += coef * (c->space->dims[d] - 1);
      c->flip[d] = true;
      coef = -coef;
    }
    size_t at = terms->num++;
    for (; at > 0 && terms->coefs[at - 1] < coef; --at) {
      terms->dims[at] = terms->dims[at - 1];
      terms->coefs[at] = terms->coefs[at - 1];
    }
    terms->dims[at] = d;
    terms->coefs[at] = coef;
    divisor = gcd(coef, divisor);
  }
  for (size_t t = 0; t < terms->num; ++t)
    terms->coefs[t] /= divisor;
  return divisor;
}

// Which of two terms is the position of the window: the access dimension, else
// the one with the greater coefficient.
static size_t position_term(const chain *c, const term_list *terms) {
  if (terms->num != 2)
    return 0;
  bool access[2];
  for (int t = 0; t < 2; ++t)
    access[t] = terms->dims[t] < c->space->num_access;
  return access[1] && !access[0];
}

// Whether the windows themselves leave out what lies behind the last one.
static bool windows_crop(const chain *c, const term_list *terms,
                         int64_t extent) {
  if (terms->num != 2)
    return false;
  size_t o = position_term(c, terms), w = 1 - o;
  int64_t reach = terms->coefs[w] * (c->space->dims[terms->dims[w]] - 1) + 1;
  return (extent - reach) / terms->coefs[o] + 1 ==
         c->space->dims[terms->dims[o]];
}

// Decides what each dimension stands for and slices it down to that.
static void slice_forms(chain *c, const gln_shape *source, int64_t *offsets,
                        int64_t *sizes, int64_t *strides) {
  for (size_t j = 0; j < c->rank; ++j) {
    gln_linear *form = &c->form[j];
    size_t dim = 0, num = gln_linear_num_terms(form, &dim);
    strides[j] = sizes[j] = 1;
    c->axis[j] = num == 0 ? UNIT : num == 1 ? (int)dim : PENDING;
    if (num == 1) {
      strides[j] = form->coefs[dim];
      sizes[j] = c->space->dims[dim];
    } else if (num > 1) {
      strides[j] = positive_terms(c, form, &c->terms[j]);
      sizes[j] = span(c, &c->terms[j], 0);
      if (strides[j] == 1 && form->constant == 0 &&
          windows_crop(c, &c->terms[j], source->dims[j]))
        sizes[j] = source->dims[j];
    }
    offsets[j] = form->constant;
  }
}

//===-- Units -------------------------------------------------------------===//

static void missing_dims(const chain *c, bool *missing) {
  for (size_t d = 0; d < c->space->rank; ++d)
    missing[d] = true;
  for (size_t j = 0; j < c->rank; ++j) {
    if (c->axis[j] >= 0)
      missing[c->axis[j]] = false;
    if (c->axis[j] == PENDING)
      for (size_t t = 0; t < c->terms[j].num; ++t)
        missing[c->terms[j].dims[t]] = false;
  }
}

// A dimension of extent 1 may stand for a space dim that the source lacks: its
// own one first, then in order.
static void reuse_units(chain *c) {
  bool missing[GLN_MAX_RANK];
  missing_dims(c, missing);
  for (size_t j = 0; j < c->rank; ++j)
    if (c->axis[j] == UNIT && c->hint[j] >= 0 && missing[c->hint[j]]) {
      c->axis[j] = c->hint[j];
      missing[c->hint[j]] = false;
    }
  size_t next = 0;
  for (size_t j = 0; j < c->rank; ++j) {
    if (c->axis[j] != UNIT)
      continue;
    while (next < c->space->rank && !missing[next])
      ++next;
    if (next == c->space->rank)
      return;
    c->axis[j] = (int)next;
    missing[next] = false;
  }
}

static void squeeze_units(chain *c) {
  for (size_t j = c->rank; j-- > 0;) {
    if (c->axis[j] != UNIT)
      continue;
    c->value = gln_build_squeeze(c->build, c->value, j);
    --c->rank;
    for (size_t i = j; i < c->rank; ++i) {
      c->axis[i] = c->axis[i + 1];
      c->terms[i] = c->terms[i + 1];
    }
  }
}

//===-- Windows -----------------------------------------------------------===//

static size_t num_pending(const chain *c) {
  size_t num = 0;
  for (size_t j = 0; j < c->rank; ++j)
    num += c->axis[j] == PENDING;
  return num;
}

static void permute(chain *c, const int64_t *perm) {
  int axis[GLN_MAX_RANK];
  term_list *terms = malloc(sizeof(c->terms));
  if (!terms) {
    gln_build_fail(c->build, "out of memory");
    return;
  }
  c->value = gln_build_transpose(c->build, c->value, perm);
  for (size_t i = 0; i < c->rank; ++i) {
    axis[i] = c->axis[perm[i]];
    terms[i] = c->terms[perm[i]];
  }
  memcpy(c->axis, axis, sizeof(axis));
  memcpy(c->terms, terms, sizeof(c->terms));
  free(terms);
}

static void pending_last(chain *c) {
  int64_t perm[GLN_MAX_RANK];
  size_t at = 0;
  for (int pending = 0; pending < 2; ++pending)
    for (size_t j = 0; j < c->rank; ++j)
      if ((c->axis[j] == PENDING) == pending)
        perm[at++] = (int64_t)j;
  permute(c, perm);
}

// Splits one term off every pending dimension: the last ones, after which the
// windows stand.
static void split_windows(chain *c, size_t num) {
  int64_t window[GLN_MAX_RANK], strides[GLN_MAX_RANK], dilations[GLN_MAX_RANK];
  size_t first = c->rank - num;
  if (c->rank + num > GLN_MAX_RANK) {
    gln_build_fail(c->build, "windows have more than %d dimensions",
                   GLN_MAX_RANK);
    return;
  }
  for (size_t i = 0; i < num; ++i) {
    term_list *from = &c->terms[first + i], *rest = &c->terms[c->rank + i];
    size_t o = position_term(c, from), w = 1 - o;
    strides[i] = from->coefs[o];
    window[i] =
        from->num == 2 ? c->space->dims[from->dims[w]] : span(c, from, 1);
    dilations[i] = from->num == 2 ? from->coefs[w] : 1;
    c->axis[first + i] = (int)from->dims[o];
    c->axis[c->rank + i] = from->num == 2 ? (int)from->dims[w] : PENDING;
    rest->num = from->num - 1;
    memcpy(rest->dims, from->dims + 1, rest->num * sizeof(*rest->dims));
    memcpy(rest->coefs, from->coefs + 1, rest->num * sizeof(*rest->coefs));
  }
  gln_op_attrs attrs = {.window = {window, num},
                        .strides = {strides, num},
                        .dilations = {dilations, num}};
  c->value = gln_build_at(c->build, c->value, first);
  c->value =
      gln_build_access(c->build, GLN_OP_WINDOWS, &attrs, &c->value, 1, NULL);
  c->rank += num;
}

static void cut_windows(chain *c) {
  for (size_t num; (num = num_pending(c)) && !c->build->error.status;) {
    pending_last(c);
    split_windows(c, num);
  }
}

//===-- Into the order of the space ---------------------------------------===//

static void sort_axes(chain *c) {
  int64_t perm[GLN_MAX_RANK];
  for (size_t i = 0; i < c->rank; ++i) {
    size_t at = i;
    for (; at > 0 && c->axis[perm[at - 1]] > c->axis[i]; --at)
      perm[at] = perm[at - 1];
    perm[at] = (int64_t)i;
  }
  permute(c, perm);
}

// Inserts every missing space dim that has a present one before it in its half;
// leading ones come with the broadcast. Gives the number of access dimensions.
static size_t insert_missing(chain *c) {
  bool missing[GLN_MAX_RANK];
  size_t at = 0, num_access = 0, k = c->space->num_access;
  missing_dims(c, missing);
  for (size_t d = 0; d < c->space->rank; ++d) {
    bool leading = d < k ? at == 0 : at == num_access;
    if (missing[d] && leading)
      continue;
    if (missing[d])
      c->value = gln_build_insert_axis(c->build, c->value, at);
    ++at;
    if (d < k)
      num_access = at;
  }
  return num_access;
}

static void flip_axes(chain *c) {
  gln_shape shape = gln_build_shape(c->build, c->value);
  int64_t offsets[GLN_MAX_RANK], strides[GLN_MAX_RANK];
  size_t k = c->space->num_access;
  for (size_t i = 0; i < shape.rank; ++i) {
    // The last dimensions of each half are present, right-aligned.
    size_t d = i < shape.num_access ? i + k - shape.num_access
                                    : i + c->space->rank - shape.rank;
    bool flip = c->flip[d] && shape.dims[i] > 1;
    offsets[i] = flip ? shape.dims[i] - 1 : 0;
    strides[i] = flip ? -1 : 1;
  }
  c->value = gln_build_slice(c->build, c->value, offsets, shape.dims, strides);
}

// Access dimensions to start with, so that no shift is needed at the end.
static size_t first_split(const chain *c) {
  size_t num = 0, pending = num_pending(c);
  for (size_t j = 0; j < c->rank; ++j)
    num += c->axis[j] >= 0 && (size_t)c->axis[j] < c->space->num_access;
  return pending ? c->rank - pending : num;
}

static void build_chain(chain *c) {
  int64_t offsets[GLN_MAX_RANK], sizes[GLN_MAX_RANK], strides[GLN_MAX_RANK];
  gln_shape source = gln_build_shape(c->build, c->value);
  slice_forms(c, &source, offsets, sizes, strides);
  reuse_units(c);
  c->value = gln_build_at(c->build, c->value, first_split(c));
  c->value = gln_build_slice(c->build, c->value, offsets, sizes, strides);
  squeeze_units(c);
  cut_windows(c);
  if (c->build->error.status)
    return;
  sort_axes(c);
  size_t num_access = insert_missing(c);
  c->value = gln_build_at(c->build, c->value, num_access);
  flip_axes(c);
  gln_shape space = *c->space;
  space.type = source.type;
  c->value = gln_build_broadcast(c->build, c->value, &space);
}

MlirValue gln_build_view(gln_build *build, MlirValue source,
                         const gln_linear *map, size_t num,
                         const gln_shape *space) {
  MlirValue result = {NULL};
  gln_shape shape = gln_build_shape(build, source);
  if (build->error.status)
    return result;
  if (shape.rank != num)
    return gln_build_fail(build, "%zu indices into rank %d", num, shape.rank);
  // Some 20 kB: too much for the stack of a deep pipeline.
  chain *c = calloc(1, sizeof(*c));
  if (!c)
    return gln_build_fail(build, "out of memory");
  c->build = build;
  c->space = space;
  c->value = source;
  c->rank = num;
  drop_unit_terms(c, map);
  if (check_bounds(c, &shape)) {
    if (has_diagonal(c))
      flatten(c);
    build_chain(c);
    if (!build->error.status)
      result = c->value;
  }
  free(c);
  return result;
}

//===-- The way out -------------------------------------------------------===//

MlirValue gln_build_scatter(gln_build *build, MlirValue value,
                            const gln_linear *map, size_t num) {
  gln_shape shape = gln_build_shape(build, value);
  int64_t perm[GLN_MAX_RANK];
  size_t at = 0, dim = 0;
  for (size_t j = 0; j < num; ++j)
    if (gln_linear_is_dim(&map[j], &dim) && at < GLN_MAX_RANK)
      perm[at++] = (int64_t)dim;
  if (at != shape.rank)
    return gln_build_fail(build, "the result has %d dimensions, its map %zu",
                          shape.rank, at);
  value = gln_build_transpose(build, value, perm);
  for (size_t j = 0; j < num; ++j)
    if (!gln_linear_is_dim(&map[j], &dim))
      value = gln_build_insert_axis(build, value, j);
  return gln_build_tensor(build, value);
}
