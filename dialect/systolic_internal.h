// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between the table of the systolic dialect and the functions behind it.
#ifndef GLN_DIALECT_SYSTOLIC_INTERNAL_H
#define GLN_DIALECT_SYSTOLIC_INTERNAL_H

#include "dialect/systolic.h"

// The table's entry of a command, or of the kernel (GLN_NUM_SYSTOLIC_OPS).
const gln_op_def *gln_systolic_def(size_t index);

// An i64 attribute; one of the words.
bool gln_systolic_is_int(MlirAttribute attribute);
bool gln_systolic_is_word(MlirAttribute attribute,
                          const char *(*option)(size_t index));

// gln_op_def::verify.
eg_status gln_systolic_verify_command(const gln_op_def *def, MlirOperation op,
                                      eg_error *error);
eg_status gln_systolic_verify_kernel(const gln_op_def *def, MlirOperation op,
                                     eg_error *error);

#endif
