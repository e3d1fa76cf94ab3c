// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is wrong with a command whatever ran before it: types, extents,
// capabilities, values. Rows are checked in track.c, DRAM in check_dram.c.
#include "runtime_internal.h"

#include <inttypes.h>

#define TRY(expression)                                                        \
  do {                                                                         \
    sa_status status_ = (expression);                                          \
    if (status_ != SA_OK)                                                      \
      return status_;                                                          \
  } while (0)

static sa_status need(sa_dev *dev, const sa_cmd *cmd, sa_cap cap,
                      const char *name) {
  if (dev->machine.config.hw.caps & (uint32_t)cap)
    return SA_OK;
  return sai_reject(dev, cmd, SA_UNSUPPORTED, "the hardware point has no %s",
                    name);
}

static sa_status at_most(sa_dev *dev, const sa_cmd *cmd, const char *what,
                         uint64_t value, uint64_t most) {
  if (value <= most)
    return SA_OK;
  return sai_reject(dev, cmd, SA_INVALID,
                    "%s is %" PRIu64 ", must be at most %" PRIu64, what, value,
                    most);
}

static sa_status check_flag(sa_dev *dev, const sa_cmd *cmd, const char *what,
                            uint32_t value) {
  return at_most(dev, cmd, what, value, 1);
}

static sa_status check_space(sa_dev *dev, const sa_cmd *cmd, const char *what,
                             uint32_t space) {
  if (space < SA_NUM_SPACES)
    return SA_OK;
  return sai_reject(dev, cmd, SA_INVALID, "%s is %u, which is no memory", what,
                    space);
}

static sa_status check_loops(sa_dev *dev, const sa_cmd *cmd,
                             const uint32_t n[4]) {
  if (sai_steps(n) <= SAI_MAX_STEPS)
    return SA_OK;
  return sai_reject(dev, cmd, SA_INVALID,
                    "%u x %u x %u x %u rows are more than the %d of a command",
                    n[0], n[1], n[2], n[3], SAI_MAX_STEPS);
}

static sa_status check_map(sa_dev *dev, const sa_cmd *cmd, const char *what,
                           uint32_t space, const sa_rows *map) {
  if (map->ring_len == 0)
    return SA_OK;
  TRY(need(dev, cmd, SA_CAP_RING, "SA_CAP_RING"));
  uint64_t end = (uint64_t)map->ring_base + map->ring_len;
  if (end <= dev->machine.num_rows[space])
    return SA_OK;
  return sai_reject(dev, cmd, SA_RANGE,
                    "the ring of %s is rows %u to %" PRIu64
                    " of %s, which has rows 0 to %u",
                    what, map->ring_base, end - 1, sa_space_name(space),
                    dev->machine.num_rows[space] - 1);
}

static sa_status check_value(sa_dev *dev, const sa_cmd *cmd, const char *what,
                             uint32_t type, double value) {
  if (sai_holds(type, value))
    return SA_OK;
  return sai_reject(dev, cmd, SA_TYPE, "%s %.17g is no value of %s", what,
                    value, sa_type_name(type));
}

static sa_status wrong_type(sa_dev *dev, const sa_cmd *cmd, uint32_t from,
                            uint32_t to) {
  return sai_reject(dev, cmd, SA_TYPE, "%s to %s on a device of %s and %s",
                    sa_type_name(from), sa_type_name(to),
                    sa_type_name(dev->machine.config.in),
                    sa_type_name(dev->machine.config.acc));
}

static sa_status check_load(sa_dev *dev, const sa_cmd *cmd) {
  const sa_load_desc *d = &cmd->u.load;
  uint32_t to = dev->machine.type[SA_ACC];
  TRY(check_space(dev, cmd, "space", d->space));
  if ((d->space == SA_WBUF) != (cmd->op == SA_OP_LOADW))
    return sai_reject(dev, cmd, SA_INVALID, "space is %s, %s",
                      sa_space_name(d->space),
                      cmd->op == SA_OP_LOADW ? "loadw fills wbuf alone"
                                             : "which loadw fills");
  to = dev->machine.type[d->space];
  TRY(check_flag(dev, cmd, "accumulate", d->accumulate));
  if (d->accumulate && d->space != SA_ACC)
    return sai_reject(dev, cmd, SA_INVALID, "accumulates into %s",
                      sa_space_name(d->space));
  if (d->box.type != to &&
      !(d->space == SA_ACC && d->box.type == dev->machine.config.in))
    return wrong_type(dev, cmd, d->box.type, to);
  TRY(sai_check_box(dev, cmd, &d->box));
  TRY(check_loops(dev, cmd, d->box.n));
  TRY(check_map(dev, cmd, "destination", d->space, &d->rows));
  return check_value(dev, cmd, "fill", d->box.type, d->fill);
}

