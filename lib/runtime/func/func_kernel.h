// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The body of the kernels, included once per instruction set (no guard) with
//   VW      floats in a vector          MR  rows held in registers (divides 8)
//   TARGET  an attribute                NAME(x)  x with the set's suffix
//
// Each output is one chain of rounded multiplies and adds in order of t, so all
// sets give the same bits: vectors run along the columns, never along the sum,
// and no multiply is fused with an add (-ffp-contract=off).
typedef float NAME(vec)
    __attribute__((vector_size(VW * 4), aligned(4), may_alias));

// MR rows by |nv| vectors of columns; the sums stay in registers over k.
TARGET __attribute__((always_inline)) static inline void
NAME(strip)(const float *const *a, const float *w, size_t ldw, uint32_t k,
            float *s, size_t lds, bool add, int rows, int nv) {
  NAME(vec) sum[MR][2];
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < nv; ++v)
      sum[r][v] = add ? *(const NAME(vec) *)(s + (size_t)r * lds + v * VW)
                      : (NAME(vec)){0};
  for (uint32_t t = 0; t < k; ++t, w += ldw) {
    NAME(vec) weight[2];
#pragma GCC unroll 2
    for (int v = 0; v < nv; ++v)
      weight[v] = *(const NAME(vec) *)(w + v * VW);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      float x = a[r][t];
#pragma GCC unroll 2
      for (int v = 0; v < nv; ++v)
        sum[r][v] = sum[r][v] + x * weight[v];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r)
#pragma GCC unroll 2
    for (int v = 0; v < nv; ++v)
      *(NAME(vec) *)(s + (size_t)r * lds + v * VW) = sum[r][v];
}

TARGET static void NAME(block)(const float *const *a, const float *w,
                               size_t ldw, uint32_t k, uint32_t cols, float *s,
                               size_t lds, bool add) {
  for (uint32_t r = 0; r < FUNC_BLOCK; r += MR) {
    uint32_t j = 0;
    for (; j + 2 * VW <= cols; j += 2 * VW)
      NAME(strip)(a + r, w + j, ldw, k, s + r * lds + j, lds, add, MR, 2);
    for (; j < cols; j += VW)
      NAME(strip)(a + r, w + j, ldw, k, s + r * lds + j, lds, add, MR, 1);
  }
}

TARGET static void NAME(single)(const float *const *a, const float *w,
                                size_t ldw, uint32_t k, uint32_t cols, float *s,
                                size_t lds, bool add) {
  uint32_t j = 0;
  for (; j + 2 * VW <= cols; j += 2 * VW)
    NAME(strip)(a, w + j, ldw, k, s + j, lds, add, 1, 2);
  for (; j < cols; j += VW)
    NAME(strip)(a, w + j, ldw, k, s + j, lds, add, 1, 1);
}

TARGET static void NAME(to_f32)(float *restrict acc, const float *restrict s,
                                uint32_t n, bool add) {
  if (add)
    for (uint32_t j = 0; j < n; ++j)
      acc[j] += s[j];
  else
    for (uint32_t j = 0; j < n; ++j)
      acc[j] = s[j];
}

TARGET static void NAME(to_i32)(int32_t *restrict acc, const float *restrict s,
                                uint32_t n, bool add) {
  if (add)
    for (uint32_t j = 0; j < n; ++j)
      acc[j] = (int32_t)((uint32_t)acc[j] + (uint32_t)(int32_t)s[j]);
  else
    for (uint32_t j = 0; j < n; ++j)
      acc[j] = (int32_t)s[j];
}

static const func_kernels NAME(kernels) = {
    .name = SET_NAME,
    .block = NAME(block),
    .single = NAME(single),
    .to_f32 = NAME(to_f32),
    .to_i32 = NAME(to_i32),
};

#undef VW
#undef MR
#undef TARGET
#undef NAME
#undef SET_NAME
