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

// What the array does; words are elements.
typedef struct work {
  double cycles, blocks, macs;
  double weights, stationary, streamed; // reads of registers, WBUF, ABUF
  double sums;                          // accesses to ACC
} work;

//===-- The array ---------------------------------------------------------===//

static double tiles_over(double size, double unit) {
  return ceil(size / unit);
}

// What streams by, in |calls| calls, each of which takes its least time.
static double stream_time(const gln_cost_model *m, double stream,
                          double calls) {
  if (calls <= 1)
    return fmax(stream, m->min_stream);
  double rest = stream - (calls - 1) * m->fold_stream;
  return (calls - 1) * fmax(m->fold_stream, m->min_stream) +
         fmax(rest, m->min_stream);
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
        .macs = macs,
        .stationary = macs,
        .streamed = macs,
        .sums = 2 * macs,
    };
  double down = tiles_over(rows, m->fold_rows);
  double across = tiles_over(cols, m->fold_cols);
  work w = {.blocks = pass * down * across, .macs = macs};
  w.streamed = pass * stream * rows * across;
  double calls =
      stream <= m->fold_stream ? 1 : tiles_over(stream, m->fold_stream);
  double time = stream_time(m, stream, calls);
  if (m->dataflow == GLN_OUTPUT_STATIONARY) {
    w.cycles = w.blocks * (time + calls * (m->rows + m->cols - 2));
    w.stationary = pass * stream * cols * down;
    w.sums = pass * rows * cols * (2 * calls - 1);
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
  sum->macs += times * one->macs;
  sum->weights += times * one->weights;
  sum->stationary += times * one->stationary;
  sum->streamed += times * one->streamed;
  sum->sums += times * one->sums;
}

// More dims than this with a smaller last tile are counted as if it were whole.
enum { MAX_RAGGED = 6 };

// All tiles of a grid. A dim whose extent is no multiple of its tile has one
// smaller tile at the end; the sum runs over the corners full / last of these
// dims.
static work grid_work(const gln_cost_model *m, const double *tile) {
  double size[GLN_NEST_MAX_DIMS], full[MAX_RAGGED], rest[MAX_RAGGED];
  uint8_t ragged[MAX_RAGGED];
  size_t num_ragged = 0;
  double uniform = 1;
  for (size_t d = 0; d < m->contract.num_dims; ++d) {
    double extent = (double)m->contract.extents[d];
    double whole = floor(extent / tile[d]);
    size[d] = tile[d];
    if (whole * tile[d] == extent) {
      uniform *= whole;
    } else if (num_ragged == MAX_RAGGED) {
      uniform *= whole + 1;
    } else {
      ragged[num_ragged] = (uint8_t)d;
      full[num_ragged] = whole;
      rest[num_ragged++] = extent - whole * tile[d];
    }
  }
  work sum = {0};
  for (uint32_t corner = 0; corner < UINT32_C(1) << num_ragged; ++corner) {
    double times = uniform;
    for (size_t i = 0; i < num_ragged; ++i) {
      bool is_last = corner >> i & 1;
      size[ragged[i]] = is_last ? rest[i] : tile[ragged[i]];
      times *= is_last ? 1 : full[i];
    }
    work one = tile_work(m, size);
    add_work(&sum, &one, times);
  }
  return sum;
}

// Filling and draining the array itself, |breaks| times.
static double skew(const gln_cost_model *m, double breaks) {
  if (m->dataflow != GLN_WEIGHT_STATIONARY)
    return 0; // an output-stationary fold has its own
  return breaks * (m->rows + m->cols - 2 + (m->shadow ? m->rows : 0));
}

//===-- Energy ------------------------------------------------------------===//

static double partial_bytes(const gln_cost_model *m, gln_memory memory) {
  for (size_t i = 0; i < m->contract.num_operands; ++i)
    if (m->contract.operands[i].memory == memory)
      return m->contract.operands[i].partial_bytes;
  return 0;
}

// pJ of |bytes| in or out of a memory.
static double chip_pj(const gln_cost_model *m, gln_memory memory,
                      double bytes) {
  return m->access_pj[memory] * (memory == GLN_MEMORY_ACC ? bytes / 4 : bytes);
}

// The array's own part of a cost: time, work and what it reads on chip.
static gln_cost array_cost(const gln_cost_model *m, const work *w) {
  double words[GLN_NUM_MEMORIES];
  words[GLN_MEMORY_ABUF] = w->streamed;
  words[GLN_MEMORY_WBUF] = w->stationary;
  words[GLN_MEMORY_ACC] = w->sums;
  gln_cost c = {.cycles = w->cycles,
                .compute_cycles = w->cycles,
                .macs = w->macs,
                .blocks = w->blocks};
  c.energy_pj = m->mac_pj * w->macs + m->register_pj *
                                          partial_bytes(m, GLN_MEMORY_WBUF) *
                                          (w->macs + w->weights);
  for (int i = 0; i < GLN_NUM_MEMORIES; ++i) {
    c.chip_bytes[i] = words[i] * partial_bytes(m, (gln_memory)i);
    c.energy_pj += chip_pj(m, (gln_memory)i, c.chip_bytes[i]);
  }
  return c;
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
  double first, last;
} totals;

