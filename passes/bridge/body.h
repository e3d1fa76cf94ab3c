// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Scalar bodies: regions of arith and math ops to gln_scalar_body and back.
#ifndef GLN_BRIDGE_BODY_H
#define GLN_BRIDGE_BODY_H

#include "dialect/access.h"

//===-- From MLIR ---------------------------------------------------------===//

// What an argument of an imported body is.
typedef enum gln_body_arg_kind {
  GLN_BODY_ARG_BLOCK,    // argument |number| of the block
  GLN_BODY_ARG_INDEX,    // linalg.index |number|
  GLN_BODY_ARG_CAPTURED, // |value|, a scalar from outside that is no constant
} gln_body_arg_kind;

typedef struct gln_body_arg {
  gln_body_arg_kind kind;
  size_t number;
  MlirValue value;
} gln_body_arg;

typedef struct gln_body_import {
  gln_scalar_body body; // results: the operands of the terminator
  gln_body_arg args[GLN_BODY_MAX_ARGS]; // block arguments first
} gln_body_import;

// Reads a block of pure scalar ops. Constants become constants of the body
// wherever they are defined. EG_INVALID names the op or the type that has no
// place in a body: loads, calls, asserts, regions, complex numbers. On success
// the caller finishes out->body.
EG_NODISCARD
eg_status gln_body_import_block(MlirBlock block, gln_body_import *out,
                                eg_error *error);
// The value of an arith.constant of scalar type.
bool gln_body_constant(MlirValue value, gln_scalar *out);

//===-- Within the language -----------------------------------------------===//

// Rewrites to shorter equal bodies, exactly: `select (x > 0) x 0` and max(x, 0)
// are relu(x), a clamp by select is a min or max, 1 / (1 + exp(-x)) is sigmoid(x), casts of constants and integer
// x + 0 go away.
// |bindings|, if not NULL, first replaces arguments, which stay but are no
// longer used.
typedef struct gln_body_binding {
  bool is_constant;
  gln_scalar constant; // instead of the argument, or else
  uint16_t arg;        // this argument, which may be itself
} gln_body_binding;
EG_NODISCARD
eg_status gln_body_simplify(gln_scalar_body *body,
                            const gln_body_binding *bindings, eg_error *error);

// For each register the set of arguments it depends on, one bit each.
void gln_body_masks(const gln_scalar_body *body, uint32_t *masks);

// The function that computes register |root|, of the arguments it needs alone;
// |leaves| says which those are, in their order.
EG_NODISCARD
eg_status gln_body_extract(const gln_scalar_body *body, uint16_t root,
                           gln_scalar_body *out, uint16_t *leaves,
                           eg_error *error);
// As above, where |cut| (a register) is one more argument, the last one. Every
// |cut| that has the same expression counts.
EG_NODISCARD
eg_status gln_body_extract_cut(const gln_scalar_body *body, uint16_t root,
                               uint16_t cut, gln_scalar_body *out,
                               uint16_t *leaves, eg_error *error);

// Whether the body is one function of its arguments and no constants.
bool gln_body_is_single(const gln_scalar_body *body, gln_scalar_op *out_op);
// Whether result 0 is argument 0; whether it is a constant.
bool gln_body_is_identity(const gln_scalar_body *body);
bool gln_body_is_constant(const gln_scalar_body *body, gln_scalar *out);

//===-- To MLIR -----------------------------------------------------------===//

// Appends the ops of the body to |block|, which must not have a terminator yet;
// |args| are its arguments. Writes num_results values. False if a function has
// no counterpart on its types (emits nothing to the user).
bool gln_body_emit(const gln_scalar_body *body, MlirBlock block,
                   MlirLocation location, const MlirValue *args,
                   MlirValue *out_results);
// One function; null if it has no counterpart.
MlirValue gln_scalar_emit(MlirBlock block, MlirLocation location,
                          gln_scalar_op op, gln_type type,
                          const gln_type *arg_types, const MlirValue *args);
MlirValue gln_scalar_emit_constant(MlirBlock block, MlirLocation location,
                                   gln_scalar value);
// An op with one result, of |type|, at the end of |block|.
MlirValue gln_scalar_emit_op(MlirBlock block, MlirLocation location,
                             const char *name, const MlirValue *operands,
                             size_t num_operands, MlirType type,
                             const MlirNamedAttribute *attribute);

//===-- Bodies of access.call ---------------------------------------------===//

// Functions @access_body_0, … of one module, equal bodies once.
typedef struct gln_bodies {
  MlirOperation module;
  MlirSymbolTable symbols;
  struct gln_body_entry *entries; // owned
  size_t num, capacity;
  unsigned next; // number of the next name to try
} gln_bodies;

void gln_bodies_init(gln_bodies *bodies, MlirOperation module);
void gln_bodies_fini(gln_bodies *bodies);
// The symbol of |body|, which is normalised and copied; made when it is new.
// NULL and a message on failure. Valid until the next call.
const char *gln_bodies_symbol(gln_bodies *bodies, const gln_scalar_body *body,
                              MlirLocation location, eg_error *error);

#endif
