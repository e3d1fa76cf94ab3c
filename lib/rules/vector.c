// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blockings on the vector unit. Its operands and its result share the accumulator,
// and nothing stays in place but sums: so a tile, one order, one or two buffers.
//
// Tiles: extents over 1, 2, 4, … The order: dims that the second operand (weights)
// depends on outermost, so that it is loaded once for all the others; reduced dims
// innermost, so that sums stay.
#include "rules/blocking_internal.h"
#include "view/try.h"

#include <math.h>
#include <string.h>

enum {
  MAX_KEPT = 64,
  MAX_SIZES = 8, // of one dim
  MAX_TILES = 4096,
  HALVINGS = 8, // steps in which held bytes are compared
};

typedef struct search {
  const gln_cost_model *model;
  double capacity;
  glni_front front;
  gln_blocking_counts counts;
  uint8_t order[GLN_NEST_MAX_DIMS];
  uint8_t num[GLN_NEST_MAX_DIMS];
  int32_t sizes[GLN_NEST_MAX_DIMS][MAX_SIZES];
  int32_t tile[GLN_NEST_MAX_DIMS];
  bool halo, gaps; // of the first operand
} search;

static bool reads(const gln_contract *c, size_t operand, size_t dim) {
  const gln_nest_operand *o = &c->operands[operand];
  for (size_t a = 0; a < o->num_axes; ++a)
    for (size_t t = 0; t < o->axes[a].num_terms; ++t)
      if (o->axes[a].dims[t] == dim)
        return true;
  return false;
}

// Outer dims first: in the weights, not in them, reduced.
static void make_order(search *s) {
  const gln_contract *c = &s->model->contract;
  size_t num = 0, result = c->num_operands - 1u;
  for (int rank = 0; rank < 3; ++rank)
    for (size_t d = 0; d < c->num_dims; ++d) {
      bool reduced = !reads(c, result, d);
      int own = reduced ? 2 : result == 2 && !reads(c, 1, d);
      if (own == rank)
        s->order[num++] = (uint8_t)d;
    }
}

static void make_sizes(search *s) {
  const gln_contract *c = &s->model->contract;
  double tiles = 1;
  for (size_t d = 0; d < c->num_dims; ++d) {
    int64_t extent = c->extents[d];
    uint8_t *num = &s->num[d];
    for (int64_t parts = 1; *num < MAX_SIZES; parts *= 2) {
      int64_t size = (extent + parts - 1) / parts;
      if (size <= INT32_MAX && (*num == 0 || size < s->sizes[d][*num - 1]))
        s->sizes[d][(*num)++] = (int32_t)size;
      if (size == 1)
        break;
    }
    tiles *= *num;
  }
  // The least size stays, so that something fits.
  for (size_t d = 0; tiles > MAX_TILES; d = (d + 1) % c->num_dims)
    if (s->num[d] > 2) {
      tiles = tiles / s->num[d] * (s->num[d] - 1);
      --s->num[d];
      s->sizes[d][s->num[d] - 1] = s->sizes[d][s->num[d]];
    } else if (tiles <= ldexp(1, (int)c->num_dims)) {
      break; // two sizes each
    }
}

static eg_status visit(search *s, glni_point *p, eg_error *error) {
  gln_blocking b;
  glni_expand(s->model, p, &b);
  s->counts.enumerated += 1;
  double held = b.cost.held_bytes[GLN_MEMORY_ACC];
  if (held > s->capacity) {
    s->counts.illegal += 1;
    return EG_OK;
  }
  p->key = (glni_key){.cycles = b.cost.cycles,
                      .bytes = b.cost.dram_read_bytes + b.cost.dram_write_bytes,
                      .energy = b.cost.energy_pj};
  while (p->key.levels < HALVINGS - 1 &&
         ldexp(s->capacity, (int)p->key.levels - (HALVINGS - 1)) < held)
    ++p->key.levels;
  p->key.levels <<= 8 * GLN_MEMORY_ACC;
  return glni_front_covers(&s->front, &p->key)
             ? EG_OK
             : glni_front_add(&s->front, p, error);
}

