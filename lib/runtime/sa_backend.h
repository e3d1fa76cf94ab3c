// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a backend of sa.h provides. A device is two halves:
//
//   the front  (device.c, check.c, access.c, track.c): every check, the order of
//              tokens, which elements are initialised, the counters, recording
//   a backend  runs commands. It only ever sees legal ones: types agree, rows
//              and DRAM are in range, what is read was written, the bank is
//              loaded, each await has its signal.
//
// So a backend need not check, and all backends reject the same programs with
// the same words. Commands come in the order of the calls; a backend may run
// them later or overlap them, as long as the result is that of this order for
// programs whose tokens order every conflict (one that keeps time may reject
// others: it walks the accesses of a command with sa_visit).
#ifndef SA_BACKEND_H
#define SA_BACKEND_H

#include "sa.h"

#ifdef __cplusplus
extern "C" {
#endif

// One command with everything the call was given. Plain data, copied freely;
// the pointers in it (tensor, rq tables) are the caller's.
typedef struct sa_cmd {
  uint32_t op;        // sa_op
  uint32_t queue;     // sa_queue it runs in; of signal and await: the caller
  const void *tensor; // DRAM operand of load and loadw
  void *target;       // DRAM operand of store
  int64_t origin[5];
  int32_t dst, a, b; // start rows: dst ACC or destination, a source, b WBUF
  union {
    sa_load_desc load; // LOAD, LOADW
    sa_gemm_desc gemm;
    sa_gemm_os_desc gemm_os;
    sa_alu_desc alu;
    sa_store_desc store;
    sa_move_desc move;
    struct {
      uint32_t bank, wcol, k, n; // start row in |b|
    } preload;
    struct {
      uint32_t from, to;
    } token; // SIGNAL, AWAIT
  } u;
} sa_cmd;

// What a backend may rely on for the life of the device.
typedef struct sa_machine {
  sa_config config;
  uint32_t num_rows[SA_NUM_SPACES];  // capacity in rows
  uint32_t row_elems[SA_NUM_SPACES]; // elements of a row
  uint32_t type[SA_NUM_SPACES];      // sa_type of the elements
} sa_machine;

typedef struct sa_backend {
  uint32_t abi; // SA_ABI_VERSION
  uint32_t reserved;
  const char *name;
  // |machine| outlives the state. On failure *state stays NULL; |error| is
  // filled by the backend.
  sa_status (*open)(const sa_machine *machine, void **state, sa_error *error);
  void (*close)(void *state);
  // Enqueues (or runs) a legal command; the command is only lent.
  sa_status (*issue)(void *state, const sa_cmd *cmd, sa_error *error);
  // Starts everything issued so far, which is fence number |fence|.
  sa_status (*submit)(void *state, sa_fence fence, sa_error *error);
  // Returns when all up to |fence| is done, with the first failure among it.
  sa_status (*wait)(void *state, sa_fence fence, sa_error *error);
  // Fills the fields that count time and energy; NULL = all zero.
  void (*stats)(void *state, sa_counters *out);
  void (*stats_reset)(void *state); // may be NULL
} sa_backend;

// One operand of a command: the rows r(i) of |space| for all i below n, elements
// [col, col + width). |map| gives strides and ring, |row| the start row.
typedef struct sa_access {
  uint32_t space;
  uint32_t write;   // 0: read, 1: written
  const char *name; // "a", "c", ... in messages
  const sa_rows *map;
  uint32_t n[4];
  int64_t row;
  uint32_t col, width;
} sa_access;

typedef sa_status (*sa_visitor)(void *user, const sa_access *access);

// Calls |visit| for every operand in on-chip memory, reads first; an operand
// may come as several accesses (a window, a packed row, a reduction step each).
// Stops at the first that does not return SA_OK.
SA_API sa_status sa_visit(const sa_cmd *cmd, sa_visitor visit, void *user);

// The row at index |r| of a walk: itself, or its place in the ring.
static inline int64_t sa_row_at(const sa_rows *map, int64_t r) {
  if (map->ring_len == 0)
    return r;
  int64_t m = r % (int64_t)map->ring_len;
  return (int64_t)map->ring_base + (m < 0 ? m + (int64_t)map->ring_len : m);
}

// The positions p < n of an axis whose index origin + p*step is in [0, extent)
// are first <= p < last (first = last when there are none).
typedef struct sa_span {
  uint32_t first, last;
} sa_span;
SA_API sa_span sa_clip(int64_t origin, int64_t step, int64_t extent,
                       uint32_t n);

// Bytes and requests of a box in DRAM, as sa_counters counts them.
SA_API void sa_box_traffic(const sa_box *box, const int64_t origin[5],
                           uint32_t burst, uint64_t *bytes, uint64_t *requests);

SA_API extern const sa_backend sa_backend_func;

#ifdef __cplusplus
}
#endif
#endif
