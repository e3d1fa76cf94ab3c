// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The matches of one rule, as rows of words (the root's class, then the
// variables) in chunks: none moves as more come, and each is given back as soon
// as it is read, so matches and what they make are not all there at once.
#ifndef EG_ROWS_H
#define EG_ROWS_H

#include "internal.h"

typedef struct egi_chunk {
  uint32_t *words;
  uint32_t num, cap; // words; |num| is a multiple of the row's
} egi_chunk;

typedef struct egi_rows {
  EGI_ARRAY(egi_chunk) chunks; // freed ones have no words
  // The reader's: the chunk at hand, how many words of it are read, and a copy of
  // rows that several chunks hold.
  size_t at;
  uint32_t read;
  egi_chunk copy;
} egi_rows;

// Room for one more row of |stride| words; the caller fills it and adds |stride|
// to the chunk's |num|. NULL: no memory, with the message.
uint32_t *egi_rows_grow(eg_graph *graph, egi_rows *rows, uint32_t stride);
static inline uint32_t *egi_rows_next(eg_graph *graph, egi_rows *rows,
                                      uint32_t stride) {
  if (rows->chunks.num) {
    egi_chunk *last = &rows->chunks.data[rows->chunks.num - 1];
    if (last->cap - last->num >= stride)
      return last->words + last->num;
  }
  return egi_rows_grow(graph, rows, stride);
}

static inline void egi_rows_commit(egi_rows *rows, uint32_t stride) {
  rows->chunks.data[rows->chunks.num - 1].num += stride;
}

// Reads |num| rows, which are left: they lie one after the other, and are the
// caller's until the next call. Small chunks are joined, so that it is as many as
// asked for, wherever one search ended and the next began.
EG_NODISCARD
eg_status egi_rows_read(eg_graph *graph, egi_rows *rows, uint32_t stride,
                        uint32_t num, uint32_t **out_rows);
// What is read next, as far as it lies in one place: how many words.
size_t egi_rows_ahead(const egi_rows *rows, const uint32_t **out_words);
void egi_rows_free(eg_graph *graph, egi_rows *rows);

#endif
