// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Access ops as linalg ops.
//
// A pattern is never stored. It is a *state*: a tensor that exists, and for
// each of its dimensions the linear form of the pattern's indices at which it
// is read. Views compose forms and build nothing; a computation becomes one
// linalg.generic with the forms as indexing maps. Only what is not linear makes
// a tensor: padding, concatenation, and a reshape that splits or joins.
#ifndef GLN_BRIDGE_LOWER_H
#define GLN_BRIDGE_LOWER_H

#include "bridge/body.h"
#include "bridge/build.h"

typedef struct gln_state {
  gln_shape shape;         // of the pattern
  MlirValue tensor;        // null: the pattern is the index map[0] itself, of
                           // shape.type, or a pair
  size_t rank;             // entries of |map|
  gln_linear *map;         // owned; over the dimensions of |shape|
  struct gln_state *parts; // owned: two states, of a pair; their dimensions are
                           // those of |shape| but the one at num_access
} gln_state;

// What is known of values, and ops in the making.
typedef struct gln_lower {
  gln_build build;
  struct gln_lower_slot *slots; // owned hash table by value
  size_t num, capacity;
} gln_lower;

void gln_lower_fini(gln_lower *lower);
// The state of a pattern or a tensor; NULL and an error if it has none. Valid
// until the next state is added.
const gln_state *gln_lower_find(gln_lower *lower, MlirValue value);
// Sets the state of |value| and takes |state|.
bool gln_lower_set(gln_lower *lower, MlirValue value, gln_state *state);

//===-- States ------------------------------------------------------------===//

void gln_state_fini(gln_state *state);
bool gln_state_copy(gln_state *out, const gln_state *from);
// The state of a tensor that is read at its own indices.
bool gln_state_of_tensor(gln_lower *lower, MlirValue tensor,
                         const gln_shape *shape, gln_state *out);
// |from| behind a view: its index d is read at forms[d] of |shape|'s indices.
bool gln_state_compose(gln_state *out, const gln_state *from,
                       const gln_linear *forms, const gln_shape *shape);
// Part |index| of |num| along the first item dimension, without it: of a pair
// or of a pattern.
bool gln_state_part(gln_lower *lower, const gln_state *from, size_t index,
                    gln_state *out);

// For an op that only shows elements of its operand, linearly: the forms of the
// operand's indices. False for other ops.
bool gln_lower_view_forms(const gln_access_use *use, gln_linear *out_forms);

//===-- Ops ---------------------------------------------------------------===//

// The tensor of all elements of a state, of all its dimensions.
MlirValue gln_lower_tensor(gln_lower *lower, const gln_state *state);
// One linalg.generic over the dimensions of operand 0, all of the same: the
// items are reduced. |emit| appends the body to a block, from the operands and
// the old value (first null if there is no reduction), and gives the result.
typedef MlirValue gln_lower_emit(MlirBlock block, MlirLocation location,
                                 const MlirValue *args, MlirValue old,
                                 void *user);
MlirValue gln_lower_generic(gln_lower *lower, const gln_state *operands,
                            size_t num_operands, bool reduce, gln_type type,
                            const gln_scalar *start, gln_lower_emit *emit,
                            void *user);
// compute and call. |out| is the state of the result.
bool gln_lower_compute(gln_lower *lower, MlirOperation op,
                       const gln_access_use *use, gln_state *out);
// pad, concat, reshape and the views of pairs.
bool gln_lower_other(gln_lower *lower, MlirOperation op,
                     const gln_access_use *use, gln_state *out);

#endif
