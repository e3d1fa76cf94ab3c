// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The frame of the exact methods: presolve, local search for an incumbent, the
// bound and what it rules out, then the parts that share no class, one by one.
//
// The answer of the whole is offset + the sum over the parts, and so is the
// bound; a part need only look for less than what the others leave it.
#include "extract_internal.h"

#include <math.h>

enum { BOUND_ROUNDS = 200, MAX_LEVELS = 24 };

// A stack of reductions, each relative to the net of the one below.
typedef struct levels {
  egi_reduced at[MAX_LEVELS];
  uint32_t num;
  double offset;
  bool closed;
} levels;

typedef struct exact {
  eg_extraction *x;
  levels levels;
  egi_part *parts;
  uint32_t num_parts;
  double bounds; // the offset and what the parts prove
} exact;

static const egi_net *top_net(const exact *s) {
  return s->levels.num ? &s->levels.at[s->levels.num - 1].net : &s->x->net;
}

static void push(exact *s, const egi_reduced *reduced) {
  s->levels.offset += reduced->offset;
  s->levels.closed |= reduced->closed;
  s->levels.at[s->levels.num++] = *reduced;
}

// Offers a choice of the top net.
static eg_status offer(exact *s, const uint32_t *choice) {
  eg_extraction *x = s->x;
  egi_mark mark = egi_arena_mark(&x->arena);
  const uint32_t *upper = choice;
  for (uint32_t i = s->levels.num; i-- > 0;) {
    const egi_net *base = i ? &s->levels.at[i - 1].net : &x->net;
    uint32_t *lower = EGI_NEW(&x->arena, uint32_t, base->p.num_classes);
    if (!lower)
      return EG_NO_MEMORY;
    egi_unreduce(&s->levels.at[i], base, upper, lower);
    upper = lower;
  }
  eg_extraction_work(x, x->problem->num_classes);
  eg_status status = egi_offer(x, &x->net, upper);
  egi_arena_reset(&x->arena, mark);
  return status;
}

eg_status egi_tighten(eg_extraction *x, egi_arena *arena, const egi_net *net,
                      const egi_bound *bound, double cutoff, egi_reduced *out) {
  const eg_problem *p = &net->p;
  uint32_t mask = x->options->presolve;
  uint8_t *keep = EGI_NEW(arena, uint8_t, p->num_nodes);
  if (!keep)
    return EG_NO_MEMORY;
  double limit = cutoff - 1e-9 * fabs(cutoff);
  for (uint32_t n = 0; n < p->num_nodes; ++n)
    keep[n] =
        !(mask & EG_PRESOLVE(BOUND)) || bound->value + bound->extra[n] < limit;
  return egi_presolve_kept(arena, net, keep, mask, cutoff, true, x, out);
}

//===-- Parts -------------------------------------------------------------===//

static uint32_t find(uint32_t *up, uint32_t id) {
  while (up[id] != id)
    id = up[id] = up[up[id]];
  return id;
}

// Copies the part's classes; |number| of a class is its place among them.
static eg_status make_part(exact *s, const uint32_t *classes, uint32_t num,
                           const uint32_t *number, egi_part *out) {
  const eg_problem *p = &top_net(s)->p;
  egi_arena *arena = &s->x->arena;
  uint32_t nodes = 0, edges = 0, node = 0, edge = 0;
  for (uint32_t i = 0; i < num; ++i) {
    uint32_t first = p->first_node[classes[i]];
    uint32_t end = p->first_node[classes[i] + 1];
    nodes += end - first;
    edges += p->first_child[end] - p->first_child[first];
  }
  uint32_t *first_node = EGI_NEW(arena, uint32_t, num + 1);
  uint32_t *first_child = EGI_NEW(arena, uint32_t, nodes + 1);
  uint32_t *children = EGI_NEW(arena, uint32_t, edges);
  double *costs = EGI_NEW(arena, double, nodes);
  egi_net *net = &out->net;
  net->origin_class = EGI_NEW(arena, uint32_t, num);
  net->origin_node = EGI_NEW(arena, uint32_t, nodes);
  out->choice = EGI_NEW(arena, uint32_t, num);
  if (!first_node || !first_child || !children || !costs ||
      !net->origin_class || !net->origin_node || !out->choice)
    return EG_NO_MEMORY;
  for (uint32_t i = 0; i < num; ++i) {
    net->origin_class[i] = classes[i];
    for (EGI_NODES(p, n, classes[i])) {
      net->origin_node[node] = n;
      costs[node] = p->costs[n];
      for (EGI_CHILDREN(p, e, n))
        children[edge++] = number[p->children[e]];
      first_child[++node] = edge;
    }
    first_node[i + 1] = node;
  }
  net->p.num_classes = num;
  net->p.num_nodes = nodes;
  net->p.num_children = edges;
  net->p.first_node = first_node;
  net->p.first_child = first_child;
  net->p.children = children;
  net->p.costs = costs;
  return egi_net_index(arena, net);
}

