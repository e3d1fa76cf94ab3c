// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From expressions with sorts to queries and actions over numbered slots.
//
// A query is a set of atoms f(a…) = r, primitives g(a…) = r and constants, all
// over slots; "=" is gone, for its sides share a slot. Actions are straight-line
// code.
#include "egglog_internal.h"

//===-- Lifetimes ---------------------------------------------------------===//

void egl_actions_free(eg_egglog *p, egl_actions *actions) {
  EGI_RELEASE(p->graph, &actions->steps);
  EGI_RELEASE(p->graph, &actions->args);
  EGI_RELEASE(p->graph, &actions->consts);
}

void egl_query_free(eg_egglog *p, egl_query *query) {
  EGI_RELEASE(p->graph, &query->atoms);
  EGI_RELEASE(p->graph, &query->computes);
  EGI_RELEASE(p->graph, &query->args);
  EGI_RELEASE(p->graph, &query->consts);
  EGI_RELEASE(p->graph, &query->row);
}

void egl_rule_free(eg_egglog *p, egl_rule *rule) {
  if (rule->name)
    egi_resize(p->graph, rule->name, strlen(rule->name) + 1, 0);
  egl_query_free(p, &rule->query);
  egl_actions_free(p, &rule->actions);
  egi_side_free(p->graph, &rule->lhs);
  egi_side_free(p->graph, &rule->rhs);
}

//===-- Queries -----------------------------------------------------------===//

typedef struct lowering {
  eg_egglog *p;
  egl_query *out;
  egi_words parent; // slots that are one: union-find
} lowering;

static eg_status new_slot(lowering *l, uint32_t *out_slot) {
  EG_TRY(EGI_RESERVE(l->p->graph, &l->parent, 1));
  *out_slot = (uint32_t)l->parent.num;
  l->parent.data[l->parent.num++] = *out_slot;
  return EG_OK;
}

static uint32_t find_slot(const lowering *l, uint32_t slot) {
  while (l->parent.data[slot] != slot)
    slot = l->parent.data[slot];
  return slot;
}

// Appends the slots of the arguments of |node| and its own.
static eg_status push_args(lowering *l, uint32_t node, uint32_t *out_first,
                           uint32_t *out_num) {
  eg_egglog *p = l->p;
  uint32_t num = egl_at(p, node)->num;
  egi_words *args = &l->out->args;
  EG_TRY(EGI_RESERVE(p->graph, args, num));
  *out_first = (uint32_t)args->num;
  *out_num = num - 1;
  for (uint32_t i = 1; i < num; ++i)
    args->data[args->num++] = p->exprs.data[egl_child(p, node, i)].slot;
  args->data[args->num++] = p->exprs.data[node].slot;
  return EG_OK;
}

static eg_status push_const(lowering *l, uint32_t slot, uint32_t value) {
  EG_TRY(EGI_RESERVE(l->p->graph, &l->out->consts, 1));
  l->out->consts.data[l->out->consts.num++] = (egl_const){slot, value, 0};
  return EG_OK;
}

static eg_status lower_var(lowering *l, egl_expr *e) {
  egl_var *var = &l->p->vars.data[e->ref];
  if (var->slot == EGL_NONE)
    EG_TRY(new_slot(l, &var->slot));
  e->slot = var->slot;
  return EG_OK;
}

static eg_status lower_call(lowering *l, uint32_t node) {
  egl_expr *e = &l->p->exprs.data[node];
  egl_atom atom = {.func = e->ref};
  EG_TRY(new_slot(l, &e->slot));
  EG_TRY(push_args(l, node, &atom.first, &atom.num));
  EG_TRY(EGI_RESERVE(l->p->graph, &l->out->atoms, 1));
  l->out->atoms.data[l->out->atoms.num++] = atom;
  return EG_OK;
}

static eg_status push_compute(lowering *l, egl_compute compute) {
  EG_TRY(EGI_RESERVE(l->p->graph, &l->out->computes, 1));
  l->out->computes.data[l->out->computes.num++] = compute;
  return EG_OK;
}

