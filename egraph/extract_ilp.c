// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Integer programming through CBC, where it was found at configure time; Clp,
// which comes with it, solves the linear relaxations.
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
//
// First the relaxation, with cuts until they no longer help: its reduced costs
// drop nodes, the rest is presolved, again until little changes. Then CBC, with
// the incumbent as a cut-off (starts gave wrong results elsewhere), again after
// each answer that breaks a loop formula. Every choice that is offered goes
// through the checker.
#ifdef EG_HAVE_CBC
#include "extract_internal.h"

#include <coin/Cbc_C_Interface.h>
#include <coin/Clp_C_Interface.h>
#include <math.h>
#include <stdio.h>

enum { MAX_CUT_ROUNDS = 40, MAX_LEVELS = 8, MAX_CUTS_PER_ROUND = 200 };

static const double INFINITE = 1e30; // to both solvers

// Rows lower <= sum coefficient x <= upper, as both solvers take them.
typedef struct rows {
  int *start; // num + 1
  int *column;
  double *value, *lower, *upper;
  size_t num, num_entries, cap_rows, cap_entries;
} rows;

typedef struct ilp {
  eg_extraction *x;
  egi_part *part;
  const egi_net *net;
  egi_arena arena; // of this net's model
  rows rows;
  uint32_t *component, num_components;
  uint32_t *size; // of each component
  double *support, *y;
  uint8_t *in_loop;
  uint32_t *order; // scratch of classes
  double *reduced; // reduced costs of the last relaxation
  double bound;    // of the last relaxation
} ilp;

//===-- Rows --------------------------------------------------------------===//

