// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Devices: opening, DRAM, running out of memory, errors that wait, recording,
// fences, counters, and a backend of one's own.
#include "sa_backend.h"
#include "sa_test.h"

static void reject_hw(sa_hw hw, const char *text) {
  sa_config config = {.hw = hw, .in = SA_I8, .acc = SA_I32};
  sa_dev *dev = (sa_dev *)1;
  sa_error error = {SA_OK, ""};
  CHECK_EQ(sa_open(&config, &dev, &error), SA_INVALID);
  CHECK_STR(error.text, text);
  CHECK(dev == NULL);
}

CHECK_TEST(a_bad_hardware_point_names_its_field) {
  static const struct {
    size_t offset;
    uint32_t value;
    const char *text;
  } rows[] = {
      {offsetof(sa_hw, rows), 0, "hw.rows is 0, must be 1 to 1024"},
      {offsetof(sa_hw, cols), 2000, "hw.cols is 2000, must be 1 to 1024"},
      {offsetof(sa_hw, abuf_bytes), 15,
       "hw.abuf_bytes is 15, less than a row of 16 i8 (16 bytes)"},
      {offsetof(sa_hw, wbuf_bytes), UINT32_MAX,
       "hw.wbuf_bytes is 4294967295, must be 1 to 1073741824"},
      {offsetof(sa_hw, acc_bytes), 63,
       "hw.acc_bytes is 63, less than a row of 16 i32 (64 bytes)"},
      {offsetof(sa_hw, lanes), 0, "hw.lanes is 0, must be 1 to 4096"},
      {offsetof(sa_hw, dram_bytes_per_cycle), 0,
       "hw.dram_bytes_per_cycle is 0, must be 1 to 4096"},
      {offsetof(sa_hw, dram_burst_bytes), 48,
       "hw.dram_burst_bytes is 48, must be a power of two"},
      {offsetof(sa_hw, dram_request_cycles), 70000,
       "hw.dram_request_cycles is 70000, must be 0 to 65535"},
      {offsetof(sa_hw, dram_latency_cycles), 70000,
       "hw.dram_latency_cycles is 70000, must be 0 to 65535"},
      {offsetof(sa_hw, caps), 1 << 20 | SA_CAP_WS,
       "hw.caps has unknown bits 0x100000"},
      {offsetof(sa_hw, caps), SA_CAP_POOL,
       "hw.caps is 0x20, must have SA_CAP_WS or SA_CAP_OS"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    sa_hw hw = sa_hw_gemmini16();
    memcpy((char *)&hw + rows[i].offset, &rows[i].value, 4);
    reject_hw(hw, rows[i].text);
  }
}

CHECK_TEST(a_device_has_one_of_four_pairs_of_types) {
  sa_error error;
  sa_dev *dev;
  int opened = 0;
  for (uint32_t in = 0; in < 6; ++in)
    for (uint32_t acc = 0; acc < 6; ++acc) {
      sa_config c = {.hw = sa_hw_ws64(), .in = in, .acc = acc};
      if (sa_open(&c, &dev, &error) != SA_OK) {
        CHECK_EQ(error.status, SA_TYPE);
        continue;
      }
      ++opened;
      CHECK_EQ(sa_num_rows(dev, SA_ABUF), (1 << 20) / (64 * sa_type_bytes(in)));
      CHECK_EQ(sa_num_rows(dev, SA_ACC), 1024);
      CHECK_EQ(sa_row_elems(dev, SA_WBUF), 64);
      CHECK_EQ(sa_num_rows(dev, 3), 0);
      sa_close(dev);
    }
  CHECK_EQ(opened, 4);
  sa_config c = {
      .hw = sa_hw_ws64(), .in = SA_F32, .acc = SA_F32, .backend = "rtx"};
  CHECK_EQ(sa_open(&c, &dev, &error), SA_NOT_FOUND);
  CHECK_STR(error.text, "open: no backend is called 'rtx'");
  CHECK_EQ(sa_open(&c, &dev, NULL), SA_NOT_FOUND);
  sa_close(NULL);
}

typedef struct counted {
  int64_t requests, fail_at, held;
} counted;

static void *count_resize(void *user, void *block, size_t old_size,
                          size_t new_size) {
  counted *m = user;
  if (new_size && m->requests++ == m->fail_at)
    return NULL;
  m->held += (int64_t)new_size - (int64_t)old_size;
  if (new_size)
    return realloc(block, new_size);
  free(block);
  return NULL;
}

// Opens, allocates, records and replays; false when memory ran out.
static bool life(counted *memory) {
  sa_config c = {.hw = sa_hw_gemmini16(),
                 .in = SA_F32,
                 .acc = SA_F32,
                 .allocator = {count_resize, memory}};
  sa_dev *dev;
  sa_error error;
  sa_status status = sa_open(&c, &dev, &error);
  if (status != SA_OK) {
    CHECK_EQ(status, SA_NO_MEMORY);
    CHECK(strstr(error.text, "no memory") != NULL);
    return false;
  }
  sa_prog *prog = NULL;
  float *x = sa_alloc(dev, 64);
  bool good = x && sa_record_begin(dev) == SA_OK;
  if (good) {
    good = test_load(dev, SA_ABUF, SA_F32, x, 4, 4, 0) == SA_OK;
    CHECK_EQ(sa_record_end(dev, &prog), SA_OK);
  }
  if (good) {
    memset(x, 0, 64);
    CHECK_SA(dev, sa_replay(dev, prog, NULL, 0));
  } else {
    CHECK_EQ(sa_last_error(dev)->status, SA_NO_MEMORY);
  }
  sa_prog_destroy(prog);
  sa_close(dev);
  return good;
}

CHECK_TEST(every_allocation_may_fail) {
  counted memory = {0, -1, 0};
  CHECK(life(&memory));
  CHECK_EQ(memory.held, 0);
  int64_t requests = memory.requests;
  CHECK(requests > 8);
  for (int64_t i = 0; i < requests; ++i) {
    memory = (counted){0, i, 0};
    CHECK(!life(&memory));
    CHECK_EQ(memory.held, 0);
  }
}

CHECK_TEST(dram_accesses_stay_in_their_memory) {
  sa_config c = {.hw = sa_hw_gemmini16(), .in = SA_F32, .acc = SA_F32};
  sa_dev *dev;
  float host[64] = {0};
  CHECK_EQ(sa_open(&c, &dev, NULL), SA_OK);
  float *x = sa_alloc(dev, 64 * sizeof *x);
  CHECK(x && (uintptr_t)x % 64 == 0);
  memset(x, 0, 64 * sizeof *x);
  CHECK_SA(dev, test_load(dev, SA_ABUF, SA_F32, x, 4, 16, 0));
  CHECK_EQ(test_load(dev, SA_ABUF, SA_F32, x, 5, 16, 0), SA_RANGE);
  CHECK_STR(sa_last_error(dev)->text,
            "load: bytes 0 to 319 of the tensor leave the memory it lies in");
  CHECK_EQ(test_load(dev, SA_ABUF, SA_F32, x + 1, 4, 16, 0), SA_RANGE);
  CHECK_SA(dev, test_load(dev, SA_ABUF, SA_F32, host, 4, 16, 0));
  // Reversed: four rows up from the last one are inside, five are not.
  sa_load_desc up = {.space = SA_ABUF,
                     .box = test_matrix(SA_F32, 4, 16),
                     .rows = test_rows(0)};
  up.box.stride[3] = -64;
  CHECK_SA(dev, sa_load(dev, &up, x + 48, NULL, 0));
  CHECK_EQ(sa_load(dev, &up, x + 47, NULL, 0), SA_RANGE);
  CHECK_STR(sa_last_error(dev)->text,
            "load: bytes -192 to 63 of the tensor leave the memory it lies in");
  CHECK_EQ(sa_free(dev, host), SA_INVALID);
  CHECK_EQ(sa_free(dev, x), SA_OK);
  CHECK_EQ(sa_free(dev, NULL), SA_OK);
  sa_close(dev);

  c.flags = SA_FLAG_STRICT_DRAM;
  CHECK_EQ(sa_open(&c, &dev, NULL), SA_OK);
  CHECK_EQ(test_load(dev, SA_ABUF, SA_F32, host, 4, 16, 0), SA_RANGE);
  CHECK_STR(sa_last_error(dev)->text,
            "load: the tensor is in no memory of sa_alloc or sa_map");
  CHECK_EQ(sa_map(dev, host, sizeof host), SA_OK);
  CHECK_SA(dev, test_load(dev, SA_ABUF, SA_F32, host, 4, 16, 0));
  CHECK_EQ(sa_unmap(dev, host), SA_OK);
  CHECK_EQ(sa_unmap(dev, host), SA_INVALID);
  CHECK_EQ(test_load(dev, SA_ABUF, SA_F32, host, 4, 16, 0), SA_RANGE);
  CHECK(sa_alloc(dev, SIZE_MAX) == NULL);
  sa_close(dev);
}

CHECK_TEST(wait_gives_the_first_failure_once) {
  float x[16] = {0};
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_F32, SA_F32);
  CHECK_EQ(sa_last_error(dev)->status, SA_OK);
  CHECK_EQ(test_load(dev, SA_ABUF, SA_F32, x, 1, 17, 0), SA_RANGE);
  CHECK_SA(dev, test_load(dev, SA_ABUF, SA_F32, x, 1, 16, 0));
  CHECK_EQ(test_store(dev, SA_ACC, SA_F32, x, 1, 1, 0), SA_UNINIT);
  sa_fence fence = 0;
  CHECK_EQ(sa_submit(dev, &fence), SA_OK);
  CHECK_EQ(sa_wait(dev, fence), SA_RANGE);
  CHECK_STR(sa_last_error(dev)->text, "load: destination is elements 0 to 16 "
                                      "of a row of abuf, which has 16");
  CHECK_EQ(sa_wait(dev, fence), SA_OK);
  CHECK_EQ(sa_wait(dev, fence + 1), SA_INVALID);
  CHECK_EQ(sa_wait(dev, SA_ALL), SA_OK);
  sa_close(dev);
}

