// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Splitting dimensions until the map is affine; inverse; injectivity.
//
// floor((Σ a_v k_v + c) / n) depends on k_v through k_v mod m and, as a pulled
// multiple, through floor(k_v / m), where m = n / gcd(a_v, n). So a dimension
// in a floor is split at m (times the lattice's step), and the view composed
// with that reshape simplifies; until no floor is left, or no split helps.
#include "view_internal.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_DIGITS = GLN_VIEW_MAX_RANK };

typedef struct splitter {
  const eg_allocator *allocator;
  const gln_view *view;
  size_t num;                  // digits
  int64_t extents[MAX_DIGITS]; // of the digits
  uint8_t groups[MAX_DIGITS];  // digits per dimension of the view
  gln_view *split, *affine;
} splitter;

static void drop(splitter *s) {
  gln_view_destroy(s->allocator, s->split);
  gln_view_destroy(s->allocator, s->affine);
  s->split = s->affine = NULL;
}

// Builds split and affine for the present digits.
static eg_status rebuild(splitter *s, eg_error *error) {
  drop(s);
  eg_status status = gln_view_reshape(s->allocator, gln_view_rank(s->view),
                                      gln_view_extents(s->view), s->num,
                                      s->extents, &s->split, error);
  return status ? status
                : gln_view_compose(s->allocator, s->split, s->view, &s->affine,
                                   error);
}

// A digit and a place where a floor of |sum| wants it cut.
static bool find_cut(const int64_t *sum, const int64_t *lattice,
                     const int64_t *extents, size_t *digit, int64_t *place) {
  const int64_t *at = sum + 2;
  for (uint32_t i = 0; i < (uint32_t)sum[0]; ++i, at += 2) {
    if (at[1] >= 0)
      continue;
    const int64_t *num = at + 2, *term = num + 2;
    if (find_cut(num, lattice, extents, digit, place))
      return true;
    for (uint32_t j = 0; j < (uint32_t)num[0]; ++j, term += 2) {
      if (term[1] < 0) {
        term += glni_flat_sum_words(term + 2);
        continue;
      }
      int64_t m = -at[1] / glni_gcd(term[0], -at[1]);
      m *= lattice ? lattice[3 * term[1] + 1] : 1;
      if (m > 1 && m < extents[term[1]] && extents[term[1]] % m == 0) {
        *digit = (size_t)term[1];
        *place = m;
        return true;
      }
    }
    at += glni_flat_sum_words(num);
  }
  return false;
}

static bool find_any_cut(const splitter *s, size_t *digit, int64_t *place) {
  glni_parts parts = glni_view_parts(s->affine);
  for (uint32_t d = 0; d < s->affine->source_rank; ++d)
    if (find_cut(glni_parts_sum(&parts, d), parts.lattice, s->extents, digit,
                 place))
      return true;
  return false;
}

static void cut(splitter *s, size_t digit, int64_t place) {
  memmove(&s->extents[digit + 1], &s->extents[digit],
          (s->num - digit) * sizeof s->extents[0]);
  s->extents[digit] /= place;
  s->extents[digit + 1] = place;
  ++s->num;
  size_t group = 0, first = 0;
  while (first + s->groups[group] <= digit)
    first += s->groups[group++];
  ++s->groups[group];
}

static bool is_affine_in_lattice(const gln_view *view) {
  glni_parts parts = glni_view_parts(view);
  const int64_t *at = parts.map;
  for (uint32_t s = 0; s < view->source_rank; ++s) {
    if (glni_flat_sum_words(at) != 2 + 2 * (size_t)(uint32_t)at[0])
      return false;
    at += glni_flat_sum_words(at);
  }
  return true;
}