// Numbers the parts in the order of their first roots: |*out_part| by class.
static eg_status number_parts(exact *s, uint32_t **out_part) {
  const eg_problem *p = &top_net(s)->p;
  egi_arena *arena = &s->x->arena;
  uint32_t *up = EGI_NEW(arena, uint32_t, p->num_classes);
  uint32_t *part = EGI_NEW(arena, uint32_t, p->num_classes);
  if (!up || !part)
    return EG_NO_MEMORY;
  for (uint32_t c = 0; c < p->num_classes; ++c) {
    up[c] = c;
    part[c] = UINT32_MAX;
  }
  for (uint32_t c = 0; c < p->num_classes; ++c)
    for (EGI_NODES(p, n, c))
      for (EGI_CHILDREN(p, e, n))
        up[find(up, p->children[e])] = find(up, c);
  for (uint32_t r = 0; r < p->num_roots; ++r) {
    uint32_t lead = find(up, p->roots[r]);
    if (part[lead] == UINT32_MAX)
      part[lead] = s->num_parts++;
  }
  for (uint32_t c = 0; c < p->num_classes; ++c)
    part[c] = part[find(up, c)]; // roots reach all, so each lead has one
  *out_part = part;
  return EG_OK;
}

static eg_status split(exact *s) {
  const eg_problem *p = &top_net(s)->p;
  egi_arena *arena = &s->x->arena;
  uint32_t *part;
  EG_TRY(number_parts(s, &part));
  uint32_t *first = EGI_NEW(arena, uint32_t, s->num_parts + 2);
  uint32_t *first_root = EGI_NEW(arena, uint32_t, s->num_parts + 2);
  uint32_t *number = EGI_NEW(arena, uint32_t, p->num_classes);
  uint32_t *classes = EGI_NEW(arena, uint32_t, p->num_classes);
  uint32_t *roots = EGI_NEW(arena, uint32_t, p->num_roots);
  s->parts = EGI_NEW(arena, egi_part, s->num_parts);
  if (!first || !first_root || !number || !classes || !roots || !s->parts)
    return EG_NO_MEMORY;
  for (uint32_t c = 0; c < p->num_classes; ++c)
    ++first[part[c] + 2];
  for (uint32_t r = 0; r < p->num_roots; ++r)
    ++first_root[part[p->roots[r]] + 2];
  for (uint32_t i = 0; i < s->num_parts; ++i) {
    first[i + 2] += first[i + 1];
    first_root[i + 2] += first_root[i + 1];
    s->parts[i].net.p.roots = roots + first_root[i + 1];
  }
  // Shifted by one: filling moves the starts into place.
  for (uint32_t c = 0; c < p->num_classes; ++c)
    classes[first[part[c] + 1]++] = c;
  for (uint32_t i = 0; i < p->num_classes; ++i)
    number[classes[i]] = i - first[part[classes[i]]];
  for (uint32_t r = 0; r < p->num_roots; ++r)
    roots[first_root[part[p->roots[r]] + 1]++] = number[p->roots[r]];
  for (uint32_t i = 0; i < s->num_parts; ++i) {
    s->parts[i].net.p.num_roots = first_root[i + 1] - first_root[i];
    EG_TRY(make_part(s, classes + first[i], first[i + 1] - first[i], number,
                     &s->parts[i]));
  }
  return EG_OK;
}

