// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Unification by backtracking over the dimensions of one role. Only few dims
// share a role, so the factorial is small; the operands' axes are matched once
// the dims are fixed, which also fixes the parameters.
#include "kernel/instr_match.h"

#include <inttypes.h>
#include <string.h>

// How far the best attempt came: what it says is what the user wants to know.
typedef enum stage {
  STAGE_DIMS,
  STAGE_AXES,
  STAGE_BOUNDS,
  STAGE_POINT,
} stage;

typedef struct search {
  const gln_instr *instr;
  const gln_spec *spec;
  const gln_target *target;
  bool swapped;
  bool taken[GLN_SPEC_MAX_DIMS]; // dimensions of the spec
  gln_instr_binding binding;
  gln_instr_binding *out;
  size_t capacity, num;
  stage reached;
  bool failed; // |failure| is set
  eg_error failure;
} search;

static size_t spec_operand(const search *s, size_t operand) {
  return s->swapped ? 1 - operand : operand;
}

static void fail_at(search *s, stage at, const eg_error *why) {
  if (s->failed && s->reached >= at)
    return;
  s->failed = true;
  s->reached = at;
  s->failure = *why;
}

//===-- Axes --------------------------------------------------------------===//

// Whether |axis| of the instruction's operand reads as |row| of the spec does.
// Parameters that are met for the first time are bound.
static bool same_axis(search *s, const gln_instr_coef *axis,
                      const int32_t *row) {
  int64_t params[GLN_INSTR_MAX_PARAMS];
  bool used[GLN_SPEC_MAX_DIMS] = {false};
  memcpy(params, s->binding.params, sizeof params);
  for (size_t d = 0; d < s->instr->num_dims; ++d) {
    int dim = s->binding.dims[d];
    if (dim < 0 || !axis[d].value)
      continue;
    used[dim] = true;
    int64_t wanted = row[dim], value = axis[d].value;
    if (axis[d].param && wanted % value == 0 && wanted / value > 0) {
      int64_t *param = &params[axis[d].param - 1];
      if (!*param)
        *param = wanted / value;
      value *= *param;
    }
    if (value != wanted)
      return false;
  }
  for (size_t i = 0; i < s->spec->num_dims; ++i)
    if (!used[i] && row[i])
      return false;
  memcpy(s->binding.params, params, sizeof params);
  return true;
}

static bool is_read(const search *s, const gln_instr_coef *axis) {
  for (size_t d = 0; d < s->instr->num_dims; ++d)
    if (axis[d].value && s->binding.dims[d] >= 0)
      return true;
  return false;
}

// Pairs the axes of |operand| from |first| on with those of the spec that are
// free. Distinct axes of one array read distinct dims in all but diagonals, so
// the first that fits is the one.
static bool match_operand(search *s, size_t operand, eg_error *why) {
  const gln_instr_operand *o = &s->instr->operands[operand];
  const gln_spec_operand *p = &s->spec->operands[spec_operand(s, operand)];
  bool free_axes[GLN_SPEC_MAX_RANK];
  memset(free_axes, true, sizeof free_axes);
  for (size_t a = 0; a < o->rank; ++a) {
    s->binding.axes[operand][a] = -1;
    if (!is_read(s, o->coef[a]))
      continue;
    size_t b = 0;
    while (b < p->rank &&
           !(free_axes[b] && same_axis(s, o->coef[a], p->coef[b])))
      ++b;
    if (b == p->rank) {
      (void)gln_fail(why, EG_NOT_FOUND,
                     "%s: no axis of operand %zu is read as axis %zu of the "
                     "instruction's operand %zu",
                     s->instr->name, spec_operand(s, operand), a, operand);
      return false;
    }
    free_axes[b] = false;
    s->binding.axes[operand][a] = (int8_t)b;
  }
  for (size_t b = 0; b < p->rank; ++b)
    if (free_axes[b]) {
      (void)gln_fail(why, EG_NOT_FOUND,
                     "%s: axis %zu of operand %zu is none of the instruction's",
                     s->instr->name, b, spec_operand(s, operand));
      return false;
    }
  return true;
}

