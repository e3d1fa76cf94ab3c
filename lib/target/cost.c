// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The cost of a nest, calibrated on RTL.
//
// An array of R x C runs a tile in weight blocks; b blocks with s rows each
// streamed past take, weight-stationary,
//
//   b (max(s, min) + R)     or, with shadow weights,   R + b max(s, R)
//
// cycles, and R + C - 2 until the last result has left. DRAM serves requests:
// a contiguous run of L bytes is cut into L / min(L, burst) of them, and each
// takes max(request, bytes / bandwidth). Tile n + 1 moves while tile n is
// computed:
//
//   cycles = max(first load + compute + last store, dma + compute of one tile)
//
// which is sum of stages, for one tile, and the slower stage, for many.
#include "target/cost.h"
#include "target/nest_internal.h"

#include <math.h>
#include <string.h>

// What the array does; words are elements.
typedef struct work {
  double cycles, blocks, last;          // |last| cycles of one tile
  double weights, stationary, streamed; // reads of registers, WBUF, ABUF
  double sums;                          // accesses to ACC
} work;

//===-- The array ---------------------------------------------------------===//

static double tiles_over(double size, double unit) {
  return ceil(size / unit);
}

// One tile of the given extents.
static work tile_work(const gln_cost_model *m, const double *tile) {
  double of[GLN_NEST_NUM_ROLES] = {1, 1, 1, 1};
  for (size_t d = 0; d < m->contract.num_dims; ++d)
    of[m->roles[d]] *= tile[d];
  double pass = of[GLN_NEST_PASS], rows = of[GLN_NEST_ROWS];
  double cols = of[GLN_NEST_COLS], stream = of[GLN_NEST_STREAM];
  double macs = pass * rows * cols * stream;
  if (m->dataflow == GLN_VECTOR)
    return (work){
        .cycles = macs / cols * tiles_over(cols, m->lanes),
        .stationary = macs,
        .streamed = macs,
        .sums = 2 * macs,
    };
  double down = tiles_over(rows, m->rows), across = tiles_over(cols, m->cols);
  work w = {.blocks = pass * down * across};
  w.streamed = pass * stream * rows * across;
  double time = stream > m->min_stream ? stream : m->min_stream;
  if (m->dataflow == GLN_OUTPUT_STATIONARY) {
    w.cycles = w.blocks * (time + m->rows + m->cols - 2);
    w.stationary = pass * stream * cols * down;
    w.sums = pass * rows * cols;
    return w;
  }
  w.cycles = w.blocks * (m->shadow ? fmax(time, m->rows) : time + m->rows);
  w.weights = w.stationary = pass * rows * cols;
  w.sums = 2 * pass * stream * cols * down;
  return w;
}

static void add_work(work *sum, const work *one, double times) {
  sum->cycles += times * one->cycles;
  sum->blocks += times * one->blocks;
  sum->weights += times * one->weights;
  sum->stationary += times * one->stationary;
  sum->streamed += times * one->streamed;
  sum->sums += times * one->sums;
}

// All tiles of a grid. A dim whose extent is no multiple of its tile has one
// smaller tile at the end; the sum runs over the corners full / last of these
// dims.
static work grid_work(const gln_cost_model *m, const double *tile,
                      double repeats) {
  double size[GLN_NEST_MAX_DIMS], full[GLN_NEST_MAX_DIMS],
      rest[GLN_NEST_MAX_DIMS];
  uint8_t ragged[GLN_NEST_MAX_DIMS];
  size_t num_ragged = 0;
  double uniform = repeats;
  for (size_t d = 0; d < m->contract.num_dims; ++d) {
    double extent = (double)m->contract.extents[d];
    size[d] = tile[d];
    full[d] = floor(extent / tile[d]);
    rest[d] = extent - full[d] * tile[d];
    if (rest[d] > 0)
      ragged[num_ragged++] = (uint8_t)d;
    else
      uniform *= full[d];
  }
  work sum = {0}, whole = tile_work(m, tile);
  if (num_ragged == 0) {
    add_work(&sum, &whole, uniform);
  } else {
    for (uint32_t corner = 0; corner < UINT32_C(1) << num_ragged; ++corner) {
      double times = uniform;
      for (size_t i = 0; i < num_ragged; ++i) {
        uint8_t d = ragged[i];
        bool is_last = corner >> i & 1;
        size[d] = is_last ? rest[d] : tile[d];
        times *= is_last ? 1 : full[d];
      }
      work one = tile_work(m, size);
      add_work(&sum, &one, times);
    }
  }
  sum.last = whole.cycles;
  if (m->interlock && whole.blocks > 0)
    sum.last /= whole.blocks;
  return sum;
}

