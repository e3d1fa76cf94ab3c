// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads the text of a view. Recursive descent over
//
//   view   ::= names list `->` `(` sums `)` list [`if` conds `fill` value]
//   conds  ::= `false` | cond (`,` cond)*       value ::= number `:` type
//   cond   ::= sum (`>=` | `<=` | `==`) integer
//   sum    ::= product ((`+` | `-`) product)*
//   product::= factor ((`*` | `floordiv` | `mod`) factor)*    left to right
//   factor ::= `-` factor | integer | `d`integer | `(` sum `)`
#include "view_internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct parser {
  const char *text, *at, *end;
  glni_ctx *ctx;
  glni_view *view;
  eg_error *error;
  eg_status status;
  int depth;
  const glni_sum *mod_of; // operand of the last product, if that ended in mod
  int64_t modulus;
} parser;

enum { MAX_DEPTH = 64 };

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static bool
fail(parser *p, const char *at, const char *format, ...) {
  if (p->status)
    return false;
  uint32_t line = 1;
  const char *start = p->text;
  for (const char *c = p->text; c < at; ++c)
    if (*c == '\n') {
      ++line;
      start = c + 1;
    }
  char message[160];
  va_list args;
  va_start(args, format);
  vsnprintf(message, sizeof message, format, args);
  va_end(args);
  p->status = gln_fail(p->error, EG_INVALID, "column %zu: %s",
                       (size_t)(at - start) + 1, message);
  if (p->error)
    p->error->line = line;
  return false;
}

