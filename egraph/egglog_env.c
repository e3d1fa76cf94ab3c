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

//===-- Levels ------------------------------------------------------------===//

static void free_level(eg_egglog *p, egl_level *level) {
  for (uint32_t i = 0; i < level->num_tables; ++i)
    egl_table_free(p, &level->tables[i]);
  egi_resize(p->graph, level->tables, level->tables_size, 0);
  EGI_RELEASE(p->graph, &level->seen);
}

static eg_status fill_level(eg_egglog *p, egl_level *level) {
  size_t size = (p->tables.num + 1) * sizeof *level->tables;
  level->tables = egi_resize(p->graph, NULL, 0, size);
  if (!level->tables)
    return egi_fail_at(p->graph, EG_NO_MEMORY, 0, "no memory for a push");
  level->tables_size = size;
  for (; level->num_tables < p->tables.num; ++level->num_tables) {
    egl_table *copy = &level->tables[level->num_tables];
    *copy = (egl_table){0};
    eg_status status =
        egl_table_copy(p, &p->tables.data[level->num_tables], copy);
    if (status != EG_OK) {
      egl_table_free(p, copy);
      return status;
    }
  }
  EG_TRY(EGI_RESERVE(p->graph, &level->seen, p->rules.num + 1));
  for (size_t i = 0; i < p->rules.num; ++i)
    level->seen.data[level->seen.num++] = p->rules.data[i].seen;
  return EG_OK;
}

egl_mark egl_mark_here(const eg_egglog *p) {
  return (egl_mark){.num_sorts = p->sorts.num,
                    .num_funcs = p->funcs.num,
                    .num_arg_sorts = p->arg_sorts.num,
                    .num_globals = p->globals.num,
                    .num_rules = p->rules.num,
                    .num_rulesets = p->rulesets.num,
                    .num_tables = p->tables.num,
                    .num_graph_sorts = p->graph->sorts.num,
                    .num_ops = (uint32_t)p->graph->ops.num};
}

eg_status egl_push(eg_egglog *p) {
  egl_level level = {.mark = egl_mark_here(p)};
  EG_TRY(EGI_RESERVE(p->graph, &p->levels, 1));
  eg_status status = fill_level(p, &level);
  if (status == EG_OK)
    status = eg_push(p->graph);
  if (status != EG_OK) {
    free_level(p, &level);
    return status;
  }
  p->levels.data[p->levels.num++] = level;
  return EG_OK;
}

static void unbind(eg_egglog *p, uint32_t symbol) {
  if (symbol < p->names.num)
    p->names.data[symbol] = 0;
}

static void truncate_names(eg_egglog *p, const egl_mark *to) {
  while (p->rules.num > to->num_rules)
    egl_rule_free(p, &p->rules.data[--p->rules.num]);
  while (p->rulesets.num > to->num_rulesets) {
    egl_ruleset *set = &p->rulesets.data[--p->rulesets.num];
    unbind(p, set->name);
    EGI_RELEASE(p->graph, &set->parts);
    EGI_RELEASE(p->graph, &set->pure);
    eg_rules_destroy(set->compiled);
  }
  while (p->globals.num > to->num_globals)
    unbind(p, p->globals.data[--p->globals.num].name);
  while (p->funcs.num > to->num_funcs) {
    egl_func *func = &p->funcs.data[--p->funcs.num];
    unbind(p, func->name);
    egl_actions_free(p, &func->merge);
  }
  while (p->sorts.num > to->num_sorts)
    unbind(p, p->sorts.data[--p->sorts.num].name);
  p->arg_sorts.num = to->num_arg_sorts;
  if (p->func_of_op.num > to->num_ops)
    p->func_of_op.num = to->num_ops;
  if (p->sort_of_op.num > to->num_ops)
    p->sort_of_op.num = to->num_ops;
}

void egl_rollback(eg_egglog *p, const egl_mark *to) {
  truncate_names(p, to);
  while (p->tables.num > to->num_tables)
    egl_table_free(p, &p->tables.data[--p->tables.num]);
  egi_ops_truncate(p->graph, to->num_ops);
  egi_sorts_truncate(p->graph, to->num_graph_sorts);
}

eg_status egl_pop(eg_egglog *p) {
  egl_level level = p->levels.data[p->levels.num - 1];
  EG_TRY(eg_pop(p->graph));
  --p->levels.num;
  truncate_names(p, &level.mark);
  for (size_t i = 0; i < level.seen.num; ++i)
    p->rules.data[i].seen = level.seen.data[i];
  for (size_t i = 0; i < p->rulesets.num; ++i)
    egl_ruleset_changed(&p->rulesets.data[i]);
  for (size_t i = 0; i < p->tables.num; ++i)
    egl_table_free(p, &p->tables.data[i]);
  p->tables.num = level.mark.num_tables;
  for (uint32_t i = 0; i < level.num_tables; ++i)
    p->tables.data[i] = level.tables[i];
  level.num_tables = 0; // they live on in the program
  free_level(p, &level);
  p->num_unions_seen = p->graph->classes.num - p->graph->num_classes;
  egl_stamps_reset(p);
  return EG_OK;
}

