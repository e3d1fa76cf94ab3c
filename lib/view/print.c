// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Text of a view.
//
// Sums are in lattice variables, text is in indices: k = (d - low) / step.
// Where the terms of E mod n, or of a middle digit (E floordiv p) mod k, stand
// together, they are printed as that.
#include "view_internal.h"

#include "view/text.h"

#include <inttypes.h>
#include <string.h>

typedef struct writer {
  glni_text text;
  glni_ctx *ctx;
  const glni_view *view;
} writer;

static void put_sum(writer *w, const glni_sum *a, int64_t extra);

// A sign between items. The first keeps its sign for its factor, since a minus
// in front would be read as part of what floordiv and mod divide.
static void next_item(writer *w, bool *any, int64_t *coef) {
  if (*any) {
    glni_put(&w->text, *coef < 0 ? " - " : " + ");
    *coef = *coef < 0 ? -*coef : *coef;
  }
  *any = true;
}

static void put_factor(writer *w, int64_t coef) {
  if (coef != 1)
    glni_put(&w->text, " * %" PRId64, coef);
}

// What the constant of a printed sum gains from lattice variables.
static int64_t shift_of(const writer *w, const glni_sum *a) {
  int64_t shift = 0;
  for (uint32_t i = 0; i < a->num_terms && !a->terms[i].divisor; ++i) {
    const glni_lattice *dim = &w->view->dims[a->terms[i].var];
    int64_t coef = a->terms[i].coef;
    shift -= coef % dim->step == 0 ? coef / dim->step * dim->low
                                   : coef * (dim->low / dim->step);
  }
  return shift;
}

static bool is_bare(const writer *w, const glni_sum *a) {
  return a->num_terms == 1 && !a->terms[0].divisor && a->terms[0].coef == 1 &&
         w->view->dims[a->terms[0].var].step == 1 &&
         a->constant + shift_of(w, a) == 0;
}

static void put_operand(writer *w, const glni_sum *a) {
  if (is_bare(w, a)) {
    put_sum(w, a, 0);
    return;
  }
  glni_put(&w->text, "(");
  put_sum(w, a, 0);
  glni_put(&w->text, ")");
}

static void put_var(writer *w, const glni_term *term, bool *any) {
  const glni_lattice *dim = &w->view->dims[term->var];
  bool exact = term->coef % dim->step == 0;
  int64_t coef = exact ? term->coef / dim->step : term->coef;
  next_item(w, any, &coef);
  glni_put(&w->text, "d%" PRIu32, term->var);
  if (!exact)
    glni_put(&w->text, " floordiv %" PRId64, dim->step);
  put_factor(w, coef);
}

// Finds terms of |a| that are m (E mod n): those of E, times m, and the floor
// |t|. Then |rest| is what remains.
static bool match_mod(glni_ctx *ctx, const glni_sum *a, uint32_t t,
                      const glni_sum **rest, int64_t *m) {
  const glni_term *term = &a->terms[t];
  if (term->coef % term->divisor)
    return false;
  *m = -term->coef / term->divisor;
  const glni_sum *floor =
      glni_raw_floor(ctx, term->num, term->divisor, -term->coef);
  *rest = glni_combine(ctx, glni_combine(ctx, a, 1, floor, 1, 0), 1, term->num,
                       -*m, 0);
  return !ctx->status &&
         (*rest)->num_terms + 1 + term->num->num_terms == a->num_terms;
}

// The floor |t| and one of a divisor that divides its own: c ((E floordiv p)
// mod k).
static bool match_digit(const glni_sum *a, uint32_t t, uint32_t *lower) {
  const glni_term *high = &a->terms[t];
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    const glni_term *low = &a->terms[i];
    if (i == t || !low->divisor || high->divisor % low->divisor ||
        high->coef % (high->divisor / low->divisor) ||
        -high->coef / (high->divisor / low->divisor) != low->coef ||
        glni_sum_compare(low->num, high->num) != 0)
      continue;
    *lower = i;
    return true;
  }
  return false;
}

// Prints one mod of |a| if there is one; returns what is left, or NULL.
static const glni_sum *put_mod(writer *w, const glni_sum *a, bool *any) {
  for (uint32_t t = a->num_terms; t-- > 0 && a->terms[t].divisor;) {
    const glni_term *term = &a->terms[t];
    const glni_sum *rest;
    int64_t coef;
    uint32_t lower;
    if (match_mod(w->ctx, a, t, &rest, &coef)) {
      next_item(w, any, &coef);
      put_operand(w, term->num);
      glni_put(&w->text, " mod %" PRId64, term->divisor);
      put_factor(w, coef);
      return rest;
    }
    if (match_digit(a, t, &lower)) {
      const glni_term *low = &a->terms[lower];
      coef = low->coef;
      next_item(w, any, &coef);
      put_operand(w, low->num);
      glni_put(&w->text, " floordiv %" PRId64 " mod %" PRId64, low->divisor,
               term->divisor / low->divisor);
      put_factor(w, coef);
      rest = glni_combine(
          w->ctx, a, 1,
          glni_raw_floor(w->ctx, low->num, low->divisor, -low->coef), 1, 0);
      return glni_combine(
          w->ctx, rest, 1,
          glni_raw_floor(w->ctx, term->num, term->divisor, -term->coef), 1, 0);
    }
  }
  return NULL;
}

