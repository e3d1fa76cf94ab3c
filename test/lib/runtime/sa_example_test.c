// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The examples of lib/runtime/README.md. They are there word for word: the last
// test looks for them.
#include "sa_late.h"
#include "sa_test.h"

#include <math.h>

// [order]
// What `to` does from here on happens after all that `from` did before.
static void order(sa_dev *dev, sa_queue from, sa_queue to) {
  sa_signal(dev, from, to);
  sa_await(dev, to, from);
}
// [end]

// [gemm]
// c = a * b, row-major f32, a of m x k, b of k x n, any sizes. One tile at a
// time; the last tiles stick out of the matrices, where loads put zeros and
// stores do nothing.
static sa_status matmul(sa_dev *dev, const float *a, const float *b, float *c,
                        int64_t m, int64_t n, int64_t k) {
  const sa_hw *hw = sa_hw_of(dev);
  uint32_t tile = 64; // rows of a and c: any number that ABUF and ACC hold
  sa_rows one_by_one = {.stride = {0, 0, 0, 1}};
  sa_load_desc load_a = {.space = SA_ABUF,
                         .box = {.type = SA_F32,
                                 .n = {1, 1, 1, tile, hw->rows},
                                 .extent = {1, 1, 1, m, k},
                                 .stride = {0, 0, 0, 4 * k, 4}},
                         .rows = one_by_one};
  sa_load_desc load_b = {.space = SA_WBUF,
                         .box = {.type = SA_F32,
                                 .n = {1, 1, 1, hw->rows, hw->cols},
                                 .extent = {1, 1, 1, k, n},
                                 .stride = {0, 0, 0, 4 * n, 4}},
                         .rows = one_by_one};
  sa_gemm_desc gemm = {.n = {1, 1, 1, tile},
                       .a = one_by_one,
                       .c = one_by_one,
                       .k = hw->rows,
                       .cols = hw->cols};
  sa_store_desc store_c = {.space = SA_ACC,
                           .box = {.type = SA_F32,
                                   .n = {1, 1, 1, tile, hw->cols},
                                   .extent = {1, 1, 1, m, n},
                                   .stride = {0, 0, 0, 4 * n, 4}},
                           .rows = one_by_one};
  for (int64_t i = 0; i < m; i += tile)
    for (int64_t j = 0; j < n; j += hw->cols) {
      for (int64_t p = 0; p < k; p += hw->rows) {
        sa_load(dev, &load_a, a, (int64_t[5]){0, 0, 0, i, p}, 0);
        sa_loadw(dev, &load_b, b, (int64_t[5]){0, 0, 0, p, j}, 0);
        order(dev, SA_Q_LOAD, SA_Q_EXEC);
        order(dev, SA_Q_LOADW, SA_Q_EXEC);
        sa_preload(dev, 0, 0, 0, hw->rows, hw->cols);
        gemm.accumulate = p > 0; // the first tile of the sum overwrites
        sa_gemm(dev, &gemm, 0, 0);
        order(dev, SA_Q_EXEC, SA_Q_LOAD);
        order(dev, SA_Q_EXEC, SA_Q_LOADW);
      }
      order(dev, SA_Q_EXEC, SA_Q_STORE);
      sa_store(dev, &store_c, c, (int64_t[5]){0, 0, 0, i, j}, 0);
      order(dev, SA_Q_STORE, SA_Q_EXEC);
    }
  return sa_wait(dev, SA_ALL); // the first thing that went wrong, if any
}
// [end]

// [conv]
// y = relu(conv3x3(x, w) + bias) with padding 1. x is h x wd x c, w 3 x 3 x c x
// f, y h x wd x f, all dense f32; c fits the array's rows, f its columns.
static sa_status conv3x3(sa_dev *dev, const float *x, const float *w,
                         const float *bias, float *y, uint32_t h, uint32_t wd,
                         uint32_t c, uint32_t f) {
  uint32_t band = 4, tile_w = wd + 2; // 4 rows of y need 6 of x, padded
  sa_load_desc load_w = {
      .space = SA_WBUF, // row (r*3 + s)*c + i: input i at kernel offset r, s
      .box = {.type = SA_F32,
              .n = {1, 1, 1, 9 * c, f},
              .extent = {1, 1, 1, 9 * c, f},
              .stride = {0, 0, 0, 4 * (int64_t)f, 4}},
      .rows = {.stride = {0, 0, 0, 1}}};
  sa_load_desc load_x = {
      .space = SA_ABUF, // row y*tile_w + x: a pixel, padding in place
      .box = {.type = SA_F32,
              .n = {1, 1, band + 2, tile_w, c},
              .extent = {1, 1, h, wd, c},
              .stride = {0, 0, 4 * (int64_t)wd * c, 4 * (int64_t)c, 4}},
      .rows = {.stride = {0, 0, (int32_t)tile_w, 1}}};
  sa_load_desc load_bias = {
      .space = SA_ACC, // the same f numbers in every row: stride 0
      .box = {.type = SA_F32,
              .n = {1, 1, band, wd, f},
              .extent = {1, 1, band, wd, f},
              .stride = {0, 0, 0, 0, 4}},
      .rows = {.stride = {0, 0, (int32_t)wd, 1}}};
  sa_gemm_desc gemm = {.n = {1, 1, band, wd},
                       .a = {.stride = {0, 0, (int32_t)tile_w, 1}},
                       .c = {.stride = {0, 0, (int32_t)wd, 1}},
                       .k = c,
                       .cols = f,
                       .accumulate = 1};
  sa_store_desc store_y = {
      .space = SA_ACC,
      .box = {.type = SA_F32,
              .n = {1, 1, band, wd, f},
              .extent = {1, 1, h, wd, f},
              .stride = {0, 0, 4 * (int64_t)wd * f, 4 * (int64_t)f, 4}},
      .rows = {.stride = {0, 0, (int32_t)wd, 1}},
      .out = {.act = SA_ACT_RELU}};

  sa_loadw(dev, &load_w, w, NULL, 0);
  order(dev, SA_Q_LOADW, SA_Q_EXEC);
  for (uint32_t y0 = 0; y0 < h; y0 += band) {
    sa_load(dev, &load_x, x, (int64_t[5]){0, 0, (int64_t)y0 - 1, -1, 0}, 0);
    sa_load(dev, &load_bias, bias, NULL, 0);
    order(dev, SA_Q_LOAD, SA_Q_EXEC);
    for (uint32_t r = 0; r < 3; ++r)
      for (uint32_t s = 0; s < 3; ++s) {
        sa_preload(dev, 0, (int32_t)((r * 3 + s) * c), 0, c, f);
        sa_gemm(dev, &gemm, (int32_t)(r * tile_w + s), 0);
      }
    order(dev, SA_Q_EXEC, SA_Q_LOAD);
    order(dev, SA_Q_EXEC, SA_Q_STORE);
    sa_store(dev, &store_y, y, (int64_t[5]){0, 0, y0, 0, 0}, 0);
    order(dev, SA_Q_STORE, SA_Q_LOAD); // the next bias overwrites ACC
  }
  return sa_wait(dev, SA_ALL);
}
// [end]

