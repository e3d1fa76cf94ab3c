// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The functional backend: runs each command at once, exactly, and as fast as
// the host allows. It relies on the front for every check.
//
// Elements are kept decoded, four bytes each: i8, bf16, f16 and f32 as float (all
// exact), i32 as int32_t. So one f32 kernel serves all devices: the products of
// two i8 are at most 2^14, and a sum of up to 1024 of them is exact in a float.
#ifndef SA_FUNC_INTERNAL_H
#define SA_FUNC_INTERNAL_H

#include "../runtime_internal.h"

enum {
  FUNC_BLOCK = 8,      // rows that the kernel takes at once
  FUNC_EXACT_K = 1024, // longest exact sum of i8 products in a float
};

// The kernels of one instruction set. |cols| is a multiple of 16.
// s[r][j] (+)= sum over t < k of a[r][t] * w[t*ldw + j], in order of t.
typedef struct func_kernels {
  const char *name;
  void (*block)(const float *const *a, const float *w, size_t ldw, uint32_t k,
                uint32_t cols, float *s, size_t lds, bool add); // FUNC_BLOCK
  void (*single)(const float *const *a, const float *w, size_t ldw, uint32_t k,
                 uint32_t cols, float *s, size_t lds, bool add); // one row
  void (*to_f32)(float *acc, const float *s, uint32_t n, bool add);
  void (*to_i32)(int32_t *acc, const float *s, uint32_t n, bool add);
} func_kernels;

const func_kernels *func_best_kernels(void);

typedef struct func_memory {
  union {
    void *data;
    float *f;   // i8, bf16, f16, f32
    int32_t *i; // i32
  };
  size_t stride; // elements from row to row, a multiple of 16
  size_t bytes;
} func_memory;

typedef struct func_state {
  const sa_machine *machine;
  const func_kernels *kernels;
  func_memory memory[SA_NUM_SPACES];
  func_memory bank[2]; // weights of the array
  func_memory scratch; // FUNC_SCRATCH_ROWS rows, and a block to transpose
  uint32_t widest;     // elements of the longest row
} func_state;

// Rows of the scratch memory; a transposed block follows them.
enum {
  FUNC_SCRATCH_SUMS = 0,              // FUNC_BLOCK rows
  FUNC_SCRATCH_PACK = FUNC_BLOCK,     // FUNC_BLOCK rows
  FUNC_SCRATCH_INTS = 2 * FUNC_BLOCK, // FUNC_BLOCK rows
  FUNC_SCRATCH_A = 3 * FUNC_BLOCK,
  FUNC_SCRATCH_B,
  FUNC_SCRATCH_D,
  FUNC_SCRATCH_OUT,
  FUNC_SCRATCH_TRANSPOSED,
  FUNC_SCRATCH_ROWS = FUNC_SCRATCH_TRANSPOSED,
};

static inline void *func_scratch(func_state *s, uint32_t row) {
  return s->scratch.f + row * s->scratch.stride;
}

// Element |col| of the row that a walk has reached.
static inline void *func_at(func_state *s, uint32_t space, const sa_rows *map,
                            int64_t row, uint32_t col) {
  const func_memory *m = &s->memory[space];
  return m->f + (size_t)sa_row_at(map, row) * m->stride + col;
}

// func_convert.c. |n| elements of |type| at byte distance |stride|, decoded.
void func_read(uint32_t type, const char *from, int64_t stride, uint32_t n,
               void *to);
void func_write(uint32_t type, const void *from, uint32_t n, char *to,
                int64_t stride);
// Rounds floats to values of a type of 16 bits; leaves them for any other type.
void func_round(uint32_t type, float *row, uint32_t n);
// A decoded value of |type| in each of |n| elements.
void func_fill(uint32_t type, double value, uint32_t n, void *to);
// |n| decoded elements of |from| as |to|, which is |from| or wider.
void func_widen(uint32_t from, uint32_t to, const void *in, uint32_t n,
                void *out);
// acc[j] += in[j], both of type |acc|.
void func_add(uint32_t acc_type, void *acc, const void *in, uint32_t n);

// func_out.c. Position |i| of a source on its way: gathers its row or window,
// applies activation, pooling and requantisation, and leaves |span| elements of
// type |to|, decoded, at |result|.
typedef struct func_source {
  const sa_out *out;
  const sa_rows *map;
  const int64_t *origin;
  int64_t row; // start of the walk
  uint32_t space, to;
  sa_span span;  // of axis 4
  uint32_t step; // of axis 4
} func_source;
void func_take(func_state *s, const func_source *source, const uint32_t i[4],
               void *result);
void func_requantise(uint32_t acc_type, uint32_t to, const sa_requant *rq,
                     int64_t channel, int64_t step, uint32_t n, const void *in,
                     void *out);

// The commands.
void func_load(func_state *s, const sa_cmd *cmd);
void func_store(func_state *s, const sa_cmd *cmd);
void func_move(func_state *s, const sa_cmd *cmd);
void func_preload(func_state *s, const sa_cmd *cmd);
void func_gemm(func_state *s, const sa_cmd *cmd);
void func_gemm_os(func_state *s, const sa_cmd *cmd);
void func_alu(func_state *s, const sa_cmd *cmd);

#endif