//===-- The program -------------------------------------------------------===//

static eg_status symbol(eg_egglog *p, const char *name, uint32_t *out) {
  eg_payload payload;
  EG_TRY(eg_payload_intern(p->graph, name, strlen(name), &payload));
  *out = payload.id;
  return EG_OK;
}

static eg_status declare_primitives(eg_egglog *p) {
  static const char *const names[EGL_NUM_KINDS] = {NULL,  "Unit", "bool",
                                                   "i64", "f64",  "String"};
  uint32_t name;
  for (int kind = EGL_UNIT; kind < EGL_NUM_KINDS; ++kind) {
    EG_TRY(symbol(p, names[kind], &name));
    EG_TRY(egl_declare_sort(p, name, (egl_sort_kind)kind, &p->kinds[kind]));
  }
  eg_payload empty;
  eg_class unit;
  EG_TRY(eg_payload_intern(p->graph, "()", 2, &empty));
  EG_TRY(eg_add(p->graph, (eg_op){p->sorts.data[p->kinds[EGL_UNIT]].leaf},
                empty, NULL, 0, &unit));
  p->unit = unit.id;
  EG_TRY(symbol(p, "", &name));
  return egl_declare_ruleset(p, (egl_ruleset){.name = name});
}

eg_status eg_egglog_create(const eg_allocator *allocator,
                           const eg_egglog_options *options,
                           eg_egglog **out_program) {
  *out_program = NULL;
  eg_graph *graph;
  EG_TRY(eg_graph_create(allocator, &graph));
  eg_egglog *p = egi_resize(graph, NULL, 0, sizeof *p);
  if (!p) {
    eg_graph_destroy(graph);
    return EG_NO_MEMORY;
  }
  memset(p, 0, sizeof *p);
  p->graph = graph;
  p->options = *options;
  p->time = 1;
  p->report.rule = UINT32_MAX;
  const eg_limits *l = &options->limits;
  bool limits = l->nodes && l->bytes && l->rounds && l->matches &&
                l->rule_matches && l->fuel;
  eg_status status = limits ? declare_primitives(p) : EG_INVALID;
  if (status != EG_OK) {
    eg_egglog_destroy(p);
    return status;
  }
  *out_program = p;
  return EG_OK;
}

void eg_egglog_destroy(eg_egglog *p) {
  if (!p)
    return;
  eg_graph *graph = p->graph;
  while (p->levels.num)
    free_level(p, &p->levels.data[--p->levels.num]);
  truncate_names(p, &(egl_mark){0});
  for (size_t i = 0; i < p->tables.num; ++i)
    egl_table_free(p, &p->tables.data[i]);
  EGI_RELEASE(graph, &p->sorts);
  EGI_RELEASE(graph, &p->funcs);
  EGI_RELEASE(graph, &p->arg_sorts);
  EGI_RELEASE(graph, &p->globals);
  EGI_RELEASE(graph, &p->rules);
  EGI_RELEASE(graph, &p->rulesets);
  EGI_RELEASE(graph, &p->tables);
  EGI_RELEASE(graph, &p->names);
  EGI_RELEASE(graph, &p->func_of_op);
  EGI_RELEASE(graph, &p->sort_of_op);
  EGI_RELEASE(graph, &p->levels);
  EGI_RELEASE(graph, &p->stamps);
  EGI_RELEASE(graph, &p->sums);
  EGI_RELEASE(graph, &p->op_times);
  EGI_RELEASE(graph, &p->exprs);
  EGI_RELEASE(graph, &p->vars);
  EGI_RELEASE(graph, &p->elements);
  EGI_RELEASE(graph, &p->others);
  EGI_RELEASE(graph, &p->sorted);
  EGI_RELEASE(graph, &p->values);
  EGI_RELEASE(graph, &p->rows);
  EGI_RELEASE(graph, &p->scratch);
  egi_resize(graph, p, sizeof *p, 0);
  eg_graph_destroy(graph);
}

eg_graph *eg_egglog_graph(eg_egglog *p) {
  return p->graph;
}

const eg_error *eg_egglog_error(const eg_egglog *p) {
  return &p->graph->error;
}

eg_report eg_egglog_report(const eg_egglog *p) {
  eg_report report = p->report;
  report.nodes = eg_num_nodes(p->graph);
  report.classes = eg_num_classes(p->graph);
  return report;
}

uint32_t eg_egglog_num_rules(const eg_egglog *p) {
  return (uint32_t)p->rules.num;
}

const char *eg_egglog_rule_name(const eg_egglog *p, uint32_t rule) {
  return p->rules.data[rule].name;
}

eg_rule_stats eg_egglog_rule_stats(const eg_egglog *p, uint32_t rule) {
  return p->rules.data[rule].stats;
}
