// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One session of extraction: options and budgets, the table of methods, and the
// only way to the answer, which leads through the checker.
#include "extract_internal.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

//===-- The methods -------------------------------------------------------===//

//  name       negative exact function       summary
#define METHODS(X)                                                             \
  X("tree", true, false, egi_run_tree, "the tree optimum (Knuth 1977)")        \
  X("dag", true, false, egi_run_dag, "Knuth's order with shared costs")        \
  X("local", true, false, egi_run_local,                                       \
    "switches with exact change of cost, hubs, restarts")                      \
  X("anneal", true, false, egi_run_anneal, "simulated annealing from dag")     \
  X("genetic", true, false, egi_run_genetic,                                   \
    "choices crossed by Knuth's rule")                                         \
  X("beam", false, false, egi_run_beam,                                        \
    "the best few branches, level by level")                                   \
  X("width", false, true, egi_run_width,                                       \
    "elimination on parts of small width, branch on the others")               \
  X("branch", false, true, egi_run_branch,                                     \
    "branch and bound by presolve and price splitting")                        \
  METHOD_ILP(X)

#ifdef EG_HAVE_CBC
#define METHOD_ILP(X)                                                          \
  X("ilp", false, true, egi_run_ilp, "integer programming with loop cuts (CBC)")
#else
#define METHOD_ILP(X)
#endif

static const eg_extractor methods[] = {
#define ROW(name, negative, exact, run, summary)                               \
  {name, summary, negative, exact, run, NULL},
    METHODS(ROW)
#undef ROW
};

uint32_t eg_num_extractors(void) {
  return sizeof methods / sizeof *methods;
}

const eg_extractor *eg_extractor_get(uint32_t index) {
  return &methods[index];
}

const eg_extractor *eg_extractor_find(const char *name) {
  for (uint32_t i = 0; i < eg_num_extractors(); ++i)
    if (strcmp(methods[i].name, name) == 0)
      return &methods[i];
  return NULL;
}

//===-- What methods may call ---------------------------------------------===//

const eg_problem *eg_extraction_problem(const eg_extraction *x) {
  return x->problem;
}

const eg_allocator *eg_extraction_allocator(const eg_extraction *x) {
  return &x->allocator;
}

const uint32_t *eg_extraction_best(const eg_extraction *x) {
  return x->best;
}

double eg_extraction_best_dag(const eg_extraction *x) {
  return x->best_dag;
}

eg_status eg_extraction_fail(eg_extraction *x, eg_status status,
                             const char *format, ...) {
  char text[sizeof x->result->error.text];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return egi_error(&x->result->error, status, 0, "%s", text);
}

eg_status eg_extraction_offer(eg_extraction *x, const uint32_t *choice) {
  eg_choice_totals totals;
  eg_error error;
  ++x->result->offers;
  eg_status status =
      eg_problem_check(&x->allocator, x->problem, choice, &totals, &error);
  if (status != EG_OK)
    return eg_extraction_fail(x, status, "%s", error.text);
  if (!isfinite(totals.dag))
    return eg_extraction_fail(x, EG_INVALID, "a choice of cost %g", totals.dag);
  if (x->best_dag <= totals.dag)
    return EG_OK;
  x->best_dag = totals.dag;
  memcpy(x->best, choice, x->problem->num_classes * sizeof *choice);
  return EG_OK;
}

void eg_extraction_bound(eg_extraction *x, double bound) {
  if (bound > x->result->bound)
    x->result->bound = bound;
}

