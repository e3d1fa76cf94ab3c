// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A gln_program as scf loops of systolic commands.
//
// An expression is put down where it is first used and serves until the loop or
// condition around it ends; upstream's loop-invariant code motion moves it out
// as far as its variables allow.
#include "bridge/commands.h"

#include "bridge/emit.h"
#include "cxx/glenside-cxx.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct emitter {
  gln_emit at;
  MlirOperation first; // constants go in front of it
  const gln_program *program;
  MlirValue device;
  const MlirValue *memrefs;
  MlirType index, bit;
  MlirValue *values; // of expressions; null: not put down
  uint32_t *levels;  // of loops and conditions around each
  MlirValue *vars;
  uint32_t level;
} emitter;

static MlirType no_type(void) {
  return (MlirType){NULL};
}

//===-- Expressions -------------------------------------------------------===//

static MlirValue binary(emitter *e, const char *name, MlirValue a,
                        MlirValue b) {
  return gln_emit_value(&e->at, name, (MlirValue[]){a, b}, 2, e->index, NULL,
                        0);
}

// Predicates of arith.cmpi.
enum { CMP_EQ = 0, CMP_NE = 1, CMP_SLT = 2 };

static MlirValue compare(emitter *e, int predicate, MlirValue a, MlirValue b) {
  MlirNamedAttribute attribute = gln_emit_named(
      &e->at, "predicate",
      mlirIntegerAttrGet(mlirIntegerTypeGet(e->at.context, 64), predicate));
  return gln_emit_value(&e->at, "arith.cmpi", (MlirValue[]){a, b}, 2, e->bit,
                        &attribute, 1);
}

static MlirValue constant(emitter *e, int64_t value) {
  gln_emit at = e->at;
  at.block = mlirOperationGetBlock(e->first);
  at.before = e->first;
  return gln_emit_int(&at, e->index, value);
}

// a mod b in 0 ... b - 1 for b > 0: the remainder has the sign of a.
static MlirValue modulo(emitter *e, MlirValue a, MlirValue b) {
  MlirValue rest = binary(e, "arith.remsi", a, b);
  MlirValue up = binary(e, "arith.addi", rest, b);
  MlirValue negative = compare(e, CMP_SLT, rest, constant(e, 0));
  return gln_emit_value(&e->at, "arith.select",
                        (MlirValue[]){negative, up, rest}, 3, e->index, NULL,
                        0);
}

static MlirValue value_of(emitter *e, gln_int id);

static MlirValue put_expr(emitter *e, const gln_expr *x) {
  if (x->kind == GLN_EXPR_CONST)
    return constant(e, x->value);
  if (x->kind == GLN_EXPR_VAR)
    return e->vars[x->value];
  MlirValue a = value_of(e, x->a), b = value_of(e, x->b);
  switch ((gln_expr_kind)x->kind) {
  case GLN_EXPR_ADD:
    return binary(e, "arith.addi", a, b);
  case GLN_EXPR_SUB:
    return binary(e, "arith.subi", a, b);
  case GLN_EXPR_MUL:
    return binary(e, "arith.muli", a, b);
  case GLN_EXPR_MIN:
    return binary(e, "arith.minsi", a, b);
  case GLN_EXPR_MAX:
    return binary(e, "arith.maxsi", a, b);
  case GLN_EXPR_MOD:
    return modulo(e, a, b);
  case GLN_EXPR_DIV:
    return binary(e, "arith.divsi", binary(e, "arith.subi", a, modulo(e, a, b)),
                  b);
  case GLN_EXPR_LT:
  case GLN_EXPR_EQ:
  default:
    break;
  }
  MlirValue bit = compare(e, x->kind == GLN_EXPR_LT ? CMP_SLT : CMP_EQ, a, b);
  return gln_emit_value(&e->at, "arith.index_castui", &bit, 1, e->index, NULL,
                        0);
}

