// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// !access.pattern<[access], [item], element> and gln_shape, both ways.
#include "dialect/access_internal.h"
#include "dialect/host.h"

#include <string.h>

//===-- Element types -----------------------------------------------------===//

bool gln_element_parse(MlirType type, gln_type *out) {
  gln_text text;
  gln_type_text(type, text);
  return gln_type_parse(text, strlen(text), out);
}

MlirType gln_element_get(MlirContext context, gln_type type) {
  switch (type) {
  case GLN_TYPE_F32:
    return mlirF32TypeGet(context);
  case GLN_TYPE_F64:
    return mlirF64TypeGet(context);
  case GLN_TYPE_BF16:
    return mlirBF16TypeGet(context);
  case GLN_TYPE_F16:
    return mlirF16TypeGet(context);
  case GLN_TYPE_INDEX:
    return mlirIndexTypeGet(context);
  case GLN_TYPE_I1:
  case GLN_TYPE_I8:
  case GLN_TYPE_I16:
  case GLN_TYPE_I32:
  case GLN_TYPE_I64:
    break;
  }
  return mlirIntegerTypeGet(context, gln_type_bits(type));
}

//===-- Patterns ----------------------------------------------------------===//

bool gln_is_pattern(MlirType type) {
  return gln_dynamic_type_is(type, "access", "pattern");
}

size_t gln_pattern_num_dims(MlirType type, int half) {
  MlirAttribute list = gln_dynamic_type_param(type, (size_t)half);
  return (size_t)mlirArrayAttrGetNumElements(list);
}

MlirAttribute gln_pattern_dim(MlirType type, int half, size_t index) {
  MlirAttribute list = gln_dynamic_type_param(type, (size_t)half);
  return mlirArrayAttrGetElement(list, (intptr_t)index);
}

MlirType gln_pattern_element(MlirType type) {
  return mlirTypeAttrGetValue(gln_dynamic_type_param(type, 2));
}

bool gln_pattern_is_symbolic(MlirType type) {
  for (int half = 0; half < 2; ++half)
    for (size_t i = 0; i < gln_pattern_num_dims(type, half); ++i)
      if (mlirAttributeIsAString(gln_pattern_dim(type, half, i)))
        return true;
  return false;
}

static MlirAttribute half_of(MlirContext context, const gln_shape *shape,
                             int half) {
  size_t first = half ? shape->num_access : 0;
  size_t last = half ? shape->rank : shape->num_access;
  return gln_ints_attribute(context, shape->dims + first, last - first);
}

MlirType gln_pattern_get(MlirContext context, const gln_shape *shape,
                         eg_error *error) {
  MlirAttribute params[3] = {
      half_of(context, shape, 0), half_of(context, shape, 1),
      mlirTypeAttrGet(gln_element_get(context, shape->type))};
  return gln_dynamic_type_get(context, "access", "pattern", params, 3, error);
}

static eg_status tensor_shape(MlirType type, gln_shape *out, eg_error *error) {
  gln_text text;
  int64_t dims[GLN_MAX_RANK];
  int64_t rank = mlirShapedTypeGetRank(type);
  gln_type element;
  if (!gln_element_parse(mlirShapedTypeGetElementType(type), &element))
    return gln_fail(error, EG_INVALID, "'%s' has no element type of ours",
                    gln_type_text(type, text));
  if (rank > GLN_MAX_RANK)
    return gln_fail(error, EG_LIMIT, "'%s' has %d dimensions, at most %d",
                    gln_type_text(type, text), (int)rank, GLN_MAX_RANK);
  for (int64_t i = 0; i < rank; ++i) {
    if (mlirShapedTypeIsDynamicDim(type, i))
      return gln_fail(error, EG_INVALID, "'%s' has no static shape",
                      gln_type_text(type, text));
    dims[i] = mlirShapedTypeGetDimSize(type, i);
  }
  return gln_shape_make(element, NULL, 0, dims, (size_t)rank, out, error);
}

eg_status gln_access_params_shape(const MlirAttribute *params, gln_shape *out,
                                  bool *out_symbolic, eg_error *error) {
  int64_t dims[2][GLN_MAX_RANK];
  size_t num[2];
  *out_symbolic = false;
  for (int half = 0; half < 2; ++half) {
    num[half] = (size_t)mlirArrayAttrGetNumElements(params[half]);
    if (num[half] > GLN_MAX_RANK)
      return gln_fail(error, EG_LIMIT, "%zu dimensions, at most %d", num[half],
                      GLN_MAX_RANK);
    for (size_t i = 0; i < num[half]; ++i) {
      MlirAttribute extent = mlirArrayAttrGetElement(params[half], (intptr_t)i);
      bool is_name = mlirAttributeIsAString(extent);
      *out_symbolic |= is_name;
      dims[half][i] = is_name ? 1 : mlirIntegerAttrGetValueInt(extent);
    }
  }
  gln_type element;
  gln_text text;
  if (!gln_element_parse(mlirTypeAttrGetValue(params[2]), &element))
    return gln_fail(error, EG_INVALID, "%s is no element type of ours",
                    gln_attribute_text(params[2], text));
  return gln_shape_make(element, dims[0], num[0], dims[1], num[1], out, error);
}

eg_status gln_pattern_shape(MlirType type, gln_shape *out, eg_error *error) {
  gln_text text;
  if (mlirTypeIsARankedTensor(type))
    return tensor_shape(type, out, error);
  if (!gln_is_pattern(type))
    return gln_fail(error, EG_INVALID, "'%s' is no access pattern",
                    gln_type_text(type, text));
  MlirAttribute params[3];
  bool is_symbolic;
  for (size_t i = 0; i < 3; ++i)
    params[i] = gln_dynamic_type_param(type, i);
  eg_status status = gln_access_params_shape(params, out, &is_symbolic, error);
  if (!status && is_symbolic)
    return gln_fail(error, EG_INVALID, "'%s' has a name as an extent",
                    gln_type_text(type, text));
  return status;
}

MlirType gln_tensor_get(MlirContext context, const gln_shape *shape) {
  return mlirRankedTensorTypeGet(shape->rank, shape->dims,
                                 gln_element_get(context, shape->type),
                                 mlirAttributeGetNull());
}
