// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Everything that a device must reject, and the words it must use. Each row
// spoils one thing of a call that is otherwise right.
#include "sa_test.h"

static int8_t data[4096];
static int32_t mult = 1;
static uint8_t shift, bad_shift = 63;
static sa_requant rq = {.mult = &mult, .shift = &shift, .lo = -128, .hi = 127};

typedef struct scene {
  sa_dev *dev;
  sa_load_desc load, loadw;
  sa_gemm_desc gemm;
  sa_gemm_os_desc os;
  sa_alu_desc alu;
  sa_store_desc store;
  sa_move_desc move;
} scene;

// An i8 device whose first 8 rows of every memory are written, 4 x 4 weights
// loaded, and descriptors that are all legal.
static scene set_up(uint32_t caps) {
  sa_hw hw = sa_hw_gemmini16();
  hw.caps = caps;
  scene s = {.dev = test_open(hw, SA_I8, SA_I32)};
  s.load = (sa_load_desc){
      .space = SA_ABUF, .box = test_matrix(SA_I8, 8, 16), .rows = test_rows(0)};
  s.loadw = s.load;
  s.loadw.space = SA_WBUF;
  CHECK_SA(s.dev, sa_load(s.dev, &s.load, data, NULL, 0));
  CHECK_SA(s.dev, sa_loadw(s.dev, &s.loadw, data, NULL, 0));
  CHECK_SA(s.dev, test_load(s.dev, SA_ACC, SA_I8, data, 8, 16, 0));
  if (caps & SA_CAP_WS)
    CHECK_SA(s.dev, sa_preload(s.dev, 0, 0, 0, 4, 4));
  s.gemm = (sa_gemm_desc){.n = {1, 1, 1, 8},
                          .a = test_rows(0),
                          .c = test_rows(0),
                          .k = 4,
                          .cols = 4};
  s.os = (sa_gemm_os_desc){.n = {1, 1, 1, 8},
                           .a = test_rows(0),
                           .c = test_rows(0),
                           .k = 4,
                           .cols = 4};
  s.alu = (sa_alu_desc){.op = SA_ALU_ADD,
                        .n = {1, 1, 1, 8},
                        .cols = 16,
                        .dst = test_rows(0),
                        .a = test_rows(0),
                        .b = test_rows(0)};
  s.store = (sa_store_desc){.space = SA_ACC,
                            .box = test_matrix(SA_I8, 8, 16),
                            .rows = test_rows(0),
                            .out = {.rq = &rq}};
  s.move = (sa_move_desc){.from = SA_ACC,
                          .to = SA_ABUF,
                          .n = {1, 1, 1, 8, 16},
                          .src = test_rows(0),
                          .dst = test_rows(0),
                          .out = {.rq = &rq}};
  return s;
}

static void expect(scene *s, int line, sa_status got, sa_status want,
                   const char *text) {
  if (got != want || strcmp(sa_last_error(s->dev)->text, text) != 0) {
    check_fail(__FILE__, line, "the right rejection");
    printf("  got  %s '%s'\n  want %s '%s'\n", sa_status_name(got),
           sa_last_error(s->dev)->text, sa_status_name(want), text);
  }
  // The failure waits for sa_wait, once.
  CHECK_EQ(sa_wait(s->dev, SA_ALL), want);
  CHECK_STR(sa_last_error(s->dev)->text, text);
  CHECK_EQ(sa_wait(s->dev, SA_ALL), SA_OK);
}

#define REJECT_WITH(caps, spoil, call, status, text)                           \
  do {                                                                         \
    scene s = set_up(caps);                                                    \
    sa_dev *d = s.dev;                                                         \
    spoil;                                                                     \
    expect(&s, __LINE__, (call), status, text);                                \
    sa_close(d);                                                               \
  } while (0)
#define REJECT(spoil, call, status, text)                                      \
  REJECT_WITH(SA_CAP_ALL, spoil, call, status, text)

#define LOAD sa_load(d, &s.load, data, NULL, 0)
#define GEMM sa_gemm(d, &s.gemm, 0, 0)
#define OS sa_gemm_os(d, &s.os, 0, 0, 0)
#define ALU sa_alu(d, &s.alu, 0, 0, 0)
#define STORE sa_store(d, &s.store, data, NULL, 0)
#define MOVE sa_move(d, &s.move, 0, 0, NULL)

