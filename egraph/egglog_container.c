// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The primitives of containers. Each reads elements into one list, changes it,
// and makes a container of it, or looks something up in it.
#include "egglog_internal.h"

//===-- Kinds -------------------------------------------------------------===//

static const struct {
  const char *name, *maker, *empty;
  uint32_t num_sorts;
} kinds[EGL_END_KINDS] = {
    [EGL_VECS] = {"Vec", "vec-of", "vec-empty", 1},
    [EGL_SETS] = {"Set", "set-of", "set-of", 1},
    [EGL_MULTISETS] = {"MultiSet", "multiset-of", "multiset-of", 1},
    [EGL_MAPS] = {"Map", "map-of", "map-of", 2},
    [EGL_PAIRS] = {"Pair", "pair", "pair", 2},
};

bool egl_container_kind(const char *name, egl_sort_kind *out_kind,
                        uint32_t *out_num) {
  for (int i = EGL_NUM_KINDS; i < EGL_END_KINDS; ++i)
    if (strcmp(kinds[i].name, name) == 0) {
      *out_kind = (egl_sort_kind)i;
      *out_num = kinds[i].num_sorts;
      return true;
    }
  return false;
}

const char *egl_container_maker(egl_sort_kind kind, uint32_t num) {
  return num ? kinds[kind].maker : kinds[kind].empty;
}

//===-- The table of primitives -------------------------------------------===//

// What a primitive does, whatever the kind.
typedef enum deed {
  MAKE,   // the arguments, in normal order
  JOIN,   // the elements of all arguments
  INSERT, // the elements of the first, and the others
  POP,    // all but the last
  PUT,    // with another element at a place
  CUT,    // without the element at a place
  REMOVE, // without one
  DIFF,   // those of the first that are not in the second
  MEET,   // those that are in both
  LENGTH,
  HAS,
  HAS_NOT,
  COUNT,  // how often
  AT,     // the element at a place
  LOOKUP, // the value of a key
  FIRST,
  SECOND,
} deed;

