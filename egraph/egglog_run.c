// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The commands that do something, the table of all commands, and texts.
#include "egglog_internal.h"

//===-- Doing -------------------------------------------------------------===//

// Compiles the expression or action at |node|, which stands alone, and does it.
static eg_status act_alone(eg_egglog *p, uint32_t node, bool action,
                           egl_actions *code, uint32_t *out_value,
                           uint32_t *out_sort) {
  uint32_t slot = 0;
  egl_vars_clear(p);
  EG_TRY(egl_resolve(p, node, false, action));
  EG_TRY(egl_infer(p, &node, 1));
  EG_TRY(egl_compile_action(p, node, code, &slot));
  if (out_sort)
    *out_sort = egl_sort_of(p, node);
  EG_TRY(egl_act(p, code, NULL, 0));
  if (out_value)
    *out_value = egi_find(p->graph, p->values.data[slot]);
  return egl_rebuild(p);
}

static eg_status act(eg_egglog *p, uint32_t node, bool action,
                     uint32_t *out_value, uint32_t *out_sort) {
  egl_actions code = {0};
  eg_status status = act_alone(p, node, action, &code, out_value, out_sort);
  egl_actions_free(p, &code);
  if (status == EG_OK)
    return EG_OK;
  eg_error error = p->graph->error; // what went wrong first is what is said
  eg_status rebuilt = egl_rebuild(p);
  p->graph->error = error;
  return rebuilt == EG_NO_MEMORY ? rebuilt : status;
}

static eg_status do_action(eg_egglog *p, uint32_t node) {
  return act(p, node, true, NULL, NULL);
}

static eg_status do_let(eg_egglog *p, uint32_t node) {
  egl_global global;
  EG_TRY(egl_need(p, node, 3, "(let name expression)"));
  const egl_sexp *name = egl_at(p, egl_child(p, node, 1));
  EG_TRY(egl_need_free(p, name));
  EG_TRY(act(p, egl_child(p, node, 2), false, &global.value, &global.sort));
  global.name = name->symbol;
  return egl_declare_global(p, global);
}

static eg_status found_one(void *user, const uint32_t *row) {
  (void)row;
  *(bool *)user = true;
  return EG_NOT_FOUND; // enough
}

static eg_status holds_with(eg_egglog *p, const uint32_t *facts, size_t num,
                            egl_query *query, bool *out_holds) {
  eg_rule_stats stats = {0};
  egl_vars_clear(p);
  for (size_t i = 0; i < num; ++i)
    EG_TRY(egl_resolve(p, facts[i], true, false));
  EG_TRY(egl_infer(p, facts, num));
  EG_TRY(egl_compile_query(p, facts, num, query));
  EG_TRY(egl_rebuild(p));
  eg_status status =
      egl_search(p, query, 0, true, &stats, found_one, out_holds);
  return *out_holds ? EG_OK : status;
}

eg_status egl_holds(eg_egglog *p, const uint32_t *facts, size_t num,
                    bool *out_holds) {
  egl_query query = {0};
  *out_holds = false;
  eg_status status = holds_with(p, facts, num, &query, out_holds);
  egl_query_free(p, &query);
  return status;
}

static eg_status do_check(eg_egglog *p, uint32_t node) {
  const egl_sexp *s = egl_at(p, node);
  bool holds;
  EG_TRY(egl_need(p, node, 2, "(check fact…)"));
  EG_TRY(egl_holds(p, p->text->args.data + s->first + 1, s->num - 1, &holds));
  return holds ? EG_OK : egl_fail(p, s, "the check does not hold");
}

static eg_status do_extract(eg_egglog *p, uint32_t node) {
  uint32_t value;
  uint64_t variants = 0;
  EG_TRY(egl_need(p, node, 2, "(extract expression number?)"));
  if (egl_at(p, node)->num > 2 &&
      !egl_parse_count(p, egl_child(p, node, 2), &variants))
    return egl_fail(p, egl_at(p, node), "a number of variants is wanted here");
  EG_TRY(act(p, egl_child(p, node, 1), false, &value, NULL));
  return egl_extract(p, value, variants);
}

