// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The enumeration: tiles, then orders, then a place for each operand.
//
// With tile and order fixed a nest's cost is made of independent parts, one per
// operand, and each operand has a memory to itself:
//
//   cycles = max(serial + first + compute + last, dma + …)     serial, dma, … sums
//   bytes, energy: sums;   held[m]: one operand's
//
// All are monotone in the parts, so a place that is worse in every part for one
// operand is worse in every nest, and only the others are combined. Before that,
// the bound of the tile and the bound of the order (each part at its best) are
// held against the front.
#include "rules/blocking_internal.h"

#include <math.h>
#include <string.h>

enum {
  MAX_TILES = 4800,          // where the caller says nothing: of all strategies
  MAX_STRATEGY_TILES = 1536, // and of one
  NESTS_PER_TILE =
      10000, // of all that are affordable: then all nests are tried
  MAX_STEPS = 16,
  HALVINGS = 8, // steps of a memory of fixed size: 1/128, … 1/2, 1
  MAX_PARTS = 2 * GLNI_MAX_PLACES,
  MAX_STAGED = 64 // remembered for one tile
};

// One operand staged in one place with one or two buffers.
typedef struct part {
  gln_cost_stage stage;
  double bytes, need; // need: of memory, in what candidates are compared by
  gln_nest_staging staging;
} part;

typedef struct parts {
  part of[MAX_PARTS];
  size_t num, num_all, num_legal; // kept; places x buffers; that fit
  part ideal;                     // the best of each component
} parts;

// The same with one and with two buffers, for all places of the same effect.
typedef struct staged {
  uint32_t effect;
  part of[2];
} staged;

typedef struct search {
  const gln_blocking_options *options;
  gln_blockings *out;
  glni_front front;
  double capacity[GLN_NUM_MEMORIES], shared; // shared: of ABUF and WBUF; 0 = no
  double steps[GLN_NUM_MEMORIES][MAX_STEPS];
  size_t num_steps[GLN_NUM_MEMORIES];
  // Of the strategy
  size_t strategy;
  const gln_cost_model *model;
  const gln_target *target;
  const gln_spec *spec; // NULL: only sizes of memories say what is legal
  glni_dims dims;
  glni_sizes sizes;
  // Of the tile
  int64_t tile[GLN_NEST_MAX_DIMS], trips[GLN_NEST_MAX_DIMS];
  gln_cost chip;
  double last, num_tiles;
  bool has_chip;
  staged staged[GLN_NUM_MEMORIES][MAX_STAGED];
  size_t num_staged[GLN_NUM_MEMORIES];
  gln_nest nest; // scratch: grid loops, then the tile's
  eg_error why;  // of the last tile that is no instruction
} search;

//===-- Capacities --------------------------------------------------------===//

static void set_steps(search *s, const gln_target *target) {
  const gln_target_number *sizes[GLN_NUM_MEMORIES] = {
      &target->abuf_bytes, &target->wbuf_bytes, &target->acc_bytes};
  double given[GLN_NUM_MEMORIES];
  for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m) {
    const gln_target_number *n = sizes[m];
    given[m] = s->options->capacity[m];
    s->capacity[m] = given[m] > 0 ? given[m] : gln_target_number_largest(n);
  }
  if (s->options->one_scratchpad) {
    s->shared = s->capacity[GLN_MEMORY_ABUF] + s->capacity[GLN_MEMORY_WBUF];
    s->capacity[GLN_MEMORY_ABUF] = s->capacity[GLN_MEMORY_WBUF] = s->shared;
  }
  for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m) {
    const gln_target_number *n = sizes[m];
    if (n->num_choices > 0 && given[m] <= 0 && s->shared == 0) {
      s->num_steps[m] = n->num_choices;
      memcpy(s->steps[m], n->choices, n->num_choices * sizeof *n->choices);
      continue;
    }
    s->num_steps[m] = HALVINGS;
    for (int i = 0; i < HALVINGS; ++i)
      s->steps[m][i] = ldexp(s->capacity[m], i - (HALVINGS - 1));
  }
}

// The first step that holds |held| bytes.
static uint32_t level_of(const search *s, size_t memory, double held) {
  uint32_t level = 0;
  while (level < s->num_steps[memory] && s->steps[memory][level] < held)
    ++level;
  return level << (8 * memory);
}

static bool fits_tile(const search *s, const double *held) {
  for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m)
    if (held[m] > s->capacity[m])
      return false;
  return s->shared == 0 ||
         held[GLN_MEMORY_ABUF] + held[GLN_MEMORY_WBUF] <= s->shared;
}