// Depth is that of the expression.
static MlirValue value_of(emitter *e, gln_int id) {
  if (mlirValueIsNull(e->values[id])) {
    const gln_expr *x = &e->program->exprs[id];
    e->values[id] = put_expr(e, x);
    e->levels[id] = x->kind == GLN_EXPR_CONST ? 0 : e->level;
  }
  return e->values[id];
}

static bool is_constant(const emitter *e, gln_int id) {
  return e->program->exprs[id].kind == GLN_EXPR_CONST;
}

//===-- Commands ----------------------------------------------------------===//

enum { MAX_ATTRIBUTES = 48, MAX_OPERANDS = 8 + GLN_SYSTOLIC_MAX_VARYING };

// One command op in the making.
typedef struct command {
  emitter *e;
  MlirNamedAttribute list[MAX_ATTRIBUTES];
  size_t num;
  MlirValue operands[MAX_OPERANDS];
  size_t num_operands;
  MlirValue trailing[GLN_SYSTOLIC_MAX_VARYING];
  MlirAttribute names[GLN_SYSTOLIC_MAX_VARYING];
  size_t num_trailing;
} command;

static void put(command *c, const char *name, MlirAttribute value) {
  c->list[c->num++] = gln_emit_named(&c->e->at, name, value);
}

static MlirAttribute int_attribute(const command *c, int64_t value) {
  return mlirIntegerAttrGet(mlirIntegerTypeGet(c->e->at.context, 64), value);
}

static void put_longs(command *c, const char *name, const int64_t *values,
                      size_t num) {
  put(c, name, gln_ints_attribute(c->e->at.context, values, num));
}

static void put_long(command *c, const char *name, int64_t value) {
  put(c, name, int_attribute(c, value));
}

static void put_real(command *c, const char *name, double value) {
  put(c, name,
      mlirFloatAttrDoubleGet(c->e->at.context, mlirF64TypeGet(c->e->at.context),
                             value));
}

static void put_word(command *c, const char *name, gln_entry_kind kind,
                     size_t index) {
  put(c, name,
      mlirStringAttrGet(c->e->at.context,
                        gln_string(gln_entry_word(kind, index))));
}

static void put_type(command *c, const char *name, gln_type type) {
  put(c, name,
      mlirStringAttrGet(c->e->at.context, gln_string(gln_type_name(type))));
}

static void put_signed(command *c, const char *name, const int32_t *values,
                       size_t num) {
  int64_t wide[GLN_SYSTOLIC_MAX_ENTRIES];
  for (size_t i = 0; i < num; ++i)
    wide[i] = values[i];
  put_longs(c, name, wide, num);
}

// An expression: its value if constant, else 0 and a trailing operand.
static int64_t vary(command *c, const char *name, size_t place, bool is_list,
                    gln_int id) {
  if (is_constant(c->e, id))
    return c->e->program->exprs[id].value;
  char text[40];
  snprintf(text, sizeof text, is_list ? "%s[%zu]" : "%s", name, place);
  c->names[c->num_trailing] =
      mlirStringAttrGet(c->e->at.context, gln_string(text));
  c->trailing[c->num_trailing++] = value_of(c->e, id);
  return 0;
}

static void put_exprs(command *c, const char *name, const gln_int *ids,
                      size_t num) {
  int64_t values[GLN_SYSTOLIC_MAX_ENTRIES];
  for (size_t i = 0; i < num; ++i)
    values[i] = vary(c, name, i, true, ids[i]);
  put_longs(c, name, values, num);
}

static void put_expr_of(command *c, const char *name, gln_int id) {
  put_long(c, name, vary(c, name, 0, false, id));
}

static void put_rows(command *c, const char *name, const gln_rows *rows) {
  char col[40], ring[40];
  snprintf(col, sizeof col, "%s_col", name);
  snprintf(ring, sizeof ring, "%s_ring", name);
  put_signed(c, name, rows->stride, 4);
  put_expr_of(c, col, rows->col);
  put_longs(c, ring, (const int64_t[]){rows->ring_base, rows->ring_len}, 2);
}

