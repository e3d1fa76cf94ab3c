// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The functional backend: MACs per second of gemm alone, and all convolutions of
// ResNet-50 through loads, tokens and stores, checked against plain loops.
#include "bench.h"
#include "sa_conv.h"

#include <math.h>

typedef struct point {
  const char *name;
  sa_hw hw;
  uint32_t in, acc;
} point;

static sa_dev *open_point(const point *p) {
  sa_config config = {.hw = p->hw, .in = p->in, .acc = p->acc};
  sa_error error;
  sa_dev *dev;
  if (sa_open(&config, &dev, &error) == SA_OK)
    return dev;
  fprintf(stderr, "bench: %s\n", error.text);
  exit(2);
}

static uint64_t draw(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static void put(uint32_t type, char *at, float value) {
  uint32_t bits;
  uint16_t half;
  memcpy(&bits, &value, 4);
  half = (uint16_t)(bits >> 16);
  signed char whole = (signed char)value;
  memcpy(at,
         type == SA_I8     ? (void *)&whole
         : type == SA_BF16 ? (void *)&half
                           : (void *)&value,
         sa_type_bytes(type));
}

static double get(uint32_t type, const char *at) {
  uint32_t bits = 0;
  uint16_t half;
  float value;
  if (type == SA_I8)
    return (signed char)*at;
  if (type == SA_BF16) {
    memcpy(&half, at, 2);
    bits = (uint32_t)half << 16;
  } else {
    memcpy(&bits, at, 4);
  }
  memcpy(&value, &bits, 4);
  return (double)value;
}

// Values of 7 bits: exact in all types.
static void fill(uint32_t type, char *data, size_t count, uint64_t seed) {
  for (size_t i = 0; i < count; ++i)
    put(type, data + i * sa_type_bytes(type),
        (float)((int64_t)(draw(&seed) % 128) - 64) / (type == SA_I8 ? 1 : 64));
}

//===-- gemm alone --------------------------------------------------------===//

static void report_gemm(const point *p) {
  char name[64];
  sa_dev *dev = open_point(p);
  const sa_hw *hw = sa_hw_of(dev);
  uint32_t rows = sa_num_rows(dev, SA_ACC) / 2;
  char *data = calloc(1, 8 << 20);
  fill(p->in, data, (1 << 20), 1);
  int64_t size = sa_type_bytes(p->in);
  sa_load_desc a = {.space = SA_ABUF,
                    .box = {.type = p->in,
                            .n = {1, 1, 1, rows, hw->rows},
                            .extent = {1, 1, 1, rows, hw->rows},
                            .stride = {0, 0, 0, hw->rows * size, size}},
                    .rows = {.stride = {0, 0, 0, 1}}};
  sa_load_desc w = a;
  w.space = SA_WBUF;
  w.box.n[3] = w.box.extent[3] = hw->rows;
  sa_gemm_desc g = {.n = {1, 1, 1, rows},
                    .a = {.stride = {0, 0, 0, 1}},
                    .c = {.stride = {0, 0, 0, 1}},
                    .k = hw->rows,
                    .cols = hw->cols};
  sa_load(dev, &a, data, NULL, 0);
  sa_loadw(dev, &w, data, NULL, 0);
  sa_preload(dev, 0, 0, 0, hw->rows, hw->cols);
  sa_gemm(dev, &g, 0, 0);
  g.accumulate = 1;
  double start = bench_seconds(), seconds;
  do
    for (int i = 0; i < 16; ++i)
      sa_gemm(dev, &g, 0, 0);
  while ((seconds = bench_seconds() - start) < 0.3);
  sa_counters counters;
  sa_stats(dev, &counters);
  snprintf(name, sizeof name, "gemm/%s", p->name);
  bench_report((bench_figure){name, "rate",
                              (double)counters.macs / seconds * 1e-9, "GMAC/s",
                              0, NULL, NULL, sa_wait(dev, SA_ALL) == SA_OK});
  free(data);
  sa_close(dev);
}

//===-- Convolutions ------------------------------------------------------===//

// ResNet-50 at 224 x 224 (stride in the 3 x 3), 4.09 GMAC.
static const struct {
  sa_conv conv;
  int count;
} resnet50[] = {
    {{224, 224, 3, 64, 7, 2, 3}, 1},    {{56, 56, 64, 64, 1, 1, 0}, 1},
    {{56, 56, 256, 64, 1, 1, 0}, 2},    {{56, 56, 64, 64, 3, 1, 1}, 3},
    {{56, 56, 64, 256, 1, 1, 0}, 4},    {{56, 56, 256, 128, 1, 1, 0}, 1},
    {{28, 28, 512, 128, 1, 1, 0}, 3},   {{56, 56, 128, 128, 3, 2, 1}, 1},
    {{28, 28, 128, 128, 3, 1, 1}, 3},   {{28, 28, 128, 512, 1, 1, 0}, 4},
    {{56, 56, 256, 512, 1, 2, 0}, 1},   {{28, 28, 512, 256, 1, 1, 0}, 1},
    {{14, 14, 1024, 256, 1, 1, 0}, 5},  {{28, 28, 256, 256, 3, 2, 1}, 1},
    {{14, 14, 256, 256, 3, 1, 1}, 5},   {{14, 14, 256, 1024, 1, 1, 0}, 6},
    {{28, 28, 512, 1024, 1, 2, 0}, 1},  {{14, 14, 1024, 512, 1, 1, 0}, 1},
    {{7, 7, 2048, 512, 1, 1, 0}, 2},    {{14, 14, 512, 512, 3, 2, 1}, 1},
    {{7, 7, 512, 512, 3, 1, 1}, 2},     {{7, 7, 512, 2048, 1, 1, 0}, 3},
    {{14, 14, 1024, 2048, 1, 2, 0}, 1}, {{1, 1, 2048, 1000, 1, 1, 0}, 1},
};

// Output row |y|, plain loops; sums in double, exact for i8.
static double direct(const sa_conv *c, uint32_t type, const char *x,
                     const char *w, uint32_t y, uint32_t q, uint32_t f) {
  double sum = 0;
  uint32_t size = sa_type_bytes(type);
  for (uint32_t r = 0; r < c->kernel; ++r)
    for (uint32_t s = 0; s < c->kernel; ++s) {
      int64_t iy = (int64_t)y * c->stride + r - c->pad;
      int64_t ix = (int64_t)q * c->stride + s - c->pad;
      if (iy < 0 || iy >= c->height || ix < 0 || ix >= c->width)
        continue;
      for (uint32_t i = 0; i < c->channels; ++i)
        sum += get(type, x + ((iy * c->width + ix) * c->channels + i) * size) *
               get(type, w + (((r * c->kernel + s) * c->channels + i) *
                                  (size_t)c->filters +
                              f) *
                                 size);
    }
  return sum;
}

// Compares some 400 outputs, the corners among them.
static bool is_right(const conv_job *j) {
  const sa_conv *c = j->c;
  uint32_t rows = conv_out(c, c->height), width = conv_out(c, c->width);
  uint64_t seed = 7;
  for (int i = 0; i < 400; ++i) {
    uint32_t y = i < 2 ? 0 : (uint32_t)(draw(&seed) % rows);
    uint32_t q = i < 2 ? 0 : (uint32_t)(draw(&seed) % width);
    uint32_t f = (uint32_t)(draw(&seed) % c->filters);
    if (i < 4 && i % 2)
      y = rows - 1, q = width - 1, f = c->filters - 1;
    double want = direct(c, j->in, j->x, j->w, y, q, f);
    double got =
        get(j->type, j->y + (((size_t)y * width + q) * c->filters + f) *
                                sa_type_bytes(j->type));
    if (j->type == SA_I8) { // nearest, ties to even, of want / 2^10
      want = nearbyint(want / 1024);
      want = want < -128 ? -128 : want > 127 ? 127 : want;
      if (got != want)
        return false;
    } else if (fabs(got - want) > (j->type == SA_BF16 ? 0.4 : 1e-3)) {
      return false;
    }
  }
  return true;
}

static bool report_network(const point *p) {
  static const int32_t mult = 1;
  static const uint8_t shift = 10;
  sa_requant rq = {.mult = &mult, .shift = &shift, .lo = -128, .hi = 127};
  char name[64];
  bool right = true;
  double seconds = 0;
  size_t most = 4 << 20;
  char *x = malloc(most * 4), *w = malloc(most * 4), *y = malloc(most * 4);
  fill(p->in, x, most, 2);
  fill(p->in, w, most, 3);
  sa_dev *dev = open_point(p);
  for (size_t l = 0; l < sizeof resnet50 / sizeof *resnet50; ++l) {
    conv_job j = {.dev = dev,
                  .c = &resnet50[l].conv,
                  .x = x,
                  .w = w,
                  .y = y,
                  .out = {.rq = p->in == SA_I8 ? &rq : NULL},
                  .in = p->in,
                  .type = p->in};
    double start = bench_seconds();
    for (int i = 0; i < resnet50[l].count; ++i)
      if (conv_run(&j) != SA_OK) {
        fprintf(stderr, "bench: %s\n", sa_last_error(dev)->text);
        right = false;
      }
    seconds += bench_seconds() - start;
    bool good = is_right(&j);
    if (!good)
      fprintf(stderr, "bench: layer %zu is wrong on %s\n", l, p->name);
    right &= good;
  }
  sa_counters k;
  sa_stats(dev, &k);
  snprintf(name, sizeof name, "resnet50/%s", p->name);
  bench_report((bench_figure){name, "time", seconds, "s", 5, "recorded",
                              "<= 5 s on one core", seconds <= 5 && right});
  bench_report((bench_figure){name, "rate", (double)k.macs / seconds * 1e-9,
                              "GMAC/s", 0, NULL, NULL, true});
  bench_report((bench_figure){name, "MACs", (double)k.macs * 1e-9, "G", 0, NULL,
                              NULL, true});
  bench_report((bench_figure){name, "dram",
                              (double)(k.level[SA_LEVEL_DRAM].read_bytes +
                                       k.level[SA_LEVEL_DRAM].written_bytes) *
                                  1e-6,
                              "MB", 0, NULL, NULL, true});
  sa_close(dev);
  free(x);
  free(w);
  free(y);
  return right;
}

int main(int argc, char **argv) {
  const point points[] = {
      {"f32 16x16", sa_hw_gemmini16(), SA_F32, SA_F32},
      {"i8 16x16", sa_hw_gemmini16(), SA_I8, SA_I32},
      {"bf16 16x16", sa_hw_gemmini16(), SA_BF16, SA_F32},
      {"f32 64x64", sa_hw_ws64(), SA_F32, SA_F32},
      {"i8 64x64", sa_hw_ws64(), SA_I8, SA_I32},
      {"bf16 64x64", sa_hw_ws64(), SA_BF16, SA_F32},
  };
  bool right = true;
  bench_begin(argc, argv);
  for (size_t i = 0; i < sizeof points / sizeof *points; ++i)
    report_gemm(&points[i]);
  for (size_t i = 0; i < sizeof points / sizeof *points; ++i)
    right &= report_network(&points[i]);
  return bench_end(right);
}
