// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A job compiled for a hardware point: loops, and the calls of the accelerator
// runtime inside them. README.md shows the way from a nest to commands.
//
//   gln_program p;
//   if (gln_program_create(&memory, &target, &job, &p, &error) != EG_OK) ...
//   gln_program_fini(&p);
//
// A program is a tree in three flat tables:
//   steps      loops, conditions and commands, in order of execution
//   commands   one per call site, mirroring the descriptors of
//              lib/runtime/sa.h field by field
//   exprs      the integers that vary: expressions over loop variables
//
// The number of steps, commands and expressions does not depend on any extent.
// Every command is legal on the hardware point; tokens order all conflicts, and
// none is left over at the end.
#ifndef GLN_DESIGN_PROGRAM_H
#define GLN_DESIGN_PROGRAM_H

#include "design/job.h"

#ifdef __cplusplus
extern "C" {
#endif

//===-- Expressions -------------------------------------------------------===//

typedef enum gln_expr_kind {
  GLN_EXPR_CONST, // value
  GLN_EXPR_VAR,   // loop variable number |value|
  GLN_EXPR_ADD,   // a + b
  GLN_EXPR_SUB,   // a - b
  GLN_EXPR_MUL,   // a * b
  GLN_EXPR_MIN,   // the smaller of a and b
  GLN_EXPR_MAX,   // the larger
  GLN_EXPR_DIV,   // floor(a / b), b > 0
  GLN_EXPR_MOD,   // a - b * floor(a / b), b > 0
  GLN_EXPR_LT,    // a < b: 1 or 0
  GLN_EXPR_EQ,    // a = b: 1 or 0
} gln_expr_kind;

// 64-bit signed; no expression of a program overflows. Operands come before
// users, equal expressions are one, constants are folded.
typedef struct gln_expr {
  uint8_t kind; // gln_expr_kind
  uint32_t a, b;
  int64_t value;
} gln_expr;

// An index into gln_program.exprs. Index 0 is the constant 0 and index 1 the
// constant 1, so a zeroed field means 0.
typedef uint32_t gln_int;

//===-- Commands ----------------------------------------------------------===//

// Field by field as the structs of the same names in lib/runtime/sa.h, whose
// comments specify them. Fields of type gln_int are expressions; the others are
// constants of the call site.

typedef enum gln_queue { // sa_queue
  GLN_QUEUE_LOAD,
  GLN_QUEUE_LOADW,
  GLN_QUEUE_EXEC,
  GLN_QUEUE_VECTOR,
  GLN_QUEUE_STORE,
  GLN_NUM_QUEUES,
} gln_queue;

typedef struct gln_rows { // sa_rows
  int32_t stride[4];
  gln_int col;
  uint32_t ring_base, ring_len;
} gln_rows;

// A tile of tensor |tensor| (an index into gln_program.tensors) as sa_box. The
// pointer of the call is the tensor's first byte plus |offset|.
typedef struct gln_dram_box {
  uint32_t tensor;
  gln_type type;  // in DRAM
  int64_t offset; // bytes, of either sign: origins bring it back inside
  gln_int n[5];
  uint32_t step[5];
  int64_t extent[5];
  int64_t stride[5]; // bytes
  gln_int origin[5];
} gln_dram_box;

typedef struct gln_load_command { // sa_load_desc; WBUF: sa_loadw
  gln_memory space;
  bool accumulate;
  gln_dram_box box;
  gln_rows rows;
  double fill;
  gln_int row;
} gln_load_command;

typedef struct gln_preload_command { // arguments of sa_preload
  gln_int bank, row, col, k, n;
} gln_preload_command;

typedef struct gln_gemm_command { // sa_gemm_desc
  gln_int n[4];
  gln_rows a, c;
  gln_int k, cols;
  gln_int pack[2];
  int32_t pack_stride[2];
  gln_int bank;
  gln_int accumulate;
  gln_int arow, crow;
} gln_gemm_command;

typedef struct gln_gemm_os_command { // sa_gemm_os_desc
  gln_int n[4];
  gln_rows a, c;
  gln_int r[3];
  int32_t a_stride[3], w_stride[3];
  gln_int k, cols, wcol;
  gln_int accumulate;
  gln_int arow, wrow, crow;
} gln_gemm_os_command;

typedef enum gln_act { GLN_ACT_NONE, GLN_ACT_RELU, GLN_ACT_CLAMP } gln_act;

// sa_requant with one entry for all channels: sa_round in |round|. On a device
// of floats only |scale| counts.
typedef struct gln_requant {
  int32_t mult;
  uint8_t shift;
  uint8_t round; // sa_round: 0 half even, 1 half away, 2 half up, ...
  float scale;
  int32_t zero_point, lo, hi;
} gln_requant;

typedef struct gln_out { // sa_out, without pooling
  double lo, hi;
  gln_act act;
  bool has_requant;
  gln_requant requant;
} gln_out;

// sa_alu_op, in its order, up to the last op that programs use.
typedef enum gln_alu_op {
  GLN_ALU_COPY,
  GLN_ALU_ADD,
  GLN_ALU_SUB,
  GLN_ALU_MUL,
  GLN_ALU_MAC,
  GLN_ALU_MAX,
  GLN_ALU_MIN,
  GLN_ALU_RELU,
  GLN_ALU_CLAMP,
  GLN_ALU_ABS,
  GLN_ALU_SHL,
  GLN_ALU_SHR,
  GLN_ALU_SCALE,
  GLN_ALU_DIV,
  GLN_ALU_SQRT,
  GLN_ALU_EXP,
  GLN_ALU_TANH,
  GLN_ALU_ERF,
  GLN_ALU_RSUM,
  GLN_ALU_RMAX,
  GLN_ALU_RMIN,
  GLN_ALU_RESCALE,
} gln_alu_op;

typedef enum gln_from { // sa_from
  GLN_FROM_ROWS,
  GLN_FROM_LANE,
  GLN_FROM_IMM,
} gln_from;

typedef struct gln_alu_command { // sa_alu_desc
  gln_alu_op op;
  gln_int n[4];
  gln_int cols;
  gln_rows dst, a, b;
  gln_from a_from, b_from;
  double imm, imm2;
  bool has_requant; // SCALE
  gln_requant requant;
  gln_int dst_row, a_row, b_row;
} gln_alu_command;

typedef struct gln_store_command { // sa_store_desc
  gln_memory space;
  gln_dram_box box;
  gln_rows rows;
  gln_out out;
  gln_int row;
} gln_store_command;

typedef struct gln_move_command { // sa_move_desc
  gln_memory from, to;
  gln_int n[5];
  bool transpose, masked, accumulate;
  gln_rows src, dst;
  int64_t extent[5];
  double fill;
  gln_out out;
  gln_int dst_row, src_row;
  gln_int origin[5];
} gln_move_command;

typedef struct gln_token_command { // arguments of sa_signal and sa_await
  gln_queue from, to;
} gln_token_command;

typedef enum gln_command_kind {
  GLN_COMMAND_LOAD,
  GLN_COMMAND_LOADW,
  GLN_COMMAND_PRELOAD,
  GLN_COMMAND_GEMM,
  GLN_COMMAND_GEMM_OS,
  GLN_COMMAND_ALU,
  GLN_COMMAND_STORE,
  GLN_COMMAND_MOVE,
  GLN_COMMAND_SIGNAL, // sa_signal(from, to)
  GLN_COMMAND_AWAIT,  // sa_await(to, from)
} gln_command_kind;

typedef struct gln_command {
  gln_command_kind kind;
  union {
    gln_load_command load; // LOAD, LOADW
    gln_preload_command preload;
    gln_gemm_command gemm;
    gln_gemm_os_command gemm_os;
    gln_alu_command alu;
    gln_store_command store;
    gln_move_command move;
    gln_token_command token; // SIGNAL, AWAIT
  };
} gln_command;

//===-- The tree ----------------------------------------------------------===//

typedef enum gln_step_kind {
  GLN_STEP_LOOP,    // for var |index| in 0 ... |value| - 1: the body
  GLN_STEP_IF,      // the body, if |value| is not 0
  GLN_STEP_COMMAND, // command number |index|
} gln_step_kind;

// Steps stand in preorder: the body of step i is i + 1 ... end - 1, and the next
// step after it is |end|. Of a command, end = i + 1.
typedef struct gln_step {
  uint8_t kind; // gln_step_kind
  uint32_t index;
  gln_int value;
  uint32_t end;
} gln_step;

// What a box names. First the operands of the job, then its result, then
// scratch memory, which the caller lends: its contents need not last.
typedef enum gln_tensor_kind {
  GLN_TENSOR_OPERAND, // number |index| of the job
  GLN_TENSOR_RESULT,
  GLN_TENSOR_SCRATCH, // partial sums that leave the chip and come back
} gln_tensor_kind;

typedef struct gln_program_tensor {
  gln_tensor_kind kind;
  uint32_t index;
  gln_type type;
  int64_t num_elements;
} gln_program_tensor;

enum {
  GLN_PROGRAM_MAX_TENSORS = GLN_JOB_MAX_OPERANDS + 2,
  // Commands, tokens included, of what the search lets become a job: a body that
  // takes more is not fused, and one that takes more by itself is cut in two.
  GLN_PROGRAM_MAX_SITES = 40,
};

typedef struct gln_program {
  gln_type in, acc; // element types of the device
  uint32_t num_exprs, num_steps, num_commands;
  uint32_t num_vars; // loop variables 0 ... num_vars - 1
  uint32_t num_tensors;
  gln_expr *exprs; // owned, as are steps and commands
  gln_step *steps;
  gln_command *commands;
  gln_program_tensor tensors[GLN_PROGRAM_MAX_TENSORS];
  uint32_t rows[GLN_NUM_MEMORIES]; // used: 0 ... rows - 1 of each memory
  eg_allocator allocator;
} gln_program;

// Compiles a job for |target|, a checked point. The array's capabilities are those
// that the target states; ring, im2col, transpose and mathematics are there.
// EG_INVALID as gln_job_check; EG_INFEASIBLE as gln_job_rows, and an operand whose
// view has no box form; EG_NO_MEMORY. On failure there is nothing to free.
// O(block + body), whatever the extents.
EG_NODISCARD
GLN_API eg_status gln_program_create(const eg_allocator *allocator,
                                     const gln_target *target,
                                     const gln_job *job, gln_program *out,
                                     eg_error *error);
GLN_API void gln_program_fini(gln_program *program);

// The call sites of a program of |block| and |body| (NULL = none) whose operands are
// whole arrays as the kernel reads them. Fails as gln_program_create, which it calls.
EG_NODISCARD
GLN_API eg_status gln_program_sites(const eg_allocator *allocator,
                                    const gln_target *target,
                                    const gln_block *block,
                                    const gln_scalar_body *body,
                                    uint32_t *out_sites, eg_error *error);

// The next command in order of execution, for whoever runs or counts a program:
//
//   gln_cursor cursor;
//   if (gln_cursor_init(&cursor, &program, &error) != EG_OK) ...
//   while ((c = gln_cursor_next(&cursor)))
//     run(c, cursor.values);       // values[e] is that of expression e
//   gln_cursor_fini(&cursor);
typedef struct gln_cursor {
  const gln_program *program;
  int64_t *values; // of all expressions, now; owned
  int64_t *vars;   // of all loops
  int64_t *stack;  // open loops, by step
  uint32_t depth, at;
} gln_cursor;

EG_NODISCARD
GLN_API eg_status gln_cursor_init(gln_cursor *cursor,
                                  const gln_program *program, eg_error *error);
GLN_API const gln_command *gln_cursor_next(gln_cursor *cursor);
GLN_API void gln_cursor_fini(gln_cursor *cursor);

//===-- Counting ----------------------------------------------------------===//

// What a run of the program does, by walking it. The same counts as sa_stats.
typedef struct gln_program_counts {
  uint64_t commands[GLN_COMMAND_AWAIT + 1];
  uint64_t macs;            // of the array
  uint64_t vector_elements; // of the vector unit
  uint64_t dram_read_bytes, dram_write_bytes;
} gln_program_counts;

EG_NODISCARD
GLN_API eg_status gln_program_count(const gln_program *program,
                                    gln_program_counts *out, eg_error *error);

#ifdef __cplusplus
}
#endif
#endif
