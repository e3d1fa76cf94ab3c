// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Out of the accumulator: requantisation to the bit, activation, windows; moves
// with masks and transposes; the vector unit on numbers one can check by hand.
#include "sa_model.h"
#include "sa_test.h"

static int8_t quantise(sa_dev *dev, int32_t v, int32_t mult, uint8_t shift,
                       uint32_t round) {
  sa_requant rq = {
      .mult = &mult, .shift = &shift, .round = round, .lo = -128, .hi = 127};
  sa_store_desc d = {.space = SA_ACC,
                     .box = test_matrix(SA_I8, 1, 1),
                     .rows = test_rows(0),
                     .out = {.rq = &rq}};
  int8_t result = 99;
  CHECK_SA(dev, test_load(dev, SA_ACC, SA_I32, &v, 1, 1, 0));
  CHECK_SA(dev, sa_store(dev, &d, &result, NULL, 0));
  return result;
}

CHECK_TEST(ties_round_as_the_mode_says) {
  // v / 2: half even, half away, half up, double (shift below 32), floor
  static const struct {
    int32_t v;
    int8_t want[5];
  } rows[] = {
      {1, {0, 1, 1, 1, 0}},       {3, {2, 2, 2, 2, 1}},
      {5, {2, 3, 3, 3, 2}},       {-1, {0, -1, 0, 0, -1}},
      {-3, {-2, -2, -1, -1, -2}}, {-5, {-2, -3, -2, -2, -3}},
      {4, {2, 2, 2, 2, 2}},       {-4, {-2, -2, -2, -2, -2}},
  };
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_I8, SA_I32);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
    for (uint32_t mode = 0; mode < 5; ++mode)
      CHECK_EQ(quantise(dev, rows[i].v, 1, 1, mode), rows[i].want[mode]);
  // TOSA's double rounding: 2^30 moves away from zero before a shift of 33.
  CHECK_EQ(quantise(dev, 3, 1 << 30, 33, SA_ROUND_HALF_UP), 0);
  CHECK_EQ(quantise(dev, 3, 1 << 30, 33, SA_ROUND_DOUBLE), 1);
  sa_close(dev);
}

CHECK_TEST(requantisation_is_exact_for_extreme_numbers) {
  static const int32_t values[] = {0,          1,         -1,       INT32_MAX,
                                   INT32_MIN,  123456789, -7654321, 1 << 30,
                                   -(1 << 30), 255};
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_I8, SA_I32);
  for (size_t a = 0; a < 10; ++a)
    for (size_t b = 0; b < 10; ++b)
      for (uint8_t shift = 0; shift <= 62; ++shift)
        for (uint32_t mode = 0; mode < 5; ++mode) {
          int64_t q = model_round(values[a], values[b], shift, mode);
          q = q < -128 ? -128 : q > 127 ? 127 : q;
          CHECK_EQ(quantise(dev, values[a], values[b], shift, mode), q);
        }
  sa_close(dev);
}

CHECK_TEST(channels_have_their_own_factors_and_follow_the_origin) {
  enum { CHANNELS = 40 };
  int32_t mult[CHANNELS], acc[16];
  uint8_t shift[CHANNELS];
  int8_t out[CHANNELS] = {0};
  for (int c = 0; c < CHANNELS; ++c)
    mult[c] = c + 1, shift[c] = (uint8_t)(c % 3);
  for (int j = 0; j < 16; ++j)
    acc[j] = 2 * j - 9;
  sa_requant rq = {.mult = mult,
                   .shift = shift,
                   .channels = CHANNELS,
                   .round = SA_ROUND_HALF_EVEN,
                   .zero_point = 3,
                   .lo = -100,
                   .hi = 100};
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_I8, SA_I32);
  CHECK_SA(dev, test_load(dev, SA_ACC, SA_I32, acc, 1, 16, 0));
  sa_store_desc d = {.space = SA_ACC,
                     .box = test_matrix(SA_I8, 1, 16),
                     .rows = test_rows(0),
                     .out = {.rq = &rq}};
  d.box.extent[4] = CHANNELS;
  for (int64_t c = 0; c < CHANNELS; c += 16)
    CHECK_SA(dev, sa_store(dev, &d, out, (int64_t[5]){0, 0, 0, 0, c}, 0));
  for (int c = 0; c < CHANNELS; ++c) {
    int64_t q = 3 + model_round(acc[c % 16], mult[c], shift[c], 0);
    CHECK_EQ(out[c], q < -100 ? -100 : q > 100 ? 100 : q);
  }
  sa_close(dev);
}

