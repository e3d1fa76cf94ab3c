// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A pull reader for JSON. Strings are decoded in place, which is possible
// because no escape is shorter than what it stands for, and the closing quote
// leaves room for the terminator.
#include "json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static eg_status fail_at(const egi_json *json, const char *at, eg_status status,
                         const char *format, va_list args) {
  char text[200];
  uint32_t line = 1;
  const char *start = json->start;
  vsnprintf(text, sizeof text, format, args);
  for (const char *c = json->start; c < at; ++c)
    if (*c == '\n') {
      ++line;
      start = c + 1;
    }
  egi_error(json->error, status, line, "%s", text);
  if (json->error)
    json->error->column = (uint32_t)(at - start) + 1;
  return status;
}

eg_status egi_json_fail(const egi_json *json, eg_status status,
                        const char *format, ...) {
  va_list args;
  va_start(args, format);
  fail_at(json, json->at, status, format, args);
  va_end(args);
  return status;
}

eg_status egi_json_fail_at(const egi_json *json, const char *at,
                           eg_status status, const char *format, ...) {
  va_list args;
  va_start(args, format);
  fail_at(json, at, status, format, args);
  va_end(args);
  return status;
}

char egi_json_peek(egi_json *json) {
  while (*json->at == ' ' || *json->at == '\n' || *json->at == '\r' ||
         *json->at == '\t')
    ++json->at;
  return *json->at;
}

static eg_status wanted(egi_json *json, const char *what) {
  char c = egi_json_peek(json);
  if (json->at >= json->end)
    return egi_json_fail(json, EG_INVALID, "the text ends where %s is due",
                         what);
  if (c >= ' ' && c <= '~')
    return egi_json_fail(json, EG_INVALID, "'%c' where %s is due", c, what);
  return egi_json_fail(json, EG_INVALID, "byte %u where %s is due",
                       (unsigned char)c, what);
}

eg_status egi_json_expect(egi_json *json, char c) {
  if (egi_json_peek(json) == c) {
    ++json->at;
    return EG_OK;
  }
  char what[] = {'\'', c, '\'', 0};
  return wanted(json, what);
}

eg_status egi_json_item(egi_json *json, char close, bool *first,
                        bool *out_more) {
  *out_more = true;
  if (egi_json_peek(json) == close) {
    ++json->at;
    *out_more = false;
    return EG_OK;
  }
  if (*first) {
    *first = false;
    return EG_OK;
  }
  if (*json->at != ',')
    return wanted(json, close == '}' ? "',' or '}'" : "',' or ']'");
  ++json->at;
  if (egi_json_peek(json) == close)
    return wanted(json, "another item");
  return EG_OK;
}

//===-- Strings -----------------------------------------------------------===//

static bool hex4(const char *at, uint32_t *out_value) {
  *out_value = 0;
  for (int i = 0; i < 4; ++i) {
    char c = at[i];
    uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                     : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                     : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
                                            : 16;
    if (digit == 16)
      return false;
    *out_value = *out_value << 4 | digit;
  }
  return true;
}

static char *put_utf8(char *out, uint32_t c) {
  if (c < 0x80) {
    *out++ = (char)c;
  } else if (c < 0x800) {
    *out++ = (char)(0xc0 | c >> 6);
    *out++ = (char)(0x80 | (c & 63));
  } else if (c < 0x10000) {
    *out++ = (char)(0xe0 | c >> 12);
    *out++ = (char)(0x80 | (c >> 6 & 63));
    *out++ = (char)(0x80 | (c & 63));
  } else {
    *out++ = (char)(0xf0 | c >> 18);
    *out++ = (char)(0x80 | (c >> 12 & 63));
    *out++ = (char)(0x80 | (c >> 6 & 63));
    *out++ = (char)(0x80 | (c & 63));
  }
  return out;
}

// \uXXXX, or a pair of them; |json->at| is behind the u.
static eg_status unicode(egi_json *json, char **out) {
  uint32_t c, low;
  if (!hex4(json->at, &c))
    return egi_json_fail(json, EG_INVALID, "\\u without four hex digits");
  if (c == 0)
    return egi_json_fail(json, EG_INVALID, "a zero character in a string");
  json->at += 4;
  if (c >= 0xdc00 && c < 0xe000)
    return egi_json_fail(json, EG_INVALID, "half of a surrogate pair");
  if (c >= 0xd800 && c < 0xdc00) {
    if (json->at[0] != '\\' || json->at[1] != 'u' ||
        !hex4(json->at + 2, &low) || low < 0xdc00 || low >= 0xe000)
      return egi_json_fail(json, EG_INVALID, "half of a surrogate pair");
    json->at += 6;
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  }
  *out = put_utf8(*out, c);
  return EG_OK;
}