CHECK_TEST(the_scene_itself_is_legal) {
  scene s = set_up(SA_CAP_ALL);
  sa_dev *d = s.dev;
  CHECK_SA(d, LOAD);
  CHECK_SA(d, GEMM);
  CHECK_SA(d, OS);
  CHECK_SA(d, ALU);
  CHECK_SA(d, STORE);
  CHECK_SA(d, MOVE);
  CHECK_EQ(sa_wait(d, SA_ALL), SA_OK);
  sa_close(d);
}

CHECK_TEST(bad_loads) {
  REJECT(s.load.space = 7, LOAD, SA_INVALID,
         "load: space is 7, which is no memory");
  REJECT(s.load.space = SA_WBUF, LOAD, SA_INVALID,
         "load: space is wbuf, which loadw fills");
  REJECT((void)0, sa_loadw(d, &s.load, data, NULL, 0), SA_INVALID,
         "loadw: space is abuf, loadw fills wbuf alone");
  REJECT(s.load.accumulate = 1, LOAD, SA_INVALID,
         "load: accumulates into abuf");
  REJECT(s.load.accumulate = 2, LOAD, SA_INVALID,
         "load: accumulate is 2, must be at most 1");
  REJECT(s.load.box.type = SA_F32, LOAD, SA_TYPE,
         "load: f32 to i8 on a device of i8 and i32");
  REJECT(s.load.box.type = SA_I32, LOAD, SA_TYPE,
         "load: i32 to i8 on a device of i8 and i32");
  REJECT(s.load.fill = 128, LOAD, SA_TYPE, "load: fill 128 is no value of i8");
  REJECT(s.load.fill = 0.5, LOAD, SA_TYPE, "load: fill 0.5 is no value of i8");
  REJECT((void)0, sa_load(d, &s.load, data, NULL, 8185), SA_RANGE,
         "load: destination is rows 8185 to 8192 of abuf, which has rows 0 to "
         "8191");
  REJECT(s.load.rows.stride[3] = -1, LOAD, SA_RANGE,
         "load: destination is rows -7 to 0 of abuf, which has rows 0 to 8191");
  REJECT(
      s.load.rows.col = 1, LOAD, SA_RANGE,
      "load: destination is elements 1 to 16 of a row of abuf, which has 16");
  REJECT((s.load.rows.ring_base = 8190, s.load.rows.ring_len = 3), LOAD,
         SA_RANGE,
         "load: the ring of destination is rows 8190 to 8192 of abuf, which "
         "has rows 0 to 8191");
  REJECT(s.load.box.n[0] = s.load.box.n[1] = 1 << 13, LOAD, SA_INVALID,
         "load: 8192 x 8192 x 1 x 8 rows are more than the 16777216 of a "
         "command");
  REJECT(s.load.box.extent[2] = -1, LOAD, SA_INVALID,
         "load: extent[2] of the box is -1");
  REJECT(s.load.box.stride[3] = INT64_MIN, LOAD, SA_INVALID,
         "load: stride[3] of the box is -9223372036854775808 bytes with extent "
         "8");
  REJECT((void)0, sa_load(d, &s.load, data, (int64_t[5]){INT64_MIN}, 0),
         SA_INVALID, "load: origin[0] is -9223372036854775808");
  REJECT((void)0, sa_load(d, &s.load, NULL, NULL, 0), SA_INVALID,
         "load: the tensor is NULL");
}