//===-- A whole binding ---------------------------------------------------===//

static bool ascends(const int8_t *axes, size_t rank) {
  int last = -1;
  for (size_t a = 0; a < rank; ++a) {
    if (axes[a] < 0)
      continue;
    if (axes[a] < last)
      return false;
    last = axes[a];
  }
  return true;
}

static void keep(search *s) {
  gln_instr_binding *b = &s->binding;
  const gln_instr *instr = s->instr;
  b->swapped = s->swapped;
  b->num_moved = 0;
  for (size_t k = 0; k < instr->num_operands; ++k)
    b->num_moved += !ascends(b->axes[k], instr->operands[k].rank);
  for (size_t i = 0; i < instr->result_rank; ++i)
    b->result[i] = b->dims[instr->result_dims[i]];
  b->num_moved += !ascends(b->result, instr->result_rank);
  // Insertion: those before it are as good or better.
  size_t at = s->num < s->capacity ? s->num : s->capacity;
  while (at > 0 && s->out[at - 1].num_moved > b->num_moved)
    --at;
  if (at < s->capacity) {
    size_t held = s->num < s->capacity ? s->num : s->capacity - 1;
    memmove(s->out + at + 1, s->out + at, (held - at) * sizeof *s->out);
    s->out[at] = *b;
  }
  ++s->num;
}

static void finish(search *s) {
  eg_error why = {0};
  memset(s->binding.params, 0, sizeof s->binding.params);
  for (size_t k = 0; k < s->instr->num_operands; ++k)
    if (!match_operand(s, k, &why)) {
      fail_at(s, STAGE_AXES, &why);
      return;
    }
  gln_instr_use use = {.lhs = s->spec->operands[s->swapped].type,
                       .rhs = s->spec->operands[!s->swapped].type,
                       .result = s->spec->result};
  for (size_t d = 0; d < s->instr->num_dims; ++d) {
    int dim = s->binding.dims[d];
    s->binding.extents[d] = use.extents[d] = dim < 0 ? 1 : s->spec->dims[dim];
  }
  for (size_t i = 0; i < s->instr->num_params; ++i) {
    if (!s->binding.params[i])
      s->binding.params[i] = 1;
    use.params[i] = s->binding.params[i];
  }
  eg_status status = gln_instr_check_bounds(s->instr, s->target, &use, &why);
  if (status == EG_OK)
    keep(s);
  else
    fail_at(s, status == EG_LIMIT ? STAGE_BOUNDS : STAGE_POINT, &why);
}

static gln_instr_role role_of(const search *s, size_t dim) {
  gln_role role = gln_spec_role(s->spec, dim);
  if (s->swapped && role == GLN_ROLE_ROW)
    return GLN_INSTR_COL;
  if (s->swapped && role == GLN_ROLE_COL)
    return GLN_INSTR_ROW;
  return (gln_instr_role)role;
}

// Gives the instruction's dimensions from |dim| on each way to be one of the
// spec's of the same role, or of extent 1.
static void bind(search *s, size_t dim) {
  if (dim == s->instr->num_dims) {
    for (size_t i = 0; i < s->spec->num_dims; ++i)
      if (!s->taken[i])
        return; // some other choice takes it: the counts were compared
    finish(s);
    return;
  }
  size_t left = 0, rest = 0; // dims of this role: the spec's, ours from here
  gln_instr_role role = s->instr->dims[dim].role;
  for (size_t i = 0; i < s->spec->num_dims; ++i)
    left += !s->taken[i] && role_of(s, i) == role;
  for (size_t d = dim; d < s->instr->num_dims; ++d)
    rest += s->instr->dims[d].role == role;
  for (size_t i = 0; i < s->spec->num_dims; ++i) {
    if (s->taken[i] || role_of(s, i) != role)
      continue;
    s->taken[i] = true;
    s->binding.dims[dim] = (int8_t)i;
    bind(s, dim + 1);
    s->taken[i] = false;
  }
  if (rest > left) {
    s->binding.dims[dim] = -1;
    bind(s, dim + 1);
  }
}

