// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// libeg: a general e-graph engine in plain C11. This is its whole public API.
#ifndef EG_H
#define EG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define EG_NODISCARD __attribute__((warn_unused_result))
#define EG_API __attribute__((visibility("default")))
#else
#define EG_NODISCARD
#define EG_API
#endif

//===-- Status ------------------------------------------------------------===//

// What a fallible call returns. Anything but EG_OK leaves the object it was
// called on as it was before the call, unless the function says otherwise.
typedef enum eg_status {
  EG_OK = 0,
  EG_INVALID,    // the caller's mistake: malformed text, a clash of sorts, NaN
  EG_NOT_FOUND,  // a name or a term that is not there
  EG_NO_MEMORY,  // the allocator returned NULL
  EG_LIMIT,      // a size that does not fit: 2^32 ids, 2^16 operators
  EG_INFEASIBLE, // no answer exists: a class with only cyclic nodes
} eg_status;

// The name of a status, e.g. "invalid"; never NULL.
EG_API const char *eg_status_name(eg_status status);

// What went wrong, in words: lower case, the offending value, no full stop.
typedef struct eg_error {
  eg_status status; // EG_OK when nothing has failed yet
  uint32_t line;    // 1-based line of the text that was parsed; 0 = no text
  char text[244];   // always terminated
} eg_error;

//===-- Memory ------------------------------------------------------------===//

// One function does everything: |old_size| 0 allocates, |new_size| 0 frees (and
// returns NULL), otherwise the block is resized as by realloc. On failure it
// returns NULL and the old block is untouched. Blocks are aligned for any type.
typedef struct eg_allocator {
  void *(*resize)(void *user, void *block, size_t old_size, size_t new_size);
  void *user; // passed through
} eg_allocator;

// realloc and free of the C library.
EG_API eg_allocator eg_allocator_default(void);

#ifdef __cplusplus
}
#endif
#endif
