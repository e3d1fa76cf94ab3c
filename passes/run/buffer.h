// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A string that grows.
#ifndef GLN_RUN_BUFFER_H
#define GLN_RUN_BUFFER_H

#include "eg.h"

#include <string.h>

// Zero but for the allocator is a valid empty state.
typedef struct gln_buffer {
  char *bytes;      // terminated; NULL if nothing was added
  size_t num_bytes; // without the terminator
  size_t room;
  bool failed; // no memory: the rest is missing
  eg_allocator allocator;
} gln_buffer;

static inline void gln_buffer_add(gln_buffer *text, const char *bytes,
                                  size_t num_bytes) {
  size_t need = text->num_bytes + num_bytes + 1;
  if (need > text->room) {
    size_t room = need < 256 ? 256 : 2 * need;
    char *grown = text->allocator.resize(text->allocator.user, text->bytes,
                                         text->room, room);
    if (!grown) {
      text->failed = true;
      return;
    }
    text->bytes = grown;
    text->room = room;
  }
  if (num_bytes)
    memcpy(text->bytes + text->num_bytes, bytes, num_bytes);
  text->num_bytes += num_bytes;
  text->bytes[text->num_bytes] = '\0';
}

static inline void gln_buffer_fini(gln_buffer *text) {
  if (text->bytes)
    text->allocator.resize(text->allocator.user, text->bytes, text->room, 0);
  text->bytes = NULL;
  text->num_bytes = text->room = 0;
}

#endif
