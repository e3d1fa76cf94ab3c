// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops of the tensor dialect, linalg.softmax, and arith and math on whole
// tensors, as access ops.
#include "bridge/convert_internal.h"

#include <string.h>

static const MlirValue none = {NULL};

static bool is_named(MlirOperation op, const char *name) {
  return mlirStringRefEqual(mlirIdentifierStr(mlirOperationGetName(op)),
                            gln_string(name));
}

static MlirValue operand(MlirOperation op, intptr_t index) {
  return mlirOperationGetOperand(op, index);
}

static gln_shape result_shape(gln_build *build, MlirOperation op) {
  return gln_build_shape(build, mlirOperationGetResult(op, 0));
}

// The attribute |name| as a list without dynamic entries.
static bool read_static(gln_build *build, MlirOperation op, const char *name,
                        size_t rank, int64_t *out) {
  MlirAttribute list = mlirOperationGetAttributeByName(op, gln_string(name));
  if (mlirAttributeIsNull(list) || !mlirAttributeIsADenseI64Array(list) ||
      (size_t)mlirDenseArrayGetNumElements(list) != rank) {
    gln_build_fail(build, "attribute '%s' has not %zu entries", name, rank);
    return false;
  }
  for (size_t i = 0; i < rank; ++i) {
    out[i] = mlirDenseI64ArrayGetElement(list, (intptr_t)i);
    if (out[i] == mlirShapedTypeGetDynamicStrideOrOffset()) {
      gln_build_fail(build, "entry %zu of '%s' is not constant", i, name);
      return false;
    }
  }
  return true;
}

//===-- pad ---------------------------------------------------------------===//

// Negative padding is a slice.
MlirValue glni_convert_padding(gln_build *build, MlirValue value, int64_t *low,
                               int64_t *high, gln_scalar filler) {
  gln_shape shape = gln_build_shape(build, value);
  int64_t offsets[GLN_MAX_RANK], sizes[GLN_MAX_RANK], ones[GLN_MAX_RANK];
  gln_op_attrs attrs = {
      .low = {low, shape.rank}, .high = {high, shape.rank}, .value = filler};
  bool pads = false;
  for (size_t i = 0; i < shape.rank; ++i) {
    offsets[i] = low[i] < 0 ? -low[i] : 0;
    sizes[i] = shape.dims[i] - offsets[i] + (high[i] < 0 ? high[i] : 0);
    ones[i] = 1;
    low[i] = low[i] < 0 ? 0 : low[i];
    high[i] = high[i] < 0 ? 0 : high[i];
    pads |= low[i] || high[i];
  }
  value = gln_build_any(build, value);
  value = gln_build_slice(build, value, offsets, sizes, ones);
  if (pads)
    value = gln_build_access(build, GLN_OP_PAD, &attrs, &value, 1, NULL);
  return gln_build_tensor(build, value);
}

static MlirValue convert_pad(gln_build *build, MlirOperation op) {
  gln_shape shape = gln_build_shape(build, operand(op, 0));
  int64_t low[GLN_MAX_RANK], high[GLN_MAX_RANK];
  gln_scalar filler;
  if (build->error.status ||
      !read_static(build, op, "static_low", shape.rank, low) ||
      !read_static(build, op, "static_high", shape.rank, high))
    return none;
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
  if (!gln_body_constant(operand(mlirBlockGetTerminator(block), 0), &filler))
    return gln_build_fail(build, "the padding value is not constant");
  return glni_convert_padding(build, operand(op, 0), low, high, filler);
}

//===-- slices ------------------------------------------------------------===//

// Which dimensions of |full| a rank-reduced |part| lacks: extents must agree in
// order, and what is dropped has extent 1. MLIR drops the first ones that fit.
static bool dropped_dims(gln_build *build, const int64_t *full, size_t rank,
                         const gln_shape *part, bool *dropped) {
  size_t at = 0;
  for (size_t i = 0; i < rank; ++i) {
    size_t left_full = rank - i, left_part = part->rank - at;
    dropped[i] = at == part->rank || full[i] != part->dims[at] ||
                 (full[i] == 1 && left_full > left_part && part->dims[at] != 1);
    if (dropped[i] && full[i] != 1)
      break;
    at += !dropped[i];
  }
  if (at == part->rank)
    return true;
  gln_build_fail(build, "the rank-reduced type does not fit the slice");
  return false;
}

