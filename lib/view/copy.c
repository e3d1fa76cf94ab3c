// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Executing a view on buffers; the length of its contiguous runs.
//
// With both arrays row-major, an element's address is one sum,
// Σ_s stride_s map_s, in which the floors of a reshape cancel. What remains
// linear runs as strided loops, in the order of the result, the innermost by
// memcpy where both strides are one element; dimensions whose strides continue
// each other are one loop. What does not is evaluated point by point.
#include "view_internal.h"

#include <inttypes.h>
#include <string.h>

// The source address in elements.
static const glni_sum *address(glni_ctx *ctx, const glni_view *view) {
  const glni_sum *sum = glni_constant(ctx, 0);
  for (uint32_t s = 0; s < view->source_rank; ++s)
    sum = glni_combine(ctx, sum, view->source[s], view->map[s], 1, 0);
  return glni_normalise(ctx, sum);
}

//===-- Runs --------------------------------------------------------------===//

// Aligned blocks of g values of k_v in which every floor of |a| is constant.
static int64_t floor_period(const glni_sum *a, uint32_t v, int64_t run) {
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    const glni_term *term = &a->terms[i];
    if (!term->divisor || !(term->num->vars >> v & 1))
      continue;
    // floor((k + g (…)) / n) steps only where k is a multiple of g | n.
    int64_t g = term->divisor;
    for (uint32_t j = 0; j < term->num->num_terms; ++j) {
      const glni_term *inner = &term->num->terms[j];
      if (inner->divisor)
        return 1;
      if (inner->var != v)
        g = glni_gcd(g, inner->coef);
      else if (inner->coef != 1)
        return 1;
    }
    run = glni_gcd(run, glni_gcd(g, term->num->constant));
  }
  return run;
}

static int64_t find_run(const glni_view *view, const glni_sum *a) {
  int64_t run = 1;
  for (uint32_t d = view->rank; d-- > 0;) {
    if (view->extents[d] == 1)
      continue;
    if (view->dims[d].count != view->extents[d] || glni_sum_coef(a, d) != run)
      return run;
    int64_t here = floor_period(a, d, view->extents[d]);
    run *= here;
    if (here != view->extents[d])
      return run;
  }
  return run;
}

eg_status gln_view_run_length(const eg_allocator *allocator,
                              const gln_view *flat, int64_t *out,
                              eg_error *error) {
  glni_ctx ctx;
  glni_view view;
  *out = 1;
  glni_ctx_init(&ctx, allocator);
  glni_view_open(&ctx, flat, &view);
  const glni_sum *a = address(&ctx, &view);
  // A constraint cuts where it pleases; only the free inner dimensions count.
  int64_t run = ctx.status || view.empty ? 1 : find_run(&view, a), free = 1;
  for (uint32_t d = view.rank; d-- > 0 && view.num_constraints;) {
    bool bound = false;
    for (uint32_t i = 0; i < view.num_constraints; ++i)
      bound |= view.constraints[i].form->vars >> d & 1;
    if (bound)
      break;
    free *= view.extents[d];
  }
  eg_status status = ctx.status;
  glni_ctx_fini(&ctx);
  if (status)
    return glni_status_fail(error, status, "run length");
  *out = view.num_constraints ? glni_gcd(run, free) : run;
  return EG_OK;
}

//===-- Copy --------------------------------------------------------------===//

typedef struct loop {
  int64_t count, from, to; // trips; strides in bytes of source and result
} loop;

typedef struct copier {
  size_t size; // of an element
  const unsigned char *source;
  unsigned char *result;
  uint32_t num;
  loop loops[GLN_VIEW_MAX_RANK]; // outermost first
} copier;

static void fill_all(unsigned char *result, size_t total, const void *element,
                     size_t size) {
  if (total == 0)
    return;
  memcpy(result, element, size);
  size_t done = 1; // doubling: log(total) calls
  while (done < total) {
    size_t more = done < total - done ? done : total - done;
    memcpy(result + done * size, result, more * size);
    done += more;
  }
}

static void copy_row(unsigned char *to, const unsigned char *from,
                     const loop *row, size_t size) {
  if (row->from == (int64_t)size && row->to == (int64_t)size) {
    memcpy(to, from, (size_t)row->count * size);
    return;
  }
  for (int64_t i = 0; i < row->count; ++i)
    memcpy(to + i * row->to, from + i * row->from, size);
}

static void copy_loops(const copier *c, uint32_t depth, unsigned char *to,
                       const unsigned char *from) {
  if (c->num == 0) {
    memcpy(to, from, c->size);
    return;
  }
  const loop *here = &c->loops[depth];
  if (depth + 1 == c->num) {
    copy_row(to, from, here, c->size);
    return;
  }
  for (int64_t i = 0; i < here->count; ++i)
    copy_loops(c, depth + 1, to + i * here->to, from + i * here->from);
}