CHECK_TEST(bad_preloads_and_gemms) {
  REJECT((void)0, sa_preload(d, 0, 0, 0, 17, 4), SA_RANGE,
         "preload: 17 x 4 weights do not fit the 16 x 16 array");
  REJECT((void)0, sa_preload(d, 2, 0, 0, 4, 4), SA_INVALID,
         "preload: bank is 2, must be at most 1");
  REJECT(
      (void)0, sa_preload(d, 0, 6, 0, 4, 4), SA_UNINIT,
      "preload: w reads row 8, element 0 of wbuf, which nothing has written");
  REJECT((void)0, sa_preload(d, 0, 8190, 0, 4, 4), SA_RANGE,
         "preload: w is rows 8190 to 8193 of wbuf, which has rows 0 to 8191");
  REJECT((void)0, sa_preload(d, 0, 0, 13, 4, 4), SA_RANGE,
         "preload: w is elements 13 to 16 of a row of wbuf, which has 16");
  REJECT(s.gemm.bank = 1, GEMM, SA_STATE,
         "gemm: nothing is preloaded in bank 1");
  REJECT(s.gemm.k = 5, GEMM, SA_STATE,
         "gemm: uses 5 x 4 weights of bank 0, where 4 x 4 are preloaded");
  REJECT(s.gemm.pack[1] = 2, GEMM, SA_STATE,
         "gemm: uses 8 x 4 weights of bank 0, where 4 x 4 are preloaded");
  REJECT(s.gemm.cols = 17, GEMM, SA_RANGE,
         "gemm: 1 packed rows of k 4 and cols 17 do not fit the 16 x 16 array");
  REJECT((s.gemm.pack[0] = 3, s.gemm.pack[1] = 3), GEMM, SA_RANGE,
         "gemm: 9 packed rows of k 4 and cols 4 do not fit the 16 x 16 array");
  REJECT(s.gemm.n[3] = 9, GEMM, SA_UNINIT,
         "gemm: a reads row 8, element 0 of abuf, which nothing has written");
  REJECT(s.gemm.accumulate = 1, sa_gemm(d, &s.gemm, 0, 1), SA_UNINIT,
         "gemm: c reads row 8, element 0 of acc, which nothing has written");
  REJECT((void)0, sa_gemm(d, &s.gemm, -1, 0), SA_RANGE,
         "gemm: a is rows -1 to 6 of abuf, which has rows 0 to 8191");
  REJECT((void)0, sa_gemm(d, &s.gemm, 0, 1017), SA_RANGE,
         "gemm: c is rows 1017 to 1024 of acc, which has rows 0 to 1023");
  REJECT(s.os.n[3] = 17, OS, SA_RANGE,
         "gemm_os: 17 x 4 outputs and k 4 do not fit the 16 x 16 array");
  REJECT((s.os.r[2] = 3, s.os.w_stride[2] = 4), OS, SA_UNINIT,
         "gemm_os: w reads row 8, element 0 of wbuf, which nothing has "
         "written");
  REJECT((s.os.r[0] = 1 << 20, s.os.r[1] = 8), OS, SA_INVALID,
         "gemm_os: 1048576 x 8 x 1 x 4 rows are more than the 16777216 of a "
         "command");
}

CHECK_TEST(bad_vector_commands) {
  REJECT(s.alu.op = SA_NUM_ALU_OPS, ALU, SA_INVALID,
         "alu: op is 22, which is none");
  REJECT(s.alu.op = SA_ALU_EXP, ALU, SA_TYPE, "alu: exp of i32");
  REJECT((s.alu.b_from = SA_FROM_IMM, s.alu.imm = 1.5), ALU, SA_TYPE,
         "alu: imm 1.5 is no value of i32");
  REJECT(s.alu.a_from = s.alu.b_from = SA_FROM_IMM, ALU, SA_INVALID,
         "alu: add of two immediates");
  REJECT((s.alu.op = SA_ALU_CLAMP, s.alu.imm = 3, s.alu.imm2 = 2), ALU,
         SA_INVALID, "alu: clamps to 3...2");
  REJECT((s.alu.op = SA_ALU_RMAX, s.alu.a_from = SA_FROM_LANE), ALU, SA_INVALID,
         "alu: rmax needs rows to reduce");
  REJECT(s.alu.op = SA_ALU_SCALE, ALU, SA_INVALID,
         "alu: scale without a requantisation");
  REJECT((void)0, sa_alu(d, &s.alu, 0, 0, 3), SA_UNINIT,
         "alu: b reads row 8, element 0 of acc, which nothing has written");
  REJECT((void)0, sa_alu(d, &s.alu, 1020, 0, 0), SA_RANGE,
         "alu: destination is rows 1020 to 1027 of acc, which has rows 0 to "
         "1023");
}

