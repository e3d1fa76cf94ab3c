// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between import.c, import_op.c and import_map.c.
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

// What is known of a value of the block at hand.
typedef struct glni_known {
  MlirValue value;
  bool is_input; // comes from outside the graph
  bool is_pair;  // of |parts|, both of |shape|, where `shift` may have been
  eg_class parts[2];
  gln_shape shape; // of the value; of each part if a pair
} glni_known;

typedef struct glni_block {
  gln_import *import;
  size_t number;
  size_t position; // of the op at hand
  glni_known *known;
  size_t num_known, max_known;
  uint32_t *slots; // hash table: 1 + number in |known|
  size_t num_slots;
  MlirOperation table_op; // where |table| was made
  MlirSymbolTable table;
  eg_error error; // of the op at hand
} glni_block;

//===-- import.c ----------------------------------------------------------===//

glni_known *glni_find(const glni_block *block, MlirValue value);
EG_NODISCARD
eg_status glni_know(glni_block *block, const glni_known *known);
// The value as one array; an input if nothing is known. EG_INVALID for a type
// that the language lacks.
EG_NODISCARD
eg_status glni_class_of(glni_block *block, MlirValue value, eg_class *out,
                        gln_shape *out_shape);
// The error of the last call on the graph as the block's. Returns |status|.
eg_status glni_check(glni_block *block, eg_status status);

//===-- import_op.c -------------------------------------------------------===//

// An access op into the graph. Any failure but EG_NO_MEMORY: it stays on the
// host, for the reason in block->error.
EG_NODISCARD
eg_status glni_import_op(glni_block *block, MlirOperation op);
// The view node of a class, NULL if it has none, and the class it reads.
const gln_view *glni_view_of(const gln_import *import, eg_class id,
                             eg_class *out_source);
// Adds |view|, which is destroyed; NULL passes |status| on.
EG_NODISCARD
eg_status glni_add_view(glni_block *block, eg_status status, gln_view *view,
                        eg_class of, eg_class *out);
// A pair as one array.
EG_NODISCARD
eg_status glni_join_pair(glni_block *block, const glni_known *pair,
                         eg_class *out);

//===-- import_map.c ------------------------------------------------------===//

// body(operands…) on arrays of the extents of |shape|, as one apply and perhaps
// a view. Takes the body, which has one result.
EG_NODISCARD
eg_status glni_import_map(glni_block *block, gln_scalar_body *body,
                          const eg_class *operands, const gln_shape *shape,
                          eg_class *out);
// i[dim] as an array of |shape|.
EG_NODISCARD
eg_status glni_import_iota(glni_block *block, const gln_shape *shape,
                           uint32_t dim, eg_class *out);

#endif
