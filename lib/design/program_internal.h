// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files that compile a job share: a program under construction, the
// plan (where everything lies on chip), and the parts that emit commands.
#ifndef GLN_DESIGN_PROGRAM_INTERNAL_H
#define GLN_DESIGN_PROGRAM_INTERNAL_H

#include "design/program.h"

// The array that operand |index| of a job must be (job.c).
void glni_job_array(const gln_job *job, size_t index, gln_shape *out);

//===-- A program under construction (build.c) ----------------------------===//

enum { GLNI_ZERO, GLNI_ONE }; // expressions that are always there
enum { GLNI_MAX_OPEN = 64 };

// A loop or condition that is not closed yet.
typedef struct glni_open {
  uint32_t step;                    // or a mark: runs once, runs never
  uint32_t num_steps, num_commands; // before its body
} glni_open;

// Failure is sticky: the first one is kept, and what follows does nothing harm-
// ful; the caller looks once, at the end.
typedef struct glni_build {
  gln_program *p;
  eg_status status;
  const char *why; // of an EG_INFEASIBLE
  glni_open open[GLNI_MAX_OPEN];
  uint32_t num_open;
  uint32_t cap_exprs, cap_steps, cap_commands;
  gln_command none; // takes what is written after a failure
} glni_build;

// No program does this: |why|, a constant text.
void glni_refuse(glni_build *b, const char *why);

int64_t glni_apply(gln_expr_kind kind, int64_t x, int64_t y);
void glni_build_start(glni_build *b, gln_program *p);

gln_int glni_const(glni_build *b, int64_t value);
gln_int glni_expr(glni_build *b, gln_expr_kind kind, gln_int x, gln_int y);
bool glni_is_const(const glni_build *b, gln_int x, int64_t *out_value);

static inline gln_int glni_add(glni_build *b, gln_int x, gln_int y) {
  return glni_expr(b, GLN_EXPR_ADD, x, y);
}
static inline gln_int glni_sub(glni_build *b, gln_int x, gln_int y) {
  return glni_expr(b, GLN_EXPR_SUB, x, y);
}
static inline gln_int glni_min(glni_build *b, gln_int x, gln_int y) {
  return glni_expr(b, GLN_EXPR_MIN, x, y);
}
static inline gln_int glni_scale(glni_build *b, gln_int x, int64_t factor) {
  return glni_expr(b, GLN_EXPR_MUL, x, glni_const(b, factor));
}
static inline gln_int glni_plus(glni_build *b, gln_int x, int64_t value) {
  return glni_add(b, x, glni_const(b, value));
}
static inline gln_int glni_over(glni_build *b, gln_int x, int64_t divisor) {
  return glni_expr(b, GLN_EXPR_DIV, x, glni_const(b, divisor));
}
static inline gln_int glni_mod_by(glni_build *b, gln_int x, int64_t divisor) {
  return glni_expr(b, GLN_EXPR_MOD, x, glni_const(b, divisor));
}
// ceil(x / divisor)
static inline gln_int glni_trips(glni_build *b, gln_int x, int64_t divisor) {
  return glni_over(b, glni_plus(b, x, divisor - 1), divisor);
}
static inline gln_int glni_less(glni_build *b, gln_int x, gln_int y) {
  return glni_expr(b, GLN_EXPR_LT, x, y);
}
// x > 0: 1, else 0.
static inline gln_int glni_positive(glni_build *b, gln_int x) {
  return glni_less(b, GLNI_ZERO, x);
}
// Of two conditions.
static inline gln_int glni_both(glni_build *b, gln_int x, gln_int y) {
  return glni_expr(b, GLN_EXPR_MUL, x, y);
}

// Opens a loop of |trips| and gives its variable (the constant 0 if it runs
// once); opens a condition; closes the last one opened. A body that never runs
// leaves nothing.
gln_int glni_loop(glni_build *b, gln_int trips);
void glni_if(glni_build *b, gln_int condition);
void glni_end(glni_build *b);
void glni_end_all(glni_build *b, uint32_t depth); // until |depth| are open

// Appends a command, all zero but its kind; valid until the next one.
gln_command *glni_command(glni_build *b, gln_command_kind kind);
void glni_signal(glni_build *b, gln_queue from, gln_queue to);
void glni_await(glni_build *b, gln_queue to, gln_queue from);

//===-- The epilogue's instructions (body.c) ------------------------------===//

enum { GLNI_MAX_VOPS = 64 };

// An operation of the vector unit on whole tiles. Registers: 0 the accumulated
// tile, 1 ... extra operands in order, then temporaries.
typedef struct glni_vop {
  gln_alu_op op;
  uint16_t dst, a, b;
  bool a_is_imm, b_is_imm;
  double imm, imm2;
} glni_vop;