// Undoes cuts that turned out not to be needed.
static eg_status coarsen(splitter *s, eg_error *error) {
  size_t first = 0;
  for (size_t g = 0; g < gln_view_rank(s->view); ++g) {
    for (size_t i = 0; i + 1 < s->groups[g];) {
      splitter trial = *s;
      trial.split = trial.affine = NULL;
      size_t at = first + i;
      trial.extents[at] *= trial.extents[at + 1];
      memmove(&trial.extents[at + 1], &trial.extents[at + 2],
              (s->num - at - 2) * sizeof s->extents[0]);
      --trial.num;
      --trial.groups[g];
      eg_status status = rebuild(&trial, error);
      if (status) {
        drop(&trial);
        return status;
      }
      if (is_affine_in_lattice(trial.affine)) {
        drop(s);
        *s = trial;
      } else {
        drop(&trial);
        ++i;
      }
    }
    first += s->groups[g];
  }
  return EG_OK;
}

static eg_status run(splitter *s, eg_error *error) {
  s->num = gln_view_rank(s->view);
  for (size_t d = 0; d < s->num; ++d) {
    s->extents[d] = gln_view_extents(s->view)[d];
    s->groups[d] = 1;
  }
  eg_status status = rebuild(s, error);
  bool any = false;
  while (!status && !is_affine_in_lattice(s->affine)) {
    size_t digit;
    int64_t place;
    if (s->num == MAX_DIGITS || !find_any_cut(s, &digit, &place))
      return gln_fail(error, EG_INFEASIBLE,
                      "split: no split of the dimensions makes the map affine");
    cut(s, digit, place);
    any = true;
    status = rebuild(s, error);
  }
  return status || !any ? status : coarsen(s, error);
}

eg_status gln_view_split_affine(const eg_allocator *allocator,
                                const gln_view *view, gln_view **split,
                                gln_view **affine, uint8_t *groups,
                                eg_error *error) {
  splitter s;
  memset(&s, 0, sizeof s);
  s.allocator = allocator;
  s.view = view;
  *split = *affine = NULL;
  eg_status status = run(&s, error);
  if (status) {
    drop(&s);
    return status;
  }
  *split = s.split;
  *affine = s.affine;
  memcpy(groups, s.groups, gln_view_rank(view));
  return EG_OK;
}

//===-- Injectivity -------------------------------------------------------===//

// Whether the terms of a linear sum over variables not in |known| determine
// them: sorted by |coefficient|, each exceeds what the smaller ones reach.
static bool determines(const int64_t *sum, uint32_t known, const int64_t *high,
                       uint32_t *vars) {
  int64_t reach = 0;
  uint32_t taken = known;
  *vars = 0;
  for (;;) {
    int64_t best = 0, var = -1;
    for (uint32_t i = 0; i < (uint32_t)sum[0]; ++i) {
      int64_t coef = sum[2 + 2 * i], v = sum[3 + 2 * i];
      coef = coef < 0 ? -coef : coef;
      if (!(taken >> v & 1) && (var < 0 || coef < best)) {
        best = coef;
        var = v;
      }
    }
    if (var < 0)
      return true;
    if (best <= reach)
      return false;
    reach += best * high[var];
    taken |= UINT32_C(1) << var;
    *vars |= UINT32_C(1) << var;
  }
}

static bool is_linear(const int64_t *sum) {
  return glni_flat_sum_words(sum) == 2 + 2 * (size_t)(uint32_t)sum[0];
}

// Solves dimension by dimension; equations of the domain count, too.
static bool all_determined(const gln_view *view) {
  glni_parts parts = glni_view_parts(view);
  int64_t high[GLN_VIEW_MAX_RANK];
  uint32_t known = 0, all = 0;
  for (uint32_t d = 0; d < view->rank; ++d) {
    high[d] = (parts.lattice ? parts.lattice[3 * d + 2] : parts.extents[d]) - 1;
    all |= (uint32_t)(high[d] > 0) << d;
  }
  for (uint32_t round = 0; round <= view->rank && known != all; ++round) {
    const int64_t *at = parts.map;
    uint32_t vars;
    for (uint32_t s = 0; s < view->source_rank; ++s) {
      if (is_linear(at) && determines(at, known, high, &vars))
        known |= vars;
      at += glni_flat_sum_words(at);
    }
    at = parts.constraints;
    for (uint32_t i = 0; i < view->num_constraints; ++i) {
      if (at[0] == at[1] && at[2] == 0 && is_linear(at + 3) &&
          determines(at + 3, known, high, &vars))
        known |= vars;
      at += 3 + glni_flat_sum_words(at + 3);
    }
  }
  return known == all;
}

