// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the names of a command stand for, and the sorts of its expressions.
//
// Sorts flow both ways: a call gives its arguments theirs, and "=" makes its
// sides alike. So the constraints of all nodes are applied again until none has
// anything to add. A primitive whose name has several meanings is chosen once
// the sorts known so far leave one; what stays open takes the first.
#include "egglog_internal.h"

//===-- Variables ---------------------------------------------------------===//

void egl_vars_clear(eg_egglog *p) {
  p->vars.num = 0;
}

eg_status egl_var_add(eg_egglog *p, uint32_t name, uint32_t sexp,
                      uint32_t *out_var) {
  EG_TRY(EGI_RESERVE(p->graph, &p->vars, 1));
  *out_var = (uint32_t)p->vars.num;
  p->vars.data[p->vars.num++] =
      (egl_var){name, EGL_NONE, EGL_NONE, EGL_NONE, sexp};
  return EG_OK;
}

static uint32_t find_var(const eg_egglog *p, uint32_t name) {
  for (size_t i = p->vars.num; i--;)
    if (p->vars.data[i].name == name)
      return (uint32_t)i;
  return EGL_NONE;
}

//===-- Names -------------------------------------------------------------===//

static eg_status resolve_const(eg_egglog *p, uint32_t node,
                               egl_sort_kind kind) {
  const egl_sexp *s = egl_at(p, node);
  egl_expr *e = &p->exprs.data[node];
  size_t size;
  const void *bytes =
      eg_payload_bytes(p->graph, (eg_payload){s->symbol}, &size);
  e->kind = EGL_EXPR_CONST;
  e->sort = p->kinds[kind];
  eg_status status = egl_literal(p, kind, bytes, size, &e->ref);
  if (status == EG_INVALID)
    return egl_fail(p, s, "'%.60s' does not fit into an i64",
                    (const char *)bytes);
  return status;
}

static eg_status resolve_word(eg_egglog *p, uint32_t node, bool binds) {
  const egl_sexp *s = egl_at(p, node);
  egl_expr *e = &p->exprs.data[node];
  const char *name = egl_name(p, s->symbol);
  egl_sort_kind kind;
  uint32_t index;
  if (egl_literal_kind(name, strlen(name), &kind))
    return resolve_const(p, node, kind);
  e->kind = EGL_EXPR_VAR;
  e->ref = find_var(p, s->symbol);
  if (e->ref != EGL_NONE && strcmp(name, "_") != 0)
    return EG_OK;
  if (egl_lookup(p, s->symbol, EGL_NAME_GLOBAL, &index)) {
    const egl_global *g = &p->globals.data[index];
    *e = (egl_expr){EGL_EXPR_CONST, g->sort, egi_find(p->graph, g->value), 0};
    return EG_OK;
  }
  if (!binds)
    return egl_fail(p, s, "'%.60s' is not bound", name);
  if (!egl_is_free(p, s->symbol))
    return egl_fail(p, s, "'%.60s' is declared and no variable", name);
  return egl_var_add(p, s->symbol, node, &e->ref);
}

static const struct {
  const char *name;
  uint8_t kind, num_args;
} actions_known[] = {
    {"let", EGL_EXPR_LET, 2},     {"set", EGL_EXPR_SET, 2},
    {"union", EGL_EXPR_UNION, 2}, {"delete", EGL_EXPR_DELETE, 1},
    {"panic", EGL_EXPR_PANIC, 1}, {"subsume", EGL_EXPR_SUBSUME, 1},
};

// An action's head, if it is one.
static eg_status resolve_action(eg_egglog *p, uint32_t node, bool *out_is) {
  const egl_sexp *s = egl_at(p, node);
  egl_expr *e = &p->exprs.data[node];
  *out_is = false;
  for (size_t i = 0; i < sizeof actions_known / sizeof *actions_known; ++i) {
    if (!egl_has_head(p, node, actions_known[i].name))
      continue;
    *out_is = true;
    *e = (egl_expr){actions_known[i].kind, p->kinds[EGL_UNIT], 0, 0};
    if (s->num != actions_known[i].num_args + 1u)
      return egl_fail(
          p, s, "'%s' takes %u arguments, got %u", actions_known[i].name,
          (unsigned)actions_known[i].num_args, (unsigned)s->num - 1);
  }
  return EG_OK;
}

