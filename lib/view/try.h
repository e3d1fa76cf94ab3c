// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Passing a failure on. Internal to lib/.
#ifndef GLN_VIEW_TRY_H
#define GLN_VIEW_TRY_H

// Returns the status of |expression| if it failed.
#define GLN_TRY(expression)                                                    \
  do {                                                                         \
    eg_status gln_try_status = (expression);                                   \
    if (gln_try_status != EG_OK)                                               \
      return gln_try_status;                                                   \
  } while (0)

#endif
