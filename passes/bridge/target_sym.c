// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Views over named extents. The dialect does not check shapes with names, so
// each result type is inferred here and compared.
#include "bridge/target_internal.h"
#include "dialect/access.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool fail(eg_error *error, const char *what) {
  return gln_fail(error, EG_INVALID, "%s", what) == EG_OK;
}

static gln_sym_extent extent_of(MlirAttribute attribute) {
  gln_sym_extent extent = {"", 0};
  if (mlirAttributeIsAString(attribute))
    gln_target_string(attribute, extent.name, sizeof extent.name);
  else
    extent.value = mlirIntegerAttrGetValueInt(attribute);
  return extent;
}

static bool same(const gln_sym_extent *a, const gln_sym_extent *b) {
  return strcmp(a->name, b->name) == 0 && a->value == b->value;
}

bool gln_sym_of_type(MlirType type, gln_sym *out, eg_error *error) {
  memset(out, 0, sizeof *out);
  gln_text text;
  if (!gln_is_pattern(type) ||
      !gln_element_parse(gln_pattern_element(type), &out->type))
    return gln_fail(error, EG_INVALID, "'%s' is no access pattern",
                    gln_type_text(type, text)) == EG_OK;
  for (int half = 0; half < 2; ++half) {
    for (size_t i = 0; i < gln_pattern_num_dims(type, half); ++i) {
      if (out->rank == GLN_INSTR_MAX_DIMS)
        return gln_fail(error, EG_LIMIT, "'%s' has more than %d dimensions",
                        gln_type_text(type, text), GLN_INSTR_MAX_DIMS) == EG_OK;
      MlirAttribute dim = gln_pattern_dim(type, half, i);
      if (mlirAttributeIsAString(dim) &&
          mlirStringAttrGetValue(dim).length >= GLN_INSTR_NAME)
        return gln_fail(error, EG_LIMIT, "a name in '%s' has over %d bytes",
                        gln_type_text(type, text), GLN_INSTR_NAME - 1) == EG_OK;
      out->dims[out->rank++] = extent_of(dim);
    }
    if (half == 0)
      out->num_access = out->rank;
  }
  return true;
}

const gln_sym *gln_sym_find(const gln_sym_table *table, MlirValue value) {
  for (size_t i = 0; i < table->num; ++i)
    if (mlirValueEqual(table->values[i], value))
      return &table->syms[i];
  return NULL;
}

bool gln_sym_argument(gln_sym_table *table, MlirValue value, size_t index,
                      eg_error *error) {
  if (table->num == GLN_SYM_MAX_VALUES)
    return fail(error, "has too many values");
  gln_sym *sym = &table->syms[table->num];
  if (!gln_sym_of_type(mlirValueGetType(value), sym, error))
    return false;
  if (sym->rank > GLN_INSTR_MAX_RANK)
    return gln_fail(error, EG_LIMIT,
                    "argument #%zu has %d dimensions, at most "
                    "%d",
                    index, sym->rank, GLN_INSTR_MAX_RANK) == EG_OK;
  sym->num_sources = 1;
  sym->sources[0] = (gln_sym_source){
      .argument = (uint8_t)index, .rank = sym->rank, .type = sym->type};
  for (size_t d = 0; d < sym->rank; ++d)
    sym->sources[0].coef[d][d].value = 1;
  table->values[table->num++] = value;
  return true;
}

//===-- One view ----------------------------------------------------------===//

// The result's dims and, for each, the operand dim it steps and by how much.
typedef struct step {
  int from[2]; // dims of the operand; -1: none
  gln_instr_coef by;
} step;

typedef struct view {
  gln_sym_table *table;
  MlirOperation op;
  const gln_access_use *use;
  const gln_sym *in; // operand 0
  gln_sym wanted;    // of the result type
  gln_sym out;
  step steps[GLN_INSTR_MAX_DIMS];
  eg_error *error;
} view;

static bool push(view *v, gln_sym_extent extent, int from, gln_instr_coef by) {
  if (v->out.rank == GLN_INSTR_MAX_DIMS)
    return fail(v->error, "has too many dimensions");
  v->steps[v->out.rank] = (step){{from, -1}, by};
  v->out.dims[v->out.rank++] = extent;
  return true;
}

static const gln_instr_coef one = {1, 0};