static void add_bytes(const gln_cost_model *m, gln_memory memory, double read,
                      double written, double chip, gln_cost *cost) {
  cost->dram_read_bytes += read;
  cost->dram_write_bytes += written;
  cost->chip_bytes[memory] += chip;
  cost->energy_pj += m->dram_pj * (read + written) + chip_pj(m, memory, chip);
}

// What |operand| reads, writes and moves on chip.
static void stage_bytes(const gln_cost_model *m, const gln_nest_operand *o,
                        double read, double written, double chip,
                        gln_cost_stage *out) {
  out->read_bytes = read;
  out->write_bytes = written;
  out->chip_bytes = chip;
  out->energy_pj = m->dram_pj * (read + written) + chip_pj(m, o->memory, chip);
}

// Partial sums of all visits but the last leave the chip and come back.
static transfer stage_output(const gln_cost_model *m, const gln_nest_operand *o,
                             const gln_traffic *t, gln_cost_stage *out) {
  double spilled = t->moved - t->distinct;
  transfer all = move(m, t->distinct, o->bytes, t->run);
  transfer spill = move(m, 2 * spilled, o->partial_bytes, t->run);
  stage_bytes(m, o, spilled * o->partial_bytes,
              t->distinct * o->bytes + spilled * o->partial_bytes,
              (t->moved + spilled) * o->partial_bytes, out);
  return (transfer){all.requests + spill.requests, all.cycles + spill.cycles};
}

static transfer stage_input(const gln_cost_model *m, const gln_nest_operand *o,
                            const gln_traffic *t, gln_cost_stage *out) {
  stage_bytes(m, o, t->moved * o->bytes, 0, t->moved * o->partial_bytes, out);
  return move(m, t->moved, o->bytes, t->run);
}

void gln_cost_model_stage(const gln_cost_model *m, size_t operand,
                          const gln_traffic *t, uint8_t buffers,
                          gln_cost_stage *out) {
  const gln_nest_operand *o = &m->contract.operands[operand];
  transfer all =
      o->is_output ? stage_output(m, o, t, out) : stage_input(m, o, t, out);
  double first = fmin(move(m, t->tile, o->bytes, t->run).cycles, all.cycles);
  out->waits = buffers == 1;
  out->serial_cycles = out->waits ? all.cycles - first : 0;
  if (m->interlock) // the array may start on the first block
    first = fmin(first, m->rows * fmax(m->request_cycles,
                                       fmin(t->run * o->bytes, m->burst) /
                                           m->bytes_per_cycle));
  out->edge_cycles = first;
  out->requests = all.requests;
  out->dma_cycles = all.cycles;
  out->held_bytes = t->held * o->partial_bytes * m->row_share[o->memory];
}

//===-- A nest ------------------------------------------------------------===//

void gln_cost_model_join(const gln_cost_model *m, const gln_cost *chip,
                         double last, const gln_cost_stage *const *stages,
                         double tiles, gln_cost *out) {
  totals sum = {0, 0};
  double serial = 0;
  bool waits = false;
  *out = *chip;
  for (size_t i = 0; i < m->contract.num_operands; ++i) {
    const gln_nest_operand *o = &m->contract.operands[i];
    const gln_cost_stage *s = stages[i];
    *(o->is_output ? &sum.last : &sum.first) += s->edge_cycles;
    serial += s->serial_cycles;
    waits |= s->waits;
    out->dram_requests += s->requests;
    out->dma_cycles += s->dma_cycles;
    out->dram_read_bytes += s->read_bytes;
    out->dram_write_bytes += s->write_bytes;
    out->chip_bytes[o->memory] += s->chip_bytes;
    out->held_bytes[o->memory] += s->held_bytes;
    out->energy_pj += s->energy_pj;
  }
  out->compute_cycles += skew(m, waits ? tiles : 1);
  out->first_load = sum.first + m->latency;
  out->last_store = sum.last + m->latency;
  double hidden = out->dma_cycles - serial;
  out->cycles =
      serial + fmax(out->first_load + out->compute_cycles + out->last_store,
                    hidden + 2 * m->latency + last + skew(m, 1));
}

// |chip| is what all tiles cost on the array, |last| the cycles of one.
static void finish(const gln_cost_model *m, const gln_nest *nest,
                   const gln_cost *chip, double last, gln_cost *out) {
  gln_cost_stage stage[GLN_NEST_MAX_OPERANDS];
  const gln_cost_stage *stages[GLN_NEST_MAX_OPERANDS];
  for (size_t i = 0; i < m->contract.num_operands; ++i) {
    gln_traffic t = glni_traffic(&m->contract, nest, i, m->masks[i],
                                 nest->staging[i].keep_halo);
    gln_cost_model_stage(m, i, &t, nest->staging[i].buffers, &stage[i]);
    stages[i] = &stage[i];
  }
  double tiles = 1;
  for (size_t i = 0; i < nest->num_outer; ++i)
    tiles *= (double)nest->loops[i].trips;
  gln_cost_model_join(m, chip, last, stages, tiles, out);
}

