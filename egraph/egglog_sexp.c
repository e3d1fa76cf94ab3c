// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// egglog's text as a flat tree in post-order.
//
//   text := item*      item := word | string | '(' item* ')'
//
// ';' starts a comment. Strings and words are as in text.h.
#include "egglog_internal.h"

// A '(' that is not closed: where its items begin.
typedef struct open_list {
  uint32_t low;
  size_t pending;
  const char *where;
} open_list;

typedef struct parser {
  eg_egglog *p;
  egi_reader *reader;
  egl_text *out;
  EGI_ARRAY(open_list) lists;
  egi_words pending;
} parser;

static eg_status add_node(parser *s, egl_sexp node) {
  eg_graph *graph = s->p->graph;
  EG_TRY(EGI_RESERVE(graph, &s->out->nodes, 1));
  EG_TRY(EGI_RESERVE(graph, &s->pending, 1));
  if (s->out->nodes.num >= EGL_NONE)
    return egi_fail_at(graph, EG_LIMIT, 0, "the text is too long");
  s->pending.data[s->pending.num++] = (uint32_t)s->out->nodes.num;
  s->out->nodes.data[s->out->nodes.num++] = node;
  return EG_OK;
}

static eg_status add_token(parser *s, const egi_token *token) {
  egl_sexp node = {.kind = token->kind == EGI_WORD ? EGL_WORD : EGL_STRING,
                   .low = (uint32_t)s->out->nodes.num,
                   .where = token->text - (token->kind == EGI_STRING)};
  eg_payload symbol;
  EG_TRY(egi_reader_decode(s->reader, token));
  EG_TRY(eg_payload_intern(s->p->graph, s->reader->scratch.data,
                           s->reader->scratch.num, &symbol));
  node.symbol = symbol.id;
  node.is_head = s->lists.num > 0 && token->kind == EGI_WORD &&
                 s->pending.num == s->lists.data[s->lists.num - 1].pending;
  return add_node(s, node);
}

static eg_status open(parser *s, const char *where) {
  EG_TRY(EGI_RESERVE(s->p->graph, &s->lists, 1));
  s->lists.data[s->lists.num++] =
      (open_list){(uint32_t)s->out->nodes.num, s->pending.num, where};
  return EG_OK;
}

static eg_status close(parser *s, const char *where) {
  if (s->lists.num == 0)
    return egi_reader_fail(s->reader, where, "a ')' closes nothing");
  open_list list = s->lists.data[--s->lists.num];
  egl_sexp node = {.kind = EGL_LIST,
                   .low = list.low,
                   .first = (uint32_t)s->out->args.num,
                   .num = (uint32_t)(s->pending.num - list.pending),
                   .where = list.where,
                   .size = (uint32_t)(where - list.where) + 1};
  EG_TRY(EGI_RESERVE(s->p->graph, &s->out->args, (size_t)node.num + 1));
  for (uint32_t i = 0; i < node.num; ++i)
    s->out->args.data[s->out->args.num++] = s->pending.data[list.pending + i];
  s->pending.num = list.pending;
  return add_node(s, node);
}

static eg_status parse_all(parser *s) {
  for (;;) {
    egi_token token;
    EG_TRY(egi_reader_next(s->reader, &token));
    if (token.kind == EGI_OPEN)
      EG_TRY(open(s, token.text));
    else if (token.kind == EGI_CLOSE)
      EG_TRY(close(s, token.text));
    else if (token.kind != EGI_END)
      EG_TRY(add_token(s, &token));
    else
      break;
  }
  if (s->lists.num)
    return egi_reader_fail(s->reader, s->lists.data[s->lists.num - 1].where,
                           "a '(' is not closed");
  return EG_OK;
}

eg_status egl_parse(eg_egglog *p, egi_reader *reader, egl_text *out) {
  parser s = {.p = p, .reader = reader, .out = out};
  eg_status status = parse_all(&s);
  EGI_RELEASE(p->graph, &s.lists);
  if (status != EG_OK) {
    EGI_RELEASE(p->graph, &s.pending);
    return status;
  }
  out->commands = s.pending; // what no list has taken
  return EG_OK;
}

void egl_text_free(eg_egglog *p, egl_text *text) {
  EGI_RELEASE(p->graph, &text->nodes);
  EGI_RELEASE(p->graph, &text->args);
  EGI_RELEASE(p->graph, &text->commands);
}
