// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Programs on the runtime: each command as the call that it mirrors.
#ifndef PROGRAM_RUN_H
#define PROGRAM_RUN_H

#include "design/program.h"
#include "sa.h"
#include "target/instr.h"

#include <string.h>

static inline uint32_t run_type(gln_type type) {
  return type == GLN_TYPE_I8     ? SA_I8
         : type == GLN_TYPE_I32  ? SA_I32
         : type == GLN_TYPE_BF16 ? SA_BF16
         : type == GLN_TYPE_F16  ? SA_F16
                                 : SA_F32;
}

static inline sa_hw run_hw(const gln_target *target, size_t array) {
  const gln_target_array *a = &target->arrays[array];
  sa_hw hw = {.rows = (uint32_t)a->rows.value,
              .cols = (uint32_t)a->cols.value,
              .abuf_bytes = (uint32_t)target->abuf_bytes.value,
              .wbuf_bytes = (uint32_t)target->wbuf_bytes.value,
              .acc_bytes = (uint32_t)target->acc_bytes.value,
              .lanes = (uint32_t)target->lanes.value,
              .dram_bytes_per_cycle =
                  (uint32_t)target->dram_bytes_per_cycle.value,
              .dram_burst_bytes = (uint32_t)target->dram_burst_bytes.value,
              .caps = SA_CAP_ALL};
  if (a->shadow_weights.value == 0)
    hw.caps &= ~(uint32_t)SA_CAP_SHADOW;
  if (a->output_stationary.value == 0)
    hw.caps &= ~(uint32_t)SA_CAP_OS;
  if (a->weight_stationary.value == 0)
    hw.caps &= ~(uint32_t)SA_CAP_WS;
  return hw;
}

static inline sa_rows run_rows(const gln_rows *r, const int64_t *v) {
  sa_rows out = {.col = (uint32_t)v[r->col],
                 .ring_base = r->ring_base,
                 .ring_len = r->ring_len};
  memcpy(out.stride, r->stride, sizeof out.stride);
  return out;
}

static inline void run_ints(uint32_t *out, const gln_int *in, size_t num,
                            const int64_t *v) {
  for (size_t i = 0; i < num; ++i)
    out[i] = (uint32_t)v[in[i]];
}

static inline sa_box run_box(const gln_dram_box *b, const int64_t *v,
                             int64_t origin[5]) {
  sa_box out = {.type = run_type(b->type)};
  run_ints(out.n, b->n, 5, v);
  memcpy(out.step, b->step, sizeof out.step);
  memcpy(out.extent, b->extent, sizeof out.extent);
  memcpy(out.stride, b->stride, sizeof out.stride);
  for (int a = 0; a < 5; ++a)
    origin[a] = v[b->origin[a]];
  return out;
}

static inline sa_status run_load(sa_dev *dev, const gln_command *c,
                                 const int64_t *v, char *const *tensors) {
  const gln_load_command *l = &c->load;
  int64_t origin[5];
  sa_load_desc d = {.space = (uint32_t)l->space,
                    .accumulate = l->accumulate,
                    .box = run_box(&l->box, v, origin),
                    .rows = run_rows(&l->rows, v),
                    .fill = l->fill};
  const char *tensor = tensors[l->box.tensor] + l->box.offset;
  return (c->kind == GLN_COMMAND_LOADW ? sa_loadw : sa_load)(
      dev, &d, tensor, origin, (int32_t)v[l->row]);
}

// The largest call of the array so far.
static gln_instr_limits run_largest;

static inline void run_note(const uint32_t n[4], const uint32_t *r,
                            size_t num_r, int64_t k, int64_t cols) {
  int64_t m = 1;
  for (size_t i = 0; i < 4; ++i)
    m *= n[i] ? n[i] : 1;
  for (size_t i = 0; i < num_r; ++i)
    k *= r[i] ? r[i] : 1;
  run_largest.m = m > run_largest.m ? m : run_largest.m;
  run_largest.n = cols > run_largest.n ? cols : run_largest.n;
  run_largest.k = k > run_largest.k ? k : run_largest.k;
}

static inline sa_status run_gemm(sa_dev *dev, const gln_gemm_command *g,
                                 const int64_t *v) {
  sa_gemm_desc d = {.a = run_rows(&g->a, v),
                    .c = run_rows(&g->c, v),
                    .k = (uint32_t)v[g->k],
                    .cols = (uint32_t)v[g->cols],
                    .bank = (uint32_t)v[g->bank],
                    .accumulate = (uint32_t)v[g->accumulate]};
  run_ints(d.n, g->n, 4, v);
  run_ints(d.pack, g->pack, 2, v);
  memcpy(d.pack_stride, g->pack_stride, sizeof d.pack_stride);
  run_note(d.n, d.pack, 2, d.k, d.cols);
  return sa_gemm(dev, &d, (int32_t)v[g->arow], (int32_t)v[g->crow]);
}

