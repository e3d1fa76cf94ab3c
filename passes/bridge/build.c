// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Single access ops.
#include "bridge/build.h"

#include <stdarg.h>
#include <string.h>

static const MlirValue none = {NULL};

//===-- The list of what was built ----------------------------------------===//

void gln_build_init(gln_build *build, MlirOperation before) {
  *build = (gln_build){.context = mlirOperationGetContext(before),
                       .location = mlirOperationGetLocation(before),
                       .before = before};
}

void gln_build_fini(gln_build *build) {
  eg_allocator memory = eg_allocator_default();
  memory.resize(memory.user, build->made,
                build->capacity * sizeof(*build->made), 0);
  build->made = NULL;
  build->num_made = build->capacity = 0;
}

void gln_build_undo(gln_build *build) {
  while (build->num_made)
    mlirOperationDestroy(build->made[--build->num_made]);
}

MlirValue gln_build_fail(gln_build *build, const char *format, ...) {
  va_list args;
  if (build->error.status)
    return none;
  build->error.status = EG_INVALID;
  va_start(args, format);
  vsnprintf(build->error.text, sizeof(build->error.text), format, args);
  va_end(args);
  return none;
}

//===-- Ops of any dialect ------------------------------------------------===//

MlirValue gln_build_insert(gln_build *build, MlirOperation op) {
  if (mlirOperationIsNull(op))
    return gln_build_fail(build, "out of memory");
  if (build->num_made == build->capacity) {
    eg_allocator memory = eg_allocator_default();
    size_t old = build->capacity * sizeof(op);
    size_t wanted = old ? 2 * old : 16 * sizeof(op);
    void *made = memory.resize(memory.user, build->made, old, wanted);
    if (!made) {
      mlirOperationDestroy(op);
      return gln_build_fail(build, "out of memory");
    }
    build->made = made;
    build->capacity = wanted / sizeof(op);
  }
  mlirBlockInsertOwnedOperationBefore(mlirOperationGetBlock(build->before),
                                      build->before, op);
  build->made[build->num_made++] = op;
  return mlirOperationGetResult(op, 0);
}

MlirNamedAttribute gln_build_named(MlirContext context, const char *name,
                                   MlirAttribute value) {
  return mlirNamedAttributeGet(mlirIdentifierGet(context, gln_string(name)),
                               value);
}

MlirValue gln_build_op(gln_build *build, const char *name,
                       const MlirValue *operands, size_t num_operands,
                       MlirType result, const MlirNamedAttribute *attributes,
                       size_t num_attributes) {
  for (size_t i = 0; i < num_operands; ++i)
    if (mlirValueIsNull(operands[i]))
      return none;
  MlirOperationState state =
      mlirOperationStateGet(gln_string(name), build->location);
  mlirOperationStateAddOperands(&state, (intptr_t)num_operands, operands);
  mlirOperationStateAddResults(&state, 1, &result);
  mlirOperationStateAddAttributes(&state, (intptr_t)num_attributes, attributes);
  return gln_build_insert(build, mlirOperationCreate(&state));
}

MlirValue gln_build_constant(gln_build *build, gln_scalar value) {
  MlirType element = gln_element_get(build->context, value.type);
  MlirType type =
      mlirRankedTensorTypeGet(0, NULL, element, mlirAttributeGetNull());
  MlirAttribute scalar =
      gln_type_is_float(value.type)
          ? mlirFloatAttrDoubleGet(build->context, element,
                                   gln_scalar_to_double(value))
          : mlirIntegerAttrGet(element, gln_scalar_to_int(value));
  MlirNamedAttribute named = gln_build_named(
      build->context, "value", mlirDenseElementsAttrSplatGet(type, scalar));
  return gln_build_op(build, "arith.constant", NULL, 0, type, &named, 1);
}

//===-- Access ops --------------------------------------------------------===//

gln_shape gln_build_shape(gln_build *build, MlirValue value) {
  gln_shape shape = {0};
  if (!mlirValueIsNull(value) &&
      gln_pattern_shape(mlirValueGetType(value), &shape,
                        build->error.status ? NULL : &build->error))
    build->error.status = EG_INVALID;
  return shape;
}

MlirValue gln_build_access(gln_build *build, gln_op op,
                           const gln_op_attrs *attrs, const MlirValue *operands,
                           size_t num_operands, const char *symbol) {
  for (size_t i = 0; i < num_operands; ++i)
    if (mlirValueIsNull(operands[i]))
      return none;
  if (build->error.status)
    return none;
  MlirOperation made =
      gln_access_build(build->context, build->location, op, attrs, operands,
                       num_operands, symbol, &build->error);
  if (!mlirOperationIsNull(made))
    return gln_build_insert(build, made);
  if (!build->error.status)
    build->error.status = EG_INVALID;
  return none;
}

