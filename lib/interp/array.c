// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Dense arrays: storage, access by number and by position, random contents.
#include "interp/array.h"

#include <string.h>

eg_status gln_array_init(gln_array *array, const gln_shape *shape,
                         eg_allocator allocator, eg_error *error) {
  *array = (gln_array){.allocator = allocator};
  eg_status status = gln_shape_check(shape, error);
  if (status)
    return status;
  uint64_t count = (uint64_t)gln_shape_num_elements(shape);
  unsigned bytes = gln_type_bytes(shape->type);
  if (count > (uint64_t)PTRDIFF_MAX / bytes) {
    char text[160];
    gln_shape_print(shape, text, sizeof text);
    return gln_fail(error, EG_LIMIT, "array: %s does not fit the memory", text);
  }
  size_t size = (size_t)count * bytes;
  void *data = allocator.resize(allocator.user, NULL, 0, size);
  if (!data)
    return gln_fail(error, EG_NO_MEMORY, "array: no memory for %zu bytes",
                    size);
  memset(data, 0, size);
  array->shape = *shape;
  array->data = data;
  array->num_bytes = size;
  return EG_OK;
}

void gln_array_fini(gln_array *array) {
  if (array->data)
    array->allocator.resize(array->allocator.user, array->data,
                            array->num_bytes, 0);
  *array = (gln_array){.allocator = array->allocator};
}

eg_status gln_array_copy(gln_array *array, const gln_array *from,
                         eg_allocator allocator, eg_error *error) {
  eg_status status = gln_array_init(array, &from->shape, allocator, error);
  if (status == EG_OK)
    memcpy(array->data, from->data, from->num_bytes);
  return status;
}

gln_scalar gln_array_get(const gln_array *array, int64_t n) {
  size_t at = (size_t)n * gln_type_bytes(array->shape.type);
  return gln_scalar_load(array->shape.type, (const char *)array->data + at);
}

void gln_array_set(gln_array *array, int64_t n, gln_scalar value) {
  size_t at = (size_t)n * gln_type_bytes(array->shape.type);
  gln_scalar_store(value, (char *)array->data + at);
}

int64_t gln_shape_linear(const gln_shape *shape, const int64_t *index) {
  int64_t n = 0;
  for (int d = 0; d < shape->rank; ++d)
    n = n * shape->dims[d] + index[d];
  return n;
}

void gln_shape_position(const gln_shape *shape, int64_t n, int64_t *index) {
  for (int d = shape->rank - 1; d >= 0; --d) {
    index[d] = n % shape->dims[d];
    n /= shape->dims[d];
  }
}

bool gln_array_equal(const gln_array *a, const gln_array *b) {
  if (!gln_shape_equal(&a->shape, &b->shape))
    return false;
  for (int64_t n = gln_shape_num_elements(&a->shape); n-- > 0;)
    if (gln_array_get(a, n).bits != gln_array_get(b, n).bits)
      return false;
  return true;
}

static uint64_t splitmix64(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

void gln_array_fill_random(gln_array *array, uint64_t *state, int64_t bound) {
  gln_type type = array->shape.type;
  int64_t scale = gln_type_is_float(type) ? 8 : 1;
  uint64_t choices = 2 * (uint64_t)(bound * scale) + 1;
  int64_t count = gln_shape_num_elements(&array->shape);
  for (int64_t n = 0; n < count; ++n) {
    int64_t value = (int64_t)(splitmix64(state) % choices) - bound * scale;
    gln_array_set(array, n,
                  gln_type_is_float(type)
                      ? gln_scalar_from_double(type, (double)value / 8)
                      : gln_scalar_from_int(type, value));
  }
}
