// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Chunks double from 4 KiB to 2 MiB, a huge page, so that at most half is empty.
#include "rows.h"

enum { FIRST = 1 << 10, MOST = 1 << 19 }; // words

uint32_t *egi_rows_grow(eg_graph *graph, egi_rows *rows, uint32_t stride) {
  uint32_t cap = FIRST;
  if (rows->chunks.num)
    cap = rows->chunks.data[rows->chunks.num - 1].cap * 2;
  cap = cap > MOST ? MOST : cap;
  cap = cap < stride ? stride : cap;
  if (EGI_RESERVE(graph, &rows->chunks, 1) != EG_OK)
    return NULL;
  uint32_t *words = egi_resize(graph, NULL, 0, cap * sizeof *words);
  if (!words) {
    egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for matches");
    return NULL;
  }
  rows->chunks.data[rows->chunks.num++] = (egi_chunk){words, 0, cap};
  return words;
}

void egi_chunk_free(eg_graph *graph, egi_chunk *chunk) {
  egi_resize(graph, chunk->words, chunk->cap * sizeof *chunk->words, 0);
  *chunk = (egi_chunk){0};
}

void egi_rows_free(eg_graph *graph, egi_rows *rows) {
  for (size_t i = 0; i < rows->chunks.num; ++i)
    egi_chunk_free(graph, &rows->chunks.data[i]);
  EGI_RELEASE(graph, &rows->chunks);
}
