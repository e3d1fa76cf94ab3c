// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Text into a buffer of any size.
#include "view/text.h"

#include <stdarg.h>
#include <stdio.h>

void glni_put(glni_text *text, const char *format, ...) {
  char *at = text->length < text->size ? text->buffer + text->length : NULL;
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(at, at ? text->size - text->length : 0, format, arguments);
  va_end(arguments);
  text->length += n > 0 ? (size_t)n : 0;
}