// With interlocks the channel waits for a block, not for a tile.
static double last_of(const gln_cost_model *m, double cycles, double blocks) {
  return m->interlock && blocks > 1 ? cycles / blocks : cycles;
}

// The array's part of a grid of |tile|s, and the cycles of one tile.
static double grid_cost(const gln_cost_model *m, const double *tile,
                        gln_cost *out_chip) {
  work one = tile_work(m, tile), all = grid_work(m, tile);
  *out_chip = array_cost(m, &all);
  return last_of(m, one.cycles, one.blocks);
}

void gln_cost_model_run(const gln_cost_model *model, const gln_nest *nest,
                        gln_cost *out_cost) {
  double tile[GLN_NEST_MAX_DIMS];
  gln_cost chip;
  glni_nest_tile(&model->contract, nest, nest->num_outer, tile);
  double last = grid_cost(model, tile, &chip);
  finish(model, nest, &chip, last, out_cost);
}

void gln_cost_model_grid(const gln_cost_model *model, const int64_t *tile,
                         gln_cost *out_chip, double *out_last) {
  double size[GLN_NEST_MAX_DIMS];
  for (size_t d = 0; d < model->contract.num_dims; ++d)
    size[d] = (double)tile[d];
  *out_last = grid_cost(model, size, out_chip);
}

void gln_cost_model_tile(const gln_cost_model *model, const int64_t *tile,
                         gln_cost *out_cost) {
  double size[GLN_NEST_MAX_DIMS];
  for (size_t d = 0; d < model->contract.num_dims; ++d)
    size[d] = (double)tile[d];
  work w = tile_work(model, size);
  *out_cost = array_cost(model, &w);
}

void gln_cost_model_block(const gln_cost_model *model, const gln_nest *nest,
                          const gln_cost_part *parts, size_t num_parts,
                          gln_cost *out_cost) {
  gln_cost chip = {0};
  for (size_t i = 0; i < num_parts; ++i) {
    const gln_cost *c = parts[i].cost;
    double times = parts[i].times;
    chip.compute_cycles += times * c->compute_cycles;
    chip.macs += times * c->macs;
    chip.blocks += times * c->blocks;
    chip.energy_pj += times * c->energy_pj;
    for (size_t k = 0; k < GLN_NUM_MEMORIES; ++k)
      chip.chip_bytes[k] += times * c->chip_bytes[k];
  }
  double last = num_parts ? last_of(model, parts[0].cost->compute_cycles,
                                    parts[0].cost->blocks)
                          : 0;
  finish(model, nest, &chip, last, out_cost);
}

// Each operand moves at least once, at the longest runs its array allows; the
// grid tile is the least that must be held and be there at the start.
static void bound_operand(const gln_cost_model *m, const gln_nest_operand *o,
                          const double *extents, const double *tile,
                          gln_cost *cost, totals *sum) {
  double all = fmin(glni_operand_size(o, extents, false),
                    glni_operand_size(o, extents, true));
  double held =
      fmin(glni_operand_size(o, tile, false), glni_operand_size(o, tile, true));
  double run = m->burst / o->bytes; // no run is better than a burst
  transfer t = move(m, all, o->bytes, run);
  double first = m->interlock ? 0 : move(m, held, o->bytes, run).cycles;
  add_bytes(m, o->memory, o->is_output ? 0 : all * o->bytes,
            o->is_output ? all * o->bytes : 0, all * o->partial_bytes, cost);
  *(o->is_output ? &sum->last : &sum->first) += fmin(first, t.cycles);
  cost->dram_requests += t.requests;
  cost->dma_cycles += t.cycles;
  cost->held_bytes[o->memory] +=
      held * o->partial_bytes * m->row_share[o->memory];
}

void gln_cost_model_bound(const gln_cost_model *model, const int64_t *tile,
                          gln_cost *out_bound) {
  const gln_contract *c = &model->contract;
  double size[GLN_NEST_MAX_DIMS], extents[GLN_NEST_MAX_DIMS];
  for (size_t d = 0; d < c->num_dims; ++d) {
    size[d] = (double)tile[d];
    extents[d] = (double)c->extents[d];
  }
  work one = tile_work(model, size), all = grid_work(model, size);
  gln_cost bound = array_cost(model, &all);
  totals sum = {0, 0};
  for (size_t i = 0; i < c->num_operands; ++i)
    bound_operand(model, &c->operands[i], extents, size, &bound, &sum);
  bound.compute_cycles += skew(model, 1);
  bound.first_load = sum.first + model->latency;
  bound.last_store = sum.last + model->latency;
  bound.cycles =
      fmax(bound.first_load + bound.compute_cycles + bound.last_store,
           bound.dma_cycles + 2 * model->latency +
               last_of(model, one.cycles, one.blocks) + skew(model, 1));
  *out_bound = bound;
}