static glni_key key_of(const search *s, const gln_cost *c) {
  glni_key p = {.cycles = c->cycles,
                .bytes = c->dram_read_bytes + c->dram_write_bytes,
                .energy = c->energy_pj};
  for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m)
    p.levels |= level_of(s, m, c->held_bytes[m]);
  return p;
}

//===-- Nests -------------------------------------------------------------===//

static void put_loops(const gln_contract *contract, const uint8_t *dims,
                      size_t num_dims, const int64_t *tile,
                      const int64_t *trips, gln_nest *nest) {
  nest->num_loops = 0;
  for (size_t i = 0; i < num_dims; ++i)
    nest->loops[nest->num_loops++] =
        (gln_nest_loop){dims[i], GLN_NEST_IN_TIME, trips[dims[i]]};
  nest->num_outer = nest->num_loops;
  for (size_t d = 0; d < contract->num_dims; ++d)
    if (tile[d] > 1)
      nest->loops[nest->num_loops++] =
          (gln_nest_loop){(uint8_t)d, GLN_NEST_IN_TIME, tile[d]};
}

static void trips_of(const gln_contract *contract, const int64_t *tile,
                     int64_t *out_trips) {
  for (size_t d = 0; d < contract->num_dims; ++d)
    out_trips[d] = (contract->extents[d] + tile[d] - 1) / tile[d];
}

void glni_expand(const gln_cost_model *m, const glni_point *p,
                 gln_blocking *out) {
  int64_t tile[GLN_NEST_MAX_DIMS], trips[GLN_NEST_MAX_DIMS];
  memset(out, 0, sizeof *out);
  out->strategy = p->strategy;
  for (size_t d = 0; d < m->contract.num_dims; ++d)
    tile[d] = p->tile[d];
  trips_of(&m->contract, tile, trips);
  put_loops(&m->contract, p->dims, p->num_outer, tile, trips, &out->nest);
  memcpy(out->nest.staging, p->staging, sizeof p->staging);
  gln_cost_model_run(m, &out->nest, &out->cost);
}

//===-- Parts -------------------------------------------------------------===//

static bool is_part_covered(const part *a, const part *b) {
  return b->stage.dma_cycles <= a->stage.dma_cycles &&
         b->stage.serial_cycles <= a->stage.serial_cycles &&
         b->stage.edge_cycles <= a->stage.edge_cycles && b->bytes <= a->bytes &&
         b->stage.energy_pj <= a->stage.energy_pj && b->need <= a->need &&
         b->stage.waits <= a->stage.waits;
}

// Keeps the parts that no other covers; every one when all are wanted.
static void add_part(parts *p, const part *new_part, bool all) {
  size_t kept = 0;
  for (size_t i = 0; i < p->num && !all; ++i)
    if (is_part_covered(new_part, &p->of[i]))
      return;
  for (size_t i = 0; i < p->num; ++i)
    if (all || !is_part_covered(&p->of[i], new_part)) {
      if (kept != i)
        p->of[kept] = p->of[i];
      ++kept;
    }
  p->of[kept] = *new_part;
  p->num = kept + 1;
}

static void find_ideal(parts *p) {
  part best = p->of[0];
  for (size_t i = 1; i < p->num; ++i) {
    const part *q = &p->of[i];
#define LEAST(field)                                                           \
  if (q->field < best.field)                                                   \
  best.field = q->field
    LEAST(stage.dma_cycles);
    LEAST(stage.serial_cycles);
    LEAST(stage.edge_cycles);
    LEAST(stage.read_bytes);
    LEAST(stage.write_bytes);
    LEAST(stage.energy_pj);
    LEAST(stage.held_bytes);
    LEAST(stage.waits);
#undef LEAST
  }
  p->ideal = best;
}

// What its loops do to a tile in this place: all that traffic depends on are the
// loops out to the innermost that moves the tile, in any order, and along which
// dim a ring of halo rows would run.
static uint32_t effect_of(const search *s, const glni_order *order,
                          gln_memory memory, const glni_place *place) {
  uint32_t outside = 0, moving = 0, ring = 0;
  for (size_t i = 0; i < place->depth; ++i) {
    outside |= UINT32_C(1) << order->dims[i];
    if (s->dims.in[order->dims[i]] >> memory & 1) {
      moving = outside;
      ring = order->dims[i] + 1u;
    }
  }
  return moving | (place->keep_halo ? ring : 0) << GLN_NEST_MAX_DIMS |
         (uint32_t)place->gather << 31;
}