static void argument(command *c, gln_int id) {
  c->operands[c->num_operands++] = value_of(c->e, id);
}

static void put_box(command *c, const gln_dram_box *box) {
  int64_t step[5];
  for (size_t i = 0; i < 5; ++i)
    step[i] = box->step[i] ? box->step[i] : 1;
  put_long(c, "base", box->offset);
  put_type(c, "type", box->type);
  put_exprs(c, "n", box->n, 5);
  put_longs(c, "step", step, 5);
  put_longs(c, "extent", box->extent, 5);
  put_longs(c, "stride", box->stride, 5);
  c->operands[c->num_operands++] = c->e->memrefs[box->tensor];
  for (size_t i = 0; i < 5; ++i)
    argument(c, box->origin[i]);
}

static void put_requant(command *c, bool has, const gln_requant *r) {
  if (!has)
    return;
  put_longs(c, "requant",
            (const int64_t[]){r->mult, r->shift, r->round, r->zero_point, r->lo,
                              r->hi},
            6);
  put_real(c, "scale", (double)r->scale);
}

static void put_out(command *c, const gln_out *out) {
  put_word(c, "act", GLN_ENTRY_ACT, out->act);
  put_real(c, "lo", out->lo);
  put_real(c, "hi", out->hi);
  put_requant(c, out->has_requant, &out->requant);
}

static void put_load(command *c, const gln_load_command *x) {
  put_long(c, "accumulate", x->accumulate);
  put_box(c, &x->box);
  put_rows(c, "rows", &x->rows);
  put_real(c, "fill", x->fill);
  argument(c, x->row);
}

static void put_preload(command *c, const gln_preload_command *x) {
  put_expr_of(c, "bank", x->bank);
  put_expr_of(c, "wcol", x->col);
  put_expr_of(c, "k", x->k);
  put_expr_of(c, "cols", x->n);
  argument(c, x->row);
}

static void put_gemm(command *c, const gln_gemm_command *x) {
  put_exprs(c, "n", x->n, 4);
  put_rows(c, "a", &x->a);
  put_rows(c, "c", &x->c);
  put_expr_of(c, "k", x->k);
  put_expr_of(c, "cols", x->cols);
  put_exprs(c, "pack", x->pack, 2);
  put_signed(c, "pack_stride", x->pack_stride, 2);
  put_expr_of(c, "bank", x->bank);
  put_expr_of(c, "accumulate", x->accumulate);
  argument(c, x->arow);
  argument(c, x->crow);
}

static void put_gemm_os(command *c, const gln_gemm_os_command *x) {
  put_exprs(c, "n", x->n, 4);
  put_rows(c, "a", &x->a);
  put_rows(c, "c", &x->c);
  put_exprs(c, "r", x->r, 3);
  put_signed(c, "a_step", x->a_stride, 3);
  put_signed(c, "w_step", x->w_stride, 3);
  put_expr_of(c, "k", x->k);
  put_expr_of(c, "cols", x->cols);
  put_expr_of(c, "wcol", x->wcol);
  put_expr_of(c, "accumulate", x->accumulate);
  argument(c, x->arow);
  argument(c, x->wrow);
  argument(c, x->crow);
}

static void put_alu(command *c, const gln_alu_command *x) {
  put_word(c, "op", GLN_ENTRY_ALU, x->op);
  put_exprs(c, "n", x->n, 4);
  put_expr_of(c, "cols", x->cols);
  put_rows(c, "dst", &x->dst);
  put_rows(c, "lhs", &x->a);
  put_rows(c, "rhs", &x->b);
  put_word(c, "lhs_from", GLN_ENTRY_FROM, x->a_from);
  put_word(c, "rhs_from", GLN_ENTRY_FROM, x->b_from);
  put_real(c, "imm", x->imm);
  put_real(c, "imm2", x->imm2);
  put_requant(c, x->has_requant, &x->requant);
  argument(c, x->dst_row);
  argument(c, x->a_row);
  argument(c, x->b_row);
}

