// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random programs on random hardware points against the naive model: the same
// status for every command, the same bytes in DRAM after every store.
#include "check.h"
#include "sa_model.h"

typedef struct fuzz {
  uint64_t seed;
  sa_dev *dev;
  model m;
  sa_config config;
  char input[4096];
  char ours[4096], theirs[4096];
  int32_t mult[128];
  uint8_t shift[128];
  float scale[128];
  sa_requant rq;
  uint32_t done[SA_NUM_OPS], tried[SA_NUM_OPS];
} fuzz;

static uint64_t draw(fuzz *f) {
  uint64_t z = f->seed += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}
static int64_t between(fuzz *f, int64_t least, int64_t most) {
  return least + (int64_t)(draw(f) % (uint64_t)(most - least + 1));
}
static bool one_in(fuzz *f, int n) {
  return between(f, 1, n) == 1;
}

// A number near zero that |type| holds.
static double draw_value(fuzz *f, uint32_t type) {
  if (type == SA_I8 || type == SA_I32)
    return (double)between(f, -128, 127);
  return (double)between(f, -96, 96) / 32;
}

static void draw_loops(fuzz *f, uint32_t n[4]) {
  for (int a = 0; a < 4; ++a)
    n[a] = one_in(f, 20) ? 0 : (uint32_t)between(f, 1, a == 3 ? 9 : 2);
}

static sa_rows draw_map(fuzz *f, uint32_t space, uint32_t width) {
  sa_rows map = {{0}, 0, 0, 0};
  for (int a = 0; a < 4; ++a)
    map.stride[a] = (int32_t)between(f, a == 3 ? 0 : -2, a == 3 ? 2 : 4);
  uint32_t free = f->m.elems[space] > width ? f->m.elems[space] - width : 0;
  map.col = (uint32_t)between(f, 0, free + one_in(f, 20));
  if (one_in(f, 4)) {
    map.ring_len = (uint32_t)between(f, 1, f->m.rows[space]);
    map.ring_base = (uint32_t)between(f, 0, f->m.rows[space] - map.ring_len);
  }
  return map;
}

static int32_t draw_row(fuzz *f, uint32_t space) {
  return (int32_t)(one_in(f, 20) ? between(f, -3, f->m.rows[space] + 3)
                                 : between(f, 0, f->m.rows[space] / 2));
}

static uint32_t draw_width(fuzz *f, uint32_t most) {
  return one_in(f, 2) ? most : (uint32_t)between(f, one_in(f, 9) ? 0 : 1, most);
}

// A box over a buffer of 4096 bytes: extents and strides that stay inside,
// reversed for some axes, which moves the tensor's first element.
static sa_box draw_box(fuzz *f, uint32_t type, uint32_t most, int64_t *start,
                       int64_t origin[5]) {
  sa_box box = {.type = type};
  uint32_t size = sa_type_bytes(type);
  int64_t reach = size, order[5] = {0, 1, 2, 3, 4};
  *start = 0;
  draw_loops(f, box.n);
  box.n[4] = draw_width(f, most);
  for (int a = 4; a > 0; --a) { // NHWC, NCHW and everything between
    int b = (int)between(f, 0, a);
    int64_t t = order[a];
    order[a] = order[b], order[b] = t;
  }
  for (int at = 0; at < 5; ++at) {
    int a = (int)order[at];
    int64_t room = 4096 / reach;
    box.extent[a] = between(f, one_in(f, 30) ? 0 : 1, room < 6 ? room : 6);
    if (a == 4 && room >= most)
      box.extent[a] = most;
    box.stride[a] = reach;
    if (box.extent[a] > 1)
      reach *= box.extent[a];
    if (one_in(f, 4) && box.extent[a] > 0) {
      *start += (box.extent[a] - 1) * box.stride[a];
      box.stride[a] = -box.stride[a];
    }
    box.step[a] = (uint32_t)(one_in(f, 4) ? between(f, 1, 3) : 0);
    origin[a] = one_in(f, 2) ? 0 : between(f, -2, 3);
  }
  return box;
}

static void expect(fuzz *f, sa_op op, sa_status got, sa_status want) {
  ++f->tried[op];
  f->done[op] += want == SA_OK;
  if (got == want)
    return;
  CHECK_EQ(got, want);
  printf("  %s: '%s', seed %" PRIu64 "\n", sa_op_name(op),
         sa_last_error(f->dev)->text, f->seed);
}

