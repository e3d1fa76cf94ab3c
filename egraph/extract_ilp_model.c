// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The integer program of a net, row by row:
//
//   x(n) in {0, 1}   node n is chosen; y(c) = sum over n in c of x(n)
//   minimise         sum of cost(n) x(n)
//   y(r) = 1         for roots r, y(c) <= 1 for all others
//   y(d) >= sum over n in c with child d of x(n)     for each pair (c, d)
//
// Nothing there forbids that classes support each other in a circle. For a set L
// of classes and d in L, a finite term of d leaves L somewhere:
//   sum over n in L without a child in L of x(n)  >=  y(d)
// (loop formulas, F. Lin and Y. Zhao, 2004). They are added when violated. A
// set is found from below: what is supported is a fixpoint like Knuth's, with
//   s(c) = sum over n in c of min(x(n), s(children));
// classes whose s lags behind y at some threshold are L.
#ifdef EG_HAVE_CBC
#include "extract_ilp.h"

enum { MAX_CUTS_PER_ROUND = 200 };

//===-- Rows --------------------------------------------------------------===//

static eg_status begin_row(egi_ilp *s, double lower, double upper) {
  egi_ilp_rows *r = &s->rows;
  size_t cap = r->cap_rows, more = cap ? cap * 2 : 256;
  if (r->num == cap) {
    int *start = EGI_NEW(&s->arena, int, more + 1);
    double *low = EGI_NEW(&s->arena, double, more);
    double *high = EGI_NEW(&s->arena, double, more);
    if (!start || !low || !high)
      return EG_NO_MEMORY;
    if (cap) {
      memcpy(start, r->start, (cap + 1) * sizeof *start);
      memcpy(low, r->lower, cap * sizeof *low);
      memcpy(high, r->upper, cap * sizeof *high);
    }
    r->start = start;
    r->lower = low;
    r->upper = high;
    r->cap_rows = more;
  }
  r->lower[r->num] = lower;
  r->upper[r->num] = upper;
  r->start[++r->num] = (int)r->num_entries;
  return EG_OK;
}

static eg_status add_entry(egi_ilp *s, uint32_t node, double value) {
  egi_ilp_rows *r = &s->rows;
  size_t cap = r->cap_entries, more = cap ? cap * 2 : 1024;
  if (r->num_entries == cap) {
    int *column = EGI_NEW(&s->arena, int, more);
    double *values = EGI_NEW(&s->arena, double, more);
    if (!column || !values)
      return EG_NO_MEMORY;
    if (cap) {
      memcpy(column, r->column, cap * sizeof *column);
      memcpy(values, r->value, cap * sizeof *values);
    }
    r->column = column;
    r->value = values;
    r->cap_entries = more;
  }
  r->column[r->num_entries] = (int)node;
  r->value[r->num_entries++] = value;
  r->start[r->num] = (int)r->num_entries;
  return EG_OK;
}

static eg_status add_class(egi_ilp *s, uint32_t id, double value) {
  for (EGI_NODES(&s->net->p, n, id))
    EG_TRY(add_entry(s, n, value));
  return EG_OK;
}

// One row for each pair of a class and a child of some node of it.
static eg_status add_pairs(egi_ilp *s, uint32_t id, uint32_t *seen,
                           uint32_t *kids) {
  const eg_problem *p = &s->net->p;
  uint32_t num = 0;
  for (EGI_NODES(p, n, id))
    for (EGI_CHILDREN(p, e, n)) {
      uint32_t d = p->children[e];
      if (seen[d] == id + 1)
        continue;
      seen[d] = id + 1;
      kids[num++] = d;
    }
  for (uint32_t i = 0; i < num; ++i) {
    EG_TRY(begin_row(s, 0, EGI_INFINITE));
    EG_TRY(add_class(s, kids[i], 1));
    for (EGI_USERS(s->net, u, kids[i]))
      if (s->net->owner[s->net->users[u]] == id)
        EG_TRY(add_entry(s, s->net->users[u], -1));
  }
  return EG_OK;
}

eg_status egi_ilp_add_model(egi_ilp *s) {
  const eg_problem *p = &s->net->p;
  uint32_t *seen = EGI_NEW(&s->arena, uint32_t, p->num_classes);
  uint32_t *kids = EGI_NEW(&s->arena, uint32_t, p->num_classes);
  uint8_t *root = EGI_NEW(&s->arena, uint8_t, p->num_classes);
  if (!seen || !kids || !root)
    return EG_NO_MEMORY;
  for (uint32_t r = 0; r < p->num_roots; ++r)
    root[p->roots[r]] = 1;
  for (uint32_t c = 0; c < p->num_classes; ++c) {
    EG_TRY(begin_row(s, root[c], 1));
    EG_TRY(add_class(s, c, 1));
    EG_TRY(add_pairs(s, c, seen, kids));
  }
  return EG_OK;
}

//===-- Loop formulas -----------------------------------------------------===//

static double value_below(const egi_ilp *s, const double *x, uint32_t node,
                          uint32_t component) {
  const eg_problem *p = &s->net->p;
  double value = x[node];
  for (EGI_CHILDREN(p, e, node)) {
    uint32_t d = p->children[e];
    if (s->component[d] == component && s->support[d] < value)
      value = s->support[d];
  }
  return value;
}