// X(name, container, deed, result, number of arguments, theirs)
#define EGL_CONTAINER_PRIMS(X)                                                 \
  X("vec-empty", EGL_VECS, MAKE, EGL_SELF, 0, EGL_SELF)                        \
  X("vec-of", EGL_VECS, MAKE, EGL_SELF, EGL_VARIADIC, EGL_ELEM)                \
  X("vec-append", EGL_VECS, JOIN, EGL_SELF, EGL_VARIADIC, EGL_SELF)            \
  X("vec-push", EGL_VECS, INSERT, EGL_SELF, 2, EGL_SELF, EGL_ELEM)             \
  X("vec-pop", EGL_VECS, POP, EGL_SELF, 1, EGL_SELF)                           \
  X("vec-set", EGL_VECS, PUT, EGL_SELF, 3, EGL_SELF, EGL_I64, EGL_ELEM)        \
  X("vec-remove", EGL_VECS, CUT, EGL_SELF, 2, EGL_SELF, EGL_I64)               \
  X("vec-get", EGL_VECS, AT, EGL_ELEM, 2, EGL_SELF, EGL_I64)                   \
  X("vec-length", EGL_VECS, LENGTH, EGL_I64, 1, EGL_SELF)                      \
  X("vec-contains", EGL_VECS, HAS, EGL_UNIT, 2, EGL_SELF, EGL_ELEM)            \
  X("vec-not-contains", EGL_VECS, HAS_NOT, EGL_UNIT, 2, EGL_SELF, EGL_ELEM)    \
  X("set-empty", EGL_SETS, MAKE, EGL_SELF, 0, EGL_SELF)                        \
  X("set-of", EGL_SETS, MAKE, EGL_SELF, EGL_VARIADIC, EGL_ELEM)                \
  X("set-insert", EGL_SETS, INSERT, EGL_SELF, 2, EGL_SELF, EGL_ELEM)           \
  X("set-remove", EGL_SETS, REMOVE, EGL_SELF, 2, EGL_SELF, EGL_ELEM)           \
  X("set-get", EGL_SETS, AT, EGL_ELEM, 2, EGL_SELF, EGL_I64)                   \
  X("set-length", EGL_SETS, LENGTH, EGL_I64, 1, EGL_SELF)                      \
  X("set-contains", EGL_SETS, HAS, EGL_UNIT, 2, EGL_SELF, EGL_ELEM)            \
  X("set-not-contains", EGL_SETS, HAS_NOT, EGL_UNIT, 2, EGL_SELF, EGL_ELEM)    \
  X("set-union", EGL_SETS, JOIN, EGL_SELF, 2, EGL_SELF, EGL_SELF)              \
  X("set-diff", EGL_SETS, DIFF, EGL_SELF, 2, EGL_SELF, EGL_SELF)               \
  X("set-intersect", EGL_SETS, MEET, EGL_SELF, 2, EGL_SELF, EGL_SELF)          \
  X("multiset-of", EGL_MULTISETS, MAKE, EGL_SELF, EGL_VARIADIC, EGL_ELEM)      \
  X("multiset-insert", EGL_MULTISETS, INSERT, EGL_SELF, 2, EGL_SELF, EGL_ELEM) \
  X("multiset-remove", EGL_MULTISETS, REMOVE, EGL_SELF, 2, EGL_SELF, EGL_ELEM) \
  X("multiset-sum", EGL_MULTISETS, JOIN, EGL_SELF, 2, EGL_SELF, EGL_SELF)      \
  X("multiset-length", EGL_MULTISETS, LENGTH, EGL_I64, 1, EGL_SELF)            \
  X("multiset-count", EGL_MULTISETS, COUNT, EGL_I64, 2, EGL_SELF, EGL_ELEM)    \
  X("multiset-contains", EGL_MULTISETS, HAS, EGL_UNIT, 2, EGL_SELF, EGL_ELEM)  \
  X("multiset-not-contains", EGL_MULTISETS, HAS_NOT, EGL_UNIT, 2, EGL_SELF,    \
    EGL_ELEM)                                                                  \
  X("map-empty", EGL_MAPS, MAKE, EGL_SELF, 0, EGL_SELF)                        \
  X("map-insert", EGL_MAPS, INSERT, EGL_SELF, 3, EGL_SELF, EGL_ELEM,           \
    EGL_ELEM2)                                                                 \
  X("map-remove", EGL_MAPS, REMOVE, EGL_SELF, 2, EGL_SELF, EGL_ELEM)           \
  X("map-get", EGL_MAPS, LOOKUP, EGL_ELEM2, 2, EGL_SELF, EGL_ELEM)             \
  X("map-length", EGL_MAPS, LENGTH, EGL_I64, 1, EGL_SELF)                      \
  X("map-contains", EGL_MAPS, HAS, EGL_UNIT, 2, EGL_SELF, EGL_ELEM)            \
  X("map-not-contains", EGL_MAPS, HAS_NOT, EGL_UNIT, 2, EGL_SELF, EGL_ELEM)    \
  X("pair", EGL_PAIRS, MAKE, EGL_SELF, 2, EGL_ELEM, EGL_ELEM2)                 \
  X("pair-first", EGL_PAIRS, FIRST, EGL_ELEM, 1, EGL_SELF)                     \
  X("pair-second", EGL_PAIRS, SECOND, EGL_ELEM2, 1, EGL_SELF)

const egl_prim egl_container_prims[] = {
#define X(name, self, deed, result, num, ...)                                  \
  {name, self, result, num, {__VA_ARGS__}, deed, NULL},
    EGL_CONTAINER_PRIMS(X)
#undef X
};

uint32_t egl_num_container_prims(void) {
  return sizeof egl_container_prims / sizeof *egl_container_prims;
}

//===-- Lists of elements -------------------------------------------------===//

// A primitive at work: the elements of its first argument, if that is a
// container, and the others'.
typedef struct call {
  eg_egglog *p;
  const egl_prim *prim;
  uint32_t sort, width;
  const uint32_t *args;
  uint32_t num;
  egi_words *list, *other;
} call;

// The first record of |list| with this key from |from| on; list->num for none.
static size_t find_record(const call *c, const egi_words *list, size_t from,
                          uint32_t key) {
  while (from < list->num && list->data[from] != key)
    from += c->width;
  return from;
}

static uint64_t count(const call *c, uint32_t key) {
  uint64_t num = 0;
  size_t at = find_record(c, c->list, 0, key);
  for (; at < c->list->num; at = find_record(c, c->list, at + c->width, key))
    ++num;
  return num;
}

static void erase(const call *c, size_t at) {
  memmove(c->list->data + at, c->list->data + at + c->width,
          (c->list->num - at - c->width) * sizeof *c->list->data);
  c->list->num -= c->width;
}

