// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Running actions, and congruence for the graph and the tables together.
//
// A merge may read functions and build terms, and what it builds may merge
// again; so merges wait in a list and are done one after the other.
#include "egglog_internal.h"

static eg_status fail_step(eg_egglog *p, const egl_step *step,
                           const char *format, const char *name) {
  if (p->reader && step->where && step->text == p->text_number)
    return egi_reader_fail(p->reader, step->where, format, name);
  return egi_fail_at(p->graph, EG_INVALID, 0, format, name);
}

//===-- Writing rows ------------------------------------------------------===//

static uint32_t row_time(const eg_egglog *p) {
  return p->time + 1; // what is searched now does not see it
}

static eg_status run_steps(eg_egglog *p, const egl_actions *actions,
                           uint32_t *values);

// The value of the merge of |old| and |new| by |f|.
static eg_status merged(eg_egglog *p, const egl_func *f, const egl_step *step,
                        uint32_t old, uint32_t new, uint32_t *out) {
  *out = old;
  if (old == new)
    return EG_OK;
  if (!f->merges)
    return fail_step(p, step, "'%.60s' has two values and no merge",
                     egl_name(p, f->name));
  egi_words values = {0};
  EG_TRY(EGI_RESERVE(p->graph, &values,
                     (size_t)f->merge.num_slots + f->merge.max_args));
  values.data[0] = old;
  values.data[1] = new;
  uint32_t result = f->merge_result;
  eg_status status = run_steps(p, &f->merge, values.data);
  if (status == EG_OK)
    *out = egi_find(p->graph, values.data[result]);
  EGI_RELEASE(p->graph, &values);
  return status;
}

// function(args) := merge with what is there. |args| are canonical and not in
// the table. A row stays subsumed once it is.
static eg_status write_row(eg_egglog *p, uint32_t func, const uint32_t *args,
                           uint32_t value, bool subsumed,
                           const egl_step *step) {
  uint32_t table = p->funcs.data[func].table;
  uint32_t arity = p->tables.data[table].arity, result;
  uint32_t row = egl_table_find(&p->tables.data[table], args);
  if (row != EGL_NONE) {
    uint32_t old =
        egi_find(p->graph, egl_row(&p->tables.data[table], row)[arity]);
    egl_func f = p->funcs.data[func];
    EG_TRY(merged(p, &f, step, old, value, &result));
    uint32_t *words = egl_row(&p->tables.data[table], row);
    subsumed |= egl_row_subsumed(&p->tables.data[table], words);
    if (result == words[arity]) {
      words[arity + 1] |= subsumed;
      return EG_OK;
    }
    egl_table_erase(&p->tables.data[table], row);
    value = result;
  }
  ++p->writes;
  return egl_table_insert(p, &p->tables.data[table], args, value, row_time(p),
                          subsumed);
}

//===-- Steps -------------------------------------------------------------===//

// The operands of a step, canonical, into |out|.
static void operands(eg_egglog *p, const egl_actions *actions,
                     const egl_step *step, const uint32_t *values,
                     uint32_t *out) {
  for (uint32_t i = 0; i < step->num; ++i)
    out[i] =
        egi_find_halving(p->graph, values[actions->args.data[step->first + i]]);
}

static eg_status add(eg_egglog *p, const egl_step *step, const uint32_t *args,
                     uint32_t *out) {
  eg_class id;
  uint64_t before = eg_num_nodes(p->graph);
  EG_TRY(eg_add(p->graph, (eg_op){p->funcs.data[step->func].op},
                (eg_payload){0}, (const eg_class *)args, step->num, &id));
  p->writes += eg_num_nodes(p->graph) != before;
  *out = id.id;
  return EG_OK;
}

static eg_status get(eg_egglog *p, const egl_step *step, const uint32_t *args,
                     uint32_t *out) {
  const egl_func *f = &p->funcs.data[step->func];
  const egl_table *t = &p->tables.data[f->table];
  uint32_t row = egl_table_find(t, args);
  if (row == EGL_NONE)
    return fail_step(p, step, "'%.60s' has no value here",
                     egl_name(p, f->name));
  *out = egl_row(t, row)[t->arity];
  return EG_OK;
}

static eg_status prim(eg_egglog *p, const egl_step *step, const uint32_t *args,
                      uint32_t *out) {
  bool defined;
  EG_TRY(egl_prim_apply(p, step->func, args, step->num, false, out, &defined));
  if (defined)
    return EG_OK;
  return fail_step(p, step, "'%.60s' is not defined for these values",
                   egl_prim_at(step->func)->name);
}

static eg_status delete(eg_egglog *p, const egl_step *step,
                        const uint32_t *args) {
  const egl_func *f = &p->funcs.data[step->func];
  if (f->kind == EGL_CONSTRUCTOR)
    return fail_step(p, step, "'%.60s' is a constructor; a term stays",
                     egl_name(p, f->name));
  egl_table *t = &p->tables.data[f->table];
  uint32_t row = egl_table_find(t, args);
  if (row == EGL_NONE)
    return EG_OK;
  egl_table_erase(t, row);
  ++p->writes;
  return EG_OK;
}