// The view with its source as one dimension: the address of what it reads.
// Where the radices of result and source do not nest (6 = 2·3 = 3·2), the
// address may still be affine.
static eg_status flatten_source(const eg_allocator *allocator,
                                const gln_view *view, gln_view **out,
                                eg_error *error) {
  const int64_t *source = gln_view_source_extents(view);
  int64_t total = 1;
  gln_view *shape;
  *out = NULL;
  for (uint32_t s = 0; s < view->source_rank; ++s)
    if (__builtin_mul_overflow(total, source[s], &total) ||
        total > GLN_VIEW_MAX_EXTENT)
      return gln_fail(error, EG_INFEASIBLE,
                      "split: the source has more than 2^31 elements");
  eg_status status = gln_view_reshape(allocator, 1, &total, view->source_rank,
                                      source, &shape, error);
  if (status)
    return status;
  status = gln_view_compose(allocator, view, shape, out, error);
  gln_view_destroy(allocator, shape);
  return status;
}

// Splits |view|, or where that fails, |*flat|, which else is NULL.
static eg_status split_or_flatten(const eg_allocator *allocator,
                                  const gln_view *view, gln_view **flat,
                                  gln_view **affine, uint8_t *groups,
                                  eg_error *error) {
  gln_view *split;
  *flat = NULL;
  eg_status status =
      gln_view_split_affine(allocator, view, &split, affine, groups, error);
  if (status == EG_INFEASIBLE) {
    status = flatten_source(allocator, view, flat, error);
    if (!status)
      status = gln_view_split_affine(allocator, *flat, &split, affine, groups,
                                     error);
  }
  gln_view_destroy(allocator, split);
  if (status) {
    gln_view_destroy(allocator, *flat);
    *flat = NULL;
  }
  return status;
}

eg_status gln_view_is_injective(const eg_allocator *allocator,
                                const gln_view *view, bool *out,
                                eg_error *error) {
  *out = gln_view_is_constant(view) || all_determined(view);
  if (*out || is_affine_in_lattice(view))
    return EG_OK;
  gln_view *flat, *affine;
  uint8_t groups[GLN_VIEW_MAX_RANK];
  eg_error local;
  eg_status status =
      split_or_flatten(allocator, view, &flat, &affine, groups, &local);
  if (status == EG_INFEASIBLE)
    return EG_OK;
  if (status) {
    if (error)
      *error = local;
    return status;
  }
  *out = all_determined(affine);
  gln_view_destroy(allocator, flat);
  gln_view_destroy(allocator, affine);
  return EG_OK;
}

//===-- Inverse -----------------------------------------------------------===//

