// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elementwise bodies as maps, in one form however they came:
//
//   - an operand that holds one value everywhere is a constant of the body, an
//     iota an index, an operand that comes twice one argument;
//   - f(V(x), V(y)) is V(f(x, y)) for a view V that only orders elements anew,
//     so that a layer computes in the layout that its contraction left.
#include "bridge/import_internal.h"

#include "interp/scalar_eval.h"

#include <string.h>

//===-- What stands behind an operand -------------------------------------===//

static gln_node find_node(const gln_import *import, eg_class id, gln_node want,
                          eg_node *out) {
  uint32_t num;
  const eg_node *nodes = eg_class_nodes(import->graph, id, &num);
  for (uint32_t i = 0; i < num; ++i)
    if (gln_lang_node(&import->lang, nodes[i]) == want) {
      *out = nodes[i];
      return want;
    }
  return GLN_NUM_NODES;
}

// The constant that every element of the array is.
static bool is_splat(const gln_import *import, const glni_array *array,
                     gln_scalar *out) {
  eg_node node, map;
  uint32_t index, num;
  gln_scalar_body body;
  eg_class id = array->source;
  if (array->view && gln_view_has_fill(array->view, NULL))
    return false;
  if (find_node(import, id, GLN_NODE_CONST, &node) != GLN_NUM_NODES &&
      gln_node_index(&import->lang, node, &index)) {
    *out = import->constants[index].splat;
    return import->constants[index].is_splat;
  }
  if (find_node(import, id, GLN_NODE_APPLY, &node) == GLN_NUM_NODES)
    return false;
  eg_class kernel = eg_node_children(import->graph, node, &num)[0];
  if (num != 1 ||
      find_node(import, kernel, GLN_NODE_MAP, &map) == GLN_NUM_NODES ||
      gln_node_body(&import->lang, map, import->memory, &body, NULL))
    return false;
  bool found = gln_body_is_constant(&body, out);
  gln_scalar_body_fini(&body);
  return found;
}

// Whether the class is i[dim], as glni_import_iota made it.
static bool is_iota(const gln_import *import, const glni_array *array,
                    uint32_t *out_dim) {
  eg_class id = array->source;
  eg_node node, map;
  uint32_t num;
  gln_scalar_body body;
  if (array->view ||
      find_node(import, id, GLN_NODE_APPLY, &node) == GLN_NUM_NODES)
    return false;
  eg_class kernel = eg_node_children(import->graph, node, &num)[0];
  if (num != 1 ||
      find_node(import, kernel, GLN_NODE_MAP, &map) == GLN_NUM_NODES ||
      gln_node_body(&import->lang, map, import->memory, &body, NULL))
    return false;
  bool found = body.num_insts > 0 && body.insts[0].op == GLN_SCALAR_INDEX;
  if (found)
    *out_dim = (uint32_t)body.insts[0].bits;
  gln_scalar_body_fini(&body);
  return found;
}

//===-- Operands into the body --------------------------------------------===//

// What an argument becomes.
typedef struct plan {
  enum { ARGUMENT, CONSTANT, INDEX } kind;
  uint16_t argument; // its new number
  uint32_t dim;
  gln_scalar constant;
} plan;

// The arguments that the results depend on.
static void find_used(const gln_scalar_body *body, bool *used) {
  uint32_t masks[GLN_BODY_MAX_ARGS + GLN_BODY_MAX_INSTS];
  gln_body_masks(body, masks);
  for (uint16_t i = 0; i < body->num_args; ++i)
    used[i] = (masks[body->results[0]] >> i & 1) != 0;
}

// Plans for the arguments, all but the numbers of those that stay.
static void plan_arguments(const gln_import *import,
                           const gln_scalar_body *body,
                           const glni_array *operands, plan *plans) {
  bool used[GLN_BODY_MAX_ARGS];
  find_used(body, used);
  for (uint16_t i = 0; i < body->num_args; ++i) {
    plan *p = &plans[i];
    *p = (plan){.kind = ARGUMENT};
    // An argument that nothing reads: any constant will do.
    p->constant = (gln_scalar){(gln_type)body->arg_types[i], 0};
    if (!used[i] || is_splat(import, &operands[i], &p->constant))
      p->kind = CONSTANT;
    else if (is_iota(import, &operands[i], &p->dim))
      p->kind = INDEX;
  }
}

