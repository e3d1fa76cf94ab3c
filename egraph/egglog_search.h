// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Between egglog_plan.c, which orders the steps of a search, and egglog_search.c,
// which takes them.
#ifndef EG_EGGLOG_SEARCH_H
#define EG_EGGLOG_SEARCH_H

#include "egglog_internal.h"

typedef enum egl_way {
  EGL_ALL_NODES,
  EGL_NODE_LOOKUP,
  EGL_MEMBERS,
  EGL_PARENTS,
  EGL_ALL_ROWS,
  EGL_ROW_LOOKUP,
  EGL_CHAIN, // rows with one entry, through the index
  EGL_COMPUTE,
} egl_way;

typedef enum egl_age { EGL_ANY_AGE, EGL_NEW_ONLY, EGL_OLD_ONLY } egl_age;

// One step of a plan, and the place of its enumeration.
typedef struct egl_instr {
  uint8_t way, age;
  bool known;          // EGL_COMPUTE: what is not in the graph is no match
  uint32_t func;       // or primitive
  uint32_t first, num; // slots: query args, then the result
  // In flags[]: which of them have a value once those before them are taken; then
  // which had one before the step.
  uint32_t flags;
  uint32_t key;        // of an EGL_CHAIN: the column
  uint32_t at, end;    // cursor: node slot, index or row
  uint32_t page, from; // of EGL_ALL_NODES: page; of others: class
} egl_instr;

// A search in progress.
typedef struct egl_finder {
  eg_egglog *p;
  const egl_query *q;
  uint32_t since;
  bool subsumed; // matches too
  eg_rule_stats *stats;
  uint64_t fuel_ends, pause_at; // of stats->searched
  EGI_ARRAY(egl_instr) plan;
  EGI_ARRAY(bool) flags;
  EGI_ARRAY(bool) bound;  // by slot
  EGI_ARRAY(bool) placed; // by atom, then by primitive
  egi_words values;       // by slot
  egi_words key;
  egi_words row;
} egl_finder;

static inline const egl_func *egl_func_of(const egl_finder *s, uint32_t atom) {
  return &s->p->funcs.data[s->q->atoms.data[atom].func];
}

static inline uint32_t egl_slot_at(const egl_finder *s, uint32_t first,
                                   uint32_t i) {
  return s->q->args.data[first + i];
}

EG_NODISCARD
eg_status egl_finder_reserve(egl_finder *s);
void egl_finder_free(egl_finder *s);

// The plan with |delta| (EGL_NONE = none) as the atom that must be new.
EG_NODISCARD
eg_status egl_make_plan(egl_finder *s, uint32_t delta);

#endif
