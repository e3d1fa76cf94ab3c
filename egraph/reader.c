// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The s-expression reader: text to egi_pattern, in one pass.
//
// An operator's children stand after it, but a pattern wants children before
// parents. So a finished node waits in |pending| until its ')' comes; a frame
// remembers where the children of its '(' begin. An operator that is not known
// yet (declare) is registered at its ')', when its children have been counted.
#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void egi_reader_init(egi_reader *reader, eg_graph *graph, const char *text) {
  memset(reader, 0, sizeof *reader);
  reader->graph = graph;
  reader->text = reader->at = text;
  reader->comment = '#';
  reader->what = "term";
  reader->sort = EGI_UNKNOWN;
}

eg_status egi_name_add(eg_graph *graph, egi_vars *vars, const char *name,
                       size_t len) {
  EG_TRY(EGI_RESERVE(graph, &vars->names, 1));
  char *copy = egi_resize(graph, NULL, 0, len + 1);
  if (!copy)
    return egi_fail_at(graph, EG_NO_MEMORY, 0, "no memory for a name");
  memcpy(copy, name, len);
  copy[len] = '\0';
  vars->names.data[vars->names.num++] = copy;
  return EG_OK;
}

void egi_vars_free(eg_graph *graph, egi_vars *vars) {
  for (size_t i = 0; i < vars->names.num; ++i)
    egi_resize(graph, vars->names.data[i], strlen(vars->names.data[i]) + 1, 0);
  EGI_RELEASE(graph, &vars->names);
}

void egi_reader_forget(egi_reader *reader) {
  egi_vars_free(reader->graph, &reader->vars);
  reader->vars = (egi_vars){0};
  reader->var_sorts.num = 0;
}

void egi_reader_free(egi_reader *reader) {
  egi_vars_free(reader->graph, &reader->vars);
  EGI_RELEASE(reader->graph, &reader->var_sorts);
  EGI_RELEASE(reader->graph, &reader->frames);
  EGI_RELEASE(reader->graph, &reader->pending);
  EGI_RELEASE(reader->graph, &reader->scratch);
}

// Sets line and column of the error at hand: those of |where|.
static void locate(egi_reader *reader, const char *where) {
  eg_error *error = &reader->graph->error;
  const char *line = reader->text;
  error->line = 1;
  for (const char *at = reader->text; at < where; ++at)
    if (*at == '\n') {
      ++error->line;
      line = at + 1;
    }
  error->column = (uint32_t)(where - line) + 1;
}

uint32_t egi_reader_line(egi_reader *reader, const char *where) {
  if (!reader->counted || where < reader->counted) {
    reader->counted = reader->text;
    reader->line = 1;
  }
  for (; reader->counted < where; ++reader->counted)
    reader->line += *reader->counted == '\n';
  return reader->line;
}

eg_status egi_reader_fail(egi_reader *reader, const char *where,
                          const char *format, ...) {
  char text[sizeof reader->graph->error.text];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  eg_status status =
      reader->rule
          ? egi_fail_at(reader->graph, EG_INVALID, 0, "rule '%.*s': %s",
                        egi_clip(strlen(reader->rule)), reader->rule, text)
          : egi_fail_at(reader->graph, EG_INVALID, 0, "%s", text);
  if (where)
    locate(reader, where);
  return status;
}

static bool is_var(const egi_token *token) {
  return token->kind == EGI_WORD && token->text[0] == '?';
}

// Whether the token closes a pattern of a rule that has no parenthesis open.
static bool ends_pattern(const egi_reader *reader, const egi_token *token) {
  return token->kind == EGI_END || token->kind == EGI_COMMA ||
         (reader->items && egi_token_is(token, "=")) ||
         (reader->in_rules &&
          (egi_token_is(token, "=>") || egi_token_is(token, "<=>") ||
           egi_token_is(token, "if") || egi_token_is_head(token)));
}

// As egi_reader_decode, for an operator's name; it must be a C string and not
// empty.
static eg_status decode_name(egi_reader *reader, const egi_token *token) {
  EG_TRY(egi_reader_decode(reader, token));
  if (reader->scratch.num == 0)
    return egi_reader_fail(reader, token->text, "an operator's name is empty");
  if (memchr(reader->scratch.data, 0, reader->scratch.num))
    return egi_reader_fail(reader, token->text,
                           "an operator's name holds a zero byte");
  return EG_OK;
}

//===-- Variables ---------------------------------------------------------===//

