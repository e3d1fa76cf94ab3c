// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The flat block of a view: writing, opening, comparing, checking.
#include "view_internal.h"

#include <inttypes.h>
#include <string.h>

eg_status glni_status_fail(eg_error *error, eg_status status,
                           const char *what) {
  return gln_fail(error, status,
                  status == EG_NO_MEMORY
                      ? "%s: out of memory"
                      : "%s: a coefficient does not fit in 61 bits, or more "
                        "than 64 constraints",
                  what);
}

//===-- Writing -----------------------------------------------------------===//

static size_t sum_words(const glni_sum *a) {
  size_t words = 2;
  for (uint32_t i = 0; i < a->num_terms; ++i)
    words += a->terms[i].divisor ? 2 + sum_words(a->terms[i].num) : 2;
  return words;
}

static int64_t *write_sum(int64_t *out, const glni_sum *a) {
  int64_t *start = out;
  out += 2;
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    const glni_term *term = &a->terms[i];
    *out++ = term->coef;
    *out++ = term->divisor ? -term->divisor : (int64_t)term->var;
    if (term->divisor)
      out = write_sum(out, term->num);
  }
  start[0] = (int64_t)((uint64_t)(out - start) << 32 | a->num_terms);
  start[1] = a->constant;
  return out;
}

static bool has_lattice(const glni_view *view) {
  for (uint32_t d = 0; d < view->rank; ++d)
    if (view->dims[d].count != view->extents[d])
      return !view->empty;
  return false;
}

static size_t view_words(const glni_view *view) {
  size_t words = sizeof(gln_view) / 8 + view->rank + view->source_rank;
  words += view->has_fill;
  if (has_lattice(view))
    words += (size_t)3 * view->rank;
  for (uint32_t s = 0; s < view->source_rank; ++s)
    words += sum_words(view->map[s]);
  for (uint32_t i = 0; i < view->num_constraints; ++i)
    words += 3 + sum_words(view->constraints[i].form);
  return words;
}

// Multiplication folds each word into all bits; order matters.
static uint64_t hash_words(const uint64_t *words, size_t num) {
  uint64_t hash = UINT64_C(0x9e3779b97f4a7c15) ^ num;
  for (size_t i = 0; i < num; ++i) {
    hash = (hash ^ words[i]) * UINT64_C(0xd6e8feb86659fd93);
    hash ^= hash >> 32;
  }
  return hash;
}

static uint64_t hash_view(const gln_view *view) {
  return hash_words((const uint64_t *)(const void *)view + 1,
                    view->num_words - 1);
}

static void write_view(const glni_view *view, size_t words, gln_view *out) {
  out->num_words = (uint32_t)words;
  out->rank = (uint8_t)view->rank;
  out->source_rank = (uint8_t)view->source_rank;
  out->flags = (uint8_t)((view->has_fill ? GLNI_HAS_FILL : 0) |
                         (has_lattice(view) ? GLNI_HAS_LATTICE : 0) |
                         (view->empty ? GLNI_EMPTY : 0));
  out->fill_type = view->has_fill ? (uint8_t)view->fill.type : 0;
  out->num_constraints = view->num_constraints;
  out->reserved = 0;
  int64_t *at = out->words;
  memcpy(at, view->extents, view->rank * sizeof *at);
  at += view->rank;
  memcpy(at, view->source, view->source_rank * sizeof *at);
  at += view->source_rank;
  if (view->has_fill)
    *at++ = (int64_t)view->fill.bits;
  for (uint32_t d = 0; d < view->rank && has_lattice(view); ++d) {
    *at++ = view->dims[d].low;
    *at++ = view->dims[d].step;
    *at++ = view->dims[d].count;
  }
  for (uint32_t s = 0; s < view->source_rank; ++s)
    at = write_sum(at, view->map[s]);
  for (uint32_t i = 0; i < view->num_constraints; ++i) {
    *at++ = view->constraints[i].low;
    *at++ = view->constraints[i].high;
    *at++ = view->constraints[i].modulus;
    at = write_sum(at, view->constraints[i].form);
  }
  out->hash = hash_view(out);
}

