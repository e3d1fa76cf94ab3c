// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The state that commands leave behind: which elements of each memory have been
// written, which weight banks are loaded, which tokens wait; and the counters.
//
// A bit per element, rows of whole words: a row of 64 elements or fewer is
// checked with one comparison, so a gemm pays one per row of up to 64 x 64 MACs.
#include "runtime_internal.h"

#include <inttypes.h>

typedef struct track {
  sa_dev *dev;
  const sa_cmd *cmd;
  bool reads; // whether reads must have been written
} track;

static bool is_empty(const sa_access *access) {
  return sai_steps(access->n) == 0 || access->width == 0;
}

// Extremes of the walk, before the ring.
static void extremes(const sa_access *access, int64_t *least, int64_t *most) {
  *least = *most = access->row;
  for (int a = 0; a < 4; ++a) {
    int64_t way = (int64_t)(access->n[a] - 1) * access->map->stride[a];
    *(way < 0 ? least : most) += way;
  }
}

static sa_status check_range(const track *t, const sa_access *access) {
  const sa_machine *m = &t->dev->machine;
  const char *space = sa_space_name(access->space);
  int64_t least, most;
  extremes(access, &least, &most);
  int64_t rows = m->num_rows[access->space];
  uint32_t elems = m->row_elems[access->space];
  if (access->map->ring_len == 0 && (least < 0 || most >= rows))
    return sai_reject(t->dev, t->cmd, SA_RANGE,
                      "%s is rows %" PRId64 " to %" PRId64 " of %s, which has "
                      "rows 0 to %" PRId64,
                      access->name, least, most, space, rows - 1);
  if ((uint64_t)access->col + access->width > elems)
    return sai_reject(t->dev, t->cmd, SA_RANGE,
                      "%s is elements %u to %" PRIu64
                      " of a row of %s, which has %u",
                      access->name, access->col,
                      (uint64_t)access->col + access->width - 1, space, elems);
  return SA_OK;
}

// Bits [from, to) of one word.
static uint64_t bits(uint32_t from, uint32_t to) {
  return (to < 64 ? (UINT64_C(1) << to) - 1 : UINT64_MAX) &
         ~((UINT64_C(1) << from) - 1);
}

// The first element in [col, col + width) that is not set, or UINT32_MAX.
static uint32_t first_unset(const uint64_t *row, uint32_t col, uint32_t width) {
  uint32_t end = col + width;
  for (uint32_t w = col / 64; w * 64 < end; ++w) {
    uint32_t from = col > w * 64 ? col - w * 64 : 0;
    uint32_t to = end - w * 64 < 64 ? end - w * 64 : 64;
    uint64_t missing = bits(from, to) & ~row[w];
    for (uint32_t i = from; missing && i < to; ++i)
      if (missing >> i & 1)
        return w * 64 + i;
  }
  return UINT32_MAX;
}

static void set_all(uint64_t *row, uint32_t col, uint32_t width) {
  uint32_t end = col + width;
  for (uint32_t w = col / 64; w * 64 < end; ++w)
    row[w] |= bits(col > w * 64 ? col - w * 64 : 0,
                   end - w * 64 < 64 ? end - w * 64 : 64);
}

// Walks the rows of an access; |row| is the physical row at each step.
#define FOR_EACH_ROW(access, row)                                              \
  for (uint32_t i0 = 0; i0 < (access)->n[0]; ++i0)                             \
    for (uint32_t i1 = 0; i1 < (access)->n[1]; ++i1)                           \
      for (uint32_t i2 = 0; i2 < (access)->n[2]; ++i2)                         \
        for (int64_t at = (access)->row +                                      \
                          (int64_t)i0 * (access)->map->stride[0] +             \
                          (int64_t)i1 * (access)->map->stride[1] +             \
                          (int64_t)i2 * (access)->map->stride[2],              \
                     i3 = 0, row;                                              \
             i3 < (int64_t)(access)->n[3] &&                                   \
             (row = sa_row_at((access)->map, at), true);                       \
             ++i3, at += (access)->map->stride[3])

static sa_status check_written(const track *t, const sa_access *access) {
  const uint64_t *init = t->dev->init[access->space];
  uint32_t words = t->dev->init_words[access->space];
  uint64_t mask = bits(access->col % 64, access->col % 64 + access->width);
  bool one_word = access->col % 64 + access->width <= 64;
  FOR_EACH_ROW(access, row) {
    const uint64_t *of_row = init + (size_t)row * words;
    if (one_word && (of_row[access->col / 64] & mask) == mask)
      continue;
    uint32_t unset = first_unset(of_row, access->col, access->width);
    if (unset != UINT32_MAX)
      return sai_reject(t->dev, t->cmd, SA_UNINIT,
                        "%s reads row %" PRId64 ", element %u of %s, which "
                        "nothing has written",
                        access->name, row, unset, sa_space_name(access->space));
  }
  return SA_OK;
}

static sa_status check_access(void *user, const sa_access *access) {
  const track *t = user;
  if (is_empty(access))
    return SA_OK;
  sa_status status = check_range(t, access);
  if (status == SA_OK && t->reads && !access->write)
    status = check_written(t, access);
  return status;
}