static sa_status check_bank(sa_dev *dev, const sa_cmd *cmd, uint32_t bank) {
  TRY(at_most(dev, cmd, "bank", bank, 1));
  return bank ? need(dev, cmd, SA_CAP_SHADOW, "SA_CAP_SHADOW") : SA_OK;
}

static sa_status check_preload(sa_dev *dev, const sa_cmd *cmd) {
  const sa_hw *hw = &dev->machine.config.hw;
  TRY(need(dev, cmd, SA_CAP_WS, "SA_CAP_WS"));
  TRY(check_bank(dev, cmd, cmd->u.preload.bank));
  if (cmd->u.preload.k > hw->rows || cmd->u.preload.n > hw->cols)
    return sai_reject(dev, cmd, SA_RANGE,
                      "%u x %u weights do not fit the %u x %u array",
                      cmd->u.preload.k, cmd->u.preload.n, hw->rows, hw->cols);
  return SA_OK;
}

static sa_status check_gemm(sa_dev *dev, const sa_cmd *cmd) {
  const sa_gemm_desc *d = &cmd->u.gemm;
  const sa_hw *hw = &dev->machine.config.hw;
  TRY(need(dev, cmd, SA_CAP_WS, "SA_CAP_WS"));
  TRY(check_bank(dev, cmd, d->bank));
  TRY(check_flag(dev, cmd, "accumulate", d->accumulate));
  TRY(check_loops(dev, cmd, d->n));
  TRY(check_map(dev, cmd, "a", SA_ABUF, &d->a));
  TRY(check_map(dev, cmd, "c", SA_ACC, &d->c));
  TRY(at_most(dev, cmd, "pack", d->pack[0], hw->rows));
  TRY(at_most(dev, cmd, "pack", d->pack[1], hw->rows));
  uint32_t pack = sai_or_one(d->pack[0]) * sai_or_one(d->pack[1]);
  if (pack > 1)
    TRY(need(dev, cmd, SA_CAP_IM2COL, "SA_CAP_IM2COL"));
  if ((uint64_t)pack * d->k > hw->rows || pack > hw->rows || d->cols > hw->cols)
    return sai_reject(dev, cmd, SA_RANGE,
                      "%u packed rows of k %u and cols %u do not fit the "
                      "%u x %u array",
                      pack, d->k, d->cols, hw->rows, hw->cols);
  return SA_OK;
}

static sa_status check_gemm_os(sa_dev *dev, const sa_cmd *cmd) {
  const sa_gemm_os_desc *d = &cmd->u.gemm_os;
  const sa_hw *hw = &dev->machine.config.hw;
  uint32_t reduction[4] = {sai_or_one(d->r[0]), sai_or_one(d->r[1]),
                           sai_or_one(d->r[2]), sai_or_one(d->k)};
  TRY(need(dev, cmd, SA_CAP_OS, "SA_CAP_OS"));
  TRY(check_flag(dev, cmd, "accumulate", d->accumulate));
  TRY(check_loops(dev, cmd, d->n));
  TRY(check_map(dev, cmd, "a", SA_ABUF, &d->a));
  TRY(check_map(dev, cmd, "c", SA_ACC, &d->c));
  if (sai_steps(d->n) > hw->rows || d->cols > hw->cols || d->k > hw->rows)
    return sai_reject(dev, cmd, SA_RANGE,
                      "%" PRIu64 " x %u outputs and k %u do not fit the "
                      "%u x %u array",
                      sai_steps(d->n), d->cols, d->k, hw->rows, hw->cols);
  return check_loops(dev, cmd, reduction);
}

// |type| is the type that q is written to; channels [first, last) are used.
static sa_status check_requant(sa_dev *dev, const sa_cmd *cmd,
                               const sa_requant *rq, uint32_t type,
                               int64_t first, int64_t last) {
  if (first >= last)
    return SA_OK;
  if (rq->channels && (first < 0 || last > (int64_t)rq->channels))
    return sai_reject(dev, cmd, SA_RANGE,
                      "channels %" PRId64 " to %" PRId64
                      " of a requantisation of %u",
                      first, last - 1, rq->channels);
  if (dev->machine.config.acc == SA_F32)
    return SA_OK;
  TRY(at_most(dev, cmd, "round", rq->round, SA_ROUND_FLOOR));
  if (!rq->mult || !rq->shift)
    return sai_reject(dev, cmd, SA_INVALID,
                      "a requantisation without mult or shift");
  if (rq->lo > rq->hi || !sai_holds(type, rq->lo) || !sai_holds(type, rq->hi))
    return sai_reject(dev, cmd, SA_INVALID, "clamps to %d...%d in %s", rq->lo,
                      rq->hi, sa_type_name(type));
  for (int64_t c = first; c < last; ++c) {
    TRY(at_most(dev, cmd, "shift", rq->shift[rq->channels ? c : 0], 62));
    if (rq->channels == 0)
      break;
  }
  return SA_OK;
}