typedef struct glni_body {
  uint16_t num_vops, num_extra, num_temps;
  glni_vop vops[GLNI_MAX_VOPS];
  gln_out out;     // of the store of register 0
  gln_type result; // as stored
} glni_body;

// |body| NULL: nothing to do. |narrow|: what was accumulated is a value of |in|.
// EG_INFEASIBLE as gln_body_is_runnable.
eg_status glni_body_compile(const gln_scalar_body *body, gln_type in,
                            gln_type acc, bool narrow, glni_body *out,
                            eg_error *error);

// Whether all results of |spec| are values of its first operand's type, if narrower
// than its own: they are those elements, or maxima or minima of them.
bool glni_spec_is_narrow(const gln_spec *spec);

// The register is a clamp into i8.
bool glni_body_is_narrow(const gln_scalar_body *body, uint16_t reg);

// reg = low half of floor((value * factor + 2^(shift-1)) / 2^shift) in 64 bits.
typedef struct glni_rescale {
  uint16_t value, factor, shift; // registers, of i32 or less
  bool factor_is_imm, shift_is_imm;
  double factor_imm, shift_imm;
} glni_rescale;

bool glni_body_rescale(const gln_scalar_body *body, uint16_t reg,
                       glni_rescale *out); // body_rescale.c

// The instruction that writes a register, NULL for an argument; its value if that
// is a constant.
const gln_scalar_inst *glni_body_inst(const gln_scalar_body *body,
                                      uint16_t reg);
bool glni_body_constant(const gln_scalar_body *body, uint16_t reg, double *out);

// Sets what the store does (out->out, out->result), and |*reg| to the register
// that is left to compute (body_store.c).
eg_status glni_body_peel(const gln_scalar_body *body, gln_type in, gln_type acc,
                         glni_body *out, uint16_t *reg, eg_error *error);

//===-- The plan (plan.c) -------------------------------------------------===//

enum {
  GLNI_MAX_DIMS = GLN_SPEC_MAX_DIMS,
  GLNI_MAX_AXES = GLN_SPEC_MAX_DIMS + GLN_SPEC_MAX_RANK,
  GLNI_NONE = -1,
};

// How an array is indexed: index of axis a = offset[a] + sum coef[a][d] * d, at
// least 0. An axis with falling indices only is turned round: |flipped|.
typedef struct glni_array {
  uint8_t rank;
  bool flipped[GLNI_MAX_DIMS];
  int64_t extent[GLNI_MAX_DIMS], offset[GLNI_MAX_DIMS];
  int64_t coef[GLNI_MAX_DIMS][GLNI_MAX_DIMS];
} glni_array;

// What walks rows: an axis of the array, or one dim of it where gaps are left
// out.
typedef struct glni_axis {
  uint8_t axis;
  int8_t dim;          // GLNI_NONE: the whole axis
  int64_t most, pitch; // positions at most, rows from one to the next
} glni_axis;

// One operand or the result on chip. A row holds |unit| neighbours along the lane
// dim; with GLNI_NONE a row holds one element.
typedef struct glni_staged {
  glni_array array;
  gln_memory memory;
  gln_type type;                 // in DRAM
  uint8_t depth, level, buffers; // level: grid loops that move it
  bool gather;
  bool chunked;                // it belongs to a step of the epilogue
  uint32_t dims;               // that move it, a bit each
  uint32_t held;               // dims of which a tile is there, not all
  int64_t most[GLNI_MAX_DIMS]; // extents of what is there at one time
  int8_t lane;                 // dim
  int8_t lane_axis;            // of the array
  bool lane_gathered,
      by_col; // by_col: others on the lane axis shift the column
  int64_t unit, lane_most, lane_pitch; // lane_most: elements along the lane
  uint8_t num_axes;
  glni_axis axes[GLNI_MAX_AXES];
  int64_t row_of[GLNI_MAX_DIMS]; // rows from one index of a dim to the next
  int64_t col_of[GLNI_MAX_DIMS]; // elements, where it shifts the column
  // The same of the parts that fall: index i of a tile of n is at n - 1 - i.
  int64_t row_down[GLNI_MAX_DIMS], col_down[GLNI_MAX_DIMS];
  int64_t rows;                 // of one buffer
  int64_t base;                 // first row
  int8_t ring_axis;             // of |axes|; GLNI_NONE: no ring
  int64_t ring_pitch, ring_len; // rows of a position, of the ring
} glni_staged;