static eg_status offer_parts(exact *s) {
  egi_arena *arena = &s->x->arena;
  egi_mark mark = egi_arena_mark(arena);
  uint32_t num = top_net(s)->p.num_classes;
  uint32_t *choice = EGI_NEW(arena, uint32_t, num);
  if (!choice)
    return EG_NO_MEMORY;
  memset(choice, 0xff, num * sizeof *choice);
  for (uint32_t i = 0; i < s->num_parts; ++i) {
    const egi_part *part = &s->parts[i];
    for (uint32_t c = 0; c < part->net.p.num_classes; ++c)
      if (part->choice[c] != EG_NO_NODE)
        choice[part->net.origin_class[c]] =
            part->net.origin_node[part->choice[c]];
  }
  eg_status status = offer(s, choice);
  egi_arena_reset(arena, mark);
  return status;
}

static void sum_bounds(exact *s) {
  s->bounds = s->levels.offset;
  for (uint32_t i = 0; i < s->num_parts; ++i)
    s->bounds += s->parts[i].bound;
}

// No choice is worth less than the best known or what the parts prove.
static void report_bound(exact *s) {
  eg_extraction_bound(s->x, fmin(s->bounds, s->x->best_dag));
}

// An incumbent and a bound for each part before any is solved.
static eg_status start_parts(exact *s) {
  eg_extraction *x = s->x;
  for (uint32_t i = 0; i < s->num_parts; ++i) {
    egi_part *part = &s->parts[i];
    egi_bound bound;
    EG_TRY(egi_local(x, &part->net, part->choice, &part->total));
    EG_TRY(egi_bound_make(&x->arena, &part->net, BOUND_ROUNDS, x, &bound));
    part->bound = bound.value > 0 ? bound.value : 0;
  }
  sum_bounds(s);
  EG_TRY(offer_parts(s));
  report_bound(s);
  return EG_OK;
}

static bool is_open(const egi_part *part) {
  return part->bound < part->cutoff - 1e-9 * fabs(part->cutoff);
}

bool egi_part_over(eg_extraction *x, const egi_part *part) {
  return !eg_extraction_work(x, 1) || x->result->work >= part->limit ||
         (part->deadline < INFINITY && egi_now() >= part->deadline);
}

// What the others leave a part.
static void set_cutoff(exact *s, egi_part *part) {
  double left = s->x->best_dag - (s->bounds - part->bound);
  part->cutoff = left < part->total ? left : part->total;
}

static eg_status solve_part(exact *s, egi_part *part, egi_solver solve) {
  double before = part->total, bound = part->bound;
  EG_TRY(solve(s->x, part));
  s->bounds += part->bound - bound;
  if (part->total < before)
    EG_TRY(offer_parts(s));
  report_bound(s);
  return EG_OK;
}

// Small parts first: what they prove leaves less to the large ones. Each gets
// its share of the time, by size, but a fair minimum.
static eg_status run_pass(exact *s, const egi_pass *pass, bool last) {
  enum { EARLY = 20000000 }; // edges
  eg_extraction *x = s->x;
  double nodes = 0, now = egi_now();
  double time = (x->deadline - now) * pass->share;
  uint32_t open = 0;
  for (uint32_t i = 0; i < s->num_parts; ++i) {
    set_cutoff(s, &s->parts[i]);
    open += is_open(&s->parts[i]);
    nodes += is_open(&s->parts[i]) ? s->parts[i].net.p.num_nodes : 0;
  }
  double end = now + time;
  for (uint32_t k = 0; k < s->num_parts; ++k) {
    egi_part *part = &s->parts[k];
    set_cutoff(s, part);
    if (!is_open(part) || !eg_extraction_work(x, 1))
      continue;
    double share = part->net.p.num_nodes / nodes, fair = 0.5 / open--;
    nodes -= part->net.p.num_nodes;
    now = egi_now();
    part->deadline = x->deadline;
    if (x->deadline < INFINITY)
      part->deadline = now + (end - now) * (share > fair ? share : fair);
    part->limit =
        x->deadline < INFINITY || last ? UINT64_MAX : x->result->work + EARLY;
    EG_TRY(solve_part(s, part, pass->solve));
  }
  return EG_OK;
}

