// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Integer programming through CBC, where it was found at configure time; Clp,
// which comes with it, solves the linear relaxations.
//
// The program and the cuts: extract_ilp_model.c.
//
// First the relaxation, with cuts until they no longer help: its reduced costs
// drop nodes, the rest is presolved, again until little changes. Then CBC, with
// the incumbent as a cut-off (starts gave wrong results elsewhere), again after
// each answer that breaks a loop formula. Every choice that is offered goes
// through the checker.
#ifdef EG_HAVE_CBC
#include "extract_ilp.h"

#include <coin/Cbc_C_Interface.h>
#include <coin/Clp_C_Interface.h>
#include <math.h>
#include <stdio.h>

enum { MAX_CUT_ROUNDS = 40, MAX_LEVELS = 8 };

//===-- Choices -----------------------------------------------------------===//

// What a point suggests: Knuth under prices that favour nodes in use, then
// descent. Any point gives an incumbent.
static eg_status round_point(egi_ilp *s, const double *x, uint32_t *choice,
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
static eg_status take_point(egi_ilp *s, const double *x, uint32_t *choice,
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

static double time_left(const egi_ilp *s) {
  double left = s->part->deadline - egi_now();
  return left > 1e9 ? 1e9 : left;
}

static bool out_of_time(const egi_ilp *s) {
  eg_extraction_work(s->x, s->rows.num_entries);
  return egi_part_over(s->x, s->part);
}

static void give_rows(Clp_Simplex *clp, const egi_ilp_rows *r, size_t from) {
  Clp_addRows(clp, (int)(r->num - from), r->lower + from, r->upper + from,
              r->start + from, r->column, r->value);
}

// Clp takes starts that do not begin at 0 only with entries counted from there.
static Clp_Simplex *new_clp(egi_ilp *s) {
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
static eg_status relax(egi_ilp *s, Clp_Simplex *clp, uint32_t *choice,
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
    EG_TRY(egi_ilp_add_cuts(s, x, &cuts));
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
static eg_status transpose(egi_ilp *s, int **out_start, int **out_row,
                           double **out_value) {
  const egi_ilp_rows *r = &s->rows;
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

static eg_status new_cbc(egi_ilp *s, double cutoff, Cbc_Model **out_cbc) {
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
static eg_status branch_and_cut(egi_ilp *s, double cutoff, uint32_t *choice,
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
      status = egi_ilp_add_cuts(s, x, &cuts);
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

static eg_status prepare(egi_ilp *s) {
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
  return egi_ilp_add_model(s);
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
static eg_status level(egi_ilp *s, egi_arena *arena, tower *t,
                       bool *out_again) {
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
    egi_ilp s = {.x = x, .part = part, .arena.allocator = &x->allocator};
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
