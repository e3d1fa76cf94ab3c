// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An allocator that fails when told to, and tells where it was called.
#ifndef TEST_EGRAPH_STRICT_H
#define TEST_EGRAPH_STRICT_H

#include "check.h"

#include <execinfo.h>
#include <stdlib.h>

//===-- Where memory is asked for -----------------------------------------===//

enum { SITE_FRAMES = 10, MAX_SITES = 1024 };

// Distinct ends of the stack of callers, and the first call of each.
typedef struct sites {
  uint64_t data[MAX_SITES], first[MAX_SITES];
  int num;
} sites;

static inline bool sites_have(const sites *all, uint64_t site) {
  for (int i = 0; i < all->num; ++i)
    if (all->data[i] == site)
      return true;
  return false;
}

static inline void sites_note(sites *all, uint64_t call) {
  void *frames[SITE_FRAMES];
  uint64_t site = 0;
  int num = backtrace(frames, SITE_FRAMES);
  for (int i = 1; i < num; ++i)
    site = (site ^ (uintptr_t)frames[i]) * UINT64_C(0x9e3779b97f4a7c15);
  if (sites_have(all, site))
    return;
  CHECK(all->num < MAX_SITES);
  if (all->num == MAX_SITES)
    return;
  all->first[all->num] = call;
  all->data[all->num++] = site;
}

//===-- A strict allocator ------------------------------------------------===//

// Remembers the size of each block in front of it, and knows what is out.
typedef struct strict {
  uint64_t calls;   // that ask for memory
  uint64_t fail_at; // this one fails; 0 = none
  bool fail_on;     // and all after it
  bool failed;      // it has happened
  size_t out, peak; // bytes handed out
  int mistakes;     // wrong sizes told to us
  sites *sites;     // of the calls; NULL = not asked for
} strict;

enum { HEADER = 16 }; // keeps blocks aligned

static inline void *strict_resize(void *user, void *block, size_t old_size,
                                  size_t new_size) {
  strict *s = user;
  char *base = block ? (char *)block - HEADER : NULL;
  size_t have = 0;
  if (base)
    memcpy(&have, base, sizeof have);
  s->mistakes += have != old_size;
  if (new_size == 0) {
    s->out -= have;
    free(base);
    return NULL;
  }
  ++s->calls;
  if (s->sites)
    sites_note(s->sites, s->calls);
  if (s->fail_at &&
      (s->calls == s->fail_at || (s->fail_on && s->calls > s->fail_at))) {
    s->failed = true;
    return NULL;
  }
  // Always move: who keeps an old pointer is found by the sanitizer.
  char *moved = malloc(HEADER + new_size);
  if (!moved)
    return NULL;
  memcpy(moved, &new_size, sizeof new_size);
  memset(moved + HEADER, 0xa5, new_size);
  if (base)
    memcpy(moved + HEADER, block, old_size < new_size ? old_size : new_size);
  free(base);
  s->out += new_size - have;
  s->peak = s->peak > s->out ? s->peak : s->out;
  return moved + HEADER;
}

#endif
