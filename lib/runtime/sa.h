// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// sa: the runtime of a systolic-array accelerator. This is its whole public
// API; README.md teaches the machine, sa_backend.h is for those who build one.
//
//   DRAM --load--> ABUF --.                      ,--store--> DRAM
//                         gemm --> ACC --alu--> ACC
//   DRAM -loadw--> WBUF -preload-> array         `--move---> ABUF, WBUF, ACC
//
//   sa_dev *d;
//   sa_config c = {.hw = sa_hw_gemmini16(), .in = SA_I8, .acc = SA_I32};
//   sa_error e;
//   if (sa_open(&c, &d, &e) != SA_OK) puts(e.text);
//   ... loads, gemms, stores ...
//   if (sa_wait(d, SA_ALL) != SA_OK) puts(sa_last_error(d)->text);
//   sa_close(d);
//
// Commands. A call checks its arguments, enqueues one command and returns; the
// descriptor may be reused at once, tensors and requantisation tables must live
// until sa_wait. The effect is as if all commands ran one by one in the order of
// the calls: a backend may overlap them, and the tokens say what it must not.
// Every backend gives the same bits.
//
// Errors. A call that fails changes nothing but the error: no memory, no
// counter. Its status comes back from the call (a backend that runs later may
// give it to sa_wait instead), and the *first* failure since the last sa_wait is
// what the next sa_wait returns, so generated code may look at sa_wait alone.
// Rejected, with a message that names the call and the values: rows and elements
// beyond the hardware point, reads of elements that nothing has written, types
// that the device was not opened with, capabilities that it does not have.
//
// Units: on-chip addresses are rows and elements within a row; DRAM strides are
// bytes; capacities are bytes; everything else counts elements. DRAM pointers
// need no alignment. Extents of 0 are legal: such a command does nothing.
// Numbers in descriptors (fills, clamps, immediates) are doubles, which hold
// every i8, i32, bf16, f16 and f32; one that is no value of the type it stands for is
// rejected, never rounded.
//
// Threads: a device belongs to one thread at a time; devices share nothing.
// Zero is a valid value for every field whose comment does not say otherwise.
#ifndef SA_H
#define SA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SA_API __attribute__((visibility("default")))
#else
#define SA_API
#endif

// Changes when a struct or an enumerator of this header does.
enum { SA_ABI_VERSION = 3 };
SA_API uint32_t sa_abi_version(void); // of the library

//===-- Status ------------------------------------------------------------===//

typedef enum sa_status {
  SA_OK = 0,
  SA_INVALID,     // an argument that no device takes
  SA_RANGE,       // rows, elements or DRAM bytes beyond what there is
  SA_UNINIT,      // reads an element that nothing has written
  SA_TYPE,        // an element type the device was not opened with
  SA_UNSUPPORTED, // a capability the hardware point lacks
  SA_STATE,       // out of order: gemm before preload, await before signal
  SA_NO_MEMORY,   // the allocator returned NULL
  SA_NOT_FOUND,   // no backend of that name
} sa_status;

SA_API const char *sa_status_name(sa_status status); // "range"; never NULL

// What went wrong, in words: lower case, the call, the values, no full stop.
typedef struct sa_error {
  sa_status status; // SA_OK when nothing has failed yet
  char text[252];   // always terminated
} sa_error;

//===-- Types and memories ------------------------------------------------===//

typedef enum sa_type { SA_I8, SA_I32, SA_BF16, SA_F32, SA_F16 } sa_type;

SA_API const char *sa_type_name(uint32_t type); // "bf16"; "?" when unknown
SA_API uint32_t sa_type_bytes(uint32_t type);   // 0 when unknown

// On-chip memories. ABUF and WBUF hold the device's `in` type, ACC its `acc`
// type. A row of ABUF has hw.rows elements (it feeds the rows of the array), a
// row of WBUF and of ACC has hw.cols.
typedef enum sa_space { SA_ABUF, SA_WBUF, SA_ACC } sa_space;
enum { SA_NUM_SPACES = 3 };

