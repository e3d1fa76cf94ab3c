// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// linalg.pack and linalg.unpack: a blocked layout is a reshape and a transpose.
//
//   pack    (r, c) ──pad──► (R*8, C*4) ──reshape──► (R, 8, C, 4)
//           ──transpose──► (R, C, 8, 4), or in the orders the op names
//   unpack  the same backwards, and a slice
#include "bridge/convert_internal.h"

static const MlirValue none = {NULL};

typedef struct {
  size_t rank, num_tiles;
  int64_t outer[GLN_MAX_RANK]; // number of tiles of each dimension
  int64_t tile[GLN_MAX_RANK];  // its tile size; 0: not tiled
  gln_shape split;             // (outer, tile) of each dimension, in order
  int64_t perm[GLN_MAX_RANK];  // packed dimension → dimension of |split|
} packing;

static size_t read_list(MlirOperation op, const char *name, int64_t *out) {
  MlirAttribute list = mlirOperationGetAttributeByName(op, gln_string(name));
  if (mlirAttributeIsNull(list) || !mlirAttributeIsADenseI64Array(list))
    return 0;
  size_t num = (size_t)mlirDenseArrayGetNumElements(list);
  for (size_t i = 0; i < num && i < GLN_MAX_RANK; ++i)
    out[i] = mlirDenseI64ArrayGetElement(list, (intptr_t)i);
  return num < GLN_MAX_RANK ? num : GLN_MAX_RANK;
}

// |packed| has the outer dimensions, in the order of outer_dims_perm, and then
// the tiles.
static bool read_packing(gln_build *build, MlirOperation op,
                         const gln_shape *plain, const gln_shape *packed,
                         packing *out) {
  int64_t position[GLN_MAX_RANK], order[GLN_MAX_RANK];
  size_t where[GLN_MAX_RANK];
  *out = (packing){.rank = plain->rank};
  out->num_tiles = read_list(op, "inner_dims_pos", position);
  if (build->error.status || packed->rank != plain->rank + out->num_tiles) {
    gln_build_fail(build, "the tiles do not fit the shapes");
    return false;
  }
  if (read_list(op, "outer_dims_perm", order) != plain->rank)
    for (size_t d = 0; d < plain->rank; ++d)
      order[d] = (int64_t)d;
  for (size_t d = 0; d < plain->rank; ++d)
    out->outer[order[d]] = packed->dims[d];
  for (size_t i = 0; i < out->num_tiles; ++i)
    out->tile[position[i]] = packed->dims[plain->rank + i];
  gln_shape *split = &out->split;
  for (size_t d = 0; d < plain->rank; ++d) {
    where[d] = split->rank;
    split->dims[split->rank++] = out->outer[d];
    if (out->tile[d])
      split->dims[split->rank++] = out->tile[d];
  }
  split->num_access = split->rank;
  split->type = plain->type;
  for (size_t d = 0; d < plain->rank; ++d)
    out->perm[d] = (int64_t)where[order[d]];
  for (size_t i = 0; i < out->num_tiles; ++i)
    out->perm[plain->rank + i] = (int64_t)where[position[i]] + 1;
  return true;
}

// The extent of dimension |d| in whole tiles.
static int64_t whole_extent(const packing *p, size_t d) {
  return p->outer[d] * (p->tile[d] ? p->tile[d] : 1);
}

MlirValue glni_convert_pack(gln_build *build, MlirOperation op) {
  MlirValue source = mlirOperationGetOperand(op, 0);
  gln_shape plain = gln_build_shape(build, source);
  gln_shape packed = gln_build_shape(build, mlirOperationGetResult(op, 0));
  gln_op_attrs attrs = {.high = {NULL, 0}};
  int64_t low[GLN_MAX_RANK] = {0}, high[GLN_MAX_RANK];
  packing p;
  bool pads = false;
  if (!read_packing(build, op, &plain, &packed, &p))
    return none;
  for (size_t d = 0; d < p.rank; ++d) {
    high[d] = whole_extent(&p, d) - plain.dims[d];
    pads |= high[d] != 0;
  }
  MlirValue value = gln_build_at(build, source, p.rank);
  if (pads) {
    // The padding value is the operand behind source and destination.
    if (mlirOperationGetNumOperands(op) != 3 ||
        !gln_body_constant(mlirOperationGetOperand(op, 2), &attrs.value))
      return gln_build_fail(build, "the padding value is not constant");
    attrs.low = (gln_ints){low, p.rank};
    attrs.high = (gln_ints){high, p.rank};
    value = gln_build_access(build, GLN_OP_PAD, &attrs, &value, 1, NULL);
  }
  value = gln_build_reshape(build, value, &p.split);
  return gln_build_tensor(build, gln_build_transpose(build, value, p.perm));
}

MlirValue glni_convert_unpack(gln_build *build, MlirOperation op) {
  MlirValue source = mlirOperationGetOperand(op, 0);
  gln_shape packed = gln_build_shape(build, source);
  gln_shape plain = gln_build_shape(build, mlirOperationGetResult(op, 0));
  int64_t back[GLN_MAX_RANK], zeros[GLN_MAX_RANK] = {0}, ones[GLN_MAX_RANK];
  packing p;
  if (!read_packing(build, op, &plain, &packed, &p))
    return none;
  gln_shape whole = plain;
  whole.num_access = whole.rank;
  for (size_t i = 0; i < packed.rank; ++i)
    back[p.perm[i]] = (int64_t)i;
  for (size_t d = 0; d < p.rank; ++d) {
    whole.dims[d] = whole_extent(&p, d);
    ones[d] = 1;
  }
  MlirValue value = gln_build_at(build, source, packed.rank);
  value = gln_build_transpose(build, value, back);
  value = gln_build_reshape(build, value, &whole);
  value = gln_build_slice(build, value, zeros, plain.dims, ones);
  return gln_build_tensor(build, value);
}