static eg_status levels(eg_egglog *p, uint32_t node, uint64_t *out) {
  *out = 1;
  if (egl_at(p, node)->num < 2 ||
      egl_parse_count(p, egl_child(p, node, 1), out))
    return EG_OK;
  return egl_fail(p, egl_at(p, node), "a number of levels is wanted here");
}

static eg_status do_push(eg_egglog *p, uint32_t node) {
  uint64_t num;
  EG_TRY(levels(p, node, &num));
  while (num-- > 0)
    EG_TRY(egl_push(p));
  return EG_OK;
}

static eg_status do_pop(eg_egglog *p, uint32_t node) {
  uint64_t num;
  EG_TRY(levels(p, node, &num));
  if (num > p->levels.num)
    return egl_fail(p, egl_at(p, node), "'pop' without a 'push'");
  while (num-- > 0)
    EG_TRY(egl_pop(p));
  return EG_OK;
}

static eg_status find_func(eg_egglog *p, uint32_t node, uint32_t *out) {
  const egl_sexp *s = egl_at(p, node);
  if (s->kind == EGL_WORD && egl_lookup(p, s->symbol, EGL_NAME_FUNC, out))
    return EG_OK;
  return egl_fail(p, s, "'%.60s' is no function",
                  s->kind == EGL_LIST ? "(" : egl_name(p, s->symbol));
}

static eg_status do_print_size(eg_egglog *p, uint32_t node) {
  uint32_t func = EGL_NONE;
  if (egl_at(p, node)->num > 1)
    EG_TRY(find_func(p, egl_child(p, node, 1), &func));
  return egl_print_size(p, func);
}

static eg_status do_print_function(eg_egglog *p, uint32_t node) {
  uint32_t func;
  uint64_t num = UINT64_MAX;
  EG_TRY(egl_need(p, node, 2, "(print-function name number)"));
  EG_TRY(find_func(p, egl_child(p, node, 1), &func));
  if (egl_at(p, node)->num > 2 &&
      !egl_parse_count(p, egl_child(p, node, 2), &num))
    return egl_fail(p, egl_at(p, node), "a number of rows is wanted here");
  return egl_print_function(p, func, num);
}

// The text that is included runs once this command is done.
static eg_status do_include(eg_egglog *p, uint32_t node) {
  EG_TRY(egl_need(p, node, 2, "(include \"file\")"));
  const egl_sexp *path = egl_at(p, egl_child(p, node, 1));
  if (path->kind != EGL_STRING || !p->options.include)
    return egl_fail(p, path, "nothing can be included here");
  p->included = p->options.include(p->options.user, egl_name(p, path->symbol));
  return p->included ? EG_OK
                     : egl_fail(p, path, "'%.100s' cannot be included",
                                egl_name(p, path->symbol));
}

static eg_status do_nothing(eg_egglog *p, uint32_t node) {
  (void)p;
  (void)node;
  return EG_OK;
}

//===-- The table ---------------------------------------------------------===//

static const struct {
  const char *name;
  eg_status (*run)(eg_egglog *p, uint32_t node);
  bool declares;
} commands[] = {
    {"sort", egl_do_sort, true},
    {"datatype", egl_do_datatype, true},
    {"datatype*", egl_do_datatypes, true},
    {"function", egl_do_function, true},
    {"constructor", egl_do_function, true},
    {"relation", egl_do_relation, true},
    {"ruleset", egl_do_ruleset, true},
    {"unstable-combined-ruleset", egl_do_ruleset, true},
    {"rule", egl_do_rule, true},
    {"rewrite", egl_do_rewrite, true},
    {"birewrite", egl_do_rewrite, true},
    {"let", do_let, false},
    {"run", egl_run_schedule, false},
    {"run-schedule", egl_run_schedule, false},
    {"check", do_check, false},
    {"extract", do_extract, false},
    {"include", do_include, false},
    {"push", do_push, false},
    {"pop", do_pop, false},
    {"print-size", do_print_size, false},
    {"print-function", do_print_function, false},
    {"print-stats", do_nothing, false}, // times; eg stats prints the counters
};