static void fuzz_load(fuzz *f, uint32_t space) {
  sa_load_desc d = {.space = space};
  int64_t start, origin[5];
  uint32_t type = f->m.type[space];
  if (space == SA_ACC && one_in(f, 2))
    type = f->m.in;
  d.box = draw_box(f, type, f->m.elems[space], &start, origin);
  d.rows = draw_map(f, space, d.box.n[4]);
  d.accumulate = space == SA_ACC && one_in(f, 3);
  d.fill = draw_value(f, type);
  int32_t row = draw_row(f, space);
  const char *tensor = f->input + start;
  sa_status got =
      (space == SA_WBUF ? sa_loadw : sa_load)(f->dev, &d, tensor, origin, row);
  expect(f, space == SA_WBUF ? SA_OP_LOADW : SA_OP_LOAD, got,
         MODEL(&f->m, model_load(&f->m, &d, tensor, origin, row)));
}

// Writes all rows, so that later reads find something.
static void fill_memory(fuzz *f, uint32_t space) {
  uint32_t size = sa_type_bytes(f->m.type[space]);
  sa_load_desc d = {
      .space = space,
      .box = {.type = f->m.type[space],
              .n = {1, 1, 1, f->m.rows[space], f->m.elems[space]},
              .extent = {1, 1, 1, f->m.rows[space], f->m.elems[space]},
              .stride = {0, 0, 0, size, size}},
      .rows = {.stride = {0, 0, 0, 1}}};
  int64_t origin[5] = {0};
  sa_status got =
      (space == SA_WBUF ? sa_loadw : sa_load)(f->dev, &d, f->input, NULL, 0);
  CHECK_EQ(got, SA_OK);
  CHECK_EQ(MODEL(&f->m, model_load(&f->m, &d, f->input, origin, 0)), SA_OK);
}

static void fuzz_preload(fuzz *f) {
  uint32_t bank = (uint32_t)between(f, 0, 1);
  uint32_t k = draw_width(f, f->config.hw.rows);
  uint32_t n = draw_width(f, f->config.hw.cols);
  uint32_t col = (uint32_t)between(f, 0, f->config.hw.cols - n);
  int32_t row = (int32_t)between(f, one_in(f, 20) ? -1 : 0, f->m.rows[SA_WBUF]);
  if (row + (int64_t)k > f->m.rows[SA_WBUF] && !one_in(f, 10))
    row = (int32_t)(f->m.rows[SA_WBUF] > k ? f->m.rows[SA_WBUF] - k : 0);
  sa_status got = sa_preload(f->dev, bank, row, col, k, n);
  expect(f, SA_OP_PRELOAD, got,
         MODEL(&f->m, model_preload(&f->m, bank, row, col, k, n)));
}

static void fuzz_gemm(fuzz *f) {
  sa_gemm_desc d = {.bank = (uint32_t)between(f, 0, 1),
                    .accumulate = one_in(f, 2)};
  uint32_t k = f->m.bank_k[d.bank], n = f->m.bank_n[d.bank];
  draw_loops(f, d.n);
  d.k = draw_width(f, k ? k : 1);
  d.cols = draw_width(f, n ? n : 1);
  for (int a = 0; a < 2; ++a)
    d.pack_stride[a] = (int32_t)between(f, 0, 3);
  if (one_in(f, 3) && d.k >= 2) {
    d.pack[0] = (uint32_t)between(f, 1, d.k < 3 ? d.k : 3);
    d.k /= d.pack[0];
    d.pack[1] = (uint32_t)between(f, 0, d.k < 2 ? d.k : 2);
    d.k /= model_one(d.pack[1]);
  }
  if (one_in(f, 30))
    d.cols = (uint32_t)between(f, 1, f->config.hw.cols);
  d.a = draw_map(f, SA_ABUF, d.k);
  d.c = draw_map(f, SA_ACC, d.cols);
  int32_t a = draw_row(f, SA_ABUF), c = draw_row(f, SA_ACC);
  sa_status got = sa_gemm(f->dev, &d, a, c);
  expect(f, SA_OP_GEMM, got, MODEL(&f->m, model_gemm(&f->m, &d, a, c)));
}