static MlirValue convert_extract(gln_build *build, MlirOperation op) {
  gln_shape source = gln_build_shape(build, operand(op, 0));
  gln_shape result = result_shape(build, op);
  int64_t offsets[GLN_MAX_RANK], sizes[GLN_MAX_RANK], strides[GLN_MAX_RANK];
  bool dropped[GLN_MAX_RANK] = {false};
  if (build->error.status ||
      !read_static(build, op, "static_offsets", source.rank, offsets) ||
      !read_static(build, op, "static_sizes", source.rank, sizes) ||
      !read_static(build, op, "static_strides", source.rank, strides) ||
      !dropped_dims(build, sizes, source.rank, &result, dropped))
    return none;
  MlirValue value = gln_build_any(build, operand(op, 0));
  value = gln_build_slice(build, value, offsets, sizes, strides);
  for (size_t i = source.rank; i-- > 0;)
    if (dropped[i])
      value = gln_build_squeeze(build, value, i);
  return gln_build_tensor(build, value);
}

// The op that makes |value|, if it is access.<wanted>.
static bool made_by(MlirValue value, gln_op wanted, MlirOperation *out) {
  gln_op op;
  if (!mlirValueIsAOpResult(value))
    return false;
  *out = mlirOpResultGetOwner(value);
  return gln_access_is(*out, &op) && op == wanted;
}

// |value|[first, last) along |dim|, or null if that is empty. Looks through
// concatenations, which insertions one behind the other make, and cuts a
// broadcast by broadcasting less.
static MlirValue cut(gln_build *build, MlirValue value, size_t dim,
                     int64_t first, int64_t last) {
  gln_shape shape = gln_build_shape(build, value);
  int64_t offsets[GLN_MAX_RANK] = {0}, ones[GLN_MAX_RANK];
  MlirOperation owner;
  if (first == last || build->error.status)
    return none;
  if (first == 0 && last == shape.dims[dim])
    return value;
  if (made_by(value, GLN_OP_CONCAT, &owner) &&
      mlirIntegerAttrGetValueInt(gln_op_attribute(owner, "dim")) ==
          (int64_t)dim) {
    MlirValue a = operand(owner, 0), b = operand(owner, 1);
    int64_t middle = gln_build_shape(build, a).dims[dim];
    if (last <= middle)
      return cut(build, a, dim, first, last);
    if (first >= middle)
      return cut(build, b, dim, first - middle, last - middle);
    return gln_build_concat(build, cut(build, a, dim, first, middle),
                            cut(build, b, dim, 0, last - middle), dim);
  }
  shape.dims[dim] = last - first;
  if (made_by(value, GLN_OP_BROADCAST, &owner) &&
      gln_build_shape(build, operand(owner, 0)).rank == 0)
    return gln_build_broadcast(build, operand(owner, 0), &shape);
  for (size_t i = 0; i < shape.rank; ++i)
    ones[i] = 1;
  offsets[dim] = first;
  return gln_build_slice(build, value, offsets, shape.dims, ones);
}

// |dest| with the box [offset, offset + size of source) replaced by |source|:
// along the first dimension that the box does not fill, the part before, what
// becomes of the part between, the part behind.
static MlirValue insert(gln_build *build, MlirValue source, MlirValue dest,
                        const int64_t *offsets, size_t dim) {
  gln_shape part = gln_build_shape(build, source);
  gln_shape whole = gln_build_shape(build, dest);
  if (build->error.status)
    return none;
  while (dim < part.rank && part.dims[dim] == whole.dims[dim])
    ++dim;
  if (dim == part.rank)
    return source;
  int64_t first = offsets[dim], last = first + part.dims[dim];
  MlirValue middle = source;
  for (size_t i = dim + 1; i < part.rank; ++i)
    if (part.dims[i] != whole.dims[i]) {
      middle = insert(build, source, cut(build, dest, dim, first, last),
                      offsets, dim + 1);
      break;
    }
  MlirValue before = cut(build, dest, dim, 0, first);
  MlirValue after = cut(build, dest, dim, last, whole.dims[dim]);
  if (!mlirValueIsNull(before))
    middle = gln_build_concat(build, before, middle, dim);
  if (!mlirValueIsNull(after))
    middle = gln_build_concat(build, middle, after, dim);
  return middle;
}

