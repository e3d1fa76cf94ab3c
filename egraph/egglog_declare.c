// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Declarations: sorts, datatypes, constructors, functions, relations, rulesets;
// and the ":key value" options of every command.
#include "egglog_internal.h"

#include <stddef.h>

//===-- Reading ":key value" ----------------------------------------------===//

// X(key, has a value, field)
#define VALUE(field) offsetof(egl_options, field)
static const struct {
  const char *key;
  bool has_value;
  size_t field;
} keys[] = {
    {":when", true, VALUE(when)},
    {":ruleset", true, VALUE(ruleset)},
    {":name", true, VALUE(name)},
    {":merge", true, VALUE(merge)},
    {":cost", true, VALUE(cost)},
    {":subsume", false, VALUE(subsume)},
    {":no-merge", false, VALUE(no_merge)},
    {":unextractable", false, VALUE(unextractable)},
    {":naive", false, VALUE(naive)},
    {":internal-hidden", false, VALUE(hidden)},
    // What these two promise is so anyhow.
    {":unsafe-seminaive", false, VALUE(unsafe)},
    {":no-decomp", false, VALUE(no_decomp)},
};

static eg_status read_option(eg_egglog *p, uint32_t node, uint32_t *at,
                             egl_options *out) {
  const egl_sexp *s = egl_at(p, node);
  uint32_t key = egl_child(p, node, *at);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; ++i) {
    void *field = (char *)out + keys[i].field;
    if (!egl_is(p, key, keys[i].key))
      continue;
    *at += keys[i].has_value ? 2 : 1;
    if (*at > s->num)
      return egl_fail(p, egl_at(p, key), "'%s' needs a value", keys[i].key);
    if (keys[i].has_value)
      *(uint32_t *)field = egl_child(p, node, *at - 1);
    else
      *(bool *)field = true;
    return EG_OK;
  }
  return egl_fail(p, egl_at(p, key), "'%.60s' is no option here",
                  egl_at(p, key)->kind == EGL_LIST
                      ? "("
                      : egl_name(p, egl_at(p, key)->symbol));
}

eg_status egl_read_options(eg_egglog *p, uint32_t node, uint32_t at,
                           egl_options *out) {
  *out = (egl_options){.when = EGL_NONE,
                       .ruleset = EGL_NONE,
                       .name = EGL_NONE,
                       .merge = EGL_NONE,
                       .cost = EGL_NONE};
  while (at < egl_at(p, node)->num)
    EG_TRY(read_option(p, node, &at, out));
  return EG_OK;
}

eg_status egl_need(eg_egglog *p, uint32_t node, uint32_t num,
                   const char *usage) {
  if (egl_at(p, node)->num >= num)
    return EG_OK;
  return egl_fail(p, egl_at(p, node), "usage: %s", usage);
}

eg_status egl_need_list(eg_egglog *p, uint32_t node, const char *what) {
  if (egl_at(p, node)->kind == EGL_LIST)
    return EG_OK;
  return egl_fail(p, egl_at(p, node), "a list of %s is wanted here", what);
}

//===-- Declarations ------------------------------------------------------===//

// (Vec Element), (Map Key Value), …
static eg_status do_container(eg_egglog *p, const egl_sexp *name,
                              uint32_t node) {
  egl_sort_kind kind;
  uint32_t num, elems[2] = {0};
  EG_TRY(egl_need_list(p, node, "a container and its sorts"));
  EG_TRY(egl_need(p, node, 1, "(sort name (Container sort…))"));
  const egl_sexp *head = egl_at(p, egl_child(p, node, 0));
  if (head->kind != EGL_WORD ||
      !egl_container_kind(egl_name(p, head->symbol), &kind, &num))
    return egl_fail(p, head, "no container that is understood");
  if (egl_at(p, node)->num != num + 1)
    return egl_fail(p, head, "'%.60s' takes %u sorts",
                    egl_name(p, head->symbol), (unsigned)num);
  for (uint32_t i = 0; i < num; ++i)
    EG_TRY(egl_find_sort(p, egl_at(p, egl_child(p, node, i + 1)), &elems[i]));
  if (num == 1)
    elems[1] = elems[0];
  return egl_declare_container(p, name->symbol, kind, elems);
}