uint32_t egi_reader_var(const egi_reader *reader, const egi_token *token) {
  for (size_t i = 0; i < reader->vars.names.num; ++i) {
    const char *name = reader->vars.names.data[i];
    if (strncmp(name, token->text, token->len) == 0 && !name[token->len])
      return (uint32_t)i;
  }
  return EGI_UNKNOWN;
}

static eg_status add_var(egi_reader *reader, const egi_token *token,
                         uint32_t *out_index) {
  egi_vars *vars = &reader->vars;
  if (vars->names.num == EGI_NO_VAR)
    return egi_fail_at(reader->graph, EG_LIMIT, 0,
                       "more than %d variables in a rule", EGI_NO_VAR);
  EG_TRY(EGI_RESERVE(reader->graph, &reader->var_sorts, 1));
  EG_TRY(egi_name_add(reader->graph, vars, token->text, token->len));
  *out_index = (uint32_t)vars->names.num - 1;
  reader->var_sorts.data[reader->var_sorts.num++] = EGI_UNKNOWN;
  return EG_OK;
}

static eg_status find_var(egi_reader *reader, const egi_token *token,
                          uint32_t *out_index) {
  if (token->len == 1)
    return egi_reader_fail(reader, token->text, "'?' is no variable: no name");
  if (!reader->has_vars)
    return egi_reader_fail(reader, token->text,
                           "a term holds no variables, got '%.*s'",
                           egi_clip(token->len), token->text);
  *out_index = egi_reader_var(reader, token);
  if (*out_index != EGI_UNKNOWN)
    return EG_OK;
  if (!reader->binds)
    return egi_reader_fail(reader, token->text,
                           "variable '%.*s' is not bound by the left-hand side",
                           egi_clip(token->len), token->text);
  return add_var(reader, token, out_index);
}

//===-- Sorts -------------------------------------------------------------===//

// The sort of a child of |op|; an operator still to be declared lives on sort
// 0.
static uint32_t child_sort(const eg_graph *graph, uint32_t op, size_t child) {
  if (op == EGI_UNKNOWN)
    return 0;
  const egi_op *info = &graph->ops.data[op];
  if (info->num_children != EG_VARIADIC && child >= info->num_children)
    return EGI_UNKNOWN; // Too many; the ')' will say so.
  return egi_child_sort(info, (uint32_t)child);
}

// The sort that the next item must have.
static uint32_t wanted_sort(const egi_reader *reader) {
  if (reader->frames.num == 0)
    return reader->sort;
  const egi_paren *top = &reader->frames.data[reader->frames.num - 1];
  return child_sort(reader->graph, top->op, reader->pending.num - top->first);
}

uint32_t egi_reader_sort(const egi_reader *reader, const egi_pnode *node) {
  return node->var == EGI_NO_VAR ? reader->graph->ops.data[node->op].result.id
                                 : reader->var_sorts.data[node->var];
}

uint32_t egi_literal_op(const eg_graph *graph, uint32_t sort) {
  for (uint32_t op = 0; op < graph->ops.num; ++op)
    if (graph->ops.data[op].is_literal &&
        (sort == EGI_UNKNOWN || graph->ops.data[op].result.id == sort))
      return op;
  return EGI_UNKNOWN;
}

//===-- Nodes -------------------------------------------------------------===//

// Appends a node over the pending entries from |first| on, and makes it
// pending.
static eg_status push_node(egi_reader *reader, egi_pattern *out, egi_pnode node,
                           size_t first) {
  eg_graph *graph = reader->graph;
  size_t num = reader->pending.num - first;
  if (out->nodes.num >= UINT32_MAX || out->args.num + num > UINT32_MAX)
    return egi_fail_at(graph, EG_LIMIT, 0, "the text is too long");
  EG_TRY(EGI_RESERVE(graph, &reader->pending, 1));
  EG_TRY(EGI_RESERVE(graph, &out->nodes, 1));
  if (num > 0) {
    EG_TRY(EGI_RESERVE(graph, &out->args, num));
    memcpy(out->args.data + out->args.num, reader->pending.data + first,
           num * sizeof *out->args.data);
  }
  node.first = (uint32_t)out->args.num;
  node.num = (uint32_t)num;
  out->args.num += num;
  reader->pending.num = first;
  reader->pending.data[reader->pending.num++] = (uint32_t)out->nodes.num;
  out->nodes.data[out->nodes.num++] = node;
  return EG_OK;
}

