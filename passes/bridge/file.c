// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "bridge/file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

char *gln_read_file(const char *path, size_t *out_size) {
  FILE *file = fopen(path, "rb");
  char *text = NULL;
  size_t size = 0, capacity = 0, got = 1;
  while (file && got) {
    if (capacity - size < 4096) {
      capacity = capacity ? 2 * capacity : 16384;
      char *grown = realloc(text, capacity);
      if (!grown)
        break;
      text = grown;
    }
    // One byte stays for the zero that MLIR's parser wants.
    got = fread(text + size, 1, capacity - size - 1, file);
    size += got;
  }
  bool ok = file && !got && !ferror(file);
  if (file)
    fclose(file);
  if (!ok) {
    free(text);
    return NULL;
  }
  text[size] = 0;
  *out_size = size;
  return text;
}
