// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What egglog's extract and print commands say.
#include "egglog_internal.h"

// The container sort that the operator is of; NULL for none.
static const egl_sort *container_of(const eg_egglog *p, uint16_t op) {
  uint32_t sort = op < p->sort_of_op.num ? p->sort_of_op.data[op] : 0;
  return sort ? &p->sorts.data[sort - 1] : NULL;
}

//===-- Costs -------------------------------------------------------------===//

// The sum of the constructors' costs over the tree; a primitive value costs 1, a
// container what its elements do.
static eg_status node_cost(void *user, const eg_graph *graph, eg_node node,
                           const void *const *children, void *out_cost,
                           bool *out_usable) {
  const eg_egglog *p = user;
  uint32_t num, op = eg_node_op(graph, node).id;
  uint32_t func = op < p->func_of_op.num ? p->func_of_op.data[op] : 0;
  double sum = 1;
  if (func) {
    *out_usable =
        !p->funcs.data[func - 1].forbidden && !eg_is_subsumed(graph, node);
    sum = (double)p->funcs.data[func - 1].cost;
  }
  if (container_of(p, (uint16_t)op))
    sum = 0;
  eg_node_children(graph, node, &num);
  for (uint32_t i = 0; i < num; ++i)
    sum += *(const double *)children[i];
  *(double *)out_cost = sum;
  return EG_OK;
}

static eg_status choose(eg_egglog *p, eg_choice **out_choice) {
  eg_cost cost = eg_cost_size();
  cost.node = node_cost;
  cost.user = p;
  return eg_extract_tree(p->graph, &cost, out_choice);
}

static bool write_nothing(void *user, const char *text, size_t size) {
  (void)user;
  (void)text;
  (void)size;
  return true;
}

static eg_writer writer_of(const eg_egglog *p) {
  return p->options.output.write ? p->options.output
                                 : (eg_writer){write_nothing, NULL};
}

//===-- Terms -------------------------------------------------------------===//

static void put_value(eg_egglog *p, egi_out *out, eg_node node) {
  size_t size;
  const void *bytes =
      eg_payload_bytes(p->graph, eg_node_payload(p->graph, node), &size);
  bool quote =
      eg_node_op(p->graph, node).id == p->sorts.data[p->kinds[EGL_STR]].leaf;
  if (!quote) {
    egi_put(out, bytes, size);
    return;
  }
  egi_puts(out, "\"");
  egi_put_escaped(out, bytes, size, "\\");
  egi_puts(out, "\"");
}

typedef EGI_ARRAY(egi_pair) pair_stack; // node, next child

// Opens a term at |node|: a value is done with that.
static eg_status put_head(eg_egglog *p, egi_out *out, eg_node node,
                          pair_stack *stack) {
  eg_op op = eg_node_op(p->graph, node);
  if (eg_op_has_payload(p->graph, op)) {
    put_value(p, out, node);
    return EG_OK;
  }
  EG_TRY(EGI_RESERVE(p->graph, stack, 1));
  stack->data[stack->num++] = (egi_pair){node.id, 0};
  const egl_sort *container = container_of(p, op.id);
  uint32_t num;
  eg_node_children(p->graph, node, &num);
  if (container && op.id == container->leaf) {
    egi_puts(out, "(");
    egi_puts(out, egl_container_maker(container->kind, num));
  } else if (!container) {
    egi_puts(out, "(");
    egi_puts(out, eg_op_name(p->graph, op));
  }
  return EG_OK;
}

// Whether the node is of the entries of a map, which have no parentheses.
static bool is_entry(const eg_egglog *p, uint32_t node) {
  uint16_t op = egi_op_of(p->graph, node);
  const egl_sort *container = container_of(p, op);
  return container && op != container->leaf;
}

// |node| over the chosen terms of its children, every call in parentheses.
static eg_status put_node(eg_egglog *p, egi_out *out, const eg_choice *choice,
                          eg_node node, pair_stack *stack) {
  stack->num = 0;
  EG_TRY(put_head(p, out, node, stack));
  while (stack->num) {
    egi_pair *top = &stack->data[stack->num - 1];
    uint32_t num;
    const eg_class *children =
        eg_node_children(p->graph, (eg_node){top->a}, &num);
    if (top->b == num) {
      egi_puts(out, is_entry(p, top->a) ? "" : ")");
      --stack->num;
      continue;
    }
    egi_puts(out, top->b == 0 && is_entry(p, top->a) ? "" : " ");
    EG_TRY(put_head(p, out, eg_choice_node(choice, children[top->b++]), stack));
  }
  return EG_OK;
}