static void put_sum(writer *w, const glni_sum *a, int64_t extra) {
  bool any = false;
  // Mods come first in the text, so that what they leave is known.
  for (const glni_sum *rest; (rest = put_mod(w, a, &any)) != NULL;)
    a = rest;
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    const glni_term *term = &a->terms[i];
    if (!term->divisor) {
      put_var(w, term, &any);
      continue;
    }
    int64_t coef = term->coef;
    next_item(w, &any, &coef);
    put_operand(w, term->num);
    glni_put(&w->text, " floordiv %" PRId64, term->divisor);
    put_factor(w, coef);
  }
  int64_t constant = a->constant + shift_of(w, a) + extra;
  if (!any)
    glni_put(&w->text, "%" PRId64, constant);
  else if (constant)
    glni_put(&w->text, constant < 0 ? " - %" PRId64 : " + %" PRId64,
             constant < 0 ? -constant : constant);
}

// The constant that put_sum prints.
static int64_t constant_of(writer *w, const glni_sum *a) {
  writer blind = *w;
  blind.text.size = 0;
  bool any = false;
  for (const glni_sum *rest; (rest = put_mod(&blind, a, &any)) != NULL;)
    a = rest;
  return a->constant + shift_of(w, a);
}

static void put_list(writer *w, const int64_t *values, uint32_t num) {
  glni_put(&w->text, " [");
  for (uint32_t i = 0; i < num; ++i)
    glni_put(&w->text, i ? ", %" PRId64 : "%" PRId64, values[i]);
  glni_put(&w->text, "]");
}

static void put_comma(writer *w, bool *any) {
  glni_put(&w->text, *any ? ", " : " if ");
  *any = true;
}

static void put_lattice(writer *w, uint32_t d, bool *any) {
  const glni_lattice *dim = &w->view->dims[d];
  int64_t last = dim->low + dim->step * (dim->count - 1);
  int64_t extent = w->view->extents[d];
  if (dim->count == extent)
    return;
  if (dim->count == 1) {
    put_comma(w, any);
    glni_put(&w->text, "d%" PRIu32 " == %" PRId64, d, dim->low);
    return;
  }
  if (dim->low >= dim->step) {
    put_comma(w, any);
    glni_put(&w->text, "d%" PRIu32 " >= %" PRId64, d, dim->low);
  }
  if (last + dim->step < extent) {
    put_comma(w, any);
    glni_put(&w->text, "d%" PRIu32 " <= %" PRId64, d, last);
  }
  if (dim->step != 1) {
    put_comma(w, any);
    glni_put(&w->text, "d%" PRIu32 " mod %" PRId64 " == %" PRId64, d, dim->step,
             dim->low % dim->step);
  }
}

static void put_constraint(writer *w, const glni_constraint *c, bool *any) {
  int64_t low, high;
  if (c->modulus) {
    put_comma(w, any);
    int64_t shift = constant_of(w, c->form);
    glni_put(&w->text, "(");
    put_sum(w, c->form, -shift);
    glni_put(&w->text, ") mod %" PRId64 " == %" PRId64, c->modulus,
             glni_floor_mod(c->low - shift, c->modulus));
    return;
  }
  int64_t constant = constant_of(w, c->form);
  glni_range(w->ctx, c->form, &low, &high);
  if (c->low == c->high || c->low > low) {
    put_comma(w, any);
    put_sum(w, c->form, -constant);
    glni_put(&w->text, c->low == c->high ? " == %" PRId64 : " >= %" PRId64,
             c->low - constant);
  }
  if (c->low != c->high && c->high < high) {
    put_comma(w, any);
    put_sum(w, c->form, -constant);
    glni_put(&w->text, " <= %" PRId64, c->high - constant);
  }
}

static void put_view(writer *w) {
  const glni_view *view = w->view;
  glni_put(&w->text, "(");
  for (uint32_t d = 0; d < view->rank; ++d)
    glni_put(&w->text, d ? ", d%" PRIu32 : "d%" PRIu32, d);
  glni_put(&w->text, ")");
  put_list(w, view->extents, view->rank);
  glni_put(&w->text, " -> (");
  for (uint32_t s = 0; s < view->source_rank; ++s) {
    glni_put(&w->text, s ? ", " : "");
    put_sum(w, view->map[s], 0);
  }
  glni_put(&w->text, ")");
  put_list(w, view->source, view->source_rank);
  bool any = false;
  if (view->empty)
    glni_put(&w->text, " if false");
  for (uint32_t d = 0; d < view->rank && !view->empty; ++d)
    put_lattice(w, d, &any);
  for (uint32_t i = 0; i < view->num_constraints; ++i)
    put_constraint(w, &view->constraints[i], &any);
  if (view->has_fill) {
    char text[64];
    gln_scalar_print(view->fill, text, sizeof text);
    glni_put(&w->text, " fill %s : %s", text, gln_type_name(view->fill.type));
  }
}

size_t gln_view_print(const gln_view *flat, char *buffer, size_t size) {
  eg_allocator allocator = eg_allocator_default();
  glni_ctx ctx;
  glni_view view;
  glni_ctx_init(&ctx, &allocator);
  glni_view_open(&ctx, flat, &view);
  writer w = {{buffer, size, 0}, &ctx, &view};
  if (!ctx.status)
    put_view(&w);
  if (size)
    buffer[w.text.length < size ? w.text.length : size - 1] = '\0';
  glni_ctx_fini(&ctx);
  return w.text.length;
}