double egi_now(void) {
  struct timespec t;
  timespec_get(&t, TIME_UTC);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

enum { CLOCK_EVERY = 1 << 15 }; // edges between two looks at the clock

bool eg_extraction_work(eg_extraction *x, uint64_t amount) {
  x->result->work += amount;
  if (x->stopped)
    return false;
  if (x->result->work >= x->options->work) {
    x->stopped = true;
    x->result->stop = EG_EXTRACT_WORK;
  } else if (x->result->work >= x->next_clock && x->deadline < INFINITY) {
    x->next_clock = x->result->work + CLOCK_EVERY;
    if (egi_now() >= x->deadline) {
      x->stopped = true;
      x->result->stop = EG_EXTRACT_TIME;
    }
  }
  return !x->stopped;
}

// splitmix64, G. L. Steele et al. 2014.
uint64_t eg_extraction_random(eg_extraction *x) {
  uint64_t z = x->random += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

double egi_random_unit(eg_extraction *x) {
  return (double)(eg_extraction_random(x) >> 11) * 0x1p-53;
}

uint32_t egi_random_below(eg_extraction *x, uint32_t num) {
  return (uint32_t)((eg_extraction_random(x) >> 32) * num >> 32);
}

//===-- Choices of a net --------------------------------------------------===//

eg_status egi_offer(eg_extraction *x, const egi_net *net,
                    const uint32_t *choice) {
  memset(x->lifted, 0xff, x->problem->num_classes * sizeof *x->lifted);
  for (uint32_t c = 0; c < net->p.num_classes; ++c)
    if (choice[c] != EG_NO_NODE)
      x->lifted[net->origin_class[c]] = net->origin_node[choice[c]];
  return eg_extraction_offer(x, x->lifted);
}

bool egi_has_negative(const eg_problem *p) {
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    if (p->costs[n] < 0)
      return true;
  return false;
}

//===-- The session -------------------------------------------------------===//

eg_status egi_run_tree(void *user, eg_extraction *x) {
  (void)user;
  (void)x; // it was offered before the call
  return EG_OK;
}

eg_extract_options eg_extract_options_default(void) {
  return (eg_extract_options){.method = "local",
                              .work = EG_UNLIMITED,
                              .seconds = INFINITY,
                              .presolve = EG_PRESOLVE_ALL};
}

// The rest of a choice that is not reached says nothing, and is wiped.
static void wipe_unreached(const eg_problem *p, const uint32_t *best,
                           uint32_t *queue, uint32_t *out_choice) {
  uint32_t num = 0;
  memset(out_choice, 0xff, p->num_classes * sizeof *out_choice);
  for (uint32_t r = 0; r < p->num_roots; ++r)
    if (out_choice[p->roots[r]] == EG_NO_NODE) {
      out_choice[p->roots[r]] = best[p->roots[r]];
      queue[num++] = p->roots[r];
    }
  for (uint32_t i = 0; i < num; ++i)
    for (EGI_CHILDREN(p, e, best[queue[i]])) {
      uint32_t d = p->children[e];
      if (out_choice[d] != EG_NO_NODE)
        continue;
      out_choice[d] = best[d];
      queue[num++] = d;
    }
}

static eg_status run(eg_extraction *x, const eg_extractor *method) {
  eg_extract_result *result = x->result;
  uint32_t num = x->problem->num_classes;
  x->best = EGI_NEW(&x->arena, uint32_t, num);
  x->lifted = EGI_NEW(&x->arena, uint32_t, num);
  if (!x->best || !x->lifted)
    return egi_no_memory(&result->error);
  eg_status status =
      egi_net_make(&x->arena, x->problem, &x->net, &x->tree, &result->error);
  if (status == EG_NO_MEMORY)
    return egi_no_memory(&result->error);
  EG_TRY(status);
  if (!egi_has_negative(&x->net.p))
    eg_extraction_bound(x, 0);
  EG_TRY(egi_offer(x, &x->net, x->tree));
  if (!eg_extraction_work(x, x->net.p.num_children))
    return EG_OK;
  status = method->run(method->user, x);
  if (status == EG_NO_MEMORY && result->error.status == EG_OK)
    return egi_no_memory(&result->error);
  if (status != EG_OK && result->error.status == EG_OK)
    return eg_extraction_fail(x, status, "method '%.80s' failed: %s",
                              method->name, eg_status_name(status));
  return status;
}

// Fills the result from the checker, whatever the method did.
static eg_status finish(eg_extraction *x, uint32_t *out_choice) {
  eg_extract_result *result = x->result;
  if (x->best_dag == INFINITY)
    return EG_OK; // no answer, and the status says why
  eg_choice_totals totals;
  wipe_unreached(x->problem, x->best, x->lifted, out_choice);
  EG_TRY(eg_problem_check(&x->allocator, x->problem, out_choice, &totals,
                          &result->error));
  result->dag = totals.dag;
  result->tree = totals.tree;
  result->classes = totals.classes;
  if (result->bound > result->dag + 1e-6 * fabs(result->dag))
    return eg_extraction_fail(x, EG_INVALID,
                              "the bound %g is above an answer of %g",
                              result->bound, result->dag);
  if (result->bound > result->dag)
    result->bound = result->dag; // by rounding alone
  result->optimal = result->dag - result->bound <= 1e-9 * fabs(result->dag);
  return EG_OK;
}

static eg_status find_method(const eg_problem *problem,
                             const eg_extract_options *options,
                             const eg_extractor **out_method, eg_error *error) {
  EG_TRY(eg_problem_validate(problem, error));
  if (!(options->seconds >= 0))
    return egi_error(error, EG_INVALID, 0, "a time budget of %g seconds",
                     options->seconds);
  const eg_extractor *method = options->extractor;
  if (!method && options->method)
    method = eg_extractor_find(options->method);
  if (!method)
    return egi_error(error, EG_NOT_FOUND, 0, "there is no method '%.80s'",
                     options->method ? options->method : "");
  if (!method->run || !method->name)
    return egi_error(error, EG_INVALID, 0, "a method without name or function");
  if (!method->negative)
    for (uint32_t n = 0; n < problem->num_nodes; ++n)
      if (problem->costs[n] < 0)
        return egi_error(error, EG_INVALID, 0,
                         "the cost of node %u is %g, and method '%.80s' needs "
                         "costs of 0 or more",
                         n, problem->costs[n], method->name);
  *out_method = method;
  return EG_OK;
}

eg_status eg_extract(const eg_problem *problem,
                     const eg_extract_options *options, uint32_t *out_choice,
                     eg_extract_result *out_result) {
  double start = egi_now();
  *out_result = (eg_extract_result){
      .dag = INFINITY, .tree = INFINITY, .bound = -INFINITY};
  const eg_extractor *method = NULL;
  EG_TRY(find_method(problem, options, &method, &out_result->error));
  memset(out_choice, 0xff, problem->num_classes * sizeof *out_choice);
  eg_extraction x = {.problem = problem,
                     .options = options,
                     .allocator = options->allocator ? *options->allocator
                                                     : eg_allocator_default(),
                     .result = out_result,
                     .best_dag = INFINITY,
                     .random = options->seed,
                     .deadline = start + options->seconds};
  x.arena.allocator = &x.allocator;
  eg_status status = run(&x, method);
  eg_status checked = finish(&x, out_choice);
  egi_arena_free(&x.arena);
  if (status == EG_OK)
    status = checked;
  if (status == EG_OK) // a refused offer is no failure
    out_result->error.status = EG_OK;
  return status;
}
