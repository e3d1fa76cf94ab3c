// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between the table of the access dialect and the functions behind it.
#ifndef GLN_DIALECT_ACCESS_INTERNAL_H
#define GLN_DIALECT_ACCESS_INTERNAL_H

#include "dialect/access.h"

// The table's entry of |op|.
const gln_op_def *gln_access_def(gln_op op);

// The shape that the three parameters of a pattern type give, each of which
// satisfies its rule. A name counts as extent 1.
eg_status gln_access_params_shape(const MlirAttribute *params, gln_shape *out,
                                  bool *out_symbolic, eg_error *error);

// gln_op_def::verify of every op: infers the result and compares.
eg_status gln_access_verify(const gln_op_def *def, MlirOperation op,
                            eg_error *error);
// gln_op_def::verify_symbol of call: the body's type fits.
eg_status gln_access_verify_body(const gln_op_def *def, MlirOperation op,
                                 MlirOperation target, eg_error *error);

#endif