CHECK_TEST(a_recorded_program_runs_on_other_tensors) {
  float a[3] = {1, 2, 3}, b[3] = {4, 5, 6}, out[3] = {0}, other[3] = {0};
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_F32, SA_F32);
  sa_prog *prog;
  CHECK_EQ(sa_record_end(dev, &prog), SA_STATE);
  CHECK_EQ(sa_wait(dev, SA_ALL), SA_STATE);
  CHECK_SA(dev, sa_record_begin(dev));
  CHECK_EQ(sa_record_begin(dev), SA_STATE);
  CHECK_EQ(sa_wait(dev, SA_ALL), SA_STATE);
  CHECK_SA(dev, test_load(dev, SA_ACC, SA_F32, a, 1, 3, 4));
  CHECK_SA(dev, sa_signal(dev, SA_Q_LOAD, SA_Q_STORE));
  CHECK_SA(dev, sa_await(dev, SA_Q_STORE, SA_Q_LOAD));
  CHECK_SA(dev, test_store(dev, SA_ACC, SA_F32, out, 1, 3, 4));
  // What is wrong by itself is rejected and not recorded.
  CHECK_EQ(test_load(dev, SA_ACC, SA_F32, a, 1, 3, -1), SA_RANGE);
  CHECK_EQ(sa_wait(dev, SA_ALL), SA_RANGE);
  CHECK_SA(dev, sa_record_end(dev, &prog));
  CHECK_EQ(sa_prog_size(prog), 4);
  CHECK(out[0] == 0);
  CHECK_SA(dev, sa_replay(dev, prog, NULL, 0));
  CHECK(memcmp(out, a, sizeof a) == 0);
  sa_bind binds[] = {{a, b}, {out, other}};
  CHECK_SA(dev, sa_replay(dev, prog, binds, 2));
  CHECK(memcmp(other, b, sizeof b) == 0);
  CHECK(memcmp(out, a, sizeof a) == 0);
  sa_prog_destroy(prog);
  sa_close(dev);
}

