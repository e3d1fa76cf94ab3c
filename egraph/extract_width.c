// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Parts of small width by dynamic programming.
//
// Without circles a set of classes A is a choice as soon as every class in it
// has a node whose children are all in A, and costs
//   sum over c in A of min { cost(n) : n in c, children(n) in A },
// one function per class of itself and its children. Such a sum is minimised by
// eliminating one class after the other (bucket elimination, R. Dechter, 1999):
// the functions that mention it become one of their other classes. The class
// with the fewest neighbours goes next; the largest table is 2^width. A part
// with circles, or whose tables grow too large, is left as it is.
#include "extract_internal.h"

#include <math.h>

enum { MAX_SCOPE = 18, MAX_CLASSES = 1024 };
static const uint64_t MAX_ENTRIES = UINT64_C(1) << 22; // of all tables

// A function of the classes in |scope|: bit i of an index says whether scope[i]
// is in A.
typedef struct factor {
  uint32_t scope[MAX_SCOPE + 1], num;
  double *table; // 2^num
  bool gone;
} factor;

typedef struct width {
  egi_arena arena;
  const egi_net *net;
  factor *factors;
  size_t num_factors, cap_factors;
  uint32_t *order; // classes as they were eliminated
  factor *joined;  // by order: all that mentioned the class
  uint32_t *place; // class -> position in a scope + 1
  uint8_t *in;     // the best A
  uint64_t entries;
  bool too_wide;
} width;

static uint32_t add_to_scope(factor *f, uint32_t id) {
  for (uint32_t i = 0; i < f->num; ++i)
    if (f->scope[i] == id)
      return i;
  if (f->num <= MAX_SCOPE)
    f->scope[f->num] = id;
  return f->num++;
}

static bool fits(width *w, const factor *f) {
  if (f->num > MAX_SCOPE)
    w->too_wide = true;
  else
    w->entries += UINT64_C(1) << f->num;
  w->too_wide |= w->entries > MAX_ENTRIES;
  return !w->too_wide;
}

static eg_status append(width *w, const factor *f) {
  factor *all = egi_arena_grow(&w->arena, w->factors, w->num_factors,
                               &w->cap_factors, sizeof *all);
  if (!all)
    return EG_NO_MEMORY;
  w->factors = all;
  all[w->num_factors++] = *f;
  return EG_OK;
}

//===-- The function of a class -------------------------------------------===//

static eg_status class_factor(width *w, uint32_t id, bool is_root) {
  const eg_problem *p = &w->net->p;
  factor f = {.num = 0};
  add_to_scope(&f, id);
  for (EGI_NODES(p, n, id))
    for (EGI_CHILDREN(p, e, n))
      if (add_to_scope(&f, p->children[e]) > MAX_SCOPE) {
        w->too_wide = true;
        return EG_OK;
      }
  if (!fits(w, &f))
    return EG_OK;
  uint32_t size = 1u << f.num;
  f.table = EGI_NEW(&w->arena, double, size);
  if (!f.table)
    return EG_NO_MEMORY;
  for (uint32_t set = 0; set < size; ++set)
    f.table[set] = set & 1 || is_root ? INFINITY : 0;
  for (EGI_NODES(p, n, id)) {
    uint32_t need = 1;
    for (EGI_CHILDREN(p, e, n))
      need |= 1u << add_to_scope(&f, p->children[e]);
    for (uint32_t set = 0; set < size; ++set)
      if ((set & need) == need && p->costs[n] < f.table[set])
        f.table[set] = p->costs[n];
  }
  return append(w, &f);
}

static eg_status start(width *w) {
  const eg_problem *p = &w->net->p;
  w->order = EGI_NEW(&w->arena, uint32_t, p->num_classes);
  w->joined = EGI_NEW(&w->arena, factor, p->num_classes);
  w->in = EGI_NEW(&w->arena, uint8_t, p->num_classes);
  w->place = EGI_NEW(&w->arena, uint32_t, p->num_classes);
  uint8_t *root = EGI_NEW(&w->arena, uint8_t, p->num_classes);
  if (!w->order || !w->joined || !w->in || !w->place || !root)
    return EG_NO_MEMORY;
  for (uint32_t r = 0; r < p->num_roots; ++r)
    root[p->roots[r]] = 1;
  for (uint32_t c = 0; c < p->num_classes && !w->too_wide; ++c)
    EG_TRY(class_factor(w, c, root[c]));
  return EG_OK;
}

//===-- Elimination -------------------------------------------------------===//

static bool mentions(const factor *f, uint32_t id) {
  for (uint32_t i = 0; i < f->num; ++i)
    if (f->scope[i] == id)
      return true;
  return false;
}

// The classes that stand beside |id|, which comes first.
static factor join_scope(const width *w, uint32_t id) {
  factor f = {.num = 0};
  add_to_scope(&f, id);
  for (size_t k = 0; k < w->num_factors; ++k) {
    const factor *g = &w->factors[k];
    if (g->gone || !mentions(g, id))
      continue;
    for (uint32_t i = 0; i < g->num && f.num <= MAX_SCOPE; ++i)
      add_to_scope(&f, g->scope[i]);
  }
  return f;
}

