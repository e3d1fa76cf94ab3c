// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between convert_tensor.c, convert_pack.c and convert_tosa.c.
#ifndef GLN_BRIDGE_CONVERT_INTERNAL_H
#define GLN_BRIDGE_CONVERT_INTERNAL_H

#include "bridge/convert.h"

// One op: the tensor that replaces its result, or null and an error in |build|.
typedef MlirValue glni_convert_op(gln_build *build, MlirOperation op);

glni_convert_op glni_convert_pack;
glni_convert_op glni_convert_reshape;
glni_convert_op glni_convert_tosa_concat;
glni_convert_op glni_convert_tosa_const;
glni_convert_op glni_convert_tosa_pad;
glni_convert_op glni_convert_tosa_slice;
glni_convert_op glni_convert_unpack;

// |value| with |low| and |high| more elements around it, or fewer where they
// are negative.
MlirValue glni_convert_padding(gln_build *build, MlirValue value, int64_t *low,
                               int64_t *high, gln_scalar filler);
// All |values| one behind the other along |dim|.
MlirValue glni_convert_concat(gln_build *build, MlirOperation op, size_t dim);

#endif