CHECK_TEST(counters_count) {
  static float x[10 * 10 * 16];
  sa_dev *dev = test_open(sa_hw_gemmini16(), SA_F32, SA_F32);
  // A 6 x 6 tile that sticks out by one row and one column: 5 runs of 5 pixels
  // of 64 bytes, each cut into 5 requests.
  sa_load_desc d = {.space = SA_ABUF,
                    .box = {.type = SA_F32,
                            .n = {1, 1, 6, 6, 16},
                            .extent = {1, 1, 10, 10, 16},
                            .stride = {0, 0, 10 * 64, 64, 4}},
                    .rows = {.stride = {0, 0, 6, 1}}};
  CHECK_SA(dev, sa_load(dev, &d, x, (int64_t[5]){0, 0, -1, -1, 0}, 0));
  sa_counters k;
  CHECK_EQ(sa_stats(dev, &k), SA_OK);
  CHECK_EQ(k.commands[SA_OP_LOAD], 1);
  CHECK_EQ(k.level[SA_LEVEL_DRAM].read_bytes, 25 * 64);
  CHECK_EQ(k.level[SA_LEVEL_DRAM].requests, 25);
  CHECK_EQ(k.level[SA_ABUF].written_bytes, 36 * 64);
  CHECK_EQ(k.level[SA_ABUF].requests, 36);
  // Channels first: runs along the width are as good. 16 x 5 runs of 20 bytes.
  sa_stats_reset(dev);
  int64_t nchw[5] = {0, 0, 40, 4, 400};
  memcpy(d.box.stride, nchw, sizeof nchw);
  CHECK_SA(dev, sa_load(dev, &d, x, (int64_t[5]){0, 0, -1, -1, 0}, 0));
  CHECK_EQ(sa_stats(dev, &k), SA_OK);
  CHECK_EQ(k.level[SA_LEVEL_DRAM].read_bytes, 25 * 64);
  CHECK_EQ(k.level[SA_LEVEL_DRAM].requests, 80);
  // A bias for 8 rows is fetched 8 times, a run of 64 bytes each.
  sa_stats_reset(dev);
  sa_load_desc bias = {
      .space = SA_ACC, .box = test_matrix(SA_F32, 8, 16), .rows = test_rows(0)};
  bias.box.stride[3] = 0;
  CHECK_SA(dev, sa_load(dev, &bias, x, NULL, 0));
  CHECK_EQ(sa_stats(dev, &k), SA_OK);
  CHECK_EQ(k.level[SA_LEVEL_DRAM].read_bytes, 512);
  CHECK_EQ(k.level[SA_LEVEL_DRAM].requests, 8);
  // A failed command counts nothing.
  sa_stats_reset(dev);
  CHECK_EQ(sa_load(dev, &d, x, NULL, -1), SA_RANGE);
  CHECK_EQ(sa_stats(dev, &k), SA_OK);
  CHECK_EQ(k.commands[SA_OP_LOAD], 0);
  CHECK_EQ(k.level[SA_LEVEL_DRAM].read_bytes, 0);
  sa_close(dev);
}

