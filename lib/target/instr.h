// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What an accelerator can do, one instruction at a time: a symbolic canonical
// contract over named extents, and the bounds that hold between these and the
// numbers of the target.
//
//   gemm(m, n | k):  r[m, n] (+)= Σ_k a[m, k] · b[n, k]      k <= rows, n <= cols
//
// The loader (passes/bridge/target.h) reduces the body of an instruction to
// this; kernel/instr_match.h unifies it with a tile. Plain data, copied freely.
#ifndef GLN_TARGET_INSTR_H
#define GLN_TARGET_INSTR_H

#include "target/target.h"
#include "view/shape.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  GLN_INSTR_MAX_DIMS = 12,
  GLN_INSTR_MAX_RANK = 8,
  GLN_INSTR_MAX_OPERANDS = 3,
  GLN_INSTR_MAX_PARAMS = 4,
  GLN_INSTR_MAX_BOUNDS = 16,
  GLN_INSTR_MAX_TERMS = 6,
  GLN_INSTR_MAX_FACTORS = 4,
  GLN_INSTR_KIND_WORDS = (GLN_NUM_KINDS + 63) / 64,
  GLN_INSTR_NAME = 24, // bytes of the name of a dimension, terminator included
  GLN_TARGET_MAX_INSTRS = 32,
};

//===-- The contract ------------------------------------------------------===//

typedef enum gln_instr_form {
  GLN_INSTR_CONTRACT, // Σ over inner dims of a product of two operands
  GLN_INSTR_REDUCE,   // one operand reduced over the inner dims
  GLN_INSTR_MAP,      // a scalar function at every position
} gln_instr_form;

typedef enum gln_instr_unit {
  GLN_INSTR_WEIGHT_STATIONARY, // an array; operand 1 stays in the cells
  GLN_INSTR_OUTPUT_STATIONARY, // an array; the sums stay in the cells
  GLN_INSTR_VECTOR,            // the vector unit
} gln_instr_unit;

// Where a dimension occurs; the order of gln_role in kernel/spec.h.
typedef enum gln_instr_role {
  GLN_INSTR_BATCH, // parallel, in both operands
  GLN_INSTR_ROW,   // parallel, in operand 0 alone (or in none)
  GLN_INSTR_COL,   // parallel, in operand 1 alone
  GLN_INSTR_INNER, // reduced
} gln_instr_role;

typedef struct gln_instr_dim {
  char name[GLN_INSTR_NAME];
  gln_instr_role role;
  int64_t fixed; // the one extent it may have; 0 = any within the bounds
} gln_instr_dim;

// value · params[param - 1]; |param| 0 is no parameter. value 0: absent.
typedef struct gln_instr_coef {
  int32_t value;
  uint8_t param;
} gln_instr_coef;

// An operand array. Axis a is read at Σ_d coef[a][d] · index[d].
typedef struct gln_instr_operand {
  gln_type type;
  uint8_t argument; // of the instruction's function
  uint8_t rank;
  gln_instr_coef coef[GLN_INSTR_MAX_RANK][GLN_INSTR_MAX_DIMS];
  char axis[GLN_INSTR_MAX_RANK][GLN_INSTR_NAME]; // names of its extents
} gln_instr_operand;

//===-- Bounds ------------------------------------------------------------===//

typedef enum gln_instr_name_kind {
  GLN_INSTR_NAME_DIM,    // extent of a dimension
  GLN_INSTR_NAME_AXIS,   // extent of an operand's axis: 1 + Σ coef (extent - 1)
  GLN_INSTR_NAME_PARAM,  // a stride or dilation
  GLN_INSTR_NAME_ARRAY,  // a number of the array it runs on (array 0: vector)
  GLN_INSTR_NAME_TARGET, // a number of the target
  GLN_INSTR_NAME_ROWS,   // rows of a memory: index 0 acc, 1 abuf, 2 wbuf
} gln_instr_name_kind;

typedef struct gln_instr_factor {
  uint8_t kind; // gln_instr_name_kind
  uint8_t index, axis;
} gln_instr_factor;

typedef struct gln_instr_term {
  int64_t scale;
  uint8_t num_factors;
  gln_instr_factor factors[GLN_INSTR_MAX_FACTORS];
} gln_instr_term;

typedef struct gln_instr_sum {
  uint8_t num_terms;
  gln_instr_term terms[GLN_INSTR_MAX_TERMS];
} gln_instr_sum;

typedef enum gln_instr_relation {
  GLN_INSTR_LE,
  GLN_INSTR_LT,
  GLN_INSTR_GE,
  GLN_INSTR_GT,
  GLN_INSTR_EQ,
} gln_instr_relation;

typedef struct gln_instr_bound {
  char text[64]; // as it was written
  gln_instr_relation relation;
  gln_instr_sum left, right;
} gln_instr_bound;

//===-- The instruction ---------------------------------------------------===//

typedef struct gln_instr {
  char name[48];
  gln_instr_form form;
  gln_instr_unit unit;
  uint8_t array;    // index of the array; 0 on the vector unit
  bool accumulates; // adds to what the result held, if asked to
  bool any_type;    // the types stand for every type rule of the target
  uint8_t num_dims, num_operands, num_params, num_bounds;
  gln_instr_dim dims[GLN_INSTR_MAX_DIMS]; // by role
  gln_instr_operand operands[GLN_INSTR_MAX_OPERANDS];
  gln_type result; // sums are formed in it
  uint8_t result_rank;
  uint8_t result_dims[GLN_INSTR_MAX_DIMS]; // dimension of each result axis
  char params[GLN_INSTR_MAX_PARAMS][GLN_INSTR_NAME];
  uint64_t kinds[GLN_INSTR_KIND_WORDS]; // REDUCE, MAP: bit per gln_kind
  gln_instr_bound bounds[GLN_INSTR_MAX_BOUNDS];
} gln_instr;