// A tensor.empty has no contents: zero is as good as any.
static MlirValue destination(gln_build *build, MlirValue value) {
  if (!mlirValueIsAOpResult(value) ||
      !is_named(mlirOpResultGetOwner(value), "tensor.empty"))
    return gln_build_any(build, value);
  gln_shape shape = gln_build_shape(build, value);
  shape.num_access = shape.rank;
  MlirValue zero =
      gln_build_constant(build, gln_scalar_from_int(shape.type, 0));
  return gln_build_view(build, zero, NULL, 0, &shape);
}

static MlirValue convert_insert(gln_build *build, MlirOperation op) {
  gln_shape source = gln_build_shape(build, operand(op, 0));
  gln_shape dest = gln_build_shape(build, operand(op, 1));
  int64_t offsets[GLN_MAX_RANK], sizes[GLN_MAX_RANK], strides[GLN_MAX_RANK];
  bool dropped[GLN_MAX_RANK] = {false};
  if (build->error.status ||
      !read_static(build, op, "static_offsets", dest.rank, offsets) ||
      !read_static(build, op, "static_sizes", dest.rank, sizes) ||
      !read_static(build, op, "static_strides", dest.rank, strides) ||
      !dropped_dims(build, sizes, dest.rank, &source, dropped))
    return none;
  for (size_t i = 0; i < dest.rank; ++i)
    if (strides[i] != 1 && sizes[i] > 1)
      return gln_build_fail(build, "it inserts with stride %lld",
                            (long long)strides[i]);
  MlirValue value = gln_build_any(build, operand(op, 0));
  for (size_t i = 0; i < dest.rank; ++i)
    if (dropped[i])
      value = gln_build_insert_axis(build, value, i);
  value = gln_build_at(build, value, dest.rank);
  MlirValue into = destination(build, operand(op, 1));
  into = gln_build_at(build, into, dest.rank);
  return gln_build_tensor(build, insert(build, value, into, offsets, 0));
}

MlirValue glni_convert_concat(gln_build *build, MlirOperation op, size_t dim) {
  gln_shape shape = result_shape(build, op);
  MlirValue value = none;
  for (intptr_t i = 0; i < mlirOperationGetNumOperands(op); ++i) {
    MlirValue next = gln_build_at(build, operand(op, i), shape.rank);
    value = i == 0 ? next : gln_build_concat(build, value, next, dim);
  }
  return gln_build_tensor(build, value);
}

static MlirValue convert_concat(gln_build *build, MlirOperation op) {
  MlirAttribute dim = mlirOperationGetAttributeByName(op, gln_string("dim"));
  return glni_convert_concat(build, op,
                             (size_t)mlirIntegerAttrGetValueInt(dim));
}

//===-- the rest ----------------------------------------------------------===//

MlirValue glni_convert_reshape(gln_build *build, MlirOperation op) {
  gln_shape source = gln_build_shape(build, operand(op, 0));
  gln_shape shape = result_shape(build, op);
  shape.num_access = shape.rank;
  if (build->error.status)
    return none;
  MlirValue value = gln_build_at(build, operand(op, 0), source.rank);
  return gln_build_tensor(build, gln_build_reshape(build, value, &shape));
}