// A backend that runs nothing and fails on request, to see what the front asks.
typedef struct spy {
  int issued, fences;
} spy;
static spy seen;

static sa_status spy_open(const sa_machine *m, void **state, sa_error *error) {
  (void)m, (void)error;
  *state = &seen;
  return SA_OK;
}
static void spy_close(void *state) {
  (void)state;
}
static sa_status spy_issue(void *state, const sa_cmd *cmd, sa_error *error) {
  (void)error;
  ((spy *)state)->issued += cmd->op != SA_OP_SIGNAL;
  return SA_OK;
}
static sa_status spy_submit(void *state, sa_fence fence, sa_error *error) {
  (void)fence, (void)error;
  ++((spy *)state)->fences;
  return SA_OK;
}
static sa_status spy_wait(void *state, sa_fence fence, sa_error *error) {
  (void)state, (void)fence;
  *error = (sa_error){SA_STATE, "load: found late"};
  return SA_STATE;
}
static void spy_stats(void *state, sa_counters *out) {
  out->cycles = 1000 + (uint64_t)((spy *)state)->issued;
}

CHECK_TEST(a_backend_of_ones_own_sees_legal_commands_only) {
  static const sa_backend backend = {.abi = SA_ABI_VERSION,
                                     .name = "spy",
                                     .open = spy_open,
                                     .close = spy_close,
                                     .issue = spy_issue,
                                     .submit = spy_submit,
                                     .wait = spy_wait,
                                     .stats = spy_stats};
  sa_config c = {
      .hw = sa_hw_gemmini16(), .in = SA_F32, .acc = SA_F32, .custom = &backend};
  sa_dev *dev;
  float x[16] = {0};
  CHECK_EQ(sa_open(&c, &dev, NULL), SA_OK);
  CHECK_EQ(test_store(dev, SA_ABUF, SA_F32, x, 1, 16, 0), SA_UNINIT);
  CHECK_SA(dev, test_load(dev, SA_ABUF, SA_F32, x, 1, 16, 0));
  CHECK_SA(dev, test_store(dev, SA_ABUF, SA_F32, x, 1, 16, 0));
  CHECK_EQ(seen.issued, 2);
  CHECK_EQ(sa_wait(dev, SA_ALL), SA_UNINIT); // it was first
  CHECK_EQ(sa_wait(dev, SA_ALL), SA_STATE);
  CHECK_STR(sa_last_error(dev)->text, "load: found late");
  CHECK_EQ(seen.fences, 2);
  sa_counters k;
  CHECK_EQ(sa_stats(dev, &k), SA_OK);
  CHECK_EQ(k.cycles, 1002);
  sa_close(dev);
  sa_backend old = backend;
  old.abi = 0;
  c.custom = &old;
  sa_error error;
  CHECK_EQ(sa_open(&c, &dev, &error), SA_INVALID);
  CHECK_STR(error.text, "open: backend 'spy' is of version 0, this is 3");
}

int main(int argc, char **argv) {
  return check_main(argc, argv);
}