CHECK_TEST(windows_of_3_by_2_skip_the_padding) {
  // 12 x 12 inputs, 3 x 3 windows, padding 1: the pooling of ResNet's stem.
  enum { H = 12, P = 6 };
  float in[H * H][4], max[P * P][4], sum[P * P][4];
  uint64_t seed = 3;
  for (int i = 0; i < H * H; ++i)
    for (int c = 0; c < 4; ++c)
      in[i][c] = (float)test_between(&seed, -50, 50);
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_F32, SA_F32);
  CHECK_SA(dev, test_load(dev, SA_ACC, SA_F32, in, H * H, 4, 0));
  sa_store_desc d = {.space = SA_ACC,
                     .box = {.type = SA_F32,
                             .n = {1, 1, P, P, 4},
                             .extent = {1, 1, P, P, 4},
                             .stride = {0, 0, P * 16, 16, 4}},
                     .rows = {.stride = {0, 0, 2 * H, 2}},
                     .out = {.pool = {.op = SA_POOL_MAX,
                                      .n = {3, 3},
                                      .step = {2, 2},
                                      .low = {1, 1},
                                      .row = {H, 1},
                                      .extent = {H, H}}}};
  // The first window starts a row and a column before the first input.
  CHECK_SA(dev, sa_store(dev, &d, max, NULL, -H - 1));
  d.out.pool.op = SA_POOL_SUM;
  d.out.act = SA_ACT_RELU;
  CHECK_SA(dev, sa_store(dev, &d, sum, NULL, -H - 1));
  for (int y = 0; y < P; ++y)
    for (int x = 0; x < P; ++x)
      for (int c = 0; c < 4; ++c) {
        float best = -1000, total = 0;
        for (int r = 0; r < 3; ++r)
          for (int s = 0; s < 3; ++s) {
            int iy = 2 * y + r - 1, ix = 2 * x + s - 1;
            if (iy < 0 || iy >= H || ix < 0 || ix >= H)
              continue;
            float v = in[iy * H + ix][c];
            best = v > best ? v : best;
            total += v > 0 ? v : 0;
          }
        CHECK(max[y * P + x][c] == best);
        CHECK(sum[y * P + x][c] == total);
      }
  sa_close(dev);
}

CHECK_TEST(a_masked_move_pads_and_a_transposed_one_turns) {
  float in[6][5], out[8][5], turned[5][6];
  for (int i = 0; i < 30; ++i)
    (&in[0][0])[i] = (float)(i + 1);
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_F32, SA_F32);
  CHECK_SA(dev, test_load(dev, SA_ACC, SA_F32, in, 6, 5, 10));
  // Rows -1...6 of a tensor that has rows 0...5.
  sa_move_desc pad = {.from = SA_ACC,
                      .to = SA_ABUF,
                      .n = {1, 1, 1, 8, 5},
                      .masked = 1,
                      .src = test_rows(0),
                      .dst = test_rows(2),
                      .extent = {1, 1, 1, 6, 5},
                      .fill = -7};
  CHECK_SA(dev, sa_move(dev, &pad, 20, 9, (int64_t[5]){0, 0, 0, -1, 0}));
  sa_store_desc back = {
      .space = SA_ABUF, .box = test_matrix(SA_F32, 8, 5), .rows = test_rows(2)};
  CHECK_SA(dev, sa_store(dev, &back, out, NULL, 20));
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 5; ++j)
      CHECK(out[i][j] == (i == 0 || i == 7 ? -7.0f : in[i - 1][j]));
  sa_move_desc turn = {.from = SA_ACC,
                       .to = SA_WBUF,
                       .n = {1, 1, 1, 6, 5},
                       .transpose = 1,
                       .src = test_rows(0),
                       .dst = test_rows(0)};
  CHECK_SA(dev, sa_move(dev, &turn, 3, 10, NULL));
  CHECK_SA(dev, test_store(dev, SA_WBUF, SA_F32, turned, 5, 6, 3));
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 5; ++j)
      CHECK(turned[j][i] == in[i][j]);
  sa_close(dev);
}

