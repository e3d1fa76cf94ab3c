// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sums of variables and floors in a scratch memory.
//
// Workload: 1 to 8 terms, one or two floors, some twenty sums for a compose;
// so terms are plain sorted arrays and the scratch is a block on the stack.
#include "view_internal.h"

#include <string.h>

//===-- Scratch -----------------------------------------------------------===//

struct glni_chunk {
  glni_chunk *next;
  size_t size;
};

enum { CHUNK_BYTES = 65536, ALIGN = 16 };

void glni_ctx_init(glni_ctx *ctx, const eg_allocator *allocator) {
  ctx->allocator = allocator;
  ctx->status = EG_OK;
  ctx->num_vars = 0;
  ctx->known = NULL;
  ctx->num_known = 0;
  ctx->chunks = NULL;
  ctx->next = ctx->bytes;
  ctx->room = sizeof ctx->bytes;
}

void glni_ctx_fini(glni_ctx *ctx) {
  while (ctx->chunks) {
    glni_chunk *chunk = ctx->chunks;
    ctx->chunks = chunk->next;
    ctx->allocator->resize(ctx->allocator->user, chunk, chunk->size, 0);
  }
}

void *glni_ctx_alloc(glni_ctx *ctx, size_t size) {
  size = (size + ALIGN - 1) / ALIGN * ALIGN;
  if (size > ctx->room) {
    const size_t head = (sizeof(glni_chunk) + ALIGN - 1) / ALIGN * ALIGN;
    size_t total = head + (size > CHUNK_BYTES ? size : CHUNK_BYTES);
    glni_chunk *chunk =
        ctx->allocator->resize(ctx->allocator->user, NULL, 0, total);
    if (!chunk) {
      ctx->status = EG_NO_MEMORY;
      return NULL;
    }
    chunk->next = ctx->chunks;
    chunk->size = total;
    ctx->chunks = chunk;
    ctx->next = (unsigned char *)chunk + head;
    ctx->room = total - head;
  }
  void *block = ctx->next;
  ctx->next += size;
  ctx->room -= size;
  return block;
}

//===-- Numbers -----------------------------------------------------------===//

int64_t glni_floor_div(int64_t a, int64_t n) {
  int64_t q = a / n;
  return q - (a % n < 0);
}

int64_t glni_floor_mod(int64_t a, int64_t n) {
  int64_t r = a % n;
  return r < 0 ? r + n : r;
}

int64_t glni_gcd(int64_t a, int64_t b) {
  a = a < 0 ? -a : a;
  b = b < 0 ? -b : b;
  while (b) {
    int64_t r = a % b;
    a = b;
    b = r;
  }
  return a;
}

static void set_limit(glni_ctx *ctx) {
  if (ctx->status == EG_OK)
    ctx->status = EG_LIMIT;
}

// Half of the 64 bits are kept free, so that a negation, and a difference of
// two bounds, cannot overflow.
static int64_t checked(glni_ctx *ctx, int64_t value, bool overflow) {
  const int64_t limit = INT64_MAX / 4;
  if (!overflow && value <= limit && value >= -limit)
    return value;
  set_limit(ctx);
  return 0;
}

int64_t glni_mul(glni_ctx *ctx, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflow = __builtin_mul_overflow(a, b, &result);
  return checked(ctx, result, overflow);
}

int64_t glni_add(glni_ctx *ctx, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflow = __builtin_add_overflow(a, b, &result);
  return checked(ctx, result, overflow);
}

//===-- Sums --------------------------------------------------------------===//

static const glni_sum zero_sum = {.words = 2};

static glni_sum *new_sum(glni_ctx *ctx, size_t max_terms) {
  glni_sum *sum =
      glni_ctx_alloc(ctx, sizeof(glni_sum) + max_terms * sizeof(glni_term));
  if (sum) {
    sum->constant = 0;
    sum->num_terms = 0;
    sum->vars = 0;
    sum->words = 2;
    sum->ranged = false;
  }
  return sum;
}

const glni_sum *glni_constant(glni_ctx *ctx, int64_t value) {
  if (value == 0)
    return &zero_sum;
  glni_sum *sum = new_sum(ctx, 0);
  if (!sum)
    return &zero_sum;
  sum->constant = value;
  return sum;
}

const glni_sum *glni_var(glni_ctx *ctx, uint32_t var) {
  if (ctx->high[var] == 0)
    return &zero_sum;
  glni_sum *sum = new_sum(ctx, 1);
  if (!sum)
    return &zero_sum;
  sum->num_terms = 1;
  sum->vars = UINT32_C(1) << var;
  sum->terms[0] = (glni_term){1, 0, NULL, var};
  return sum;
}

static int compare_int(int64_t a, int64_t b) {
  return (a > b) - (a < b);
}

static int compare_atom(const glni_term *a, const glni_term *b) {
  if (!a->divisor || !b->divisor) {
    if (a->divisor || b->divisor)
      return a->divisor ? 1 : -1;
    return compare_int(a->var, b->var);
  }
  int order = a->num == b->num ? 0 : glni_sum_compare(a->num, b->num);
  return order ? order : compare_int(a->divisor, b->divisor);
}

