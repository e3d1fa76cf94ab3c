// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bounds of an instruction: `2 * m + n <= acc_rows`, read and evaluated.
//
//   bound  = sum relation sum        relation = <= < >= > ==
//   sum    = ['-'] term {('+' | '-') term}
//   term   = factor {'*' factor}     factor = integer | name
#include "target/instr.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

//===-- Names -------------------------------------------------------------===//

static const char *const array_keys[] = {
#define GLN_X(member, key, ...) key,
    GLN_TARGET_ARRAY_TABLE(GLN_X)
#undef GLN_X
};
static const char *const target_keys[] = {
#define GLN_X(member, key, ...) key,
    GLN_TARGET_TABLE(GLN_X)
#undef GLN_X
};
static const char *const row_keys[] = {"acc_rows", "abuf_rows", "wbuf_rows"};

enum {
  NUM_ARRAY_KEYS = sizeof array_keys / sizeof *array_keys,
  NUM_TARGET_KEYS = sizeof target_keys / sizeof *target_keys,
  NUM_ROW_KEYS = sizeof row_keys / sizeof *row_keys,
  MAX_NAMES = NUM_ARRAY_KEYS + NUM_TARGET_KEYS + NUM_ROW_KEYS +
              GLN_INSTR_MAX_DIMS + GLN_INSTR_MAX_PARAMS +
              GLN_INSTR_MAX_OPERANDS * GLN_INSTR_MAX_RANK + 1,
};

typedef struct name_list {
  size_t num;
  const char *names[MAX_NAMES];
  gln_instr_factor factors[MAX_NAMES];
} name_list;

static void push(name_list *list, const char *name, gln_instr_name_kind kind,
                 size_t index, size_t axis) {
  if (!name[0])
    return;
  list->names[list->num] = name;
  list->factors[list->num++] =
      (gln_instr_factor){(uint8_t)kind, (uint8_t)index, (uint8_t)axis};
}

// Every name that a bound may use; where two are equal the first counts.
static void collect(const gln_instr *instr, name_list *list) {
  list->num = 0;
  for (size_t i = 0; i < instr->num_dims; ++i)
    push(list, instr->dims[i].name, GLN_INSTR_NAME_DIM, i, 0);
  for (size_t i = 0; i < instr->num_params; ++i)
    push(list, instr->params[i], GLN_INSTR_NAME_PARAM, i, 0);
  for (size_t k = 0; k < instr->num_operands; ++k)
    for (size_t a = 0; a < instr->operands[k].rank; ++a)
      push(list, instr->operands[k].axis[a], GLN_INSTR_NAME_AXIS, k, a);
  for (size_t i = 0; i < NUM_ARRAY_KEYS; ++i)
    push(list, array_keys[i], GLN_INSTR_NAME_ARRAY, i, 0);
  for (size_t i = 0; i < NUM_TARGET_KEYS; ++i)
    push(list, target_keys[i], GLN_INSTR_NAME_TARGET, i, 0);
  for (size_t i = 0; i < NUM_ROW_KEYS; ++i)
    push(list, row_keys[i], GLN_INSTR_NAME_ROWS, i, 0);
  list->names[list->num] = NULL;
}

//===-- Reading -----------------------------------------------------------===//

typedef struct reader {
  const char *text, *at;
  name_list names;
  eg_error *error;
} reader;

static void skip(reader *r) {
  while (isspace((unsigned char)*r->at))
    ++r->at;
}

static eg_status malformed(reader *r, const char *wanted) {
  skip(r);
  size_t column = (size_t)(r->at - r->text) + 1;
  if (!*r->at)
    return gln_fail(r->error, EG_INVALID, "'%s' ends where %s is wanted",
                    r->text, wanted);
  return gln_fail(r->error, EG_INVALID,
                  "'%s' has '%c' at column %zu where %s is wanted", r->text,
                  *r->at, column, wanted);
}

static bool accept(reader *r, const char *token) {
  skip(r);
  size_t length = strlen(token);
  if (strncmp(r->at, token, length) != 0)
    return false;
  r->at += length;
  return true;
}

static eg_status read_name(reader *r, gln_instr_term *term) {
  char name[48];
  size_t length = 0;
  while (isalnum((unsigned char)r->at[length]) || r->at[length] == '_')
    ++length;
  snprintf(name, sizeof name, "%.*s", (int)length, r->at);
  r->at += length;
  for (size_t i = 0; i < r->names.num; ++i)
    if (strcmp(r->names.names[i], name) == 0) {
      if (term->num_factors == GLN_INSTR_MAX_FACTORS)
        return gln_fail(r->error, EG_LIMIT,
                        "'%s' multiplies more than %d names", r->text,
                        GLN_INSTR_MAX_FACTORS);
      term->factors[term->num_factors++] = r->names.factors[i];
      return EG_OK;
    }
  const char *near = gln_nearest_name(name, r->names.names);
  return gln_fail(r->error, EG_NOT_FOUND,
                  "nothing is called '%s' in '%s'%s%s%s", name, r->text,
                  near ? "; did you mean '" : "", near ? near : "",
                  near ? "'?" : "");
}

