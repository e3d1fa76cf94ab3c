// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Descriptors full of extreme numbers: every one is run or rejected in words,
// and none does harm (the sanitizers watch). Tensors lie in checked memory.
#include "sa_test.h"

static uint64_t seed;
static int32_t mult[16];
static uint8_t shift[16];

static uint32_t odd_number(void) {
  static const uint32_t numbers[] = {0,
                                     0,
                                     0,
                                     1,
                                     1,
                                     1,
                                     1,
                                     2,
                                     3,
                                     4,
                                     5,
                                     15,
                                     16,
                                     17,
                                     33,
                                     1023,
                                     1024,
                                     1u << 16,
                                     (1u << 24) + 1,
                                     INT32_MAX,
                                     1u << 31,
                                     UINT32_MAX - 1,
                                     UINT32_MAX};
  return numbers[test_draw(&seed) % (sizeof numbers / sizeof *numbers)];
}

// Half of the words keep what a legal command has there.
static void spoil(void *data, size_t bytes) {
  int rate = (int)test_between(&seed, 2, 40);
  for (size_t i = 0; i + 4 <= bytes; i += 4) {
    uint32_t word = odd_number();
    if (test_between(&seed, 1, rate) == 1)
      memcpy((char *)data + i, &word, 4);
  }
}

static double odd_value(void) {
  static const double values[] = {0, 1, -1, 127, 128, 0.5, 1e300, -1e-300};
  return values[test_draw(&seed) % (sizeof values / sizeof *values)];
}

static void try_command(sa_dev *dev, char *dram, uint32_t in, uint32_t acc) {
  sa_requant rq = {.mult = mult, .shift = shift, .lo = -128, .hi = 127};
  if (test_draw(&seed) % 4 == 0)
    spoil(&rq.channels, sizeof rq - offsetof(sa_requant, channels));
  if (rq.channels > 16)
    rq.channels = 16; // what the tables have
  int64_t origin[5] = {0};
  if (test_draw(&seed) % 2)
    spoil(origin, sizeof origin);
  int32_t row = (int32_t)odd_number(), other = (int32_t)odd_number();
  sa_load_desc load = {.space = (uint32_t)test_between(&seed, 0, 2),
                       .box = test_matrix(in, 5, 7),
                       .rows = test_rows(1)};
  sa_gemm_desc gemm = {.n = {1, 2, 1, 5},
                       .a = test_rows(0),
                       .c = test_rows(0),
                       .k = 3,
                       .cols = 4};
  sa_gemm_os_desc os = {.n = {1, 2, 1, 2},
                        .a = test_rows(0),
                        .c = test_rows(0),
                        .k = 3,
                        .cols = 4};
  sa_alu_desc alu = {.op = (uint32_t)test_between(&seed, 0, SA_NUM_ALU_OPS),
                     .n = {1, 1, 2, 3},
                     .cols = 4,
                     .dst = test_rows(0),
                     .a = test_rows(0),
                     .b = test_rows(0)};
  sa_store_desc store = {.space = load.space,
                         .box =
                             test_matrix(load.space == SA_ACC ? acc : in, 5, 7),
                         .rows = test_rows(0)};
  sa_move_desc move = {.from = load.space,
                       .to = (uint32_t)test_between(&seed, 0, 2),
                       .n = {1, 1, 2, 3, 4},
                       .src = test_rows(0),
                       .dst = test_rows(0)};
  const sa_requant *table = test_draw(&seed) % 2 ? &rq : NULL;
  switch (test_between(&seed, 0, 8)) {
  case 0:
  case 1:
    spoil(&load, offsetof(sa_load_desc, fill));
    load.fill = odd_value();
    (load.space == SA_WBUF ? sa_loadw : sa_load)(dev, &load, dram + 64, origin,
                                                 row);
    break;
  case 2:
    sa_preload(dev, odd_number(), row, odd_number(), odd_number(),
               odd_number());
    break;
  case 3:
    spoil(&gemm, sizeof gemm);
    sa_gemm(dev, &gemm, row, other);
    break;
  case 4:
    spoil(&os, sizeof os);
    sa_gemm_os(dev, &os, row, other, (int32_t)odd_number());
    break;
  case 5:
    spoil(&alu, offsetof(sa_alu_desc, imm));
    alu.imm = odd_value();
    alu.imm2 = odd_value();
    alu.rq = table;
    sa_alu(dev, &alu, row, other, (int32_t)odd_number());
    break;
  case 6:
    spoil(&store, offsetof(sa_store_desc, out));
    spoil(&store.out.pool, sizeof store.out.pool);
    store.out.act = odd_number() % 4;
    store.out.lo = odd_value();
    store.out.hi = odd_value();
    store.out.rq = table;
    sa_store(dev, &store, dram + 64, origin, row);
    break;
  case 7:
    spoil(&move, offsetof(sa_move_desc, fill));
    spoil(&move.out.pool, sizeof move.out.pool);
    move.fill = odd_value();
    move.out.rq = table;
    sa_move(dev, &move, row, other, origin);
    break;
  default:
    if (test_draw(&seed) % 2)
      sa_signal(dev, odd_number(), odd_number());
    else
      sa_await(dev, odd_number(), odd_number());
  }
}

static void run(uint32_t in, uint32_t acc) {
  sa_hw hw = sa_hw_gemmini16();
  hw.caps = SA_CAP_ALL;
  hw.abuf_bytes = hw.wbuf_bytes = hw.acc_bytes = 4096;
  sa_config config = {
      .hw = hw, .in = in, .acc = acc, .flags = SA_FLAG_STRICT_DRAM};
  sa_dev *dev;
  CHECK_EQ(sa_open(&config, &dev, NULL), SA_OK);
  char *dram = sa_alloc(dev, 4096);
  memset(dram, 0, 4096);
  for (uint32_t s = 0; s < 3; ++s)
    CHECK_SA(dev, test_load(dev, s, s == SA_ACC ? acc : in, dram, 18, 16, 0));
  CHECK_SA(dev, sa_preload(dev, 0, 0, 0, 16, 16));
  int count[SA_NOT_FOUND + 1] = {0};
  for (int i = 0; i < 40000; ++i) {
    try_command(dev, dram, in, acc);
    sa_status status = sa_wait(dev, SA_ALL);
    ++count[status];
    const char *text = sa_last_error(dev)->text;
    CHECK(status == SA_OK || (strstr(text, ": ") && strlen(text) > 10));
  }
  // Every kind of answer was given.
  for (int s = SA_OK; s <= SA_STATE; ++s) {
    printf("  %s %d\n", sa_status_name((sa_status)s), count[s]);
    CHECK(count[s] > 20 || s == SA_UNSUPPORTED);
  }
  sa_close(dev);
}

CHECK_TEST(garbage_for_an_i8_device) {
  run(SA_I8, SA_I32);
}
CHECK_TEST(garbage_for_a_bf16_device) {
  run(SA_BF16, SA_F32);
}
CHECK_TEST(garbage_for_an_f16_device) {
  run(SA_F16, SA_F32);
}
CHECK_TEST(garbage_for_an_f32_device) {
  run(SA_F32, SA_F32);
}

int main(int argc, char **argv) {
  seed = 1;
  for (int c = 0; c < 16; ++c)
    mult[c] = c - 3, shift[c] = (uint8_t)(4 * c);
  return check_main(argc, argv);
}
