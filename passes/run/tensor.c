// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arrays for compiled code: from MLIR types and constants, random, compared.
#include "run/tensor.h"

#include "run/random.h"

#include "mlir-c/BuiltinTypes.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

//===-- Types -------------------------------------------------------------===//

bool gln_type_of_mlir(MlirType type, gln_type *out) {
  static const struct {
    unsigned width;
    gln_type type;
  } integers[] = {{1, GLN_TYPE_I1},
                  {8, GLN_TYPE_I8},
                  {16, GLN_TYPE_I16},
                  {32, GLN_TYPE_I32},
                  {64, GLN_TYPE_I64}};
  if (mlirTypeIsAInteger(type)) {
    for (size_t i = 0; i < sizeof integers / sizeof *integers; ++i)
      if (mlirIntegerTypeGetWidth(type) == integers[i].width) {
        *out = integers[i].type;
        return true;
      }
    return false;
  }
  if (mlirTypeIsAF32(type))
    *out = GLN_TYPE_F32;
  else if (mlirTypeIsAF64(type))
    *out = GLN_TYPE_F64;
  else if (mlirTypeIsAF16(type))
    *out = GLN_TYPE_F16;
  else if (mlirTypeIsABF16(type))
    *out = GLN_TYPE_BF16;
  else if (mlirTypeIsAIndex(type))
    *out = GLN_TYPE_INDEX;
  else
    return false;
  return true;
}

bool gln_tensor_of_type(MlirType type, gln_tensor *tensor,
                        const char **out_why) {
  *tensor = (gln_tensor){.count = 1};
  *out_why = "it is neither a tensor of known rank nor a number";
  MlirType element = type;
  if (mlirTypeIsARankedTensor(type)) {
    element = mlirShapedTypeGetElementType(type);
    *out_why = "its shape is dynamic";
    if (!mlirShapedTypeHasStaticShape(type))
      return false;
    *out_why = "it has more than 16 dimensions";
    if (mlirShapedTypeGetRank(type) > GLN_TENSOR_MAX_RANK)
      return false;
    tensor->rank = (int)mlirShapedTypeGetRank(type);
    *out_why = "it has more elements than memory can hold";
    for (int i = 0; i < tensor->rank; ++i) {
      tensor->shape[i] = mlirShapedTypeGetDimSize(type, i);
      if (__builtin_mul_overflow(tensor->count, (size_t)tensor->shape[i],
                                 &tensor->count))
        return false;
    }
    *out_why = "its elements are none of f64 f32 f16 bf16 i1 i8 i16 i32 i64 "
               "index";
  } else {
    tensor->is_number = true;
  }
  if (!gln_type_of_mlir(element, &tensor->type))
    return false;
  *out_why = "it has more elements than memory can hold";
  if (__builtin_mul_overflow(tensor->count, gln_type_bytes(tensor->type),
                             &tensor->num_bytes) ||
      tensor->num_bytes > PTRDIFF_MAX)
    return false;
  *out_why = "";
  return true;
}

bool gln_memref_bytes(MlirType type, size_t *out) {
  gln_type element;
  if (!mlirTypeIsAMemRef(type) || !mlirShapedTypeHasStaticShape(type) ||
      !gln_type_of_mlir(mlirShapedTypeGetElementType(type), &element))
    return false;
  *out = gln_type_bytes(element);
  for (intptr_t d = 0; d < mlirShapedTypeGetRank(type); ++d)
    if (__builtin_mul_overflow(*out, (size_t)mlirShapedTypeGetDimSize(type, d),
                               out))
      return false;
  return true;
}

bool gln_tensor_same_type(const gln_tensor *a, const gln_tensor *b) {
  return a->type == b->type && a->rank == b->rank &&
         a->is_number == b->is_number &&
         !memcmp(a->shape, b->shape, sizeof a->shape);
}

void gln_tensor_print_type(const gln_tensor *tensor, char *text, size_t size) {
  size_t length = 0;
  text[0] = '\0';
  if (!tensor->is_number)
    length = (size_t)snprintf(text, size, "tensor<");
  for (int i = 0; i < tensor->rank && length < size; ++i)
    length += (size_t)snprintf(text + length, size - length, "%" PRId64 "x",
                               tensor->shape[i]);
  if (length < size)
    snprintf(text + length, size - length, "%s%s", gln_type_name(tensor->type),
             tensor->is_number ? "" : ">");
}

//===-- Memory ------------------------------------------------------------===//

// An empty tensor still gets a byte, so that its pointer is not null.
static size_t block_bytes(const gln_tensor *tensor) {
  return tensor->num_bytes ? tensor->num_bytes : 1;
}

bool gln_tensor_alloc(gln_tensor *tensor, const eg_allocator *allocator) {
  size_t bytes = block_bytes(tensor);
  tensor->data = allocator->resize(allocator->user, NULL, 0, bytes);
  if (!tensor->data)
    return false;
  memset(tensor->data, 0, bytes);
  tensor->is_owned = true;
  return true;
}

void gln_tensor_fini(gln_tensor *tensor, const eg_allocator *allocator) {
  if (tensor->is_owned)
    allocator->resize(allocator->user, tensor->data, block_bytes(tensor), 0);
  tensor->data = NULL;
  tensor->is_owned = false;
}

