// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Devices that compiled programs are given, or refused, and what they tell.
#include "check.h"
#include "sa_program.h"

#include <string.h>

static sa_point point_of(sa_hw hw) {
  return (sa_point){
      .target = "gemmini16", .hw = hw, .in = SA_F32, .acc = SA_F32};
}

static sa_dev *open_device(sa_hw hw, uint32_t in, uint32_t acc) {
  sa_config config = {.hw = hw, .in = in, .acc = acc};
  sa_dev *dev;
  CHECK(sa_open(&config, &dev, NULL) == SA_OK);
  return dev;
}

CHECK_TEST(opens_one_per_point) {
  sa_point a = point_of(sa_hw_gemmini16()), b = point_of(sa_hw_ws64());
  sa_dev *first = sa_program_device(&a);
  CHECK(first && sa_hw_of(first)->rows == 16);
  CHECK(sa_program_device(&a) == first);
  CHECK(sa_program_device(&b) != first);
  CHECK(sa_program_error()->status == SA_OK);
  sa_program_reset();
}

static void refuses(sa_dev *dev, const char *text) {
  sa_point point = point_of(sa_hw_gemmini16());
  sa_program_use(dev);
  CHECK(!sa_program_device(&point));
  CHECK(sa_program_error()->status == SA_UNSUPPORTED);
  CHECK(strstr(sa_program_error()->text, text));
  // The program goes on without a device, and nothing happens.
  CHECK(sa_preload(NULL, 0, 0, 0, 1, 1) == SA_INVALID);
  CHECK(sa_wait(NULL, SA_ALL) == SA_INVALID);
  sa_program_wait(NULL, "layer");
  sa_program_use(NULL);
  sa_program_reset();
  sa_close(dev);
}

CHECK_TEST(refuses_others) {
  refuses(open_device(sa_hw_ws64(), SA_F32, SA_F32),
          "compiled for gemmini16 with rows = 16, but the device has 64");
  sa_hw small = sa_hw_gemmini16();
  small.acc_bytes /= 2;
  refuses(open_device(small, SA_F32, SA_F32), "acc_bytes = 65536");
  refuses(open_device(sa_hw_gemmini16(), SA_I8, SA_I32),
          "elements f32 and f32");
  sa_hw plain = sa_hw_gemmini16();
  plain.caps &= ~(uint32_t)SA_CAP_MATH;
  refuses(open_device(plain, SA_F32, SA_F32), "capabilities");
}

CHECK_TEST(takes_a_larger_one) {
  sa_hw large = sa_hw_gemmini16();
  large.abuf_bytes *= 2;
  sa_dev *dev = open_device(large, SA_F32, SA_F32);
  sa_point point = point_of(sa_hw_gemmini16());
  sa_program_use(dev);
  CHECK(sa_program_device(&point) == dev);
  sa_program_use(NULL);
  sa_close(dev);
}

CHECK_TEST(cannot_open) {
  sa_point point = point_of(sa_hw_gemmini16());
  point.hw.rows = 4096;
  CHECK(!sa_program_device(&point));
  CHECK(strstr(sa_program_error()->text, "gemmini16: "));
  CHECK(strstr(sa_program_error()->text, "rows"));
  sa_program_reset();
}

static void note(void *user, const char *layer, const sa_counters *counters) {
  CHECK(strcmp(layer, "one") == 0 || strcmp(layer, "two") == 0);
  *(uint64_t *)user = counters->commands[SA_OP_LOAD];
}

CHECK_TEST(tells_layers) {
  float x[16] = {1};
  uint64_t loads = 0;
  sa_point point = point_of(sa_hw_gemmini16());
  sa_dev *dev = sa_program_device(&point);
  sa_load_desc load = {.space = SA_ABUF,
                       .box = {.type = SA_F32,
                               .n = {1, 1, 1, 1, 16},
                               .extent = {1, 1, 1, 1, 16},
                               .stride = {0, 0, 0, 0, 4}}};
  sa_program_watch(note, &loads);
  CHECK(sa_load(dev, &load, x, NULL, 0) == SA_OK);
  CHECK(sa_load(dev, &load, x, NULL, 1) == SA_OK);
  sa_program_wait(dev, "one");
  CHECK(loads == 2);
  CHECK(sa_load(dev, &load, x, NULL, 2) == SA_OK);
  CHECK(sa_load(dev, &load, x, NULL, 1 << 20) == SA_RANGE);
  sa_program_wait(dev, "two");
  CHECK(loads == 1);
  // Another device in between does not count for this one.
  sa_point other = point_of(sa_hw_ws64());
  sa_program_wait(sa_program_device(&other), "one");
  CHECK(loads == 0);
  CHECK(sa_load(dev, &load, x, NULL, 3) == SA_OK);
  sa_program_wait(dev, "one");
  CHECK(loads == 1);
  CHECK(sa_program_error()->status == SA_RANGE);
  CHECK(strncmp(sa_program_error()->text, "two: load", 9) == 0);
  sa_program_watch(NULL, NULL);
  sa_program_reset();
  CHECK(sa_program_error()->status == SA_OK);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