static eg_status emit_plan(gln_scalar_body *to, const plan *p, gln_type type,
                           uint16_t *out, eg_error *error) {
  if (p->kind == ARGUMENT) {
    *out = p->argument;
    return EG_OK;
  }
  if (p->kind == CONSTANT)
    return gln_scalar_body_const(to, p->constant, out, error);
  TRY(gln_scalar_body_index(to, p->dim, out, error));
  if (type == GLN_TYPE_INDEX)
    return EG_OK;
  return gln_scalar_body_op(to, GLN_SCALAR_CASTU, type, out, 1, out, error);
}

static eg_status copy_body(const gln_scalar_body *from, const plan *plans,
                           gln_scalar_body *to, eg_error *error) {
  uint16_t map[GLN_BODY_MAX_ARGS + GLN_BODY_MAX_INSTS];
  for (uint16_t i = 0; i < from->num_args; ++i)
    TRY(emit_plan(to, &plans[i], (gln_type)from->arg_types[i], &map[i], error));
  for (uint16_t i = 0; i < from->num_insts; ++i) {
    const gln_scalar_inst *inst = &from->insts[i];
    uint16_t args[GLN_SCALAR_MAX_ARITY], *reg = &map[from->num_args + i];
    gln_type type = (gln_type)inst->type;
    if (inst->op == GLN_SCALAR_CONST) {
      TRY(gln_scalar_body_const(to, (gln_scalar){type, inst->bits}, reg,
                                error));
      continue;
    }
    if (inst->op == GLN_SCALAR_INDEX) {
      TRY(gln_scalar_body_index(to, (uint32_t)inst->bits, reg, error));
      continue;
    }
    gln_scalar_op op = (gln_scalar_op)inst->op;
    unsigned arity = gln_scalar_op_info(op)->arity;
    for (unsigned a = 0; a < arity; ++a)
      args[a] = map[inst->args[a]];
    TRY(gln_scalar_body_op(to, op, type, args, arity, reg, error));
  }
  return gln_scalar_body_result(to, map[from->results[0]], error);
}

// Replaces *body by one with the arguments of |plans|, |num| of them.
static eg_status apply_plans(glni_block *block, gln_scalar_body *body,
                             const plan *plans, size_t num) {
  gln_type types[GLN_BODY_MAX_ARGS];
  gln_scalar_body to;
  for (uint16_t i = 0; i < body->num_args; ++i)
    if (plans[i].kind == ARGUMENT)
      types[plans[i].argument] = (gln_type)body->arg_types[i];
  TRY(gln_scalar_body_init(&to, types, num, block->import->memory,
                           &block->error));
  eg_status status = copy_body(body, plans, &to, &block->error);
  if (status == EG_OK)
    status = gln_scalar_body_normalize(&to, &block->error);
  if (status != EG_OK) {
    gln_scalar_body_fini(&to);
    return status;
  }
  gln_scalar_body_fini(body);
  *body = to;
  return EG_OK;
}

static bool has_index(const gln_scalar_body *body, const plan *plans) {
  for (uint16_t i = 0; i < body->num_args; ++i)
    if (plans[i].kind == INDEX)
      return true;
  for (uint16_t i = 0; i < body->num_insts; ++i)
    if (body->insts[i].op == GLN_SCALAR_INDEX)
      return true;
  return false;
}

// A body of constants alone becomes its value.
static eg_status fold(glni_block *block, gln_scalar_body *body) {
  gln_scalar registers[GLN_BODY_MAX_ARGS + GLN_BODY_MAX_INSTS];
  gln_scalar_body to;
  uint16_t reg;
  eg_error *error = &block->error;
  if (body->num_args || body->num_insts < 2)
    return EG_OK;
  TRY(gln_scalar_body_eval(body, NULL, 0, registers, error));
  gln_scalar value = registers[body->results[0]];
  TRY(gln_scalar_body_init(&to, &value.type, 0, block->import->memory, error));
  eg_status status = gln_scalar_body_const(&to, value, &reg, error);
  if (status == EG_OK)
    status = gln_scalar_body_result(&to, reg, error);
  gln_scalar_body_fini(status == EG_OK ? body : &to);
  if (status == EG_OK)
    *body = to;
  return status;
}

//===-- Views out of the way ----------------------------------------------===//

static int64_t num_elements(size_t rank, const int64_t *dims) {
  int64_t num = 1;
  for (size_t d = 0; d < rank; ++d)
    num *= dims[d];
  return num;
}