// A declaration that is refused has declared nothing.
static eg_status declare(eg_egglog *p, uint32_t node,
                         eg_status (*run)(eg_egglog *p, uint32_t node)) {
  egl_mark mark = egl_mark_here(p);
  eg_status status = run(p, node);
  if (status != EG_OK)
    egl_rollback(p, &mark);
  return status;
}

static eg_status run_one(eg_egglog *p, uint32_t node) {
  for (size_t i = 0; i < sizeof commands / sizeof *commands; ++i)
    if (egl_has_head(p, node, commands[i].name))
      return commands[i].declares ? declare(p, node, commands[i].run)
                                  : commands[i].run(p, node);
  return do_action(p, node);
}

// (fail command): fails unless the command does.
static eg_status run_command(eg_egglog *p, uint32_t node) {
  bool fails = false;
  uint32_t outer = node;
  while (egl_has_head(p, node, "fail") && egl_at(p, node)->num == 2) {
    fails = !fails;
    node = egl_child(p, node, 1);
  }
  if (egl_at(p, node)->kind != EGL_LIST)
    return egl_fail(p, egl_at(p, node), "a command is a list");
  if (egl_at(p, node)->num == 0)
    return egl_fail(p, egl_at(p, node), "a command begins with a name");
  eg_status status = run_one(p, node);
  if (!fails || (status != EG_OK && status != EG_INVALID))
    return status;
  if (status == EG_OK)
    return egl_fail(p, egl_at(p, outer), "the command does not fail");
  p->graph->error = (eg_error){0};
  return EG_OK;
}

//===-- Texts -------------------------------------------------------------===//

// A text that is run, and how far; an include puts another one on top.
typedef struct running {
  egi_reader reader;
  egl_text text;
  size_t next; // command
  uint32_t number;
} running;

enum { MAX_INCLUDES = 64 };

typedef EGI_ARRAY(running) running_stack;

static eg_status open_text(eg_egglog *p, const char *source,
                           running_stack *stack) {
  if (stack->num == MAX_INCLUDES)
    return egi_fail_at(p->graph, EG_INVALID, 0,
                       "includes are more than %d deep", MAX_INCLUDES);
  EG_TRY(EGI_RESERVE(p->graph, stack, 1));
  running *top = &stack->data[stack->num++];
  memset(top, 0, sizeof *top);
  egi_reader_init(&top->reader, p->graph, source);
  top->reader.comment = ';';
  top->number = ++p->num_texts;
  EG_TRY(egl_parse(p, &top->reader, &top->text));
  p->exprs.num = 0;
  return EGI_RESERVE(p->graph, &p->exprs, top->text.nodes.num + 1);
}

static void close_text(eg_egglog *p, running_stack *stack) {
  running *top = &stack->data[--stack->num];
  egl_text_free(p, &top->text);
  egi_reader_free(&top->reader);
}

static eg_status run_texts(eg_egglog *p, running_stack *stack) {
  while (stack->num) {
    running *top = &stack->data[stack->num - 1];
    if (top->next == top->text.commands.num) {
      close_text(p, stack);
      continue;
    }
    p->reader = &top->reader;
    p->text = &top->text;
    p->text_number = top->number;
    p->included = NULL;
    EG_TRY(run_command(p, top->text.commands.data[top->next++]));
    if (p->included)
      EG_TRY(open_text(p, p->included, stack));
  }
  return EG_OK;
}

eg_status eg_egglog_run(eg_egglog *p, const char *source) {
  running_stack stack = {0};
  eg_status status = open_text(p, source, &stack);
  if (status == EG_OK)
    status = run_texts(p, &stack);
  while (stack.num)
    close_text(p, &stack);
  EGI_RELEASE(p->graph, &stack);
  p->reader = NULL;
  p->text = NULL;
  return status;
}
