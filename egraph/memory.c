// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The default allocator: realloc and free, and on Linux, for blocks of a megabyte
// and more, mappings of their own: growing copies nothing, and what is given
// back is given back. From 8 MiB on they ask for huge pages.
//
// A graph that has outgrown the caches is read at random, and then a page of
// 4 KiB costs a miss of the address translation beside the miss itself; and each
// costs a fault, when a huge page costs one for 512 of them. The larger mappings
// begin and end on a huge page, or the pages at the end would be small ones and
// stay so as the block grows. A block that grows takes its pages along. Only
// pages that are touched are ever there.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#define _GNU_SOURCE
#include <sys/mman.h>
#endif

#include "eg.h"

#include <stdlib.h>
#include <string.h>

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)

static const size_t huge = (size_t)2 << 20;

static bool is_large(size_t size) {
  return size >= huge / 2;
}

static bool wants_huge(size_t size) {
  return size >= huge;
}

static size_t whole_pages(size_t size) {
  size_t page = wants_huge(size) ? huge : 4096;
  return (size + page - 1) & ~(page - 1);
}

// Address space for |size| bytes, not usable yet, that begins on a huge page.
static void *reserve(size_t size) {
  if (size > SIZE_MAX - 3 * huge)
    return NULL;
  size_t all = whole_pages(size) + huge;
  char *base = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED)
    return NULL;
  size_t before = (huge - (uintptr_t)base % huge) % huge;
  size_t after = huge - before;
  if (before)
    munmap(base, before);
  if (after)
    munmap(base + before + whole_pages(size), after);
  return base + before;
}

static void *map(size_t size) {
  char *block = reserve(size);
  if (!block)
    return NULL;
  if (mprotect(block, whole_pages(size), PROT_READ | PROT_WRITE) != 0) {
    munmap(block, whole_pages(size));
    return NULL;
  }
  if (wants_huge(size))
    madvise(block, whole_pages(size), MADV_HUGEPAGE); // a wish, no more
  return block;
}

// Where it is, if there is room behind it; else its pages move.
static void *remap(void *block, size_t old_size, size_t new_size) {
  size_t have = whole_pages(old_size), want = whole_pages(new_size);
  bool grows_up = wants_huge(new_size) && !wants_huge(old_size);
  if (have == want || (!grows_up && mremap(block, have, want, 0) != MAP_FAILED))
    return block;
  void *target = reserve(new_size);
  if (!target)
    return NULL;
  void *moved =
      mremap(block, have, want, MREMAP_MAYMOVE | MREMAP_FIXED, target);
  if (moved != MAP_FAILED) {
    if (wants_huge(new_size))
      madvise(moved, want, MADV_HUGEPAGE);
    return moved;
  }
  munmap(target, want);
  return NULL;
}

static void unmap(void *block, size_t size) {
  munmap(block, whole_pages(size));
}

#else

static bool is_large(size_t size) {
  (void)size;
  return false;
}
static void *map(size_t size) {
  return malloc(size);
}
static void *remap(void *block, size_t old_size, size_t new_size) {
  (void)old_size;
  return realloc(block, new_size);
}
static void unmap(void *block, size_t size) {
  (void)size;
  free(block);
}

#endif

static void release(void *block, size_t size) {
  if (is_large(size))
    unmap(block, size);
  else
    free(block);
}

static void *default_resize(void *user, void *block, size_t old_size,
                            size_t new_size) {
  (void)user;
  if (new_size == 0) {
    release(block, old_size);
    return NULL;
  }
  if (is_large(old_size) && is_large(new_size))
    return remap(block, old_size, new_size);
  if (!is_large(old_size) && !is_large(new_size))
    return realloc(block, new_size);
  void *moved = is_large(new_size) ? map(new_size) : malloc(new_size);
  if (!moved)
    return NULL;
  if (old_size)
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
  release(block, old_size);
  return moved;
}

eg_allocator eg_allocator_default(void) {
  return (eg_allocator){default_resize, NULL};
}