CHECK_TEST(bad_stores_and_moves) {
  REJECT(s.store.out.rq = NULL, STORE, SA_TYPE,
         "store: i32 to i8 without a requantisation");
  REJECT(s.store.box.type = SA_BF16, STORE, SA_TYPE,
         "store: i32 to bf16 on a device of i8 and i32");
  REJECT((s.store.space = SA_ABUF, s.store.box.type = SA_I32), STORE, SA_TYPE,
         "store: i8 to i32 on a device of i8 and i32");
  REJECT(s.store.space = SA_ABUF, STORE, SA_INVALID,
         "store: a requantisation out of abuf");
  REJECT((void)0, sa_store(d, &s.store, data, NULL, 1), SA_UNINIT,
         "store: source reads row 8, element 0 of acc, which nothing has "
         "written");
  sa_requant bad = rq;
  REJECT((bad.shift = &bad_shift, s.store.out.rq = &bad), STORE, SA_INVALID,
         "store: shift is 63, must be at most 62");
  bad = rq;
  REJECT((bad.hi = 128, s.store.out.rq = &bad), STORE, SA_INVALID,
         "store: clamps to -128...128 in i8");
  bad = rq;
  REJECT((bad.channels = 15, s.store.out.rq = &bad), STORE, SA_RANGE,
         "store: channels 0 to 15 of a requantisation of 15");
  bad = rq;
  REJECT((bad.mult = NULL, s.store.out.rq = &bad), STORE, SA_INVALID,
         "store: a requantisation without mult or shift");
  bad = rq;
  REJECT((bad.round = 9, s.store.out.rq = &bad), STORE, SA_INVALID,
         "store: round is 9, must be at most 4");
  REJECT((s.store.out.act = SA_ACT_CLAMP, s.store.out.lo = 1), STORE,
         SA_INVALID, "store: clamps to 1...0");
  REJECT(s.store.out.pool.op = SA_POOL_MAX, STORE, SA_INVALID,
         "store: a window of 0 by 0 over 0 inputs");
  REJECT(s.store.out.pool = ((sa_pool){.op = SA_POOL_MAX,
                                       .n = {1, 2},
                                       .step = {1, 1},
                                       .low = {0, 2},
                                       .extent = {1, 8}}),
         STORE, SA_INVALID,
         "store: a window of 2 from -2 to 5 misses all of the 8 inputs");
  REJECT(s.move.to = 3, MOVE, SA_INVALID, "move: to is 3, which is no memory");
  REJECT(s.move.accumulate = 1, MOVE, SA_INVALID,
         "move: accumulates into abuf");
  REJECT(s.move.n[4] = 17, MOVE, SA_RANGE,
         "move: 17 elements of a row of acc, which has 16");
  REJECT((s.move.masked = 1, s.move.fill = 1000), MOVE, SA_TYPE,
         "move: fill 1000 is no value of i8");
  REJECT((s.move.transpose = 1, s.move.dst.col = 9), MOVE, SA_RANGE,
         "move: destination is elements 9 to 16 of a row of abuf, which has "
         "16");
}

CHECK_TEST(missing_capabilities) {
  REJECT_WITH(SA_CAP_OS, (void)0, sa_preload(d, 0, 0, 0, 1, 1), SA_UNSUPPORTED,
              "preload: the hardware point has no SA_CAP_WS");
  REJECT_WITH(SA_CAP_OS, (void)0, GEMM, SA_UNSUPPORTED,
              "gemm: the hardware point has no SA_CAP_WS");
  REJECT_WITH(SA_CAP_WS, (void)0, OS, SA_UNSUPPORTED,
              "gemm_os: the hardware point has no SA_CAP_OS");
  REJECT_WITH(SA_CAP_WS, (void)0, sa_preload(d, 1, 0, 0, 1, 1), SA_UNSUPPORTED,
              "preload: the hardware point has no SA_CAP_SHADOW");
  REJECT_WITH(SA_CAP_WS, s.load.rows.ring_len = 8, LOAD, SA_UNSUPPORTED,
              "load: the hardware point has no SA_CAP_RING");
  REJECT_WITH(SA_CAP_WS, s.gemm.pack[0] = 2, GEMM, SA_UNSUPPORTED,
              "gemm: the hardware point has no SA_CAP_IM2COL");
  REJECT_WITH(SA_CAP_WS, s.store.out.pool.op = SA_POOL_MAX, STORE,
              SA_UNSUPPORTED, "store: the hardware point has no SA_CAP_POOL");
  REJECT_WITH(SA_CAP_WS, s.move.transpose = 1, MOVE, SA_UNSUPPORTED,
              "move: the hardware point has no SA_CAP_TRANSPOSE");
  REJECT_WITH(SA_CAP_WS, s.alu.op = SA_ALU_DIV, ALU, SA_UNSUPPORTED,
              "alu: the hardware point has no SA_CAP_MATH");
}