static MlirValue convert_softmax(gln_build *build, MlirOperation op) {
  gln_shape shape = result_shape(build, op);
  MlirAttribute attribute =
      mlirOperationGetAttributeByName(op, gln_string("dimension"));
  size_t dim = (size_t)mlirIntegerAttrGetValueInt(attribute);
  int64_t last[GLN_MAX_RANK], back[GLN_MAX_RANK];
  if (build->error.status || dim >= shape.rank)
    return gln_build_fail(build, "dimension %zu of rank %d", dim, shape.rank);
  for (size_t i = 0; i < shape.rank; ++i) {
    last[i] = (int64_t)(i < dim ? i : i + 1 < shape.rank ? i + 1 : dim);
    back[i] = (int64_t)(i < dim ? i : i == dim ? shape.rank - 1u : i - 1);
  }
  MlirValue value = gln_build_at(build, operand(op, 0), shape.rank);
  value = gln_build_transpose(build, value, last);
  value = gln_build_at(build, value, shape.rank - 1u);
  value = gln_build_compute(build, GLN_KIND_SOFTMAX, shape.type, &value, 1);
  value = gln_build_at(build, value, shape.rank);
  return gln_build_tensor(build, gln_build_transpose(build, value, back));
}

// Which scalar function an op of arith or math is, on tensors of one shape.
static bool elementwise_of(MlirOperation op, gln_scalar_op *out) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op));
  char text[64];
  if (name.length >= sizeof(text) || mlirOperationGetNumResults(op) != 1 ||
      !mlirTypeIsARankedTensor(
          mlirValueGetType(mlirOperationGetResult(op, 0))) ||
      !mlirAttributeIsNull(
          mlirOperationGetAttributeByName(op, gln_string("roundingmode"))))
    return false;
  memcpy(text, name.data, name.length);
  text[name.length] = '\0';
  MlirAttribute predicate =
      mlirOperationGetAttributeByName(op, gln_string("predicate"));
  return gln_scalar_op_from_mlir(text, 0,
                                 mlirAttributeIsNull(predicate)
                                     ? 0
                                     : mlirIntegerAttrGetValueInt(predicate),
                                 out);
}

static MlirValue convert_elementwise(gln_build *build, MlirOperation op,
                                     gln_scalar_op function) {
  gln_shape shape = result_shape(build, op);
  MlirValue operands[GLN_SCALAR_MAX_ARITY];
  intptr_t num = mlirOperationGetNumOperands(op);
  if (build->error.status || num > GLN_SCALAR_MAX_ARITY)
    return none;
  for (intptr_t i = 0; i < num; ++i) {
    if (!mlirTypeIsARankedTensor(mlirValueGetType(operand(op, i))))
      return gln_build_fail(build, "operand #%d is no tensor", (int)i);
    operands[i] = gln_build_at(build, operand(op, i), shape.rank);
  }
  return gln_build_tensor(
      build, gln_build_compute(build, GLN_KIND_SCALAR + (int)function,
                               shape.type, operands, (size_t)num));
}

static const struct {
  const char *name;
  glni_convert_op *convert;
} table[] = {
    {"linalg.pack", glni_convert_pack},
    {"linalg.softmax", convert_softmax},
    {"linalg.unpack", glni_convert_unpack},
    {"tensor.collapse_shape", glni_convert_reshape},
    {"tensor.concat", convert_concat},
    {"tensor.expand_shape", glni_convert_reshape},
    {"tensor.extract_slice", convert_extract},
    {"tensor.insert_slice", convert_insert},
    {"tensor.pad", convert_pad},
    {"tosa.concat", glni_convert_tosa_concat},
    {"tosa.const", glni_convert_tosa_const},
    {"tosa.pad", glni_convert_tosa_pad},
    {"tosa.reshape", glni_convert_reshape},
    {"tosa.slice", glni_convert_tosa_slice},
};

bool gln_convert_is_tensor_op(MlirOperation op) {
  gln_scalar_op function;
  for (size_t i = 0; i < sizeof(table) / sizeof(*table); ++i)
    if (is_named(op, table[i].name))
      return true;
  return elementwise_of(op, &function);
}

bool gln_convert_tensor_op(gln_convert *convert, MlirOperation op,
                           MlirValue *out_results) {
  gln_scalar_op function;
  if (mlirOperationGetNumResults(op) != 1) {
    gln_build_fail(&convert->build, "it has no tensor as result");
    return false;
  }
  out_results[0] = none;
  if (elementwise_of(op, &function))
    out_results[0] = convert_elementwise(&convert->build, op, function);
  else
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); ++i)
      if (is_named(op, table[i].name))
        out_results[0] = table[i].convert(&convert->build, op);
  return !mlirValueIsNull(out_results[0]);
}
