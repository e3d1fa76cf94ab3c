// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shapes: making, checking, comparing, printing. The rules are in infer.c.
#include "view/shape.h"

#include "view/text.h"

#include <stdio.h>
#include <string.h>

eg_status gln_shape_make(gln_type type, const int64_t *access,
                         size_t num_access, const int64_t *item,
                         size_t num_item, gln_shape *out, eg_error *error) {
  if (num_access > GLN_MAX_RANK || num_item > GLN_MAX_RANK - num_access)
    return gln_fail(error, EG_LIMIT, "shape: %zu + %zu dimensions, at most %d",
                    num_access, num_item, GLN_MAX_RANK);
  gln_shape shape = {.type = type,
                     .rank = (uint8_t)(num_access + num_item),
                     .num_access = (uint8_t)num_access};
  for (size_t i = 0; i < num_access; ++i)
    shape.dims[i] = access[i];
  for (size_t i = 0; i < num_item; ++i)
    shape.dims[num_access + i] = item[i];
  eg_status status = gln_shape_check(&shape, error);
  if (status == EG_OK)
    *out = shape;
  return status;
}

eg_status gln_shape_check(const gln_shape *shape, eg_error *error) {
  if (!gln_type_is_valid((int)shape->type))
    return gln_fail(error, EG_INVALID, "shape: no element type %d",
                    (int)shape->type);
  if (shape->rank > GLN_MAX_RANK)
    return gln_fail(error, EG_LIMIT, "shape: %d dimensions, at most %d",
                    shape->rank, GLN_MAX_RANK);
  if (shape->num_access > shape->rank)
    return gln_fail(error, EG_INVALID,
                    "shape: %d access dimensions of %d dimensions",
                    shape->num_access, shape->rank);
  int64_t total = 1;
  for (int i = 0; i < shape->rank; ++i) {
    int64_t extent = shape->dims[i];
    if (extent < 1 || extent > GLN_MAX_EXTENT)
      return gln_fail(error, EG_INVALID,
                      "shape: dimension %d has extent %lld, not 1 to %lld", i,
                      (long long)extent, (long long)GLN_MAX_EXTENT);
    if (extent > GLN_MAX_ELEMENTS / total)
      return gln_fail(error, EG_LIMIT,
                      "shape: more than 2^62 elements up to dimension %d", i);
    total *= extent;
  }
  return EG_OK;
}

static int64_t product(const int64_t *dims, int from, int to) {
  int64_t result = 1;
  for (int i = from; i < to; ++i)
    result *= dims[i];
  return result;
}

int64_t gln_shape_num_elements(const gln_shape *shape) {
  return product(shape->dims, 0, shape->rank);
}

int64_t gln_shape_num_access_elements(const gln_shape *shape) {
  return product(shape->dims, 0, shape->num_access);
}

int64_t gln_shape_num_item_elements(const gln_shape *shape) {
  return product(shape->dims, shape->num_access, shape->rank);
}

bool gln_shape_same_dims(const gln_shape *a, const gln_shape *b) {
  if (a->rank != b->rank || a->num_access != b->num_access)
    return false;
  for (int i = 0; i < a->rank; ++i)
    if (a->dims[i] != b->dims[i])
      return false;
  return true;
}

bool gln_shape_equal(const gln_shape *a, const gln_shape *b) {
  return a->type == b->type && gln_shape_same_dims(a, b);
}

//===-- Text --------------------------------------------------------------===//

size_t gln_shape_print(const gln_shape *shape, char *buffer, size_t size) {
  glni_text w = {buffer, size, 0};
  glni_put(&w, "((");
  for (int i = 0; i < shape->rank; ++i) {
    if (i == shape->num_access)
      glni_put(&w, "),(");
    else if (i > 0)
      glni_put(&w, ",");
    glni_put(&w, "%lld", (long long)shape->dims[i]);
  }
  if (shape->num_access == shape->rank)
    glni_put(&w, "),(");
  glni_put(&w, ")) %s", gln_type_name(shape->type));
  return w.length;
}