static bool is_prim(const char *name) {
  for (uint32_t i = 0; i < egl_num_prims(); ++i)
    if (strcmp(egl_prim_at(i)->name, name) == 0)
      return true;
  return false;
}

static eg_status resolve_list(eg_egglog *p, uint32_t node) {
  const egl_sexp *s = egl_at(p, node);
  egl_expr *e = &p->exprs.data[node];
  *e = (egl_expr){EGL_EXPR_CONST, p->kinds[EGL_UNIT], p->unit, 0};
  if (s->num == 0)
    return EG_OK;
  const egl_sexp *head = egl_at(p, egl_child(p, node, 0));
  if (head->kind != EGL_WORD)
    return egl_fail(p, s, "a call begins with a name");
  const char *name = egl_name(p, head->symbol);
  uint32_t index;
  if (egl_lookup(p, head->symbol, EGL_NAME_FUNC, &index)) {
    const egl_func *f = &p->funcs.data[index];
    if (f->num_args != s->num - 1)
      return egl_fail(p, s, "'%.60s' takes %u arguments, got %u", name,
                      (unsigned)f->num_args, (unsigned)s->num - 1);
    *e = (egl_expr){EGL_EXPR_CALL, f->result, index, 0};
  } else if (strcmp(name, "=") == 0) {
    if (s->num < 3)
      return egl_fail(p, s, "'=' takes two arguments or more");
    *e = (egl_expr){EGL_EXPR_EQUAL, p->kinds[EGL_UNIT], 0, 0};
  } else if (is_prim(name)) {
    *e = (egl_expr){EGL_EXPR_PRIM, EGL_NONE, EGL_NONE, 0};
  } else {
    return egl_fail(p, head, "'%.60s' is no function", name);
  }
  return EG_OK;
}

// The name that a let binds; it must be new.
static eg_status resolve_let(eg_egglog *p, uint32_t node) {
  uint32_t name = egl_child(p, node, 1);
  const egl_sexp *s = egl_at(p, name);
  if (s->kind != EGL_WORD)
    return egl_fail(p, s, "'let' needs a name");
  if (find_var(p, s->symbol) != EGL_NONE || !egl_is_free(p, s->symbol))
    return egl_fail(p, s, "'%.60s' is bound already", egl_name(p, s->symbol));
  p->exprs.data[name].kind = EGL_EXPR_VAR;
  return egl_var_add(p, s->symbol, name, &p->exprs.data[name].ref);
}

static eg_status resolve_one(eg_egglog *p, uint32_t node, bool binds) {
  const egl_sexp *s = egl_at(p, node);
  p->exprs.data[node] = (egl_expr){EGL_EXPR_NONE, EGL_NONE, EGL_NONE, 0};
  if (s->is_head)
    return EG_OK;
  if (s->kind == EGL_STRING)
    return resolve_const(p, node, EGL_STR);
  return s->kind == EGL_WORD ? resolve_word(p, node, binds)
                             : resolve_list(p, node);
}

eg_status egl_resolve(eg_egglog *p, uint32_t node, bool binds, bool actions) {
  bool is_action = false;
  if (actions)
    EG_TRY(resolve_action(p, node, &is_action));
  uint8_t kind = p->exprs.data[node].kind;
  uint32_t end = is_action ? node : node + 1;
  uint32_t skip =
      is_action && kind == EGL_EXPR_LET ? egl_child(p, node, 1) : EGL_NONE;
  for (uint32_t i = egl_at(p, node)->low; i < end; ++i)
    if (i != skip)
      EG_TRY(resolve_one(p, i, binds));
  // The name is not yet bound in its own value.
  return skip == EGL_NONE ? EG_OK : resolve_let(p, node);
}

//===-- Sorts -------------------------------------------------------------===//

uint32_t egl_sort_of(const eg_egglog *p, uint32_t node) {
  const egl_expr *e = &p->exprs.data[node];
  return e->kind == EGL_EXPR_VAR ? p->vars.data[e->ref].sort : e->sort;
}

static const char *sort_name(const eg_egglog *p, uint32_t sort) {
  return egl_name(p, p->sorts.data[sort].name);
}