static eg_status lower_prim(lowering *l, uint32_t node) {
  egl_expr *e = &l->p->exprs.data[node];
  egl_compute compute = {.prim = e->ref};
  EG_TRY(new_slot(l, &e->slot));
  EG_TRY(push_args(l, node, &compute.first, &compute.num));
  return push_compute(l, compute);
}

static eg_status lower_equal(lowering *l, uint32_t node) {
  eg_egglog *p = l->p;
  EG_TRY(new_slot(l, &p->exprs.data[node].slot));
  uint32_t first = p->exprs.data[egl_child(p, node, 1)].slot;
  for (uint32_t i = 2; i < egl_at(p, node)->num; ++i) {
    uint32_t slot = p->exprs.data[egl_child(p, node, i)].slot;
    l->parent.data[find_slot(l, slot)] = find_slot(l, first);
  }
  return push_const(l, p->exprs.data[node].slot, p->unit);
}

static eg_status lower_node(lowering *l, uint32_t node) {
  egl_expr *e = &l->p->exprs.data[node];
  switch (e->kind) {
  case EGL_EXPR_VAR:
    return lower_var(l, e);
  case EGL_EXPR_CONST:
    EG_TRY(new_slot(l, &e->slot));
    return push_const(l, e->slot, e->ref);
  case EGL_EXPR_CALL:
    return lower_call(l, node);
  case EGL_EXPR_PRIM:
    return lower_prim(l, node);
  case EGL_EXPR_EQUAL:
    return lower_equal(l, node);
  default:
    return EG_OK;
  }
}

// Two constants in one slot: one moves to a slot of its own, and they are
// compared; both may change when classes are united.
static eg_status part_consts(lowering *l) {
  egl_query *q = l->out;
  size_t num = q->consts.num;
  egi_words *taken = &l->p->scratch;
  taken->num = 0;
  EG_TRY(EGI_RESERVE(l->p->graph, taken, l->parent.num + 1));
  memset(taken->data, 0, l->parent.num * 4u);
  for (size_t i = 0; i < num; ++i) {
    uint32_t slot = find_slot(l, q->consts.data[i].slot), own;
    if (!taken->data[slot]) {
      taken->data[slot] = 1;
      q->consts.data[i].slot = slot;
      continue;
    }
    EG_TRY(new_slot(l, &own));
    q->consts.data[i].slot = own;
    egl_compute equal = {EGL_NONE, (uint32_t)q->args.num, 1};
    EG_TRY(EGI_RESERVE(l->p->graph, &q->args, 2));
    q->args.data[q->args.num++] = own;
    q->args.data[q->args.num++] = slot;
    EG_TRY(push_compute(l, equal));
  }
  return EG_OK;
}

static eg_status lower_facts(lowering *l, const uint32_t *facts, size_t num) {
  eg_egglog *p = l->p;
  for (size_t i = 0; i < num; ++i)
    for (uint32_t n = egl_at(p, facts[i])->low; n <= facts[i]; ++n)
      EG_TRY(lower_node(l, n));
  EG_TRY(part_consts(l));
  for (size_t i = 0; i < l->out->args.num; ++i)
    l->out->args.data[i] = find_slot(l, l->out->args.data[i]);
  for (size_t i = 0; i < num; ++i)
    for (uint32_t n = egl_at(p, facts[i])->low; n <= facts[i]; ++n)
      if (p->exprs.data[n].kind != EGL_EXPR_NONE)
        p->exprs.data[n].slot = find_slot(l, p->exprs.data[n].slot);
  for (size_t i = 0; i < p->vars.num; ++i)
    if (p->vars.data[i].slot != EGL_NONE)
      p->vars.data[i].slot = find_slot(l, p->vars.data[i].slot);
  l->out->num_slots = (uint32_t)l->parent.num;
  return EG_OK;
}

static const char *name_of_slot(const eg_egglog *p, uint32_t slot,
                                uint32_t *out_sexp) {
  for (size_t i = 0; i < p->vars.num; ++i)
    if (p->vars.data[i].slot == slot && p->vars.data[i].sexp != EGL_NONE) {
      *out_sexp = p->vars.data[i].sexp;
      return egl_name(p, p->vars.data[i].name);
    }
  return "an expression";
}