// Filling and draining the array itself, |breaks| times.
static double skew(const gln_cost_model *m, double breaks) {
  if (m->dataflow != GLN_WEIGHT_STATIONARY)
    return 0; // an output-stationary fold has its own
  return breaks * (m->rows + m->cols - 2 + (m->shadow ? m->rows : 0));
}

//===-- The channel -------------------------------------------------------===//

typedef struct transfer {
  double requests, cycles;
} transfer;

static transfer move(const gln_cost_model *m, double elements, double bytes,
                     double run) {
  double piece = fmin(run * bytes, m->burst);
  double requests = elements * bytes / piece;
  return (transfer){
      requests, requests * fmax(m->request_cycles, piece / m->bytes_per_cycle)};
}

typedef struct totals {
  double serial; // what no compute hides
  double first, last;
} totals;

static void add_operand(const gln_cost_model *m, const gln_nest *nest,
                        size_t index, gln_cost *cost, totals *sum) {
  const gln_nest_operand *o = &m->contract.operands[index];
  const gln_nest_staging *s = &nest->staging[index];
  gln_traffic t =
      glni_traffic(&m->contract, nest, index, m->masks[index], s->keep_halo);
  double bytes = o->bytes, spilled = 0;
  transfer all = move(m, o->is_output ? t.distinct : t.moved, bytes, t.run);
  if (o->is_output) {
    // Not the last visit: partial sums leave, and come back.
    spilled = t.moved - t.distinct;
    transfer spill = move(m, 2 * spilled, o->partial_bytes, t.run);
    all.requests += spill.requests;
    all.cycles += spill.cycles;
    cost->dram_write_bytes += t.distinct * bytes + spilled * o->partial_bytes;
    cost->dram_read_bytes += spilled * o->partial_bytes;
    cost->chip_bytes[o->memory] += (t.moved + spilled) * o->partial_bytes;
  } else {
    cost->dram_read_bytes += t.moved * bytes;
    cost->chip_bytes[o->memory] += t.moved * o->partial_bytes;
  }
  double first = fmin(move(m, t.tile, bytes, t.run).cycles, all.cycles);
  if (s->buffers == 1)
    sum->serial += all.cycles - first;
  if (m->interlock) // the array may start on the first block
    first = fmin(
        first, m->rows * fmax(m->request_cycles, fmin(t.run * bytes, m->burst) /
                                                     m->bytes_per_cycle));
  if (o->is_output)
    sum->last += first;
  else
    sum->first += first;
  cost->dram_requests += all.requests;
  cost->dma_cycles += all.cycles;
  cost->held_bytes[o->memory] += t.held * o->partial_bytes;
}

//===-- Energy ------------------------------------------------------------===//

static double partial_bytes(const gln_cost_model *m, gln_memory memory) {
  for (size_t i = 0; i < m->contract.num_operands; ++i)
    if (m->contract.operands[i].memory == memory)
      return m->contract.operands[i].partial_bytes;
  return 0;
}

static void add_work_cost(const gln_cost_model *m, const work *w,
                          gln_cost *cost) {
  double stationary = partial_bytes(m, GLN_MEMORY_WBUF);
  double sums = partial_bytes(m, GLN_MEMORY_ACC);
  cost->macs = m->macs;
  cost->preloads = w->weights > 0 ? w->blocks : 0;
  cost->chip_bytes[GLN_MEMORY_ABUF] +=
      w->streamed * partial_bytes(m, GLN_MEMORY_ABUF);
  cost->chip_bytes[GLN_MEMORY_WBUF] += w->stationary * stationary;
  cost->chip_bytes[GLN_MEMORY_ACC] += w->sums * sums;
  cost->energy_pj =
      m->mac_pj * m->macs +
      m->register_pj * stationary * (m->macs + w->weights) +
      m->access_pj[GLN_MEMORY_ABUF] * cost->chip_bytes[GLN_MEMORY_ABUF] +
      m->access_pj[GLN_MEMORY_WBUF] * cost->chip_bytes[GLN_MEMORY_WBUF] +
      m->access_pj[GLN_MEMORY_ACC] * cost->chip_bytes[GLN_MEMORY_ACC] / 4 +
      m->dram_pj * (cost->dram_read_bytes + cost->dram_write_bytes);
}