eg_status egl_want(eg_egglog *p, uint32_t node, uint32_t sort, bool *changed) {
  egl_expr *e = &p->exprs.data[node];
  uint32_t have = egl_sort_of(p, node);
  if (have == sort || sort == EGL_NONE)
    return EG_OK;
  if (have != EGL_NONE)
    return egl_fail(p, egl_at(p, node), "of sort '%.60s', not '%.60s'",
                    sort_name(p, have), sort_name(p, sort));
  *(e->kind == EGL_EXPR_VAR ? &p->vars.data[e->ref].sort : &e->sort) = sort;
  *changed = true;
  return EG_OK;
}

// Gives the children from |first| on one sort.
static eg_status alike(eg_egglog *p, uint32_t node, uint32_t first,
                       bool *changed) {
  uint32_t sort = EGL_NONE, num = egl_at(p, node)->num;
  for (uint32_t i = first; i < num && sort == EGL_NONE; ++i)
    sort = egl_sort_of(p, egl_child(p, node, i));
  for (uint32_t i = first; i < num; ++i)
    EG_TRY(egl_want(p, egl_child(p, node, i), sort, changed));
  return EG_OK;
}

// The sort that an entry of the table of primitives means, for one of the
// container sort |self|.
static uint32_t sort_meant(const eg_egglog *p, uint8_t entry, uint32_t self) {
  switch (entry) {
  case EGL_SELF:
    return self;
  case EGL_ELEM:
    return p->sorts.data[self].elems[0];
  case EGL_ELEM2:
    return p->sorts.data[self].elems[1];
  default:
    return p->kinds[entry];
  }
}

static bool fits(const eg_egglog *p, uint32_t sort, uint8_t entry,
                 uint32_t self) {
  return sort == EGL_NONE || entry == EGL_ANY ||
         sort_meant(p, entry, self) == sort;
}

static uint8_t arg_entry(const egl_prim *prim, uint32_t i) {
  return prim->args[prim->num_args == EGL_VARIADIC ? 0 : i];
}

static bool may_be(const eg_egglog *p, uint32_t node, const egl_prim *prim,
                   uint32_t self) {
  const egl_sexp *s = egl_at(p, node);
  if ((prim->num_args != EGL_VARIADIC && prim->num_args != s->num - 1) ||
      (prim->self && prim->self != p->sorts.data[self].kind) ||
      !fits(p, egl_sort_of(p, node), prim->result, self))
    return false;
  for (uint32_t i = 1; i < s->num; ++i)
    if (!fits(p, egl_sort_of(p, egl_child(p, node, i)), arg_entry(prim, i - 1),
              self))
      return false;
  return true;
}

// The meanings that fit, each primitive of its name with each container sort
// that it is of: how many, and the first of them.
static uint32_t count_meanings(const eg_egglog *p, uint32_t node,
                               uint32_t *out_first) {
  uint32_t num = 0;
  *out_first = EGL_NONE;
  for (uint32_t i = 0; i < egl_num_prims(); ++i) {
    const egl_prim *prim = egl_prim_at(i);
    if (!egl_is(p, egl_child(p, node, 0), prim->name))
      continue;
    size_t end = prim->self ? p->sorts.num : 1;
    for (uint32_t self = 0; self < end; ++self)
      if (may_be(p, node, prim, self) && num++ == 0)
        *out_first = egl_prim_ref(i, self);
  }
  return num;
}

static eg_status choose_prim(eg_egglog *p, uint32_t node, bool first) {
  uint32_t found, num = count_meanings(p, node, &found);
  if (num == 0)
    return egl_fail(p, egl_at(p, node),
                    "no '%.60s' takes arguments of these sorts",
                    egl_name(p, egl_at(p, egl_child(p, node, 0))->symbol));
  if (num == 1 || first)
    p->exprs.data[node].ref = found;
  return EG_OK;
}

static eg_status constrain_prim(eg_egglog *p, uint32_t node, bool *changed) {
  egl_expr *e = &p->exprs.data[node];
  if (e->ref == EGL_NONE) {
    EG_TRY(choose_prim(p, node, false));
    if (e->ref == EGL_NONE)
      return EG_OK;
    *changed = true;
  }
  const egl_prim *prim = egl_prim_at(e->ref);
  uint32_t self = egl_prim_sort(e->ref);
  if (prim->args[0] == EGL_ANY) {
    EG_TRY(alike(p, node, 1, changed));
    return egl_want(p, node,
                    prim->result == EGL_ANY
                        ? egl_sort_of(p, egl_child(p, node, 1))
                        : p->kinds[prim->result],
                    changed);
  }
  for (uint32_t i = 1; i < egl_at(p, node)->num; ++i)
    EG_TRY(egl_want(p, egl_child(p, node, i),
                    sort_meant(p, arg_entry(prim, i - 1), self), changed));
  return egl_want(p, node, sort_meant(p, prim->result, self), changed);
}