sa_status sai_check_rows(sa_dev *dev, const sa_cmd *cmd, bool reads) {
  track t = {dev, cmd, reads};
  return sa_visit(cmd, check_access, &t);
}

sa_status sai_check_state(sa_dev *dev, const sa_cmd *cmd) {
  if (cmd->op == SA_OP_AWAIT &&
      dev->tokens[cmd->u.token.from][cmd->u.token.to] == 0)
    return sai_reject(
        dev, cmd, SA_STATE, "%s waits for %s, which has signalled nothing more",
        sa_queue_name(cmd->u.token.to), sa_queue_name(cmd->u.token.from));
  if (cmd->op != SA_OP_GEMM)
    return SA_OK;
  const sa_gemm_desc *d = &cmd->u.gemm;
  uint32_t pack = sai_or_one(d->pack[0]) * sai_or_one(d->pack[1]);
  if (!dev->bank[d->bank].loaded)
    return sai_reject(dev, cmd, SA_STATE, "nothing is preloaded in bank %u",
                      d->bank);
  if (pack * d->k > dev->bank[d->bank].k || d->cols > dev->bank[d->bank].n)
    return sai_reject(dev, cmd, SA_STATE,
                      "uses %u x %u weights of bank %u, where %u x %u are "
                      "preloaded",
                      pack * d->k, d->cols, d->bank, dev->bank[d->bank].k,
                      dev->bank[d->bank].n);
  return SA_OK;
}

static sa_status commit_access(void *user, const sa_access *access) {
  sa_dev *dev = user;
  if (is_empty(access))
    return SA_OK;
  uint64_t rows = sai_steps(access->n);
  uint64_t bytes =
      rows * access->width * sa_type_bytes(dev->machine.type[access->space]);
  sa_level *level = &dev->counters.level[access->space];
  level->requests += rows;
  *(access->write ? &level->written_bytes : &level->read_bytes) += bytes;
  if (!access->write)
    return SA_OK;
  uint64_t *init = dev->init[access->space];
  uint32_t words = dev->init_words[access->space];
  uint64_t mask = bits(access->col % 64, access->col % 64 + access->width);
  bool one_word = access->col % 64 + access->width <= 64;
  FOR_EACH_ROW(access, row) {
    uint64_t *of_row = init + (size_t)row * words;
    if (one_word)
      of_row[access->col / 64] |= mask;
    else
      set_all(of_row, access->col, access->width);
  }
  return SA_OK;
}

static void count_dram(sa_dev *dev, const sa_cmd *cmd) {
  bool store = cmd->op == SA_OP_STORE;
  uint64_t bytes, requests;
  sa_box_traffic(store ? &cmd->u.store.box : &cmd->u.load.box, cmd->origin,
                 dev->machine.config.hw.dram_burst_bytes, &bytes, &requests);
  sa_level *dram = &dev->counters.level[SA_LEVEL_DRAM];
  *(store ? &dram->written_bytes : &dram->read_bytes) += bytes;
  dram->requests += requests;
}

static void count_macs(sa_dev *dev, const sa_cmd *cmd) {
  if (cmd->op == SA_OP_GEMM) {
    const sa_gemm_desc *d = &cmd->u.gemm;
    uint64_t k =
        (uint64_t)sai_or_one(d->pack[0]) * sai_or_one(d->pack[1]) * d->k;
    dev->counters.macs += sai_steps(d->n) * k * d->cols;
  } else {
    const sa_gemm_os_desc *d = &cmd->u.gemm_os;
    uint64_t steps = (uint64_t)sai_or_one(d->r[0]) * sai_or_one(d->r[1]) *
                     sai_or_one(d->r[2]);
    dev->counters.macs += sai_steps(d->n) * steps * d->k * d->cols;
  }
}

void sai_commit(sa_dev *dev, const sa_cmd *cmd) {
  sa_visit(cmd, commit_access, dev);
  ++dev->counters.commands[cmd->op];
  switch ((sa_op)cmd->op) {
  case SA_OP_LOAD:
  case SA_OP_LOADW:
  case SA_OP_STORE:
    count_dram(dev, cmd);
    break;
  case SA_OP_PRELOAD:
    dev->bank[cmd->u.preload.bank].loaded = true;
    dev->bank[cmd->u.preload.bank].k = cmd->u.preload.k;
    dev->bank[cmd->u.preload.bank].n = cmd->u.preload.n;
    break;
  case SA_OP_GEMM:
  case SA_OP_GEMM_OS:
    count_macs(dev, cmd);
    break;
  case SA_OP_ALU:
    dev->counters.vector_elements += sai_steps(cmd->u.alu.n) * cmd->u.alu.cols;
    break;
  case SA_OP_SIGNAL:
    ++dev->tokens[cmd->u.token.from][cmd->u.token.to];
    break;
  case SA_OP_AWAIT:
    --dev->tokens[cmd->u.token.from][cmd->u.token.to];
    break;
  case SA_OP_MOVE:
    break;
  }
}