// Odd turns run on real queues, in any order that the tokens allow.
static sa_dev *open_turn(uint64_t turn) {
  sa_config config = {.hw = sa_hw_gemmini16(),
                      .in = SA_F32,
                      .acc = SA_F32,
                      .custom = turn % 2 ? &late_backend : NULL};
  sa_dev *dev = NULL;
  late_seed = turn;
  CHECK_EQ(sa_open(&config, &dev, NULL), SA_OK);
  return dev;
}

static float *random_floats(uint64_t *seed, size_t count) {
  float *data = malloc((count + 1) * sizeof *data);
  for (size_t i = 0; i < count; ++i)
    data[i] = (float)test_between(seed, -64, 64) / 64;
  return data;
}

CHECK_TEST(the_matmul_of_the_readme_is_right) {
  static const int64_t shapes[][3] = {
      {1, 1, 1}, {64, 16, 16}, {65, 17, 33}, {7, 100, 5}, {130, 9, 50}};
  uint64_t seed = 1;
  for (size_t turn = 0; turn < 40; ++turn) {
    const int64_t *shape = shapes[turn / 2 % (sizeof shapes / sizeof *shapes)];
    int64_t m = shape[0], n = shape[1], k = shape[2];
    sa_dev *dev = open_turn(turn);
    float *a = random_floats(&seed, (size_t)(m * k));
    float *b = random_floats(&seed, (size_t)(k * n));
    float *c = random_floats(&seed, (size_t)(m * n));
    CHECK_SA(dev, matmul(dev, a, b, c, m, n, k));
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        float sum = 0; // multiples of 2^-12 below 2^7: exact
        for (int64_t p = 0; p < k; ++p)
          sum += a[i * k + p] * b[p * n + j];
        CHECK(c[i * n + j] == sum);
      }
    free(a);
    free(b);
    free(c);
    sa_close(dev);
  }
}

static void check_convolution(uint64_t turn) {
  enum { H = 10, W = 7, C = 5, F = 11 };
  uint64_t seed = 2;
  sa_dev *dev = open_turn(turn);
  float *x = random_floats(&seed, H * W * C);
  float *w = random_floats(&seed, 9 * C * F), *bias = random_floats(&seed, F);
  float *y = random_floats(&seed, H * W * F);
  CHECK_SA(dev, conv3x3(dev, x, w, bias, y, H, W, C, F));
  int positive = 0;
  for (int i = 0; i < H; ++i)
    for (int j = 0; j < W; ++j)
      for (int f = 0; f < F; ++f) {
        float sum = bias[f];
        for (int r = 0; r < 3; ++r)
          for (int s = 0; s < 3; ++s)
            for (int c = 0; c < C; ++c) {
              int iy = i + r - 1, ix = j + s - 1;
              if (iy >= 0 && iy < H && ix >= 0 && ix < W)
                sum +=
                    x[(iy * W + ix) * C + c] * w[((r * 3 + s) * C + c) * F + f];
            }
        CHECK(y[(i * W + j) * F + f] == (sum > 0 ? sum : 0));
        positive += sum > 0;
      }
  CHECK(positive > 100 && positive < H * W * F - 100);
  free(x);
  free(w);
  free(bias);
  free(y);
  sa_close(dev);
}

CHECK_TEST(the_convolution_of_the_readme_is_right) {
  for (uint64_t turn = 0; turn < 20; ++turn)
    check_convolution(turn);
}

static char *read_file(const char *path) {
  FILE *file = fopen(path, "r");
  char *text = calloc(1, 1 << 18);
  CHECK(file != NULL);
  if (file) {
    size_t length = fread(text, 1, (1 << 18) - 1, file);
    text[length] = 0;
    fclose(file);
  }
  return text;
}

CHECK_TEST(the_readme_has_these_very_examples) {
  char *source = read_file(EXAMPLE_SOURCE), *readme = read_file(README_FILE);
  static const char *const names[] = {"// [order]\n", "// [gemm]\n",
                                      "// [conv]\n"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    char *start = strstr(source, names[i]);
    CHECK(start != NULL);
    if (!start)
      continue;
    start += strlen(names[i]);
    char *end = strstr(start, "// [end]");
    CHECK(end != NULL);
    char kept = *end;
    *end = 0;
    CHECK(strstr(readme, start) != NULL);
    *end = kept;
  }
  free(source);
  free(readme);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
