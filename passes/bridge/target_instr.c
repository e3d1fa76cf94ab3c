// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One function of a target as a symbolic contract: views of the arguments, one
// compute, and perhaps an add of what the result held before.
#include "bridge/target_internal.h"
#include "cxx/glenside-cxx.h"
#include "dialect/access.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
  MlirOperation function;
  const gln_target *target;
  gln_instr *instr;
  gln_sym_table table;
  MlirValue computed; // null before compute
  int kind;           // of it
  uint32_t used;      // arguments, a bit each
} reader;

//===-- Attributes --------------------------------------------------------===//

static const char *const attribute_names[] = {
    "systolic.unit",     "systolic.dataflow", "systolic.where",
    "systolic.any_type", "systolic.kinds",    NULL};

static bool check_attribute_names(reader *r) {
  MlirOperation op = r->function;
  for (intptr_t i = 0; i < mlirOperationGetNumDiscardableAttributes(op); ++i) {
    MlirStringRef name =
        mlirIdentifierStr(mlirOperationGetDiscardableAttribute(op, i).name);
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)name.length, name.data);
    if (strncmp(text, "systolic.", 9) != 0)
      continue;
    const char *near = gln_nearest_name(text, attribute_names);
    if (!near || strcmp(near, text) != 0)
      return gln_op_error(op, "has the unknown attribute '%s'%s%s%s", text,
                          near ? "; did you mean '" : "", near ? near : "",
                          near ? "'?" : "");
  }
  return true;
}

static bool read_unit(reader *r) {
  char unit[24], dataflow[24] = "";
  MlirOperation op = r->function;
  gln_instr *instr = r->instr;
  if (!gln_target_string(gln_op_attribute(op, "systolic.unit"), unit,
                         sizeof unit))
    return gln_op_error(op, "has no systolic.unit = \"array\" or \"vector\"");
  bool has = gln_target_string(gln_op_attribute(op, "systolic.dataflow"),
                               dataflow, sizeof dataflow);
  instr->unit = GLN_INSTR_VECTOR;
  if (strcmp(unit, "vector") == 0)
    return !has || gln_op_error(op, "runs on the vector unit, which has no "
                                    "systolic.dataflow");
  // "array" is "array0".
  bool is_array = strncmp(unit, "array", 5) == 0 &&
                  (!unit[5] || (unit[5] >= '0' && unit[5] <= '9' && !unit[6]));
  if (!is_array)
    return gln_op_error(op,
                        "has systolic.unit = \"%s\"; there are array, "
                        "array1 … and vector",
                        unit);
  instr->array = (uint8_t)(unit[5] ? unit[5] - '0' : 0);
  instr->unit = GLN_INSTR_WEIGHT_STATIONARY;
  if (strcmp(dataflow, "output_stationary") == 0)
    instr->unit = GLN_INSTR_OUTPUT_STATIONARY;
  else if (strcmp(dataflow, "weight_stationary") != 0)
    return gln_op_error(op,
                        "has systolic.dataflow = \"%s\"; it must be "
                        "weight_stationary or output_stationary",
                        dataflow);
  return true;
}

static bool is_form(const gln_instr *instr, int kind, int of) {
  if (instr->form == GLN_INSTR_REDUCE)
    return kind >= GLN_KIND_REDUCE_SUM && kind <= GLN_KIND_REDUCE_MIN;
  return kind >= GLN_KIND_SCALAR &&
         gln_scalar_op_info((gln_scalar_op)(kind - GLN_KIND_SCALAR))->arity ==
             gln_scalar_op_info((gln_scalar_op)(of - GLN_KIND_SCALAR))->arity;
}

static bool read_kinds(reader *r) {
  MlirAttribute list = gln_op_attribute(r->function, "systolic.kinds");
  gln_instr *instr = r->instr;
  if (instr->form != GLN_INSTR_CONTRACT)
    gln_instr_add_kind(instr, r->kind);
  if (mlirAttributeIsNull(list))
    return true;
  if (instr->form == GLN_INSTR_CONTRACT || !mlirAttributeIsAArray(list))
    return gln_op_error(r->function,
                        "has systolic.kinds, a list of names for instructions "
                        "that reduce or map");
  bool has = false;
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(list); ++i) {
    char name[32] = "";
    int kind;
    gln_target_string(mlirArrayAttrGetElement(list, i), name, sizeof name);
    if (!gln_kind_parse(name, strlen(name), &kind))
      return gln_op_error(r->function, "systolic.kinds: no kind is called '%s'",
                          name);
    if (!is_form(instr, kind, r->kind))
      return gln_op_error(r->function,
                          "systolic.kinds: '%s' is no function of the form of "
                          "'%s', which the body computes",
                          name, gln_kind_name(r->kind));
    gln_instr_add_kind(instr, kind);
    has |= kind == r->kind;
  }
  return has || gln_op_error(r->function,
                             "systolic.kinds lacks '%s', which "
                             "the body computes",
                             gln_kind_name(r->kind));
}