bool gln_tensor_set(gln_tensor *tensor, const gln_data *data,
                    const eg_allocator *allocator) {
  const char *bytes = data->bytes;
  size_t width = gln_type_bytes(tensor->type);
  if (!data->is_splat && !data->is_packed && tensor->count &&
      (uintptr_t)bytes % width == 0) {
    tensor->data = (void *)(uintptr_t)bytes;
    return true;
  }
  if (!gln_tensor_alloc(tensor, allocator))
    return false;
  char *to = tensor->data;
  if (data->is_packed)
    for (size_t i = 0; i < tensor->count; ++i)
      to[i] = bytes[i / 8] >> (i % 8) & 1;
  else if (data->is_splat)
    for (size_t i = 0; i < tensor->count; ++i)
      memcpy(to + i * width, bytes, width);
  else if (tensor->num_bytes)
    memcpy(to, bytes, tensor->num_bytes);
  return true;
}

void gln_tensor_randomize(gln_tensor *tensor, uint64_t seed, uint64_t index,
                          uint32_t integers) {
  // Weights take the streams of the seed itself.
  uint64_t state = gln_random_stream(~seed, index);
  size_t width = gln_type_bytes(tensor->type);
  bool is_float = gln_type_is_float(tensor->type);
  for (size_t i = 0; i < tensor->count; ++i) {
    gln_scalar value;
    if (is_float)
      value = gln_scalar_from_double(tensor->type, gln_random_normal(&state));
    else
      value = gln_scalar_from_uint(
          tensor->type, (gln_random_bits(&state) >> 32) * integers >> 32);
    gln_scalar_store(value, (char *)tensor->data + i * width);
  }
}

//===-- Descriptors -------------------------------------------------------===//

void gln_tensor_describe(const gln_tensor *tensor, int64_t *words) {
  int64_t stride = 1;
  words[0] = words[1] = (int64_t)(intptr_t)tensor->data;
  words[2] = 0;
  for (int i = tensor->rank - 1; i >= 0; --i) {
    words[3 + i] = tensor->shape[i];
    words[3 + tensor->rank + i] = stride;
    stride *= tensor->shape[i];
  }
}

void gln_tensor_gather(gln_tensor *tensor, const int64_t *words) {
  const int64_t *strides = words + 3 + tensor->rank;
  size_t width = gln_type_bytes(tensor->type);
  const char *from = (const char *)(intptr_t)words[1];
  char *to = tensor->data;
  int64_t position[GLN_TENSOR_MAX_RANK] = {0};
  for (size_t n = 0; n < tensor->count; ++n) {
    int64_t at = words[2];
    for (int i = 0; i < tensor->rank; ++i)
      at += position[i] * strides[i];
    memcpy(to + n * width, from + at * (int64_t)width, width);
    for (int i = tensor->rank - 1; i >= 0; --i) {
      if (++position[i] < tensor->shape[i])
        break;
      position[i] = 0;
    }
  }
}

//===-- Comparison --------------------------------------------------------===//

static gln_scalar element(const gln_tensor *tensor, size_t n) {
  return gln_scalar_load(tensor->type, (const char *)tensor->data +
                                           n * gln_type_bytes(tensor->type));
}

static double number(const gln_tensor *tensor, size_t n) {
  if (tensor->type == GLN_TYPE_F32)
    return (double)((const float *)tensor->data)[n];
  gln_scalar value = element(tensor, n);
  // Signed, an i1 would be 0 or -1.
  return tensor->type == GLN_TYPE_I1 ? (double)value.bits
                                     : gln_scalar_to_double(value);
}

// Sets what |out| says of the reference alone.
static void judge_reference(const gln_tensor *reference, gln_comparison *out) {
  bool varies = reference->count <= 1;
  for (size_t i = 0; i < reference->count; ++i) {
    double value = number(reference, i);
    if (!isfinite(value)) {
      out->verdict = GLN_REFERENCE_NOT_FINITE;
      out->worst = i;
      return;
    }
    out->max_reference = fmax(out->max_reference, fabs(value));
    varies = varies ||
             !gln_scalar_equal(element(reference, 0), element(reference, i));
  }
  if (!varies)
    out->verdict = GLN_REFERENCE_CONSTANT;
}

gln_comparison gln_tensor_compare(const gln_tensor *ours,
                                  const gln_tensor *reference,
                                  double tolerance) {
  gln_comparison out = {.verdict = GLN_AGREE};
  bool is_float = gln_type_is_float(reference->type);
  judge_reference(reference, &out);
  out.bound = is_float ? tolerance * out.max_reference : 0;
  for (size_t i = 0; i < reference->count; ++i) {
    double a = number(ours, i), b = number(reference, i);
    double error = isfinite(a) ? fabs(a - b) : INFINITY;
    // Doubles do not hold every 64-bit integer.
    if (!is_float && error < 1 &&
        !gln_scalar_equal(element(ours, i), element(reference, i)))
      error = 1;
    if (error > out.max_error) {
      out.max_error = error;
      out.worst = i;
    }
  }
  if (out.verdict == GLN_AGREE && !(out.max_error <= out.bound))
    out.verdict = GLN_DIFFER;
  if (reference->count) {
    out.ours = number(ours, out.worst);
    out.reference = number(reference, out.worst);
  }
  return out;
}

const char *gln_verdict_text(gln_verdict verdict) {
  switch (verdict) {
  case GLN_AGREE:
    return "agrees";
  case GLN_DIFFER:
    return "differs";
  case GLN_REFERENCE_CONSTANT:
    return "reference is constant";
  case GLN_REFERENCE_NOT_FINITE:
    return "reference is not finite";
  }
  return "unknown";
}

gln_range gln_tensor_get_range(const gln_tensor *tensor) {
  gln_range out = {.min = NAN, .max = NAN, .mean = NAN};
  double sum = 0;
  for (size_t i = 0; i < tensor->count; ++i) {
    double value = number(tensor, i);
    out.min = fmin(out.min, value);
    out.max = fmax(out.max, value);
    sum += value;
    out.num_not_finite += !isfinite(value);
  }
  if (tensor->count)
    out.mean = sum / (double)tensor->count;
  return out;
}