static void put_store(command *c, const gln_store_command *x) {
  put_word(c, "space", GLN_ENTRY_SPACE, x->space);
  put_box(c, &x->box);
  put_rows(c, "rows", &x->rows);
  put_out(c, &x->out);
  argument(c, x->row);
}

static void put_move(command *c, const gln_move_command *x) {
  put_word(c, "from", GLN_ENTRY_SPACE, x->from);
  put_word(c, "to", GLN_ENTRY_SPACE, x->to);
  put_exprs(c, "n", x->n, 5);
  put_long(c, "transpose", x->transpose);
  put_long(c, "masked", x->masked);
  put_long(c, "accumulate", x->accumulate);
  put_rows(c, "src", &x->src);
  put_rows(c, "dst", &x->dst);
  put_longs(c, "extent", x->extent, 5);
  put_real(c, "fill", x->fill);
  put_out(c, &x->out);
  argument(c, x->dst_row);
  argument(c, x->src_row);
  for (size_t i = 0; i < 5; ++i)
    argument(c, x->origin[i]);
}

static gln_systolic_op put_command(command *c, const gln_command *x) {
  switch (x->kind) {
  case GLN_COMMAND_LOAD:
    put_word(c, "space", GLN_ENTRY_SPACE, x->load.space);
    put_load(c, &x->load);
    return GLN_SYSTOLIC_LOAD;
  case GLN_COMMAND_LOADW:
    put_load(c, &x->load);
    return GLN_SYSTOLIC_LOADW;
  case GLN_COMMAND_PRELOAD:
    put_preload(c, &x->preload);
    return GLN_SYSTOLIC_PRELOAD;
  case GLN_COMMAND_GEMM:
    put_gemm(c, &x->gemm);
    return GLN_SYSTOLIC_GEMM;
  case GLN_COMMAND_GEMM_OS:
    put_gemm_os(c, &x->gemm_os);
    return GLN_SYSTOLIC_GEMM_OS;
  case GLN_COMMAND_ALU:
    put_alu(c, &x->alu);
    return GLN_SYSTOLIC_ALU;
  case GLN_COMMAND_STORE:
    put_store(c, &x->store);
    return GLN_SYSTOLIC_STORE;
  case GLN_COMMAND_MOVE:
    put_move(c, &x->move);
    return GLN_SYSTOLIC_MOVE;
  case GLN_COMMAND_SIGNAL:
  case GLN_COMMAND_AWAIT:
    break;
  }
  put_word(c, "from", GLN_ENTRY_QUEUE, x->token.from);
  put_word(c, "to", GLN_ENTRY_QUEUE, x->token.to);
  return x->kind == GLN_COMMAND_SIGNAL ? GLN_SYSTOLIC_SIGNAL
                                       : GLN_SYSTOLIC_AWAIT;
}

static void emit_command(emitter *e, const gln_command *x) {
  command c = {.e = e};
  c.operands[c.num_operands++] = e->device;
  gln_systolic_op op = put_command(&c, x);
  for (size_t i = 0; i < c.num_trailing; ++i)
    c.operands[c.num_operands++] = c.trailing[i];
  if (c.num_trailing)
    put(&c, "varying",
        mlirArrayAttrGet(e->at.context, (intptr_t)c.num_trailing, c.names));
  gln_emit_insert(&e->at, gln_systolic_build(e->at.location, op, c.operands,
                                             c.num_operands, c.list, c.num));
}

//===-- Steps -------------------------------------------------------------===//

static MlirBlock only_block(MlirOperation op, intptr_t region) {
  return mlirRegionGetFirstBlock(mlirOperationGetRegion(op, region));
}

