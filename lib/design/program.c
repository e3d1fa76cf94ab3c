// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Programs that are made: walking and counting.
#include "design/program_internal.h"
#include "view/try.h"

#include <string.h>

static void release(const eg_allocator *a, void *block, size_t size) {
  if (block)
    a->resize(a->user, block, size, 0);
}

void gln_program_fini(gln_program *p) {
  const eg_allocator *a = &p->allocator;
  release(a, p->exprs, p->num_exprs * sizeof *p->exprs);
  release(a, p->steps, p->num_steps * sizeof *p->steps);
  release(a, p->commands, p->num_commands * sizeof *p->commands);
  memset(p, 0, sizeof *p);
}

//===-- Walking -----------------------------------------------------------===//

// One expression, its operands known.
static int64_t value_of(const gln_expr *x, const int64_t *values,
                        const int64_t *vars) {
  if (x->kind == GLN_EXPR_CONST)
    return x->value;
  if (x->kind == GLN_EXPR_VAR)
    return vars[x->value];
  return glni_apply((gln_expr_kind)x->kind, values[x->a], values[x->b]);
}

static void evaluate(gln_cursor *c) {
  for (uint32_t i = 0; i < c->program->num_exprs; ++i)
    c->values[i] = value_of(&c->program->exprs[i], c->values, c->vars);
}

static size_t words_of(const gln_program *p) {
  return (size_t)p->num_exprs + p->num_vars + GLNI_MAX_OPEN;
}

eg_status gln_cursor_init(gln_cursor *c, const gln_program *p,
                          eg_error *error) {
  memset(c, 0, sizeof *c);
  c->program = p;
  c->values = p->allocator.resize(p->allocator.user, NULL, 0,
                                  words_of(p) * sizeof *c->values);
  if (!c->values)
    return gln_fail(error, EG_NO_MEMORY, "no memory to walk a program");
  memset(c->values, 0, words_of(p) * sizeof *c->values);
  c->vars = c->values + p->num_exprs;
  c->stack = c->vars + p->num_vars;
  evaluate(c);
  return EG_OK;
}

void gln_cursor_fini(gln_cursor *c) {
  if (c->program)
    release(&c->program->allocator, c->values,
            words_of(c->program) * sizeof *c->values);
  memset(c, 0, sizeof *c);
}

// Leaves the loops that end here, or starts their next trip.
static void close_loops(gln_cursor *c) {
  while (c->depth > 0) {
    const gln_step *s = &c->program->steps[c->stack[c->depth - 1]];
    if (c->at < s->end)
      return;
    if (++c->vars[s->index] < c->values[s->value]) {
      c->at = (uint32_t)c->stack[c->depth - 1] + 1;
      evaluate(c);
      return;
    }
    c->vars[s->index] = 0;
    --c->depth;
    evaluate(c);
  }
}

const gln_command *gln_cursor_next(gln_cursor *c) {
  for (;;) {
    close_loops(c);
    if (c->at >= c->program->num_steps)
      return NULL;
    const gln_step *s = &c->program->steps[c->at];
    bool runs = c->values[s->value] > 0;
    if (s->kind == GLN_STEP_COMMAND) {
      ++c->at;
      return &c->program->commands[s->index];
    }
    if (runs && s->kind == GLN_STEP_LOOP)
      c->stack[c->depth++] = c->at;
    c->at = runs ? c->at + 1 : s->end;
  }
}

//===-- Counting ----------------------------------------------------------===//

// Bytes of a box that lie in DRAM.
static uint64_t box_bytes(const gln_dram_box *box, const int64_t *values) {
  uint64_t bytes = gln_type_bytes(box->type);
  for (int a = 0; a < 5; ++a) {
    int64_t step = box->step[a] ? box->step[a] : 1, n = values[box->n[a]];
    int64_t origin = values[box->origin[a]];
    int64_t first = origin < 0 ? (-origin + step - 1) / step : 0;
    int64_t last = origin < box->extent[a]
                       ? (box->extent[a] - origin + step - 1) / step
                       : 0;
    last = last < n ? last : n;
    bytes *= (uint64_t)(last > first ? last - first : 0);
  }
  return bytes;
}

static uint64_t product(const gln_int *fields, size_t num, bool zero_is_one,
                        const int64_t *values) {
  uint64_t all = 1;
  for (size_t i = 0; i < num; ++i)
    all *=
        (uint64_t)(zero_is_one && values[fields[i]] == 0 ? 1
                                                         : values[fields[i]]);
  return all;
}

static void count(const gln_command *c, const int64_t *values,
                  gln_program_counts *out) {
  const gln_gemm_command *g = &c->gemm;
  const gln_gemm_os_command *o = &c->gemm_os;
  ++out->commands[c->kind];
  switch (c->kind) {
  case GLN_COMMAND_LOAD:
  case GLN_COMMAND_LOADW:
    out->dram_read_bytes += box_bytes(&c->load.box, values);
    break;
  case GLN_COMMAND_STORE:
    out->dram_write_bytes += box_bytes(&c->store.box, values);
    break;
  case GLN_COMMAND_GEMM:
    out->macs += product(g->n, 4, false, values) *
                 product(g->pack, 2, true, values) *
                 (uint64_t)(values[g->k] * values[g->cols]);
    break;
  case GLN_COMMAND_GEMM_OS:
    out->macs += product(o->n, 4, false, values) *
                 product(o->r, 3, true, values) *
                 (uint64_t)(values[o->k] * values[o->cols]);
    break;
  case GLN_COMMAND_ALU:
    out->vector_elements +=
        product(c->alu.n, 4, false, values) * (uint64_t)values[c->alu.cols];
    break;
  default:
    break;
  }
}

eg_status gln_program_count(const gln_program *program, gln_program_counts *out,
                            eg_error *error) {
  gln_cursor cursor;
  const gln_command *c;
  memset(out, 0, sizeof *out);
  GLN_TRY(gln_cursor_init(&cursor, program, error));
  while ((c = gln_cursor_next(&cursor)))
    count(c, cursor.values, out);
  gln_cursor_fini(&cursor);
  return EG_OK;
}