static bool read_bounds(reader *r) {
  MlirAttribute list = gln_op_attribute(r->function, "systolic.where");
  if (mlirAttributeIsNull(list))
    return true;
  if (!mlirAttributeIsAArray(list))
    return gln_op_error(r->function, "systolic.where must be a list of texts");
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(list); ++i) {
    char text[200];
    eg_error error;
    if (!gln_target_string(mlirArrayAttrGetElement(list, i), text, sizeof text))
      return gln_op_error(r->function,
                          "systolic.where must be a list of texts");
    if (gln_instr_add_bound(r->instr, text, &error) != EG_OK)
      return gln_op_error(r->function, "systolic.where: %s", error.text);
  }
  return true;
}

//===-- Forms -------------------------------------------------------------===//

static bool reads(const gln_sym_source *source, size_t dim) {
  for (size_t a = 0; a < source->rank; ++a)
    if (source->coef[a][dim].value)
      return true;
  return false;
}

static gln_instr_role role_of(const gln_instr *instr, const gln_sym *space,
                              const gln_sym_source *sources, size_t dim) {
  if (instr->form != GLN_INSTR_MAP && dim >= space->num_access)
    return GLN_INSTR_INNER;
  if (instr->form != GLN_INSTR_CONTRACT || !reads(&sources[1], dim))
    return GLN_INSTR_ROW;
  return reads(&sources[0], dim) ? GLN_INSTR_BATCH : GLN_INSTR_COL;
}

// Dimensions of |space| in the order of roles, those of extent 1 left out.
static void set_dims(gln_instr *instr, const gln_sym *space,
                     const gln_sym_source *sources, int *out_index) {
  for (size_t d = 0; d < space->rank; ++d)
    out_index[d] = -1;
  for (int role = GLN_INSTR_BATCH; role <= GLN_INSTR_INNER; ++role)
    for (size_t d = 0; d < space->rank; ++d) {
      const gln_sym_extent *e = &space->dims[d];
      if ((int)role_of(instr, space, sources, d) != role ||
          (!e->name[0] && e->value == 1))
        continue;
      gln_instr_dim *dim = &instr->dims[instr->num_dims];
      dim->role = (gln_instr_role)role;
      dim->fixed = e->name[0] ? 0 : e->value;
      if (e->name[0])
        memcpy(dim->name, e->name, sizeof dim->name);
      else
        snprintf(dim->name, sizeof dim->name, "dim%zu", d);
      out_index[d] = instr->num_dims++;
    }
}

static void set_operand(reader *r, const gln_sym_source *source,
                        const gln_sym *space, const int *index) {
  gln_instr *instr = r->instr;
  gln_instr_operand *o = &instr->operands[instr->num_operands++];
  o->type = source->type;
  o->argument = source->argument;
  o->rank = source->rank;
  r->used |= 1u << source->argument;
  const gln_sym *argument = &r->table.syms[source->argument];
  for (size_t a = 0; a < source->rank; ++a) {
    memcpy(o->axis[a], argument->dims[a].name, sizeof o->axis[a]);
    for (size_t d = 0; d < space->rank; ++d)
      if (index[d] >= 0)
        o->coef[a][index[d]] = source->coef[a][d];
  }
}

static bool same_dims(const gln_sym *a, const gln_sym *b) {
  bool same = a->rank == b->rank && a->num_access == b->num_access;
  for (size_t d = 0; same && d < a->rank; ++d)
    same = strcmp(a->dims[d].name, b->dims[d].name) == 0 &&
           a->dims[d].value == b->dims[d].value;
  return same;
}

