// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A program ahead of time: an object file, a C header, and its weights.
//
//   net.o        machine code of this host's kind; wants libsa and the C library
//   net.h        NET_..._BYTES, shapes, and one function to call
//   net.weights  what the function's first argument points to
#ifndef GLN_RUN_OBJECT_H
#define GLN_RUN_OBJECT_H

#include "run/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

// Lowers and compiles |program|, consuming what is in its module, and writes the
// three files; |path| is that of the object, "…/net.o". Emits an error and
// returns false on failure, and leaves none of the three.
bool gln_object_write(gln_callable *program, const gln_engine_options *options,
                      const char *path);

#ifdef __cplusplus
}
#endif
#endif
