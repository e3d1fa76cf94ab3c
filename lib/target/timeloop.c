// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Timeloop's cycles and Accelergy's energy in closed form, for a Gemmini-like
// hierarchy: cell registers (weights), an accumulator per column (outputs), a
// scratchpad (weights, inputs), DRAM.
//
// Everything overlaps perfectly: the time is that of the slowest level, and a
// level that asks for more than its bandwidth slows down all of it:
//
//   cycles = max over levels of ceil(t / min(1, bandwidth / (accesses / t)))
//
// in double precision and in this order, as Timeloop computes it, so that the
// result is equal and not only close. Halo between neighbouring tiles is free
// only if the loop that moves the tile is the innermost of DRAM's: with another
// inside (k, say), Timeloop moves the whole tile again. On the public DOSA data
// all of 1,620 rows that can tell the two rules apart agree with this one.
#include "target/nest_internal.h"
#include "target/reference.h"

#include <math.h>
#include <string.h>

// Words per cycle, from the data set's architectures.
static const double acc_ports = 2;             // of each column
static const double scratchpad_per_column = 2; // shared by reads and writes

// DRAM energy is by the burst: each operand's total is rounded up to one. (Of
// block sizes 1, 8 … 128 the burst of 64 gives a mean error of 0.035 %, the
// others 0.10 % and more.)
static double bursts(double bytes, double burst) {
  return ceil(bytes / burst) * burst;
}

static double level_cycles(double time, double bandwidth, double per_cycle) {
  double slowdown = bandwidth / per_cycle;
  return ceil(time / (slowdown < 1 ? slowdown : 1));
}

// How often a weight is written to the registers: all trips in time, from the
// outermost loop to the innermost one that changes the weights.
static double weight_changes(const gln_nest *nest, uint32_t mask) {
  double changes = 1, trips = 1;
  for (size_t i = 0; i < nest->num_loops; ++i) {
    const gln_nest_loop *l = &nest->loops[i];
    if (l->kind != GLN_NEST_IN_TIME || l->trips == 1)
      continue;
    trips *= (double)l->trips;
    if (mask >> l->dim & 1)
      changes = trips;
  }
  return changes;
}

// Whether no grid loop runs inside the innermost that moves the tile.
static bool moved_by_last(const gln_nest *nest, uint32_t mask) {
  for (size_t i = nest->num_outer; i-- > 0;)
    if (nest->loops[i].trips > 1)
      return mask >> nest->loops[i].dim & 1;
  return true;
}

static gln_traffic traffic(const gln_contract *contract, const gln_nest *nest,
                           size_t operand) {
  uint32_t mask = glni_operand_dims(&contract->operands[operand]);
  return glni_traffic(contract, nest, operand, mask, moved_by_last(nest, mask));
}

void gln_timeloop_cost(const gln_target *target, const gln_contract *contract,
                       const gln_nest *nest, gln_cost *out_cost) {
  double side = target->arrays[0].cols.value;
  double time = 1, rows = 1, cols = 1;
  for (size_t i = 0; i < nest->num_loops; ++i) {
    double trips = (double)nest->loops[i].trips;
    *(nest->loops[i].kind == GLN_NEST_IN_TIME   ? &time
      : nest->loops[i].kind == GLN_NEST_ON_ROWS ? &rows
                                                : &cols) *= trips;
  }
  gln_traffic w = traffic(contract, nest, GLN_CONV_WEIGHT);
  gln_traffic i = traffic(contract, nest, GLN_CONV_INPUT);
  gln_traffic o = traffic(contract, nest, GLN_CONV_OUTPUT);
  double spilled = o.moved - o.distinct;
  const gln_nest_operand *weights = &contract->operands[GLN_CONV_WEIGHT];
  double filled =
      weight_changes(nest, glni_operand_dims(weights)) * rows * cols;
  double streamed = time * rows, macs = time * rows * cols;

  double acc = level_cycles(time, acc_ports, (1 + spilled / cols / time) + 1);
  double scratchpad =
      level_cycles(time, scratchpad_per_column * side,
                   (filled + streamed) / time + (w.moved + i.moved) / time);
  double dram =
      level_cycles(time, target->dram_bytes_per_cycle.value,
                   (w.moved + i.moved + spilled) / time + o.moved / time);

  memset(out_cost, 0, sizeof *out_cost);
  out_cost->macs = macs;
  out_cost->compute_cycles = time;
  out_cost->dma_cycles = dram;
  out_cost->cycles = fmax(fmax(time, acc), fmax(scratchpad, dram));
  out_cost->dram_read_bytes = w.moved + i.moved + spilled;
  out_cost->dram_write_bytes = o.moved;
  out_cost->held_bytes[GLN_MEMORY_ABUF] = i.tile;
  out_cost->held_bytes[GLN_MEMORY_WBUF] = w.tile;
  out_cost->held_bytes[GLN_MEMORY_ACC] =
      o.tile * contract->operands[GLN_CONV_OUTPUT].partial_bytes;

  double sram_kib =
      (target->abuf_bytes.value + target->wbuf_bytes.value) / 1024;
  double burst = target->dram_burst_bytes.value;
  double acc_pj =
      target->energy_acc.value +
      target->energy_acc_bank.value * (target->acc_bytes.value / 1024) / side;
  double sram_pj =
      target->energy_sram.value + target->energy_sram_size.value * sram_kib;
  out_cost->energy_pj = target->types[0].mac_pj * macs +
                        target->energy_register.value * (macs + filled) +
                        acc_pj * (2 * time * cols + spilled) +
                        sram_pj * (filled + streamed + w.moved + i.moved) +
                        target->energy_dram.value *
                            (bursts(w.moved, burst) + bursts(i.moved, burst) +
                             bursts(spilled, burst) + bursts(o.moved, burst));
}