SA_API const char *sa_space_name(uint32_t space); // "abuf"; "?" when unknown

//===-- The hardware point ------------------------------------------------===//

typedef enum sa_cap {
  SA_CAP_WS = 1 << 0,        // weight-stationary: preload and gemm
  SA_CAP_OS = 1 << 1,        // output-stationary: gemm_os
  SA_CAP_SHADOW = 1 << 2,    // two weight banks: preload one, use the other
  SA_CAP_RING = 1 << 3,      // row addresses modulo a length
  SA_CAP_IM2COL = 1 << 4,    // gemm packs several ABUF rows into one (pack)
  SA_CAP_POOL = 1 << 5,      // windows on the way out of the accumulator
  SA_CAP_TRANSPOSE = 1 << 6, // transposing moves
  SA_CAP_MATH = 1 << 7,      // div, sqrt, exp, tanh, erf in the vector unit
  SA_CAP_ALL = (1 << 8) - 1,
} sa_cap;

typedef struct sa_hw {
  uint32_t rows, cols;           // of the array, 1...1024: reduction, outputs
  uint32_t abuf_bytes;           // at least one row, at most 2^30; a remainder
  uint32_t wbuf_bytes;           //   smaller than a row is not used
  uint32_t acc_bytes;            //
  uint32_t lanes;                // of the vector unit, 1...4096
  uint32_t dram_bytes_per_cycle; // 1...4096
  uint32_t dram_burst_bytes;     // longest request, a power of two, 1...4096
  uint32_t dram_request_cycles;  // least cycles per request, 0...65535
  uint32_t dram_latency_cycles;  // 0...65535
  uint32_t caps;                 // sa_cap, or-ed; WS, OS or both
} sa_hw;

SA_API sa_hw sa_hw_gemmini16(void); // 16x16, 128+128+64 KiB, 8 B/cycle
SA_API sa_hw sa_hw_ws64(void);      // 64x64, 1+1 MiB, 256 KiB, shadow weights

// SA_OK, or SA_INVALID and a message that names the field. |error| may be NULL.
SA_API sa_status sa_hw_check(const sa_hw *hw, sa_error *error);

//===-- Devices -----------------------------------------------------------===//

typedef struct sa_dev sa_dev;
struct sa_backend; // sa_backend.h

// |old_size| 0 allocates, |new_size| 0 frees and returns NULL, otherwise as
// realloc. NULL means failure, and the old block is untouched.
typedef struct sa_allocator {
  void *(*resize)(void *user, void *block, size_t old_size, size_t new_size);
  void *user;
} sa_allocator;

typedef enum sa_flag {
  // Every DRAM access must fall into memory of sa_alloc or sa_map. Without it
  // only accesses whose tensor pointer lies in such memory are checked.
  SA_FLAG_STRICT_DRAM = 1 << 0,
} sa_flag;

typedef struct sa_config {
  sa_hw hw;
  uint32_t in, acc;                // i8 and i32, or bf16, f16, f32 and f32
  uint32_t flags;                  // sa_flag, or-ed
  const char *backend;             // NULL = "func"
  const struct sa_backend *custom; // used instead of |backend| when not NULL
  sa_allocator allocator;          // resize NULL = the C library
} sa_config;

// Opens a device with empty memories; the caller owns it. On failure *out is
// NULL and |error| (may be NULL) says why. O(bytes of the memories).
SA_API sa_status sa_open(const sa_config *config, sa_dev **out,
                         sa_error *error);
// Frees the device and all it lent; NULL is allowed. Does not wait.
SA_API void sa_close(sa_dev *dev);

// The last failure; status SA_OK when there was none. Lives until the next call.
SA_API const sa_error *sa_last_error(const sa_dev *dev);
SA_API const sa_hw *sa_hw_of(const sa_dev *dev);
SA_API uint32_t sa_num_rows(const sa_dev *dev, uint32_t space);  // capacity
SA_API uint32_t sa_row_elems(const sa_dev *dev, uint32_t space); // elements