static void stage(const search *s, size_t index, gln_memory memory,
                  staged *out) {
  gln_traffic t = gln_nest_traffic(&s->model->contract, &s->nest, index);
  for (uint8_t buffers = 2; buffers >= 1; --buffers) {
    part *p = &out->of[buffers - 1];
    if (buffers == 1)
      t.held = t.tile;
    gln_cost_model_stage(s->model, index, &t, buffers, &p->stage);
    p->bytes = p->stage.read_bytes + p->stage.write_bytes;
    // In one scratchpad every byte decides what else fits.
    double held = p->stage.held_bytes;
    p->need = s->shared > 0 ? held : (double)level_of(s, memory, held);
  }
}

// Looks up what the orders before this one had already, or stages it; s->nest
// has the loops and the staging.
static const staged *find_staged(search *s, const glni_order *order,
                                 gln_memory memory, const glni_place *place) {
  uint32_t effect = effect_of(s, order, memory, place);
  staged *known = s->staged[memory];
  size_t num = s->num_staged[memory];
  for (size_t i = 0; i < num; ++i)
    if (known[i].effect == effect)
      return &known[i];
  size_t at = num < MAX_STAGED ? s->num_staged[memory]++ : num - 1;
  known[at].effect = effect;
  stage(s, s->dims.operand[memory], memory, &known[at]);
  return &known[at];
}

// All ways to stage the operand of |memory| under |order|; s->nest has its loops.
static void make_parts(search *s, const glni_order *order, gln_memory memory,
                       parts *p) {
  glni_place places[GLNI_MAX_PLACES];
  size_t num = glni_places(&s->dims, order, memory, places);
  size_t index = s->dims.operand[memory];
  p->num = p->num_legal = 0;
  p->num_all = 2 * num;
  for (size_t i = 0; i < num; ++i) {
    gln_nest_staging *staging = &s->nest.staging[index];
    *staging = (gln_nest_staging){places[i].depth, 2, places[i].keep_halo,
                                  places[i].gather};
    const staged *found = find_staged(s, order, memory, &places[i]);
    for (uint8_t buffers = 2; buffers >= 1; --buffers) {
      part new_part = found->of[buffers - 1];
      if (new_part.stage.held_bytes > s->capacity[memory])
        continue;
      new_part.staging = *staging;
      new_part.staging.buffers = buffers;
      ++p->num_legal;
      add_part(p, &new_part, s->options->each != NULL);
    }
  }
  if (p->num > 0)
    find_ideal(p);
}

//===-- Combining ---------------------------------------------------------===//

static glni_key join(const search *s, const part *const *chosen) {
  const gln_cost_stage *stages[GLN_NEST_MAX_OPERANDS];
  gln_cost cost;
  for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m)
    stages[s->dims.operand[m]] = &chosen[m]->stage;
  gln_cost_model_join(s->model, &s->chip, s->last, stages, s->num_tiles, &cost);
  return key_of(s, &cost);
}

static void complete(const search *s, const glni_order *order,
                     const part *const *chosen, glni_point *p) {
  p->strategy = (uint8_t)s->strategy;
  p->num_outer = order->num_dims;
  memcpy(p->dims, order->dims, sizeof p->dims);
  for (size_t d = 0; d < s->dims.num; ++d)
    p->tile[d] = (int32_t)s->tile[d];
  for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m)
    p->staging[s->dims.operand[m]] = chosen[m]->staging;
}

static eg_status visit(search *s, const glni_order *order,
                       const part *const *chosen, eg_error *error) {
  glni_point p = {.key = join(s, chosen)};
  if (s->options->each) {
    gln_blocking candidate;
    complete(s, order, chosen, &p);
    glni_expand(s->model, &p, &candidate);
    s->options->each(s->options->user, &candidate);
    s->out->counts.kept += 1;
    return EG_OK;
  }
  if (glni_front_covers(&s->front, &p.key))
    return EG_OK;
  complete(s, order, chosen, &p);
  return glni_front_add(&s->front, &p, error);
}

// Whether two parts fit into one scratchpad.
static bool fit_together(const search *s, const part *a, const part *b) {
  return s->shared == 0 ||
         a->stage.held_bytes + b->stage.held_bytes <= s->shared;
}