typedef struct glni_plan {
  const gln_block *block;
  gln_dataflow dataflow;
  gln_type in, acc;
  int64_t rows, cols, capacity[GLN_NUM_MEMORIES]; // capacity: rows
  gln_instr_limits call; // of the array's instruction: at most so much at once
  bool accumulates;      // calls of it add to what the result held
  bool shadow, pack;
  uint8_t num_dims, num_parallel, num_staged; // staged: operands, result last
  int8_t pos[GLNI_MAX_DIMS]; // grid loop of a dim, or GLNI_NONE
  uint8_t a, b;              // operands that stream and stay
  int8_t lane_k, lane_n;     // dims on the rows and the columns of the array
  int64_t unit_k, unit_n;
  int8_t pack_dim[2]; // packed with whole blocks of lane_k; [1] the faster
  int64_t packs[2];
  bool pack_blocks; // pack[1] packs blocks of lane_k
  glni_staged staged[GLN_BLOCK_MAX_STAGED];
  glni_body body;
  int64_t chunk[GLNI_MAX_DIMS]; // of a step of the epilogue, per result dim
  int64_t chunk_rows;           // rows of a chunk
  int64_t extra_base, temp_base;
  uint8_t extra_buffers;
  int64_t used[GLN_NUM_MEMORIES];
} glni_plan;

// |block| must have passed its check.
eg_status glni_plan_make(const gln_target *target, const gln_block *block,
                         const gln_scalar_body *body, glni_plan *out,
                         eg_error *error);

static inline const glni_staged *glni_result_of(const glni_plan *plan) {
  return &plan->staged[plan->num_staged - 1];
}

// Chunks of at most |most| positions over |num| extents, the last ones whole
// first, in at most |max_dims| dims of more than 1. Returns positions.
int64_t glni_chunk(const int64_t *extents, size_t num, int64_t most,
                   size_t max_dims, int64_t *out_chunk);

//===-- Emission ----------------------------------------------------------===//

typedef struct glni_emit {
  glni_build b;
  const glni_plan *plan;
  const gln_job *job;
  const gln_box *boxes;         // of the job's operands
  gln_int grid[GLNI_MAX_DIMS];  // variable of each grid loop
  gln_int start[GLNI_MAX_DIMS]; // of the tile of the array, and its extent
  gln_int extent[GLNI_MAX_DIMS];
  gln_int index[GLNI_MAX_DIMS]; // inside the tile, where a loop runs over it
  // Of a step of the epilogue, for what is |chunked|: where it starts in the
  // result, its extents, and the first row of its part of ACC.
  gln_int chunk_start[GLNI_MAX_DIMS], chunk_extent[GLNI_MAX_DIMS], chunk_row;
} glni_emit;

// Where a held tile starts, and its extent, along a dim.
gln_int glni_held_start(glni_emit *e, const glni_staged *s, size_t dim);
gln_int glni_held_extent(glni_emit *e, const glni_staged *s, size_t dim);
// The linear number of the visit of grid loops 0 ... level - 1.
gln_int glni_visit(glni_emit *e, size_t level);
// First row of the current buffer.
gln_int glni_buffer_row(glni_emit *e, const glni_staged *s);
// Row and column of the tile's element at e->index.
gln_int glni_row(glni_emit *e, const glni_staged *s);
gln_int glni_col(glni_emit *e, const glni_staged *s);

// DRAM <-> the held tile. For stores |store| is the template.
void glni_transfer(glni_emit *e, const glni_staged *s, const gln_box *box,
                   uint32_t tensor, gln_type type, const gln_out *store);

// Loops over a tile while commands of it are emitted.
typedef struct glni_tile {
  glni_emit *e;
  const glni_staged *a, *b, *out;
  gln_int cols, k, packs[2];
  gln_int reduced; // > 0: not the first visit of this tile of the result
  gln_int number;  // of the block of weights, for the bank
} glni_tile;

// Opens a loop over |dim| in steps of |step|; sets its index, gives its variable.
gln_int glni_loop_over(glni_tile *t, size_t dim, int64_t step);
// How many of |most| are left of |dim| from its index on.
gln_int glni_left(glni_tile *t, size_t dim, int64_t most);
// The columns and the ring of an operand; strides are the caller's.
gln_rows glni_rows_of(glni_tile *t, const glni_staged *s);

void glni_tile_array(glni_emit *e);  // tile.c: contraction on the array
void glni_tile_vector(glni_emit *e); // vector.c: on the vector unit
// Whether the instructions of the vector unit compute the tile and the body of |plan|:
// EG_INFEASIBLE names the function that is missing.
eg_status glni_vector_check(const gln_target *target, const glni_plan *plan,
                            eg_error *error);
// The body on the held tile of the result (epilogue.c). Loads of extra operands
// and their tokens included; glni_epilogue_drain takes back what is left of them.
void glni_epilogue(glni_emit *e);
void glni_epilogue_drain(glni_emit *e);

#endif