static void fuzz_gemm_os(fuzz *f) {
  sa_gemm_os_desc d = {.accumulate = one_in(f, 2)};
  draw_loops(f, d.n);
  while ((uint64_t)d.n[0] * d.n[1] * d.n[2] * d.n[3] > f->config.hw.rows)
    for (int a = 0; a < 4; ++a)
      d.n[a] = (d.n[a] + 1) / 2;
  for (int a = 0; a < 3; ++a) {
    d.r[a] = (uint32_t)between(f, 0, 3);
    d.a_stride[a] = (int32_t)between(f, 0, 3);
    d.w_stride[a] = (int32_t)between(f, 0, 3);
  }
  d.k = draw_width(f, f->config.hw.rows);
  if (d.k > 20 && !one_in(f, 4))
    d.k = 20;
  d.cols = draw_width(f, f->config.hw.cols);
  d.wcol = (uint32_t)between(f, 0, f->config.hw.cols - d.cols);
  d.a = draw_map(f, SA_ABUF, d.k);
  d.c = draw_map(f, SA_ACC, d.cols);
  int32_t a = draw_row(f, SA_ABUF), c = draw_row(f, SA_ACC);
  int32_t w = (int32_t)between(f, 0, 3);
  sa_status got = sa_gemm_os(f->dev, &d, a, w, c);
  expect(f, SA_OP_GEMM_OS, got,
         MODEL(&f->m, model_gemm_os(&f->m, &d, a, w, c)));
}

static void draw_requant(fuzz *f, uint32_t to) {
  bool whole = f->m.acc == SA_I32;
  for (int c = 0; c < 128; ++c) {
    f->mult[c] = (int32_t)between(f, -40, INT32_MAX);
    f->shift[c] = (uint8_t)between(f, 20, one_in(f, 9) ? 62 : 40);
    f->scale[c] = (float)draw_value(f, SA_F32);
    if (one_in(f, 4)) { // many ties
      f->mult[c] = 1;
      f->shift[c] = (uint8_t)between(f, 0, 3);
    }
  }
  f->rq = (sa_requant){.mult = f->mult,
                       .shift = f->shift,
                       .scale = one_in(f, 4) ? NULL : f->scale,
                       .channels = one_in(f, 2) ? 128 : 0,
                       .round = (uint32_t)between(f, 0, SA_ROUND_FLOOR),
                       .zero_point = (int32_t)between(f, -20, 20),
                       .lo = -128,
                       .hi = 127};
  if (whole && to == SA_I32)
    f->rq.lo = INT32_MIN, f->rq.hi = INT32_MAX;
}

static sa_out draw_out(fuzz *f, uint32_t space, uint32_t to) {
  sa_out out = {.lo = -3, .hi = 5};
  if (space == SA_ACC) {
    out.act = (uint32_t)between(f, 0, 2);
    if (one_in(f, 2) || (f->m.acc == SA_I32 && to == SA_I8)) {
      draw_requant(f, to);
      out.rq = &f->rq;
    }
  }
  if (!one_in(f, 3))
    return out;
  out.pool.op = space == SA_ACC ? (uint32_t)between(f, 1, 2) : SA_POOL_MAX;
  for (int a = 0; a < 2; ++a) {
    out.pool.n[a] = (uint32_t)between(f, 1, 3);
    out.pool.step[a] = (uint32_t)between(f, 1, 2);
    out.pool.low[a] = (int32_t)between(f, 0, out.pool.n[a] - 1);
    out.pool.row[a] = (int32_t)between(f, 0, 3);
    // Long enough that no window misses all of it.
    out.pool.extent[a] = 2 * 12 + between(f, 0, 3);
  }
  return out;
}

// Origins before the first window would miss everything.
static void allow_windows(const sa_out *out, int64_t origin[5]) {
  for (int a = 2; out->pool.op != SA_POOL_NONE && a < 4; ++a)
    if (origin[a] < 0)
      origin[a] = 0;
}