// Device-visible DRAM, aligned to 64 bytes, contents undefined; NULL when there
// is none left. Freed by sa_free or sa_close.
SA_API void *sa_alloc(sa_dev *dev, size_t bytes);
SA_API sa_status sa_free(sa_dev *dev, void *block); // NULL is allowed
// Makes host memory known to the device for the checks; the caller keeps it.
SA_API sa_status sa_map(sa_dev *dev, const void *block, size_t bytes);
SA_API sa_status sa_unmap(sa_dev *dev, const void *block);

//===-- Addresses ---------------------------------------------------------===//

// How a command walks rows: up to four nested loops, outermost first, each step
// of loop a adding stride[a]. With i = (i0...i3) and the start row of the call
//     r(i) = row + i0*stride[0] + i1*stride[1] + i2*stride[2] + i3*stride[3]
// and the elements col, col + 1, ... of row r(i) are used. With ring_len > 0 the
// row is ring_base + (r(i) mod ring_len), mod never negative (SA_CAP_RING), so a
// band of an image can stay while the next rows of it replace the oldest.
typedef struct sa_rows {
  int32_t stride[4];
  uint32_t col;
  uint32_t ring_base, ring_len;
} sa_rows;

// A tile of a tensor in DRAM, of up to five axes. Position p of axis a is index
// origin[a] + p*step[a] of the tensor, for p < n[a]; the element's address is
//     tensor + sum of index[a] * stride[a]
// Axes 0...3 are the loops of the rows, axis 4 runs along a row. A position with
// an index outside [0, extent[a]) is not in DRAM: a load puts `fill` there and a
// store drops it. So halos, padding and ragged last tiles are the same command
// as the tiles inside, with another origin. NHWC, NCHW, a slice of channels, a
// stride-2 or reversed view differ only in strides, which may be 0 or negative.
typedef struct sa_box {
  uint32_t type;     // sa_type in DRAM
  uint32_t n[5];     // product of n[0...3] at most 2^24
  uint32_t step[5];  // 0 means 1
  uint32_t reserved; // 0
  int64_t extent[5]; // 0...2^40; an axis not used: n = extent = 1, stride any
  int64_t stride[5]; // bytes
} sa_box;

//===-- 1, 2: loads -------------------------------------------------------===//

typedef struct sa_load_desc {
  uint32_t space;      // ABUF or ACC; WBUF for sa_loadw
  uint32_t accumulate; // 1: add to the rows instead of writing (ACC only)
  sa_box box;          // type `in`; into ACC `in` (widened) or `acc`
  sa_rows rows;        // where position (p0...p3) goes; axis 4 from rows.col on
  double fill;         // a value of box.type
} sa_load_desc;

// DRAM -> ABUF or ACC, e.g. inputs, biases (stride 0 repeats), residuals.
// |origin| NULL means all 0.
SA_API sa_status sa_load(sa_dev *dev, const sa_load_desc *desc,
                         const void *tensor, const int64_t origin[5],
                         int32_t row);
// DRAM -> WBUF. Loads of weights have a queue of their own.
SA_API sa_status sa_loadw(sa_dev *dev, const sa_load_desc *desc,
                          const void *tensor, const int64_t origin[5],
                          int32_t row);

//===-- 3, 4, 5: the array ------------------------------------------------===//

// WBUF -> array: weight (i, j), i < k, j < n, is element wcol + j of row
// wrow + i. k at most hw.rows, n at most hw.cols. bank 1 needs SA_CAP_SHADOW.
SA_API sa_status sa_preload(sa_dev *dev, uint32_t bank, int32_t wrow,
                            uint32_t wcol, uint32_t k, uint32_t n);