eg_status glni_view_finish(glni_ctx *ctx, glni_view *view, const char *what,
                           gln_view **out, eg_error *error) {
  *out = NULL;
  if (!ctx->status)
    glni_view_settle(ctx, view);
  eg_status status = ctx->status;
  if (!status) {
    view->has_fill &= !glni_view_is_full(view);
    size_t words = view_words(view);
    gln_view *flat = ctx->allocator->resize(ctx->allocator->user, NULL, 0,
                                            words * sizeof(int64_t));
    if (flat) {
      write_view(view, words, flat);
      *out = flat;
    } else {
      status = EG_NO_MEMORY;
    }
  }
  glni_ctx_fini(ctx);
  return status ? glni_status_fail(error, status, what) : EG_OK;
}

//===-- Opening -----------------------------------------------------------===//

glni_parts glni_view_parts(const gln_view *view) {
  glni_parts parts = {0};
  const int64_t *at = view->words;
  parts.extents = at;
  at += view->rank;
  parts.source = at;
  at += view->source_rank;
  if (view->flags & GLNI_HAS_FILL)
    parts.fill = (gln_scalar){(gln_type)view->fill_type, (uint64_t)*at++};
  if (view->flags & GLNI_HAS_LATTICE) {
    parts.lattice = at;
    at += (size_t)3 * view->rank;
  }
  parts.map = at;
  for (uint32_t s = 0; s < view->source_rank; ++s)
    at += glni_flat_sum_words(at);
  parts.constraints = at;
  return parts;
}

size_t glni_flat_sum_words(const int64_t *sum) {
  return (size_t)((uint64_t)sum[0] >> 32);
}

const int64_t *glni_parts_sum(const glni_parts *parts, uint32_t source_dim) {
  const int64_t *at = parts->map;
  while (source_dim--)
    at += glni_flat_sum_words(at);
  return at;
}

int64_t glni_flat_sum_evaluate(const int64_t *sum, const int64_t *vars) {
  uint32_t num_terms = (uint32_t)sum[0];
  int64_t value = sum[1];
  const int64_t *at = sum + 2;
  for (uint32_t i = 0; i < num_terms; ++i, at += 2) {
    if (at[1] >= 0) {
      value += at[0] * vars[at[1]];
    } else {
      value +=
          at[0] * glni_floor_div(glni_flat_sum_evaluate(at + 2, vars), -at[1]);
      at += glni_flat_sum_words(at + 2);
    }
  }
  return value;
}

const glni_sum *glni_flat_sum_open(glni_ctx *ctx, const int64_t *sum) {
  uint32_t num_terms = (uint32_t)sum[0];
  glni_sum *out =
      glni_ctx_alloc(ctx, sizeof *out + num_terms * sizeof(glni_term));
  if (!out)
    return glni_constant(ctx, 0);
  out->constant = sum[1];
  out->num_terms = num_terms;
  out->vars = 0;
  out->words = (uint32_t)glni_flat_sum_words(sum);
  out->ranged = false;
  const int64_t *at = sum + 2;
  for (uint32_t i = 0; i < num_terms; ++i, at += 2) {
    glni_term *term = &out->terms[i];
    if (at[1] >= 0) {
      *term = (glni_term){at[0], 0, NULL, (uint32_t)at[1]};
      out->vars |= UINT32_C(1) << term->var;
    } else {
      *term = (glni_term){at[0], -at[1], glni_flat_sum_open(ctx, at + 2), 0};
      out->vars |= term->num->vars;
      at += glni_flat_sum_words(at + 2);
    }
  }
  return out;
}

void glni_view_open(glni_ctx *ctx, const gln_view *flat, glni_view *view) {
  glni_parts parts = glni_view_parts(flat);
  glni_view_start(ctx, view, flat->rank, parts.extents, flat->source_rank,
                  parts.source);
  view->empty = flat->flags & GLNI_EMPTY;
  view->has_fill = flat->flags & GLNI_HAS_FILL;
  view->fill = parts.fill;
  for (uint32_t d = 0; d < view->rank; ++d) {
    if (parts.lattice)
      view->dims[d] =
          (glni_lattice){parts.lattice[3 * d], parts.lattice[3 * d + 1],
                         parts.lattice[3 * d + 2]};
    if (view->empty)
      view->dims[d] = (glni_lattice){0, 1, 0};
    ctx->high[d] = view->empty ? 0 : view->dims[d].count - 1;
  }
  const int64_t *at = parts.map;
  for (uint32_t s = 0; s < view->source_rank; ++s) {
    view->map[s] = glni_flat_sum_open(ctx, at);
    at += glni_flat_sum_words(at);
  }
  view->num_constraints = flat->num_constraints;
  for (uint32_t i = 0; i < view->num_constraints; ++i) {
    view->constraints[i] =
        (glni_constraint){glni_flat_sum_open(ctx, at + 3), at[0], at[1], at[2]};
    at += 3 + glni_flat_sum_words(at + 3);
  }
}