// Appends a loop inside the others, as one with the last if it continues it.
static void add_loop(copier *c, loop inner) {
  if (inner.count == 1)
    return;
  loop *last = c->num ? &c->loops[c->num - 1] : NULL;
  if (last && last->from == inner.from * inner.count &&
      last->to == inner.to * inner.count) {
    last->count *= inner.count;
    last->from = inner.from;
    last->to = inner.to;
  } else {
    c->loops[c->num++] = inner;
  }
}

static void copy_affine(copier *c, const glni_view *view, const glni_sum *a) {
  int64_t size = (int64_t)c->size, stride = size, start = 0;
  loop loops[GLN_VIEW_MAX_RANK];
  for (uint32_t d = view->rank; d-- > 0;) {
    const glni_lattice *dim = &view->dims[d];
    loops[d] =
        (loop){dim->count, glni_sum_coef(a, d) * size, dim->step * stride};
    start += dim->low * stride;
    stride *= view->extents[d];
  }
  for (uint32_t d = 0; d < view->rank; ++d)
    add_loop(c, loops[d]);
  copy_loops(c, 0, c->result + start, c->source + a->constant * size);
}

// Point by point, every coordinate checked.
static eg_status copy_points(const copier *c, const gln_view *view,
                             eg_error *error) {
  const int64_t *extents = gln_view_extents(view);
  const int64_t *bounds = gln_view_source_extents(view);
  int64_t index[GLN_VIEW_MAX_RANK] = {0}, at[GLN_VIEW_MAX_RANK];
  unsigned char *to = c->result;
  for (;;) {
    if (gln_view_evaluate(view, index, at)) {
      int64_t element = 0;
      for (uint32_t s = 0; s < view->source_rank; ++s) {
        if (at[s] < 0 || at[s] >= bounds[s])
          return gln_fail(error, EG_INVALID,
                          "copy: coordinate %" PRIu32 " is %" PRId64
                          ", the extent %" PRId64,
                          s, at[s], bounds[s]);
        element = element * bounds[s] + at[s];
      }
      memcpy(to, c->source + (size_t)element * c->size, c->size);
    }
    to += c->size;
    uint32_t d = view->rank;
    while (d && ++index[d - 1] == extents[d - 1])
      index[--d] = 0;
    if (d == 0)
      return EG_OK;
  }
}

static eg_status check_count(const char *what, size_t rank,
                             const int64_t *extents, size_t num,
                             size_t element_size, eg_error *error) {
  int64_t total = 1, bytes;
  bool overflow = element_size > INT32_MAX;
  for (size_t d = 0; d < rank; ++d)
    overflow |= __builtin_mul_overflow(total, extents[d], &total);
  overflow |= __builtin_mul_overflow(total, (int64_t)element_size, &bytes);
  if (overflow)
    return gln_fail(error, EG_LIMIT, "copy: the %s has too many bytes", what);
  if ((uint64_t)total != num)
    return gln_fail(error, EG_INVALID,
                    "copy: a %s of %zu elements for a view of %" PRId64, what,
                    num, total);
  return EG_OK;
}

eg_status gln_view_copy(const eg_allocator *allocator, const gln_view *flat,
                        size_t element_size, const void *source,
                        size_t num_source, const void *fill, void *result,
                        size_t num_result, eg_error *error) {
  eg_status status = check_count("result", flat->rank, gln_view_extents(flat),
                                 num_result, element_size, error);
  if (!status)
    status =
        check_count("source", flat->source_rank, gln_view_source_extents(flat),
                    num_source, element_size, error);
  if (!status && element_size == 0)
    status = gln_fail(error, EG_INVALID, "copy: elements of 0 bytes");
  if (!status && gln_view_has_fill(flat, NULL) && !fill)
    status = gln_fail(error, EG_INVALID, "copy: the view needs a fill");
  if (status)
    return status;
  glni_ctx ctx;
  glni_view view;
  glni_ctx_init(&ctx, allocator);
  glni_view_open(&ctx, flat, &view);
  const glni_sum *a = address(&ctx, &view);
  int64_t low = 0, high = 0;
  if (!ctx.status)
    glni_range(&ctx, a, &low, &high);
  status = ctx.status;
  copier c = {element_size, source, result, 0, {{0, 0, 0}}};
  if (gln_view_has_fill(flat, NULL))
    fill_all(result, num_result, fill, element_size);
  if (!status && !view.empty && view.num_constraints == 0 &&
      !glni_sum_has_floor(a) && low >= 0 && high < (int64_t)num_source &&
      glni_view_in_bounds(&ctx, &view, NULL, NULL, NULL))
    copy_affine(&c, &view, a);
  else if (!status && !view.empty)
    status = copy_points(&c, flat, error);
  else if (status)
    status = glni_status_fail(error, status, "copy");
  glni_ctx_fini(&ctx);
  return status;
}
