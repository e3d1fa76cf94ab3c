// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Views as chains of access ops: pad, then an affine read of digits, then a
// reshape that puts the digits together.
#include "bridge/export_internal.h"

#include <string.h>

static const MlirValue none = {NULL};

static gln_shape shape_of(const gln_view *view, gln_type type) {
  gln_shape shape = {.type = type, .rank = (uint8_t)gln_view_rank(view)};
  shape.num_access = shape.rank;
  memcpy(shape.dims, gln_view_extents(view), shape.rank * sizeof *shape.dims);
  return shape;
}

// Takes back what was built after |before|, and its failure.
static void undo(gln_build *build, size_t before) {
  while (build->num_made > before)
    mlirOperationDestroy(build->made[--build->num_made]);
  memset(&build->error, 0, sizeof build->error);
}

// The rows of an affine map as forms; false if there is none.
static bool read_forms(const gln_view *view, gln_linear *forms) {
  int64_t matrix[GLN_MAX_RANK * GLN_MAX_RANK], offset[GLN_MAX_RANK];
  size_t rank = gln_view_rank(view);
  if (!gln_view_is_affine(view, matrix, offset))
    return false;
  memset(forms, 0, gln_view_source_rank(view) * sizeof *forms);
  for (size_t j = 0; j < gln_view_source_rank(view); ++j) {
    memcpy(forms[j].coefs, matrix + j * rank, rank * sizeof *matrix);
    forms[j].constant = offset[j];
  }
  return true;
}

static MlirValue read_affine(glni_export *export, const gln_view *view,
                             const gln_linear *forms, MlirValue value,
                             gln_type type) {
  gln_shape space = shape_of(view, type);
  return gln_build_view(&export->convert.build, value, forms,
                        gln_view_source_rank(view), &space);
}

//===-- Padding -----------------------------------------------------------===//

// The pad in front of which |view| is its forms alone: as much as the forms
// leave the source. NULL if there is no such pad, or it would be huge.
static gln_view *find_pad(glni_export *export, const gln_view *view,
                          gln_linear *forms, int64_t *low, int64_t *high) {
  const eg_allocator *memory = &export->import->memory;
  size_t rank = gln_view_source_rank(view), num = gln_view_rank(view);
  const int64_t *dims = gln_view_source_extents(view);
  int64_t matrix[GLN_MAX_RANK * GLN_MAX_RANK], offset[GLN_MAX_RANK];
  gln_view *pad = NULL, *linear = NULL, *both = NULL;
  gln_scalar fill;
  bool same = false;
  gln_view_has_fill(view, &fill);
  for (size_t j = 0; j < rank; ++j) {
    int64_t least, most;
    if (!gln_linear_range(&forms[j], gln_view_extents(view), &least, &most))
      return NULL;
    low[j] = least < 0 ? -least : 0;
    high[j] = most >= dims[j] ? most - dims[j] + 1 : 0;
    if (low[j] > 2 * dims[j] + 64 || high[j] > 2 * dims[j] + 64)
      return NULL;
    forms[j].constant += low[j];
    offset[j] = forms[j].constant;
    memcpy(matrix + j * num, forms[j].coefs, num * sizeof *matrix);
  }
  if (gln_view_pad(memory, rank, dims, low, high, fill, &pad, NULL) == EG_OK &&
      gln_view_affine(memory, rank, gln_view_extents(pad), num,
                      gln_view_extents(view), matrix, offset, &linear,
                      NULL) == EG_OK &&
      gln_view_compose(memory, linear, pad, &both, NULL) == EG_OK)
    same = gln_view_equal(both, view);
  gln_view_destroy(memory, both);
  gln_view_destroy(memory, linear);
  if (same)
    return pad;
  gln_view_destroy(memory, pad);
  return NULL;
}

static MlirValue read_padded(glni_export *export, const gln_view *view,
                             gln_linear *forms, MlirValue value,
                             gln_type type) {
  gln_build *build = &export->convert.build;
  int64_t low[GLN_MAX_RANK], high[GLN_MAX_RANK];
  size_t rank = gln_view_source_rank(view);
  gln_view *pad = find_pad(export, view, forms, low, high);
  gln_op_attrs attrs = {.low = {low, rank}, .high = {high, rank}};
  if (!pad)
    return none;
  gln_view_has_fill(view, &attrs.value);
  gln_view_destroy(&export->import->memory, pad);
  value = gln_build_any(build, value);
  value = gln_build_access(build, GLN_OP_PAD, &attrs, &value, 1, NULL);
  return read_affine(export, view, forms, value, type);
}

//===-- Sources that hold several dimensions in one -----------------------===//