//===-- The block as a value ----------------------------------------------===//

size_t gln_view_size(const gln_view *view) {
  return view->num_words * sizeof(int64_t);
}

void gln_view_destroy(const eg_allocator *allocator, gln_view *view) {
  if (view)
    allocator->resize(allocator->user, view, gln_view_size(view), 0);
}

eg_status gln_view_clone(const eg_allocator *allocator, const gln_view *view,
                         gln_view **out, eg_error *error) {
  size_t size = gln_view_size(view);
  *out = allocator->resize(allocator->user, NULL, 0, size);
  if (!*out)
    return glni_status_fail(error, EG_NO_MEMORY, "clone");
  memcpy(*out, view, size);
  return EG_OK;
}

bool gln_view_equal(const gln_view *a, const gln_view *b) {
  return a->hash == b->hash && a->num_words == b->num_words &&
         memcmp(a, b, gln_view_size(a)) == 0;
}

uint64_t gln_view_hash(const gln_view *view) {
  return view->hash;
}

int gln_view_compare(const gln_view *a, const gln_view *b) {
  if (a->num_words != b->num_words)
    return a->num_words < b->num_words ? -1 : 1;
  const int64_t *x = (const int64_t *)(const void *)a;
  const int64_t *y = (const int64_t *)(const void *)b;
  // The header as numbers, not as bytes: byte order must not decide.
  const int header[][2] = {{a->rank, b->rank},
                           {a->source_rank, b->source_rank},
                           {a->flags, b->flags},
                           {a->fill_type, b->fill_type},
                           {(int)a->num_constraints, (int)b->num_constraints}};
  for (size_t i = 0; i < sizeof header / sizeof header[0]; ++i)
    if (header[i][0] != header[i][1])
      return header[i][0] < header[i][1] ? -1 : 1;
  for (size_t i = sizeof(gln_view) / 8; i < a->num_words; ++i)
    if (x[i] != y[i])
      return x[i] < y[i] ? -1 : 1;
  return 0;
}

//===-- Reading foreign bytes ---------------------------------------------===//

typedef struct reader {
  const int64_t *at, *end;
  uint32_t rank, depth;
} reader;

enum { MAX_DEPTH = 64 };

// Bounds of every number are such that opening and evaluating cannot overflow
// before the arithmetic's own checks see it.
static bool check_sum(reader *r) {
  const int64_t *start = r->at;
  if (r->end - r->at < 2 || r->depth > MAX_DEPTH)
    return false;
  uint64_t words = (uint64_t)start[0] >> 32;
  uint32_t num_terms = (uint32_t)start[0];
  if (words > (uint64_t)(r->end - r->at) || start[1] > INT64_MAX / 4 ||
      start[1] < -(INT64_MAX / 4))
    return false;
  r->at += 2;
  for (uint32_t i = 0; i < num_terms; ++i) {
    if (r->end - r->at < 2 || r->at[0] == 0 || r->at[0] > INT64_MAX / 4 ||
        r->at[0] < -(INT64_MAX / 4))
      return false;
    int64_t atom = r->at[1];
    r->at += 2;
    if (atom >= (int64_t)r->rank || atom < -(INT64_MAX / 4) || atom == -1)
      return false;
    ++r->depth;
    if (atom < 0 && !check_sum(r))
      return false;
    --r->depth;
  }
  return (uint64_t)(r->at - start) == words;
}

static bool check_extents(reader *r, size_t num) {
  for (size_t i = 0; i < num; ++i, ++r->at)
    if (r->at == r->end || *r->at < 1 || *r->at > GLN_VIEW_MAX_EXTENT)
      return false;
  return true;
}