// Whether no nest adds to the front whose parts are at best these. (Asking the
// same of one or two parts with the others ideal costs a fifth more than it
// saves.)
static bool is_beaten(search *s, const part *const *chosen) {
  if (s->options->each)
    return false;
  glni_key key = join(s, chosen);
  return glni_front_covers(&s->front, &key);
}

static eg_status combine(search *s, const glni_order *order, const parts *p,
                         eg_error *error) {
  const parts *abuf = &p[GLN_MEMORY_ABUF], *wbuf = &p[GLN_MEMORY_WBUF];
  const parts *acc = &p[GLN_MEMORY_ACC];
  for (size_t i = 0; i < abuf->num; ++i)
    for (size_t j = 0; j < wbuf->num; ++j) {
      if (!fit_together(s, &abuf->of[i], &wbuf->of[j]))
        continue;
      for (size_t k = 0; k < acc->num; ++k) {
        const part *chosen[] = {&abuf->of[i], &wbuf->of[j], &acc->of[k]};
        eg_status status = visit(s, order, chosen, error);
        if (status != EG_OK)
          return status;
      }
    }
  return EG_OK;
}

static eg_status visit_order(search *s, const glni_order *order,
                             eg_error *error) {
  parts p[GLN_NUM_MEMORIES];
  double all = 1, legal = 1;
  put_loops(&s->model->contract, order->dims, order->num_dims, s->tile,
            s->trips, &s->nest);
  for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m) {
    make_parts(s, order, (gln_memory)m, &p[m]);
    all *= (double)p[m].num_all;
    legal *= (double)p[m].num_legal;
  }
  s->out->counts.enumerated += all;
  s->out->counts.illegal += all - legal;
  if (legal == 0)
    return EG_OK;
  if (!s->has_chip)
    gln_cost_model_grid(s->model, s->tile, &s->chip, &s->last);
  s->has_chip = true;
  const part *ideal[] = {&p[0].ideal, &p[1].ideal, &p[2].ideal};
  if (is_beaten(s, ideal)) {
    s->out->counts.bounded += legal;
    return EG_OK;
  }
  return combine(s, order, p, error);
}

//===-- Tiles -------------------------------------------------------------===//

// How many candidates the orders of the tile have, without costing them.
static double count_all(const search *s, const glni_order *orders, size_t num) {
  glni_place places[GLNI_MAX_PLACES];
  double sum = 0;
  for (size_t i = 0; i < num; ++i) {
    double product = 1;
    for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m)
      product *=
          2 * (double)glni_places(&s->dims, &orders[i], (gln_memory)m, places);
    sum += product;
  }
  return sum;
}

static bool matches(search *s, const int64_t *extents) {
  const gln_strategy *strategy = &s->out->strategies[s->strategy];
  gln_instr_binding binding;
  gln_spec tile;
  eg_error why;
  if (gln_spec_tile(s->spec, extents, &tile, NULL, &why) == EG_OK &&
      gln_instr_match_tile(
          strategy->function, &tile, strategy->bits & GLN_STRATEGY_SWAPPED,
          &strategy->limits, s->target, &binding, &why) == EG_OK)
    return true;
  s->why = why;
  return false;
}

// Whether an instruction as large as a tile takes this one, and its last ones.
static bool is_instruction(search *s) {
  int64_t last[GLN_SPEC_MAX_DIMS];
  if (!s->out->strategies[s->strategy].is_tile || !s->spec)
    return true;
  for (size_t d = 0; d < s->dims.num; ++d)
    last[d] = s->spec->dims[d] - (s->trips[d] - 1) * s->tile[d];
  return matches(s, s->tile) && matches(s, last);
}

static eg_status visit_tile(search *s, eg_error *error) {
  glni_order orders[GLNI_MAX_ORDERS];
  gln_blocking_counts *counts = &s->out->counts;
  gln_cost bound;
  counts->tiles += 1;
  trips_of(&s->model->contract, s->tile, s->trips);
  size_t num = glni_orders(&s->dims, s->trips, orders);
  gln_cost_model_bound(s->model, s->tile, &bound);
  bool fits = fits_tile(s, bound.held_bytes) && is_instruction(s);
  glni_key key = key_of(s, &bound);
  if (!fits || (!s->options->each && glni_front_covers(&s->front, &key))) {
    double all = count_all(s, orders, num);
    counts->enumerated += all;
    *(fits ? &counts->bounded : &counts->illegal) += all;
    return EG_OK;
  }
  s->has_chip = false;
  memset(s->num_staged, 0, sizeof s->num_staged);
  s->num_tiles = 1;
  for (size_t d = 0; d < s->dims.num; ++d)
    s->num_tiles *= (double)s->trips[d];
  for (size_t i = 0; i < num; ++i) {
    eg_status status = visit_order(s, &orders[i], error);
    if (status != EG_OK)
      return status;
  }
  return EG_OK;
}