// Variables first, so that floors of one numerator stand side by side.
int glni_sum_compare(const glni_sum *a, const glni_sum *b) {
  if (a == b)
    return 0;
  if (a->num_terms != b->num_terms)
    return compare_int(a->num_terms, b->num_terms);
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    int order = compare_atom(&a->terms[i], &b->terms[i]);
    if (!order)
      order = compare_int(a->terms[i].coef, b->terms[i].coef);
    if (order)
      return order;
  }
  return compare_int(a->constant, b->constant);
}

static uint32_t term_vars(const glni_term *term) {
  return term->divisor ? term->num->vars : UINT32_C(1) << term->var;
}

static void push(glni_ctx *ctx, glni_sum *sum, const glni_term *term,
                 int64_t coef) {
  if (coef == 0 || ctx->status)
    return;
  sum->terms[sum->num_terms] = *term;
  sum->terms[sum->num_terms++].coef = coef;
  sum->vars |= term_vars(term);
  sum->words += term->divisor ? 2 + term->num->words : 2;
  if (sum->words > GLNI_MAX_WORDS)
    set_limit(ctx);
}

const glni_sum *glni_combine(glni_ctx *ctx, const glni_sum *a, int64_t ca,
                             const glni_sum *b, int64_t cb, int64_t constant) {
  glni_sum *sum = new_sum(ctx, (size_t)a->num_terms + b->num_terms);
  if (!sum)
    return &zero_sum;
  uint32_t i = 0, j = 0;
  while (i < a->num_terms || j < b->num_terms) {
    int order = i == a->num_terms   ? 1
                : j == b->num_terms ? -1
                                    : compare_atom(&a->terms[i], &b->terms[j]);
    int64_t coef = order <= 0 ? glni_mul(ctx, ca, a->terms[i].coef) : 0;
    if (order >= 0)
      coef = glni_add(ctx, coef, glni_mul(ctx, cb, b->terms[j].coef));
    push(ctx, sum, order <= 0 ? &a->terms[i] : &b->terms[j], coef);
    i += order <= 0;
    j += order >= 0;
  }
  constant = glni_add(ctx, constant, glni_mul(ctx, ca, a->constant));
  sum->constant = glni_add(ctx, constant, glni_mul(ctx, cb, b->constant));
  return sum;
}

const glni_sum *glni_scale(glni_ctx *ctx, const glni_sum *a, int64_t factor,
                           int64_t constant) {
  if (factor == 1 && constant == 0)
    return a;
  return glni_combine(ctx, a, factor, &zero_sum, 0, constant);
}

const glni_sum *glni_raw_floor(glni_ctx *ctx, const glni_sum *num,
                               int64_t divisor, int64_t coef) {
  glni_sum *sum = new_sum(ctx, 1);
  if (!sum)
    return &zero_sum;
  glni_term term = {coef, divisor, num, 0};
  push(ctx, sum, &term, coef);
  return sum;
}

bool glni_sum_has_floor(const glni_sum *a) {
  return a->num_terms && a->terms[a->num_terms - 1].divisor;
}

int64_t glni_sum_coef(const glni_sum *a, uint32_t var) {
  for (uint32_t i = 0; i < a->num_terms && !a->terms[i].divisor; ++i)
    if (a->terms[i].var == var)
      return a->terms[i].coef;
  return 0;
}

const glni_sum *glni_substitute(glni_ctx *ctx, const glni_sum *a,
                                const glni_sum *const *values) {
  const glni_sum *sum = glni_constant(ctx, a->constant);
  for (uint32_t i = 0; i < a->num_terms && !ctx->status; ++i) {
    const glni_term *term = &a->terms[i];
    const glni_sum *value =
        term->divisor
            ? glni_floordiv(ctx, glni_substitute(ctx, term->num, values),
                            term->divisor)
            : values[term->var];
    sum = sum == &zero_sum ? glni_scale(ctx, value, term->coef, 0)
                           : glni_combine(ctx, sum, 1, value, term->coef, 0);
  }
  return ctx->status ? &zero_sum : sum;
}

int64_t glni_sum_evaluate(const glni_sum *a, const int64_t *vars) {
  int64_t value = a->constant;
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    const glni_term *term = &a->terms[i];
    int64_t atom =
        term->divisor
            ? glni_floor_div(glni_sum_evaluate(term->num, vars), term->divisor)
            : vars[term->var];
    value += term->coef * atom;
  }
  return value;
}

bool glni_sum_check(const glni_ctx *ctx, const glni_sum *a) {
  uint32_t vars = 0;
  for (uint32_t i = 0; i < a->num_terms; ++i) {
    const glni_term *term = &a->terms[i];
    vars |= term_vars(term);
    if (term->coef == 0 || (i && compare_atom(term - 1, term) >= 0))
      return false;
    if (term->divisor ? term->divisor < 2 || term->num->num_terms == 0 ||
                            !glni_sum_check(ctx, term->num)
                      : term->var >= ctx->num_vars || ctx->high[term->var] == 0)
      return false;
  }
  return vars == a->vars;
}