static eg_status put_term(eg_egglog *p, egi_out *out, const eg_choice *choice,
                          uint32_t id, pair_stack *stack) {
  eg_node node = eg_choice_node(choice, (eg_class){id});
  if (node.id)
    return put_node(p, out, choice, node, stack);
  return egi_fail_at(p->graph, EG_INVALID, 0, "a class has no term to extract");
}

// Calls |print| with a choice and a writer, and hands the text over.
static eg_status with_output(eg_egglog *p,
                             eg_status (*print)(eg_egglog *p, egi_out *out,
                                                const eg_choice *choice,
                                                const void *what),
                             const void *what) {
  eg_choice *choice;
  EG_TRY(choose(p, &choice));
  egi_out out = {.writer = writer_of(p)};
  eg_status status = print(p, &out, choice, what);
  eg_choice_destroy(choice);
  eg_status written = egi_out_finish(&out, p->graph);
  return status == EG_OK ? written : status;
}

typedef struct term_wanted {
  uint32_t id;
  uint64_t variants; // 0 = the cheapest term alone
} term_wanted;

// Whether every child has a term, and what the node costs over them.
static bool cost_of(eg_egglog *p, const eg_choice *choice, eg_node node,
                    double *out) {
  uint32_t num;
  const eg_class *children = eg_node_children(p->graph, node, &num);
  const void *costs[EGL_MAX_ARGS];
  bool usable = true;
  for (uint32_t i = 0; i < num; ++i) {
    costs[i] = eg_choice_cost(choice, children[i]);
    usable &= costs[i] != NULL;
  }
  return usable && num <= EGL_MAX_ARGS &&
         node_cost(p, p->graph, node, costs, out, &usable) == EG_OK && usable;
}

// One term per node of the class, the cheapest first.
static eg_status put_variants(eg_egglog *p, egi_out *out,
                              const eg_choice *choice, const term_wanted *w,
                              pair_stack *stack) {
  uint32_t num;
  const eg_node *nodes = eg_class_nodes(p->graph, (eg_class){w->id}, &num);
  double last = -1;
  uint32_t last_at = 0;
  egi_puts(out, "(\n");
  for (uint64_t done = 0; done < w->variants; ++done) {
    double best = -1, cost;
    uint32_t at = num;
    for (uint32_t i = 0; i < num; ++i) {
      bool behind = cost_of(p, choice, nodes[i], &cost) &&
                    (cost > last || (cost == last && i > last_at));
      if (behind && (at == num || cost < best)) {
        best = cost;
        at = i;
      }
    }
    if (at == num)
      break;
    egi_puts(out, "   ");
    EG_TRY(put_node(p, out, choice, nodes[at], stack));
    egi_puts(out, "\n");
    last = best;
    last_at = at;
  }
  egi_puts(out, ")");
  return EG_OK;
}

static eg_status print_extract(eg_egglog *p, egi_out *out,
                               const eg_choice *choice, const void *what) {
  const term_wanted *w = what;
  pair_stack stack = {0};
  eg_status status = w->variants ? put_variants(p, out, choice, w, &stack)
                                 : put_term(p, out, choice, w->id, &stack);
  egi_puts(out, "\n");
  EGI_RELEASE(p->graph, &stack);
  return status;
}

eg_status egl_extract(eg_egglog *p, uint32_t value, uint64_t variants) {
  term_wanted wanted = {value, variants};
  return with_output(p, print_extract, &wanted);
}

//===-- Tables ------------------------------------------------------------===//

static uint64_t size_of(const eg_egglog *p, const egl_func *f) {
  return f->kind == EGL_CONSTRUCTOR ? eg_op_num_nodes(p->graph, (eg_op){f->op})
                                    : p->tables.data[f->table].num_live;
}

static bool name_before(const eg_egglog *p, uint32_t a, uint32_t b) {
  return strcmp(egl_name(p, p->funcs.data[a].name),
                egl_name(p, p->funcs.data[b].name)) < 0;
}