static eg_status read_factor(reader *r, gln_instr_term *term) {
  skip(r);
  if (isalpha((unsigned char)*r->at) || *r->at == '_')
    return read_name(r, term);
  if (!isdigit((unsigned char)*r->at))
    return malformed(r, "a name or a number");
  int64_t value = 0;
  for (; isdigit((unsigned char)*r->at); ++r->at)
    if (__builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, *r->at - '0', &value))
      return gln_fail(r->error, EG_INVALID, "'%s' has a number beyond 2^63",
                      r->text);
  if (__builtin_mul_overflow(term->scale, value, &term->scale))
    return gln_fail(r->error, EG_INVALID, "'%s' has a number beyond 2^63",
                    r->text);
  return EG_OK;
}

static eg_status read_sum(reader *r, gln_instr_sum *sum) {
  bool minus = accept(r, "-");
  do {
    if (sum->num_terms == GLN_INSTR_MAX_TERMS)
      return gln_fail(r->error, EG_LIMIT, "'%s' has more than %d terms",
                      r->text, GLN_INSTR_MAX_TERMS);
    gln_instr_term *term = &sum->terms[sum->num_terms++];
    term->scale = minus ? -1 : 1;
    do {
      eg_status status = read_factor(r, term);
      if (status != EG_OK)
        return status;
    } while (accept(r, "*"));
    minus = accept(r, "-");
  } while (minus || accept(r, "+"));
  return EG_OK;
}

static bool read_relation(reader *r, gln_instr_relation *out) {
  static const struct {
    const char *text;
    gln_instr_relation relation;
  } table[] = {{"<=", GLN_INSTR_LE},
               {"<", GLN_INSTR_LT},
               {">=", GLN_INSTR_GE},
               {">", GLN_INSTR_GT},
               {"==", GLN_INSTR_EQ}};
  for (size_t i = 0; i < sizeof table / sizeof *table; ++i)
    if (accept(r, table[i].text)) {
      *out = table[i].relation;
      return true;
    }
  return false;
}

eg_status gln_instr_add_bound(gln_instr *instr, const char *text,
                              eg_error *error) {
  if (instr->num_bounds == GLN_INSTR_MAX_BOUNDS)
    return gln_fail(error, EG_LIMIT, "%s has more than %d bounds", instr->name,
                    GLN_INSTR_MAX_BOUNDS);
  gln_instr_bound bound = {.relation = GLN_INSTR_LE};
  if (strlen(text) >= sizeof bound.text)
    return gln_fail(error, EG_LIMIT, "'%s' is longer than %zu bytes", text,
                    sizeof bound.text - 1);
  strcpy(bound.text, text);
  reader r = {.text = text, .at = text, .error = error};
  collect(instr, &r.names);
  eg_status status = read_sum(&r, &bound.left);
  if (status == EG_OK && !read_relation(&r, &bound.relation))
    status = malformed(&r, "one of <= < >= > ==");
  if (status == EG_OK)
    status = read_sum(&r, &bound.right);
  skip(&r);
  if (status == EG_OK && *r.at)
    status = malformed(&r, "the end");
  if (status == EG_OK)
    instr->bounds[instr->num_bounds++] = bound;
  return status;
}

//===-- Evaluating --------------------------------------------------------===//

static eg_status point_of(const char *key, const gln_target_number *number,
                          double *out, eg_error *error) {
  *out = number->value;
  if (number->num_choices > 1)
    return gln_fail(error, EG_INVALID,
                    "%s is a range, %g to %g, where a point is needed; say "
                    "%s=%g",
                    key, number->choices[0],
                    number->choices[number->num_choices - 1], key,
                    number->value);
  return EG_OK;
}

static double axis_extent(const gln_instr *instr, const gln_instr_use *use,
                          const gln_instr_factor *f) {
  double extent = 1;
  for (size_t d = 0; d < instr->num_dims; ++d) {
    gln_instr_coef c = instr->operands[f->index].coef[f->axis][d];
    double step = c.param ? (double)use->params[c.param - 1] : 1;
    extent += abs(c.value) * step * ((double)use->extents[d] - 1);
  }
  return extent;
}

// How many rows of operands or results a memory holds.
static eg_status memory_rows(const gln_instr *instr, const gln_target *target,
                             const gln_instr_use *use, size_t which,
                             double *out, eg_error *error) {
  const gln_target_array *array = &target->arrays[instr->array];
  static const size_t bytes[] = {GLN_TARGET_acc_bytes, GLN_TARGET_abuf_bytes,
                                 GLN_TARGET_wbuf_bytes};
  const gln_type types[] = {use->result, use->lhs, use->rhs};
  double width, size;
  eg_status status = which == 1 ? point_of("rows", &array->rows, &width, error)
                                : point_of("cols", &array->cols, &width, error);
  if (status == EG_OK)
    status = point_of(target_keys[bytes[which]], &target->numbers[bytes[which]],
                      &size, error);
  if (status == EG_OK)
    *out = (double)(int64_t)(size / (width * gln_type_bytes(types[which])));
  return status;
}