//===-- A nest ------------------------------------------------------------===//

void gln_cost_model_run(const gln_cost_model *model, const gln_nest *nest,
                        gln_cost *out_cost) {
  memset(out_cost, 0, sizeof *out_cost);
  totals sum = {0, 0, 0};
  bool waits = false;
  for (size_t i = 0; i < model->contract.num_operands; ++i) {
    add_operand(model, nest, i, out_cost, &sum);
    waits |= nest->staging[i].buffers == 1;
  }
  double tile[GLN_NEST_MAX_DIMS];
  glni_nest_tile(&model->contract, nest, nest->num_outer, tile);
  double trips = 1;
  for (size_t i = 0; i < nest->num_outer; ++i)
    trips *= (double)nest->loops[i].trips;
  work w = grid_work(model, tile, 1);
  double drain = skew(model, waits ? trips : 1);
  add_work_cost(model, &w, out_cost);
  out_cost->compute_cycles = w.cycles + drain;
  out_cost->first_load = sum.first + model->latency;
  out_cost->last_store = sum.last + model->latency;
  double hidden = out_cost->dma_cycles - sum.serial;
  out_cost->cycles =
      sum.serial + fmax(out_cost->first_load + out_cost->compute_cycles +
                            out_cost->last_store,
                        hidden + 2 * model->latency + w.last + skew(model, 1));
}

// Each operand moves at least once, at the longest runs its array allows; the
// grid tile is the least that must be held and be there at the start.
void gln_cost_model_bound(const gln_cost_model *model, const int64_t *tile,
                          gln_cost *out_bound) {
  const gln_contract *c = &model->contract;
  double size[GLN_NEST_MAX_DIMS], extents[GLN_NEST_MAX_DIMS], first = 0,
                                                              last = 0;
  memset(out_bound, 0, sizeof *out_bound);
  for (size_t d = 0; d < c->num_dims; ++d) {
    size[d] = (double)tile[d];
    extents[d] = (double)c->extents[d];
  }
  for (size_t i = 0; i < c->num_operands; ++i) {
    const gln_nest_operand *o = &c->operands[i];
    double all = fmin(glni_operand_size(o, extents, false),
                      glni_operand_size(o, extents, true));
    double held = fmin(glni_operand_size(o, size, false),
                       glni_operand_size(o, size, true));
    double run = model->burst / o->bytes; // no run is better than a burst
    transfer t = move(model, all, o->bytes, run);
    transfer start = move(model, held, o->bytes, run);
    if (model->interlock)
      start.cycles = 0;
    if (o->is_output) {
      out_bound->dram_write_bytes += all * o->bytes;
      last += fmin(start.cycles, t.cycles);
    } else {
      out_bound->dram_read_bytes += all * o->bytes;
      first += fmin(start.cycles, t.cycles);
    }
    out_bound->dram_requests += t.requests;
    out_bound->dma_cycles += t.cycles;
    out_bound->chip_bytes[o->memory] += all * o->partial_bytes;
    out_bound->held_bytes[o->memory] += held * o->partial_bytes;
  }
  work w = grid_work(model, size, 1);
  add_work_cost(model, &w, out_bound);
  out_bound->compute_cycles = w.cycles + skew(model, 1);
  out_bound->first_load = first + model->latency;
  out_bound->last_store = last + model->latency;
  out_bound->cycles = fmax(
      out_bound->first_load + out_bound->compute_cycles + out_bound->last_store,
      out_bound->dma_cycles + 2 * model->latency + w.last + skew(model, 1));
}
