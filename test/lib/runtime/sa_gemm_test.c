// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The two dataflows, packing, banks, rings, and tensors of every layout.
#include "sa_test.h"

static void random_i8(uint64_t *seed, int8_t *data, size_t count) {
  for (size_t i = 0; i < count; ++i)
    data[i] = (int8_t)test_between(seed, -128, 127);
}

CHECK_TEST(weight_and_output_stationary_agree) {
  enum { M = 13, K = 16, STEPS = 5, N = 11 };
  int8_t a[STEPS * M][K], w[STEPS * K][N];
  int32_t ws[M][N], os[M][N];
  uint64_t seed = 1;
  random_i8(&seed, &a[0][0], sizeof a);
  random_i8(&seed, &w[0][0], sizeof w);
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_I8, SA_I32);
  CHECK_SA(dev, test_load(dev, SA_ABUF, SA_I8, a, STEPS * M, K, 0));
  CHECK_SA(dev, test_load(dev, SA_WBUF, SA_I8, w, STEPS * K, N, 7));
  sa_gemm_desc g = {.n = {1, 1, 1, M},
                    .a = test_rows(0),
                    .c = test_rows(2),
                    .k = K,
                    .cols = N};
  for (int s = 0; s < STEPS; ++s, g.accumulate = 1) {
    CHECK_SA(dev, sa_preload(dev, 0, 7 + s * K, 0, K, N));
    CHECK_SA(dev, sa_gemm(dev, &g, s * M, 0));
  }
  sa_gemm_os_desc o = {.n = {1, 1, 1, M},
                       .a = test_rows(0),
                       .c = test_rows(0),
                       .r = {1, 1, STEPS},
                       .a_stride = {0, 0, M},
                       .w_stride = {0, 0, K},
                       .k = K,
                       .cols = N};
  CHECK_SA(dev, sa_gemm_os(dev, &o, 0, 7, 100));
  sa_store_desc d = {
      .space = SA_ACC, .box = test_matrix(SA_I32, M, N), .rows = test_rows(2)};
  CHECK_SA(dev, sa_store(dev, &d, ws, NULL, 0));
  CHECK_SA(dev, test_store(dev, SA_ACC, SA_I32, os, M, N, 100));
  for (int i = 0; i < M; ++i)
    for (int j = 0; j < N; ++j) {
      int32_t sum = 0;
      for (int s = 0; s < STEPS; ++s)
        for (int t = 0; t < K; ++t)
          sum += a[s * M + i][t] * w[s * K + t][j];
      CHECK_EQ(ws[i][j], sum);
      CHECK_EQ(os[i][j], sum);
    }
  sa_counters k;
  CHECK_EQ(sa_stats(dev, &k), SA_OK);
  CHECK_EQ(k.macs, 2 * STEPS * M * K * N);
  sa_close(dev);
}

// 64 x 20 products of about 2^14 leave the exact range of a float.
CHECK_TEST(long_integer_sums_are_exact) {
  enum { K = 64, STEPS = 50 };
  int8_t a[K], w[K][3];
  for (int t = 0; t < K; ++t) {
    a[t] = (int8_t)(t % 2 ? -127 : -128); // odd products, unlike 2^14
    w[t][0] = -128, w[t][1] = 127, w[t][2] = (int8_t)-(t % 2 ? 127 : 128);
  }
  int32_t got[3], want[3] = {0, 0, 0};
  for (int s = 0; s < STEPS; ++s)
    for (int t = 0; t < K; ++t)
      for (int j = 0; j < 3; ++j)
        want[j] += a[t] * w[t][j] + (j == 2 && s == 0 && t == 0);
  sa_dev *dev = test_open(sa_hw_ws64(), SA_I8, SA_I32);
  CHECK_SA(dev, test_load(dev, SA_ABUF, SA_I8, a, 1, K, 0));
  CHECK_SA(dev, test_load(dev, SA_WBUF, SA_I8, w, K, 3, 0));
  int32_t one[3] = {0, 0, 1};
  CHECK_SA(dev, test_load(dev, SA_ACC, SA_I32, one, 1, 3, 0));
  sa_gemm_os_desc o = {.n = {1, 1, 1, 1},
                       .a = test_rows(0),
                       .c = test_rows(0),
                       .r = {5, 2, 5},
                       .k = K,
                       .cols = 3,
                       .accumulate = 1};
  CHECK_SA(dev, sa_gemm_os(dev, &o, 0, 0, 0));
  CHECK_SA(dev, test_store(dev, SA_ACC, SA_I32, got, 1, 3, 0));
  for (int j = 0; j < 3; ++j)
    CHECK_EQ(got[j], want[j]);
  sa_close(dev);
}

