// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between the files that import a block.
#ifndef GLN_BRIDGE_IMPORT_INTERNAL_H
#define GLN_BRIDGE_IMPORT_INTERNAL_H

#include "bridge/body.h"
#include "bridge/import.h"

#define TRY(expr)                                                              \
  do {                                                                         \
    eg_status try_status = (expr);                                             \
    if (try_status != EG_OK)                                                   \
      return try_status;                                                       \
  } while (0)

// An array before it is a class: |source| read through |view|, NULL for as it
// is. Views of a chain compose here, so that only what a kernel, an anchor or
// the host reads becomes a node.
//
// |view| is |tail| ∘ |head|: the tail is affine and has no fill. Padding of an
// array that a contraction left with its pixels in one dimension is a box of the
// head's result, but not of the source.
typedef struct glni_array {
  eg_class source;
  const gln_view *view, *head, *tail; // of the block or the graph; NULL: as is
  gln_shape shape;                    // of the array, with its split
} glni_array;

// What is known of a value of the block at hand.
typedef struct glni_known {
  MlirValue value;
  bool is_input; // comes from outside the graph
  bool is_pair;  // of both arrays, both of one shape
  glni_array parts[2];
} glni_known;

typedef struct glni_block {
  gln_import *import;
  size_t number;
  size_t position; // of the op at hand
  glni_known *known;
  size_t num_known, max_known;
  uint32_t *slots; // hash table: 1 + number in |known|
  size_t num_slots;
  gln_view **views; // owned: those of arrays
  size_t num_views, max_views;
  MlirOperation table_op; // where |table| was made
  MlirSymbolTable table;
  eg_error error; // of the op at hand
} glni_block;

//===-- import_known.c ----------------------------------------------------===//

// Room for one more of |num| items of |size| bytes in the list at |items|.
bool glni_grow(const eg_allocator *memory, void *items, size_t num,
               size_t *capacity, size_t size);
void glni_release(const eg_allocator *memory, void *items, size_t capacity,
                  size_t size);
// Room for one more entry of list |name| of an import.
#define ROOM(import, name)                                                     \
  glni_grow(&(import)->memory, &(import)->name, (import)->num_##name,          \
            &(import)->max_##name, sizeof *(import)->name)
eg_status glni_no_memory(eg_error *error);
// The first position of the block where the value is there. O(ops).
size_t glni_available(const glni_block *block, MlirValue value);

glni_known *glni_find(const glni_block *block, MlirValue value);
EG_NODISCARD
eg_status glni_know(glni_block *block, const glni_known *known);
// The value as one array; an input if nothing is known. EG_INVALID for a type
// that the language lacks.
EG_NODISCARD
eg_status glni_read(glni_block *block, MlirValue value, glni_array *out);
// The class of an array: its view becomes a node.
EG_NODISCARD
eg_status glni_class_of(glni_block *block, const glni_array *array,
                        eg_class *out);
// Lets the block own |view|; *out is it, or NULL for an identity. Passes a
// |status| that is not EG_OK on.
EG_NODISCARD
eg_status glni_own(glni_block *block, eg_status status, gln_view *view,
                   const gln_view **out);
// The array that |view| reads from a class; NULL: the class itself.
glni_array glni_array_of(eg_class source, const gln_view *view);
// The error of the last call on the graph as the block's. Returns |status|.
eg_status glni_check(glni_block *block, eg_status status);

//===-- import_view.c -----------------------------------------------------===//

// The view that the op is; EG_NOT_FOUND when it is none.
EG_NODISCARD
eg_status glni_make_view(const eg_allocator *memory, const gln_access_use *use,
                         gln_view **out, eg_error *error);
EG_NODISCARD
eg_status glni_import_pair(glni_block *block, MlirOperation op,
                           const gln_access_use *use);
// The |want| operands of a kernel: the op's own, or the parts of a single one.
EG_NODISCARD
eg_status glni_read_operands(glni_block *block, MlirOperation op, size_t want,
                             glni_array *out);
// *array read through |view|, which is destroyed. Composes; where two fills
// meet, the inner view becomes a node. Passes a |status| on.
EG_NODISCARD
eg_status glni_view_array(glni_block *block, eg_status status, gln_view *view,
                          glni_array *array);
// A pair as one array.
EG_NODISCARD
eg_status glni_join_pair(glni_block *block, const glni_known *pair,
                         glni_array *out);

//===-- import_reduce.c ---------------------------------------------------===//

// ⊕ over the items of |num| operands of equal dimensions, as one apply and a
// view.
EG_NODISCARD
eg_status glni_import_reduction(glni_block *block, gln_combine combine,
                                gln_type type, const glni_array *operands,
                                size_t num, glni_array *out);

//===-- import_op.c -------------------------------------------------------===//

// An access op into the graph. Any failure but EG_NO_MEMORY: it stays on the
// host, for the reason in block->error.
EG_NODISCARD
eg_status glni_import_op(glni_block *block, MlirOperation op);

//===-- import_map.c ------------------------------------------------------===//

// body(operands…) on arrays of the extents of |shape|, as one apply and perhaps
// a view. Takes the body, which has one result. |shape| may be out->shape.
EG_NODISCARD
eg_status glni_import_map(glni_block *block, gln_scalar_body *body,
                          const glni_array *operands, const gln_shape *shape,
                          glni_array *out);
// i[dim] as an array of |shape|.
EG_NODISCARD
eg_status glni_import_iota(glni_block *block, const gln_shape *shape,
                           uint32_t dim, glni_array *out);

#endif