static eg_status sorted_funcs(eg_egglog *p, egi_words *out) {
  out->num = 0;
  EG_TRY(EGI_RESERVE(p->graph, out, p->funcs.num + 1));
  for (uint32_t i = 0; i < p->funcs.num; ++i) {
    size_t at = out->num++;
    for (; at && name_before(p, i, out->data[at - 1]); --at)
      out->data[at] = out->data[at - 1];
    out->data[at] = i;
  }
  return EG_OK;
}

static void put_size(eg_egglog *p, egi_out *out, uint32_t func) {
  egi_puts(out, "(");
  egi_puts(out, egl_name(p, p->funcs.data[func].name));
  egi_puts(out, " ");
  egi_put_number(out, size_of(p, &p->funcs.data[func]));
  egi_puts(out, ")");
}

eg_status egl_print_size(eg_egglog *p, uint32_t func) {
  egi_out out = {.writer = writer_of(p)};
  if (func != EGL_NONE) {
    egi_put_number(&out, size_of(p, &p->funcs.data[func]));
    egi_puts(&out, "\n");
    return egi_out_finish(&out, p->graph);
  }
  EG_TRY(sorted_funcs(p, &p->scratch));
  egi_puts(&out, "(");
  for (size_t i = 0, shown = 0; i < p->scratch.num; ++i) {
    if (p->funcs.data[p->scratch.data[i]].hidden)
      continue;
    egi_puts(&out, shown++ ? "\n " : "");
    put_size(p, &out, p->scratch.data[i]);
  }
  egi_puts(&out, ")\n");
  return egi_out_finish(&out, p->graph);
}

typedef struct rows_wanted {
  uint32_t func;
  uint64_t num;
} rows_wanted;

// One line of a function: (f args…) -> value; a relation has no value.
static eg_status put_row(eg_egglog *p, egi_out *out, const eg_choice *choice,
                         const egl_func *f, const uint32_t *args,
                         uint32_t value, pair_stack *stack) {
  egi_puts(out, "   (");
  egi_puts(out, egl_name(p, f->name));
  for (uint32_t i = 0; i < f->num_args; ++i) {
    egi_puts(out, " ");
    EG_TRY(put_term(p, out, choice, egi_find(p->graph, args[i]), stack));
  }
  egi_puts(out, ")");
  if (f->kind != EGL_RELATION) {
    egi_puts(out, " -> ");
    EG_TRY(put_term(p, out, choice, egi_find(p->graph, value), stack));
  }
  egi_puts(out, "\n");
  return EG_OK;
}

static eg_status put_nodes(eg_egglog *p, egi_out *out, const eg_choice *choice,
                           const egl_func *f, uint64_t num, pair_stack *stack) {
  const eg_graph *graph = p->graph;
  for (uint32_t page = graph->ops.data[f->op].first_page; page;
       page = graph->pages.data[page].next)
    for (uint32_t i = 0; i < graph->pages.data[page].used && num; ++i) {
      uint32_t node = page << EGI_PAGE_BITS | i, len;
      if (!egi_is_live(graph, node))
        continue;
      --num;
      EG_TRY(put_row(p, out, choice, f, egi_key(graph, node, &len),
                     egi_record(graph, node)[0], stack));
    }
  return EG_OK;
}

static eg_status put_rows(eg_egglog *p, egi_out *out, const eg_choice *choice,
                          const egl_func *f, uint64_t num, pair_stack *stack) {
  const egl_table *t = &p->tables.data[f->table];
  for (uint32_t row = 0; row < egl_table_num(t) && num; ++row) {
    const uint32_t *words = egl_row(t, row);
    if (!words[t->arity])
      continue;
    --num;
    EG_TRY(put_row(p, out, choice, f, words, words[t->arity], stack));
  }
  return EG_OK;
}

static eg_status print_function(eg_egglog *p, egi_out *out,
                                const eg_choice *choice, const void *what) {
  const rows_wanted *w = what;
  const egl_func *f = &p->funcs.data[w->func];
  pair_stack stack = {0};
  egi_puts(out, "(\n");
  eg_status status = f->kind == EGL_CONSTRUCTOR
                         ? put_nodes(p, out, choice, f, w->num, &stack)
                         : put_rows(p, out, choice, f, w->num, &stack);
  egi_puts(out, ")\n");
  EGI_RELEASE(p->graph, &stack);
  return status;
}

eg_status egl_print_function(eg_egglog *p, uint32_t func, uint64_t num) {
  rows_wanted wanted = {func, num};
  return with_output(p, print_function, &wanted);
}