// Weight stationary. For every i of the loops and j < cols
//     ACC[c(i)][c.col + j] (+)= sum over q, t: A[a(i) + p(q)][a.col + t] * W[q*k + t][j]
// t < k; q numbers the packed rows (q0, q1), q1 fastest, and
// p(q) = q0*pack_stride[0] + q1*pack_stride[1]. pack[0]*pack[1]*k must not
// exceed the k of the bank's preload, cols not its n. A kernel offset of a
// convolution is a start row, its stride a row stride, so im2col costs nothing.
// The sum starts at 0, runs over q, t in order, and is rounded after every
// operation (f32; i32 is exact and wraps); then it is added or written. Loops
// run in order: where two steps meet in one row of ACC, the later adds or wins.
typedef struct sa_gemm_desc {
  uint32_t n[4]; // loops, product at most 2^24
  sa_rows a, c;  // rows of ABUF and of ACC; a ring also wraps packed rows
  uint32_t k, cols;
  uint32_t pack[2]; // 0 means 1; more needs SA_CAP_IM2COL
  int32_t pack_stride[2];
  uint32_t bank;
  uint32_t accumulate; // 1: add, 0: overwrite
} sa_gemm_desc;

SA_API sa_status sa_gemm(sa_dev *dev, const sa_gemm_desc *desc, int32_t arow,
                         int32_t crow);

// Output stationary: a tile of at most hw.rows x cols outputs stays in the
// array while the reduction streams by. For every i and j < cols
//     ACC[c(i)][c.col + j] (+)= sum over s, t: A[a(i) + pa(s)][a.col + t] * WBUF[wrow + pw(s) + t][wcol + j]
// t < k; s = (s0, s1, s2), s2 fastest, are reduction loops, e.g. kernel rows,
// columns and channel blocks; pa and pw step by a_stride and w_stride. Order and
// rounding as in sa_gemm. Needs SA_CAP_OS.
typedef struct sa_gemm_os_desc {
  uint32_t n[4]; // loops over outputs, product at most hw.rows
  sa_rows a, c;
  uint32_t r[3]; // reduction loops; 0 means 1; product * k at most 2^24
  int32_t a_stride[3], w_stride[3];
  uint32_t k, cols; // k at most hw.rows, cols at most hw.cols
  uint32_t wcol;
  uint32_t accumulate;
} sa_gemm_os_desc;

SA_API sa_status sa_gemm_os(sa_dev *dev, const sa_gemm_os_desc *desc,
                            int32_t arow, int32_t wrow, int32_t crow);

//===-- Out of the accumulator --------------------------------------------===//

// How an exact quotient x = v * mult / 2^shift becomes an integer.
typedef enum sa_round {
  SA_ROUND_HALF_EVEN, // nearest, ties to even (Gemmini)
  SA_ROUND_HALF_AWAY, // nearest, ties away from zero (TFLite)
  SA_ROUND_HALF_UP,   // nearest, ties up (TOSA apply_scale_32, single)
  SA_ROUND_DOUBLE,    // TOSA double_round: 2^30 away from zero before, shift>31
  SA_ROUND_FLOOR,
} sa_round;

// i32: q = clamp(round(v * mult[c] / 2^shift[c]) + zero_point, lo, hi), exact in
// 64 bits. f32: v * scale[c], rounded; the other fields are not used.
// c = 0, or with channels > 0 the element's index along axis 4, origin[4] +
// position (* step[4] of the box), which must be less than channels.
typedef struct sa_requant {
  const int32_t *mult;
  const uint8_t *shift; // 0...62
  const float *scale;   // NULL = 1
  uint32_t channels;    // entries of the tables; 0 = one entry for all
  uint32_t round;       // sa_round
  int32_t zero_point;
  int32_t lo, hi; // lo <= hi, both values of the type written
} sa_requant;

typedef enum sa_act {
  SA_ACT_NONE,
  SA_ACT_RELU,  // v > 0 ? v : 0
  SA_ACT_CLAMP, // v < lo ? lo : v > hi ? hi : v
} sa_act;