// Every position in |span| must have a row in its window; the ends are enough,
// the window moves one way.
static sa_status check_window(sa_dev *dev, const sa_cmd *cmd,
                              const sa_pool *pool, int axis, int64_t origin,
                              sa_span span) {
  int64_t first = (origin + span.first) * pool->step[axis] - pool->low[axis];
  int64_t last = (origin + span.last - 1) * pool->step[axis] - pool->low[axis];
  if (span.first == span.last || pool->op != SA_POOL_MAX ||
      (first + (int64_t)pool->n[axis] > 0 && last < pool->extent[axis]))
    return SA_OK;
  return sai_reject(dev, cmd, SA_INVALID,
                    "a window of %u from %" PRId64 " to %" PRId64
                    " misses all of the %" PRId64 " inputs",
                    pool->n[axis], first, last, pool->extent[axis]);
}

static sa_status check_pool(sa_dev *dev, const sa_cmd *cmd, uint32_t space,
                            const sa_pool *pool, const uint32_t n[4],
                            const int64_t origin[5], const sa_span span[5]) {
  TRY(at_most(dev, cmd, "pool.op", pool->op, SA_POOL_SUM));
  if (pool->op == SA_POOL_NONE)
    return SA_OK;
  TRY(need(dev, cmd, SA_CAP_POOL, "SA_CAP_POOL"));
  if (pool->op == SA_POOL_SUM && space != SA_ACC)
    return sai_reject(dev, cmd, SA_INVALID, "sums windows out of %s",
                      sa_space_name(space));
  uint64_t rows = sai_steps(n);
  for (int a = 0; a < 2; ++a) {
    if (pool->n[a] == 0 || pool->n[a] > SAI_MAX_WINDOW || pool->step[a] == 0 ||
        pool->step[a] > SAI_MAX_STEP || pool->extent[a] < 0 ||
        pool->extent[a] > SAI_MAX_EXTENT)
      return sai_reject(dev, cmd, SA_INVALID,
                        "a window of %u by %u over %" PRId64 " inputs",
                        pool->n[a], pool->step[a], pool->extent[a]);
    rows *= pool->n[a];
    TRY(check_window(dev, cmd, pool, a, origin[2 + a], span[2 + a]));
  }
  return at_most(dev, cmd, "the number of rows in windows", rows,
                 SAI_MAX_STEPS);
}

// Values of |from| in |space| on their way to |to|.
static sa_status check_out(sa_dev *dev, const sa_cmd *cmd, const sa_out *out,
                           uint32_t space, uint32_t to, const uint32_t n[4],
                           const int64_t origin[5], const sa_span span[5],
                           uint32_t step) {
  uint32_t from = dev->machine.type[space];
  bool narrows = space == SA_ACC && to == dev->machine.config.in;
  if (from != to && !narrows)
    return wrong_type(dev, cmd, from, to);
  TRY(at_most(dev, cmd, "act", out->act, SA_ACT_CLAMP));
  if (space != SA_ACC && (out->act != SA_ACT_NONE || out->rq))
    return sai_reject(dev, cmd, SA_INVALID, "%s out of %s",
                      out->rq ? "a requantisation" : "an activation",
                      sa_space_name(space));
  if (out->act == SA_ACT_CLAMP) {
    TRY(check_value(dev, cmd, "lo", from, out->lo));
    TRY(check_value(dev, cmd, "hi", from, out->hi));
    if (!(out->lo <= out->hi))
      return sai_reject(dev, cmd, SA_INVALID, "clamps to %.9g...%.9g", out->lo,
                        out->hi);
  }
  if (from == SA_I32 && to == SA_I8 && !out->rq)
    return sai_reject(dev, cmd, SA_TYPE, "i32 to i8 without a requantisation");
  TRY(check_pool(dev, cmd, space, &out->pool, n, origin, span));
  if (!out->rq)
    return SA_OK;
  bool empty = false;
  for (int a = 0; a < 4; ++a)
    empty |= span[a].first == span[a].last;
  return empty ? SA_OK
               : check_requant(dev, cmd, out->rq, to,
                               origin[4] + (int64_t)span[4].first * step,
                               origin[4] + (span[4].last - INT64_C(1)) * step +
                                   1);
}

