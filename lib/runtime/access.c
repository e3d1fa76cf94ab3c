// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The on-chip rows that a command reads and writes, and its DRAM traffic: the
// one description of commands that all checks, counters and backends share.
#include "runtime_internal.h"

#define VISIT(...)                                                             \
  do {                                                                         \
    sa_access access_ = {__VA_ARGS__};                                         \
    sa_status status_ = visit(user, &access_);                                 \
    if (status_ != SA_OK)                                                      \
      return status_;                                                          \
  } while (0)

sa_span sa_clip(int64_t origin, int64_t step, int64_t extent, uint32_t n) {
  sa_span none = {0, 0};
  int64_t first = origin < 0 ? (-origin + step - 1) / step : 0;
  int64_t last = origin < extent ? (extent - origin + step - 1) / step : 0;
  if (last > (int64_t)n)
    last = n;
  return first < last ? (sa_span){(uint32_t)first, (uint32_t)last} : none;
}

// The part of a walk with loop indices in |span|.
static sa_access walk_part(const sa_rows *map, int64_t row,
                           const sa_span span[4]) {
  sa_access part = {.map = map, .row = row};
  for (int a = 0; a < 4; ++a) {
    part.n[a] = span[a].last - span[a].first;
    part.row += (int64_t)span[a].first * map->stride[a];
  }
  return part;
}

static sa_span intersect(sa_span a, sa_span b) {
  sa_span both = {a.first > b.first ? a.first : b.first,
                  a.last < b.last ? a.last : b.last};
  return both.first < both.last ? both : (sa_span){0, 0};
}

// The source of a store or a move: the positions in |span|, each with its window.
static sa_status visit_source(uint32_t space, const sa_rows *map, int64_t row,
                              const sa_span span[5], const sa_pool *pool,
                              const int64_t origin[5], sa_visitor visit,
                              void *user) {
  bool pooled = pool->op != SA_POOL_NONE;
  for (uint32_t w0 = 0; w0 < (pooled ? pool->n[0] : 1); ++w0)
    for (uint32_t w1 = 0; w1 < (pooled ? pool->n[1] : 1); ++w1) {
      sa_span part[4] = {span[0], span[1], span[2], span[3]};
      int64_t start = row;
      for (int a = 0; pooled && a < 2; ++a) {
        uint32_t w = a ? w1 : w0;
        int64_t first = origin[2 + a] * pool->step[a] - pool->low[a] + w;
        part[2 + a] =
            intersect(part[2 + a], sa_clip(first, pool->step[a],
                                           pool->extent[a], span[2 + a].last));
        start += (int64_t)w * pool->row[a];
      }
      sa_access access = walk_part(map, start, part);
      access.space = space;
      access.name = "source";
      access.col = map->col + span[4].first;
      access.width = span[4].last - span[4].first;
      sa_status status = visit(user, &access);
      if (status != SA_OK)
        return status;
    }
  return SA_OK;
}

static sa_status visit_load(const sa_cmd *cmd, sa_visitor visit, void *user) {
  const sa_load_desc *d = &cmd->u.load;
  sa_access rows = {.space = d->space,
                    .name = "destination",
                    .map = &d->rows,
                    .n = {d->box.n[0], d->box.n[1], d->box.n[2], d->box.n[3]},
                    .row = cmd->dst,
                    .col = d->rows.col,
                    .width = d->box.n[4]};
  sa_status status = d->accumulate ? visit(user, &rows) : SA_OK;
  rows.write = 1;
  return status == SA_OK ? visit(user, &rows) : status;
}