static eg_status declare_op(egi_reader *reader, uint32_t num_children,
                            uint32_t *out_op) {
  eg_op_desc desc = {.name = reader->scratch.data,
                     .num_children = num_children};
  eg_op op;
  EG_TRY(eg_op_add(reader->graph, &desc, &op));
  *out_op = op.id;
  return EG_OK;
}

static eg_status check_count(egi_reader *reader, const egi_token *token,
                             uint32_t op, size_t num) {
  const egi_op *info = &reader->graph->ops.data[op];
  bool variadic = info->num_children == EG_VARIADIC;
  if (variadic && num < info->num_leading)
    return egi_reader_fail(
        reader, token->text,
        "operator '%.*s' takes at least %" PRIu32 " children, got %zu",
        egi_clip(strlen(info->name)), info->name, info->num_leading, num);
  if (variadic || info->num_children == num)
    return EG_OK;
  return egi_reader_fail(reader, token->text,
                         "operator '%.*s' takes %" PRIu32 " children, got %zu",
                         egi_clip(strlen(info->name)), info->name,
                         info->num_children, num);
}

// The name in |scratch| as the payload of a literal operator.
static eg_status push_literal(egi_reader *reader, egi_pattern *out,
                              uint32_t op) {
  eg_payload payload;
  EG_TRY(eg_payload_intern(reader->graph, reader->scratch.data,
                           reader->scratch.num, &payload));
  egi_pnode node = {
      .op = (uint16_t)op, .var = EGI_NO_VAR, .payload = payload.id};
  return push_node(reader, out, node, reader->pending.num);
}

// A word or string on its own: an operator without children, or a literal.
static eg_status push_leaf(egi_reader *reader, egi_pattern *out,
                           const egi_token *token) {
  EG_TRY(egi_reader_decode(reader, token));
  uint32_t op = EGI_UNKNOWN;
  eg_op found;
  if (reader->scratch.num > 0 &&
      !memchr(reader->scratch.data, 0, reader->scratch.num) &&
      eg_op_find(reader->graph, reader->scratch.data, &found) == EG_OK)
    op = found.id;
  if (op == EGI_UNKNOWN) {
    uint32_t literal = egi_literal_op(reader->graph, wanted_sort(reader));
    if (literal != EGI_UNKNOWN)
      return push_literal(reader, out, literal);
    EG_TRY(decode_name(reader, token));
    if (!reader->declare)
      return egi_reader_fail(reader, token->text, "unknown operator '%.*s'",
                             egi_clip(token->len), token->text);
    EG_TRY(declare_op(reader, 0, &op));
  }
  if (reader->graph->ops.data[op].has_payload)
    return egi_reader_fail(reader, token->text,
                           "operator '%.*s' needs a payload",
                           egi_clip(token->len), token->text);
  EG_TRY(check_count(reader, token, op, 0));
  egi_pnode node = {.op = (uint16_t)op, .var = EGI_NO_VAR};
  return push_node(reader, out, node, reader->pending.num);
}

static eg_status push_item(egi_reader *reader, egi_pattern *out,
                           const egi_token *token) {
  if (!is_var(token))
    return push_leaf(reader, out, token);
  uint32_t index;
  EG_TRY(find_var(reader, token, &index));
  egi_pnode node = {.var = (uint16_t)index};
  return push_node(reader, out, node, reader->pending.num);
}

// Gives each child the sort its place asks for, or finds that it has another.
static eg_status check_sorts(egi_reader *reader, const egi_pattern *out,
                             const egi_paren *frame) {
  const eg_graph *graph = reader->graph;
  for (size_t i = frame->first; i < reader->pending.num; ++i) {
    const egi_pnode *child = &out->nodes.data[reader->pending.data[i]];
    uint32_t want = child_sort(graph, frame->op, i - frame->first);
    uint32_t have = egi_reader_sort(reader, child);
    if (have == EGI_UNKNOWN)
      reader->var_sorts.data[child->var] = want;
    else if (have != want)
      return egi_reader_fail(
          reader, frame->head.text,
          "child %zu of '%.*s' is of sort '%.40s', not '%.40s'",
          i - frame->first + 1, egi_clip(frame->head.len), frame->head.text,
          eg_sort_name(graph, (eg_sort){(uint8_t)have}),
          eg_sort_name(graph, (eg_sort){(uint8_t)want}));
  }
  return EG_OK;
}

//===-- Parentheses -------------------------------------------------------===//