static void fuzz_store(fuzz *f) {
  sa_store_desc d = {.space = (uint32_t)between(f, 0, 2)};
  int64_t start, origin[5];
  uint32_t type = f->m.type[d.space];
  if (d.space == SA_ACC && one_in(f, 2))
    type = f->m.in;
  d.box = draw_box(f, type, f->m.elems[d.space], &start, origin);
  d.rows = draw_map(f, d.space, d.box.n[4]);
  d.out = draw_out(f, d.space, type);
  if (d.out.pool.op != SA_POOL_NONE)
    d.box.step[2] = d.box.step[3] = 1;
  allow_windows(&d.out, origin);
  int32_t row = draw_row(f, d.space);
  sa_status got = sa_store(f->dev, &d, f->ours + start, origin, row);
  expect(f, SA_OP_STORE, got,
         MODEL(&f->m, model_store(&f->m, &d, f->theirs + start, origin, row)));
  if (memcmp(f->ours, f->theirs, sizeof f->ours) != 0) {
    CHECK(!"the same bytes in DRAM");
    printf("  seed %" PRIu64 "\n", f->seed);
    memcpy(f->ours, f->theirs, sizeof f->ours);
  }
}

static void fuzz_move(fuzz *f) {
  sa_move_desc d = {.from = (uint32_t)between(f, 0, 2),
                    .to = (uint32_t)between(f, 0, 2),
                    .transpose = one_in(f, 3),
                    .masked = one_in(f, 2)};
  uint32_t to = f->m.type[d.to];
  int64_t origin[5];
  uint32_t narrow = f->m.elems[d.from] < f->m.elems[d.to] ? f->m.elems[d.from]
                                                          : f->m.elems[d.to];
  draw_loops(f, d.n);
  if (d.transpose)
    d.n[3] = draw_width(f, f->m.elems[d.to] < 9 ? f->m.elems[d.to] : 9);
  d.n[4] = draw_width(f, d.transpose ? f->m.elems[d.from] : narrow);
  d.accumulate = d.to == SA_ACC && one_in(f, 3);
  d.src = draw_map(f, d.from, d.n[4]);
  d.dst = draw_map(f, d.to, d.transpose ? d.n[3] : d.n[4]);
  for (int a = 0; a < 5; ++a) {
    origin[a] = one_in(f, 2) ? 0 : between(f, -2, 3);
    d.extent[a] = between(f, 0, a == 4 ? 100 : 8);
  }
  d.fill = draw_value(f, to);
  d.out = draw_out(f, d.from, to);
  allow_windows(&d.out, origin);
  if (d.out.rq && origin[4] < 0)
    origin[4] = 0;
  int32_t src = draw_row(f, d.from), dst = draw_row(f, d.to);
  sa_status got = sa_move(f->dev, &d, dst, src, origin);
  expect(f, SA_OP_MOVE, got,
         MODEL(&f->m, model_move(&f->m, &d, dst, src, origin)));
}

static void fuzz_alu(fuzz *f) {
  sa_alu_desc d = {.imm2 = 50};
  bool whole = f->m.acc == SA_I32;
  do
    d.op = (uint32_t)between(f, 0, SA_NUM_ALU_OPS - 1);
  while ((whole && d.op >= SA_ALU_SQRT && d.op <= SA_ALU_ERF) ||
         (!whole && (d.op == SA_ALU_SHL || d.op == SA_ALU_SHR ||
                     d.op == SA_ALU_RESCALE)));
  bool reduces =
      d.op == SA_ALU_RSUM || d.op == SA_ALU_RMAX || d.op == SA_ALU_RMIN;
  draw_loops(f, d.n);
  d.cols = draw_width(f, f->config.hw.cols);
  d.dst = draw_map(f, SA_ACC, reduces ? 1 : d.cols);
  d.a = draw_map(f, SA_ACC, d.cols);
  d.b = draw_map(f, SA_ACC, d.cols);
  if (!reduces)
    d.a_from = (uint32_t)between(f, 0, 2);
  bool one_imm = d.op != SA_ALU_RESCALE && d.a_from == SA_FROM_IMM;
  d.b_from = (uint32_t)between(f, 0, one_imm ? 1 : 2);
  do
    d.imm = draw_value(f, f->m.acc);
  while (d.imm > d.imm2);
  draw_requant(f, f->m.acc);
  d.rq = &f->rq;
  // Roots of negative numbers and 0 / 0 have no bits to agree on.
  if (d.op == SA_ALU_SQRT || (!whole && d.op == SA_ALU_DIV)) {
    d.imm = fabs(d.imm) + 1;
    (d.op == SA_ALU_SQRT ? &d.a_from : &d.b_from)[0] = SA_FROM_IMM;
    if (d.op == SA_ALU_DIV)
      d.a_from = SA_FROM_ROWS;
  }
  int32_t dst = draw_row(f, SA_ACC), a = draw_row(f, SA_ACC);
  int32_t b = draw_row(f, SA_ACC);
  sa_status got = sa_alu(f->dev, &d, dst, a, b);
  expect(f, SA_OP_ALU, got, MODEL(&f->m, model_alu(&f->m, &d, dst, a, b)));
}