static eg_status visit_sizes(search *s, size_t at, eg_error *error) {
  int32_t sizes[GLNI_MAX_SIZES];
  if (at == s->dims.num)
    return visit_tile(s, error);
  size_t dim = s->sizes.order[at];
  size_t num =
      glni_sizes_at(&s->sizes, s->model, s->capacity, s->tile, dim, sizes);
  for (size_t i = 0; i < num; ++i) {
    s->tile[dim] = sizes[i];
    eg_status status = visit_sizes(s, at + 1, error);
    if (status != EG_OK)
      return status;
  }
  s->tile[dim] = 1;
  return EG_OK;
}

static eg_status visit_strategy(search *s, size_t strategy, eg_error *error) {
  s->strategy = strategy;
  s->model = &s->out->strategies[strategy].model;
  glni_dims_make(&s->model->contract, &s->dims);
  double share = 1.0 / (double)s->out->num_strategies;
  double most = s->options->max_tiles > 0
                    ? s->options->max_tiles * share
                    : fmin(MAX_TILES * share, MAX_STRATEGY_TILES);
  double complete = s->options->max_complete != 0 ? s->options->max_complete
                                                  : NESTS_PER_TILE * most;
  s->dims.complete =
      glni_sizes_make_every(&s->out->strategies[strategy], &s->sizes) &&
      glni_count_complete(&s->dims, &s->sizes) <= complete;
  if (!s->dims.complete)
    glni_sizes_make(&s->out->strategies[strategy], most, s->capacity,
                    &s->sizes);
  for (size_t d = 0; d < s->dims.num; ++d)
    s->tile[d] = 1;
  return visit_sizes(s, 0, error);
}

//===-- Answers -----------------------------------------------------------===//

// Of the smallest tile of a strategy: what it holds; returns the largest part of
// a memory that this is.
static double smallest(search *s, size_t strategy, double *out_held) {
  static const gln_memory both[] = {GLN_MEMORY_ABUF, GLN_MEMORY_WBUF};
  gln_cost need;
  double share = 0;
  s->model = &s->out->strategies[strategy].model;
  glni_sizes_make(&s->out->strategies[strategy], MAX_TILES, s->capacity,
                  &s->sizes);
  for (size_t d = 0; d < s->model->contract.num_dims; ++d)
    s->tile[d] = s->sizes.of[d][s->sizes.num[d] - 1];
  gln_cost_model_bound(s->model, s->tile, &need);
  memcpy(out_held, need.held_bytes, sizeof need.held_bytes);
  for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m)
    share = fmax(share, out_held[m] / s->capacity[m]);
  if (s->shared > 0)
    share = fmax(share, (out_held[both[0]] + out_held[both[1]]) / s->shared);
  return share;
}

// Why nothing fits, of the strategy that comes nearest to it.
static eg_status fail_smallest(search *s, eg_error *error) {
  if (s->why.text[0])
    return gln_fail(error, EG_INFEASIBLE, "no tile is an instruction: %s",
                    s->why.text);
  double need[GLN_NUM_MEMORIES], held[GLN_NUM_MEMORIES], least = INFINITY;
  for (size_t i = 0; i < s->out->num_strategies; ++i) {
    double share = smallest(s, i, held);
    if (share < least) {
      least = share;
      memcpy(need, held, sizeof held);
    }
  }
  for (size_t m = 0; m < GLN_NUM_MEMORIES; ++m)
    if (need[m] > s->capacity[m])
      return gln_fail(
          error, EG_INFEASIBLE,
          "the smallest tile needs %.0f bytes of %s, which has %.0f", need[m],
          gln_memory_name((gln_memory)m), s->capacity[m]);
  return gln_fail(error, EG_INFEASIBLE,
                  "the smallest tile needs %.0f bytes of ABUF and WBUF, which "
                  "have %.0f",
                  need[GLN_MEMORY_ABUF] + need[GLN_MEMORY_WBUF], s->shared);
}