// What is subsumed is there, as egglog has it.
static eg_status subsume(eg_egglog *p, const egl_step *step,
                         const uint32_t *args) {
  const egl_func *f = &p->funcs.data[step->func];
  if (f->kind == EGL_FUNCTION)
    return fail_step(p, step, "'%.60s' is a function; only terms are subsumed",
                     egl_name(p, f->name));
  if (f->kind == EGL_RELATION)
    return write_row(p, step->func, args, p->unit, true, step);
  uint32_t id;
  eg_node node;
  EG_TRY(add(p, step, args, &id));
  EG_TRY(eg_lookup_node(p->graph, (eg_op){f->op}, (eg_payload){0},
                        (const eg_class *)args, step->num, &node));
  return eg_subsume(p->graph, node);
}

static eg_status unite(eg_egglog *p, const uint32_t *args) {
  bool changed;
  EG_TRY(
      eg_union(p->graph, (eg_class){args[0]}, (eg_class){args[1]}, &changed));
  p->writes += changed;
  return EG_OK;
}

static eg_status run_step(eg_egglog *p, const egl_actions *actions,
                          const egl_step *step, uint32_t *values) {
  uint32_t *args = values + actions->num_slots;
  operands(p, actions, step, values, args);
  switch ((egl_code)step->code) {
  case EGL_ADD:
    return add(p, step, args, &values[step->out]);
  case EGL_GET:
    return get(p, step, args, &values[step->out]);
  case EGL_PRIM:
    return prim(p, step, args, &values[step->out]);
  case EGL_SET:
    return write_row(p, step->func, args, args[step->num - 1], false, step);
  case EGL_UNION:
    return unite(p, args);
  case EGL_DELETE:
    return delete(p, step, args);
  case EGL_SUBSUME:
    return subsume(p, step, args);
  case EGL_PANIC:
    return fail_step(p, step, "panic: %.200s", egl_name(p, step->func));
  }
  return EG_OK;
}

// |values| has room for the operands of a step behind the slots.
static eg_status run_steps(eg_egglog *p, const egl_actions *actions,
                           uint32_t *values) {
  for (size_t i = 0; i < actions->consts.num; ++i)
    values[actions->consts.data[i].slot] = actions->consts.data[i].value;
  for (size_t i = 0; i < actions->steps.num; ++i)
    EG_TRY(run_step(p, actions, &actions->steps.data[i], values));
  return EG_OK;
}

eg_status egl_act(eg_egglog *p, const egl_actions *actions, const uint32_t *row,
                  uint32_t num) {
  p->values.num = 0;
  EG_TRY(EGI_RESERVE(p->graph, &p->values,
                     (size_t)actions->num_slots + actions->max_args + 1));
  if (num)
    memcpy(p->values.data, row, num * sizeof *row);
  return run_steps(p, actions, p->values.data);
}

//===-- Rebuilding --------------------------------------------------------===//

static bool is_stale(const eg_egglog *p, const uint32_t *row, uint32_t num) {
  for (uint32_t i = 0; i < num; ++i)
    if (!egi_is_root(p->graph, row[i]))
      return true;
  return false;
}

// Writes the rows of a function that name merged classes anew. Rows that are
// appended meanwhile are canonical, or the next rebuild's.
static eg_status rebuild_func(eg_egglog *p, uint32_t func, egi_words *key) {
  uint32_t table = p->funcs.data[func].table;
  uint32_t arity = p->tables.data[table].arity;
  uint32_t num = egl_table_num(&p->tables.data[table]);
  egl_step nowhere = {0};
  key->num = 0;
  EG_TRY(EGI_RESERVE(p->graph, key, (size_t)arity + 1));
  for (uint32_t row = 0; row < num; ++row) {
    const uint32_t *words = egl_row(&p->tables.data[table], row);
    if (!words[arity] || !is_stale(p, words, arity + 1))
      continue;
    for (uint32_t i = 0; i <= arity; ++i)
      key->data[i] = egi_find(p->graph, words[i]);
    bool subsumed = egl_row_subsumed(&p->tables.data[table], words);
    egl_table_erase(&p->tables.data[table], row);
    EG_TRY(write_row(p, func, key->data, key->data[arity], subsumed, &nowhere));
  }
  return egl_table_compact(p, &p->tables.data[table]);
}

static eg_status rebuild_all(eg_egglog *p, egi_words *key) {
  for (;;) {
    bool changed = false;
    EG_TRY(eg_rebuild(p->graph));
    uint64_t classes = p->graph->num_classes;
    if (classes + p->num_unions_seen == p->graph->classes.num)
      return EG_OK;
    if (p->has_changing)
      EG_TRY(egl_containers_rebuild(p, &changed));
    if (changed)
      continue;
    p->num_unions_seen = p->graph->classes.num - classes;
    for (uint32_t i = 0; i < p->funcs.num; ++i)
      if (p->funcs.data[i].kind != EGL_CONSTRUCTOR &&
          p->tables.data[p->funcs.data[i].table].has_eq)
        EG_TRY(rebuild_func(p, i, key));
  }
}

eg_status egl_rebuild(eg_egglog *p) {
  egi_words key = {0};
  eg_status status = rebuild_all(p, &key);
  EGI_RELEASE(p->graph, &key);
  return status;
}
