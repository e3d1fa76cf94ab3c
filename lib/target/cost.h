// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a nest costs on a target: a vector, and functions of it.
//
// This is the one cost model of the tree: labels of kernels, pruning and
// reports all read it. Its latency is calibrated on RTL; reference.h holds the
// models of others that it is compared with. README.md derives the formulas.
//
//   gln_cost_model model; // once per (target, contract, dataflow, roles)
//   gln_cost_model_init(&model, &target, 0, GLN_WEIGHT_STATIONARY, 0, &contract,
//                  roles, &error);
//   gln_cost cost; // then per candidate, in under a microsecond
//   gln_nest_check(&contract, &nest, &error); // not needed when enumerating
//   gln_cost_model_run(&model, &nest, &cost);
//   double edp = gln_objective_value(&objective, &cost);
//
// Nothing here allocates or fails after gln_cost_model_init. A model is plain data
// and is only read by the functions below: threads may share it.
#ifndef GLN_TARGET_COST_H
#define GLN_TARGET_COST_H

#include "target/instr.h"
#include "target/nest.h"

#ifdef __cplusplus
extern "C" {
#endif

//===-- The vector --------------------------------------------------------===//

// Doubles, because averages over requests are fractions; counts are exact.
typedef struct gln_cost {
  double cycles;         // of the whole nest
  double compute_cycles; // the array at work, weight loads included
  double dma_cycles;     // the DRAM channel at work
  double first_load;     // until the array can start
  double last_store;     // after it has ended
  double macs;
  double blocks; // folds of the array; weight-stationary, each loads weights
  double dram_requests;
  double dram_read_bytes, dram_write_bytes;
  double chip_bytes[GLN_NUM_MEMORIES]; // read and written on chip
  double held_bytes[GLN_NUM_MEMORIES]; // needed at one time
  double energy_pj;
} gln_cost;

// |b| after |a|, sharing nothing: times, traffic and energy add, needs are the
// larger. Zero is the neutral element.
GLN_API gln_cost gln_cost_then(const gln_cost *a, const gln_cost *b);

// Whether |a| is at most |b| in cycles, DRAM bytes, energy and the bytes held
// in each memory: then no objective over these needs |b|.
GLN_API bool gln_cost_dominates(const gln_cost *a, const gln_cost *b);

//===-- The model ---------------------------------------------------------===//

// What is the same for all candidates of a contract. Made by gln_cost_model_init;
// |contract| may be read, the rest is for cost.c.
typedef struct gln_cost_model {
  gln_contract contract;
  gln_dataflow dataflow;
  uint8_t roles[GLN_NEST_MAX_DIMS];
  uint32_t masks[GLN_NEST_MAX_OPERANDS]; // dims of each operand
  bool shadow, interlock;
  double rows, cols, lanes, min_stream;
  // What one call takes (gln_cost_model_limit): of the dims on the rows, on the
  // columns and in time.
  double fold_rows, fold_cols, fold_stream;
  double row_share[GLN_NUM_MEMORIES]; // held bytes per byte: rows are not full
  double bytes_per_cycle, burst, request_cycles, latency;
  double capacity[GLN_NUM_MEMORIES];
  double macs, mac_pj, register_pj, dram_pj;
  double access_pj[GLN_NUM_MEMORIES]; // per byte; ACC: per 32-bit access
} gln_cost_model;

// Prepares |contract| on array number |array| of |target| (a checked point;
// of a range the value counts) with type rule |type|. |roles| has one gln_nest_role
// per dim. EG_INVALID: a malformed contract; an array without the dataflow; a
// role that contradicts it, by dim: a weight-stationary array cannot stream a
// dim of its weights, put an output on its rows, or reduce on its columns; an
// output-stationary one streams only reduced dims. O(contract).
EG_NODISCARD
GLN_API eg_status gln_cost_model_init(gln_cost_model *model,
                                      const gln_target *target, size_t array,
                                      gln_dataflow dataflow, size_t type,
                                      const gln_contract *contract,
                                      const gln_nest_role *roles,
                                      eg_error *error);

// A call of the array takes no more than |limits|, where these are less than its cells:
// more folds, a call for each part of what streams, and rows of memory that no call
// fills. Once, after gln_cost_model_init.
GLN_API void gln_cost_model_limit(gln_cost_model *model,
                                  const gln_instr_limits *limits);

// The usual roles of a convolution: c on the rows, k on the columns, n, p and
// q in time, r and s as passes ("kernel offset") or, with |im2col|, packed onto
// the rows. Output-stationary: n, p, q on the rows and c, r, s in time.
GLN_API void gln_conv_roles(gln_dataflow dataflow, bool im2col,
                            gln_nest_role out_roles[GLN_CONV_NUM_DIMS]);

// Costs a checked |nest| of the model's contract. Needs beyond a memory are
// reported in held_bytes, not refused. O(loops); about half a microsecond.
GLN_API void gln_cost_model_run(const gln_cost_model *model,
                                const gln_nest *nest, gln_cost *out_cost);

// One tile of the extents |tile| on the array alone: compute_cycles (without the
// filling and draining of the array), macs, blocks, chip_bytes, energy_pj.
GLN_API void gln_cost_model_tile(const gln_cost_model *model,
                                 const int64_t *tile, gln_cost *out_cost);

// A kernel that the tiles of a grid run, and how many of them run it.
typedef struct gln_cost_part {
  const gln_cost *cost; // on chip, as gln_cost_model_tile gives it
  double times;
} gln_cost_part;

// The label of a block from its children's labels: |nest| with its tiles run by
// |parts|, the whole tile first and then the tails, instead of by the array's
// formula. With the parts of gln_cost_model_tile it equals gln_cost_model_run.
GLN_API void gln_cost_model_block(const gln_cost_model *model,
                                  const gln_nest *nest,
                                  const gln_cost_part *parts, size_t num_parts,
                                  gln_cost *out_cost);

// gln_cost_model_run in parts, for a search that meets the same part many times:
// the cost of a nest is that of its tiles on the array, joined with the staging
// of each operand. Joining the parts of a nest gives what running it gives, bit
// for bit; cycles, bytes and energy never fall when a part of a stage grows.
typedef struct gln_cost_stage {
  double dma_cycles;    // the channel at work for this operand
  double serial_cycles; // of these, what single buffering does not hide
  double edge_cycles;   // until its first tile is there, or its last has left
  double requests, read_bytes, write_bytes, chip_bytes, held_bytes, energy_pj;
  bool waits; // single buffered: the array drains between tiles
} gln_cost_stage;

// Staging |operand| with the traffic of gln_nest_traffic in 1 or 2 |buffers|.
GLN_API void gln_cost_model_stage(const gln_cost_model *model, size_t operand,
                                  const gln_traffic *traffic, uint8_t buffers,
                                  gln_cost_stage *out_stage);

// All tiles of a grid of |tile|s on the array, and the cycles of one of them.
GLN_API void gln_cost_model_grid(const gln_cost_model *model,
                                 const int64_t *tile, gln_cost *out_chip,
                                 double *out_last);

// |chip| and |last| of gln_cost_model_grid, one stage per operand, and the
// number of |tiles| that the grid loops count.
GLN_API void gln_cost_model_join(const gln_cost_model *model,
                                 const gln_cost *chip, double last,
                                 const gln_cost_stage *const *stages,
                                 double tiles, gln_cost *out_cost);

// At most what any nest costs whose tile has the extents |tile| (one per dim),
// in every component, whatever its order, staging and buffering: for pruning
// before orders are enumerated.
GLN_API void gln_cost_model_bound(const gln_cost_model *model,
                                  const int64_t *tile, gln_cost *out_bound);

// EG_INFEASIBLE names the memory that is too small, the need and the size.
EG_NODISCARD
GLN_API eg_status gln_cost_model_fits(const gln_cost_model *model,
                                      const gln_cost *cost, eg_error *error);

//===-- Why it costs that -------------------------------------------------===//

// What must become better before the nest can become faster.
typedef enum gln_cost_binding {
  GLN_COST_BINDING_COMPUTE,   // the array works all the time
  GLN_COST_BINDING_PRELOAD,   // as well, but mostly at loading weights
  GLN_COST_BINDING_BANDWIDTH, // the channel is busy, at full bursts
  GLN_COST_BINDING_REQUESTS,  // the channel is busy with short runs
  GLN_COST_BINDING_FILL,      // mostly first load and last store
  GLN_COST_BINDING_ABUF,      // it does not fit
  GLN_COST_BINDING_WBUF,
  GLN_COST_BINDING_ACC,
  GLN_NUM_COST_BINDINGS,
} gln_cost_binding;

GLN_API const char *gln_cost_binding_name(gln_cost_binding binding);

GLN_API gln_cost_binding gln_cost_model_binding(const gln_cost_model *model,
                                                const gln_cost *cost);

// The roofline of a contract: no nest is faster than |cycles|.
typedef struct gln_roofline {
  double peak;      // multiply-accumulates per cycle of the array
  double bytes;     // each operand moved once
  double intensity; // multiply-accumulates per byte
  double ridge;     // the intensity at which bandwidth stops to bind
  double cycles;    // max(macs / peak, bytes / bandwidth)
} gln_roofline;

GLN_API gln_roofline gln_cost_model_roofline(const gln_cost_model *model);

//===-- Units without a nest ----------------------------------------------===//

// The vector unit on |rows| rows of |columns| elements, |passes| times.
GLN_API double gln_vector_cycles(const gln_target *target, double rows,
                                 double columns, double passes);

// The host: |macs| multiply-accumulates, |elements| elementwise results and
// |bytes| read or written, one after the other.
GLN_API double gln_host_cycles(const gln_target *target, double macs,
                               double elements, double bytes);

//===-- Objectives --------------------------------------------------------===//

typedef enum gln_objective_kind {
  GLN_OBJECTIVE_LATENCY, // cycles
  GLN_OBJECTIVE_ENERGY,  // pJ
  GLN_OBJECTIVE_EDP,     // pJ x cycles
  GLN_OBJECTIVE_DRAM,    // bytes
  GLN_OBJECTIVE_WEIGHTED,
  GLN_NUM_OBJECTIVES,
} gln_objective_kind;

typedef struct gln_objective {
  gln_objective_kind kind;
  double cycles, energy, dram; // weights of WEIGHTED; the others ignore them
} gln_objective;

GLN_API const char *gln_objective_name(gln_objective_kind kind);

// "latency", "energy", "edp", "dram", or weights as in
// "cycles=1,energy=0.01,dram=2". EG_INVALID: another name, no number, a
// negative weight, all weights zero.
EG_NODISCARD
GLN_API eg_status gln_objective_parse(const char *text,
                                      gln_objective *out_objective,
                                      eg_error *error);

// Less is better. Additive over gln_cost_then, but for EDP.
GLN_API double gln_objective_value(const gln_objective *objective,
                                   const gln_cost *cost);

#ifdef __cplusplus
}
#endif
#endif