static float alu1(sa_dev *dev, uint32_t op, float a, float b) {
  float rows[2] = {a, b}, result;
  CHECK_SA(dev, test_load(dev, SA_ACC, SA_F32, rows, 2, 1, 0));
  sa_alu_desc d = {.op = op, .n = {1, 1, 1, 1}, .cols = 1};
  CHECK_SA(dev, sa_alu(dev, &d, 0, 0, 1));
  CHECK_SA(dev, test_store(dev, SA_ACC, SA_F32, &result, 1, 1, 0));
  return result;
}

CHECK_TEST(the_vector_unit_knows_its_functions) {
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_F32, SA_F32);
  CHECK(alu1(dev, SA_ALU_ADD, 1.5f, 2) == 3.5f);
  CHECK(alu1(dev, SA_ALU_SUB, 1.5f, 2) == -0.5f);
  CHECK(alu1(dev, SA_ALU_MUL, 1.5f, 2) == 3);
  CHECK(alu1(dev, SA_ALU_MAC, 3, 5) == 18);
  CHECK(alu1(dev, SA_ALU_DIV, 1, 3) == 1.0f / 3);
  CHECK(alu1(dev, SA_ALU_MAX, 1, 3) == 3);
  CHECK(alu1(dev, SA_ALU_MIN, 1, 3) == 1);
  CHECK(alu1(dev, SA_ALU_ABS, -4, 0) == 4);
  CHECK(alu1(dev, SA_ALU_RELU, -4, 0) == 0);
  CHECK(alu1(dev, SA_ALU_SQRT, 2, 0) == 1.41421356f);
  CHECK(alu1(dev, SA_ALU_EXP, 1, 0) == 2.71828183f);
  CHECK(alu1(dev, SA_ALU_TANH, 0.5f, 0) == 0.462117157f);
  CHECK(alu1(dev, SA_ALU_ERF, 0.5f, 0) == 0.520499878f);
  sa_close(dev);
}

CHECK_TEST(integers_divide_shift_and_wrap_as_the_table_says) {
  static const struct {
    uint32_t op;
    int32_t a, b, want;
  } rows[] = {
      {SA_ALU_DIV, 7, 2, 3},
      {SA_ALU_DIV, -7, 2, -3},
      {SA_ALU_DIV, 7, 0, -1},
      {SA_ALU_DIV, INT32_MIN, -1, INT32_MIN},
      {SA_ALU_DIV, 9, -1, -9},
      {SA_ALU_SHR, -7, 1, -4},
      {SA_ALU_SHR, -7, 33, -4},
      {SA_ALU_SHL, 3, 31, INT32_MIN},
      {SA_ALU_ADD, INT32_MAX, 1, INT32_MIN},
      {SA_ALU_SUB, INT32_MIN, 1, INT32_MAX},
      {SA_ALU_MUL, 1 << 20, 1 << 12, 0},
      {SA_ALU_ABS, INT32_MIN, 0, INT32_MIN},
      {SA_ALU_MAX, -1, 1, 1},
      {SA_ALU_MIN, -1, 1, -1},
  };
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_I8, SA_I32);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    int32_t in[2] = {rows[i].a, rows[i].b}, got;
    CHECK_SA(dev, test_load(dev, SA_ACC, SA_I32, in, 2, 1, 0));
    sa_alu_desc d = {.op = rows[i].op, .n = {1, 1, 1, 1}, .cols = 1};
    CHECK_SA(dev, sa_alu(dev, &d, 3, 0, 1));
    CHECK_SA(dev, test_store(dev, SA_ACC, SA_I32, &got, 1, 1, 3));
    CHECK_EQ(got, rows[i].want);
  }
  sa_close(dev);
}