eg_status egl_compile_query(eg_egglog *p, const uint32_t *facts, size_t num,
                            egl_query *out) {
  lowering l = {.p = p, .out = out};
  uint32_t slot, sexp = num ? facts[0] : 0;
  eg_status status = lower_facts(&l, facts, num);
  EGI_RELEASE(p->graph, &l.parent);
  EG_TRY(status);
  status = egl_check_grounded(p, out, &slot);
  if (status != EG_INVALID)
    return status;
  const char *name = name_of_slot(p, slot, &sexp);
  return egl_fail(p, egl_at(p, sexp), "'%.60s' is not bound by any fact", name);
}

//===-- Actions -----------------------------------------------------------===//

eg_status egl_add_step(eg_egglog *p, egl_actions *out, egl_step step,
                       const uint32_t *args) {
  EG_TRY(EGI_RESERVE(p->graph, &out->steps, 1));
  EG_TRY(EGI_RESERVE(p->graph, &out->args, (size_t)step.num + 1));
  step.first = (uint32_t)out->args.num;
  step.text = p->text_number;
  if (step.num > out->max_args)
    out->max_args = step.num;
  if (step.num)
    memcpy(out->args.data + out->args.num, args, step.num * sizeof *args);
  out->args.num += step.num;
  out->steps.data[out->steps.num++] = step;
  return EG_OK;
}

static eg_status const_slot(eg_egglog *p, egl_actions *out, uint32_t value,
                            uint32_t *out_slot) {
  EG_TRY(EGI_RESERVE(p->graph, &out->consts, 1));
  *out_slot = out->num_slots++;
  out->consts.data[out->consts.num++] = (egl_const){*out_slot, value, 0};
  return EG_OK;
}

// A step over the arguments of |node|; |extra| (EGL_NONE = none) follows them.
static eg_status step_over(eg_egglog *p, egl_actions *out, uint32_t node,
                           egl_step step, uint32_t extra) {
  egi_words *args = &p->scratch;
  args->num = 0;
  EG_TRY(EGI_RESERVE(p->graph, args, (size_t)egl_at(p, node)->num + 1));
  for (uint32_t i = 1; i < egl_at(p, node)->num; ++i)
    args->data[args->num++] = p->exprs.data[egl_child(p, node, i)].slot;
  if (extra != EGL_NONE)
    args->data[args->num++] = extra;
  step.num = (uint32_t)args->num;
  step.where = egl_at(p, node)->where;
  return egl_add_step(p, out, step, args->data);
}

static eg_status action_call(eg_egglog *p, uint32_t node, egl_actions *out) {
  egl_expr *e = &p->exprs.data[node];
  uint8_t kind = p->funcs.data[e->ref].kind;
  egl_step step = {.func = e->ref};
  if (kind == EGL_RELATION) {
    EG_TRY(const_slot(p, out, p->unit, &e->slot));
    step.code = EGL_SET;
    return step_over(p, out, node, step, e->slot);
  }
  step.code = kind == EGL_CONSTRUCTOR ? EGL_ADD : EGL_GET;
  step.out = e->slot = out->num_slots++;
  return step_over(p, out, node, step, EGL_NONE);
}

static eg_status action_var(eg_egglog *p, uint32_t node, egl_expr *e) {
  const egl_var *var = &p->vars.data[e->ref];
  e->slot = var->action;
  if (var->action != EGL_NONE)
    return EG_OK;
  return egl_fail(p, egl_at(p, node), "'%.60s' is not bound",
                  egl_name(p, var->name));
}

static eg_status action_node(eg_egglog *p, uint32_t node, egl_actions *out) {
  egl_expr *e = &p->exprs.data[node];
  switch (e->kind) {
  case EGL_EXPR_VAR:
    return action_var(p, node, e);
  case EGL_EXPR_CONST:
    return const_slot(p, out, e->ref, &e->slot);
  case EGL_EXPR_CALL:
    return action_call(p, node, out);
  case EGL_EXPR_PRIM: {
    egl_step step = {.code = EGL_PRIM, .func = e->ref};
    step.out = e->slot = out->num_slots++;
    return step_over(p, out, node, step, EGL_NONE);
  }
  case EGL_EXPR_EQUAL:
    return egl_fail(p, egl_at(p, node), "'=' is no action; 'union' is");
  default:
    return EG_OK;
  }
}

