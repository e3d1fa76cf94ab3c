// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Straight-line scalar bodies: building, checking, the normal form, equality.
//
// Instructions are shared as they are appended (value numbering by a linear
// search: bodies have tens of instructions). The text is in scalar_text.c.
#include "view/scalar_internal.h"

#include <string.h>

eg_status gln_scalar_body_init(gln_scalar_body *body, const gln_type *arg_types,
                               size_t num_args, eg_allocator allocator,
                               eg_error *error) {
  memset(body, 0, sizeof *body);
  body->allocator = allocator;
  if (num_args > GLN_BODY_MAX_ARGS)
    return gln_fail(error, EG_LIMIT, "body: %zu arguments, at most %d",
                    num_args, GLN_BODY_MAX_ARGS);
  for (size_t i = 0; i < num_args; ++i) {
    if (!gln_type_is_valid((int)arg_types[i]))
      return gln_fail(error, EG_INVALID, "body: argument %zu has no type", i);
    body->arg_types[i] = (uint8_t)arg_types[i];
  }
  body->num_args = (uint16_t)num_args;
  return EG_OK;
}

void gln_scalar_body_fini(gln_scalar_body *body) {
  if (body->insts)
    body->allocator.resize(body->allocator.user, body->insts,
                           body->capacity * sizeof *body->insts, 0);
  body->insts = NULL;
  body->num_args = body->num_insts = body->num_results = body->capacity = 0;
}

static unsigned num_registers(const gln_scalar_body *body) {
  return (unsigned)body->num_args + body->num_insts;
}

gln_type gln_scalar_body_type(const gln_scalar_body *body, uint16_t reg) {
  if (reg < body->num_args)
    return (gln_type)body->arg_types[reg];
  return (gln_type)body->insts[reg - body->num_args].type;
}

static bool inst_equal(const gln_scalar_inst *a, const gln_scalar_inst *b) {
  return a->op == b->op && a->type == b->type && a->bits == b->bits &&
         memcmp(a->args, b->args, sizeof a->args) == 0;
}

static unsigned inst_arity(const gln_scalar_inst *inst) {
  return inst->op < GLN_NUM_SCALAR_OPS
             ? gln_scalar_op_info((gln_scalar_op)inst->op)->arity
             : 0;
}

//===-- Building ----------------------------------------------------------===//

// Appends without sharing; the reader of the text form needs that too.
eg_status glni_scalar_body_push(gln_scalar_body *body, gln_scalar_inst inst,
                                eg_error *error) {
  if (body->num_insts == GLN_BODY_MAX_INSTS)
    return gln_fail(error, EG_LIMIT, "body: more than %d instructions",
                    GLN_BODY_MAX_INSTS);
  if (body->num_insts == body->capacity) {
    unsigned capacity = body->capacity ? 2u * body->capacity : 8;
    void *grown = body->allocator.resize(body->allocator.user, body->insts,
                                         body->capacity * sizeof inst,
                                         capacity * sizeof inst);
    if (!grown)
      return gln_fail(error, EG_NO_MEMORY,
                      "body: no memory for %u instructions", capacity);
    body->insts = grown;
    body->capacity = (uint16_t)capacity;
  }
  body->insts[body->num_insts++] = inst;
  return EG_OK;
}

static eg_status append(gln_scalar_body *body, gln_scalar_inst inst,
                        uint16_t *out_register, eg_error *error) {
  unsigned i = 0;
  while (i < body->num_insts && !inst_equal(&body->insts[i], &inst))
    ++i;
  if (i == body->num_insts)
    GLN_TRY(glni_scalar_body_push(body, inst, error));
  *out_register = (uint16_t)(body->num_args + i);
  return EG_OK;
}

// Checks |inst| as one that may read the first |limit| registers.
static eg_status check_inst(const gln_scalar_body *body,
                            const gln_scalar_inst *inst, unsigned limit,
                            eg_error *error) {
  if (!gln_type_is_valid(inst->type))
    return gln_fail(error, EG_INVALID, "body: instruction %%%u has no type",
                    limit);
  gln_type type = (gln_type)inst->type, args[GLN_SCALAR_MAX_ARITY];
  if (inst->op > GLN_SCALAR_INDEX)
    return gln_fail(error, EG_INVALID, "body: no scalar function %u", inst->op);
  unsigned arity = inst_arity(inst);
  for (unsigned i = 0; i < GLN_SCALAR_MAX_ARITY; ++i) {
    if (i >= arity ? inst->args[i] != 0 : inst->args[i] >= limit)
      return gln_fail(error, EG_INVALID,
                      "body: operand %u of %%%u is %%%u, which is not earlier",
                      i, limit, inst->args[i]);
    args[i] = i < arity ? gln_scalar_body_type(body, inst->args[i]) : type;
  }
  switch (inst->op) {
  case GLN_SCALAR_CONST:
    if (gln_type_bits(type) < 64 && inst->bits >> gln_type_bits(type))
      return gln_fail(error, EG_INVALID, "body: constant %%%u exceeds type %s",
                      limit, gln_type_name(type));
    return EG_OK;
  case GLN_SCALAR_INDEX:
    if (type != GLN_TYPE_INDEX)
      return gln_fail(error, EG_INVALID,
                      "body: index %%%u has type %s, expected index", limit,
                      gln_type_name(type));
    if (inst->bits >= UINT32_MAX)
      return gln_fail(error, EG_INVALID, "body: index %%%u of dimension %llu",
                      limit, (unsigned long long)inst->bits);
    return EG_OK;
  default:
    if (inst->bits != 0)
      return gln_fail(error, EG_INVALID,
                      "body: %%%u is no constant but holds a value", limit);
    return gln_scalar_op_check((gln_scalar_op)inst->op, args, arity, type,
                               error);
  }
}

