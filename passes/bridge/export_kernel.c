// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels as access ops on given operands.
#include "bridge/export_internal.h"

#include <string.h>

static const MlirValue none = {NULL};

//===-- contract and reduce -----------------------------------------------===//

static int kind_of(gln_combine combine) {
  switch (combine) {
  case GLN_COMBINE_DOT:
    return GLN_KIND_DOT;
  case GLN_COMBINE_SUM:
    return GLN_KIND_REDUCE_SUM;
  case GLN_COMBINE_PROD:
    return GLN_KIND_REDUCE_PROD;
  case GLN_COMBINE_MAX:
    return GLN_KIND_REDUCE_MAX;
  case GLN_COMBINE_MIN:
    break;
  }
  return GLN_KIND_REDUCE_MIN;
}

// Without reduced dimensions: the product, or the element itself. (Not a dot of
// one element: upstream's fusion takes what adds to its output for elementwise.)
static MlirValue build_single(gln_build *build, const gln_spec *spec,
                              MlirValue *operands) {
  for (size_t k = 0; k < spec->num_operands; ++k)
    if (spec->operands[k].type != spec->result)
      operands[k] = gln_build_compute(build, GLN_KIND_SCALAR + GLN_SCALAR_CAST,
                                      spec->result, &operands[k], 1);
  if (spec->num_operands == 1)
    return operands[0];
  return gln_build_compute(build, GLN_KIND_SCALAR + GLN_SCALAR_MUL,
                           spec->result, operands, 2);
}

// Each operand read at every point of the spec's box.
static MlirValue build_spec(gln_build *build, const gln_spec *spec,
                            const MlirValue *args) {
  MlirValue operands[GLN_SPEC_MAX_OPERANDS];
  gln_shape space = {.rank = spec->num_dims, .num_access = spec->num_parallel};
  memcpy(space.dims, spec->dims, space.rank * sizeof *space.dims);
  for (size_t k = 0; k < spec->num_operands; ++k) {
    const gln_spec_operand *o = &spec->operands[k];
    int64_t offset[GLN_SPEC_MAX_RANK];
    gln_linear forms[GLN_SPEC_MAX_RANK];
    gln_spec_operand_box(spec, k, NULL, offset);
    memset(forms, 0, sizeof forms);
    for (size_t d = 0; d < o->rank; ++d) {
      forms[d].constant = offset[d];
      for (size_t i = 0; i < spec->num_dims; ++i)
        forms[d].coefs[i] = o->coef[d][i];
    }
    operands[k] = gln_build_view(build, args[k], forms, o->rank, &space);
  }
  if (spec->num_parallel == spec->num_dims)
    return build_single(build, spec, operands);
  return gln_build_compute(build, kind_of(spec->combine), spec->result,
                           operands, spec->num_operands);
}

//===-- map ---------------------------------------------------------------===//

// *body with one more argument per index that it reads; |values|, of
// body->num_args so far, gets their arrays.
static bool indices_to_arguments(glni_export *export, gln_scalar_body *body,
                                 const gln_shape *shape, MlirValue *values) {
  gln_build *build = &export->convert.build;
  gln_type types[GLN_BODY_MAX_ARGS];
  uint16_t map[GLN_BODY_MAX_ARGS + GLN_BODY_MAX_INSTS], num = body->num_args;
  int16_t argument[GLN_MAX_RANK];
  gln_scalar_body to;
  memset(argument, -1, sizeof argument);
  for (uint16_t i = 0; i < body->num_args; ++i)
    types[i] = (gln_type)body->arg_types[i];
  for (uint16_t i = 0; i < body->num_insts; ++i) {
    const gln_scalar_inst *inst = &body->insts[i];
    if (inst->op != GLN_SCALAR_INDEX || argument[inst->bits] >= 0)
      continue;
    if (num == GLN_BODY_MAX_ARGS)
      return gln_build_fail(build, "a map reads too many indices"), false;
    gln_op_attrs attrs = {.dim = (int64_t)inst->bits, .shape = *shape};
    attrs.shape.type = GLN_TYPE_INDEX;
    values[num] = gln_build_access(build, GLN_OP_IOTA, &attrs, NULL, 0, NULL);
    types[num] = GLN_TYPE_INDEX;
    argument[inst->bits] = (int16_t)num++;
  }
  if (num == body->num_args)
    return true;
  eg_error *error = &build->error;
  if (gln_scalar_body_init(&to, types, num, body->allocator, error))
    return false;
  eg_status status = EG_OK;
  for (uint16_t i = 0; i < body->num_args; ++i)
    map[i] = i;
  for (uint16_t i = 0; i < body->num_insts && status == EG_OK; ++i) {
    const gln_scalar_inst *inst = &body->insts[i];
    uint16_t args[GLN_SCALAR_MAX_ARITY], *reg = &map[body->num_args + i];
    gln_type type = (gln_type)inst->type;
    gln_scalar_op op = (gln_scalar_op)inst->op;
    if (op == GLN_SCALAR_INDEX) {
      *reg = (uint16_t)argument[inst->bits];
      continue;
    }
    if (op == GLN_SCALAR_CONST) {
      status = gln_scalar_body_const(&to, (gln_scalar){type, inst->bits}, reg,
                                     error);
      continue;
    }
    unsigned arity = gln_scalar_op_info(op)->arity;
    for (unsigned a = 0; a < arity; ++a)
      args[a] = map[inst->args[a]];
    status = gln_scalar_body_op(&to, op, type, args, arity, reg, error);
  }
  for (uint16_t i = 0; i < body->num_results && status == EG_OK; ++i)
    status = gln_scalar_body_result(&to, map[body->results[i]], error);
  if (status != EG_OK) {
    gln_scalar_body_fini(&to);
    return false;
  }
  gln_scalar_body_fini(body);
  *body = to;
  return true;
}