static eg_status open_frame(egi_reader *reader) {
  egi_paren frame = {.op = EGI_UNKNOWN, .first = reader->pending.num};
  const char *where = reader->at - 1;
  bool items = reader->items;
  reader->items = false; // a name may hold ','
  eg_status status = egi_reader_next(reader, &frame.head);
  reader->items = items;
  EG_TRY(status);
  if (frame.head.kind == EGI_END)
    return egi_reader_fail(reader, where, "a '(' is not closed");
  if (frame.head.kind < EGI_WORD || is_var(&frame.head))
    return egi_reader_fail(reader, frame.head.text,
                           "'(' needs an operator, got '%.*s'",
                           egi_clip(frame.head.len), frame.head.text);
  EG_TRY(decode_name(reader, &frame.head));
  eg_op op;
  if (eg_op_find(reader->graph, reader->scratch.data, &op) == EG_OK) {
    frame.op = op.id;
    frame.wants_payload = eg_op_has_payload(reader->graph, op);
  }
  EG_TRY(EGI_RESERVE(reader->graph, &reader->frames, 1));
  reader->frames.data[reader->frames.num++] = frame;
  return EG_OK;
}

static eg_status take_payload(egi_reader *reader, const egi_token *token) {
  egi_paren *top = &reader->frames.data[reader->frames.num - 1];
  if (token->kind < EGI_WORD || is_var(token))
    return egi_reader_fail(reader, token->text,
                           "operator '%.*s' needs a payload, got '%.*s'",
                           egi_clip(top->head.len), top->head.text,
                           egi_clip(token->len), token->text);
  EG_TRY(egi_reader_decode(reader, token));
  eg_payload payload;
  EG_TRY(eg_payload_intern(reader->graph, reader->scratch.data,
                           reader->scratch.num, &payload));
  top->payload = payload.id;
  top->wants_payload = false;
  return EG_OK;
}

// The operator of a frame whose name was unknown at its '('.
static eg_status resolve_frame(egi_reader *reader, egi_paren *frame) {
  EG_TRY(decode_name(reader, &frame->head));
  eg_op op;
  if (eg_op_find(reader->graph, reader->scratch.data, &op) == EG_OK) {
    frame->op = op.id; // Declared by one of its own children.
    return EG_OK;
  }
  if (!reader->declare)
    return egi_reader_fail(reader, frame->head.text, "unknown operator '%.*s'",
                           egi_clip(frame->head.len), frame->head.text);
  return declare_op(reader, (uint32_t)(reader->pending.num - frame->first),
                    &frame->op);
}

static eg_status close_frame(egi_reader *reader, egi_pattern *out) {
  egi_paren frame = reader->frames.data[--reader->frames.num];
  size_t num = reader->pending.num - frame.first;
  if (frame.op == EGI_UNKNOWN && num == 0)
    return push_leaf(reader, out, &frame.head);
  if (frame.op == EGI_UNKNOWN)
    EG_TRY(resolve_frame(reader, &frame));
  EG_TRY(check_count(reader, &frame.head, frame.op, num));
  EG_TRY(check_sorts(reader, out, &frame));
  egi_pnode node = {
      .op = (uint16_t)frame.op, .var = EGI_NO_VAR, .payload = frame.payload};
  return push_node(reader, out, node, frame.first);
}

static eg_status read_token(egi_reader *reader, egi_pattern *out,
                            const egi_token *token) {
  const egi_paren *top =
      reader->frames.num ? &reader->frames.data[reader->frames.num - 1] : NULL;
  if (!top && ends_pattern(reader, token))
    return egi_reader_fail(reader, token->text, "the %s is missing",
                           reader->what);
  if (token->kind == EGI_END)
    return egi_reader_fail(reader, top->head.text, "'(%.*s' is not closed",
                           egi_clip(top->head.len), top->head.text);
  if (top && top->wants_payload)
    return take_payload(reader, token);
  if (token->kind == EGI_OPEN)
    return open_frame(reader);
  if (token->kind != EGI_CLOSE)
    return push_item(reader, out, token);
  if (!top)
    return egi_reader_fail(reader, token->text, "a ')' closes nothing");
  return close_frame(reader, out);
}

eg_status egi_read_pattern(egi_reader *reader, egi_pattern *out,
                           uint32_t *out_sort) {
  reader->frames.num = 0;
  reader->pending.num = 0;
  do {
    egi_token token;
    EG_TRY(egi_reader_next(reader, &token));
    EG_TRY(read_token(reader, out, &token));
  } while (reader->frames.num > 0);
  *out_sort = egi_reader_sort(reader, &out->nodes.data[out->nodes.num - 1]);
  return EG_OK;
}
