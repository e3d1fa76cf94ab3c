// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A tile on the vector unit: products and folds of rows of ACC.
//
//   for blocks of lanes, what four loops do not hold, reduced dims:
//     alu                  first: out = a * b (or a); then out += a * b (out op a)
#include "design/program_internal.h"
#include "target/instr.h"
#include "view/try.h"

#include <string.h>

static gln_alu_op fold_of(gln_combine combine) {
  switch (combine) {
  case GLN_COMBINE_DOT:
    return GLN_ALU_MAC;
  case GLN_COMBINE_SUM:
    return GLN_ALU_ADD;
  case GLN_COMBINE_PROD:
    return GLN_ALU_MUL;
  case GLN_COMBINE_MAX:
    return GLN_ALU_MAX;
  case GLN_COMBINE_MIN:
    break;
  }
  return GLN_ALU_MIN;
}

//===-- What the unit computes --------------------------------------------===//

// The functions that an operation is made of; none, if it moves or requantises.
static size_t functions_of(gln_alu_op op, int out[2]) {
#define ONE(id) (out[0] = GLN_KIND_SCALAR + GLN_SCALAR_##id, 1)
  switch (op) {
  case GLN_ALU_MAC:
    out[1] = GLN_KIND_SCALAR + GLN_SCALAR_ADD;
    return ONE(MUL) + 1;
  case GLN_ALU_CLAMP:
    out[1] = GLN_KIND_SCALAR + GLN_SCALAR_MIN;
    return ONE(MAX) + 1;
  case GLN_ALU_ADD:
    return ONE(ADD);
  case GLN_ALU_SUB:
    return ONE(SUB);
  case GLN_ALU_MUL:
    return ONE(MUL);
  case GLN_ALU_MAX:
    return ONE(MAX);
  case GLN_ALU_MIN:
    return ONE(MIN);
  case GLN_ALU_RELU:
    return ONE(RELU);
  case GLN_ALU_ABS:
    return ONE(ABS);
  case GLN_ALU_SHL:
    return ONE(SHL);
  case GLN_ALU_SHR:
    return ONE(SHR);
  case GLN_ALU_DIV:
    return ONE(DIV);
  case GLN_ALU_SQRT:
    return ONE(SQRT);
  case GLN_ALU_EXP:
    return ONE(EXP);
  case GLN_ALU_TANH:
    return ONE(TANH);
  case GLN_ALU_ERF:
    return ONE(ERF);
  case GLN_ALU_RSUM:
    return out[0] = GLN_KIND_REDUCE_SUM, 1;
  case GLN_ALU_RMAX:
    return out[0] = GLN_KIND_REDUCE_MAX, 1;
  case GLN_ALU_RMIN:
    return out[0] = GLN_KIND_REDUCE_MIN, 1;
  case GLN_ALU_COPY:
  case GLN_ALU_SCALE:
  case GLN_ALU_RESCALE:
    break;
  }
  return 0;
#undef ONE
}

static bool has_function(const gln_target *target, gln_type type, int kind) {
  for (size_t i = 0; target->instrs && i < target->instrs->num; ++i) {
    const gln_instr *instr = &target->instrs->instrs[i];
    if (instr->unit == GLN_INSTR_VECTOR && gln_instr_has_kind(instr, kind) &&
        (instr->any_type || instr->result == type))
      return true;
  }
  return false;
}

static eg_status check_op(const gln_target *target, gln_type type,
                          gln_alu_op op, eg_error *error) {
  int kinds[2];
  size_t num = functions_of(op, kinds);
  for (size_t i = 0; i < num; ++i)
    if (!has_function(target, type, kinds[i]))
      return gln_fail(error, EG_INFEASIBLE,
                      "target '%s' has no instruction of the vector unit that "
                      "computes '%s' of %s",
                      target->name, gln_kind_name(kinds[i]),
                      gln_type_name(type));
  return EG_OK;
}

eg_status glni_vector_check(const gln_target *target, const glni_plan *plan,
                            eg_error *error) {
  const gln_spec *spec = &plan->block->spec;
  bool folds = spec->num_dims > spec->num_parallel;
  if (plan->dataflow == GLN_VECTOR && (folds || spec->num_operands > 1))
    GLN_TRY(check_op(target, plan->acc,
                     folds ? fold_of(spec->combine) : GLN_ALU_MUL, error));
  for (size_t i = 0; i < plan->body.num_vops; ++i)
    GLN_TRY(check_op(target, plan->acc, plan->body.vops[i].op, error));
  return EG_OK;
}

