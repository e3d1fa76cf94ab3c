// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the tests of the runtime share: devices, random numbers, plain views.
#ifndef SA_TEST_H
#define SA_TEST_H

#include "check.h"
#include "sa.h"

#include <stdlib.h>

static inline uint64_t test_draw(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}
static inline int64_t test_between(uint64_t *state, int64_t least,
                                   int64_t most) {
  return least + (int64_t)(test_draw(state) % (uint64_t)(most - least + 1));
}

// A call that must succeed, or its message is printed.
#define CHECK_SA(dev, call)                                                    \
  do {                                                                         \
    if ((call) != SA_OK) {                                                     \
      check_fail(__FILE__, __LINE__, #call);                                   \
      printf("  %s\n", sa_last_error(dev)->text);                              \
    }                                                                          \
  } while (0)

static inline sa_dev *test_open(sa_hw hw, uint32_t in, uint32_t acc) {
  sa_config config = {.hw = hw, .in = in, .acc = acc};
  sa_dev *dev = NULL;
  sa_error error = {SA_OK, ""};
  CHECK_EQ(sa_open(&config, &dev, &error), SA_OK);
  CHECK_STR(error.text, "");
  return dev;
}

// A dense matrix in DRAM, rows x cols, walked row by row.
static inline sa_box test_matrix(uint32_t type, uint32_t rows, uint32_t cols) {
  int64_t size = sa_type_bytes(type);
  return (sa_box){.type = type,
                  .n = {1, 1, 1, rows, cols},
                  .extent = {1, 1, 1, rows, cols},
                  .stride = {0, 0, 0, cols * size, size}};
}

static inline sa_rows test_rows(uint32_t col) {
  return (sa_rows){.stride = {0, 0, 0, 1}, .col = col};
}

// Loads a dense matrix to rows from |row| on.
static inline sa_status test_load(sa_dev *dev, uint32_t space, uint32_t type,
                                  const void *data, uint32_t rows,
                                  uint32_t cols, int32_t row) {
  sa_load_desc d = {.space = space,
                    .box = test_matrix(type, rows, cols),
                    .rows = test_rows(0)};
  return (space == SA_WBUF ? sa_loadw : sa_load)(dev, &d, data, NULL, row);
}

static inline sa_status test_store(sa_dev *dev, uint32_t space, uint32_t type,
                                   void *data, uint32_t rows, uint32_t cols,
                                   int32_t row) {
  sa_store_desc d = {.space = space,
                     .box = test_matrix(type, rows, cols),
                     .rows = test_rows(0)};
  return sa_store(dev, &d, data, NULL, row);
}

#endif
