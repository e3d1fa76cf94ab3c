// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Memory that is freed all at once: a stack of chunks.
#include "arena.h"

#include <stdarg.h>
#include <stdio.h>

enum { CHUNK = 1 << 16, ALIGN = 16 };

// The first byte behind the header, aligned.
static size_t header(void) {
  return (sizeof(egi_chunk) + ALIGN - 1) / ALIGN * ALIGN;
}

static bool push(egi_arena *arena, size_t need) {
  size_t size = need > CHUNK ? need : CHUNK;
  const eg_allocator *a = arena->allocator;
  egi_chunk *chunk = a->resize(a->user, NULL, 0, header() + size);
  if (!chunk)
    return false;
  *chunk = (egi_chunk){arena->top, size, 0};
  arena->top = chunk;
  return true;
}

void *egi_arena_get(egi_arena *arena, size_t num, size_t size) {
  if (num > (SIZE_MAX / 2) / size)
    return NULL;
  size_t need = (num * size + ALIGN) / ALIGN * ALIGN; // never nothing
  if (!arena->top || arena->top->size - arena->top->used < need)
    if (!push(arena, need))
      return NULL;
  egi_chunk *chunk = arena->top;
  void *block = (char *)chunk + header() + chunk->used;
  chunk->used += need;
  return memset(block, 0, need);
}

void *egi_arena_grow(egi_arena *arena, void *block, size_t num, size_t *cap,
                     size_t size) {
  if (num < *cap)
    return block;
  size_t wanted = *cap ? *cap * 2 : 64;
  void *moved = egi_arena_get(arena, wanted, size);
  if (!moved)
    return NULL;
  if (num)
    memcpy(moved, block, num * size);
  *cap = wanted;
  return moved;
}

egi_mark egi_arena_mark(const egi_arena *arena) {
  return (egi_mark){arena->top, arena->top ? arena->top->used : 0};
}

void egi_arena_reset(egi_arena *arena, egi_mark mark) {
  const eg_allocator *a = arena->allocator;
  while (arena->top != mark.top) {
    egi_chunk *chunk = arena->top;
    arena->top = chunk->below;
    a->resize(a->user, chunk, header() + chunk->size, 0);
  }
  if (arena->top)
    arena->top->used = mark.used;
}

void egi_arena_free(egi_arena *arena) {
  egi_arena_reset(arena, (egi_mark){NULL, 0});
}

eg_status egi_error(eg_error *error, eg_status status, uint32_t line,
                    const char *format, ...) {
  if (!error)
    return status;
  error->status = status;
  error->line = line;
  error->column = 0;
  va_list args;
  va_start(args, format);
  vsnprintf(error->text, sizeof error->text, format, args);
  va_end(args);
  return status;
}

eg_status egi_no_memory(eg_error *error) {
  return egi_error(error, EG_NO_MEMORY, 0, "out of memory");
}