eg_status gln_scalar_body_const(gln_scalar_body *body, gln_scalar value,
                                uint16_t *out_register, eg_error *error) {
  gln_scalar_inst inst = {
      GLN_SCALAR_CONST, (uint16_t)value.type, {0}, value.bits};
  GLN_TRY(check_inst(body, &inst, num_registers(body), error));
  return append(body, inst, out_register, error);
}

eg_status gln_scalar_body_index(gln_scalar_body *body, uint32_t dim,
                                uint16_t *out_register, eg_error *error) {
  gln_scalar_inst inst = {GLN_SCALAR_INDEX, GLN_TYPE_INDEX, {0}, dim};
  GLN_TRY(check_inst(body, &inst, num_registers(body), error));
  return append(body, inst, out_register, error);
}

eg_status gln_scalar_body_op(gln_scalar_body *body, gln_scalar_op op,
                             gln_type type, const uint16_t *args,
                             size_t num_args, uint16_t *out_register,
                             eg_error *error) {
  if ((int)op < 0 || (int)op >= GLN_NUM_SCALAR_OPS)
    return gln_fail(error, EG_INVALID, "no scalar function %d", (int)op);
  gln_scalar_inst inst = {(uint16_t)op, (uint16_t)type, {0}, 0};
  if (num_args != inst_arity(&inst))
    return gln_fail(error, EG_INVALID, "%s: %zu operands, expected %u",
                    gln_scalar_op_info(op)->name, num_args, inst_arity(&inst));
  memcpy(inst.args, args, num_args * sizeof *args);
  GLN_TRY(check_inst(body, &inst, num_registers(body), error));
  return append(body, inst, out_register, error);
}

eg_status gln_scalar_body_inline(gln_scalar_body *body,
                                 const gln_scalar_body *from,
                                 const uint16_t *args, uint16_t *out_registers,
                                 eg_error *error) {
  for (unsigned i = 0; i < from->num_args; ++i) {
    if (gln_scalar_body_type(body, args[i]) != (gln_type)from->arg_types[i])
      return gln_fail(error, EG_INVALID, "body: argument %u is %s, not %s", i,
                      gln_type_name(gln_scalar_body_type(body, args[i])),
                      gln_type_name((gln_type)from->arg_types[i]));
    out_registers[i] = args[i];
  }
  for (unsigned i = 0; i < from->num_insts; ++i) {
    gln_scalar_inst inst = from->insts[i];
    for (unsigned a = 0; a < inst_arity(&inst); ++a)
      inst.args[a] = out_registers[inst.args[a]];
    GLN_TRY(append(body, inst, &out_registers[from->num_args + i], error));
  }
  return EG_OK;
}

eg_status gln_scalar_body_result(gln_scalar_body *body, uint16_t reg,
                                 eg_error *error) {
  if (reg >= num_registers(body))
    return gln_fail(error, EG_INVALID, "body: result is %%%u of %u registers",
                    reg, num_registers(body));
  if (body->num_results == GLN_BODY_MAX_RESULTS)
    return gln_fail(error, EG_LIMIT, "body: more than %d results",
                    GLN_BODY_MAX_RESULTS);
  body->results[body->num_results++] = reg;
  return EG_OK;
}

eg_status gln_scalar_body_verify(const gln_scalar_body *body, eg_error *error) {
  if (body->num_args > GLN_BODY_MAX_ARGS ||
      body->num_insts > GLN_BODY_MAX_INSTS ||
      body->num_results > GLN_BODY_MAX_RESULTS)
    return gln_fail(error, EG_INVALID,
                    "body: %u arguments, %u instructions, %u results",
                    body->num_args, body->num_insts, body->num_results);
  for (unsigned i = 0; i < body->num_args; ++i)
    if (!gln_type_is_valid(body->arg_types[i]))
      return gln_fail(error, EG_INVALID, "body: argument %u has no type", i);
  for (unsigned i = 0; i < body->num_insts; ++i)
    GLN_TRY(check_inst(body, &body->insts[i], body->num_args + i, error));
  for (unsigned i = 0; i < body->num_results; ++i)
    if (body->results[i] >= num_registers(body))
      return gln_fail(error, EG_INVALID, "body: result %u is %%%u of %u", i,
                      body->results[i], num_registers(body));
  return EG_OK;
}