// Keeps the elements that are in |other|, or those that are not. Both ascend.
static void filter(const call *c, bool in) {
  size_t kept = 0, k = 0;
  for (size_t i = 0; i < c->list->num; ++i) {
    uint32_t word = c->list->data[i];
    while (k < c->other->num && c->other->data[k] < word)
      ++k;
    bool found = k < c->other->num && c->other->data[k] == word;
    c->list->data[kept] = word;
    kept += found == in;
  }
  c->list->num = kept;
}

static eg_status append(const call *c, const uint32_t *words, uint32_t num) {
  EG_TRY(EGI_RESERVE(c->p->graph, c->list, num));
  egi_copy(c->list->data + c->list->num, words, num);
  c->list->num += num;
  return EG_OK;
}

// The place that argument 1 names; false for one that is not there.
static bool place_of(const call *c, size_t *out) {
  int64_t i = egl_value_of(c->p, c->args[1], EGL_I64).i;
  *out = (size_t)i;
  return i >= 0 && (uint64_t)i < c->list->num;
}

//===-- Deeds -------------------------------------------------------------===//

// What is made of the list; *out_defined: whether anything is.
static eg_status change(const call *c, bool *out_defined) {
  size_t at;
  switch ((deed)c->prim->deed) {
  case MAKE:
    return append(c, c->args, c->num);
  case INSERT:
    return append(c, c->args + 1, c->num - 1);
  case JOIN:
    for (uint32_t i = 1; i < c->num; ++i)
      EG_TRY(egl_elements(c->p, c->sort, c->args[i], c->list));
    return EG_OK;
  case POP:
    c->list->num -= c->list->num > 0;
    return EG_OK;
  case PUT:
  case CUT:
    *out_defined = place_of(c, &at);
    if (*out_defined && c->prim->deed == PUT)
      c->list->data[at] = c->args[2];
    else if (*out_defined)
      erase(c, at);
    return EG_OK;
  case REMOVE:
    at = find_record(c, c->list, 0, c->args[1]);
    if (at < c->list->num)
      erase(c, at);
    else
      *out_defined = c->prim->self != EGL_MULTISETS;
    return EG_OK;
  default: // DIFF, MEET
    EG_TRY(egl_elements(c->p, c->sort, c->args[1], c->other));
    filter(c, c->prim->deed == MEET);
    return EG_OK;
  }
}

// What is seen in the list: a number, an element, or that something holds.
static eg_status look(const call *c, uint32_t *out, bool *out_defined) {
  egl_value v = {0};
  size_t at;
  switch ((deed)c->prim->deed) {
  case LENGTH:
  case COUNT:
    v.i = (int64_t)(c->prim->deed == COUNT ? count(c, c->args[1])
                                           : c->list->num / c->width);
    return egl_add_value(c->p, EGL_I64, v, out);
  case HAS:
  case HAS_NOT:
    at = find_record(c, c->list, 0, c->args[1]);
    *out_defined = (at < c->list->num) == (c->prim->deed == HAS);
    return EG_OK;
  case LOOKUP:
    at = find_record(c, c->list, 0, c->args[1]);
    *out_defined = at < c->list->num;
    ++at; // behind the key stands the value
    break;
  case AT:
    *out_defined = place_of(c, &at);
    break;
  default: // FIRST, SECOND
    at = c->prim->deed == SECOND;
  }
  if (*out_defined)
    *out = c->list->data[at];
  return EG_OK;
}

eg_status egl_container_apply(eg_egglog *p, const egl_prim *prim, uint32_t sort,
                              const uint32_t *args, uint32_t num, bool known,
                              uint32_t *out, bool *out_defined) {
  call c = {.p = p,
            .prim = prim,
            .sort = sort,
            .width = prim->self == EGL_MAPS ? 2 : 1,
            .args = args,
            .num = num,
            .list = &p->elements,
            .other = &p->others};
  c.list->num = c.other->num = 0;
  *out_defined = true;
  *out = p->unit;
  if (prim->deed != MAKE && num > 0)
    EG_TRY(egl_elements(p, sort, args[0], c.list));
  if (prim->result != EGL_SELF)
    return look(&c, out, out_defined);
  EG_TRY(change(&c, out_defined));
  if (!*out_defined)
    return EG_OK;
  EG_TRY(egl_normalise(p, (egl_sort_kind)prim->self, c.list));
  EG_TRY(egl_container_make(p, sort, c.list, known, out));
  *out_defined = *out != 0;
  return EG_OK;
}