//===-- A tile ------------------------------------------------------------===//

// Row dims: up to four run in the command, the others around it.
static size_t open_rows(glni_tile *t, int *slots) {
  const glni_plan *p = t->e->plan;
  size_t num = 0;
  for (size_t d = p->num_parallel; d-- > 0;) {
    if ((int)d == p->lane_n || p->block->tile[d] == 1)
      continue;
    if (num < 4)
      slots[num++] = (int)d;
    else
      glni_loop_over(t, d, 1);
  }
  return num;
}

static gln_rows walk(glni_tile *t, const glni_staged *s, const int *slots,
                     size_t num) {
  gln_rows rows = glni_rows_of(t, s);
  for (size_t i = 0; i < num; ++i)
    rows.stride[3 - i] = (int32_t)s->row_of[slots[i]];
  return rows;
}

// An operand without the lane dim has one element for all lanes.
static gln_from from_of(const glni_tile *t, const glni_staged *s) {
  int lane = t->e->plan->lane_n;
  return lane >= 0 && s->lane != lane ? GLN_FROM_LANE : GLN_FROM_ROWS;
}

// out = a * b, or with |fold| out op= a (* b); the first visit of one operand is a
// copy.
static void put(glni_tile *t, const int *slots, size_t num, bool fold) {
  const gln_spec *spec = &t->e->plan->block->spec;
  bool dot = spec->combine == GLN_COMBINE_DOT;
  gln_alu_command c = {.n = {GLNI_ONE, GLNI_ONE, GLNI_ONE, GLNI_ONE},
                       .cols = t->cols};
  for (size_t i = 0; i < num; ++i)
    c.n[3 - i] = t->e->extent[slots[i]];
  c.op = fold ? fold_of(spec->combine) : dot ? GLN_ALU_MUL : GLN_ALU_COPY;
  c.dst = walk(t, t->out, slots, num);
  c.dst_row = glni_row(t->e, t->out);
  c.a = walk(t, t->a, slots, num);
  c.a_row = glni_row(t->e, t->a);
  c.a_from = from_of(t, t->a);
  if (dot) {
    c.b = walk(t, t->b, slots, num);
    c.b_row = glni_row(t->e, t->b);
    c.b_from = from_of(t, t->b);
  } else if (fold) {
    c.b = c.a;
    c.b_row = c.a_row;
    c.b_from = c.a_from;
    c.a = c.dst;
    c.a_row = c.dst_row;
    c.a_from = GLN_FROM_ROWS;
  }
  glni_command(&t->e->b, GLN_COMMAND_ALU)->alu = c;
}

void glni_tile_vector(glni_emit *e) {
  const glni_plan *p = e->plan;
  glni_build *b = &e->b;
  glni_tile t = {.e = e,
                 .a = &p->staged[0],
                 .b = &p->staged[1],
                 .out = glni_result_of(p),
                 .cols = GLNI_ONE};
  uint32_t depth = b->num_open;
  int slots[4];
  memset(e->index, 0, sizeof e->index);
  for (size_t d = p->num_parallel; d < p->num_dims; ++d)
    if (p->pos[d] >= 0)
      t.reduced = glni_add(b, t.reduced, e->grid[p->pos[d]]);
  if (p->lane_n != GLNI_NONE) {
    glni_loop_over(&t, (size_t)p->lane_n, p->unit_n);
    t.cols = glni_left(&t, (size_t)p->lane_n, p->unit_n);
  }
  size_t num = open_rows(&t, slots);
  for (size_t d = p->num_parallel; d < p->num_dims; ++d)
    t.reduced = glni_add(b, t.reduced, glni_loop_over(&t, d, 1));
  glni_if(b, glni_less(b, t.reduced, GLNI_ONE));
  put(&t, slots, num, false);
  glni_end(b);
  glni_if(b, glni_positive(b, t.reduced));
  put(&t, slots, num, true);
  glni_end_all(b, depth);
  memset(e->index, 0, sizeof e->index);
}