// One result: the function of the arguments that it needs.
static MlirValue build_result(glni_export *export, const gln_scalar_body *body,
                              size_t result, const MlirValue *values,
                              const gln_shape *shape) {
  gln_build *build = &export->convert.build;
  gln_scalar_body one;
  uint16_t leaves[GLN_BODY_MAX_ARGS];
  MlirValue args[GLN_BODY_MAX_ARGS];
  gln_scalar constant;
  if (gln_body_extract(body, body->results[result], &one, leaves,
                       &build->error))
    return none;
  if (gln_body_is_constant(&one, &constant)) {
    gln_shape all = *shape;
    all.type = constant.type;
    gln_scalar_body_fini(&one);
    return gln_build_broadcast(
        build, gln_build_at(build, gln_build_constant(build, constant), 0),
        &all);
  }
  for (uint16_t i = 0; i < one.num_args; ++i)
    args[i] = values[leaves[i]];
  if (one.num_args == 0) { // of constants alone: give it an array to run on
    gln_scalar_body_fini(&one);
    return gln_build_fail(build, "a map of no operands");
  }
  return gln_convert_apply(&export->convert, &one, args);
}

static bool build_map(glni_export *export, eg_node node,
                      const gln_signature *type, const MlirValue *args,
                      MlirValue *out) {
  gln_build *build = &export->convert.build;
  gln_scalar_body body;
  MlirValue values[GLN_BODY_MAX_ARGS];
  gln_shape shape = type->results[0];
  shape.num_access = shape.rank;
  if (gln_node_body(&export->import->lang, node, export->import->memory, &body,
                    &build->error))
    return false;
  for (uint16_t i = 0; i < body.num_args; ++i)
    values[i] = gln_build_at(build, args[i], shape.rank);
  if (!build->error.status &&
      indices_to_arguments(export, &body, &shape, values))
    for (uint16_t i = 0; i < body.num_results; ++i)
      out[i] = build_result(export, &body, i, values, &shape);
  gln_scalar_body_fini(&body);
  return !build->error.status;
}

//===-- softmax and argmax ------------------------------------------------===//

// Word 0 of the payload is where the items start.
static bool build_items(glni_export *export, eg_node node, gln_node kind,
                        const gln_signature *type, MlirValue arg,
                        MlirValue *out) {
  gln_build *build = &export->convert.build;
  size_t size;
  const uint32_t *words =
      eg_payload_bytes(export->import->graph,
                       eg_node_payload(export->import->graph, node), &size);
  arg = gln_build_at(build, arg, words[0]);
  *out = gln_build_compute(
      build, kind == GLN_NODE_SOFTMAX ? GLN_KIND_SOFTMAX : GLN_KIND_ARGMAX,
      type->results[0].type, &arg, 1);
  return !build->error.status;
}

//===-- All ---------------------------------------------------------------===//

// One after the other; sources are the operands, then all results so far.
static bool build_compose(glni_export *export, eg_node node,
                          const MlirValue *args, MlirValue *out) {
  const gln_import *import = export->import;
  gln_wiring w;
  uint32_t num_kernels;
  const eg_class *kernels = eg_node_children(import->graph, node, &num_kernels);
  MlirValue known[UINT8_MAX + 1], operands[GLN_LANG_MAX_OPERANDS];
  size_t num = 0, at = 0;
  if (!gln_node_wiring(&import->lang, node, &w))
    return gln_build_fail(&export->convert.build, "a compose without wiring"),
           false;
  for (; num < w.num_operands; ++num)
    known[num] = args[num];
  for (uint32_t i = 0; i < num_kernels; ++i) {
    gln_signature type;
    gln_lang_type(&import->lang, kernels[i], &type);
    for (size_t j = 0; j < type.num_operands; ++j)
      operands[j] = known[w.sources[at++]];
    if (num + type.num_results > UINT8_MAX ||
        !glni_export_kernel(export, kernels[i], operands, &known[num]))
      return false;
    num += type.num_results;
  }
  for (size_t i = 0; i < w.num_exports; ++i)
    out[i] = known[w.exports[i]];
  return true;
}

// Recursion goes as deep as kernels are nested.
bool glni_export_kernel(glni_export *export, eg_class kernel,
                        const MlirValue *args, MlirValue *out) {
  const gln_import *import = export->import;
  gln_build *build = &export->convert.build;
  eg_node node = eg_choice_node(export->choice, kernel);
  gln_node kind = node.id ? gln_lang_node(&import->lang, node) : GLN_NUM_NODES;
  gln_signature type;
  gln_spec spec;
  gln_lang_type(&import->lang, kernel, &type);
  switch (kind) {
  case GLN_NODE_CONTRACT:
  case GLN_NODE_REDUCE:
  case GLN_NODE_BLOCK:
    if (!gln_node_spec(&import->lang, node, &spec))
      break;
    *out = build_spec(build, &spec, args);
    return !build->error.status;
  case GLN_NODE_MAP:
    return build_map(export, node, &type, args, out);
  case GLN_NODE_SOFTMAX:
  case GLN_NODE_ARGMAX:
    return build_items(export, node, kind, &type, args[0], out);
  case GLN_NODE_COMPOSE:
    return build_compose(export, node, args, out);
  default:
    break;
  }
  return gln_build_fail(build, "no kernel was chosen"), false;
}