// Source dimension |dim| as (extent / inner, inner): the shape, and |view| read
// from an array of it. NULL if that is no affine view.
static gln_view *split_source(glni_export *export, const gln_view *view,
                              size_t dim, int64_t inner, gln_shape *out_shape) {
  const eg_allocator *memory = &export->import->memory;
  size_t rank = gln_view_source_rank(view);
  const int64_t *extents = gln_view_source_extents(view);
  gln_view *join = NULL, *both = NULL;
  if (rank == GLN_MAX_RANK)
    return NULL;
  out_shape->rank = out_shape->num_access = 0;
  for (size_t j = 0; j < rank; ++j) {
    if (j == dim)
      out_shape->dims[out_shape->rank++] = extents[j] / inner;
    out_shape->dims[out_shape->rank++] = j == dim ? inner : extents[j];
  }
  out_shape->num_access = out_shape->rank;
  if (gln_view_reshape(memory, out_shape->rank, out_shape->dims, rank, extents,
                       &join, NULL) == EG_OK &&
      gln_view_compose(memory, view, join, &both, NULL) != EG_OK)
    both = NULL;
  gln_view_destroy(memory, join);
  if (both && gln_view_is_affine(both, NULL, NULL))
    return both;
  gln_view_destroy(memory, both);
  return NULL;
}

// Padding of pixels that are one dimension of the source, 8 y + x: the strides
// say where to part it, the largest first.
static MlirValue read_parted(glni_export *export, const gln_view *view,
                             const gln_linear *forms, MlirValue value,
                             gln_type type) {
  gln_build *build = &export->convert.build;
  const int64_t *extents = gln_view_source_extents(view);
  for (size_t j = 0; j < gln_view_source_rank(view); ++j) {
    for (size_t d = 0; d < gln_view_rank(view); ++d) {
      int64_t inner = forms[j].coefs[d];
      gln_shape shape = {.type = type};
      gln_linear parted_forms[GLN_MAX_RANK];
      if (inner < 2 || inner >= extents[j] || extents[j] % inner)
        continue;
      gln_view *parted = split_source(export, view, j, inner, &shape);
      if (!parted)
        continue;
      MlirValue result = none;
      size_t before = build->num_made;
      if (read_forms(parted, parted_forms)) {
        MlirValue source =
            gln_build_at(build, value, gln_view_source_rank(view));
        source = gln_build_reshape(build, source, &shape);
        result = read_padded(export, parted, parted_forms, source, type);
      }
      gln_view_destroy(&export->import->memory, parted);
      if (!mlirValueIsNull(result))
        return result;
      undo(build, before);
    }
  }
  return none;
}

//===-- All ---------------------------------------------------------------===//

static MlirValue filled(glni_export *export, const gln_view *view,
                        gln_scalar fill) {
  gln_build *build = &export->convert.build;
  gln_shape shape = shape_of(view, fill.type);
  MlirValue value = gln_build_at(build, gln_build_constant(build, fill), 0);
  return gln_build_broadcast(build, value, &shape);
}

// A chain, or null when no chain does it.
static MlirValue read_chain(glni_export *export, const gln_view *view,
                            MlirValue value, gln_type type) {
  gln_linear forms[GLN_MAX_RANK];
  if (!read_forms(view, forms))
    return none;
  if (!gln_view_has_fill(view, NULL))
    return read_affine(export, view, forms, value, type);
  gln_linear shifted[GLN_MAX_RANK];
  memcpy(shifted, forms, sizeof shifted);
  MlirValue result = read_padded(export, view, shifted, value, type);
  return mlirValueIsNull(result) ? read_parted(export, view, forms, value, type)
                                 : result;
}

static MlirValue read_split(glni_export *export, const gln_view *view,
                            MlirValue value, gln_type type) {
  const eg_allocator *memory = &export->import->memory;
  gln_build *build = &export->convert.build;
  gln_shape shape = shape_of(view, type);
  gln_view *split, *affine;
  uint8_t groups[GLN_VIEW_MAX_RANK];
  if (gln_view_is_affine(view, NULL, NULL))
    return read_chain(export, view, value, type);
  if (gln_view_split_affine(memory, view, &split, &affine, groups, NULL))
    return none;
  value = read_chain(export, affine, value, type);
  gln_view_destroy(memory, split);
  gln_view_destroy(memory, affine);
  if (mlirValueIsNull(value))
    return none;
  gln_shape digits = gln_build_shape(build, value);
  value = gln_build_at(build, value, digits.rank);
  return gln_build_reshape(build, value, &shape);
}

MlirValue glni_export_view(glni_export *export, const gln_view *view,
                           MlirValue value, gln_type type) {
  gln_build *build = &export->convert.build;
  gln_scalar fill;
  size_t before = build->num_made;
  if (build->error.status)
    return none;
  if (gln_view_is_constant(view) && gln_view_has_fill(view, &fill))
    return filled(export, view, fill);
  MlirValue result = read_split(export, view, value, type);
  if (!mlirValueIsNull(result) && !build->error.status)
    return result;
  undo(build, before); // what the chain got to
  ++export->counts->gathers;
  return glni_export_gather(export, view, glni_export_tensor(build, value),
                            type);
}