static sa_status visit_gemm(const sa_cmd *cmd, sa_visitor visit, void *user) {
  const sa_gemm_desc *d = &cmd->u.gemm;
  for (uint32_t q0 = 0; q0 < sai_or_one(d->pack[0]); ++q0)
    for (uint32_t q1 = 0; q1 < sai_or_one(d->pack[1]); ++q1)
      VISIT(.space = SA_ABUF, .name = "a", .map = &d->a,
            .n = {d->n[0], d->n[1], d->n[2], d->n[3]},
            .row = cmd->a + (int64_t)q0 * d->pack_stride[0] +
                   (int64_t)q1 * d->pack_stride[1],
            .col = d->a.col, .width = d->k);
  for (uint32_t write = !d->accumulate; write < 2; ++write)
    VISIT(.space = SA_ACC, .write = write, .name = "c", .map = &d->c,
          .n = {d->n[0], d->n[1], d->n[2], d->n[3]}, .row = cmd->dst,
          .col = d->c.col, .width = d->cols);
  return SA_OK;
}

static sa_status visit_gemm_os(const sa_cmd *cmd, sa_visitor visit,
                               void *user) {
  const sa_gemm_os_desc *d = &cmd->u.gemm_os;
  uint32_t r[3] = {sai_or_one(d->r[0]), sai_or_one(d->r[1]),
                   sai_or_one(d->r[2])};
  sa_rows weights = {
      .stride = {d->w_stride[0], d->w_stride[1], d->w_stride[2], 1}};
  for (uint32_t s0 = 0; s0 < r[0]; ++s0)
    for (uint32_t s1 = 0; s1 < r[1]; ++s1)
      for (uint32_t s2 = 0; s2 < r[2]; ++s2)
        VISIT(.space = SA_ABUF, .name = "a", .map = &d->a,
              .n = {d->n[0], d->n[1], d->n[2], d->n[3]},
              .row = cmd->a + (int64_t)s0 * d->a_stride[0] +
                     (int64_t)s1 * d->a_stride[1] +
                     (int64_t)s2 * d->a_stride[2],
              .col = d->a.col, .width = d->k);
  VISIT(.space = SA_WBUF, .name = "w", .map = &weights,
        .n = {r[0], r[1], r[2], d->k}, .row = cmd->b, .col = d->wcol,
        .width = d->cols);
  for (uint32_t write = !d->accumulate; write < 2; ++write)
    VISIT(.space = SA_ACC, .write = write, .name = "c", .map = &d->c,
          .n = {d->n[0], d->n[1], d->n[2], d->n[3]}, .row = cmd->dst,
          .col = d->c.col, .width = d->cols);
  return SA_OK;
}

static sa_status visit_alu(const sa_cmd *cmd, sa_visitor visit, void *user) {
  static const uint8_t operands[] = {
#define SA_X(id, name, num, kind, text) num,
      SA_ALU_TABLE(SA_X)
#undef SA_X
  };
  const sa_alu_desc *d = &cmd->u.alu;
  bool reduces =
      d->op == SA_ALU_RSUM || d->op == SA_ALU_RMAX || d->op == SA_ALU_RMIN;
  for (uint32_t i = 0; i < operands[d->op]; ++i) {
    uint32_t from = i ? d->b_from : d->a_from;
    const sa_rows *map = i ? &d->b : &d->a;
    if (from != SA_FROM_IMM)
      VISIT(.space = SA_ACC, .name = i ? "b" : "a", .map = map,
            .n = {d->n[0], d->n[1], d->n[2], d->n[3]},
            .row = i ? cmd->b : cmd->a, .col = map->col,
            .width = from == SA_FROM_LANE && d->cols ? 1 : d->cols);
  }
  bool updates = d->op == SA_ALU_MAC || d->op == SA_ALU_RESCALE;
  for (uint32_t write = !updates; write < 2; ++write)
    VISIT(.space = SA_ACC, .write = write, .name = "destination",
          .map = &d->dst, .n = {d->n[0], d->n[1], d->n[2], d->n[3]},
          .row = cmd->dst, .col = d->dst.col,
          .width = reduces && d->cols ? 1 : d->cols);
  return SA_OK;
}

