// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Text into a buffer of any size, as snprintf does: what does not fit is only
// counted. Internal to lib/.
#ifndef GLN_VIEW_TEXT_H
#define GLN_VIEW_TEXT_H

#include <stddef.h>

// At most |size| bytes of |buffer| are written, a terminator included; |length| is
// that of the whole text so far.
typedef struct glni_text {
  char *buffer;
  size_t size, length;
} glni_text;

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void glni_put(glni_text *text, const char *format, ...);

#endif