// The nodes low … end-1, but for |skip|, which is itself not evaluated.
static eg_status action_nodes(eg_egglog *p, uint32_t low, uint32_t end,
                              uint32_t skip, egl_actions *out) {
  for (uint32_t n = low; n < end; ++n)
    if (n != skip)
      EG_TRY(action_node(p, n, out));
  return EG_OK;
}

static eg_status compile_let(eg_egglog *p, uint32_t node, egl_actions *out) {
  uint32_t name = egl_child(p, node, 1), value = egl_child(p, node, 2);
  EG_TRY(action_nodes(p, egl_at(p, value)->low, value + 1, EGL_NONE, out));
  p->vars.data[p->exprs.data[name].ref].action = p->exprs.data[value].slot;
  return EG_OK;
}

eg_status egl_compile_subsume(eg_egglog *p, uint32_t node, egl_actions *out) {
  egl_step step = {.code = EGL_SUBSUME, .func = p->exprs.data[node].ref};
  EG_TRY(action_nodes(p, egl_at(p, node)->low, node, EGL_NONE, out));
  return step_over(p, out, node, step, EGL_NONE);
}

eg_status egl_compile_action(eg_egglog *p, uint32_t node, egl_actions *out,
                             uint32_t *out_slot) {
  uint8_t kind = p->exprs.data[node].kind;
  uint32_t low = egl_at(p, node)->low;
  uint32_t call = kind >= EGL_EXPR_LET ? egl_child(p, node, 1) : EGL_NONE;
  egl_step step = {.func = call == EGL_NONE ? 0 : p->exprs.data[call].ref};
  switch (kind) {
  case EGL_EXPR_LET:
    return compile_let(p, node, out);
  case EGL_EXPR_SET: {
    uint32_t value = egl_child(p, node, 2);
    step.code = EGL_SET;
    EG_TRY(action_nodes(p, low, node, call, out));
    return step_over(p, out, call, step, p->exprs.data[value].slot);
  }
  case EGL_EXPR_SUBSUME:
    return egl_compile_subsume(p, call, out);
  case EGL_EXPR_DELETE:
    step.code = EGL_DELETE;
    EG_TRY(action_nodes(p, low, node, call, out));
    return step_over(p, out, call, step, EGL_NONE);
  case EGL_EXPR_UNION:
    step.code = EGL_UNION;
    EG_TRY(action_nodes(p, low, node, EGL_NONE, out));
    return step_over(p, out, node, step, EGL_NONE);
  case EGL_EXPR_PANIC:
    return egl_add_step(p, out,
                        (egl_step){.code = EGL_PANIC,
                                   .func = egl_at(p, call)->symbol,
                                   .where = egl_at(p, node)->where},
                        NULL);
  default:
    EG_TRY(action_nodes(p, low, node + 1, EGL_NONE, out));
    if (out_slot)
      *out_slot = p->exprs.data[node].slot;
    return EG_OK;
  }
}

eg_status egl_bind_row(eg_egglog *p, const uint32_t *nodes, size_t num,
                       egl_query *query, egl_actions *actions) {
  for (size_t i = 0; i < num; ++i)
    for (uint32_t n = egl_at(p, nodes[i])->low; n <= nodes[i]; ++n) {
      if (p->exprs.data[n].kind != EGL_EXPR_VAR)
        continue;
      egl_var *var = &p->vars.data[p->exprs.data[n].ref];
      if (var->slot == EGL_NONE || var->action != EGL_NONE)
        continue;
      EG_TRY(EGI_RESERVE(p->graph, &query->row, 1));
      var->action = (uint32_t)query->row.num;
      query->row.data[query->row.num++] = var->slot;
    }
  actions->num_slots = (uint32_t)query->row.num;
  return EG_OK;
}