static void fuzz_open(fuzz *f, uint32_t in, uint32_t acc) {
  uint32_t rows = (uint32_t)between(f, 1, 10),
           cols = (uint32_t)between(f, 1, 10);
  if (one_in(f, 8))
    rows = (uint32_t)between(f, 60, 100);
  if (one_in(f, 8))
    cols = (uint32_t)between(f, 60, 100);
  f->config = (sa_config){.hw = sa_hw_ws64(), .in = in, .acc = acc};
  sa_hw *hw = &f->config.hw;
  hw->rows = rows;
  hw->cols = cols;
  hw->abuf_bytes = (uint32_t)between(f, 20, 50) * rows * sa_type_bytes(in);
  hw->wbuf_bytes = (uint32_t)between(f, 40, 120) * cols * sa_type_bytes(in);
  hw->acc_bytes = (uint32_t)between(f, 20, 50) * cols * sa_type_bytes(acc);
  sa_error error = {SA_OK, ""};
  CHECK_EQ(sa_open(&f->config, &f->dev, &error), SA_OK);
  model_init(&f->m, f->dev, &f->config);
  for (size_t i = 0; i < sizeof f->input; i += 4) {
    // Small numbers of the type that reads them; both kinds share the buffer.
    uint32_t type = in == SA_I8    ? (one_in(f, 2) ? SA_I8 : SA_I32)
                    : one_in(f, 2) ? in
                                   : SA_F32;
    for (uint32_t b = 0; b < 4; b += sa_type_bytes(type))
      model_write(type, draw_value(f, type), f->input + i + b);
  }
}

// bf16 and f32 share a buffer: some pairs of bf16 read as odd floats. All are
// finite, and chains of a few products of them stay so.
static void fuzz_program(fuzz *f, uint32_t in, uint32_t acc, int commands) {
  fuzz_open(f, in, acc);
  if (!one_in(f, 4))
    for (uint32_t s = 0; s < 3; ++s)
      fill_memory(f, s);
  for (int c = 0; c < commands; ++c) {
    switch (between(f, 0, 9)) {
    case 0:
      fuzz_load(f, SA_WBUF);
      break;
    case 1:
      fuzz_load(f, SA_ABUF);
      break;
    case 2:
      fuzz_load(f, SA_ACC);
      break;
    case 3:
      fuzz_preload(f);
      break;
    case 4:
      fuzz_gemm(f);
      break;
    case 5:
      fuzz_gemm_os(f);
      break;
    case 6:
      fuzz_alu(f);
      break;
    case 7:
    case 8:
      fuzz_store(f);
      break;
    default:
      fuzz_move(f);
    }
  }
  model_fini(&f->m);
  sa_close(f->dev);
}

static void run(uint32_t in, uint32_t acc, uint64_t seed) {
  static fuzz f;
  memset(&f, 0, sizeof f);
  f.seed = seed;
  for (int p = 0; p < 150 && check_failures < 5; ++p)
    fuzz_program(&f, in, acc, 60);
  for (uint32_t op = 0; op <= SA_OP_MOVE; ++op) {
    printf("  %-8s %5u commands, %5u legal\n", sa_op_name(op), f.tried[op],
           f.done[op]);
    CHECK(f.done[op] * 4 > f.tried[op] && f.done[op] > 100);
  }
}

CHECK_TEST(random_i8_programs_agree_with_the_model) {
  run(SA_I8, SA_I32, 1);
}
CHECK_TEST(random_bf16_programs_agree_with_the_model) {
  run(SA_BF16, SA_F32, 2);
}
CHECK_TEST(random_f16_programs_agree_with_the_model) {
  run(SA_F16, SA_F32, 4);
}
CHECK_TEST(random_f32_programs_agree_with_the_model) {
  run(SA_F32, SA_F32, 3);
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