static sa_status visit_store(const sa_cmd *cmd, sa_visitor visit, void *user) {
  const sa_store_desc *d = &cmd->u.store;
  sa_span span[5];
  for (int a = 0; a < 5; ++a)
    span[a] = sa_clip(cmd->origin[a], sai_or_one(d->box.step[a]),
                      d->box.extent[a], d->box.n[a]);
  return visit_source(d->space, &d->rows, cmd->a, span, &d->out.pool,
                      cmd->origin, visit, user);
}

static sa_status visit_move(const sa_cmd *cmd, sa_visitor visit, void *user) {
  const sa_move_desc *d = &cmd->u.move;
  sa_span span[5];
  for (int a = 0; a < 5; ++a)
    span[a] = d->masked ? sa_clip(cmd->origin[a], 1, d->extent[a], d->n[a])
                        : (sa_span){0, d->n[a]};
  sa_status status = visit_source(d->from, &d->src, cmd->a, span, &d->out.pool,
                                  cmd->origin, visit, user);
  if (status != SA_OK)
    return status;
  int inner = d->transpose ? 4 : 3;
  for (uint32_t write = !d->accumulate; write < 2; ++write)
    VISIT(.space = d->to, .write = write, .name = "destination", .map = &d->dst,
          .n = {d->n[0], d->n[1], d->n[2], d->n[inner]}, .row = cmd->dst,
          .col = d->dst.col, .width = d->n[7 - inner]);
  return SA_OK;
}

sa_status sa_visit(const sa_cmd *cmd, sa_visitor visit, void *user) {
  static const sa_rows weights = {.stride = {0, 0, 0, 1}};
  switch ((sa_op)cmd->op) {
  case SA_OP_LOAD:
  case SA_OP_LOADW:
    return visit_load(cmd, visit, user);
  case SA_OP_PRELOAD:
    VISIT(.space = SA_WBUF, .name = "w", .map = &weights,
          .n = {1, 1, 1, cmd->u.preload.k}, .row = cmd->b,
          .col = cmd->u.preload.wcol, .width = cmd->u.preload.n);
    return SA_OK;
  case SA_OP_GEMM:
    return visit_gemm(cmd, visit, user);
  case SA_OP_GEMM_OS:
    return visit_gemm_os(cmd, visit, user);
  case SA_OP_ALU:
    return visit_alu(cmd, visit, user);
  case SA_OP_STORE:
    return visit_store(cmd, visit, user);
  case SA_OP_MOVE:
    return visit_move(cmd, visit, user);
  case SA_OP_SIGNAL:
  case SA_OP_AWAIT:
    return SA_OK;
  }
  return SA_OK;
}

// A run grows over the axes in the order of their strides, as a DMA engine that
// may write the elements of a burst to different rows would fetch them.
void sa_box_traffic(const sa_box *box, const int64_t origin[5], uint32_t burst,
                    uint64_t *bytes, uint64_t *requests) {
  uint64_t size = sa_type_bytes(box->type), total = size, run = size;
  uint64_t count[5], pitch[5];
  int axes = 0;
  for (int a = 0; a < 5; ++a) {
    uint32_t step = sai_or_one(box->step[a]);
    sa_span span = sa_clip(origin[a], step, box->extent[a], box->n[a]);
    uint64_t n = span.last - span.first;
    total *= n;
    uint64_t stride = (uint64_t)box->stride[a];
    uint64_t by = (box->stride[a] < 0 ? 0 - stride : stride) * step;
    if (n <= 1 || by == 0) // a stride of 0 fetches the same runs again
      continue;
    int at = axes++;
    for (; at > 0 && pitch[at - 1] > by; --at) {
      pitch[at] = pitch[at - 1];
      count[at] = count[at - 1];
    }
    pitch[at] = by;
    count[at] = n;
  }
  for (int at = 0; at < axes && pitch[at] == run; ++at)
    run *= count[at];
  *bytes = total;
  *requests = total / run * ((run + burst - 1) / burst);
}