//===-- What must agree at once -------------------------------------------===//

static bool match_roles(search *s) {
  static const char *const names[] = {"batch", "row", "column", "reduced"};
  int ours[4] = {0}, theirs[4] = {0};
  for (size_t d = 0; d < s->instr->num_dims; ++d)
    ++ours[s->instr->dims[d].role];
  for (size_t i = 0; i < s->spec->num_dims; ++i)
    ++theirs[role_of(s, i)];
  for (int r = 0; r < 4; ++r)
    if (theirs[r] > ours[r]) {
      eg_error why;
      (void)gln_fail(&why, EG_NOT_FOUND,
                     "%s: %d %s dimensions of extent over 1, the instruction "
                     "has %d",
                     s->instr->name, theirs[r], names[r], ours[r]);
      fail_at(s, STAGE_DIMS, &why);
      return false;
    }
  return true;
}

static bool match_types(const search *s) {
  gln_type lhs = s->spec->operands[s->swapped].type;
  gln_type rhs = s->spec->operands[!s->swapped].type;
  if (s->instr->form == GLN_INSTR_REDUCE) {
    if (!s->instr->any_type)
      return lhs == s->instr->operands[0].type &&
             s->spec->result == s->instr->result;
    for (size_t i = 0; i < s->target->num_types; ++i)
      if (s->target->types[i].acc == lhs && lhs == s->spec->result)
        return true;
    return false;
  }
  return gln_instr_takes(s->instr, s->target, lhs, rhs, s->spec->result);
}

static bool match_form(const gln_instr *instr, const gln_spec *spec) {
  switch (spec->combine) {
  case GLN_COMBINE_DOT:
    return instr->form == GLN_INSTR_CONTRACT && spec->num_operands == 2;
  case GLN_COMBINE_SUM:
    return instr->form == GLN_INSTR_REDUCE &&
           gln_instr_has_kind(instr, GLN_KIND_REDUCE_SUM);
  case GLN_COMBINE_PROD:
    return instr->form == GLN_INSTR_REDUCE &&
           gln_instr_has_kind(instr, GLN_KIND_REDUCE_PROD);
  case GLN_COMBINE_MAX:
    return instr->form == GLN_INSTR_REDUCE &&
           gln_instr_has_kind(instr, GLN_KIND_REDUCE_MAX);
  case GLN_COMBINE_MIN:
    break;
  }
  return instr->form == GLN_INSTR_REDUCE &&
         gln_instr_has_kind(instr, GLN_KIND_REDUCE_MIN);
}

eg_status gln_instr_match(const gln_instr *instr, const gln_spec *spec,
                          const gln_target *target, gln_instr_binding *out,
                          size_t capacity, size_t *out_num, eg_error *error) {
  *out_num = 0;
  if (!match_form(instr, spec))
    return gln_fail(error, EG_NOT_FOUND, "%s: computes another function",
                    instr->name);
  search s = {.instr = instr,
              .spec = spec,
              .target = target,
              .out = out,
              .capacity = capacity};
  bool typed = false;
  for (int swapped = 0; swapped < (int)spec->num_operands; ++swapped) {
    s.swapped = swapped == 1;
    if (!match_types(&s))
      continue;
    typed = true;
    if (match_roles(&s))
      bind(&s, 0);
  }
  *out_num = s.num;
  if (s.num)
    return EG_OK;
  if (!typed)
    return gln_fail(
        error, EG_NOT_FOUND, "%s: does not take %s%s%s into %s", instr->name,
        gln_type_name(spec->operands[0].type),
        spec->num_operands == 2 ? " x " : "",
        spec->num_operands == 2 ? gln_type_name(spec->operands[1].type) : "",
        gln_type_name(spec->result));
  return gln_fail(error, s.failure.status, "%s", s.failure.text);
}