// The view that all operands of full size have in common, if it is one and only
// orders elements anew; NULL when there is none. |out_inverse| is the block's.
static const gln_view *common_view(glni_block *block, const plan *plans,
                                   const glni_array *operands, size_t num,
                                   const gln_shape *shape,
                                   const gln_view **out_inverse) {
  const gln_view *common = NULL;
  gln_view *inverse = NULL;
  int64_t full = num_elements(shape->rank, shape->dims);
  for (size_t i = 0; i < num; ++i) {
    const gln_view *view = operands[i].view;
    if (plans[i].kind != ARGUMENT)
      continue;
    int64_t have = view ? num_elements(gln_view_source_rank(view),
                                       gln_view_source_extents(view))
                        : full;
    if (have < full)
      continue; // a broadcast of less
    if (!view || have != full || gln_view_has_fill(view, NULL) ||
        (common && !gln_view_equal(common, view)))
      return NULL;
    common = view;
  }
  if (!common ||
      gln_view_inverse(&block->import->memory, common, &inverse, NULL) ||
      glni_own(block, EG_OK, inverse, out_inverse))
    return NULL;
  return common;
}

// Classes of the operands that stay, each once; numbers them in |plans|.
static eg_status add_operands(glni_block *block, size_t num_operands,
                              const glni_array *operands,
                              const gln_view *inverse, plan *plans,
                              eg_class *out, size_t *out_num) {
  gln_import *import = block->import;
  size_t num = 0;
  for (size_t i = 0; i < num_operands; ++i) {
    glni_array array = operands[i];
    gln_view *view = NULL;
    eg_class id;
    size_t at = 0;
    if (plans[i].kind != ARGUMENT)
      continue;
    if (inverse) {
      eg_status status =
          gln_view_clone(&import->memory, inverse, &view, &block->error);
      TRY(glni_view_array(block, status, view, &array));
    }
    TRY(glni_class_of(block, &array, &id));
    while (at < num && out[at].id != id.id)
      ++at;
    out[at] = id;
    num += at == num;
    plans[i].argument = (uint16_t)at;
  }
  *out_num = num;
  return EG_OK;
}

static eg_status add_apply(glni_block *block, const gln_scalar_body *body,
                           const eg_class *operands, const gln_shape *shape,
                           eg_class *out) {
  gln_lang *lang = &block->import->lang;
  eg_class kernel;
  TRY(glni_check(block, gln_add_map(lang, shape, body, &kernel)));
  return glni_check(block,
                    gln_add_apply(lang, kernel, operands, body->num_args, out));
}

static eg_status import_map(glni_block *block, gln_scalar_body *body,
                            const glni_array *operands, const gln_shape *shape,
                            glni_array *out) {
  plan plans[GLN_BODY_MAX_ARGS];
  eg_class classes[GLN_BODY_MAX_ARGS];
  gln_shape inner = *shape;
  const gln_view *inverse = NULL;
  const gln_view *common = NULL;
  size_t num = 0;
  plan_arguments(block->import, body, operands, plans);
  if (!has_index(body, plans))
    common =
        common_view(block, plans, operands, body->num_args, shape, &inverse);
  TRY(add_operands(block, body->num_args, operands, inverse, plans, classes,
                   &num));
  TRY(apply_plans(block, body, plans, num));
  if (!has_index(body, plans))
    TRY(fold(block, body));
  if (common) {
    inner.rank = (uint8_t)gln_view_source_rank(common);
    memcpy(inner.dims, gln_view_source_extents(common),
           inner.rank * sizeof *inner.dims);
  }
  *out = glni_array_of((eg_class){0}, common);
  if (gln_body_is_identity(body)) {
    out->source = classes[0];
    return EG_OK;
  }
  return add_apply(block, body, classes, &inner, &out->source);
}

eg_status glni_import_map(glni_block *block, gln_scalar_body *body,
                          const glni_array *operands, const gln_shape *shape,
                          glni_array *out) {
  eg_status status = import_map(block, body, operands, shape, out);
  gln_scalar_body_fini(body);
  return status;
}

eg_status glni_import_iota(glni_block *block, const gln_shape *shape,
                           uint32_t dim, glni_array *out) {
  gln_scalar_body body;
  plan index = {.kind = INDEX, .dim = dim};
  uint16_t reg;
  *out = (glni_array){.view = NULL};
  TRY(gln_scalar_body_init(&body, &shape->type, 0, block->import->memory,
                           &block->error));
  eg_status status = emit_plan(&body, &index, shape->type, &reg, &block->error);
  if (status == EG_OK)
    status = gln_scalar_body_result(&body, reg, &block->error);
  if (status == EG_OK) // no operands
    status = add_apply(block, &body, &out->source, shape, &out->source);
  gln_scalar_body_fini(&body);
  return status;
}
