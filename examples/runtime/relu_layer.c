// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A fully connected i8 layer, y = relu(x * w + bias) / 256, on a 16 x 16 array:
// 32 inputs of 48 numbers, 40 outputs. Prints whether the device agrees with
// plain loops, and what the machine did.
#include <sa.h>

#include <stdio.h>

enum { M = 32, K = 48, N = 40 };
static int8_t x[M][K], w[K][N], y[M][N];
static int32_t bias[N];

static int8_t expected(int i, int j) {
  int32_t sum = bias[j];
  for (int p = 0; p < K; ++p)
    sum += x[i][p] * w[p][j];
  sum = sum > 0 ? sum : 0;
  int32_t q = (sum + 128) >> 8; // ties away from zero
  return (int8_t)(q > 127 ? 127 : q);
}

static sa_status layer(sa_dev *dev) {
  static const int32_t mult = 1;
  static const uint8_t shift = 8;
  sa_requant rq = {.mult = &mult,
                   .shift = &shift,
                   .lo = -128,
                   .hi = 127,
                   .round = SA_ROUND_HALF_AWAY};
  sa_rows rows = {.stride = {0, 0, 0, 1}};
  sa_load_desc load_x = {SA_ABUF,
                         0,
                         {.type = SA_I8,
                          .n = {1, 1, 1, M, 16},
                          .extent = {1, 1, 1, M, K},
                          .stride = {0, 0, 0, K, 1}},
                         rows,
                         0};
  sa_load_desc load_w = {SA_WBUF,
                         0,
                         {.type = SA_I8,
                          .n = {1, 1, 1, 16, 16},
                          .extent = {1, 1, 1, K, N},
                          .stride = {0, 0, 0, N, 1}},
                         rows,
                         0};
  sa_load_desc load_bias = {SA_ACC,
                            0,
                            {.type = SA_I32,
                             .n = {1, 1, 1, M, 16},
                             .extent = {1, 1, 1, M, N},
                             .stride = {0, 0, 0, 0, 4}},
                            rows,
                            0};
  sa_gemm_desc gemm = {.n = {1, 1, 1, M},
                       .a = rows,
                       .c = rows,
                       .k = 16,
                       .cols = 16,
                       .accumulate = 1};
  sa_store_desc store = {.space = SA_ACC,
                         .box = {.type = SA_I8,
                                 .n = {1, 1, 1, M, 16},
                                 .extent = {1, 1, 1, M, N},
                                 .stride = {0, 0, 0, N, 1}},
                         .rows = rows,
                         .out = {.act = SA_ACT_RELU, .rq = &rq}};
  for (int p = 0; p < K; p += 16) // all of x stays in ABUF
    sa_load(dev, &load_x, x, (int64_t[5]){0, 0, 0, 0, p}, p / 16 * M);
  for (int j = 0; j < N; j += 16) {
    sa_load(dev, &load_bias, bias, (int64_t[5]){0, 0, 0, 0, j}, 0);
    sa_signal(dev, SA_Q_LOAD, SA_Q_EXEC);
    sa_await(dev, SA_Q_EXEC, SA_Q_LOAD);
    for (int p = 0; p < K; p += 16) {
      sa_loadw(dev, &load_w, w, (int64_t[5]){0, 0, 0, p, j}, 0);
      sa_signal(dev, SA_Q_LOADW, SA_Q_EXEC);
      sa_await(dev, SA_Q_EXEC, SA_Q_LOADW);
      sa_preload(dev, 0, 0, 0, 16, 16);
      sa_gemm(dev, &gemm, p / 16 * M, 0);
      sa_signal(dev, SA_Q_EXEC, SA_Q_LOADW);
      sa_await(dev, SA_Q_LOADW, SA_Q_EXEC);
    }
    sa_signal(dev, SA_Q_EXEC, SA_Q_STORE);
    sa_await(dev, SA_Q_STORE, SA_Q_EXEC);
    sa_store(dev, &store, y, (int64_t[5]){0, 0, 0, 0, j}, 0);
    sa_signal(dev, SA_Q_STORE, SA_Q_LOAD);
    sa_await(dev, SA_Q_LOAD, SA_Q_STORE);
  }
  return sa_wait(dev, SA_ALL);
}

int main(void) {
  for (int i = 0; i < M * K; ++i)
    (&x[0][0])[i] = (int8_t)(i * 37 % 255 - 127);
  for (int i = 0; i < K * N; ++i)
    (&w[0][0])[i] = (int8_t)(i * 91 % 253 - 126);
  for (int j = 0; j < N; ++j)
    bias[j] = 100 * j - 2000;

  sa_config config = {.hw = sa_hw_gemmini16(), .in = SA_I8, .acc = SA_I32};
  sa_error error;
  sa_dev *dev;
  if (sa_open(&config, &dev, &error) != SA_OK) {
    fprintf(stderr, "%s\n", error.text);
    return 1;
  }
  if (layer(dev) != SA_OK) {
    fprintf(stderr, "%s\n", sa_last_error(dev)->text);
    return 1;
  }
  int wrong = 0;
  for (int i = 0; i < M; ++i)
    for (int j = 0; j < N; ++j)
      wrong += y[i][j] != expected(i, j);
  sa_counters counters;
  sa_stats(dev, &counters);
  sa_close(dev);
  if (wrong) {
    printf("%d outputs are wrong\n", wrong);
    return 1;
  }
  printf("all %d outputs are right: %llu MACs, %llu bytes from DRAM\n", M * N,
         (unsigned long long)counters.macs,
         (unsigned long long)counters.level[SA_LEVEL_DRAM].read_bytes);
  return 0;
}