CHECK_TEST(bad_tokens) {
  REJECT((void)0, sa_await(d, SA_Q_STORE, SA_Q_EXEC), SA_STATE,
         "await: store waits for exec, which has signalled nothing more");
  REJECT((void)0, sa_signal(d, 1, 1), SA_INVALID,
         "signal: from queue 1 to queue 1");
  REJECT((void)0, sa_signal(d, 5, 1), SA_INVALID,
         "signal: from queue 5 to queue 1");
  REJECT(
      (sa_signal(d, SA_Q_LOAD, SA_Q_EXEC), sa_await(d, SA_Q_EXEC, SA_Q_LOAD)),
      sa_await(d, SA_Q_EXEC, SA_Q_LOAD), SA_STATE,
      "await: exec waits for load, which has signalled nothing more");
}

// A hole of one element anywhere in a row of 100 is found, and named.
CHECK_TEST(every_unwritten_element_is_found) {
  static float zeros[100];
  sa_hw hw = sa_hw_ws64();
  hw.cols = 100;
  for (uint32_t hole = 0; hole < 100; ++hole)
    for (uint32_t row = 0; row < 2; ++row) {
      sa_dev *dev = test_open(hw, SA_F32, SA_F32);
      sa_load_desc left = {.space = SA_ACC,
                           .box = test_matrix(SA_F32, 1, hole),
                           .rows = test_rows(0)};
      sa_load_desc right = {.space = SA_ACC,
                            .box = test_matrix(SA_F32, 1, 99 - hole),
                            .rows = test_rows(hole + 1)};
      CHECK_SA(dev, sa_load(dev, &left, zeros, NULL, (int32_t)row));
      CHECK_SA(dev, sa_load(dev, &right, zeros, NULL, (int32_t)row));
      char want[100];
      snprintf(want, sizeof want,
               "store: source reads row %u, element %u of acc, which nothing "
               "has written",
               row, hole);
      static float out[100];
      CHECK_EQ(test_store(dev, SA_ACC, SA_F32, out, 1, 100, (int32_t)row),
               SA_UNINIT);
      CHECK_STR(sa_last_error(dev)->text, want);
      sa_close(dev);
    }
}

// Strides of axes with one element are never used, whatever they are.
CHECK_TEST(strides_of_single_positions_do_not_matter) {
  scene s = set_up(SA_CAP_ALL);
  sa_dev *d = s.dev;
  int8_t in = 42, out = 0;
  sa_box box = test_matrix(SA_I8, 1, 1);
  for (int a = 0; a < 5; ++a) {
    box.stride[a] = a % 2 ? INT64_MAX : INT64_MIN;
    box.step[a] = 3;
  }
  s.load.box = s.store.box = box;
  s.store.space = SA_ABUF;
  s.store.out.rq = NULL;
  CHECK_SA(d, sa_load(d, &s.load, &in, NULL, 0));
  CHECK_SA(d, sa_store(d, &s.store, &out, NULL, 0));
  CHECK_EQ(out, 42);
  sa_close(d);
}

CHECK_TEST(empty_commands_do_nothing) {
  scene s = set_up(SA_CAP_ALL);
  sa_dev *d = s.dev;
  for (int a = 0; a < 4; ++a) {
    sa_gemm_desc g = s.gemm;
    g.n[a] = 0;
    CHECK_SA(d, sa_gemm(d, &g, 5000, 5000)); // no row is used
    sa_load_desc l = s.load;
    l.box.n[a] = 0;
    CHECK_SA(d, sa_load(d, &l, NULL, NULL, -9));
    sa_alu_desc u = s.alu;
    u.n[a] = 0;
    CHECK_SA(d, sa_alu(d, &u, 5000, 5000, 5000));
    sa_move_desc m = s.move;
    m.n[a] = 0;
    CHECK_SA(d, sa_move(d, &m, 9999, 9999, NULL));
    sa_store_desc t = s.store;
    t.box.extent[a] = 0;
    CHECK_SA(d, sa_store(d, &t, NULL, NULL, 9999));
  }
  s.gemm.cols = 0;
  CHECK_SA(d, GEMM);
  // An empty sum overwrites with zeros.
  s.gemm.cols = 4;
  s.gemm.k = 0;
  CHECK_SA(d, sa_gemm(d, &s.gemm, 7000, 20));
  int32_t got[8][4];
  memset(got, 1, sizeof got);
  CHECK_SA(d, test_store(d, SA_ACC, SA_I32, got, 8, 4, 20));
  for (int i = 0; i < 32; ++i)
    CHECK_EQ((&got[0][0])[i], 0);
  sa_close(d);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