static eg_status begin_row(ilp *s, double lower, double upper) {
  rows *r = &s->rows;
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

static eg_status add_entry(ilp *s, uint32_t node, double value) {
  rows *r = &s->rows;
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

static eg_status add_class(ilp *s, uint32_t id, double value) {
  for (EGI_NODES(&s->net->p, n, id))
    EG_TRY(add_entry(s, n, value));
  return EG_OK;
}

// One row for each pair of a class and a child of some node of it.
static eg_status add_pairs(ilp *s, uint32_t id, uint32_t *seen,
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
    EG_TRY(begin_row(s, 0, INFINITE));
    EG_TRY(add_class(s, kids[i], 1));
    for (EGI_USERS(s->net, u, kids[i]))
      if (s->net->owner[s->net->users[u]] == id)
        EG_TRY(add_entry(s, s->net->users[u], -1));
  }
  return EG_OK;
}

static eg_status add_model(ilp *s) {
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

static double value_below(const ilp *s, const double *x, uint32_t node,
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
static void find_support(ilp *s, const double *x, const uint32_t *classes,
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

static bool leaves_loop(const ilp *s, uint32_t node) {
  for (EGI_CHILDREN(&s->net->p, e, node))
    if (s->in_loop[s->net->p.children[e]])
      return false;
  return true;
}

// The formula of the set |in_loop| for its class with the largest y, if x
// breaks it.
static eg_status cut_loop(ilp *s, const double *x, const uint32_t *classes,
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
  EG_TRY(begin_row(s, 0, INFINITE));
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
static void grow_loop(ilp *s, const double *x, uint32_t seed,
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
static eg_status cut_component(ilp *s, const double *x, const uint32_t *classes,
                               uint32_t num, uint32_t *out_cuts) {
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

// All violated formulas that are found.
static eg_status add_cuts(ilp *s, const double *x, uint32_t *out_cuts) {
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

//===-- Choices -----------------------------------------------------------===//

// What a point suggests: Knuth under prices that favour nodes in use, then
// descent. Any point gives an incumbent.
static eg_status round_point(ilp *s, const double *x, uint32_t *choice,
                             double *out_total) {
  const eg_problem *p = &s->net->p;
  egi_knuth knuth;
  double *prices = EGI_NEW(&s->arena, double, p->num_nodes);
  EG_TRY(egi_knuth_make(&s->arena, s->net, &knuth));
  if (!prices)
    return EG_NO_MEMORY;
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    prices[n] = (p->costs[n] + 1e-3) * (1.001 - (x[n] < 1 ? x[n] : 1));
  egi_knuth_run(&knuth, s->net, prices, NULL, choice);
  return egi_polish(s->x, s->net, choice, out_total);
}

// An integral point that breaks no formula is a choice.
static eg_status take_point(ilp *s, const double *x, uint32_t *choice,
                            double *out_total) {
  const eg_problem *p = &s->net->p;
  egi_knuth knuth;
  EG_TRY(egi_knuth_make(&s->arena, s->net, &knuth));
  egi_knuth_run(&knuth, s->net, p->costs, NULL, choice);
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    if (x[n] > 0.5)
      choice[s->net->owner[n]] = n;
  return egi_polish(s->x, s->net, choice, out_total);
}

//===-- Relaxations -------------------------------------------------------===//

static double time_left(const ilp *s) {
  double left = s->part->deadline - egi_now();
  return left > 1e9 ? 1e9 : left;
}

static bool out_of_time(const ilp *s) {
  eg_extraction_work(s->x, s->rows.num_entries);
  return egi_part_over(s->x, s->part);
}

static void give_rows(Clp_Simplex *clp, const rows *r, size_t from) {
  Clp_addRows(clp, (int)(r->num - from), r->lower + from, r->upper + from,
              r->start + from, r->column, r->value);
}

// Clp takes starts that do not begin at 0 only with entries counted from there.
static Clp_Simplex *new_clp(ilp *s) {
  const eg_problem *p = &s->net->p;
  int num = (int)p->num_nodes;
  int *start = EGI_NEW(&s->arena, int, p->num_nodes + 1);
  double *high = EGI_NEW(&s->arena, double, p->num_nodes);
  Clp_Simplex *clp = start && high ? Clp_newModel() : NULL;
  if (!clp)
    return NULL;
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    high[n] = 1;
  Clp_setLogLevel(clp, 0);
  Clp_loadProblem(clp, num, 0, start, NULL, NULL, NULL, high, p->costs, NULL,
                  NULL);
  give_rows(clp, &s->rows, 0);
  return clp;
}

// Solves the relaxation with cuts. |*out_whole|: its point is integral and no
// formula is broken, so |choice| is optimal for the net.
static eg_status relax(ilp *s, Clp_Simplex *clp, uint32_t *choice,
                       double *out_total, bool *out_done) {
  const eg_problem *p = &s->net->p;
  double last = -INFINITY;
  int stalled = 0;
  *out_done = false;
  for (int round = 0; round < MAX_CUT_ROUNDS && !out_of_time(s); ++round) {
    Clp_setMaximumSeconds(clp, time_left(s));
    if (round == 0)
      Clp_initialDualSolve(clp);
    else
      Clp_dual(clp, 0);
    if (Clp_status(clp) != 0)
      return EG_OK; // out of time, or in trouble: what was proved stands
    const double *x = Clp_primalColumnSolution(clp);
    s->bound = Clp_objectiveValue(clp);
    memcpy(s->reduced, Clp_dualColumnSolution(clp),
           p->num_nodes * sizeof *s->reduced);
    size_t before = s->rows.num;
    uint32_t cuts;
    EG_TRY(add_cuts(s, x, &cuts));
    stalled = s->bound > last + 1e-4 * (fabs(last) + 1e-3) ? 0 : stalled + 1;
    last = s->bound;
    if (!cuts || stalled > 4) {
      EG_TRY(round_point(s, x, choice, out_total));
      s->rows.num = before;
      s->rows.num_entries = (size_t)s->rows.start[before];
      *out_done = *out_total <= s->bound + 1e-7 * fabs(s->bound) + 1e-12;
      return EG_OK;
    }
    size_t first = (size_t)s->rows.start[before];
    for (size_t i = before; i <= s->rows.num; ++i)
      s->rows.start[i] -= (int)first;
    Clp_addRows(clp, (int)(s->rows.num - before), s->rows.lower + before,
                s->rows.upper + before, s->rows.start + before,
                s->rows.column + first, s->rows.value + first);
    for (size_t i = before; i <= s->rows.num; ++i)
      s->rows.start[i] += (int)first;
  }
  return EG_OK;
}

//===-- Integers ----------------------------------------------------------===//

// Columns of the rows, as Cbc_loadProblem wants them.
static eg_status transpose(ilp *s, int **out_start, int **out_row,
                           double **out_value) {
  const rows *r = &s->rows;
  size_t num = s->net->p.num_nodes;
  int *start = EGI_NEW(&s->arena, int, num + 2);
  int *row = EGI_NEW(&s->arena, int, r->num_entries);
  double *value = EGI_NEW(&s->arena, double, r->num_entries);
  if (!start || !row || !value)
    return EG_NO_MEMORY;
  for (size_t e = 0; e < r->num_entries; ++e)
    ++start[r->column[e] + 2];
  for (size_t n = 0; n < num; ++n)
    start[n + 2] += start[n + 1];
  for (size_t i = 0; i < r->num; ++i)
    for (int e = r->start[i]; e < r->start[i + 1]; ++e) {
      int at = start[r->column[e] + 1]++;
      row[at] = (int)i;
      value[at] = r->value[e];
    }
  *out_start = start;
  *out_row = row;
  *out_value = value;
  return EG_OK;
}

static void set_number(Cbc_Model *cbc, const char *name, double value) {
  char text[40];
  snprintf(text, sizeof text, "%.12g", value);
  Cbc_setParameter(cbc, name, text);
}

static eg_status new_cbc(ilp *s, double cutoff, Cbc_Model **out_cbc) {
  const eg_problem *p = &s->net->p;
  int *start, *row;
  double *value;
  *out_cbc = NULL;
  EG_TRY(transpose(s, &start, &row, &value));
  double *high = EGI_NEW(&s->arena, double, p->num_nodes);
  Cbc_Model *cbc = high ? Cbc_newModel() : NULL;
  if (!cbc)
    return EG_NO_MEMORY;
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    high[n] = 1;
  Cbc_loadProblem(cbc, (int)p->num_nodes, (int)s->rows.num, start, row, value,
                  NULL, high, p->costs, s->rows.lower, s->rows.upper);
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    Cbc_setInteger(cbc, (int)n);
  Cbc_setParameter(cbc, "log", "0");
  Cbc_setParameter(cbc, "slog", "0");
  set_number(cbc, "ratio", 0);
  set_number(cbc, "allow", 1e-9);
  if (time_left(s) < 1e8)
    set_number(cbc, "sec", time_left(s));
  if (cutoff < INFINITY)
    set_number(cbc, "cutoff", cutoff);
  *out_cbc = cbc;
  return EG_OK;
}

// CBC, cut, again. The bound is what it proves, at most |cutoff|.
static eg_status branch_and_cut(ilp *s, double cutoff, uint32_t *choice,
                                double *out_total) {
  const eg_problem *p = &s->net->p;
  uint32_t *candidate = EGI_NEW(&s->arena, uint32_t, p->num_classes);
  if (!candidate)
    return EG_NO_MEMORY;
  while (!out_of_time(s)) {
    Cbc_Model *cbc;
    double total;
    EG_TRY(new_cbc(s, cutoff, &cbc));
    Cbc_solve(cbc);
    bool optimal = Cbc_isProvenOptimal(cbc);
    bool nothing = Cbc_isProvenInfeasible(cbc);
    double bound = optimal   ? Cbc_getObjValue(cbc)
                   : nothing ? cutoff
                             : Cbc_getBestPossibleObjValue(cbc);
    if (bound > s->bound && bound < 1e50)
      s->bound = bound < cutoff ? bound : cutoff;
    const double *x = nothing ? NULL : Cbc_bestSolution(cbc);
    uint32_t cuts = 0;
    eg_status status = EG_OK;
    if (x) {
      status = add_cuts(s, x, &cuts);
      if (status == EG_OK)
        status = cuts ? round_point(s, x, candidate, &total)
                      : take_point(s, x, candidate, &total);
      if (status == EG_OK && total < *out_total) {
        *out_total = total;
        memcpy(choice, candidate, p->num_classes * sizeof *choice);
      }
    }
    Cbc_deleteModel(cbc);
    if (status != EG_OK || !cuts || nothing)
      return status;
    if (*out_total < cutoff)
      cutoff = *out_total;
  }
  return EG_OK;
}

//===-- A part ------------------------------------------------------------===//

static eg_status prepare(ilp *s) {
  const eg_problem *p = &s->net->p;
  egi_arena *a = &s->arena;
  EG_TRY(egi_components(a, s->net, &s->component, &s->num_components));
  s->size = EGI_NEW(a, uint32_t, s->num_components);
  s->support = EGI_NEW(a, double, p->num_classes);
  s->y = EGI_NEW(a, double, p->num_classes);
  s->in_loop = EGI_NEW(a, uint8_t, p->num_classes);
  s->order = EGI_NEW(a, uint32_t, 2 * (size_t)p->num_classes);
  s->reduced = EGI_NEW(a, double, p->num_nodes);
  if (!s->size || !s->support || !s->y || !s->in_loop || !s->order ||
      !s->reduced)
    return EG_NO_MEMORY;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    ++s->size[s->component[c]];
  s->bound = -INFINITY;
  return add_model(s);
}

typedef struct tower {
  egi_reduced at[MAX_LEVELS];
  uint32_t num;
  double offset;
} tower;

// A choice of the top net, of cost |total| with the offset, as the part's.
static eg_status take(egi_part *part, egi_arena *arena, const tower *t,
                      const uint32_t *choice, double total) {
  if (total >= part->total)
    return EG_OK;
  const uint32_t *upper = choice;
  for (uint32_t i = t->num; i-- > 0;) {
    const egi_net *base = i ? &t->at[i - 1].net : &part->net;
    uint32_t *lower = EGI_NEW(arena, uint32_t, base->p.num_classes);
    if (!lower)
      return EG_NO_MEMORY;
    egi_unreduce(&t->at[i], base, upper, lower);
    upper = lower;
  }
  memcpy(part->choice, upper, part->net.p.num_classes * sizeof *upper);
  part->total = total;
  if (total < part->cutoff)
    part->cutoff = total;
  return EG_OK;
}

static void prove(egi_part *part, double bound) {
  bound = bound < part->cutoff ? bound : part->cutoff;
  if (bound > part->bound)
    part->bound = bound;
}

// One net: relaxation, then either a smaller net on the tower, or CBC.
// |*out_again|: there is a smaller net.
static eg_status level(ilp *s, egi_arena *arena, tower *t, bool *out_again) {
  egi_part *part = s->part;
  const eg_problem *p = &s->net->p;
  bool done;
  double total = INFINITY;
  *out_again = false;
  EG_TRY(prepare(s));
  uint32_t *choice = EGI_NEW(&s->arena, uint32_t, p->num_classes);
  Clp_Simplex *clp = choice ? new_clp(s) : NULL;
  if (!clp)
    return EG_NO_MEMORY;
  eg_status status = relax(s, clp, choice, &total, &done);
  Clp_deleteModel(clp);
  EG_TRY(status);
  EG_TRY(take(part, &s->arena, t, choice, total + t->offset));
  prove(part, s->bound + t->offset);
  double limit = part->cutoff - t->offset;
  if (done || s->bound >= limit - 1e-9 * fabs(limit) || s->bound == -INFINITY)
    return EG_OK;
  egi_bound fixing = {s->bound, s->reduced};
  egi_reduced smaller;
  EG_TRY(egi_tighten(s->x, arena, s->net, &fixing, limit, &smaller));
  if (smaller.closed) {
    prove(part, part->cutoff);
    return EG_OK;
  }
  if (t->num + 1 < MAX_LEVELS &&
      smaller.net.p.num_nodes < p->num_nodes / 100 * 97) {
    t->at[t->num++] = smaller;
    t->offset += smaller.offset;
    *out_again = true;
    return EG_OK;
  }
  EG_TRY(branch_and_cut(s, limit - 1e-9 * fabs(limit), choice, &total));
  EG_TRY(take(part, &s->arena, t, choice, total + t->offset));
  prove(part, s->bound + t->offset);
  return EG_OK;
}

static eg_status solve(eg_extraction *x, egi_part *part) {
  egi_arena arena = {.allocator = &x->allocator};
  tower *t = EGI_NEW(&arena, tower, 1);
  eg_status status = t ? EG_OK : EG_NO_MEMORY;
  bool again = true;
  while (status == EG_OK && again) {
    ilp s = {.x = x, .part = part, .arena.allocator = &x->allocator};
    s.net = t->num ? &t->at[t->num - 1].net : &part->net;
    status = level(&s, &arena, t, &again);
    egi_arena_free(&s.arena);
  }
  egi_arena_free(&arena);
  return status;
}

eg_status egi_run_ilp(void *user, eg_extraction *x) {
  (void)user;
  // Branching by presolve is fast on what is nearly decided, and where circles
  // make the relaxation weak.
  static const egi_pass passes[] = {{egi_solve_width, 0.2},
                                    {egi_solve_branch, 0.2},
                                    {solve, 0.7},
                                    {egi_solve_branch, 1}};
  return egi_exact(x, passes, 4);
}
#else
typedef int egi_no_cbc; // a translation unit is not empty
#endif
