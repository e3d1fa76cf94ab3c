// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Commands become calls of the accelerator runtime.
#ifndef GLN_BRIDGE_CALLS_H
#define GLN_BRIDGE_CALLS_H

#include "dialect/systolic.h"

// Every command and systolic.open of |module| becomes llvm.calls of
// lib/runtime: sa.h and sa_program.h. Descriptors are constant globals; where
// something varies, a copy on the stack. Emits an error and returns false on a
// device that no systolic.open made.
bool gln_calls_module(MlirOperation module);

#endif
