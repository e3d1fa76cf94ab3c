// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// An egglog program from its creation to its end, and the levels between.
#include "egglog_internal.h"

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
  EGI_RELEASE(graph, &p->touched);
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
