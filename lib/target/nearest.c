// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The name that a user may have meant.
#include "target/target.h"

#include <string.h>

enum { MAX_NAME = 48 };

// Levenshtein's distance, row by row; both names at most MAX_NAME long.
static size_t distance(const char *a, const char *b) {
  size_t row[MAX_NAME + 1], num = strlen(b);
  for (size_t j = 0; j <= num; ++j)
    row[j] = j;
  for (size_t i = 0; a[i]; ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < num; ++j) {
      size_t best = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      best = best < row[j] + 1 ? best : row[j] + 1;
      row[j + 1] = best < diagonal + 1 ? best : diagonal + 1;
    }
  }
  return row[num];
}

const char *gln_nearest_name(const char *name, const char *const *names) {
  const char *nearest = NULL;
  size_t length = strlen(name), least = length / 2 + 1;
  for (; *names && length <= MAX_NAME; ++names) {
    size_t found =
        strlen(*names) <= MAX_NAME ? distance(name, *names) : SIZE_MAX;
    if (found < least) {
      least = found;
      nearest = *names;
    }
  }
  return nearest;
}