// Also where masks and windows leave no row to be read.
static sa_status check_width(sa_dev *dev, const sa_cmd *cmd, uint32_t space,
                             uint32_t width) {
  uint32_t elems = dev->machine.row_elems[space];
  if (width <= elems)
    return SA_OK;
  return sai_reject(dev, cmd, SA_RANGE,
                    "%u elements of a row of %s, which has %u", width,
                    sa_space_name(space), elems);
}

static sa_status check_store(sa_dev *dev, const sa_cmd *cmd) {
  const sa_store_desc *d = &cmd->u.store;
  TRY(check_space(dev, cmd, "space", d->space));
  if (!sa_type_bytes(d->box.type))
    return wrong_type(dev, cmd, dev->machine.type[d->space], d->box.type);
  TRY(sai_check_box(dev, cmd, &d->box));
  TRY(check_loops(dev, cmd, d->box.n));
  TRY(check_map(dev, cmd, "source", d->space, &d->rows));
  sa_span span[5];
  for (int a = 0; a < 5; ++a)
    span[a] = sa_clip(cmd->origin[a], sai_or_one(d->box.step[a]),
                      d->box.extent[a], d->box.n[a]);
  TRY(check_width(dev, cmd, d->space, span[4].last - span[4].first));
  for (int a = 2; a < 4; ++a)
    if (d->out.pool.op != SA_POOL_NONE && sai_or_one(d->box.step[a]) != 1)
      return sai_reject(dev, cmd, SA_INVALID,
                        "pools into a box of step %u along axis %d",
                        d->box.step[a], a);
  return check_out(dev, cmd, &d->out, d->space, d->box.type, d->box.n,
                   cmd->origin, span, sai_or_one(d->box.step[4]));
}

static sa_status check_move(sa_dev *dev, const sa_cmd *cmd) {
  const sa_move_desc *d = &cmd->u.move;
  TRY(check_space(dev, cmd, "from", d->from));
  TRY(check_space(dev, cmd, "to", d->to));
  TRY(check_flag(dev, cmd, "transpose", d->transpose));
  TRY(check_flag(dev, cmd, "masked", d->masked));
  TRY(check_flag(dev, cmd, "accumulate", d->accumulate));
  if (d->transpose)
    TRY(need(dev, cmd, SA_CAP_TRANSPOSE, "SA_CAP_TRANSPOSE"));
  if (d->accumulate && d->to != SA_ACC)
    return sai_reject(dev, cmd, SA_INVALID, "accumulates into %s",
                      sa_space_name(d->to));
  TRY(check_loops(dev, cmd, d->n));
  TRY(check_width(dev, cmd, d->from, d->n[4]));
  TRY(check_map(dev, cmd, "source", d->from, &d->src));
  TRY(check_map(dev, cmd, "destination", d->to, &d->dst));
  uint32_t from = dev->machine.type[d->from], to = dev->machine.type[d->to];
  sa_span span[5];
  for (int a = 0; a < 5; ++a) {
    int64_t origin = cmd->origin[a];
    if (origin < -SAI_MAX_EXTENT || origin > SAI_MAX_EXTENT)
      return sai_reject(dev, cmd, SA_INVALID, "origin[%d] is %" PRId64, a,
                        origin);
    if (d->masked && (d->extent[a] < 0 || d->extent[a] > SAI_MAX_EXTENT))
      return sai_reject(dev, cmd, SA_INVALID,
                        "extent[%d] of the mask is %" PRId64, a, d->extent[a]);
    span[a] = d->masked ? sa_clip(cmd->origin[a], 1, d->extent[a], d->n[a])
                        : (sa_span){0, d->n[a]};
  }
  if (d->masked)
    TRY(check_value(dev, cmd, "fill", to, d->fill));
  bool widens = d->to == SA_ACC && from == dev->machine.config.in;
  return check_out(dev, cmd, &d->out, d->from, widens ? from : to, d->n,
                   cmd->origin, span, 1);
}

static sa_status check_alu_operand(sa_dev *dev, const sa_cmd *cmd,
                                   const char *name, uint32_t from,
                                   const sa_rows *map) {
  const sa_alu_desc *d = &cmd->u.alu;
  bool second = map == &d->b && d->op == SA_ALU_RESCALE;
  TRY(at_most(dev, cmd, "an operand's sa_from", from, SA_FROM_IMM));
  if (from == SA_FROM_IMM)
    return check_value(dev, cmd, second ? "imm2" : "imm",
                       dev->machine.config.acc, second ? d->imm2 : d->imm);
  return check_map(dev, cmd, name, SA_ACC, map);
}

