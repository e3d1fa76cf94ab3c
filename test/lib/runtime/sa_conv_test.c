// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whole convolutions, tiled and double-buffered by hand, against plain loops.
#include "sa_conv.h"
#include "sa_model.h"
#include "sa_test.h"

static const sa_conv convs[] = {
    {9, 11, 3, 20, 7, 2, 3}, // packed kernel columns, ragged filters
    {12, 12, 16, 16, 3, 1, 1}, {13, 9, 32, 24, 3, 2, 1},
    {8, 8, 64, 40, 1, 2, 0},   {1, 1, 128, 100, 1, 1, 0},
    {20, 17, 16, 8, 5, 3, 0},
};

static double at(const conv_job *j, const sa_conv *c, uint32_t y, uint32_t q,
                 uint32_t f) {
  uint32_t size = sa_type_bytes(j->in);
  double sum = 0;
  for (uint32_t r = 0; r < c->kernel; ++r)
    for (uint32_t s = 0; s < c->kernel; ++s)
      for (uint32_t i = 0; i < c->channels; ++i) {
        int64_t iy = (int64_t)y * c->stride + r - c->pad;
        int64_t ix = (int64_t)q * c->stride + s - c->pad;
        if (iy < 0 || iy >= c->height || ix < 0 || ix >= c->width)
          continue;
        uint32_t row = (r * c->kernel + s) * c->channels + i;
        sum +=
            model_read(j->in,
                       j->x + ((iy * c->width + ix) * c->channels + i) * size) *
            model_read(j->in, j->w + (row * c->filters + f) * size);
      }
  return sum;
}

// Small whole numbers: every sum is exact in every type that holds it.
static void run(sa_hw hw, uint32_t in, uint32_t acc) {
  static char x[1 << 16], w[1 << 16];
  static float y[1 << 16];
  uint64_t seed = 5;
  for (size_t i = 0; i < sizeof x; i += sa_type_bytes(in)) {
    model_write(in, (double)test_between(&seed, -9, 9), x + i);
    model_write(in, (double)test_between(&seed, -9, 9), w + i);
  }
  for (size_t t = 0; t < sizeof convs / sizeof *convs; ++t) {
    const sa_conv *c = &convs[t];
    sa_dev *dev = test_open(hw, in, acc);
    conv_job j = {.dev = dev,
                  .c = c,
                  .x = x,
                  .w = w,
                  .y = (char *)y,
                  .in = in,
                  .type = acc};
    CHECK_SA(dev, conv_run(&j));
    uint32_t rows = conv_out(c, c->height), cols = conv_out(c, c->width);
    int wrong = 0;
    for (uint32_t p = 0; p < rows; ++p)
      for (uint32_t q = 0; q < cols; ++q)
        for (uint32_t f = 0; f < c->filters; ++f)
          wrong +=
              model_read(acc, (char *)&y[(p * cols + q) * c->filters + f]) !=
              at(&j, c, p, q, f);
    CHECK_EQ(wrong, 0);
    sa_counters k;
    CHECK_EQ(sa_stats(dev, &k), SA_OK);
    CHECK(k.macs >= conv_macs(c));
    CHECK_EQ(k.level[SA_LEVEL_DRAM].written_bytes,
             (uint64_t)rows * cols * c->filters * 4);
    sa_close(dev);
  }
}

// Memories so small that every kind of tiling happens.
static sa_hw small(void) {
  sa_hw hw = sa_hw_gemmini16();
  hw.abuf_bytes = 10 << 10;
  hw.wbuf_bytes = 64 << 10;
  hw.acc_bytes = 4 << 10;
  return hw;
}

CHECK_TEST(i8_convolutions_are_exact) {
  run(sa_hw_gemmini16(), SA_I8, SA_I32);
  run(small(), SA_I8, SA_I32);
}
CHECK_TEST(bf16_convolutions_are_exact) {
  run(sa_hw_ws64(), SA_BF16, SA_F32);
  run(small(), SA_BF16, SA_F32);
}
CHECK_TEST(f16_convolutions_are_exact) {
  run(sa_hw_gemmini16(), SA_F16, SA_F32);
  run(small(), SA_F16, SA_F32);
}
CHECK_TEST(f32_convolutions_are_exact) {
  run(sa_hw_ws64(), SA_F32, SA_F32);
  run(small(), SA_F32, SA_F32);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
