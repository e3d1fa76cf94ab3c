// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Constant data, read with every check the C API leaves out.
//
// mlirDense…ResourceElementsAttrGetValue dereferences the blob, which is absent
// for an elided or missing resource, and indexes it without a length.
#include "internal.h"

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

#include <limits>

using namespace mlir;

// Bytes that one element takes in memory; 0 for what has no fixed size. As in
// DenseElementsAttr: rounded up to bytes and not to a power of two, index is 64
// bits wide.
static size_t elementBytes(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return 2 * elementBytes(complex.getElementType());
  if (isa<IndexType>(type))
    return 8;
  if (!type.isIntOrFloat())
    return 0;
  return (type.getIntOrFloatBitWidth() + 7) / 8;
}

gln_data_status gln_data_get(MlirAttribute wrapped, gln_data *out_data) {
  *out_data = gln_data{};
  Attribute attribute = unwrap(wrapped);
  auto elements = dyn_cast_or_null<ElementsAttr>(attribute);
  if (!elements || !elements.getShapedType().hasStaticShape())
    return GLN_DATA_UNSUPPORTED;
  size_t width = elementBytes(elements.getElementType());
  if (!width)
    return GLN_DATA_UNSUPPORTED;
  out_data->element_bytes = width;
  size_t count = 1;
  for (int64_t extent : elements.getShapedType().getShape())
    if (__builtin_mul_overflow(count, static_cast<size_t>(extent), &count) ||
        count > std::numeric_limits<size_t>::max() / width)
      return GLN_DATA_UNSUPPORTED;

  if (auto dense = dyn_cast<DenseElementsAttr>(attribute)) {
    ArrayRef<char> raw = dense.getRawData();
    bool isBit = dense.getElementType().isInteger(1);
    out_data->is_splat = dense.isSplat() && count != 1;
    out_data->is_packed = isBit && !dense.isSplat();
    out_data->bytes = raw.data();
    out_data->num_bytes = raw.size();
    out_data->want_bytes = dense.isSplat() ? width : count * width;
    if (out_data->is_packed)
      out_data->want_bytes = (count + 7) / 8;
    if (isBit && dense.isSplat()) {
      // A splat of true is kept as 0xff.
      static const char bits[2] = {0, 1};
      out_data->bytes = &bits[dense.getSplatValue<bool>()];
    }
    return raw.size() == out_data->want_bytes ? GLN_DATA_OK
                                              : GLN_DATA_WRONG_LENGTH;
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(attribute);
  if (!resource)
    return GLN_DATA_UNSUPPORTED;
  DenseResourceElementsHandle handle = resource.getRawHandle();
  out_data->key = handle.getKey().data();
  out_data->want_bytes = count * width;
  const AsmResourceBlob *blob = handle.getBlob();
  if (!blob)
    return handle.getKey() == "__elided__" ? GLN_DATA_ELIDED : GLN_DATA_MISSING;
  out_data->num_bytes = blob->getData().size();
  if (out_data->num_bytes != out_data->want_bytes)
    return GLN_DATA_WRONG_LENGTH;
  out_data->bytes = blob->getData().data();
  return GLN_DATA_OK;
}

void gln_data_drop(MlirAttribute attribute) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(unwrap(attribute)))
    resource.getRawHandle().getResource()->setBlob(AsmResourceBlob());
}

const char *gln_data_status_text(gln_data_status status) {
  switch (status) {
  case GLN_DATA_OK:
    return "is readable";
  case GLN_DATA_ELIDED:
    return "is elided";
  case GLN_DATA_MISSING:
    return "is missing from the file";
  case GLN_DATA_WRONG_LENGTH:
    return "has the wrong length";
  case GLN_DATA_UNSUPPORTED:
    break;
  }
  return "is not dense data of a number type";
}