// A call of a function that has rows or nodes, as delete and set want it.
static eg_status need_call(eg_egglog *p, uint32_t node, bool set) {
  const egl_expr *e = &p->exprs.data[node];
  if (e->kind != EGL_EXPR_CALL)
    return egl_fail(p, egl_at(p, node), "a call of a function is wanted here");
  if (set && p->funcs.data[e->ref].kind != EGL_FUNCTION)
    return egl_fail(p, egl_at(p, node), "'%.60s' is no function to be set",
                    egl_name(p, p->funcs.data[e->ref].name));
  return EG_OK;
}

static eg_status constrain_union(eg_egglog *p, uint32_t node, bool *changed) {
  EG_TRY(alike(p, node, 1, changed));
  uint32_t sort = egl_sort_of(p, egl_child(p, node, 1));
  if (sort != EGL_NONE && p->sorts.data[sort].kind != EGL_EQ)
    return egl_fail(p, egl_at(p, node),
                    "values of sort '%.60s' cannot be united",
                    sort_name(p, sort));
  return EG_OK;
}

static eg_status constrain(eg_egglog *p, uint32_t node, bool *changed) {
  const egl_expr e = p->exprs.data[node];
  switch (e.kind) {
  case EGL_EXPR_CALL: {
    const egl_func *f = &p->funcs.data[e.ref];
    for (uint32_t i = 0; i < f->num_args; ++i)
      EG_TRY(egl_want(p, egl_child(p, node, i + 1),
                      p->arg_sorts.data[f->first_arg + i], changed));
    return EG_OK;
  }
  case EGL_EXPR_PRIM:
    return constrain_prim(p, node, changed);
  case EGL_EXPR_EQUAL:
  case EGL_EXPR_LET:
    return alike(p, node, 1, changed);
  case EGL_EXPR_UNION:
    return constrain_union(p, node, changed);
  case EGL_EXPR_SET:
    EG_TRY(need_call(p, egl_child(p, node, 1), true));
    return alike(p, node, 1, changed);
  case EGL_EXPR_DELETE:
  case EGL_EXPR_SUBSUME:
    return need_call(p, egl_child(p, node, 1), false);
  case EGL_EXPR_PANIC:
    return egl_want(p, egl_child(p, node, 1), p->kinds[EGL_STR], changed);
  default:
    return EG_OK;
  }
}

static eg_status constrain_all(eg_egglog *p, const uint32_t *roots, size_t num,
                               bool *changed) {
  for (size_t i = 0; i < num; ++i)
    for (uint32_t n = egl_at(p, roots[i])->low; n <= roots[i]; ++n)
      EG_TRY(constrain(p, n, changed));
  return EG_OK;
}

// Takes the first meaning of the first primitive that is still open.
static eg_status settle_one(eg_egglog *p, const uint32_t *roots, size_t num,
                            bool *changed) {
  for (size_t i = 0; i < num; ++i)
    for (uint32_t n = egl_at(p, roots[i])->low; n <= roots[i]; ++n) {
      egl_expr *e = &p->exprs.data[n];
      if (e->kind != EGL_EXPR_PRIM || e->ref != EGL_NONE)
        continue;
      *changed = true;
      return choose_prim(p, n, true);
    }
  return EG_OK;
}

eg_status egl_infer(eg_egglog *p, const uint32_t *roots, size_t num) {
  bool changed;
  do {
    changed = false;
    EG_TRY(constrain_all(p, roots, num, &changed));
    if (!changed)
      EG_TRY(settle_one(p, roots, num, &changed));
  } while (changed);
  for (size_t i = 0; i < p->vars.num; ++i)
    if (p->vars.data[i].sort == EGL_NONE)
      return egl_fail(p, egl_at(p, p->vars.data[i].sexp),
                      "the sort of '%.60s' is not known",
                      egl_name(p, p->vars.data[i].name));
  return EG_OK;
}
