// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arrays in NumPy's .npy files, versions 1 to 3 (numpy.lib.format), row-major and
// little endian. No C library of Debian reads them; the format is a header line
// in front of the bytes.
//
//   dtypes  |b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8
//
// bf16, which NumPy lacks, is written as <f4 and read from it, rounded.
#ifndef GLN_RUN_NPY_H
#define GLN_RUN_NPY_H

#include "run/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

// Reads |path| into |tensor|, which has its type and owned data. On failure
// returns false and writes what is wrong, with both shapes or types, as
// "'a.npy' holds <f4 of 2x3, wanted tensor<3x2xf32>".
bool gln_npy_read(const char *path, gln_tensor *tensor, char *why, size_t size);

// Writes |tensor| to |path|, through a file beside it that is renamed when all
// is written. On failure returns false, says why, and leaves no file.
bool gln_npy_write(const char *path, const gln_tensor *tensor, char *why,
                   size_t size);

#ifdef __cplusplus
}
#endif
#endif
