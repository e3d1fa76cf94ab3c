// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tensors that hold one value everywhere.
#ifndef GLN_BRIDGE_SPLAT_H
#define GLN_BRIDGE_SPLAT_H

#include "dialect/access.h"

// Whether every element of |tensor| is known to be the same: a splat constant,
// a fill, a view of one, or tensor.empty, which has no value at all (then
// |out_undefined|).
bool gln_splat_value(MlirValue tensor, gln_scalar *out, bool *out_undefined);

#endif
