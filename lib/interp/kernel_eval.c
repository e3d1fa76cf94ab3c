// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels on arrays: reductions, maps, softmax, argmax, compositions.
#include "interp/kernel_eval.h"

#include "interp/interp.h"
#include "interp/kernel_internal.h"
#include "interp/scalar_eval.h"
#include "kernel/words_internal.h"
#include "view/try.h"

#include <string.h>

//===-- Reductions --------------------------------------------------------===//

static eg_status widen(gln_type type, gln_scalar value, gln_scalar *out,
                       eg_error *error) {
  return gln_scalar_eval(GLN_SCALAR_CAST, type, &value, 1, out, error);
}

// The element of operand |k| at |index|, in the type of the result.
static eg_status read_operand(const gln_spec *spec, size_t k,
                              const gln_array *array, const int64_t *index,
                              gln_scalar *out, eg_error *error) {
  const gln_spec_operand *o = &spec->operands[k];
  int64_t at[GLN_SPEC_MAX_RANK];
  gln_spec_operand_box(spec, k, NULL, at);
  for (size_t d = 0; d < o->rank; ++d)
    for (size_t i = 0; i < spec->num_dims; ++i)
      at[d] += o->coef[d][i] * index[i];
  int64_t n = gln_shape_linear(&array->shape, at);
  return widen(spec->result, gln_array_get(array, n), out, error);
}

gln_scalar_op glni_combine_op(const gln_spec *spec) {
  switch (spec->combine) {
  case GLN_COMBINE_PROD:
    return GLN_SCALAR_MUL;
  case GLN_COMBINE_MAX:
    return GLN_SCALAR_MAX;
  case GLN_COMBINE_MIN:
    return GLN_SCALAR_MIN;
  default:
    return GLN_SCALAR_ADD;
  }
}

static eg_status eval_point(const gln_spec *spec,
                            const gln_array *const *operands,
                            const int64_t *index, gln_scalar *out,
                            eg_error *error) {
  gln_scalar x[2];
  for (size_t k = 0; k < spec->num_operands; ++k)
    GLN_TRY(read_operand(spec, k, operands[k], index, &x[k], error));
  if (spec->combine == GLN_COMBINE_DOT)
    return gln_scalar_eval(GLN_SCALAR_MUL, spec->result, x, 2, out, error);
  *out = x[0];
  return EG_OK;
}

// Steps the last |num| entries of |index|; false after the last position.
static bool step(const int64_t *extents, int64_t *index, size_t num) {
  for (size_t d = num; d--;) {
    if (++index[d] < extents[d])
      return true;
    index[d] = 0;
  }
  return false;
}

eg_status gln_interp_spec(const gln_spec *spec,
                          const gln_array *const *operands,
                          eg_allocator allocator, gln_array *out,
                          eg_error *error) {
  gln_shape shape;
  glni_spec_result(spec, &shape);
  GLN_TRY(gln_array_init(out, &shape, allocator, error));
  int64_t index[GLN_SPEC_MAX_DIMS] = {0}, n = 0;
  size_t num_reduced = spec->num_dims - spec->num_parallel;
  gln_scalar_op op = glni_combine_op(spec);
  do {
    gln_scalar total;
    bool first = true;
    do {
      gln_scalar both[2], x;
      eg_status status = eval_point(spec, operands, index, &x, error);
      both[0] = total;
      both[1] = x;
      if (status == EG_OK && !first)
        status = gln_scalar_eval(op, spec->result, both, 2, &x, error);
      if (status != EG_OK) {
        gln_array_fini(out);
        return status;
      }
      total = x;
      first = false;
    } while (step(spec->dims + spec->num_parallel, index + spec->num_parallel,
                  num_reduced));
    gln_array_set(out, n++, total);
  } while (step(spec->dims, index, spec->num_parallel));
  return EG_OK;
}

//===-- Other leaves ------------------------------------------------------===//