// A stride or dilation: a number, or a name that becomes a parameter.
static bool coef_of(view *v, const char *list, size_t index,
                    gln_instr_coef *out) {
  MlirAttribute entry =
      mlirArrayAttrGetElement(gln_op_attribute(v->op, list), (intptr_t)index);
  gln_instr *instr = v->table->instr;
  *out = one;
  if (!mlirAttributeIsAString(entry)) {
    int64_t value = mlirIntegerAttrGetValueInt(entry);
    out->value = (int32_t)value;
    return (value > 0 && value == out->value) ||
           fail(v->error, "has a stride that is not positive, or too large");
  }
  char name[GLN_INSTR_NAME];
  gln_target_string(entry, name, sizeof name);
  size_t p = 0;
  while (p < instr->num_params && strcmp(instr->params[p], name) != 0)
    ++p;
  if (p == GLN_INSTR_MAX_PARAMS)
    return fail(v->error, "has too many named strides");
  if (p == instr->num_params)
    memcpy(instr->params[instr->num_params++], name, sizeof name);
  out->param = (uint8_t)(p + 1);
  return true;
}

static gln_sym_extent list_extent(view *v, const char *list, size_t index) {
  return extent_of(
      mlirArrayAttrGetElement(gln_op_attribute(v->op, list), (intptr_t)index));
}

static bool has_length(view *v, const char *list, size_t wanted) {
  intptr_t num = mlirArrayAttrGetNumElements(gln_op_attribute(v->op, list));
  return (size_t)num == wanted ||
         gln_fail(v->error, EG_INVALID,
                  "attribute '%s' has %d entries, %zu are wanted", list,
                  (int)num, wanted) == EG_OK;
}

static bool transpose(view *v) {
  bool seen[GLN_INSTR_MAX_DIMS] = {false};
  if (!has_length(v, "perm", v->in->rank))
    return false;
  for (size_t d = 0; d < v->in->rank; ++d) {
    int64_t from = v->use->attrs.perm.data[d];
    if (list_extent(v, "perm", d).name[0] || from < 0 || from >= v->in->rank ||
        seen[from])
      return fail(v->error, "attribute 'perm' is no permutation");
    seen[from] = true;
    if (!push(v, v->in->dims[from], (int)from, one))
      return false;
  }
  return true;
}

static bool shift(view *v) {
  int64_t access = v->in->num_access + v->use->attrs.by;
  if (access < 0 || access > v->in->rank)
    return fail(v->error, "moves the split out of the pattern");
  v->out.num_access = (uint8_t)access;
  for (size_t d = 0; d < v->in->rank; ++d)
    if (!push(v, v->in->dims[d], (int)d, one))
      return false;
  return true;
}

static bool squeeze(view *v) {
  int64_t dim = v->use->attrs.dim;
  if (dim < 0 || dim >= v->in->rank || v->in->dims[dim].value != 1)
    return fail(v->error, "drops a dimension that has not extent 1");
  v->out.num_access = (uint8_t)(v->in->num_access - (dim < v->in->num_access));
  for (int d = 0; d < v->in->rank; ++d)
    if (d != dim && !push(v, v->in->dims[d], d, one))
      return false;
  return true;
}

static bool insert_axis(view *v) {
  int64_t dim = v->use->attrs.dim;
  if (dim < 0 || dim > v->in->rank)
    return fail(v->error, "attribute 'dim' is out of range");
  v->out.num_access = (uint8_t)(v->in->num_access + (dim <= v->in->num_access));
  for (int d = 0; d <= v->in->rank; ++d) {
    if (d == dim && !push(v, (gln_sym_extent){"", 1}, -1, one))
      return false;
    if (d < v->in->rank && !push(v, v->in->dims[d], d, one))
      return false;
  }
  return true;
}

static bool broadcast(view *v) {
  v->out.num_access = v->wanted.num_access;
  for (int half = 0; half < 2; ++half) {
    int first = half ? v->in->num_access : 0;
    int last = half ? v->in->rank : v->in->num_access;
    int to = half ? v->wanted.num_access : 0;
    int end = half ? v->wanted.rank : v->wanted.num_access;
    if (end - to < last - first)
      return fail(v->error, "drops dimensions");
    for (; to < end; ++to) {
      int d = last - (end - to);
      bool has = d >= first;
      bool is_one = has && !v->in->dims[d].name[0] && v->in->dims[d].value == 1;
      bool is_same = has && same(&v->in->dims[d], &v->wanted.dims[to]);
      if (has && !is_one && !is_same)
        return fail(v->error, "expands a dimension that has not extent 1");
      if (!push(v, v->wanted.dims[to], is_same ? d : -1, one))
        return false;
    }
  }
  return true;
}