//===-- Tiles on an array -------------------------------------------------===//

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

// The product of the largest call that |tile| takes, in canonical form, with its
// operands in the instruction's order.
static void largest_call(const gln_spec *tile, bool swapped,
                         const gln_instr_limits *limits, gln_spec *out) {
  enum { M, N, K };
  int64_t extents[] = {1, 1, 1};
  for (size_t d = 0; d < tile->num_dims; ++d) {
    gln_role role = gln_spec_role(tile, d);
    bool is_column = (role == GLN_ROLE_COL) != swapped;
    if (role != GLN_ROLE_BATCH)
      extents[role == GLN_ROLE_INNER ? K : is_column ? N : M] *= tile->dims[d];
  }
  extents[M] = least(extents[M], limits->m);
  extents[N] = least(extents[N], limits->n);
  extents[K] = least(extents[K], limits->k);
  static const int32_t axes[2][2] = {{M, K}, {N, K}};
  memset(out, 0, sizeof *out);
  out->combine = tile->combine;
  out->result = tile->result;
  out->num_operands = 2;
  out->num_dims = 3;
  out->num_parallel = 2;
  memcpy(out->dims, extents, sizeof extents);
  for (size_t k = 0; k < 2; ++k) {
    out->operands[k].type = tile->operands[swapped ? 1 - k : k].type;
    out->operands[k].rank = 2;
    for (size_t a = 0; a < 2; ++a)
      out->operands[k].coef[a][axes[k][a]] = 1;
  }
  gln_origin origin[GLN_SPEC_MAX_DIMS];
  gln_spec_simplify(out, origin);
}

eg_status gln_instr_match_tile(const gln_instr *instr, const gln_spec *tile,
                               bool swapped, const gln_instr_limits *limits,
                               const gln_target *target, gln_instr_binding *out,
                               eg_error *error) {
  enum { MAX = 8 };
  gln_instr_binding found[MAX];
  gln_spec call;
  size_t num;
  bool is_product = gln_instr_is_gemm(instr);
  if (tile->combine != GLN_COMBINE_DOT || tile->num_operands != 2)
    return gln_fail(error, EG_NOT_FOUND, "%s: computes another function",
                    instr->name);
  if (is_product)
    largest_call(tile, swapped, limits, &call);
  bool wanted = swapped && !is_product;
  eg_status status = gln_instr_match(instr, is_product ? &call : tile, target,
                                     found, MAX, &num, error);
  if (status != EG_OK)
    return status;
  for (size_t i = 0; i < num && i < MAX; ++i)
    if (found[i].swapped == wanted) {
      *out = found[i];
      return EG_OK;
    }
  return gln_fail(error, EG_NOT_FOUND,
                  "%s: takes these operands in the other order alone",
                  instr->name);
}

//===-- Maps --------------------------------------------------------------===//

static bool is_acc(const gln_target *target, gln_type type) {
  for (size_t i = 0; i < target->num_types; ++i)
    if (target->types[i].acc == type)
      return true;
  return false;
}

bool gln_instr_maps(const gln_instr *instr, const gln_target *target, int kind,
                    const gln_type *types, size_t num_types, gln_type result) {
  if (instr->form != GLN_INSTR_MAP || !gln_instr_has_kind(instr, kind) ||
      num_types != instr->num_operands)
    return false;
  if (instr->any_type) {
    gln_scalar_op op = (gln_scalar_op)(kind - GLN_KIND_SCALAR);
    for (size_t i = 0; i < num_types; ++i)
      if (!is_acc(target, types[i]) && types[i] != GLN_TYPE_I1)
        return false;
    return gln_scalar_op_check(op, types, num_types, result, NULL) == EG_OK;
  }
  for (size_t i = 0; i < num_types; ++i)
    if (types[i] != instr->operands[i].type)
      return false;
  return result == instr->result;
}
