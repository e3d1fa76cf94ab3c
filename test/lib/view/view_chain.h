// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random chains of view ops, built twice: as a gln_view, and as a table that
// says for each result element which source element it is, made op by op and
// index by index from the definitions.
#ifndef VIEW_CHAIN_H
#define VIEW_CHAIN_H

#include "view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHAIN_MAX_ELEMENTS = 1024, CHAIN_MAX_RANK = 6, CHAIN_FILL = -1 };

typedef struct chain {
  size_t rank, source_rank;
  int64_t extents[GLN_VIEW_MAX_RANK], source[GLN_VIEW_MAX_RANK];
  int32_t table[CHAIN_MAX_ELEMENTS]; // source element or CHAIN_FILL
  gln_view *view;
  char text[512]; // the ops
} chain;

typedef struct chain_random {
  uint64_t state;
} chain_random;

static inline uint64_t chain_next(chain_random *r) {
  uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

// In [low, high].
static inline int64_t chain_pick(chain_random *r, int64_t low, int64_t high) {
  return low + (int64_t)(chain_next(r) % (uint64_t)(high - low + 1));
}

static inline int64_t chain_product(size_t rank, const int64_t *extents) {
  int64_t product = 1;
  for (size_t d = 0; d < rank; ++d)
    product *= extents[d];
  return product;
}

static inline void chain_unravel(size_t rank, const int64_t *extents, int64_t n,
                                 int64_t *index) {
  for (size_t d = rank; d-- > 0;) {
    index[d] = n % extents[d];
    n /= extents[d];
  }
}

static inline int64_t chain_ravel(size_t rank, const int64_t *extents,
                                  const int64_t *index) {
  int64_t n = 0;
  for (size_t d = 0; d < rank; ++d)
    n = n * extents[d] + index[d];
  return n;
}

static inline const gln_scalar *chain_zero(void) {
  static const gln_scalar zero = {GLN_TYPE_F32, 0};
  return &zero;
}

typedef enum chain_op {
  CHAIN_TRANSPOSE,
  CHAIN_RESHAPE,
  CHAIN_FLATTEN,
  CHAIN_SQUEEZE,
  CHAIN_INSERT,
  CHAIN_BROADCAST,
  CHAIN_SLICE,
  CHAIN_PAD,
  CHAIN_WINDOWS,
  CHAIN_DILATE,
  CHAIN_NUM_OPS
} chain_op;

typedef struct chain_step {
  chain_op op;
  size_t rank; // of the result
  int64_t extents[GLN_VIEW_MAX_RANK];
  int64_t a[GLN_VIEW_MAX_RANK], b[GLN_VIEW_MAX_RANK], c[GLN_VIEW_MAX_RANK];
  size_t dim, num;
} chain_step;

static inline void chain_factor(chain_random *r, int64_t total, size_t *rank,
                                int64_t *extents) {
  *rank = 0;
  while (*rank + 1 < 4 && total > 1) {
    int64_t divisors[64];
    size_t num = 0;
    for (int64_t d = 1; d <= total && num < 64; ++d)
      if (total % d == 0)
        divisors[num++] = d;
    int64_t d = divisors[chain_next(r) % num];
    extents[(*rank)++] = d;
    total /= d;
  }
  if (total > 1 || *rank == 0 || chain_next(r) % 8 == 0)
    extents[(*rank)++] = total;
}

// Draws a legal op on |extents|; false when the draw was not legal.
static inline bool chain_draw(chain_random *r, size_t rank,
                              const int64_t *extents, chain_step *s) {
  memset(s, 0, sizeof *s);
  s->op = (chain_op)(chain_next(r) % CHAIN_NUM_OPS);
  s->rank = rank;
  memcpy(s->extents, extents, sizeof s->extents);
  switch (s->op) {
  case CHAIN_TRANSPOSE:
    for (size_t d = 0; d < rank; ++d)
      s->a[d] = (int64_t)d;
    for (size_t d = rank; d > 1; --d) {
      size_t j = chain_next(r) % d;
      int64_t t = s->a[d - 1];
      s->a[d - 1] = s->a[j];
      s->a[j] = t;
    }
    for (size_t d = 0; d < rank; ++d)
      s->extents[d] = extents[s->a[d]];
    return rank > 1;
  case CHAIN_RESHAPE:
    chain_factor(r, chain_product(rank, extents), &s->rank, s->extents);
    return true;
  case CHAIN_FLATTEN:
    s->dim = chain_next(r) % (rank + 1);
    s->num = chain_next(r) % (rank - s->dim + 1);
    s->rank = rank - s->num + 1;
    s->extents[s->dim] = chain_product(s->num, extents + s->dim);
    for (size_t d = s->dim + s->num; d < rank; ++d)
      s->extents[d - s->num + 1] = extents[d];
    return true;
  case CHAIN_SQUEEZE:
    for (s->dim = 0; s->dim < rank && extents[s->dim] != 1;)
      ++s->dim;
    if (s->dim == rank)
      return false;
    for (size_t d = s->dim; d + 1 < rank; ++d)
      s->extents[d] = extents[d + 1];
    --s->rank;
    return true;
  case CHAIN_INSERT:
    s->dim = chain_next(r) % (rank + 1);
    for (size_t d = rank; d > s->dim; --d)
      s->extents[d] = extents[d - 1];
    s->extents[s->dim] = 1;
    ++s->rank;
    return true;
  case CHAIN_BROADCAST: {
    size_t more = chain_next(r) % 2;
    for (size_t d = 0; d < rank; ++d)
      s->extents[d + more] = extents[d] == 1 ? chain_pick(r, 1, 4) : extents[d];
    if (more)
      s->extents[0] = chain_pick(r, 1, 3);
    s->rank += more;
    return true;
  }
  case CHAIN_SLICE:
    for (size_t d = 0; d < rank; ++d) {
      int64_t n = extents[d];
      if (chain_next(r) % 3 == 0) {
        s->a[d] = 0, s->c[d] = 1;
        continue;
      }
      s->c[d] = chain_pick(r, 1, 3) * (chain_next(r) % 3 ? 1 : -1);
      s->a[d] = chain_pick(r, 0, n - 1);
      int64_t room =
          s->c[d] > 0 ? (n - 1 - s->a[d]) / s->c[d] : s->a[d] / -s->c[d];
      s->extents[d] = chain_pick(r, room / 2, room) + 1;
    }
    return rank > 0;
  case CHAIN_PAD:
    for (size_t d = 0; d < rank; ++d) {
      s->a[d] = chain_next(r) % 2 ? 0 : chain_pick(r, 0, 2);
      s->b[d] = chain_next(r) % 2 ? 0 : chain_pick(r, 0, 2);
      s->extents[d] += s->a[d] + s->b[d];
    }
    return rank > 0;
  case CHAIN_WINDOWS:
    s->dim = rank - (rank ? chain_next(r) % (rank < 2 ? rank + 1 : 3) : 0);
    for (size_t d = s->dim; d < rank; ++d) {
      size_t i = d - s->dim;
      s->a[i] = chain_pick(r, 1, extents[d] < 3 ? extents[d] : 3);
      s->b[i] = chain_pick(r, 1, 3);
      s->c[i] = chain_pick(r, 1, 2);
      if ((s->a[i] - 1) * s->c[i] >= extents[d])
        s->c[i] = 1;
      s->extents[d] = (extents[d] - (s->a[i] - 1) * s->c[i] - 1) / s->b[i] + 1;
      s->extents[rank + i] = s->a[i];
    }
    s->rank = 2 * rank - s->dim;
    return s->dim < rank;
  case CHAIN_DILATE:
    for (size_t d = 0; d < rank; ++d) {
      s->a[d] = chain_next(r) % 3 ? 1 : chain_pick(r, 1, 3);
      s->extents[d] = (extents[d] - 1) * s->a[d] + 1;
    }
    return rank > 0;
  case CHAIN_NUM_OPS:
    break;
  }
  return false;
}

// The index into the operand that result index |i| of |s| reads, from the
// definition of the op alone; false for the fill.
static inline bool chain_read(const chain_step *s, size_t rank,
                              const int64_t *extents, const int64_t *i,
                              int64_t *j) {
  for (size_t d = 0; d < rank; ++d)
    switch (s->op) {
    case CHAIN_TRANSPOSE:
      j[s->a[d]] = i[d];
      break;
    case CHAIN_RESHAPE:
    case CHAIN_FLATTEN:
    case CHAIN_SQUEEZE:
    case CHAIN_INSERT:
      chain_unravel(rank, extents, chain_ravel(s->rank, s->extents, i), j);
      return true;
    case CHAIN_BROADCAST:
      j[d] = extents[d] == 1 ? 0 : i[s->rank - rank + d];
      break;
    case CHAIN_SLICE:
      j[d] = s->a[d] + i[d] * s->c[d];
      break;
    case CHAIN_PAD:
      j[d] = i[d] - s->a[d];
      if (j[d] < 0 || j[d] >= extents[d])
        return false;
      break;
    case CHAIN_WINDOWS:
      j[d] = d < s->dim ? i[d]
                        : i[d] * s->b[d - s->dim] +
                              i[rank + d - s->dim] * s->c[d - s->dim];
      break;
    case CHAIN_DILATE:
      if (i[d] % s->a[d])
        return false;
      j[d] = i[d] / s->a[d];
      break;
    case CHAIN_NUM_OPS:
      break;
    }
  return true;
}

static inline eg_status chain_view(const eg_allocator *a, const chain_step *s,
                                   size_t rank, const int64_t *extents,
                                   gln_view **out, eg_error *error) {
  switch (s->op) {
  case CHAIN_TRANSPOSE:
    return gln_view_transpose(a, rank, extents, s->a, out, error);
  case CHAIN_RESHAPE:
    return gln_view_reshape(a, rank, extents, s->rank, s->extents, out, error);
  case CHAIN_FLATTEN:
    return gln_view_flatten(a, rank, extents, s->dim, s->num, out, error);
  case CHAIN_SQUEEZE:
    return gln_view_squeeze(a, rank, extents, s->dim, out, error);
  case CHAIN_INSERT:
    return gln_view_insert_axis(a, rank, extents, s->dim, out, error);
  case CHAIN_BROADCAST:
    return gln_view_broadcast(a, rank, extents, s->rank, s->extents, out,
                              error);
  case CHAIN_SLICE:
    return gln_view_slice(a, rank, extents, s->a, s->extents, s->c, out, error);
  case CHAIN_PAD:
    return gln_view_pad(a, rank, extents, s->a, s->b, *chain_zero(), out,
                        error);
  case CHAIN_WINDOWS:
    return gln_view_windows(a, rank, extents, s->dim, s->a, s->b, s->c, out,
                            error);
  case CHAIN_DILATE:
    return gln_view_dilate(a, rank, extents, s->a, *chain_zero(), out, error);
  case CHAIN_NUM_OPS:
    break;
  }
  return EG_INVALID;
}

static const char *const chain_names[] = {
    "transpose", "reshape", "flatten", "squeeze", "insert_axis",
    "broadcast", "slice",   "pad",     "windows", "dilate"};

static inline void chain_describe(chain *c, const chain_step *s) {
  size_t n = strlen(c->text);
  n += (size_t)snprintf(c->text + n, sizeof c->text - n, " %s",
                        chain_names[s->op]);
  for (size_t d = 0; d < s->rank && n < sizeof c->text; ++d)
    n += (size_t)snprintf(c->text + n, sizeof c->text - n, "%c%d",
                          d ? ',' : '[', (int)s->extents[d]);
  if (n < sizeof c->text)
    n += (size_t)snprintf(c->text + n, sizeof c->text - n, "](%d%d%d;%d%d%d)",
                          (int)s->a[0], (int)s->a[1], (int)s->a[2],
                          (int)s->c[0], (int)s->c[1], (int)s->c[2]);
}

static inline void chain_start(chain *c, size_t rank, const int64_t *extents) {
  c->rank = c->source_rank = rank;
  memcpy(c->extents, extents, rank * sizeof *extents);
  memcpy(c->source, extents, rank * sizeof *extents);
  c->view = NULL;
  c->text[0] = '\0';
  for (int64_t n = chain_product(rank, extents); n-- > 0;)
    c->table[n] = (int32_t)n;
}

// Applies |s| to the table and to the view.
static inline eg_status chain_apply(const eg_allocator *a, chain *c,
                                    const chain_step *s, eg_error *error) {
  int32_t table[CHAIN_MAX_ELEMENTS];
  int64_t total = chain_product(s->rank, s->extents);
  for (int64_t n = 0; n < total; ++n) {
    int64_t i[GLN_VIEW_MAX_RANK], j[GLN_VIEW_MAX_RANK];
    chain_unravel(s->rank, s->extents, n, i);
    table[n] = chain_read(s, c->rank, c->extents, i, j)
                   ? c->table[chain_ravel(c->rank, c->extents, j)]
                   : CHAIN_FILL;
  }
  gln_view *outer = NULL, *both = NULL;
  eg_status status = chain_view(a, s, c->rank, c->extents, &outer, error);
  if (!status && c->view) {
    status = gln_view_compose(a, outer, c->view, &both, error);
    gln_view_destroy(a, outer);
    outer = both;
  }
  if (status)
    return status;
  gln_view_destroy(a, c->view);
  c->view = outer;
  chain_describe(c, s);
  c->rank = s->rank;
  memcpy(c->extents, s->extents, sizeof c->extents);
  memcpy(c->table, table, (size_t)total * sizeof *table);
  return EG_OK;
}

// Adds |length| random ops.
static inline eg_status chain_grow(const eg_allocator *a, chain *c,
                                   chain_random *r, int length,
                                   int64_t max_elements, eg_error *error) {
  for (int i = 0, tries = 0; i < length && tries < 100; ++tries) {
    chain_step s;
    if (!chain_draw(r, c->rank, c->extents, &s) || s.rank > CHAIN_MAX_RANK ||
        chain_product(s.rank, s.extents) > max_elements)
      continue;
    eg_status status = chain_apply(a, c, &s, error);
    if (status)
      return status;
    ++i;
  }
  return EG_OK;
}

#endif