// The digits of one source dimension: s = constant + Σ coef digit, the coefs
// by size 1, r1, r1 r2, …. Then digit = floor(t / |coef|) mod extent of
// t = s - constant, or of its reflection where the coefficient is negative.
static bool invert_dim(glni_ctx *ctx, const int64_t *sum, uint32_t source,
                       int64_t extent, const int64_t *digits,
                       const glni_sum **values) {
  int64_t base = 1;
  uint32_t num = (uint32_t)sum[0];
  int64_t shift = -sum[1];
  for (uint32_t i = 0; i < num; ++i)
    if (sum[2 + 2 * i] < 0) // the reflected digit adds its full reach
      shift -= sum[2 + 2 * i] * (digits[sum[3 + 2 * i]] - 1);
  const glni_sum *t = glni_scale(ctx, glni_var(ctx, source), 1, shift);
  for (uint32_t n = 0; n < num; ++n) {
    uint32_t i = 0;
    while (i < num && sum[2 + 2 * i] != base && sum[2 + 2 * i] != -base)
      ++i;
    if (i == num)
      return false;
    int64_t v = sum[3 + 2 * i];
    if (values[v])
      return false; // two coordinates read one index
    const glni_sum *digit =
        glni_mod(ctx, glni_floordiv(ctx, t, base), digits[v]);
    values[v] =
        sum[2 + 2 * i] > 0 ? digit : glni_scale(ctx, digit, -1, digits[v] - 1);
    base *= digits[v];
  }
  return base == extent;
}

static eg_status invert_affine(const eg_allocator *allocator,
                               const gln_view *view, const gln_view *affine,
                               const uint8_t *groups, gln_view **out,
                               eg_error *error) {
  glni_ctx ctx;
  glni_view inverse;
  const glni_sum *values[GLN_VIEW_MAX_RANK] = {NULL};
  glni_parts parts = glni_view_parts(affine);
  glni_ctx_init(&ctx, allocator);
  glni_view_start(&ctx, &inverse, view->source_rank,
                  gln_view_source_extents(view), view->rank,
                  gln_view_extents(view));
  bool ok = true;
  const int64_t *at = parts.map;
  for (uint32_t s = 0; s < view->source_rank && ok && !ctx.status; ++s) {
    ok = invert_dim(&ctx, at, s, parts.source[s], parts.extents, values);
    at += glni_flat_sum_words(at);
  }
  size_t digit = 0;
  for (uint32_t d = 0; d < view->rank && ok; ++d) {
    const glni_sum *index = glni_constant(&ctx, 0);
    for (uint8_t i = 0; i < groups[d] && ok; ++i, ++digit) {
      ok = values[digit] || parts.extents[digit] == 1;
      if (values[digit])
        index = glni_combine(&ctx, index, parts.extents[digit], values[digit],
                             1, 0);
    }
    inverse.map[d] = index;
  }
  if (!ok && !ctx.status) {
    glni_ctx_fini(&ctx);
    return gln_fail(error, EG_INFEASIBLE,
                    "inverse: the view does not read every element once");
  }
  return glni_view_finish(&ctx, &inverse, "inverse", out, error);
}

// |flat| is view after reshape [N] → source; so the inverse of |view| is that
// reshape's inverse after the inverse of |flat|.
static eg_status unflatten(const eg_allocator *allocator, const gln_view *view,
                           gln_view **inverse, eg_error *error) {
  gln_view *shape, *both = NULL;
  eg_status status = gln_view_reshape(
      allocator, 1, gln_view_extents(*inverse), view->source_rank,
      gln_view_source_extents(view), &shape, error);
  if (!status)
    status = gln_view_compose(allocator, shape, *inverse, &both, error);
  gln_view_destroy(allocator, shape);
  gln_view_destroy(allocator, *inverse);
  *inverse = both;
  return status;
}

eg_status gln_view_inverse(const eg_allocator *allocator, const gln_view *view,
                           gln_view **out, eg_error *error) {
  *out = NULL;
  if (view->flags || view->num_constraints)
    return gln_fail(error, EG_INFEASIBLE,
                    "inverse: the view has elements outside its domain");
  gln_view *flat, *affine;
  uint8_t groups[GLN_VIEW_MAX_RANK];
  eg_status status =
      split_or_flatten(allocator, view, &flat, &affine, groups, error);
  if (status)
    return status;
  status =
      invert_affine(allocator, flat ? flat : view, affine, groups, out, error);
  if (!status && flat)
    status = unflatten(allocator, view, out, error);
  gln_view_destroy(allocator, flat);
  gln_view_destroy(allocator, affine);
  return status;
}
