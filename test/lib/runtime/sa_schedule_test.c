// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Queues for real: the same program under random schedules gives the same bits,
// if and only if its tokens are there.
#include "sa_conv.h"
#include "sa_late.h"
#include "sa_test.h"

enum { H = 20, C = 32, F = 40 };

// The outputs of a tiled, double-buffered convolution; false when it failed.
static bool convolve(const sa_backend *backend, uint64_t seed, float *y) {
  static float x[H * H * C], w[9 * C * F];
  const sa_conv c = {H, H, C, F, 3, 1, 1};
  sa_config config = {
      .hw = sa_hw_gemmini16(), .in = SA_F32, .acc = SA_F32, .custom = backend};
  uint64_t values = 1;
  sa_dev *dev;
  config.hw.caps |= seed % 2 ? SA_CAP_SHADOW : 0;
  config.hw.abuf_bytes = 32 << 10; // several tiles of everything
  config.hw.wbuf_bytes = 48 << 10;
  config.hw.acc_bytes = 16 << 10;
  for (size_t i = 0; i < sizeof x / sizeof *x; ++i)
    x[i] = (float)test_between(&values, -99, 99) / 10;
  for (size_t i = 0; i < sizeof w / sizeof *w; ++i)
    w[i] = (float)test_between(&values, -99, 99) / 10;
  memset(y, 0, H * H * F * sizeof *y);
  late_seed = seed;
  CHECK_EQ(sa_open(&config, &dev, NULL), SA_OK);
  conv_job j = {.dev = dev,
                .c = &c,
                .x = (char *)x,
                .w = (char *)w,
                .y = (char *)y,
                .in = SA_F32,
                .type = SA_F32};
  bool good = conv_run(&j) == SA_OK;
  CHECK(good);
  sa_close(dev);
  return good;
}

CHECK_TEST(every_schedule_that_the_tokens_allow_gives_the_same_bits) {
  static float want[H * H * F], got[H * H * F];
  convolve(NULL, 0, want);
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    convolve(&late_backend, seed, got);
    CHECK(memcmp(got, want, sizeof got) == 0);
  }
}

// The schedules are wild enough to notice that tokens are missing.
CHECK_TEST(without_tokens_the_schedules_differ) {
  static float want[H * H * F], got[H * H * F];
  int wrong = 0;
  convolve(NULL, 0, want);
  late_ignores_tokens = true;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    convolve(&late_backend, seed, got);
    wrong += memcmp(got, want, sizeof got) != 0;
  }
  late_ignores_tokens = false;
  CHECK_EQ(wrong, 5);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
