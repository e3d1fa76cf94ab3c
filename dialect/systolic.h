// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The systolic dialect: jobs on tensors, and the commands of an accelerator.
//
// A command op is the call sa_<name> of lib/runtime/sa.h: its first operand is
// the device, and its descriptor stands in attributes. What differs from one execution of the op to the next is an
// operand: the indices where a call has arguments, then at most
// GLN_SYSTOLIC_MAX_VARYING trailing ones, of which the attribute `varying` says
// which entry of the descriptor each one sets:
//
//   systolic.gemm %dev, %arow, %crow, %rows
//       {n = [1, 1, 1, 16], …, varying = ["n[3]"]} : !systolic.device, index, …
#ifndef GLN_DIALECT_SYSTOLIC_H
#define GLN_DIALECT_SYSTOLIC_H

#include "dialect/op.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const gln_dialect_def gln_systolic_dialect;

enum {
  GLN_SYSTOLIC_MAX_OPERANDS = 12, // of a kernel
  GLN_SYSTOLIC_MAX_VARYING = 16,  // of a command
  GLN_SYSTOLIC_MAX_ENTRIES = 6,   // of one attribute of a descriptor
};

//===-- Commands ----------------------------------------------------------===//

// X(enumerator, name, memrefs, indices of the call, doc)
#define GLN_SYSTOLIC_TABLE(X)                                                  \
  X(LOAD, "load", 1, 6, "DRAM to ABUF or ACC: a box of a tensor into rows.")   \
  X(LOADW, "loadw", 1, 6, "DRAM to WBUF: a box of the weights into rows.")     \
  X(PRELOAD, "preload", 0, 1, "WBUF to the array: a block of weights.")        \
  X(GEMM, "gemm", 0, 2, "Rows of ABUF times the weights in the array.")        \
  X(GEMM_OS, "gemm_os", 0, 3,                                                  \
    "Rows of ABUF times rows of WBUF, the sums standing in the array.")        \
  X(ALU, "alu", 0, 3, "An operation of the vector unit on rows of ACC.")       \
  X(STORE, "store", 1, 6, "Rows to DRAM: a box of a tensor.")                  \
  X(MOVE, "move", 0, 7, "Rows of one memory to another, masked, transposed.")  \
  X(SIGNAL, "signal", 0, 0, "Gives a token to another queue.")                 \
  X(AWAIT, "await", 0, 0, "Waits for a token of another queue.")               \
  X(SUBMIT, "submit", 0, 0, "Starts what was enqueued.")                       \
  X(WAIT, "wait", 0, 0, "Returns when everything is done; a failure is told.")

typedef enum gln_systolic_op {
#define GLN_X(id, ...) GLN_SYSTOLIC_##id,
  GLN_SYSTOLIC_TABLE(GLN_X)
#undef GLN_X
      GLN_NUM_SYSTOLIC_OPS,
} gln_systolic_op;

// How an attribute is written, and what it is in the descriptor.
typedef enum gln_entry_kind {
  GLN_ENTRY_INT,     // 32 bits: an i64, or a list of them
  GLN_ENTRY_LONG,    // 64 bits
  GLN_ENTRY_REQUANT, // a pointer to sa_requant of one entry for all channels:
                     // [], or [mult, shift, round, zero_point, lo, hi]
  GLN_ENTRY_REAL,    // a double: an f64
  GLN_ENTRY_BASE,    // no member: bytes from the memref to the tensor
  GLN_ENTRY_SCALE,   // no member: `scale` of what `requant` makes
  GLN_ENTRY_SPACE,   // words: "abuf", "wbuf", "acc"
  GLN_ENTRY_TYPE,    // "i8", "i32", "bf16", "f32", "f16"
  GLN_ENTRY_ALU,     // "add", …
  GLN_ENTRY_FROM,    // "rows", "lane", "imm"
  GLN_ENTRY_ACT,     // "none", "relu", "clamp"
  GLN_ENTRY_QUEUE,   // "load", "loadw", "exec", "vector", "store"
} gln_entry_kind;

