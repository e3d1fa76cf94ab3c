// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The environment of an egglog program: what its names stand for.
//
// A name is a payload of the graph, so looking one up is an array access.
#include "egglog_internal.h"

//===-- Names -------------------------------------------------------------===//

const char *egl_name(const eg_egglog *p, uint32_t symbol) {
  size_t size;
  return eg_payload_bytes(p->graph, (eg_payload){symbol}, &size);
}

bool egl_lookup(const eg_egglog *p, uint32_t symbol, egl_name_kind kind,
                uint32_t *out_index) {
  uint32_t entry = symbol < p->names.num ? p->names.data[symbol] : 0;
  *out_index = entry & 0x0fffffff;
  return entry >> 28 == (uint32_t)kind;
}

static eg_status bind(eg_egglog *p, uint32_t symbol, egl_name_kind kind,
                      size_t index) {
  if (index > 0x0fffffff)
    return egi_fail_at(p->graph, EG_LIMIT, 0, "more than 2^28 names");
  if (symbol >= p->names.num) {
    size_t more = symbol + 1 - p->names.num;
    EG_TRY(EGI_RESERVE(p->graph, &p->names, more));
    memset(p->names.data + p->names.num, 0, more * 4u);
    p->names.num += more;
  }
  p->names.data[symbol] = (uint32_t)kind << 28 | (uint32_t)index;
  return EG_OK;
}

bool egl_is_free(const eg_egglog *p, uint32_t symbol) {
  return symbol >= p->names.num || p->names.data[symbol] == 0;
}

eg_status egl_need_free(eg_egglog *p, const egl_sexp *name) {
  if (name->kind != EGL_WORD)
    return egl_fail(p, name, "a name is missing");
  if (!egl_is_free(p, name->symbol))
    return egl_fail(p, name, "'%.60s' is declared already",
                    egl_name(p, name->symbol));
  return EG_OK;
}

eg_status egl_find_sort(eg_egglog *p, const egl_sexp *name,
                        uint32_t *out_sort) {
  if (name->kind == EGL_WORD &&
      egl_lookup(p, name->symbol, EGL_NAME_SORT, out_sort))
    return EG_OK;
  return egl_fail(p, name, "'%.60s' is no sort",
                  name->kind == EGL_LIST ? "(" : egl_name(p, name->symbol));
}

//===-- Declarations ------------------------------------------------------===//

eg_status egl_declare_sort(eg_egglog *p, uint32_t name, egl_sort_kind kind,
                           uint32_t *out_sort) {
  egl_sort sort = {.name = name, .kind = (uint8_t)kind};
  eg_sort id;
  EG_TRY(EGI_RESERVE(p->graph, &p->sorts, 1));
  if (strcmp(egl_name(p, name), eg_sort_name(p->graph, (eg_sort){0})) == 0)
    id = (eg_sort){0}; // there from the start
  else
    EG_TRY(eg_sort_add(p->graph, egl_name(p, name), &id));
  sort.id = id.id;
  if (kind != EGL_EQ) {
    eg_op leaf;
    eg_op_desc desc = {.name = egl_name(p, name),
                       .result = id,
                       .has_payload = true,
                       .is_literal = true};
    EG_TRY(eg_op_add(p->graph, &desc, &leaf));
    sort.leaf = leaf.id;
  }
  EG_TRY(bind(p, name, EGL_NAME_SORT, p->sorts.num));
  *out_sort = (uint32_t)p->sorts.num;
  p->sorts.data[p->sorts.num++] = sort;
  return EG_OK;
}

// Room for one more operator in an array by operator, zero.
static eg_status grow_by_op(eg_egglog *p, egi_words *words, uint16_t op) {
  size_t have = words->num;
  EG_TRY(EGI_RESERVE(p->graph, words, op + 1 - have));
  memset(words->data + have, 0, (op + 1 - have) * 4u);
  words->num = op + 1u;
  return EG_OK;
}

// An operator of the container sort that comes next.
static eg_status add_container_op(eg_egglog *p, const eg_op_desc *desc,
                                  uint16_t *out_op) {
  eg_op op;
  EG_TRY(eg_op_add(p->graph, desc, &op));
  EG_TRY(grow_by_op(p, &p->sort_of_op, op.id));
  p->sort_of_op.data[op.id] = (uint32_t)p->sorts.num + 1;
  *out_op = op.id;
  return EG_OK;
}

