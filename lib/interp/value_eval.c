// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values: the chosen term over a stack of its own, each class once.
#include "interp/kernel_eval.h"

#include "interp/interp.h"
#include "view/try.h"

#include <string.h>

typedef struct slot {
  uint32_t id; // class; 0 = free
  uint8_t num; // arrays
  gln_array arrays[GLN_LANG_MAX_RESULTS];
} slot;

typedef struct eval {
  const gln_lang *lang;
  const eg_choice *choice;
  const gln_environment *environment;
  eg_allocator allocator;
  eg_error *error;
  slot *slots; // in order of evaluation
  size_t num_slots, cap_slots;
  eg_class *stack;
  size_t num_stack, cap_stack;
} eval;

static eg_status grow(eval *e, void **block, size_t *cap, size_t size) {
  size_t want = *cap ? 2 * *cap : 64;
  void *grown =
      e->allocator.resize(e->allocator.user, *block, *cap * size, want * size);
  if (!grown)
    return gln_fail(e->error, EG_NO_MEMORY, "no memory to evaluate a program");
  *block = grown;
  *cap = want;
  return EG_OK;
}

static eg_status push(eval *e, eg_class id) {
  if (e->num_stack == e->cap_stack) {
    void *block = e->stack;
    GLN_TRY(grow(e, &block, &e->cap_stack, sizeof *e->stack));
    e->stack = block;
  }
  e->stack[e->num_stack++] = id;
  return EG_OK;
}

// Programs have thousands of values at most: a linear search will do.
static const slot *find(const eval *e, eg_class id) {
  uint32_t root = eg_find(e->lang->graph, id).id;
  for (size_t i = e->num_slots; i--;)
    if (e->slots[i].id == root)
      return &e->slots[i];
  return NULL;
}

static eg_status read_view(const gln_view *view, const gln_array *in,
                           eg_allocator allocator, gln_array *out,
                           eg_error *error) {
  gln_shape shape = {.type = in->shape.type,
                     .rank = (uint8_t)gln_view_rank(view)};
  int64_t index[GLN_MAX_RANK], source[GLN_MAX_RANK];
  memcpy(shape.dims, gln_view_extents(view), shape.rank * sizeof *shape.dims);
  GLN_TRY(gln_array_init(out, &shape, allocator, error));
  gln_scalar fill = {shape.type, 0};
  gln_view_has_fill(view, &fill);
  int64_t num = gln_shape_num_elements(&shape);
  for (int64_t n = 0; n < num; ++n) {
    gln_shape_position(&shape, n, index);
    bool inside = gln_view_evaluate(view, index, source);
    gln_array_set(out, n,
                  inside
                      ? gln_array_get(in, gln_shape_linear(&in->shape, source))
                      : fill);
  }
  return EG_OK;
}

static eg_status outside(const eval *e, const char *what, uint32_t index,
                         const gln_array *const *arrays, size_t num,
                         const gln_shape *type, gln_array *out) {
  if (index >= num || !gln_shape_equal(&arrays[index]->shape, type))
    return gln_fail(e->error, EG_INVALID, "%s %u is missing or of another type",
                    what, (unsigned)index);
  return gln_array_copy(out, arrays[index], e->allocator, e->error);
}

// Evaluates |node| into |s|; its operands are there.
static eg_status eval_node(eval *e, eg_node node, slot *s) {
  const gln_lang *lang = e->lang;
  const gln_environment *env = e->environment;
  const gln_array *in[256];
  gln_signature type;
  uint32_t num, index = 0;
  gln_node kind = gln_lang_node(lang, node);
  const eg_class *children = eg_node_children(lang->graph, node, &num);
  uint32_t first = kind == GLN_NODE_APPLY;
  if (num > sizeof in / sizeof *in)
    return gln_fail(e->error, EG_LIMIT, "a node with %u operands",
                    (unsigned)num);
  for (uint32_t i = first; i < num; ++i)
    in[i - first] = &find(e, children[i])->arrays[0];
  gln_lang_type(lang, eg_node_class(lang->graph, node), &type);
  gln_node_index(lang, node, &index);
  s->num = type.num_results;
  switch (kind) {
  case GLN_NODE_INPUT:
    return outside(e, "input", index, env->inputs, env->num_inputs,
                   &type.results[0], &s->arrays[0]);
  case GLN_NODE_CONST:
    return outside(e, "constant", index, env->constants, env->num_constants,
                   &type.results[0], &s->arrays[0]);
  case GLN_NODE_VIEW:
  case GLN_NODE_PACK:
  case GLN_NODE_UNPACK:
    return read_view(gln_node_view(lang, node), in[0], e->allocator,
                     &s->arrays[0], e->error);
  case GLN_NODE_CONCAT: {
    gln_op_attrs attrs = {.dim = index};
    return gln_interp_op(GLN_OP_CONCAT, &attrs, in, 2, e->allocator,
                         &s->arrays[0], e->error);
  }
  case GLN_NODE_APPLY:
    return gln_interp_kernel(lang, e->choice, children[0], in, e->allocator,
                             s->arrays, e->error);
  case GLN_NODE_GET:
    return gln_array_copy(&s->arrays[0], &find(e, children[0])->arrays[index],
                          e->allocator, e->error);
  case GLN_NODE_HOST:
    if (!env->host)
      return gln_fail(e->error, EG_INVALID, "no host for operation %u",
                      (unsigned)index);
    return env->host(env->user, index, in, num, s->arrays, e->error);
  default:
    return gln_fail(e->error, EG_INVALID, "'%s' is no value",
                    eg_op_name(lang->graph, eg_node_op(lang->graph, node)));
  }
}

