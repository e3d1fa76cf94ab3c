// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Status names.
#include "eg.h"

const char *eg_status_name(eg_status status) {
  switch (status) {
  case EG_OK:
    return "ok";
  case EG_INVALID:
    return "invalid";
  case EG_NOT_FOUND:
    return "not found";
  case EG_NO_MEMORY:
    return "no memory";
  case EG_LIMIT:
    return "limit";
  case EG_INFEASIBLE:
    return "infeasible";
  }
  return "unknown";
}