eg_status egl_do_sort(eg_egglog *p, uint32_t node) {
  uint32_t sort;
  EG_TRY(egl_need(p, node, 2, "(sort name (Container sort…))"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  EG_TRY(egl_need_free(p, name));
  if (egl_at(p, node)->num == 3)
    return do_container(p, name, egl_child(p, node, 2));
  if (egl_at(p, node)->num > 3)
    return egl_fail(p, egl_at(p, egl_child(p, node, 2)),
                    "no option that is understood");
  return egl_declare_sort(p, name->symbol, EGL_EQ, &sort);
}

// Appends the sorts named by the children of |node| from |first| to before
// |end|.
static eg_status read_sorts(eg_egglog *p, uint32_t node, uint32_t first,
                            uint32_t end, egl_func *func) {
  func->first_arg = (uint32_t)p->arg_sorts.num;
  for (uint32_t i = first; i < end; ++i) {
    EG_TRY(EGI_RESERVE(p->graph, &p->arg_sorts, 1));
    EG_TRY(egl_find_sort(p, egl_at(p, egl_child(p, node, i)),
                         &p->arg_sorts.data[p->arg_sorts.num]));
    ++p->arg_sorts.num;
  }
  func->num_args = end > first ? end - first : 0;
  return EG_OK;
}

// Where the options begin: the first word with a colon.
static uint32_t find_options(const eg_egglog *p, uint32_t node, uint32_t at) {
  for (; at < egl_at(p, node)->num; ++at) {
    const egl_sexp *s = egl_at(p, egl_child(p, node, at));
    if (s->kind == EGL_WORD && egl_name(p, s->symbol)[0] == ':')
      break;
  }
  return at;
}

static eg_status read_cost(eg_egglog *p, const egl_options *o, egl_func *func) {
  func->cost = 1;
  func->forbidden = o->unextractable;
  func->hidden = o->hidden;
  if (o->cost == EGL_NONE || egl_parse_count(p, o->cost, &func->cost))
    return EG_OK;
  return egl_fail(p, egl_at(p, o->cost), "':cost' needs a number");
}

// (Name sort… :cost n) of a datatype.
static eg_status do_variant(eg_egglog *p, uint32_t node, uint32_t sort) {
  egl_func func = {.kind = EGL_CONSTRUCTOR, .result = sort};
  egl_options o;
  EG_TRY(egl_need_list(p, node, "a constructor and its sorts"));
  EG_TRY(egl_need(p, node, 1, "(Constructor sort… :cost n)"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 0));
  EG_TRY(egl_need_free(p, name));
  func.name = name->symbol;
  uint32_t end = find_options(p, node, 1);
  EG_TRY(egl_read_options(p, node, end, &o));
  EG_TRY(read_cost(p, &o, &func));
  EG_TRY(read_sorts(p, node, 1, end, &func));
  return egl_declare_func(p, &func);
}

eg_status egl_do_datatype(eg_egglog *p, uint32_t node) {
  uint32_t sort;
  EG_TRY(egl_need(p, node, 2, "(datatype name (Constructor sort…)…)"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  EG_TRY(egl_need_free(p, name));
  EG_TRY(egl_declare_sort(p, name->symbol, EGL_EQ, &sort));
  for (uint32_t i = 2; i < egl_at(p, node)->num; ++i)
    EG_TRY(do_variant(p, egl_child(p, node, i), sort));
  return EG_OK;
}

// One declaration of a datatype*: names come first, then containers, which may
// be of any of them, then constructors.
enum { PASS_NAMES, PASS_CONTAINERS, PASS_VARIANTS, NUM_PASSES };

static eg_status do_type(eg_egglog *p, uint32_t type, int pass) {
  uint32_t sort, num = egl_at(p, type)->num;
  if (egl_has_head(p, type, "sort"))
    return pass == (num > 2 ? PASS_CONTAINERS : PASS_NAMES)
               ? egl_do_sort(p, type)
               : EG_OK;
  const egl_sexp *name = egl_at(p, egl_child(p, type, 0));
  if (pass == PASS_NAMES) {
    EG_TRY(egl_need_free(p, name));
    return egl_declare_sort(p, name->symbol, EGL_EQ, &sort);
  }
  EG_TRY(egl_find_sort(p, name, &sort));
  for (uint32_t k = 1; pass == PASS_VARIANTS && k < num; ++k)
    EG_TRY(do_variant(p, egl_child(p, type, k), sort));
  return EG_OK;
}

// (datatype* (name variant…)… (sort name)… (sort name (Container sort…))…).
eg_status egl_do_datatypes(eg_egglog *p, uint32_t node) {
  for (int pass = 0; pass < NUM_PASSES; ++pass)
    for (uint32_t i = 1; i < egl_at(p, node)->num; ++i) {
      uint32_t type = egl_child(p, node, i);
      EG_TRY(egl_need_list(p, type, "a name and its constructors"));
      EG_TRY(egl_need(p, type, 1, "(datatype* (name (Constructor sort…)…)…)"));
      EG_TRY(do_type(p, type, pass));
    }
  return EG_OK;
}

static eg_status add_merge_var(eg_egglog *p, const char *name, uint32_t sort,
                               uint32_t slot) {
  eg_payload symbol;
  uint32_t var;
  EG_TRY(eg_payload_intern(p->graph, name, strlen(name), &symbol));
  EG_TRY(egl_var_add(p, symbol.id, EGL_NONE, &var));
  p->vars.data[var].sort = sort;
  p->vars.data[var].action = slot;
  return EG_OK;
}

static eg_status compile_merge(eg_egglog *p, uint32_t node, egl_func *func) {
  bool changed = false;
  egl_vars_clear(p);
  EG_TRY(add_merge_var(p, "old", func->result, 0));
  EG_TRY(add_merge_var(p, "new", func->result, 1));
  EG_TRY(egl_resolve(p, node, false, false));
  EG_TRY(egl_want(p, node, func->result, &changed));
  EG_TRY(egl_infer(p, &node, 1));
  func->merges = true;
  func->merge.num_slots = 2;
  return egl_compile_action(p, node, &func->merge, &func->merge_result);
}

static eg_status read_function(eg_egglog *p, uint32_t node,
                               const egl_options *o, egl_func *func) {
  if (o->no_merge && o->merge != EGL_NONE)
    return egl_fail(p, egl_at(p, node), "':merge' and ':no-merge' both");
  if (!o->no_merge && o->merge == EGL_NONE)
    return egl_fail(p, egl_at(p, node),
                    "a function needs ':merge' or ':no-merge'");
  return o->no_merge ? EG_OK : compile_merge(p, o->merge, func);
}

// (function name (sort…) sort option…) and (constructor …).
eg_status egl_do_function(eg_egglog *p, uint32_t node) {
  bool is_constructor = egl_has_head(p, node, "constructor");
  egl_func func = {.kind = is_constructor ? EGL_CONSTRUCTOR : EGL_FUNCTION};
  egl_options o;
  EG_TRY(egl_need(p, node, 4,
                  is_constructor ? "(constructor name (sort…) sort option…)"
                                 : "(function name (sort…) sort option…)"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  uint32_t args = egl_child(p, node, 2);
  EG_TRY(egl_need_free(p, name));
  func.name = name->symbol;
  EG_TRY(egl_need_list(p, args, "sorts"));
  EG_TRY(egl_find_sort(p, egl_at(p, egl_child(p, node, 3)), &func.result));
  EG_TRY(egl_read_options(p, node, 4, &o));
  EG_TRY(read_cost(p, &o, &func));
  if (is_constructor && p->sorts.data[func.result].kind != EGL_EQ)
    return egl_fail(p, egl_at(p, node),
                    "a constructor's result is no primitive sort");
  eg_status status = is_constructor ? EG_OK : read_function(p, node, &o, &func);
  if (status == EG_OK)
    status = read_sorts(p, args, 0, egl_at(p, args)->num, &func);
  if (status == EG_OK)
    status = egl_declare_func(p, &func);
  if (status != EG_OK)
    egl_actions_free(p, &func.merge);
  return status;
}

eg_status egl_do_relation(eg_egglog *p, uint32_t node) {
  egl_func func = {.kind = EGL_RELATION, .result = p->kinds[EGL_UNIT]};
  EG_TRY(egl_need(p, node, 3, "(relation name (sort…))"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  uint32_t args = egl_child(p, node, 2);
  EG_TRY(egl_need_free(p, name));
  func.name = name->symbol;
  EG_TRY(egl_need_list(p, args, "sorts"));
  EG_TRY(read_sorts(p, args, 0, egl_at(p, args)->num, &func));
  return egl_declare_func(p, &func);
}

eg_status egl_do_ruleset(eg_egglog *p, uint32_t node) {
  EG_TRY(egl_need(p, node, 2, "(ruleset name)"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  EG_TRY(egl_need_free(p, name));
  egl_ruleset set = {.name = name->symbol};
  for (uint32_t i = 2; i < egl_at(p, node)->num; ++i) {
    uint32_t part;
    const egl_sexp *s = egl_at(p, egl_child(p, node, i));
    eg_status status = EGI_RESERVE(p->graph, &set.parts, 1);
    if (status == EG_OK && (s->kind != EGL_WORD ||
                            !egl_lookup(p, s->symbol, EGL_NAME_RULESET, &part)))
      status = egl_fail(p, s, "a ruleset is wanted here");
    if (status != EG_OK) {
      EGI_RELEASE(p->graph, &set.parts);
      return status;
    }
    set.parts.data[set.parts.num++] = part;
  }
  return egl_declare_ruleset(p, set);
}