// Sums every function that mentions the class.
static eg_status join(width *w, factor *f) {
  uint32_t size = 1u << f->num, id = f->scope[0];
  f->table = EGI_NEW(&w->arena, double, size);
  if (!f->table)
    return EG_NO_MEMORY;
  for (uint32_t i = 0; i < f->num; ++i)
    w->place[f->scope[i]] = i;
  for (size_t k = 0; k < w->num_factors; ++k) {
    factor *g = &w->factors[k];
    if (g->gone || !mentions(g, id))
      continue;
    g->gone = true;
    for (uint32_t set = 0; set < size; ++set) {
      uint32_t index = 0;
      for (uint32_t i = 0; i < g->num; ++i)
        index |= (set >> w->place[g->scope[i]] & 1) << i;
      f->table[set] += g->table[index];
    }
  }
  return EG_OK;
}

// The joined function with its first class at its best.
static eg_status project(width *w, const factor *f) {
  factor g = {.num = f->num - 1};
  memcpy(g.scope, f->scope + 1, g.num * sizeof *g.scope);
  g.table = EGI_NEW(&w->arena, double, (size_t)1 << g.num);
  if (!g.table)
    return EG_NO_MEMORY;
  for (uint32_t set = 0; set < 1u << g.num; ++set)
    g.table[set] = fmin(f->table[2 * set], f->table[2 * set + 1]);
  return append(w, &g);
}

// The class with the fewest neighbours that is still there.
static uint32_t next_class(const width *w, const uint8_t *done) {
  uint32_t best = EG_NO_NODE, fewest = UINT32_MAX;
  for (uint32_t c = 0; c < w->net->p.num_classes; ++c) {
    if (done[c])
      continue;
    uint32_t num = join_scope(w, c).num;
    if (num < fewest) {
      fewest = num;
      best = c;
    }
  }
  return best;
}

static eg_status eliminate(width *w, eg_extraction *x) {
  uint32_t num = w->net->p.num_classes;
  uint8_t *done = EGI_NEW(&w->arena, uint8_t, num);
  if (!done)
    return EG_NO_MEMORY;
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t c = next_class(w, done);
    factor f = join_scope(w, c);
    if (!fits(w, &f) || !eg_extraction_work(x, w->num_factors)) {
      w->too_wide = true;
      return EG_OK;
    }
    EG_TRY(join(w, &f));
    EG_TRY(project(w, &f));
    w->joined[i] = f;
    w->order[i] = c;
    done[c] = 1;
  }
  return EG_OK;
}

//===-- The choice --------------------------------------------------------===//

// Backwards: when a class is looked at, all it stood beside are decided.
static void decide(width *w) {
  for (uint32_t i = w->net->p.num_classes; i-- > 0;) {
    const factor *f = &w->joined[i];
    uint32_t set = 0;
    for (uint32_t k = 1; k < f->num; ++k)
      set |= (uint32_t)w->in[f->scope[k]] << k;
    w->in[w->order[i]] = f->table[set | 1] < f->table[set];
  }
}

static void take_cheapest(const width *w, uint32_t *choice) {
  const eg_problem *p = &w->net->p;
  for (uint32_t c = 0; c < p->num_classes; ++c) {
    choice[c] = EG_NO_NODE;
    for (EGI_NODES(p, n, c)) {
      bool usable = w->in[c];
      for (EGI_CHILDREN(p, e, n))
        usable &= w->in[p->children[e]];
      if (usable &&
          (choice[c] == EG_NO_NODE || p->costs[n] < p->costs[choice[c]]))
        choice[c] = n;
    }
  }
}

static eg_status solve(width *w, eg_extraction *x, egi_part *part) {
  const eg_problem *p = &w->net->p;
  uint32_t *component, num;
  EG_TRY(egi_components(&w->arena, w->net, &component, &num));
  // Looking for the next class is quadratic: wide parts are large as well.
  if (num < p->num_classes || p->num_classes > MAX_CLASSES)
    return EG_OK;
  EG_TRY(start(w));
  if (!w->too_wide)
    EG_TRY(eliminate(w, x));
  if (w->too_wide)
    return EG_OK;
  decide(w);
  double total = 0;
  for (size_t k = 0; k < w->num_factors; ++k)
    total += w->factors[k].gone ? 0 : w->factors[k].table[0];
  if (total < part->total) {
    part->total = total;
    take_cheapest(w, part->choice);
  }
  double bound = total < part->cutoff ? total : part->cutoff;
  part->bound = bound > part->bound ? bound : part->bound;
  part->cutoff = part->total < part->cutoff ? part->total : part->cutoff;
  return EG_OK;
}

eg_status egi_solve_width(eg_extraction *x, egi_part *part) {
  width w = {.arena.allocator = &x->allocator, .net = &part->net};
  eg_status status = solve(&w, x, part);
  egi_arena_free(&w.arena);
  return status;
}

eg_status egi_run_width(void *user, eg_extraction *x) {
  (void)user;
  static const egi_pass passes[] = {{egi_solve_width, 1},
                                    {egi_solve_branch, 1}};
  return egi_exact(x, passes, 2);
}
