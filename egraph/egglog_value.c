// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Primitive values.
//
// A value is a leaf whose payload is its text, in one spelling per value, so
// that equal values are one leaf and a drawing shows what they are.
#include "egglog_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

//===-- Literals ----------------------------------------------------------===//

bool egl_literal_kind(const char *word, size_t len, egl_sort_kind *out_kind) {
  if ((len == 4 && memcmp(word, "true", 4) == 0) ||
      (len == 5 && memcmp(word, "false", 5) == 0)) {
    *out_kind = EGL_BOOL;
    return true;
  }
  size_t at = len && word[0] == '-', digits = 0, points = 0;
  for (; at < len; ++at) {
    if (word[at] >= '0' && word[at] <= '9')
      ++digits;
    else if (word[at] == '.')
      ++points;
    else if (!(digits && (word[at] == 'e' || word[at] == 'E') && at + 1 < len))
      break;
    else {
      points = 1;
      at += word[at + 1] == '-' || word[at + 1] == '+';
    }
  }
  if (at < len || digits == 0 || points > 1) {
    *out_kind = EGL_F64;
    return (len == 3 && memcmp(word, "NaN", 3) == 0) ||
           (len == 3 && memcmp(word, "inf", 3) == 0) ||
           (len == 4 && memcmp(word, "-inf", 4) == 0);
  }
  *out_kind = points ? EGL_F64 : EGL_I64;
  return true;
}

// The shortest decimal that reads back as the same number; always with a point
// or an exponent.
static size_t spell_f64(double value, char text[EGI_REAL_SIZE]) {
  value += 0.0; // there is one zero
  if (value != value)
    return (size_t)sprintf(text, "NaN");
  if (value - value != 0)
    return (size_t)sprintf(text, value > 0 ? "inf" : "-inf");
  egi_spell_real(value, text);
  if (!strpbrk(text, ".e"))
    strcat(text, ".0");
  return strlen(text);
}

static eg_status add_leaf(eg_egglog *p, egl_sort_kind kind, const void *bytes,
                          size_t size, uint32_t *out_class) {
  eg_payload payload;
  eg_class id;
  eg_op op = {p->sorts.data[p->kinds[kind]].leaf};
  EG_TRY(eg_payload_intern(p->graph, bytes, size, &payload));
  EG_TRY(eg_add(p->graph, op, payload, NULL, 0, &id));
  *out_class = id.id;
  return EG_OK;
}

eg_status egl_add_value(eg_egglog *p, egl_sort_kind kind, egl_value v,
                        uint32_t *out_class) {
  char text[EGI_REAL_SIZE];
  switch (kind) {
  case EGL_I64:
    return add_leaf(p, kind, text, (size_t)sprintf(text, "%" PRId64, v.i),
                    out_class);
  case EGL_F64:
    return add_leaf(p, kind, text, spell_f64(v.f, text), out_class);
  case EGL_BOOL:
    return add_leaf(p, kind, v.b ? "true" : "false", v.b ? 4 : 5, out_class);
  case EGL_STR:
    return add_leaf(p, kind, v.s.text, v.s.size, out_class);
  default:
    *out_class = p->unit;
    return EG_OK;
  }
}

eg_status egl_literal(eg_egglog *p, egl_sort_kind kind, const void *bytes,
                      size_t size, uint32_t *out_class) {
  if (kind == EGL_STR)
    return add_leaf(p, kind, bytes, size, out_class);
  egl_value v = {0};
  errno = 0;
  if (kind == EGL_I64)
    v.i = strtoll(bytes, NULL, 10);
  else if (kind == EGL_F64)
    v.f = strtod(bytes, NULL);
  else
    v.b = size == 4;
  if (kind == EGL_I64 && errno)
    return egi_fail_at(p->graph, EG_INVALID, 0,
                       "'%.*s' does not fit into an i64", egi_clip(size),
                       (const char *)bytes);
  return egl_add_value(p, kind, v, out_class);
}

egl_value egl_value_of(const eg_egglog *p, uint32_t id, egl_sort_kind kind) {
  egl_value v = {0};
  uint32_t num;
  const eg_node *nodes = eg_class_nodes(p->graph, (eg_class){id}, &num);
  size_t size;
  const char *text =
      eg_payload_bytes(p->graph, eg_node_payload(p->graph, nodes[0]), &size);
  switch (kind) {
  case EGL_I64:
    v.i = strtoll(text, NULL, 10);
    break;
  case EGL_F64:
    v.f = strtod(text, NULL);
    break;
  case EGL_BOOL:
    v.b = size == 4;
    break;
  case EGL_STR:
    v.s.text = text;
    v.s.size = size;
    break;
  default:
    break;
  }
  return v;
}