typedef enum sa_pool_op { SA_POOL_NONE, SA_POOL_MAX, SA_POOL_SUM } sa_pool_op;

// A window of rows for each position: loops 2 and 3 are the outputs y and x,
//     r(i, w) = r(i) + w0*row[0] + w1*row[1],  w0 < n[0], w1 < n[1]
// and the row belongs to input index (origin[2] + i2)*step[0] - low[0] + w0 (and
// likewise for x with 3 and 1). Rows whose index is outside [0, extent) are
// skipped, and need not exist; a window that skips all is rejected for MAX. The
// mean is SUM and 1/area in the requantisation. Needs SA_CAP_POOL.
typedef struct sa_pool {
  uint32_t op;      // sa_pool_op; with NONE the rest is ignored
  uint32_t n[2];    // window, at least 1, at most 256
  uint32_t step[2]; // of the window, at least 1
  int32_t low[2];   // padding before the first index
  int32_t row[2];   // rows from one position of the window to the next
  uint32_t reserved;
  int64_t extent[2]; // of the input of the pooling
} sa_pool;

// What happens to a value on its way: activation, then pooling (in the source's
// type), then requantisation, then conversion to the type written. i32 -> i8
// needs rq; f32 -> bf16 and f16 rounds to nearest even; other types do not mix.
typedef struct sa_out {
  double lo, hi; // of SA_ACT_CLAMP, values of the source's type, lo <= hi
  const sa_requant *rq; // NULL = none; only for the `acc` type
  sa_pool pool;
  uint32_t act; // sa_act; other than NONE only out of ACC
  uint32_t reserved;
} sa_out;

//===-- 6: the vector unit ------------------------------------------------===//

// X(enumerator, name, operands, kind, "meaning"); kind: ANY, or FLOAT or INT
// for ops of one class, MATH = ANY with SA_CAP_MATH, FMATH = FLOAT with it.
#define SA_ALU_TABLE(X)                                                        \
  X(COPY, "copy", 1, ANY, "a")                                                 \
  X(ADD, "add", 2, ANY, "a + b; i32 wraps")                                    \
  X(SUB, "sub", 2, ANY, "a - b; i32 wraps")                                    \
  X(MUL, "mul", 2, ANY, "a * b; i32 wraps")                                    \
  X(MAC, "mac", 2, ANY, "d + a * b, two roundings; i32 wraps")                 \
  X(MAX, "max", 2, ANY, "a > b ? a : b")                                       \
  X(MIN, "min", 2, ANY, "a < b ? a : b")                                       \
  X(RELU, "relu", 1, ANY, "a > 0 ? a : 0")                                     \
  X(CLAMP, "clamp", 1, ANY, "a < imm ? imm : a > imm2 ? imm2 : a")             \
  X(ABS, "abs", 1, ANY, "|a|; i32 wraps")                                      \
  X(SHL, "shl", 2, INT, "a * 2^(b mod 32), wraps")                             \
  X(SHR, "shr", 2, INT, "floor(a / 2^(b mod 32))")                             \
  X(SCALE, "scale", 1, ANY, "a requantised by rq, in place of a")              \
  X(DIV, "div", 2, MATH, "a / b; i32 towards 0, a / 0 = -1, wraps")            \
  X(SQRT, "sqrt", 1, FMATH, "correctly rounded")                               \
  X(EXP, "exp", 1, FMATH, "e^a, double rounded to f32")                        \
  X(TANH, "tanh", 1, FMATH, "double rounded to f32")                           \
  X(ERF, "erf", 1, FMATH, "double rounded to f32")                             \
  X(RSUM, "rsum", 1, ANY, "a0 + a1 + ... in order, to one element")            \
  X(RMAX, "rmax", 1, ANY, "the max fold of a0, a1, ..., to one element")       \
  X(RMIN, "rmin", 1, ANY, "the min fold of a0, a1, ..., to one element")       \
  X(RESCALE, "rescale", 2, INT, "floor((d * a + h) / 2^s), s = b mod 64")

