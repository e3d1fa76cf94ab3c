// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A structured op as loops: what it iterates over, what it reads where, and the
// scalar body in the middle. Named ops, generics, map, reduce, … all look the
// same here.
#ifndef GLN_BRIDGE_LOOPS_H
#define GLN_BRIDGE_LOOPS_H

#include "bridge/body.h"
#include "bridge/linear.h"

enum { GLN_LOOPS_MAX_OUTS = GLN_BODY_MAX_RESULTS };

// Where an operand or an argument of the body gets its value: value[map(i)].
typedef struct gln_leaf {
  MlirValue value; // a tensor or a scalar; null for an index
  bool is_index;   // the value is i[dim]
  size_t dim;
  gln_type type;
  size_t rank;                  // number of entries of |map|
  gln_linear map[GLN_MAX_RANK]; // over the loops of |space|
} gln_leaf;

// What a result of the body does with the old value of its output.
typedef enum gln_loops_kind {
  GLN_LOOPS_PARALLEL, // nothing
  GLN_LOOPS_REDUCE,   // combine(old, e), e without it
  GLN_LOOPS_DOT,      // old + u * v: a contraction
  GLN_LOOPS_ARGMAX,   // the index where another result's maximum was found
  GLN_LOOPS_OTHER,    // anything else
} gln_loops_kind;

// One result. Registers are of gln_loops::body.
typedef struct gln_loops_result {
  gln_loops_kind kind;
  uint16_t root;         // what the body yields
  uint16_t old;          // argument that holds the old value
  gln_scalar_op combine; // REDUCE
  uint16_t factors[2];   // REDUCE, ARGMAX: e; DOT: u, v; ARGMAX: the index leaf
  size_t other;          // ARGMAX: the result that is the maximum
} gln_loops_result;

// A big struct: allocate one and use it again. gln_loops_fini frees the body.
typedef struct gln_loops {
  MlirOperation op;
  size_t num_operands, num_outs;
  gln_scalar_body body;
  size_t num_leaves;
  gln_leaf leaves[GLN_BODY_MAX_ARGS]; // of each argument of |body|
  gln_loops_result results[GLN_LOOPS_MAX_OUTS];
  gln_leaf outs[GLN_LOOPS_MAX_OUTS]; // the output operands
  gln_shape space; // all loops, those of the results first and as access
                   // dimensions in the order of the first result
} gln_loops;

// Whether |op| is a structured op: it has indexing maps.
bool gln_loops_is(MlirOperation op);

// Reads the body and classifies the results: all that needs no shape. EG_INVALID
// says what is not supported; |out| then is empty.
EG_NODISCARD
eg_status gln_loops_read_body(MlirOperation op, gln_loops *out,
                              eg_error *error);
// Reads maps and extents, after the body. EG_INVALID, EG_LIMIT as above.
EG_NODISCARD
eg_status gln_loops_read_space(gln_loops *loops, eg_error *error);
void gln_loops_fini(gln_loops *loops);

// Whether some result is a contraction.
bool gln_loops_has_contraction(const gln_loops *loops);

#endif
