// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Status names and the default allocator.
#include "eg.h"

#include <stdlib.h>

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

static void *default_resize(void *user, void *block, size_t old_size,
                            size_t new_size) {
  (void)user;
  (void)old_size;
  if (new_size == 0) {
    free(block);
    return NULL;
  }
  return realloc(block, new_size);
}

eg_allocator eg_allocator_default(void) {
  return (eg_allocator){default_resize, NULL};
}
