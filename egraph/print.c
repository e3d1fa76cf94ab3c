// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Terms as text that the reader takes back.
//
// The walk keeps a stack of open parentheses on the heap. A choice is checked
// first: a cyclic one would print for ever.
#include "text.h"

#include <stdio.h>
#include <stdlib.h>

//===-- Collecting --------------------------------------------------------===//

static void flush(egi_out *out) {
  if (out->num > 0 && !out->failed)
    out->failed = !out->writer.write(out->writer.user, out->buffer, out->num);
  out->num = 0;
}

void egi_put(egi_out *out, const char *text, size_t size) {
  while (size > 0 && !out->failed) {
    size_t part = sizeof out->buffer - out->num;
    if (part > size)
      part = size;
    memcpy(out->buffer + out->num, text, part);
    out->num += part;
    text += part;
    size -= part;
    if (out->num == sizeof out->buffer)
      flush(out);
  }
}

void egi_puts(egi_out *out, const char *text) {
  egi_put(out, text, strlen(text));
}

void egi_put_number(egi_out *out, uint64_t number) {
  char text[20];
  size_t at = sizeof text;
  do
    text[--at] = (char)('0' + number % 10);
  while (number /= 10);
  egi_put(out, text + at, sizeof text - at);
}

eg_status egi_out_finish(egi_out *out, eg_graph *graph) {
  flush(out);
  if (!out->failed)
    return EG_OK;
  return egi_fail_at(graph, EG_INVALID, 0, "the writer refuses the text");
}

//===-- Quoting -----------------------------------------------------------===//

// The length of the UTF-8 sequence at |at|, 0 for none. Overlong forms pass:
// this guards a terminal or Graphviz against stray bytes, not against spoofing.
static size_t utf8_length(const unsigned char *at, size_t left) {
  size_t len = *at < 0x80   ? 1
               : *at < 0xc2 ? 0
               : *at < 0xe0 ? 2
               : *at < 0xf0 ? 3
               : *at < 0xf5 ? 4
                            : 0;
  if (len > left)
    return 0;
  for (size_t i = 1; i < len; ++i)
    if ((at[i] & 0xc0) != 0x80)
      return 0;
  return len;
}

// A byte that cannot stand for itself, as the reader's escape for it.
static void put_escape(egi_out *out, unsigned char byte) {
  static const char digits[] = "0123456789abcdef";
  char hex[3] = {'x', digits[byte >> 4], digits[byte & 15]};
  if (byte == '\n')
    egi_puts(out, "n");
  else
    egi_put(out, hex, sizeof hex);
}

void egi_put_escaped(egi_out *out, const void *bytes, size_t size,
                     const char *backslash) {
  const unsigned char *at = bytes, *end = at + size;
  while (at < end) {
    size_t len = utf8_length(at, (size_t)(end - at));
    if (len == 0 || *at < 0x20 || *at == 0x7f) {
      egi_puts(out, backslash);
      put_escape(out, *at++);
      continue;
    }
    if (*at == '"' || *at == '\\')
      egi_puts(out, "\\");
    egi_put(out, (const char *)at, len);
    at += len;
  }
}

// Whether the reader takes the bytes back without quotes, wherever they stand
// inside parentheses.
static bool is_plain(const char *text, size_t size) {
  if (size == 0 || text[0] == '?')
    return false;
  for (size_t i = 0; i < size;) {
    size_t len = utf8_length((const unsigned char *)text + i, size - i);
    unsigned char c = (unsigned char)text[i];
    if (len == 0 || c <= ' ' || c == 0x7f || strchr("()\"#\\", c))
      return false;
    i += len;
  }
  char last = text[size - 1];
  return last != ':' && last != ';' && !(size == 2 && !memcmp(text, "=>", 2)) &&
         !(size == 3 && !memcmp(text, "<=>", 3)) &&
         !(size == 2 && !memcmp(text, "if", 2));
}

bool egi_is_plain_item(const char *text, size_t size) {
  return is_plain(text, size) && text[0] != ':' && !memchr(text, ',', size) &&
         !(size == 1 && text[0] == '=');
}

static void put_word(egi_out *out, const void *bytes, size_t size, bool plain) {
  if (plain) {
    egi_put(out, bytes, size);
    return;
  }
  egi_puts(out, "\"");
  egi_put_escaped(out, bytes, size, "\\");
  egi_puts(out, "\"");
}