static MlirValue unary(gln_build *build, gln_op op, const gln_op_attrs *attrs,
                       MlirValue value) {
  return gln_build_access(build, op, attrs, &value, 1, NULL);
}

// The pattern that |tensor| is the tensor of, or null.
static MlirValue pattern_of(MlirValue tensor) {
  gln_op op;
  if (!mlirValueIsAOpResult(tensor))
    return none;
  MlirOperation owner = mlirOpResultGetOwner(tensor);
  return gln_access_is(owner, &op) && op == GLN_OP_TENSOR
             ? mlirOperationGetOperand(owner, 0)
             : none;
}

MlirValue gln_build_at(gln_build *build, MlirValue value, size_t at) {
  if (mlirValueIsNull(value))
    return none;
  if (!gln_is_pattern(mlirValueGetType(value))) {
    MlirValue pattern = pattern_of(value);
    if (mlirValueIsNull(pattern))
      return unary(build, GLN_OP_VIEW, &(gln_op_attrs){.at = (int64_t)at},
                   value);
    value = pattern;
  }
  int64_t by = (int64_t)at - gln_build_shape(build, value).num_access;
  return by ? unary(build, GLN_OP_SHIFT, &(gln_op_attrs){.by = by}, value)
            : value;
}

MlirValue gln_build_any(gln_build *build, MlirValue value) {
  gln_shape shape = gln_build_shape(build, value);
  if (!mlirValueIsNull(value) && gln_is_pattern(mlirValueGetType(value)))
    return value;
  MlirValue pattern = mlirValueIsNull(value) ? none : pattern_of(value);
  return mlirValueIsNull(pattern) ? gln_build_at(build, value, shape.rank)
                                  : pattern;
}

MlirValue gln_build_tensor(gln_build *build, MlirValue value) {
  return unary(build, GLN_OP_TENSOR, &(gln_op_attrs){0}, value);
}

MlirValue gln_build_transpose(gln_build *build, MlirValue value,
                              const int64_t *perm) {
  gln_shape shape = gln_build_shape(build, value);
  bool identity = true;
  for (size_t i = 0; i < shape.rank; ++i)
    identity &= perm[i] == (int64_t)i;
  return identity ? value
                  : unary(build, GLN_OP_TRANSPOSE,
                          &(gln_op_attrs){.perm = {perm, shape.rank}}, value);
}

MlirValue gln_build_slice(gln_build *build, MlirValue value,
                          const int64_t *offsets, const int64_t *sizes,
                          const int64_t *strides) {
  gln_shape shape = gln_build_shape(build, value);
  bool identity = true;
  for (size_t i = 0; i < shape.rank; ++i)
    identity &= offsets[i] == 0 && strides[i] == 1 && sizes[i] == shape.dims[i];
  gln_op_attrs attrs = {.offsets = {offsets, shape.rank},
                        .sizes = {sizes, shape.rank},
                        .strides = {strides, shape.rank}};
  return identity ? value : unary(build, GLN_OP_SLICE, &attrs, value);
}

MlirValue gln_build_squeeze(gln_build *build, MlirValue value, size_t dim) {
  return unary(build, GLN_OP_SQUEEZE, &(gln_op_attrs){.dim = (int64_t)dim},
               value);
}

MlirValue gln_build_insert_axis(gln_build *build, MlirValue value, size_t dim) {
  return unary(build, GLN_OP_INSERT_AXIS, &(gln_op_attrs){.dim = (int64_t)dim},
               value);
}

MlirValue gln_build_broadcast(gln_build *build, MlirValue value,
                              const gln_shape *shape) {
  gln_shape found = gln_build_shape(build, value);
  return gln_shape_same_dims(&found, shape)
             ? value
             : unary(build, GLN_OP_BROADCAST, &(gln_op_attrs){.shape = *shape},
                     value);
}

MlirValue gln_build_reshape(gln_build *build, MlirValue value,
                            const gln_shape *shape) {
  gln_shape found = gln_build_shape(build, value);
  return gln_shape_same_dims(&found, shape)
             ? value
             : unary(build, GLN_OP_RESHAPE, &(gln_op_attrs){.shape = *shape},
                     value);
}

MlirValue gln_build_concat(gln_build *build, MlirValue a, MlirValue b,
                           size_t dim) {
  return gln_build_access(build, GLN_OP_CONCAT,
                          &(gln_op_attrs){.dim = (int64_t)dim},
                          (MlirValue[]){a, b}, 2, NULL);
}

MlirValue gln_build_compute(gln_build *build, int kind, gln_type type,
                            const MlirValue *operands, size_t num_operands) {
  return gln_build_access(build, GLN_OP_COMPUTE,
                          &(gln_op_attrs){.kind = kind, .type = type}, operands,
                          num_operands, NULL);
}
