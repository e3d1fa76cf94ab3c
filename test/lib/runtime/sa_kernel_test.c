// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every instruction set gives the bits of the plain loop.
#define func_best_kernels test_best_kernels
#include "func/func_kernel.c"

#include "sa_test.h"

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))

enum { MOST_K = 70, MOST_COLS = 112 };

// One rounding per operation: through memory, so that nothing is fused.
static float step(float sum, float a, float w) {
  volatile float product = a * w;
  volatile float next = sum + product;
  return next;
}

static void compare(const func_kernels *kernels, uint32_t k, uint32_t cols,
                    bool add, uint64_t *seed) {
  static float a[FUNC_BLOCK][MOST_K], w[MOST_K][MOST_COLS];
  static float s[FUNC_BLOCK][MOST_COLS], one[MOST_COLS];
  const float *rows[FUNC_BLOCK];
  for (int r = 0; r < FUNC_BLOCK; ++r) {
    rows[r] = a[r];
    for (uint32_t t = 0; t < k; ++t)
      a[r][t] = (float)test_between(seed, -1000000, 1000000) / 7;
    for (uint32_t j = 0; j < cols; ++j)
      s[r][j] = (float)test_between(seed, -1000000, 1000000) / 3;
  }
  for (uint32_t t = 0; t < k; ++t)
    for (uint32_t j = 0; j < cols; ++j)
      w[t][j] = (float)test_between(seed, -1000000, 1000000) / 11;
  float want[FUNC_BLOCK][MOST_COLS];
  for (int r = 0; r < FUNC_BLOCK; ++r)
    for (uint32_t j = 0; j < cols; ++j) {
      want[r][j] = add ? s[r][j] : 0;
      for (uint32_t t = 0; t < k; ++t)
        want[r][j] = step(want[r][j], a[r][t], w[t][j]);
    }
  memcpy(one, s[5], sizeof one);
  kernels->single(rows + 5, w[0], MOST_COLS, k, cols, one, MOST_COLS, add);
  kernels->block(rows, w[0], MOST_COLS, k, cols, s[0], MOST_COLS, add);
  for (int r = 0; r < FUNC_BLOCK; ++r)
    CHECK(memcmp(s[r], want[r], cols * sizeof(float)) == 0);
  CHECK(memcmp(one, want[5], cols * sizeof(float)) == 0);
}

static void try_set(const func_kernels *kernels, bool supported) {
  uint64_t seed = 1;
  printf("  %s: %s\n", kernels->name, supported ? "checked" : "not here");
  for (int i = 0; supported && i < 200; ++i)
    compare(kernels, (uint32_t)test_between(&seed, 0, MOST_K),
            16 * (uint32_t)test_between(&seed, 1, MOST_COLS / 16), i % 2,
            &seed);
}

CHECK_TEST(all_instruction_sets_give_the_same_bits) {
  __builtin_cpu_init();
  try_set(&kernels_base, true);
  try_set(&kernels_avx2, __builtin_cpu_supports("avx2"));
  try_set(&kernels_avx512, __builtin_cpu_supports("avx512f"));
  const func_kernels *best = test_best_kernels();
  CHECK(best->name != NULL);
}

#else

CHECK_TEST(there_is_one_kernel) {
  CHECK(test_best_kernels()->name != NULL);
}

#endif

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