static void skip_space(parser *p) {
  while (p->at < p->end &&
         (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
    ++p->at;
}

static bool is_word(char c) {
  return isalnum((unsigned char)c) || c == '_';
}

// Takes |token| if it is next; a word only as a whole.
static bool take(parser *p, const char *token) {
  skip_space(p);
  size_t length = strlen(token);
  if ((size_t)(p->end - p->at) < length || memcmp(p->at, token, length) != 0)
    return false;
  if (is_word(token[0]) && p->at + length < p->end && is_word(p->at[length]))
    return false;
  p->at += length;
  return true;
}

static bool expect(parser *p, const char *token) {
  if (take(p, token))
    return true;
  if (p->at == p->end)
    return fail(p, p->at, "expected '%s', found the end", token);
  return fail(p, p->at, "expected '%s', found '%c'", token,
              isprint((unsigned char)*p->at) ? *p->at : '?');
}

static bool parse_digits(parser *p, int64_t *value) {
  skip_space(p);
  const char *start = p->at;
  *value = 0;
  while (p->at < p->end && isdigit((unsigned char)*p->at)) {
    if (*value > INT64_MAX / 100)
      return fail(p, start, "the integer is too large");
    *value = *value * 10 + (*p->at++ - '0');
  }
  if (p->at == start)
    return fail(p, start, "expected an integer");
  if (p->at < p->end && is_word(*p->at))
    return fail(p, p->at, "'%c' after an integer", *p->at);
  return true;
}

static bool parse_integer(parser *p, int64_t *value) {
  bool negative = take(p, "-");
  if (!parse_digits(p, value))
    return false;
  *value = negative ? -*value : *value;
  return true;
}

//===-- Expressions -------------------------------------------------------===//

static bool parse_sum(parser *p, const glni_sum **out);

static bool parse_index(parser *p, const glni_sum **out) {
  const char *start = p->at++;
  int64_t d;
  if (!isdigit((unsigned char)(p->at < p->end ? *p->at : 0)))
    return fail(p, start, "expected an index d0, d1, ...");
  if (!parse_digits(p, &d))
    return false;
  if (d >= p->view->rank)
    return fail(p, start, "index d%" PRId64 " of %" PRIu32 " dimensions", d,
                p->view->rank);
  *out = glni_var(p->ctx, (uint32_t)d);
  return true;
}

static bool parse_factor(parser *p, const glni_sum **out) {
  skip_space(p);
  if (++p->depth > MAX_DEPTH)
    return fail(p, p->at, "nested deeper than %d", MAX_DEPTH);
  bool ok = false;
  int64_t value;
  if (take(p, "-")) {
    ok = parse_factor(p, out);
    if (ok)
      *out = glni_scale(p->ctx, *out, -1, 0);
  } else if (take(p, "(")) {
    ok = parse_sum(p, out) && expect(p, ")");
  } else if (p->at < p->end && *p->at == 'd') {
    ok = parse_index(p, out);
  } else if (p->at < p->end && isdigit((unsigned char)*p->at)) {
    ok = parse_digits(p, &value);
    *out = glni_constant(p->ctx, ok ? value : 0);
  } else {
    fail(p, p->at, "expected an expression");
  }
  --p->depth;
  return ok;
}

static bool parse_product(parser *p, const glni_sum **out) {
  if (!parse_factor(p, out))
    return false;
  p->mod_of = NULL;
  for (;;) {
    const glni_sum *right;
    bool is_times = take(p, "*");
    bool is_floor = !is_times && take(p, "floordiv");
    bool is_mod = !is_times && !is_floor && take(p, "mod");
    if (!is_times && !is_floor && !is_mod)
      return true;
    skip_space(p);
    const char *start = p->at;
    if (!parse_factor(p, &right))
      return false;
    if (p->ctx->status)
      return false;
    p->mod_of = NULL;
    if (is_times) {
      if (right->num_terms && (*out)->num_terms)
        return fail(p, start, "a product of two indices");
      *out = right->num_terms ? glni_scale(p->ctx, right, (*out)->constant, 0)
                              : glni_scale(p->ctx, *out, right->constant, 0);
      continue;
    }
    if (right->num_terms || right->constant < 1)
      return fail(p, start, "the divisor must be a constant >= 1");
    if (is_mod) {
      p->mod_of = *out;
      p->modulus = right->constant;
    }
    const glni_sum *quotient = glni_floordiv(p->ctx, *out, right->constant);
    *out = is_floor
               ? quotient
               : glni_combine(p->ctx, *out, 1, quotient, -right->constant, 0);
  }
}

static bool parse_sum(parser *p, const glni_sum **out) {
  if (!parse_product(p, out))
    return false;
  for (;;) {
    bool plus = take(p, "+");
    if (!plus && !take(p, "-"))
      return true;
    const glni_sum *right;
    if (!parse_product(p, &right) || p->ctx->status)
      return false;
    p->mod_of = NULL;
    *out = glni_combine(p->ctx, *out, 1, right, plus ? 1 : -1, 0);
  }
}

//===-- The view ----------------------------------------------------------===//

static bool parse_extents(parser *p, int64_t *extents, uint32_t *num) {
  *num = 0;
  if (!expect(p, "["))
    return false;
  while (!take(p, "]")) {
    if (*num && !expect(p, ","))
      return false;
    skip_space(p);
    const char *start = p->at;
    int64_t value;
    if (!parse_digits(p, &value))
      return false;
    if (value < 1 || value > GLN_VIEW_MAX_EXTENT)
      return fail(p, start, "extent %" PRId64 ", not in 1 to %" PRId64, value,
                  GLN_VIEW_MAX_EXTENT);
    if (*num == GLN_VIEW_MAX_RANK)
      return fail(p, start, "more than %d dimensions", GLN_VIEW_MAX_RANK);
    extents[(*num)++] = value;
  }
  return true;
}

static bool parse_result(parser *p) {
  if (!expect(p, "("))
    return false;
  uint32_t names = 0, rank;
  while (!take(p, ")")) {
    char name[16];
    if (names && !expect(p, ","))
      return false;
    snprintf(name, sizeof name, "d%" PRIu32, names);
    if (!expect(p, name))
      return false;
    ++names;
  }
  skip_space(p);
  const char *start = p->at;
  int64_t extents[GLN_VIEW_MAX_RANK];
  if (!parse_extents(p, extents, &rank))
    return false;
  if (rank != names)
    return fail(p, start, "%" PRIu32 " extents for %" PRIu32 " indices", rank,
                names);
  glni_view_start(p->ctx, p->view, rank, extents, 0, NULL);
  return true;
}

static bool parse_map(parser *p) {
  glni_view *view = p->view;
  if (!expect(p, "->") || !expect(p, "("))
    return false;
  uint32_t num = 0;
  while (!take(p, ")")) {
    if (num && !expect(p, ","))
      return false;
    if (num == GLN_VIEW_MAX_RANK)
      return fail(p, p->at, "more than %d coordinates", GLN_VIEW_MAX_RANK);
    if (!parse_sum(p, &view->map[num]))
      return false;
    ++num;
  }
  skip_space(p);
  const char *start = p->at;
  if (!parse_extents(p, view->source, &view->source_rank))
    return false;
  if (view->source_rank != num)
    return fail(p, start, "%" PRIu32 " extents for %" PRIu32 " coordinates",
                view->source_rank, num);
  return true;
}

static bool parse_condition(parser *p) {
  const glni_sum *sum;
  int64_t value;
  if (!parse_sum(p, &sum))
    return false;
  const glni_sum *mod_of = p->mod_of;
  int64_t modulus = p->modulus;
  bool at_least = take(p, ">="), at_most = !at_least && take(p, "<=");
  if (!at_least && !at_most && !expect(p, "=="))
    return false;
  skip_space(p);
  const char *start = p->at;
  if (!parse_integer(p, &value))
    return false;
  if (p->ctx->status)
    return false;
  if (p->view->num_constraints == GLN_VIEW_MAX_CONSTRAINTS)
    return fail(p, start, "more than %d conditions", GLN_VIEW_MAX_CONSTRAINTS);
  if (!at_least && !at_most && mod_of && value >= 0 && value < modulus)
    glni_view_add_congruence(p->ctx, p->view, mod_of, modulus, value);
  else
    glni_view_add_range(p->ctx, p->view, sum,
                        at_most ? -(INT64_MAX / 8) : value,
                        at_least ? INT64_MAX / 8 : value);
  return true;
}

static bool parse_domain(parser *p) {
  if (!take(p, "if"))
    return true;
  if (take(p, "false")) {
    p->view->empty = true;
  } else {
    do {
      if (!parse_condition(p))
        return false;
    } while (take(p, ","));
  }
  if (!expect(p, "fill"))
    return false;
  skip_space(p);
  const char *value = p->at;
  while (p->at < p->end && *p->at != ':')
    ++p->at;
  const char *value_end = p->at;
  while (value_end > value && value_end[-1] == ' ')
    --value_end;
  if (!expect(p, ":"))
    return false;
  skip_space(p);
  const char *name = p->at;
  gln_type type;
  while (p->at < p->end && is_word(*p->at))
    ++p->at;
  if (!gln_type_parse(name, (size_t)(p->at - name), &type))
    return fail(p, name, "no such element type");
  if (gln_scalar_parse(type, value, (size_t)(value_end - value), &p->view->fill,
                       NULL))
    return fail(p, value, "no value of type %s", gln_type_name(type));
  p->view->has_fill = true;
  return true;
}

static void check_bounds(parser *p) {
  uint32_t dim;
  int64_t low, high;
  glni_view_settle(p->ctx, p->view);
  if (!p->ctx->status &&
      !glni_view_in_bounds(p->ctx, p->view, &dim, &low, &high))
    fail(p, p->text,
         "coordinate %" PRIu32 " runs from %" PRId64 " to %" PRId64
         " outside extent %" PRId64,
         dim, low, high, p->view->source[dim]);
}

eg_status gln_view_parse(const eg_allocator *allocator, const char *text,
                         size_t length, gln_view **out, eg_error *error) {
  glni_ctx ctx;
  glni_view view;
  *out = NULL;
  glni_ctx_init(&ctx, allocator);
  parser p = {text, text, text + length, &ctx, &view, error, EG_OK, 0, NULL, 0};
  if (parse_result(&p) && parse_map(&p) && parse_domain(&p)) {
    skip_space(&p);
    if (p.at != p.end)
      fail(&p, p.at, "expected the end, found '%c'",
           isprint((unsigned char)*p.at) ? *p.at : '?');
    else if (!ctx.status)
      check_bounds(&p);
  }
  if (p.status && !ctx.status) {
    glni_ctx_fini(&ctx);
    return p.status;
  }
  return glni_view_finish(&ctx, &view, "view", out, error);
}
