// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The list of our dialects.
#include "dialect/access.h"
#include "dialect/systolic.h"

const gln_dialect_def *const gln_dialects[] = {&gln_access_dialect,
                                               &gln_systolic_dialect, NULL};