static eg_status write_list(search *s, const eg_allocator *allocator,
                            eg_error *error) {
  gln_blocking_counts *c = &s->out->counts;
  size_t most = s->options->max_kept ? s->options->max_kept : 256;
  size_t found = s->front.num;
  eg_status status = glni_front_thin(&s->front, most, error);
  if (status != EG_OK)
    return status;
  c->kept = (double)s->front.num;
  c->thinned = (double)(found - s->front.num);
  c->dominated = c->enumerated - c->illegal - (double)found;
  s->out->list = allocator->resize(allocator->user, NULL, 0,
                                   s->front.num * sizeof *s->out->list);
  if (!s->out->list)
    return gln_fail(error, EG_NO_MEMORY, "no memory for %zu blockings",
                    s->front.num);
  s->out->num = s->front.num;
  for (size_t i = 0; i < s->front.num; ++i) {
    const glni_point *p = &s->front.points[i];
    glni_expand(&s->out->strategies[p->strategy].model, p, &s->out->list[i]);
  }
  return EG_OK;
}

static eg_status run(search *s, const eg_allocator *allocator,
                     eg_error *error) {
  eg_status status = EG_OK;
  for (size_t i = 0; status == EG_OK && i < s->out->num_strategies; ++i)
    status = visit_strategy(s, i, error);
  if (status != EG_OK)
    return status;
  if (s->front.num == 0 && s->out->counts.kept == 0)
    return fail_smallest(s, error);
  return s->options->each ? EG_OK : write_list(s, allocator, error);
}

static eg_status check_strategies(const gln_strategy *strategies, size_t num,
                                  eg_error *error) {
  if (num < 1 || num > GLN_BLOCKING_MAX_STRATEGIES)
    return gln_fail(error, EG_INVALID, "%zu strategies, not 1 to %d", num,
                    GLN_BLOCKING_MAX_STRATEGIES);
  for (size_t i = 0; i < num; ++i) {
    const gln_contract *c = &strategies[i].model.contract;
    uint32_t seen = 0;
    for (size_t k = 0; k < c->num_operands; ++k)
      seen |= UINT32_C(1) << c->operands[k].memory;
    if (c->num_operands != 3 || seen != 7)
      return gln_fail(error, EG_INVALID,
                      "strategy %zu has %d operands, not one in each memory", i,
                      c->num_operands);
  }
  return EG_OK;
}

static eg_status enumerate(const eg_allocator *allocator,
                           const gln_target *target, const gln_spec *spec,
                           const gln_strategy *strategies,
                           size_t num_strategies,
                           const gln_blocking_options *options,
                           gln_blockings *out, eg_error *error) {
  static const gln_blocking_options none = {0};
  memset(out, 0, sizeof *out);
  eg_status status = check_strategies(strategies, num_strategies, error);
  if (status != EG_OK)
    return status;
  memcpy(out->strategies, strategies, num_strategies * sizeof *strategies);
  out->num_strategies = num_strategies;
  search s = {.options = options ? options : &none,
              .out = out,
              .target = target,
              .spec = spec,
              .front = {.allocator = allocator}};
  set_steps(&s, target);
  status = run(&s, allocator, error);
  glni_front_fini(&s.front);
  if (status != EG_OK)
    gln_blockings_fini(allocator, out);
  return status;
}

eg_status gln_blockings_of(const eg_allocator *allocator,
                           const gln_target *target,
                           const gln_strategy *strategies,
                           size_t num_strategies,
                           const gln_blocking_options *options,
                           gln_blockings *out, eg_error *error) {
  return enumerate(allocator, target, NULL, strategies, num_strategies, options,
                   out, error);
}

eg_status gln_blockings_create(const eg_allocator *allocator,
                               const gln_target *target, size_t array,
                               const gln_spec *spec,
                               const gln_blocking_options *options,
                               gln_blockings *out, eg_error *error) {
  gln_strategy strategies[GLN_BLOCKING_MAX_STRATEGIES];
  size_t num;
  memset(out, 0, sizeof *out);
  eg_status status = gln_strategies(
      target, array, spec, options ? options->out_bytes : 0,
      options ? options->strategies : 0, strategies, &num, error);
  if (status != EG_OK)
    return status;
  return enumerate(allocator, target, spec, strategies, num, options, out,
                   error);
}

void gln_blockings_fini(const eg_allocator *allocator,
                        gln_blockings *blockings) {
  if (blockings->list)
    allocator->resize(allocator->user, blockings->list,
                      blockings->num * sizeof *blockings->list, 0);
  memset(blockings, 0, sizeof *blockings);
}
