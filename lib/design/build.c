// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A program under construction: expressions, loops, commands.
#include "design/program_internal.h"

#include <string.h>

enum { OPEN_ONCE = UINT32_MAX, OPEN_NEVER = UINT32_MAX - 1 };

// Room for one more in a table; false, with the status set, when there is none.
static bool grow(glni_build *b, void *table, uint32_t num, uint32_t *cap,
                 size_t size) {
  void **slot = table;
  if (b->status != EG_OK)
    return false;
  if (num < *cap)
    return true;
  uint32_t larger = *cap ? 2 * *cap : 64;
  void *bigger = b->p->allocator.resize(b->p->allocator.user, *slot,
                                        *cap * size, larger * size);
  if (!bigger) {
    b->status = EG_NO_MEMORY;
    return false;
  }
  *slot = bigger;
  *cap = larger;
  return true;
}

void glni_refuse(glni_build *b, const char *why) {
  if (b->status != EG_OK)
    return;
  b->status = EG_INFEASIBLE;
  b->why = why;
}

//===-- Expressions -------------------------------------------------------===//

static gln_int intern(glni_build *b, gln_expr x) {
  for (uint32_t i = 0; i < b->p->num_exprs; ++i) {
    const gln_expr *y = &b->p->exprs[i];
    if (x.kind == y->kind && x.a == y->a && x.b == y->b && x.value == y->value)
      return i;
  }
  if (!grow(b, &b->p->exprs, b->p->num_exprs, &b->cap_exprs, sizeof x))
    return GLNI_ZERO;
  b->p->exprs[b->p->num_exprs] = x;
  return b->p->num_exprs++;
}

void glni_build_start(glni_build *b, gln_program *p) {
  memset(b, 0, sizeof *b);
  b->p = p;
  glni_const(b, 0);
  glni_const(b, 1);
}

gln_int glni_const(glni_build *b, int64_t value) {
  return intern(b, (gln_expr){.kind = GLN_EXPR_CONST, .value = value});
}

bool glni_is_const(const glni_build *b, gln_int x, int64_t *out_value) {
  if (x >= b->p->num_exprs || b->p->exprs[x].kind != GLN_EXPR_CONST)
    return false;
  *out_value = b->p->exprs[x].value;
  return true;
}

int64_t glni_apply(gln_expr_kind kind, int64_t x, int64_t y) {
  int64_t q;
  switch (kind) {
  case GLN_EXPR_ADD:
    return x + y;
  case GLN_EXPR_SUB:
    return x - y;
  case GLN_EXPR_MUL:
    return x * y;
  case GLN_EXPR_MIN:
    return x < y ? x : y;
  case GLN_EXPR_MAX:
    return x > y ? x : y;
  case GLN_EXPR_DIV:
    q = x / y;
    return q - (q * y > x);
  case GLN_EXPR_MOD:
    q = x % y;
    return q < 0 ? q + y : q;
  case GLN_EXPR_LT:
    return x < y;
  case GLN_EXPR_EQ:
    return x == y;
  case GLN_EXPR_CONST:
  case GLN_EXPR_VAR:
    break;
  }
  return 0;
}

// x = something * factor?
static bool is_multiple(const glni_build *b, gln_int x, int64_t factor,
                        gln_int *out) {
  int64_t value;
  const gln_expr *e = &b->p->exprs[x];
  if (x >= b->p->num_exprs || e->kind != GLN_EXPR_MUL ||
      !glni_is_const(b, e->b, &value) || value != factor)
    return false;
  *out = e->a;
  return true;
}