static inline sa_status run_gemm_os(sa_dev *dev, const gln_gemm_os_command *g,
                                    const int64_t *v) {
  sa_gemm_os_desc d = {.a = run_rows(&g->a, v),
                       .c = run_rows(&g->c, v),
                       .k = (uint32_t)v[g->k],
                       .cols = (uint32_t)v[g->cols],
                       .wcol = (uint32_t)v[g->wcol],
                       .accumulate = (uint32_t)v[g->accumulate]};
  run_ints(d.n, g->n, 4, v);
  run_ints(d.r, g->r, 3, v);
  memcpy(d.a_stride, g->a_stride, sizeof d.a_stride);
  memcpy(d.w_stride, g->w_stride, sizeof d.w_stride);
  run_note(d.n, d.r, 3, d.k, d.cols);
  return sa_gemm_os(dev, &d, (int32_t)v[g->arow], (int32_t)v[g->wrow],
                    (int32_t)v[g->crow]);
}

static inline sa_status run_alu(sa_dev *dev, const gln_alu_command *a,
                                const int64_t *v) {
  sa_alu_desc d = {.op = (uint32_t)a->op,
                   .cols = (uint32_t)v[a->cols],
                   .dst = run_rows(&a->dst, v),
                   .a = run_rows(&a->a, v),
                   .b = run_rows(&a->b, v),
                   .a_from = (uint32_t)a->a_from,
                   .b_from = (uint32_t)a->b_from,
                   .imm = a->imm,
                   .imm2 = a->imm2};
  run_ints(d.n, a->n, 4, v);
  return sa_alu(dev, &d, (int32_t)v[a->dst_row], (int32_t)v[a->a_row],
                (int32_t)v[a->b_row]);
}

static inline sa_status run_store(sa_dev *dev, const gln_store_command *s,
                                  const int64_t *v, char *const *tensors,
                                  sa_requant *rq) {
  int64_t origin[5];
  const gln_requant *q = &s->out.requant;
  *rq = (sa_requant){.mult = &q->mult,
                     .shift = &q->shift,
                     .round = q->round,
                     .zero_point = q->zero_point,
                     .lo = q->lo,
                     .hi = q->hi};
  sa_store_desc d = {.space = (uint32_t)s->space,
                     .box = run_box(&s->box, v, origin),
                     .rows = run_rows(&s->rows, v),
                     .out = {.lo = s->out.lo,
                             .hi = s->out.hi,
                             .act = (uint32_t)s->out.act,
                             .rq = s->out.has_requant ? rq : NULL}};
  return sa_store(dev, &d, tensors[s->box.tensor] + s->box.offset, origin,
                  (int32_t)v[s->row]);
}

static inline sa_status run_command(sa_dev *dev, const gln_command *c,
                                    const int64_t *v, char *const *tensors,
                                    sa_requant *rq) {
  const gln_preload_command *p = &c->preload;
  switch (c->kind) {
  case GLN_COMMAND_LOAD:
  case GLN_COMMAND_LOADW:
    return run_load(dev, c, v, tensors);
  case GLN_COMMAND_PRELOAD:
    return sa_preload(dev, (uint32_t)v[p->bank], (int32_t)v[p->row],
                      (uint32_t)v[p->col], (uint32_t)v[p->k],
                      (uint32_t)v[p->n]);
  case GLN_COMMAND_GEMM:
    return run_gemm(dev, &c->gemm, v);
  case GLN_COMMAND_GEMM_OS:
    return run_gemm_os(dev, &c->gemm_os, v);
  case GLN_COMMAND_ALU:
    return run_alu(dev, &c->alu, v);
  case GLN_COMMAND_STORE:
    return run_store(dev, &c->store, v, tensors, rq);
  case GLN_COMMAND_MOVE:
    return SA_UNSUPPORTED;
  case GLN_COMMAND_SIGNAL:
    return sa_signal(dev, (uint32_t)c->token.from, (uint32_t)c->token.to);
  case GLN_COMMAND_AWAIT:
    return sa_await(dev, (uint32_t)c->token.to, (uint32_t)c->token.from);
  }
  return SA_INVALID;
}

// Runs the whole program on tensors, one pointer for each of its own.
static inline sa_status run_program(sa_dev *dev, const gln_program *program,
                                    char *const *tensors) {
  gln_cursor cursor;
  const gln_command *c;
  sa_status status = SA_OK;
  // Must live until the wait.
  sa_requant *rq = calloc(program->num_commands + 1u, sizeof *rq);
  if (!rq || gln_cursor_init(&cursor, program, NULL) != EG_OK) {
    free(rq);
    return SA_NO_MEMORY;
  }
  while (status == SA_OK && (c = gln_cursor_next(&cursor)))
    status =
        run_command(dev, c, cursor.values, tensors, &rq[c - program->commands]);
  gln_cursor_fini(&cursor);
  status = status == SA_OK ? sa_wait(dev, SA_ALL) : status;
  free(rq);
  return status;
}

#endif