typedef struct gln_instr_set {
  uint8_t num;
  gln_instr instrs[GLN_TARGET_MAX_INSTRS];
} gln_instr_set;

// Whether |kind| (gln_kind, or GLN_KIND_SCALAR + gln_scalar_op) is in the set.
GLN_API bool gln_instr_has_kind(const gln_instr *instr, int kind);
GLN_API void gln_instr_add_kind(gln_instr *instr, int kind);

// The instruction called |name|; NULL if there is none.
GLN_API const gln_instr *gln_instr_find(const gln_instr_set *set,
                                        const char *name);

// Adds |text|, e.g. "k <= rows" or "2 * m + n <= acc_rows": two sums of integers
// and names and their products, and one of <= < >= > ==. Names are those of
// dimensions, of axes, of parameters, the keys of target.h, and acc_rows,
// abuf_rows, wbuf_rows: acc_bytes / (cols · bytes of the result), abuf_bytes /
// (rows · bytes of operand 0), wbuf_bytes / (cols · bytes of operand 1). EG_INVALID
// says what is malformed and where, EG_NOT_FOUND the nearest name, EG_LIMIT
// when there is no room. The instruction's unit, dims, operands and parameters
// must be set.
EG_NODISCARD
GLN_API eg_status gln_instr_add_bound(gln_instr *instr, const char *text,
                                      eg_error *error);

// Values for the names of one use.
typedef struct gln_instr_use {
  int64_t extents[GLN_INSTR_MAX_DIMS];
  int64_t params[GLN_INSTR_MAX_PARAMS];
  gln_type lhs, rhs, result; // of the memories' rows
} gln_instr_use;

// EG_LIMIT names the first bound that does not hold, both its sides and their
// difference. EG_INVALID: a number in it is a range, not a point. Exact while
// values stay below 2^53.
EG_NODISCARD
GLN_API eg_status gln_instr_check_bounds(const gln_instr *instr,
                                         const gln_target *target,
                                         const gln_instr_use *use,
                                         eg_error *error);

// The largest extent of dimension |dim|, at most |limit|, for which the bounds
// hold while all else is as in |use|; 0 when not even 1 fits. Bounds are taken to
// be of the usual kind: what holds for an extent holds for all smaller ones.
// EG_INVALID as above. O(bounds · log limit).
EG_NODISCARD
GLN_API eg_status gln_instr_largest(const gln_instr *instr,
                                    const gln_target *target,
                                    const gln_instr_use *use, size_t dim,
                                    int64_t limit, int64_t *out,
                                    eg_error *error);

//===-- On an array -------------------------------------------------------===//

// Whether a contraction is a matrix product of any extents within its bounds:
//   r[m, n] (+)= sum k: a[m, k] * b[n, k]
// with at most one dim of each role (of a batch dim a call takes one index). An array
// runs a tile as calls of it. Any other contraction is as large as a tile.
GLN_API bool gln_instr_is_gemm(const gln_instr *instr);

// The first dim of |role|; -1: there is none.
GLN_API int gln_instr_dim_of(const gln_instr *instr, gln_instr_role role);

// How much of a product the array takes in one call, at most: m rows of operand 0, n
// columns of operand 1, k products for each sum.
typedef struct gln_instr_limits {
  int64_t m, n, k;
} gln_instr_limits;

// Of |instr|, an instruction of an array, for type rule |rule| of |target|: what its
// bounds, the cells and the memories beside them allow; the operand that stays counts
// first, then what streams. What is no larger in any extent is legal as well. Of an
// instruction as large as a tile: what cells and memories allow. Ranges count by value,
// memories by their largest choice. EG_INFEASIBLE: not even extents of 1 are
// legal, and why; or a memory that holds no row of the array, its need and size.
// O(bounds · log extents), a microsecond where the array is what binds.
EG_NODISCARD
GLN_API eg_status gln_instr_limits_of(const gln_instr *instr,
                                      const gln_target *target, size_t rule,
                                      gln_instr_limits *out, eg_error *error);

// Whether the types of |instr| are lhs x rhs -> result, or stand for them.
GLN_API bool gln_instr_takes(const gln_instr *instr, const gln_target *target,
                             gln_type lhs, gln_type rhs, gln_type result);

// Instruction number |index| of |target|: a contraction of array |array| with
// |unit|, a dataflow. EG_INVALID says what it is instead.
EG_NODISCARD
GLN_API eg_status gln_instr_get(const gln_target *target, size_t index,
                                size_t array, gln_instr_unit unit,
                                const gln_instr **out, eg_error *error);

// Whether the target has the unit, with the dataflow, in some of its points.
GLN_API bool gln_instr_has_unit(const gln_instr *instr,
                                const gln_target *target);

// What must hold of every instruction: counts, dims in range, each dimension
// read by an operand or in the result, the unit is there and has the dataflow.
EG_NODISCARD
GLN_API eg_status gln_instr_check(const gln_instr *instr,
                                  const gln_target *target, eg_error *error);

// `r[m, n] += sum k: a[m, k] * b[n, k]`; returns the length of the whole text.
GLN_API size_t gln_instr_print(const gln_instr *instr, char *buffer,
                               size_t size);

#ifdef __cplusplus
}
#endif
#endif