static bool slice(view *v) {
  if (!has_length(v, "sizes", v->in->rank) ||
      !has_length(v, "strides", v->in->rank) ||
      !has_length(v, "offsets", v->in->rank))
    return false;
  v->out.num_access = v->in->num_access;
  for (int d = 0; d < v->in->rank; ++d) {
    gln_sym_extent offset = list_extent(v, "offsets", (size_t)d);
    gln_instr_coef by;
    // Where an operand starts is the address's business.
    if (offset.name[0] || offset.value != 0)
      return fail(v->error, "has an offset that is not 0");
    if (!coef_of(v, "strides", (size_t)d, &by) ||
        !push(v, list_extent(v, "sizes", (size_t)d), d, by))
      return false;
  }
  return true;
}

static bool windows(view *v) {
  size_t num = v->in->rank - v->in->num_access;
  int k = v->in->num_access;
  if (!has_length(v, "shape", num) || !has_length(v, "strides", num) ||
      !has_length(v, "dilations", num))
    return false;
  if (v->wanted.rank != k + 2 * num)
    return fail(v->error, "has a result of another rank");
  for (int d = 0; d < k; ++d)
    if (!push(v, v->in->dims[d], d, one))
      return false;
  // How many windows there are has no name but the one the type gives it.
  for (size_t n = 0; n < num; ++n) {
    gln_instr_coef by;
    if (!coef_of(v, "strides", n, &by) ||
        !push(v, v->wanted.dims[k + n], k + (int)n, by))
      return false;
  }
  v->out.num_access = (uint8_t)(k + num);
  for (size_t n = 0; n < num; ++n) {
    gln_instr_coef by;
    if (!coef_of(v, "dilations", n, &by) ||
        !push(v, list_extent(v, "shape", n), k + (int)n, by))
      return false;
  }
  return true;
}

// Steps of the result through the operand to the argument's axes.
static bool compose(view *v) {
  const gln_sym_source *from = &v->in->sources[0];
  gln_sym_source *to = &v->out.sources[0];
  *to = *from;
  memset(to->coef, 0, sizeof to->coef);
  for (size_t a = 0; a < from->rank; ++a)
    for (size_t d = 0; d < v->out.rank; ++d) {
      int dim = v->steps[d].from[0];
      if (dim < 0 || !from->coef[a][dim].value)
        continue;
      gln_instr_coef x = from->coef[a][dim], y = v->steps[d].by;
      int64_t value = (int64_t)x.value * y.value;
      if ((x.param && y.param) || value != (int32_t)value)
        return fail(v->error,
                    "multiplies two named strides, or too large ones");
      to->coef[a][d] = (gln_instr_coef){(int32_t)value,
                                        (uint8_t)(x.param ? x.param : y.param)};
    }
  return true;
}

//===-- Two operands ------------------------------------------------------===//

// pair: equal dims. cartesian_product: equal item dims.
static bool join(view *v, const gln_sym *b, bool is_product) {
  const gln_sym *a = v->in;
  size_t num_item = a->rank - a->num_access;
  bool fits = b->rank - b->num_access == (int)num_item && a->type == b->type &&
              a->num_sources == 1 && b->num_sources == 1 &&
              (is_product || a->num_access == b->num_access);
  for (size_t d = 0; fits && d < num_item; ++d)
    fits = same(&a->dims[a->num_access + d], &b->dims[b->num_access + d]);
  for (size_t d = 0; fits && !is_product && d < a->num_access; ++d)
    fits = same(&a->dims[d], &b->dims[d]);
  if (!fits)
    return fail(v->error, "joins patterns whose extents or types differ");
  size_t second = is_product ? a->num_access : 0; // b's access dims start here
  size_t access = second + b->num_access;
  if (access + num_item > GLN_INSTR_MAX_DIMS)
    return fail(v->error, "has too many dimensions");
  v->out.rank = (uint8_t)(access + num_item);
  v->out.num_access = (uint8_t)access;
  v->out.num_sources = 2;
  const gln_sym *parts[] = {a, b};
  for (size_t s = 0; s < 2; ++s) {
    const gln_sym *p = parts[s];
    gln_sym_source *to = &v->out.sources[s];
    *to = p->sources[0];
    memset(to->coef, 0, sizeof to->coef);
    for (size_t d = 0; d < p->rank; ++d) {
      size_t at =
          d < p->num_access ? (s ? second : 0) + d : access + d - p->num_access;
      v->out.dims[at] = p->dims[d];
      for (size_t x = 0; x < to->rank; ++x)
        to->coef[x][at] = p->sources[0].coef[x][d];
    }
  }
  return true;
}