static eg_status value_of(const gln_instr *instr, const gln_target *target,
                          const gln_instr_use *use, const gln_instr_factor *f,
                          double *out, eg_error *error) {
  switch ((gln_instr_name_kind)f->kind) {
  case GLN_INSTR_NAME_DIM:
    *out = (double)use->extents[f->index];
    return EG_OK;
  case GLN_INSTR_NAME_AXIS:
    *out = axis_extent(instr, use, f);
    return EG_OK;
  case GLN_INSTR_NAME_PARAM:
    *out = (double)use->params[f->index];
    return EG_OK;
  case GLN_INSTR_NAME_ARRAY:
    return point_of(array_keys[f->index],
                    &target->arrays[instr->array].numbers[f->index], out,
                    error);
  case GLN_INSTR_NAME_TARGET:
    return point_of(target_keys[f->index], &target->numbers[f->index], out,
                    error);
  case GLN_INSTR_NAME_ROWS:
    break;
  }
  return memory_rows(instr, target, use, f->index, out, error);
}

static eg_status sum_of(const gln_instr *instr, const gln_target *target,
                        const gln_instr_use *use, const gln_instr_sum *sum,
                        double *out, eg_error *error) {
  *out = 0;
  for (size_t t = 0; t < sum->num_terms; ++t) {
    double product = (double)sum->terms[t].scale, value;
    for (size_t i = 0; i < sum->terms[t].num_factors; ++i) {
      eg_status status = value_of(instr, target, use, &sum->terms[t].factors[i],
                                  &value, error);
      if (status != EG_OK)
        return status;
      product *= value;
    }
    *out += product;
  }
  return EG_OK;
}

static bool holds(gln_instr_relation relation, double left, double right) {
  switch (relation) {
  case GLN_INSTR_LE:
    return left <= right;
  case GLN_INSTR_LT:
    return left < right;
  case GLN_INSTR_GE:
    return left >= right;
  case GLN_INSTR_GT:
    return left > right;
  case GLN_INSTR_EQ:
    break;
  }
  return left == right;
}

eg_status gln_instr_check_bounds(const gln_instr *instr,
                                 const gln_target *target,
                                 const gln_instr_use *use, eg_error *error) {
  for (size_t d = 0; d < instr->num_dims; ++d)
    if (instr->dims[d].fixed && use->extents[d] != instr->dims[d].fixed)
      return gln_fail(error, EG_LIMIT,
                      "%s: %s = %" PRId64 " must be exactly %" PRId64,
                      instr->name, instr->dims[d].name, use->extents[d],
                      instr->dims[d].fixed);
  for (size_t i = 0; i < instr->num_bounds; ++i) {
    const gln_instr_bound *b = &instr->bounds[i];
    double left, right;
    eg_error inner = {0};
    eg_status status = sum_of(instr, target, use, &b->left, &left, &inner);
    if (status == EG_OK)
      status = sum_of(instr, target, use, &b->right, &right, &inner);
    if (status != EG_OK)
      return gln_fail(error, status, "%s: '%s': %s", instr->name, b->text,
                      inner.text);
    double apart = left > right ? left - right : right - left;
    if (!holds(b->relation, left, right) && apart == 0)
      return gln_fail(error, EG_LIMIT, "%s: '%s' fails: both are %.15g",
                      instr->name, b->text, left);
    if (!holds(b->relation, left, right))
      return gln_fail(error, EG_LIMIT,
                      "%s: '%s' fails: %.15g against %.15g, %.15g %s",
                      instr->name, b->text, left, right, apart,
                      left > right ? "too much" : "too little");
  }
  return EG_OK;
}

eg_status gln_instr_largest(const gln_instr *instr, const gln_target *target,
                            const gln_instr_use *use, size_t dim, int64_t limit,
                            int64_t *out, eg_error *error) {
  gln_instr_use probe = *use;
  eg_error why = {0}; // that an extent does not fit is no error
  if (instr->dims[dim].fixed) {
    probe.extents[dim] = instr->dims[dim].fixed;
    eg_status status = gln_instr_check_bounds(instr, target, &probe, &why);
    *out =
        status == EG_OK && probe.extents[dim] <= limit ? probe.extents[dim] : 0;
    return status == EG_INVALID ? gln_fail(error, status, "%s", why.text)
                                : EG_OK;
  }
  int64_t fits = 0, fails = limit;
  probe.extents[dim] = limit; // most often the array binds
  eg_status whole = gln_instr_check_bounds(instr, target, &probe, &why);
  if (whole == EG_OK) {
    *out = limit;
    return EG_OK;
  }
  while (fails - fits > 1) {
    probe.extents[dim] = fits + (fails - fits) / 2;
    eg_status status = gln_instr_check_bounds(instr, target, &probe, &why);
    if (status != EG_OK && status != EG_LIMIT)
      return gln_fail(error, status, "%s", why.text);
    if (status == EG_OK)
      fits = probe.extents[dim];
    else
      fails = probe.extents[dim];
  }
  *out = fits;
  return EG_OK;
}