static MlirOperation open_loop(emitter *e, const gln_step *step) {
  MlirOperationState state =
      mlirOperationStateGet(gln_string("scf.for"), e->at.location);
  MlirValue bounds[] = {constant(e, 0), value_of(e, step->value),
                        constant(e, 1)};
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region,
                             mlirBlockCreate(1, &e->index, &e->at.location));
  mlirOperationStateAddOperands(&state, 3, bounds);
  mlirOperationStateAddOwnedRegions(&state, 1, &region);
  MlirOperation loop = gln_emit_insert(&e->at, mlirOperationCreate(&state));
  e->vars[step->index] = mlirBlockGetArgument(only_block(loop, 0), 0);
  return loop;
}

static MlirOperation open_condition(emitter *e, const gln_step *step) {
  MlirValue bit = compare(e, CMP_NE, value_of(e, step->value), constant(e, 0));
  MlirOperationState state =
      mlirOperationStateGet(gln_string("scf.if"), e->at.location);
  MlirRegion regions[] = {mlirRegionCreate(), mlirRegionCreate()};
  mlirRegionAppendOwnedBlock(regions[0], mlirBlockCreate(0, NULL, NULL));
  mlirOperationStateAddOperands(&state, 1, &bit);
  mlirOperationStateAddOwnedRegions(&state, 2, regions);
  return gln_emit_insert(&e->at, mlirOperationCreate(&state));
}

// Ends a loop or condition: what was put down inside it is out of reach.
static void close_body(emitter *e, gln_emit outside) {
  gln_emit_op(&e->at, "scf.yield", NULL, 0, no_type(), NULL, 0);
  e->at = outside;
  --e->level;
  for (uint32_t i = 0; i < e->program->num_exprs; ++i)
    if (e->levels[i] > e->level)
      e->values[i] = (MlirValue){NULL};
}

// Depth is that of the loops.
static void emit_steps(emitter *e, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i = e->program->steps[i].end) {
    const gln_step *step = &e->program->steps[i];
    if (step->kind == GLN_STEP_COMMAND) {
      emit_command(e, &e->program->commands[step->index]);
      continue;
    }
    MlirOperation op = step->kind == GLN_STEP_LOOP ? open_loop(e, step)
                                                   : open_condition(e, step);
    gln_emit outside = e->at;
    e->at.block = only_block(op, 0);
    e->at.before = (MlirOperation){NULL};
    ++e->level;
    emit_steps(e, i + 1, step->end);
    close_body(e, outside);
  }
}

bool gln_commands_emit(MlirOperation first, MlirOperation before,
                       const gln_program *program, MlirValue device,
                       const MlirValue *memrefs, const char *layer) {
  eg_allocator memory = eg_allocator_default();
  size_t n = program->num_exprs, m = program->num_vars;
  size_t bytes = (n + m) * sizeof(MlirValue) + n * sizeof(uint32_t);
  MlirValue *block = memory.resize(memory.user, NULL, 0, bytes + 1);
  if (!block)
    return gln_error(mlirOperationGetLocation(before), "out of memory");
  memset(block, 0, bytes);
  emitter e = {.at = gln_emit_at(before),
               .first = first,
               .program = program,
               .device = device,
               .memrefs = memrefs,
               .values = block,
               .vars = block + n,
               .levels = (uint32_t *)(block + n + m)};
  e.index = mlirIndexTypeGet(e.at.context);
  e.bit = mlirIntegerTypeGet(e.at.context, 1);
  emit_steps(&e, 0, program->num_steps);
  MlirNamedAttribute done = gln_emit_named(
      &e.at, "layer", mlirStringAttrGet(e.at.context, gln_string(layer)));
  gln_emit_insert(&e.at, gln_systolic_build(e.at.location, GLN_SYSTOLIC_WAIT,
                                            &device, 1, &done, 1));
  memory.resize(memory.user, block, bytes + 1, 0);
  return true;
}