// X(op, attribute, entries, kind, default, member of the descriptor, doc). The
// members of an attribute with several entries lie one behind the other.
#define GLN_ROWS(X, op, name, member, of)                                      \
  X(op, name, 4, INT, "[0, 0, 0, 0]", member.stride,                           \
    "Rows from one step of a loop to the next, " of)                           \
  X(op, name##_col, 1, INT, "0", member.col, "First element of a row, " of)    \
  X(op, name##_ring, 2, INT, "[0, 0]", member.ring_base,                       \
    "Base and length of a ring of rows, " of)
#define GLN_BOX(X, op)                                                         \
  X(op, base, 1, BASE, "0", base,                                              \
    "Bytes from the memref's start to the "                                    \
    "tensor.")                                                                 \
  X(op, type, 1, TYPE, NULL, box.type, "Element type in DRAM.")                \
  X(op, n, 5, INT, NULL, box.n, "Positions of the tile.")                      \
  X(op, step, 5, INT, "[1, 1, 1, 1, 1]", box.step,                             \
    "Indices from one position to the next.")                                  \
  X(op, extent, 5, LONG, NULL, box.extent,                                     \
    "Extents of the tensor; what lies outside is padding.")                    \
  X(op, stride, 5, LONG, NULL, box.stride, "Bytes from one index to the next.")
#define GLN_OUT(X, op)                                                         \
  X(op, act, 1, ACT, "\"none\"", out.act, "Activation on the way.")            \
  X(op, requant, 6, REQUANT, "[]", out.rq,                                     \
    "Requantisation: mult, shift, round, zero point, lo, hi; empty for none.") \
  X(op, scale, 1, SCALE, "1.0", scale, "Its factor on a device of floats.")    \
  X(op, lo, 1, REAL, "0.0", out.lo, "Least value of a clamp.")                 \
  X(op, hi, 1, REAL, "0.0", out.hi, "Greatest value of a clamp.")
#define GLN_ADDS(X, op, what)                                                  \
  X(op, accumulate, 1, INT, "0", accumulate, "1: added to " what)

#define GLN_LOADW_TABLE(X, op)                                                 \
  GLN_ADDS(X, op, "what the rows hold.")                                       \
  GLN_BOX(X, op)                                                               \
  GLN_ROWS(X, op, rows, rows, "of the memory.")                                \
  X(op, fill, 1, REAL, "0.0", fill, "What a position outside gets.")
#define GLN_LOAD_TABLE(X, op)                                                  \
  X(op, space, 1, SPACE, NULL, space, "Destination.") GLN_LOADW_TABLE(X, op)
#define GLN_PRELOAD_TABLE(X, op)                                               \
  X(op, bank, 1, INT, "0", bank, "Weight bank.")                               \
  X(op, wcol, 1, INT, "0", wcol, "First element of a row of WBUF.")            \
  X(op, k, 1, INT, NULL, k, "Rows of the block.")                              \
  X(op, cols, 1, INT, NULL, n, "Columns of the block.")
#define GLN_GEMM_TABLE(X, op)                                                  \
  X(op, n, 4, INT, NULL, n, "Loops over rows.")                                \
  GLN_ROWS(X, op, a, a, "of ABUF.")                                            \
  GLN_ROWS(X, op, c, c, "of ACC.")                                             \
  X(op, k, 1, INT, NULL, k, "Elements of a row that are multiplied.")          \
  X(op, cols, 1, INT, NULL, cols, "Columns of the result.")                    \
  X(op, pack, 2, INT, "[1, 1]", pack, "Rows packed into one, outer, inner.")   \
  X(op, pack_stride, 2, INT, "[0, 0]", pack_stride,                            \
    "Rows from one packed row to the next.")                                   \
  X(op, bank, 1, INT, "0", bank, "Weight bank.")                               \
  GLN_ADDS(X, op, "the rows of ACC.")
#define GLN_GEMM_OS_TABLE(X, op)                                               \
  X(op, n, 4, INT, NULL, n, "Loops over output rows.")                         \
  GLN_ROWS(X, op, a, a, "of ABUF.")                                            \
  GLN_ROWS(X, op, c, c, "of ACC.")                                             \
  X(op, r, 3, INT, "[1, 1, 1]", r, "Reduction loops.")                         \
  X(op, a_step, 3, INT, "[0, 0, 0]", a_stride, "Rows of ABUF per step.")       \
  X(op, w_step, 3, INT, "[0, 0, 0]", w_stride, "Rows of WBUF per step.")       \
  X(op, k, 1, INT, NULL, k, "Elements of a row that are multiplied.")          \
  X(op, cols, 1, INT, NULL, cols, "Columns of the result.")                    \
  X(op, wcol, 1, INT, "0", wcol, "First element of a row of WBUF.")            \
  GLN_ADDS(X, op, "the rows of ACC.")
#define GLN_ALU_TABLE(X, cmd)                                                  \
  X(cmd, op, 1, ALU, NULL, op, "Operation.")                                   \
  X(cmd, n, 4, INT, NULL, n, "Loops over rows.")                               \
  X(cmd, cols, 1, INT, NULL, cols, "Elements of a row.")                       \
  GLN_ROWS(X, cmd, dst, dst, "of the result.")                                 \
  GLN_ROWS(X, cmd, lhs, a, "of the first operand.")                            \
  GLN_ROWS(X, cmd, rhs, b, "of the second operand.")                           \
  X(cmd, lhs_from, 1, FROM, "\"rows\"", a_from, "What the first operand is.")  \
  X(cmd, rhs_from, 1, FROM, "\"rows\"", b_from, "What the second operand is.") \
  X(cmd, imm, 1, REAL, "0.0", imm, "Immediate operand.")                       \
  X(cmd, imm2, 1, REAL, "0.0", imm2, "Upper bound of a clamp.")                \
  X(cmd, requant, 6, REQUANT, "[]", rq,                                        \
    "Of scale: mult, shift, round, zero point, lo, hi; empty for none.")       \
  X(cmd, scale, 1, SCALE, "1.0", scale, "Its factor on a device of floats.")
#define GLN_STORE_TABLE(X, op)                                                 \
  X(op, space, 1, SPACE, NULL, space, "Source.")                               \
  GLN_BOX(X, op)                                                               \
  GLN_ROWS(X, op, rows, rows, "of the memory.")                                \
  GLN_OUT(X, op)
#define GLN_MOVE_TABLE(X, op)                                                  \
  X(op, from, 1, SPACE, NULL, from, "Source.")                                 \
  X(op, to, 1, SPACE, NULL, to, "Destination.")                                \
  X(op, n, 5, INT, NULL, n, "Positions, the last along a row.")                \
  X(op, transpose, 1, INT, "0", transpose, "1: the last two loops swap.")      \
  X(op, masked, 1, INT, "0", masked, "1: `fill` outside the extents.")         \
  GLN_ADDS(X, op, "the rows of ACC.")                                          \
  GLN_ROWS(X, op, src, src, "of the source.")                                  \
  GLN_ROWS(X, op, dst, dst, "of the destination.")                             \
  X(op, extent, 5, LONG, "[0, 0, 0, 0, 0]", extent, "Extents of the mask.")    \
  X(op, fill, 1, REAL, "0.0", fill, "What a masked position gets.")            \
  GLN_OUT(X, op)
#define GLN_SIGNAL_TABLE(X, op)                                                \
  X(op, from, 1, QUEUE, NULL, from, "Queue that has done its work.")           \
  X(op, to, 1, QUEUE, NULL, to, "Queue that may go on.")
#define GLN_AWAIT_TABLE(X, op)                                                 \
  X(op, to, 1, QUEUE, NULL, to, "Queue that waits.")                           \
  X(op, from, 1, QUEUE, NULL, from, "Queue that it waits for.")
#define GLN_SUBMIT_TABLE(X, op)
#define GLN_WAIT_TABLE(X, op)

// The attributes of all commands, each command's together.
#define GLN_SYSTOLIC_ENTRY_TABLE(X)                                            \
  GLN_LOAD_TABLE(X, LOAD)                                                      \
  GLN_LOADW_TABLE(X, LOADW)                                                    \
  GLN_PRELOAD_TABLE(X, PRELOAD)                                                \
  GLN_GEMM_TABLE(X, GEMM)                                                      \
  GLN_GEMM_OS_TABLE(X, GEMM_OS)                                                \
  GLN_ALU_TABLE(X, ALU)                                                        \
  GLN_STORE_TABLE(X, STORE)                                                    \
  GLN_MOVE_TABLE(X, MOVE)                                                      \
  GLN_SIGNAL_TABLE(X, SIGNAL)                                                  \
  GLN_AWAIT_TABLE(X, AWAIT)

// One row of the table, in the order of the table.
typedef struct gln_systolic_entry {
  gln_systolic_op op;
  const char *name;
  size_t num; // entries
  gln_entry_kind kind;
} gln_systolic_entry;

enum {
#define GLN_X(op, name, num, kind, fallback, member, doc)                      \
  GLN_ENTRY_##op##_##name,
  GLN_SYSTOLIC_ENTRY_TABLE(GLN_X)
#undef GLN_X
      GLN_NUM_SYSTOLIC_ENTRIES
};
extern const gln_systolic_entry gln_systolic_entries[GLN_NUM_SYSTOLIC_ENTRIES];

const char *gln_systolic_name(gln_systolic_op op);   // "gemm_os"
size_t gln_systolic_num_memrefs(gln_systolic_op op); // 0 or 1
size_t gln_systolic_num_indices(gln_systolic_op op); // arguments of the call
// Whether |op| is a command, and which.
bool gln_systolic_is(MlirOperation op, gln_systolic_op *out);
// Builds a command; not inserted, owned by the caller. Attributes that are not
// among |attributes| get their defaults.
MlirOperation gln_systolic_build(MlirLocation location, gln_systolic_op op,
                                 const MlirValue *operands, size_t num_operands,
                                 const MlirNamedAttribute *attributes,
                                 size_t num_attributes);
// Number |index| of the words of a kind, NULL past the last: "abuf", … in the
// order of the enumerators of sa.h.
const char *gln_entry_word(gln_entry_kind kind, size_t index);

// Reads an entry of `varying`, "n[3]" or "k": the row of the table and the
// place in it. False if |op| has no such integer.
bool gln_systolic_varying(gln_systolic_op op, const char *text, size_t length,
                          size_t *out_entry, size_t *out_place);

//===-- Devices -----------------------------------------------------------===//

// X(attribute and member of sa_hw, doc)
#define GLN_SYSTOLIC_HW_TABLE(X)                                               \
  X(rows, "Rows of the array.")                                                \
  X(cols, "Columns of the array.")                                             \
  X(abuf_bytes, "Size of ABUF.")                                               \
  X(wbuf_bytes, "Size of WBUF.")                                               \
  X(acc_bytes, "Size of ACC.")                                                 \
  X(lanes, "Of the vector unit.")                                              \
  X(dram_bytes_per_cycle, "Bandwidth.")                                        \
  X(dram_burst_bytes, "Longest request.")                                      \
  X(dram_request_cycles, "Least cycles per request.")                          \
  X(dram_latency_cycles, "Until the first byte.")                              \
  X(caps, "Capabilities: sa_cap, or-ed.")

bool gln_systolic_is_open(MlirOperation op);
// !systolic.device; null when the dialect is not loaded.
MlirType gln_systolic_device_type(MlirContext context);

//===-- Kernels -----------------------------------------------------------===//

bool gln_systolic_is_kernel(MlirOperation op);

#ifdef __cplusplus
}
#endif
#endif
