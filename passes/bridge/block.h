// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The ops of one block, for passes that look at a function as a list.
#ifndef GLN_BRIDGE_BLOCK_H
#define GLN_BRIDGE_BLOCK_H

#include "dialect/op.h"

// In program order; owned.
typedef struct gln_ops {
  MlirOperation *list;
  size_t num;
} gln_ops;

// Lists the ops of |block| as they are now. Emits an error and returns false
// without memory. O(n).
bool gln_ops_init(MlirBlock block, gln_ops *out);
void gln_ops_fini(gln_ops *ops);

// The first block of the only region of a module or function; null: it has none.
MlirBlock gln_body(MlirOperation op);
// The op of |block| that |op| is or lies in; null: it does not lie there.
MlirOperation gln_ancestor(MlirOperation op, MlirBlock block);
// The symbol that |op|, a function, defines.
MlirStringRef gln_symbol_name(MlirOperation op);
// Whether |op| is called |name|, as "func.func".
bool gln_op_is(MlirOperation op, const char *name);
// Whether |op| is one of |dialect|, as "systolic.".
bool gln_op_of(MlirOperation op, const char *dialect);

#endif
