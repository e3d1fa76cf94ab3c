// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops put down one after the other, in nested blocks: what the passes that emit
// loops and calls share. Failures of creation are the verifier's to find.
#ifndef GLN_BRIDGE_EMIT_H
#define GLN_BRIDGE_EMIT_H

#include "dialect/op.h"

// Where the next op goes: in front of |before|, or at the end of |block|.
typedef struct gln_emit {
  MlirContext context;
  MlirLocation location;
  MlirBlock block;
  MlirOperation before; // null: at the end
} gln_emit;

// In front of |op|, at its location.
gln_emit gln_emit_at(MlirOperation op);

MlirOperation gln_emit_insert(gln_emit *emit, MlirOperation op);
// The op |name|, inserted; |result| null: it has none.
MlirOperation gln_emit_op(gln_emit *emit, const char *name,
                          const MlirValue *operands, size_t num_operands,
                          MlirType result, const MlirNamedAttribute *attributes,
                          size_t num_attributes);
// The same for its value.
MlirValue gln_emit_value(gln_emit *emit, const char *name,
                         const MlirValue *operands, size_t num_operands,
                         MlirType result, const MlirNamedAttribute *attributes,
                         size_t num_attributes);
MlirNamedAttribute gln_emit_named(const gln_emit *emit, const char *name,
                                  MlirAttribute value);
// arith.constant of an integer or index type.
MlirValue gln_emit_int(gln_emit *emit, MlirType type, int64_t value);

#endif