// The tile with one or two buffers, the halo kept or not.
static eg_status visit_tile(search *s, eg_error *error) {
  const gln_contract *c = &s->model->contract;
  glni_point p = {.strategy = 0};
  memcpy(p.tile, s->tile, sizeof p.tile);
  for (size_t i = 0; i < c->num_dims; ++i)
    if (s->tile[s->order[i]] < c->extents[s->order[i]])
      p.dims[p.num_outer++] = s->order[i];
  s->counts.tiles += 1;
  for (uint8_t buffers = 2; buffers >= 1; --buffers)
    for (int keep = 0; keep <= s->halo; ++keep)
      for (int gather = 0; gather <= s->gaps; ++gather) {
        for (size_t k = 0; k < c->num_operands; ++k)
          p.staging[k] = (gln_nest_staging){p.num_outer, buffers,
                                            keep && k == 0, gather && k == 0};
        GLN_TRY(visit(s, &p, error));
      }
  return EG_OK;
}

static eg_status visit_all(search *s, eg_error *error) {
  const gln_contract *c = &s->model->contract;
  uint8_t at[GLN_NEST_MAX_DIMS] = {0};
  for (;;) {
    for (size_t d = 0; d < c->num_dims; ++d)
      s->tile[d] = s->sizes[d][at[d]];
    GLN_TRY(visit_tile(s, error));
    size_t d = 0;
    while (d < c->num_dims && ++at[d] == s->num[d])
      at[d++] = 0;
    if (d == c->num_dims)
      return EG_OK;
  }
}

static void find_gaps(search *s) {
  const gln_contract *c = &s->model->contract;
  for (size_t d = 0; d < c->num_dims; ++d)
    s->halo |= glni_is_windowed(c, d);
  for (size_t a = 0; a < c->operands[0].num_axes; ++a)
    for (size_t t = 0; t < c->operands[0].axes[a].num_terms; ++t)
      s->gaps |= c->operands[0].axes[a].strides[t] > 1;
}

static eg_status write_list(search *s, const eg_allocator *allocator,
                            size_t most, gln_blockings *out, eg_error *error) {
  size_t found = s->front.num;
  GLN_TRY(glni_front_thin(&s->front, most, error));
  out->counts = s->counts;
  out->counts.kept = (double)s->front.num;
  out->counts.thinned = (double)(found - s->front.num);
  out->counts.dominated =
      s->counts.enumerated - s->counts.illegal - (double)found;
  out->list = allocator->resize(allocator->user, NULL, 0,
                                s->front.num * sizeof *out->list);
  if (!out->list)
    return gln_fail(error, EG_NO_MEMORY, "no memory for %zu blockings",
                    s->front.num);
  out->num = s->front.num;
  for (size_t i = 0; i < out->num; ++i)
    glni_expand(s->model, &s->front.points[i], &out->list[i]);
  return EG_OK;
}

static eg_status fail_smallest(search *s, eg_error *error) {
  gln_blocking b;
  glni_point p = {.strategy = 0};
  const gln_contract *c = &s->model->contract;
  for (size_t d = 0; d < c->num_dims; ++d) {
    p.tile[d] = s->sizes[d][s->num[d] - 1];
    if (p.tile[d] < c->extents[d])
      p.dims[p.num_outer++] = (uint8_t)d;
  }
  for (size_t k = 0; k < c->num_operands; ++k)
    p.staging[k] = (gln_nest_staging){.depth = p.num_outer, .buffers = 1};
  glni_expand(s->model, &p, &b);
  return gln_fail(error, EG_INFEASIBLE,
                  "the smallest tile needs %.0f bytes of ACC, which has %.0f",
                  b.cost.held_bytes[GLN_MEMORY_ACC], s->capacity);
}

eg_status gln_vector_blockings(const eg_allocator *allocator,
                               const gln_target *target, const gln_spec *spec,
                               const gln_blocking_options *options,
                               gln_blockings *out, eg_error *error) {
  static const gln_blocking_options none = {0};
  memset(out, 0, sizeof *out);
  if (!options)
    options = &none;
  GLN_TRY(gln_vector_strategy(target, spec, options->out_bytes,
                              &out->strategies[0], error));
  out->num_strategies = 1;
  search s = {.model = &out->strategies[0].model,
              .front = {.allocator = allocator}};
  s.capacity = options->capacity[GLN_MEMORY_ACC] > 0
                   ? options->capacity[GLN_MEMORY_ACC]
                   : s.model->capacity[GLN_MEMORY_ACC];
  make_order(&s);
  make_sizes(&s);
  find_gaps(&s);
  eg_status status = visit_all(&s, error);
  if (status == EG_OK && s.front.num == 0)
    status = fail_smallest(&s, error);
  if (status == EG_OK)
    status = write_list(&s, allocator,
                        options->max_kept ? options->max_kept : MAX_KEPT, out,
                        error);
  glni_front_fini(&s.front);
  if (status != EG_OK)
    gln_blockings_fini(allocator, out);
  return status;
}