// Collects what compute reads: several views, or one pair.
static bool gather(reader *r, MlirOperation op, const gln_access_use *use,
                   gln_sym_source *sources, size_t *out_num,
                   const gln_sym **out_space) {
  *out_num = 0;
  for (size_t i = 0; i < use->num_operands; ++i) {
    const gln_sym *sym =
        gln_sym_find(&r->table, mlirOperationGetOperand(op, (intptr_t)i));
    if (!sym)
      return gln_op_error(op, "computes on a computed value: an instruction is "
                              "one contraction, reduction or scalar function "
                              "of views of its arguments");
    if (sym->num_sources == 2 && use->num_operands > 1)
      return gln_op_error(op, "mixes pairs and other operands");
    if (i && !same_dims(sym, *out_space))
      return gln_op_error(op, "operand #%zu has other extents than operand #0",
                          i);
    if (*out_num + sym->num_sources > GLN_INSTR_MAX_OPERANDS)
      return gln_op_error(op, "reads more than %d operands",
                          GLN_INSTR_MAX_OPERANDS);
    *out_space = sym;
    for (size_t s = 0; s < sym->num_sources; ++s)
      sources[(*out_num)++] = sym->sources[s];
  }
  return true;
}

static bool set_form(reader *r, MlirOperation op, int kind, size_t num) {
  gln_instr *instr = r->instr;
  size_t wanted = 1;
  if (kind == GLN_KIND_DOT) {
    instr->form = GLN_INSTR_CONTRACT;
    wanted = 2;
  } else if (kind >= GLN_KIND_REDUCE_SUM && kind <= GLN_KIND_REDUCE_MIN) {
    instr->form = GLN_INSTR_REDUCE;
  } else if (kind >= GLN_KIND_SCALAR) {
    instr->form = GLN_INSTR_MAP;
    wanted = gln_scalar_op_info((gln_scalar_op)(kind - GLN_KIND_SCALAR))->arity;
  } else {
    return gln_op_error(op,
                        "of kind '%s' is no contraction, no reduction by "
                        "sum, prod, max or min, and no scalar function",
                        gln_kind_name(kind));
  }
  return num == wanted || gln_op_error(op,
                                       "of kind '%s' has %zu operands, "
                                       "needs %zu",
                                       gln_kind_name(kind), num, wanted);
}

// The result type has the parallel dimensions, and a type the kind can give.
static bool check_result(reader *r, MlirOperation op, const gln_sym *space) {
  gln_sym result, wanted = *space;
  eg_error error;
  gln_instr *instr = r->instr;
  if (!gln_sym_of_type(mlirValueGetType(mlirOperationGetResult(op, 0)), &result,
                       &error))
    return gln_op_error(op, "%s", error.text);
  if (instr->form != GLN_INSTR_MAP)
    wanted.rank = wanted.num_access;
  if (!same_dims(&wanted, &result))
    return gln_op_error(op,
                        "result type does not have the extents of its "
                        "operands%s",
                        instr->form == GLN_INSTR_MAP ? ""
                                                     : " that are not reduced");
  instr->result = result.type;
  gln_type types[GLN_INSTR_MAX_OPERANDS];
  for (size_t i = 0; i < instr->num_operands; ++i) {
    types[i] = instr->operands[i].type;
    if (instr->form != GLN_INSTR_MAP &&
        !gln_type_widens_to(types[i], result.type))
      return gln_op_error(op, "cannot accumulate %s in %s",
                          gln_type_name(types[i]), gln_type_name(result.type));
  }
  if (instr->form == GLN_INSTR_MAP &&
      gln_scalar_op_check((gln_scalar_op)(r->kind - GLN_KIND_SCALAR), types,
                          instr->num_operands, result.type, &error) != EG_OK)
    return gln_op_error(op, "%s", error.text);
  return true;
}

static bool set_compute(reader *r, MlirOperation op,
                        const gln_access_use *use) {
  gln_sym_source sources[GLN_INSTR_MAX_OPERANDS];
  const gln_sym *space = NULL;
  int index[GLN_INSTR_MAX_DIMS];
  size_t num;
  r->kind = use->attrs.kind;
  if (!gather(r, op, use, sources, &num, &space) ||
      !set_form(r, op, r->kind, num))
    return false;
  set_dims(r->instr, space, sources, index);
  for (size_t i = 0; i < num; ++i)
    set_operand(r, &sources[i], space, index);
  size_t parallel =
      r->instr->form == GLN_INSTR_MAP ? space->rank : space->num_access;
  for (size_t d = 0; d < parallel; ++d)
    if (index[d] >= 0)
      r->instr->result_dims[r->instr->result_rank++] = (uint8_t)index[d];
  r->computed = mlirOperationGetResult(op, 0);
  return check_result(r, op, space);
}