void egi_put_quoted(egi_out *out, const void *bytes, size_t size) {
  put_word(out, bytes, size, is_plain(bytes, size));
}

void egi_put_item(egi_out *out, const void *bytes, size_t size) {
  put_word(out, bytes, size, egi_is_plain_item(bytes, size));
}

void egi_spell_real(double value, char text[EGI_REAL_SIZE]) {
  for (int digits = 15; digits <= 17; ++digits) {
    snprintf(text, EGI_REAL_SIZE, "%.*g", digits, value);
    if (strtod(text, NULL) == value)
      return;
  }
}

//===-- Terms -------------------------------------------------------------===//

typedef struct open_node {
  uint32_t node;
  uint32_t next; // child to print
} open_node;

typedef struct printer {
  eg_graph *graph;
  const eg_choice *choice;
  egi_out out;
  EGI_ARRAY(open_node) stack;
} printer;

bool egi_is_bare_literal(const eg_graph *graph, uint16_t op, bool inside,
                         const char *payload, size_t size) {
  uint32_t sort = inside ? graph->ops.data[op].result.id : EGI_UNKNOWN;
  eg_op other;
  return graph->ops.data[op].is_literal && egi_literal_op(graph, sort) == op &&
         (strlen(payload) != size ||
          eg_op_find(graph, payload, &other) != EG_OK);
}

void egi_put_head(egi_out *out, const eg_graph *graph, uint16_t op,
                  uint32_t payload, uint32_t num_children, egi_place place) {
  const char *name = graph->ops.data[op].name, *bytes = NULL;
  size_t size = 0;
  if (payload)
    bytes = eg_payload_bytes(graph, (eg_payload){payload}, &size);
  if (bytes && place != EGI_ITEM &&
      egi_is_bare_literal(graph, op, place == EGI_INSIDE, bytes, size)) {
    egi_put_quoted(out, bytes, size);
    return;
  }
  bool paren = bytes || num_children > 0;
  egi_puts(out, paren ? "(" : "");
  if (place == EGI_ITEM && !paren)
    egi_put_item(out, name, strlen(name));
  else
    egi_put_quoted(out, name, strlen(name));
  if (bytes) {
    egi_puts(out, " ");
    egi_put_quoted(out, bytes, size);
  }
  egi_puts(out, paren && num_children == 0 ? ")" : "");
}

static eg_status print_node(printer *p, uint32_t node) {
  eg_node n = {node};
  uint32_t num_children;
  eg_node_children(p->graph, n, &num_children);
  egi_put_head(&p->out, p->graph, eg_node_op(p->graph, n).id,
               eg_node_payload(p->graph, n).id, num_children,
               p->stack.num ? EGI_INSIDE : EGI_WHOLE);
  if (num_children == 0)
    return EG_OK;
  EG_TRY(EGI_RESERVE(p->graph, &p->stack, 1));
  p->stack.data[p->stack.num++] = (open_node){node, 0};
  return EG_OK;
}

static eg_status print_term(printer *p, uint32_t root) {
  EG_TRY(print_node(p, eg_choice_node(p->choice, (eg_class){root}).id));
  while (p->stack.num > 0 && !p->out.failed) {
    open_node *top = &p->stack.data[p->stack.num - 1];
    uint32_t num;
    const eg_class *children =
        eg_node_children(p->graph, (eg_node){top->node}, &num);
    if (top->next == num) {
      egi_puts(&p->out, ")");
      --p->stack.num;
      continue;
    }
    egi_puts(&p->out, " ");
    eg_class child = children[top->next++];
    EG_TRY(print_node(p, eg_choice_node(p->choice, child).id));
  }
  return egi_out_finish(&p->out, p->graph);
}

eg_status eg_write_term(eg_graph *graph, const eg_choice *choice, eg_class root,
                        eg_writer writer) {
  EG_TRY(eg_choice_check(graph, choice, &root, 1, NULL, NULL));
  printer p = {.graph = graph, .choice = choice, .out = {.writer = writer}};
  eg_status status = print_term(&p, root.id);
  EGI_RELEASE(graph, &p.stack);
  return status;
}
