// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of scalar bodies share.
#ifndef GLN_VIEW_SCALAR_INTERNAL_H
#define GLN_VIEW_SCALAR_INTERNAL_H

#include "view/scalar.h"

// Appends |inst| as it is: neither checked nor shared with an equal one.
EG_NODISCARD
eg_status glni_scalar_body_push(gln_scalar_body *body, gln_scalar_inst inst,
                                eg_error *error);

// Returns the status of |expression| if it failed.
#define GLN_TRY(expression)                                                    \
  do {                                                                         \
    eg_status gln_try_status = (expression);                                   \
    if (gln_try_status != EG_OK)                                               \
      return gln_try_status;                                                   \
  } while (0)

#endif
