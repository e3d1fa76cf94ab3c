// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The front half of a device, shared by its files; see sa_backend.h.
#ifndef SA_RUNTIME_INTERNAL_H
#define SA_RUNTIME_INTERNAL_H

#include "sa_backend.h"

#include <stdarg.h>
#include <stdbool.h>

enum {
  SAI_MAX_ARRAY = 1024,    // rows and cols: i8 sums of this length fit in f32
  SAI_MAX_STEPS = 1 << 24, // rows one command may visit
  SAI_MAX_WINDOW = 256,    // extent of a pooling window
  SAI_MAX_STEP = 1 << 16,  // step of a box or a window
};
#define SAI_MAX_EXTENT ((int64_t)1 << 40)

// A stretch of DRAM known to the device; |block| is what to free, or NULL.
typedef struct sai_region {
  const char *start;
  size_t bytes;
  void *block;
  size_t block_bytes;
} sai_region;

struct sa_prog {
  sa_allocator allocator;
  sa_cmd *cmds;
  size_t num, capacity;
};

struct sa_dev {
  sa_machine machine;
  const sa_backend *backend;
  void *state;
  sa_error last, first; // first: since the last sa_wait
  sa_counters counters;
  uint64_t *init[SA_NUM_SPACES]; // a bit per element, rows of whole words
  uint32_t init_words[SA_NUM_SPACES];
  struct {
    bool loaded;
    uint32_t k, n;
  } bank[2];
  uint64_t tokens[SA_NUM_QUEUES][SA_NUM_QUEUES]; // [from][to]
  sa_fence fence;
  sai_region *regions;
  size_t num_regions, regions_capacity;
  sa_prog *recording;
};

// Fills |error| (may be NULL) and returns |status|.
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
sa_status sai_fail(sa_error *error, sa_status status, const char *format, ...);

// The same for a command: the message becomes "<op>: ...".
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
sa_status sai_reject(sa_dev *dev, const sa_cmd *cmd, sa_status status,
                     const char *format, ...);

// Whether |value| is a value of |type|.
bool sai_holds(uint32_t type, double value);
// n0 * n1 * n2 * n3, or UINT64_MAX when one of them is above the limit.
uint64_t sai_steps(const uint32_t n[4]);
static inline uint32_t sai_or_one(uint32_t n) {
  return n ? n : 1;
}

// check.c: what can be said of a command without knowing what ran before.
sa_status sai_check(sa_dev *dev, const sa_cmd *cmd);
// check_dram.c: whether the DRAM side is addressable and in known memory.
sa_status sai_check_box(sa_dev *dev, const sa_cmd *cmd, const sa_box *box);
sa_status sai_check_dram(sa_dev *dev, const sa_cmd *cmd);
// track.c: the state that commands leave behind, and the counters.
sa_status sai_check_rows(sa_dev *dev, const sa_cmd *cmd, bool reads);
sa_status sai_check_state(sa_dev *dev, const sa_cmd *cmd);
void sai_commit(sa_dev *dev, const sa_cmd *cmd);

void *sai_resize(const sa_allocator *allocator, void *block, size_t old_size,
                 size_t new_size);

#endif
