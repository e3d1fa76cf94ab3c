// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocks: every tile cut out, run by its kernel, and put back.

#include "interp/kernel_internal.h"
#include "interp/scalar_eval.h"
#include "kernel/words_internal.h"
#include "view/try.h"

#include <string.h>

// One tile: where it starts and how far it goes, in the dimensions of the block.
typedef struct tile {
  int64_t start[GLN_SPEC_MAX_DIMS];
  int64_t extents[GLN_SPEC_MAX_DIMS];
  gln_spec spec;
  gln_origin origin[GLN_SPEC_MAX_DIMS];
} tile;

// The box of operand |k| that the tile reads, in row-major order. Simplifying the
// tile merges neighbouring rows and drops unit rows: the elements stay in order.
static eg_status cut(const gln_block *block, const tile *t, size_t k,
                     const gln_array *from, eg_allocator allocator,
                     gln_array *out, eg_error *error) {
  gln_spec whole = block->spec;
  int64_t offset[GLN_SPEC_MAX_RANK], box[GLN_SPEC_MAX_RANK];
  int64_t inside[GLN_SPEC_MAX_RANK], index[GLN_MAX_RANK] = {0};
  gln_spec_operand_box(&whole, k, NULL, offset);
  memcpy(whole.dims, t->extents, sizeof whole.dims);
  gln_spec_operand_box(&whole, k, box, inside);
  const gln_spec_operand *o = &whole.operands[k];
  // The tile's lowest index is at map(start) less what its own offset adds.
  for (size_t d = 0; d < o->rank; ++d) {
    offset[d] -= inside[d];
    for (size_t i = 0; i < whole.num_dims; ++i)
      offset[d] += o->coef[d][i] * t->start[i];
  }
  gln_shape shape;
  glni_spec_shape(&t->spec, k, &shape);
  GLN_TRY(gln_array_init(out, &shape, allocator, error));
  gln_shape cut_shape = {.type = shape.type, .rank = o->rank};
  memcpy(cut_shape.dims, box, o->rank * sizeof *box);
  int64_t num = gln_shape_num_elements(&shape);
  for (int64_t n = 0; n < num; ++n) {
    gln_shape_position(&cut_shape, n, index);
    for (size_t d = 0; d < o->rank; ++d)
      index[d] += offset[d];
    gln_array_set(out, n,
                  gln_array_get(from, gln_shape_linear(&from->shape, index)));
  }
  return EG_OK;
}

// The position in the block's result of element |n| of the tile's result.
static int64_t result_position(const gln_block *block, const tile *t,
                               const gln_shape *whole, const gln_shape *part,
                               int64_t n) {
  int64_t position[GLN_MAX_RANK], index[GLN_MAX_RANK];
  gln_shape_position(part, n, position);
  for (size_t d = 0; d < block->spec.num_parallel; ++d)
    index[d] = t->start[d];
  for (size_t i = 0; i < t->spec.num_parallel; ++i) {
    int64_t rest = position[i];
    for (size_t g = t->origin[i].num; g--;) {
      uint8_t d = t->origin[i].dims[g];
      index[d] += rest % t->extents[d];
      rest /= t->extents[d];
    }
  }
  return gln_shape_linear(whole, index);
}

static eg_status put(const gln_block *block, const tile *t,
                     const gln_array *from, bool first, gln_array *out,
                     eg_error *error) {
  int64_t num = gln_shape_num_elements(&from->shape);
  for (int64_t n = 0; n < num; ++n) {
    int64_t at = result_position(block, t, &out->shape, &from->shape, n);
    gln_scalar both[] = {gln_array_get(out, at), gln_array_get(from, n)};
    gln_scalar x = both[1];
    if (!first)
      GLN_TRY(gln_scalar_eval(glni_combine_op(&block->spec), block->spec.result,
                              both, 2, &x, error));
    gln_array_set(out, at, x);
  }
  return EG_OK;
}

// The kernel that runs a tile: the whole one, or that of its set of tails.
static eg_class kernel_of(const gln_block *block, const tile *t,
                          const eg_class *children) {
  size_t set = 0, bit = 0;
  for (size_t d = 0; d < block->spec.num_dims; ++d) {
    if (gln_block_last(block, d) == block->tile[d])
      continue;
    set |= (size_t)(t->extents[d] != block->tile[d]) << bit++;
  }
  return set ? children[1 + set] : children[0];
}

static eg_status run_tile(const gln_lang *lang, const eg_choice *choice,
                          const gln_block *block, const tile *t,
                          const eg_class *children,
                          const gln_array *const *operands, bool first,
                          eg_allocator allocator, gln_array *out,
                          eg_error *error) {
  gln_array boxes[GLN_SPEC_MAX_OPERANDS], result;
  const gln_array *read[GLN_SPEC_MAX_OPERANDS];
  eg_status status = EG_OK;
  memset(boxes, 0, sizeof boxes);
  memset(&result, 0, sizeof result);
  for (size_t k = 0; k < block->spec.num_operands; ++k) {
    read[k] = &boxes[k];
    if (status == EG_OK)
      status = cut(block, t, k, operands[k], allocator, &boxes[k], error);
  }
  if (status == EG_OK)
    status = gln_interp_kernel(lang, choice, kernel_of(block, t, children),
                               read, allocator, &result, error);
  if (status == EG_OK)
    status = put(block, t, &result, first, out, error);
  for (size_t k = 0; k < GLN_SPEC_MAX_OPERANDS; ++k)
    gln_array_fini(&boxes[k]);
  gln_array_fini(&result);
  return status;
}

// Moves to the next tile in the order of the grid; false after the last.
static bool next_tile(const gln_block *block, tile *t) {
  for (size_t i = block->num_grid; i--;) {
    uint8_t d = block->order[i];
    t->start[d] += block->tile[d];
    if (t->start[d] < block->spec.dims[d])
      return true;
    t->start[d] = 0;
  }
  return false;
}

eg_status glni_eval_block(const gln_lang *lang, const eg_choice *choice,
                          eg_node node, const gln_array *const *operands,
                          eg_allocator allocator, gln_array *out,
                          eg_error *error) {
  gln_block block;
  uint32_t num;
  gln_shape shape;
  tile t;
  const eg_class *children = eg_node_children(lang->graph, node, &num);
  gln_node_block(lang, node, &block);
  glni_spec_result(&block.spec, &shape);
  GLN_TRY(gln_array_init(out, &shape, allocator, error));
  memset(&t, 0, sizeof t);
  do {
    bool first = true;
    for (size_t d = 0; d < block.spec.num_dims; ++d) {
      int64_t left = block.spec.dims[d] - t.start[d];
      t.extents[d] = left < block.tile[d] ? left : block.tile[d];
      first &= d < block.spec.num_parallel || t.start[d] == 0;
    }
    GLN_TRY(gln_spec_tile(&block.spec, t.extents, &t.spec, t.origin, error));
    GLN_TRY(run_tile(lang, choice, &block, &t, children, operands, first,
                     allocator, out, error));
  } while (next_tile(&block, &t));
  return EG_OK;
}