static bool check_lattice(reader *r, const int64_t *extents) {
  for (uint32_t d = 0; d < r->rank; ++d, r->at += 3) {
    if (r->end - r->at < 3)
      return false;
    int64_t low = r->at[0], step = r->at[1], count = r->at[2];
    if (low < 0 || low >= extents[d] || step < 1 || step > extents[d] ||
        count < 1 || count > extents[d] ||
        low + step * (count - 1) >= extents[d])
      return false;
  }
  return true;
}

static bool check_block(const gln_view *view) {
  const int64_t *words = (const int64_t *)(const void *)view;
  reader r = {view->words, words + view->num_words, view->rank, 0};
  if (view->hash != hash_view(view) || view->reserved || view->flags > 7 ||
      view->rank > GLN_VIEW_MAX_RANK || view->source_rank > GLN_VIEW_MAX_RANK ||
      view->num_constraints > GLN_VIEW_MAX_CONSTRAINTS ||
      !check_extents(&r, view->rank) || !check_extents(&r, view->source_rank))
    return false;
  if (view->flags & GLNI_HAS_FILL) {
    if (r.at == r.end || !gln_type_is_valid(view->fill_type))
      return false;
    unsigned bits = gln_type_bits((gln_type)view->fill_type);
    if (bits < 64 && (uint64_t)*r.at >> bits)
      return false;
    ++r.at;
  }
  if (view->flags & GLNI_HAS_LATTICE && !check_lattice(&r, view->words))
    return false;
  for (uint32_t s = 0; s < view->source_rank; ++s)
    if (!check_sum(&r))
      return false;
  for (uint32_t i = 0; i < view->num_constraints; ++i) {
    if (r.end - r.at < 3 || r.at[2] < 0 || r.at[2] == 1)
      return false;
    for (int j = 0; j < 3; ++j)
      if (r.at[j] > INT64_MAX / 4 || r.at[j] < -(INT64_MAX / 4))
        return false;
    r.at += 3;
    if (!check_sum(&r))
      return false;
  }
  return r.at == r.end;
}

// Order and minimality of terms, and that no value exceeds 64 bits.
static eg_status check_sums(const eg_allocator *allocator, const gln_view *flat,
                            eg_error *error) {
  glni_ctx ctx;
  glni_view view;
  glni_ctx_init(&ctx, allocator);
  glni_view_open(&ctx, flat, &view);
  bool ok = true;
  int64_t low, high;
  for (uint32_t s = 0; s < view.source_rank && !ctx.status; ++s) {
    ok &= glni_sum_check(&ctx, view.map[s]);
    if (ok)
      glni_range(&ctx, view.map[s], &low, &high);
  }
  for (uint32_t i = 0; i < view.num_constraints && ok && !ctx.status; ++i) {
    const glni_constraint *c = &view.constraints[i];
    ok = c->form->num_terms && glni_sum_check(&ctx, c->form);
    if (ok)
      glni_range(&ctx, c->form, &low, &high);
  }
  eg_status status = ctx.status;
  glni_ctx_fini(&ctx);
  if (status)
    return glni_status_fail(error, status, "view");
  return ok ? EG_OK
            : gln_fail(error, EG_INVALID, "view: terms in no normal form");
}

eg_status gln_view_from_bytes(const eg_allocator *allocator, const void *bytes,
                              size_t size, gln_view **out, eg_error *error) {
  *out = NULL;
  if (size < sizeof(gln_view) || size % sizeof(int64_t) || size > UINT32_MAX)
    return gln_fail(error, EG_INVALID,
                    "view: a block of %zu bytes, no view has that size", size);
  gln_view *copy = allocator->resize(allocator->user, NULL, 0, size);
  if (!copy)
    return glni_status_fail(error, EG_NO_MEMORY, "view");
  memcpy(copy, bytes, size); // aligned
  eg_status status;
  if (copy->num_words != size / sizeof(int64_t))
    status =
        gln_fail(error, EG_INVALID,
                 "view: a block of %zu bytes says it has %" PRIu32 " words",
                 size, copy->num_words);
  else if (!check_block(copy))
    status = gln_fail(error, EG_INVALID, "view: a damaged block");
  else
    status = check_sums(allocator, copy, error);
  if (status)
    allocator->resize(allocator->user, copy, size, 0);
  else
    *out = copy;
  return status;
}