static eg_status eval_body(const gln_scalar_body *body,
                           const gln_array *const *operands,
                           const gln_shape *shape, gln_scalar *registers,
                           gln_array *out, eg_error *error) {
  int64_t num = gln_shape_num_elements(shape), index[GLN_MAX_RANK];
  for (int64_t n = 0; n < num; ++n) {
    gln_shape_position(shape, n, index);
    for (size_t i = 0; i < body->num_args; ++i)
      registers[i] = gln_array_get(operands[i], n);
    GLN_TRY(gln_scalar_body_eval(body, index, shape->rank, registers, error));
    for (size_t i = 0; i < body->num_results; ++i)
      gln_array_set(&out[i], n, registers[body->results[i]]);
  }
  return EG_OK;
}

static eg_status eval_map(const gln_lang *lang, eg_node node,
                          const gln_signature *type,
                          const gln_array *const *operands,
                          eg_allocator allocator, gln_array *out,
                          eg_error *error) {
  gln_scalar_body body;
  GLN_TRY(gln_node_body(lang, node, allocator, &body, error));
  size_t size =
      ((size_t)body.num_args + body.num_insts + 1) * sizeof(gln_scalar);
  gln_scalar *registers = allocator.resize(allocator.user, NULL, 0, size);
  eg_status status = EG_OK;
  if (!registers)
    status = gln_fail(error, EG_NO_MEMORY, "no memory to run a map");
  for (size_t i = 0; i < type->num_results && status == EG_OK; ++i)
    status = gln_array_init(&out[i], &type->results[i], allocator, error);
  if (status == EG_OK)
    status =
        eval_body(&body, operands, &type->results[0], registers, out, error);
  allocator.resize(allocator.user, registers, registers ? size : 0, 0);
  gln_scalar_body_fini(&body);
  return status;
}

// softmax and argmax are compute ops of the access dialect on a split array.
static eg_status eval_items(const gln_lang *lang, eg_node node, int kind,
                            const gln_signature *type, const gln_array *operand,
                            eg_allocator allocator, gln_array *out,
                            eg_error *error) {
  size_t num;
  gln_array split = *operand;
  split.shape.num_access = (uint8_t)glni_payload(lang, node, &num)[0];
  const gln_array *operands[] = {&split};
  gln_op_attrs attrs = {.kind = kind, .type = type->results[0].type};
  GLN_TRY(gln_interp_op(GLN_OP_COMPUTE, &attrs, operands, 1, allocator, out,
                        error));
  out->shape.num_access = 0;
  return EG_OK;
}

//===-- Compositions ------------------------------------------------------===//

static void free_arrays(gln_array *arrays, size_t num) {
  for (size_t i = 0; i < num; ++i)
    gln_array_fini(&arrays[i]);
}

enum { MAX_SOURCES = 64 };

static eg_status run_wired(const gln_lang *lang, const eg_choice *choice,
                           eg_node node, const gln_wiring *w,
                           const gln_array *const *operands,
                           eg_allocator allocator, gln_array *inner,
                           eg_error *error) {
  uint32_t num_kernels, at = 0, made = 0;
  const eg_class *kernels = eg_node_children(lang->graph, node, &num_kernels);
  for (uint32_t i = 0; i < num_kernels; ++i) {
    gln_signature type;
    const gln_array *read[GLN_LANG_MAX_OPERANDS];
    gln_lang_type(lang, kernels[i], &type);
    if (made + type.num_results > MAX_SOURCES)
      return gln_fail(error, EG_LIMIT, "'compose' of more than %d results",
                      MAX_SOURCES);
    for (uint32_t j = 0; j < type.num_operands; ++j) {
      uint8_t s = w->sources[at++];
      read[j] = s < w->num_operands ? operands[s] : &inner[s - w->num_operands];
    }
    GLN_TRY(gln_interp_kernel(lang, choice, kernels[i], read, allocator,
                              inner + made, error));
    made += type.num_results;
  }
  return EG_OK;
}