CHECK_TEST(rescale_rounds_half_up_in_64_bits) {
  static const struct {
    int32_t value, factor, shift, want;
  } rows[] = {
      {7, 3, 0, 21},
      {7, 3, 1, 11},
      {-7, 3, 1, -10},
      {5, 1, 1, 3},
      {-5, 1, 1, -2},
      {-6, 1, 2, -1},
      {1000, 1 << 30, 31, 500},
      {-1001, 1 << 30, 31, -500},
      {INT32_MAX, INT32_MAX, 31, INT32_MAX - 1},
      {INT32_MIN, 1, 31, -1},
      {INT32_MIN, INT32_MIN, 31, INT32_MIN},
      {1 << 20, 1 << 20, 8, 0},
      {INT32_MAX, INT32_MAX, 62, 1},
      {7, 3, 65, 11},
  };
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_I8, SA_I32);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i)
    for (int imm = 0; imm < 4; ++imm) {
      int32_t in[3] = {rows[i].value, rows[i].factor, rows[i].shift}, got;
      CHECK_SA(dev, test_load(dev, SA_ACC, SA_I32, in, 3, 1, 0));
      sa_alu_desc d = {.op = SA_ALU_RESCALE, .n = {1, 1, 1, 1}, .cols = 1};
      d.a_from = imm & 1 ? SA_FROM_IMM : SA_FROM_LANE;
      d.b_from = imm & 2 ? SA_FROM_IMM : SA_FROM_ROWS;
      d.imm = rows[i].factor;
      d.imm2 = rows[i].shift;
      CHECK_SA(dev, sa_alu(dev, &d, 0, 1, 2));
      CHECK_SA(dev, test_store(dev, SA_ACC, SA_I32, &got, 1, 1, 0));
      CHECK_EQ(got, rows[i].want);
    }
  // What it updates must be there, and both immediates be values of i32.
  sa_alu_desc d = {.op = SA_ALU_RESCALE, .n = {1, 1, 1, 1}, .cols = 1};
  d.a_from = d.b_from = SA_FROM_IMM;
  CHECK_EQ(sa_alu(dev, &d, 100, 0, 0), SA_UNINIT);
  sa_wait(dev, SA_ALL);
  d.imm2 = 0.5;
  CHECK_EQ(sa_alu(dev, &d, 0, 0, 0), SA_TYPE);
  sa_close(dev);
  dev = test_open(sa_hw_gemmini16(), SA_F32, SA_F32);
  d.imm2 = 1;
  CHECK_EQ(sa_alu(dev, &d, 0, 0, 0), SA_TYPE);
  sa_close(dev);
}

CHECK_TEST(softmax_is_five_commands) {
  enum { ROWS = 5, COLS = 13 };
  float x[ROWS][COLS], y[ROWS][COLS];
  uint64_t seed = 4;
  for (int i = 0; i < ROWS * COLS; ++i)
    (&x[0][0])[i] = (float)test_between(&seed, -300, 300) / 64;
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_F32, SA_F32);
  CHECK_SA(dev, test_load(dev, SA_ACC, SA_F32, x, ROWS, COLS, 0));
  sa_alu_desc d = {.n = {1, 1, 1, ROWS},
                   .cols = COLS,
                   .dst = test_rows(0),
                   .a = test_rows(0),
                   .b = test_rows(0)};
  int32_t scalars = 50; // one number per row
  d.op = SA_ALU_RMAX;
  CHECK_SA(dev, sa_alu(dev, &d, scalars, 0, 0));
  d.op = SA_ALU_SUB;
  d.b_from = SA_FROM_LANE;
  CHECK_SA(dev, sa_alu(dev, &d, 0, 0, scalars));
  d.op = SA_ALU_EXP;
  CHECK_SA(dev, sa_alu(dev, &d, 0, 0, 0));
  d.op = SA_ALU_RSUM;
  CHECK_SA(dev, sa_alu(dev, &d, scalars, 0, 0));
  d.op = SA_ALU_DIV;
  CHECK_SA(dev, sa_alu(dev, &d, 0, 0, scalars));
  CHECK_SA(dev, test_store(dev, SA_ACC, SA_F32, y, ROWS, COLS, 0));
  for (int i = 0; i < ROWS; ++i) {
    double best = -1e9, total = 0;
    for (int j = 0; j < COLS; ++j)
      best = fmax(best, (double)x[i][j]);
    for (int j = 0; j < COLS; ++j)
      total += exp((double)x[i][j] - best);
    for (int j = 0; j < COLS; ++j)
      CHECK(fabs((double)y[i][j] - exp((double)x[i][j] - best) / total) < 1e-6);
  }
  sa_close(dev);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