// What stands in a map is a pair of a sort of its own, whose name no program
// can spell.
static eg_status add_entries(eg_egglog *p, egl_sort *sort, eg_sort parts[2]) {
  const char *name = egl_name(p, sort->name);
  egi_words *text = &p->scratch;
  size_t size = strlen(name) + sizeof " entry";
  text->num = 0;
  EG_TRY(EGI_RESERVE(p->graph, text, size / 4 + 1));
  char *spelt = (char *)text->data;
  strcat(strcpy(spelt, name), " entry");
  eg_sort entry;
  EG_TRY(eg_sort_add(p->graph, spelt, &entry));
  eg_op_desc desc = {
      .name = spelt, .num_children = 2, .result = entry, .children = parts};
  EG_TRY(add_container_op(p, &desc, &sort->entry));
  parts[0] = entry;
  return EG_OK;
}

eg_status egl_declare_container(eg_egglog *p, uint32_t name, egl_sort_kind kind,
                                const uint32_t elems[2]) {
  egl_sort sort = {.name = name, .kind = (uint8_t)kind};
  eg_sort id, parts[2];
  EG_TRY(EGI_RESERVE(p->graph, &p->sorts, 1));
  EG_TRY(eg_sort_add(p->graph, egl_name(p, name), &id));
  sort.id = id.id;
  for (int i = 0; i < 2; ++i) {
    const egl_sort *elem = &p->sorts.data[elems[i]];
    sort.elems[i] = elems[i];
    sort.changes |= elem->kind == EGL_EQ || elem->changes;
    parts[i].id = elem->id;
  }
  if (kind == EGL_MAPS)
    EG_TRY(add_entries(p, &sort, parts));
  eg_op_desc desc = {.name = egl_name(p, name),
                     .num_children = kind == EGL_PAIRS ? 2 : EG_VARIADIC,
                     .result = id,
                     .children = parts};
  EG_TRY(add_container_op(p, &desc, &sort.leaf));
  EG_TRY(bind(p, name, EGL_NAME_SORT, p->sorts.num));
  p->has_changing |= sort.changes;
  p->sorts.data[p->sorts.num++] = sort;
  return EG_OK;
}

static eg_status add_constructor_op(eg_egglog *p, egl_func *func) {
  eg_sort sorts[EGL_MAX_ARGS];
  if (func->num_args > EGL_MAX_ARGS)
    return egi_fail_at(p->graph, EG_LIMIT, 0,
                       "'%s' takes more than %d arguments",
                       egl_name(p, func->name), EGL_MAX_ARGS);
  for (uint32_t i = 0; i < func->num_args; ++i)
    sorts[i].id = p->sorts.data[p->arg_sorts.data[func->first_arg + i]].id;
  eg_op_desc desc = {.name = egl_name(p, func->name),
                     .num_children = func->num_args,
                     .result = {p->sorts.data[func->result].id},
                     .children = sorts};
  eg_op op;
  EG_TRY(eg_op_add(p->graph, &desc, &op));
  func->op = op.id;
  EG_TRY(grow_by_op(p, &p->func_of_op, op.id));
  p->func_of_op.data[op.id] = (uint32_t)p->funcs.num + 1;
  return EG_OK;
}

static void note_column(const eg_egglog *p, egl_table *table, uint32_t sort) {
  const egl_sort *s = &p->sorts.data[sort];
  table->has_eq |= s->kind == EGL_EQ || s->changes;
  table->has_containers |= s->changes;
}

static eg_status add_table(eg_egglog *p, egl_func *func) {
  egl_table table;
  EG_TRY(EGI_RESERVE(p->graph, &p->tables, 1));
  EG_TRY(egl_table_init(p, &table, func->num_args));
  for (uint32_t i = 0; i < func->num_args; ++i)
    note_column(p, &table, p->arg_sorts.data[func->first_arg + i]);
  note_column(p, &table, func->result);
  func->table = (uint32_t)p->tables.num;
  p->tables.data[p->tables.num++] = table;
  return EG_OK;
}

eg_status egl_declare_func(eg_egglog *p, egl_func *func) {
  EG_TRY(EGI_RESERVE(p->graph, &p->funcs, 1));
  EG_TRY(func->kind == EGL_CONSTRUCTOR ? add_constructor_op(p, func)
                                       : add_table(p, func));
  EG_TRY(bind(p, func->name, EGL_NAME_FUNC, p->funcs.num));
  p->funcs.data[p->funcs.num++] = *func;
  return EG_OK;
}

eg_status egl_declare_global(eg_egglog *p, egl_global global) {
  EG_TRY(EGI_RESERVE(p->graph, &p->globals, 1));
  EG_TRY(bind(p, global.name, EGL_NAME_GLOBAL, p->globals.num));
  p->globals.data[p->globals.num++] = global;
  return EG_OK;
}

eg_status egl_declare_ruleset(eg_egglog *p, egl_ruleset ruleset) {
  EG_TRY(EGI_RESERVE(p->graph, &p->rulesets, 1));
  EG_TRY(bind(p, ruleset.name, EGL_NAME_RULESET, p->rulesets.num));
  p->rulesets.data[p->rulesets.num++] = ruleset;
  return EG_OK;
}