static eg_status escape(egi_json *json, char **out) {
  static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  char c = *++json->at;
  if (c == 'u') {
    ++json->at;
    return unicode(json, out);
  }
  const char *found = c ? strchr(names, c) : NULL;
  if (!found)
    return egi_json_fail(json, EG_INVALID, "an unknown escape in a string");
  *(*out)++ = values[found - names];
  ++json->at;
  return EG_OK;
}

eg_status egi_json_string(egi_json *json, char **out_text, size_t *out_size) {
  if (egi_json_peek(json) != '"')
    return wanted(json, "a string");
  char *start = ++json->at, *out;
  while (*json->at != '"' && *json->at != '\\' &&
         (unsigned char)*json->at >= ' ')
    ++json->at;
  out = json->at;
  while (*json->at != '"') {
    if (*json->at == '\\') {
      EG_TRY(escape(json, &out));
      continue;
    }
    if ((unsigned char)*json->at < ' ')
      return json->at >= json->end
                 ? wanted(json, "the end of a string")
                 : egi_json_fail(json, EG_INVALID,
                                 "a control character in a string");
    *out++ = *json->at++;
  }
  ++json->at;
  *out = 0;
  *out_text = start;
  *out_size = (size_t)(out - start);
  return EG_OK;
}

eg_status egi_json_key(egi_json *json, char **out_text, size_t *out_size) {
  EG_TRY(egi_json_string(json, out_text, out_size));
  return egi_json_expect(json, ':');
}

//===-- Other values ------------------------------------------------------===//

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A number of at most 15 digits and a small power of ten is exact in one
// operation (W. D. Clinger, 1990); strtod does the rest.
eg_status egi_json_number(egi_json *json, double *out_value) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,
                                  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16};
  egi_json_peek(json);
  char *start = json->at, *c = start;
  uint64_t digits = 0;
  int num = 0, scale = 0;
  bool negative = *c == '-', simple = true;
  c += negative;
  if (!is_digit(*c))
    return wanted(json, "a number");
  if (*c == '0' && is_digit(c[1]))
    return egi_json_fail(json, EG_INVALID, "a number with a leading zero");
  for (; is_digit(*c); ++c, ++num)
    digits = num < 16 ? digits * 10 + (uint64_t)(*c - '0') : digits;
  if (*c == '.') {
    if (!is_digit(*++c))
      return egi_json_fail(json, EG_INVALID, "a number without a digit");
    for (; is_digit(*c); ++c, ++num, ++scale)
      digits = num < 16 ? digits * 10 + (uint64_t)(*c - '0') : digits;
  }
  if (*c == 'e' || *c == 'E') {
    simple = false;
    ++c;
    c += *c == '+' || *c == '-';
    if (!is_digit(*c))
      return egi_json_fail(json, EG_INVALID, "a number without an exponent");
    while (is_digit(*c))
      ++c;
  }
  if (simple && num <= 15)
    *out_value = (double)digits / powers[scale] * (negative ? -1 : 1);
  else
    *out_value = strtod(start, NULL);
  if (!isfinite(*out_value))
    return egi_json_fail(json, EG_INVALID, "a number that is not finite");
  json->at = c;
  return EG_OK;
}

static bool word(egi_json *json, const char *text) {
  egi_json_peek(json);
  size_t size = strlen(text);
  if (strncmp(json->at, text, size) != 0)
    return false;
  json->at += size;
  return true;
}

eg_status egi_json_bool(egi_json *json, bool *out_value) {
  *out_value = word(json, "true");
  if (*out_value || word(json, "false"))
    return EG_OK;
  return wanted(json, "true or false");
}

bool egi_json_null(egi_json *json) {
  return word(json, "null");
}

enum { DEPTH = 1024 };

static eg_status skip_leaf(egi_json *json) {
  char *text;
  size_t size;
  double number;
  bool truth;
  char c = egi_json_peek(json);
  if (c == '"')
    return egi_json_string(json, &text, &size);
  if (c == '-' || is_digit(c))
    return egi_json_number(json, &number);
  if (egi_json_null(json))
    return EG_OK;
  if (c == 't' || c == 'f')
    return egi_json_bool(json, &truth);
  return wanted(json, "a value");
}

eg_status egi_json_skip(egi_json *json) {
  char close[DEPTH], *text;
  size_t size;
  int depth = 0;
  bool first = true, more;
  do {
    if (depth) {
      EG_TRY(egi_json_item(json, close[depth - 1], &first, &more));
      if (!more) {
        first = false;
        --depth;
        continue;
      }
      if (close[depth - 1] == '}')
        EG_TRY(egi_json_key(json, &text, &size));
    }
    char c = egi_json_peek(json);
    if (c != '{' && c != '[') {
      EG_TRY(skip_leaf(json));
      continue;
    }
    if (depth == DEPTH)
      return egi_json_fail(json, EG_LIMIT, "nested deeper than %d", DEPTH);
    ++json->at;
    close[depth++] = c == '{' ? '}' : ']';
    first = true;
  } while (depth);
  return EG_OK;
}