typedef enum sa_alu_op {
#define SA_X(id, name, operands, kind, text) SA_ALU_##id,
  SA_ALU_TABLE(SA_X)
#undef SA_X
      SA_NUM_ALU_OPS
} sa_alu_op;

SA_API const char *sa_alu_name(uint32_t op); // "add"; "?" when unknown

typedef enum sa_from {
  SA_FROM_ROWS, // element by element
  SA_FROM_LANE, // the first element of the row, for every column
  SA_FROM_IMM,  // desc.imm, for every column
} sa_from;

// For every i of the loops and j < cols, on rows of ACC, in its type:
//     d(i)[dst.col + j] = op(a(i)[a.col + j], b(i)[b.col + j])
// A row is read whole before it is written; rows go in loop order, so a stride
// of 0 in dst folds rows (max, add, mac) and one in b broadcasts a bias.
// Reductions write element dst.col alone. RESCALE has h = 2^(s-1), or 0 for s = 0:
// a product with a / 2^s, rounded half up, in 64 bits, of which the low 32 are
// kept (the quantised multiplier of TFLite, TOSA's apply_scale); factor and
// shift may differ per row or column, and both may be IMM: b is imm2 then.
typedef struct sa_alu_desc {
  uint32_t op;   // sa_alu_op
  uint32_t n[4]; // loops, product at most 2^24
  uint32_t cols;
  sa_rows dst, a, b;
  uint32_t a_from, b_from; // sa_from; at most one IMM but for RESCALE
  double imm, imm2;        // values of the acc type
  const sa_requant *rq;    // SCALE; channel = column j; lo, hi of the acc type
} sa_alu_desc;

SA_API sa_status sa_alu(sa_dev *dev, const sa_alu_desc *desc, int32_t dst,
                        int32_t a, int32_t b);

//===-- 7, 8: stores and moves --------------------------------------------===//

typedef struct sa_store_desc {
  uint32_t space; // source: any; box.type is its type, or out of ACC `in`
  uint32_t reserved;
  sa_box box;
  sa_rows rows; // of the source
  sa_out out;
} sa_store_desc;

// On chip -> DRAM. Positions outside the tensor are dropped and not read. With
// strides that make elements meet, the later in loop order wins.
SA_API sa_status sa_store(sa_dev *dev, const sa_store_desc *desc, void *tensor,
                          const int64_t origin[5], int32_t row);

// Between two memories, or within one: position (i0...i4), i4 along the row.
// Masked: a position whose index origin[a] + i[a] is outside [0, extent[a]) gets
// `fill`, and the source is not read there: the padding of the next layer.
// Transposed: element i4 of row (i0...i3) becomes element i3 of the row that
// i0, i1, i2 and i4 (in place of i3) give (SA_CAP_TRANSPOSE).
// A row, or the block (i3, i4) when transposed, is read whole before any of it
// is written; rows (blocks) go in loop order. `in` -> `acc` widens.
typedef struct sa_move_desc {
  uint32_t from, to;                      // sa_space
  uint32_t n[5];                          // product of n[0...3] at most 2^24
  uint32_t transpose, masked, accumulate; // 0 or 1; accumulate: into ACC only
  sa_rows src, dst;
  int64_t extent[5]; // of the mask, up to 2^40
  double fill;       // of the mask, a value of the destination's type
  sa_out out;
} sa_move_desc;

SA_API sa_status sa_move(sa_dev *dev, const sa_move_desc *desc, int32_t dst,
                         int32_t src, const int64_t origin[5]);

//===-- 9: queues and tokens ----------------------------------------------===//

// Each queue runs its commands in order, and the queues run beside each other.
// load -> LOAD; loadw -> LOADW; preload, gemm, gemm_os -> EXEC; alu, move ->
// VECTOR; store -> STORE.
typedef enum sa_queue {
  SA_Q_LOAD,
  SA_Q_LOADW,
  SA_Q_EXEC,
  SA_Q_VECTOR,
  SA_Q_STORE,
} sa_queue;
enum { SA_NUM_QUEUES = 5 };

