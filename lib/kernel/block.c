// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Grids and tails of a block.
#include "kernel/block.h"

#include <inttypes.h>
#include <string.h>

int64_t gln_block_trips(const gln_block *block, size_t dim) {
  return (block->spec.dims[dim] + block->tile[dim] - 1) / block->tile[dim];
}

int64_t gln_block_last(const gln_block *block, size_t dim) {
  return block->spec.dims[dim] -
         (gln_block_trips(block, dim) - 1) * block->tile[dim];
}

static size_t ragged_dims(const gln_block *block, uint8_t *out) {
  size_t num = 0;
  for (size_t d = 0; d < block->spec.num_dims; ++d)
    if (gln_block_last(block, d) != block->tile[d])
      out[num++] = (uint8_t)d;
  return num;
}

eg_status gln_block_check(const gln_block *block, eg_error *error) {
  const gln_spec *spec = &block->spec;
  bool gridded[GLN_SPEC_MAX_DIMS] = {false};
  size_t num_grid = 0;
  for (size_t d = 0; d < spec->num_dims; ++d) {
    if (block->tile[d] < 1 || block->tile[d] > spec->dims[d])
      return gln_fail(error, EG_INVALID,
                      "tile of %" PRId64 " in dimension %zu of extent %" PRId64,
                      block->tile[d], d, spec->dims[d]);
    gridded[d] = gln_block_trips(block, d) > 1;
    num_grid += gridded[d];
  }
  if (block->num_grid != num_grid)
    return gln_fail(error, EG_INVALID,
                    "order of %u dimensions, %zu are gridded", block->num_grid,
                    num_grid);
  for (size_t i = 0; i < num_grid; ++i) {
    uint8_t d = block->order[i];
    if (d >= spec->num_dims || !gridded[d])
      return gln_fail(error, EG_INVALID,
                      "order names dimension %u, which is not gridded or was "
                      "named before",
                      d);
    gridded[d] = false;
  }
  uint8_t ragged[GLN_SPEC_MAX_DIMS];
  if (ragged_dims(block, ragged) > GLN_BLOCK_MAX_RAGGED)
    return gln_fail(error, EG_INVALID, "more than %d ragged dimensions",
                    GLN_BLOCK_MAX_RAGGED);
  return EG_OK;
}

size_t gln_block_tails(const gln_block *block,
                       int64_t out_tails[][GLN_SPEC_MAX_DIMS]) {
  uint8_t ragged[GLN_SPEC_MAX_DIMS];
  size_t num = ragged_dims(block, ragged);
  size_t sets = (size_t)1 << num;
  for (size_t set = 1; set < sets; ++set) {
    memcpy(out_tails[set - 1], block->tile, sizeof block->tile);
    for (size_t i = 0; i < num; ++i)
      if (set >> i & 1)
        out_tails[set - 1][ragged[i]] = gln_block_last(block, ragged[i]);
  }
  return sets - 1;
}