static eg_status solve_parts(exact *s, const egi_pass *passes, uint32_t num) {
  eg_extraction *x = s->x;
  for (uint32_t i = 0; i < num; ++i)
    EG_TRY(run_pass(s, &passes[i], i + 1 == num));
  for (uint32_t i = 0; i < s->num_parts; ++i) {
    set_cutoff(s, &s->parts[i]);
    if (is_open(&s->parts[i]) && x->result->stop == EG_EXTRACT_DONE)
      x->result->stop = EG_EXTRACT_TIME; // the part's share of it
  }
  sum_bounds(s);
  report_bound(s);
  return EG_OK;
}

static eg_status sort_parts(exact *s) {
  egi_arena *arena = &s->x->arena;
  uint32_t *order = EGI_NEW(arena, uint32_t, s->num_parts);
  double *size = EGI_NEW(arena, double, s->num_parts);
  egi_part *sorted = EGI_NEW(arena, egi_part, s->num_parts);
  if (!order || !size || !sorted)
    return EG_NO_MEMORY;
  for (uint32_t i = 0; i < s->num_parts; ++i) {
    order[i] = i;
    size[i] = s->parts[i].net.p.num_nodes;
  }
  egi_sort_nodes(order, s->num_parts, size);
  for (uint32_t i = 0; i < s->num_parts; ++i)
    sorted[i] = s->parts[order[i]];
  s->parts = sorted;
  return EG_OK;
}

//===-- The whole ---------------------------------------------------------===//

// Bound, what it rules out, presolve, until little changes.
static eg_status tighten_all(exact *s) {
  eg_extraction *x = s->x;
  while (s->levels.num < MAX_LEVELS && !s->levels.closed) {
    egi_bound bound;
    egi_reduced reduced;
    uint32_t nodes = top_net(s)->p.num_nodes;
    EG_TRY(egi_bound_make(&x->arena, top_net(s), BOUND_ROUNDS, x, &bound));
    double whole = s->levels.offset + bound.value;
    eg_extraction_bound(x, whole < x->best_dag ? whole : x->best_dag);
    if (!eg_extraction_work(x, 1))
      return EG_OK;
    EG_TRY(egi_tighten(x, &x->arena, top_net(s), &bound,
                       x->best_dag - s->levels.offset, &reduced));
    push(s, &reduced);
    if (top_net(s)->p.num_nodes > nodes / 20 * 19)
      break;
  }
  if (s->levels.closed)
    eg_extraction_bound(x, x->best_dag);
  return EG_OK;
}

// The better of local search and a genetic algorithm on the top net.
static eg_status find_incumbent(exact *s) {
  eg_extraction *x = s->x;
  const egi_net *net = top_net(s);
  double total;
  uint32_t *choice = EGI_NEW(&x->arena, uint32_t, net->p.num_classes);
  if (!choice)
    return EG_NO_MEMORY;
  EG_TRY(egi_local(x, net, choice, &total));
  EG_TRY(offer(s, choice));
  EG_TRY(tighten_all(s));
  net = top_net(s);
  if (s->levels.closed || x->stopped)
    return EG_OK;
  EG_TRY(egi_breed(x, net, choice, &total));
  return offer(s, choice);
}

eg_status egi_exact(eg_extraction *x, const egi_pass *passes, uint32_t num) {
  exact *s = EGI_NEW(&x->arena, exact, 1);
  if (!s)
    return EG_NO_MEMORY;
  s->x = x;
  egi_ground ground;
  // Presolve with needs may take all the time there is on a large net: what
  // local search finds comes first, and its cost makes the chains' bound sharp.
  EG_TRY(egi_run_local(NULL, x));
  if (x->stopped)
    return EG_OK;
  EG_TRY(egi_ground_make(x, true, &ground));
  if (ground.is_done)
    return EG_OK;
  push(s, &ground.reduced);
  EG_TRY(find_incumbent(s));
  if (!s->levels.closed && !x->stopped)
    EG_TRY(tighten_all(s));
  if (s->levels.closed || x->stopped)
    return EG_OK;
  EG_TRY(split(s));
  EG_TRY(sort_parts(s));
  EG_TRY(start_parts(s));
  return solve_parts(s, passes, num);
}