SA_API const char *sa_queue_name(uint32_t queue); // "exec"; "?" when unknown

// A counting token from one queue to another: what `to` does after the await
// happens after what `from` did before the signal. A token must be signalled
// before it is awaited, in the order of the calls (else SA_STATE), so the order
// of the calls is always a legal schedule and no program can deadlock.
SA_API sa_status sa_signal(sa_dev *dev, uint32_t from, uint32_t to);
SA_API sa_status sa_await(sa_dev *dev, uint32_t to, uint32_t from);

//===-- 10: submit and wait -----------------------------------------------===//

typedef uint64_t sa_fence;
#define SA_ALL UINT64_MAX // everything up to now

// Starts what was enqueued; *fence (may be NULL) stands for all of it.
SA_API sa_status sa_submit(sa_dev *dev, sa_fence *fence);
// Submits, and returns when all up to |fence| is done: stores are then in DRAM.
// Returns the first failure since the last sa_wait and forgets it; a fence that
// sa_submit never gave is SA_INVALID.
SA_API sa_status sa_wait(sa_dev *dev, sa_fence fence);

//===-- 11: record and replay ---------------------------------------------===//

typedef struct sa_prog sa_prog;

// A tensor pointer of the recording, and what to use instead.
typedef struct sa_bind {
  const void *recorded;
  void *actual;
} sa_bind;

// From begin to end, commands and tokens are checked and kept, not run; reads
// of unwritten elements, preloads and tokens are checked when it is replayed.
SA_API sa_status sa_record_begin(sa_dev *dev);
SA_API sa_status sa_record_end(sa_dev *dev, sa_prog **out); // caller owns it
// Runs the program as if its calls were made now, with the pointers replaced.
// Stops at the first command that fails.
SA_API sa_status sa_replay(sa_dev *dev, const sa_prog *prog,
                           const sa_bind *binds, size_t num_binds);
SA_API size_t sa_prog_size(const sa_prog *prog); // commands
SA_API void sa_prog_destroy(sa_prog *prog); // before sa_close; NULL allowed

//===-- 12: statistics ----------------------------------------------------===//

typedef enum sa_op {
  SA_OP_LOAD,
  SA_OP_LOADW,
  SA_OP_PRELOAD,
  SA_OP_GEMM,
  SA_OP_GEMM_OS,
  SA_OP_ALU,
  SA_OP_STORE,
  SA_OP_MOVE,
  SA_OP_SIGNAL,
  SA_OP_AWAIT,
} sa_op;
enum { SA_NUM_OPS = 10 };

SA_API const char *sa_op_name(uint32_t op); // "gemm_os"; "?" when unknown

// Levels: the three memories by their sa_space, then DRAM. On chip a request is
// the access of one row; in DRAM a contiguous run of bytes (in whatever order
// the axes give it) cut at the burst length.
enum { SA_LEVEL_DRAM = SA_NUM_SPACES, SA_NUM_LEVELS };

typedef struct sa_level {
  uint64_t read_bytes, written_bytes, requests;
} sa_level;

typedef struct sa_counters {
  uint64_t commands[SA_NUM_OPS];
  uint64_t macs;            // rows * k * cols over all gemms
  uint64_t vector_elements; // that alu computed: rows * cols
  sa_level level[SA_NUM_LEVELS];
  // Of backends that keep time; 0 with "func".
  uint64_t cycles;                 // from the first command to the last
  uint64_t busy[SA_NUM_QUEUES];    // cycles in which a command ran
  uint64_t stalled[SA_NUM_QUEUES]; // cycles in which an await held the queue
  double energy_pj;
} sa_counters;

SA_API sa_status sa_stats(sa_dev *dev, sa_counters *out); // does not wait
SA_API void sa_stats_reset(sa_dev *dev);

#ifdef __cplusplus
}
#endif
#endif