//===-- Normal form -------------------------------------------------------===//

enum { UNSEEN = UINT16_MAX };

typedef struct {
  const gln_scalar_body *from;
  gln_scalar_body *to;
  uint16_t *map;   // register of |from| → register of |to|, or UNSEEN
  uint16_t *stack; // registers of |from| that wait for their operands
} renaming;

// Emits |root| after everything it needs, operands left to right. A register
// is on the stack once at a time, since operands are earlier than their user.
static eg_status rename_register(renaming *r, uint16_t root, eg_error *error) {
  unsigned depth = 0;
  r->stack[depth++] = root;
  while (depth) {
    uint16_t reg = r->stack[depth - 1];
    if (r->map[reg] != UNSEEN) {
      --depth;
      continue;
    }
    gln_scalar_inst inst = r->from->insts[reg - r->from->num_args];
    unsigned arity = inst_arity(&inst), i = 0;
    while (i < arity && r->map[inst.args[i]] != UNSEEN)
      ++i;
    if (i < arity) {
      r->stack[depth++] = inst.args[i];
      continue;
    }
    for (i = 0; i < arity; ++i)
      inst.args[i] = r->map[inst.args[i]];
    GLN_TRY(append(r->to, inst, &r->map[reg], error));
  }
  return EG_OK;
}

static eg_status rename_all(renaming *r, eg_error *error) {
  for (unsigned i = 0; i < num_registers(r->from); ++i)
    r->map[i] = i < r->from->num_args ? (uint16_t)i : UNSEEN;
  for (unsigned i = 0; i < r->from->num_results; ++i) {
    GLN_TRY(rename_register(r, r->from->results[i], error));
    GLN_TRY(gln_scalar_body_result(r->to, r->map[r->from->results[i]], error));
  }
  return EG_OK;
}

eg_status gln_scalar_body_normalize(gln_scalar_body *body, eg_error *error) {
  GLN_TRY(gln_scalar_body_verify(body, error));
  eg_allocator allocator = body->allocator;
  // One more, so that a body without registers asks for some memory too.
  size_t count = num_registers(body) + 1, bytes = 2 * count * sizeof(uint16_t);
  uint16_t *scratch = allocator.resize(allocator.user, NULL, 0, bytes);
  if (!scratch)
    return gln_fail(error, EG_NO_MEMORY, "body: no memory to normalize");
  gln_scalar_body result = *body;
  result.insts = NULL;
  result.num_insts = result.num_results = result.capacity = 0;
  renaming r = {body, &result, scratch, scratch + count};
  eg_status status = rename_all(&r, error);
  allocator.resize(allocator.user, scratch, bytes, 0);
  if (status) {
    gln_scalar_body_fini(&result);
    return status;
  }
  gln_scalar_body_fini(body);
  *body = result;
  return EG_OK;
}

//===-- Equality ----------------------------------------------------------===//

bool gln_scalar_body_equal(const gln_scalar_body *a, const gln_scalar_body *b) {
  if (a->num_args != b->num_args || a->num_insts != b->num_insts ||
      a->num_results != b->num_results ||
      memcmp(a->arg_types, b->arg_types, a->num_args) != 0)
    return false;
  for (unsigned i = 0; i < a->num_results; ++i)
    if (a->results[i] != b->results[i])
      return false;
  for (unsigned i = 0; i < a->num_insts; ++i)
    if (!inst_equal(&a->insts[i], &b->insts[i]))
      return false;
  return true;
}

// One step of a multiply-xorshift chain (the finaliser of splitmix64).
static uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) + UINT64_C(0x9e3779b97f4a7c15);
  hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
  return hash ^ (hash >> 31);
}

uint64_t gln_scalar_body_hash(const gln_scalar_body *body) {
  uint64_t hash = mix(mix(body->num_args, body->num_insts), body->num_results);
  for (unsigned i = 0; i < body->num_args; ++i)
    hash = mix(hash, body->arg_types[i]);
  for (unsigned i = 0; i < body->num_insts; ++i) {
    const gln_scalar_inst *inst = &body->insts[i];
    hash = mix(hash, (uint64_t)inst->op << 16 | inst->type);
    hash = mix(hash, (uint64_t)inst->args[0] << 32 |
                         (uint64_t)inst->args[1] << 16 | inst->args[2]);
    hash = mix(hash, inst->bits);
  }
  for (unsigned i = 0; i < body->num_results; ++i)
    hash = mix(hash, body->results[i]);
  return hash;
}

eg_status gln_scalar_body_copy(gln_scalar_body *body,
                               const gln_scalar_body *from,
                               eg_allocator allocator, eg_error *error) {
  *body = *from;
  body->allocator = allocator;
  body->insts = NULL;
  body->num_insts = body->capacity = 0;
  for (unsigned i = 0; i < from->num_insts; ++i) {
    eg_status status = glni_scalar_body_push(body, from->insts[i], error);
    if (status) {
      gln_scalar_body_fini(body);
      return status;
    }
  }
  return EG_OK;
}