// Whether all operands of |node| have been evaluated; those that were not are
// pushed.
static eg_status operands_ready(eval *e, eg_node node, bool *out_ready) {
  uint32_t num;
  const eg_class *children = eg_node_children(e->lang->graph, node, &num);
  uint32_t first = gln_lang_node(e->lang, node) == GLN_NODE_APPLY;
  *out_ready = true;
  for (uint32_t i = first; i < num; ++i)
    if (!find(e, children[i])) {
      *out_ready = false;
      GLN_TRY(push(e, children[i]));
    }
  return EG_OK;
}

static eg_status eval_top(eval *e) {
  eg_class id = e->stack[e->num_stack - 1];
  if (find(e, id)) {
    --e->num_stack;
    return EG_OK;
  }
  eg_node node = eg_choice_node(e->choice, id);
  if (!node.id)
    return gln_fail(e->error, EG_INFEASIBLE, "value class %u has no node",
                    (unsigned)id.id);
  bool ready;
  GLN_TRY(operands_ready(e, node, &ready));
  if (!ready)
    return EG_OK;
  if (e->num_slots == e->cap_slots) {
    void *block = e->slots;
    GLN_TRY(grow(e, &block, &e->cap_slots, sizeof *e->slots));
    e->slots = block;
  }
  slot *s = &e->slots[e->num_slots];
  memset(s, 0, sizeof *s);
  s->id = eg_find(e->lang->graph, id).id;
  ++e->num_slots; // owned from here on, whatever happens
  --e->num_stack;
  return eval_node(e, node, s);
}

static eg_status take(eval *e, eg_class id, uint32_t which, gln_array *out) {
  const slot *s = find(e, id);
  return gln_array_copy(out, &s->arrays[which], e->allocator, e->error);
}

static eg_status run(eval *e, eg_class root, gln_array *out, size_t max_out,
                     size_t *out_num) {
  eg_node node = eg_choice_node(e->choice, root);
  uint32_t num = 1;
  const eg_class *roots = &root;
  bool is_results = node.id && gln_lang_node(e->lang, node) == GLN_NODE_RESULTS;
  if (is_results)
    roots = eg_node_children(e->lang->graph, node, &num);
  for (uint32_t i = 0; i < num; ++i)
    GLN_TRY(push(e, roots[i]));
  while (e->num_stack)
    GLN_TRY(eval_top(e));
  uint32_t arrays = is_results ? num : find(e, root)->num;
  if (arrays > max_out)
    return gln_fail(e->error, EG_LIMIT, "%u results, room for %zu",
                    (unsigned)arrays, max_out);
  for (uint32_t i = 0; i < arrays; ++i, ++*out_num)
    GLN_TRY(take(e, is_results ? roots[i] : root, is_results ? 0 : i, &out[i]));
  return EG_OK;
}

eg_status gln_interp_value(const gln_lang *lang, const eg_choice *choice,
                           eg_class root, const gln_environment *environment,
                           eg_allocator allocator, gln_array *out,
                           size_t max_out, size_t *out_num, eg_error *error) {
  eval e = {.lang = lang,
            .choice = choice,
            .environment = environment,
            .allocator = allocator,
            .error = error};
  *out_num = 0;
  eg_status status = run(&e, root, out, max_out, out_num);
  for (size_t i = 0; i < e.num_slots; ++i)
    for (size_t k = 0; k < GLN_LANG_MAX_RESULTS; ++k)
      gln_array_fini(&e.slots[i].arrays[k]);
  allocator.resize(allocator.user, e.slots, e.cap_slots * sizeof *e.slots, 0);
  allocator.resize(allocator.user, e.stack, e.cap_stack * sizeof *e.stack, 0);
  if (status != EG_OK) {
    for (size_t i = 0; i < *out_num; ++i)
      gln_array_fini(&out[i]);
    *out_num = 0;
  }
  return status;
}