CHECK_TEST(sums_of_i32_wrap) {
  int8_t one = 1;
  int32_t acc = INT32_MAX;
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_I8, SA_I32);
  CHECK_SA(dev, test_load(dev, SA_ABUF, SA_I8, &one, 1, 1, 0));
  CHECK_SA(dev, test_load(dev, SA_WBUF, SA_I8, &one, 1, 1, 0));
  CHECK_SA(dev, test_load(dev, SA_ACC, SA_I32, &acc, 1, 1, 0));
  CHECK_SA(dev, sa_preload(dev, 0, 0, 0, 1, 1));
  sa_gemm_desc g = {.n = {1, 1, 1, 1}, .k = 1, .cols = 1, .accumulate = 1};
  CHECK_SA(dev, sa_gemm(dev, &g, 0, 0));
  CHECK_SA(dev, test_store(dev, SA_ACC, SA_I32, &acc, 1, 1, 0));
  CHECK_EQ(acc, INT32_MIN);
  sa_close(dev);
}

// 3 channels, 5 kernel columns in one row of the array: the same as 5 gemms.
CHECK_TEST(packed_rows_equal_one_gemm_per_offset) {
  enum { W = 20, C = 3, S = 5, N = 16, Q = 16 };
  int8_t x[W][C], w[S * C][N];
  int32_t packed[Q][N], single[Q][N];
  uint64_t seed = 2;
  random_i8(&seed, &x[0][0], sizeof x);
  random_i8(&seed, &w[0][0], sizeof w);
  sa_dev *dev = test_open(sa_hw_ws64(), SA_I8, SA_I32);
  CHECK_SA(dev, test_load(dev, SA_ABUF, SA_I8, x, W, C, 3));
  CHECK_SA(dev, test_load(dev, SA_WBUF, SA_I8, w, S * C, N, 0));
  sa_gemm_desc g = {.n = {1, 1, 1, Q},
                    .a = test_rows(0),
                    .c = test_rows(0),
                    .k = C,
                    .cols = N,
                    .pack = {1, S},
                    .pack_stride = {0, 1},
                    .bank = 1};
  CHECK_SA(dev, sa_preload(dev, 1, 0, 0, S * C, N));
  CHECK_SA(dev, sa_gemm(dev, &g, 3, 0));
  g.pack[1] = 0;
  g.bank = 0;
  for (int s = 0; s < S; ++s, g.accumulate = 1) {
    CHECK_SA(dev, sa_preload(dev, 0, s * C, 0, C, N));
    CHECK_SA(dev, sa_gemm(dev, &g, 3 + s, Q));
  }
  CHECK_SA(dev, test_store(dev, SA_ACC, SA_I32, packed, Q, N, 0));
  CHECK_SA(dev, test_store(dev, SA_ACC, SA_I32, single, Q, N, Q));
  CHECK(memcmp(packed, single, sizeof packed) == 0);
  CHECK(packed[3][4] != 0 || packed[3][5] != 0);
  sa_close(dev);
}

