// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The access dialect from C: types to shapes and back, ops to the shape algebra
// of view/shape.h and back. Everything a pass needs to read and build it.
//
//   gln_shape shape;
//   if (gln_pattern_shape(mlirValueGetType(value), &shape, &error)) …
//   MlirOperation pair = gln_access_build(context, location, GLN_OP_PAIR,
//                                         &(gln_op_attrs){0}, operands, 2,
//                                         NULL, &error);
#ifndef GLN_DIALECT_ACCESS_H
#define GLN_DIALECT_ACCESS_H

#include "dialect/op.h"
#include "view/shape.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const gln_dialect_def gln_access_dialect;

//===-- Types -------------------------------------------------------------===//

// Element types: f32 … index and gln_type. False for any other type.
bool gln_element_parse(MlirType type, gln_type *out);
MlirType gln_element_get(MlirContext context, gln_type type);

// Whether |type| is !access.pattern<…>, perhaps with names as extents.
bool gln_is_pattern(MlirType type);
// Whether one of its extents is a name, as in a target's instruction.
bool gln_pattern_is_symbolic(MlirType type);
// Number of access (half 0) or item (half 1) dimensions, and one extent of
// them: an i64 attribute or a string attribute.
size_t gln_pattern_num_dims(MlirType type, int half);
MlirAttribute gln_pattern_dim(MlirType type, int half, size_t index);
MlirType gln_pattern_element(MlirType type);

// !access.pattern of a checked shape. The dialect must be loaded in |context|
// (list "access" in gln_pass::dialects); a null type and a message if not.
MlirType gln_pattern_get(MlirContext context, const gln_shape *shape,
                         eg_error *error);
// The shape of a pattern, or of a ranked tensor (no access dimensions).
// EG_INVALID if it is neither, dynamic, symbolic, or of another element type.
EG_NODISCARD
eg_status gln_pattern_shape(MlirType type, gln_shape *out, eg_error *error);
// tensor<…> of all dimensions of |shape|, access dimensions first.
MlirType gln_tensor_get(MlirContext context, const gln_shape *shape);

//===-- Ops ---------------------------------------------------------------===//

// One op in the terms of view/shape.h. |attrs| points into the struct: do not
// copy it.
typedef struct gln_access_use {
  gln_op op;
  bool is_symbolic; // some extent is a name: |operands|, |result| are not set
  size_t num_operands;
  gln_op_attrs attrs; // body is NULL: the caller translates @body
  gln_shape operands[GLN_MAX_OPERANDS];
  gln_shape result;
  MlirStringRef symbol;           // call: the name of the body
  int64_t lists[3][GLN_MAX_RANK]; // what |attrs| points to
} gln_access_use;

// Whether |op| belongs to the dialect, and which op it is.
bool gln_access_is(MlirOperation op, gln_op *out);
// Reads a verified op. EG_INVALID with a message if it is none.
EG_NODISCARD
eg_status gln_access_read(MlirOperation op, gln_access_use *out,
                          eg_error *error);

// Builds `access.<op>` on |operands| and infers the result; not inserted, owned
// by the caller. For tensor the result is a tensor, for all others a pattern.
// |symbol| is the body of call, else NULL; its result type is attrs->type, and
// attrs->body is not read. A null operation and a message if the shapes clash.
MlirOperation gln_access_build(MlirContext context, MlirLocation location,
                               gln_op op, const gln_op_attrs *attrs,
                               const MlirValue *operands, size_t num_operands,
                               const char *symbol, eg_error *error);

#ifdef __cplusplus
}
#endif
#endif
