// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Flags of glenside-opt that print something and exit.
#ifndef GLENSIDE_MODES_H
#define GLENSIDE_MODES_H

#include "cxx/glenside-cxx.h"

// Ends with a zero entry.
extern const gln_mode gln_modes[];

#endif
