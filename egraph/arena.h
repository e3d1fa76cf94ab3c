// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Memory that is freed all at once, for work that has no graph.
#ifndef EG_ARENA_H
#define EG_ARENA_H

#include "internal.h"

typedef struct egi_chunk {
  struct egi_chunk *below;
  size_t size, used; // bytes after this header
} egi_chunk;

// Zero but for the allocator is empty.
typedef struct egi_arena {
  const eg_allocator *allocator;
  egi_chunk *top;
} egi_arena;

// Zeroed memory for |num| things of |size| bytes; NULL on failure. O(bytes).
void *egi_arena_get(egi_arena *arena, size_t num, size_t size);
#define EGI_NEW(arena, type, num)                                              \
  ((type *)egi_arena_get((arena), (num), sizeof(type)))

// Where the arena stands; everything got after the mark is freed by the reset.
typedef struct egi_mark {
  egi_chunk *top;
  size_t used;
} egi_mark;
egi_mark egi_arena_mark(const egi_arena *arena);
void egi_arena_reset(egi_arena *arena, egi_mark mark);
void egi_arena_free(egi_arena *arena);

// Room for one more in |block|, which holds |num| of |*cap| things: |block|, or
// a copy twice as long. NULL on failure. O(1) amortised.
void *egi_arena_grow(egi_arena *arena, void *block, size_t num, size_t *cap,
                     size_t size);

// Fills |error| (may be NULL) and returns |status|. |line| 0 = none.
eg_status egi_error(eg_error *error, eg_status status, uint32_t line,
                    const char *format, ...)
    __attribute__((format(printf, 4, 5)));
eg_status egi_no_memory(eg_error *error);

#endif