// A 4 x 5 tile at (-1, 2) of a 6 x 8 image of 3 channels, in four layouts.
CHECK_TEST(tiles_of_every_layout_load_alike) {
  enum { H = 6, W = 8, C = 3 };
  float nhwc[H][W][C], nchw[C][H][W], flipped[H][W][C], wide[H][2 * W][2 * C];
  for (int y = 0; y < H; ++y)
    for (int x = 0; x < W; ++x)
      for (int c = 0; c < C; ++c) {
        float v = (float)(100 * y + 10 * x + c + 1);
        nhwc[y][x][c] = nchw[c][y][x] = flipped[H - 1 - y][x][c] = v;
        wide[y][2 * x][2 * c] = v;
        wide[y][2 * x + 1][2 * c] = wide[y][2 * x][2 * c + 1] = -1;
      }
  const struct {
    const void *data;
    int64_t stride[3];
    uint32_t step;
  } layouts[] = {
      {nhwc, {W * C * 4, C * 4, 4}, 1},
      {nchw, {W * 4, 4, H * W * 4}, 1},
      {flipped[H - 1], {-W * C * 4, C * 4, 4}, 1},
      {wide, {4 * W * C * 4, 2 * C * 4, 4}, 2}, // every second column, channel
  };
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_F32, SA_F32);
  for (size_t l = 0; l < 4; ++l) {
    uint32_t step = layouts[l].step;
    sa_load_desc d = {
        .space = SA_ABUF,
        .box = {.type = SA_F32,
                .n = {1, 1, 4, 5, C},
                .step = {1, 1, 1, step, step},
                .extent = {1, 1, H, step * W, step * C},
                .stride = {0, 0, layouts[l].stride[0], layouts[l].stride[1],
                           layouts[l].stride[2]}},
        .rows = {.stride = {0, 0, 5, 1}, .col = 1},
        .fill = -2};
    int64_t origin[5] = {0, 0, -1, 2 * (int64_t)step, 0};
    float got[20][C];
    CHECK_SA(dev, sa_load(dev, &d, layouts[l].data, origin, 30));
    sa_store_desc s = {.space = SA_ABUF,
                       .box = test_matrix(SA_F32, 20, C),
                       .rows = test_rows(1)};
    CHECK_SA(dev, sa_store(dev, &s, got, NULL, 30));
    for (int y = 0; y < 4; ++y)
      for (int x = 0; x < 5; ++x)
        for (int c = 0; c < C; ++c)
          CHECK(got[y * 5 + x][c] == (y == 0 ? -2 : nhwc[y - 1][x + 2][c]));
  }
  sa_close(dev);
}

CHECK_TEST(loads_widen_and_add) {
  int8_t narrow[3][4] = {{1, -2, 3, -128}, {5, 6, 7, 127}, {9, 8, 7, 6}};
  int32_t bias[4] = {1000, 2000, -3000, 4000}, got[3][4];
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_I8, SA_I32);
  sa_load_desc d = {
      .space = SA_ACC, .box = test_matrix(SA_I32, 3, 4), .rows = test_rows(0)};
  d.box.stride[3] = 0;
  CHECK_SA(dev, sa_load(dev, &d, bias, NULL, 5));
  sa_load_desc r = {.space = SA_ACC,
                    .accumulate = 1,
                    .box = test_matrix(SA_I8, 3, 4),
                    .rows = test_rows(0)};
  CHECK_SA(dev, sa_load(dev, &r, narrow, NULL, 5));
  CHECK_SA(dev, test_store(dev, SA_ACC, SA_I32, got, 3, 4, 5));
  for (int i = 0; i < 12; ++i)
    CHECK_EQ((&got[0][0])[i], bias[i % 4] + (&narrow[0][0])[i]);
  sa_close(dev);
}

// Four rows of a ring hold a window that moves over twelve rows of an image.
CHECK_TEST(a_ring_keeps_the_rows_that_stay) {
  float image[12][2], got[3][2];
  for (int i = 0; i < 24; ++i)
    (&image[0][0])[i] = (float)i;
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_F32, SA_F32);
  sa_load_desc d = {
      .space = SA_ABUF, .box = test_matrix(SA_F32, 1, 2), .rows = test_rows(0)};
  d.box.extent[3] = 12;
  d.rows.ring_base = 9;
  d.rows.ring_len = 4;
  sa_store_desc s = {
      .space = SA_ABUF, .box = test_matrix(SA_F32, 3, 2), .rows = d.rows};
  for (int32_t row = 0; row < 12; ++row) {
    CHECK_SA(dev, sa_load(dev, &d, image, (int64_t[5]){0, 0, 0, row, 0}, row));
    if (row < 2)
      continue;
    CHECK_SA(dev, sa_store(dev, &s, got, NULL, row - 2));
    CHECK(memcmp(got, image[row - 2], sizeof got) == 0);
  }
  sa_close(dev);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