static sa_status check_alu_kind(sa_dev *dev, const sa_cmd *cmd) {
  enum { ANY = 0, FLOAT = 1, INT = 2, MATH = 4, FMATH = 5 };
  static const uint8_t kinds[] = {
#define SA_X(id, name, num, kind, text) kind,
      SA_ALU_TABLE(SA_X)
#undef SA_X
  };
  uint8_t kind = kinds[cmd->u.alu.op];
  uint32_t acc = dev->machine.config.acc;
  if (kind & MATH)
    TRY(need(dev, cmd, SA_CAP_MATH, "SA_CAP_MATH"));
  if ((kind & FLOAT && acc != SA_F32) || (kind & INT && acc != SA_I32))
    return sai_reject(dev, cmd, SA_TYPE, "%s of %s", sa_alu_name(cmd->u.alu.op),
                      sa_type_name(acc));
  return SA_OK;
}

static sa_status check_alu(sa_dev *dev, const sa_cmd *cmd) {
  static const uint8_t operands[] = {
#define SA_X(id, name, num, kind, text) num,
      SA_ALU_TABLE(SA_X)
#undef SA_X
  };
  const sa_alu_desc *d = &cmd->u.alu;
  if (d->op >= SA_NUM_ALU_OPS)
    return sai_reject(dev, cmd, SA_INVALID, "op is %u, which is none", d->op);
  TRY(check_alu_kind(dev, cmd));
  TRY(check_loops(dev, cmd, d->n));
  TRY(at_most(dev, cmd, "cols", d->cols, dev->machine.config.hw.cols));
  TRY(check_map(dev, cmd, "destination", SA_ACC, &d->dst));
  TRY(check_alu_operand(dev, cmd, "a", d->a_from, &d->a));
  bool reduces =
      d->op == SA_ALU_RSUM || d->op == SA_ALU_RMAX || d->op == SA_ALU_RMIN;
  if (reduces && d->a_from != SA_FROM_ROWS)
    return sai_reject(dev, cmd, SA_INVALID, "%s needs rows to reduce",
                      sa_alu_name(d->op));
  if (operands[d->op] == 2) {
    TRY(check_alu_operand(dev, cmd, "b", d->b_from, &d->b));
    if (d->a_from == SA_FROM_IMM && d->b_from == SA_FROM_IMM &&
        d->op != SA_ALU_RESCALE)
      return sai_reject(dev, cmd, SA_INVALID, "%s of two immediates",
                        sa_alu_name(d->op));
  }
  uint32_t acc = dev->machine.config.acc;
  if (d->op == SA_ALU_CLAMP) {
    TRY(check_value(dev, cmd, "imm", acc, d->imm));
    TRY(check_value(dev, cmd, "imm2", acc, d->imm2));
    if (!(d->imm <= d->imm2))
      return sai_reject(dev, cmd, SA_INVALID, "clamps to %.9g...%.9g", d->imm,
                        d->imm2);
  }
  if (d->op != SA_ALU_SCALE)
    return SA_OK;
  if (!d->rq)
    return sai_reject(dev, cmd, SA_INVALID, "scale without a requantisation");
  return check_requant(dev, cmd, d->rq, acc, 0, sai_steps(d->n) ? d->cols : 0);
}

static sa_status check_token(sa_dev *dev, const sa_cmd *cmd) {
  uint32_t from = cmd->u.token.from, to = cmd->u.token.to;
  if (from < SA_NUM_QUEUES && to < SA_NUM_QUEUES && from != to)
    return SA_OK;
  return sai_reject(dev, cmd, SA_INVALID, "from queue %u to queue %u", from,
                    to);
}

sa_status sai_check(sa_dev *dev, const sa_cmd *cmd) {
  switch ((sa_op)cmd->op) {
  case SA_OP_LOAD:
  case SA_OP_LOADW:
    TRY(check_load(dev, cmd));
    return sai_check_dram(dev, cmd);
  case SA_OP_PRELOAD:
    return check_preload(dev, cmd);
  case SA_OP_GEMM:
    return check_gemm(dev, cmd);
  case SA_OP_GEMM_OS:
    return check_gemm_os(dev, cmd);
  case SA_OP_ALU:
    return check_alu(dev, cmd);
  case SA_OP_STORE:
    TRY(check_store(dev, cmd));
    return sai_check_dram(dev, cmd);
  case SA_OP_MOVE:
    return check_move(dev, cmd);
  case SA_OP_SIGNAL:
  case SA_OP_AWAIT:
    return check_token(dev, cmd);
  }
  return SA_INVALID;
}