// add of the computed value and an argument: the instruction accumulates.
static bool set_accumulate(reader *r, MlirOperation op,
                           const gln_access_use *use) {
  bool sums =
      r->instr->form == GLN_INSTR_CONTRACT ||
      (r->instr->form == GLN_INSTR_REDUCE && r->kind == GLN_KIND_REDUCE_SUM);
  MlirValue other = {NULL};
  bool reads_it = false;
  for (size_t i = 0; i < use->num_operands; ++i) {
    MlirValue value = mlirOperationGetOperand(op, (intptr_t)i);
    if (mlirValueEqual(value, r->computed))
      reads_it = true;
    else
      other = value;
  }
  if (!sums || use->attrs.kind != GLN_KIND_SCALAR + GLN_SCALAR_ADD ||
      r->instr->accumulates || use->num_operands != 2 || !reads_it ||
      mlirValueIsNull(other) || !mlirValueIsABlockArgument(other) ||
      !mlirTypeEqual(mlirValueGetType(other), mlirValueGetType(r->computed)) ||
      !mlirTypeEqual(mlirValueGetType(mlirOperationGetResult(op, 0)),
                     mlirValueGetType(r->computed)))
    return gln_op_error(op, "is a second computation; after a sum only the add "
                            "of an argument of its type may follow, which "
                            "accumulates");
  r->used |= 1u << mlirBlockArgumentGetArgNumber(other);
  r->instr->accumulates = true;
  r->computed = mlirOperationGetResult(op, 0);
  return true;
}

//===-- The body ----------------------------------------------------------===//

static bool read_return(reader *r, MlirOperation op) {
  if (mlirOperationGetNumOperands(op) != 1 || mlirValueIsNull(r->computed) ||
      !mlirValueEqual(mlirOperationGetOperand(op, 0), r->computed))
    return gln_op_error(op, "must return what the instruction computes: its "
                            "body is no contraction, reduction or scalar "
                            "function");
  return true;
}

static bool read_op(reader *r, MlirOperation op) {
  gln_access_use use;
  gln_op which;
  eg_error error;
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  if (mlirStringRefEqual(name, gln_string("func.return")))
    return read_return(r, op);
  if (!gln_access_is(op, &which))
    return gln_op_error(op, "does not belong into an instruction, whose body "
                            "is access ops");
  if (which != GLN_OP_COMPUTE)
    return gln_sym_view(&r->table, op, &error) ||
           gln_op_error(op, "%s", error.text);
  if (gln_access_read(op, &use, &error) != EG_OK)
    return gln_op_error(op, "%s", error.text);
  return mlirValueIsNull(r->computed) ? set_compute(r, op, &use)
                                      : set_accumulate(r, op, &use);
}

static bool read_body(reader *r) {
  MlirOperation op = r->function;
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
  if (mlirBlockIsNull(block) ||
      !mlirBlockIsNull(mlirBlockGetNextInRegion(block)))
    return gln_op_error(op, "must have a body of one block, the semantics of "
                            "the instruction");
  eg_error error;
  intptr_t num = mlirBlockGetNumArguments(block);
  if (num > GLN_INSTR_MAX_OPERANDS + 1)
    return gln_op_error(op, "has %d arguments, at most %d", (int)num,
                        GLN_INSTR_MAX_OPERANDS + 1);
  for (intptr_t i = 0; i < num; ++i)
    if (!gln_sym_argument(&r->table, mlirBlockGetArgument(block, i), (size_t)i,
                          &error))
      return gln_op_error(op, "%s", error.text);
  for (MlirOperation inner = mlirBlockGetFirstOperation(block);
       !mlirOperationIsNull(inner); inner = mlirOperationGetNextInBlock(inner))
    if (!read_op(r, inner))
      return false;
  for (intptr_t i = 0; i < num; ++i)
    if (!(r->used >> i & 1))
      return gln_op_error(op, "does not use argument #%d", (int)i);
  return true;
}

bool gln_target_read_instr(MlirOperation op, const gln_target *target,
                           gln_instr *out) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  if (!mlirStringRefEqual(name, gln_string("func.func")))
    return gln_op_error(op, "does not belong into a target, which has one "
                            "func.func per instruction");
  reader *r = calloc(1, sizeof *r);
  if (!r)
    return gln_op_error(op, "out of memory");
  r->function = op;
  r->target = target;
  r->instr = out;
  r->table.instr = out;
  gln_target_string(
      mlirOperationGetInherentAttributeByName(op, gln_string("sym_name")),
      out->name, sizeof out->name);
  out->any_type =
      !mlirAttributeIsNull(gln_op_attribute(op, "systolic.any_type"));
  eg_error error;
  bool ok = check_attribute_names(r) && read_unit(r) && read_body(r) &&
            read_kinds(r) && read_bounds(r);
  free(r);
  return ok && (gln_instr_check(out, target, &error) == EG_OK ||
                gln_op_error(op, "%s", error.text));
}