// s(c) of one component, from below; a few sweeps, more only sharpen it.
static void find_support(egi_ilp *s, const double *x, const uint32_t *classes,
                         uint32_t num) {
  const eg_problem *p = &s->net->p;
  for (uint32_t i = 0; i < num; ++i)
    s->support[classes[i]] = 0;
  bool changed = true;
  for (uint32_t sweep = 0; changed && sweep <= num; ++sweep) {
    changed = false;
    for (uint32_t i = 0; i < num; ++i) {
      uint32_t c = classes[i];
      double sum = 0;
      for (EGI_NODES(p, n, c))
        sum += x[n] > 1e-9 ? value_below(s, x, n, s->component[c]) : 0;
      if (sum > s->support[c] + 1e-7) {
        s->support[c] = sum;
        changed = true;
      }
    }
  }
}

static bool leaves_loop(const egi_ilp *s, uint32_t node) {
  for (EGI_CHILDREN(&s->net->p, e, node))
    if (s->in_loop[s->net->p.children[e]])
      return false;
  return true;
}

// The formula of the set |in_loop| for its class with the largest y, if x
// breaks it.
static eg_status cut_loop(egi_ilp *s, const double *x, const uint32_t *classes,
                          uint32_t num, uint32_t *out_cuts) {
  const eg_problem *p = &s->net->p;
  double outside = 0;
  uint32_t most = EG_NO_NODE;
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t c = classes[i];
    if (!s->in_loop[c])
      continue;
    if (most == EG_NO_NODE || s->y[c] > s->y[most])
      most = c;
    for (EGI_NODES(p, n, c))
      outside += x[n] > 1e-9 && leaves_loop(s, n) ? x[n] : 0;
  }
  if (most == EG_NO_NODE || outside > s->y[most] - 1e-4)
    return EG_OK;
  ++*out_cuts;
  EG_TRY(begin_row(s, 0, EGI_INFINITE));
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t c = classes[i];
    if (!s->in_loop[c])
      continue;
    for (EGI_NODES(p, n, c)) {
      double value = (leaves_loop(s, n) ? 1 : 0) - (c == most ? 1 : 0);
      if (value != 0)
        EG_TRY(add_entry(s, n, value));
    }
  }
  return EG_OK;
}

// From |seed| along nodes in use to classes of its component whose support is
// no better: the circle, with what hangs on it left out.
static void grow_loop(egi_ilp *s, const double *x, uint32_t seed,
                      double threshold) {
  const eg_problem *p = &s->net->p;
  uint32_t *stack = s->order + p->num_classes, num = 0;
  s->in_loop[seed] = 1;
  stack[num++] = seed;
  while (num) {
    uint32_t c = stack[--num];
    for (EGI_NODES(p, n, c)) {
      if (x[n] <= 1e-9)
        continue;
      for (EGI_CHILDREN(p, e, n)) {
        uint32_t d = p->children[e];
        if (s->component[d] != s->component[c] || s->in_loop[d] ||
            s->support[d] > threshold + 1e-9)
          continue;
        s->in_loop[d] = 1;
        stack[num++] = d;
      }
    }
  }
}

// Adds violated formulas of one component.
static eg_status cut_component(egi_ilp *s, const double *x,
                               const uint32_t *classes, uint32_t num,
                               uint32_t *out_cuts) {
  enum { SEEDS = 12 };
  find_support(s, x, classes, num);
  uint32_t seeds = 0;
  for (uint32_t i = 0; i < num && seeds < SEEDS; ++i) {
    uint32_t c = classes[i];
    if (s->support[c] >= s->y[c] - 1e-4)
      continue;
    for (uint32_t k = 0; k < num; ++k)
      s->in_loop[classes[k]] = 0;
    grow_loop(s, x, c, s->support[c]);
    uint32_t before = *out_cuts;
    EG_TRY(cut_loop(s, x, classes, num, out_cuts));
    seeds += *out_cuts > before;
  }
  for (uint32_t k = 0; k < num; ++k)
    s->in_loop[classes[k]] = 0;
  return EG_OK;
}

eg_status egi_ilp_add_cuts(egi_ilp *s, const double *x, uint32_t *out_cuts) {
  const eg_problem *p = &s->net->p;
  *out_cuts = 0;
  for (uint32_t c = 0; c < p->num_classes; ++c) {
    s->y[c] = 0;
    for (EGI_NODES(p, n, c))
      s->y[c] += x[n];
  }
  for (uint32_t k = 0; k < s->num_components; ++k) {
    if (s->size[k] < 2)
      continue;
    uint32_t num = 0;
    // Deepest first: numbers rise away from the roots.
    for (uint32_t c = p->num_classes; c-- > 0;)
      if (s->component[c] == k && s->y[c] > 1e-6)
        s->order[num++] = c;
    if (num && *out_cuts < MAX_CUTS_PER_ROUND)
      EG_TRY(cut_component(s, x, s->order, num, out_cuts));
  }
  return EG_OK;
}
#else
typedef int egi_no_ilp_model; // a translation unit is not empty
#endif
