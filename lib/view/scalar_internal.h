// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of scalar bodies share.
#ifndef GLN_VIEW_SCALAR_INTERNAL_H
#define GLN_VIEW_SCALAR_INTERNAL_H

#include "view/scalar.h"
#include "view/try.h"

// Appends |inst| as it is: neither checked nor shared with an equal one.
EG_NODISCARD
eg_status glni_scalar_body_push(gln_scalar_body *body, gln_scalar_inst inst,
                                eg_error *error);

#endif