gln_int glni_expr(glni_build *b, gln_expr_kind kind, gln_int x, gln_int y) {
  gln_int quotient;
  int64_t vx = 0, vy = 0;
  if (b->status != EG_OK)
    return GLNI_ZERO; // x and y may be no expressions
  bool cx = glni_is_const(b, x, &vx), cy = glni_is_const(b, y, &vy);
  if (cx && cy)
    return glni_const(b, glni_apply(kind, vx, vy));
  switch (kind) {
  case GLN_EXPR_ADD:
    if (cx && vx == 0)
      return y;
    if (cy && vy == 0)
      return x;
    break;
  case GLN_EXPR_SUB:
    if (cy && vy == 0)
      return x;
    break;
  case GLN_EXPR_MUL:
    if ((cx && vx == 0) || (cy && vy == 0))
      return GLNI_ZERO;
    if (cx && vx == 1)
      return y;
    if (cy && vy == 1)
      return x;
    break;
  case GLN_EXPR_DIV:
    if (cy && vy == 1)
      return x;
    if (cy && is_multiple(b, x, vy, &quotient))
      return quotient;
    break;
  case GLN_EXPR_MOD:
    if (cy && (vy == 1 || is_multiple(b, x, vy, &quotient)))
      return GLNI_ZERO;
    break;
  case GLN_EXPR_MIN:
  case GLN_EXPR_MAX:
    if (x == y)
      return x;
    break;
  default:
    break;
  }
  return intern(b, (gln_expr){.kind = (uint8_t)kind, .a = x, .b = y});
}

//===-- Steps -------------------------------------------------------------===//

static void push(glni_build *b, uint32_t step) {
  if (b->num_open == GLNI_MAX_OPEN) {
    b->status = b->status == EG_OK ? EG_LIMIT : b->status;
    return;
  }
  b->open[b->num_open++] =
      (glni_open){step, b->p->num_steps, b->p->num_commands};
}

static uint32_t append(glni_build *b, gln_step step) {
  if (!grow(b, &b->p->steps, b->p->num_steps, &b->cap_steps, sizeof step))
    return OPEN_ONCE;
  step.end = b->p->num_steps + 1;
  b->p->steps[b->p->num_steps] = step;
  return b->p->num_steps++;
}

gln_int glni_loop(glni_build *b, gln_int trips) {
  int64_t n = 0;
  if (glni_is_const(b, trips, &n) && n <= 1) {
    push(b, n == 1 ? OPEN_ONCE : OPEN_NEVER);
    return GLNI_ZERO;
  }
  uint32_t var = b->p->num_vars++;
  push(b, append(b, (gln_step){GLN_STEP_LOOP, var, trips, 0}));
  return intern(b, (gln_expr){.kind = GLN_EXPR_VAR, .value = var});
}

void glni_if(glni_build *b, gln_int condition) {
  int64_t value = 0;
  if (glni_is_const(b, condition, &value))
    push(b, value ? OPEN_ONCE : OPEN_NEVER);
  else
    push(b, append(b, (gln_step){GLN_STEP_IF, 0, condition, 0}));
}

void glni_end(glni_build *b) {
  if (b->num_open == 0)
    return;
  glni_open *o = &b->open[--b->num_open];
  uint32_t step = o->step;
  if (b->status != EG_OK || step == OPEN_ONCE)
    return;
  if (step == OPEN_NEVER) {
    b->p->num_steps = o->num_steps;
    b->p->num_commands = o->num_commands;
  } else if (step + 1 == b->p->num_steps) {
    b->p->num_steps = step; // nothing in it
  } else {
    b->p->steps[step].end = b->p->num_steps;
  }
}

void glni_end_all(glni_build *b, uint32_t depth) {
  while (b->num_open > depth)
    glni_end(b);
}

gln_command *glni_command(glni_build *b, gln_command_kind kind) {

  append(b, (gln_step){GLN_STEP_COMMAND, b->p->num_commands, GLNI_ONE, 0});
  if (!grow(b, &b->p->commands, b->p->num_commands, &b->cap_commands,
            sizeof b->none))
    return &b->none;
  gln_command *c = &b->p->commands[b->p->num_commands++];
  memset(c, 0, sizeof *c);
  c->kind = kind;
  return c;
}

static void token(glni_build *b, gln_command_kind kind, gln_queue from,
                  gln_queue to) {
  gln_command *c = glni_command(b, kind);
  c->token.from = from;
  c->token.to = to;
}

void glni_signal(glni_build *b, gln_queue from, gln_queue to) {
  token(b, GLN_COMMAND_SIGNAL, from, to);
}

void glni_await(glni_build *b, gln_queue to, gln_queue from) {
  token(b, GLN_COMMAND_AWAIT, from, to);
}
