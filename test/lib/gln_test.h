// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the tests of lib/ share: shapes and values from text, a seeded random
// source, and an allocator that counts and can fail.
#ifndef GLN_TEST_H
#define GLN_TEST_H

#include "check.h"
#include "view/shape.h"

#include <stdlib.h>

static inline gln_type test_type(const char *name) {
  gln_type type = GLN_TYPE_F32;
  CHECK(gln_type_parse(name, strlen(name), &type));
  return type;
}

// "((2,3),(4)) f32", as gln_shape_print writes it; nothing is checked.
static inline gln_shape test_shape(const char *text) {
  gln_shape shape = {GLN_TYPE_F32, 0, 0, {0}};
  const char *at = text + 2;
  for (int half = 0; half < 2; ++half) {
    while (*at != ')') {
      char *end;
      shape.dims[shape.rank++] = strtoll(at, &end, 10);
      at = *end == ',' ? end + 1 : end;
    }
    if (half == 0) {
      shape.num_access = shape.rank;
      at += 3; // ),(
    }
  }
  shape.type = test_type(at + 3); // ")) "
  return shape;
}

static inline gln_scalar test_value(gln_type type, const char *text) {
  gln_scalar value = {type, 0};
  eg_error error = {0};
  CHECK_EQ(gln_scalar_parse(type, text, strlen(text), &value, &error), EG_OK);
  CHECK_STR(error.text, "");
  return value;
}

static inline uint64_t test_random(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

// A number in [least, most].
static inline int64_t test_between(uint64_t *state, int64_t least,
                                   int64_t most) {
  return least + (int64_t)(test_random(state) % (uint64_t)(most - least + 1));
}

// Fails the request number |fail_at| (from 0) and counts what is held.
struct test_memory {
  int64_t requests, fail_at;
  int64_t held; // bytes
};

static inline void *test_resize(void *user, void *block, size_t old_size,
                                size_t new_size) {
  struct test_memory *memory = user;
  if (new_size != 0 && memory->requests++ == memory->fail_at)
    return NULL;
  memory->held += (int64_t)new_size - (int64_t)old_size;
  if (new_size == 0) {
    free(block);
    return NULL;
  }
  return realloc(block, new_size);
}

static inline eg_allocator test_allocator(struct test_memory *memory) {
  eg_allocator allocator = {test_resize, memory};
  return allocator;
}

#endif