static eg_status eval_compose(const gln_lang *lang, const eg_choice *choice,
                              eg_node node, const gln_array *const *operands,
                              eg_allocator allocator, gln_array *out,
                              eg_error *error) {
  gln_wiring w;
  gln_array inner[MAX_SOURCES];
  memset(inner, 0, sizeof inner);
  gln_node_wiring(lang, node, &w);
  eg_status status =
      run_wired(lang, choice, node, &w, operands, allocator, inner, error);
  for (size_t i = 0; i < w.num_exports && status == EG_OK; ++i)
    status = gln_array_copy(&out[i], &inner[w.exports[i] - w.num_operands],
                            allocator, error);
  free_arrays(inner, MAX_SOURCES);
  return status;
}

//===-- All kernels -------------------------------------------------------===//

static eg_status eval_node(const gln_lang *lang, const eg_choice *choice,
                           eg_node node, const gln_signature *type,
                           const gln_array *const *operands,
                           eg_allocator allocator, gln_array *out,
                           eg_error *error) {
  gln_spec spec;
  uint32_t num;
  size_t num_words;
  const eg_class *children = eg_node_children(lang->graph, node, &num);
  switch (gln_lang_node(lang, node)) {
  case GLN_NODE_CONTRACT:
  case GLN_NODE_REDUCE:
  case GLN_NODE_ISSUE:
    gln_node_spec(lang, node, &spec);
    return gln_interp_spec(&spec, operands, allocator, out, error);
  case GLN_NODE_MAP:
    return eval_map(lang, node, type, operands, allocator, out, error);
  case GLN_NODE_SOFTMAX:
    return eval_items(lang, node, GLN_KIND_SOFTMAX, type, operands[0],
                      allocator, out, error);
  case GLN_NODE_ARGMAX:
    return eval_items(lang, node, GLN_KIND_ARGMAX, type, operands[0], allocator,
                      out, error);
  case GLN_NODE_FOLD:
    return glni_eval_fold((gln_monoid)glni_payload(lang, node, &num_words)[0],
                          type, operands, allocator, out, error);
  case GLN_NODE_SCAN:
    return glni_eval_scan(lang, choice, node, type, operands, allocator, out,
                          error);
  case GLN_NODE_TRANSFORM: // other ways to the same function
  case GLN_NODE_ON_HOST:
    return gln_interp_kernel(lang, choice, children[0], operands, allocator,
                             out, error);
  case GLN_NODE_COMPOSE:
    return eval_compose(lang, choice, node, operands, allocator, out, error);
  case GLN_NODE_BLOCK:
    return glni_eval_block(lang, choice, node, operands, allocator, out, error);
  default:
    return gln_fail(error, EG_INVALID, "'%s' is no kernel",
                    eg_op_name(lang->graph, eg_node_op(lang->graph, node)));
  }
}

eg_status gln_interp_kernel(const gln_lang *lang, const eg_choice *choice,
                            eg_class kernel, const gln_array *const *operands,
                            eg_allocator allocator, gln_array *out,
                            eg_error *error) {
  gln_signature type;
  eg_node node = eg_choice_node(choice, kernel);
  if (!node.id)
    return gln_fail(error, EG_INFEASIBLE, "kernel class %u has no node",
                    (unsigned)kernel.id);
  gln_lang_type(lang, kernel, &type);
  for (size_t i = 0; i < type.num_operands; ++i)
    if (!gln_shape_equal(&operands[i]->shape, &type.operands[i]))
      return gln_fail(error, EG_INVALID,
                      "operand %zu of kernel class %u has another shape", i,
                      (unsigned)kernel.id);
  memset(out, 0, type.num_results * sizeof *out);
  eg_status status =
      eval_node(lang, choice, node, &type, operands, allocator, out, error);
  if (status != EG_OK)
    free_arrays(out, type.num_results);
  return status;
}
