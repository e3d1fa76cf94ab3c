// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The inner kernels of gemm for each instruction set, and the choice of one.
// Compilers without vector extensions get plain loops.
#include "func_internal.h"

#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))

#define VW 4
#define MR 4
#define TARGET
#define NAME(x) x##_base
#define SET_NAME "sse2"
#include "func_kernel.h"

#define VW 8
#define MR 4
#define TARGET __attribute__((target("avx2")))
#define NAME(x) x##_avx2
#define SET_NAME "avx2"
#include "func_kernel.h"

#define VW 16
#define MR 8
#define TARGET __attribute__((target("avx512f")))
#define NAME(x) x##_avx512
#define SET_NAME "avx512f"
#include "func_kernel.h"

const func_kernels *func_best_kernels(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f"))
    return &kernels_avx512;
  return __builtin_cpu_supports("avx2") ? &kernels_avx2 : &kernels_base;
}

#elif defined(__GNUC__)

#define VW 4
#define MR 4
#define TARGET
#define NAME(x) x##_base
#define SET_NAME "vector"
#include "func_kernel.h"

const func_kernels *func_best_kernels(void) {
  return &kernels_base;
}

#else

static void single(const float *const *a, const float *w, size_t ldw,
                   uint32_t k, uint32_t cols, float *s, size_t lds, bool add) {
  (void)lds;
  for (uint32_t j = 0; !add && j < cols; ++j)
    s[j] = 0;
  for (uint32_t t = 0; t < k; ++t)
    for (uint32_t j = 0; j < cols; ++j)
      s[j] = s[j] + a[0][t] * w[t * ldw + j];
}

static void block(const float *const *a, const float *w, size_t ldw, uint32_t k,
                  uint32_t cols, float *s, size_t lds, bool add) {
  for (uint32_t r = 0; r < FUNC_BLOCK; ++r)
    single(a + r, w, ldw, k, cols, s + r * lds, lds, add);
}

static void to_f32(float *acc, const float *s, uint32_t n, bool add) {
  for (uint32_t j = 0; j < n; ++j)
    acc[j] = add ? acc[j] + s[j] : s[j];
}

static void to_i32(int32_t *acc, const float *s, uint32_t n, bool add) {
  for (uint32_t j = 0; j < n; ++j)
    acc[j] = (int32_t)((add ? (uint32_t)acc[j] : 0) + (uint32_t)(int32_t)s[j]);
}

const func_kernels *func_best_kernels(void) {
  static const func_kernels plain = {"plain", block, single, to_f32, to_i32};
  return &plain;
}

#endif