//===-- The op ------------------------------------------------------------===//

static bool infer(view *v) {
  switch (v->use->op) {
  case GLN_OP_TRANSPOSE:
    return transpose(v);
  case GLN_OP_SHIFT:
    return shift(v);
  case GLN_OP_SQUEEZE:
    return squeeze(v);
  case GLN_OP_INSERT_AXIS:
    return insert_axis(v);
  case GLN_OP_BROADCAST:
    return broadcast(v);
  case GLN_OP_SLICE:
    return slice(v);
  case GLN_OP_WINDOWS:
    return windows(v);
  default:
    return fail(v->error, "is not known in an instruction, whose operands are "
                          "read by transpose, shift, squeeze, insert_axis, "
                          "broadcast, slice, windows, pair and "
                          "cartesian_product");
  }
}

// The result type says the same, with a 2 in front of a pair's item.
static bool check(view *v) {
  const gln_sym *out = &v->out, *wanted = &v->wanted;
  bool is_pair = out->num_sources == 2;
  bool fits = wanted->type == out->type &&
              wanted->num_access == out->num_access &&
              wanted->rank == out->rank + is_pair;
  for (size_t d = 0; fits && d < wanted->rank; ++d) {
    bool is_two = is_pair && d == out->num_access;
    size_t from = d - (is_pair && d > out->num_access);
    fits = is_two ? !wanted->dims[d].name[0] && wanted->dims[d].value == 2
                  : same(&wanted->dims[d], &out->dims[from]);
  }
  if (fits)
    return true;
  char text[160];
  size_t used = 0;
  text[0] = 0;
  for (size_t d = 0; d < out->rank && used < sizeof text; ++d) {
    const char *gap = d == 0 ? "" : d == out->num_access ? " | " : ", ";
    int n = out->dims[d].name[0]
                ? snprintf(text + used, sizeof text - used, "%s%s", gap,
                           out->dims[d].name)
                : snprintf(text + used, sizeof text - used, "%s%" PRId64, gap,
                           out->dims[d].value);
    used += n > 0 ? (size_t)n : 0;
  }
  return gln_fail(v->error, EG_INVALID,
                  "result type does not match the inferred extents (%s)%s of "
                  "type %s",
                  text, is_pair ? ", in pairs," : "",
                  gln_type_name(out->type)) == EG_OK;
}

bool gln_sym_view(gln_sym_table *table, MlirOperation op, eg_error *error) {
  gln_access_use use;
  if (gln_access_read(op, &use, error) != EG_OK)
    return false;
  view v = {.table = table, .op = op, .use = &use, .error = error};
  const gln_sym *operands[2] = {NULL, NULL};
  for (size_t i = 0; i < use.num_operands && i < 2; ++i) {
    operands[i] = gln_sym_find(table, mlirOperationGetOperand(op, (intptr_t)i));
    if (!operands[i])
      return fail(error, "reads a computed value: an instruction is one "
                         "computation on views of its arguments");
  }
  MlirValue result = mlirOperationGetResult(op, 0);
  if (!gln_sym_of_type(mlirValueGetType(result), &v.wanted, error))
    return false;
  if (table->num == GLN_SYM_MAX_VALUES)
    return fail(error, "is one value too many");
  v.in = operands[0];
  bool ok;
  if (v.in) {
    v.out.type = v.in->type;
    v.out.num_access = v.in->num_access;
    v.out.num_sources = 1;
  }
  if (use.op == GLN_OP_PAIR || use.op == GLN_OP_CARTESIAN_PRODUCT)
    ok = join(&v, operands[1], use.op == GLN_OP_CARTESIAN_PRODUCT);
  else if (!v.in || v.in->num_sources == 2)
    ok = fail(error, v.in ? "reads a pair; only compute does"
                          : "makes a value of its own: an instruction computes "
                            "on its arguments");
  else
    ok = infer(&v) && compose(&v);
  if (!ok || !check(&v))
    return false;
  table->values[table->num] = result;
  table->syms[table->num++] = v.out;
  return true;
}
