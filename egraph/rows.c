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

static void free_chunk(eg_graph *graph, egi_chunk *chunk) {
  egi_resize(graph, chunk->words, chunk->cap * sizeof *chunk->words, 0);
  *chunk = (egi_chunk){0};
}

// Gives back the chunks that are read.
static void pass_chunks(eg_graph *graph, egi_rows *rows) {
  while (rows->at < rows->chunks.num &&
         rows->read == rows->chunks.data[rows->at].num) {
    free_chunk(graph, &rows->chunks.data[rows->at++]);
    rows->read = 0;
  }
}

static eg_status join_chunks(eg_graph *graph, egi_rows *rows, uint32_t words) {
  egi_chunk *copy = &rows->copy;
  if (copy->cap < words) {
    free_chunk(graph, copy);
    copy->words = egi_resize(graph, NULL, 0, words * sizeof *copy->words);
    if (!copy->words)
      return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for matches");
    copy->cap = words;
  }
  for (copy->num = 0; copy->num < words; pass_chunks(graph, rows)) {
    const egi_chunk *c = &rows->chunks.data[rows->at];
    uint32_t num = c->num - rows->read;
    if (num > words - copy->num)
      num = words - copy->num;
    memcpy(copy->words + copy->num, c->words + rows->read,
           num * sizeof *c->words);
    copy->num += num;
    rows->read += num;
  }
  return EG_OK;
}

eg_status egi_rows_read(eg_graph *graph, egi_rows *rows, uint32_t stride,
                        uint32_t num, uint32_t **out_rows) {
  pass_chunks(graph, rows);
  const egi_chunk *c = &rows->chunks.data[rows->at];
  if (c->num - rows->read < num * stride) {
    EG_TRY(join_chunks(graph, rows, num * stride));
    *out_rows = rows->copy.words;
    return EG_OK;
  }
  *out_rows = c->words + rows->read;
  rows->read += num * stride;
  return EG_OK;
}

size_t egi_rows_ahead(const egi_rows *rows, const uint32_t **out_words) {
  size_t at = rows->at, read = rows->read;
  *out_words = NULL;
  if (at < rows->chunks.num && read == rows->chunks.data[at].num) {
    ++at;
    read = 0;
  }
  if (at == rows->chunks.num)
    return 0;
  *out_words = rows->chunks.data[at].words + read;
  return rows->chunks.data[at].num - read;
}

void egi_rows_free(eg_graph *graph, egi_rows *rows) {
  for (size_t i = 0; i < rows->chunks.num; ++i)
    free_chunk(graph, &rows->chunks.data[i]);
  EGI_RELEASE(graph, &rows->chunks);
  free_chunk(graph, &rows->copy);
  *rows = (egi_rows){0};
}
